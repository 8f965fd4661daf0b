//! GitHub, room by room.

mod apps;
mod audit_log;
mod conforms;
mod fine_grained;
mod governance;
mod hooks;
mod manners;
mod oauth;
mod people;
mod scim;
mod server;

use axum::http::Method;
use serde_json::Value;

use super::names::Customer;
use crate::scenario::{AppIndex, Scenario, SignIn, Vendor, Verb};
use crate::vendors::shared_tests::{Manner, Refusals};
use crate::vendors::testing::{ORIGIN, Reply, Room, at, step, story};

/// GitHub's place among a story's apps.
fn github() -> AppIndex {
    AppIndex(Vendor::ALL.iter().position(|v| *v == Vendor::Github).expect("it is built"))
}

fn room_of(scenario: Scenario) -> Room {
    Room::new(scenario, Vendor::Github)
}

fn customer(room: &Room) -> Customer {
    Customer::of(&room.sim.world, &room.sim.world.instances[github().0])
}

/// The organisation's login in a story of the tests' seed.
fn login() -> String {
    customer(&room_of(story(SignIn::Password, &[]))).login
}

fn login_of(room: &Room, person: usize) -> String {
    room.sim.world.people[person].accounts[&github()].login.clone()
}

/// The address behind a relation in the header `Link`.
fn link(reply: &Reply, relation: &str) -> Option<String> {
    let all = reply.header("link")?;
    let one = all.split(", ").find(|l| l.ends_with(&format!("rel=\"{relation}\"")))?;
    one.split(['<', '>']).nth(1).map(str::to_owned)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} in {value}"))
}

fn actions(page: &Value) -> Vec<&str> {
    page.as_array().expect("a bare array").iter().map(|e| text(e, "action")).collect()
}

/// Sends JSON with a token.
fn send(room: &mut Room, method: Method, target: &str, token: &str, body: &str) -> Reply {
    room.post_json(method, target, token, body)
}

/// A day on which ann and bob work.
fn office(sign_in: SignIn) -> Scenario {
    let mut scenario = story(sign_in, &["ann", "bob"]);
    let mut push = step(at("09:00:00.123456"), 0, Verb::Edit, github());
    push.object = Some("web".to_owned());
    let mut open = step(at("09:05:00"), 1, Verb::SetVisibility, github());
    open.object = Some("api".to_owned());
    open.details.insert("to".to_owned(), "public".to_owned());
    let mut install = step(at("09:10:00"), 0, Verb::GrantApp, github());
    install.object = Some("handy-bot".to_owned());
    scenario.script.extend([push, open, install, step(at("09:15:00"), 0, Verb::CreateToken, github())]);
    scenario
}

#[test]
fn github_owes_a_client_what_every_vendor_does() {
    let log = format!("/orgs/{}/audit-log?per_page=3&phrase=created%3A2026-03-02", login());
    Manner {
        vendor: Vendor::Github,
        verb: Verb::Create,
        log,
        entries: "",
        id: "_document_id",
        next: |_, page| link(page, "next").map(|url| url.strip_prefix(ORIGIN).expect("our own").to_owned()),
        other_scope: ("user:email", 404),
        other_method: 404,
        mistyped: ("/orgs/acme/audit-logs", "/orgs/{org}/audit-log"),
        refusals: Refusals { cursor: 422, ..Refusals::USUAL },
        prepare: |_, _| {},
        elsewhere: None,
    }
    .run();
}
