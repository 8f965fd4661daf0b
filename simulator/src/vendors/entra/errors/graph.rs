//! Refusals of Graph: `{"error":{"code","message","innerError"}}`.
//!
//! # Sources
//! `graph-docs:concepts/errors.md`, `throttling.md`, `aad-advanced-queries.md`. The messages of
//! `InvalidAuthenticationToken` are recalled. The licence that a log wants: microsoft-graph-docs issue 4336.

use std::time::Duration;

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use super::{client_request_id, with_retry_after};
use crate::protocol::dialect::{Failure, RenderContext};
use crate::protocol::exchange::Answer;
use crate::server::CALLBACK;

/// What `Content-Type` says on Graph.
pub(in super::super) const GRAPH_JSON: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// Why a delta token leads nowhere any more.
pub(in super::super) const DELTA_TOO_OLD: &str = "the round that this delta token continues is forgotten";

/// What stands in for a missing licence, and for the permission that is easily forgotten.
pub(in super::super) const LICENCE: &str = "Neither tenant is B2C or tenant doesn't have premium license";

/// What stands in the way of a further subscription.
pub(in super::super) const QUOTA_USED_UP: &str =
    "The limit of 100 subscriptions per application and tenant has been exceeded.";

const AUTHENTICATE: &str = "Bearer realm=\"\", \
     authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
     client_id=\"00000003-0000-0000-c000-000000000000\"";

pub(super) fn render(failure: &Failure, context: &RenderContext) -> Answer {
    let error = |status: u16, code: &str, message: &str| graph_error(status, code, message, context);
    let denied =
        |message: &str| error(401, "InvalidAuthenticationToken", message).with(header::WWW_AUTHENTICATE, AUTHENTICATE);
    match failure {
        Failure::Unauthenticated => denied("Access token is empty."),
        Failure::TokenExpired { .. } => denied("Access token has expired or is not yet valid."),
        Failure::TokenUnknown => denied("CompactToken parsing failed with error code: 80049217"),
        Failure::TokenRevoked { .. } => denied("Access token validation failure."),
        Failure::Forbidden { why } if why == LICENCE => error(403, NO_LICENCE, LICENCE),
        // The documentation has the status and that the message names the limit; the code is a guess.
        Failure::Forbidden { why } if why == QUOTA_USED_UP => error(403, "accessDenied", QUOTA_USED_UP),
        Failure::MissingScope { .. } | Failure::Forbidden { .. } | Failure::Own { .. } => {
            error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        }
        Failure::NotFound { what: "subscription", .. } => error(404, "ResourceNotFound", "The object was not found."),
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
        Failure::MethodNotAllowed { method, .. } => {
            let message = format!("The HTTP method '{method}' is not supported for this resource.");
            error(405, "Request_BadRequest", &message)
        }
        Failure::BadParameter { name, .. } if name == CALLBACK => {
            let message = "Subscription validation request failed. Notification endpoint must respond with 200 OK to \
                           validation request.";
            error(400, "InvalidRequest", message)
        }
        Failure::BadParameter { why, .. } if of_subscriptions(context) => error(400, "InvalidRequest", why),
        Failure::BadParameter { why, .. } => error(400, "Request_BadRequest", why),
        Failure::BadCursor { why } if why == DELTA_TOO_OLD => {
            let message = "The sync state generation is not found; a full synchronization is needed.";
            let fresh = format!("{}{}?$deltatoken=", context.origin, context.path);
            error(410, "SyncStateNotFound", message).with(header::LOCATION, &fresh)
        }
        Failure::BadCursor { .. } if context.path.contains("/auditLogs/") => {
            error(400, "BadRequest", "Invalid Skip Token")
        }
        Failure::BadCursor { .. } => {
            let message = "The specified page token value has expired and can no longer be included in your request.";
            error(400, "Directory_ExpiredPageToken", message)
        }
        Failure::Unsupported { what } => unsupported(what, context),
        Failure::WindowTooWide { .. } => error(400, "BadRequest", "The requested time range is too wide."),
        Failure::Conflict { why } => error(409, "Request_BadRequest", why),
        Failure::RateLimited { retry_after, .. } => throttled(*retry_after, context),
        Failure::Upstream(StatusCode::FORBIDDEN) if context.path.contains("/auditLogs/") => {
            error(403, NO_LICENCE, LICENCE)
        }
        Failure::Upstream(status) => upstream(*status, context),
        Failure::Maintenance => error(503, "ServiceUnavailable", "The service is temporarily unavailable."),
        Failure::NotReady { .. } => error(425, "TooEarly", "The resource is not ready."),
        Failure::Oauth(_) | Failure::ConsentPage(_) | Failure::Scim(_) => {
            error(400, "BadRequest", "The request is malformed.")
        }
    }
}

fn of_subscriptions(context: &RenderContext) -> bool {
    context.path.contains("/subscriptions")
}

/// The code beside [`LICENCE`].
const NO_LICENCE: &str = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";

/// Queries that are not supported, or not without the lagging index, each in its words.
fn unsupported(what: &str, context: &RenderContext) -> Answer {
    let message = if what.starts_with("$search without") {
        "Request with $search query parameter only works through MSGraph with a special request header: \
         'ConsistencyLevel: eventual'"
    } else if what.starts_with("a filter on ") {
        "The request uses a filter property that is not indexed"
    } else if what.starts_with("changes of ") {
        return graph_error(501, "NotImplemented", "The property is not supported by delta queries.", context);
    } else {
        "Unsupported Query."
    };
    graph_error(400, "Request_UnsupportedQuery", message, context)
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
    let answer = graph_json(StatusCode::TOO_MANY_REQUESTS, &error);
    // Identity Protection does not say when to come back (`throttling.md`).
    if context.path.contains("/identityProtection/") { answer } else { with_retry_after(answer, wait) }
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
pub(in super::super) fn graph_json(status: StatusCode, value: &Value) -> Answer {
    let body = serde_json::to_vec(value).expect("answers are made of plain values");
    Answer::bytes(status, GRAPH_JSON, body)
}
