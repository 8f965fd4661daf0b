//! How the stack says that the controls of the secure score stand.
//!
//! A row is an `event` of class 2003 in the log `posture`: `compliance.control` names the control as the vendor's score does,
//! `compliance.status_id` says 1 passed or 3 failed, `time` is the moment of the score. A row replaces the one before of the
//! same control.

use simulator::time::SimTime;

use crate::contract::Said;

use super::{Heard, said};

/// The log that rows are in.
pub const POSTURE: &str = "posture";
/// The capability of reading the secure score.
pub const SECURE_SCORE: &str = "posture.secure_score";
/// OCSF's number for a control that is passed.
const PASS: u64 = 1;

/// A row as it was reported.
#[derive(Clone, Debug)]
pub struct PostureRow {
    /// Number of its line.
    pub number: usize,
    /// When it was read.
    pub read_at: SimTime,
    /// The moment of the score.
    pub at: SimTime,
    /// The control.
    pub control: String,
    /// Whether it is passed.
    pub passed: bool,
}

/// Every row, in order.
pub(super) fn rows(heard: &[Heard]) -> Vec<PostureRow> {
    said(heard)
        .filter_map(|(heard, said)| match said {
            Said::Event(event) if event.log.as_deref() == Some(POSTURE) => Some(PostureRow {
                number: heard.number,
                read_at: heard.read_at,
                at: event.time,
                control: event.content["compliance"]["control"].as_str()?.to_owned(),
                passed: event.content["compliance"]["status_id"].as_u64() == Some(PASS),
            }),
            _ => None,
        })
        .collect()
}
