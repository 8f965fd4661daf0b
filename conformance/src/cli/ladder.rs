//! `conformance ladder`: how far up the four rungs a stack gets, for each log that it claims.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{self, Talk};
use super::reports::Reports;
use super::run::{Asked, run_unaccepted};
use super::{CliError, here};
use crate::ladder::{Case, cases, table};
use crate::named::Misnamed;
use crate::report::Paint;
use crate::runner::outcome::Exit;
use crate::stack::{Manifest, find, find::DEFAULT};

/// Which stack, and where the cases are kept.
#[derive(Args, Debug)]
pub(super) struct LadderArgs {
    /// The stack: a name in `stacks`, or a folder with a stack.yaml.
    #[arg(long, default_value = DEFAULT, value_name = "NAME or DIR")]
    stack: String,
    /// Write the cases to this folder, as scenarios to be run one by one, and run nothing.
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    #[command(flatten)]
    reports: Reports,
}

pub(super) fn ladder(args: &LadderArgs) -> Result<Exit, CliError> {
    let cases = cases();
    if let Some(folder) = &args.write {
        let folder = here()?.join(folder);
        write(&cases.iter().collect::<Vec<_>>(), &folder)?;
        output::print(&format!("{} cases in {}\n", cases.len(), folder.join("ladder").display()))?;
        return Ok(Exit::Pass);
    }
    let manifest = Manifest::read(&find(&args.stack, &here()?).map_err(CliError::wrong)?).map_err(CliError::wrong)?;
    let claimed: Vec<&Case> = cases.iter().filter(|case| manifest.claims(&case.log_name())).collect();
    if claimed.is_empty() {
        return Err(CliError::wrong(format!("{} claims none of the logs that there are", manifest.name)));
    }
    let folder = tempfile::tempdir().map_err(|e| CliError::ours(format!("a folder for the cases: {e}")))?;
    write(&claimed, folder.path())?;
    let asked = Asked {
        paths: &[folder.path().to_owned()],
        stack: &args.stack,
        only: &[],
        shard: None,
        jobs: None,
        seed: None,
        run_dir: None,
        talk: Talk::Usual,
    };
    let outcome = run_unaccepted(&asked, manifest)?;
    let judged: BTreeMap<_, _> =
        outcome.scenarios.iter().map(|s| (s.judgement.id.clone(), s.judgement.clone())).collect();
    args.reports.tell(&outcome, Talk::Quiet)?;
    if args.reports.leave_stdout_free() {
        output::print(&table(&cases, &judged, Paint::for_stdout()))?;
    }
    let exit = outcome.exit();
    if exit != Exit::Pass {
        // The commands that repeat what did not pass name its files.
        let _kept = folder.keep();
    }
    Ok(exit)
}

fn write(cases: &[&Case], folder: &Path) -> Result<(), CliError> {
    for case in cases {
        let path = folder.join(case.id() + ".yaml");
        let parent = path.parent().expect("a case lies in a folder");
        let written = std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, &case.text));
        written.map_err(|e| CliError::wrong(Misnamed::met(folder, &e, "a folder for the cases")))?;
    }
    Ok(())
}
