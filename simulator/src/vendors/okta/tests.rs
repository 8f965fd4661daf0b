//! The room tests, and those that every vendor shares.

use axum::http::Method;

use crate::scenario::{AppIndex, Outcome, Scenario, SignIn, Vendor, Verb};
use crate::vendors::shared_tests::{Manner, Refusals};
use crate::vendors::testing::{ORIGIN, Reply, Room, at, step, story};

const LOG: &str = "/api/v1/logs?since=2026-03-02T00:00:00.000Z&until=2026-03-03T00:00:00.000Z&limit=3";

fn okta() -> AppIndex {
    AppIndex(Vendor::ALL.iter().position(|v| *v == Vendor::Okta).expect("it is built"))
}

/// Where the next page is.
fn next(reply: &Reply) -> Option<String> {
    let links = reply.headers.get_all("link").iter().filter_map(|link| link.to_str().ok());
    let next = links.into_iter().find_map(|link| link.strip_suffix("; rel=\"next\""))?;
    Some(next.trim_matches(['<', '>']).strip_prefix(ORIGIN).unwrap_or(next).to_owned())
}

fn office() -> Room {
    let mut scenario: Scenario = story(SignIn::Password, &["ann", "bob"]);
    scenario.script.push(step(at("09:00:00"), 0, Verb::SignIn, okta()));
    let mut wrong = step(at("09:01:00"), 1, Verb::SignIn, okta());
    wrong.result = Outcome::WrongPassword;
    scenario.script.push(wrong);
    Room::new(scenario, Vendor::Okta)
}

#[test]
fn okta_owes_a_client_what_every_vendor_does() {
    Manner {
        vendor: Vendor::Okta,
        verb: Verb::SignIn,
        log: LOG.to_owned(),
        entries: "",
        id: "uuid",
        next: |_, page| next(page),
        other_scope: ("okta.users.read", 403),
        other_method: 405,
        mistyped: ("/api/v1/log", "/api/v1/logs"),
        refusals: Refusals { reset: "x-rate-limit-reset", ..Refusals::USUAL },
        prepare: |_, _| {},
        elsewhere: None,
    }
    .run();
}

#[test]
fn a_sign_in_that_fails_says_why() {
    #[rustfmt::skip]
    let cases = [
        (Outcome::WrongPassword, "INVALID_CREDENTIALS"),
        (Outcome::UnknownUser,   "VERIFICATION_ERROR"),
        (Outcome::Blocked,       "Sign-on policy evaluation resulted in DENY"),
        (Outcome::Locked,        "LOCKED_OUT"),
    ];
    for (outcome, reason) in cases {
        let mut scenario: Scenario = story(SignIn::Password, &["ann"]);
        let mut failed = step(at("09:00:00"), 0, Verb::SignIn, okta());
        failed.result = outcome;
        scenario.script.push(failed);
        let mut room = Room::new(scenario, Vendor::Okta);
        let token = room.token();
        room.now = at("10:00:00");
        assert_eq!(room.get(LOG, &token).expect(200)[0]["outcome"]["reason"], reason);
    }
}

#[test]
fn a_log_that_is_polled_always_names_a_next_page() {
    let mut room = office();
    let token = room.token();
    room.now = at("08:00:00");
    let empty = room.get("/api/v1/logs?since=2026-03-02T00:00:00.000Z", &token);
    assert_eq!(empty.expect(200).as_array().unwrap().len(), 0);
    room.now = at("10:00:00");
    let first = room.get(&next(&empty).expect("a next page, though there was nothing"), &token);
    let events = first.expect(200);
    let seen: Vec<_> = events.as_array().unwrap().iter().map(|e| (&e["eventType"], &e["outcome"]["result"])).collect();
    assert_eq!(
        seen,
        [(&"user.session.start".into(), &"SUCCESS".into()), (&"user.session.start".into(), &"FAILURE".into())]
    );
    let after = room.get(&next(&first).expect("it is polled on"), &token);
    assert_eq!(after.expect(200).as_array().unwrap().len(), 0, "nothing twice");
}

#[test]
fn users_are_found_by_id_and_by_login_and_suspended_once() {
    let mut room = office();
    let token = room.token();
    room.now = at("10:00:00");
    let list = room.get("/api/v1/users?limit=2", &token);
    assert_eq!(list.expect(200).as_array().unwrap().len(), 2);
    assert!(next(&list).is_some());
    let login = room.sim.world.people[1].accounts[&okta()].login.clone();
    let ann = room.get(&format!("/api/v1/users/{login}"), &token).expect(200);
    let path = format!("/api/v1/users/{}", ann["id"].as_str().unwrap());
    let post =
        |room: &mut Room, verb: &str| room.post_json(Method::POST, &format!("{path}/lifecycle/{verb}"), &token, "");
    post(&mut room, "suspend").expect(200);
    assert_eq!(post(&mut room, "suspend").expect(400)["errorCode"], "E0000001");
    assert_eq!(room.get(&path, &token).expect(200)["status"], "SUSPENDED");
    post(&mut room, "unsuspend").expect(200);
    assert_eq!(room.post_json(Method::DELETE, &format!("{path}/sessions"), &token, "").status, 204);
    assert_eq!(room.get("/api/v1/users/nobody", &token).expect(404)["errorCode"], "E0000007");
}
