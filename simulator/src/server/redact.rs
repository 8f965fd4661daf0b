//! Secrets leave their value behind when they enter the journal: only their names are kept.

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
