//! D17: somebody becomes an owner or administrator.
//!
//! For every change of a role to `owner` or `admin`. One alert for whoever grants it and whom it is granted to, ended by an
//! hour of silence.
//!
//! # Not decided here
//! Who may grant it to whom: no list of that is handed out. Groups that own a role.
//!
//! # Sources
//! <https://attack.mitre.org/techniques/T1098/003/>

use simulator::scenario::Verb;

use super::{Definition, EvidenceOf, LooksAt, Seen, no_edges, single};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: "privilege_escalation_to_owner",
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1098", "T1078"],
    looks_at: LooksAt {
        words: "`change_role` of a `target`, with `role: owner` or `admin`",
        counts: |_, seen| seen.succeeded() && scope(seen).is_some(),
    },
    episodes: |_, seen| single::episodes(seen, scope),
    edges: no_edges,
};

fn scope(seen: &Seen) -> Option<String> {
    let role = seen.activity.details.get("role").filter(|_| seen.activity.verb == Verb::ChangeRole)?;
    let target = seen.activity.target.filter(|_| ["owner", "admin"].contains(&role.as_str()))?;
    Some(target.0.to_string())
}
