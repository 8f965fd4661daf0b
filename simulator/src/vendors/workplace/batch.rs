//! `POST /?batch=[…]`: up to fifty requests in one, each with a status and a body of its own, the body as text.
//!
//! The answer is 200 whatever became of its entries: who reads nothing but that status loses what failed. Every entry is
//! an exchange of its own in the journal, costs its own call, and is asked for its own token if it has none of the batch's.
//!
//! # Not imitated
//! Entries that time out (`null`), entries that refer to another's result (`depends_on`, `{result=…}`), attached files.
//!
//! # Sources
//! Meta's ETL script: fifty entries, `include_headers`, entries retried by their `code`. Shape of an entry: the same.

use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SPEC, errors, graph};
use crate::journal::Entry;
use crate::protocol::dialect::{Failure, RenderContext};
use crate::protocol::exchange::{Access, Answer, Context, Request};
use crate::protocol::form::decode_pairs;
use crate::server::routes::{Found, RouteTable};

/// Most entries of a batch.
const MOST: usize = 50;

/// An entry as sent.
#[derive(Deserialize)]
struct Wanted {
    method: String,
    relative_url: String,
    #[serde(default)]
    body: String,
    access_token: Option<String>,
}

/// The routes that entries are looked up in.
fn routes() -> &'static RouteTable {
    static ROUTES: OnceLock<RouteTable> = OnceLock::new();
    ROUTES.get_or_init(|| RouteTable::new(&SPEC))
}

/// `POST /`.
pub(super) fn run(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let text = graph::parameter(request, "batch").ok_or_else(|| Failure::bad_parameter("batch", "is required"))?;
    let wanted: Vec<Wanted> =
        serde_json::from_str(&text).map_err(|_| Failure::bad_parameter("batch", "must be a JSON array of requests"))?;
    if wanted.len() > MOST {
        return Err(Failure::bad_parameter("batch", format!("must have at most {MOST} requests")));
    }
    let shared = graph::shown_token(request);
    let with_headers = graph::parameter(request, "include_headers").and_then(|t| graph::flag(&t)).unwrap_or(true);
    let mut entries = Vec::new();
    for (index, one) in wanted.iter().enumerate() {
        let id = ctx.sim.scenario.seed.uuid(&["request", &request.id, &index.to_string()]);
        entries.push(entry(ctx, request, (id, one), shared.as_deref(), with_headers));
    }
    Ok(graph::ok(&Value::Array(entries)))
}

/// Answers one entry and writes it down.
fn entry(
    ctx: &mut Context<'_>,
    batch: &Request,
    (id, wanted): (String, &Wanted),
    shared: Option<&str>,
    with_headers: bool,
) -> Value {
    let seq = ctx.sim.journal.next_seq();
    let url = format!("/{}", wanted.relative_url.trim_start_matches('/'));
    let (path, query) = url.split_once('?').unwrap_or((&url, ""));
    let app = ctx.instance().name.clone();
    let mut journal = Entry {
        seq,
        at: ctx.now,
        ended: ctx.now,
        route: format!("{app}.?"),
        method: wanted.method.to_uppercase(),
        target: path.to_owned(),
        app: app.clone(),
        ..Entry::default()
    };
    let outer = std::mem::take(ctx.notes);
    let token = wanted.access_token.as_deref().or(shared);
    let answer = request(batch, (id.clone(), wanted), path, query, token).and_then(|mut inner| {
        journal.route = format!("{app}.{}", inner.route.name);
        answered(ctx, &mut inner, &mut journal)
    });
    journal.notes = std::mem::replace(ctx.notes, outer);
    let render = RenderContext {
        query: None,
        now: ctx.now,
        request_id: id,
        client_request_id: None,
        accept: None,
        origin: batch.origin.clone(),
        path: path.to_owned(),
    };
    let answer = answer.unwrap_or_else(|failure| {
        failure.note(&mut journal);
        errors::DIALECT.refuse(&failure, &render)
    });
    let answer = (errors::DIALECT.stamp)(answer, &render);
    journal.status = Some(answer.status.as_u16());
    ctx.sim.journal.push(journal);
    let mut value = json!({ "code": answer.status.as_u16() });
    if with_headers {
        let header = |(name, value): (&HeaderName, &HeaderValue)| json!({ "name": name.as_str(), "value": value.to_str().unwrap_or_default() });
        value["headers"] = answer.headers.iter().map(header).collect();
    }
    value["body"] = json!(String::from_utf8_lossy(&answer.body));
    value
}

/// An entry as the request it would be alone.
fn request(
    batch: &Request,
    (id, wanted): (String, &Wanted),
    path: &str,
    query: &str,
    token: Option<&str>,
) -> Result<Request, Failure> {
    let unknown = |_| Failure::bad_parameter("batch", format!("has an unknown method: {}", wanted.method));
    let method = Method::from_bytes(wanted.method.to_uppercase().as_bytes()).map_err(unknown)?;
    let (route, params) = match routes().find(&method, &(SPEC.normalize)(path)) {
        // A batch in a batch would have no end.
        Found::Route(route, params) if route.name != "batch" => (route, params),
        Found::Route(..) => return Err(Failure::Unsupported { what: "a batch in a batch".to_owned() }),
        Found::OtherMethods(allowed) => {
            let allowed = allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
            return Err(Failure::MethodNotAllowed { method, allowed });
        }
        Found::Nothing { nearest } => return Err(Failure::UnknownRoute { path: path.to_owned(), nearest }),
    };
    let mut headers = HeaderMap::new();
    if let Some(bearer) = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok()) {
        headers.insert(AUTHORIZATION, bearer);
    }
    if !wanted.body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    }
    Ok(Request {
        id,
        route,
        method,
        path: path.to_owned(),
        params,
        query: decode_pairs(query.as_bytes()),
        headers,
        body: Bytes::copy_from_slice(wanted.body.as_bytes()),
        origin: batch.origin.clone(),
        elsewhere: batch.elsewhere.clone(),
        principal: None,
        walk: OnceLock::new(),
    })
}

/// The way of an exchange, once more: token, budget, permission, room.
fn answered(ctx: &mut Context<'_>, inner: &mut Request, journal: &mut Entry) -> Result<Answer, Failure> {
    let now = ctx.now;
    if let Access::Token(scopes) = inner.route.access {
        let instance = ctx.instance_state();
        let principal = instance.tokens.authenticate(&inner.headers, &inner.query, now)?;
        journal.caller = Some(principal.name.clone());
        let admission = instance.limiter.admit(&principal, inner.route, now);
        if let Some(refusal) = admission.refused {
            journal.retry_after_s = Some(refusal.retry_after.as_secs_f64());
            return Err(Failure::RateLimited { retry_after: refusal.retry_after, quota: Some(refusal.quota) });
        }
        principal.require(scopes)?;
        inner.principal = Some(principal);
    }
    (SPEC.around)(inner.route.handler, ctx, inner)
}
