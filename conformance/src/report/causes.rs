//! Scenarios that did not pass, by what is probably behind each: one cause often fails many of them.
//!
//! A scenario's leading finding is the one that is best mended first: ours, then what keeps a stack from running, from being
//! let in, from reading, and only then what it makes of what it has read ([`LAYERS`]). Scenarios are of one cause where the same
//! check leads and has seen the same but for what it takes from its scenario ([`shape`]).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::verdict::{Finding, Verdict};

use super::{RunReport, ScenarioReport};

/// Areas of checks in the order in which they are best mended: what stands below lets what stands above fail. Areas that are not
/// named come last.
const LAYERS: [&[&str]; 8] = [
    &["harness"],
    &["live", "health", "contract"],
    &["auth", "consent", "tls", "secret", "connector"],
    &["page", "rate", "hook"],
    &["ingest", "report", "usage", "permissions", "posture"],
    &["alert"],
    &["governance", "contain"],
    &["capability", "fault", "control"],
];

/// Scenarios of one cause.
#[derive(Clone, Debug)]
pub struct Cause<'a> {
    /// The check that leads; none where nothing was found.
    pub check: Option<&'a str>,
    /// How bad it is.
    pub verdict: Verdict,
    /// The simplest scenario first, the others in order of their ids.
    pub scenarios: Vec<&'a ScenarioReport>,
}

/// What may be told apart: verdict, layer, check, what it has seen.
type Key<'a> = (Reverse<Verdict>, usize, Option<&'a str>, String);

/// Every scenario that did not pass, by cause, in the order in which they are best mended: within a layer what fails most.
pub fn causes(run: &RunReport) -> Vec<Cause<'_>> {
    let mut by_key: BTreeMap<Key<'_>, Vec<&ScenarioReport>> = BTreeMap::new();
    for scenario in run.troubled() {
        by_key.entry(key(scenario)).or_default().push(scenario);
    }
    let mut causes: Vec<(Key<'_>, Cause<'_>)> =
        by_key.into_iter().map(|(key, scenarios)| (key, cause(scenarios))).collect();
    causes.sort_by(|(a, one), (b, other)| {
        let rank = |key: &Key<'_>, cause: &Cause<'_>| (key.0, key.1, Reverse(cause.scenarios.len()));
        rank(a, one).cmp(&rank(b, other)).then_with(|| a.cmp(b))
    });
    causes.into_iter().map(|(_, cause)| cause).collect()
}

fn cause(mut scenarios: Vec<&ScenarioReport>) -> Cause<'_> {
    let simplest = scenarios.iter().enumerate().min_by_key(|(_, s)| (size(s), &s.judgement.id)).map_or(0, |(at, _)| at);
    let first = scenarios.remove(simplest);
    scenarios.insert(0, first);
    Cause { check: leading(first).map(|found| found.check.as_str()), verdict: first.judgement.verdict, scenarios }
}

/// How much there is to read of a scenario.
fn size(scenario: &ScenarioReport) -> (usize, usize) {
    let findings = &scenario.judgement.findings;
    (findings.len(), findings.iter().map(|found| found.story.len() + found.evidence.len()).sum())
}

fn key(scenario: &ScenarioReport) -> Key<'_> {
    let found = leading(scenario);
    let layer = found.map_or(LAYERS.len(), layer);
    let seen = found.map(shape).unwrap_or_default();
    (Reverse(scenario.judgement.verdict), layer, found.map(|found| found.check.as_str()), seen)
}

/// The finding of a scenario that is best mended first: of the worst, the one that lies deepest.
fn leading(scenario: &ScenarioReport) -> Option<&Finding> {
    scenario.judgement.findings.iter().min_by_key(|found| (Reverse(found.verdict), layer(found)))
}

fn layer(found: &Finding) -> usize {
    let area = found.check.split_once('/').map_or(found.check.as_str(), |(area, _)| area);
    LAYERS.iter().position(|areas| areas.contains(&area)).unwrap_or(LAYERS.len())
}

/// What was seen, without what it takes from its scenario: numbers, and words that the story and the evidence have too.
fn shape(found: &Finding) -> String {
    let taken: BTreeSet<&str> =
        found.story.iter().chain(&found.evidence).chain([&found.expected]).flat_map(|row| words(row)).collect();
    let kept =
        words(&found.observed).filter(|word| !taken.contains(word) && !word.contains(|c: char| c.is_ascii_digit()));
    kept.collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || ",;:()[]`\"".contains(c)).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::example::{missing_alert, run, troubled};
    use super::*;

    fn found(check: &str, observed: &str) -> Finding {
        Finding { check: check.to_owned(), observed: observed.to_owned(), ..missing_alert() }
    }

    fn told(run: &RunReport) -> Vec<String> {
        let ids =
            |cause: &Cause<'_>| cause.scenarios.iter().map(|s| s.judgement.id.as_str()).collect::<Vec<_>>().join(" ");
        causes(run).iter().map(|cause| format!("{}: {}", cause.check.unwrap_or("nothing"), ids(cause))).collect()
    }

    #[test]
    fn what_lets_others_fail_comes_first_and_of_equals_what_fails_most() {
        let scenarios = vec![
            troubled("a/1", vec![found("governance/missing", "none")]),
            troubled("a/2", vec![found("alert/missing", "none")]),
            troubled("a/3", vec![found("alert/late", "late")]),
            troubled("a/4", vec![found("alert/late", "late")]),
            troubled("a/5", vec![found("alert/missing", "none"), found("ingest/lost-event", "not reported")]),
            troubled("a/6", vec![found("live/crashed", "it ended")]),
        ];
        assert_eq!(
            told(&RunReport { scenarios, ..run() }),
            [
                "live/crashed: a/6",
                "ingest/lost-event: a/5",
                "alert/late: a/3 a/4",
                "alert/missing: a/2",
                "governance/missing: a/1"
            ]
        );
    }

    #[test]
    fn harness_errors_come_before_what_is_the_stacks_fault() {
        let mut ours =
            troubled("z/ours", vec![Finding { verdict: Verdict::Error, ..found("harness/error", "no room") }]);
        ours.judgement.verdict = Verdict::Error;
        let run = RunReport { scenarios: vec![troubled("a", vec![found("live/crashed", "x")]), ours], ..run() };
        assert_eq!(told(&run), ["harness/error: z/ours", "live/crashed: a"]);
    }

    #[test]
    fn the_same_seen_of_other_people_is_one_cause_and_something_else_seen_is_another() {
        let of = |person: &str, observed: &str| Finding {
            story: vec![format!("day 1 {person} sign_in")],
            ..found("alert/missing", observed)
        };
        let scenarios = vec![
            troubled("a", vec![of("alice", "no alert about alice, 2 others")]),
            troubled("b", vec![of("bruno", "no alert about bruno, 31 others")]),
            troubled("c", vec![of("chen", "an alert of another policy")]),
        ];
        let told = told(&RunReport { scenarios, ..run() });
        assert_eq!(told, ["alert/missing: a b", "alert/missing: c"]);
    }

    #[test]
    fn the_simplest_scenario_stands_for_the_others() {
        let twice = vec![found("alert/late", "x"), found("alert/late", "x")];
        let scenarios = vec![
            troubled("a", twice),
            troubled("c", vec![found("alert/late", "x")]),
            troubled("b", vec![found("alert/late", "x")]),
        ];
        assert_eq!(told(&RunReport { scenarios, ..run() }), ["alert/late: b a c"]);
    }

    #[test]
    fn the_order_in_which_scenarios_ended_changes_nothing() {
        let mut scenarios: Vec<_> = (0..30)
            .map(|n| {
                troubled(
                    &format!("s/{n:02}"),
                    vec![found(["alert/late", "ingest/lost-event", "rate/retry-storm"][n % 3], "x")],
                )
            })
            .collect();
        let straight = told(&RunReport { scenarios: scenarios.clone(), ..run() });
        scenarios.reverse();
        assert_eq!(told(&RunReport { scenarios, ..run() }), straight);
    }
}
