//! `simulator serve`: a company on the desk.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::{CliError, Source, desk};
use crate::ending::Ending;
use crate::scenario::{AppIndex, Scenario};
use crate::server::{self, Listen, Running, ServeOptions, SyslogTarget};
use crate::simulation::Simulation;
use crate::tls::VARIABLES;
use crate::vendors;

#[derive(Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    source: Source,
    /// Address of the control plane; the instances follow on the next ports.
    #[arg(long, default_value = "127.0.0.1:4100")]
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
    let options =
        ServeOptions { listen: Listen::From(args.listen), redirect_uris: args.redirect_uri.clone(), authority };
    let running = server::start(Arc::clone(&sim), options).await.map_err(|e| {
        CliError::Failed(format!("{e}\nIs another simulator running? Choose other ports with --listen 127.0.0.1:4200"))
    })?;
    let beside = args.connections.as_deref().and_then(Path::parent);
    let geo = beside.map_or_else(|| Ok(desk::no_geo()), |beside| desk::write_geo(&sim, beside))?;
    let mut connections = running.connections(&geo);
    connections["ca_file"] = json!(ca_file);
    if let Some(path) = &args.connections {
        desk::write(path, format!("{connections:#}\n").as_bytes())?;
    }
    let mut text = greeting(&sim, &running, &connections, args.connections.as_deref());
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

/// What somebody at a desk needs: addresses, credentials, a link to click and a line to paste.
fn greeting(sim: &Simulation, running: &Running, connections: &Value, file: Option<&Path>) -> String {
    let mut text = format!(
        "{}\n{} people at {}, an administrator among them\n\n",
        sim.scenario.title,
        sim.world.people.len(),
        sim.world.domain
    );
    let rows: Vec<[String; 4]> =
        std::iter::once(["instance", "address", "client id", "client secret"].map(str::to_owned))
            .chain(sim.world.instances.iter().map(|i| {
                let field = |key: &str| connections["apps"][&i.name][key].as_str().unwrap_or("").to_owned();
                [
                    format!("{} ({})", i.name, i.vendor.name()),
                    field("base_url"),
                    field("client_id"),
                    field("client_secret"),
                ]
            }))
            .collect();
    let width = |column: usize| rows.iter().map(|r| r[column].chars().count()).max().unwrap_or(0);
    let (a, b, c) = (width(0), width(1), width(2));
    for [name, address, id, secret] in &rows {
        let _ = writeln!(text, "  {name:<a$}  {address:<b$}  {id:<c$}  {secret}");
    }
    let control = running.control_address();
    let key = running.control_token.as_ref().map_or_else(String::new, |token| format!("?token={token}"));
    let _ = writeln!(text, "\n  journal and overview  http://{control}/_sim/{key}");
    if let Some(token) = &running.control_token {
        let _ = writeln!(text, "  control token         {token}");
    }
    if let Some(file) = connections["ca_file"].as_str() {
        text.push_str(&trust(file));
    }
    for (index, instance) in sim.world.instances.iter().enumerate() {
        let app = &connections["apps"][&instance.name];
        if app["authorize_url"].is_string() && vendors::spec(instance.vendor).credentials.want_consent() {
            let link = format!(
                "{}?response_type=code&client_id={}&redirect_uri={}&state=desk",
                app["authorize_url"].as_str().unwrap_or(""),
                app["client_id"].as_str().unwrap_or(""),
                running.own_redirect_uri(),
            );
            let _ = writeln!(text, "\nConsent for {} in a browser:\n  {link}", instance.name);
        }
        let _ = writeln!(
            text,
            "\nTry {}:\n  {}",
            instance.name,
            curl(sim, AppIndex(index), app, connections["ca_file"].as_str())
        );
    }
    if let Some(file) = file {
        let _ = writeln!(text, "\nConnections document for a stack: {}", file.display());
    }
    text.push_str("\nHistory goes on growing while this runs. Ctrl-C stops it.");
    text
}

/// How clients are told to trust the run's authority.
fn trust(ca_file: &str) -> String {
    let mut text = "\nThe same ports speak http. To trust the certificates of this run:\n".to_owned();
    for variable in &VARIABLES {
        let _ = writeln!(text, "  export {}={ca_file}  # {}", variable.name, variable.read_by);
    }
    text
}

/// A line to paste into a shell.
fn curl(sim: &Simulation, app: AppIndex, connection: &Value, ca_file: Option<&str>) -> String {
    let base = connection["base_url"].as_str().unwrap_or("");
    let now = sim.clock.now();
    let token = sim.state().instances[app.0].tokens.issue_ready_token(now);
    let spec = vendors::spec(sim.world.instances[app.0].vendor);
    let path = (spec.first_look)(connection, now);
    let scheme = spec.credentials.scheme();
    let trust = ca_file.map(|file| format!("--cacert {file} ")).unwrap_or_default();
    format!("curl -s {trust}-H 'Authorization: {scheme} {token}' '{base}{path}'")
}
