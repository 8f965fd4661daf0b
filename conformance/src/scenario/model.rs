//! What a scenario says of a stack, beside what the simulator plays.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use simulator::scenario::{AppIndex, AttackIndex, Begins, Position, RoutePattern, Scenario, Who};
use simulator::seed::Seed;

/// A scenario as conformance sees it: the story, and what a stack owes in it.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its name in every report: the path below `scenarios/`, without extension.
    pub id: String,
    /// Where it was read.
    pub path: PathBuf,
    /// What is written.
    pub text: String,
    /// SHA-256 of the text, hexadecimal.
    pub hash: String,
    /// World, script and faults on the wire.
    pub scenario: Arc<Scenario>,
    /// Whether it decides the exit status.
    pub level: Level,
    /// The file beside this one that this is the near miss of.
    pub twin_of: Option<String>,
    /// What a stack owes, at least one.
    pub expect: Vec<Expectation>,
    /// What happens to the stack's process.
    pub process_faults: Vec<ProcessFault>,
    /// What happens when the stack asks for consent.
    pub consent_faults: Vec<ConsentFault>,
}

impl Script {
    /// Whether anything goes wrong in it that a control run goes without.
    pub fn has_faults(&self) -> bool {
        let late = self.scenario.script.iter().any(|step| step.late.is_some());
        late || !self.scenario.faults.is_empty() || !self.process_faults.is_empty() || !self.consent_faults.is_empty()
    }

    /// Has everything that is not written drawn from another number.
    pub fn draw_from(&mut self, seed: u64) {
        Arc::make_mut(&mut self.scenario).seed = Seed(seed);
    }
}

/// The control run's script: the same without faults of any kind and without `late`.
pub fn control_of(script: &Script) -> Script {
    let mut scenario = Scenario::clone(&script.scenario);
    scenario.faults.clear();
    for step in &mut scenario.script {
        step.late = None;
    }
    Script { scenario: Arc::new(scenario), process_faults: Vec::new(), consent_faults: Vec::new(), ..script.clone() }
}

/// How much a scenario matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// It decides the exit status.
    #[default]
    Required,
    /// It ought to hold.
    Recommended,
    /// Good to know.
    Informational,
}

impl Level {
    /// Every level with its word.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Required, "required"), (Self::Recommended, "recommended"), (Self::Informational, "informational")];

    /// The word for it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(level, _)| *level == self).expect("ALL lists every level").1
    }
}

/// Whether something is owed, allowed or forbidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Owed.
    Must,
    /// Allowed.
    May,
    /// Forbidden.
    MustNot,
}

impl Kind {
    /// Every kind with its word.
    pub const ALL: [(Self, &'static str); 3] = [(Self::Must, "must"), (Self::May, "may"), (Self::MustNot, "must_not")];

    /// The word for it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).expect("ALL lists every kind").1
    }
}

/// What is owed, allowed or forbidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An alert.
    Alert,
    /// A governance action.
    Action(ActionWord),
    /// The attack does not go on.
    Contain,
    /// Records are ingested in time.
    Ingest,
    /// The stack says that it is in trouble.
    ReportTrouble,
    /// The stack says that records are lost to it.
    ReportGap,
    /// The stack knows who uses an app.
    Usage,
    /// The stack tells its contacts by mail that a synchronisation is in trouble.
    TellContacts,
    /// The stack knows how a control of the secure score stands.
    Score,
}

impl What {
    /// Those that are no action, with their words.
    pub const PLAIN: [(Self, &'static str); 8] = [
        (Self::Alert, "alert"),
        (Self::Contain, "contain"),
        (Self::Ingest, "ingest"),
        (Self::ReportTrouble, "report_trouble"),
        (Self::ReportGap, "report_gap"),
        (Self::Usage, "usage"),
        (Self::TellContacts, "tell_contacts"),
        (Self::Score, "score"),
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Action(action) => action.name(),
            plain => Self::PLAIN.iter().find(|(what, _)| *what == plain).expect("PLAIN lists all but actions").1,
        }
    }

    /// What a word means.
    pub fn of(word: &str) -> Option<Self> {
        let plain = Self::PLAIN.iter().find(|(_, name)| *name == word).map(|(what, _)| *what);
        plain.or_else(|| ActionWord::of(word).map(Self::Action))
    }
}

/// A governance action. The whole vocabulary, so that reports can be understood; scenarios may write those only that
/// are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words are the documentation: Defender for Cloud Apps' governance actions")]
pub enum ActionWord {
    Suspend,
    Unsuspend,
    RequireSignIn,
    ConfirmCompromised,
    Notify,
    ResetPassword,
    RemoveMember,
    RevokeToken,
    RevokeApp,
    BanApp,
    Quarantine,
    Trash,
    MakePrivate,
    CloseAlert,
}

impl ActionWord {
    /// Every action with its word.
    pub const ALL: [(Self, &'static str); 14] = [
        (Self::Suspend, "suspend"),
        (Self::Unsuspend, "unsuspend"),
        (Self::RequireSignIn, "require_sign_in"),
        (Self::ConfirmCompromised, "confirm_compromised"),
        (Self::Notify, "notify"),
        (Self::ResetPassword, "reset_password"),
        (Self::RemoveMember, "remove_member"),
        (Self::RevokeToken, "revoke_token"),
        (Self::RevokeApp, "revoke_app"),
        (Self::BanApp, "ban_app"),
        (Self::Quarantine, "quarantine"),
        (Self::Trash, "trash"),
        (Self::MakePrivate, "make_private"),
        (Self::CloseAlert, "close_alert"),
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(action, _)| *action == self).expect("ALL lists every action").1
    }

    /// What a word means.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(action, _)| *action)
    }
}

/// How grave an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "OCSF's words")]
pub enum Severity {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// Every severity with its word, least first.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Informational, "informational"),
        (Self::Low, "low"),
        (Self::Medium, "medium"),
        (Self::High, "high"),
        (Self::Critical, "critical"),
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(severity, _)| *severity == self).expect("ALL lists every severity").1
    }

    /// What a word means.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(severity, _)| *severity)
    }
}

/// A line of `expect`. What is not written narrows nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Owed, allowed or forbidden.
    pub kind: Kind,
    /// What.
    pub what: What,
    /// Which policy's alert.
    pub policy: Option<String>,
    /// Whose alert.
    pub actor: Option<Who>,
    /// Of which episode.
    pub attack: Option<AttackIndex>,
    /// Ids of steps: a record of each is cited (or ingested).
    pub evidence: Vec<String>,
    /// At least this severity.
    pub severity: Option<Severity>,
    /// On whom.
    pub target: Option<Who>,
    /// On what: the name of a file, of the application of a grant, or of the policy of an alert of Defender's.
    pub object: Option<String>,
    /// Where the call lands, or whose records.
    pub app: Option<AppIndex>,
    /// Simulated time allowed; by the end without it.
    pub within: Option<Duration>,
    /// How often.
    pub times: Option<u32>,
    /// How often at most.
    pub at_most: Option<u32>,
    /// How many users an app has.
    pub users: Option<u32>,
    /// How many of them are active.
    pub active: Option<u32>,
    /// Which control of the secure score.
    pub control: Option<String>,
    /// Whether it is passed.
    pub passed: Option<bool>,
    /// Where it was written.
    pub at: Position,
}

/// What happens on the way back from a consent page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentFaultKind {
    /// Somebody comes who never was there.
    ForgedRedirect,
    /// The administrator comes twice.
    RepeatedRedirect,
}

impl ConsentFaultKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::ForgedRedirect, Self::RepeatedRedirect];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ForgedRedirect => "forged_redirect",
            Self::RepeatedRedirect => "repeated_redirect",
        }
    }
}

/// Something that goes wrong when a stack is connected to an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentFault {
    /// What.
    pub kind: ConsentFaultKind,
    /// Whose consent page it is.
    pub app: AppIndex,
    /// Where it was written.
    pub at: Position,
}

/// What happens to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessFaultKind {
    /// Ended without a word, at once.
    Kill,
    /// Asked to end.
    Stop,
    /// Another copy is started beside it, on the same state.
    SecondCopy,
    /// Ended at once, and its state is gone when it is started again.
    WipeState,
    /// Ended at once, and each file of its state has lost its second half when it is started again.
    CutState,
    /// Ended at once, started where it cannot keep anything, and started anew once its state is back.
    UnwritableState,
}

impl ProcessFaultKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Kill, Self::Stop, Self::SecondCopy, Self::WipeState, Self::CutState, Self::UnwritableState];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Stop => "stop",
            Self::SecondCopy => "second_copy",
            Self::WipeState => "wipe_state",
            Self::CutState => "cut_state",
            Self::UnwritableState => "unwritable_state",
        }
    }

    /// Whether the process ends at once, so that an answer that it waits for may be held back.
    pub const fn kills(self) -> bool {
        matches!(self, Self::Kill | Self::WipeState | Self::CutState | Self::UnwritableState)
    }
}

/// Something that happens to the stack's process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessFault {
    /// What.
    pub kind: ProcessFaultKind,
    /// At which requests; none only when a moment is written.
    pub route: Option<RoutePattern>,
    /// When.
    pub begins: Begins,
    /// That long after the answer; without it the answer is held and never sent.
    pub after: Option<Duration>,
    /// Started again that long after the end; not at all without it.
    pub restart_after: Option<Duration>,
    /// How many requests it meets.
    pub times: u32,
    /// Where it was written.
    pub at: Position,
}
