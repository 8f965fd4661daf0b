//! Miro: the content log, what was made and changed on boards.
//!
//! Every item of a board was made with it, and the first was changed when the board was. Thirty days back, within
//! `from` and `to`; pages of 1 to 1000; the cursor is base64 of `<ms>|<n>`, as in the vendor's example.
//!
//! # Not imitated
//! Edits and uploads of the script and of the background: the log knows the boards that a data scan finds, no more.
//! Deletions, comments, relationships; that collection must be switched on first.
//!
//! # Sources
//! `spec`: `enterprise-board-content-item-logs-fetch`; retention: help article 17774729839378.

use std::time::Duration;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::roster::enterprise;
use super::{boards, items, trace};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::{AboveMax, PageSize};
use crate::time::SimTime;

const RETENTION: Duration = Duration::from_secs(30 * 86_400);
/// Most entries in `board_ids` and `emails`.
const MOST_NAMED: usize = 15;

const SIZE: PageSize = PageSize {
    parameter: "limit",
    default: 1_000,
    max: 1_000,
    above: AboveMax::Refuse("must be between 1 and 1000, but was '{}'"),
};

/// `GET /v2/orgs/{org_id}/content-logs/items`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let (from, to) = (time(request, "from")?, time(request, "to")?);
    let (board_ids, emails) = (named(request, "board_ids")?, named(request, "emails")?);
    let limit = SIZE.read(request.query("limit"), ctx.sim.scenario.apps[ctx.app.0].page_size)? as usize;
    let newest_first = match request.query("sorting") {
        None | Some("" | "asc") => false,
        Some("desc") => true,
        // Lower case here, upper case in the audit log.
        Some(_) => return Err(Failure::bad_parameter("sorting", "must be asc or desc")),
    };
    let from = from.max(ctx.now - RETENTION);
    let mut entries = entries(ctx);
    entries.retain(|(at, entry)| {
        (from..to).contains(at)
            && (board_ids.is_empty() || board_ids.iter().any(|id| entry["contentId"] == id.as_str()))
            && (emails.is_empty() || emails.iter().any(|e| entry["actor"]["email"].as_str() == Some(e)))
    });
    if newest_first {
        entries.reverse();
    }
    let skipped = cursor(request, entries.len())?;
    let page: Vec<(SimTime, Value)> = entries.iter().skip(skipped).take(limit).cloned().collect();
    let mut body = json!({
        "limit": limit,
        "size": page.len(),
        "data": page.iter().map(|(_, entry)| entry).collect::<Vec<_>>(),
        "type": "cursor-list",
    });
    let reached = skipped + page.len();
    if let Some((at, _)) = page.last().filter(|_| reached < entries.len()) {
        body["cursor"] = json!(BASE64_STANDARD.encode(format!("{}|{reached}", at.ms())));
    }
    Ok(Answer::json(StatusCode::OK, &body))
}

/// Every entry, oldest first.
fn entries(ctx: &Context<'_>) -> Vec<(SimTime, Value)> {
    let mut entries = Vec::new();
    for board in boards::all(ctx) {
        let actor = json!({ "id": board.owner.id, "email": board.owner.email, "name": board.owner.name });
        let mut put = |at: SimTime, action: &str, item: &Value| {
            let id = ctx.sim.scenario.seed.uuid(&["content log", &board.id, action, item["id"].as_str().unwrap_or("")]);
            let entry = json!({
                "id": id,
                "contentId": board.id,
                "actionType": action,
                "actionTime": trace::iso(at),
                "actor": actor,
                "itemType": "widget",
                "itemId": item["id"],
                "state": item["data"],
                "relationships": [],
            });
            entries.push((at, entry));
        };
        let items = items::of_board(ctx, &board);
        items.iter().for_each(|item| put(board.document.created, "create", item));
        items.first().into_iter().for_each(|item| put(board.document.modified, "update", item));
    }
    entries.sort_by(|a, b| (a.0, a.1["id"].as_str()).cmp(&(b.0, b.1["id"].as_str())));
    entries
}

fn time(request: &Request, name: &'static str) -> Result<SimTime, Failure> {
    let text = request.query(name).filter(|t| !t.is_empty());
    let text = text.ok_or_else(|| Failure::bad_parameter(name, "is required"))?;
    SimTime::parse_rfc3339(text).ok_or_else(|| Failure::bad_parameter(name, "must be a date and time in ISO 8601"))
}

/// A list parameter: repeated, or with commas.
fn named(request: &Request, name: &'static str) -> Result<Vec<String>, Failure> {
    let sent = request.query.iter().filter(|(key, _)| key.trim_end_matches("[]") == name);
    let named: Vec<String> =
        sent.flat_map(|(_, v)| v.split(',')).filter(|v| !v.is_empty()).map(str::to_owned).collect();
    if named.len() > MOST_NAMED {
        return Err(Failure::bad_parameter(name, "must name at most 15"));
    }
    Ok(named)
}

/// How many entries were served before.
fn cursor(request: &Request, most: usize) -> Result<usize, Failure> {
    let Some(text) = request.query("cursor").filter(|c| !c.is_empty()) else { return Ok(0) };
    let bad = || Failure::BadCursor { why: "it is not base64 of `<ms>|<n>`".to_owned() };
    let opened = BASE64_STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(bad)?;
    let (ms, n) = opened.split_once('|').ok_or_else(bad)?;
    ms.parse::<i64>().map_err(|_| bad())?;
    n.parse::<usize>().map(|n| n.min(most)).map_err(|_| bad())
}
