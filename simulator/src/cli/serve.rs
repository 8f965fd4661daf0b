//! `simulator serve`: a company on the desk.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::{CliError, Source, desk, greeting, listen};
use crate::control::Extent;
use crate::ending::Ending;
use crate::scenario::{AppIndex, Scenario};
use crate::server::{self, Listen, ServeError, ServeOptions, SyslogTarget};
use crate::simulation::Simulation;

#[derive(Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    source: Source,
    /// Address of the control plane; the instances follow on the next ports. A port alone (`:4200`) is on loopback.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4100", value_parser = listen::address)]
    listen: SocketAddr,
    /// Write the connections document (and the geo databases beside it) here.
    #[arg(long, value_name = "FILE")]
    connections: Option<PathBuf>,
    /// Redirect URI of your stack's OAuth callback; registered beside the simulator's own.
    #[arg(long, value_name = "URL")]
    redirect_uri: Vec<String>,
    /// Speak https too, on the same ports, with certificates of an authority made for this run.
    #[arg(long)]
    tls: bool,
    /// Forward what products with a SIEM agent tell (defender) as CEF to this syslog: tcp://127.0.0.1:514 or udp://….
    #[arg(long, value_name = "URL")]
    siem: Option<SyslogTarget>,
    /// Keep the authority's certificate here, for clients to trust. Default: a file that ends with the run.
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca_file: Option<PathBuf>,
}

pub(super) fn run(args: &ServeArgs) -> Result<(), CliError> {
    let scenario = args.source.read()?;
    if let Some(line) = super::left_to_the_judge(&scenario) {
        eprintln!("{line}");
    }
    desk::runtime()?.block_on(serve(args, scenario))
}

async fn serve(args: &ServeArgs, scenario: Scenario) -> Result<(), CliError> {
    let mut ending = Ending::listen().map_err(|e| CliError::Failed(format!("cannot listen for Ctrl-C: {e}")))?;
    let sim = desk::simulation(scenario)?;
    // Ends with the run, and with it the file in it.
    let folder = if args.tls && args.ca_file.is_none() { Some(desk::run_folder()?) } else { None };
    let ca_file = folder.as_ref().map(|folder| folder.path().join("ca.pem")).or_else(|| args.ca_file.clone());
    // Clients read its name in folders of their own.
    let ca_file = ca_file.map(|file| std::path::absolute(&file).unwrap_or(file));
    let authority = match &ca_file {
        Some(file) => Some(desk::authority(&[args.listen.ip()], file)?),
        None => None,
    };
    let options = ServeOptions {
        listen: Listen::From(args.listen),
        redirect_uris: args.redirect_uri.clone(),
        control: Extent::Desk,
        authority,
    };
    let running = server::start(Arc::clone(&sim), options).await.map_err(|error| not_served(&error))?;
    let beside = args.connections.as_deref().and_then(Path::parent);
    if let Some(folder) = beside.filter(|folder| !folder.as_os_str().is_empty()) {
        let made = std::fs::create_dir_all(folder);
        made.map_err(|e| CliError::Input(format!("cannot make the folder {}: {e}", folder.display())))?;
    }
    let geo = beside.map_or_else(|| Ok(desk::no_geo()), |beside| desk::write_geo(&sim, beside))?;
    let mut connections = running.connections(&geo);
    connections["ca_file"] = json!(ca_file);
    with_ready_tokens(&sim, &mut connections);
    if let Some(path) = &args.connections {
        desk::write(path, format!("{connections:#}\n").as_bytes())?;
    }
    let mut text = greeting::text(&sim, &running, &connections, args.connections.as_deref());
    if args.listen.ip().is_unspecified() {
        text.push_str("\nIt listens on every address of this machine: elsewhere, put one of them in place of ");
        text.push_str(&format!("{}.", running.control_address().ip()));
    }
    super::print_line(&text)?;

    let mut agents = tokio::task::JoinSet::new();
    for app in (0..sim.world.instances.len()).map(AppIndex) {
        args.siem.map(|target| agents.spawn(server::forward(Arc::clone(&sim), app, target)));
    }
    ending.told().await;
    agents.abort_all();
    let exchanges = sim.journal.count(|_| true);
    running.shutdown().await;
    eprintln!("\nstopped after {exchanges} exchanges");
    Ok(())
}

/// An address that cannot be listened on is another one's to choose, however right it was written.
fn not_served(error: &ServeError) -> CliError {
    let ServeError::Bind { source, .. } = error else { return CliError::Failed(error.to_string()) };
    let advice = match source.kind() {
        ErrorKind::AddrInUse => "is another simulator running? choose other ports with --listen 127.0.0.1:4200",
        ErrorKind::AddrNotAvailable => {
            "this machine has no such address; --listen 127.0.0.1:4100 is for this machine alone"
        }
        ErrorKind::PermissionDenied => "ports below 1024 may be reserved; choose others with --listen 127.0.0.1:4100",
        _ => "choose another with --listen 127.0.0.1:4100",
    };
    CliError::Input(format!("{error}\n{advice}"))
}

/// Adds to each app that has none a token that is ready for use: whoever writes a connector begins with a request, and
/// comes to the consent later. A stack under test is given one only where it claims no way of its own.
fn with_ready_tokens(sim: &Simulation, connections: &mut Value) {
    let now = sim.clock.now();
    let mut state = sim.state();
    for (app, instance) in sim.scenario.apps.iter().zip(&mut state.instances) {
        let token = &mut connections["apps"][&app.name]["access_token"];
        if token.is_null() {
            *token = json!(instance.tokens.issue_ready_token(now));
        }
    }
}
