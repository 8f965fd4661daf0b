//! Secrets leave their value behind when they enter the journal: only their names are kept.

use std::borrow::Cow;
use std::collections::BTreeSet;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use url::form_urlencoded::byte_serialize;

use crate::protocol::credentials::TokenStore;
use crate::protocol::form::decode_pairs;

/// What of a body is kept.
const KEPT_BODY: usize = 2_000;

/// Path and query with the values of secrets replaced by their names.
pub(super) fn target(path: &str, query: &[(String, String)], tokens: &TokenStore) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", form(query, tokens)) }
}

/// A JSON or form body likewise, cut; `None` for other bodies and empty ones.
pub(super) fn body(content_type: &str, body: &[u8], tokens: &TokenStore) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let text = std::str::from_utf8(body).ok()?;
    let mut kept = if content_type.starts_with("application/x-www-form-urlencoded") {
        form(&decode_pairs(body), tokens)
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
pub(super) fn carried<'a>(
    headers: &'a HeaderMap,
    query: &'a [(String, String)],
    content_type: &str,
    body: &[u8],
) -> Vec<Cow<'a, str>> {
    let mut values: Vec<Cow<'a, str>> = Vec::new();
    for value in headers.values().filter_map(|value| value.to_str().ok()) {
        // `Bearer TOKEN`, `Basic BASE64`, `session=TOKEN`.
        let after = |separator: char| value.rsplit_once(separator).map(|(_, after)| after);
        let pair = after(' ').and_then(|pair| String::from_utf8(BASE64_STANDARD.decode(pair).ok()?).ok());
        values.extend(pair.and_then(|pair| Some(Cow::Owned(pair.split_once(':')?.1.to_owned()))));
        values.extend([Some(value), after(' '), after('=')].into_iter().flatten().map(Cow::Borrowed));
    }
    values.extend(query.iter().map(|(_, value)| Cow::Borrowed(value.as_str())));
    if content_type.starts_with("application/x-www-form-urlencoded") {
        values.extend(decode_pairs(body).into_iter().map(|(_, value)| Cow::Owned(value)));
    } else if let Ok(value) = serde_json::from_slice(body) {
        strings(value, &mut values);
    }
    values
}

fn strings(value: serde_json::Value, into: &mut Vec<Cow<'_, str>>) {
    match value {
        serde_json::Value::String(text) => into.push(Cow::Owned(text)),
        serde_json::Value::Array(items) => items.into_iter().for_each(|item| strings(item, into)),
        serde_json::Value::Object(fields) => fields.into_iter().for_each(|(_, field)| strings(field, into)),
        _ => {}
    }
}

/// Names of those values that are secrets of other instances and none of this one's, each once.
pub(super) fn foreign(values: &[Cow<'_, str>], own: &TokenStore, others: &[&TokenStore]) -> Vec<String> {
    let not_own = values.iter().filter(|value| own.name_of_secret(value).is_none());
    let names: BTreeSet<String> =
        not_own.flat_map(|value| others.iter().filter_map(|other| other.name_of_secret(value))).collect();
    names.into_iter().collect()
}

fn form(pairs: &[(String, String)], tokens: &TokenStore) -> String {
    let mut out = String::new();
    for (key, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        match tokens.name_of_secret(value) {
            Some(name) => out.extend([key, "=", &name]),
            None => {
                out.extend(byte_serialize(key.as_bytes()));
                out.push('=');
                out.extend(byte_serialize(value.as_bytes()));
            }
        }
    }
    out
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
