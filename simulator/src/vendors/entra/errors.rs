//! Refusals of the token endpoint (AADSTS numbers) and of Graph (`{"error":{"code","message","innerError"}}`).
//!
//! # Sources
//! The error code reference of the identity platform; `graph-docs:concepts/errors.md` and `throttling.md`. Which `error`
//! word goes with a number, 401 or 400 for a bad client, and the messages of `InvalidAuthenticationToken` are recalled.
//! A throttled token endpoint answers in plain text (MSAL for .NET, issue 2855).

use std::time::Duration;

use axum::http::{HeaderName, StatusCode, header};
use serde_json::{Value, json};

use crate::protocol::dialect::{Dialect, Failure, OauthFailure, RenderContext, RetryAfter};
use crate::protocol::exchange::Answer;

/// How Entra and Graph speak.
pub(super) const DIALECT: Dialect = Dialect { render, stamp, retry_after: RetryAfter::Seconds };

/// What `Content-Type` says on Graph.
pub(super) const GRAPH_JSON: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

const AUTHENTICATE: &str = "Bearer realm=\"\", \
     authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
     client_id=\"00000003-0000-0000-c000-000000000000\"";

fn is_graph(context: &RenderContext) -> bool {
    context.path.starts_with("/v1.0")
}

fn client_request_id(context: &RenderContext) -> &str {
    context.client_request_id.as_deref().unwrap_or(&context.request_id)
}

/// Request ids, on every answer.
fn stamp(answer: Answer, context: &RenderContext) -> Answer {
    if is_graph(context) {
        answer
            .with(HeaderName::from_static("request-id"), &context.request_id)
            .with(HeaderName::from_static("client-request-id"), client_request_id(context))
            .with(HeaderName::from_static("odata-version"), "4.0")
    } else {
        answer
            .with(HeaderName::from_static("x-ms-request-id"), &context.request_id)
            .with(header::CACHE_CONTROL, "no-store, no-cache")
    }
}

fn render(failure: &Failure, context: &RenderContext) -> Answer {
    match failure {
        Failure::Oauth(failure) | Failure::ConsentPage(failure) => oauth(failure, context),
        failure if is_graph(context) => graph(failure, context),
        Failure::RateLimited { retry_after, .. } => too_many_tokens(*retry_after),
        Failure::Upstream(StatusCode::TOO_MANY_REQUESTS) => too_many_tokens(Duration::from_secs(60)),
        Failure::Upstream(status) if status.is_server_error() => aadsts(
            *status,
            "temporarily_unavailable",
            90033,
            "A transient error has occurred. Please try again.",
            context,
        ),
        Failure::Upstream(status) => {
            aadsts(*status, "invalid_request", 90014, "The request could not be read.", context)
        }
        Failure::Maintenance => {
            let unavailable = StatusCode::SERVICE_UNAVAILABLE;
            aadsts(unavailable, "temporarily_unavailable", 90033, "A transient error has occurred.", context)
        }
        Failure::MethodNotAllowed { allowed, .. } => {
            let message = "The endpoint only accepts other methods.";
            aadsts(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", 900_561, message, context)
                .with(header::ALLOW, allowed)
        }
        Failure::UnknownRoute { .. } => {
            aadsts(StatusCode::NOT_FOUND, "invalid_request", 90015, "There is no such endpoint.", context)
        }
        Failure::BadParameter { name, why } => {
            let message = format!("The parameter '{name}' is malformed: {why}");
            aadsts(StatusCode::BAD_REQUEST, "invalid_request", 90014, &message, context)
        }
        _ => aadsts(StatusCode::BAD_REQUEST, "invalid_request", 90014, "The request could not be read.", context),
    }
}

fn too_many_tokens(wait: Duration) -> Answer {
    let answer = Answer::bytes(StatusCode::TOO_MANY_REQUESTS, "text/plain; charset=utf-8", "Too many requests");
    with_retry_after(answer, wait)
}

fn with_retry_after(answer: Answer, wait: Duration) -> Answer {
    match DIALECT.retry_after.value(wait) {
        Some(value) => answer.with(header::RETRY_AFTER, &value),
        None => answer,
    }
}

fn oauth(failure: &OauthFailure, context: &RenderContext) -> Answer {
    use OauthFailure as F;
    let bad = StatusCode::BAD_REQUEST;
    let (status, error, code, message) = match failure {
        F::MissingParameter(name) => {
            let message = format!("The request body must contain the following parameter: '{name}'.");
            (bad, "invalid_request", 900_144, message)
        }
        F::UnsupportedGrant(grant) => {
            let message = format!("The app requested an unsupported grant type '{grant}'.");
            (bad, "unsupported_grant_type", 70_003, message)
        }
        F::UnknownClient(id) => {
            let message = format!("Application with identifier '{id}' was not found in the directory.");
            (bad, "unauthorized_client", 700_016, message)
        }
        F::NoSecret => {
            let message =
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
            (StatusCode::UNAUTHORIZED, "invalid_client", 7_000_218, message.to_owned())
        }
        F::WrongSecret => {
            let message = "Invalid client secret provided. Ensure the secret being sent in the request is the client \
                           secret value, not the client secret ID.";
            (StatusCode::UNAUTHORIZED, "invalid_client", 7_000_215, message.to_owned())
        }
        F::ClientDisabled(id) => (bad, "unauthorized_client", 7_000_112, format!("Application '{id}' is disabled.")),
        F::RedirectMismatch(uri) => {
            (bad, "invalid_request", 50_011, format!("The redirect URI '{uri}' does not match the registered ones."))
        }
        F::BadCode { .. } | F::BadRefreshToken { .. } | F::UnknownToken | F::Device(_) => {
            (bad, "invalid_grant", 70_008, "The provided code or refresh token has expired or is revoked.".to_owned())
        }
        F::BadScope(scope) => {
            let message = format!(
                "The provided request must include a 'scope' input parameter. The provided value \
                                   for the input parameter 'scope' is not valid. The scope {scope} is not valid."
            );
            (bad, "invalid_scope", 70_011, message)
        }
        F::UnknownTenant(tenant) => (bad, "invalid_request", 90_002, format!("Tenant '{tenant}' not found.")),
        F::NotAdministrator(_) => (bad, "access_denied", 65_004, "User declined to consent.".to_owned()),
    };
    aadsts(status, error, code, &message, context)
}

fn aadsts(status: StatusCode, error: &str, code: u32, message: &str, context: &RenderContext) -> Answer {
    let timestamp = context.now.civil().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    let (trace, correlation) = (&context.request_id, client_request_id(context));
    let description = format!(
        "AADSTS{code}: {message}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {timestamp}"
    );
    Answer::json(
        status,
        &json!({
            "error": error,
            "error_description": description,
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
        }),
    )
}

fn graph(failure: &Failure, context: &RenderContext) -> Answer {
    let error = |status: u16, code: &str, message: &str| graph_error(status, code, message, context);
    let denied =
        |message: &str| error(401, "InvalidAuthenticationToken", message).with(header::WWW_AUTHENTICATE, AUTHENTICATE);
    match failure {
        Failure::Unauthenticated => denied("Access token is empty."),
        Failure::TokenExpired { .. } => denied("Access token has expired or is not yet valid."),
        Failure::TokenUnknown => denied("CompactToken parsing failed with error code: 80049217"),
        Failure::TokenRevoked { .. } => denied("Access token validation failure."),
        Failure::MissingScope { .. } | Failure::Forbidden { .. } | Failure::Own { .. } => {
            error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        }
        Failure::NotFound { id, .. } => error(
            404,
            "Request_ResourceNotFound",
            &format!(
                "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
            ),
        ),
        Failure::UnknownRoute { path, .. } => {
            let segment = path.rsplit('/').next().unwrap_or_default();
            error(404, "ResourceNotFound", &format!("Resource not found for the segment '{segment}'."))
        }
        Failure::MethodNotAllowed { method, allowed } => {
            let message = format!("The HTTP method '{method}' is not supported for this resource.");
            error(405, "Request_BadRequest", &message).with(header::ALLOW, allowed)
        }
        Failure::BadParameter { why, .. } => error(400, "Request_BadRequest", why),
        Failure::BadCursor { .. } if context.path.contains("/users") => {
            let message = "The specified page token value has expired and can no longer be included in your request.";
            error(400, "Directory_ExpiredPageToken", message)
        }
        Failure::BadCursor { .. } => error(400, "BadRequest", "Invalid Skip Token"),
        Failure::Unsupported { .. } => error(400, "Request_UnsupportedQuery", "Unsupported Query."),
        Failure::WindowTooWide { .. } => error(400, "BadRequest", "The requested time range is too wide."),
        Failure::Conflict { why } => error(409, "Request_BadRequest", why),
        Failure::NotReady { .. } => error(425, "TooEarly", "The resource is not ready."),
        Failure::RateLimited { retry_after, .. } => throttled(*retry_after, context),
        Failure::Upstream(status) => upstream(*status, context),
        Failure::Maintenance => error(503, "ServiceUnavailable", "The service is temporarily unavailable."),
        Failure::Oauth(_) | Failure::ConsentPage(_) | Failure::Scim(_) => {
            error(400, "BadRequest", "The request is malformed.")
        }
    }
}

fn upstream(status: StatusCode, context: &RenderContext) -> Answer {
    let (code, message) = match status.as_u16() {
        401 => ("InvalidAuthenticationToken", "Access token validation failure."),
        403 => ("Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
        404 => ("Request_ResourceNotFound", "Resource does not exist."),
        410 => ("resyncRequired", "Resynchronization is required."),
        429 => return throttled(Duration::from_secs(10), context),
        503 => ("ServiceUnavailable", "The service is temporarily unavailable."),
        504 => ("GatewayTimeout", "The request timed out."),
        400..500 => ("BadRequest", "The request is malformed."),
        _ => ("UnknownError", ""),
    };
    graph_error(status.as_u16(), code, message, context)
}

fn throttled(wait: Duration, context: &RenderContext) -> Answer {
    let mut inner = inner_error(context);
    inner["code"] = json!("429");
    inner["message"] = json!("Please retry after");
    inner["status"] = json!("429");
    let message = "Too many requests. Please retry later.";
    let error = json!({ "error": { "code": "TooManyRequests", "innerError": inner, "message": message } });
    with_retry_after(graph_json(StatusCode::TOO_MANY_REQUESTS, &error), wait)
}

fn graph_error(status: u16, code: &str, message: &str, context: &RenderContext) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let error = json!({ "error": { "code": code, "message": message, "innerError": inner_error(context) } });
    graph_json(status, &error)
}

fn inner_error(context: &RenderContext) -> Value {
    json!({
        "date": context.now.civil().strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        "request-id": context.request_id,
        "client-request-id": client_request_id(context),
    })
}

/// A JSON answer of Graph's.
pub(super) fn graph_json(status: StatusCode, value: &Value) -> Answer {
    let body = serde_json::to_vec(value).expect("answers are made of plain values");
    Answer::bytes(status, GRAPH_JSON, body)
}
