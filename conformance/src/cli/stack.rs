//! `conformance stack …`: the stack that lives inside, and looking at one's own.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{CliError, here, output};
use crate::runner::outcome::Exit;
use crate::runner::trial;
use crate::stack::{Manifest, find, find::DEFAULT, known::Known};

#[derive(Debug, Subcommand)]
pub(super) enum StackCommand {
    /// Run the reference stack in this process, as its manifest does.
    #[cfg(feature = "reference")]
    Reference {
        /// Its own flags.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<std::ffi::OsString>,
    },
    /// Read a stack's manifest, render its templates and look for its command, without starting it.
    Check(CheckArgs),
}

/// Which stack.
#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    /// Folder with a stack.yaml, or the name of one in `stacks`.
    #[arg(default_value = DEFAULT)]
    stack: String,
}

/// Hands over to the reference stack.
#[cfg(feature = "reference")]
pub(super) fn reference(arguments: Vec<std::ffi::OsString>) -> std::process::ExitCode {
    let name = std::ffi::OsString::from("conformance stack reference");
    reference_stack::run_cli(std::iter::once(name).chain(arguments))
}

pub(super) fn check(args: &CheckArgs) -> Result<Exit, CliError> {
    let dir = find(&args.stack, &here()?).map_err(CliError::wrong)?;
    let manifest = Manifest::read(&dir).map_err(CliError::wrong)?;
    Known::read(&dir).map_err(CliError::wrong)?;
    let command = trial(&manifest, &exe()?).map_err(CliError::wrong)?;
    output::print(&format!("{}: sound\n  command: {command}\n", manifest_path(&dir).display()))?;
    Ok(Exit::Pass)
}

fn manifest_path(dir: &Path) -> PathBuf {
    dir.join(crate::stack::manifest::FILE_NAME)
}

/// This program, for stacks that live inside it.
pub(super) fn exe() -> Result<PathBuf, CliError> {
    std::env::current_exe().map_err(|e| CliError::ours(format!("the path of this program: {e}")))
}
