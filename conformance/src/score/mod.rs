//! How good a stack is, in numbers of several kinds and never in one.
//!
//! | part | measures |
//! |---|---|
//! | [`matching`] | which alert answers which `must`: recall, and what is left over |
//! | [`delays`] | time to detect, by who took it: the vendor, the definition, the scenario's faults, the wait for a poll, the stack |
//! | [`evidence`] | whether alerts carry what an analyst needs, and cite the right events |
//! | [`actions`] | what was done to accounts, and to whom it should not have been: the blast radius |
//! | [`part`](mod@part) | all of that for one passage |
//! | [`vector`] | parts added up: the measures, each with what it rests on |
//! | [`thresholds`] | what a CI job asks of them |
//! | [`report`] | how they read |
//!
//! A score is computed from recordings alone, so a run that was kept is scored without running again. Of a scenario with
//! faults the run with the faults is scored, not its control run.
//!
//! # Not measured
//! Whether the numbers in an alert (distance, speed, count) are right; loss of single fields on the way from a vendor's
//! record to a reported event, which the judge checks record by record.

pub mod actions;
pub mod delays;
pub mod evidence;
pub mod matching;
pub mod part;
pub mod report;
pub mod thresholds;
pub mod vector;

pub use part::{Part, part};
pub use thresholds::{Threshold, ThresholdOutcome};
pub use vector::{Measure, Unit, Vector, add_up};

use crate::check::ALL;
use crate::observe::Facts;

/// So much a check finds in a passage.
fn found(facts: &Facts<'_>, check: &str) -> usize {
    let check = ALL.iter().find(|c| c.id == check).expect("every check named here is one of the catalogue");
    (check.run)(facts).len()
}

/// Something behind a number that is not perfect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exception {
    /// The measure it counts against.
    pub measure: String,
    /// Where: id of the scenario.
    pub scenario: String,
    /// What, for people.
    pub what: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_that_is_counted_exists() {
        for id in actions::CHECKS.iter().chain(&[part::DUPLICATE, part::COPIES]) {
            assert!(ALL.iter().any(|check| check.id == *id), "{id}");
        }
    }
}
