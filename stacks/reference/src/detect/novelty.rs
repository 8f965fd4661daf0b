//! "Never before": what the detections that learn have in common.

use jiff::SignedDuration;
use serde::Deserialize;

use crate::config::Span;
use crate::state::events::Kept;

/// How long somebody is learned, and for how long what they did is remembered.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// Days from a principal's first event on in which nothing is called new.
    learning_days: i32,
    look_back: Span,
}

impl Default for Memory {
    fn default() -> Self {
        Self { learning_days: 7, look_back: Span(SignedDuration::from_hours(30 * 24)) }
    }
}

impl Memory {
    /// What has to be looked at around an event: as much before it as is remembered and learned, and as much after it as
    /// it may be remembered.
    pub(super) fn reach(&self) -> SignedDuration {
        self.look_back.0 + self.learning()
    }

    /// For how long what somebody did is remembered.
    pub(super) fn look_back(&self) -> SignedDuration {
        self.look_back.0
    }

    /// Those of `candidates` that none of the events like them comes before. `own` are the principal's events, in order
    /// of time, by which they are learned.
    pub(super) fn firsts<'a>(
        &self,
        own: &[&'a Kept],
        candidates: &[&'a Kept],
        alike: impl Fn(&Kept, &Kept) -> bool,
    ) -> Vec<&'a Kept> {
        let Some(first) = own.first() else { return Vec::new() };
        let is_known = |one: &Kept| first.at < one.at && one.at.duration_since(first.at) >= self.learning();
        let is_new = |one: &Kept| {
            let recent = |other: &&&Kept| other.at < one.at && one.at.duration_since(other.at) <= self.look_back.0;
            !own.iter().filter(recent).any(|other| alike(other, one))
        };
        candidates.iter().filter(|one| is_known(one) && is_new(one)).copied().collect()
    }

    fn learning(&self) -> SignedDuration {
        SignedDuration::from_hours(24) * self.learning_days
    }
}
