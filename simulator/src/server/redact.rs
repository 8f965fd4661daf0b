//! Secrets leave their value behind when they enter the journal: only their names are kept.

use std::collections::BTreeSet;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use url::form_urlencoded;

use super::routes::parameters;
use crate::protocol::credentials::TokenStore;

/// What of a body is kept.
const KEPT_BODY: usize = 2_000;

/// Path and query with the values of secrets replaced by their names.
pub(super) fn target(path: &str, query: Option<&str>, tokens: &TokenStore) -> String {
    match query {
        None | Some("") => path.to_owned(),
        Some(query) => format!("{path}?{}", form(query, tokens)),
    }
}

/// A JSON or form body likewise, cut; `None` for other bodies and empty ones.
pub(super) fn body(content_type: &str, body: &[u8], tokens: &TokenStore) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let text = std::str::from_utf8(body).ok()?;
    let mut kept = if content_type.starts_with("application/x-www-form-urlencoded") {
        form(text, tokens)
    } else if content_type.contains("json") {
        let mut value: serde_json::Value = serde_json::from_str(text).ok()?;
        json(&mut value, tokens);
        value.to_string()
    } else {
        return None;
    };
    if kept.len() > KEPT_BODY {
        let end = (0..=KEPT_BODY).rev().find(|i| kept.is_char_boundary(*i)).unwrap_or(0);
        kept.truncate(end);
        kept.push('…');
    }
    Some(kept)
}

/// Every value of a request that may be a secret: in its headers, its query and its body.
pub(super) fn carried(headers: &HeaderMap, query: Option<&str>, content_type: &str, body: &[u8]) -> Vec<String> {
    let mut values = Vec::new();
    for value in headers.values().filter_map(|value| value.to_str().ok()) {
        let last = value.rsplit([' ', '=']).next().unwrap_or_default();
        let pair = BASE64_STANDARD.decode(last).ok().and_then(|pair| String::from_utf8(pair).ok());
        values.extend(pair.and_then(|pair| Some(pair.split_once(':')?.1.to_owned())));
        values.extend([value.to_owned(), last.to_owned()]);
    }
    values.extend(parameters(query.unwrap_or_default()).into_iter().map(|(_, value)| value));
    let text = std::str::from_utf8(body).unwrap_or_default();
    if content_type.starts_with("application/x-www-form-urlencoded") {
        values.extend(parameters(text).into_iter().map(|(_, value)| value));
    } else if let Ok(value) = serde_json::from_str(text) {
        strings(&value, &mut values);
    }
    values
}

fn strings(value: &serde_json::Value, into: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => into.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| strings(field, into)),
        _ => {}
    }
}

/// Names of those values that are secrets of other instances and none of this one's, each once.
pub(super) fn foreign(values: &[String], own: &TokenStore, others: &[&TokenStore]) -> Vec<String> {
    let not_own = values.iter().filter(|value| own.name_of_secret(value).is_none());
    let names: BTreeSet<String> =
        not_own.flat_map(|value| others.iter().filter_map(|other| other.name_of_secret(value))).collect();
    names.into_iter().collect()
}

fn form(text: &str, tokens: &TokenStore) -> String {
    let pairs = parameters(text);
    let mut out = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        out.push(match tokens.name_of_secret(&value) {
            Some(name) => format!("{key}={name}"),
            None => form_urlencoded::Serializer::new(String::new()).append_pair(&key, &value).finish(),
        });
    }
    out.join("&")
}

fn json(value: &mut serde_json::Value, tokens: &TokenStore) {
    match value {
        serde_json::Value::String(text) => {
            if let Some(name) = tokens.name_of_secret(text) {
                *text = name;
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| json(item, tokens)),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(|field| json(field, tokens)),
        _ => {}
    }
}
