//! GitHub Apps: signed tokens and installations.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use super::{Reply, Room, customer, github, office, room_of, text};
use crate::protocol::signing;
use crate::scenario::SignIn;
use crate::time::SimTime;
use crate::vendors::testing::ORIGIN;

use super::super::apps::App;

fn app(room: &Room) -> App {
    App::of(room.sim.scenario.seed, &room.sim.world.instances[github().0])
}

/// A signed token of an issuer that ends so long after now.
fn signed(now: SimTime, issuer: &Value, ends_s: i64) -> String {
    signing::sign(&json!({ "iat": now.s() - 60, "exp": now.s() + ends_s, "iss": issuer }))
}

fn ask(room: &mut Room, method: Method, target: &str, token: &str, body: &str) -> Reply {
    // An empty POST comes without a content type, or with the wrong one.
    room.send(method, target, &[("authorization", &format!("Bearer {token}"))], body)
}

/// A token for the stack's installation, with everything it may have.
pub(super) fn installation_token(room: &mut Room) -> String {
    let app = app(room);
    let jwt = signed(room.now, &json!(app.client_id), 300);
    let target = format!("/app/installations/{}/access_tokens", app.installation);
    text(&ask(room, Method::POST, &target, &jwt, "").expect(201), "token").to_owned()
}

#[test]
fn an_app_signs_in_and_is_given_a_token_for_an_hour() {
    let mut room = room_of(office(SignIn::Password));
    let app = app(&room);
    let jwt = signed(room.now, &json!(app.id), 540);
    let target = format!("/orgs/{}/installation", customer(&room).login);
    let found = ask(&mut room, Method::GET, &target, &jwt, "").expect(200);
    let url = text(&found, "access_tokens_url").to_owned();
    assert!(url.starts_with(ORIGIN), "{url}");
    let issued = ask(&mut room, Method::POST, &url, &jwt, r#"{"permissions":{"members":"read"}}"#).expect(201);
    assert_eq!(issued["permissions"], json!({ "members": "read" }));
    let token = text(&issued, "token").to_owned();
    assert!(token.starts_with("ghs_"));
    let org = customer(&room).login;
    assert_eq!(room.get(&format!("/orgs/{org}/members"), &token).status, 200);
    let everything = ask(&mut room, Method::POST, &url, &jwt, r#"{"permissions":{}}"#).expect(201);
    assert_eq!(everything["permissions"].as_object().map(|all| all.len()), Some(8), "none is all");
    let refused = room.get(&format!("/orgs/{org}/audit-log"), &token);
    assert_eq!(text(&refused.expect(403), "message"), "Resource not accessible by integration");
    assert_eq!(refused.header("x-accepted-github-permissions"), Some("organization_administration=read"));
    room.now = room.now + Duration::from_secs(3_600);
    assert_eq!(room.get(&format!("/orgs/{org}/members"), &token).status, 401);
}

#[test]
fn tokens_that_are_badly_signed_are_refused_in_the_vendors_words() {
    let mut room = room_of(office(SignIn::Password));
    let app = app(&room);
    let good = signed(room.now, &json!(app.id), 540);
    #[rustfmt::skip]
    let cases = [
        (good[..good.len() - 8].to_owned(),               "A JSON web token could not be decoded"),
        ("ghp_something".to_owned(),                       "A JSON web token could not be decoded"),
        (signed(room.now, &json!(app.id), 3_600),          "'Expiration time' claim ('exp') is too far in the future"),
        (signed(room.now, &json!("1"), 300),               "Integration not found"),
    ];
    for (jwt, message) in cases {
        let refused = ask(&mut room, Method::GET, "/app", &jwt, "");
        assert_eq!(text(&refused.expect(401), "message"), message);
        assert!(refused.reasons[0].starts_with("token: "), "{:?}", refused.reasons);
    }
    let late = signed(room.now, &json!(app.id), -10);
    assert_eq!(ask(&mut room, Method::GET, "/app", &late, "").status, 401);
    assert_eq!(ask(&mut room, Method::GET, "/app", &good, "").expect(200)["id"], json!(app.id));
}

#[test]
fn more_than_was_granted_is_not_to_be_had() {
    let mut room = room_of(office(SignIn::Password));
    let app = app(&room);
    let jwt = signed(room.now, &json!(app.id), 300);
    let target = format!("/app/installations/{}/access_tokens", app.installation);
    for body in [r#"{"permissions":{"contents":"write"}}"#, r#"{"permissions":{"secrets":"read"}}"#] {
        assert_eq!(ask(&mut room, Method::POST, &target, &jwt, body).status, 422);
    }
    assert_eq!(ask(&mut room, Method::POST, "/app/installations/1/access_tokens", &jwt, "").status, 404);
}

#[test]
fn a_suspended_or_removed_installation_gets_no_tokens_and_loses_those_it_has() {
    let mut room = room_of(office(SignIn::Password));
    let (app, token) = (app(&room), installation_token(&mut room));
    let jwt = signed(room.now, &json!(app.id), 300);
    let own = format!("/app/installations/{}", app.installation);
    assert_eq!(ask(&mut room, Method::PUT, &format!("{own}/suspended"), &jwt, "").status, 204);
    assert_eq!(room.get("/installation/repositories", &token).status, 401);
    assert!(ask(&mut room, Method::GET, &own, &jwt, "").expect(200)["suspended_at"].is_string());
    assert_eq!(ask(&mut room, Method::POST, &format!("{own}/access_tokens"), &jwt, "").status, 403);
    assert_eq!(ask(&mut room, Method::DELETE, &format!("{own}/suspended"), &jwt, "").status, 204);
    let token = installation_token(&mut room);
    assert_eq!(room.get("/installation/repositories", &token).status, 200);
    assert_eq!(ask(&mut room, Method::DELETE, "/installation/token", &token, "").status, 204);
    assert_eq!(room.get("/installation/repositories", &token).status, 401);
    assert_eq!(ask(&mut room, Method::DELETE, &own, &jwt, "").status, 204);
    assert_eq!(ask(&mut room, Method::GET, &own, &jwt, "").status, 404);
}
