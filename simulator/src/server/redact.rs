//! Secrets leave their value behind when they enter the journal: only their names are kept.

use std::borrow::Cow;
use std::collections::BTreeSet;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use url::form_urlencoded::byte_serialize;

use crate::protocol::credentials::TokenStore;
use crate::protocol::form::decode_pairs;
use crate::scenario::AppIndex;
use crate::simulation::{InstanceState, State};

/// What of a body is kept, in bytes.
const KEPT_BODY: usize = 2_000;

/// What of a target is kept, in bytes: longer ones are no use to anybody, and a client may send 64 KB.
const KEPT_TARGET: usize = 8_000;

/// Fields that hold a secret whoever chose it, be it known or not.
const SECRET_FIELDS: [&str; 4] = ["password", "secret", "verify_token", "clientState"];

/// Whose secrets are told by name: those of the app that is spoken to, and what any other vendor gave out.
#[derive(Clone, Copy)]
pub(crate) struct SecretNames<'a> {
    own: &'a TokenStore,
    all: &'a [InstanceState],
}

impl<'a> SecretNames<'a> {
    /// As they are known to those who speak to `app`.
    pub(crate) fn new(state: &'a State, app: AppIndex) -> Self {
        Self { own: &state.instances[app.0].tokens, all: &state.instances }
    }

    /// Whether there is nobody else whose secrets could be told.
    pub(super) fn are_all_own(self) -> bool {
        self.all.len() == 1
    }

    fn of(self, value: &str) -> Option<String> {
        self.own.name_of_secret(value).or_else(|| self.foreign(value).next())
    }

    /// As which secrets of others this is known.
    fn foreign(self, value: &str) -> impl Iterator<Item = String> {
        let others =
            self.all.iter().map(|instance| &instance.tokens).filter(move |other| !std::ptr::eq(*other, self.own));
        others.filter_map(move |other| other.name_of_issued(value))
    }
}

/// Path and query with the values of secrets replaced by their names.
pub(crate) fn target(path: &str, query: &[(String, String)], names: SecretNames<'_>) -> String {
    let whole = if query.is_empty() { path.to_owned() } else { format!("{path}?{}", form(query, names)) };
    cut(whole, KEPT_TARGET)
}

/// A JSON or form body likewise, cut; `None` for other bodies and empty ones.
pub(crate) fn body(content_type: &str, body: &[u8], names: SecretNames<'_>) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let text = std::str::from_utf8(body).ok()?;
    let kept = if content_type.starts_with("application/x-www-form-urlencoded") {
        form(&decode_pairs(body), names)
    } else if content_type.contains("json") {
        let mut value: serde_json::Value = serde_json::from_str(text).ok()?;
        json(&mut value, names);
        value.to_string()
    } else {
        return None;
    };
    Some(cut(kept, KEPT_BODY))
}

/// So many bytes of a text at most. What is cut off is given back: a journal of beginnings must not cost as much as one of
/// wholes.
fn cut(text: String, most: usize) -> String {
    if text.len() <= most { text } else { format!("{}…", &text[..text.floor_char_boundary(most)]) }
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
pub(super) fn foreign(values: &[Cow<'_, str>], names: SecretNames<'_>) -> Vec<String> {
    let not_own = values.iter().filter(|value| names.own.name_of_secret(value).is_none());
    let names: BTreeSet<String> = not_own.flat_map(|value| names.foreign(value)).collect();
    names.into_iter().collect()
}

fn form(pairs: &[(String, String)], names: SecretNames<'_>) -> String {
    let mut out = String::new();
    for (key, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        match name_of(key, value, names) {
            Some(name) => out.extend([key, "=", &name]),
            None => {
                out.extend(byte_serialize(key.as_bytes()));
                out.push('=');
                let value = within(value, names).map_or(Cow::Borrowed(value.as_str()), Cow::Owned);
                out.extend(byte_serialize(value.as_bytes()));
            }
        }
    }
    out
}

/// A text that carries others, JSON or an address with a query (as a batch does), likewise; none if no secret is in it.
fn within(text: &str, names: SecretNames<'_>) -> Option<String> {
    if text.starts_with(['[', '{']) {
        let sent: serde_json::Value = serde_json::from_str(text).ok()?;
        let mut told = sent.clone();
        json(&mut told, names);
        return (told != sent).then(|| told.to_string());
    }
    let (path, query) = text.split_once('?')?;
    let pairs = decode_pairs(query.as_bytes());
    let holds_one = pairs.iter().any(|(key, value)| name_of(key, value, names).is_some());
    holds_one.then(|| format!("{path}?{}", form(&pairs, names)))
}

/// What stands in place of a field's value, if that is a secret.
fn name_of(field: &str, value: &str, names: SecretNames<'_>) -> Option<String> {
    // `hub.verify_token` is one like `verify_token`.
    let field = field.rsplit('.').next().unwrap_or(field);
    let secret = || SECRET_FIELDS.contains(&field).then(|| format!("<{field}>"));
    names.of(value).or_else(secret).filter(|_| !value.is_empty())
}

fn json(value: &mut serde_json::Value, names: SecretNames<'_>) {
    json_field("", value, names);
}

fn json_field(field: &str, value: &mut serde_json::Value, names: SecretNames<'_>) {
    match value {
        serde_json::Value::String(text) => {
            if let Some(name) = name_of(field, text, names).or_else(|| within(text, names)) {
                *text = name;
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| json_field(field, item, names)),
        serde_json::Value::Object(fields) => {
            fields.iter_mut().for_each(|(name, value)| json_field(name, value, names));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::credentials::ChosenSort;
    use crate::scenario::{SignIn, Vendor};
    use crate::vendors::testing::{Room, story};

    fn told(content_type: &str, sent: &str) -> String {
        let room = Room::new(story(SignIn::Password, &["ann"]), Vendor::Github);
        let mut state = room.sim.state();
        let tokens = &mut state.instances[room.app.0].tokens;
        tokens.keep_chosen(ChosenSort::Hook, "open sesame");
        tokens.keep_chosen(ChosenSort::Hook, "short");
        body(content_type, sent.as_bytes(), SecretNames::new(&state, room.app)).expect("a body that is kept")
    }

    #[test]
    fn fields_that_hold_secrets_are_told_by_name_whoever_chose_the_value() {
        #[rustfmt::skip]
        let cases = [
            (json!({ "config": { "secret": "open sesame" } }),        json!({ "config": { "secret": "<hook:github#1>" } })),
            (json!({ "note": ["open sesame", "open sesame!"] }),      json!({ "note": ["<hook:github#1>", "open sesame!"] })),
            (json!({ "secret": "short", "state": "short" }),          json!({ "secret": "<secret>", "state": "short" })),
            (json!({ "value": [{ "clientState": "nobody knows" }] }), json!({ "value": [{ "clientState": "<clientState>" }] })),
            (json!({ "password": "", "secret": null }),               json!({ "password": "", "secret": null })),
        ];
        for (sent, kept) in cases {
            assert_eq!(told("application/json", &sent.to_string()), kept.to_string());
        }
        let form = told("application/x-www-form-urlencoded", "grant_type=password&password=hunter2&verify_token=x");
        assert_eq!(form, "grant_type=password&password=<password>&verify_token=<verify_token>");
    }

    #[test]
    fn a_token_inside_a_batch_is_told_by_name() {
        let room = Room::new(story(SignIn::Password, &["ann"]), Vendor::Workplace);
        let token = room.token();
        let state = room.sim.state();
        let names = SecretNames::new(&state, room.app);
        let batch = format!(r#"[{{"method":"GET","relative_url":"me?fields=id&access_token={token}"}}]"#);
        let query = [("batch".to_owned(), batch.clone()), ("include_headers".to_owned(), "false".to_owned())];
        let told = [target("/", &query, names), body("application/json", batch.as_bytes(), names).expect("it is JSON")];
        for text in told {
            assert!(!text.contains(&token) && text.contains("token"), "{text}");
        }
        let plain = [("batch".to_owned(), r#"[{"relative_url":"me"}]"#.to_owned())];
        assert_eq!(target("/", &plain, names), "/?batch=%5B%7B%22relative_url%22%3A%22me%22%7D%5D");
    }

    #[test]
    fn what_another_vendor_gave_out_is_told_by_its_name_too() {
        let room = Room::new(story(SignIn::Password, &["ann"]), Vendor::Workplace);
        let other = room.sim.scenario.apps.iter().position(|app| app.vendor != Vendor::Workplace).expect("another app");
        let secret = room.sim.state().instances[other].tokens.client().client_secret.clone();
        let state = room.sim.state();
        let query = [("access_token".to_owned(), secret)];
        let told = target("/me", &query, SecretNames::new(&state, room.app));
        assert_eq!(told, "/me?access_token=<secret:miro/stack>");
    }

    #[test]
    fn the_query_of_a_handshake_is_told_likewise() {
        let room = Room::new(story(SignIn::Password, &["ann"]), Vendor::Workplace);
        let state = room.sim.state();
        let query = decode_pairs(b"hub.mode=subscribe&hub.verify_token=subscribe");
        let told = target("/hooks", &query, SecretNames::new(&state, room.app));
        assert_eq!(told, "/hooks?hub.mode=subscribe&hub.verify_token=<verify_token>");
    }
}
