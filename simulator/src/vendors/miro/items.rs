//! Miro: what stands on a board.
//!
//! Every paragraph of the document behind a board is an item: a text, a sticky note, a shape or a card in turn. Pages of
//! 10 to 50 by cursor, 10 unless asked.
//!
//! # Sources
//! `spec`: `get-items`, `get-specific-item`. Forms of cursors and ids of items are guesses.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::boards::{self, Board};
use super::trace;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::{self, AboveMax, CursorForm, PageSize, Paging};

/// Fewest items a page: a probe with `limit=1` fails.
const FEWEST: u32 = 10;

static PAGING: Paging = Paging {
    list: "board_items",
    cursor_parameter: "cursor",
    cursor: CursorForm::Sealed,
    size: PageSize {
        parameter: "limit",
        default: FEWEST,
        max: 50,
        above: AboveMax::Refuse("must be between 10 and 50, but was '{}'"),
    },
};

/// What may be asked for with `type`.
const TYPES: [&str; 12] = [
    "text",
    "shape",
    "sticky_note",
    "image",
    "document",
    "card",
    "app_card",
    "preview",
    "frame",
    "embed",
    "doc_format",
    "data_table_format",
];

/// The items of a board, in the order of their ids.
pub(super) fn of_board(ctx: &Context<'_>, board: &Board) -> Vec<Value> {
    let (seed, document) = (ctx.sim.scenario.seed, &board.document);
    let person = json!({ "id": board.owner.id, "type": "user" });
    let first = 3_458_764_600_000_000_000 + seed.number(&["miro items", &document.key]) % 1_000_000_000 * 100;
    let paragraphs = document.paragraphs().into_iter().enumerate();
    paragraphs
        .map(|(n, text)| {
            let (kind, data) = match n % 4 {
                0 => ("text", json!({ "content": format!("<p>{text}</p>") })),
                1 => ("sticky_note", json!({ "content": format!("<p>{text}</p>"), "shape": "square" })),
                2 => ("shape", json!({ "content": format!("<p>{text}</p>"), "shape": "rectangle" })),
                _ => ("card", json!({ "title": text })),
            };
            json!({
                "id": (first + n as u64).to_string(),
                "type": kind,
                "data": data,
                "position": { "x": 0.0, "y": 200.0 * n as f64, "origin": "center", "relativeTo": "canvas_center" },
                "geometry": { "width": 320.0, "height": 180.0 },
                "createdAt": trace::iso(document.created),
                "createdBy": person,
                "modifiedAt": trace::iso(document.modified),
                "modifiedBy": person,
            })
        })
        .collect()
}

/// `GET /v2/boards/{board_id}/items`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let board = boards::asked(ctx, request)?;
    let kind = request.query("type").filter(|t| !t.is_empty());
    if kind.is_some_and(|kind| !TYPES.contains(&kind)) {
        return Err(Failure::bad_parameter("type", "is unknown"));
    }
    let few = request.query("limit").and_then(|l| l.parse::<u32>().ok()).is_some_and(|l| l < FEWEST);
    if few {
        return Err(Failure::bad_parameter("limit", "must be between 10 and 50"));
    }
    let limit = PAGING.size.read(request.query("limit"), ctx.sim.scenario.apps[ctx.app.0].page_size)?;
    let id = |item: &Value| item["id"].as_str().unwrap_or_default().to_owned();
    let items: Vec<Value> =
        of_board(ctx, &board).into_iter().filter(|i| kind.is_none_or(|kind| i["type"] == kind)).collect();
    let total = items.len();
    let page = pages::of_all(ctx, request, &PAGING, items, id)?;
    let own = format!("{}{}", request.origin, request.path);
    let mut body = json!({
        "data": page.items,
        "total": total,
        "size": page.items.len(),
        "limit": limit,
        "links": { "self": own },
    });
    if let Some(cursor) = page.next {
        body["links"]["next"] = json!(format!("{own}?limit={limit}&cursor={cursor}"));
        body["cursor"] = json!(cursor);
    }
    Ok(Answer::json(StatusCode::OK, &body))
}

/// `GET /v2/boards/{board_id}/items/{item_id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let board = boards::asked(ctx, request)?;
    let id = request.param("item_id");
    let item = of_board(ctx, &board).into_iter().find(|i| i["id"] == id);
    Ok(Answer::json(StatusCode::OK, &item.ok_or_else(|| Failure::not_found("item", id))?))
}
