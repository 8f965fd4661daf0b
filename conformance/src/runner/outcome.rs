//! What came of a run, and the exit status it deserves.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use super::error::RunError;
use super::select::Shard;
use crate::report::{ABOUT_NONE, RunReport, ScenarioReport};
use crate::scenario::Level;
use crate::verdict::{Finding, Judgement, Verdict};

/// Id of the finding that a scenario could not be played.
pub const HARNESS_ERROR: &str = "harness/error";

/// Its page, for `conformance explain`.
pub const HARNESS_PAGE: &str = "\
The scenario could not be played, and that is not the stack's fault: a port or a folder could not be had, the scenario's \
world could not be built, or the harness itself broke. Nothing is said about the stack; the run ends with status 3 whatever \
else was found. What to do: read the reason, which names what was tried; if it says that the harness broke, please report \
it with the run folder.

Source: docs/src/verdicts.md (`error` is ours).";

/// How a command ends, for whoever called it. The numbers are a promise to scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything owed was done.
    Pass = 0,
    /// The stack failed.
    Fail = 1,
    /// A scenario, a manifest or a flag is wrong.
    Wrong = 2,
    /// The harness failed, or was stopped.
    Harness = 3,
    /// Nothing was decided: what was to be tested never occurred, or nothing ran.
    Undecided = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct RunOutcome {
    /// The stack's name.
    pub stack: String,
    /// The seed that was asked for, if not the scenarios' own.
    pub seed: Option<u64>,
    /// The words of the command that a repetition needs beside scenario and seed.
    pub repeat: Vec<String>,
    /// Which part of all it was, if only one was to be run.
    pub shard: Option<Shard>,
    /// The paths that were asked for.
    pub asked: Vec<PathBuf>,
    /// Every scenario, in order of id.
    pub scenarios: Vec<ScenarioOutcome>,
    /// Findings about no scenario: snapshots and known failures that belong to none.
    pub findings: Vec<Finding>,
    /// Whether all that were planned were run.
    pub finish: Finish,
    /// The run's folder.
    pub folder: PathBuf,
    /// Wall time it took, milliseconds.
    pub wall_ms: u64,
}

/// Whether a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It did.
    Complete,
    /// Somebody stopped it.
    Stopped,
}

/// What came of a scenario.
#[derive(Clone, Debug)]
pub struct ScenarioOutcome {
    /// What was found.
    pub judgement: Judgement,
    /// Its title.
    pub title: String,
    /// Its file.
    pub path: PathBuf,
    /// Whether it decides the exit status.
    pub level: Level,
    /// Wall time it took, milliseconds.
    pub wall_ms: u64,
}

impl RunOutcome {
    /// What is told of it: the scenarios, and what was found about none of them under an id of its own.
    pub fn report(&self) -> RunReport {
        let of = |s: &ScenarioOutcome| ScenarioReport {
            path: s.path.clone(),
            title: s.title.clone(),
            level: s.level,
            judgement: s.judgement.clone(),
            wall: Duration::from_millis(s.wall_ms),
        };
        let mut scenarios: Vec<ScenarioReport> = self.scenarios.iter().map(of).collect();
        let of_all =
            self.asked.iter().find(|path| path.is_dir()).cloned().unwrap_or_else(|| PathBuf::from("scenarios"));
        for (id, area, title) in ABOUT_NONE {
            let findings: Vec<Finding> = self.findings.iter().filter(|f| f.check.starts_with(area)).cloned().collect();
            if let Some(verdict) = findings.iter().map(|f| f.verdict).max() {
                let judgement = Judgement {
                    id: id.to_owned(),
                    verdict,
                    skipped: None,
                    findings,
                    known: Vec::new(),
                    not_judged: Vec::new(),
                };
                scenarios.push(ScenarioReport {
                    path: of_all.clone(),
                    title: title.to_owned(),
                    level: Level::Required,
                    judgement,
                    wall: Duration::ZERO,
                });
            }
        }
        RunReport {
            version: crate::VERSION.to_owned(),
            stack: self.stack.clone(),
            seed: self.seed,
            repeat: self.repeat.clone(),
            shard: self.shard,
            scenarios,
            wall: Duration::from_millis(self.wall_ms),
        }
    }

    /// The exit status: that of the worst required scenario. A run that only skipped is not green.
    pub fn exit(&self) -> Exit {
        if self.finish == Finish::Stopped {
            return Exit::Harness;
        }
        let judged = self.scenarios.iter().filter(|s| s.judgement.skipped.is_none());
        let judged = judged.map(|s| (s.level, s.judgement.verdict));
        exit_of(judged.chain(self.findings.iter().map(|f| (Level::Required, f.verdict))))
    }
}

/// The exit status that verdicts deserve: the worst required one's. Where nothing was judged it is not green.
pub fn exit_of(judged: impl IntoIterator<Item = (Level, Verdict)>) -> Exit {
    let (mut worst, mut any) = (None, false);
    for (level, verdict) in judged {
        any = true;
        if level == Level::Required {
            worst = worst.max(Some(verdict));
        }
    }
    match worst {
        Some(Verdict::Pass) => Exit::Pass,
        Some(Verdict::Fail) => Exit::Fail,
        Some(Verdict::Error) => Exit::Harness,
        Some(Verdict::Inconclusive) => Exit::Undecided,
        // What is only recommended was judged, and decides nothing.
        None if any => Exit::Pass,
        None => Exit::Undecided,
    }
}

/// The judgement of a scenario that was not asked for.
pub fn skipped(id: &str, why: String) -> Judgement {
    Judgement {
        id: id.to_owned(),
        verdict: Verdict::Pass,
        skipped: Some(why),
        findings: Vec::new(),
        known: Vec::new(),
        not_judged: Vec::new(),
    }
}

/// The judgement of a scenario that we could not play.
pub fn failed(id: &str, error: &RunError) -> Judgement {
    let finding = Finding {
        check: HARNESS_ERROR.to_owned(),
        verdict: Verdict::Error,
        expected: "the scenario to be played".to_owned(),
        observed: error.to_string(),
        story: Vec::new(),
        evidence: Vec::new(),
        line: None,
    };
    Judgement {
        id: id.to_owned(),
        verdict: Verdict::Error,
        skipped: None,
        findings: vec![finding],
        known: Vec::new(),
        not_judged: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(scenarios: &[(Level, Verdict)], skips: usize) -> RunOutcome {
        let of = |level, judgement| ScenarioOutcome {
            judgement,
            title: String::new(),
            path: PathBuf::new(),
            level,
            wall_ms: 0,
        };
        let judged = scenarios.iter().map(|(level, verdict)| {
            of(*level, Judgement { verdict: *verdict, skipped: None, ..skipped("x", String::new()) })
        });
        let skipped = (0..skips).map(|_| of(Level::Required, skipped("y", "why".to_owned())));
        RunOutcome {
            stack: "s".to_owned(),
            seed: None,
            repeat: Vec::new(),
            shard: None,
            asked: Vec::new(),
            scenarios: judged.chain(skipped).collect(),
            findings: Vec::new(),
            finish: Finish::Complete,
            folder: PathBuf::new(),
            wall_ms: 0,
        }
    }

    #[test]
    fn the_worst_required_verdict_decides() {
        use Level::{Recommended, Required};
        use Verdict::{Error, Fail, Inconclusive, Pass};
        #[rustfmt::skip]
        type Judged = [(Level, Verdict)];
        let cases: [(&Judged, usize, Exit); 8] = [
            (&[(Required, Pass)], 3, Exit::Pass),
            (&[(Required, Pass), (Required, Inconclusive)], 0, Exit::Undecided),
            (&[(Required, Inconclusive), (Required, Fail)], 0, Exit::Fail),
            (&[(Required, Fail), (Required, Error)], 0, Exit::Harness),
            (&[(Required, Pass), (Recommended, Fail)], 0, Exit::Pass),
            (&[(Recommended, Fail)], 0, Exit::Pass),
            (&[], 2, Exit::Undecided),
            (&[], 0, Exit::Undecided),
        ];
        for (scenarios, skips, expected) in cases {
            assert_eq!(outcome(scenarios, skips).exit(), expected, "{scenarios:?} and {skips} skipped");
        }
    }

    #[test]
    fn a_run_that_was_stopped_or_has_an_orphaned_snapshot_is_not_green() {
        let green = outcome(&[(Level::Required, Verdict::Pass)], 0);
        assert_eq!(RunOutcome { finish: Finish::Stopped, ..green.clone() }.exit(), Exit::Harness);
        let orphan = Finding { verdict: Verdict::Fail, ..failed("x", &RunError::Interrupted).findings.remove(0) };
        assert_eq!(RunOutcome { findings: vec![orphan], ..green }.exit(), Exit::Fail);
    }
}
