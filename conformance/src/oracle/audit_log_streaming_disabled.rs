//! D20: the stream that carries the audit log elsewhere ends, or leads somewhere else.
//!
//! For every end of a stream that no new stream to the same sink in the same instance follows in less than `rotation`; and
//! for every change of one. One alert for each person and instance, ended by an hour of silence.
//!
//! Parameters: `rotation` 15m. Nothing is known of what has not happened before it is over, so an end is decided that much
//! later.
//!
//! # Not decided here
//! Silence: that an app says nothing any more while it answers.
//!
//! # Sources
//! <https://attack.mitre.org/techniques/T1562/008/> (T1685.002 since version 19). The time for a rotation is a guess.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::scenario::{AppIndex, Policy, Vendor, Verb};

use super::parameters::duration;
use super::{Definition, Episode, EvidenceOf, LooksAt, Principal, Seen, no_edges};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: "audit_log_streaming_disabled",
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1685"],
    looks_at: LooksAt {
        words: "`change_setting` with `setting: audit_log_streaming` in github or okta",
        counts: |_, seen| became(seen).is_some(),
    },
    episodes,
    edges: no_edges,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Became {
    Made,
    Ended,
    Changed,
}

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let rotation = duration(policy, "rotation", Duration::from_secs(900));
    let changes: Vec<(&Seen, Became)> = seen.iter().filter_map(|s| Some((*s, became(s)?))).collect();
    let mut by_person: BTreeMap<(Principal, AppIndex), Vec<Vec<&'a Seen>>> = BTreeMap::new();
    for (one, what) in &changes {
        let made_anew = |(other, what): &&(&Seen, Became)| {
            let later = other.activity.occurred >= one.activity.occurred;
            *what == Became::Made
                && other.record.log.app == one.record.log.app
                && other.activity.object == one.activity.object
                && later
                && other.activity.occurred.since(one.activity.occurred) < rotation
        };
        if *what == Became::Changed || (*what == Became::Ended && !changes.iter().any(|c| made_anew(&c))) {
            by_person.entry((one.principal, one.record.log.app)).or_default().push(vec![*one]);
        }
    }
    let group =
        |((principal, app), triggers): ((Principal, _), _)| Episode::group(principal.person, Some(app), triggers);
    by_person.into_iter().flat_map(group).map(|episode| episode.decided_after(rotation)).collect()
}

/// What became of a stream.
fn became(seen: &Seen) -> Option<Became> {
    let detail = |key: &str| seen.activity.details.get(key).map_or("", String::as_str);
    let shows = [Vendor::Github, Vendor::Okta].contains(&seen.vendor);
    let here = shows && seen.succeeded() && seen.activity.verb == Verb::ChangeSetting;
    (here && detail("setting") == "audit_log_streaming").then(|| match detail("to") {
        "enabled" | "created" | "required" => Became::Made,
        "disabled" | "destroyed" | "none" | "optional" => Became::Ended,
        _ => Became::Changed,
    })
}
