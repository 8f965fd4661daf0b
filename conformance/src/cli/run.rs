//! `conformance run`: scenarios in, verdicts out.

use std::path::{Path, PathBuf};

use clap::Args;
use simulator::scenario::suggest::nearest;

use super::output::{self, Progress, Talk};
use super::reports::Reports;
use super::stoppable::{jobs, until_stopped};
use super::{CliError, authors, here, stack};
use crate::runner::court::{Court, Keep};
use crate::runner::folder::{self, RunFolder, Selection};
use crate::runner::outcome::{Exit, RunOutcome};
use crate::runner::run::{Plan, Run};
use crate::runner::select::{Shard, skip};
use crate::stack::{Manifest, find, find::DEFAULT, known::Known};

/// What to run, and how.
#[derive(Args, Debug)]
pub(super) struct RunArgs {
    /// Scenario files, and folders with scenarios.
    #[arg(default_value = "scenarios")]
    paths: Vec<PathBuf>,
    /// The stack: a name in `stacks`, or a folder with a stack.yaml.
    #[arg(long, default_value = DEFAULT, value_name = "NAME or DIR")]
    stack: String,
    /// Run only the scenario with this id; may be repeated.
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// Run only one part of N, told by the ids.
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// So many scenarios at a time. Without it as many as there are cores, and four times as many under the machine's
    /// clock, where stacks wait more than they work.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Draw everything unwritten from this number, in place of the scenarios' own.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Say what would be run, and what skipped and why; run nothing.
    #[arg(long)]
    plan: bool,
    /// Keep the results of each scenario whose own checks pass as its snapshots.
    #[arg(long, conflicts_with_all = ["only", "shard", "seed"])]
    accept: bool,
    /// Where accepted snapshots lie; the nearest `snapshots` here or above without it.
    #[arg(long, value_name = "DIR")]
    snapshots: Option<PathBuf>,
    /// Where the run is written down; beside the last few without it.
    #[arg(long, value_name = "DIR")]
    run_dir: Option<PathBuf>,
    #[command(flatten)]
    reports: Reports,
    /// Say nothing unless something went wrong.
    #[arg(long, short)]
    quiet: bool,
}

/// Which scenarios are played against a stack, and how: what every command says that runs some.
pub(super) struct Asked<'a> {
    /// Files, and folders with scenarios.
    pub(super) paths: &'a [PathBuf],
    /// The stack as it was named.
    pub(super) stack: &'a str,
    /// Ids of those that are wanted; all without any.
    pub(super) only: &'a [String],
    pub(super) shard: Option<Shard>,
    pub(super) jobs: Option<u16>,
    pub(super) seed: Option<u64>,
    /// Where the run is written down; beside the last few without it.
    pub(super) run_dir: Option<&'a Path>,
    pub(super) talk: Talk,
}

/// What the results of a run are held against.
struct HeldAgainst<'a> {
    known: Known,
    /// Where accepted snapshots lie, if any are looked at.
    snapshots: Option<PathBuf>,
    /// That place, as it was named.
    named: Option<&'a Path>,
    keep: Keep,
}

pub(super) fn run(args: &RunArgs) -> Result<Exit, CliError> {
    let here = here()?;
    let stack_dir = find(&args.stack, &here).map_err(CliError::wrong)?;
    let manifest = Manifest::read(&stack_dir).map_err(CliError::wrong)?;
    let known = Known::read(&stack_dir).map_err(CliError::wrong)?;
    let asked = Asked {
        paths: &args.paths,
        stack: &args.stack,
        only: &args.only,
        shard: args.shard,
        jobs: args.jobs,
        seed: args.seed,
        run_dir: args.run_dir.as_deref(),
        talk: if args.quiet { Talk::Quiet } else { Talk::Usual },
    };
    let (plans, selection) = plans(&asked, &manifest)?;
    if args.plan {
        stack::try_out(&manifest)?;
        return tell_plan(&manifest, &plans);
    }
    args.reports.make_room()?;
    let named = args.snapshots.as_deref();
    let keep = if args.accept { Keep::Accept } else { Keep::unaccepted(args.seed) };
    let held_against = HeldAgainst { known, snapshots: folder::snapshots(named, &here), named, keep };
    let outcome = play(&asked, manifest, plans, selection, held_against)?;
    args.reports.tell(&outcome, asked.talk)?;
    Ok(outcome.exit())
}

/// Runs what is asked for, held against nothing that is known or was accepted.
pub(super) fn run_unaccepted(asked: &Asked<'_>, manifest: Manifest) -> Result<RunOutcome, CliError> {
    let (plans, selection) = plans(asked, &manifest)?;
    let keep = Keep::unaccepted(asked.seed);
    let held_against = HeldAgainst { known: Known::default(), snapshots: None, named: None, keep };
    play(asked, manifest, plans, selection, held_against)
}

/// A folder for a run: the one that was asked for, or one of its own.
pub(super) fn run_folder_at(asked: Option<&Path>) -> Result<RunFolder, CliError> {
    let made = RunFolder::make(asked, &here()?);
    made.map_err(|error| match asked {
        Some(_) => CliError::wrong(format!("--run-dir: {error}")),
        None => error.into(),
    })
}

fn play(
    asked: &Asked<'_>,
    manifest: Manifest,
    plans: Vec<Plan>,
    selection: Selection,
    held_against: HeldAgainst<'_>,
) -> Result<RunOutcome, CliError> {
    stack::make_ready(&manifest, asked.talk)?;
    let HeldAgainst { known, snapshots, named, keep } = held_against;
    let run = Run {
        exe: stack::exe()?,
        plans,
        selection,
        asked: asked.paths.to_vec(),
        shard: asked.shard,
        seed: asked.seed,
        repeat: repeat(asked.stack, named),
        jobs: jobs(asked.jobs, manifest.declares.clock),
        folder: run_folder_at(asked.run_dir)?,
        court: Court::new(&manifest, known, snapshots),
        keep,
        manifest,
    };
    let mut progress = Progress::new(run.to_be_played(), asked.talk);
    let ended = until_stopped(async |stop| run.play(stop, |id, word| progress.done(id, word)).await)?;
    progress.finish();
    Ok(ended.with?)
}

/// The words of this command that a repetition needs, beside scenario and seed.
fn repeat(stack: &str, snapshots: Option<&Path>) -> Vec<String> {
    let snapshots = snapshots.into_iter().flat_map(|dir| ["--snapshots".to_owned(), dir.display().to_string()]);
    ["--stack".to_owned(), stack.to_owned()].into_iter().chain(snapshots).collect()
}

/// Reads and selects. A selection that names nothing is wrong.
fn plans(asked: &Asked<'_>, manifest: &Manifest) -> Result<(Vec<Plan>, Selection), CliError> {
    let found = authors::found(asked.paths)?;
    for id in asked.only {
        if !found.iter().any(|found| found.id == *id) {
            let ids: Vec<&str> = found.iter().map(|found| found.id.as_str()).collect();
            return Err(CliError::wrong(no_scenario(id, &ids)));
        }
    }
    let all = found.len();
    let wanted = |id: &str| {
        let named = asked.only.is_empty() || asked.only.iter().any(|only| only == id);
        named && asked.shard.is_none_or(|shard| shard.holds(id))
    };
    let found: Vec<_> = found.into_iter().filter(|found| wanted(&found.id)).collect();
    let selection = if found.len() == all { Selection::Whole } else { Selection::Partial };
    let mut scripts = authors::read(&found)?;
    if let Some(seed) = asked.seed {
        scripts.iter_mut().for_each(|script| script.draw_from(seed));
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
