//! Verdicts and what they rest on.

use serde::{Deserialize, Serialize};

/// How a scenario ended for a stack. A verdict only gets worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything owed was done.
    Pass,
    /// What was to be tested never occurred.
    Inconclusive,
    /// The stack's fault.
    Fail,
    /// Ours.
    Error,
}

impl Verdict {
    /// The word for it in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }

    /// What is said of scenarios that are counted: so many `passed`.
    pub const fn counted(self) -> &'static str {
        match self {
            Self::Pass => "passed",
            Self::Fail => "failed",
            Self::Inconclusive | Self::Error => self.word(),
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable id of the check: `ingest/lost-event`.
    pub check: String,
    /// What it makes of the scenario.
    pub verdict: Verdict,
    /// What was owed.
    pub expected: String,
    /// What was seen.
    pub observed: String,
    /// What the scenario did: lines of the timeline.
    pub story: Vec<String>,
    /// What the stack did: requests, events, alerts, calls.
    pub evidence: Vec<String>,
    /// Line of the scenario it hangs on, where there is one.
    pub line: Option<u32>,
}

/// What was found about one scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Scenario id.
    pub id: String,
    /// The worst of its findings.
    pub verdict: Verdict,
    /// Why nothing was judged. A skip is no verdict: `verdict` is then [`Verdict::Pass`] and not counted.
    pub skipped: Option<String>,
    /// Findings, worst first.
    pub findings: Vec<Finding>,
    /// Expectations that were not judged, each with its reason.
    pub not_judged: Vec<String>,
}
