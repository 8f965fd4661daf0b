//! `simulator serve`: a company on the desk.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::{CliError, Source};
use crate::clock::{ClockMode, wall_now};
use crate::scenario::{AppIndex, Scenario, Vendor};
use crate::server::{self, GeoFiles, Listen, Running, ServeOptions};
use crate::simulation::Simulation;
use crate::time::DAY_US;
use crate::world::geo;

/// How long the background of a served company goes on.
const GOES_ON_FOR: Duration = Duration::from_secs(366 * 86_400);

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
}

pub(super) fn run(args: &ServeArgs) -> Result<(), CliError> {
    let mut scenario = args.source.read()?;
    for line in faults_of_the_process(&args.source)? {
        eprintln!("ignored: {line}");
    }
    put_day_1_on_today(&mut scenario);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| CliError::Failed(format!("no runtime: {e}")))?;
    runtime.block_on(serve(args, scenario))
}

async fn serve(args: &ServeArgs, scenario: Scenario) -> Result<(), CliError> {
    let sim = Simulation::new(scenario, ClockMode::Wall).map_err(|e| CliError::Input(e.to_string()))?;
    sim.state().timeline.set_end(sim.clock.now() + GOES_ON_FOR);
    let options = ServeOptions { listen: Listen::From(args.listen), redirect_uris: args.redirect_uri.clone() };
    let running = server::start(Arc::clone(&sim), options).await.map_err(|e| {
        CliError::Failed(format!("{e}\nIs another simulator running? Choose other ports with --listen 127.0.0.1:4200"))
    })?;
    let folder = args.connections.as_deref().and_then(Path::parent).map(Path::to_path_buf);
    let geo = match &args.connections {
        Some(_) => write_geo(&sim, &folder.unwrap_or_default())?,
        None => GeoFiles { city: PathBuf::new(), asn: PathBuf::new(), anonymous_ip: PathBuf::new() },
    };
    let connections = running.connections(&geo);
    if let Some(path) = &args.connections {
        write(path, format!("{connections:#}\n").as_bytes())?;
    }
    super::print_line(&greeting(&sim, &running, &connections, args.connections.as_deref()))?;

    tokio::signal::ctrl_c().await.map_err(|e| CliError::Failed(format!("cannot wait for Ctrl-C: {e}")))?;
    let exchanges = sim.journal.entries().len();
    running.shutdown().await;
    eprintln!("\nstopped after {exchanges} exchanges");
    Ok(())
}

/// History lies behind, the script is still to come: day 1 is today (UTC).
fn put_day_1_on_today(scenario: &mut Scenario) {
    let apart = wall_now().us() - scenario.calendar().day_1().us();
    scenario.shift(apart.div_euclid(DAY_US));
    scenario.stack.ends = None;
}

/// Faults of the process have nothing to act on here: there is no process of ours.
fn faults_of_the_process(source: &Source) -> Result<Vec<String>, CliError> {
    let Some(path) = &source.scenario else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(path).map_err(|e| CliError::Input(format!("{}: {e}", path.display())))?;
    Ok(text
        .lines()
        .enumerate()
        .filter(|(_, line)| super::FOREIGN.faults.iter().any(|kind| line.contains(&format!("fault: {kind}"))))
        .map(|(i, line)| format!("{}:{}: a fault of the stack's process: {}", path.display(), i + 1, line.trim()))
        .collect())
}

fn write_geo(sim: &Simulation, folder: &Path) -> Result<GeoFiles, CliError> {
    let epoch = sim.scenario.history_start();
    let file = |name: &str, bytes: Vec<u8>| {
        let path = folder.join(name);
        write(&path, &bytes)?;
        Ok::<_, CliError>(std::path::absolute(&path).unwrap_or(path))
    };
    Ok(GeoFiles {
        city: file("city.mmdb", geo::city(&sim.world, epoch))?,
        asn: file("asn.mmdb", geo::asn(&sim.world, epoch))?,
        anonymous_ip: file("anonymous-ip.mmdb", geo::anonymous_ip(&sim.world, epoch))?,
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    std::fs::write(path, bytes).map_err(|e| CliError::Failed(format!("cannot write {}: {e}", path.display())))
}

/// What somebody at a desk needs: addresses, credentials, a link to click and a line to paste.
fn greeting(sim: &Simulation, running: &Running, connections: &Value, file: Option<&Path>) -> String {
    let mut text = format!("{}\n{} people at {}\n\n", sim.scenario.title, sim.world.people.len(), sim.world.domain);
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
    let _ = writeln!(text, "\n  journal and overview  http://{control}/_sim/");
    if let Some(token) = &running.control_token {
        let _ = writeln!(text, "  control token         {token}");
    }
    for (index, instance) in sim.world.instances.iter().enumerate() {
        let app = &connections["apps"][&instance.name];
        if instance.vendor != Vendor::Entra {
            let link = format!(
                "{}?response_type=code&client_id={}&redirect_uri={}&state=desk",
                app["authorize_url"].as_str().unwrap_or(""),
                app["client_id"].as_str().unwrap_or(""),
                running.own_redirect_uri(),
            );
            let _ = writeln!(text, "\nConsent for {} in a browser:\n  {link}", instance.name);
        }
        let _ = writeln!(text, "\nTry {}:\n  {}", instance.name, curl(sim, AppIndex(index), app));
    }
    if let Some(file) = file {
        let _ = writeln!(text, "\nConnections document for a stack: {}", file.display());
    }
    text.push_str("\nHistory goes on growing while this runs. Ctrl-C stops it.");
    text
}

/// A line to paste into a shell.
fn curl(sim: &Simulation, app: AppIndex, connection: &Value) -> String {
    let base = connection["base_url"].as_str().unwrap_or("");
    let now = sim.clock.now();
    let token = sim.state().instances[app.0].tokens.issue_ready_token(now);
    let path = match sim.world.instances[app.0].vendor {
        Vendor::Miro => {
            let day = |t: crate::time::SimTime| t.civil().strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
            let from = day(now - Duration::from_secs(7 * 86_400));
            format!(
                "/v2/audit/logs?createdAfter={from}&createdBefore={}&limit=5",
                day(now + Duration::from_secs(86_400))
            )
        }
        Vendor::Entra => "/v1.0/users?%24top=5".to_owned(),
        Vendor::Github => {
            let login = connection["organization"].as_str().unwrap_or_default();
            format!("/orgs/{login}/audit-log?per_page=5&include=all")
        }
        Vendor::Workplace => "/community/organization_members?fields=id,name,email&limit=5".to_owned(),
    };
    format!("curl -s -H 'Authorization: Bearer {token}' '{base}{path}'")
}
