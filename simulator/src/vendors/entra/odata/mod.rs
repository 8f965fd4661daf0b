//! OData, as Graph speaks it: system parameters, collections, entities, next links.
//!
//! | file | says |
//! |---|---|
//! | `expand` | `$expand` |
//! | `filter` | `$filter` |
//! | `list` | a collection with everything that a request may ask of it |
//! | `search` | `$search` |

mod expand;
pub(super) mod filter;
pub(super) mod list;
mod search;

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::errors::{GRAPH_JSON, graph_json};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Request};
use crate::protocol::feed;
use crate::protocol::form::encode;
use crate::timeline::Record;

/// The parameter that carries the cursor.
pub(super) const SKIP_TOKEN: &str = "$skiptoken";

/// `@odata.context` of a collection or an entity.
pub(super) fn context_url(request: &Request, fragment: &str) -> String {
    format!("{}/v1.0/$metadata#{fragment}", request.origin)
}

/// The absolute address of the next page: the request's own, with another skip token. Empty for an empty token, which
/// only a fault gives.
pub(super) fn next_link(request: &Request, token: &str) -> String {
    if token.is_empty() {
        return String::new();
    }
    let mut query = String::new();
    for (name, value) in request.query.iter().filter(|(name, _)| name != SKIP_TOKEN) {
        query.push_str(&format!("{}={}&", encode(name).replace("%24", "$"), encode(value)));
    }
    let path = super::normalize(&request.path);
    format!("{}{path}?{query}{SKIP_TOKEN}={}", request.next_origin(), encode(token))
}

/// Whether the client has asked for the index that lags: `ConsistencyLevel: eventual`.
pub(super) fn eventual(request: &Request) -> bool {
    let level = request.headers.get("consistencylevel").and_then(|v| v.to_str().ok());
    level.is_some_and(|level| level.eq_ignore_ascii_case("eventual"))
}

/// Whether `$count=true` stands in the query.
pub(super) fn counts(request: &Request) -> bool {
    request.query("$count").is_some_and(|c| c.eq_ignore_ascii_case("true"))
}

/// A parameter that came and is not blank.
pub(super) fn given<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.query(name).filter(|value| !value.trim().is_empty())
}

/// An entity under its context.
pub(super) fn entity(request: &Request, status: StatusCode, fragment: &str, properties: Value) -> Answer {
    let mut body = Map::new();
    body.insert("@odata.context".into(), json!(context_url(request, fragment)));
    if let Value::Object(properties) = properties {
        body.extend(properties);
    }
    graph_json(status, &Value::Object(body))
}

/// The JSON object in the body.
pub(super) fn body(request: &Request) -> Result<Map<String, Value>, Failure> {
    let malformed = || Failure::bad_parameter("body", "Unable to read JSON request payload.");
    match serde_json::from_slice(&request.body).map_err(|_| malformed())? {
        Value::Object(properties) => Ok(properties),
        _ => Err(malformed()),
    }
}

/// The ids that the body lists under `name`: one to `most`.
pub(super) fn ids(request: &Request, name: &str, most: usize) -> Result<Vec<String>, Failure> {
    let sent = body(request)?;
    let listed = sent.get(name).and_then(Value::as_array).into_iter().flatten();
    let ids: Vec<String> = listed.filter_map(Value::as_str).map(str::to_owned).collect();
    if ids.is_empty() || ids.len() > most {
        return Err(Failure::bad_parameter(name, format!("The property '{name}' must name 1 to {most} ids.")));
    }
    Ok(ids)
}

/// A page of a log: records are rendered already, only their bytes are joined.
pub(super) fn log_page(request: &Request, fragment: &str, next: Option<&str>, records: &[Arc<Record>]) -> Answer {
    let mut head = json!({ "@odata.context": context_url(request, fragment) });
    if let Some(token) = next {
        head["@odata.nextLink"] = json!(next_link(request, token));
    }
    Answer::bytes(StatusCode::OK, GRAPH_JSON, feed::joined(&head, "value", records))
}

/// One entry of a log.
pub(super) fn log_entry(request: &Request, fragment: &str, record: &Record) -> Answer {
    let context = Value::String(context_url(request, &format!("{fragment}/$entity")));
    let mut body = format!("{{\"@odata.context\":{context},").into_bytes();
    body.extend_from_slice(&record.body[1..]);
    Answer::bytes(StatusCode::OK, GRAPH_JSON, body)
}
