//! `conformance score`: how good a stack is, from scenarios that are run now or from runs that were kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use simulator::clock::wall_now;
use simulator::world::World;

use super::judge::passage;
use super::output::{self, Talk};
use super::reports::{Form, ReportTo};
use super::run::{Asked, run_unaccepted};
use super::{CliError, here};
use crate::contract::Declares;
use crate::named::{self, Misnamed};
use crate::observe::Facts;
use crate::report::Paint;
use crate::runner::folder::{RunFolder, RunManifest};
use crate::runner::outcome::{Exit, Finish};
use crate::score::report::{self, ScoreReport};
use crate::score::vector::Stability;
use crate::score::{Part, Threshold, add_up, part, thresholds};
use crate::stack::{Manifest, find, find::DEFAULT};

/// What to score, and what is asked of it.
#[derive(Args, Debug)]
pub(super) struct ScoreArgs {
    /// Scenario files, folders with scenarios, or folders of earlier runs; of these several are added up.
    #[arg(default_value = "scenarios")]
    paths: Vec<PathBuf>,
    /// The stack: a name in `stacks`, or a folder with a stack.yaml. Not for earlier runs, which know theirs.
    #[arg(long, value_name = "NAME or DIR")]
    stack: Option<String>,
    /// Score only the scenario with this id; may be repeated.
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// So many scenarios at a time; as many as there are cores without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Draw everything unwritten from this number, in place of the scenarios' own.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Where the run is written down; beside the last few without it.
    #[arg(long, value_name = "DIR")]
    run_dir: Option<PathBuf>,
    /// A bound that has to hold, like `recall.D04 >= 1.0` or `time_to_detect.p95 <= 65m`; may be repeated.
    #[arg(long, value_name = "BOUND")]
    require: Vec<String>,
    /// A file of such bounds, one a line; `#` begins a comment.
    #[arg(long, value_name = "FILE")]
    thresholds: Option<PathBuf>,
    /// The JSON report of `conformance relations`, for the measure of stability.
    #[arg(long, value_name = "FILE")]
    relations: Option<PathBuf>,
    /// Write a report: json=FILE, markdown=FILE; without a file it is printed. May be repeated.
    #[arg(long, value_name = "FORM[=FILE]")]
    report: Vec<ReportTo>,
    /// Print the report for programs: the same as --report json.
    #[arg(long)]
    json: bool,
    /// Say nothing unless a threshold is missed.
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn score(args: &ScoreArgs) -> Result<Exit, CliError> {
    let began = wall_now();
    let reports = reports(&args.report, args.json, "score")?;
    let stability = args.relations.as_deref().map(stability).transpose()?;
    let mut gathered = match earlier_runs(&args.paths)? {
        true => kept(args)?,
        false => run_now(args, &reports)?,
    };
    let thresholds = asked(args, &gathered.declares)?;
    gathered.parts.sort_by(|a, b| (&a.scenario, a.seed).cmp(&(&b.scenario, b.seed)));
    let vector = add_up(&gathered.parts, stability);
    let broken = gathered.parts.iter().filter_map(|part| Some((part.scenario.clone(), part.broken.clone()?))).collect();
    let report = ScoreReport {
        stack: gathered.stack,
        thresholds: thresholds::hold(&vector, &thresholds),
        vector,
        skipped: gathered.skipped,
        broken,
        wall: wall_now().since(began),
    };
    let exit = exit(&report, gathered.failed);
    for to in &reports {
        to.deliver(&match to.form() {
            Form::Markdown => report::markdown(&report),
            _ => report::json(&report),
        })?;
    }
    tell(&reports, args.quiet && exit == Exit::Pass, |paint| report::table(&report, paint))?;
    Ok(exit)
}

/// What scoring needs of what was run.
struct Gathered {
    stack: String,
    declares: Declares,
    parts: Vec<Part>,
    skipped: BTreeMap<String, String>,
    /// Whether the harness failed or was stopped.
    failed: bool,
}

fn exit(report: &ScoreReport, failed: bool) -> Exit {
    if failed {
        return Exit::Harness;
    }
    match (report.vector.scenarios, report.missed().next()) {
        (0, _) => Exit::Undecided,
        (_, Some(_)) => Exit::Fail,
        (_, None) => Exit::Pass,
    }
}

/// The reports that were asked for. This command has no test cases, and so none of the forms that show them.
pub(super) fn reports(asked: &[ReportTo], json: bool, command: &str) -> Result<Vec<ReportTo>, CliError> {
    if let Some(to) = asked.iter().find(|to| !matches!(to.form(), Form::Json | Form::Markdown)) {
        return Err(CliError::wrong(format!(
            "`{}` is no form of {command}: there are json, markdown",
            to.form().name()
        )));
    }
    Ok(asked.iter().cloned().chain(json.then(ReportTo::json)).collect())
}

/// The summary for people: on standard output unless a report goes there.
pub(super) fn tell(reports: &[ReportTo], silent: bool, table: impl Fn(Paint) -> String) -> Result<(), CliError> {
    if silent {
        return Ok(());
    }
    if reports.iter().all(ReportTo::leaves_stdout_free) {
        return output::print(&table(Paint::for_stdout()));
    }
    output::say(&table(Paint::Plain));
    Ok(())
}

/// Whether the paths are folders of earlier runs; not some of them.
fn earlier_runs(paths: &[PathBuf]) -> Result<bool, CliError> {
    let here = here()?;
    // Said before a stack is looked for: earlier runs need none.
    if let Some(path) = paths.iter().find(|path| !here.join(path).exists()) {
        let expected = "a scenario (.yaml), a folder of them, or the folder of an earlier run";
        return Err(CliError::wrong(Misnamed::new(path, "is not there", expected)));
    }
    let kept = |path: &&PathBuf| RunFolder::is_one(&here.join(path));
    match paths.iter().filter(kept).count() {
        0 => Ok(false),
        n if n == paths.len() => Ok(true),
        _ => Err(CliError::wrong("some of the paths are folders of earlier runs and some are not: score them apart")),
    }
}

fn run_now(args: &ScoreArgs, reports: &[ReportTo]) -> Result<Gathered, CliError> {
    let stack = args.stack.as_deref().unwrap_or(DEFAULT);
    let manifest = Manifest::read(&find(stack, &here()?).map_err(CliError::wrong)?).map_err(CliError::wrong)?;
    // A wrong bound is told before anything runs.
    asked(args, &manifest.declares)?;
    let quiet = args.quiet || !reports.iter().all(ReportTo::leaves_stdout_free);
    let run = Asked {
        paths: &args.paths,
        stack,
        only: &args.only,
        shard: None,
        jobs: args.jobs,
        seed: args.seed,
        run_dir: args.run_dir.as_deref(),
        talk: if quiet { Talk::Quiet } else { Talk::Usual },
    };
    let outcome = run_unaccepted(&run, manifest)?;
    let (folder, manifest) = RunFolder::open(&outcome.folder)?;
    let mut gathered = gather(&folder, manifest, &[])?;
    gathered.failed |= outcome.finish == Finish::Stopped;
    Ok(gathered)
}

fn kept(args: &ScoreArgs) -> Result<Gathered, CliError> {
    let set = [("--stack", args.stack.is_some()), ("--seed", args.seed.is_some()), ("--jobs", args.jobs.is_some())];
    if let Some((flag, _)) = set.into_iter().chain([("--run-dir", args.run_dir.is_some())]).find(|(_, set)| *set) {
        return Err(CliError::wrong(format!("{flag} is for scenarios that are run now; these are earlier runs")));
    }
    let mut all: Option<Gathered> = None;
    for path in &args.paths {
        let (folder, manifest) = RunFolder::open(&here()?.join(path)).map_err(CliError::wrong)?;
        let one = gather(&folder, manifest, &args.only)?;
        match &mut all {
            None => all = Some(one),
            Some(all) if all.stack != one.stack => {
                return Err(CliError::wrong(format!("the runs are of two stacks, {} and {}", all.stack, one.stack)));
            }
            Some(all) => {
                all.parts.extend(one.parts);
                all.skipped.extend(one.skipped);
                all.failed |= one.failed;
            }
        }
    }
    let all = all.ok_or_else(|| CliError::wrong("no run to score"))?;
    if let Some(id) = args.only.iter().find(|id| all.parts.iter().all(|part| part.scenario != **id)) {
        return Err(CliError::wrong(format!("there is no scenario `{id}` in these runs")));
    }
    Ok(all)
}

/// Scores every recording of a run.
fn gather(folder: &RunFolder, run: RunManifest, only: &[String]) -> Result<Gathered, CliError> {
    let wanted = |id: &str| only.is_empty() || only.iter().any(|only| only == id);
    let (mut parts, mut skipped, mut failed) = (Vec::new(), BTreeMap::new(), false);
    for planned in run.scenarios.iter().filter(|planned| wanted(&planned.id)) {
        if let Some(why) = &planned.skipped {
            skipped.insert(planned.id.clone(), why.clone());
            continue;
        }
        let Some(recording) = folder.recording(&planned.id, false)? else {
            skipped.insert(planned.id.clone(), "it was not played to its end: see `conformance judge`".to_owned());
            failed = true;
            continue;
        };
        let passage = passage(planned, recording, folder, run.declares.clock)?;
        let world = World::build(&passage.script.scenario).ok();
        parts.push(part(&Facts::new(&passage.script, &passage.recording, &run.declares, world.as_ref())));
    }
    Ok(Gathered { stack: run.stack, declares: run.declares, parts, skipped, failed })
}

/// The thresholds of the file and of the flags.
fn asked(args: &ScoreArgs, declares: &Declares) -> Result<Vec<Threshold>, CliError> {
    let mut asked = Vec::new();
    if let Some(file) = &args.thresholds {
        let name = file.display().to_string();
        let text = named::text(file, "a file of thresholds, one a line").map_err(CliError::wrong)?;
        asked.extend(thresholds::read_file(&name, &text, declares).map_err(CliError::wrong)?);
    }
    for bound in &args.require {
        asked.push(thresholds::read(bound, declares).map_err(|why| CliError::wrong(format!("--require: {why}")))?);
    }
    Ok(asked)
}

/// How many relations hold, of those that were tried, by a report of `conformance relations`.
fn stability(file: &Path) -> Result<Stability, CliError> {
    const EXPECTED: &str = "a report of `conformance relations --report json=FILE`";
    let report: Value = named::json(file, EXPECTED).map_err(CliError::wrong)?;
    let relations = report["relations"].as_array();
    let relations =
        relations.ok_or_else(|| CliError::wrong(Misnamed::new(file, "is JSON of another kind", EXPECTED)))?;
    let verdicts: Vec<bool> = relations.iter().filter_map(|relation| relation["holds"].as_bool()).collect();
    Ok(Stability { hold: verdicts.iter().filter(|holds| **holds).count(), tried: verdicts.len() })
}
