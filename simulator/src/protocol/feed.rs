//! A log as data: how it is windowed, ordered, paged; how long it keeps its entries and how late it shows them.

use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;

use super::dialect::Failure;
use super::exchange::{Context, Request};
use super::pages::{self, Asked, Order, Page, Paging, Position};
use crate::time::SimTime;
use crate::timeline::{Activity, LogId, PageQuery, Record};
use crate::world::Instance;

/// A log of a vendor.
#[derive(Debug)]
pub struct Feed {
    /// Its name: part of [`LogId`], and `metadata.log_name` of what stacks make of it.
    pub name: &'static str,
    /// How a client names a window. It always means the time at which an entry was persisted.
    pub window: Window,
    /// Direction unless asked otherwise.
    pub order: Order,
    /// Pages and cursors.
    pub paging: Paging,
    /// How long after it was persisted an entry is shown, unless the scenario says `late`.
    pub delay: Duration,
    /// How far back the log goes, unless the scenario's app says another.
    pub retention: Duration,
    /// Where this is documented.
    pub source: &'static str,
}

/// How a client names a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// With two query parameters.
    Parameters {
        /// The first instant.
        from: Edge,
        /// The last.
        until: Edge,
    },
    /// With comparisons of this property in a filter expression.
    Filter(&'static str),
}

/// One end of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The query parameter.
    pub parameter: &'static str,
    /// Whether it must be there.
    pub presence: Presence,
    /// Whether the instant itself belongs to the window.
    pub includes: Includes,
    /// How the instant is written.
    pub form: TimeForm,
}

/// How a client writes a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeForm {
    /// ISO 8601, as RFC 3339 narrows it.
    Rfc3339,
    /// Whole seconds since 1970.
    UnixSeconds,
}

impl TimeForm {
    /// Reads a time, or says what it must look like.
    fn read(self, text: &str) -> Result<SimTime, &'static str> {
        match self {
            Self::Rfc3339 => SimTime::parse_rfc3339(text)
                .ok_or("must be a date and time in ISO 8601, UTC, like 2026-03-02T09:00:00.000Z"),
            Self::UnixSeconds => text
                .parse::<i64>()
                .ok()
                // Later years have five digits; who sends milliseconds is told so.
                .filter(|s| (0..253_402_300_800).contains(s))
                .map(|s| SimTime::from_ms(s * 1_000))
                .ok_or("must be a unix timestamp in seconds"),
        }
    }
}

/// Whether a parameter must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It need not.
    Optional,
}

/// Whether an end of a window belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Includes {
    /// It does.
    Itself,
    /// It does not.
    NotItself,
}

/// A window of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// From when.
    pub from: Bound<SimTime>,
    /// Until when.
    pub until: Bound<SimTime>,
}

impl Span {
    /// All time.
    pub const ALL: Self = Self { from: Bound::Unbounded, until: Bound::Unbounded };
}

impl Edge {
    /// Reads the instant from the request's query.
    fn read(self, request: &Request) -> Result<Bound<SimTime>, Failure> {
        match (request.query(self.parameter).filter(|v| !v.is_empty()), self.presence) {
            (None, Presence::Required) => Err(Failure::bad_parameter(self.parameter, "is required")),
            (None, Presence::Optional) => Ok(Bound::Unbounded),
            (Some(text), _) => {
                let at = self.form.read(text).map_err(|why| Failure::bad_parameter(self.parameter, why))?;
                Ok(if self.includes == Includes::Itself { Bound::Included(at) } else { Bound::Excluded(at) })
            }
        }
    }
}

impl Feed {
    /// The window that a request's parameters name; everything for logs that are filtered otherwise.
    pub fn window(&self, request: &Request) -> Result<Span, Failure> {
        match self.window {
            Window::Parameters { from, until } => Ok(Span { from: from.read(request)?, until: until.read(request)? }),
            Window::Filter(_) => Ok(Span::ALL),
        }
    }

    /// An activity as an instance's log has it: rendered, with its id and its place in the order.
    pub fn record(
        &self,
        activity: &Arc<Activity>,
        instance: &Instance,
        event_id: &str,
        persisted: SimTime,
        body: impl Into<Bytes>,
    ) -> Record {
        Record {
            log: LogId { app: instance.app, feed: self.name },
            event_id: event_id.into(),
            persisted,
            available: self.available(persisted, activity),
            body: body.into(),
            activity: Arc::clone(activity),
        }
    }

    /// When the log shows what was persisted at `persisted`.
    pub fn available(&self, persisted: SimTime, activity: &Activity) -> SimTime {
        persisted + activity.late.unwrap_or(self.delay)
    }
}

/// Decides about one entry of a log.
pub type Keep<'a> = &'a dyn Fn(&Record) -> bool;

/// Serves a page of `feed`: the entries of `span` that are visible now, not older than the retention, and that `keep`
/// lets through.
pub fn serve(
    ctx: &mut Context<'_>,
    request: &Request,
    feed: &'static Feed,
    span: Span,
    order: Order,
    keep: Option<Keep<'_>>,
) -> Result<Page<Arc<Record>>, Failure> {
    let app = &ctx.sim.scenario.apps[ctx.app.0];
    let size = feed.paging.size.read(request.query(feed.paging.size.parameter), app.page_size)?;
    let oldest = Bound::Included(ctx.now - app.retention.unwrap_or(feed.retention));
    let cursor = feed.paging.cursor(ctx, request)?;
    // The way back is the way on in the other order, turned round.
    let (way, start) = match cursor.before {
        Some(before) => (order.reversed(), Some(before)),
        None => (order, cursor.after),
    };
    let mut query = PageQuery {
        from: later(span.from, oldest),
        until: span.until,
        newest_first: way == Order::Descending,
        after: start.map(|p| (p.at, p.id)),
        limit: usize::try_from(size).unwrap_or(usize::MAX).saturating_add(1),
        visible_at: ctx.now,
    };
    let log = LogId { app: ctx.app, feed: feed.name };
    let wanted = query.limit;
    let mut records = match keep {
        None => ctx.state.timeline.page(log, &query),
        Some(keep) => {
            let (mut kept, mut exhausted) = (Vec::new(), false);
            query.limit = wanted.max(500);
            while kept.len() < wanted && !exhausted {
                let scanned = ctx.state.timeline.page(log, &query);
                exhausted = scanned.len() < query.limit;
                query.after = scanned.last().map(|r| (r.persisted, Arc::clone(&r.event_id)));
                kept.extend(scanned.into_iter().filter(|r| keep(r)));
            }
            kept
        }
    };
    if way != order {
        records.truncate(wanted);
        records.reverse();
    }
    let asked = Asked { log: Some(feed.name), window: (instant(span.from), instant(span.until)), order: Some(order) };
    let position = |r: &Arc<Record>| Position { at: r.persisted, id: Arc::clone(&r.event_id) };
    pages::cut(ctx, request, &feed.paging, &asked, records, size, position)
}

/// The one entry with this id, if the log shows it now. `at` is its time, where the id tells it; without it the whole
/// retention is searched.
pub fn find(ctx: &mut Context<'_>, feed: &'static Feed, id: &str) -> Option<Arc<Record>> {
    let retention = ctx.sim.scenario.apps[ctx.app.0].retention.unwrap_or(feed.retention);
    let mut query = PageQuery {
        from: Bound::Included(ctx.now - retention),
        until: Bound::Unbounded,
        newest_first: true,
        after: None,
        limit: 500,
        visible_at: ctx.now,
    };
    loop {
        let records = ctx.state.timeline.page(LogId { app: ctx.app, feed: feed.name }, &query);
        if let Some(found) = records.iter().find(|r| &*r.event_id == id) {
            return Some(Arc::clone(found));
        }
        if records.len() < query.limit {
            return None;
        }
        query.after = records.last().map(|r| (r.persisted, Arc::clone(&r.event_id)));
    }
}

/// A JSON object whose last member `name` is the array of these rendered records. Records are rendered once, when they
/// happen; a page only joins their bytes.
pub fn joined(head: &impl serde::Serialize, name: &str, records: &[Arc<Record>]) -> Bytes {
    let mut body = serde_json::to_vec(head).expect("heads of pages are plain values");
    let size: usize = records.iter().map(|r| r.body.len() + 1).sum();
    body.reserve(size + name.len() + 8);
    body.pop();
    if body.len() > 1 {
        body.push(b',');
    }
    body.extend_from_slice(format!("\"{name}\":[").as_bytes());
    push_all(&mut body, records.iter().map(|record| &record.body));
    body.extend_from_slice(b"]}");
    body.into()
}

/// A bare JSON array of rendered entries.
pub fn array<B: AsRef<[u8]>>(entries: impl IntoIterator<Item = B>) -> Bytes {
    let mut body = vec![b'['];
    push_all(&mut body, entries);
    body.push(b']');
    body.into()
}

fn push_all<B: AsRef<[u8]>>(body: &mut Vec<u8>, entries: impl IntoIterator<Item = B>) {
    for (i, entry) in entries.into_iter().enumerate() {
        if i > 0 {
            body.push(b',');
        }
        body.extend_from_slice(entry.as_ref());
    }
}

/// The later of two lower bounds.
fn later(a: Bound<SimTime>, b: Bound<SimTime>) -> Bound<SimTime> {
    match (instant(a), instant(b)) {
        (Some(x), Some(y)) if x < y => b,
        (None, _) => b,
        _ => a,
    }
}

fn instant(bound: Bound<SimTime>) -> Option<SimTime> {
    match bound {
        Bound::Included(t) | Bound::Excluded(t) => Some(t),
        Bound::Unbounded => None,
    }
}
