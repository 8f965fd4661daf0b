//! A policy of somebody's own: activities that pass its filter, so many in so long a time.
//!
//! For every activity that passes: with it, at least `at_least` of those that it is counted with lie in the window
//! `(t - within, t]`, or as many different objects where `distinct` is asked for. One alert for each of what is counted
//! apart, ended by an hour of silence; it is about whoever did the last of what it began with.
//!
//! # Sources
//! <https://learn.microsoft.com/defender-cloud-apps/user-activity-policies> (repeated activity). That only what comes after
//! `created` counts is said there too.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::scenario::tables::CUSTOM_POLICY_KEY;
use simulator::scenario::{Policy, Verb};

use super::counted::{self, Threshold};
use super::episodes::GAP;
use super::parameters::{flag, text, words};
use super::{Edge, Episode, LooksAt, Principal, Reach, Seen};

/// Who, in which app, did it to what: as far as a policy counts them apart.
type Counted<'a> = (Option<Principal>, Option<&'a str>, Option<&'a str>);

/// Which activities such a policy looks at.
pub(super) const LOOKS_AT: LooksAt = LooksAt { words: "what passes the filter that the policy writes", counts };

/// The alerts that a policy owes, if it is one of somebody's own.
pub(super) fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let threshold = threshold(policy);
    let measure = if flag(policy, "distinct") { counted::objects } else { counted::each };
    let alerts = |events: &Vec<&'a Seen>| Episode::campaign(GAP, threshold.met_by(events, measure));
    apart(policy, seen).values().flat_map(alerts).collect()
}

/// What lies within reach of its numbers; where it counts objects they are not told apart.
pub(super) fn edges(policy: &Policy, seen: &[&Seen], reach: Reach) -> Vec<Edge> {
    let threshold = threshold(policy);
    apart(policy, seen).values().flat_map(|events| threshold.edges(&policy.name, events, reach)).collect()
}

fn threshold(policy: &Policy) -> Threshold {
    Threshold::of(policy, 1, Duration::from_secs(3_600))
}

/// The activities that pass, by what they are counted apart by.
fn apart<'a>(policy: &Policy, seen: &[&'a Seen]) -> BTreeMap<Counted<'a>, Vec<&'a Seen>> {
    let per = words(policy, "per").unwrap_or_else(|| vec!["actor"]);
    let mut apart: BTreeMap<Counted<'a>, Vec<&'a Seen>> = BTreeMap::new();
    for one in seen.iter().filter(|s| counts(policy, s)) {
        let key = (
            per.contains(&"actor").then_some(one.principal),
            per.contains(&"app").then_some(one.instance.as_str()),
            per.contains(&"object").then(|| one.activity.object.as_deref()).flatten(),
        );
        apart.entry(key).or_default().push(one);
    }
    apart
}

/// Whether an activity is one that the policy counts.
fn counts(policy: &Policy, seen: &Seen) -> bool {
    text(policy, CUSTOM_POLICY_KEY) == Some(seen.activity.verb.name()) && passes(policy, seen)
}

fn passes(policy: &Policy, seen: &Seen) -> bool {
    let result = match text(policy, "result") {
        Some("success") => seen.succeeded(),
        Some(_) => seen.is_wrong_guess(),
        // What a rule blocked or nobody answered is neither.
        None => seen.succeeded() || seen.is_wrong_guess(),
    };
    let object = text(policy, "object").is_none_or(|wanted| {
        let object = seen.activity.object.as_deref().unwrap_or_default();
        wanted.strip_suffix('*').map_or(object == wanted, |beginning| object.starts_with(beginning))
    });
    let detail = seen.activity.details.get("with").map(String::as_str);
    // A thing is shared with anyone unless the scenario says with whom.
    let with = detail.or((seen.activity.verb == Verb::Share).then_some("anyone"));
    result
        && object
        && text(policy, "app").is_none_or(|app| app == seen.instance)
        && text(policy, "with").is_none_or(|wanted| with == Some(wanted))
}
