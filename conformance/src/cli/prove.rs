//! `conformance prove`: whether the suite catches what it is there to catch, and blames nobody else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use reference_stack::{PlantedBug, planted_bugs};
use simulator::clock::wall_now;

use super::output::{self, Progress, Talk};
use super::stoppable::{jobs, until_stopped};
use super::{CliError, authors, here, stack};
use crate::contract::StackClock;
use crate::printable;
use crate::prove::costume::dress;
use crate::prove::trial::{Bench, Trial, Tried, restarted, try_all};
use crate::prove::variants::{self, Change, Restarts, Scenarios, Variant};
use crate::prove::{Proof, ProvedBug, ProvedVariant, tell};
use crate::report::Paint;
use crate::runner::outcome::Exit;
use crate::runner::schedule::millis_since;
use crate::scenario::Script;
use crate::stack::{find, find::DEFAULT, nearest};

/// Which bugs, and how the proof is told.
#[derive(Args, Debug)]
pub(super) struct ProveArgs {
    /// Try only the bug or variant with this id; may be repeated.
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// So many trials at a time; as many as there are cores without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Print the proof as JSON.
    #[arg(long)]
    json: bool,
    /// Print the proof as a page in Markdown.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Where recordings are kept, a folder a trial; thrown away without it.
    #[arg(long, value_name = "DIR")]
    run_dir: Option<PathBuf>,
}

/// What is to be tried.
struct Choice {
    bugs: Vec<PlantedBug>,
    variants: Vec<&'static Variant>,
}

pub(super) fn prove(args: &ProveArgs) -> Result<Exit, CliError> {
    let choice = Choice::of(args)?;
    let scenarios = nearest(&here()?, "scenarios")
        .ok_or_else(|| CliError::wrong("there is no folder `scenarios` here or above"))?;
    let costumes = tempfile::tempdir().map_err(|e| CliError::ours(format!("a folder for the trials: {e}")))?;
    let trials = trials(&choice, &scenarios, costumes.path())?;
    let kept = args.run_dir.as_ref().map(|dir| here().map(|here| here.join(dir))).transpose()?;
    let dir = kept.unwrap_or_else(|| costumes.path().join("runs"));
    let proof = play(args, choice, trials, dir)?;
    match (args.json, args.markdown) {
        (true, _) => output::print_raw(&printable::json(&tell::json(&proof))),
        (_, true) => output::print(&tell::markdown(&proof)),
        _ => output::print(&tell::table(&proof, Paint::for_stdout())),
    }?;
    if proof.errors().next().is_some() {
        return Ok(Exit::Harness);
    }
    Ok(if proof.holds() { Exit::Pass } else { Exit::Fail })
}

impl Choice {
    /// All there is, or what was asked for.
    fn of(args: &ProveArgs) -> Result<Self, CliError> {
        let mut bugs = planted_bugs();
        if bugs.is_empty() {
            return Err(CliError::wrong(
                "this build holds no planted bugs; one that does: cargo run --release --features \
                 conformance/planted-bugs --bin conformance -- prove",
            ));
        }
        let mut variants: Vec<&Variant> = variants::ALL.iter().collect();
        let ids: BTreeSet<&str> = bugs.iter().map(|bug| bug.id).chain(variants.iter().map(|v| v.id)).collect();
        for asked in &args.only {
            if !ids.contains(asked.as_str()) {
                let nearest = simulator::scenario::suggest::nearest(asked, ids.iter().copied());
                let meant = nearest.map(|id| format!(": did you mean `{id}`?")).unwrap_or_default();
                return Err(CliError::wrong(format!("there is no bug and no variant `{asked}`{meant}")));
            }
        }
        if !args.only.is_empty() {
            bugs.retain(|bug| args.only.iter().any(|id| id == bug.id));
            variants.retain(|variant| args.only.iter().any(|id| id == variant.id));
        }
        Ok(Self { bugs, variants })
    }

    /// The scenarios in which a variant is tried.
    fn scenarios_of(&self, variant: &Variant) -> Vec<String> {
        match variant.scenarios {
            Scenarios::Some(ids) => ids.iter().map(|id| (*id).to_owned()).collect(),
            Scenarios::OfAllBugs => {
                let bugs = if self.bugs.is_empty() { planted_bugs() } else { self.bugs.clone() };
                let ids: BTreeSet<&str> = bugs.iter().flat_map(|bug| bug.scenarios.iter().copied()).collect();
                ids.into_iter().map(str::to_owned).collect()
            }
        }
    }
}

/// Every trial: the bugs first, and of a variant one for each scenario, so that they go side by side.
fn trials(choice: &Choice, scenarios: &Path, costumes: &Path) -> Result<Vec<Trial>, CliError> {
    let reference = find(DEFAULT, &here()?).map_err(CliError::wrong)?;
    let dressed = |id: &str, changes: &[Change]| dress(&reference, &costumes.join(id), changes).map_err(CliError::ours);
    let script = |id: &str| -> Result<Script, CliError> {
        let path = scenarios.join(format!("{id}.yaml"));
        let found = authors::found(&[path])?;
        authors::read(&found)?.pop().ok_or_else(|| CliError::wrong(format!("there is no scenario `{id}`")))
    };
    let mut trials = Vec::new();
    for (number, bug) in choice.bugs.iter().enumerate() {
        trials.push(Trial {
            number,
            id: bug.id.to_owned(),
            manifest: dressed(bug.id, &[Change::Bug(bug.id)])?,
            scripts: bug.scenarios.iter().map(|id| script(id)).collect::<Result<_, _>>()?,
            enough: bug.checks,
        });
    }
    for (place, variant) in choice.variants.iter().enumerate() {
        let manifest = dressed(variant.id, variant.changes)?;
        for id in choice.scenarios_of(variant) {
            let script = script(&id)?;
            let script = match variant.restarts {
                Restarts::AsWritten => script,
                Restarts::AfterEachPoll => restarted(script, manifest.declares.poll_every)
                    .map_err(|e| CliError::wrong(format!("{id}: {e}")))?,
            };
            let number = choice.bugs.len() + place;
            trials.push(Trial {
                number,
                id: variant.id.to_owned(),
                manifest: manifest.clone(),
                scripts: vec![script],
                enough: &[],
            });
        }
    }
    Ok(trials)
}

fn play(args: &ProveArgs, choice: Choice, trials: Vec<Trial>, dir: PathBuf) -> Result<Proof, CliError> {
    let began = wall_now();
    let exe = stack::exe()?;
    let mut progress = Progress::new(trials.len(), Talk::Usual);
    let ended = until_stopped(async |stop| {
        let bench = Arc::new(Bench { exe, dir, stop, jobs: jobs(args.jobs, StackClock::Virtual) });
        try_all(&bench, trials, |id, tried| progress.done(id, if tried.hits.is_empty() { "silent" } else { "failed" }))
            .await
    })?;
    progress.finish();
    if ended.was_stopped {
        return Err(CliError::ours("stopped before its end"));
    }
    let mut tried: Vec<Tried> = vec![Tried::default(); choice.bugs.len() + choice.variants.len()];
    for (number, found) in ended.with {
        tried[number].add(found);
    }
    let of_variants = tried.split_off(choice.bugs.len());
    Ok(Proof {
        bugs: choice.bugs.into_iter().zip(tried).map(|(bug, tried)| ProvedBug { bug, tried }).collect(),
        variants: choice
            .variants
            .into_iter()
            .zip(of_variants)
            .map(|(variant, tried)| ProvedVariant { variant, tried })
            .collect(),
        wall_ms: millis_since(began),
    })
}
