//! The only part of the timeline that changes: what the script makes happen and what is done through the APIs, in order,
//! under [containment](super::containment).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::changes::Changes;
use super::containment::Effect;
use super::happening::Happening;
use super::render::Renderer;
use super::script;
use super::state::{AccountStatus, Accounts, Gone, HeldAccess, Holder};
use super::{Activity, ActivityId, LogId, Record};
use crate::scenario::{AppIndex, Outcome, Scenario, Using, Verb};
use crate::time::SimTime;
use crate::world::{PersonIndex, World};

/// Something done through a vendor's API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// What: `Suspend`, `Restore`, `RevokeSessions`, ….
    pub verb: Verb,
    /// In which instance.
    pub app: AppIndex,
    /// To whom; none for a thing, and for somebody whom the world does not know.
    pub target: Option<PersonIndex>,
    /// The thing, or the name of somebody whom the world does not know.
    pub object: Option<Arc<str>>,
    /// What the verb takes: `to`, `role`, `name`, ….
    pub details: BTreeMap<String, String>,
    /// Name of the client that did it.
    pub by: String,
}

impl Deed {
    /// Something done to a person's account.
    pub fn upon(verb: Verb, app: AppIndex, target: PersonIndex, by: impl Into<String>) -> Self {
        Self { verb, app, target: Some(target), object: None, details: BTreeMap::new(), by: by.into() }
    }

    /// Something done to a thing.
    pub fn about(verb: Verb, app: AppIndex, object: &str, by: impl Into<String>) -> Self {
        let object = Some(object.into());
        Self { verb, app, target: None, object, details: BTreeMap::new(), by: by.into() }
    }

    /// The same with a detail more.
    #[must_use]
    pub fn with(mut self, detail: &str, value: impl Into<String>) -> Self {
        self.details.insert(detail.to_owned(), value.into());
        self
    }
}

/// What became of one scripted activity.
#[derive(Clone, Debug)]
pub enum StepOutcome {
    /// It happened and left these records.
    Happened(Arc<Activity>, Vec<Arc<Record>>),
    /// What it needed was gone.
    Prevented {
        /// What was meant to happen.
        activity: Arc<Activity>,
        /// What stood in the way, as a sentence.
        why: String,
        /// When it was tried.
        at: SimTime,
        /// Records of the attempt: a refused sign-in is written down.
        refused: Vec<Arc<Record>>,
    },
}

impl StepOutcome {
    /// What really happened: the activity, or the attempt that was refused and written down.
    pub fn activity(&self) -> Option<&Arc<Activity>> {
        match self {
            Self::Happened(activity, _) => Some(activity),
            Self::Prevented { refused, .. } => refused.first().map(|record| &record.activity),
        }
    }

    /// The records it left.
    pub fn records(&self) -> &[Arc<Record>] {
        match self {
            Self::Happened(_, records) | Self::Prevented { refused: records, .. } => records,
        }
    }
}

/// Script and governance, as far as time has come.
#[derive(Debug)]
pub(super) struct Overlay {
    scenario: Arc<Scenario>,
    world: Arc<World>,
    renderer: Renderer,
    planned: Vec<Arc<Activity>>,
    next: usize,
    accounts: Accounts,
    changes: Changes,
    outcomes: Vec<StepOutcome>,
    /// Sorted by the vendors' order.
    logs: BTreeMap<LogId, Vec<Arc<Record>>>,
    /// How many deeds, by instance.
    governed: BTreeMap<AppIndex, u32>,
    arrived: u32,
    bent: BTreeMap<u32, u32>,
}

/// What is in the way of an activity.
struct Obstacle {
    why: String,
    /// How a sign-in ends because of it.
    outcome: Outcome,
}

impl Overlay {
    pub(super) fn new(scenario: Arc<Scenario>, world: Arc<World>, renderer: Renderer) -> Self {
        let planned = script::expand(&scenario, &world);
        Self {
            scenario,
            world,
            renderer,
            planned,
            next: 0,
            accounts: Accounts::default(),
            changes: Changes::default(),
            outcomes: Vec::new(),
            logs: BTreeMap::new(),
            governed: BTreeMap::new(),
            arrived: 0,
            bent: BTreeMap::new(),
        }
    }

    pub(super) fn next_due(&self) -> Option<SimTime> {
        self.planned.get(self.next).map(|a| a.occurred)
    }

    /// How many activities have been tried: scripted ones, governance, and those that a fault lets happen.
    pub(super) fn performed(&self) -> u64 {
        let governed: u64 = self.governed.values().copied().map(u64::from).sum();
        governed + self.outcomes.len() as u64 + u64::from(self.arrived)
    }

    pub(super) fn outcomes(&self) -> &[StepOutcome] {
        &self.outcomes
    }

    pub(super) fn log(&self, log: LogId) -> &[Arc<Record>] {
        self.logs.get(&log).map_or(&[], Vec::as_slice)
    }

    pub(super) fn bent(&self) -> &BTreeMap<u32, u32> {
        &self.bent
    }

    pub(super) fn account(&self, person: PersonIndex, app: AppIndex) -> AccountStatus {
        self.accounts.status(&self.world, person, app)
    }

    pub(super) fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Lets everything happen that is scripted up to and including `now`.
    pub(super) fn advance(&mut self, now: SimTime) {
        while let Some(activity) = self.planned.get(self.next).filter(|a| a.occurred <= now) {
            let activity = Arc::clone(activity);
            self.next += 1;
            let outcome = self.perform(activity);
            self.outcomes.push(outcome);
        }
    }

    /// Does something to an account now and leaves its records.
    pub(super) fn govern(&mut self, now: SimTime, deed: Deed) -> Arc<Activity> {
        self.advance(now);
        let by: Arc<str> = deed.by.as_str().into();
        let governed = self.governed.entry(deed.app).or_default();
        let n = *governed;
        *governed += 1;
        let activity = Arc::new(Activity {
            id: ActivityId::Governed { app: deed.app, n },
            occurred: now,
            actor: PersonIndex(0),
            app: Some(deed.app),
            verb: deed.verb,
            outcome: Outcome::Success,
            address: None,
            place: None,
            using: Using::Token,
            user_agent: "".into(),
            session: None,
            target: deed.target,
            object: deed.object,
            details: deed.details.into_iter().chain([("by".to_owned(), deed.by)]).collect(),
            attack: None,
            step: None,
            late: None,
        });
        self.take_effect(&activity, &by);
        self.write_down(&activity);
        activity
    }

    /// Lets something like `specimen` happen now; `log` shows it at once.
    pub(super) fn arrive(&mut self, now: SimTime, log: LogId, specimen: &Activity) {
        let id = ActivityId::Arrived { n: self.arrived };
        self.arrived += 1;
        let activity = Arc::new(Activity { id, occurred: now, ..specimen.clone() });
        for mut record in self.renderer.records(&activity, &mut |_| {}) {
            if record.log == log {
                record.available = now;
            }
            self.file(Arc::new(record));
        }
    }

    /// Lets somebody do something now that nobody has written, under containment like everything else.
    pub(super) fn happen(&mut self, now: SimTime, happening: &Happening) -> StepOutcome {
        self.advance(now);
        let meant = happening.activity(&self.scenario, &self.world, now, self.arrived);
        self.arrived += 1;
        self.perform(Arc::new(meant))
    }

    /// What the script has still to bring, in order.
    pub(super) fn upcoming(&self) -> &[Arc<Activity>] {
        &self.planned[self.next..]
    }

    /// Everything that somebody holds, as it stands now.
    pub(super) fn held(&self, now: SimTime) -> Vec<HeldAccess> {
        self.accounts.held_by_anybody(&self.world, now)
    }

    fn perform(&mut self, meant: Arc<Activity>) -> StepOutcome {
        let mut activity = (*meant).clone();
        self.name_as_now(&mut activity);
        match self.obstacle(&mut activity) {
            None => {
                let by: Arc<str> = self.world.person(activity.actor).key.as_str().into();
                let activity = Arc::new(activity);
                if activity.outcome == Outcome::Success {
                    self.take_effect(&activity, &by);
                }
                let records = self.write_down(&activity);
                StepOutcome::Happened(activity, records)
            }
            Some(obstacle) => {
                let refused = if activity.verb == Verb::SignIn {
                    activity.outcome = obstacle.outcome;
                    self.write_down(&Arc::new(activity))
                } else {
                    Vec::new()
                };
                StepOutcome::Prevented { at: meant.occurred, activity: meant, why: obstacle.why, refused }
            }
        }
    }

    /// Records call people what they are called when they act, in each instance by itself.
    fn name_as_now(&self, activity: &mut Activity) {
        for app in self.world.person(activity.actor).accounts.keys() {
            let status = self.accounts.status(&self.world, activity.actor, *app);
            let keys = [(Activity::name_key(*app), status.display_name), (Activity::email_key(*app), status.email)];
            activity.details.extend(keys.into_iter().filter_map(|(key, value)| Some((key, value?))));
        }
    }

    /// What stands in the way of an activity. Finds the session it rides on, or begins one.
    fn obstacle(&mut self, activity: &mut Activity) -> Option<Obstacle> {
        let app = activity.app?;
        let (person, now) = (activity.actor, activity.occurred);
        let status = self.accounts.status(&self.world, person, app);
        if !status.exists && status.deleted_at.is_none() {
            let why = format!("{} has no account in {} yet", self.key(person), self.app_name(app));
            return Some(Obstacle { why, outcome: Outcome::UnknownUser });
        }
        let world = Arc::clone(&self.world);
        let holder = (person, app, Holder::of(&activity.using));
        let session = self.session_id(activity);
        let gone = match (&activity.verb, &activity.using) {
            (Verb::SignIn, _) if activity.outcome != Outcome::Success => return None,
            (Verb::SignIn, _) => self.accounts.password(&world, person, app, now).map(|()| {
                activity.session = Some(self.accounts.begin_session(holder, now, session));
            }),
            (_, Using::Token) => self.accounts.token(&world, person, app, now),
            (_, Using::GrantedApp(name)) => self.accounts.grant(&world, (person, app, name.as_str()), now),
            _ => self.accounts.session(&world, holder, now, session).map(|id| activity.session = Some(id)),
        };
        gone.err().map(|gone| self.describe(activity, &gone))
    }

    fn describe(&self, activity: &Activity, gone: &Gone) -> Obstacle {
        let spell = |t| self.scenario.calendar().spell(t);
        let who = self.key(activity.actor);
        let (what, outcome) = match &gone.done.effect {
            Effect::DirectoryDisabled => (format!("{who} was disabled in the directory"), Outcome::Disabled),
            Effect::DirectoryDeleted => (format!("{who} was deleted from the directory"), Outcome::UnknownUser),
            Effect::DirectorySessionsRevoked => {
                (format!("the sessions of {who} were revoked in the directory"), Outcome::Disabled)
            }
            Effect::AppDeactivated(app) => {
                (format!("{who} was deactivated in {}", self.app_name(*app)), Outcome::Disabled)
            }
            Effect::AppSessionsReset(app) => {
                (format!("the sessions of {who} in {} were reset", self.app_name(*app)), Outcome::Disabled)
            }
            Effect::TokenRevoked(app) => {
                (format!("the token of {who} in {} was revoked", self.app_name(*app)), Outcome::Disabled)
            }
            Effect::GrantRemoved(_, name) => (format!("the app {name} was removed for {who}"), Outcome::Disabled),
        };
        let mut why = format!("{what} by {} at {}", gone.done.by, spell(gone.done.at));
        if gone.since != gone.done.at {
            why.push_str(&format!("; what had been issued ran out at {}", spell(gone.since)));
        }
        Obstacle { why, outcome }
    }

    /// What an activity changes about accounts, sessions, tokens and grants.
    fn take_effect(&mut self, activity: &Activity, by: &Arc<str>) {
        let now = activity.occurred;
        let upon = activity.target.unwrap_or(activity.actor);
        self.changes.note(activity);
        if let Some(app) = activity.app {
            match activity.verb {
                Verb::SignOut => self.accounts.end_session((activity.actor, app, Holder::of(&activity.using))),
                Verb::CreateToken => {
                    let id = self.session_id(activity);
                    self.accounts.make_token(activity.actor, app, now, id);
                }
                Verb::RevokeToken => self.accounts.put(upon, Effect::TokenRevoked(app), now, Arc::clone(by)),
                Verb::GrantApp => {
                    let name = activity.object.clone().unwrap_or_default();
                    self.accounts.make_grant(activity.actor, app, &name, now);
                }
                Verb::RemoveApp => {
                    let name = activity.object.as_deref().unwrap_or_default().to_owned();
                    self.accounts.put(upon, Effect::GrantRemoved(app, name), now, Arc::clone(by));
                }
                _ => {}
            }
        }
        if let Some(target) = activity.target {
            let accounts: Vec<AppIndex> = self.world.person(target).accounts.keys().copied().collect();
            // Without a directory and without an app, a person's life happens in all their accounts.
            let apps = match activity.app {
                _ if activity.verb == Verb::Hire => accounts,
                Some(app) => vec![app],
                None => accounts,
            };
            for app in apps {
                self.change_account(activity, target, app, by);
            }
        }
    }

    fn change_account(&mut self, activity: &Activity, target: PersonIndex, app: AppIndex, by: &Arc<str>) {
        let now = activity.occurred;
        let world = Arc::clone(&self.world);
        let directory = self.world.instances[app.0].vendor.is_directory();
        let status = self.accounts.change(&world, target, app);
        let to = || activity.details.get("to").cloned();
        let effect = match activity.verb {
            Verb::Hire => {
                *status = AccountStatus { exists: true, enabled: true, created_at: Some(now), ..status.clone() };
                status.deleted_at = None;
                None
            }
            Verb::Suspend => {
                status.enabled = false;
                Some(if directory { Effect::DirectoryDisabled } else { Effect::AppDeactivated(app) })
            }
            Verb::Restore => {
                *status = AccountStatus { exists: true, enabled: true, deleted_at: None, ..status.clone() };
                None
            }
            Verb::Terminate => {
                *status = AccountStatus { exists: false, deleted_at: Some(now), ..status.clone() };
                Some(if directory { Effect::DirectoryDeleted } else { Effect::AppDeactivated(app) })
            }
            Verb::RevokeSessions => {
                status.sessions_valid_from = Some(now);
                Some(if directory { Effect::DirectorySessionsRevoked } else { Effect::AppSessionsReset(app) })
            }
            Verb::Rename => {
                status.display_name = to();
                None
            }
            Verb::ChangeEmail => {
                status.email = to();
                None
            }
            _ => None,
        };
        if matches!(activity.verb, Verb::Hire | Verb::Restore) {
            self.accounts.undo(target, now, |effect| match effect {
                Effect::DirectoryDisabled | Effect::DirectoryDeleted => directory,
                Effect::AppDeactivated(there) => *there == app,
                _ => false,
            });
        }
        if let Some(effect) = effect {
            self.accounts.put(target, effect, now, Arc::clone(by));
        }
    }

    fn write_down(&mut self, activity: &Arc<Activity>) -> Vec<Arc<Record>> {
        let bent = &mut self.bent;
        let records = self.renderer.records(activity, &mut |line| *bent.entry(line).or_default() += 1);
        let records: Vec<Arc<Record>> = records.into_iter().map(Arc::new).collect();
        for record in &records {
            self.file(Arc::clone(record));
        }
        records
    }

    /// Puts a record into its place in its log.
    fn file(&mut self, record: Arc<Record>) {
        let log = self.logs.entry(record.log).or_default();
        let place = log.partition_point(|r| (r.persisted, &r.event_id) <= (record.persisted, &record.event_id));
        log.insert(place, record);
    }

    fn session_id(&self, activity: &Activity) -> Arc<str> {
        let id = format!("{:?}", activity.id);
        format!("{:016x}", self.scenario.seed.number(&["session", self.key(activity.actor), &id])).into()
    }

    fn key(&self, person: PersonIndex) -> &str {
        &self.world.person(person).key
    }

    fn app_name(&self, app: AppIndex) -> &str {
        &self.world.instances[app.0].name
    }
}
