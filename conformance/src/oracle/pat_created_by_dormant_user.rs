//! D21: somebody who did nothing in an app for long makes a token there.
//!
//! For every token that a person makes in an instance: it, or what they did there at some time in the `warm_up` before it,
//! is the first after at least `dormant` without anything of theirs there. Whoever was never seen there is not dormant but
//! unknown. One alert for each person and instance, ended by an hour of silence.
//!
//! Parameters: `dormant` 60d, `warm_up` 3d.
//!
//! # Not decided here
//! Keys, passwords of apps, and what the vendor says of last activities.
//!
//! # Sources
//! Defender for Cloud Apps calls an account inactive after sixty days without anything in an app. That it makes a token then,
//! and the days to warm up in, are ours: <https://attack.mitre.org/techniques/T1098/001/>.

use std::time::Duration;

use simulator::scenario::{Policy, Vendor, Verb};

use super::counted::{Apart, by_person};
use super::parameters::duration;
use super::{Definition, Episode, EvidenceOf, LooksAt, Seen, no_edges};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: "pat_created_by_dormant_user",
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1098", "T1528", "T1078"],
    looks_at: LooksAt {
        words: "`create_token` in github or okta, with success, by somebody who has been away",
        counts: |_, seen| seen.succeeded() && is_token(seen),
    },
    episodes,
    edges: no_edges,
};

const DAY: u64 = 86_400;

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let dormant = duration(policy, "dormant", Duration::from_secs(60 * DAY));
    let warm_up = duration(policy, "warm_up", Duration::from_secs(3 * DAY));
    let mut episodes = Vec::new();
    for ((principal, app), mine) in by_person(seen, Seen::succeeded, Apart::ByApp) {
        let is_first = |at: usize| {
            let since = |other: &&Seen| mine[at].activity.occurred.since(other.activity.occurred);
            mine[..at].last().is_some_and(|before| since(before) >= dormant)
        };
        let awakens = |token: usize| {
            let lately = |at: &usize| mine[token].activity.occurred.since(mine[*at].activity.occurred) < warm_up;
            (0..=token).filter(lately).any(is_first)
        };
        let tokens = (0..mine.len()).filter(|n| is_token(mine[*n])).filter(|n| awakens(*n));
        episodes.extend(Episode::group(principal.person, app, tokens.map(|n| vec![mine[n]]).collect()));
    }
    episodes
}

fn is_token(seen: &Seen) -> bool {
    [Vendor::Github, Vendor::Okta].contains(&seen.vendor) && seen.activity.verb == Verb::CreateToken
}
