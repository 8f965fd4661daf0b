//! Refusals as SCIM error objects (RFC 7644 3.12).

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::protocol::dialect::Failure;
use crate::protocol::exchange::Answer;

const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Why a SCIM request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: StatusCode,
    /// `scimType`, where RFC 7644 table 9 has one.
    pub scim_type: Option<&'static str>,
    /// For people.
    pub detail: String,
}

impl Refusal {
    fn bad(scim_type: &'static str, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, scim_type: Some(scim_type), detail: detail.into() }
    }

    /// A filter that cannot be read or is not supported.
    pub fn filter(detail: impl Into<String>) -> Self {
        Self::bad("invalidFilter", detail)
    }

    /// A body that cannot be read.
    pub fn syntax(detail: impl Into<String>) -> Self {
        Self::bad("invalidSyntax", detail)
    }

    /// A path that names nothing of this resource type.
    pub fn path(detail: impl Into<String>) -> Self {
        Self::bad("invalidPath", detail)
    }

    /// A path that selects nothing of this resource.
    pub fn target(detail: impl Into<String>) -> Self {
        Self::bad("noTarget", detail)
    }

    /// A value that an attribute does not take, or that is missing.
    pub fn value(detail: impl Into<String>) -> Self {
        Self::bad("invalidValue", detail)
    }

    /// An attribute that cannot be changed, or not so.
    pub fn mutability(detail: impl Into<String>) -> Self {
        Self::bad("mutability", detail)
    }

    /// A value that somebody else has.
    pub fn uniqueness(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, scim_type: Some("uniqueness"), detail: detail.into() }
    }

    /// More at once than the vendor takes.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, scim_type: Some("tooMany"), detail: detail.into() }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Scim(refusal)
    }
}

/// Words any failure as a SCIM error object.
pub fn render(failure: &Failure, content_type: &'static str) -> Answer {
    let plain = |status: StatusCode, detail: &str| error(content_type, status, None, detail);
    match failure {
        Failure::Scim(refusal) => error(content_type, refusal.status, refusal.scim_type, &refusal.detail),
        Failure::Unauthenticated
        | Failure::TokenUnknown
        | Failure::TokenExpired { .. }
        | Failure::TokenRevoked { .. } => {
            plain(StatusCode::UNAUTHORIZED, "Authorization failure. The authorization header is invalid or missing.")
                .with(header::WWW_AUTHENTICATE, "Bearer")
        }
        Failure::MissingScope { .. } | Failure::Forbidden { .. } => {
            plain(StatusCode::FORBIDDEN, "Operation is not permitted based on the supplied authorization.")
        }
        Failure::NotFound { id, .. } => plain(StatusCode::NOT_FOUND, &format!("Resource {id} not found.")),
        // RFC 7644 3.12: an operation of the protocol that this provider does not have.
        Failure::UnknownRoute { path, .. } if path.ends_with("/.search") => {
            plain(StatusCode::NOT_IMPLEMENTED, "Searching by POST is not supported.")
        }
        Failure::UnknownRoute { path, .. } => plain(StatusCode::NOT_FOUND, &format!("Endpoint {path} not found.")),
        Failure::MethodNotAllowed { method, .. } => {
            plain(StatusCode::METHOD_NOT_ALLOWED, &format!("{method} is not supported by this endpoint."))
        }
        Failure::BadParameter { name, why } => {
            error(content_type, StatusCode::BAD_REQUEST, Some("invalidValue"), &format!("{name} {why}"))
        }
        Failure::Conflict { why } => error(content_type, StatusCode::CONFLICT, Some("uniqueness"), why),
        Failure::RateLimited { .. } => plain(StatusCode::TOO_MANY_REQUESTS, "Too many requests."),
        Failure::Upstream(status) => plain(*status, status.canonical_reason().unwrap_or("Error")),
        Failure::Maintenance => plain(StatusCode::SERVICE_UNAVAILABLE, "The service is under maintenance."),
        _ => plain(StatusCode::BAD_REQUEST, "The request could not be processed."),
    }
}

fn error(content_type: &'static str, status: StatusCode, scim_type: Option<&str>, detail: &str) -> Answer {
    let mut body = json!({ "schemas": [ERROR], "status": status.as_str(), "detail": detail });
    if let Some(scim_type) = scim_type {
        body["scimType"] = json!(scim_type);
    }
    Answer::bytes(status, content_type, body.to_string())
}
