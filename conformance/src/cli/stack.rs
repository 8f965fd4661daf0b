//! `conformance stack …`: the stack that lives inside, and looking at one's own.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use simulator::private_network;

use super::output::{self, Talk};
use super::{CliError, here};
use crate::named::Misnamed;
use crate::runner;
use crate::runner::outcome::Exit;
use crate::stack::{Manifest, Transport, capabilities, find, find::DEFAULT, is_name, known::Known, no_name};

#[derive(Debug, Subcommand)]
pub(super) enum StackCommand {
    /// Run the reference stack in this process, as its manifest does.
    #[cfg(feature = "reference")]
    Reference {
        /// Its own flags.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<std::ffi::OsString>,
    },
    /// Write a manifest to fill in.
    New(NewArgs),
    /// Read a stack's manifest, render its templates and look for its commands, without starting it.
    Check(CheckArgs),
    /// List what a stack may claim in its `capabilities`.
    Capabilities,
    /// Do what a stack's `setup` says, as far as it has not been done; `run` does it too.
    Setup(CheckArgs),
}

/// Which stack.
#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    /// Folder with a stack.yaml, or the name of one in `stacks`.
    #[arg(default_value = DEFAULT)]
    stack: String,
}

/// Where to.
#[derive(Args, Debug)]
pub(super) struct NewArgs {
    /// Folder for the stack; its name is the stack's.
    dir: PathBuf,
}

/// What a new manifest says.
const SKELETON: &str = include_str!("../stack/skeleton.yaml");
/// What the program that it names is called.
const PROGRAM_NAME: &str = "run.sh";
/// That program.
const PROGRAM: &str = include_str!("../stack/skeleton.sh");

/// Writes a manifest, where there is none.
pub(super) fn new(args: &NewArgs) -> Result<Exit, CliError> {
    let dir = here()?.join(&args.dir);
    let name = dir.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    if !is_name(&name) {
        return Err(CliError::wrong(no_name(&name)));
    }
    let path = manifest_path(&dir);
    if path.exists() {
        return Err(CliError::wrong(format!("there is a manifest already: {}", path.display())));
    }
    let text = SKELETON.replace("NAME", &name);
    let unwritable = |e| CliError::wrong(Misnamed::met(&dir, &e, "a folder for the stack"));
    std::fs::create_dir_all(&dir).map_err(unwritable)?;
    for (path, text) in [(&path, text.as_str()), (&dir.join(PROGRAM_NAME), PROGRAM)] {
        if !path.exists() {
            std::fs::write(path, text).map_err(unwritable)?;
        }
    }
    let (stack, program) = (args.dir.display(), args.dir.join(PROGRAM_NAME));
    output::print(&format!(
        "{stack}: a stack that asks nobody yet\n  1. {}: the program; what is there is a template\n  2. {}: how it is started, \
         what it can do (`conformance stack capabilities`), what it promises\n  3. `conformance stack check {stack}` says what is still \
         missing\n",
        program.display(),
        manifest_path(&args.dir).display()
    ))?;
    Ok(Exit::Pass)
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
    let commands = try_out(&manifest)?;
    reachable(&manifest)?;
    let mut text = format!("{}: sound\n", manifest_path(&dir).display());
    if !manifest.setup.is_done(&manifest.name).map_err(CliError::wrong)? {
        text.push_str("  not set up yet, so its commands were not looked for\n");
    }
    commands.iter().for_each(|command| text.push_str(&format!("  command: {command}\n")));
    output::print(&text)?;
    Ok(Exit::Pass)
}

/// Sets a stack up, and says where.
pub(super) fn set_up(args: &CheckArgs) -> Result<Exit, CliError> {
    let dir = find(&args.stack, &here()?).map_err(CliError::wrong)?;
    let manifest = Manifest::read(&dir).map_err(CliError::wrong)?;
    set_up_once(&manifest, Talk::Usual)?;
    let folder = manifest.setup.folder(&manifest.name).map_err(CliError::wrong)?;
    let done =
        folder.map_or_else(|| "nothing to set up".to_owned(), |folder| format!("set up in {}", folder.display()));
    output::print(&format!("{}: {done}\n", manifest.name))?;
    Ok(Exit::Pass)
}

/// Does what the `setup` of a manifest says, if that has not been done, and sees to it that its commands are there and that
/// it can be led to the vendors: what `check` refuses is not run. Call it while there is one thread.
pub(super) fn make_ready(manifest: &Manifest, talk: Talk) -> Result<(), CliError> {
    // First, for what is wrong anyway need not be set up.
    try_out(manifest)?;
    if !manifest.setup.is_empty() {
        set_up_once(manifest, talk)?;
        try_out(manifest)?;
    }
    reachable(manifest)
}

/// Renders what a manifest has to render and looks for its commands: those are given back.
pub(super) fn try_out(manifest: &Manifest) -> Result<Vec<String>, CliError> {
    let wrong = |why: String| CliError::wrong(format!("{}   {why}", manifest_path(&manifest.dir).display()));
    runner::try_out(manifest, &exe()?).map_err(wrong)
}

/// Prints every capability.
pub(super) fn capabilities() -> Result<Exit, CliError> {
    output::print(&capabilities::listing())?;
    Ok(Exit::Pass)
}

/// Whether a stack can be led to the vendors' names on this machine by the way that its manifest wants.
fn reachable(manifest: &Manifest) -> Result<(), CliError> {
    if manifest.transport != Transport::Hosts {
        return Ok(());
    }
    let advice = "A stack that heeds HTTPS_PROXY can do with `transport: intercept`.";
    private_network::prepare().map_err(|e| CliError::wrong(format!("`transport: hosts`: {e}\n{advice}")))
}

fn set_up_once(manifest: &Manifest, talk: Talk) -> Result<(), CliError> {
    if manifest.setup.is_done(&manifest.name).map_err(CliError::wrong)? {
        return Ok(());
    }
    if talk == Talk::Usual {
        output::say(&format!("setting up {}, once; this may take minutes\n", manifest.name));
    }
    manifest.setup.ensure(&manifest.name, &manifest.dir, &exe()?).map_err(|e| CliError::ours(e.to_string()))
}

fn manifest_path(dir: &Path) -> PathBuf {
    dir.join(crate::stack::manifest::FILE_NAME)
}

/// This program, for stacks that live inside it.
pub(super) fn exe() -> Result<PathBuf, CliError> {
    std::env::current_exe().map_err(|e| CliError::ours(format!("the path of this program: {e}")))
}
