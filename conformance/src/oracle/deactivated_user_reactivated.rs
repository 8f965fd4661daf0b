//! D23: a suspended account is brought back by hand.
//!
//! For every account that a person, and no provisioning, brings back. One alert for whoever does it and whose account it
//! is, ended by an hour of silence.
//!
//! # Not decided here
//! Who was hired again, and what an alert that was closed as false allows: nothing tells.
//!
//! # Sources
//! <https://attack.mitre.org/techniques/T1098/>

use simulator::scenario::Verb;

use super::{Definition, EvidenceOf, LooksAt, Seen, no_edges, single};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: "deactivated_user_reactivated",
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1098", "T1078"],
    looks_at: LooksAt {
        words: "`restore` of a `target` by a person, not by a token or an app",
        counts: |_, seen| scope(seen).is_some(),
    },
    episodes: |_, seen| single::episodes(seen, scope),
    edges: no_edges,
};

fn scope(seen: &Seen) -> Option<String> {
    let target = seen.activity.target.filter(|_| seen.activity.verb == Verb::Restore && seen.is_done_in_person())?;
    Some(target.0.to_string())
}
