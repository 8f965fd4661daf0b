//! Scenario and seed become a world.
//!
//! Every person draws from streams of their own, labelled by their key, so adding somebody moves nobody. E-mail addresses
//! that are not written: the background carries its number (`ada.hill07@…`), so that no two can meet; in the cast the later
//! of two equal ones gets a number.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use fake::Fake;
use fake::faker::name::raw::{FirstName, LastName};
use fake::locales::EN;
use rand_chacha::ChaCha8Rng;

use super::addresses::Addresses;
use super::groups::groups;
use super::lookup::Lookup;
use super::{Account, Instance, PLACES, Person, PersonIndex, Place, World};
use crate::scenario::{self, App, AppIndex, CastMember, Login, PersonKind, Scenario, SignIn, Verb, Who};
use crate::seed::{RngExt, Seed};
use crate::vendors;
use crate::vendors::tenancy::{Founding, Logins, Newcomer, Part};

/// Why no world can be made of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// A range of addresses is used up.
    #[error("no address is left for {what}: this range has {of}")]
    AddressesExhausted {
        /// Who or what got none.
        what: String,
        /// How many addresses the range has.
        of: u32,
    },
}

const JOBS: [&str; 14] = [
    "account manager",
    "analyst",
    "content designer",
    "customer success manager",
    "designer",
    "developer",
    "finance manager",
    "marketing manager",
    "office manager",
    "product manager",
    "recruiter",
    "researcher",
    "scrum master",
    "support engineer",
];
const ORGANISATION: ([&str; 12], [&str; 10]) = (
    ["Alder", "Birch", "Clear", "Dover", "Elm", "Fair", "Green", "Hazel", "Iron", "Juniper", "Kings", "Lark"],
    ["brook", "field", "ford", "gate", "haven", "lake", "mere", "ridge", "stone", "way"],
);

impl World {
    /// The world of a scenario.
    pub fn build(scenario: &Scenario) -> Result<Self, WorldError> {
        let seed = scenario.seed;
        let mut rng = seed.stream(&["organisation"]);
        let (first, second) = &ORGANISATION;
        let organisation =
            format!("{}{}", first[rng.random_range(0..first.len())], second[rng.random_range(0..second.len())]);
        let mut builder = Builder {
            scenario,
            domain: format!("{}.example", organisation.to_lowercase()),
            addresses: Addresses::new(seed),
            instances: instances(scenario, &organisation),
            people: Vec::new(),
            first_of_cast: Vec::new(),
            emails: BTreeSet::new(),
            user_numbers: BTreeSet::new(),
        };
        let networks = scenario.networks.iter().map(|n| builder.addresses.named(n)).collect::<Result<Vec<_>, _>>()?;
        builder.administrator()?;
        builder.cast()?;
        builder.background()?;
        let away = builder.away()?;
        let Builder { addresses, domain, people, instances, .. } = builder;
        let mut world = Self {
            organisation,
            domain,
            lookup: Lookup::new(&people),
            groups: groups(seed, &people),
            people,
            instances,
            networks: addresses.finish(),
            named_networks: BTreeMap::new(),
            scripted_networks: Vec::new(),
            files: Vec::new(),
            away,
        };
        for file in &scenario.files {
            let owner = match file.owner {
                Who::Admin => Some(0),
                Who::Cast(member) => world.people.iter().position(|person| person.cast == Some(member)),
            };
            world.files.extend(owner.map(|owner| (PersonIndex(owner), file.clone())));
        }
        for (spec, address) in scenario.networks.iter().zip(networks) {
            let index = world.networks.partition_point(|n| n.block.addr() < address);
            world.scripted_networks.push(index);
            world.named_networks.insert(spec.name.clone(), index);
        }
        Ok(world)
    }
}

fn instances(scenario: &Scenario, company: &str) -> Vec<Instance> {
    let (seed, mut serials) = (scenario.seed, BTreeSet::new());
    let one = |(index, app): (usize, &App)| {
        let mut serial = seed.number(&["organisation", &app.name]) % 1_000;
        while !serials.insert(serial) {
            serial = (serial + 1) % 1_000;
        }
        let new = Founding { seed, instance: &app.name, company, serial };
        let organisation = (vendors::spec(app.vendor).tenancy.organisation)(&new);
        Instance {
            app: AppIndex(index),
            name: app.name.clone(),
            vendor: app.vendor,
            profile: app.profile,
            mda_mode: app.mda_mode,
            sign_in: app.sign_in,
            organisation_id: organisation.id,
            team_id: organisation.team_id,
            team_name: organisation.team_name,
        }
    };
    scenario.apps.iter().enumerate().map(one).collect()
}

struct Builder<'a> {
    scenario: &'a Scenario,
    domain: String,
    addresses: Addresses,
    instances: Vec<Instance>,
    people: Vec<Person>,
    /// Index of the first person of each cast entry.
    first_of_cast: Vec<usize>,
    emails: BTreeSet<String>,
    user_numbers: BTreeSet<u64>,
}

/// What a person is made of before accounts and addresses.
struct Draft<'a> {
    key: String,
    given: String,
    family: String,
    email: String,
    home: &'static Place,
    job: String,
    kind: PersonKind,
    cast: Option<usize>,
    exists_from_start: bool,
    accounts: &'a [AppIndex],
    admin_of: &'a [AppIndex],
    logins: &'a BTreeMap<AppIndex, Login>,
    /// Distinct among all people of one instance.
    user_number: u64,
}

impl Builder<'_> {
    fn seed(&self) -> Seed {
        self.scenario.seed
    }

    fn administrator(&mut self) -> Result<(), WorldError> {
        let Drawn { given, family, .. } = drawn(self.seed(), "it_admin");
        let all: Vec<AppIndex> = (0..self.scenario.apps.len()).map(AppIndex).collect();
        let draft = Draft {
            key: "it_admin".to_owned(),
            email: self.fresh_email(&given, &family, &self.domain.clone()),
            given,
            family,
            home: self.scenario.home,
            job: "IT administrator".to_owned(),
            kind: PersonKind::Employee,
            cast: None,
            exists_from_start: true,
            accounts: &all,
            admin_of: &all,
            logins: &BTreeMap::new(),
            user_number: 1,
        };
        let home = self.addresses.cast_home(&draft.key, draft.home)?;
        self.settle(draft, home, None);
        Ok(())
    }

    fn cast(&mut self) -> Result<(), WorldError> {
        let scenario = self.scenario;
        // Written addresses are taken first, so that no drawn one meets them.
        self.emails.extend(scenario.cast.iter().filter_map(|c| c.email.as_ref().map(|e| e.to_lowercase())));
        for (index, member) in scenario.cast.iter().enumerate() {
            self.first_of_cast.push(self.people.len());
            for key in member_keys(member) {
                let draft = self.cast_draft(index, member, key);
                let home = self.addresses.cast_home(&draft.key, draft.home)?;
                self.settle(draft, home, None);
            }
        }
        Ok(())
    }

    fn cast_draft<'a>(&mut self, index: usize, member: &'a CastMember, key: String) -> Draft<'a> {
        let Drawn { given: drawn_given, family, job, .. } = drawn(self.seed(), &key);
        let (given, family) = match &member.name {
            Some(name) => {
                let (given, family) = name.rsplit_once(' ').unwrap_or((name, ""));
                (given.to_owned(), family.to_owned())
            }
            // A key that is a plain word reads as a given name.
            None if member.count == 1 && key.bytes().all(|b| b.is_ascii_lowercase()) => (capitalised(&key), family),
            None => (drawn_given, family),
        };
        let domain = if member.kind == PersonKind::Guest { "partners.example".to_owned() } else { self.domain.clone() };
        let email = member.email.clone().unwrap_or_else(|| self.fresh_email(&given, &family, &domain));
        let mut user_number = 1_000 + self.seed().number(&["user number", &key]) % 900_000;
        while !self.user_numbers.insert(user_number) {
            user_number += 1;
        }
        Draft {
            given,
            family,
            email,
            home: member.home,
            job: member.job.clone().unwrap_or(job),
            kind: member.kind,
            cast: Some(index),
            exists_from_start: exists_from_start(self.scenario, index),
            accounts: &member.accounts,
            admin_of: &member.admin_of,
            logins: &member.logins,
            user_number,
            key,
        }
    }

    fn background(&mut self) -> Result<(), WorldError> {
        let all: Vec<AppIndex> = (0..self.scenario.apps.len()).map(AppIndex).collect();
        let neighbours: Vec<&'static Place> =
            PLACES.iter().filter(|p| p.continent == self.scenario.home.continent).collect();
        for number in 1..=self.scenario.people {
            let key = format!("p{number:02}");
            let Drawn { given, family, job, mut rng } = drawn(self.seed(), &key);
            let elsewhere = rng.random_bool(0.15);
            let home = if elsewhere { neighbours[rng.random_range(0..neighbours.len())] } else { self.scenario.home };
            let phone = rng.random_bool(0.15).then(|| self.addresses.carrier(home));
            let draft = Draft {
                email: format!("{}{number:02}@{}", local_part(&given, &family), self.domain),
                given,
                family,
                home,
                job,
                kind: PersonKind::Employee,
                cast: None,
                exists_from_start: true,
                accounts: &all,
                admin_of: &[],
                logins: &BTreeMap::new(),
                user_number: 2_000_000 + u64::from(number),
                key,
            };
            let home = self.addresses.background_home(number, home)?;
            self.settle(draft, home, phone);
        }
        Ok(())
    }

    /// Addresses for every (person, city) of the script.
    fn away(&mut self) -> Result<BTreeMap<(PersonIndex, &'static str), IpAddr>, WorldError> {
        let mut away = BTreeMap::new();
        for step in &self.scenario.script {
            let Some(scenario::From::Place(place)) = step.from else { continue };
            for index in self.members(step.actor) {
                let person = &self.people[index.0];
                if person.home != place && !away.contains_key(&(index, place.name)) {
                    away.insert((index, place.name), self.addresses.away(&person.key, place)?);
                }
            }
        }
        Ok(away)
    }

    fn members(&self, who: Who) -> Vec<PersonIndex> {
        match who {
            Who::Admin => vec![PersonIndex(0)],
            Who::Cast(index) => {
                let first = self.first_of_cast[index];
                (first..first + self.scenario.cast[index].count as usize).map(PersonIndex).collect()
            }
        }
    }

    /// An address nobody has yet: `ada.hill@…`, then `ada.hill2@…`.
    fn fresh_email(&mut self, given: &str, family: &str, domain: &str) -> String {
        let local = local_part(given, family);
        let candidates = std::iter::once(String::new()).chain((2..).map(|n: u32| n.to_string()));
        let email = candidates
            .map(|number| format!("{local}{number}@{domain}"))
            .find(|email| !self.emails.contains(email))
            .expect("numbers do not end");
        self.emails.insert(email.clone());
        email
    }

    fn settle(&mut self, draft: Draft<'_>, home_address: IpAddr, phone_address: Option<IpAddr>) {
        let directory_id = self.seed().uuid(&["directory", &draft.key]);
        let works_in = |app: &&AppIndex| vendors::spec(self.instances[app.0].vendor).tenancy.part != Part::Watch;
        let accounts = draft.accounts.iter().filter(works_in);
        let accounts = accounts.map(|app| (*app, self.account(*app, &draft, &directory_id))).collect();
        self.people.push(Person {
            key: draft.key,
            given_name: draft.given,
            family_name: draft.family,
            email: draft.email,
            home: draft.home,
            job: draft.job,
            kind: draft.kind,
            directory_id,
            cast: draft.cast,
            exists_from_start: draft.exists_from_start,
            accounts,
            home_address,
            phone_address,
        });
    }

    fn account(&self, app: AppIndex, draft: &Draft<'_>, directory_id: &str) -> Account {
        let instance = &self.instances[app.0];
        let tenancy = vendors::spec(instance.vendor).tenancy;
        let user_id = (tenancy.user_id)(&Newcomer {
            seed: self.seed(),
            instance,
            key: &draft.key,
            number: draft.user_number,
            directory_id,
            is_directory: self.scenario.directory() == Some(app),
        });
        let login = match (draft.logins.get(&app), tenancy.logins) {
            (None, Logins::Handle) => self.handle(app, draft),
            (None, _) => draft.email.clone(),
            (Some(Login::Unlinked), Logins::Handle) => format!("{}-private", handle(&draft.key)),
            (Some(Login::Unlinked), _) => format!("{}@private.example", draft.key),
            (Some(Login::Named(name)), Logins::Address) if !name.contains('@') => format!("{name}@{}", self.domain),
            (Some(Login::Named(name)), _) => name.clone(),
        };
        let linked = draft.logins.get(&app) != Some(&Login::Unlinked);
        Account { user_id, login, linked, admin: draft.admin_of.contains(&app) }
    }

    /// A login of letters, digits and hyphens that nobody has in this instance yet. E-mail addresses of the background
    /// carry a number and meet nobody's.
    fn handle(&self, app: AppIndex, draft: &Draft<'_>) -> String {
        let local = draft.email.split('@').next().unwrap_or_default();
        let wanted = handle(local);
        if draft.cast.is_none() {
            return wanted;
        }
        let taken = |login: &str| self.people.iter().any(|p| p.accounts.get(&app).is_some_and(|a| a.login == login));
        let numbers = std::iter::once(String::new()).chain((2..).map(|n: u32| n.to_string()));
        let mut candidates = numbers.map(|number| format!("{wanted}{number}"));
        candidates.find(|login| !taken(login)).expect("numbers do not end")
    }
}

impl Instance {
    /// Whether people prove to a directory who they are when they sign in here.
    pub fn is_sso(&self) -> bool {
        self.sign_in == SignIn::Sso && !self.vendor.is_directory()
    }
}

fn member_keys(member: &CastMember) -> Vec<String> {
    match member.count {
        1 => vec![member.key.clone()],
        count => (1..=count).map(|n| format!("{}-{n}", member.key)).collect(),
    }
}

/// Who is hired before anything else in life happens to them does not exist at the start.
fn exists_from_start(scenario: &Scenario, cast: usize) -> bool {
    let life = |verb| matches!(verb, Verb::Hire | Verb::Terminate);
    let first = scenario.script.iter().find(|s| s.target == Some(Who::Cast(cast)) && life(s.verb));
    first.is_none_or(|step| step.verb != Verb::Hire)
}

/// What a person's own stream gives before anything else is drawn from it.
struct Drawn {
    given: String,
    family: String,
    job: String,
    rng: ChaCha8Rng,
}

fn drawn(seed: Seed, key: &str) -> Drawn {
    let mut rng = seed.stream(&["person", key]);
    let (given, family) = (FirstName(EN).fake_with_rng(&mut rng), LastName(EN).fake_with_rng(&mut rng));
    let job = JOBS[rng.random_range(0..JOBS.len())].to_owned();
    Drawn { given, family, job, rng }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What of a text a login may hold: letters and digits, everything else a hyphen.
fn handle(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

fn local_part(given: &str, family: &str) -> String {
    let plain = |name: &str| name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let (given, family) = (plain(given), plain(family));
    match (given.is_empty(), family.is_empty()) {
        (false, false) => format!("{given}.{family}"),
        (true, true) => "somebody".to_owned(),
        _ => format!("{given}{family}"),
    }
}
