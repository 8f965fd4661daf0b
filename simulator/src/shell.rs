//! What a program offers to a shell: completions, and its manual. Both programs of the workspace do.

use std::io;
use std::path::PathBuf;

use clap::{Args, Command};
use clap_complete::Shell;

/// `completions SHELL`: a script for a shell to source.
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// Which shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// `man`: the manual.
#[derive(Args, Debug)]
pub struct ManArgs {
    /// Write a page for each command into this folder, in place of printing the first one.
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

/// The script by which a shell completes the program's words.
pub fn completions(program: &mut Command, args: &CompletionsArgs) -> String {
    let (mut script, name) = (Vec::new(), program.get_name().to_owned());
    clap_complete::generate(args.shell, program, name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual's first page, or nothing where its pages were written to files.
pub fn manual(program: Command, args: &ManArgs) -> io::Result<String> {
    match &args.to {
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            clap_mangen::generate_to(program, folder)?;
            Ok(String::new())
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(program).render(&mut page)?;
            Ok(String::from_utf8_lossy(&page).into_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    fn program() -> Command {
        Command::new("tool").about("does things").subcommand(Command::new("serve").about("serves"))
    }

    #[test]
    fn every_shell_gets_a_script_that_knows_the_commands() {
        for shell in Shell::value_variants() {
            let script = completions(&mut program(), &CompletionsArgs { shell: *shell });
            assert!(script.contains("serve"), "{shell}: {script}");
        }
    }

    #[test]
    fn the_manual_is_printed_or_written_page_by_page() {
        let printed = manual(program(), &ManArgs { to: None }).unwrap();
        assert!(printed.starts_with(".ie") && printed.contains("does things"), "{printed}");
        let folder = tempfile::tempdir().unwrap();
        manual(program(), &ManArgs { to: Some(folder.path().join("man1")) }).unwrap();
        assert!(folder.path().join("man1/tool-serve.1").is_file());
    }
}
