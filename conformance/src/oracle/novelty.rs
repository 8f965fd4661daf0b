//! "Never before": the definitions that ask whether something is new to somebody.
//!
//! A value is new at `t` if nothing of the look-back before `t` has it. Nothing is said while somebody is being learned:
//! from their first record on, for the policy's days; nor of that first record itself, whatever the days are.
//!
//! # Sources
//! <https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy> (a week is learned, the month before
//! is remembered).

use std::time::Duration;

use simulator::scenario::Policy;

use super::Seen;
use super::parameters::{days, duration};

/// How long somebody is learned, and for how long what they did is remembered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Memory {
    pub(super) learning: Duration,
    pub(super) look_back: Duration,
}

impl Memory {
    /// The policy's `learning_days` and `look_back`, or a week and thirty days.
    pub(super) fn of(policy: &Policy) -> Self {
        Self {
            learning: days(policy, "learning_days", 7),
            look_back: duration(policy, "look_back", Duration::from_secs(30 * 86_400)),
        }
    }

    /// Whether somebody with these records is known long enough to be judged by `one` of them.
    pub(super) fn knows(&self, mine: &[&Seen], one: &Seen) -> bool {
        let first = mine.iter().map(|s| s.activity.occurred).min();
        first.is_some_and(|first| first < one.activity.occurred && one.activity.occurred.since(first) >= self.learning)
    }

    /// Whether none of the records before `one` is the same in this respect.
    pub(super) fn is_first(&self, before: &[&Seen], one: &Seen, same: impl Fn(&Seen) -> bool) -> bool {
        let t = one.activity.occurred;
        let recent = |s: &&&Seen| s.activity.occurred < t && t.since(s.activity.occurred) <= self.look_back;
        !before.iter().filter(recent).any(|s| same(s))
    }
}
