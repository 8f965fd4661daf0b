//! The background in blocks, generated on demand and kept in a bounded cache.
//!
//! History costs nothing until somebody asks for it. What is asked for comes in two steps:
//!
//! 1. the *plan* of a UTC day: every activity in a few bytes, sorted by time. All people must be asked for it, so it is
//!    kept ([`PLAN_BYTES`]).
//! 2. a *block* of that day: the activities of a span, written out as records and sorted by the vendors' order, one
//!    vector a log. Kept too ([`BLOCK_BYTES`]), at least one.
//!
//! A block is a day for small organisations. For large ones it is an hour or five minutes, so that a block stays at some
//! twenty thousand records: the span follows from the number of people alone, so it is the same whatever is asked.
//!
//! A record stands in the block that its place in the vendor's order falls into. That place may lie up to
//! [`Renderer::max_skew`] from its activity, so a block is made from the activities of a span that is wider by as much on
//! both sides.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::background::{Background, Planned};
use super::render::Renderer;
use super::{LogId, Record};
use crate::time::{DAY_US, SimTime};

const PLAN_BYTES: usize = 16 << 20;
const BLOCK_BYTES: usize = 64 << 20;
/// Records that a person leaves on a working day, about.
const RECORDS_A_DAY: u32 = 8;
const RECORDS_A_BLOCK: u32 = 20_000;
/// What a record takes beside its body: the record, its activity, their strings.
const RECORD_OVERHEAD: usize = 600;

/// One block: the records whose place in the vendors' order falls into a span.
#[derive(Debug, Default)]
pub(super) struct Block {
    logs: BTreeMap<LogId, Vec<Arc<Record>>>,
    bytes: usize,
    /// How many records each fault (by line) bent.
    pub(super) bent: BTreeMap<u32, u32>,
}

impl Block {
    pub(super) fn log(&self, log: LogId) -> &[Arc<Record>] {
        self.logs.get(&log).map_or(&[], Vec::as_slice)
    }
}

/// Blocks of the background, the last used of them kept.
#[derive(Debug)]
pub(super) struct Blocks {
    background: Background,
    renderer: Renderer,
    /// Length of a block.
    span_us: i64,
    /// When the background ends.
    ends: SimTime,
    plans: Kept<i64, Vec<Planned>>,
    blocks: Kept<i64, Block>,
}

impl Blocks {
    pub(super) fn new(background: Background, renderer: Renderer, people: usize, ends: SimTime) -> Self {
        let a_day = u32::try_from(people).unwrap_or(u32::MAX).saturating_mul(RECORDS_A_DAY);
        let span_us = match a_day / RECORDS_A_BLOCK {
            0 => DAY_US,
            // A working day is some eight hours long.
            1..=8 => DAY_US / 24,
            _ => DAY_US / 288,
        };
        Self { background, renderer, span_us, ends, plans: Kept::new(PLAN_BYTES), blocks: Kept::new(BLOCK_BYTES) }
    }

    /// Moves the end of the background. Blocks made before may be cut short, so they go.
    pub(super) fn set_end(&mut self, ends: SimTime) {
        self.ends = ends;
        self.plans.clear();
        self.blocks.clear();
    }

    /// Number of the block that an instant falls into.
    pub(super) fn index(&self, at: SimTime) -> i64 {
        at.us().div_euclid(self.span_us)
    }

    /// The blocks that hold anything at all.
    pub(super) fn range(&self) -> Range<i64> {
        let skew = self.renderer.max_skew();
        let first = self.index(self.background.begins() - skew);
        let shown_again = self.renderer.redeliveries().into_iter().max().unwrap_or_default();
        first..self.index(self.ends + skew + shown_again) + 1
    }

    /// A block by its number; `true` if it had to be made.
    pub(super) fn block(&mut self, index: i64) -> (Arc<Block>, bool) {
        if let Some(block) = self.blocks.get(index) {
            return (block, false);
        }
        let span = SimTime::from_us(index * self.span_us)..SimTime::from_us((index + 1) * self.span_us);
        let mut block = Block::default();
        let (again, skew) = (self.renderer.redeliveries(), self.renderer.max_skew());
        for shift in std::iter::once(Duration::ZERO).chain(again.iter().copied()) {
            let wider = span.start - shift - skew..span.end - shift + skew;
            for planned in self.planned(&wider) {
                let first_showing = shift == Duration::ZERO;
                self.write(planned, &span, first_showing, &mut block);
            }
        }
        for log in block.logs.values_mut() {
            log.sort_by(|a, b| (a.persisted, &a.event_id).cmp(&(b.persisted, &b.event_id)));
            // A record reached both as itself and by way of a second showing's span is one record.
            log.dedup_by(|a, b| a.persisted == b.persisted && a.event_id == b.event_id);
        }
        let block = Arc::new(block);
        self.blocks.put(index, Arc::clone(&block), block.bytes);
        (block, true)
    }

    fn write(&self, planned: Planned, span: &Range<SimTime>, first_showing: bool, block: &mut Block) {
        let activity = self.background.activity(planned);
        let Block { logs, bytes, bent } = block;
        let records = self.renderer.records(&activity, &mut |line| {
            if first_showing && span.contains(&activity.occurred) {
                *bent.entry(line).or_default() += 1;
            }
        });
        for record in records.into_iter().filter(|r| span.contains(&r.persisted)) {
            *bytes += record.body.len() + RECORD_OVERHEAD;
            logs.entry(record.log).or_default().push(Arc::new(record));
        }
    }

    /// Every planned activity of a span, in order of time.
    pub(super) fn planned(&mut self, span: &Range<SimTime>) -> Vec<Planned> {
        let last = SimTime::from_us(span.end.us() - 1);
        let days = self.background.day_of(span.start)..=self.background.day_of(last);
        let mut planned = Vec::new();
        for day in days {
            let plan = self.plan(day);
            let from = plan.partition_point(|p| p.occurred < span.start);
            let until = plan.partition_point(|p| p.occurred < span.end);
            planned.extend_from_slice(&plan[from..until.max(from)]);
        }
        planned
    }

    /// How many plans and blocks are kept.
    #[cfg(test)]
    pub(super) fn made(&self) -> usize {
        self.plans.values.len().max(self.blocks.values.len())
    }

    fn plan(&mut self, day: i64) -> Arc<Vec<Planned>> {
        if let Some(plan) = self.plans.get(day) {
            return plan;
        }
        let plan = Arc::new(self.background.day(day, self.ends));
        self.plans.put(day, Arc::clone(&plan), plan.len() * size_of::<Planned>());
        plan
    }
}

/// The last used values, as many as fit a number of bytes, but at least one.
#[derive(Debug)]
struct Kept<K, V> {
    limit: usize,
    bytes: usize,
    /// Last used at the back.
    values: VecDeque<(K, Arc<V>, usize)>,
}

impl<K: PartialEq + Copy, V> Kept<K, V> {
    const fn new(limit: usize) -> Self {
        Self { limit, bytes: 0, values: VecDeque::new() }
    }

    fn get(&mut self, key: K) -> Option<Arc<V>> {
        let place = self.values.iter().rposition(|(k, ..)| *k == key)?;
        let entry = self.values.remove(place)?;
        let value = Arc::clone(&entry.1);
        self.values.push_back(entry);
        Some(value)
    }

    fn put(&mut self, key: K, value: Arc<V>, bytes: usize) {
        // Empty values cost something too: their place here.
        let bytes = bytes + 1_024;
        self.bytes += bytes;
        self.values.push_back((key, value, bytes));
        while self.bytes > self.limit && self.values.len() > 1 {
            if let Some((_, _, freed)) = self.values.pop_front() {
                self.bytes -= freed;
            }
        }
    }

    fn clear(&mut self) {
        self.values.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_longest_goes_first_and_one_always_stays() {
        let mut kept: Kept<i64, i64> = Kept::new(4_000);
        kept.put(1, Arc::new(1), 500);
        kept.put(2, Arc::new(2), 500);
        assert!(kept.get(1).is_some());
        kept.put(3, Arc::new(3), 500);
        assert!(kept.get(2).is_none() && kept.get(1).is_some());
        kept.put(4, Arc::new(4), 9_000);
        assert!(kept.get(4).is_some() && kept.get(1).is_none());
    }
}
