//! Trials: a stack and the scenarios it is tried in, many side by side.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use simulator::clock::wall_now;
use simulator::scenario::{Begins, Position};
use tokio::sync::watch;

use crate::judge;
use crate::runner::court::Court;
use crate::runner::folder::RunFolder;
use crate::runner::schedule::{Pace, Stage, millis_since, passage};
use crate::runner::side_by_side::{Spare, side_by_side};
use crate::runner::{RunError, story_end};
use crate::scenario::{ProcessFault, ProcessFaultKind, Script};
use crate::stack::Manifest;
use crate::stack::known::Known;
use crate::verdict::Verdict;

/// A stack, and what it is tried in.
pub struct Trial {
    /// Its place in the list of trials: results come back in that order.
    pub number: usize,
    /// Bug or variant.
    pub id: String,
    /// The stack.
    pub manifest: Manifest,
    /// In that order.
    pub scripts: Vec<Script>,
    /// The checks after which it is enough; without any all scenarios are played.
    pub enough: &'static [&'static str],
}

/// What a check found in a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The scenario.
    pub scenario: String,
    /// The check.
    pub check: String,
}

/// What came of a trial.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// Findings that failed the stack, in the order in which they were made.
    pub hits: Vec<Hit>,
    /// Scenarios that could not be played, and why.
    pub errors: Vec<String>,
    /// How many scenarios were played.
    pub played: usize,
    /// Those among them of which neither success nor failure can be said: they speak for nobody.
    pub undecided: Vec<String>,
    /// Wall time it took, milliseconds.
    pub wall_ms: u64,
}

impl Tried {
    /// How many of the scenarios that were played came to a verdict, pass or fail.
    pub fn decided(&self) -> usize {
        self.played.saturating_sub(self.undecided.len())
    }

    /// Takes in what another trial of the same stack found.
    pub fn add(&mut self, other: Self) {
        self.hits.extend(other.hits);
        self.errors.extend(other.errors);
        self.played += other.played;
        self.undecided.extend(other.undecided);
        self.wall_ms += other.wall_ms;
    }
}

/// What all trials share.
pub struct Bench {
    /// This program.
    pub exe: PathBuf,
    /// Where what is recorded lies, a folder a trial.
    pub dir: PathBuf,
    /// Turns true when somebody stops it all.
    pub stop: watch::Receiver<bool>,
    /// So many trials at a time.
    pub jobs: usize,
}

/// Makes all trials; `told` hears of each as it is done. Once stopped, no further one is begun; those are missing.
pub async fn try_all(
    bench: &Arc<Bench>,
    trials: Vec<Trial>,
    mut told: impl FnMut(&str, &Tried),
) -> Vec<(usize, Tried)> {
    let shared = Arc::clone(bench);
    let work = move |trial: Trial, _: Spare| {
        let bench = Arc::clone(&shared);
        async move { try_one(&bench, trial).await }
    };
    let mut done = Vec::new();
    let pieces = trials.into_iter().map(|trial| ((trial.number, trial.id.clone()), trial));
    side_by_side(pieces, bench.jobs, &bench.stop, work, |(number, id), tried| {
        let tried = tried.unwrap_or_else(|broken| Tried { errors: vec![broken.to_string()], ..Tried::default() });
        told(&id, &tried);
        done.push((number, tried));
    })
    .await;
    done.sort_by_key(|(number, _)| *number);
    done
}

async fn try_one(bench: &Bench, trial: Trial) -> Tried {
    let began = wall_now();
    let mut tried = Tried::default();
    let court = Arc::new(Court::new(&trial.manifest, Known::default(), None));
    let first = trial.scripts.first().map(|script| script.id.replace('/', "-")).unwrap_or_default();
    let name = format!("{}-{first}", trial.id);
    let folder = match RunFolder::make(Some(Path::new(&name)), &bench.dir) {
        Ok(folder) => folder,
        Err(error) => return Tried { errors: vec![error.to_string()], ..tried },
    };
    let stage = Stage { manifest: trial.manifest, exe: bench.exe.clone(), folder, stop: bench.stop.clone() };
    for script in trial.scripts {
        let id = script.id.clone();
        match passage(&stage, script, Pace::InTurn).await {
            Ok(passage) => {
                let judging = Arc::clone(&court);
                let judged = tokio::task::spawn_blocking(move || judging.settle(&passage).judgement).await;
                let judgement = judged.expect("a judge does not panic");
                if judgement.skipped.is_some() || !matches!(judgement.verdict, Verdict::Pass | Verdict::Fail) {
                    tried.undecided.push(id.clone());
                }
                let failed = judgement.findings.into_iter().filter(|finding| finding.verdict == Verdict::Fail);
                // A fault is not judged where the same story without it fails: then that failure is the stack's own.
                let found = failed.map(|finding| finding.check).filter(|check| check != judge::CONTROL_FAILED);
                tried.hits.extend(found.map(|check| Hit { scenario: id.clone(), check }));
                tried.played += 1;
            }
            Err(error) => tried.errors.push(format!("{} in {id}: {error}", trial.id)),
        }
        if tried.hits.iter().any(|hit| trial.enough.contains(&hit.check.as_str())) {
            break;
        }
    }
    tried.wall_ms = millis_since(began);
    tried
}

/// How many restarts a story bears in which the process is restarted all the time.
const MOST_RESTARTS: u32 = 8;

/// The same story, whose process is stopped half a period after every other poll and started again ten seconds later, as long
/// as the story goes on: what is to come after it never comes, and leaves the whole undecided.
pub fn restarted(mut script: Script, poll_every: Duration) -> Result<Script, RunError> {
    let (starts, ends) = (script.scenario.stack.starts, story_end(&script.scenario)?);
    let moments = (0..MOST_RESTARTS).map(|n| starts + poll_every * (2 * n + 1) + poll_every / 2);
    script.process_faults.extend(moments.take_while(|moment| *moment < ends).map(|moment| ProcessFault {
        kind: ProcessFaultKind::Stop,
        route: None,
        begins: Begins::Time(moment),
        after: None,
        restart_after: Some(Duration::from_secs(10)),
        times: 1,
        at: Position::default(),
    }));
    Ok(script)
}
