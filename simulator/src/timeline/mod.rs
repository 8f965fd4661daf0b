//! World and script become an ordered, labelled run of activities, and each activity the records that vendors keep of it.
//!
//! Two layers:
//!
//! - the [`background`] is a pure function of seed, person and day. Nothing of it is kept but a bounded cache of
//!   [`blocks`], so memory and start-up do not grow with the length of history;
//! - the [`overlay`] is what is scripted and what is done through the APIs: a short sorted list, and the only part
//!   that changes. It happens as time advances, under [containment].
//!
//! [`Timeline::page`] merges the two. A record's place in a log is (`persisted`, event id); from when on a page shows it
//! is `available`.

mod activity;
mod background;
mod blocks;
mod changes;
pub mod containment;
mod devices;
mod happening;
mod overlay;
mod page;
mod render;
mod script;
mod state;
#[cfg(test)]
mod tests;

pub use activity::*;
pub use changes::Aspect;
pub use happening::Happening;
pub use overlay::{Deed, StepOutcome};
pub use page::PageQuery;
pub use state::{AccountStatus, HeldAccess, TOKEN_LIFE};

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::background::Background;
use self::blocks::Blocks;
use self::overlay::Overlay;
use self::render::Renderer;
use crate::scenario::{AppIndex, Outcome, Scenario};
use crate::time::{DAY, SimTime};
use crate::world::{PersonIndex, World};

/// How long after the last record of the script became readable a story goes on, unless it says when it ends.
const EPILOGUE: Duration = Duration::from_secs(3_600);

/// Everything that happened, happens and will happen in a world.
#[derive(Debug)]
pub struct Timeline {
    background: Background,
    renderer: Renderer,
    overlay: Overlay,
    lazy: Mutex<Lazy>,
    /// The logs that the background writes to.
    background_logs: BTreeSet<LogId>,
    script_end: Option<SimTime>,
    ends: SimTime,
}

/// What is generated on demand.
#[derive(Debug)]
struct Lazy {
    blocks: Blocks,
    /// How many records of the background each fault (by line) bent, as far as it was asked for.
    bent: BTreeMap<u32, u32>,
}

impl Timeline {
    /// A timeline at its beginning: nothing scripted has happened. Cost does not grow with the length of history.
    pub fn new(scenario: Arc<Scenario>, world: Arc<World>) -> Self {
        let played = play(Arc::clone(&scenario), Arc::clone(&world));
        let script_end = played.outcomes().iter().flat_map(StepOutcome::records).map(|r| r.available).max();
        let ends = scenario.stack.ends.unwrap_or_else(|| match script_end {
            Some(end) => end + EPILOGUE,
            None => scenario.calendar().day(2),
        });
        let renderer = Renderer::new(Arc::clone(&scenario), Arc::clone(&world));
        let background = Background::new(Arc::clone(&scenario), Arc::clone(&world));
        let background_logs = background
            .specimens()
            .iter()
            .flat_map(|specimen| renderer.records(specimen, &mut |_| {}))
            .map(|record| record.log)
            .collect();
        let blocks = Blocks::new(background.clone(), renderer.clone(), world.people.len(), ends);
        let overlay = Overlay::new(scenario, world, renderer.clone());
        let lazy = Mutex::new(Lazy { blocks, bent: BTreeMap::new() });
        Self { background, renderer, overlay, lazy, background_logs, script_end, ends }
    }

    /// Lets everything happen that is scripted up to and including `now`, in order, under containment.
    pub fn advance(&mut self, now: SimTime) {
        self.overlay.advance(now);
    }

    /// When the next scripted thing is due.
    pub fn next_due(&self) -> Option<SimTime> {
        self.overlay.next_due()
    }

    /// Does something to an account through an API, now. What is scripted up to now happens before it.
    ///
    /// The activity's actor is the administrator, its detail `by` the client.
    pub fn govern(&mut self, now: SimTime, deed: Deed) -> Arc<Activity> {
        self.overlay.govern(now, deed)
    }

    /// Lets somebody do something now that nobody has written, for whoever looks at a simulation that goes on.
    pub fn happen(&mut self, now: SimTime, happening: &Happening) -> StepOutcome {
        self.overlay.happen(now, happening)
    }

    /// What the script has still to bring, in order, if nobody prevents it.
    pub fn upcoming(&self) -> &[Arc<Activity>] {
        self.overlay.upcoming()
    }

    /// Every session, token and grant of people that a step or a happening began.
    pub fn held(&self, now: SimTime) -> Vec<HeldAccess> {
        self.overlay.held(now)
    }

    /// Lets `count` ordinary things happen now that `log` records and shows at once, done by people of the background in
    /// turn. None happens where nobody is there to do them, or nothing ordinary is recorded in that log.
    pub fn arrive(&mut self, now: SimTime, log: LogId, count: u32) {
        self.overlay.advance(now);
        let recorded = |specimen: &Arc<Activity>| {
            let records = self.renderer.records(specimen, &mut |_| {});
            specimen.outcome == Outcome::Success && records.iter().any(|record| record.log == log)
        };
        let of_each = self.background.people().filter_map(|person| self.background.specimens_of(person).find(recorded));
        let specimens: Vec<Arc<Activity>> = of_each.take(count as usize).collect();
        let in_turn = specimens.iter().cycle().take(if specimens.is_empty() { 0 } else { count as usize });
        for specimen in in_turn {
            self.overlay.arrive(now, log, specimen);
        }
    }

    /// The wanted records of a log, in the vendor's order. [`Timeline::advance`] must have been called up to
    /// [`PageQuery::visible_at`].
    pub fn page(&self, log: LogId, query: &PageQuery) -> Vec<Arc<Record>> {
        let mut lazy = self.lazy.lock().unwrap_or_else(PoisonError::into_inner);
        let Lazy { blocks, bent } = &mut *lazy;
        let background = self.background_logs.contains(&log).then_some(blocks);
        let ahead = self.renderer.clocks_off();
        page::page(query, log, self.overlay.log(log), background, ahead, &mut |block| {
            // A block made again counts again; what is asked of the count is whether there was any.
            for (line, records) in &block.bent {
                let count: &mut u32 = bent.entry(*line).or_default();
                *count = count.saturating_add(*records);
            }
        })
    }

    /// The records of a log that become available after `after` and up to `until`, in the order in which they do.
    /// [`Timeline::advance`] must have been called up to `until`.
    pub fn arrivals(&self, log: LogId, after: SimTime, until: SimTime) -> Vec<Arc<Record>> {
        let query = PageQuery {
            from: Bound::Included(after - self.renderer.longest_delay()),
            until: Bound::Unbounded,
            newest_first: false,
            after: None,
            limit: usize::MAX,
            visible_at: until,
        };
        let mut records = self.page(log, &query);
        records.retain(|r| r.available > after);
        records.sort_by(|a, b| (a.available, a.persisted, &a.event_id).cmp(&(b.available, b.persisted, &b.event_id)));
        records
    }

    /// A record becomes available at most so long after its place in the vendor's order.
    pub fn longest_delay(&self) -> Duration {
        self.renderer.longest_delay()
    }

    /// When the next record of a log that is `wanted` becomes available, after `after`; as far as is known now, without
    /// what the script has still to bring.
    pub fn next_arrival(&self, log: LogId, after: SimTime, wanted: &dyn Fn(&Record) -> bool) -> Option<SimTime> {
        const STEP: Duration = Duration::from_secs(6 * 3_600);
        // Callers may do things after the story has ended.
        let written = self.overlay.log(log).last().map_or(after, |record| record.persisted);
        let last = self.ends.max(after).max(written) + self.renderer.longest_delay();
        let edges = std::iter::successors(Some(after), |edge| Some(*edge + STEP)).take_while(|edge| *edge < last);
        let mut spans = edges.map(|edge| (edge, (edge + STEP).min(last)));
        spans.find_map(|(from, until)| self.arrivals(log, from, until).iter().find(|r| wanted(r)).map(|r| r.available))
    }

    /// How many activities of script and governance have been tried so far.
    pub fn performed(&self) -> u64 {
        self.overlay.performed()
    }

    /// What the script and the APIs have written into a log so far, in the vendor's order, shown yet or not. The background
    /// is not among it: nothing in it is out of the ordinary.
    pub fn written(&self, log: LogId) -> &[Arc<Record>] {
        self.overlay.log(log)
    }

    /// A person's account in an instance, as it stands now. In the directory's instance: the person in the directory.
    pub fn account(&self, person: PersonIndex, app: AppIndex) -> AccountStatus {
        self.overlay.account(person, app)
    }

    /// The latest value of something that the script or an API has changed in an instance; none if nobody has.
    pub fn changed(&self, app: AppIndex, aspect: &Aspect) -> Option<&str> {
        self.overlay.changes().get(app, aspect)
    }

    /// All that the script and the APIs have changed in an instance, with the latest values.
    pub fn changes(&self, app: AppIndex) -> impl Iterator<Item = (&Aspect, &str)> {
        self.overlay.changes().of(app)
    }

    /// What became of the script so far, in the order in which it was tried.
    pub fn outcome(&self) -> Vec<StepOutcome> {
        self.overlay.outcomes().to_vec()
    }

    /// When the last record of the script is readable if nothing is contained; none without a script.
    pub fn script_end(&self) -> Option<SimTime> {
        self.script_end
    }

    /// When the background ends.
    pub fn ends(&self) -> SimTime {
        self.ends
    }

    /// Moves the end of the background, for a simulation that goes on while somebody looks at it.
    pub fn set_end(&mut self, ends: SimTime) {
        self.ends = ends;
        self.lazy.get_mut().unwrap_or_else(PoisonError::into_inner).blocks.set_end(ends);
    }

    /// How many records the faults that bend records have bent so far, by line of the fault: at least one where any was.
    pub fn bent_records(&self) -> BTreeMap<u32, u32> {
        let mut bent = self.lazy.lock().unwrap_or_else(PoisonError::into_inner).bent.clone();
        for (line, records) in self.overlay.bent() {
            let count: &mut u32 = bent.entry(*line).or_default();
            *count = count.saturating_add(*records);
        }
        bent
    }

    /// Whether a fault alters a field of a record, so that it may not say what happened.
    pub fn alters(&self, record: &Record) -> bool {
        self.renderer.alters(record)
    }

    /// What faults make fields of a record say, as texts.
    pub fn made_say(&self, record: &Record) -> Vec<String> {
        self.renderer.made_say(record)
    }

    /// The whole script as it would go if no stack did anything: for listings, linting and the oracle.
    pub fn uncontained(scenario: &Scenario, world: &World) -> Vec<(Arc<Activity>, Vec<Record>)> {
        let overlay = play(Arc::new(scenario.clone()), Arc::new(world.clone()));
        let outcomes = overlay.outcomes().iter().filter_map(|outcome| {
            let records: Vec<Record> = outcome.records().iter().map(|r| (**r).clone()).collect();
            outcome.activity().map(|activity| (Arc::clone(activity), records))
        });
        outcomes.collect()
    }

    /// The background's activities with their records, in order of happening: from `from`, before `until`.
    pub fn background(
        &self,
        from: SimTime,
        until: SimTime,
    ) -> impl Iterator<Item = (Arc<Activity>, Vec<Record>)> + use<'_> {
        let first = from.max(self.background.begins());
        let last = until.min(self.ends);
        let mornings = std::iter::successors(Some(first), |t| Some(t.midnight() + DAY)).take_while(move |t| *t < last);
        mornings.flat_map(move |morning| {
            let span = morning..(morning.midnight() + DAY).min(last);
            let planned = self.lazy.lock().unwrap_or_else(PoisonError::into_inner).blocks.planned(&span);
            planned.into_iter().map(|planned| {
                let activity = self.background.activity(planned);
                let records = self.renderer.records(&activity, &mut |_| {});
                (activity, records)
            })
        })
    }
}

/// Lets the whole script happen as if no stack did anything.
fn play(scenario: Arc<Scenario>, world: Arc<World>) -> Overlay {
    let renderer = Renderer::new(Arc::clone(&scenario), Arc::clone(&world));
    let mut overlay = Overlay::new(scenario, world, renderer);
    overlay.advance(SimTime::from_us(i64::MAX));
    overlay
}
