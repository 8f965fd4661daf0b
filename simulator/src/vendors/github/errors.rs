//! GitHub's refusals: `{"message","documentation_url","status"}`, and the OAuth endpoints' errors inside a 200.
//!
//! Who lacks a right is told that nothing is there (404), so that private things stay unknown; only apps and fine-grained
//! tokens are told which permission they lack (403).
//!
//! # Sources
//! docs-trouble, docs-rl, docs-oauth-err; schemas `basic-error` and `validation-error`. The words of the two rate limits are
//! those that clients match on (octokit, PyGithub, tap-github). That a wrong method is a 404, that a bad cursor and a bad
//! phrase are a 422, the HTML of a 502 and the page of a refused browser are guesses.

use axum::http::{HeaderName, StatusCode, header};
use serde_json::{Value, json};

use super::tokens::{INSTALLATION, USER_TO_SERVER};
use super::{around, limits, names, scim};
use crate::protocol::consent;
use crate::protocol::credentials::FINE_GRAINED;
use crate::protocol::dialect::{Dialect, Failure, OauthFailure, RenderContext, RetryAfter, whole_seconds};
use crate::protocol::exchange::Answer;
use crate::protocol::form::encode_pairs;

/// How GitHub speaks.
pub(super) const DIALECT: Dialect = Dialect { render, stamp, retry_after: RetryAfter::Seconds };

/// What is said of a page of the documentation where no better one is known.
const DOCUMENTATION: &str = "https://docs.github.com/rest";
const RATE_LIMITS: &str = "https://docs.github.com/rest/overview/resources-in-the-rest-api#rate-limiting";
const SECONDARY_LIMITS: &str =
    "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits";
const OAUTH_ERRORS: &str =
    "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/";

fn stamp(answer: Answer, context: &RenderContext) -> Answer {
    let id = context.request_id.replace('-', "").to_uppercase();
    let id = format!("{}:{}:{}:{}", &id[..4], &id[4..10], &id[10..16], &id[16..24]);
    let answer = answer
        .with(HeaderName::from_static("x-github-request-id"), &id)
        .with(header::VARY, "Accept, Authorization, Cookie, X-GitHub-OTP");
    if is_web(&context.path) {
        return answer.with(header::CACHE_CONTROL, "no-cache");
    }
    answer
        .with(HeaderName::from_static("x-github-media-type"), "github.v3; format=json")
        .with(HeaderName::from_static("x-github-api-version-selected"), "2022-11-28")
        .with(header::CACHE_CONTROL, "private, max-age=60, s-maxage=60")
}

/// Whether a path is one of the web host's, not of the API.
pub(super) fn is_web(path: &str) -> bool {
    path.starts_with("/login/")
}

fn render(failure: &Failure, context: &RenderContext) -> Answer {
    let path = context.path.strip_prefix(names::SERVER_PREFIX).unwrap_or(&context.path);
    if scim::SURFACE.owns(path) && !matches!(failure, Failure::RateLimited { quota: None, .. } | Failure::Own { .. }) {
        return scim_error(failure);
    }
    match failure {
        Failure::Unauthenticated => error(401, "Requires authentication"),
        Failure::TokenUnknown | Failure::TokenExpired { .. } | Failure::TokenRevoked { .. } => {
            error(401, "Bad credentials")
        }
        Failure::MissingScope { wanted, held, token_kind } => missing_scope(wanted, held, token_kind),
        Failure::Own { status, message, headers, .. } => {
            let said = error(status.as_u16(), message);
            headers.iter().fold(said, |answer, (name, value)| answer.with(HeaderName::from_static(name), value))
        }
        Failure::Forbidden { .. } => error(403, "Must have admin rights to Organization."),
        Failure::NotFound { .. } | Failure::UnknownRoute { .. } | Failure::MethodNotAllowed { .. } => {
            error(404, "Not Found")
        }
        Failure::BadParameter { name, .. } if name == "body" => error(400, "Problems parsing JSON"),
        Failure::BadParameter { name, why } => invalid(name, why),
        Failure::BadCursor { .. } => invalid("after", "is not a cursor"),
        Failure::Unsupported { what } => invalid("phrase", &format!("is not supported: {what}")),
        Failure::WindowTooWide { .. } => invalid("phrase", "covers too much time"),
        Failure::Conflict { why } => error(409, why),
        Failure::NotReady { .. } => error(202, "Accepted"),
        Failure::RateLimited { retry_after, quota } => throttled(*retry_after, *quota),
        Failure::Scim(_) => scim_error(failure),
        Failure::Oauth(failure) => oauth(failure, context.accept.as_deref().unwrap_or_default()),
        Failure::ConsentPage(failure) => consent::refusal(StatusCode::BAD_REQUEST, "GitHub", &failure.reason()),
        Failure::Upstream(status) => upstream(*status),
        Failure::Maintenance => upstream(StatusCode::SERVICE_UNAVAILABLE),
    }
}

fn error(status: u16, message: &str) -> Answer {
    saying(status, &json!({ "message": message, "documentation_url": DOCUMENTATION, "status": status.to_string() }))
}

fn saying(status: u16, body: &Value) -> Answer {
    Answer::json(StatusCode::from_u16(status).expect("every status here is one"), body)
        .with(header::CONTENT_TYPE, "application/json; charset=utf-8")
}

fn invalid(field: &str, message: &str) -> Answer {
    saying(
        422,
        &json!({
            "message": "Validation Failed",
            "errors": [{ "resource": "Search", "field": field, "code": "invalid", "message": format!("{field} {message}") }],
            "documentation_url": DOCUMENTATION,
            "status": "422",
        }),
    )
}

/// As SCIM says it, but for the status, which is a number here.
fn scim_error(failure: &Failure) -> Answer {
    let answer = crate::protocol::scim::render(failure, scim::SURFACE.content_type);
    let mut body = answer.json_body();
    body["status"] = json!(answer.status.as_u16());
    Answer { body: body.to_string().into(), ..answer }
}

fn missing_scope(wanted: &[String], held: &[String], token_kind: &str) -> Answer {
    let accepted = around::accepted_permissions(wanted);
    match token_kind {
        INSTALLATION | USER_TO_SERVER => error(403, "Resource not accessible by integration")
            .with(HeaderName::from_static("x-accepted-github-permissions"), &accepted),
        FINE_GRAINED => error(403, "Resource not accessible by personal access token")
            .with(HeaderName::from_static("x-accepted-github-permissions"), &accepted),
        _ => error(404, "Not Found")
            .with(HeaderName::from_static("x-oauth-scopes"), &held.join(", "))
            .with(HeaderName::from_static("x-accepted-oauth-scopes"), &wanted.join(", ")),
    }
}

/// The primary limits say 403 and nothing remains; the secondary one says 429 and when to come back.
fn throttled(wait: std::time::Duration, quota: Option<&str>) -> Answer {
    if quota == Some(limits::SECONDARY) {
        let message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
        let body = json!({ "message": message, "documentation_url": SECONDARY_LIMITS, "status": "429" });
        let retry_after = DIALECT.retry_after.value(wait).unwrap_or_else(|| whole_seconds(wait).to_string());
        return saying(429, &body).with(header::RETRY_AFTER, &retry_after);
    }
    let body =
        json!({ "message": "API rate limit exceeded for user.", "documentation_url": RATE_LIMITS, "status": "403" });
    saying(403, &body)
}

fn upstream(status: StatusCode) -> Answer {
    let reason = status.canonical_reason().unwrap_or("Error");
    match status.as_u16() {
        403 | 429 => throttled(std::time::Duration::from_secs(60), None),
        502 => Answer::bytes(status, "text/html", "<html><head><title>Server Error</title></head></html>\n"),
        503 => saying(503, &json!({ "code": "503", "message": reason, "documentation_url": DOCUMENTATION })),
        401 => error(401, "Bad credentials"),
        other => error(other, reason),
    }
}

/// `200` with an `error` in it, in the form that the client accepts.
fn oauth(failure: &OauthFailure, accept: &str) -> Answer {
    let (error, description) = match failure {
        OauthFailure::UnknownClient(_) | OauthFailure::WrongSecret | OauthFailure::NoSecret => {
            ("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
        }
        OauthFailure::ClientDisabled(_) => ("application_suspended", "Your application has been suspended."),
        OauthFailure::RedirectMismatch(_) => {
            ("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application.")
        }
        OauthFailure::BadRefreshToken { .. } => {
            ("bad_refresh_token", "The refresh token passed is incorrect or expired.")
        }
        OauthFailure::UnsupportedGrant(_) => ("unsupported_grant_type", "The grant type is not supported."),
        OauthFailure::Device(code) => (*code, "The device flow has not ended in a token."),
        _ => ("bad_verification_code", "The code passed is incorrect or expired."),
    };
    let uri = format!("{OAUTH_ERRORS}#{}", error.replace('_', "-"));
    answer(&[("error", error), ("error_description", description), ("error_uri", &uri)], accept)
}

/// An OAuth answer in the form that the client accepts: a form unless it asks for JSON or XML.
pub(super) fn answer(pairs: &[(&str, &str)], accept: &str) -> Answer {
    if accept.contains("json") {
        let fields: serde_json::Map<String, Value> =
            pairs.iter().map(|(k, v)| ((*k).to_owned(), typed(k, v))).collect();
        return saying(200, &Value::Object(fields));
    }
    if accept.contains("xml") {
        let inner: String = pairs.iter().map(|(k, v)| format!("<{k}>{v}</{k}>")).collect();
        let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAuth>{inner}</OAuth>\n");
        return Answer::bytes(StatusCode::OK, "application/xml; charset=utf-8", body);
    }
    let body = encode_pairs(pairs.iter().copied());
    Answer::bytes(StatusCode::OK, "application/x-www-form-urlencoded; charset=utf-8", body)
}

/// Lives and intervals are numbers in JSON.
fn typed(key: &str, value: &str) -> Value {
    match value.parse::<u64>() {
        Ok(number) if key.ends_with("expires_in") || key == "interval" => json!(number),
        _ => json!(value),
    }
}
