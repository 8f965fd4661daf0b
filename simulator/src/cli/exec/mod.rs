//! `simulator exec`: a command that believes it talks to the vendors.

mod environment;

use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus};

use clap::Args;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};

use self::environment::Environment;
use super::{CliError, Source, desk};
use crate::control::Extent;
use crate::private_network;
use crate::scenario::Scenario;
use crate::server::{self, Listen, Names, ServeOptions};
use crate::simulation::Simulation;
use crate::tls::Reach;

/// What shells answer when a command is not there, or cannot be run.
const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;

/// Run a command behind a proxy that answers for the vendors' real host names.
///
/// COMMAND reaches api.miro.com, graph.microsoft.com and so on, with certificates made for this run. Nothing is
/// forwarded anywhere: a name that no vendor of the scenario has is refused.
///
/// COMMAND finds in its environment the proxy and the authority's file under the names that clients read
/// (HTTPS_PROXY, SSL_CERT_FILE, REQUESTS_CA_BUNDLE, NODE_EXTRA_CA_CERTS, …), the connections document
/// (SIMULATOR_CONNECTIONS), its entries one by one (SIMULATOR_ENTRA_CLIENT_ID, SIMULATOR_MIRO_ACCESS_TOKEN, …) and the
/// control plane (SIMULATOR_CONTROL).
///
/// Exit status: COMMAND's; 128 + N if signal N ended it, 127 if it was not found, 126 if it cannot be run, 2 for a
/// wrong scenario or flag, 3 for a failure of the simulator's.
#[derive(Args)]
pub(super) struct ExecArgs {
    #[command(flatten)]
    source: Source,
    /// For clients that ignore proxies: run COMMAND in a private network whose /etc/hosts leads the vendors' names here.
    #[arg(long)]
    hosts: bool,
    /// Let INSTANCE answer to NAME too, or in place of the instance that has it.
    #[arg(long = "host", value_name = "NAME=INSTANCE")]
    names: Vec<String>,
    /// Redirect URI of COMMAND's OAuth callback; registered beside the simulator's own.
    #[arg(long, value_name = "URL")]
    redirect_uri: Vec<String>,
    /// Write the journal here when COMMAND has ended, one exchange a line.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Say nothing beside what COMMAND says.
    #[arg(long)]
    quiet: bool,
    /// What to run.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(super) fn run(args: &ExecArgs) -> Result<ExitCode, CliError> {
    let scenario = args.source.read()?;
    let names = Names::of(&scenario, &args.names).map_err(|e| CliError::Input(format!("--host: {e}")))?;
    if let Some(line) = super::left_to_the_judge(&scenario).filter(|_| !args.quiet) {
        eprintln!("simulator: {line}");
    }
    let folder = desk::run_folder()?;
    if args.hosts {
        // Before there is a second thread, so that all are in it.
        let entered = private_network::prepare().and_then(|()| private_network::enter(names.list(), folder.path()));
        entered.map_err(|e| CliError::Input(format!("{e}\nClients that heed HTTPS_PROXY work without --hosts.")))?;
    }
    desk::runtime()?.block_on(exec(args, scenario, names, folder.path()))
}

async fn exec(args: &ExecArgs, scenario: Scenario, names: Names, folder: &Path) -> Result<ExitCode, CliError> {
    let sim = desk::simulation(scenario)?;
    let ca_file = folder.join("ca.pem");
    let authority = Some(desk::authority(&[], &ca_file)?);
    let options = ServeOptions {
        listen: Listen::Ephemeral,
        redirect_uris: args.redirect_uri.clone(),
        control: Extent::Desk,
        authority,
    };
    let failed = |e: server::ServeError| CliError::Failed(e.to_string());
    let mut running = server::start(sim.clone(), options).await.map_err(failed)?;
    let answered = names.list().collect::<Vec<_>>().join(", ");
    let reach = if args.hosts {
        running.open_names(names).await.map_err(failed)?;
        Reach::Hosts
    } else {
        Reach::Proxy(running.open_proxy(names).await.map_err(failed)?)
    };
    let mut connections = running.connections(&desk::write_geo(&sim, folder)?);
    connections["ca_file"] = json!(ca_file);
    let document = folder.join("connections.json");
    desk::write(&document, format!("{connections:#}\n").as_bytes())?;
    let environment = Environment {
        reach,
        ca_file: &ca_file,
        document: &document,
        control: format!("http://{}/_sim/", running.control_address()),
        connections: &connections,
        ready_tokens: ready_tokens(&sim),
    };
    if !args.quiet {
        // In hosts mode only the command itself can read it.
        let aside = match reach {
            Reach::Proxy(_) => format!("; journal at {}", environment.control),
            Reach::Addresses | Reach::Hosts => String::new(),
        };
        eprintln!("simulator: answering for {answered}{aside}");
    }
    let status = watch(&args.command, &environment).await?;
    let refused = running.refused_names();
    // What the command left open enters the journal now.
    running.shutdown().await;
    if let Some(file) = &args.journal {
        desk::write(file, journal(&sim).as_bytes())?;
    }
    if !args.quiet {
        eprintln!("{}", summary(&sim, &refused));
    }
    Ok(status)
}

/// A token for each instance, as an administrator hands one out.
fn ready_tokens(sim: &Simulation) -> Vec<(String, String)> {
    let now = sim.clock.now();
    let mut state = sim.state();
    let tokens = state.instances.iter_mut().map(|instance| instance.tokens.issue_ready_token(now));
    sim.world.instances.iter().map(|instance| instance.name.clone()).zip(tokens).collect()
}

/// Runs the command to its end.
async fn watch(command: &[String], environment: &Environment<'_>) -> Result<ExitCode, CliError> {
    let mut process = Command::new(&command[0]);
    process.args(&command[1..]).kill_on_drop(true);
    environment.apply(&mut process);
    // Before the command begins: it may ask its parent to end with its first breath.
    let failed = |e: std::io::Error| CliError::Failed(format!("cannot listen for signals: {e}"));
    let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let terminate = signal(SignalKind::terminate()).map_err(failed)?;
    match process.spawn() {
        Ok(mut child) => Ok(exit_code(ended(&mut child, interrupt, terminate).await?)),
        Err(error) => {
            eprintln!("simulator: cannot run {}: {error}", command[0]);
            Ok(ExitCode::from(if error.kind() == ErrorKind::NotFound { NOT_FOUND } else { NOT_EXECUTABLE }))
        }
    }
}

/// Waits for a child. Ctrl-C reaches it from the terminal, as it reaches us; a request to end is handed on to it.
async fn ended(child: &mut Child, mut interrupt: Signals, mut terminate: Signals) -> Result<ExitStatus, CliError> {
    let failed = |e: std::io::Error| CliError::Failed(format!("cannot wait for the command: {e}"));
    loop {
        tokio::select! {
            status = child.wait() => return status.map_err(failed),
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {
                let id = child.id().and_then(|id| i32::try_from(id).ok());
                // It may have ended in this moment; then there is nobody to tell.
                let _ = id.map(|id| kill(Pid::from_raw(id), Signal::SIGTERM));
            }
        }
    }
}

fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
}

fn journal(sim: &Simulation) -> String {
    let line = |entry| serde_json::to_string(&entry).expect("an entry is made of plain values") + "\n";
    sim.journal.entries().into_iter().map(line).collect()
}

fn summary(sim: &Simulation, refused_names: &[String]) -> String {
    let entries = sim.journal.entries();
    let refusals = entries.iter().filter(|e| e.status.is_some_and(|status| status >= 400)).count();
    let mut text = format!("simulator: {} exchanges, {refusals} refused", entries.len());
    if !refused_names.is_empty() {
        text.push_str(&format!("; nobody here answers to {}", refused_names.join(", ")));
    }
    text
}
