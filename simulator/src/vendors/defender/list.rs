//! What all lists have in common: the envelope, the hundred items of a page, the reach of `skip`, the order.
//!
//! # Sources
//! The API's introduction: at most a hundred items a page; microsoft/MCAS: `max` tells that number, and `skip` reaches the
//! first 5,000 items. That what lies beyond is as if it were not there, that `moreThanTotal` says so, and that more than a
//! hundred is clamped, are guesses.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use super::asked::{self, CURSOR};
use super::filters::{Field, Filters};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::{self, AboveMax, Asked, CursorForm, Order, PageSize, Paging, Position};
use crate::time::SimTime;

/// Most items of a page.
pub(super) const MOST: u32 = 100;
/// How many items `skip` reaches.
pub(super) const REACH: usize = 5_000;

/// A page of any list.
pub(super) const SIZE: PageSize = PageSize { parameter: "limit", default: MOST, max: MOST, above: AboveMax::Clamp };

/// A list that is paged by `skip`.
pub(super) const fn paging(list: &'static str) -> Paging {
    Paging { list, cursor_parameter: CURSOR, cursor: CursorForm::Offset, size: SIZE }
}

/// What stands beside a page's items.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    pub(super) has_next: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_query_filters: Option<Value>,
    pub(super) total: usize,
    pub(super) max: u32,
    pub(super) more_than_total: bool,
}

/// A list of things that are made when it is asked for.
pub(super) struct List {
    /// Pages, and the list's name.
    pub(super) paging: Paging,
    /// What it can be filtered by.
    pub(super) fields: &'static [Field],
    /// What it can be sorted by: the word, and where an item has it. The first is the order unless asked otherwise.
    pub(super) sorts: &'static [(&'static str, &'static str)],
    /// The direction unless asked otherwise.
    pub(super) order: Order,
    /// Where an item has its id.
    pub(super) id: &'static str,
}

impl List {
    /// Those of the items that the request's filters want, in its order.
    pub(super) fn select(&self, request: &Request, now: SimTime, items: Vec<Value>) -> Result<Vec<Value>, Failure> {
        let filters = Filters::of(request, self.fields, now)?;
        let mut items: Vec<Value> = items.into_iter().filter(|item| filters.matches(item)).collect();
        let by = match asked::text(request, "sortField") {
            None => self.sorts[0],
            Some(word) => *self.sorts.iter().find(|(known, _)| *known == word).ok_or_else(|| {
                let known: Vec<&str> = self.sorts.iter().map(|(known, _)| *known).collect();
                Failure::bad_parameter("sortField", format!("must be one of {}", known.join(", ")))
            })?,
        };
        items.sort_by(|a, b| {
            compare(a.pointer(by.1), b.pointer(by.1)).then_with(|| compare(a.get(self.id), b.get(self.id)))
        });
        if asked::direction(request, self.order)? == Order::Descending {
            items.reverse();
        }
        Ok(items)
    }

    /// The page that a request asks for.
    pub(super) fn serve(&self, ctx: &mut Context<'_>, request: &Request, items: Vec<Value>) -> Result<Answer, Failure> {
        let mut items = self.select(request, ctx.now, items)?;
        let (total, more_than_total) = (items.len().min(REACH), items.len() > REACH);
        items.truncate(REACH);
        let page_size = ctx.sim.scenario.apps[ctx.app.0].page_size;
        let size = self.paging.size.read(asked::text(request, "limit"), page_size)?;
        let position = |item: &Value| {
            let id = item[self.id].as_str().map_or_else(|| item[self.id].to_string(), str::to_owned);
            Position { at: SimTime::from_us(0), id: id.into() }
        };
        let page = pages::cut(ctx, request, &self.paging, &Asked::default(), items, size, position)?;
        let head = Head { has_next: page.next.is_some(), next_query_filters: None, total, max: MOST, more_than_total };
        Ok(envelope(&head, &page.items))
    }
}

fn envelope(head: &Head, items: &[Value]) -> Answer {
    let mut body = serde_json::to_value(head).expect("heads are plain values");
    body["data"] = Value::from(items);
    Answer::json(StatusCode::OK, &body)
}

/// Numbers by size, all else as text; what is missing comes first.
fn compare(a: Option<&Value>, b: Option<&Value>) -> std::cmp::Ordering {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_lowercase);
    match (a, b) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => {
            a.as_f64().unwrap_or_default().total_cmp(&b.as_f64().unwrap_or_default())
        }
        (a, b) => a.map(text).cmp(&b.map(text)),
    }
}
