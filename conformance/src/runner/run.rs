//! A whole run: scenarios played side by side, judged, held against what is known and accepted, and written down.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use simulator::clock::wall_now;
use tokio::sync::watch;

use super::court::{Court, Keep, Settled};
use super::error::RunError;
use super::folder::{Planned, RunFolder, RunManifest, Selection};
use super::outcome::{self, Finish, RunOutcome};
use super::schedule::{Passage, Stage, millis_since, play_all};
use super::select::Shard;
use crate::report::redact::Redactor;
use crate::scenario::Script;
use crate::stack::Manifest;
use crate::verdict::Verdict;

/// Everything that is decided before anything runs.
pub struct Run {
    /// The stack.
    pub manifest: Manifest,
    /// This program.
    pub exe: PathBuf,
    /// Every scenario that was selected.
    pub plans: Vec<Plan>,
    /// Whether these are all that the paths hold.
    pub selection: Selection,
    /// The paths that were asked for, as they were named.
    pub asked: Vec<PathBuf>,
    /// Which part of all was asked for, if only one was.
    pub shard: Option<Shard>,
    /// The seed that was asked for, if not the scenarios' own.
    pub seed: Option<u64>,
    /// The words of the command that a repetition needs beside scenario and seed.
    pub repeat: Vec<String>,
    /// So many scenarios at a time.
    pub jobs: usize,
    /// Where it is written down.
    pub folder: RunFolder,
    /// What verdicts are measured against.
    pub court: Court,
    /// What is done with the results of a run that is whole. Those of any other are never accepted.
    pub keep: Keep,
}

/// A scenario, and why it is not run if it is not.
pub struct Plan {
    /// The scenario.
    pub script: Script,
    /// Why it is not run.
    pub skipped: Option<String>,
}

impl Run {
    /// How many scenarios will be played.
    pub fn to_be_played(&self) -> usize {
        self.plans.iter().filter(|plan| plan.skipped.is_none()).count()
    }

    /// Plays and judges everything, until `stop` turns true. `told` hears of each scenario as it is done: its id, and the word
    /// for how it ended.
    pub async fn play(
        self,
        stop: watch::Receiver<bool>,
        mut told: impl FnMut(&str, &'static str),
    ) -> Result<RunOutcome, RunError> {
        let began = wall_now();
        let mut kept = self.written_down(began);
        self.folder.keep_manifest(&kept)?;
        self.folder.keep_known(&self.manifest.dir)?;

        let mut scripts: Vec<Script> =
            self.plans.into_iter().filter(|plan| plan.skipped.is_none()).map(|plan| plan.script).collect();
        // What never comes is waited for longest: begun first, it does not make the whole longer.
        scripts.sort_by_key(|script| !self.court.knows_of(&script.id));
        let court = Arc::new(self.court);
        let judging = Arc::clone(&court);
        let judge = move |passage: &Passage| judging.settle(passage);
        let stage =
            Arc::new(Stage { manifest: self.manifest, exe: self.exe, folder: self.folder.clone(), stop: stop.clone() });
        let mut done = play_all(&stage, scripts, self.jobs, judge, |id, done| {
            told(id, done.result.as_ref().map_or(Verdict::Error.counted(), |s| s.judgement.verdict.counted()));
        })
        .await;
        let was_stopped = *stop.borrow();

        let outside = Redactor::new().folder("runs", self.folder.dir());
        let mut settled = Vec::new();
        for planned in &kept.scenarios {
            let (found, wall_ms) = match (&planned.skipped, done.remove(&planned.id)) {
                (Some(why), _) => (Settled::of(outcome::skipped(&planned.id, why.clone())), 0),
                (None, Some(done)) => match done.result {
                    Ok(found) => (found, done.wall_ms),
                    Err(_) if was_stopped => continue,
                    Err(error) => (Settled::of(outside.judgement(&outcome::failed(&planned.id, &error))), done.wall_ms),
                },
                (None, None) if was_stopped => continue,
                (None, None) => unreachable!("{} was neither played nor left out", planned.id),
            };
            settled.push((planned.clone(), found, wall_ms));
        }
        if was_stopped {
            kept.selection = Selection::Partial;
            self.folder.keep_manifest(&kept)?;
        }
        let whole = kept.selection == Selection::Whole;
        let keep = if whole { self.keep } else { Keep::unaccepted(kept.seed) };
        let (scenarios, findings) = court.conclude(settled, whole.then_some(kept.asked.as_slice()), keep)?;
        for scenario in &scenarios {
            self.folder.keep_judgement(&scenario.judgement)?;
        }
        Ok(RunOutcome {
            stack: kept.stack,
            seed: kept.seed,
            repeat: kept.repeat,
            shard: self.shard,
            asked: self.asked,
            scenarios,
            findings,
            finish: if was_stopped { Finish::Stopped } else { Finish::Complete },
            folder: self.folder.dir().to_owned(),
            wall_ms: millis_since(began),
        })
    }

    /// What is kept of it before it begins.
    fn written_down(&self, began: simulator::time::SimTime) -> RunManifest {
        let (version, conformance) = RunManifest::versions();
        RunManifest {
            version,
            conformance,
            stack: self.manifest.name.clone(),
            stack_dir: self.manifest.dir.clone(),
            declares: self.manifest.declares.clone(),
            seed: self.seed,
            command: std::env::args().collect(),
            repeat: self.repeat.clone(),
            snapshots: self.court.snapshots().map(Path::to_owned),
            asked: self.asked.iter().map(|path| absolute(path)).collect(),
            selection: self.selection,
            scenarios: self.plans.iter().map(|plan| Planned::of(&plan.script, plan.skipped.clone())).collect(),
            wall_began: began,
        }
    }
}

/// A path that means the same from anywhere.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
