//! What ordinary people do on ordinary days: a pure function of (seed, person, day).
//!
//! `count(person, day)` is drawn first, from a stream of its own; only who does anything at all draws the day itself. Days
//! are the person's local ones, numbered from day 1 for drawing, so a history moved by whole weeks stays the same history.
//!
//! Office workers: four days of five, rarely at weekends; a sign-in in the morning, now and then one wrong password before
//! it (never more than one a day), then boards opened, made and exported, sometimes a sign-in to the directory itself,
//! sometimes a sign-out. Everything comes from home, or from the phone's carrier in the same city: nobody travels.
//! The administrator does nothing. The cast has such a history before day 1, and from then on does only what is written.
//!
//! # Not imitated
//! Holidays, summer time, travel, anything that a detection could honestly take for an attack.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::devices::user_agent;
use super::{Activity, ActivityId};
use crate::scenario::{AppIndex, Outcome, PersonKind, Scenario, Using, Verb};
use crate::seed::{Rng, RngExt};
use crate::time::{DAY_US, SimTime};
use crate::vendors;
use crate::vendors::tenancy::BOARDS;
use crate::world::{Instance, PersonIndex, World};

const MINUTE_US: i64 = 60_000_000;
/// How many things there are to work on.
const THINGS: usize = BOARDS.names.len();
/// One activity of the background before it is written out: small, because a day of a large organisation has many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Planned {
    pub(super) occurred: SimTime,
    person: u32,
    day: i32,
    n: u16,
    app: u16,
    what: What,
    board: u16,
    phone: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    SignIn,
    WrongPassword,
    Work(Verb),
    SignOut,
}

/// The background of a world.
#[derive(Clone, Debug)]
pub(super) struct Background {
    scenario: Arc<Scenario>,
    world: Arc<World>,
    /// What people do with things, by how often, as far as the instance's vendor logs it. By instance.
    work: Vec<Vec<Verb>>,
    /// Names of these things. By instance.
    things: Vec<Vec<Arc<str>>>,
}

impl Background {
    pub(super) fn new(scenario: Arc<Scenario>, world: Arc<World>) -> Self {
        let logged = |i: &Instance| {
            let spec = vendors::spec(i.vendor);
            spec.tenancy.things.work.iter().copied().filter(|verb| (spec.logs)(*verb)).collect()
        };
        let work = world.instances.iter().map(logged).collect();
        let named =
            |i: &Instance| vendors::spec(i.vendor).tenancy.things.names.iter().map(|name| Arc::from(*name)).collect();
        let things = world.instances.iter().map(named).collect();
        Self { scenario, world, work, things }
    }

    /// First instant of the history.
    pub(super) fn begins(&self) -> SimTime {
        self.scenario.history_start()
    }

    /// The story's UTC day (counted from 1970-01-01) that an instant lies in.
    pub(super) fn day_of(&self, at: SimTime) -> i64 {
        (at - self.scenario.displaced).us().div_euclid(DAY_US)
    }

    /// The first instant of a UTC day of the story.
    fn midnight(&self, utc_day: i64) -> SimTime {
        SimTime::from_us(utc_day * DAY_US) + self.scenario.displaced
    }

    /// Everything that happens on a UTC day of the story, before `ends`, sorted by time.
    pub(super) fn day(&self, utc_day: i64, ends: SimTime) -> Vec<Planned> {
        let span = self.midnight(utc_day)..self.midnight(utc_day + 1);
        let mut day = Vec::new();
        for person in self.world.person_indices() {
            let offset = self.world.person(person).home.utc_offset_min;
            // Nobody is up before 7 or after 22 local time, so a UTC day meets at most two local ones.
            let local_days = match offset {
                0 => utc_day..=utc_day,
                o if o > 0 => utc_day..=utc_day + 1,
                _ => utc_day - 1..=utc_day,
            };
            for local_day in local_days {
                self.person_day(person, local_day, &mut |planned| {
                    if span.contains(&planned.occurred) && planned.occurred < ends {
                        day.push(planned);
                    }
                });
            }
        }
        day.sort_unstable();
        day
    }

    /// What a person does on one of their own days.
    fn person_day(&self, index: PersonIndex, local_day: i64, plan: &mut dyn FnMut(Planned)) {
        let person = self.world.person(index);
        let from_cast = person.cast.is_some();
        let active = index.0 != 0 && person.exists_from_start && person.kind != PersonKind::Service;
        let day_1 = self.scenario.calendar().day_1();
        let story_day = local_day - self.day_of(day_1);
        if !active || person.accounts.is_empty() {
            return;
        }
        let label = story_day.to_string();
        let count = self.count(&person.key, &label, local_day);
        if count == 0 {
            return;
        }
        let mut rng = self.scenario.seed.stream(&["background", &person.key, &label]);
        let midnight = self.midnight(local_day).us() - i64::from(person.home.utc_offset_min) * MINUTE_US;
        let start = midnight + rng.random_range(7 * 60..10 * 60) * MINUTE_US + rng.random_range(0..MINUTE_US);
        let mut n = 0_u16;
        let mut put = |at: i64, app: AppIndex, what: What, board: u16, phone: bool| {
            let occurred = SimTime::from_us(at);
            let this = n;
            n += 1;
            if occurred >= self.begins() && !(from_cast && occurred >= day_1) {
                plan(Planned {
                    occurred,
                    person: u32::try_from(index.0).expect("fewer people than addresses"),
                    day: i32::try_from(local_day).expect("days since 1970 are few"),
                    n: this,
                    app: u16::try_from(app.0).expect("few instances"),
                    what,
                    board,
                    phone,
                });
            }
        };
        let app = self.app_of_the_day(index, &mut rng);
        if rng.random_bool(0.03) {
            put(start - rng.random_range(8_000_000..40_000_000), app, What::WrongPassword, 0, false);
        }
        put(start, app, What::SignIn, 0, false);
        let hours = rng.random_range(6..10) * 60 * MINUTE_US;
        if let Some(directory) = self.scenario.directory()
            && directory != app
            && person.accounts.contains_key(&directory)
            && rng.random_bool(0.2)
        {
            let phone = person.phone_address.is_some() && rng.random_bool(0.5);
            put(start + rng.random_range(MINUTE_US..hours), directory, What::SignIn, 0, phone);
        }
        let work = &self.work[app.0];
        for _ in 1..if work.is_empty() { 1 } else { count } {
            let verb = work[rng.random_range(0..work.len())];
            let phone = person.phone_address.is_some() && rng.random_bool(0.2);
            let board = u16::try_from(rng.random_range(0..THINGS)).expect("few things");
            put(start + rng.random_range(MINUTE_US..hours), app, What::Work(verb), board, phone);
        }
        if rng.random_bool(0.25) && (vendors::spec(self.world.instances[app.0].vendor).logs)(Verb::SignOut) {
            put(start + hours + rng.random_range(0..10 * MINUTE_US), app, What::SignOut, 0, false);
        }
    }

    /// How many activities of an ordinary day, the sign-in among them: drawn before and apart from the day itself.
    fn count(&self, person: &str, label: &str, local_day: i64) -> u32 {
        // 1970-01-01 was a Thursday.
        let weekend = (local_day + 3).rem_euclid(7) >= 5;
        let mut rng = self.scenario.seed.stream(&["background count", person, label]);
        let (presence, most) = if weekend { (0.04, 3) } else { (0.82, 9) };
        if rng.random_bool(presence) { rng.random_range(1..=most) } else { 0 }
    }

    /// Where a person works that day: an app if they have an account in one, else the directory.
    fn app_of_the_day(&self, index: PersonIndex, rng: &mut impl Rng) -> AppIndex {
        let accounts = &self.world.person(index).accounts;
        let directory = |app: &&AppIndex| self.world.instances[app.0].vendor.is_directory();
        let apps: Vec<AppIndex> = accounts.keys().filter(|a| !directory(a)).copied().collect();
        let pick = rng.random_range(0..apps.len().max(1));
        apps.get(pick).or_else(|| accounts.keys().next()).copied().expect("somebody with accounts")
    }

    /// A planned activity, written out.
    pub(super) fn activity(&self, planned: Planned) -> Arc<Activity> {
        let index = PersonIndex(planned.person as usize);
        let person = self.world.person(index);
        let (verb, outcome) = match planned.what {
            What::SignIn => (Verb::SignIn, Outcome::Success),
            What::WrongPassword => (Verb::SignIn, Outcome::WrongPassword),
            What::Work(verb) => (verb, Outcome::Success),
            What::SignOut => (Verb::SignOut, Outcome::Success),
        };
        let using = if planned.phone { Using::Phone } else { Using::Laptop };
        let address = if planned.phone { person.phone_address } else { None }.unwrap_or(person.home_address);
        let device = if planned.phone { "phone" } else { "laptop" };
        let session = (outcome == Outcome::Success).then(|| {
            let day = planned.day.to_string();
            format!("{:016x}", self.scenario.seed.number(&["session", &person.key, &day, device])).into()
        });
        Arc::new(Activity {
            id: ActivityId::Background { person: index, day: planned.day.into(), n: planned.n.into() },
            occurred: planned.occurred,
            actor: index,
            app: Some(AppIndex(planned.app.into())),
            verb,
            outcome,
            address: Some(address),
            place: Some(person.home),
            user_agent: user_agent(self.scenario.seed, &person.key, &using),
            using,
            session,
            target: None,
            object: matches!(planned.what, What::Work(_))
                .then(|| Arc::clone(&self.things[usize::from(planned.app)][usize::from(planned.board)])),
            details: BTreeMap::new(),
            attack: None,
            step: None,
            late: None,
        })
    }

    /// People who are nobody's but the background's.
    pub(super) fn people(&self) -> impl Iterator<Item = PersonIndex> {
        self.world.person_indices().skip(1).filter(|index| self.world.person(*index).cast.is_none())
    }

    /// One activity of every kind that the background knows, to learn which logs it writes to.
    pub(super) fn specimens(&self) -> Vec<Arc<Activity>> {
        let mut specimens = Vec::new();
        // Who has the same accounts, linked or not, writes to the same logs.
        let mut known = BTreeSet::new();
        for index in self.world.person_indices().skip(1) {
            let accounts = &self.world.person(index).accounts;
            if known.insert(accounts.iter().map(|(app, account)| (*app, account.linked)).collect::<Vec<_>>()) {
                specimens.extend(self.specimens_of(index));
            }
        }
        specimens
    }

    /// One activity of every kind that the background knows of a person.
    pub(super) fn specimens_of(&self, index: PersonIndex) -> impl Iterator<Item = Arc<Activity>> {
        self.world.person(index).accounts.keys().flat_map(move |app| {
            let work: BTreeSet<Verb> = self.work[app.0].iter().copied().collect();
            let kinds = [What::SignIn, What::WrongPassword, What::SignOut].into_iter();
            kinds.chain(work.into_iter().map(What::Work)).map(move |what| {
                self.activity(Planned {
                    occurred: self.begins(),
                    person: u32::try_from(index.0).expect("few people"),
                    day: 0,
                    n: 0,
                    app: u16::try_from(app.0).expect("few instances"),
                    what,
                    board: 0,
                    phone: false,
                })
            })
        })
    }
}
