//! Graph's refusals: `{"error":{"message","type","code","error_subcode","fbtrace_id"}}`; SCIM's here are the same.
//!
//! Connectors have to read `code`: a used-up limit is a 400 or a 403, never a 429, and names no time to come back.
//!
//! # Not imitated
//! `error_user_title`, `error_user_msg`, `error_data`; HTTP 429, which the field has seen on `/community/groups`;
//! subcodes other than 33, 99, 458, 461, 463 and 467.
//!
//! # Sources
//! The Graph error guide for codes and subcodes; the Business SDK for the fields. Which HTTP status goes with a code
//! where the guide is silent is a \[guess\], so are most messages.

use axum::http::{HeaderName, StatusCode, header};
use serde_json::json;

use super::graph;
use crate::protocol::consent;
use crate::protocol::dialect::{Dialect, Failure, OauthFailure, RenderContext, RetryAfter, TokenEnd};
use crate::protocol::exchange::Answer;
use crate::server::CALLBACK;

/// How Graph speaks.
pub(super) const DIALECT: Dialect = Dialect { render, stamp, retry_after: RetryAfter::Never };

/// What a mode of the retired service is refused with where there is no answer that anybody has seen \[guess\].
pub(super) const READ_ONLY: &str = "read_only";
/// The `why` of a [`Failure::Conflict`] that is a precondition.
pub(super) const CLAIMED: &str = "the account was claimed, and can be deactivated but not deleted";
/// The version that requests without one get \[guess\].
const VERSION: &str = "v19.0";

/// An error object before it is written.
struct Fault {
    status: u16,
    code: u32,
    subcode: Option<u32>,
    kind: &'static str,
    message: String,
    transient: bool,
}

impl Fault {
    fn new(status: u16, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, subcode: None, kind: "OAuthException", message: message.into(), transient: false }
    }

    fn sub(self, subcode: u32) -> Self {
        Self { subcode: Some(subcode), ..self }
    }

    fn of(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    fn transient(self) -> Self {
        Self { transient: true, ..self }
    }
}

fn render(failure: &Failure, context: &RenderContext) -> Answer {
    if let Failure::ConsentPage(failure) = failure {
        return consent::refusal(StatusCode::BAD_REQUEST, "Workplace", &failure.reason());
    }
    let fault = fault(failure, context);
    let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut error = json!({ "message": fault.message, "type": fault.kind, "code": fault.code });
    if let Some(subcode) = fault.subcode {
        error["error_subcode"] = json!(subcode);
    }
    if fault.transient {
        error["is_transient"] = json!(true);
    }
    error["fbtrace_id"] = json!(trace_id(context));
    let answer = graph::answer(status, &json!({ "error": error }));
    match failure {
        _ if fault.code == 190 => {
            let challenge = format!("OAuth \"Facebook Platform\" \"invalid_token\" \"{}\"", fault.message);
            answer.with(header::WWW_AUTHENTICATE, &challenge)
        }
        _ => answer,
    }
}

fn fault(failure: &Failure, context: &RenderContext) -> Fault {
    // SCIM documents 401, Graph answers 400.
    let unauthorized = if is_scim(context) { 401 } else { 400 };
    let dead = |why: &str| Fault::new(unauthorized, 190, format!("Error validating access token: {why}"));
    match failure {
        Failure::Unauthenticated => {
            Fault::new(unauthorized, 104, "An access token is required to request this resource.")
        }
        Failure::TokenUnknown => Fault::new(unauthorized, 190, "Invalid OAuth access token."),
        Failure::TokenExpired { .. } => dead("Session has expired.").sub(463),
        Failure::TokenRevoked { end: TokenEnd::Replaced, .. } => dead("The app was installed anew.").sub(461),
        Failure::TokenRevoked { end: TokenEnd::Withdrawn, .. } => {
            dead("The app is not installed in this community.").sub(458)
        }
        Failure::MissingScope { wanted, .. } => {
            Fault::new(403, 10, format!("(#10) Requires {} permission", wanted.join(" or ")))
        }
        Failure::Forbidden { why } if why == READ_ONLY => {
            Fault::new(400, 10, "(#10) This community is read-only: Workplace is being shut down")
        }
        Failure::Forbidden { why } => Fault::new(403, 200, format!("(#200) {why}")),
        Failure::Own { status, message, .. } => Fault::new(status.as_u16(), 1, message.as_str()),
        Failure::NotFound { id, .. } if is_scim(context) => Fault::new(404, 100, format!("{id} was not found")),
        Failure::NotFound { what: "alias", id } => {
            let message = format!("(#803) Some of the aliases you requested do not exist: {id}");
            Fault::new(404, 803, message)
        }
        Failure::NotFound { id, .. } => {
            let message = format!(
                "Unsupported get request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
                 permissions, or does not support this operation."
            );
            Fault::new(400, 100, message).of("GraphMethodException").sub(33)
        }
        Failure::UnknownRoute { path, .. } => Fault::new(404, 2500, format!("Unknown path components: {path}")),
        Failure::MethodNotAllowed { method, .. } => {
            Fault::new(405, 100, format!("Unsupported {} request.", method.as_str().to_lowercase()))
        }
        Failure::BadParameter { name, why } if name == CALLBACK => {
            Fault::new(400, 2200, format!("(#2200) callback verification failed: {why}"))
        }
        Failure::BadParameter { name, why } if name == super::proof::PARAMETER => {
            Fault::new(400, 100, why.as_str()).of("GraphMethodException")
        }
        Failure::BadParameter { why, .. } if why.starts_with("(#") => Fault::new(400, 100, why.as_str()),
        Failure::BadParameter { name, why } => Fault::new(400, 100, format!("(#100) Param {name} {why}")),
        Failure::BadCursor { .. } => Fault::new(400, 100, "(#100) Invalid cursor"),
        Failure::Unsupported { what } => Fault::new(400, 3, format!("(#3) Not supported: {what}")),
        Failure::Scim(refusal) => Fault::new(refusal.status.as_u16(), 100, refusal.detail.as_str()),
        Failure::WindowTooWide { .. } => Fault::new(400, 100, "(#100) The time range is too wide"),
        Failure::Conflict { why } if why == CLAIMED => Fault::new(412, 100, format!("Precondition failed: {why}")),
        Failure::Conflict { why } => Fault::new(409, 100, format!("(#100) {why}")),
        Failure::NotReady { what } => Fault::new(400, 2, format!("(#2) The {what} is not ready yet")).transient(),
        Failure::RateLimited { .. } => limited(context),
        Failure::Oauth(failure) | Failure::ConsentPage(failure) => oauth(failure),
        Failure::Upstream(status) => upstream(status.as_u16(), context),
        Failure::Maintenance => Fault::new(503, 2, "(#2) Service temporarily unavailable").transient(),
    }
}

/// A used-up limit sounds one way or another. Told by the request's id, so the same in every run.
fn limited(context: &RenderContext) -> Fault {
    let fault = match context.request_id.as_bytes().first().map_or(0, |b| b % 3) {
        0 => Fault::new(403, 4, "(#4) Application request limit reached"),
        1 => Fault::new(400, 17, "(#17) User request limit reached"),
        _ => Fault::new(400, 613, "(#613) Calls to this api have exceeded the rate limit."),
    };
    fault.transient()
}

fn upstream(status: u16, context: &RenderContext) -> Fault {
    match status {
        429 => limited(context),
        401 => Fault::new(401, 190, "Error validating access token: The session is invalid.").sub(467),
        403 => Fault::new(403, 10, "(#10) Application does not have permission for this action"),
        404 => Fault::new(404, 803, "(#803) Some of the aliases you requested do not exist"),
        other @ 400..500 => Fault::new(other, 100, "(#100) Invalid parameter"),
        503 => Fault::new(503, 2, "(#2) Service temporarily unavailable").transient(),
        other => Fault::new(other, 1, "An unknown error occurred").sub(99).transient(),
    }
}

fn oauth(failure: &OauthFailure) -> Fault {
    match failure {
        OauthFailure::BadCode { why } if why.contains("redeemed") => {
            Fault::new(400, 100, "This authorization code has been used.")
        }
        OauthFailure::BadCode { why } if why.contains("old") => {
            Fault::new(400, 100, "This authorization code has expired.")
        }
        OauthFailure::BadCode { .. } => Fault::new(400, 100, "Invalid verification code format."),
        OauthFailure::RedirectMismatch(_) => {
            let message = "Error validating verification code. Please make sure your redirect_uri is identical to the \
                           one you used in the OAuth dialog request";
            Fault::new(400, 100, message)
        }
        OauthFailure::WrongSecret | OauthFailure::NoSecret => Fault::new(400, 1, "Error validating client secret."),
        OauthFailure::UnknownClient(_) | OauthFailure::ClientDisabled(_) => {
            Fault::new(400, 101, "Error validating application. Cannot get application info due to a system error.")
        }
        OauthFailure::MissingParameter(name) => Fault::new(400, 100, format!("Missing {name} parameter.")),
        other => Fault::new(400, 100, other.reason()),
    }
}

fn is_scim(context: &RenderContext) -> bool {
    super::is_scim(&context.path)
}

/// Eleven characters in the manner of `EJplcsCHuLu`.
fn trace_id(context: &RenderContext) -> String {
    let letters = context.request_id.bytes().filter(u8::is_ascii_hexdigit).enumerate();
    letters.take(11).map(|(i, b)| char::from(if i % 2 == 0 { b.to_ascii_uppercase() } else { b })).collect()
}

/// What every answer carries.
fn stamp(answer: Answer, context: &RenderContext) -> Answer {
    let header = HeaderName::from_static;
    let first = context.path.split('/').nth(1).unwrap_or_default();
    let version = if super::is_version(first) { first } else { VERSION };
    let trace = trace_id(context);
    answer
        .with(header("facebook-api-version"), version)
        .with(header("x-fb-request-id"), &context.request_id)
        .with(header("x-fb-trace-id"), &trace)
        .with(header("x-fb-rev"), "1000000000")
        .with(header("x-fb-debug"), &trace)
        .with(header::CACHE_CONTROL, "private, no-cache, no-store, must-revalidate")
}

/// The page of a host that is no more.
pub(super) fn nothing_here() -> Answer {
    let page = "<!DOCTYPE html>\n<html><head><title>Page not found</title></head><body><h1>This page isn't available</h1>\
                </body></html>\n";
    Answer::bytes(StatusCode::NOT_FOUND, "text/html; charset=utf-8", page)
}
