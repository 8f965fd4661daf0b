//! What the sign-in log and the directory audit log have in common.

use serde_json::Value;

use super::odata::filter::Filter;
use super::odata::{self, given};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::feed::{self, Feed, Keep, Span, Window};
use crate::protocol::pages::{AboveMax, CursorForm, Order, PageSize, Paging};
use crate::timeline::Record;

/// How both logs page: newest first, a thousand entries, an opaque skip token. More than the most is clamped (guess:
/// Graph's documentation says that this differs by resource).
pub(super) const fn paging(list: &'static str) -> Paging {
    Paging {
        list,
        cursor_parameter: odata::SKIP_TOKEN,
        cursor: CursorForm::Sealed,
        size: PageSize { parameter: "$top", default: 1_000, max: 1_000, above: AboveMax::Clamp },
    }
}

/// A log as Graph shows it.
pub(super) struct Log {
    /// The feed.
    pub(super) feed: &'static Feed,
    /// The collection's name in `@odata.context`.
    pub(super) fragment: &'static str,
    /// Properties that `$filter` may name.
    pub(super) filterable: &'static [&'static str],
}

/// A page of a log.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request, log: &Log) -> Result<Answer, Failure> {
    let Window::Filter(time) = log.feed.window else { unreachable!("Graph's logs are windowed by their filter") };
    let order = order(request, time)?;
    let filter = given(request, "$filter").map(|text| Filter::parse(text, log.filterable)).transpose()?;
    if let Some(what) = filter.as_ref().and_then(Filter::advanced) {
        return Err(Failure::Unsupported { what: what.to_owned() });
    }
    let (span, rest) = filter.map_or((Span::ALL, None), |f| f.window(time));
    let matches = |record: &Record| {
        let entry: Value = serde_json::from_slice(&record.body).expect("records are rendered as JSON");
        rest.as_ref().is_none_or(|filter| filter.matches(&entry))
    };
    let keep: Option<Keep<'_>> = if rest.is_some() { Some(&matches) } else { None };
    let page = feed::serve(ctx, request, log.feed, span, order, keep)?;
    Ok(odata::log_page(request, log.fragment, page.next.as_deref(), &page.items))
}

/// One entry of a log.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request, log: &Log) -> Result<Answer, Failure> {
    let id = request.param("id");
    let record = feed::find(ctx, log.feed, id).ok_or_else(|| Failure::not_found("log entry", id))?;
    Ok(odata::log_entry(request, log.fragment, &record))
}

/// `$orderby` knows the time alone.
fn order(request: &Request, time: &str) -> Result<Order, Failure> {
    let text = request.query("$orderby").unwrap_or_default().trim();
    let mut words = text.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (None, ..) => Ok(Order::Descending),
        (Some(property), direction, None) if property.eq_ignore_ascii_case(time) => match direction {
            None | Some("asc") => Ok(Order::Ascending),
            Some("desc") => Ok(Order::Descending),
            Some(_) => Err(Failure::Unsupported { what: format!("$orderby={text}") }),
        },
        _ => Err(Failure::Unsupported { what: format!("$orderby={text}") }),
    }
}
