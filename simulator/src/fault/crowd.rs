//! `crowd`: how many requests are under way at one moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The requests of one instance that a fault counts.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    under_way: Arc<AtomicU32>,
}

/// A request that is under way until this is dropped, however it ends.
#[derive(Debug)]
pub(crate) struct Place {
    of: Arc<AtomicU32>,
}

impl Crowd {
    /// Lets a request in, if no more than `most` are under way with it.
    pub(crate) fn enter(&self, most: u32) -> Option<Place> {
        let more = |under_way: u32| (under_way < most).then_some(under_way + 1);
        self.under_way.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more).ok()?;
        Some(Place { of: Arc::clone(&self.under_way) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.of.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::Crowd;

    #[test]
    fn so_many_are_let_in_and_another_when_one_has_left() {
        let crowd = Crowd::default();
        let (first, second) = (crowd.enter(2), crowd.enter(2));
        assert!(first.is_some() && second.is_some() && crowd.enter(2).is_none());
        drop(first);
        assert!(crowd.enter(2).is_some());
        drop(second);
    }
}
