//! `conformance compare`: stacks side by side.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{CliError, output};
use crate::compare::{Kept, markdown};
use crate::runner::outcome::Exit;

/// Which reports.
#[derive(Args, Debug)]
pub(super) struct CompareArgs {
    /// Reports of a run each, as `run --report json=FILE` writes them, or as `--keep` does.
    #[arg(required = true, value_name = "REPORT")]
    reports: Vec<PathBuf>,
    /// Write what the table is made of into this folder, as STACK.json: small enough to be committed.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// Prints the table.
pub(super) fn compare(args: &CompareArgs) -> Result<Exit, CliError> {
    let stacks = args.reports.iter().map(|path| read(path)).collect::<Result<Vec<Kept>, _>>()?;
    if let Some(folder) = &args.keep {
        for kept in &stacks {
            let path = folder.join(format!("{}.json", kept.stack));
            let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, kept.text()));
            written.map_err(|e| CliError::ours(format!("{}: {e}", path.display())))?;
        }
    }
    output::print(&markdown(&stacks))?;
    Ok(Exit::Pass)
}

fn read(path: &Path) -> Result<Kept, CliError> {
    let text = std::fs::read_to_string(path).map_err(|e| CliError::wrong(format!("{}: {e}", path.display())))?;
    Kept::read(&text).map_err(|e| CliError::wrong(format!("{}: no report of a run: {e}", path.display())))
}
