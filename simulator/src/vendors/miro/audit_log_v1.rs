//! Miro: the old audit log, v1.
//!
//! `GET /v1/audit/logs`: newest first and nothing else, by `limit` and `offset`; `size` is the grand total, `nextLink`
//! begins with `http://`; ids are digits, times have seconds and a `Z`. Dates of the window may be plain.
//!
//! # Not imitated
//! The deprecated field `account`. Faults that name a page: pages by offset are no walk.
//!
//! # Sources
//! <https://developers.miro.com/v1.0/reference/log-object>; IBM's QRadar workflow and its pull request 110. That it still
//! answers, that `limit` goes to 500 and that the window may be left out are guesses.

use std::ops::Bound;
use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::audit_log::FEEDS;
use super::roster::enterprise;
use crate::journal::PageNote;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::encode_pairs;
use crate::protocol::pages::{AboveMax, PageSize};
use crate::time::SimTime;
use crate::timeline::{LogId, PageQuery, Record};

const SIZE: PageSize = PageSize { parameter: "limit", default: 100, max: 500, above: AboveMax::Clamp };

/// `GET /v1/audit/logs`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let (from, until) = (date(request, "createdAfter")?, date(request, "createdBefore")?);
    let app = &ctx.sim.scenario.apps[ctx.app.0];
    let limit = SIZE.read(request.query("limit"), app.page_size)?;
    let offset: u32 = match request.query("offset") {
        None | Some("") => 0,
        Some(text) => text.parse().map_err(|_| Failure::bad_parameter("offset", "must be a whole number"))?,
    };
    let oldest = ctx.now - app.retention.unwrap_or(FEEDS[0].retention);
    let query = PageQuery {
        from: Bound::Included(from.map_or(oldest, |from| from.max(oldest))),
        until: until.map_or(Bound::Unbounded, Bound::Excluded),
        newest_first: true,
        after: None,
        // The total wants them all.
        limit: usize::MAX,
        visible_at: ctx.now,
    };
    let all = ctx.state.timeline.page(LogId { app: ctx.app, feed: FEEDS[0].name }, &query);
    let page: Vec<Arc<Record>> = all.iter().skip(offset as usize).take(limit as usize).cloned().collect();
    let total = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let next = offset.saturating_add(limit);
    let body = json!({
        "type": "list",
        "limit": limit,
        "offset": offset,
        "size": total,
        "nextLink": (next < total).then(|| link(request, limit, next)),
        "prevLink": (offset > 0).then(|| link(request, limit, offset.saturating_sub(limit))),
        "data": page.iter().map(|r| event(r)).collect::<Vec<_>>(),
    });
    ctx.notes.page = Some(PageNote {
        walk: format!("{} {}", request.caller().grant, request.route.name),
        number: (offset / limit).saturating_add(1),
        cursor: None,
        next: (next < total).then(|| next.to_string()),
        log: Some(FEEDS[0].name.to_owned()),
        served: page.iter().map(|r| Arc::clone(&r.event_id)).collect(),
        from,
        until,
    });
    Ok(Answer::json(StatusCode::OK, &body))
}

/// The event of v2 in v1's form.
fn event(record: &Record) -> Value {
    let mut event: Value = serde_json::from_slice(&record.body).expect("records are rendered as JSON objects");
    let digits = record.event_id.split('#').nth(1).and_then(|rest| rest.split('-').next()).unwrap_or_default();
    event["id"] = json!(digits);
    event["type"] = json!("event");
    event["createdAt"] = json!(record.persisted.civil().strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    event
}

fn link(request: &Request, limit: u32, offset: u32) -> String {
    let kept = request.query.iter().filter(|(k, _)| !matches!(k.as_str(), "limit" | "offset" | "access_token"));
    let (limit, offset) = (limit.to_string(), offset.to_string());
    let own = [("limit", limit.as_str()), ("offset", offset.as_str())];
    let query = encode_pairs(kept.map(|(k, v)| (k.as_str(), v.as_str())).chain(own));
    // Miro's links say http where it speaks https.
    let host = request.origin.split("://").nth(1).unwrap_or_default();
    format!("http://{host}{}?{query}", request.path)
}

/// `2026-11-01`, or a time as in v2.
fn date(request: &Request, name: &'static str) -> Result<Option<SimTime>, Failure> {
    let Some(text) = request.query(name).filter(|t| !t.is_empty()) else { return Ok(None) };
    let plain = format!("{text}T00:00:00Z");
    let at = SimTime::parse_rfc3339(if text.len() == 10 { &plain } else { text });
    at.map(Some).ok_or_else(|| Failure::bad_parameter(name, "must be a date, or a date and time in ISO 8601"))
}
