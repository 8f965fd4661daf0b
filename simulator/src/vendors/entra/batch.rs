//! Graph: `$batch`, up to twenty requests in one.
//!
//! Every item is routed, authorised, throttled and answered by itself, with the caller's token unless it brings its own, and
//! is journalled as the request it is. An item that waits for one that failed is a 424; one that is throttled is a 429 with
//! its own `Retry-After` while the envelope is a 200. Items are answered in the order in which they can be. Bodies that are
//! no JSON come as base64.
//!
//! # Not imitated
//! Faults of a scenario meet the envelope, never an item. Answers in another order than the requests. Subscriptions
//! made in a batch.
//!
//! # Sources
//! `graph-docs:concepts/json-batching.md`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::errors::{DIALECT, graph_json};
use super::{SPEC, normalize};
use crate::journal::Entry;
use crate::protocol::dialect::{Failure, RenderContext};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::decode_pairs;
use crate::server::admission::{Asker, admit};
use crate::server::redact::{self, SecretNames};
use crate::server::routes::{Found, RouteTable};

/// Most requests in one.
const MOST: usize = 20;

#[derive(Deserialize)]
struct Envelope {
    requests: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    depends_on: Vec<String>,
}

/// `POST /v1.0/$batch`.
pub(super) fn batch(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let wrong = |why: &str| Failure::bad_parameter("requests", why);
    let envelope: Envelope =
        serde_json::from_slice(&request.body).map_err(|_| wrong("Invalid batch payload format."))?;
    if envelope.requests.is_empty() || envelope.requests.len() > MOST {
        return Err(wrong(&format!("Number of batch request steps exceeds the maximum value of {MOST}, or is zero.")));
    }
    for (index, item) in envelope.requests.iter().enumerate() {
        let earlier = &envelope.requests[..index];
        if earlier.iter().any(|other| other.id == item.id) {
            return Err(wrong("Every request of a batch must have an id of its own."));
        }
        if item.depends_on.iter().any(|id| !earlier.iter().any(|other| other.id == *id)) {
            return Err(wrong("A request can depend on requests before it only."));
        }
    }
    let mut statuses: BTreeMap<String, u16> = BTreeMap::new();
    let mut responses = Vec::new();
    for item in envelope.requests {
        let failed = |id: &String| statuses.get(id).is_none_or(|status| *status >= 400);
        let answer = if item.depends_on.iter().any(failed) {
            let error =
                json!({ "error": { "code": "FailedDependency", "message": "A request it depends on failed." } });
            graph_json(StatusCode::FAILED_DEPENDENCY, &error)
        } else {
            answer(ctx, request, &item)
        };
        statuses.insert(item.id.clone(), answer.status.as_u16());
        responses.push(response(&item.id, &answer));
    }
    Ok(graph_json(StatusCode::OK, &json!({ "responses": responses })))
}

fn response(id: &str, answer: &Answer) -> Value {
    let headers =
        answer.headers.iter().filter_map(|(name, value)| Some((canonical(name), json!(value.to_str().ok()?))));
    let mut response = json!({
        "id": id,
        "status": answer.status.as_u16(),
        "headers": headers.collect::<Map<_, _>>(),
    });
    if !answer.body.is_empty() {
        let read = serde_json::from_slice(&answer.body);
        response["body"] = read.unwrap_or_else(|_| json!(BASE64_STANDARD.encode(&answer.body)));
    }
    response
}

/// `retry-after` as `Retry-After`: clients look into a batch by name, and not every one without regard to case.
fn canonical(name: &HeaderName) -> String {
    let words = name.as_str().split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    words.collect::<Vec<_>>().join("-")
}

/// One item, from its route to its journal entry.
fn answer(ctx: &mut Context<'_>, outer: &Request, item: &Item) -> Answer {
    let seq = ctx.sim.journal.next_seq();
    let app = ctx.instance().name.clone();
    let (path, query) = item.url.split_once('?').unwrap_or((&item.url, ""));
    let (path, query) = (format!("/v1.0/{}", path.trim_start_matches('/')), decode_pairs(query.as_bytes()));
    let render = RenderContext {
        query: None,
        now: ctx.now,
        request_id: ctx.sim.scenario.seed.uuid(&["request", &outer.id, &item.id]),
        client_request_id: item.headers.get("client-request-id").cloned(),
        accept: None,
        origin: outer.origin.clone(),
        path,
    };
    let names = SecretNames::new(ctx.state, ctx.app);
    let sent = item.body.as_ref().map(Value::to_string).unwrap_or_default();
    let mut entry = Entry {
        seq,
        at: ctx.now,
        ended: ctx.now,
        route: format!("{app}.?"),
        app,
        method: item.method.to_uppercase(),
        target: redact::target(&render.path, &query, names),
        caller: outer.principal.as_ref().map(|p| p.name.clone()),
        request_body: redact::body("application/json", sent.as_bytes(), names),
        ..Entry::default()
    };
    let mut asker = Asker::default();
    let outcome = dispatch(ctx, outer, item, (&render, query), &mut entry, &mut asker);
    let mut answer = outcome.unwrap_or_else(|failure| {
        failure.note(&mut entry);
        DIALECT.refuse(&failure, &render)
    });
    asker.tell(&mut answer.headers);
    let answer = (DIALECT.stamp)(answer, &render);
    entry.status = Some(answer.status.as_u16());
    ctx.sim.journal.push(entry);
    answer
}

fn dispatch(
    ctx: &mut Context<'_>,
    outer: &Request,
    item: &Item,
    (render, query): (&RenderContext, Vec<(String, String)>),
    entry: &mut Entry,
    asker: &mut Asker,
) -> Result<Answer, Failure> {
    let method = Method::from_bytes(item.method.to_uppercase().as_bytes())
        .map_err(|_| Failure::bad_parameter("method", "The HTTP method is not known."))?;
    let path = &render.path;
    let (route, params) = match RouteTable::new(&SPEC).find(&method, &normalize(path)) {
        Found::Route(route, params) => (route, params),
        Found::OtherMethods(allowed) => {
            let allowed = allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
            return Err(Failure::MethodNotAllowed { method, allowed });
        }
        Found::Nothing { nearest } => return Err(Failure::UnknownRoute { path: path.to_owned(), nearest }),
    };
    if route.name == "batch" || !route.path.starts_with("/v1.0/") {
        return Err(Failure::bad_parameter("url", "Batches cannot be nested."));
    }
    entry.route = format!("{}.{}", entry.app, route.name);
    let mut request = Request {
        id: render.request_id.clone(),
        route,
        method,
        path: path.to_owned(),
        params,
        query,
        headers: headers(outer, item),
        body: item.body.as_ref().map_or_else(Bytes::new, |body| body.to_string().into()),
        origin: outer.origin.clone(),
        elsewhere: None,
        principal: None,
        walk: OnceLock::new(),
    };
    let now = ctx.now;
    let admitted = admit(ctx.instance_state(), &mut request, now, asker);
    asker.note(entry);
    admitted?;
    let Context { sim, app, now, effects, .. } = *ctx;
    let (state, notes) = (&mut *ctx.state, &mut entry.notes);
    let mut inner = Context { sim, state, app, now, notes, bend: None, effects, proposal: None };
    let answer = (route.handler)(&mut inner, &request)?;
    // Its address would have to be tried before the item is answered.
    match inner.proposal {
        Some(_) => Err(Failure::Unsupported { what: "a subscription in a batch".to_owned() }),
        None => Ok(answer),
    }
}

/// The item's own headers, and who asks.
fn headers(outer: &Request, item: &Item) -> HeaderMap {
    let own = item.headers.iter().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.to_lowercase().as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value).ok()?))
    });
    let mut headers: HeaderMap = own.collect();
    if let (false, Some(token)) =
        (headers.contains_key(header::AUTHORIZATION), outer.headers.get(header::AUTHORIZATION))
    {
        headers.insert(header::AUTHORIZATION, token.clone());
    }
    headers
}
