//! Scenarios for the tests of world, timeline and attacks, made without YAML.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Date;

use super::{Place, place};
use crate::scenario::*;
use crate::seed::Seed;
use crate::time::SimTime;

pub(crate) fn city(name: &str) -> &'static Place {
    place(name).expect("tests name places that exist")
}

/// An Entra directory and a Miro instance that trusts it; nobody but the administrator and `people` of the background.
pub(crate) fn scenario(seed: u64, people: u32) -> Scenario {
    Scenario {
        title: "A test".to_owned(),
        seed: Seed(seed),
        day_1: Date::new(2026, 3, 2).expect("a date"),
        displaced: Duration::ZERO,
        history_days: 14,
        people,
        home: city("London"),
        apps: vec![app("entra", Vendor::Entra, SignIn::Sso), app("miro", Vendor::Miro, SignIn::Sso)],
        cast: Vec::new(),
        networks: Vec::new(),
        files: Vec::new(),
        attacks: Vec::new(),
        policies: Vec::new(),
        script: Vec::new(),
        faults: Vec::new(),
        left_to_caller: Vec::new(),
        stack: StackLife { starts: SimTime::from_us(0), ends: None, timezone: "UTC".to_owned() },
    }
}

pub(crate) fn app(name: &str, vendor: Vendor, sign_in: SignIn) -> App {
    App {
        name: name.to_owned(),
        vendor,
        sign_in,
        credentials: Credentials::App,
        page_size: None,
        token_life: None,
        retention: None,
        scopes: None,
        profile: VendorProfile::Current,
        mda_mode: MdaMode::Dynamic,
        at: Position::default(),
    }
}

pub(crate) fn member(key: &str, apps: usize) -> CastMember {
    CastMember {
        key: key.to_owned(),
        name: None,
        email: None,
        home: city("London"),
        job: None,
        kind: PersonKind::Employee,
        accounts: (0..apps).map(AppIndex).collect(),
        admin_of: Vec::new(),
        logins: BTreeMap::new(),
        count: 1,
        at: Position::default(),
    }
}

/// A step of the first cast entry on its laptop, at home, `at` after the start of day 1.
pub(crate) fn step(scenario: &Scenario, at: Duration, verb: Verb, app: usize) -> Step {
    Step {
        at: scenario.calendar().day_1() + at,
        verb,
        actor: Who::Cast(0),
        app: Some(AppIndex(app)),
        from: None,
        using: Using::Laptop,
        result: Outcome::Success,
        target: None,
        object: None,
        details: BTreeMap::new(),
        times: 1,
        over: Duration::ZERO,
        late: None,
        agent: None,
        attack: None,
        id: None,
        position: Position::default(),
    }
}

pub(crate) const fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}
