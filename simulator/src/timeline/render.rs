//! From an activity to the records that every instance keeps of it, with the delays and second showings that the script
//! and the faults ask for.

use std::sync::Arc;
use std::time::Duration;

use super::{Activity, Record};
use crate::scenario::{Begins, Fault, FaultKind, Lasts, Scenario};
use crate::time::SimTime;
use crate::vendors;
use crate::world::World;

/// A record's place in the vendor's order lies at most this far from when its activity happened.
pub(super) const MAX_SKEW: Duration = Duration::from_secs(60);

/// Turns activities into records.
#[derive(Clone, Debug)]
pub(super) struct Renderer {
    scenario: Arc<Scenario>,
    world: Arc<World>,
    /// Faults that bend records, by their line.
    bends: Vec<Fault>,
}

impl Renderer {
    pub(super) fn new(scenario: Arc<Scenario>, world: Arc<World>) -> Self {
        let bends = |f: &&Fault| matches!(f.kind, FaultKind::Late { .. } | FaultKind::Redeliver { .. });
        let bends = scenario.faults.iter().filter(bends).cloned().collect();
        Self { scenario, world, bends }
    }

    /// How long after their first showing the background's records may be shown again.
    pub(super) fn redeliveries(&self) -> Vec<Duration> {
        self.bends
            .iter()
            .filter(|f| f.records.is_empty())
            .filter_map(|f| match f.kind {
                FaultKind::Redeliver { after } => Some(after),
                _ => None,
            })
            .collect()
    }

    /// A record becomes available at most so long after its place in the vendor's order.
    pub(super) fn longest_delay(&self) -> Duration {
        let feeds = self.world.instances.iter().flat_map(|i| vendors::spec(i.vendor).feeds).map(|feed| feed.delay);
        let late = self.scenario.script.iter().filter_map(|step| step.late);
        let bends = self.bends.iter().map(|fault| match fault.kind {
            FaultKind::Late { by: delay } | FaultKind::Redeliver { after: delay } => delay,
            _ => Duration::ZERO,
        });
        MAX_SKEW + feeds.chain(late).chain(bends).max().unwrap_or_default()
    }

    /// The records of an activity. Those that are shown twice are there twice, the second with a later place in the order.
    /// `bent` is told the line of every fault that touched a record.
    pub(super) fn records(&self, activity: &Arc<Activity>, bent: &mut dyn FnMut(u32)) -> Vec<Record> {
        let mut records = Vec::new();
        for instance in &self.world.instances {
            let spec = vendors::spec(instance.vendor);
            records.extend((spec.records)(activity, &self.world, instance, self.scenario.seed));
        }
        for record in &mut records {
            debug_assert!(record.persisted.since(activity.occurred) <= MAX_SKEW);
            debug_assert!(activity.occurred.since(record.persisted) <= MAX_SKEW);
            if let Some(late) = activity.late {
                record.available = record.persisted.max(activity.occurred + late);
            }
        }
        for fault in &self.bends {
            self.bend(fault, activity, &mut records, bent);
        }
        records
    }

    fn bend(&self, fault: &Fault, activity: &Activity, records: &mut Vec<Record>, bent: &mut dyn FnMut(u32)) {
        if !self.concerns(fault, activity) {
            return;
        }
        let mut again = Vec::new();
        for record in records.iter_mut().filter(|r| fault.app.is_none_or(|app| app == r.log.app)) {
            bent(fault.at.line);
            match fault.kind {
                FaultKind::Late { by } => record.available = record.available.max(activity.occurred + by),
                FaultKind::Redeliver { after } => again.push(Record {
                    persisted: record.persisted + after,
                    available: record.available + after,
                    ..record.clone()
                }),
                _ => {}
            }
        }
        records.extend(again);
    }

    /// Whether a fault bends the records of this activity: by its step's id, else by when it happened.
    fn concerns(&self, fault: &Fault, activity: &Activity) -> bool {
        if !fault.records.is_empty() {
            let id = activity.step.and_then(|step| self.scenario.script[step].id.as_ref());
            return id.is_some_and(|id| fault.records.contains(id));
        }
        let Begins::Time(begins) = fault.begins else { return true };
        let ends = match fault.lasts {
            Lasts::For(duration) => begins + duration,
            _ => SimTime::from_us(i64::MAX),
        };
        (begins..ends).contains(&activity.occurred)
    }
}
