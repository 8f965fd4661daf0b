//! D22: a session goes on with another operating system, or by a script.
//!
//! For any two records of one session of a browser less than `within` apart: the operating systems differ, or the first is
//! of a browser and the second of a program that is none. Who says nothing of the system has changed nothing. One alert for
//! each session, ended by an hour of silence.
//!
//! Parameters: `within` 1h.
//!
//! # Not decided here
//! Many agents from one address, whoever they belong to.
//!
//! # Sources
//! Elastic's rule for Okta, two operating systems of one device within an hour: <https://github.com/elastic/detection-rules>.

use std::time::Duration;

use simulator::scenario::Policy;

use super::agents::{Held, client, held};
use super::parameters::duration;
use super::token_theft_session_replay::{by_holder, pairs};
use super::{Definition, Episode, EvidenceOf, LooksAt, Seen, no_edges};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: "impossible_user_agent_change",
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1539", "T1550"],
    looks_at: LooksAt {
        words: "what succeeds in a session in github or okta, whose logs tell which",
        counts: |_, seen| matches!(held(seen), Some(Held::Session(_))),
    },
    episodes,
    edges: no_edges,
};

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let within = duration(policy, "within", Duration::from_secs(3_600));
    let mut episodes = Vec::new();
    for ((principal, app, held), uses) in by_holder(seen) {
        if matches!(held, Held::Session(_)) {
            episodes.extend(Episode::group(principal.person, Some(app), pairs(&uses, within, has_changed)));
        }
    }
    episodes
}

fn has_changed(a: &Seen, b: &Seen) -> bool {
    let (Some(first), Some(second)) = (client(&a.activity.user_agent), client(&b.activity.user_agent)) else {
        return false;
    };
    let systems = first.system.zip(second.system).is_some_and(|(a, b)| a != b);
    systems || (!first.scripted && second.scripted)
}
