//! POST and PUT: a body becomes a resource; and what a resource has become different in.

use serde_json::{Map, Value};

use super::schema::{Mutability, Presence, coerce_fields};
use super::{Refusal, ResourceType, Schema};
use crate::protocol::exchange::Request;

/// One attribute of a resource that has changed. Attributes of an extension change together, under its URN.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its name, or the URN of an extension.
    pub attribute: String,
    /// What it was; null if it was not there.
    pub from: Value,
    /// What it is; null if it is there no more.
    pub to: Value,
}

/// The body of a request as a JSON object.
pub fn body(request: &Request) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(Refusal::syntax("The request body must be a JSON object.")),
    }
}

/// What a POST asks for: the writable attributes that it names, checked and in canonical spelling.
pub fn created(resource_type: &ResourceType, body: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let fields = writable(resource_type, body)?;
    complete(resource_type, &fields)?;
    Ok(fields)
}

/// A resource after a PUT: what is read-only stays, the rest is as the body says; what the body leaves out is gone.
pub fn replaced(
    resource_type: &ResourceType,
    old: &Map<String, Value>,
    body: &Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    let mut new = old.clone();
    let fields = writable(resource_type, body)?;
    complete(resource_type, &fields)?;
    for attribute in resource_type.schema.attributes {
        match (attribute.mutability, fields.get(attribute.name)) {
            (Mutability::ReadOnly, _) => {}
            (Mutability::Immutable, Some(value)) if old.get(attribute.name).is_some_and(|o| o != value) => {
                return Err(Refusal::mutability(format!("Attribute {} cannot be changed.", attribute.name)));
            }
            (_, Some(value)) => drop(new.insert(attribute.name.to_owned(), value.clone())),
            (_, None) => drop(new.shift_remove(attribute.name)),
        }
    }
    for key in std::iter::once("externalId").chain(resource_type.extensions.iter().map(|e| e.id)) {
        match fields.get(key) {
            Some(value) => drop(new.insert(key.to_owned(), value.clone())),
            None => drop(new.shift_remove(key)),
        }
    }
    Ok(new)
}

/// What differs between two states of a resource.
pub fn changes(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<Change> {
    let keys = old.keys().chain(new.keys().filter(|k| !old.contains_key(*k)));
    let value = |fields: &Map<String, Value>, key: &str| fields.get(key).cloned().unwrap_or_default();
    keys.map(|key| Change { attribute: key.clone(), from: value(old, key), to: value(new, key) })
        .filter(|change| change.from != change.to)
        .collect()
}

/// The URNs that a resource's `schemas` lists: the core one, and those of extensions it has something of.
pub fn schemas(resource_type: &ResourceType, resource: &Map<String, Value>) -> Vec<&'static str> {
    let used = resource_type.extensions.iter().map(|e| e.id).filter(|id| resource.contains_key(*id));
    std::iter::once(resource_type.schema.id).chain(used).collect()
}

fn writable(resource_type: &ResourceType, body: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let schema = resource_type.schema;
    let mut fields = coerce_fields(schema.attributes, body)?;
    fields.retain(|name, _| schema.attributes.iter().any(|a| a.name == name && a.mutability != Mutability::ReadOnly));
    if let Some((_, Value::String(id))) = body.iter().find(|(k, _)| k.eq_ignore_ascii_case("externalId")) {
        fields.insert("externalId".to_owned(), Value::String(id.clone()));
    }
    for extension in resource_type.extensions {
        if let Some(value) = extension_fields(extension, body)? {
            fields.insert(extension.id.to_owned(), Value::Object(value));
        }
    }
    Ok(fields)
}

fn extension_fields(extension: &Schema, body: &Map<String, Value>) -> Result<Option<Map<String, Value>>, Refusal> {
    let sent = body.iter().find(|(key, _)| key.eq_ignore_ascii_case(extension.id));
    let Some(Value::Object(sent)) = sent.map(|(_, value)| value) else { return Ok(None) };
    let fields = coerce_fields(extension.attributes, sent)?;
    Ok((!fields.is_empty()).then_some(fields))
}

/// Everything that must be there is.
pub(super) fn complete(resource_type: &ResourceType, fields: &Map<String, Value>) -> Result<(), Refusal> {
    let required = resource_type.schema.attributes.iter().filter(|a| a.presence == Presence::Required);
    let mut missing = required.filter(|a| match fields.get(a.name) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(_) => false,
    });
    match missing.next() {
        None => Ok(()),
        Some(attribute) => Err(Refusal::value(format!("Attribute {} is required.", attribute.name))),
    }
}
