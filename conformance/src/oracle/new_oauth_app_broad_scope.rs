//! D14: an application that nobody used before is given much.
//!
//! For every application that is let in with a broad scope: nobody of the instance has let it in within the `look_back`
//! before. One alert for the first who does, and none for those who follow.
//!
//! Parameter: `look_back` 30d.
//!
//! # Not decided here
//! Publishers, names that resemble another's, scopes that grow later.
//!
//! # Sources
//! <https://attack.mitre.org/techniques/T1528/>. What is broad at Miro is a guess: what reaches beyond the boards
//! of whoever consents.

use std::collections::BTreeMap;

use simulator::scenario::{AppIndex, Policy, Verb};

use super::novelty::Memory;
use super::{Definition, Episode, EvidenceOf, LooksAt, Seen, no_edges};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: "new_oauth_app_broad_scope",
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1528", "T1566.002", "T1098", "T1550.001"],
    looks_at: LooksAt {
        words: "`grant_app` with a broad scope, of an app that nobody has granted there before",
        counts: |_, seen| seen.succeeded() && seen.activity.verb == Verb::GrantApp && is_broad(seen),
    },
    episodes,
    edges: no_edges,
};

const BROAD: [&str; 7] =
    ["repo", "admin:org", "delete_repo", "auditlogs:read", "organizations:read", "boards:export", "okta.users.manage"];

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let memory = Memory::of(policy);
    let mut by_app: BTreeMap<(AppIndex, &str), Vec<&'a Seen>> = BTreeMap::new();
    for one in seen.iter().filter(|s| s.succeeded() && s.activity.verb == Verb::GrantApp) {
        by_app.entry((one.record.log.app, one.activity.object.as_deref().unwrap_or_default())).or_default().push(one);
    }
    let mut episodes = Vec::new();
    for granted in by_app.into_values() {
        for one in granted.iter().filter(|s| is_broad(s) && memory.is_first(&granted, s, |_| true)) {
            episodes.extend(Episode::group(one.principal.person, None, vec![vec![*one]]));
        }
    }
    episodes
}

fn is_broad(seen: &Seen) -> bool {
    let scopes = seen.activity.details.get("scopes").map_or("", String::as_str);
    scopes.split(' ').any(|scope| BROAD.contains(&scope) || scope.ends_with(".All"))
}
