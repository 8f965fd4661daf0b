//! One isolated simulation: a scenario's world with everything that changes in it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::clock::{Ahead, Clock, ClockMode, Coordinator};
use crate::fault::{Bite, FaultPlan, Hit, Told};
use crate::journal::Journal;
use crate::protocol::credentials::{ChosenSort, TokenStore};
use crate::protocol::drawer::Drawer;
use crate::protocol::limiter::{Limiter, UNLIMITED};
use crate::protocol::mailbox::Mailbox;
use crate::protocol::pages::Walks;
use crate::protocol::shelf::Shelf;
use crate::protocol::webhooks::{Outbox, Proposal, Webhooks};
use crate::scenario::{AppIndex, Scenario, VendorProfile};
use crate::time::SimTime;
use crate::timeline::Timeline;
use crate::vendors;
use crate::world::{World, WorldError};

/// Entries a journal keeps: at two kilobytes each, which is much, 400 MB. Nothing that a client sends is kept longer than
/// some kilobytes.
const JOURNAL_CAPACITY: usize = 200_000;

/// A scenario being played. Nothing is shared between two of them.
pub struct Simulation {
    /// What was written.
    pub scenario: Arc<Scenario>,
    /// What stands still.
    pub world: Arc<World>,
    /// Whose time it is.
    pub clock: Clock,
    /// Every exchange.
    pub journal: Journal,
    faults: Mutex<FaultPlan>,
    state: Mutex<State>,
    interceptor: OnceLock<Box<dyn Interceptor + Send + Sync>>,
}

/// Everything that changes, behind one lock: exchanges happen one at a time, in order.
pub struct State {
    /// Activities, accounts, sessions.
    pub timeline: Timeline,
    /// By [`AppIndex`].
    pub instances: Vec<InstanceState>,
}

/// What changes about one instance.
pub struct InstanceState {
    /// OAuth clients, codes and tokens.
    pub tokens: TokenStore,
    /// Buckets of the rate limiter.
    pub limiter: Limiter,
    /// Which page of which walk each cursor leads to.
    pub walks: Walks,
    /// Mail that was sent through the instance.
    pub mailbox: Mailbox,
    /// Webhook subscriptions, and what waits to be sent to them.
    pub outbox: Outbox,
    /// What clients have made through the API.
    pub shelf: Shelf,
    /// What the vendor keeps beside.
    pub drawer: Drawer,
}

impl InstanceState {
    /// Keeps in mind the secrets of a subscription, be it taken or not.
    pub fn keep_secrets_of(&mut self, proposal: &Proposal) {
        let verify_token = proposal.verify_token.as_deref().unwrap_or_default();
        self.tokens.keep_chosen(ChosenSort::VerifyToken, verify_token);
        self.tokens.keep_chosen(ChosenSort::Hook, &proposal.key);
    }

    /// Enters a subscription whose address has been tried.
    pub fn subscribe(&mut self, rules: &Webhooks, proposal: Proposal, now: SimTime) {
        self.keep_secrets_of(&proposal);
        self.outbox.subscribe(rules, proposal, now);
    }
}

/// Told of every answer before it leaves: the way for a harness to stop a stack at a chosen request.
pub trait Interceptor {
    /// Whether the answer may leave. The request has already taken effect.
    fn before_answer(&self, hit: &RouteHit) -> AnswerDelivery;
}

/// A request that is about to be answered.
#[derive(Clone, Copy, Debug)]
pub struct RouteHit {
    /// Instance asked.
    pub app: AppIndex,
    /// Route name without the instance.
    pub route: &'static str,
    /// The how-manieth request of that route in the run, retries counted, from 1.
    pub nth: u32,
    /// The how-manieth request of that instance in the run, from 1.
    pub nth_of_app: u32,
    /// Page of the walk, from 1, on routes that page.
    pub page: Option<u32>,
    /// Simulated time.
    pub now: SimTime,
}

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerDelivery {
    /// It leaves.
    Deliver,
    /// It is never sent; the exchange stays open until the client is gone.
    Withhold,
}

/// A scenario that cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The world it asks for cannot be made.
    #[error(transparent)]
    World(#[from] WorldError),
}

impl Simulation {
    /// Builds the world and puts everything at its beginning. Cost does not grow with the length of history.
    pub fn new(scenario: Scenario, mode: ClockMode) -> Result<Arc<Self>, SimulationError> {
        let scenario = Arc::new(scenario);
        let world = Arc::new(World::build(&scenario)?);
        let clock = match mode {
            ClockMode::Virtual => Clock::Virtual(Coordinator::new(scenario.stack.starts)),
            ClockMode::Wall => Clock::Wall(Ahead::default()),
        };
        let timeline = Timeline::new(Arc::clone(&scenario), Arc::clone(&world));
        let instances = scenario
            .apps
            .iter()
            .zip(&world.instances)
            .map(|(app, instance)| {
                let spec = vendors::spec(app.vendor);
                let limits = if app.profile == VendorProfile::Server { &UNLIMITED } else { &spec.limits };
                InstanceState {
                    tokens: TokenStore::new(&spec.credentials, instance, app, Arc::clone(&world), scenario.seed),
                    limiter: Limiter::new(limits, world.people.len()),
                    walks: Walks::default(),
                    mailbox: Mailbox::default(),
                    outbox: Outbox::default(),
                    shelf: Shelf::default(),
                    drawer: Drawer::default(),
                }
            })
            .collect();
        let ends = (mode == ClockMode::Virtual).then(|| timeline.ends());
        let faults = FaultPlan::new(&scenario.faults, ends);
        Ok(Arc::new(Self {
            scenario,
            world,
            clock,
            journal: Journal::new(JOURNAL_CAPACITY),
            faults: Mutex::new(faults),
            state: Mutex::new(State { timeline, instances }),
            interceptor: OnceLock::new(),
        }))
    }

    /// The shared clock, under virtual time.
    pub fn coordinator(&self) -> Option<&Arc<Coordinator>> {
        match &self.clock {
            Clock::Virtual(coordinator) => Some(coordinator),
            Clock::Wall(_) => None,
        }
    }

    /// Everything that changes, locked.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every secret of the run by its display name.
    pub fn secrets(&self) -> BTreeMap<String, String> {
        self.state().instances.iter().flat_map(|i| i.tokens.secrets()).collect()
    }

    /// What has become of each fault, in the order in which they were armed.
    pub fn faults(&self) -> Vec<Told> {
        let bent = self.state().timeline.bent_records();
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        for (line, records) in bent {
            faults.note_records(line, records);
        }
        faults.told()
    }

    /// Kind, line and number of bites of each fault, in written order.
    pub fn fault_bites(&self) -> Vec<(&'static str, u32, u32)> {
        self.faults().into_iter().map(|told| (told.kind, told.line, told.bites)).collect()
    }

    /// Arms one more fault, or some fewer.
    pub(crate) fn rearm<T>(&self, change: impl FnOnce(&mut FaultPlan) -> T) -> T {
        change(&mut self.faults.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sets who is told of answers before they leave.
    ///
    /// # Panics
    /// If somebody is told already.
    pub fn set_interceptor(&self, interceptor: Box<dyn Interceptor + Send + Sync>) {
        assert!(self.interceptor.set(interceptor).is_ok(), "one is told of answers, and it is set once");
    }

    pub(crate) fn meet_fault(&self, hit: &Hit) -> Option<Bite> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).meet(hit)
    }

    pub(crate) fn meets_connections(&self, app: AppIndex) -> bool {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).meets_connections(app)
    }

    pub(crate) fn delivery(&self, hit: &RouteHit) -> AnswerDelivery {
        self.interceptor.get().map_or(AnswerDelivery::Deliver, |i| i.before_answer(hit))
    }
}
