//! D18: something is opened to everybody.
//!
//! For every change of a visibility to `public`, and for every link that anyone may use, where the vendor has such links.
//! The deed counts and not the state: who closes it again has opened it all the same. One alert for each person and thing,
//! ended by an hour of silence.
//!
//! # Not decided here
//! What was public before, and what an organisation means to be public.
//!
//! # Sources
//! <https://attack.mitre.org/techniques/T1567/001/>

use simulator::scenario::{Vendor, Verb};

use super::{Definition, EvidenceOf, LooksAt, Seen, no_edges, single};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: "public_repo_or_content_exposure",
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1567", "T1020", "T1537"],
    looks_at: LooksAt {
        words: "`set_visibility` with `to: public`, and `share` in miro with anyone",
        counts: |_, seen| seen.succeeded() && scope(seen).is_some(),
    },
    episodes: |_, seen| single::episodes(seen, scope),
    edges: no_edges,
};

fn scope(seen: &Seen) -> Option<String> {
    let detail = |key: &str| seen.activity.details.get(key).map(String::as_str);
    let opened = match seen.activity.verb {
        Verb::SetVisibility => detail("to") == Some("public"),
        Verb::Share => detail("with") == Some("anyone") && seen.vendor == Vendor::Miro,
        _ => false,
    };
    opened.then(|| format!("{} {}", seen.instance, seen.activity.object.as_deref().unwrap_or_default()))
}
