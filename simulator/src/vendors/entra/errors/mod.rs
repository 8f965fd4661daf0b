//! How Entra and Graph speak: AADSTS numbers from the identity platform, `{"error":{"code","message","innerError"}}` from
//! Graph, request ids on both.
//!
//! # Sources
//! See `aadsts` and `graph`. The headers beside the request ids are from captured traffic in issue reports.

mod aadsts;
mod graph;

pub(super) use aadsts::text;
pub(super) use graph::{DELTA_TOO_OLD, GRAPH_JSON, LICENCE, QUOTA_USED_UP, graph_json};

use std::time::Duration;

use axum::http::{HeaderName, header};

use crate::protocol::dialect::{Dialect, Failure, RenderContext, RetryAfter};
use crate::protocol::exchange::Answer;

/// How Entra and Graph speak.
pub(super) const DIALECT: Dialect = Dialect { render, stamp, retry_after: RetryAfter::Seconds };

fn is_graph(context: &RenderContext) -> bool {
    context.path.trim_start_matches('/').starts_with("v1.0")
}

fn client_request_id(context: &RenderContext) -> &str {
    context.client_request_id.as_deref().unwrap_or(&context.request_id)
}

/// Request ids and what else is on every answer.
fn stamp(answer: Answer, context: &RenderContext) -> Answer {
    let header = HeaderName::from_static;
    let answer = answer.with(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    if is_graph(context) {
        let diagnostic = "{\"ServerInfo\":{\"DataCenter\":\"West Europe\",\"Slice\":\"E\",\"Ring\":\"5\",\
                          \"ScaleUnit\":\"002\",\"RoleInstance\":\"AM1PEPF00000001\"}}";
        answer
            .with(header("request-id"), &context.request_id)
            .with(header("client-request-id"), client_request_id(context))
            .with(header("x-ms-ags-diagnostic"), diagnostic)
            .with(header("odata-version"), "4.0")
            .with(header::VARY, "Accept-Encoding")
    } else {
        answer.with(header("x-ms-request-id"), &context.request_id).with(header::CACHE_CONTROL, "no-store, no-cache")
    }
}

fn render(failure: &Failure, context: &RenderContext) -> Answer {
    if is_graph(context) { graph::render(failure, context) } else { aadsts::render(failure, context) }
}

fn with_retry_after(answer: Answer, wait: Duration) -> Answer {
    match DIALECT.retry_after.value(wait) {
        Some(value) => answer.with(header::RETRY_AFTER, &value),
        None => answer,
    }
}
