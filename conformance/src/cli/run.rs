//! `conformance run`: scenarios in, verdicts out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use simulator::clock::wall_now;
use simulator::scenario::suggest::nearest;
use simulator::seed::Seed;

use super::output::{self, Progress, Talk};
use super::reports::Reports;
use super::stoppable::{jobs, until_stopped};
use super::{CliError, authors, here, stack};
use crate::report::redact::Redactor;
use crate::runner::court::{Court, Keep, Settled};
use crate::runner::folder::{self, Planned, RunFolder, RunManifest, Selection};
use crate::runner::outcome::{self, Exit, Finish, RunOutcome};
use crate::runner::schedule::{Passage, Stage, millis_since, play_all};
use crate::runner::select::{Shard, skip};
use crate::scenario::Script;
use crate::stack::{Manifest, find, find::DEFAULT, known::Known};
use crate::verdict::Verdict;

/// What to run, and how.
#[derive(Args, Debug, Default)]
pub(super) struct RunArgs {
    /// Scenario files, and folders with scenarios.
    #[arg(default_value = "scenarios")]
    pub(super) paths: Vec<PathBuf>,
    /// The stack: a name in `stacks`, or a folder with a stack.yaml.
    #[arg(long, default_value = DEFAULT, value_name = "NAME or DIR")]
    pub(super) stack: String,
    /// Run only the scenario with this id; may be repeated.
    #[arg(long, value_name = "ID")]
    pub(super) only: Vec<String>,
    /// Run only one part of N, told by the ids.
    #[arg(long, value_name = "K/N")]
    pub(super) shard: Option<Shard>,
    /// So many scenarios at a time. Without it as many as there are cores, and four times as many under the machine's
    /// clock, where stacks wait more than they work.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: Option<u16>,
    /// Draw everything unwritten from this number, in place of the scenarios' own.
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Say what would be run, and what skipped and why; run nothing.
    #[arg(long)]
    pub(super) plan: bool,
    /// Keep the results of each scenario whose own checks pass as its snapshots.
    #[arg(long, conflicts_with_all = ["only", "shard", "seed"])]
    pub(super) accept: bool,
    /// Where accepted snapshots lie; the nearest `snapshots` here or above without it.
    #[arg(long, value_name = "DIR")]
    pub(super) snapshots: Option<PathBuf>,
    /// Where the run is written down; beside the last few without it.
    #[arg(long, value_name = "DIR")]
    pub(super) run_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(super) reports: Reports,
    /// Say nothing unless something went wrong.
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// A scenario, and why it is not run if it is not.
struct Plan {
    script: Script,
    skipped: Option<String>,
}

pub(super) fn run(args: &RunArgs) -> Result<Exit, CliError> {
    let here = here()?;
    let stack_dir = find(&args.stack, &here).map_err(CliError::wrong)?;
    let manifest = Manifest::read(&stack_dir).map_err(CliError::wrong)?;
    let known = Known::read(&stack_dir).map_err(CliError::wrong)?;
    let (plans, selection) = plans(args, &manifest)?;
    if args.plan {
        stack::try_out(&manifest)?;
        return tell_plan(&manifest, &plans);
    }
    args.reports.make_room()?;
    stack::make_ready(&manifest, talk(args))?;
    let snapshots = folder::snapshots(args.snapshots.as_deref(), &here);
    let folder = run_folder_at(args.run_dir.as_deref())?;
    let run = Run { args, plans, selection, folder, court: Court::new(&manifest, known, snapshots), manifest };
    let outcome = run.play()?;
    args.reports.tell(&outcome, talk(args))?;
    Ok(outcome.exit())
}

/// Runs every scenario of a folder, held against nothing that was accepted.
pub(super) fn run_folder(scenarios: &Path, stack: &str, manifest: Manifest) -> Result<RunOutcome, CliError> {
    let args = RunArgs { paths: vec![scenarios.to_owned()], stack: stack.to_owned(), ..RunArgs::default() };
    run_unaccepted(&args, manifest)
}

/// Runs what `args` select, held against nothing that was accepted.
pub(super) fn run_unaccepted(args: &RunArgs, manifest: Manifest) -> Result<RunOutcome, CliError> {
    let (plans, selection) = plans(args, &manifest)?;
    stack::make_ready(&manifest, talk(args))?;
    let folder = run_folder_at(args.run_dir.as_deref())?;
    let court = Court::new(&manifest, Known::default(), None);
    Run { args, plans, selection, folder, court, manifest }.play()
}

/// A folder for a run: the one that was asked for, or one of its own.
pub(super) fn run_folder_at(asked: Option<&Path>) -> Result<RunFolder, CliError> {
    let made = RunFolder::make(asked, &here()?);
    made.map_err(|error| match asked {
        Some(_) => CliError::wrong(format!("--run-dir: {error}")),
        None => error.into(),
    })
}

/// Everything that was decided before anything ran.
struct Run<'a> {
    args: &'a RunArgs,
    manifest: Manifest,
    plans: Vec<Plan>,
    selection: Selection,
    folder: RunFolder,
    court: Court,
}

impl Run<'_> {
    fn play(self) -> Result<RunOutcome, CliError> {
        let began = wall_now();
        let (version, conformance) = RunManifest::versions();
        let mut kept = RunManifest {
            version,
            conformance,
            stack: self.manifest.name.clone(),
            stack_dir: self.manifest.dir.clone(),
            declares: self.manifest.declares.clone(),
            seed: self.args.seed,
            command: std::env::args().collect(),
            repeat: repeat(self.args),
            snapshots: self.court.snapshots().map(Path::to_owned),
            asked: absolute(&self.args.paths),
            selection: self.selection,
            scenarios: self.plans.iter().map(|p| Planned::of(&p.script, p.skipped.clone())).collect(),
            wall_began: began,
        };
        self.folder.keep_manifest(&kept)?;
        self.folder.keep_known(&self.manifest.dir)?;

        let (exe, folder) = (stack::exe()?, self.folder.clone());
        let jobs = jobs(self.args.jobs, kept.declares.clock);
        let mut progress =
            Progress::new(kept.scenarios.iter().filter(|s| s.skipped.is_none()).count(), talk(self.args));
        let mut scripts: Vec<Script> =
            self.plans.iter().filter(|p| p.skipped.is_none()).map(|p| p.script.clone()).collect();
        // What never comes is waited for longest: begun first, it does not make the whole longer.
        scripts.sort_by_key(|script| !self.court.knows_of(&script.id));
        let court = Arc::new(self.court);
        let judging = Arc::clone(&court);
        let judge = move |passage: &Passage| judging.settle(passage);
        let ended = until_stopped(async |stop| {
            let stage = Arc::new(Stage { manifest: self.manifest, exe, folder, stop });
            play_all(&stage, scripts, jobs, judge, |id, done| {
                progress
                    .done(id, done.result.as_ref().map_or(Verdict::Error.counted(), |s| s.judgement.verdict.counted()));
            })
            .await
        })?;
        progress.finish();
        let (mut done, was_stopped) = (ended.with, ended.was_stopped);

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
        let keep = if self.args.accept && whole { Keep::Accept } else { Keep::unaccepted(kept.seed) };
        let (scenarios, findings) = court.conclude(settled, whole.then_some(kept.asked.as_slice()), keep)?;
        for scenario in &scenarios {
            self.folder.keep_judgement(&scenario.judgement)?;
        }
        Ok(RunOutcome {
            stack: kept.stack,
            seed: kept.seed,
            repeat: kept.repeat,
            shard: self.args.shard,
            asked: self.args.paths.clone(),
            scenarios,
            findings,
            finish: if was_stopped { Finish::Stopped } else { Finish::Complete },
            folder: self.folder.dir().to_owned(),
            wall_ms: millis_since(began),
        })
    }
}

/// The words of this command that a repetition needs, beside scenario and seed.
fn repeat(args: &RunArgs) -> Vec<String> {
    let snapshots = args.snapshots.iter().flat_map(|dir| ["--snapshots".to_owned(), dir.display().to_string()]);
    ["--stack".to_owned(), args.stack.clone()].into_iter().chain(snapshots).collect()
}

/// Reads and selects. A selection that names nothing is wrong.
fn plans(args: &RunArgs, manifest: &Manifest) -> Result<(Vec<Plan>, Selection), CliError> {
    let found = authors::found(&args.paths)?;
    for id in &args.only {
        if !found.iter().any(|found| found.id == *id) {
            let ids: Vec<&str> = found.iter().map(|found| found.id.as_str()).collect();
            return Err(CliError::wrong(no_scenario(id, &ids)));
        }
    }
    let all = found.len();
    let wanted = |id: &str| {
        let named = args.only.is_empty() || args.only.iter().any(|only| only == id);
        named && args.shard.is_none_or(|shard| shard.holds(id))
    };
    let found: Vec<_> = found.into_iter().filter(|found| wanted(&found.id)).collect();
    let selection = if found.len() == all { Selection::Whole } else { Selection::Partial };
    let mut scripts = authors::read(&found)?;
    if let Some(seed) = args.seed {
        scripts.iter_mut().for_each(|script| seed_with(script, seed));
    }
    let plans = scripts.into_iter().map(|script| Plan { skipped: skip(&script, manifest), script });
    Ok((plans.collect(), selection))
}

/// What is said of an id that no scenario has.
fn no_scenario(id: &str, ids: &[&str]) -> String {
    const FEW: usize = 12;
    match nearest(id, ids.iter().copied()) {
        Some(meant) => format!("there is no scenario `{id}`: did you mean `{meant}`?"),
        None if ids.len() <= FEW => format!("there is no scenario `{id}`; there are {}", ids.join(", ")),
        None => format!("there is no scenario `{id}` among {}; `conformance list` shows them", ids.len()),
    }
}

/// Draws everything unwritten from another number.
pub(super) fn seed_with(script: &mut Script, seed: u64) {
    let mut scenario = simulator::scenario::Scenario::clone(&script.scenario);
    scenario.seed = Seed(seed);
    script.scenario = Arc::new(scenario);
}

/// Paths that mean the same from anywhere.
fn absolute(paths: &[PathBuf]) -> Vec<PathBuf> {
    paths.iter().map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone())).collect()
}

fn tell_plan(manifest: &Manifest, plans: &[Plan]) -> Result<Exit, CliError> {
    let mut text = String::new();
    for Plan { script, skipped } in plans {
        let runs = match script.has_faults() {
            true => "run, and its control run",
            false => "run",
        };
        let what = skipped.as_ref().map_or_else(|| runs.to_owned(), |why| format!("skip: {why}"));
        text.push_str(&format!("{}  {what}\n", script.id));
    }
    let skipped = plans.iter().filter(|plan| plan.skipped.is_some()).count();
    text.push_str(&format!("{} to run against {}, {skipped} to skip\n", plans.len() - skipped, manifest.name));
    output::print(&text)?;
    Ok(if skipped < plans.len() { Exit::Pass } else { Exit::Undecided })
}

fn talk(args: &RunArgs) -> Talk {
    if args.quiet { Talk::Quiet } else { Talk::Usual }
}

#[cfg(test)]
mod tests {
    use super::no_scenario;

    #[test]
    fn an_id_that_no_scenario_has_is_answered_with_the_nearest_or_with_a_few() {
        let many: Vec<String> = (0..20).map(|n| format!("area/{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(no_scenario("travel/pariss", &["travel/paris", "x"]).ends_with("did you mean `travel/paris`?"));
        assert!(no_scenario("mine", &["a", "b"]).ends_with("there are a, b"));
        assert!(no_scenario("something-else", &many).ends_with("among 20; `conformance list` shows them"));
    }
}
