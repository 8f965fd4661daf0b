//! A page of a log: background and overlay merged in the vendor's order.

use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use super::blocks::Blocks;
use super::{LogId, Record};
use crate::time::SimTime;

/// A vendor's usual page and the record after it find room at once.
const USUAL_PAGE: usize = 101;

/// Which records of a log are wanted.
#[derive(Clone, Debug)]
pub struct PageQuery {
    /// Earliest place in the vendor's order.
    pub from: Bound<SimTime>,
    /// Latest.
    pub until: Bound<SimTime>,
    /// The latest first.
    pub newest_first: bool,
    /// Only what comes after this place, which is that of the page before's last record.
    pub after: Option<(SimTime, Arc<str>)>,
    /// Most records.
    pub limit: usize,
    /// Records that the API shows later than this are not there yet.
    pub visible_at: SimTime,
}

impl PageQuery {
    fn wants(&self, record: &Record) -> bool {
        let place = (record.persisted, &*record.event_id);
        let goes_on = match &self.after {
            None => true,
            Some((at, id)) if self.newest_first => place < (*at, &**id),
            Some((at, id)) => place > (*at, &**id),
        };
        goes_on && record.available <= self.visible_at && (self.from, self.until).contains_place(record.persisted)
    }

    /// Earliest and latest place that can be wanted: records are never shown before they are persisted, unless the clock
    /// that they are stamped by is `ahead`.
    fn span(&self, ahead: Duration) -> (SimTime, SimTime) {
        let bound = |b: Bound<SimTime>, open: SimTime| match b {
            Bound::Included(t) | Bound::Excluded(t) => t,
            Bound::Unbounded => open,
        };
        let mut from = bound(self.from, SimTime::from_us(i64::MIN));
        let mut until = bound(self.until, SimTime::from_us(i64::MAX)).min(self.visible_at + ahead);
        match &self.after {
            Some((at, _)) if self.newest_first => until = until.min(*at),
            Some((at, _)) => from = from.max(*at),
            None => {}
        }
        (from, until)
    }
}

trait ContainsPlace {
    fn contains_place(&self, at: SimTime) -> bool;
}

impl ContainsPlace for (Bound<SimTime>, Bound<SimTime>) {
    fn contains_place(&self, at: SimTime) -> bool {
        std::ops::RangeBounds::contains(self, &at)
    }
}

/// The page. `background` is told whether the log has any at all, so that a log without never makes blocks for nothing.
pub(super) fn page(
    query: &PageQuery,
    log: LogId,
    overlay: &[Arc<Record>],
    background: Option<&mut Blocks>,
    ahead: Duration,
    made: &mut dyn FnMut(&super::blocks::Block),
) -> Vec<Arc<Record>> {
    let (from, until) = query.span(ahead);
    if from > until || query.limit == 0 {
        return Vec::new();
    }
    let mut page = Vec::with_capacity(query.limit.min(USUAL_PAGE));
    let mut overlay = Run::new(overlay, (from, until), query);
    if let Some(blocks) = background {
        let range = blocks.range();
        let (first, last) = (blocks.index(from).max(range.start), blocks.index(until).min(range.end - 1));
        let mut left = first..=last;
        while let Some(index) = if query.newest_first { left.next_back() } else { left.next() } {
            let (block, new) = blocks.block(index);
            if new {
                made(&block);
            }
            let mut run = Run::new(block.log(log), (from, until), query);
            while let Some(record) = run.peek() {
                let next = match overlay.peek() {
                    Some(other) if query.comes_first(other, record) => overlay.next(),
                    _ => run.next(),
                };
                page.extend(next);
                if page.len() == query.limit {
                    return page;
                }
            }
        }
    }
    while page.len() < query.limit {
        let Some(record) = overlay.next() else { break };
        page.push(record);
    }
    page
}

impl PageQuery {
    fn comes_first(&self, a: &Record, b: &Record) -> bool {
        ((a.persisted, &a.event_id) < (b.persisted, &b.event_id)) != self.newest_first
    }
}

/// The wanted records of a sorted slice, in the order asked for.
struct Run<'a> {
    rest: &'a [Arc<Record>],
    query: &'a PageQuery,
}

impl<'a> Run<'a> {
    fn new(sorted: &'a [Arc<Record>], (from, until): (SimTime, SimTime), query: &'a PageQuery) -> Self {
        let start = sorted.partition_point(|r| r.persisted < from);
        let end = sorted.partition_point(|r| r.persisted <= until);
        Self { rest: &sorted[start..end.max(start)], query }
    }

    fn peek(&mut self) -> Option<&'a Arc<Record>> {
        loop {
            let next = if self.query.newest_first { self.rest.last() } else { self.rest.first() }?;
            if self.query.wants(next) {
                return Some(next);
            }
            self.skip();
        }
    }

    fn next(&mut self) -> Option<Arc<Record>> {
        let next = self.peek().map(Arc::clone)?;
        self.skip();
        Some(next)
    }

    fn skip(&mut self) {
        self.rest = match self.rest {
            [rest @ .., _] if self.query.newest_first => rest,
            [_, rest @ ..] => rest,
            [] => &[],
        };
    }
}
