//! What a timeline owes: order, completeness, and physics.

mod containment;
mod layers;

use std::ops::Bound;
use std::sync::Arc;

use super::*;
use crate::scenario::Scenario;

pub(super) const AUDIT_LOG: &str = "audit_log";
pub(super) const SIGN_INS: &str = "sign_ins";

pub(super) fn timeline(scenario: &Scenario) -> Timeline {
    let world = World::build(scenario).unwrap();
    Timeline::new(Arc::new(scenario.clone()), Arc::new(world))
}

pub(super) fn log(app: usize, feed: &'static str) -> LogId {
    LogId { app: AppIndex(app), feed }
}

/// Everything there will ever be, in steps of `limit`.
pub(super) fn walk(timeline: &Timeline, log: LogId, limit: usize, newest_first: bool) -> Vec<Arc<Record>> {
    walk_at(timeline, log, limit, newest_first, SimTime::from_us(i64::MAX / 2))
}

pub(super) fn walk_at(
    timeline: &Timeline,
    log: LogId,
    limit: usize,
    newest_first: bool,
    visible_at: SimTime,
) -> Vec<Arc<Record>> {
    let mut all: Vec<Arc<Record>> = Vec::new();
    loop {
        let after = all.last().map(|r| (r.persisted, Arc::clone(&r.event_id)));
        let (from, until) = (Bound::Unbounded, Bound::Unbounded);
        let page = timeline.page(log, &PageQuery { from, until, newest_first, after, limit, visible_at });
        if page.is_empty() {
            return all;
        }
        assert!(page.len() <= limit);
        all.extend(page);
    }
}

pub(super) fn ids(records: &[Arc<Record>]) -> Vec<(SimTime, String)> {
    records.iter().map(|r| (r.persisted, r.event_id.to_string())).collect()
}
