//! The command: flags in, exit status out. What it does is the library's.
//!
//! | exit status | means |
//! |---|---|
//! | 0 | everything owed was done |
//! | 1 | the stack failed |
//! | 2 | a scenario, a manifest or a flag is wrong, or what a flag names is not there or cannot be used |
//! | 3 | the harness failed, or was stopped |
//! | 4 | nothing was decided, or nothing ran |

mod authors;
mod compare;
mod dialog;
mod judge;
mod ladder;
mod merge;
mod output;
#[cfg(feature = "reference")]
mod prove;
mod relations;
mod reports;
mod review;
mod run;
mod score;
mod stack;
mod stoppable;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use simulator::shell;

use crate::report::paint;
use crate::runner::RunError;
use crate::runner::outcome::Exit;

/// Runs security stacks against simulated SaaS vendors and says what they got wrong.
///
/// Exit status: 0 pass, 1 the stack failed, 2 a scenario, manifest or flag is wrong, 3 the harness failed, 4 nothing was
/// decided.
#[derive(Debug, Parser)]
#[command(name = "conformance", version = crate::VERSION)]
struct Cli {
    /// Neither colour nor a progress line: text as a screen reader, a log or a dumb terminal takes it.
    #[arg(long, global = true)]
    plain: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios against a stack and judge it.
    Run(run::RunArgs),
    /// Look at snapshots that differ, one by one.
    Review(review::ReviewArgs),
    /// Join the reports of a run's parts, and say how the whole went.
    ///
    /// Exit status: that of the whole run; 3 if a part is missing.
    Merge(merge::MergeArgs),
    /// Judge an earlier run again, from its folder.
    Judge(judge::JudgeArgs),
    /// Say how far a stack gets up the four rungs of each log it claims: any data, the right count, pages and stops, carried on.
    Ladder(ladder::LadderArgs),
    /// Put stacks side by side: what each check found in each, as a table of Markdown or as a page of scenarios by stacks.
    Compare(compare::CompareArgs),
    /// Plant bugs in the reference stack, one at a time, and see whether the suite catches each.
    #[cfg(feature = "reference")]
    Prove(prove::ProveArgs),
    /// Say how good a stack is: a vector of measures with what is behind each, and the thresholds that it misses.
    ///
    /// Exit status: 0 every threshold is met, 1 one is missed, 2 a scenario, manifest, flag or threshold is wrong, 3 the
    /// harness failed, 4 nothing was scored.
    Score(score::ScoreArgs),
    /// Play scenarios with something changed that must not matter, or must in a known way, and say which relations hold.
    ///
    /// Exit status: 0 every relation that binds holds, 1 one does not, 2 a scenario, manifest or flag is wrong, 3 the
    /// harness failed, 4 no relation could be tried.
    Relations(relations::RelationsArgs),
    /// Say what is wrong with scenarios, and what is probably a mistake.
    Lint(authors::PathArgs),
    /// Print the JSON Schema of scenarios, or of what a stack reports.
    Schema(authors::SchemaArgs),
    /// List scenarios without running them.
    List(authors::PathArgs),
    /// Tell what a check means; without an id, list the checks.
    Explain(authors::ExplainArgs),
    /// Write a scenario of an attack, and its near miss; without arguments, ask for what is wanted.
    Generate(authors::GenerateArgs),
    /// Print the script by which a shell completes this program's words.
    Completions(shell::CompletionsArgs),
    /// Print the manual, in the form that `man` reads.
    Man(shell::ManArgs),
    /// Bring a stack of one's own.
    #[command(subcommand)]
    Stack(stack::StackCommand),
}

/// Why a command ended without doing what it was asked for.
#[derive(Debug)]
struct CliError {
    exit: Exit,
    message: String,
}

impl CliError {
    /// A scenario, a manifest or a flag is wrong.
    #[expect(clippy::needless_pass_by_value, reason = "for map_err, which gives the error away")]
    fn wrong(message: impl ToString) -> Self {
        Self { exit: Exit::Wrong, message: message.to_string() }
    }

    /// We failed.
    #[expect(clippy::needless_pass_by_value, reason = "for map_err, which gives the error away")]
    fn ours(message: impl ToString) -> Self {
        Self { exit: Exit::Harness, message: message.to_string() }
    }
}

impl From<RunError> for CliError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Misnamed(error) => Self::wrong(error),
            error => Self::ours(error),
        }
    }
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let Cli { plain, command } = Cli::parse();
    if plain {
        paint::be_plain();
    }
    let done = match command {
        Command::Run(args) => run::run(&args),
        Command::Review(args) => review::review(&args),
        Command::Merge(args) => merge::merge(&args),
        Command::Judge(args) => judge::judge(&args),
        Command::Ladder(args) => ladder::ladder(&args),
        Command::Compare(args) => compare::compare(&args),
        #[cfg(feature = "reference")]
        Command::Prove(args) => prove::prove(&args),
        Command::Score(args) => score::score(&args),
        Command::Relations(args) => relations::relations(&args),
        Command::Lint(args) => authors::lint(&args),
        Command::Schema(args) => authors::schema(&args),
        Command::List(args) => authors::list(&args),
        Command::Explain(args) => authors::explain(&args),
        Command::Generate(args) => authors::generate(&args),
        Command::Completions(args) => {
            output::print_raw(&shell::completions(&mut Cli::command(), &args)).map(|()| Exit::Pass)
        }
        Command::Man(args) => {
            let page = shell::manual(Cli::command(), &args).map_err(CliError::ours);
            page.and_then(|page| output::print_raw(&page)).map(|()| Exit::Pass)
        }
        // The stack that lives inside decides its own exit status.
        #[cfg(feature = "reference")]
        Command::Stack(stack::StackCommand::Reference { arguments }) => return stack::reference(arguments),
        Command::Stack(stack::StackCommand::New(args)) => stack::new(&args),
        Command::Stack(stack::StackCommand::Check(args)) => stack::check(&args),
        Command::Stack(stack::StackCommand::Capabilities) => stack::capabilities(),
        Command::Stack(stack::StackCommand::Setup(args)) => stack::set_up(&args),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(CliError { exit, message }) => {
            output::say(&format!("{message}\n"));
            exit.into()
        }
    }
}

/// The folder that relative paths are meant from.
fn here() -> Result<PathBuf, CliError> {
    std::env::current_dir().map_err(|e| CliError::ours(format!("the working directory: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_do_not_contradict_one_another() {
        Cli::command().debug_assert();
    }

    #[test]
    fn commands_that_are_not_built_do_not_exist() {
        assert!(Cli::try_parse_from(["conformance", "explore", "x"]).is_err());
    }

    #[test]
    fn a_wrong_flag_is_exit_status_2() {
        let error = Cli::try_parse_from(["conformance", "run", "--jbos", "2"]).unwrap_err();
        assert_eq!(error.exit_code(), Exit::Wrong as i32);
    }
}
