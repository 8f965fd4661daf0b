//! `conformance relations`: scenarios played with something changed, and which metamorphic relations hold.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use simulator::clock::wall_now;

use super::output::{Progress, Talk};
use super::reports::{Form, ReportTo};
use super::run::run_folder_at;
use super::score::{reports, tell};
use super::stoppable::{jobs, until_stopped};
use super::{CliError, authors, here, output, stack};
use crate::contract::{Declares, StackClock};
use crate::observe::Facts;
use crate::relations::plan::{Plan, Ruling};
use crate::relations::report::{self, RelationsReport};
use crate::relations::{ALL, Form as RelationForm, Relation, Said};
use crate::report::quoted;
use crate::runner::outcome::Exit;
use crate::runner::schedule::{Passage, Stage, play_all};
use crate::runner::select::skip;
use crate::scenario::Script;
use crate::stack::{Manifest, find, find::DEFAULT};

/// Which relations, on which scenarios.
#[derive(Args, Debug)]
pub(super) struct RelationsArgs {
    /// Scenario files, and folders with scenarios: each is played some forty times, so choose few.
    #[arg(required_unless_present = "list")]
    paths: Vec<PathBuf>,
    /// The stack: a name in `stacks`, or a folder with a stack.yaml.
    #[arg(long, default_value = DEFAULT, value_name = "NAME or DIR")]
    stack: String,
    /// Try only the relation with this id, like M07; may be repeated.
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// List the relations and try none.
    #[arg(long)]
    list: bool,
    /// So many scenarios at a time; as many as there are cores without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Keep what was played in this folder; thrown away without it.
    #[arg(long, value_name = "DIR")]
    run_dir: Option<PathBuf>,
    /// Write a report: json=FILE, markdown=FILE; without a file it is printed. May be repeated.
    #[arg(long, value_name = "FORM[=FILE]")]
    report: Vec<ReportTo>,
    /// Print the report for programs: the same as --report json.
    #[arg(long)]
    json: bool,
    /// Say nothing unless a relation is broken.
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn relations(args: &RelationsArgs) -> Result<Exit, CliError> {
    let began = wall_now();
    let chosen = chosen(&args.only)?;
    if args.list {
        return list(&chosen);
    }
    let reports = reports(&args.report, args.json, "relations")?;
    let manifest = Manifest::read(&find(&args.stack, &here()?).map_err(CliError::wrong)?).map_err(CliError::wrong)?;
    if manifest.declares.clock == StackClock::Wall {
        return Err(CliError::wrong(format!(
            "{} follows the machine's clock; relations need the virtual one",
            manifest.name
        )));
    }
    let (mut scripts, mut skipped) = (Vec::new(), Vec::new());
    for script in authors::read(&authors::found(&args.paths)?)? {
        match skip(&script, &manifest) {
            Some(why) => skipped.push((script.id, why)),
            None => scripts.push(script),
        }
    }
    let plan = Plan::new(chosen, &scripts, &manifest.declares);
    let silent = args.quiet || !reports.iter().all(ReportTo::leaves_stdout_free);
    let name = manifest.name.clone();
    let said = play(args, manifest, plan.scripts.clone(), if silent { Talk::Quiet } else { Talk::Usual })?;
    let report = RelationsReport {
        stack: name,
        scenarios: scripts.into_iter().map(|script| script.id).collect(),
        skipped,
        outcomes: plan.outcomes(&said),
        repeat: repeat(args),
        wall: wall_now().since(began),
    };
    let exit = exit(&report);
    for to in &reports {
        to.deliver(&match to.form() {
            Form::Markdown => report::markdown(&report),
            _ => report::json(&report),
        })?;
    }
    tell(&reports, args.quiet && exit == Exit::Pass, |paint| report::table(&report, paint))?;
    Ok(exit)
}

/// The relations that were asked for, in order of id.
fn chosen(only: &[String]) -> Result<Vec<&'static Relation>, CliError> {
    if let Some(id) = only.iter().find(|id| ALL.iter().all(|relation| !relation.id.eq_ignore_ascii_case(id))) {
        let (first, last) = (ALL[0].id, ALL[ALL.len() - 1].id);
        return Err(CliError::wrong(format!(
            "there is no relation `{id}`: there are {first} to {last}; --list shows them"
        )));
    }
    let wanted = |relation: &&Relation| only.is_empty() || only.iter().any(|id| relation.id.eq_ignore_ascii_case(id));
    Ok(ALL.iter().filter(wanted).collect())
}

fn list(chosen: &[&Relation]) -> Result<Exit, CliError> {
    let mut text = String::new();
    for relation in chosen {
        text.push_str(&format!("{}  {}\n", relation.id, relation.statement));
        if let RelationForm::Inexpressible(why) = relation.form {
            text.push_str(&format!("     cannot be expressed: {why}\n"));
        }
    }
    output::print(&text)?;
    Ok(Exit::Pass)
}

/// Plays scenarios and says what was said in each, by id.
fn play(
    args: &RelationsArgs,
    manifest: Manifest,
    scripts: Vec<Script>,
    talk: Talk,
) -> Result<BTreeMap<String, Result<Said, String>>, CliError> {
    let thrown_away = tempfile::tempdir().map_err(|e| CliError::ours(format!("a folder for the runs: {e}")))?;
    let dir = args.run_dir.clone().unwrap_or_else(|| thrown_away.path().to_owned());
    let declares: Declares = manifest.declares.clone();
    let (exe, folder) = (stack::exe()?, run_folder_at(Some(&dir))?);
    let jobs = jobs(args.jobs, declares.clock);
    let mut progress = Progress::new(scripts.len(), talk);
    let hear = move |passage: &Passage| {
        let world = simulator::world::World::build(&passage.script.scenario).ok();
        Said::of(&Facts::new(&passage.script, &passage.recording, &declares, world.as_ref()))
    };
    let ended = until_stopped(async |stop| {
        let stage = Arc::new(Stage { manifest, exe, folder, stop });
        play_all(&stage, scripts, jobs, hear, |id, done| {
            progress.done(id, if done.result.is_ok() { "played" } else { "error" });
        })
        .await
    })?;
    progress.finish();
    if ended.was_stopped {
        return Err(CliError::ours("stopped before its end"));
    }
    Ok(ended.with.into_iter().map(|(id, done)| (id, done.result.map_err(|error| error.to_string()))).collect())
}

fn exit(report: &RelationsReport) -> Exit {
    if report.count(Ruling::Failed) > 0 {
        Exit::Harness
    } else if report.outcomes.iter().any(|outcome| outcome.is_breach()) {
        Exit::Fail
    } else if report.outcomes.iter().all(|outcome| outcome.decided() == 0) {
        Exit::Undecided
    } else {
        Exit::Pass
    }
}

/// The command again, without the relations that were asked for.
fn repeat(args: &RelationsArgs) -> String {
    let paths = args.paths.iter().map(|path| path.display().to_string());
    let words = ["conformance".to_owned(), "relations".to_owned()].into_iter().chain(paths);
    let words = words.chain(["--stack".to_owned(), args.stack.clone()]).map(|word| quoted(&word));
    words.collect::<Vec<_>>().join(" ")
}
