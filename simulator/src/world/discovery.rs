//! Cloud apps that nobody has sanctioned: what the traffic of an organisation shows before the story begins.
//!
//! A pure function of seed and person, like [`super::content`]: nobody's use changes when somebody else comes or goes. Names
//! and domains of the apps are invented.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::{PersonIndex, World};
use crate::scenario::{PersonKind, Scenario, Verb};
use crate::seed::{RngExt, Seed};
use crate::time::{DAY, SimTime};

/// An app of the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct CloudApp {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: &'static str,
    /// Its category, in small letters and underscores.
    pub category: &'static str,
    /// How far it is trusted, from 0 to 10.
    pub score: u8,
    /// Where it is found.
    pub domain: &'static str,
    /// How many of a hundred people use it.
    share: u64,
}

/// Apps of this score or less are unsanctioned (ours: nobody here has sanctioned anything).
const UNSANCTIONED: u8 = 2;

impl CloudApp {
    /// Whether people are meant to use it.
    pub const fn is_sanctioned(&self) -> bool {
        self.score > UNSANCTIONED
    }
}

const fn app(
    id: u32,
    name: &'static str,
    category: &'static str,
    score: u8,
    domain: &'static str,
    share: u64,
) -> CloudApp {
    CloudApp { id, name, category, score, domain, share }
}

/// Every app that can be found.
#[rustfmt::skip]
pub const CATALOGUE: [CloudApp; 12] = [
    app(80_001, "Paperboat Drive",   "cloud_storage",       8, "paperboat.example",   55),
    app(80_002, "Dropkick Transfer", "cloud_storage",       2, "dropkick.example",    12),
    app(80_003, "Murmur",            "collaboration",       7, "murmur.example",      40),
    app(80_004, "Gantry Boards",     "project_management",  9, "gantry.example",      35),
    app(80_005, "Ledgerline",        "accounting_and_finance", 9, "ledgerline.example", 8),
    app(80_006, "Hireling",          "human_resource_management", 6, "hireling.example", 6),
    app(80_007, "Pasteboard",        "code_hosting",        3, "pasteboard.example",  18),
    app(80_008, "Foxglove CRM",      "crm",                 8, "foxglove.example",    15),
    app(80_009, "Parrot Translate",  "productivity",        5, "parrot.example",      45),
    app(80_010, "Confab Video",      "communications",      7, "confab.example",      60),
    app(80_011, "Shortwave Links",   "marketing",           4, "shortwave.example",   20),
    app(80_012, "Keyring Notes",     "security",            1, "keyring.example",      5),
];

/// How long before the story the oldest use may be the last.
const OLDEST: Duration = Duration::from_secs(120 * 86_400);

/// One person's use of one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Who.
    pub person: PersonIndex,
    /// What.
    pub app: &'static CloudApp,
    /// The last time.
    pub last: SimTime,
    /// From where.
    pub address: IpAddr,
    /// Bytes sent to it.
    pub uploaded: u64,
    /// Bytes it sent.
    pub downloaded: u64,
    /// Requests.
    pub transactions: u64,
}

/// Every use of every app, people in the order of the world. `before` is when the story begins.
pub fn usage(world: &World, seed: Seed, before: SimTime) -> Vec<Usage> {
    let there = |index: &PersonIndex| {
        let person = world.person(*index);
        index.0 != 0 && person.exists_from_start && person.kind == PersonKind::Employee
    };
    world.person_indices().filter(there).flat_map(|index| of_person(world, seed, before, index)).collect()
}

/// The same of the last so many days, in what a report shows now: under the apps that the catalogue lists now.
pub fn used_since(world: &World, scenario: &Scenario, days: u32, now: SimTime) -> Vec<Usage> {
    let since = now - DAY * days;
    let mut usage = usage(world, scenario.seed, scenario.calendar().day_1());
    usage.retain(|used| used.last >= since && used.last <= now);
    Listing::at(scenario, now).merge(usage)
}

/// The event of a Defender in a script by which an app (`object`) gets another name (`to`).
pub const RENAMED: &str = "cloud_app.renamed";
/// And that by which an app (`object`) becomes part of another (`to`).
pub const MERGED: &str = "cloud_app.merged";

/// What has become of the catalogue by a moment. Both happen to the real one, which is the vendor's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    names: BTreeMap<u32, String>,
    merged: BTreeMap<u32, &'static CloudApp>,
}

impl Listing {
    /// The catalogue as a script has it at `now`.
    pub fn at(scenario: &Scenario, now: SimTime) -> Self {
        let mut listing = Self::default();
        let called = |name: &str| CATALOGUE.iter().find(|app| app.name == name);
        for step in scenario.script.iter().filter(|step| step.verb == Verb::Event && step.at <= now) {
            let [name, to] = ["name", "to"].map(|key| step.details.get(key).map(String::as_str));
            let (Some(app), Some(to)) = (step.object.as_deref().and_then(called), to) else { continue };
            match (name, called(to)) {
                (Some(RENAMED), _) => drop(listing.names.insert(app.id, to.to_owned())),
                (Some(MERGED), Some(into)) => drop(listing.merged.insert(app.id, into)),
                _ => {}
            }
        }
        listing
    }

    /// What an app is called.
    pub fn name(&self, app: &'static CloudApp) -> &str {
        self.names.get(&app.id).map_or(app.name, String::as_str)
    }

    /// The app under which another is found: itself, unless it was merged.
    pub fn entry(&self, app: &'static CloudApp) -> &'static CloudApp {
        // Two that are merged into each other lead nowhere; the number of steps is bounded all the same.
        (0..CATALOGUE.len()).fold(app, |app, _| self.merged.get(&app.id).copied().unwrap_or(app))
    }

    /// Use under the apps where it is found: whoever used two that are one now has used that.
    fn merge(&self, usage: Vec<Usage>) -> Vec<Usage> {
        let mut shown: Vec<Usage> = Vec::new();
        for used in usage {
            let app = self.entry(used.app);
            match shown.iter_mut().find(|other| other.app == app && other.person == used.person) {
                Some(other) => {
                    other.last = other.last.max(used.last);
                    other.uploaded += used.uploaded;
                    other.downloaded += used.downloaded;
                    other.transactions += used.transactions;
                }
                None => shown.push(Usage { app, ..used }),
            }
        }
        shown
    }
}

fn of_person(world: &World, seed: Seed, before: SimTime, person: PersonIndex) -> Vec<Usage> {
    let somebody = world.person(person);
    let uses = |app: &&CloudApp| seed.number(&["discovered", &somebody.key, app.name]) % 100 < app.share;
    CATALOGUE
        .iter()
        .filter(uses)
        .map(|app| {
            let mut rng = seed.stream(&["discovered use", &somebody.key, app.name]);
            let age_us = rng.random_range(1..u64::try_from(OLDEST.as_micros()).unwrap_or(u64::MAX));
            // Most use what they use every week.
            let age_us = if rng.random_bool(0.7) { age_us % (7 * 86_400_000_000) } else { age_us };
            Usage {
                person,
                app,
                last: before - Duration::from_micros(age_us),
                address: somebody.home_address,
                uploaded: rng.random_range(1_000..50_000_000),
                downloaded: rng.random_range(10_000..500_000_000),
                transactions: rng.random_range(1..2_000),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::sample;

    fn all(people: u32) -> Vec<Usage> {
        let scenario = sample::scenario(7, people);
        let world = World::build(&scenario).expect("a small world");
        usage(&world, scenario.seed, scenario.calendar().day_1())
    }

    fn event(name: &str, object: &str, to: &str, at: SimTime) -> crate::scenario::Step {
        let mut step = crate::vendors::testing::step(at, 0, Verb::Event, crate::scenario::AppIndex(0));
        step.object = Some(object.to_owned());
        step.details = [("name", name), ("to", to)].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        step
    }

    #[test]
    fn what_is_renamed_keeps_its_number_and_what_is_merged_is_found_under_the_other() {
        let mut scenario = sample::scenario(7, 40);
        let world = World::build(&scenario).expect("a small world");
        let noon = scenario.calendar().day_1() + DAY / 2;
        let before = used_since(&world, &scenario, 90, noon);
        scenario.script = vec![
            event(RENAMED, "Murmur", "Murmur Chat", noon),
            event(MERGED, "Dropkick Transfer", "Paperboat Drive", noon),
        ];
        let [murmur, dropkick, paperboat] = ["Murmur", "Dropkick Transfer", "Paperboat Drive"]
            .map(|name| CATALOGUE.iter().find(|a| a.name == name).unwrap());
        let earlier = Listing::at(&scenario, noon - Duration::from_secs(1));
        assert_eq!((earlier.name(murmur), earlier.entry(dropkick)), ("Murmur", dropkick));
        let listing = Listing::at(&scenario, noon);
        assert_eq!((listing.name(murmur), listing.entry(dropkick)), ("Murmur Chat", paperboat));
        let after = used_since(&world, &scenario, 90, noon);
        let people = |usage: &[Usage], apps: &[&CloudApp]| {
            let of = usage.iter().filter(|used| apps.contains(&used.app)).map(|used| used.person);
            of.collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(people(&after, &[paperboat]), people(&before, &[paperboat, dropkick]));
        assert!(people(&after, &[dropkick]).is_empty() && !people(&before, &[dropkick]).is_empty());
        let users = after.iter().filter(|used| used.app == paperboat).count();
        assert_eq!(users, people(&after, &[paperboat]).len(), "nobody twice");
    }

    #[test]
    fn a_newcomer_changes_nobodys_use() {
        let (few, more) = (all(20), all(21));
        assert_eq!(few, all(20));
        assert!(few.len() > 20 && few.iter().all(|usage| more.contains(usage)), "{}", few.len());
    }
}
