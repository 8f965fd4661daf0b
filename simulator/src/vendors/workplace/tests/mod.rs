//! The room tests, and those that every vendor shares.

mod accounts;
mod graph;
mod install;
mod log;
mod profiles;
mod scim;
mod webhooks;

use std::time::Duration;

use axum::http::Method;
use serde_json::Value;

use crate::protocol::form::encode;
use crate::scenario::{AppIndex, Scenario, SignIn, Vendor, VendorProfile, Verb};
use crate::vendors::shared_tests::{Manner, Refusals};
use crate::vendors::testing::{Reply, Room, story};

/// Workplace's place among the instances of a test's story.
const WORKPLACE: AppIndex = AppIndex(2);

#[test]
fn workplace_owes_a_client_what_every_vendor_does() {
    Manner {
        vendor: Vendor::Workplace,
        verb: Verb::SignIn,
        log: "/security_audit_logs?since=1772409600&limit=3".to_owned(),
        entries: "/data",
        id: "id",
        next: |_, page| page.json()["paging"]["next"].as_str().map(str::to_owned),
        other_scope: ("read_group", 403),
        other_method: 405,
        mistyped: ("/community/organization_member", "/{node}/organization_members"),
        refusals: Refusals {
            token: 400,
            cursor: 400,
            // Every refusal is a 400 or a 403, and none names a time: an hour's budget comes back little by little.
            limit: &[400, 403],
            untold_wait: Some(Duration::from_secs(3_600)),
            ..Refusals::USUAL
        },
        prepare: |scenario, own| {
            // The one profile with a log to be asked for.
            scenario.apps[own.0].profile = VendorProfile::AdminCenter;
        },
        elsewhere: None,
    }
    .run();
}

fn company() -> Scenario {
    story(SignIn::Password, &["ann", "bob", "cy"])
}

fn room() -> Room {
    Room::new(company(), Vendor::Workplace)
}

fn room_in(profile: VendorProfile) -> Room {
    let mut scenario = company();
    scenario.apps[WORKPLACE.0].profile = profile;
    Room::new(scenario, Vendor::Workplace)
}

/// Id of the person with this index in the world.
fn id(room: &Room, person: usize) -> String {
    room.sim.world.people[person].accounts[&WORKPLACE].user_id.clone()
}

fn email(room: &Room, person: usize) -> String {
    room.sim.world.people[person].accounts[&WORKPLACE].login.clone()
}

fn community(room: &Room) -> String {
    room.sim.world.instances[WORKPLACE.0].organisation_id.clone()
}

/// `<app id>|<app secret>`, as a query value.
fn app_token(room: &Room) -> String {
    let client = room.sim.state().instances[WORKPLACE.0].tokens.client().clone();
    encode(&format!("{}|{}", client.client_id, client.client_secret))
}

fn app_id(room: &Room) -> String {
    room.sim.state().instances[WORKPLACE.0].tokens.client().client_id.clone()
}

fn app_secret(room: &Room) -> String {
    room.sim.state().instances[WORKPLACE.0].tokens.client().client_secret.clone()
}

fn post(room: &mut Room, target: &str, token: &str) -> Reply {
    room.send(Method::POST, target, &[("authorization", &format!("Bearer {token}"))], "")
}

/// Checks a refusal's status and code; gives its body.
#[track_caller]
fn check_error(reply: &Reply, status: u16, code: u64) -> Value {
    let body = reply.expect(status);
    assert_eq!(body["error"]["code"], code, "{body}");
    assert!(body["error"]["fbtrace_id"].as_str().is_some_and(|id| id.len() == 11), "{body}");
    assert!(!reply.reasons.is_empty());
    body
}

/// The `id`s of a list.
fn ids(body: &Value) -> Vec<String> {
    let items = body["data"].as_array().unwrap_or_else(|| panic!("no list: {body}"));
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}
