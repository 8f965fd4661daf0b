//! Defender for Cloud Apps, room by room.

mod activities;
mod alerts;
mod investigation;
mod manners;
mod siem;
mod tokens;
mod webhooks;

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::protocol::form::encode_pairs;
use crate::scenario::{AppIndex, Scenario, SignIn, Vendor, Verb};
use crate::vendors::shared_tests::{Manner, Refusals};
use crate::vendors::testing::{Reply, Room, at, step, story};

const MIRO: AppIndex = AppIndex(0);
const ENTRA: AppIndex = AppIndex(1);
const GITHUB: AppIndex = AppIndex(3);
const ACTIVITIES: &str = "/api/v1/activities/";

fn room_of(scenario: Scenario) -> Room {
    Room::new(scenario, Vendor::Defender)
}

/// Sends JSON with the token made by hand.
fn post(room: &mut Room, target: &str, body: &Value) -> Reply {
    let token = room.token();
    room.post_json(Method::POST, target, &token, &body.to_string())
}

fn get(room: &mut Room, target: &str) -> Reply {
    let token = room.token();
    room.get(target, &token)
}

/// What stands at a pointer in each item of a list.
#[track_caller]
fn each<'a>(page: &'a Value, pointer: &str) -> Vec<&'a Value> {
    let items = page["data"].as_array().unwrap_or_else(|| panic!("no list: {page}"));
    items.iter().map(|item| item.pointer(pointer).unwrap_or(&Value::Null)).collect()
}

/// A morning on which ann works in Miro and GitHub, and bob mistypes his password.
fn office(sign_in: SignIn) -> Scenario {
    let mut scenario = story(sign_in, &["ann", "bob"]);
    let mut wrong = step(at("09:10:00"), 1, Verb::SignIn, MIRO);
    wrong.result = crate::scenario::Outcome::WrongPassword;
    let mut board = step(at("09:05:00"), 0, Verb::Export, MIRO);
    board.object = Some("Roadmap".to_owned());
    let mut repository = step(at("09:20:00"), 0, Verb::Create, GITHUB);
    repository.object = Some("web".to_owned());
    scenario.script.extend([step(at("09:00:00"), 0, Verb::SignIn, MIRO), board, wrong, repository]);
    scenario
}

#[test]
fn defender_owes_a_client_what_every_vendor_does() {
    Manner {
        vendor: Vendor::Defender,
        verb: Verb::Create,
        log: format!("{ACTIVITIES}?isScan=true&sortDirection=asc"),
        entries: "/data",
        id: "_id",
        next: |url, page| {
            let body = page.json();
            let filters = body.get("nextQueryFilters")?.to_string();
            let (base, _) = url.split_once("&filters=").unwrap_or((url, ""));
            Some(format!("{base}&{}", encode_pairs([("filters", filters.as_str())])))
        },
        other_scope: ("Discovery.read", 403),
        other_method: 405,
        mistyped: ("/api/v1/activitys/", ACTIVITIES),
        refusals: Refusals {
            // Whether a 429 has a `Retry-After` nobody knows; thirty requests come back every minute.
            untold_wait: Some(Duration::from_secs(60)),
            ..Refusals::USUAL
        },
        prepare: |scenario, own| {
            // Its pages are no smaller than a hundred, whatever is asked.
            scenario.apps[own.0].page_size = Some(3);
        },
        elsewhere: Some(Vendor::Miro),
    }
    .run();
}

#[test]
fn the_portals_own_prefix_changes_nothing() {
    let mut room = room_of(office(SignIn::Password));
    let plain = get(&mut room, ACTIVITIES).expect(200);
    assert_eq!(get(&mut room, "/cas/api/v1/activities/").expect(200), plain);
    assert_eq!(plain["total"], json!(4));
}
