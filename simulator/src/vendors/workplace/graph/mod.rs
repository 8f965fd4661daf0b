//! What all of Graph has in common: nodes and their fields, edges and their pages, JSON as Meta writes it.
//!
//! An edge answers `data` and `paging`. `next` and `previous` are whole URLs that repeat everything the client sent, its
//! access token too if that stood in the query. A client that goes on until `next` is gone is right: the last page still
//! has cursors, and one that follows `after` makes a call more and gets an empty page without `paging`.
//!
//! # Not imitated
//! Pages that are shorter than asked for because rows were filtered after they were cut (a fault, `empty_page`, does the
//! worst of it); `__paging_token`; times of feeds as text.
//!
//! # Sources
//! Graph's paging guide; default of 25 for edges: the same. Most of 100, 1,000 for people: \[guess\].

mod fields;
mod json;

use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(super) use fields::{Field, Node};
pub(super) use json::{escape, escaped};

use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::{self, encode_pairs};
use crate::protocol::pages::{self, AboveMax, Asked, CursorForm, Order, PageSize, Paging, Position};
use crate::time::SimTime;

/// The parameter that leads on.
pub(super) const AFTER: &str = "after";
/// The parameter that leads back.
pub(super) const BEFORE: &str = "before";

/// How edges page. Cursors look opaque; that nobody checks who was given one is a \[guess\].
pub(super) const fn paging(list: &'static str, max: u32) -> Paging {
    Paging {
        list,
        cursor_parameter: AFTER,
        cursor: CursorForm::Place { back: BEFORE, read, write },
        size: PageSize { parameter: "limit", default: 25, max, above: AboveMax::Clamp },
    }
}

fn write(position: &Position) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{}|{}", position.at.us(), position.id))
}

fn read(cursor: &str) -> Option<Position> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (at, id) = text.split_once('|')?;
    Some(Position { at: SimTime::from_us(at.parse().ok()?), id: id.into() })
}

/// JSON in Meta's writing.
pub(super) fn answer(status: StatusCode, value: &Value) -> Answer {
    Answer::bytes(status, "application/json; charset=UTF-8", escaped(value))
}

/// 200 with a value.
pub(super) fn ok(value: &Value) -> Answer {
    answer(StatusCode::OK, value)
}

/// What most changes are answered with.
pub(super) fn success() -> Answer {
    ok(&json!({ "success": true }))
}

/// The wanted fields of a request: what it names, else these.
pub(super) fn wanted(request: &Request, default: &str) -> Result<Vec<Field>, Failure> {
    Field::parse(parameter(request, "fields").as_deref().filter(|f| !f.is_empty()).unwrap_or(default))
}

/// A parameter, wherever it stands: in the query, in a form, or in a JSON object. Meta does not mind.
pub(super) fn parameter(request: &Request, name: &str) -> Option<String> {
    if let Some(value) = request.query(name) {
        return Some(value.to_owned());
    }
    let parameters = form::Parameters::read(request, &[form::Carrier::Form]);
    if let Some(value) = parameters.get(name) {
        return Some(value.to_owned());
    }
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    match body.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// Yes or no, in any of the spellings that clients use.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// An item of an edge: its place, and what is served of it.
pub(super) struct Item {
    pub(super) at: SimTime,
    pub(super) id: String,
    pub(super) node: Node,
}

/// A page of an edge; items are sorted by (`at`, `id`).
pub(super) fn edge(
    ctx: &mut Context<'_>,
    request: &Request,
    paging: &'static Paging,
    mut items: Vec<Item>,
    order: Order,
    default_fields: &str,
) -> Result<Answer, Failure> {
    let wanted = wanted(request, default_fields)?;
    one_cursor(request)?;
    let cap = ctx.sim.scenario.apps[ctx.app.0].page_size;
    let size = paging.size.read(request.query(paging.size.parameter), cap)?;
    let cursor = paging.cursor(ctx, request)?;
    let way = |a: (SimTime, &str), b: (SimTime, &str)| match order {
        Order::Ascending => a.cmp(&b),
        Order::Descending => b.cmp(&a),
    };
    items.sort_by(|a, b| way((a.at, &a.id), (b.at, &b.id)));
    let stands = |item: &Item, place: &Position| way((item.at, &item.id), (place.at, &place.id));
    items.retain(|item| cursor.after.as_ref().is_none_or(|after| stands(item, after).is_gt()));
    items.retain(|item| cursor.before.as_ref().is_none_or(|before| stands(item, before).is_lt()));
    let position = |item: &Item| Position { at: item.at, id: item.id.as_str().into() };
    let asked = Asked { order: Some(order), ..Asked::default() };
    let page = pages::cut(ctx, request, paging, &asked, items, size, position)?;
    let ends = page.items.first().zip(page.items.last()).map(|(first, last)| (position(first), position(last)));
    let data = page.items.iter().map(|item| item.node.project(&wanted)).collect::<Result<Vec<_>, _>>()?;
    let mut body = json!({ "data": data });
    if let Some(links) = links(request, ends, page.prev.as_deref(), page.next.as_deref()) {
        body["paging"] = links;
    }
    Ok(ok(&body))
}

/// `after` and `before` together are refused.
pub(super) fn one_cursor(request: &Request) -> Result<(), Failure> {
    match (request.query(AFTER), request.query(BEFORE)) {
        (Some(a), Some(b)) if !a.is_empty() && !b.is_empty() => {
            Err(Failure::bad_parameter(BEFORE, "cannot be given together with after"))
        }
        _ => Ok(()),
    }
}

/// `paging`: cursors wherever there are items, a URL wherever it leads somewhere; nothing on an empty last page.
pub(super) fn links(
    request: &Request,
    ends: Option<(Position, Position)>,
    previous: Option<&str>,
    next: Option<&str>,
) -> Option<Value> {
    if ends.is_none() && next.is_none() {
        return None;
    }
    let mut links = json!({});
    if let Some((first, last)) = ends {
        // A page that a fault has bent leads where the fault says.
        let after = next.map_or_else(|| write(&last), str::to_owned);
        links["cursors"] = json!({ "before": write(&first), "after": after });
    } else if let Some(next) = next {
        links["cursors"] = json!({ "after": next });
    }
    if let Some(next) = next {
        links["next"] = json!(url(request.next_origin(), request, AFTER, next));
    }
    if let Some(previous) = previous {
        links["previous"] = json!(url(&request.origin, request, BEFORE, previous));
    }
    Some(links)
}

/// The request's own URL at `origin`, with another cursor.
fn url(origin: &str, request: &Request, parameter: &str, cursor: &str) -> String {
    let kept = request.query.iter().filter(|(k, _)| k != AFTER && k != BEFORE).map(|(k, v)| (k.as_str(), v.as_str()));
    format!("{origin}{}?{}", request.path, encode_pairs(kept.chain([(parameter, cursor)])))
}

/// The token that a request shows, wherever it stands.
pub(super) fn shown_token(request: &Request) -> Option<String> {
    let header = request.headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.split_once(' '));
    let bearer =
        header.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth"));
    bearer.map(|(_, token)| token.trim().to_owned()).or_else(|| parameter(request, "access_token"))
}

/// `2026-03-02T09:00:00+0000`.
pub(super) fn time(at: SimTime) -> String {
    at.civil().strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}
