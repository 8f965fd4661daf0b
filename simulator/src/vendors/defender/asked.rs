//! What a list is asked for: filters, order, window of the list.
//!
//! The same parameters are taken from a JSON body, under GET too, from a form, and from the query, where `filters` is JSON as
//! text. They are brought into the query, and what leads to a page becomes the one parameter [`CURSOR`]: the number to skip,
//! or what a scan said in `nextQueryFilters`.
//!
//! # Sources
//! "Make API calls" for the carriers; demisto/content for GET with a body, for `filters` as text and for `limit`, which is
//! ignored in the query of a GET (whether `skip` is, nobody knows: here it works). Numbers as text: the clients of Google
//! SecOps and of IBM QRadar send them so.

use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};

use super::errors::FILTERS;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::Request;
use crate::protocol::form::decode_pairs;
use crate::protocol::pages::Order;

/// Where the blocks find a page's cursor.
pub(super) const CURSOR: &str = "cursor";
/// The filter that a scan adds to those it was asked with. Its name and its content are invented: clients are told to send
/// `nextQueryFilters` back as they are.
const SCAN_CURSOR: &str = "scanCursor";

/// Fewest entries of a page of a scan, and how many it has unless asked.
const SCAN_LEAST: u32 = 500;
/// Most entries of a page of a scan.
pub(super) const SCAN_MOST: u32 = 5_000;
/// One in so many entries of a page of a scan is dropped at its end (invented: the documentation says "the last few").
const DROPPED: u32 = 100;

/// Brings the parameters of a request into its query.
pub(super) fn parameters(request: &mut Request) {
    let is_list_of_entries = request.route.feed.is_some();
    if request.method == Method::GET && is_list_of_entries {
        request.query.retain(|(name, _)| name != "limit");
    }
    let mut pairs = of_body(request);
    let query = std::mem::take(&mut request.query);
    let further: Vec<_> = query.into_iter().filter(|(name, _)| !pairs.iter().any(|(sent, _)| sent == name)).collect();
    pairs.extend(further);
    // No filters are the same walk, however they are written.
    pairs.retain(|(name, value)| name != FILTERS || !["", "{}", "null"].contains(&value.trim()));
    if let Some(cursor) = cursor(&mut pairs) {
        pairs.push((CURSOR.to_owned(), cursor));
    }
    request.query = pairs;
    if is_list_of_entries && scans(request) {
        let asked = request.query("limit").unwrap_or_default().to_owned();
        let size = if asked.is_empty() { Some(SCAN_LEAST) } else { asked.parse().ok() };
        request.query.retain(|(name, _)| name != "limit");
        request.query.push(("limit".to_owned(), size.map_or(asked, |size| kept_of(size).to_string())));
    }
}

/// How many entries a page of a scan keeps: the server drops the last few, so that nothing is listed twice.
fn kept_of(asked: u32) -> u32 {
    let size = asked.clamp(SCAN_LEAST, SCAN_MOST);
    size - size / DROPPED
}

/// The members of a JSON object, or the pairs of a form. The token endpoint reads its own.
fn of_body(request: &Request) -> Vec<(String, String)> {
    if request.body.is_empty() || !request.path.contains("/api/") {
        return Vec::new();
    }
    if let Ok(Value::Object(members)) = serde_json::from_slice(&request.body) {
        let text = |value: Value| match value {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        };
        return members.into_iter().map(|(name, value)| (name, text(value))).collect();
    }
    let content_type = request.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if content_type.starts_with("application/x-www-form-urlencoded") { decode_pairs(&request.body) } else { Vec::new() }
}

/// Takes out what leads to a page.
fn cursor(pairs: &mut Vec<(String, String)>) -> Option<String> {
    pairs.retain(|(name, _)| name != CURSOR);
    let scans = pairs.iter().any(|(name, value)| name == "isScan" && value.eq_ignore_ascii_case("true"));
    if scans {
        let (_, filters) = pairs.iter_mut().find(|(name, _)| name == FILTERS)?;
        let mut members: Map<String, Value> = serde_json::from_str(filters).ok()?;
        let cursor = members.shift_remove(SCAN_CURSOR)?;
        *filters = Value::Object(members).to_string();
        pairs.retain(|(name, value)| name != FILTERS || value != "{}");
        return Some(cursor["eq"].as_str().unwrap_or("none").to_owned());
    }
    let at = pairs.iter().position(|(name, _)| name == "skip")?;
    let (_, skip) = pairs.swap_remove(at);
    (skip != "0").then_some(skip)
}

/// What is to be sent back for the next page of a scan.
pub(super) fn next_query_filters(request: &Request, cursor: &str) -> Value {
    let mut filters = filters(request).unwrap_or_default();
    filters.insert(SCAN_CURSOR.to_owned(), json!({ "eq": cursor }));
    Value::Object(filters)
}

/// The object of filters; empty where none came.
pub(super) fn filters(request: &Request) -> Result<Map<String, Value>, Failure> {
    match request.query(FILTERS).map(str::trim) {
        None | Some("" | "null") => Ok(Map::new()),
        Some(text) => serde_json::from_str(text).map_err(|_| Failure::bad_parameter(FILTERS, text)),
    }
}

/// Whether a scan is asked for.
pub(super) fn scans(request: &Request) -> bool {
    request.query("isScan").is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// `sortDirection`.
pub(super) fn direction(request: &Request, default: Order) -> Result<Order, Failure> {
    match request.query("sortDirection") {
        None | Some("") => Ok(default),
        Some("asc") => Ok(Order::Ascending),
        Some("desc") => Ok(Order::Descending),
        Some(_) => Err(Failure::bad_parameter("sortDirection", "must be asc or desc")),
    }
}

/// A text of the body or the query, if it came and is not empty.
pub(super) fn text<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.query(name).filter(|text| !text.is_empty())
}

/// The same, where it has to be there.
pub(super) fn want<'a>(request: &'a Request, name: &str) -> Result<&'a str, Failure> {
    text(request, name).ok_or_else(|| Failure::bad_parameter(name, "is required"))
}

/// A member of the body as JSON.
pub(super) fn member(request: &Request, name: &str) -> Value {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    body.get(name).cloned().unwrap_or_default()
}
