//! The command line: `reference-stack --config FILE`, and `… export` for what it has learnt of the use of apps.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};

use crate::clock::Idle;
use crate::config::Config;
use crate::usage::export::{ExportError, Search, Table};

/// Connects SaaS apps, watches their logs, raises alerts and acts on them.
#[derive(Debug, Parser)]
#[command(name = "reference-stack", version)]
struct Arguments {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the users of every app to a file; the stack may be running.
    Export(Export),
}

#[derive(Debug, Args)]
struct Export {
    /// As comma-separated values.
    #[arg(long, value_name = "FILE", required_unless_present = "xlsx")]
    csv: Option<PathBuf>,
    /// As a workbook.
    #[arg(long, value_name = "FILE")]
    xlsx: Option<PathBuf>,
    /// A saved search: only the apps that it means.
    #[arg(long, value_name = "NAME")]
    search: Option<String>,
}

/// Runs the stack until it is told to stop; `arguments` begin with the program's name.
///
/// Exit status: 0 after a clean stop, 2 for wrong flags or configuration, 3 when the stack could not go on.
pub fn run_cli(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are "errors" of clap's, printed to the right stream by it. A closed stream is no news.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    // Fails when the program that links us logs already, which is as good.
    let _ = tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).without_time().try_init();
    let config = match Config::read(&arguments.config) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("configuration refused: {error}");
            return ExitCode::from(2);
        }
    };
    if let Some(Command::Export(order)) = &arguments.command {
        return match export(&config, order) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error @ ExportError::NoSearch(_)) => {
                eprintln!("export refused: {error}");
                ExitCode::from(2)
            }
            Err(error) => {
                eprintln!("export failed: {error}");
                ExitCode::from(3)
            }
        };
    }
    // A thread of its own: the caller may already be inside a runtime, where another cannot be entered.
    let outcome = std::thread::spawn(move || on_one_thread(config)).join();
    match outcome {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            eprintln!("stopped: {error}");
            ExitCode::from(3)
        }
        Err(_panic) => ExitCode::from(3),
    }
}

fn export(config: &Config, order: &Export) -> Result<(), ExportError> {
    let search = match &order.search {
        None => &Search::default(),
        Some(name) => config.usage.searches.get(name).ok_or_else(|| ExportError::NoSearch(name.clone()))?,
    };
    let table = Table::read(&config.state, search)?;
    if let Some(path) = &order.csv {
        table.write_csv(path)?;
    }
    if let Some(path) = &order.xlsx {
        table.write_xlsx(path)?;
    }
    Ok(())
}

/// One thread for everything: the order of events is then the order of the clock, and "idle" is a fact that the
/// runtime itself can tell.
fn on_one_thread(config: Config) -> Result<(), crate::StackError> {
    let idle = Arc::new(Idle::default());
    let hook = Arc::clone(&idle);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_park(move || hook.nothing_left_to_do())
        .build()
        .map_err(crate::StackError::Runtime)?;
    runtime.block_on(crate::run(config, idle))
}
