//! Reading: one resource or a page of them, with the attributes that are asked for (RFC 7644 3.4, 3.9).

use std::cmp::Ordering;

use axum::http::{StatusCode, header};
use serde_json::{Map, Value, json};

use super::filter::{Filter, Place};
use super::schema::Returned;
use super::{Refusal, ResourceType, Surface};
use crate::protocol::exchange::{Answer, Request};

/// The schema of a list.
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// A page of `resources`, which are all there are, in the vendor's order. `cap` is the scenario's `page_size`.
pub fn page(
    surface: &Surface,
    resource_type: &ResourceType,
    request: &Request,
    mut resources: Vec<Map<String, Value>>,
    cap: Option<u32>,
) -> Result<Answer, Refusal> {
    if let Some(text) = given(request, "filter") {
        let filter = Filter::read(text, resource_type, &surface.filters)?;
        resources.retain(|r| filter.matches(r));
    }
    sort(resource_type, request, &mut resources)?;
    let number = |name: &'static str, default: usize| match given(request, name) {
        None => Ok(default),
        Some(text) => match text.parse::<i64>() {
            Ok(number) => Ok(usize::try_from(number).unwrap_or(0)),
            Err(_) => Err(Refusal::value(format!("{name} must be a whole number."))),
        },
    };
    let start = number("startIndex", 1)?.max(1);
    let cap = cap.and_then(|c| usize::try_from(c).ok()).unwrap_or(usize::MAX);
    let count = number("count", surface.pages.default)?.min(surface.pages.max).min(cap);
    let total = resources.len();
    let projection = Projection::read(resource_type, request);
    let page: Vec<Value> =
        resources.into_iter().skip(start - 1).take(count).map(|r| Value::Object(projection.apply(r))).collect();
    let body = json!({
        "schemas": [LIST_RESPONSE],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": page.len(),
        "Resources": page,
    });
    Ok(Answer::bytes(StatusCode::OK, surface.content_type, body.to_string()))
}

/// One resource; `201` carries its location in a header too.
pub fn one(
    surface: &Surface,
    resource_type: &ResourceType,
    request: &Request,
    status: StatusCode,
    resource: Map<String, Value>,
) -> Answer {
    let location = resource.get("meta").and_then(|m| m["location"].as_str()).unwrap_or_default().to_owned();
    let body = Value::Object(Projection::read(resource_type, request).apply(resource)).to_string();
    let answer = Answer::bytes(status, surface.content_type, body);
    if status == StatusCode::CREATED { answer.with(header::LOCATION, &location) } else { answer }
}

/// `meta` of a resource.
pub fn meta(surface: &Surface, resource_type: &ResourceType, origin: &str, id: &str) -> Value {
    let location = format!("{origin}{}{}/{id}", surface.base, resource_type.endpoint);
    json!({ "resourceType": resource_type.name, "location": location })
}

fn given<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.query(name).filter(|text| !text.is_empty())
}

fn sort(resource_type: &ResourceType, request: &Request, resources: &mut [Map<String, Value>]) -> Result<(), Refusal> {
    let Some(by) = given(request, "sortBy") else { return Ok(()) };
    let place = Place::read(resource_type, by).filter(|p| p.attribute.is_some());
    let place = place.ok_or_else(|| Refusal::path(format!("There is no attribute {by}.")))?;
    let key = |resource: &Map<String, Value>| {
        let value = place.attribute.zip(place.holder(resource)).and_then(|(a, h)| h.get(a.name)).cloned();
        let value = match value {
            Some(Value::Array(values)) => values.into_iter().next(),
            value => value,
        };
        let part = place.sub.map_or("value", |s| s.name);
        let value = value.map(|v| v.get(part).cloned().unwrap_or(v));
        value.map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_lowercase))
    };
    let turn = match given(request, "sortOrder") {
        None | Some("ascending") => |ordering: Ordering| ordering,
        Some("descending") => Ordering::reverse,
        Some(_) => return Err(Refusal::value("sortOrder must be ascending or descending.")),
    };
    // What has no value comes last, either way round.
    resources.sort_by(|a, b| match (key(a), key(b)) {
        (Some(a), Some(b)) => turn(a.cmp(&b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    });
    Ok(())
}

/// Which attributes an answer shows.
struct Projection {
    shown: Option<Vec<Place>>,
    hidden: Vec<Place>,
}

impl Projection {
    /// Names that mean nothing here are ignored.
    fn read(resource_type: &ResourceType, request: &Request) -> Self {
        let places = |name: &str| {
            given(request, name)
                .map(|list| list.split(',').filter_map(|n| Place::read(resource_type, n.trim())).collect::<Vec<_>>())
        };
        Self { shown: places("attributes"), hidden: places("excludedAttributes").unwrap_or_default() }
    }

    fn apply(&self, resource: Map<String, Value>) -> Map<String, Value> {
        let mut resource = match &self.shown {
            None => resource,
            Some(shown) => project(&resource, shown),
        };
        for place in self.hidden.iter().filter(|p| p.attribute.is_none_or(|a| a.returned != Returned::Always)) {
            hide(&mut resource, place);
        }
        resource
    }
}

fn project(resource: &Map<String, Value>, shown: &[Place]) -> Map<String, Value> {
    let mut kept = Map::new();
    for (key, value) in resource {
        let at = |p: &&Place| match (p.extension, p.attribute) {
            (Some(schema), _) => schema.id == key,
            (None, Some(attribute)) => attribute.name == key,
            (None, None) => false,
        };
        let places: Vec<&Place> = shown.iter().filter(at).collect();
        if matches!(key.as_str(), "schemas" | "id") {
            kept.insert(key.clone(), value.clone());
        } else if !places.is_empty() {
            kept.insert(key.clone(), parts(value, &places));
        }
    }
    kept
}

/// The named parts of a value; all of it, if one place names it whole.
fn parts(value: &Value, places: &[&Place]) -> Value {
    let names: Option<Vec<&str>> = places
        .iter()
        .map(|p| match (p.extension, p.attribute, p.sub) {
            (Some(_), attribute, _) => attribute.map(|a| a.name),
            (None, _, sub) => sub.map(|s| s.name),
        })
        .collect();
    let Some(names) = names else { return value.clone() };
    let cut = |value: &Value| match value {
        Value::Object(fields) => Value::Object(
            fields.iter().filter(|(k, _)| names.contains(&k.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect(),
        ),
        other => other.clone(),
    };
    match value {
        Value::Array(values) => values.iter().map(cut).collect(),
        one => cut(one),
    }
}

fn hide(resource: &mut Map<String, Value>, place: &Place) {
    let (holder, name) = match (place.extension, place.attribute) {
        (Some(schema), None) => return drop(resource.shift_remove(schema.id)),
        (Some(schema), Some(attribute)) => match resource.get_mut(schema.id) {
            Some(Value::Object(fields)) => (fields, attribute.name),
            _ => return,
        },
        (None, Some(attribute)) => (resource, attribute.name),
        (None, None) => return,
    };
    match place.sub {
        None => drop(holder.shift_remove(name)),
        Some(sub) => match holder.get_mut(name) {
            Some(Value::Object(fields)) => drop(fields.shift_remove(sub.name)),
            Some(Value::Array(values)) => {
                values.iter_mut().filter_map(Value::as_object_mut).for_each(|v| drop(v.shift_remove(sub.name)));
            }
            _ => {}
        },
    }
}
