//! From an activity to the records that every instance keeps of it, with the delays and second showings that the script
//! and the faults ask for.

use std::sync::Arc;
use std::time::Duration;

use super::{Activity, ActivityId, Record};
use crate::fault::alter::alter;
use crate::fault::skew::{self, Skews};
use crate::scenario::{Becomes, Fault, FaultKind, Scenario};
use crate::time::SimTime;
use crate::vendors;
use crate::world::{Instance, PersonIndex, World};

/// A record's place in the vendor's order lies at most this far from when its activity happened by the vendor's clock.
const MAX_SKEW: Duration = Duration::from_secs(60);

const DAY_MS: i64 = 86_400_000;

/// Turns activities into records.
#[derive(Clone, Debug)]
pub(super) struct Renderer {
    scenario: Arc<Scenario>,
    world: Arc<World>,
    /// Faults that bend records, by their line.
    bends: Vec<Fault>,
    /// Clocks that are wrong.
    skews: Skews,
}

impl Renderer {
    pub(super) fn new(scenario: Arc<Scenario>, world: Arc<World>) -> Self {
        let bends = |f: &&Fault| {
            let kind = &f.kind;
            matches!(kind, FaultKind::Late { .. } | FaultKind::Redeliver { .. } | FaultKind::AlterRecord { .. })
                || *kind == FaultKind::SameIds
        };
        let bends = scenario.faults.iter().filter(bends).cloned().collect();
        let skews = Skews::of(&scenario.faults);
        Self { scenario, world, bends, skews }
    }

    /// The most that a record's place in the vendor's order lies away from when its activity truly happened.
    pub(super) fn max_skew(&self) -> Duration {
        MAX_SKEW + self.clocks_off()
    }

    /// The most that any clock is ever wrong: a record may stand so far in the future.
    pub(super) fn clocks_off(&self) -> Duration {
        Duration::from_micros(self.skews.most_us())
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
            records.extend(self.written_by(instance, activity, bent));
        }
        for fault in &self.bends {
            self.bend(fault, activity, &mut records, bent);
        }
        records
    }

    /// What one instance writes down, by its own clock.
    fn written_by(&self, instance: &Instance, activity: &Arc<Activity>, bent: &mut dyn FnMut(u32)) -> Vec<Record> {
        let clock = self.skews.at(instance.app, activity.occurred);
        let by_its_clock = |t: SimTime, us: i64| SimTime::from_us(t.us() + us);
        let as_told = match clock.us {
            0 => Arc::clone(activity),
            us => Arc::new(Activity { occurred: by_its_clock(activity.occurred, us), ..Activity::clone(activity) }),
        };
        let mut records = (vendors::spec(instance.vendor).records)(&as_told, &self.world, instance, self.scenario.seed);
        for record in &mut records {
            debug_assert!(record.persisted.since(as_told.occurred) <= MAX_SKEW);
            debug_assert!(as_told.occurred.since(record.persisted) <= MAX_SKEW);
            // A wrong clock changes what is told, not when it can be seen.
            record.available = by_its_clock(record.available, -clock.us);
            if let Some(late) = activity.late {
                let persisted = by_its_clock(record.persisted, -clock.us);
                record.available = persisted.max(activity.occurred + late);
            }
            record.activity = Arc::clone(activity);
            clock.line.into_iter().for_each(&mut *bent);
        }
        records
    }

    fn bend(&self, fault: &Fault, activity: &Activity, records: &mut Vec<Record>, bent: &mut dyn FnMut(u32)) {
        if !self.concerns(fault, activity) {
            return;
        }
        let mut again = Vec::new();
        for record in records.iter_mut().filter(|r| fault.app.is_none_or(|app| app == r.log.app)) {
            match &fault.kind {
                FaultKind::Late { by } => record.available = record.available.max(activity.occurred + *by),
                FaultKind::Redeliver { after } => again.push(Record {
                    persisted: record.persisted + *after,
                    available: record.available + *after,
                    ..record.clone()
                }),
                FaultKind::AlterRecord { field, becomes } => match alter(&record.body, field, becomes) {
                    Some(altered) => record.body = altered,
                    None => continue,
                },
                FaultKind::SameIds => self.name_by_moment(record),
                _ => {}
            }
            bent(fault.at.line);
        }
        records.extend(again);
    }

    /// Gives a record the id that every instance of its vendor gives at this moment. Vendors draw ids from the instance's
    /// name and from whose which activity it is; here all of that is the same for all.
    fn name_by_moment(&self, record: &mut Record) {
        let nobodys = Instance { name: String::new(), ..self.world.instances[record.log.app.0].clone() };
        let ms = record.activity.occurred.ms();
        let n = u32::try_from(ms.rem_euclid(DAY_MS)).unwrap_or_default();
        let id = ActivityId::Background { person: PersonIndex(0), day: ms.div_euclid(DAY_MS), n };
        let as_if = Arc::new(Activity { id, ..Activity::clone(&record.activity) });
        let drawn = (vendors::spec(nobodys.vendor).records)(&as_if, &self.world, &nobodys, self.scenario.seed);
        let Some(drawn) = drawn.into_iter().find(|drawn| drawn.log == record.log) else { return };
        let body = String::from_utf8_lossy(&record.body).replace(&*record.event_id, &drawn.event_id);
        record.body = body.into_bytes().into();
        record.event_id = drawn.event_id;
    }

    /// What faults make fields of a record say, as texts.
    pub(super) fn made_say(&self, record: &Record) -> Vec<String> {
        let mine = self.bends.iter().filter(|f| f.app.is_none_or(|app| app == record.log.app));
        let said = mine.filter(|f| self.concerns(f, &record.activity)).filter_map(|fault| match &fault.kind {
            FaultKind::AlterRecord { becomes: Becomes::Text(text), .. } => Some(text.clone()),
            FaultKind::AlterRecord { becomes: Becomes::Number(number), .. } => Some(number.to_string()),
            _ => None,
        });
        said.collect()
    }

    /// Whether a fault alters a field of a record, so that it may not say what happened.
    pub(super) fn alters(&self, record: &Record) -> bool {
        let alters = |f: &&Fault| matches!(f.kind, FaultKind::AlterRecord { .. });
        let mine = |f: &&Fault| f.app.is_none_or(|app| app == record.log.app) && self.concerns(f, &record.activity);
        self.bends.iter().filter(alters).any(|f| mine(&f))
    }

    /// Whether a fault bends the records of this activity: by its step's id, else by when it happened.
    fn concerns(&self, fault: &Fault, activity: &Activity) -> bool {
        if !fault.records.is_empty() {
            let id = activity.step.and_then(|step| self.scenario.script[step].id.as_ref());
            return id.is_some_and(|id| fault.records.contains(id));
        }
        skew::lasts(fault).contains(&activity.occurred)
    }
}
