//! `policies`: the detections in force, with their parameters as written.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::map_of;
use crate::scenario::fields::{Context, Fields, Spanned};
use crate::scenario::model::Policy;
use crate::scenario::table::{Key, Kind, Of};
use crate::scenario::tables::{
    BUILT_POLICIES, CUSTOM_POLICY, CUSTOM_POLICY_KEY, PLANNED_POLICY_KEYS, POLICIES, POLICY,
};
use crate::scenario::words::known_word;
use crate::scenario::yaml::{Entry, Value, clip};

/// `policies`: as many as are named, so that indices hold.
pub(super) fn policies(top: &Fields<'_>, context: Context<'_>) -> Vec<Policy> {
    map_of(top, "policies", context).iter().map(|entry| policy(entry, context)).collect()
}

fn policy(entry: &Entry, context: Context<'_>) -> Policy {
    let mut policy = Policy { name: entry.key.clone(), parameters: BTreeMap::new(), at: entry.key_span.at };
    let name = Spanned { value: entry.key.as_str(), span: entry.key_span };
    let is_custom = !POLICIES.words.contains(&name.value) && entry.value.get(CUSTOM_POLICY_KEY).is_some();
    if !is_custom && known_word(&POLICIES, name, context.problems).is_none() {
        return policy;
    }
    let built = BUILT_POLICIES.iter().find(|p| p.name == name.value);
    let tables = [built.map_or(CUSTOM_POLICY, |built| built.keys), POLICY, PLANNED_POLICY_KEYS];
    let what = format!("policy \"{}\"", clip(name.value));
    let Some(fields) = Fields::open(&entry.value, &what, &tables, &[], context) else { return policy };
    for key in tables.iter().flat_map(|table| table.iter()).filter(|key| key.is_built() && fields.has(key.name)) {
        if let Some(value) = parameter(&fields, key) {
            policy.parameters.insert(key.name.to_owned(), value);
        }
    }
    policy
}

/// A parameter: numbers and flags as such, durations as spelled, words as lists, times as RFC 3339, people by their keys.
fn parameter(fields: &Fields<'_>, key: &Key) -> Option<Json> {
    Some(match key.kind {
        Kind::Number { .. } => json!(fields.number(key.name)?.value),
        Kind::Flag => json!(fields.flag(key.name)?.value),
        Kind::Duration { .. } => json!(crate::time::spell_duration(fields.duration(key.name)?.value)),
        Kind::Time => json!(fields.time(key.name)?.value.rfc3339()),
        Kind::Text => json!(fields.text(key.name)?.value),
        Kind::Name(Of::App) => {
            let written = fields.text(key.name)?.value;
            fields.app(key.name).map(|_| json!(written))?
        }
        Kind::Names(Of::Person) => json!(fields.people(key.name).into_iter().map(|p| p.value).collect::<Vec<_>>()),
        Kind::Word(_) => json!(fields.word(key.name)?.value),
        Kind::Words(vocabulary) => {
            let empty = matches!(fields.node(key.name).map(|n| &n.value), Some(Value::List(items)) if items.is_empty());
            let words: Vec<&str> = fields.words(key.name).into_iter().map(|w| w.value).collect();
            if empty && key.name == "per" {
                fields.complain(key.name, format!("per lists at least one of {}", vocabulary.words.join(", ")));
            }
            json!(words)
        }
        _ => unreachable!("policies have no keys of other kinds"),
    })
}
