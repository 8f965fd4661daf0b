//! Miro's refusals: one envelope, `{"status","code","message","type":"error"}`; under SCIM, SCIM's.
//!
//! # Sources
//! `spec` schemas `Error400` … `Error429` for the codes; the OAuth troubleshooting page for `Redirect URI mismatch.`;
//! the rate-limiting page for the 429's words. Codes and words of expired and revoked tokens, of bad codes and refresh
//! tokens and of 5xx are guesses.

use axum::http::StatusCode;
use serde::Serialize;

use super::scim::SURFACE;
use crate::protocol::consent;
use crate::protocol::dialect::{Dialect, Failure, OauthFailure, RetryAfter};
use crate::protocol::exchange::Answer;
use crate::protocol::scim;

/// How Miro speaks.
pub(super) const DIALECT: Dialect = Dialect {
    render: |failure, at| render(failure, &at.path),
    stamp: |answer, _| answer,
    retry_after: RetryAfter::Never,
};

#[derive(Serialize)]
struct Envelope<'a> {
    status: u16,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context>,
    #[serde(rename = "type")]
    kind: &'a str,
}

/// Printed as `null`, or with the fields that were refused.
#[derive(Serialize)]
#[serde(untagged)]
enum Context {
    Null,
    Fields { fields: Vec<Field> },
}

#[derive(Serialize)]
struct Field {
    field: String,
    message: String,
    reason: Option<String>,
}

fn render(failure: &Failure, path: &str) -> Answer {
    if SURFACE.owns(path) {
        return scim::render(failure, SURFACE.content_type);
    }
    match failure {
        Failure::Unauthenticated => error(401, "tokenNotProvided", "No authorization token was provided."),
        Failure::TokenUnknown | Failure::TokenRevoked { .. } => {
            error(401, "tokenInvalid", "The access token is invalid.")
        }
        Failure::TokenExpired { .. } => error(401, "tokenExpired", "The access token has expired."),
        Failure::MissingScope { wanted, .. } => {
            let message = format!("Insufficient permissions. Required scopes: [{}]", wanted.join(", "));
            error(403, "insufficientPermissions", &message)
        }
        Failure::Forbidden { .. } | Failure::Own { .. } => {
            error(403, "forbiddenAccess", "You do not have access to this resource.")
        }
        Failure::NotFound { what, .. } => error(404, "notFound", &format!("No {what} was found by this id.")),
        Failure::UnknownRoute { .. } => error(404, "notFound", "The requested resource was not found."),
        Failure::MethodNotAllowed { .. } => error(405, "methodNotAllowed", "The method is not allowed."),
        Failure::BadParameter { name, why } => invalid(name, why),
        Failure::BadCursor { .. } => invalid("cursor", "is invalid"),
        Failure::Unsupported { what } => error(400, "invalidParameters", &format!("Not supported: {what}")),
        Failure::WindowTooWide { .. } => error(400, "invalidParameters", "The time range is too wide."),
        Failure::NotReady { what } => error(425, "tooEarly", &format!("The {what} is not ready yet.")),
        Failure::Conflict { .. } => error(409, "conflict", "The resource is in a conflicting state."),
        Failure::RateLimited { .. } => {
            envelope(429, "tooManyRequests", "Request rate limit exceed", Some(Context::Null))
        }
        Failure::Scim(refusal) => error(refusal.status.as_u16(), "invalidParameters", &refusal.detail),
        Failure::Oauth(failure) => oauth(failure),
        Failure::ConsentPage(failure) => consent::refusal(StatusCode::BAD_REQUEST, "Miro", &page_text(failure)),
        Failure::Upstream(status) => match (Failure::like(*status), status.as_u16()) {
            (Some(same), _) => render(&same, path),
            (None, 404) => error(404, "notFound", "The requested resource was not found."),
            (None, other @ 400..500) => error(other, "invalidParameters", "The request could not be processed."),
            (None, other) => error(other, "internalError", "An internal error occurred."),
        },
        Failure::Maintenance => error(503, "serviceUnavailable", "Miro is under maintenance."),
    }
}

fn oauth(failure: &OauthFailure) -> Answer {
    match failure {
        OauthFailure::RedirectMismatch(_) => error(401, "oauthError", "Redirect URI mismatch."),
        OauthFailure::BadCode { .. } | OauthFailure::Device(_) => {
            error(401, "oauthError", "Invalid authorization code")
        }
        OauthFailure::BadRefreshToken { .. } => error(401, "oauthError", "Invalid refresh token"),
        OauthFailure::UnknownClient(_)
        | OauthFailure::NoSecret
        | OauthFailure::WrongSecret
        | OauthFailure::ClientDisabled(_) => error(401, "oauthError", "Invalid client credentials"),
        OauthFailure::MissingParameter(name) => invalid(name, "is required"),
        OauthFailure::UnsupportedGrant(_) => invalid("grant_type", "is not supported"),
        OauthFailure::BadScope(_) => invalid("scope", "is not supported"),
        OauthFailure::UnknownTenant(_) | OauthFailure::UnknownToken | OauthFailure::Numbered { .. } => {
            error(404, "notFound", "Token not found")
        }
        OauthFailure::NotAdministrator(_) => error(403, "forbiddenAccess", "Only a Company Admin can do this."),
    }
}

/// What a person in a browser is told.
fn page_text(failure: &OauthFailure) -> String {
    match failure {
        OauthFailure::UnknownClient(id) => format!("No app is registered with the client id “{id}”."),
        OauthFailure::RedirectMismatch(uri) => {
            format!("The app has not registered the redirect address “{uri}”. It must match exactly.")
        }
        OauthFailure::BadScope(scope) => super::oauth::about_scope(scope),
        OauthFailure::MissingParameter(name) => format!("The parameter “{name}” is missing."),
        OauthFailure::UnsupportedGrant(kind) => format!("The response type must be “code”, not “{kind}”."),
        OauthFailure::NotAdministrator(user) => format!("“{user}” is not a Company Admin and cannot install this app."),
        OauthFailure::UnknownTenant(team) => format!("There is no team “{team}” here."),
        _ => "The request could not be understood.".to_owned(),
    }
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    envelope(status, code, message, None)
}

fn invalid(name: &str, why: &str) -> Answer {
    let field = Field { field: name.to_owned(), message: why.to_owned(), reason: None };
    let message = format!("Invalid parameters: {name} {why}");
    envelope(400, "invalidParameters", &message, Some(Context::Fields { fields: vec![field] }))
}

fn envelope(status: u16, code: &str, message: &str, context: Option<Context>) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Answer::json(status, &Envelope { status: status.as_u16(), code, message, context, kind: "error" })
}
