//! Miro: the two ways in which lists other than logs are paged.
//!
//! By cursor, the id of the last entry: `{limit, size, cursor, data, type: "cursor-list"}`. By offset, for boards:
//! `{data, total, size, offset, limit, links, type}`, with `limit` and `offset` as texts in the description.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::encode_pairs;
use crate::protocol::pages::{self, AboveMax, CursorForm, PageSize, Paging};
use crate::time::SimTime;

/// Default of `limit` in lists by offset.
const DEFAULT_LIMIT: u32 = 20;
/// Most of `limit` in lists by offset.
const MAX_LIMIT: u32 = 50;

/// A list by cursor whose ids are numbers: 100 entries, 1 to 100.
pub(super) const fn by_number(list: &'static str) -> Paging {
    Paging {
        list,
        cursor_parameter: "cursor",
        cursor: CursorForm::Key {
            place: |id| id.parse::<u64>().is_ok().then_some(SimTime::from_us(0)),
            key: |position, _| position.id.to_string(),
            beside: |id, _| id.parse::<u64>().map_or_else(|_| String::new(), |n| n.saturating_sub(1).to_string()),
        },
        size: PageSize {
            parameter: "limit",
            default: 100,
            max: 100,
            above: AboveMax::Refuse("must be between 1 and 100, but was '{}'"),
        },
    }
}

#[derive(Serialize)]
struct CursorList<T> {
    limit: u32,
    size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    data: Vec<T>,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// A page by cursor of `entries`, which are all there are, in the order of their ids.
pub(super) fn by_cursor<T: Serialize>(
    ctx: &mut Context<'_>,
    request: &Request,
    paging: &Paging,
    entries: Vec<T>,
    id: impl Fn(&T) -> String,
) -> Result<Answer, Failure> {
    let limit = paging.size.read(request.query("limit"), ctx.sim.scenario.apps[ctx.app.0].page_size)?;
    let page = pages::of_all(ctx, request, paging, entries, id)?;
    let size = page.items.len();
    let list = CursorList { limit, size, cursor: page.next, data: page.items, kind: "cursor-list" };
    Ok(Answer::json(StatusCode::OK, &list))
}

/// A page by offset of `entries`, which are all there are.
pub(super) fn by_offset(
    ctx: &Context<'_>,
    request: &Request,
    entries: Vec<Value>,
    kind: &str,
) -> Result<Answer, Failure> {
    let number = |name: &str, default: u32| match request.query(name) {
        None | Some("") => Ok(default),
        Some(text) => text.parse().map_err(|_| Failure::bad_parameter(name, "must be a whole number")),
    };
    let (limit, offset) = (number("limit", DEFAULT_LIMIT)?, number("offset", 0)?);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Failure::bad_parameter("limit", "must be between 1 and 50"));
    }
    let limit = limit.min(ctx.sim.scenario.apps[ctx.app.0].page_size.unwrap_or(u32::MAX));
    let total = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let link = |offset: u32| {
        let kept = request.query.iter().filter(|(k, _)| !matches!(k.as_str(), "limit" | "offset" | "access_token"));
        let (limit, offset) = (limit.to_string(), offset.to_string());
        let own = [("limit", limit.as_str()), ("offset", offset.as_str())];
        let query = encode_pairs(kept.map(|(k, v)| (k.as_str(), v.as_str())).chain(own));
        format!("{}{}?{query}", request.origin, request.path)
    };
    let mut links = json!({ "self": link(offset), "first": link(0) });
    if offset.saturating_add(limit) < total {
        links["next"] = json!(link(offset + limit));
    }
    if offset > 0 {
        links["prev"] = json!(link(offset.saturating_sub(limit)));
    }
    let page: Vec<Value> = entries.into_iter().skip(offset as usize).take(limit as usize).collect();
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "data": page,
            "total": total,
            "size": page.len(),
            "offset": offset,
            "limit": limit,
            "links": links,
            "type": kind,
        }),
    ))
}
