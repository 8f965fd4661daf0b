//! "So many in so short a time": the definitions that count in a sliding window.
//!
//! The window is `(t - within, t]`, for the time `t` of every event; `at_least` says which one fires: with 11 the eleventh.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use simulator::scenario::{AppIndex, Policy};
use simulator::time::spell_duration;

use super::parameters::{count, duration};
use super::{Edge, Principal, Reach, Seen};

/// How many, and in how long a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Threshold {
    pub(super) at_least: usize,
    pub(super) within: Duration,
}

/// How much a window counts: [`each`] or [`objects`].
pub(super) type Measure = fn(&[&Seen]) -> usize;

/// Every event.
pub(super) fn each(window: &[&Seen]) -> usize {
    window.len()
}

/// Every object once; an event that names none counts by itself.
pub(super) fn objects(window: &[&Seen]) -> usize {
    let named: BTreeSet<&str> = window.iter().filter_map(|s| s.activity.object.as_deref()).collect();
    named.len() + window.iter().filter(|s| s.activity.object.is_none()).count()
}

/// Whether each instance counts for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Apart {
    ByApp,
    Together,
}

/// What counts of each person.
pub(super) fn by_person<'a>(
    seen: &[&'a Seen],
    counts: impl Fn(&Seen) -> bool,
    apart: Apart,
) -> BTreeMap<(Principal, Option<AppIndex>), Vec<&'a Seen>> {
    let mut by_person: BTreeMap<_, Vec<&'a Seen>> = BTreeMap::new();
    for one in seen.iter().filter(|s| counts(s)) {
        let app = (apart == Apart::ByApp).then_some(one.record.log.app);
        by_person.entry((one.principal, app)).or_default().push(one);
    }
    by_person
}

impl Threshold {
    /// The policy's `at_least` and `within`, or these.
    pub(super) fn of(policy: &Policy, at_least: u32, within: Duration) -> Self {
        Self { at_least: count(policy, "at_least", at_least), within: duration(policy, "within", within) }
    }

    /// The windows that hold enough.
    pub(super) fn met_by<'a>(&self, events: &[&'a Seen], measure: Measure) -> Vec<Vec<&'a Seen>> {
        let windows = events.iter().map(|last| self.window(events, last));
        windows.filter(|window| measure(window) >= self.at_least).collect()
    }

    /// The events in the window that ends with `last`.
    pub(super) fn window<'a>(&self, events: &[&'a Seen], last: &Seen) -> Vec<&'a Seen> {
        let until = last.activity.occurred;
        let inside = |s: &&&Seen| s.activity.occurred <= until && until.since(s.activity.occurred) < self.within;
        events.iter().filter(inside).copied().collect()
    }

    /// Windows that hold a count within reach of `at_least`, and runs of so many whose length is within reach of `within`.
    pub(super) fn edges(&self, policy: &str, events: &[&Seen], reach: Reach) -> Vec<Edge> {
        let mut edges = Vec::new();
        let fullest = events.iter().map(|last| self.window(events, last)).max_by_key(Vec::len);
        let threshold = as_f64(self.at_least);
        if let Some(window) = fullest.filter(|w| reach.holds(as_f64(w.len()), threshold)) {
            edges.push(edge(policy, "at_least", &window, as_f64(window.len()), threshold));
        }
        for run in events.windows(self.at_least) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            let length = last.activity.occurred.since(first.activity.occurred).as_secs_f64();
            if reach.holds(length, self.within.as_secs_f64()) {
                edges.push(edge(policy, "within", run, length, self.within.as_secs_f64()));
            }
        }
        edges
    }
}

fn as_f64(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

fn edge(policy: &str, parameter: &'static str, window: &[&Seen], value: f64, threshold: f64) -> Edge {
    let last = window.last().expect("a window ends with an event");
    let took = last.activity.occurred.since(window[0].activity.occurred);
    Edge {
        policy: policy.to_owned(),
        parameter,
        actor: last.activity.actor,
        value,
        threshold,
        at: last.activity.occurred,
        basis: format!("{} in {}", window.len(), spell_duration(took)),
        evidence: window.iter().map(|s| s.cite()).collect(),
        steps: window.iter().filter_map(|s| s.activity.step).collect(),
    }
}
