//! Who the stack says uses which app, side by side with who does.
//!
//! A row is an `event` of class 5003 in the log `app_usage`: `metadata.uid` tells rows apart and `tenant_uid` names the
//! Defender, `time` is the moment for which the row is true, `user` the account, and `unmapped.usage` has `app_uid` and
//! `app_instance` (the product's own names of a connected instance) or the id of a discovered app, `source` (`activities`
//! or `discovery`), `last_activity` in milliseconds and `active`; both are missing for discovered apps, of whose users
//! no API tells the last activity. A row replaces the one before of the same id; one with `gone: true` says that whoever it
//! was about is no user of that app any more, because it is listed no longer (it became part of another) or was not used for
//! ninety days.
//!
//! All tolerances are here, each on the side of the stack: what happened between the first session's first request and the
//! end of its first walk may be counted from either; what appears later than the declared look-back need not be found; what
//! is shown after the story's end need not be told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use simulator::scenario::{AppIndex, Scenario, Vendor};
use simulator::time::SimTime;
use simulator::vendors::defender;
use simulator::world::World;
use simulator::world::discovery::{self, CATALOGUE, Listing};

use crate::contract::{Declares, Event, Said};
use crate::oracle::usage::{Seat, Use, last, uses};
use crate::recording::Recording;
use crate::scenario::Script;

use super::due::may_read;
use super::people::People;
use super::served::succeeded;
use super::{Heard, said};

/// The log that rows are in.
pub const APP_USAGE: &str = "app_usage";
/// The capability of synchronising the use of connected apps.
pub const SYNC: &str = "usage.sync";
/// The capability of synchronising the use of discovered ones.
pub const DISCOVERY: &str = "usage.discovery";
/// How long discovery remembers.
const REMEMBERED: Duration = Duration::from_secs(90 * 86_400);
/// How long after a change of the catalogue a row may still go by what was before: discovery is read once a day.
const BEHIND: Duration = Duration::from_secs(25 * 3_600);
/// How long a session may take.
const LONGEST: Duration = Duration::from_secs(86_400);

/// The app of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowApp {
    /// An instance of the scenario.
    Connected(String),
    /// An app that is merely discovered, by its id.
    Discovered(u32),
    /// None that there is.
    Unknown(String),
}

impl RowApp {
    /// The app as which the catalogue lists it.
    pub fn listed_in(&self, listing: &Listing) -> Self {
        match self {
            Self::Discovered(id) => Self::Discovered(listed_as(listing, *id)),
            other => other.clone(),
        }
    }
}

/// A row as it was reported.
#[derive(Clone, Debug)]
pub struct UsageRow {
    /// Number of its line.
    pub number: usize,
    /// When it was read.
    pub read_at: SimTime,
    /// The moment for which it is true.
    pub as_of: SimTime,
    /// Its id.
    pub uid: String,
    /// The Defender.
    pub defender: String,
    /// The app.
    pub app: RowApp,
    /// What it calls the app.
    pub app_name: Option<String>,
    /// Whether it says that there is no such use any more.
    pub gone: bool,
    /// Whom it may mean.
    pub people: BTreeSet<String>,
    /// Whether they count as active.
    pub active: Option<bool>,
    /// When they were last active.
    pub last: Option<SimTime>,
    /// All that it says, but for the moment.
    pub content: Value,
}

/// What there is to know through one Defender.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Activities before this are nobody's use.
    pub from: SimTime,
    /// Activities from here on have to be counted.
    pub due_from: SimTime,
    /// What is shown until then has to be told.
    pub due_until: SimTime,
    /// When the first walk had come to its end.
    first_walk: SimTime,
    /// Whether the access that the stack is given opens the activities.
    pub opens: bool,
    /// Whether it opens discovery.
    pub opens_discovery: bool,
}

/// Who uses which app, as it is said and as it is.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// Every row, in order.
    pub rows: Vec<UsageRow>,
    /// Every use of every connected app.
    pub uses: BTreeMap<Seat, Vec<Use>>,
    /// Every use of every discovered app: its id, the person, the last time.
    pub discovered: BTreeMap<(u32, String), SimTime>,
    /// By Defender.
    pub spans: BTreeMap<String, Span>,
    lateness: Duration,
    scenario: Option<Arc<Scenario>>,
}

impl Usage {
    /// Reads the rows of a report, and asks the oracle who uses what where the world can be built.
    pub(super) fn of(
        script: &Script,
        recording: &Recording,
        declares: &Declares,
        world: Option<&World>,
        heard: &[Heard],
        people: &People,
    ) -> Self {
        let scenario = &script.scenario;
        let defenders = scenario.apps.iter().filter(|app| app.vendor == Vendor::Defender);
        let spans: BTreeMap<String, Span> =
            defenders.map(|app| (app.name.clone(), span(scenario, recording, declares, &app.name))).collect();
        let Some(world) = world.filter(|_| !spans.is_empty()) else { return Self::default() };
        let discovered = discovery::usage(world, scenario.seed, scenario.calendar().day_1());
        let found = discovered.iter().map(|used| ((used.app.id, world.person(used.person).key.clone()), used.last));
        let events = said(heard).filter_map(|(heard, said)| match said {
            Said::Event(event) if event.log.as_deref() == Some(APP_USAGE) => Some((heard, event)),
            _ => None,
        });
        let (every, look_back) = (declares.usage.every, declares.look_back);
        Self {
            rows: events.map(|(heard, event)| row(scenario, world, people, heard, event)).collect(),
            uses: uses(scenario, world, &recording.truth),
            discovered: found.collect(),
            spans,
            lateness: if look_back > every { look_back - every } else { look_back },
            scenario: Some(Arc::clone(&script.scenario)),
        }
    }

    /// The rows that stand at the end; one that says its user is gone does not.
    pub fn standing(&self) -> impl Iterator<Item = &UsageRow> {
        let newest: BTreeMap<(&str, &str), usize> =
            self.rows.iter().enumerate().map(|(n, row)| ((row.defender.as_str(), row.uid.as_str()), n)).collect();
        let mut newest: Vec<usize> = newest.into_values().collect();
        newest.sort_unstable();
        newest.into_iter().map(|n| &self.rows[n]).filter(|row| !row.gone)
    }

    /// The last use of a seat that had to be known at a moment.
    pub fn due(&self, seat: &Seat, known_at: SimTime) -> Option<&Use> {
        let span = self.spans.get(&seat.defender).filter(|span| span.opens)?;
        let in_time = |used: &&Use| {
            used.at >= span.due_from
                && used.available <= known_at
                && (used.available <= span.first_walk || used.available.since(used.at) <= self.lateness)
        };
        self.uses.get(seat)?.iter().rev().find(in_time)
    }

    /// The last use of a seat that could be known at a moment.
    pub fn known(&self, seat: &Seat, known_at: SimTime) -> Option<&Use> {
        last(self.uses.get(seat)?, self.spans.get(&seat.defender)?.from, known_at)
    }

    /// The seats that a row may be about: one, unless two people share an address.
    pub fn seats<'r>(&self, row: &'r UsageRow) -> impl Iterator<Item = Seat> + 'r {
        let app = match &row.app {
            RowApp::Connected(app) => Some(app),
            _ => None,
        };
        let seat = |app: &String, person: &String| Seat {
            defender: row.defender.clone(),
            app: app.clone(),
            person: person.clone(),
        };
        app.into_iter().flat_map(move |app| row.people.iter().map(move |person| seat(app, person)))
    }

    /// The catalogue at a moment, and as a stack that reads it once a day may have seen it last.
    pub fn listings(&self, at: SimTime) -> [Listing; 2] {
        let listing =
            |at: SimTime| self.scenario.as_ref().map(|scenario| Listing::at(scenario, at)).unwrap_or_default();
        [listing(at), listing(at - BEHIND)]
    }

    /// Whether somebody is in the use of a discovered app that a row may tell of.
    pub fn is_discovered(&self, row: &UsageRow, app: u32) -> bool {
        let listings = self.listings(row.as_of);
        let part = |id: u32| listings.iter().any(|listing| listed_as(listing, id) == app);
        let mut used = self.discovered.iter().filter(|((id, person), _)| row.people.contains(person) && part(*id));
        used.any(|(_, last)| *last + REMEMBERED >= row.as_of - LONGEST)
    }

    /// The use of discovered apps that every report of the run shows: the apps under which each may be told, and by whom.
    pub fn discovered_until(&self, end: SimTime) -> impl Iterator<Item = ([u32; 2], &String)> {
        let listings = self.listings(end);
        let shown = self.discovered.iter().filter(move |(_, last)| **last + REMEMBERED >= end);
        shown.map(move |((id, person), _)| (listings.each_ref().map(|listing| listed_as(listing, *id)), person))
    }

    /// Whether the moment for which a row says it is true is one of the session that told it.
    pub fn is_of_its_time(row: &UsageRow) -> bool {
        row.as_of <= row.read_at && row.as_of + LONGEST >= row.read_at
    }
}

/// The number under which an app of the catalogue is found.
fn listed_as(listing: &Listing, id: u32) -> u32 {
    CATALOGUE.iter().find(|app| app.id == id).map_or(id, |app| listing.entry(app).id)
}

fn span(scenario: &Scenario, recording: &Recording, declares: &Declares, defender: &str) -> Span {
    let route = format!("{defender}.activities");
    let asked = || recording.journal.iter().filter(|e| e.route == route);
    let first = asked().map(|e| e.at).next().unwrap_or(recording.started);
    let is_last = |e: &&simulator::journal::Entry| {
        succeeded(e, declares) && e.notes.page.as_ref().is_some_and(|page| page.next.is_none())
    };
    let first_walk = asked().find(is_last).map_or(first, |e| e.ended);
    let granted = scenario.app(defender).and_then(|(_, app)| app.scopes.as_ref());
    Span {
        from: SimTime::from_ms((first - declares.usage.first).ms()),
        due_from: first_walk - declares.usage.first,
        due_until: recording.story_ended.min(recording.ended - declares.usage.every * 2),
        first_walk,
        opens: may_read(scenario, defender, "activities"),
        opens_discovery: granted.is_none_or(|granted| {
            let has = |word: &str| granted.iter().any(|scope| scope.starts_with(word));
            has("Discovery.") && has("Investigation.")
        }),
    }
}

fn row(scenario: &Scenario, world: &World, people: &People, heard: &Heard, event: &Event) -> UsageRow {
    let usage = &event.content["unmapped"]["usage"];
    let uid = usage["app_uid"].as_str().unwrap_or_default();
    let number = usage["app_instance"].as_u64().unwrap_or_default();
    let product = |index: usize| defender::product_app(world, AppIndex(index));
    let is_named =
        |index: &usize| product(*index).is_some_and(|(id, n)| id.to_string() == uid && u64::from(n) == number);
    let connected = (0..scenario.apps.len()).find(is_named).map(|index| scenario.apps[index].name.clone());
    let in_catalogue = CATALOGUE.iter().find(|app| app.id.to_string() == uid).map(|app| app.id);
    let app = match (connected, in_catalogue) {
        (Some(app), _) => RowApp::Connected(app),
        (None, Some(id)) => RowApp::Discovered(id),
        (None, None) => RowApp::Unknown(uid.to_owned()),
    };
    let instance = match &app {
        RowApp::Connected(app) => Some(app.as_str()),
        _ => None,
    };
    let mut content = event.content.clone();
    content["time"] = Value::Null;
    UsageRow {
        number: heard.number,
        read_at: heard.read_at,
        as_of: event.time,
        uid: event.uid.clone(),
        defender: event.tenant.clone(),
        people: people.find(&event.actor, instance),
        app_name: usage["app_name"].as_str().map(str::to_owned),
        gone: usage["gone"].as_bool() == Some(true),
        app,
        active: usage["active"].as_bool(),
        last: usage["last_activity"].as_i64().map(SimTime::from_ms),
        content,
    }
}

impl super::Facts<'_> {
    /// A row as the stack reported it.
    pub fn usage_row(&self, row: &UsageRow) -> String {
        let app = match &row.app {
            RowApp::Connected(app) => app.clone(),
            RowApp::Discovered(id) => format!("discovered app {id}"),
            RowApp::Unknown(uid) => format!("unknown app `{uid}`"),
        };
        let people: Vec<&str> = row.people.iter().map(String::as_str).collect();
        let whom = if people.is_empty() { "nobody known".to_owned() } else { people.join(" or ") };
        let active = match row.active {
            Some(true) => "active",
            Some(false) => "inactive",
            None => "not said to be active or not",
        };
        let last = row.last.map_or("no last activity".to_owned(), |last| format!("last activity {}", self.spell(last)));
        let (as_of, line) = (self.spell(row.as_of), self.report_line(row.number));
        format!("{app}: {whom}, {active}, {last}, as of {as_of} ({line})")
    }
}
