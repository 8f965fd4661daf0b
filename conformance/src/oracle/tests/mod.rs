//! Cases on either side of every boundary, and ordinary days, which owe nothing.
//!
//! Cases that begin with one letter and number, `T3`, are one situation, seen from several sides.

mod addresses;
mod administration;
mod background;
mod bursts;
mod custom;
mod failed_logins;
mod novelty;
mod sessions;
mod single;
mod sprays;
mod termination;
mod travel;

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use serde_json::{Value, json};
use simulator::scenario::*;
use simulator::seed::Seed;
use simulator::time::SimTime;
use simulator::timeline::{Activity, ActivityId, LogId, Record};
use simulator::world::{PersonIndex, place};

use super::seen::once_each;
use super::*;

/// Something that alice did, before it is a record.
#[derive(Clone)]
struct Did {
    second: u64,
    place: &'static str,
    person: usize,
    app: usize,
    outcome: Outcome,
    accuracy_km: f64,
    tags: Vec<NetworkTag>,
    /// Of two in one city with different hosts, the addresses differ.
    host: u8,
    verb: Verb,
    using: Using,
    vendor: Vendor,
    target: Option<usize>,
    object: Option<String>,
    details: &'static [(&'static str, &'static str)],
    session: Option<&'static str>,
    agent: &'static str,
}

fn did(second: u64, place: &'static str) -> Did {
    Did {
        second,
        place,
        person: 1,
        app: 0,
        outcome: Outcome::Success,
        accuracy_km: 0.0,
        tags: Vec::new(),
        host: u8::try_from(place.bytes().map(u32::from).sum::<u32>() % 200).unwrap(),
        verb: Verb::SignIn,
        using: Using::Laptop,
        vendor: Vendor::Miro,
        target: None,
        object: None,
        details: &[],
        session: None,
        agent: "",
    }
}

fn ten_o_clock() -> SimTime {
    scenario(&[]).calendar().day_1() + std::time::Duration::from_secs(36_000)
}

fn seen(all: &[Did]) -> Vec<Seen> {
    once_each(all.iter().enumerate().map(|(n, d)| one(n, d)).collect())
}

fn one(n: usize, did: &Did) -> Seen {
    let city = place(did.place).unwrap();
    let occurred = ten_o_clock() + std::time::Duration::from_secs(did.second);
    let activity = Arc::new(Activity {
        id: ActivityId::Scripted { step: n, n: 0 },
        occurred,
        actor: PersonIndex(did.person),
        app: Some(AppIndex(did.app)),
        verb: did.verb,
        outcome: did.outcome,
        address: Some([192, 0, 2, did.host].into()),
        place: Some(city),
        using: did.using.clone(),
        user_agent: did.agent.into(),
        session: did.session.map(Into::into),
        target: did.target.map(PersonIndex),
        object: did.object.as_deref().map(Into::into),
        details: did.details.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        attack: None,
        step: Some(n),
        late: None,
    });
    Seen {
        record: Record {
            log: LogId { app: AppIndex(did.app), feed: "audit_log" },
            event_id: format!("e{n}").into(),
            persisted: occurred,
            available: occurred + std::time::Duration::from_secs(120),
            body: Vec::new().into(),
            activity: Arc::clone(&activity),
        },
        instance: ["miro", "miro_two"][did.app].to_owned(),
        vendor: did.vendor,
        principal: Principal { person: activity.actor, unlinked: None },
        located: Some(Located {
            lat: city.lat,
            lon: city.lon,
            accuracy_km: did.accuracy_km,
            country: city.country.to_owned(),
            tags: did.tags.clone(),
            known: did.tags.contains(&NetworkTag::Corporate),
        }),
        activity,
    }
}

fn policy(name: &str, parameters: &Value) -> Policy {
    let parameters = parameters.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    Policy { name: name.to_owned(), parameters, at: Position::default() }
}

/// Two Miro instances, background people without a script, and these policies.
fn scenario(policies: &[Policy]) -> Scenario {
    let app = |name: &str, vendor, sign_in| App {
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
    };
    Scenario {
        title: "A test".to_owned(),
        seed: Seed(1),
        day_1: Date::new(2026, 3, 2).unwrap(),
        displaced: Duration::ZERO,
        history_days: 14,
        people: 0,
        home: place("London").unwrap(),
        apps: vec![app("miro", Vendor::Miro, SignIn::Sso), app("entra", Vendor::Entra, SignIn::Sso)],
        cast: Vec::new(),
        networks: Vec::new(),
        files: Vec::new(),
        attacks: Vec::new(),
        policies: policies.to_vec(),
        script: Vec::new(),
        faults: Vec::new(),
        left_to_caller: Vec::new(),
        stack: StackLife { starts: SimTime::from_us(0), ends: None, timezone: "UTC".to_owned() },
    }
}

const DAY: u64 = 86_400;

/// Each case: its name, what was done, the policy's parameters, and how many alerts are owed.
type Case<'a> = (&'a str, Vec<Did>, Value, usize);

#[track_caller]
fn check(policy: &str, cases: &[Case<'_>]) {
    for (name, all, parameters, expected) in cases {
        assert_eq!(owes(policy, parameters, all).len(), *expected, "{name}");
    }
}

/// What one policy owes, with these parameters.
fn owes(name: &str, parameters: &Value, all: &[Did]) -> Vec<Owed> {
    owed(&scenario(&[policy(name, parameters)]), &seen(all))
}

#[test]
fn a_policy_that_is_not_named_owes_nothing() {
    let far = [did(0, "London"), did(60, "Singapore")];
    assert!(owed(&scenario(&[]), &seen(&far)).is_empty());
    assert_eq!(owes(impossible_travel::NAME, &json!({}), &far).len(), 1);
}

#[test]
fn what_happened_before_a_policy_was_made_does_not_count() {
    let far = [did(0, "London"), did(60, "Singapore")];
    assert!(owes(impossible_travel::NAME, &json!({ "created": "day 1 10:00:30" }), &far).is_empty());
    assert_eq!(owes(impossible_travel::NAME, &json!({ "created": "day 1 10:00" }), &far).len(), 1);
}
