//! What Graph's lists have in common: OData system parameters, collections, next links.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::errors::GRAPH_JSON;
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
