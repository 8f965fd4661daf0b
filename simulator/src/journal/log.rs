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
    entries: VecDeque<Entry>,
    arrived: u64,
    forgotten: u64,
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
        // Answers may overtake one another; the journal is in order of arrival.
        if inner.entries.back().is_none_or(|last| last.seq < entry.seq) {
            inner.entries.push_back(entry);
        } else {
            let at = inner.entries.partition_point(|e| e.seq < entry.seq);
            inner.entries.insert(at, entry);
        }
        if inner.entries.len() > self.capacity {
            inner.entries.pop_front();
            inner.forgotten += 1;
        }
    }

    /// All entries kept, in order of arrival.
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().entries.iter().cloned().collect()
    }

    /// How many of the entries kept are wanted.
    pub fn count(&self, wanted: impl Fn(&Entry) -> bool) -> usize {
        self.lock().entries.iter().filter(|entry| wanted(entry)).count()
    }

    /// Entries that arrived after number `seq`, at most `limit`.
    pub fn after(&self, seq: u64, limit: usize) -> Vec<Entry> {
        self.lock().entries.iter().filter(|e| e.seq > seq).take(limit).cloned().collect()
    }

    /// How many entries were forgotten.
    pub fn forgotten(&self) -> u64 {
        self.lock().forgotten
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
