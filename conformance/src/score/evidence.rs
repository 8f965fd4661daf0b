//! What an alert gives an analyst: the fields that every alert has to carry, and the events it cites.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::observe::owed::Owed;
use crate::oracle;

use super::matching::Slot;

/// A field that every alert has to carry.
struct Field {
    /// For people.
    name: &'static str,
    /// Where it may stand: any of these. `~` begins at the finding, `*` is any element of a list or any value of a map.
    at: &'static [&'static str],
    /// Whether it can be asked for.
    asked: Asked,
}

/// When a field can be asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Always,
    /// Of alerts that cite a record with an address.
    WithAddress,
    /// Of alerts of definitions that hold a number against a threshold.
    OfNumbers,
    /// Of alerts of definitions that ATT&CK has a technique for: what somebody looks for in files is none, and of policies
    /// that people wrote for themselves nobody knows.
    OfTechniques,
}

/// Definitions that hold a number against a threshold; the others are decided by what happened, once.
const OF_NUMBERS: &[&str] = &[
    "impossible_travel",
    "multiple_failed_logins",
    "activity_by_terminated_user",
    "unusual_administrative_activity",
    "mfa_fatigue",
    "mass_download",
    "mass_deletion",
    "unusual_external_sharing",
];

#[rustfmt::skip]
const FIELDS: &[Field] = &[
    Field { name: "policy",            at: &["~/analytic/uid", "~/analytic/name"],                           asked: Asked::Always },
    Field { name: "policy version",    at: &["~/analytic/version"],                                          asked: Asked::Always },
    Field { name: "alert id",          at: &["~/uid"],                                                       asked: Asked::Always },
    Field { name: "principal",         at: &["observables/*/value", "evidences/*/user/uid"],                 asked: Asked::Always },
    Field { name: "instance",          at: &["unmapped/tenant_uid", "metadata/tenant_uid"],                  asked: Asked::Always },
    Field { name: "first event time",  at: &["~/first_seen_time", "~/first_seen_time_dt"],                   asked: Asked::Always },
    Field { name: "last event time",   at: &["~/last_seen_time", "~/last_seen_time_dt"],                     asked: Asked::Always },
    Field { name: "detected time",     at: &["~/created_time", "~/created_time_dt"],                         asked: Asked::Always },
    Field { name: "events",            at: &["~/related_events/*/uid"],                                      asked: Asked::Always },
    Field { name: "reason in numbers", at: &["unmapped/threshold", "unmapped/count", "unmapped/distance_km"], asked: Asked::OfNumbers },
    Field { name: "severity",          at: &["severity_id"],                                                 asked: Asked::Always },
    Field { name: "confidence",        at: &["confidence_id", "confidence_score"],                           asked: Asked::Always },
    Field { name: "technique",         at: &["~/attacks/*/technique/uid", "attacks/*/technique/uid"],        asked: Asked::OfTechniques },
    Field { name: "ATT&CK version",    at: &["~/attacks/*/version", "attacks/*/version"],                    asked: Asked::OfTechniques },
    Field { name: "source address",    at: &["evidences/*/src_endpoint/ip"],                                 asked: Asked::WithAddress },
    Field { name: "country",           at: &["evidences/*/src_endpoint/location/country"],                   asked: Asked::WithAddress },
    Field { name: "AS number",         at: &["evidences/*/src_endpoint/autonomous_system/number"],           asked: Asked::WithAddress },
];

/// What one alert carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Required fields that are there.
    pub present: usize,
    /// Names of those that are not.
    pub missing: Vec<&'static str>,
    /// Activities of the episode that it cites, and all of them; where a definition says which those are.
    pub of_episode: Option<(usize, usize)>,
    /// Of the activities that it cites, those of the episode, and all of them; likewise.
    pub to_the_point: Option<(usize, usize)>,
}

/// What the alert carries that answers a `must`.
pub fn carried(facts: &Facts<'_>, slot: &Slot<'_>) -> Option<Carried> {
    let alert = &facts.alerts[slot.alert?];
    let body = body(facts, alert)?;
    let with_address = alert.records.iter().any(|r| facts.recording.truth[*r].address.is_some());
    let asked = FIELDS.iter().filter(|field| match field.asked {
        Asked::Always => true,
        Asked::WithAddress => with_address,
        Asked::OfTechniques => oracle::definition(&alert.policy).is_some(),
        Asked::OfNumbers => OF_NUMBERS.contains(&alert.policy.as_str()),
    });
    let (present, missing): (Vec<&Field>, Vec<&Field>) =
        asked.partition(|field| field.at.iter().any(|path| is_there(&body, path)));
    let episode = episode(facts, slot, alert);
    let cited = activities(facts, alert.records.iter().copied());
    let common = episode.as_ref().map(|episode| episode.intersection(&cited).count());
    Some(Carried {
        present: present.len(),
        missing: missing.into_iter().map(|field| field.name).collect(),
        of_episode: common.zip(episode.map(|episode| episode.len())),
        to_the_point: common.map(|common| (common, cited.len())),
    })
}

/// The last version's body.
fn body(facts: &Facts<'_>, alert: &AlertFact) -> Option<Value> {
    let last = alert.versions.last()?;
    let line = &facts.recording.report.get(last.number.checked_sub(1)?)?.text;
    serde_json::from_str::<Value>(line).ok().map(|mut line| line["body"].take())
}

/// Activities of the episode, as the policy's definition derives it. Two records of one activity (a sign-in that the app
/// and the directory both write down) are one: citing either is enough.
fn episode<'f>(facts: &'f Facts<'_>, slot: &Slot<'_>, alert: &AlertFact) -> Option<BTreeSet<&'f str>> {
    let person = slot.wanted.person.as_deref();
    let rests_on = |owed: &&Owed| alert.evidence.iter().any(|id| owed.evidence.contains(id));
    let derived = facts.owed.iter().flatten().filter(|owed| facts.answers(slot.wanted.written, person, owed));
    let ids: Vec<&String> = derived.filter(rests_on).flat_map(|owed| &owed.evidence).collect();
    let records = ids.into_iter().flat_map(|id| facts.truth.anywhere(None, id));
    Some(activities(facts, records)).filter(|episode| !episode.is_empty())
}

fn activities<'f>(facts: &'f Facts<'_>, records: impl Iterator<Item = usize>) -> BTreeSet<&'f str> {
    records.map(|record| facts.recording.truth[record].activity.as_str()).collect()
}

fn is_there(body: &Value, path: &str) -> bool {
    let (from, path) = match path.strip_prefix("~/") {
        Some(path) => (body.get("finding_info").or_else(|| body.pointer("/finding_info_list/0")), path),
        None => (Some(body), path),
    };
    let parts: Vec<&str> = path.split('/').collect();
    from.is_some_and(|from| holds(from, &parts))
}

fn holds(value: &Value, path: &[&str]) -> bool {
    match path {
        [] => !matches!(value, Value::Null) && value.as_str() != Some(""),
        ["*", rest @ ..] => value.as_array().into_iter().flatten().any(|element| holds(element, rest)),
        [key, rest @ ..] => value.get(key).is_some_and(|value| holds(value, rest)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::observe::example::Example;
    use crate::score::matching::matched;

    #[test]
    fn a_field_is_found_wherever_it_may_stand() {
        let body = json!({ "finding_info_list": [{ "uid": "a" }], "evidences": [{}, { "src_endpoint": { "ip": "192.0.2.1" } }] });
        for (path, expected) in [
            ("~/uid", true),
            ("~/title", false),
            ("evidences/*/src_endpoint/ip", true),
            ("evidences/*/src_endpoint/port", false),
            ("observables/*/value", false),
        ] {
            assert_eq!(is_there(&body, path), expected, "{path}");
        }
    }

    #[test]
    fn an_empty_text_is_not_there() {
        assert!(!is_there(&json!({ "severity_id": null }), "severity_id"));
        assert!(!is_there(&json!({ "finding_info": { "uid": "" } }), "~/uid"));
    }

    #[test]
    fn every_definition_that_counts_is_one_that_is_built() {
        assert!(OF_NUMBERS.iter().all(|name| crate::oracle::definition(name).is_some()));
    }

    #[test]
    fn what_an_alert_lacks_is_named() {
        let run = Example::travel();
        let facts = run.facts();
        let carried = carried(&facts, &matched(&facts)[0]).unwrap();
        assert!(carried.present >= 4, "{carried:?}");
        assert!(carried.missing.contains(&"technique"), "{carried:?}");
    }
}
