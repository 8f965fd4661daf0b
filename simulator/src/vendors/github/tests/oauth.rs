//! Consent, tokens, the device flow, and what an application may do with its tokens.

use std::time::Duration;

use axum::http::Method;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::{Reply, Room, github, office, room_of, text};
use crate::protocol::form::{decode_pairs, encode, encode_pairs};
use crate::scenario::SignIn;
use crate::vendors::testing::REDIRECT;

const JSON: (&str, &str) = ("accept", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn room() -> Room {
    room_of(office(SignIn::Password))
}

fn client(room: &Room) -> (String, String) {
    let state = room.sim.state();
    let client = state.instances[github().0].tokens.client();
    (client.client_id.clone(), client.client_secret.clone())
}

fn location(reply: &Reply) -> Vec<(String, String)> {
    assert_eq!(reply.status, 302, "{}", reply.text());
    decode_pairs(
        reply.header("location").expect("it leads somewhere").split_once('?').expect("with a query").1.as_bytes(),
    )
}

/// Presses a button on the consent page.
fn press(room: &mut Room, client_id: &str, decision: &str, user: &str) -> Reply {
    let form = [
        ("client_id", client_id),
        ("redirect_uri", REDIRECT),
        ("scope", "admin:org read:audit_log nonsense"),
        ("state", "s&1"),
        ("user", user),
        ("decision", decision),
    ];
    room.post_form("/login/oauth/authorize", &form)
}

fn code(room: &mut Room, client_id: &str) -> String {
    let pairs = location(&press(room, client_id, "allow", "it_admin"));
    pairs.into_iter().find(|(k, _)| k == "code").expect("a code").1
}

fn token(room: &mut Room, pairs: &[(&str, &str)], accept: (&str, &str)) -> Reply {
    room.send(Method::POST, "/login/oauth/access_token", &[FORM, accept], &encode_pairs(pairs.iter().copied()))
}

fn redeem(room: &mut Room, client_id: &str, code: &str) -> Reply {
    let secret = client(room).1;
    token(room, &[("client_id", client_id), ("client_secret", &secret), ("code", code)], JSON)
}

#[test]
fn scopes_are_asked_for_with_spaces_and_come_back_with_commas() {
    let mut room = room();
    let id = client(&room).0;
    let page = room.send(Method::GET, &format!("/login/oauth/authorize?client_id={id}&scope=admin:org"), &[], "");
    assert!(page.text().contains("admin:org") && page.text().contains("value=\"it_admin\""), "{}", page.text());
    let code = code(&mut room, &id);
    let issued = redeem(&mut room, &id, &code);
    let body = issued.expect(200);
    assert_eq!((text(&body, "scope"), text(&body, "token_type")), ("admin:org,read:audit_log", "bearer"));
    assert!(text(&body, "access_token").starts_with("gho_") && body.get("expires_in").is_none());
    assert_eq!(issued.notes.issued.as_deref(), Some("<token:github/stack#1>"));
    let log = format!("/orgs/{}/audit-log", super::customer(&room).login);
    room.now = room.now + Duration::from_secs(300 * 86_400);
    let answer = room.get(&log, text(&body, "access_token"));
    assert_eq!(answer.status, 200, "it does not end");
    assert_eq!(answer.header("x-oauth-scopes"), Some("admin:org, read:audit_log"));
    assert_eq!(
        room.send(Method::GET, &log, &[("authorization", &format!("token {}", text(&body, "access_token")))], "")
            .status,
        200
    );
}

#[test]
fn the_token_endpoint_answers_in_the_form_that_is_accepted_and_refuses_with_200() {
    let mut room = room();
    let (id, secret) = client(&room);
    let code = code(&mut room, &id);
    let pairs = [("client_id", id.as_str()), ("client_secret", secret.as_str()), ("code", code.as_str())];
    let form = token(&mut room, &pairs, ("accept", "*/*"));
    assert!(
        form.text().starts_with("access_token=gho_") && form.text().ends_with("&token_type=bearer"),
        "{}",
        form.text()
    );
    let again = token(&mut room, &pairs, JSON);
    assert_eq!((again.status, text(&again.json(), "error")), (200, "bad_verification_code"));
    assert_eq!(again.reasons, ["code: it was redeemed before"]);
    let xml = token(&mut room, &pairs, ("accept", "application/xml"));
    assert!(xml.text().contains("<error>bad_verification_code</error>"), "{}", xml.text());
    #[rustfmt::skip]
    let cases: [(&[(&str, &str)], &str); 3] = [
        (&[("client_id", &id), ("client_secret", "guess"), ("code", "x")],                                  "incorrect_client_credentials"),
        (&[("client_id", "nobody"), ("client_secret", &secret), ("code", "x")],                             "incorrect_client_credentials"),
        (&[("client_id", &id), ("client_secret", &secret), ("grant_type", "password")],                     "unsupported_grant_type"),
    ];
    for (pairs, error) in cases {
        let body = token(&mut room, pairs, JSON).expect(200);
        assert_eq!(text(&body, "error"), error);
        assert!(body["error_uri"].is_string() && body["error_description"].is_string());
    }
}

#[test]
fn redirect_addresses_may_lie_below_the_registered_one() {
    #[rustfmt::skip]
    let cases = [
        ("http://127.0.0.1:9/oauth/callback",     true),
        ("http://127.0.0.1:77/oauth/callback/x",  true),
        ("http://127.0.0.1:9/oauth/callbacks",    false),
        ("http://127.0.0.1:9/",                   false),
        ("http://elsewhere.example/oauth/callback", false),
        ("https://127.0.0.1:9/oauth/callback",    false),
    ];
    for (asked, expected) in cases {
        assert_eq!(super::super::oauth::may_redirect(REDIRECT, asked), expected, "{asked}");
    }
    for (asked, expected) in [("https://eu.stack.example/cb", true), ("https://notstack.example/cb", false)] {
        assert_eq!(super::super::oauth::may_redirect("https://stack.example/cb", asked), expected, "{asked}");
    }
    let mut room = room();
    let id = client(&room).0;
    let url = format!("/login/oauth/authorize?client_id={id}&redirect_uri={}", encode("http://elsewhere.example/"));
    let page = room.send(Method::GET, &url, &[], "");
    assert_eq!((page.status, page.header("location")), (400, None));
    assert_eq!(room.send(Method::GET, "/login/oauth/authorize?client_id=1", &[], "").status, 400);
}

#[test]
fn cancelling_redirects_with_an_error_and_only_owners_may_consent() {
    let mut room = room();
    let id = client(&room).0;
    let denied = location(&press(&mut room, &id, "deny", "it_admin"));
    assert!(denied.contains(&("error".to_owned(), "access_denied".to_owned())), "{denied:?}");
    assert!(denied.contains(&("state".to_owned(), "s&1".to_owned())));
    assert_eq!(press(&mut room, &id, "allow", "ann").status, 400);
}

#[test]
fn a_github_apps_user_token_ends_and_is_refreshed_with_rotation() {
    let mut room = room();
    let app = super::super::apps::App::of(room.sim.scenario.seed, &room.sim.world.instances[github().0]);
    let first = code(&mut room, &app.client_id);
    let pair = redeem(&mut room, &app.client_id, &first).expect(200);
    assert!(text(&pair, "access_token").starts_with("ghu_") && text(&pair, "refresh_token").starts_with("ghr_"));
    assert_eq!((&pair["expires_in"], &pair["refresh_token_expires_in"]), (&json!(28_800), &json!(15_897_600)));
    assert_eq!(text(&pair, "scope"), "");
    let log = format!("/orgs/{}/audit-log", super::customer(&room).login);
    let open = room.get(&log, text(&pair, "access_token"));
    assert_eq!(open.status, 200);
    assert!(open.header("github-authentication-token-expiration").is_some());
    room.now = room.now + Duration::from_secs(28_800);
    assert_eq!(room.get(&log, text(&pair, "access_token")).status, 401);
    let secret = client(&room).1;
    let refresh = |room: &mut Room, token_: &str| {
        let pairs = [
            ("client_id", app.client_id.as_str()),
            ("client_secret", secret.as_str()),
            ("grant_type", "refresh_token"),
            ("refresh_token", token_),
        ];
        token(room, &pairs, JSON).expect(200)
    };
    let fresh = refresh(&mut room, text(&pair, "refresh_token"));
    assert_eq!(room.get(&log, text(&fresh, "access_token")).status, 200);
    let stale = refresh(&mut room, text(&pair, "refresh_token"));
    assert_eq!(text(&stale, "error"), "bad_refresh_token", "a refresh token works once");
}

#[test]
fn a_device_waits_until_somebody_lets_it_in() {
    let mut room = room();
    let id = client(&room).0;
    let form = format!("client_id={id}&scope=read:org");
    let codes = room.send(Method::POST, "/login/device/code", &[FORM, JSON], &form).expect(200);
    assert_eq!(
        (text(&codes, "device_code").len(), &codes["interval"], &codes["expires_in"]),
        (40, &json!(5), &json!(900))
    );
    let device = text(&codes, "device_code").to_owned();
    let poll = |room: &mut Room| {
        let pairs = [
            ("client_id", id.as_str()),
            ("device_code", device.as_str()),
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ];
        token(room, &pairs, JSON).expect(200)
    };
    assert_eq!(text(&poll(&mut room), "error"), "authorization_pending");
    let hasty = poll(&mut room);
    assert_eq!((text(&hasty, "error"), &hasty["interval"]), ("slow_down", &json!(10)));
    let page = room.send(Method::GET, &format!("/login/device?user_code={}", text(&codes, "user_code")), &[], "");
    assert!(page.text().contains("read:org"), "{}", page.text());
    let pairs = [("user_code", text(&codes, "user_code")), ("user", "it_admin"), ("decision", "allow")];
    assert_eq!(room.post_form("/login/device", &pairs).status, 200);
    room.now = room.now + Duration::from_secs(10);
    let issued = poll(&mut room);
    assert!(text(&issued, "access_token").starts_with("gho_"));
    room.now = room.now + Duration::from_secs(10);
    assert_eq!(text(&poll(&mut room), "error"), "incorrect_device_code", "a code works once");
}

fn basic(room: &Room) -> String {
    let (id, secret) = client(room);
    format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}")))
}

#[test]
fn an_application_checks_resets_and_deletes_its_tokens() {
    let mut room = room();
    let id = client(&room).0;
    let code = code(&mut room, &id);
    let first = text(&redeem(&mut room, &id, &code).expect(200), "access_token").to_owned();
    let basic = basic(&room);
    let call = |room: &mut Room, method: Method, what: &str, token: &str| {
        let headers = [("authorization", basic.as_str()), ("content-type", "application/json")];
        room.send(
            method,
            &format!("/applications/{id}/{what}"),
            &headers,
            &json!({ "access_token": token }).to_string(),
        )
    };
    let known = call(&mut room, Method::POST, "token", &first).expect(200);
    assert_eq!((text(&known, "token"), text(&known["app"], "client_id")), (first.as_str(), id.as_str()));
    assert_eq!(text(&known, "token_last_eight"), &first[first.len() - 8..]);
    assert_eq!(call(&mut room, Method::POST, "token", "gho_nobodys").status, 404);
    let reset = text(&call(&mut room, Method::PATCH, "token", &first).expect(200), "token").to_owned();
    assert_eq!((room.get("/user", &first).status, room.get("/user", &reset).status), (401, 200));
    assert_eq!(call(&mut room, Method::DELETE, "grant", &reset).status, 204);
    assert_eq!(room.get("/user", &reset).status, 401);
    let wrong = [("authorization", "Basic bm86bm8="), ("content-type", "application/json")];
    assert_eq!(room.send(Method::POST, &format!("/applications/{id}/token"), &wrong, "{}").status, 401);
}

#[test]
fn whoever_finds_a_token_may_end_it() {
    let mut room = room();
    let token = room.token();
    let body = json!({ "credentials": [token, "ghp_nobodys"] }).to_string();
    let headers = [("content-type", "application/json")];
    assert_eq!(room.send(Method::POST, "/credentials/revoke", &headers, &body).expect(202), json!({}));
    let refused = room.get("/user", &token);
    assert_eq!(text(&refused.expect(401), "message"), "Bad credentials");
    assert_eq!(room.send(Method::POST, "/credentials/revoke", &headers, r#"{"credentials":[]}"#).status, 422);
    assert_eq!(room.send(Method::POST, "/credentials/revoke", &headers, "nonsense").status, 400);
}

#[test]
fn a_token_may_stand_where_a_password_belongs() {
    let mut room = room();
    let token = room.token();
    for pair in [format!("x-access-token:{token}"), format!("{token}:x-oauth-basic"), format!("{token}:")] {
        let basic = format!("Basic {}", BASE64_STANDARD.encode(&pair));
        let answer: Value = room.send(Method::GET, "/user", &[("authorization", &basic)], "").expect(200);
        assert_eq!(answer["type"], json!("User"));
    }
}
