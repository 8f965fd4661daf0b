//! The entries themselves: bounded in memory.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Entry;

/// Exchanges in order of arrival. Beyond its capacity the oldest are forgotten, and counted.
#[derive(Debug)]
pub struct Journal {
    inner: Mutex<Inner>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Inner {
    entries: VecDeque<Kept>,
    arrived: u64,
    forgotten: u64,
    /// How many were ever kept.
    kept: u64,
}

#[derive(Debug)]
struct Kept {
    /// In which place it was kept, from 1: answers may overtake one another.
    number: u64,
    entry: Entry,
}

impl Journal {
    /// A journal of at most `capacity` entries.
    pub fn new(capacity: usize) -> Self {
        Self { inner: Mutex::default(), capacity }
    }

    /// The most entries it keeps.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The number of the next exchange, from 1, in order of arrival.
    pub fn next_seq(&self) -> u64 {
        let mut inner = self.lock();
        inner.arrived += 1;
        inner.arrived
    }

    /// Keeps an entry.
    pub fn push(&self, entry: Entry) {
        let mut inner = self.lock();
        inner.kept += 1;
        let kept = Kept { number: inner.kept, entry };
        // Answers may overtake one another; the journal is in order of arrival.
        if inner.entries.back().is_none_or(|last| last.entry.seq < kept.entry.seq) {
            inner.entries.push_back(kept);
        } else {
            let at = inner.entries.partition_point(|other| other.entry.seq < kept.entry.seq);
            inner.entries.insert(at, kept);
        }
        if inner.entries.len() > self.capacity {
            inner.entries.pop_front();
            inner.forgotten += 1;
        }
    }

    /// All entries kept, in order of arrival.
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().entries.iter().map(|kept| kept.entry.clone()).collect()
    }

    /// How many of the entries kept are wanted.
    pub fn count(&self, wanted: impl Fn(&Entry) -> bool) -> usize {
        self.lock().entries.iter().filter(|kept| wanted(&kept.entry)).count()
    }

    /// What was kept since a look that ended at `look`, the first ones first, at most `limit`; and where this look ends. An
    /// exchange that takes long comes after those that overtook it.
    pub fn since(&self, look: u64, limit: usize) -> (Vec<Entry>, u64) {
        let inner = self.lock();
        let mut new: Vec<&Kept> = inner.entries.iter().filter(|kept| kept.number > look).collect();
        new.sort_by_key(|kept| kept.number);
        new.truncate(limit);
        let end = new.last().map_or(look, |kept| kept.number);
        (new.into_iter().map(|kept| kept.entry.clone()).collect(), end)
    }

    /// How many entries were forgotten.
    pub fn forgotten(&self) -> u64 {
        self.lock().forgotten
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_looks_again_and_again_sees_each_exchange_once_also_a_slow_one() {
        let journal = Journal::new(10);
        let keep = |seq: u64| journal.push(Entry { seq, ..Entry::default() });
        let look = |from: u64, limit: usize| {
            let (entries, end) = journal.since(from, limit);
            (entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), end)
        };
        keep(2);
        keep(3);
        assert_eq!(look(0, 10), (vec![2, 3], 2));
        keep(1);
        assert_eq!(look(2, 10), (vec![1], 3), "it ended after those that it arrived before");
        assert_eq!(look(3, 10), (vec![], 3));
        assert_eq!(look(0, 2), (vec![2, 3], 2));
        assert_eq!(journal.entries().iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
