//! Okta's refusals: `{"errorCode","errorSummary","errorLink","errorId","errorCauses"}`.
//!
//! # Sources
//! `ec` for codes and summaries; that a bad cursor is a failed validation is a guess.

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::protocol::dialect::{Dialect, Failure, RenderContext, RetryAfter};
use crate::protocol::exchange::Answer;

/// How Okta speaks.
pub(super) const DIALECT: Dialect = Dialect {
    render,
    stamp: |answer, at| answer.with(header::HeaderName::from_static("x-okta-request-id"), &at.request_id),
    retry_after: RetryAfter::Never,
};

fn render(failure: &Failure, at: &RenderContext) -> Answer {
    let (status, code, summary) = match failure {
        Failure::Unauthenticated
        | Failure::TokenUnknown
        | Failure::TokenExpired { .. }
        | Failure::TokenRevoked { .. } => (401, "E0000011", "Invalid token provided".to_owned()),
        Failure::MissingScope { .. } | Failure::Forbidden { .. } => {
            (403, "E0000006", "You do not have permission to perform the requested action".to_owned())
        }
        Failure::NotFound { what, id } => (404, "E0000007", format!("Not found: Resource not found: {id} ({what})")),
        Failure::UnknownRoute { path, .. } => {
            (404, "E0000022", format!("The endpoint does not support the provided HTTP method: {path}"))
        }
        Failure::MethodNotAllowed { .. } => {
            (405, "E0000022", "The endpoint does not support the provided HTTP method".to_owned())
        }
        Failure::BadParameter { name, .. } => (400, "E0000001", format!("Api validation failed: {name}")),
        Failure::BadCursor { .. } => (400, "E0000001", "Api validation failed: after".to_owned()),
        Failure::Conflict { why } => (400, "E0000001", format!("Api validation failed: {why}")),
        Failure::RateLimited { .. } => {
            (429, "E0000047", "API call exceeded rate limit due to too many requests.".to_owned())
        }
        Failure::Upstream(status) => match status.as_u16() {
            401 => (401, "E0000011", "Invalid token provided".to_owned()),
            403 => (403, "E0000006", "You do not have permission to perform the requested action".to_owned()),
            429 => (429, "E0000047", "API call exceeded rate limit due to too many requests.".to_owned()),
            other => (other, "E0000009", "Internal Server Error".to_owned()),
        },
        Failure::Maintenance => (503, "E0000010", "Service is in read only mode".to_owned()),
        // No route here refuses so.
        other => (400, "E0000001", other.reasons().join("; ")),
    };
    let causes: Vec<_> = match failure {
        Failure::BadParameter { name, why } => vec![json!({ "errorSummary": format!("{name}: {why}") })],
        Failure::BadCursor { why } => vec![json!({ "errorSummary": format!("after: {why}") })],
        _ => Vec::new(),
    };
    let body = json!({
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": format!("oae{}", at.request_id.replace('-', "")),
        "errorCauses": causes,
    });
    let answer = Answer::json(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &body);
    match failure {
        Failure::MethodNotAllowed { allowed, .. } => answer.with(header::ALLOW, allowed),
        _ => answer,
    }
}
