//! Verdicts and what they rest on.

use std::fmt;

use jiff::civil::Date;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
    /// Failures that were met and do not count, because the stack's `known.yaml` names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<KnownFailure>,
    /// Expectations that were not judged, each with its reason.
    pub not_judged: Vec<String>,
}

/// A failure that somebody has looked at and will live with until a day: an entry of a stack's `known.yaml`, and the same in
/// every report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KnownFailure {
    /// Id of the scenario.
    pub scenario: String,
    /// Id of the check.
    pub check: String,
    /// What that check finds, in a few words.
    pub title: String,
    /// Why it is lived with.
    pub why: String,
    /// The last day on which it is.
    #[serde(serialize_with = "as_text", deserialize_with = "date")]
    pub until: Date,
}

/// For people: `ingest/lost-event in late/miro-two-days until 2026-09-30: look-back is one day`.
impl fmt::Display for KnownFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, check, why, until, .. } = self;
        write!(f, "{check} in {scenario} until {until}: {why}")
    }
}

fn as_text<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

/// A day as files write it: `2026-09-30`.
pub(crate) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| Error::custom(format!("`{text}` is not a date; write `2026-09-30`")))
}
