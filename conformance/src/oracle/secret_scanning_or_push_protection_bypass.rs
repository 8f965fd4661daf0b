//! D19: what keeps secrets out of repositories is passed by, or switched off.
//!
//! For every bypass of push protection, and every time that it or secret scanning is switched off, also for a moment. One
//! alert for each person and repository, or setting where there is none, ended by an hour of silence.
//!
//! # Not decided here
//! Bypasses that a reviewer has approved, and alerts that are closed by whoever pushed the secret: the log tells of neither
//! which one it was.
//!
//! # Sources
//! <https://attack.mitre.org/techniques/T1552/001/>; the actions' names are GitHub's, as `simulator` writes them.

use simulator::scenario::{Vendor, Verb};

use super::{Definition, EvidenceOf, LooksAt, Seen, no_edges, single};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: "secret_scanning_or_push_protection_bypass",
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1552", "T1685"],
    looks_at: LooksAt {
        words: "in github, `change_setting` of secret_scanning or push_protection to `disabled`, and the events that switch them off or pass them by",
        counts: |_, seen| seen.succeeded() && scope(seen).is_some(),
    },
    episodes: |_, seen| single::episodes(seen, scope),
    edges: no_edges,
};

const SETTINGS: [&str; 2] = ["secret_scanning", "push_protection"];
const OFF: [&str; 4] = ["disabled", "destroyed", "none", "optional"];
const EVENTS: [&str; 4] = [
    "secret_scanning_push_protection.bypass",
    "secret_scanning.disable",
    "secret_scanning_new_repos.disable",
    "org.secret_scanning_push_protection_disable",
];

fn scope(seen: &Seen) -> Option<String> {
    let detail = |key: &str| seen.activity.details.get(key).map_or("", String::as_str);
    let deed = match seen.activity.verb {
        _ if seen.vendor != Vendor::Github => false,
        Verb::ChangeSetting => SETTINGS.contains(&detail("setting")) && OFF.contains(&detail("to")),
        Verb::Event => EVENTS.contains(&detail("name")),
        _ => false,
    };
    let event = Some(&seen.activity.verb) == Some(&Verb::Event);
    let object =
        seen.activity.object.as_deref().filter(|_| event && detail("name").starts_with("secret_scanning_push"));
    deed.then(|| format!("{} {}", seen.instance, object.unwrap_or_default()))
}
