//! Lists whose pages are numbered: `page` from 1, `per_page` 30, at most a hundred. The header `Link` keeps every parameter
//! that came and percent-encodes everything: octokit takes `:word` in an address for a variable.
//!
//! # Sources
//! "Using pagination in the REST API".

use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Context, Request};
use crate::protocol::links::{Lines, LinkHeader, Relation};
use crate::protocol::pages::{self, AboveMax, Asked, CursorForm, Page, PageSize, Paging, Position};
use crate::time::SimTime;

/// The links of a list whose pages are numbered.
pub(super) static NUMBERED: LinkHeader = LinkHeader {
    relations: &[Relation::Prev, Relation::Next, Relation::Last, Relation::First],
    forward: "page",
    back: None,
    first: "1",
    lines: Lines::One,
};

/// The link of a list that is walked by an opaque `cursor`.
pub(super) static ONWARD: LinkHeader =
    LinkHeader { relations: &[Relation::Next], forward: "cursor", back: None, first: "", lines: Lines::One };

/// The asked page of all `items`; `id` names one.
pub(super) fn page<T>(
    ctx: &mut Context<'_>,
    request: &Request,
    list: &'static str,
    items: Vec<T>,
    id: impl Fn(&T) -> String,
) -> Result<Page<T>, Failure> {
    let paging = Paging {
        list,
        cursor_parameter: "page",
        cursor: CursorForm::Number,
        size: PageSize { parameter: "per_page", default: 30, max: 100, above: AboveMax::Clamp },
    };
    pages::of_all(ctx, request, &paging, items, id)
}

/// The asked page of all `items`, latest first, by an opaque `cursor`; `id` names one.
pub(super) fn sealed<T>(
    ctx: &mut Context<'_>,
    request: &Request,
    list: &'static str,
    mut items: Vec<T>,
    id: impl Fn(&T) -> String,
) -> Result<Page<T>, Failure> {
    let paging = Paging {
        list,
        cursor_parameter: "cursor",
        cursor: CursorForm::Sealed,
        size: PageSize { parameter: "per_page", default: 30, max: 100, above: AboveMax::Clamp },
    };
    let size = paging.size.read(request.query("per_page"), ctx.sim.scenario.apps[ctx.app.0].page_size)?;
    if let Some(after) = paging.cursor(ctx, request)?.after {
        let behind = items.iter().position(|item| *id(item) == *after.id).map_or(items.len(), |index| index + 1);
        items.drain(..behind);
    }
    let position = |item: &T| Position { at: SimTime::from_us(0), id: id(item).into() };
    pages::cut(ctx, request, &paging, &Asked::default(), items, size, position)
}
