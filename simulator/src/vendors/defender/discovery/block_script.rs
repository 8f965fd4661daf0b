//! What keeps people from unsanctioned apps, for the appliance they pass.
//!
//! # Sources
//! The API's page on block scripts: path, parameters, numbers of the formats, that the answer is text, that both schemes of
//! tokens open it. The lines themselves are written after each appliance's own manner and are not the product's.

use axum::http::StatusCode;

use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::vendors::defender::asked;
use crate::world::discovery::CATALOGUE;

/// Writes the line that keeps people from a domain.
type Line = fn(&str) -> String;

/// Number of the format, what stands before all lines, and a line for a domain.
#[rustfmt::skip]
const FORMATS: [(&str, &str, Line); 7] = [
    ("102", "define category unsanctioned\n",     |domain| format!("  {domain}\n")),
    ("104", "object-group network unsanctioned\n", |domain| format!(" network-object fqdn {domain}\n")),
    ("108", "config webfilter urlfilter\n",        |domain| format!("  set url \"{domain}\"\n")),
    ("112", "",                                    |domain| format!("set profiles custom-url-category unsanctioned list {domain}\n")),
    ("120", "",                                    |domain| format!(".{domain}\n")),
    ("129", "",                                    |domain| format!("set security utm custom-objects url-pattern unsanctioned value {domain}\n")),
    ("135", "",                                    |domain| format!("http://{domain}/\n")),
];

/// `GET /api/discovery_block_scripts/`.
pub(in super::super) fn script(_: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let format = asked::want(request, "format")?;
    let (_, head, line) = FORMATS.iter().find(|(number, ..)| *number == format).ok_or_else(|| {
        let known: Vec<&str> = FORMATS.iter().map(|(number, ..)| *number).collect();
        Failure::bad_parameter("format", format!("must be one of {}", known.join(", ")))
    })?;
    let apps = match asked::want(request, "type")? {
        "banned" => CATALOGUE.iter().filter(|app| !app.is_sanctioned()),
        other => return Err(Failure::bad_parameter("type", format!("must be banned, not {other}"))),
    };
    let script: String = std::iter::once((*head).to_owned()).chain(apps.map(|app| line(app.domain))).collect();
    Ok(Answer::bytes(StatusCode::OK, "text/plain; charset=utf-8", script))
}
