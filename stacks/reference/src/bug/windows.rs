//! Mistakes about time: where a poll begins.

use jiff::{SignedDuration, Timestamp};

use super::{Bug, current};
use crate::state::events::Checkpoint;

/// Where a poll begins that should begin at `from`.
pub(crate) fn misplaced(
    from: Timestamp,
    checkpoint: Option<Checkpoint>,
    now: Timestamp,
    poll_every: SignedDuration,
) -> Timestamp {
    let (Some(bug), Some(checkpoint)) = (current(), checkpoint) else { return from };
    match bug {
        Bug::TimeLateArrival => checkpoint.newest,
        Bug::TimePlusOneUnit => checkpoint.newest + SignedDuration::from_millis(1),
        Bug::TimeExclusiveBoundaryLoss => checkpoint.newest + SignedDuration::from_secs(1),
        Bug::TimeFutureEvent => checkpoint.newest - SignedDuration::from_hours(6),
        Bug::TimeEmptyPollMoves => checkpoint.read_until,
        Bug::StateCheckpointNever => from.max(now - SignedDuration::from_hours(6)),
        Bug::RateStaleWindowAfterWait => now - poll_every,
        _ => from,
    }
}
