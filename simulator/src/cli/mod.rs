//! The commands: each prints a station of the data's way, or serves it.

mod attack_page;
mod catalogues;
mod desk;
mod exec;
mod greeting;
mod listen;
mod matrix;
mod serve;
mod stations;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::attacks;
use crate::scenario::{self, Foreign, Scenario};
use crate::shell;

/// Keys and fault kinds of scenarios that are not the simulator's. The only place where they occur in it.
pub const FOREIGN: Foreign = Foreign {
    keys: &["expect", "level", "twin_of"],
    faults: &[
        "kill",
        "stop",
        "second_copy",
        "wipe_state",
        "cut_state",
        "unwritable_state",
        "forged_redirect",
        "repeated_redirect",
    ],
};

/// What is served when no scenario is named.
const DEFAULT_SCENARIO: &str = "\
title: An ordinary company
apps: { entra: {}, miro: {} }
networks: { abroad: { in: Lagos }, tor: { in: Frankfurt, tags: [tor] } }
";

/// Imitates SaaS vendors, with a history generated from a scenario.
///
/// Exit status: 0 well, 2 a scenario or flag is wrong, or what a flag names cannot be had (a taken port, a file that cannot
/// be written), 3 anything else. `exec` hands on what its command said.
#[derive(Parser)]
#[command(name = "simulator", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a scenario's vendors on loopback, a port an instance, until Ctrl-C.
    Serve(serve::ServeArgs),
    Exec(exec::ExecArgs),
    /// Print what happens in a scenario, if nobody prevents it.
    Timeline(stations::TimelineArgs),
    /// Print an instance's records as its vendor writes them, one JSON object a line.
    Records(stations::RecordsArgs),
    /// List the attacks that can be generated.
    Attacks(catalogues::AttacksArgs),
    /// List the faults that scenarios can name.
    Faults,
    /// Print the script by which a shell completes this program's words.
    Completions(shell::CompletionsArgs),
    /// Print the manual, in the form that `man` reads.
    Man(shell::ManArgs),
    /// List the vendors' routes: where each is documented, and what it is checked by.
    Vendors(matrix::VendorsArgs),
}

/// Which scenario.
#[derive(Args, Clone)]
struct Source {
    /// A scenario file. Without one (and without --attack): miro and entra with 20 people.
    scenario: Option<PathBuf>,
    /// Generate this attack in place of reading a file (see `simulator attacks`).
    #[arg(long, conflicts_with = "scenario")]
    attack: Option<String>,
    /// The number that everything unwritten is drawn from, in place of the scenario's.
    #[arg(long)]
    seed: Option<u64>,
}

/// Why a command ended badly.
#[derive(Debug, thiserror::Error)]
enum CliError {
    /// A scenario or a flag is wrong, or asks for what cannot be had: exit status 2.
    #[error("{0}")]
    Input(String),
    /// Anything else: exit status 3.
    #[error("{0}")]
    Failed(String),
}

/// Runs the command line and says how it went: as [`Cli`] tells.
pub fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Exec(args) => match exec::run(&args) {
            Ok(status) => return status,
            Err(error) => Err(error),
        },
        Command::Serve(args) => serve::run(&args),
        Command::Timeline(args) => stations::timeline(&args),
        Command::Records(args) => stations::records(&args),
        Command::Attacks(args) => catalogues::attacks(&args),
        Command::Faults => catalogues::faults(),
        Command::Completions(args) => print_text(&shell::completions(&mut Cli::command(), &args)),
        Command::Man(args) => match shell::manual(Cli::command(), &args) {
            Ok(page) => print_text(&page),
            Err(error) => Err(CliError::Failed(error.to_string())),
        },
        Command::Vendors(args) => matrix::print(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(CliError::Input(message)) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
        Err(CliError::Failed(message)) => {
            eprintln!("simulator: {message}");
            ExitCode::from(3)
        }
    }
}

impl Source {
    fn read(&self) -> Result<Scenario, CliError> {
        let read = match (&self.scenario, &self.attack) {
            (Some(path), _) => scenario::read(Path::new(path), &FOREIGN),
            (None, Some(name)) => {
                let text =
                    attacks::scenario_text(name, self.seed.unwrap_or(1)).map_err(|e| CliError::Input(e.to_string()))?;
                scenario::read_text(&format!("{name}.yaml"), &text, &FOREIGN)
            }
            (None, None) => scenario::read_text("default.yaml", DEFAULT_SCENARIO, &FOREIGN),
        };
        let mut scenario = read.map_err(|errors| CliError::Input(errors.to_string()))?;
        if let Some(seed) = self.seed {
            scenario.seed = crate::seed::Seed(seed);
        }
        Ok(scenario)
    }
}

/// What a scenario has of faults that nobody carries out here: of the stack's process, which conformance has and we have not.
fn left_to_the_judge(scenario: &Scenario) -> Option<String> {
    let faults = &scenario.left_to_caller;
    let written: Vec<String> = faults.iter().map(|fault| format!("{} (line {})", fault.kind, fault.at.line)).collect();
    let left = || {
        format!("faults of the stack's process are carried out by `conformance run`, not here: {}", written.join(", "))
    };
    (!faults.is_empty()).then(left)
}

/// Writes a line to standard output; a closed pipe (`| head`) is no error of ours.
fn print_line(line: &str) -> Result<(), CliError> {
    print_text(&format!("{line}\n"))
}

/// The same of a text that has its line ends.
fn print_text(text: &str) -> Result<(), CliError> {
    use std::io::Write as _;
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CliError::Failed(error.to_string())),
        Err(_) => std::process::exit(0),
        Ok(()) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_to_the_judge_is_told_in_a_line_and_only_where_there_is_something() {
        let told = |faults: &str| {
            let text = format!("title: A test\napps: {{ entra: {{}}, miro: {{}} }}\n{faults}");
            left_to_the_judge(&scenario::read_text("s.yaml", &text, &FOREIGN).unwrap())
        };
        assert_eq!(told(""), None);
        assert_eq!(told("faults:\n  - { route: miro, nth: 1, fault: hang }\n"), None);
        let line = told(
            "faults:\n  - { fault: kill,\n      at: day 1 10:00 }\n  - { route: miro, nth: 1, fault: hang }\n  - { 'fault': stop, at: day 1 11:00 }\n",
        );
        assert!(line.as_ref().is_some_and(|line| line.ends_with("not here: kill (line 4), stop (line 7)")), "{line:?}");
    }
}
