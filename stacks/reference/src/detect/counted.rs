//! "So many in so short a time": what the detections that count have in common.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Trigger;
use crate::bug::{Bug, planted};
use crate::state::events::Kept;

/// How many, and in how long a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Threshold {
    /// The one that fires: with 11, the eleventh.
    pub(super) at_least: usize,
    /// Length of the sliding window, open at its beginning.
    pub(super) within: SignedDuration,
}

impl Threshold {
    /// Every moment at which `fresh` lies in a window that holds enough of `events`, which are in order of time;
    /// `measure` says how much a window holds.
    pub(super) fn met(
        self,
        fresh: &Kept,
        events: &[&Kept],
        scope: &str,
        measure: fn(&[&Kept]) -> usize,
    ) -> Vec<Trigger> {
        let within = self.within;
        let mut moments: Vec<_> = events.iter().map(|event| event.at).filter(|at| *at >= fresh.at).collect();
        moments.dedup();
        let trigger = |at: Timestamp| {
            let bin = |at: Timestamp| at.as_second() / within.as_secs();
            let together = |other: Timestamp| !planted(Bug::DetFixedBins) || bin(other) == bin(at);
            let window: Vec<&Kept> = events
                .iter()
                .filter(|event| event.at > at - within && event.at <= at && together(event.at))
                .copied()
                .collect();
            let count = measure(&window);
            (fresh.at > at - within && count >= self.at_least).then(|| Trigger {
                at,
                scope: scope.to_owned(),
                facts: self.facts(count),
                evidence: window.into_iter().cloned().collect(),
            })
        };
        moments.into_iter().filter_map(trigger).collect()
    }

    fn facts(self, count: usize) -> Value {
        json!({"count": count, "threshold": self.at_least, "window_s": self.within.as_secs()})
    }
}

/// Every event.
pub(super) fn each(window: &[&Kept]) -> usize {
    window.len()
}

/// Every object once; an event that names none counts by itself.
pub(super) fn objects(window: &[&Kept]) -> usize {
    let named: BTreeSet<_> = window.iter().filter_map(|event| event.deed.object.as_deref()).collect();
    named.len() + window.iter().filter(|event| event.deed.object.is_none()).count()
}
