//! Refusals. Microsoft documents none of their bodies; what clients were seen to look for is in each.
//!
//! # Sources
//! demisto/content (`MicrosoftCloudAppSecurity`): the words `Invalid token` and `Forbidden`, and the body of a filter that
//! is refused, from a fixture. microsoft/MCAS: `TOO MANY REQUESTS`, the word `throttled`.
//! <https://github.com/MicrosoftDocs/CloudAppSecurityDocs/issues/318>: a path without its slash is redirected, and the body
//! is lost; that the status is 301 is a guess. All else is invented: `{"detail": …}` as the framework behind the word
//! `throttled` has it. The token endpoint's refusals are worded as the identity platform words them, which is the directory's
//! own room here: a short table, since the endpoint is a stand-in.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::routes::ROUTES;
use crate::protocol::consent;
use crate::protocol::dialect::{Dialect, Failure, OauthFailure, RenderContext, RetryAfter};
use crate::protocol::exchange::Answer;

/// The parameter whose refusal has a body of its own.
pub(super) const FILTERS: &str = "filters";

/// How Defender speaks.
pub(super) const DIALECT: Dialect = Dialect { render, stamp: |answer, _| answer, retry_after: RetryAfter::Never };

fn render(failure: &Failure, at: &RenderContext) -> Answer {
    match failure {
        Failure::Unauthenticated => detail(401, "Invalid token: none was sent"),
        Failure::TokenUnknown | Failure::TokenExpired { .. } | Failure::TokenRevoked { .. } => {
            detail(401, "Invalid token")
        }
        Failure::MissingScope { .. } | Failure::Forbidden { .. } => {
            detail(403, "Forbidden: you do not have permission to perform this action")
        }
        Failure::NotFound { .. } | Failure::NotReady { .. } => detail(404, "Not found"),
        Failure::UnknownRoute { path, .. } => slashed(path, at).unwrap_or_else(|| detail(404, "Not found")),
        Failure::MethodNotAllowed { method, .. } => detail(405, &format!("Method \"{method}\" not allowed")),
        Failure::BadParameter { name, why } if name == FILTERS => not_valid(why),
        Failure::BadCursor { .. } => not_valid("nextQueryFilters"),
        Failure::BadParameter { name, why } => errors(&format!("{name} {why}")),
        Failure::Unsupported { what } => errors(&format!("{what} is not supported")),
        Failure::WindowTooWide { .. } => errors("date range is too wide"),
        Failure::Conflict { why } => errors(why),
        Failure::RateLimited { .. } => detail(429, "TOO MANY REQUESTS: request was throttled"),
        Failure::Own { status, message, .. } => detail(status.as_u16(), message),
        Failure::Scim(refusal) => detail(refusal.status.as_u16(), &refusal.detail),
        Failure::Oauth(failure) => oauth(failure),
        Failure::ConsentPage(failure) => consent::refusal(StatusCode::BAD_REQUEST, "Microsoft", &failure.reason()),
        Failure::Upstream(status) => match Failure::like(*status) {
            Some(same) => render(&same, at),
            None => detail(status.as_u16(), status.canonical_reason().unwrap_or("error")),
        },
        Failure::Maintenance => detail(503, "Service unavailable"),
    }
}

/// To the path with its slash, if there is one: a client that follows turns its POST into a GET, and its body is gone.
fn slashed(path: &str, at: &RenderContext) -> Option<Answer> {
    let path = super::normalize(path);
    let known = |asked: &str| {
        let same = |declared: &str| {
            let (a, b) = (declared.split('/'), asked.split('/'));
            a.clone().count() == b.clone().count()
                && a.zip(b).all(|(a, b)| a == b || (a.starts_with('{') && !b.is_empty()))
        };
        ROUTES.iter().any(|route| same(route.path))
    };
    if path.ends_with('/') || !known(&format!("{path}/")) {
        return None;
    }
    let query = at.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let mut answer = Answer::redirect(&format!("{}{}/{query}", at.origin, at.path));
    answer.status = StatusCode::MOVED_PERMANENTLY;
    Some(answer)
}

fn detail(status: u16, message: &str) -> Answer {
    body(status, &json!({ "detail": message }))
}

/// What the portal's forms say of a value that they refuse.
fn not_valid(value: &str) -> Answer {
    let refused = json!({
        "error": format!("{value} is not valid"),
        "errorMessageCode": "CONSOLE_FORMS_NOT_VALID_VALUE",
        "errorMessageParams": { "value": value },
    });
    body(400, &json!({ "error": true, FILTERS: [refused] }))
}

fn errors(message: &str) -> Answer {
    body(400, &json!({ "error": true, "errors": [{ "error": message }] }))
}

fn body(status: u16, value: &Value) -> Answer {
    Answer::json(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), value)
}

/// The token endpoint's refusals, as the identity platform words them.
fn oauth(failure: &OauthFailure) -> Answer {
    let (status, error, number, text) = match failure {
        OauthFailure::UnknownClient(id) => {
            (400, "unauthorized_client", 700_016, format!("Application with identifier '{id}' was not found."))
        }
        OauthFailure::WrongSecret => (401, "invalid_client", 7_000_215, "Invalid client secret provided.".to_owned()),
        OauthFailure::NoSecret => {
            (401, "invalid_client", 7_000_218, "The request body must contain 'client_secret'.".to_owned())
        }
        OauthFailure::ClientDisabled(id) => {
            (401, "unauthorized_client", 7_000_112, format!("Application '{id}' is disabled."))
        }
        OauthFailure::UnsupportedGrant(grant) => {
            (400, "unsupported_grant_type", 70_003, format!("The grant type '{grant}' is not supported."))
        }
        OauthFailure::BadScope(scope) => (400, "invalid_scope", 70_011, format!("The scope '{scope}' is not valid.")),
        OauthFailure::NotAdministrator(_) => (
            400,
            "invalid_grant",
            50_126,
            "Error validating credentials due to invalid username or password.".to_owned(),
        ),
        other => (400, "invalid_request", 900_144, other.reason()),
    };
    let description = format!("AADSTS{number}: {text}");
    body(status, &json!({ "error": error, "error_description": description, "error_codes": [number] }))
}
