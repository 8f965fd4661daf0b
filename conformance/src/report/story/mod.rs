//! A passage as a picture needs it: who did what from where, what the stack said and did, what went wrong on the wire.
//!
//! | file | holds |
//! |---|---|
//! | this one | the values, times in milliseconds since the Unix epoch |
//! | [`tell`](mod@tell) | how they are made of a recording |
//! | [`exchanges`] | which exchanges are shown, and how |
//!
//! A story is bounded: it shows the script and what the findings name, and says how much it leaves out.

mod exchanges;
mod tell;

use serde::Serialize;

pub use tell::{Extent, tell};

/// A passage through a scenario, the control run's where that is what was judged.
#[derive(Clone, Debug, Serialize)]
pub struct Story {
    /// The scenario's text.
    pub text: String,
    /// Seed in force.
    pub seed: u64,
    /// Whether it is the control run's.
    pub control: bool,
    /// Midnight of day 1.
    pub day_1: i64,
    /// When the stack's process began.
    pub started: i64,
    /// When the story ended; the run went on for as long as stragglers may take.
    pub ended: i64,
    /// Records of the script, and those that findings name.
    pub events: Vec<Event>,
    /// Records that any log held, shown or not.
    pub records: usize,
    /// What did not happen, because the stack had prevented it.
    pub prevented: Vec<Prevented>,
    /// What the stack raised.
    pub alerts: Vec<Alert>,
    /// What it did to accounts.
    pub actions: Vec<Action>,
    /// The faults written, and how often each bit.
    pub faults: Vec<Fault>,
    /// Starts, kills and exits of its process.
    pub process: Vec<Process>,
    /// Exchanges in question.
    pub exchanges: Vec<Exchange>,
    /// Exchanges of the whole passage, shown or not.
    pub asked: usize,
}

/// A record of a log.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// When it happened.
    pub at: i64,
    /// When the API first showed it.
    pub readable: i64,
    /// Key of the person.
    pub who: String,
    /// Instance.
    pub app: String,
    /// Log.
    pub log: String,
    /// The verb's word.
    pub verb: String,
    /// The outcome's word.
    pub outcome: String,
    /// The vendor's event id.
    pub id: String,
    /// Attack it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attack: Option<String>,
    /// Id of the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Line of the scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Where the request came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Origin>,
}

/// Where a request came from, as it really is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Origin {
    /// Address.
    pub address: String,
    /// City.
    pub city: &'static str,
    /// English country name.
    pub country: &'static str,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// What the feeds say of the network.
    pub tags: Vec<&'static str>,
}

/// A scripted activity that did not happen.
#[derive(Clone, Debug, Serialize)]
pub struct Prevented {
    /// When it would have.
    pub at: i64,
    /// Key of the person.
    pub who: String,
    /// The verb's word.
    pub verb: String,
    /// What stopped it.
    pub why: String,
    /// Line of the scenario.
    pub line: u32,
}

/// An alert of the stack's.
#[derive(Clone, Debug, Serialize)]
pub struct Alert {
    /// When it was first read.
    pub at: i64,
    /// Policy.
    pub policy: String,
    /// Keys of the people it is about.
    pub about: Vec<String>,
    /// Ids of the events it cites.
    pub evidence: Vec<String>,
    /// The highest OCSF severity it had.
    pub severity: u64,
    /// Seen and suppressed.
    pub suppressed: bool,
}

/// A governance call.
#[derive(Clone, Debug, Serialize)]
pub struct Action {
    /// When it arrived.
    pub at: i64,
    /// Instance.
    pub app: String,
    /// The word for it.
    pub action: String,
    /// The person, and the thing where there is one.
    pub upon: String,
    /// Whether it took effect.
    pub done: bool,
}

/// A fault of the scenario.
#[derive(Clone, Debug, Serialize)]
pub struct Fault {
    /// Kind as written.
    pub kind: String,
    /// Line of the scenario.
    pub line: u32,
    /// Requests or records that met it.
    pub bites: u32,
    /// When exchanges met it, from arrival to their end; the first few dozen.
    pub met: Vec<(i64, i64)>,
}

/// Something that happened to the stack's process.
#[derive(Clone, Debug, Serialize)]
pub struct Process {
    /// When.
    pub at: i64,
    /// What, in a few words.
    pub what: String,
}

/// An exchange between stack and vendor.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    /// `miro.audit_log #3`, as findings name it.
    pub name: String,
    /// When it arrived.
    pub at: i64,
    /// When its answer left.
    pub ended: i64,
    /// HTTP method.
    pub method: String,
    /// Path and query, secrets by name.
    pub target: String,
    /// Name of the token that asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// Status; none when no byte was sent.
    pub status: Option<u16>,
    /// Seconds it was told to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_s: Option<f64>,
    /// Request body, secrets by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The fault it met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Which page of which walk: walks of a story are numbered from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
    /// What it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
}

/// A page of a walk.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Page {
    /// Number of the walk in this story.
    pub walk: usize,
    /// Page of the walk, from 1.
    pub number: u32,
    /// Records on it.
    pub records: usize,
    /// Whether a next page was offered.
    pub more: bool,
}
