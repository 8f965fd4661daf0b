//! `conformance compare`: stacks side by side.

use std::path::{Path, PathBuf};

use clap::Args;

use super::reports::{Form, ReportTo};
use super::{CliError, here, output};
use crate::compare::{Kept, markdown};
use crate::named::{self, Misnamed};
use crate::report::html::stacks;
use crate::runner::outcome::Exit;
use crate::stack::{find, known::Known};

/// Which reports.
#[derive(Args, Debug)]
pub(super) struct CompareArgs {
    /// Reports of a run each, as `run --report json=FILE` writes them, or as `--keep` does.
    #[arg(required = true, value_name = "REPORT")]
    reports: Vec<PathBuf>,
    /// Write what the table is made of into this folder, as STACK.json: small enough to be committed.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Write a report: html=FILE, a page of scenarios by stacks, or markdown=FILE; without a file it is printed in place of the
    /// table. May be repeated.
    #[arg(long, value_name = "FORM[=FILE]")]
    report: Vec<ReportTo>,
}

/// Prints the table.
pub(super) fn compare(args: &CompareArgs) -> Result<Exit, CliError> {
    if let Some(to) = args.report.iter().find(|to| !matches!(to.form(), Form::Html | Form::Markdown)) {
        return Err(CliError::wrong(format!("`{}` is no form of compare: there are html, markdown", to.form().name())));
    }
    let read = args.reports.iter().map(|path| Kept::read(path));
    let stacks = read.collect::<Result<Vec<Kept>, _>>().map_err(CliError::wrong)?;
    let here = here()?;
    let stacks: Vec<Kept> = stacks.into_iter().map(|kept| beside_known(kept, &here)).collect::<Result<_, _>>()?;
    if let Some(folder) = &args.keep {
        for kept in &stacks {
            let path = folder.join(format!("{}.json", kept.stack));
            let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, kept.text()));
            written.map_err(|e| CliError::wrong(Misnamed::met(folder, &e, "a folder for the table's data")))?;
        }
    }
    for to in &args.report {
        to.deliver(&match to.form() {
            Form::Html => page(&args.reports)?,
            _ => markdown(&stacks),
        })?;
    }
    if args.report.iter().all(ReportTo::leaves_stdout_free) {
        output::print(&markdown(&stacks))?;
    }
    Ok(Exit::Pass)
}

/// A stack that is here too is put beside what is known of it.
fn beside_known(kept: Kept, here: &Path) -> Result<Kept, CliError> {
    let Ok(folder) = find(&kept.stack, here) else { return Ok(kept) };
    Ok(kept.beside(&Known::read(&folder).map_err(CliError::wrong)?))
}

/// The page of scenarios by stacks: it shows more of a report than the table keeps.
fn page(reports: &[PathBuf]) -> Result<String, CliError> {
    Ok(stacks::render(
        &reports
            .iter()
            .map(|path| named::json(path, named::REPORT))
            .collect::<Result<Vec<_>, _>>()
            .map_err(CliError::wrong)?,
    ))
}
