//! The room tests, and those that every vendor shares.

mod conforms;
mod content;
mod install;
mod scim;
mod teams;

use axum::http::Method;
use serde_json::{Value, json};

use crate::protocol::exchange::Effects;
use crate::protocol::form::{decode_pairs, encode};
use crate::scenario::{AppIndex, Outcome, Scenario, SignIn, Vendor, Verb};
use crate::vendors::shared_tests::{Manner, Refusals};
use crate::vendors::testing::{REDIRECT, Reply, Room, at, check_schema, day_1, description, step, story};

const LOG: &str = "/v2/audit/logs?createdAfter=2026-03-02T00:00:00.000Z&createdBefore=2026-03-03T00:00:00.000Z";
const MIRO: AppIndex = AppIndex(0);

fn next(url: &str, body: &Value) -> Option<String> {
    let base = url.split("&cursor=").next().unwrap_or(url);
    body["cursor"].as_str().map(|cursor| format!("{base}&cursor={}", encode(cursor)))
}

#[test]
fn miro_owes_a_client_what_every_vendor_does() {
    Manner {
        vendor: Vendor::Miro,
        verb: Verb::SignIn,
        log: "/v2/audit/logs?createdAfter=2026-03-02T00:00:00.000Z&createdBefore=2026-03-03T00:00:00.000Z&limit=3"
            .to_owned(),
        entries: "/data",
        id: "id",
        next: |url, page| next(url, &page.json()),
        other_scope: ("organizations:read", 403),
        other_method: 405,
        mistyped: ("/v2/audit/log", "/v2/audit/logs"),
        refusals: Refusals::USUAL,
        prepare: |_, _| {},
        elsewhere: None,
    }
    .run();
}

fn office() -> Scenario {
    let mut scenario = story(SignIn::Password, &["ann", "bob"]);
    scenario.script.push(step(at("09:00:00.123456"), 0, Verb::SignIn, MIRO));
    let mut open = step(at("09:05:00"), 0, Verb::Open, MIRO);
    open.object = Some("Roadmap".to_owned());
    scenario.script.push(open);
    scenario
}

/// The same office with twenty people more, who have boards.
fn with_boards() -> Scenario {
    Scenario { people: 20, ..office() }
}

/// The key that opens SCIM.
fn scim_key(room: &Room) -> String {
    room.sim.state().instances[0].tokens.issue_key("scim")
}

/// Names of the events that Miro's audit log has of this minute's governance, oldest first.
fn events_now(room: &mut Room) -> Vec<String> {
    let token = room.token();
    let since = room.now;
    room.now = room.now + std::time::Duration::from_secs(120);
    let from = since.rfc3339();
    let url = format!("/v2/audit/logs?createdAfter={from}&createdBefore=2026-12-31T00:00:00Z");
    let page = room.get(&url, &token).expect(200);
    page["data"].as_array().expect("events").iter().map(|e| text(e, "event").to_owned()).collect()
}

fn room() -> Room {
    Room::new(office(), Vendor::Miro)
}

/// The consent page's own query.
fn authorize(room: &Room, redirect: &str, client_id: Option<&str>) -> String {
    let own = room.sim.state().instances[0].tokens.client().client_id.clone();
    let client_id = client_id.unwrap_or(&own);
    format!(
        "/oauth/authorize?response_type=code&client_id={client_id}&redirect_uri={}&state=s%261&team_id=",
        encode(redirect)
    )
}

/// Presses a button of the page.
fn press(room: &mut Room, decision: &str, user: &str) -> Reply {
    let client_id = room.sim.state().instances[0].tokens.client().client_id.clone();
    let team_id = room.sim.world.instances[0].team_id.clone();
    room.post_form(
        "/oauth/authorize",
        &[
            ("response_type", "code"),
            ("client_id", &client_id),
            ("redirect_uri", REDIRECT),
            ("state", "s&1"),
            ("user", user),
            ("team_id", &team_id),
            ("decision", decision),
        ],
    )
}

fn location(reply: &Reply) -> Vec<(String, String)> {
    assert_eq!(reply.status, 302, "{}", reply.text());
    let location = reply.header("location").expect("a redirect leads somewhere");
    let query = location.strip_prefix(REDIRECT).and_then(|l| l.strip_prefix('?')).expect("to the stack");
    decode_pairs(query.as_bytes())
}

fn code(room: &mut Room) -> String {
    let reply = press(room, "allow", "it_admin");
    location(&reply).into_iter().find(|(k, _)| k == "code").expect("a code").1
}

/// Exchanges at the token endpoint, with the client's own credentials added.
fn token(room: &mut Room, pairs: &[(&str, &str)]) -> Reply {
    let client = room.sim.state().instances[0].tokens.client().clone();
    let mut all = pairs.to_vec();
    all.extend([("client_id", client.client_id.as_str()), ("client_secret", client.client_secret.as_str())]);
    room.post_form("/v1/oauth/token", &all)
}

fn redeem(room: &mut Room, code: &str) -> Reply {
    token(room, &[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT)])
}

fn refresh(room: &mut Room, refresh_token: &str) -> Reply {
    token(room, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)])
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("no text {name} in {body}"))
}

#[track_caller]
fn check_error(reply: &Reply, status: u16, code: &str) {
    let body = reply.expect(status);
    assert_eq!((&body["status"], text(&body, "code"), text(&body, "type")), (&json!(status), code, "error"));
}

#[test]
fn the_consent_page_offers_the_administrators_and_the_team() {
    let mut room = room();
    let page = room.send(Method::GET, &authorize(&room, REDIRECT, None), &[], "");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let html = page.text();
    let team = room.sim.world.instances[0].team_id.clone();
    for part in [
        "<form method=\"post\" action=\"/oauth/authorize\">",
        "<select id=\"user\" name=\"user\"><option value=\"it_admin\">",
        &format!("<option value=\"{team}\" selected>"),
        "name=\"state\" value=\"s&amp;1\"",
        "name=\"decision\" value=\"allow\"",
        "auditlogs:read",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("value=\"ann\""), "nobody but administrators may consent");
}

#[test]
fn a_wrong_client_or_redirect_address_is_told_to_the_person_and_redirects_nobody() {
    let mut room = room();
    for url in [authorize(&room, "http://127.0.0.1:9/oauth/callback/", None), authorize(&room, REDIRECT, Some("1"))] {
        let page = room.send(Method::GET, &url, &[], "");
        assert_eq!((page.status, page.header("location")), (400, None));
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    }
}

#[test]
fn allowing_redirects_with_a_code_and_cancelling_with_an_error() {
    let mut room = room();
    let allowed = location(&press(&mut room, "allow", "it_admin"));
    let value = |name: &str| allowed.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str());
    assert!(value("code").is_some_and(|c| c.starts_with("eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_")));
    assert_eq!(value("state"), Some("s&1"));
    let denied = location(&press(&mut room, "deny", "it_admin"));
    assert!(denied.contains(&("error".to_owned(), "access_denied".to_owned())));
    assert_eq!(press(&mut room, "allow", "ann").status, 400, "ann is no administrator");
}

#[test]
fn a_code_works_once_and_for_ten_minutes() {
    let mut room = room();
    let first = code(&mut room);
    let body = redeem(&mut room, &first).expect(200);
    assert_eq!(body["expires_in"], json!(3599));
    assert!(text(&body, "scope").starts_with("auditlogs:read organizations:read "), "{body}");
    assert_eq!(body["team_id"].to_string(), room.sim.world.instances[0].team_id);
    check_error(&redeem(&mut room, &first), 401, "oauthError");
    let second = code(&mut room);
    room.now = room.now + std::time::Duration::from_secs(600);
    let late = redeem(&mut room, &second);
    check_error(&late, 401, "oauthError");
    assert_eq!(late.reasons, ["code: it is too old"]);
}

#[test]
fn parameters_may_stand_in_query_and_form() {
    let mut room = room();
    let code = code(&mut room);
    let client = room.sim.state().instances[0].tokens.client().clone();
    let url = format!(
        "/v1/oauth/token?grant_type=authorization_code&client_id={}&code={code}&redirect_uri={}",
        client.client_id,
        encode(REDIRECT)
    );
    let reply = room.post_form(&url, &[("client_secret", &client.client_secret)]);
    let issued = reply.expect(200);
    assert_eq!(reply.notes.issued.as_deref(), Some("<token:miro/stack#1>"));
    assert_eq!(room.get(LOG, text(&issued, "access_token")).status, 200);
}

#[test]
fn a_refresh_kills_the_old_pair() {
    let mut room = room();
    let code = code(&mut room);
    let first = redeem(&mut room, &code).expect(200);
    let second = refresh(&mut room, text(&first, "refresh_token")).expect(200);
    check_error(&room.get(LOG, text(&first, "access_token")), 401, "tokenInvalid");
    assert_eq!(room.get(LOG, text(&second, "access_token")).status, 200);
    check_error(&refresh(&mut room, text(&first, "refresh_token")), 401, "oauthError");
    assert_eq!(refresh(&mut room, text(&second, "refresh_token")).status, 200);
}

#[test]
fn the_token_endpoint_refuses_in_the_vendors_words() {
    let mut room = room();
    let code = code(&mut room);
    let wrong = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", "http://elsewhere")];
    let reply = token(&mut room, &wrong);
    check_error(&reply, 401, "oauthError");
    assert_eq!(text(&reply.json(), "message"), "Redirect URI mismatch.");
    check_error(&token(&mut room, &[]), 400, "invalidParameters");
    check_error(&token(&mut room, &[("grant_type", "password")]), 400, "invalidParameters");
    check_error(&refresh(&mut room, "nobodys"), 401, "oauthError");
    let client = room.sim.state().instances[0].tokens.client().client_id.clone();
    let form = [("grant_type", "refresh_token"), ("client_id", client.as_str()), ("client_secret", "guess")];
    check_error(&room.post_form("/v1/oauth/token", &form), 401, "oauthError");
}

#[test]
fn a_revoked_token_takes_its_refresh_token_along() {
    let mut room = room();
    let code = code(&mut room);
    let pair = redeem(&mut room, &code).expect(200);
    let client = room.sim.state().instances[0].tokens.client().clone();
    let body = |secret: &str| {
        json!({ "accessToken": text(&pair, "access_token"), "clientId": client.client_id, "clientSecret": secret })
            .to_string()
    };
    let headers = [("content-type", "application/json")];
    assert_eq!(room.send(Method::POST, "/v2/oauth/revoke", &headers, &body("guess")).status, 404);
    assert_eq!(room.send(Method::POST, "/v2/oauth/revoke", &headers, &body(&client.client_secret)).status, 204);
    assert_eq!(room.send(Method::POST, "/v2/oauth/revoke", &headers, &body(&client.client_secret)).status, 404);
    assert_eq!(room.get(LOG, text(&pair, "access_token")).status, 401);
    assert_eq!(refresh(&mut room, text(&pair, "refresh_token")).status, 401);
}

#[test]
fn the_token_context_tells_who_consented() {
    let mut room = room();
    let token = room.token();
    let body = room.get("/v1/oauth-token", &token).expect(200);
    assert_eq!(body["organization"]["id"], json!(room.sim.world.instances[0].organisation_id));
    assert_eq!(body["user"]["id"], json!(room.sim.world.people[0].accounts[&MIRO].user_id));
    check_error(&room.get("/v1/oauth-token", "nobodys"), 400, "invalidParameters");
}

#[test]
fn events_have_the_vendors_fields_in_the_vendors_order() {
    let mut room = room();
    let token = room.token();
    let page = room.get(LOG, &token).expect(200);
    let (world, person) = (&room.sim.world, &room.sim.world.people[1]);
    let (miro, account) = (&world.instances[0], &person.accounts[&MIRO]);
    let id = page["data"][0]["id"].as_str().expect("an id").to_owned();
    let expected = json!({
        "id": id,
        "event": "sign_in_succeeded",
        "category": "authentication",
        "createdAt": "2026-03-02T09:00:00.123+0000",
        "createdBy": { "type": "user", "id": account.user_id, "name": person.display_name(), "email": account.login },
        "object": { "id": account.user_id, "name": person.display_name() },
        "context": {
            "ip": page["data"][0]["context"]["ip"],
            "organization": { "id": miro.organisation_id, "name": world.organisation },
        },
        "details": { "authType": "PASSWORD", "mfaFactorType": "NONE" },
    });
    assert_eq!(page["data"][0].to_string(), expected.to_string());
    assert!(id.starts_with("2026-03-02T09:00:00.123456Z#34587645") && id.ends_with("-DDB") && id.len() == 51, "{id}");
    let board = &page["data"][1];
    assert_eq!((text(board, "event"), text(&board["object"], "name")), ("board_opened", "Roadmap"));
    assert_eq!(board["context"]["team"]["id"], json!(miro.team_id));
}

#[test]
fn refusals_fit_the_published_description() {
    let Some(document) = description("miro.json") else { return };
    let mut room = room();
    let token = room.token();
    check_schema(&document, "Error401", &room.get(LOG, "nobodys").json());
    check_schema(&document, "Error404", &room.get("/v2/orgs/1", &token).expect(404));
}

#[test]
fn the_window_must_be_given_and_be_a_time() {
    let mut room = room();
    let token = room.token();
    for url in [
        "/v2/audit/logs",
        "/v2/audit/logs?createdAfter=2026-03-02T00:00:00Z",
        "/v2/audit/logs?createdAfter=yesterday&createdBefore=2026-03-03T00:00:00Z",
        "/v2/audit/logs?createdAfter=2026-03-02T00:00:00Z&createdBefore=2026-03-03T00:00:00Z&limit=0",
        "/v2/audit/logs?createdAfter=2026-03-02T00:00:00Z&createdBefore=2026-03-03T00:00:00Z&sorting=asc",
    ] {
        check_error(&room.get(url, &token), 400, "invalidParameters");
    }
    // Miro's own poller for Sentinel sends two fraction digits.
    let url = "/v2/audit/logs?createdAfter=2026-03-02T09:00:00.12Z&createdBefore=2026-03-02T09:05:00.00Z";
    let page = room.get(url, &token).expect(200);
    assert_eq!((&page["size"], &page["limit"]), (&json!(1), &json!(100)), "the end does not belong to the window");
    assert_eq!(room.get(&format!("{url}&limit=500"), &token).json()["limit"], json!(100));
}

#[test]
fn a_cursor_is_a_key_that_any_window_takes_and_half_of_it_is_none() {
    let mut room = room();
    let token = room.token();
    let first = room.get(&format!("{LOG}&limit=1"), &token).json();
    let cursor = text(&first, "cursor");
    let wider = "/v2/audit/logs?createdAfter=2026-01-01T00:00:00Z&createdBefore=2026-12-31T00:00:00Z";
    let rest = room.get(&format!("{wider}&cursor={}", encode(cursor)), &token).expect(200);
    assert_eq!(text(&rest["data"][0], "event"), "board_opened");
    let backwards = room.get(&format!("{wider}&sorting=DESC&cursor={}", encode(cursor)), &token).expect(200);
    assert_eq!(backwards["data"], json!([]), "nothing lies before the first event");
    // Not percent-encoded: everything from `#` on is a fragment and stays at home.
    check_error(&room.get(&format!("{wider}&cursor={cursor}"), &token), 400, "invalidParameters");
}

#[test]
fn an_event_that_is_shown_again_later_does_not_turn_a_walk_in_a_circle() {
    use crate::protocol::pages::Order;
    use crate::vendors::miro::events::{cursor_at, time_of_id};
    let id = "2026-03-02T09:00:00.000001Z#3458764500000000777-DDB";
    let again = at("11:00:00");
    assert_eq!(cursor_at(time_of_id(id).expect("an id"), id, Order::Ascending), id);
    let onward = cursor_at(again, id, Order::Ascending);
    assert!((time_of_id(&onward), onward.as_str()) > (Some(again), id));
    let back = cursor_at(again, id, Order::Descending);
    assert!((time_of_id(&back), back.as_str()) < (Some(again), id));
}

#[test]
fn nothing_older_than_ninety_days_is_served() {
    let mut room = room();
    let token = room.token();
    room.now = day_1() + std::time::Duration::from_secs(91 * 86_400);
    assert_eq!(room.get(LOG, &token).expect(200)["size"], json!(0));
}

#[test]
fn failures_are_recorded_where_the_password_is_asked_for() {
    let failed = |sign_in, result| {
        let mut scenario = story(sign_in, &["ann"]);
        let mut attempt = step(at("09:00:00"), 0, Verb::SignIn, MIRO);
        attempt.result = result;
        scenario.script.push(attempt);
        let mut room = Room::new(scenario, Vendor::Miro);
        let token = room.token();
        let page = room.get(LOG, &token).expect(200);
        page["data"].as_array().expect("events").iter().map(|e| text(e, "event").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(failed(SignIn::Password, Outcome::WrongPassword), ["sign_in_failed"]);
    assert_eq!(failed(SignIn::Password, Outcome::Blocked), [""; 0]);
    assert_eq!(failed(SignIn::Sso, Outcome::WrongPassword), [""; 0], "that is the directory's record");
    assert_eq!(failed(SignIn::Sso, Outcome::Success), ["sign_in_succeeded"]);
}

#[test]
fn members_are_walked_by_cursor_and_looked_up_by_address() {
    let mut room = room();
    let token = room.token();
    let url = format!("/v2/orgs/{}/members", room.sim.world.instances[0].organisation_id);
    let (mut page, mut ids) = (room.get(&format!("{url}?limit=2"), &token).expect(200), Vec::new());
    loop {
        ids.extend(page["data"].as_array().expect("members").iter().map(|m| text(m, "id").to_owned()));
        let Some(cursor) = page["cursor"].as_str() else { break };
        page = room.get(&format!("{url}?limit=2&cursor={cursor}"), &token).expect(200);
    }
    assert_eq!(ids.len(), 3);
    let ann = room.sim.world.people[1].accounts[&MIRO].login.clone();
    let found = room.get(&format!("{url}?emails={}", encode(&ann)), &token).expect(200);
    assert_eq!(found.as_array().map(Vec::len), Some(1), "a bare array: {found}");
    let admins = room.get(&format!("{url}?role=organization_internal_admin"), &token).expect(200);
    assert_eq!(admins["size"], json!(1));
    check_error(&room.get(&format!("{url}?limit=101"), &token), 400, "invalidParameters");
    check_error(&room.get(&format!("{url}/1"), &token), 404, "notFound");
}

#[test]
fn resetting_sessions_is_noted_and_asks_for_somebody_who_is_there() {
    let mut room = room();
    let token = room.token();
    let ann = room.sim.world.people[1].accounts[&MIRO].login.clone();
    let url = format!("/v2/sessions/reset_all?email={}", encode(&ann));
    let reply = room.post_json(Method::POST, &url, &token, "");
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    let effect = reply.notes.effect.expect("it is noted");
    assert_eq!((effect.action.as_str(), effect.target.as_str(), effect.done), ("require_sign_in", "ann", true));
    let ann = crate::world::PersonIndex(1);
    assert_eq!(room.sim.state().timeline.account(ann, MIRO).sessions_valid_from, Some(room.now));
    room.effects = Effects::Pretended;
    assert_eq!(room.post_json(Method::POST, &url, &token, "").notes.effect.map(|e| e.done), Some(false));
    let nobody = room.post_json(Method::POST, "/v2/sessions/reset_all?email=nobody@x.example", &token, "");
    check_error(&nobody, 404, "notFound");
    assert_eq!(nobody.notes.effect.map(|e| e.done), Some(false));
}

#[test]
fn every_answer_says_how_many_credits_are_left() {
    let mut room = room();
    let token = room.token();
    let first = room.get(LOG, &token);
    assert_eq!(first.header("x-ratelimit-limit"), Some("100000"));
    assert_eq!(first.header("x-ratelimit-remaining"), Some("99900"));
    let org = format!("/v2/orgs/{}", room.sim.world.instances[0].organisation_id);
    assert_eq!(room.get(&org, &token).header("x-ratelimit-remaining"), Some("99400"));
    let wrong = room.get("/v2/audit/logs", &token);
    assert_eq!((wrong.status, wrong.header("x-ratelimit-remaining")), (400, Some("99300")));
}

#[test]
fn whoever_has_used_up_the_budget_is_told_by_the_headers_alone() {
    let mut room = room();
    let token = room.token();
    let url = format!("/v2/orgs/{}/cases", room.sim.world.instances[0].organisation_id);
    for _ in 0..50 {
        room.get(&url, &token).expect(200);
    }
    let refused = room.get(&url, &token);
    check_error(&refused, 429, "tooManyRequests");
    assert_eq!((refused.header("retry-after"), refused.header("x-ratelimit-remaining")), (None, Some("0")));
    let reset = refused.header("x-ratelimit-reset").and_then(|at| at.parse::<i64>().ok());
    assert!(reset.is_some_and(|at| at > room.now.s() && at <= room.now.s() + 60), "{reset:?}");
}
