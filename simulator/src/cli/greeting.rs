//! What `serve` says first: the lines to copy, then addresses and credentials, then what there is beside.
//!
//! A token may be longer than a screen is wide and high (Entra ID's are). Such a one is fetched by the line that uses it,
//! and stands in the connections document.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::scenario::AppIndex;
use crate::server::Running;
use crate::simulation::Simulation;
use crate::tls::VARIABLES;
use crate::vendors;

/// A longer token is not written out.
const LONGEST: usize = 120;

/// What somebody at a desk needs. `connections` is the document with the tokens that are ready for use, `file` where it
/// was written.
pub(super) fn text(sim: &Simulation, running: &Running, connections: &Value, file: Option<&Path>) -> String {
    let (people, domain) = (sim.world.people.len(), &sim.world.domain);
    let mut text = format!("{}\n{people} people at {domain}, an administrator among them\n", sim.scenario.title);
    for (index, instance) in sim.world.instances.iter().enumerate() {
        let line = curl(sim, running, AppIndex(index), connections);
        let _ = writeln!(text, "\nTry {}:\n  {line}", instance.name);
    }
    text.push_str(&consents(sim, running, connections));
    text.push('\n');
    text.push_str(&addresses(sim, connections));
    let control = running.control_address();
    let key = running.control_token.as_ref().map_or_else(String::new, |token| format!("?token={token}"));
    let _ = writeln!(text, "\n  journal and overview  http://{control}/_sim/{key}");
    if let Some(token) = &running.control_token {
        let _ = writeln!(text, "  control token         {token}");
    }
    match file {
        Some(file) => {
            let _ = writeln!(text, "  connections document  {}: all this for a stack, with tokens", file.display());
        }
        None => {
            text.push_str("  --connections FILE    writes all this for a stack, with tokens that are ready for use\n")
        }
    }
    if let Some(file) = connections["ca_file"].as_str() {
        text.push_str(&trust(file));
    }
    text.push_str("\nHistory goes on growing while this runs. Ctrl-C stops it.");
    text
}

/// A row an instance: address and credentials.
fn addresses(sim: &Simulation, connections: &Value) -> String {
    let head = ["instance", "address", "client id", "client secret"].map(str::to_owned);
    let instances = sim.world.instances.iter().map(|i| {
        let field = |key: &str| connections["apps"][&i.name][key].as_str().unwrap_or("").to_owned();
        [format!("{} ({})", i.name, i.vendor.name()), field("base_url"), field("client_id"), field("client_secret")]
    });
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(instances).collect();
    let width = |column: usize| rows.iter().map(|r| r[column].chars().count()).max().unwrap_or(0);
    let (a, b, c) = (width(0), width(1), width(2));
    let mut text = String::new();
    for [name, address, id, secret] in &rows {
        let row = format!("  {name:<a$}  {address:<b$}  {id:<c$}  {secret}");
        let _ = writeln!(text, "{}", row.trim_end());
    }
    text
}

/// A link for each instance that an administrator lets a stack into.
fn consents(sim: &Simulation, running: &Running, connections: &Value) -> String {
    let mut text = String::new();
    for instance in &sim.world.instances {
        let app = &connections["apps"][&instance.name];
        let (Some(authorize), Some(client)) = (app["authorize_url"].as_str(), app["client_id"].as_str()) else {
            continue;
        };
        if vendors::spec(instance.vendor).credentials.want_consent() {
            let to = running.own_redirect_uri();
            let link = format!("{authorize}?response_type=code&client_id={client}&redirect_uri={to}&state=desk");
            let _ = writeln!(text, "\nConsent for {} in a browser:\n  {link}", instance.name);
        }
    }
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
fn curl(sim: &Simulation, running: &Running, app: AppIndex, connections: &Value) -> String {
    let instance = &sim.world.instances[app.0];
    let connection = &connections["apps"][&instance.name];
    let field = |key: &str| connection[key].as_str().unwrap_or_default();
    let spec = vendors::spec(instance.vendor);
    let path = (spec.first_look)(connection, sim.clock.now());
    let trust = connections["ca_file"].as_str().map(|file| format!("--cacert {file} ")).unwrap_or_default();
    let (scheme, token) = (spec.credentials.scheme(), field("access_token"));
    let header = if token.len() <= LONGEST {
        format!("'Authorization: {scheme} {token}'")
    } else {
        let key = running.control_token.as_ref().map(|key| format!("-H 'Authorization: Bearer {key}' "));
        let from = format!("http://{}/_sim/token/{}", running.control_address(), instance.name);
        format!("\"Authorization: {scheme} $(curl -s {}{from})\"", key.unwrap_or_default())
    };
    format!("curl -s {trust}-H {header} '{}{path}'", field("base_url"))
}
