//! What stands around every answer: limits, conditional requests, versions, redirects, refusals.

use axum::http::Method;
use serde_json::json;

use super::{Room, customer, github, login_of, office, room_of, step, story, text};
use crate::scenario::{SignIn, Verb};
use crate::vendors::testing::{ORIGIN, at};

fn org(room: &Room, rest: &str) -> String {
    format!("/orgs/{}{rest}", customer(room).login)
}

fn remaining(reply: &super::Reply) -> (&str, &str) {
    (reply.header("x-ratelimit-resource").unwrap_or(""), reply.header("x-ratelimit-remaining").unwrap_or(""))
}

#[test]
fn the_audit_log_has_a_budget_of_its_own() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let log = room.get(&org(&room, "/audit-log"), &token);
    assert_eq!((remaining(&log), log.header("x-ratelimit-limit")), (("audit_log", "1749"), Some("1750")));
    let members = room.get(&org(&room, "/members"), &token);
    assert_eq!((remaining(&members), members.header("x-ratelimit-used")), (("core", "4999"), Some("1")));
    let overview = room.get("/rate_limit", &token);
    let body = overview.expect(200);
    assert_eq!(body["resources"]["audit_log"]["used"], json!(1));
    assert_eq!(
        (&body["resources"]["core"]["remaining"], &body["rate"]["used"]),
        (&json!(4_999), &json!(1)),
        "asking is free"
    );
    let app = super::apps::installation_token(&mut room);
    assert_eq!(room.get("/installation/repositories", &app).header("x-ratelimit-limit"), Some("15000"));
}

#[test]
fn a_used_up_budget_is_a_403_with_nothing_remaining_and_too_much_at_once_a_429() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let url = org(&room, "/audit-log");
    let hasty = (0..1_000).map(|_| room.get(&url, &token)).find(|r| r.status != 200).expect("900 points a minute");
    assert_eq!((hasty.status, hasty.header("retry-after").is_some()), (429, true));
    assert!(text(&hasty.json(), "message").contains("secondary rate limit"));
    assert_ne!(remaining(&hasty).1, "0");
    let mut refused = None;
    for _ in 0..3 {
        room.now = room.now + std::time::Duration::from_secs(60);
        refused = (0..900).map(|_| room.get(&url, &token)).find(|r| r.status != 200).or(refused);
    }
    let refused = refused.expect("1,750 an hour");
    assert_eq!((refused.status, remaining(&refused)), (403, ("audit_log", "0")));
    assert!(text(&refused.json(), "message").starts_with("API rate limit exceeded"));
    assert_eq!(refused.header("x-ratelimit-reset"), Some(at("13:00:00").s().to_string().as_str()));
    assert_eq!(room.get(&org(&room, "/members"), &token).status, 200, "another budget");
}

#[test]
fn who_has_the_answer_already_is_told_so_and_pays_nothing() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let url = org(&room, "/members");
    let first = room.get(&url, &token);
    let tag = first.header("etag").expect("a tag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    let bearer = format!("Bearer {token}");
    let same = room.send(Method::GET, &url, &[("authorization", &bearer), ("if-none-match", &tag)], "");
    assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, Some(tag.as_str())));
    assert_eq!(remaining(&room.get(&url, &token)), ("core", "4998"));
    let ann = login_of(&room, 1);
    super::send(&mut room, Method::DELETE, &format!("{url}/{ann}"), &token, "");
    let other = room.send(Method::GET, &url, &[("authorization", &bearer), ("if-none-match", &tag)], "");
    assert_eq!(other.status, 200, "somebody is gone");
}

#[test]
fn an_unknown_version_and_a_client_without_a_name_are_refused() {
    let mut room = room_of(office(SignIn::Password));
    let bearer = format!("Bearer {}", room.token());
    let version = |v| [("authorization", bearer.as_str()), ("x-github-api-version", v)];
    assert_eq!(room.send(Method::GET, "/user", &version("2022-11-28"), "").status, 200);
    assert_eq!(room.send(Method::GET, "/user", &version("1999-01-01"), "").status, 400);
    let nameless = [("authorization", bearer.as_str()), ("user-agent", "")];
    assert_eq!(room.send(Method::GET, "/user", &nameless, "").status, 403);
}

#[test]
fn a_renamed_organisation_is_found_by_number_and_its_old_name_leads_there() {
    let mut scenario = office(SignIn::Password);
    let mut rename = step(at("10:00:00"), 0, Verb::Event, github());
    rename.details.insert("name".to_owned(), "org.rename".to_owned());
    rename.object = Some("newco".to_owned());
    scenario.script.push(rename);
    let mut room = room_of(scenario);
    let token = room.token();
    let own = customer(&room);
    let moved = room.get(&org(&room, "/audit-log?phrase=action:repo"), &token);
    let to = format!("{ORIGIN}/organizations/{}/audit-log?phrase=action%3Arepo", own.id);
    assert_eq!((moved.status, moved.header("location")), (301, Some(to.as_str())));
    assert_eq!(room.get(&to, &token).status, 200);
    assert_eq!(room.get("/orgs/newco", &token).expect(200)["login"], json!("newco"));
    assert_eq!(room.get("/orgs/somebody", &token).status, 404);
}

#[test]
fn an_address_that_is_not_on_the_allow_list_is_refused() {
    let mut scenario = story(SignIn::Password, &["ann"]);
    let mut enable = step(at("09:00:00"), 0, Verb::ChangeSetting, github());
    enable.details.extend([("setting", "ip_allow_list"), ("to", "enabled")].map(|(k, v)| (k.to_owned(), v.to_owned())));
    let mut take = step(at("10:00:00"), 0, Verb::Event, github());
    take.details.insert("name".to_owned(), "ip_allow_list_entry.destroy".to_owned());
    take.object = Some("stack".to_owned());
    scenario.script.extend([enable, take]);
    let mut room = room_of(scenario);
    let token = room.token();
    room.now = at("09:30:00");
    assert_eq!(room.get(&org(&room, "/members"), &token).status, 200);
    room.now = at("10:30:00");
    let refused = room.get(&org(&room, "/members"), &token);
    assert!(text(&refused.expect(403), "message").contains("IP allow list"));
    assert_eq!(refused.reasons, ["address: not on the allow list"]);
}

#[test]
fn refusals_have_the_vendors_envelope() {
    let mut room = room_of(office(SignIn::Password));
    let bad = room.get("/user", "nobodys");
    let envelope =
        json!({ "message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401" });
    assert_eq!(bad.expect(401), envelope);
    assert!(bad.header("x-github-request-id").is_some());
    assert_eq!(bad.header("x-github-media-type"), Some("github.v3; format=json"));
    let weak = room.token_with(&["user:email"]);
    let refused = room.get(&org(&room, "/members"), &weak);
    assert_eq!((refused.status, refused.header("x-oauth-scopes")), (404, Some("user:email")));
    assert!(refused.header("x-accepted-oauth-scopes").is_some_and(|s| s.contains("read:org")));
}

#[test]
fn tokens_that_end_say_so_in_two_layouts() {
    let mut scenario = office(SignIn::Password);
    scenario.apps[github().0].token_life = Some(std::time::Duration::from_secs(86_400));
    let mut room = room_of(scenario);
    let token = room.token();
    let told = room.get("/user", &token).header("github-authentication-token-expiration").map(str::to_owned);
    assert_eq!(told.as_deref(), Some("2026-03-03 12:00:00 UTC"));
    room.now = room.now + std::time::Duration::from_secs(86_400);
    let token = room.token();
    let told = room.get("/user", &token).header("github-authentication-token-expiration").map(str::to_owned);
    assert_eq!(told.as_deref(), Some("2026-03-04 14:00:00 +0200"));
}
