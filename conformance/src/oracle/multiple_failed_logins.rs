//! D06: too many wrong credentials in a short time.
//!
//! For every failure of a person in an instance: with it, at least `at_least` lie in the window `(t - within, t]`. Only
//! credential failures count: wrong password, user or code.
//!
//! Parameters: `at_least` 11 (eleven is the first that fires), `within` 5m, `per` [actor, app] (the instance is the one
//! that logged the failure; `[actor]` counts a person's failures everywhere together).
//!
//! # Sources
//! detections.md D06, 2.9, 2.10.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::scenario::{AppIndex, Policy, Verb};

use super::parameters::{duration, number, words};
use super::{Edge, Episode, Principal, Seen, is_near};

/// Name of the policy.
pub const NAME: &str = "multiple_failed_logins";

/// What a policy may change.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// So many fire.
    pub at_least: usize,
    /// In a window of this length, open at its beginning.
    pub within: Duration,
    /// Whether each instance counts for itself.
    pub per_app: bool,
}

impl Parameters {
    /// The parameters of a policy.
    pub fn of(policy: &Policy) -> Self {
        // Counts are small whole numbers: the reader refuses others.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count that the reader checked")]
        let at_least = number(policy, "at_least", 11.0).max(1.0) as usize;
        let within = duration(policy, "within", Duration::from_secs(300));
        Self { at_least, within, per_app: words(policy, "per").is_none_or(|per| per.contains(&"app")) }
    }
}

/// The alerts owed for what was seen.
pub fn episodes<'a>(parameters: &Parameters, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let mut episodes = Vec::new();
    for ((principal, app), failures) in by_key(parameters, seen) {
        let windows = failures.iter().map(|last| window(parameters, &failures, last));
        let triggers = windows.filter(|window| window.len() >= parameters.at_least).collect();
        episodes.extend(Episode::group(principal.person, app, triggers));
    }
    episodes
}

/// Windows that hold a count within two per cent of `at_least`, and runs of so many whose length is within two per cent
/// of `within`.
pub fn edges(parameters: &Parameters, seen: &[&Seen]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for failures in by_key(parameters, seen).values() {
        let fullest = failures.iter().map(|last| window(parameters, failures, last)).max_by_key(Vec::len);
        let threshold = count(parameters.at_least);
        if let Some(window) = fullest.filter(|w| is_near(count(w.len()), threshold)) {
            edges.push(edge("at_least", &window, count(window.len()), threshold));
        }
        for run in failures.windows(parameters.at_least) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            let length = last.activity.occurred.since(first.activity.occurred).as_secs_f64();
            if is_near(length, parameters.within.as_secs_f64()) {
                edges.push(edge("within", run, length, parameters.within.as_secs_f64()));
            }
        }
    }
    edges
}

fn by_key<'a>(parameters: &Parameters, seen: &[&'a Seen]) -> BTreeMap<(Principal, Option<AppIndex>), Vec<&'a Seen>> {
    let mut by_key: BTreeMap<_, Vec<&'a Seen>> = BTreeMap::new();
    for one in seen.iter().filter(|s| s.activity.verb == Verb::SignIn && s.activity.outcome.is_credential_failure()) {
        let app = parameters.per_app.then_some(one.record.log.app);
        by_key.entry((one.principal, app)).or_default().push(one);
    }
    by_key
}

/// The failures in the window that ends with `last`.
fn window<'a>(parameters: &Parameters, failures: &[&'a Seen], last: &Seen) -> Vec<&'a Seen> {
    let until = last.activity.occurred;
    let inside = |s: &&&Seen| s.activity.occurred <= until && until.since(s.activity.occurred) < parameters.within;
    failures.iter().filter(inside).copied().collect()
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

fn edge(parameter: &'static str, window: &[&Seen], value: f64, threshold: f64) -> Edge {
    let last = window.last().expect("a window ends with a failure");
    Edge {
        policy: NAME.to_owned(),
        parameter,
        actor: last.activity.actor,
        value,
        threshold,
        at: last.activity.occurred,
        evidence: window.iter().map(|s| s.cite()).collect(),
        steps: window.iter().filter_map(|s| s.activity.step).collect(),
    }
}
