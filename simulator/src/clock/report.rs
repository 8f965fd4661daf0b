//! The clock's wire form: what a party posts when none of its tasks can run, and what it is told.

use serde::{Deserialize, Serialize};

use crate::time::SimTime;

/// A party's report that none of its tasks can run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockReport {
    /// The party's name.
    pub party: String,
    /// Counts the party's reports, for those that may overtake one another on different connections: one with a smaller
    /// number than a report that came before it is the older one. A restarted process goes on above its predecessor's
    /// numbers (it may begin with the machine's time). Without numbers the last report to arrive is the newest.
    #[serde(default)]
    pub number: Option<u64>,
    /// What its tasks wait for.
    #[serde(default)]
    pub timers: Vec<PartyTimer>,
    /// Requests to vendors it has begun.
    pub sent: u64,
    /// Requests to vendors that have ended for it: answered, failed or given up.
    pub finished: u64,
    /// Requests that vendors made to it, handshakes among them, and that have ended for it: answered or abandoned.
    #[serde(default)]
    pub webhooks: u64,
    /// Such requests that it has read and not answered, because its answer waits for one of its timers.
    #[serde(default)]
    pub webhooks_open: u64,
}

/// A timer of a party.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyTimer {
    /// When it is due.
    pub until: SimTime,
    /// Its name, unique within the party.
    pub name: String,
}

/// What a party is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ClockAnswer {
    /// The clock moved, or one of the party's timers was released.
    Moved {
        /// The time it is.
        now: SimTime,
        /// The released timer, if it is the party's own.
        released: Option<String>,
    },
    /// A newer report of the party took this one's place.
    Replaced {
        /// Always true.
        replaced: bool,
    },
}
