//! `simulator vendors`: what is imitated, where it is documented, and what it is checked by.

use std::fmt::Write as _;

use clap::Args;
use serde::Deserialize;

use super::{CliError, print_line};
use crate::protocol::exchange::{Access, Route};
use crate::protocol::webhooks::Webhooks;
use crate::vendors::{self, VendorSpec};

/// The clients that are run against the simulator, with the routes that they call themselves; the run checks that they
/// do.
const CLIENTS: &str = include_str!("../../tests/clients/clients.json");

#[derive(Args)]
pub(super) struct VendorsArgs {
    /// As tables in Markdown.
    #[arg(long)]
    markdown: bool,
}

#[derive(Deserialize)]
struct Client {
    name: String,
    routes: Vec<String>,
}

pub(super) fn print(args: &VendorsArgs) -> Result<(), CliError> {
    let clients = clients();
    for spec in vendors::all() {
        let mut rows: Vec<[String; COLUMNS]> = spec.routes.iter().map(|route| row(spec, route, &clients)).collect();
        rows.extend(spec.webhooks.map(|webhooks| deliveries(spec, webhooks)));
        print_line(&if args.markdown { markdown(spec, &rows) } else { plain(spec, &rows) })?;
    }
    Ok(())
}

fn clients() -> Vec<Client> {
    serde_json::from_str(CLIENTS).expect("a test reads the same text")
}

const COLUMNS: usize = 6;
const HEADS: [&str; COLUMNS] = ["route", "method", "path", "access", "source", "checked by"];

fn row(spec: &VendorSpec, route: &Route, clients: &[Client]) -> [String; COLUMNS] {
    let access = match route.access {
        Access::Public => "public".to_owned(),
        Access::Token([]) => "any token".to_owned(),
        Access::Token(scopes) => scopes.join(" or "),
        Access::Key(name) => format!("the key `{name}`"),
    };
    let name = format!("{}.{}", spec.vendor.name(), route.name);
    let description = (spec.described)(route).then_some("published description");
    let callers = clients.iter().filter(|c| c.routes.contains(&name)).map(|c| c.name.as_str());
    let checked: Vec<&str> = description.into_iter().chain(callers).collect();
    [name, route.method.to_string(), route.path.to_owned(), access, route.source.to_owned(), checked.join(", ")]
}

/// The route whose requests go the other way.
fn deliveries(spec: &VendorSpec, webhooks: &Webhooks) -> [String; COLUMNS] {
    let name = format!("{}.{}", spec.vendor.name(), webhooks.route);
    let topics: Vec<&str> = webhooks.topics.iter().map(|topic| topic.name).collect();
    let text = str::to_owned;
    [name, text("POST"), text("to the stack"), topics.join(", "), text(webhooks.source), String::new()]
}

fn hosts(spec: &VendorSpec) -> String {
    spec.hosts.iter().map(|host| host.name).collect::<Vec<_>>().join(", ")
}

fn plain(spec: &VendorSpec, rows: &[[String; COLUMNS]]) -> String {
    let mut text = format!("{} ({}) at {}\n", spec.title, spec.vendor.name(), hosts(spec));
    let heads = HEADS.map(str::to_owned);
    let all = || std::iter::once(&heads).chain(rows);
    let width: Vec<usize> = (0..COLUMNS).map(|c| all().map(|row| row[c].len()).max().unwrap_or(0)).collect();
    for row in all() {
        let cells: Vec<String> = row.iter().zip(&width).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(text, "  {}", cells.join("  ").trim_end());
    }
    text
}

fn markdown(spec: &VendorSpec, rows: &[[String; COLUMNS]]) -> String {
    let mut text = format!("## {}\n\nHosts: {}.\n\n", spec.title, hosts(spec));
    let _ = writeln!(text, "| {} |\n|{}", HEADS.join(" | "), "---|".repeat(COLUMNS));
    for [name, method, path, access, source, checked] in rows {
        let _ = writeln!(text, "| {name} | {method} | `{path}` | {access} | {source} | {checked} |");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_routes_that_clients_are_said_to_call_are_declared() {
        let declared: Vec<String> = vendors::all()
            .iter()
            .flat_map(|spec| spec.routes.iter().map(|route| format!("{}.{}", spec.vendor.name(), route.name)))
            .collect();
        for client in clients() {
            for route in client.routes {
                assert!(declared.contains(&route), "{}: {route}", client.name);
            }
        }
    }
}
