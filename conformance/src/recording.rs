//! All that a run leaves behind, enough to judge it again offline: what happened, what was asked, what the stack said.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use simulator::journal::Entry;
use simulator::scenario::{Outcome, Verb};
use simulator::time::SimTime;

/// One stack's passage through one scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recording {
    /// Scenario id: its path without extension.
    pub scenario: String,
    /// The scenario's text, so that a judge needs no other file.
    pub scenario_text: String,
    /// Whether it is the control run: the same without faults and lateness.
    pub control: bool,
    /// Seed in force.
    pub seed: u64,
    /// When the stack's process began.
    pub started: SimTime,
    /// When the story ended: background and faults end there.
    pub story_ended: SimTime,
    /// When the run was declared over and the stack was told to stop.
    pub ended: SimTime,
    /// Every record that any log held at the end, with its truth.
    pub truth: Vec<TruthRecord>,
    /// Everybody, so that what a stack says of a person can be understood.
    pub people: Vec<PersonTruth>,
    /// Scripted activities that did not happen, because the stack had prevented them.
    pub prevented: Vec<Prevented>,
    /// Every exchange between stack and vendors, in order of time, instance and route ([`Recording::sort_journal`]).
    pub journal: Vec<Entry>,
    /// The faults written, and how often each bit.
    pub faults: Vec<FaultBite>,
    /// The stack's report, line by line, with the simulated time at which the harness read it.
    pub report: Vec<ReportLine>,
    /// What the stack wrote to its standard output and error, and to files outside its state.
    pub outputs: Vec<Output>,
    /// Files of its state that others than its own user can read.
    #[serde(default)]
    pub open_state: Vec<OpenFile>,
    /// Starts, kills, exits of the process.
    pub process: Vec<ProcessEvent>,
    /// How the run came to its end.
    pub end: End,
    /// Every secret of the run by name: `<token:miro/stack#2>` and its value. Canaries, worth nothing elsewhere.
    pub secrets: BTreeMap<String, String>,
    /// Where it was played.
    #[serde(default)]
    pub whereabouts: Whereabouts,
}

impl Recording {
    /// Brings the journal into an order that is the same in every run: time, instance, route, and within a route arrival.
    /// What several tasks of a stack ask at one instant arrives in any order.
    pub fn sort_journal(&mut self) {
        self.journal.sort_by(|a, b| (a.at, &a.app, &a.route, a.seq).cmp(&(b.at, &b.app, &b.route, b.seq)));
    }
}

/// Where a run was played: different in every run, and no matter to what is found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whereabouts {
    /// Loopback ports, by the instance or the stack's listener.
    pub ports: BTreeMap<String, u16>,
    /// Folders: `passage`, `run` and `state`.
    pub folders: BTreeMap<String, PathBuf>,
}

/// A record as it truly is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TruthRecord {
    /// Instance name.
    pub app: String,
    /// Log name: `audit_log`, `sign_ins`, `directory_audits`.
    pub log: String,
    /// The vendor's event id.
    pub event_id: String,
    /// When it happened.
    pub occurred: SimTime,
    /// Its place in the vendor's order.
    pub persisted: SimTime,
    /// When the API first showed it, or a delivery first brought it.
    pub available: SimTime,
    /// Whose account: key of the person.
    pub actor: String,
    /// The verb's word.
    pub verb: String,
    /// The outcome's word.
    pub outcome: String,
    /// Address.
    pub address: Option<IpAddr>,
    /// Which activity, as text: two records of one activity share it.
    pub activity: String,
    /// Id of the step, where it has one.
    pub step: Option<String>,
    /// Line of the step in the scenario.
    pub line: Option<u32>,
    /// Attack it belongs to; benign without one.
    pub attack: Option<String>,
    /// Whether a call of the stack's left it, which is recorded in the name of its application.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_the_stack: bool,
    /// Whether a fault altered it, so that it may not say who did it, and from where.
    #[serde(default)]
    pub altered: bool,
    /// What faults made fields of it say, as texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made_say: Vec<String>,
}

impl TruthRecord {
    /// Whether it says that somebody signed in, or tried to.
    pub fn is_sign_in(&self) -> bool {
        self.verb == Verb::SignIn.name()
    }

    /// Whether what it tells of succeeded.
    pub fn succeeded(&self) -> bool {
        self.outcome == Outcome::Success.name()
    }
}

/// A person as they truly are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonTruth {
    /// `it_admin`, `alice`, `others-3`, `p07`.
    pub key: String,
    /// Display name.
    pub name: String,
    /// E-mail address and user principal name.
    pub email: String,
    /// Object id in the directory.
    pub directory_id: String,
    /// The vendor's user id by instance name.
    pub accounts: BTreeMap<String, String>,
}

/// A scripted activity that did not happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prevented {
    /// When it would have happened.
    pub at: SimTime,
    /// Key of the person.
    pub actor: String,
    /// The verb's word.
    pub verb: String,
    /// Id of the step, where it has one.
    pub step: Option<String>,
    /// Line of the step in the scenario.
    pub line: u32,
    /// What stopped it.
    pub why: String,
}

/// A fault and how often it bit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultBite {
    /// Kind as written.
    pub kind: String,
    /// Line in the scenario.
    pub line: u32,
    /// Requests or records that met it.
    pub bites: u32,
}

/// A line of the stack's report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportLine {
    /// Simulated time at which the harness read it.
    pub read_at: SimTime,
    /// The line, as written.
    pub text: String,
    /// Cut by a kill: no line end followed.
    pub cut: bool,
}

/// Something the stack wrote for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// `stdout`, `stderr`, or a file's path within the run folder.
    pub name: String,
    /// Its content (lossy UTF-8), cut where it is very long.
    pub text: String,
    /// Names of the secrets that it holds, also where it is cut.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// Why it could not be read to its end, if it could not: then nobody knows what it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

impl Output {
    /// An output without content.
    pub fn empty(name: String) -> Self {
        Self { name, text: String::new(), secrets: Vec::new(), unread: None }
    }
}

/// A file of the state that everybody on the machine can read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenFile {
    /// Its path within the state folder.
    pub name: String,
    /// Its permissions, as `chmod` takes them.
    pub mode: u32,
    /// Names of the secrets that it holds.
    pub secrets: Vec<String>,
}

/// Something that happened to the process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProcessEvent {
    /// Simulated time.
    pub at: SimTime,
    /// What.
    pub what: ProcessWhat,
}

/// What happened to the process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcessWhat {
    /// Begun.
    Started,
    /// Said it was ready.
    Ready,
    /// Killed by a scripted fault at this line of the scenario.
    Killed {
        /// Line of the fault.
        line: u32,
    },
    /// Its state was removed by a scripted fault at this line, after it was killed.
    StateWiped {
        /// Line of the fault.
        line: u32,
    },
    /// Each file of its state was cut to half its length by a scripted fault at this line, after it was killed.
    StateCut {
        /// Line of the fault.
        line: u32,
    },
    /// It was started by a scripted fault where its state could not be kept, after it was killed.
    StateUnwritable {
        /// Line of the fault.
        line: u32,
        /// How many requests it made before it ended, or was ended.
        requests: u64,
        /// Whether anybody could learn of it: it told of trouble, or ended as one that failed.
        told: bool,
    },
    /// A second copy was started beside it by a scripted fault.
    SecondCopy {
        /// Line of the fault.
        line: u32,
        /// How many requests it made before it ended, or was ended.
        requests: u64,
    },
    /// Told to stop: at the end, or by a scripted fault.
    ToldToStop,
    /// Killed by the harness, because it did not end after being told to stop.
    WouldNotStop,
    /// Ended by itself or after being told, with this code (none: by a signal).
    Exited {
        /// Exit code.
        code: Option<i32>,
    },
}

impl ProcessWhat {
    /// Whether the process itself begins or ends by it.
    pub const fn is_of_the_process(&self) -> bool {
        !matches!(
            self,
            Self::StateWiped { .. } | Self::StateCut { .. } | Self::StateUnwritable { .. } | Self::SecondCopy { .. }
        )
    }
}

/// How the run came to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The planned end, in simulated time, was reached.
    #[serde(alias = "reached")]
    Planned,
    /// Under the machine's clock: all that was awaited had come, and the stack had no more to say.
    Heard,
    /// Under the machine's clock: the stack had no more to say for so long that what was still awaited was given up.
    GivenUp,
    /// Under the machine's clock: the stack had still something to say when no run is allowed to go on.
    OutOfTime,
    /// The stack could not be started or never said it was ready.
    NotReady {
        /// Why.
        why: String,
    },
    /// Its process ended although nobody had told it to.
    Crashed {
        /// Exit code, none after a signal.
        code: Option<i32>,
    },
    /// Quiet, and nothing left that could move the clock (`live/stuck`).
    Stuck,
    /// No quiet within the allowed wall time (`live/busy`).
    Busy {
        /// What was awaited.
        why: String,
    },
    /// Consent could not be given.
    ConsentFailed {
        /// App and reason.
        why: String,
    },
}

impl End {
    /// Whether the run lasted as long as it was to, so that what is missing is missing.
    pub fn is_reached(&self) -> bool {
        self.why_broken().is_none()
    }

    /// Why the run says nothing of what the stack would have done; nothing if it came to its end.
    pub fn why_broken(&self) -> Option<String> {
        match self {
            Self::Planned | Self::Heard | Self::GivenUp | Self::OutOfTime => None,
            Self::NotReady { why } | Self::ConsentFailed { why } | Self::Busy { why } => Some(why.clone()),
            Self::Crashed { .. } => Some("the stack's process ended".to_owned()),
            Self::Stuck => Some("nothing was left that could move the clock".to_owned()),
        }
    }
}
