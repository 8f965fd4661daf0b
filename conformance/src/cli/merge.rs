//! `conformance merge`: the reports of a run's parts, joined.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::Talk;
use super::reports::Reports;
use super::{CliError, here, output};
use crate::named::{self, Misnamed};
use crate::report::merge;
use crate::runner::outcome::Exit;

/// Which reports, and what is made of them.
#[derive(Args, Debug)]
pub(super) struct MergeArgs {
    /// Reports of `run --report json=FILE`, and folders with such files, however deep.
    #[arg(required = true)]
    reports: Vec<PathBuf>,
    #[command(flatten)]
    wanted: Reports,
    /// Say nothing unless something went wrong.
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn merge(args: &MergeArgs) -> Result<Exit, CliError> {
    let here = here()?;
    let mut files = Vec::new();
    for path in &args.reports {
        found(&here.join(path), &mut files).map_err(|e| CliError::wrong(Misnamed::met(path, &e, named::REPORT)))?;
    }
    if files.is_empty() {
        let error = Misnamed::new(&args.reports[0], "is a folder without a .json file", named::REPORT);
        return Err(CliError::wrong(error));
    }
    files.sort();
    files.dedup();
    let read = |file: PathBuf| {
        let name = file.display().to_string();
        Ok((name, named::text(&file, named::REPORT).map_err(CliError::wrong)?))
    };
    let parts = files.into_iter().map(read).collect::<Result<Vec<_>, CliError>>()?;
    let merged = merge::merge(&parts).map_err(CliError::wrong)?;
    let exit = merged.exit();
    args.wanted.tell_merged(&merged.run, exit, if args.quiet { Talk::Quiet } else { Talk::Usual })?;
    if !merged.missing.is_empty() {
        output::say(&format!("not all was run: shard {} is missing\n", merged.missing.join(", ")));
    }
    Ok(exit)
}

/// The file, or every JSON file below the folder.
fn found(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        // What is not there is said when it is read.
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        let entry = entry?.path();
        if entry.is_dir() || entry.extension().is_some_and(|extension| extension == "json") {
            found(&entry, files)?;
        }
    }
    Ok(())
}
