//! What a service provider says of itself (RFC 7644 4, RFC 7643 5-7).

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::list::LIST_RESPONSE;
use super::{Refusal, ResourceType, Schema, Surface};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Request};

const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// `GET /ServiceProviderConfig`.
pub fn service_provider_config(surface: &Surface, request: &Request) -> Result<Answer, Failure> {
    unfiltered(request)?;
    let provider = &surface.provider;
    let (name, kind, description) = provider.scheme;
    let body = json!({
        "schemas": [CONFIG],
        "documentationUri": provider.documentation,
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": provider.filter_max_results },
        "changePassword": { "supported": false },
        "sort": { "supported": true },
        "etag": { "supported": false },
        "authenticationSchemes": [{ "name": name, "description": description, "type": kind, "primary": true }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{}{}/ServiceProviderConfig", request.origin, surface.base),
        },
    });
    Ok(answer(surface, &body))
}

/// `GET /ResourceTypes`, and one by its name.
pub fn resource_types(surface: &Surface, request: &Request, name: Option<&str>) -> Result<Answer, Failure> {
    unfiltered(request)?;
    let render = |r: &&ResourceType| resource_type(surface, request, r);
    match name {
        None => Ok(answer(surface, &list(&surface.resource_types.iter().map(render).collect::<Vec<_>>()))),
        Some(name) => {
            let found = surface.resource_types.iter().find(|r| r.name == name);
            let found = found.ok_or_else(|| Failure::not_found("resource type", name))?;
            Ok(answer(surface, &render(found)))
        }
    }
}

/// `GET /Schemas`, and one by its URN.
pub fn schemas(surface: &Surface, request: &Request, urn: Option<&str>) -> Result<Answer, Failure> {
    unfiltered(request)?;
    let mut all: Vec<&Schema> = Vec::new();
    for schema in surface.resource_types.iter().flat_map(|r| std::iter::once(&r.schema).chain(r.extensions)) {
        if !all.iter().any(|s| s.id == schema.id) {
            all.push(schema);
        }
    }
    match urn {
        None => Ok(answer(surface, &list(&all.iter().map(|s| describe(surface, request, s)).collect::<Vec<_>>()))),
        Some(urn) => {
            let found = all.into_iter().find(|s| s.id.eq_ignore_ascii_case(urn));
            let found = found.ok_or_else(|| Failure::not_found("schema", urn))?;
            Ok(answer(surface, &describe(surface, request, found)))
        }
    }
}

fn resource_type(surface: &Surface, request: &Request, resource_type: &ResourceType) -> Value {
    let extensions: Vec<Value> =
        resource_type.extensions.iter().map(|e| json!({ "schema": e.id, "required": false })).collect();
    let mut body = json!({
        "schemas": [RESOURCE_TYPE],
        "id": resource_type.name,
        "name": resource_type.name,
        "description": resource_type.description,
        "endpoint": resource_type.endpoint,
        "schema": resource_type.schema.id,
    });
    if !extensions.is_empty() {
        body["schemaExtensions"] = Value::Array(extensions);
    }
    body["meta"] = json!({
        "resourceType": "ResourceType",
        "location": format!("{}{}/ResourceTypes/{}", request.origin, surface.base, resource_type.name),
    });
    body
}

fn describe(surface: &Surface, request: &Request, schema: &Schema) -> Value {
    json!({
        "schemas": [SCHEMA],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": schema.attributes.iter().map(super::Attribute::describe).collect::<Vec<_>>(),
        "meta": {
            "resourceType": "Schema",
            "location": format!("{}{}/Schemas/{}", request.origin, surface.base, schema.id),
        },
    })
}

fn list(resources: &[Value]) -> Value {
    let total = resources.len();
    json!({
        "schemas": [LIST_RESPONSE],
        "totalResults": total,
        "startIndex": 1,
        "itemsPerPage": total,
        "Resources": resources,
    })
}

fn answer(surface: &Surface, body: &Value) -> Answer {
    Answer::bytes(StatusCode::OK, surface.content_type, body.to_string())
}

/// Discovery does not filter, and must say so (RFC 7644 4).
fn unfiltered(request: &Request) -> Result<(), Failure> {
    if request.query("filter").is_none() {
        return Ok(());
    }
    let detail = "Filters are not permitted here.".to_owned();
    Err(Refusal { status: StatusCode::FORBIDDEN, scim_type: None, detail }.into())
}
