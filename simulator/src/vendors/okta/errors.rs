//! Okta's refusals: `{"errorCode","errorSummary","errorLink","errorId","errorCauses"}`.
//!
//! # Sources
//! `ec` for codes and summaries; that a bad cursor is a failed validation is a guess.

use axum::http::{HeaderName, StatusCode};
use serde_json::json;

use crate::protocol::dialect::{Dialect, Failure, RenderContext, RetryAfter};
use crate::protocol::exchange::Answer;

/// How Okta speaks.
pub(super) const DIALECT: Dialect = Dialect {
    render,
    stamp: |answer, at| answer.with(HeaderName::from_static("x-okta-request-id"), &at.request_id),
    retry_after: RetryAfter::Never,
};

fn render(failure: &Failure, at: &RenderContext) -> Answer {
    let said = |status, code, summary: &str| refusal(status, code, summary, None, at);
    match failure {
        Failure::Unauthenticated
        | Failure::TokenUnknown
        | Failure::TokenExpired { .. }
        | Failure::TokenRevoked { .. } => said(401, "E0000011", "Invalid token provided"),
        Failure::MissingScope { .. } | Failure::Forbidden { .. } => {
            said(403, "E0000006", "You do not have permission to perform the requested action")
        }
        Failure::NotFound { what, id } => {
            said(404, "E0000007", &format!("Not found: Resource not found: {id} ({what})"))
        }
        Failure::UnknownRoute { .. } => said(404, "E0000022", NO_METHOD),
        Failure::MethodNotAllowed { .. } => said(405, "E0000022", NO_METHOD),
        Failure::BadParameter { name, why } => invalid(name, Some(&format!("{name}: {why}")), at),
        Failure::BadCursor { why } => invalid("after", Some(&format!("after: {why}")), at),
        Failure::Conflict { why } => invalid(why, None, at),
        Failure::RateLimited { .. } => said(429, "E0000047", "API call exceeded rate limit due to too many requests."),
        Failure::Upstream(status) => match Failure::like(*status) {
            Some(same) => render(&same, at),
            None => said(status.as_u16(), "E0000009", "Internal Server Error"),
        },
        Failure::Maintenance => said(503, "E0000010", "Service is in read only mode"),
        // No route here refuses so.
        other => invalid(&other.reasons().join("; "), None, at),
    }
}

const NO_METHOD: &str = "The endpoint does not support the provided HTTP method";

fn invalid(what: &str, cause: Option<&str>, at: &RenderContext) -> Answer {
    refusal(400, "E0000001", &format!("Api validation failed: {what}"), cause, at)
}

fn refusal(status: u16, code: &str, summary: &str, cause: Option<&str>, at: &RenderContext) -> Answer {
    let body = json!({
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": format!("oae{}", at.request_id.replace('-', "")),
        "errorCauses": cause.iter().map(|cause| json!({ "errorSummary": cause })).collect::<Vec<_>>(),
    });
    Answer::json(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &body)
}
