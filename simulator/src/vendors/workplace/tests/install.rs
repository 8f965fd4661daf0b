//! Installing, tokens, proofs.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use super::*;
use crate::protocol::form::decode_pairs;
use crate::vendors::testing::REDIRECT;
use crate::vendors::workplace::proof::proof;

fn press(room: &mut Room, decision: &str, user: &str, group: &str) -> Reply {
    let client_id = app_id(room);
    let form = [
        ("client_id", client_id.as_str()),
        ("redirect_uri", REDIRECT),
        ("state", "s&1"),
        ("user", user),
        ("team_id", group),
        ("decision", decision),
    ];
    room.post_form("/dialog/oauth", &form)
}

fn code(room: &mut Room, group: &str) -> String {
    let reply = press(room, "allow", "it_admin", group);
    assert_eq!(reply.status, 302, "{}", reply.text());
    let location =
        reply.header("location").expect("a redirect").strip_prefix(&format!("{REDIRECT}?")).expect("ours").to_owned();
    let pairs = decode_pairs(location.as_bytes());
    assert!(pairs.contains(&("state".to_owned(), "s&1".to_owned())));
    pairs.into_iter().find(|(k, _)| k == "code").expect("a code").1
}

fn redeem(room: &mut Room, code: &str) -> Reply {
    let (id, secret) = (app_id(room), app_secret(room));
    let url = format!(
        "/v3.0/oauth/access_token?client_id={id}&client_secret={secret}&code={code}&redirect_uri={}",
        encode(REDIRECT)
    );
    room.send(Method::GET, &url, &[], "")
}

fn install(room: &mut Room, group: &str) -> String {
    let code = code(room, group);
    redeem(room, &code).expect(200)["access_token"].as_str().expect("a token").to_owned()
}

#[test]
fn the_page_offers_all_groups_first_and_never_the_deprecated_permission() {
    let mut room = room();
    let url = format!("/dialog/oauth?app_id={}&redirect_uri={}&state=x", app_id(&room), encode(REDIRECT));
    let page = room.send(Method::GET, &url, &[], "");
    assert_eq!(page.status, 200);
    let html = page.text();
    assert!(html.contains("<option value=\"all\" selected>All groups"), "{html}");
    assert!(html.contains("read_security_logs") && !html.contains("impersonate"), "{html}");
    let elsewhere = format!("/dialog/oauth?client_id={}&redirect_uri=http://127.0.0.1:9/", app_id(&room));
    assert_eq!(room.send(Method::GET, &elsewhere, &[], "").status, 400);
}

#[test]
fn a_code_works_once_and_for_three_hundred_seconds() {
    let mut room = room();
    let first = code(&mut room, "all");
    let body = redeem(&mut room, &first).expect(200);
    assert_eq!((body["token_type"].as_str(), body.get("expires_in")), (Some("bearer"), None));
    check_error(&redeem(&mut room, &first), 400, 100);
    let second = code(&mut room, "all");
    room.now = room.now + Duration::from_secs(300);
    let late = check_error(&redeem(&mut room, &second), 400, 100);
    assert!(late["error"]["message"].as_str().is_some_and(|m| m.contains("expired")), "{late}");
    assert_eq!(press(&mut room, "allow", "ann", "all").status, 400, "ann is no administrator");
    assert!(
        press(&mut room, "deny", "it_admin", "all").header("location").is_some_and(|l| l.contains("access_denied"))
    );
}

#[test]
fn a_community_token_does_not_end_but_a_second_installation_ends_it() {
    let mut room = room();
    let first = install(&mut room, "all");
    room.now = room.now + Duration::from_secs(400 * 86_400);
    let body = room.get("/community?fields=id,name", &first).expect(200);
    assert_eq!(body["id"], json!(community(&room)));
    let second = install(&mut room, "all");
    let refused = check_error(&room.get("/community", &first), 400, 190);
    assert_eq!(refused["error"]["error_subcode"], 461);
    assert_eq!(room.get("/community", &second).status, 200);
}

#[test]
fn whoever_is_given_one_group_silently_sees_less() {
    let mut room = room();
    let (group, _) = {
        let groups = room.sim.world.groups.iter().position(|g| g.key == "it").expect("the administrator's department");
        let token = room.token();
        let all = room.get("/community/groups?limit=100", &token).expect(200);
        let name = room.sim.world.groups[groups].name.clone();
        let found = all["data"].as_array().expect("groups").iter().find(|g| g["name"] == json!(name)).cloned();
        (found.expect("it is listed")["id"].as_str().expect("an id").to_owned(), all)
    };
    let token = install(&mut room, &group);
    assert_eq!(ids(&room.get("/community/groups", &token).expect(200)), std::slice::from_ref(&group));
    let member = room.get(&format!("/{group}/members?fields=name,email,title"), &token).expect(200);
    let fields: Vec<&String> = member["data"][0].as_object().expect("a member").keys().collect();
    assert_eq!(fields, ["name", "id"]);
}

#[test]
fn a_dead_token_says_so_in_the_challenge_too() {
    let mut room = room();
    let refused = room.get("/community", "nobodys");
    check_error(&refused, 400, 190);
    assert!(
        refused
            .header("www-authenticate")
            .is_some_and(|h| h.starts_with("OAuth \"Facebook Platform\" \"invalid_token\""))
    );
    check_error(&room.send(Method::GET, "/community", &[], ""), 400, 104);
}

#[test]
fn a_proof_that_is_sent_must_be_right_and_its_time_near() {
    let mut room = room();
    let token = room.token();
    let secret = app_secret(&room);
    let now = room.now.s();
    let timed = |at: i64| {
        let at = at.to_string();
        format!("/community?appsecret_proof={}&appsecret_time={at}", proof(&secret, &token, Some(&at)))
    };
    let plain = format!("/community?appsecret_proof={}", proof(&secret, &token, None));
    let wrong = format!("/community?appsecret_proof={}", proof("another", &token, None));
    #[rustfmt::skip]
    let cases = [
        ("the token alone",          plain,              200),
        ("with the time",            timed(now),         200),
        ("a clock five minutes off", timed(now - 300),   200),
        ("or fast",                  timed(now + 300),   200),
        ("more than that",           timed(now - 301),   400),
        ("another secret",           wrong,              400),
    ];
    for (name, url, status) in cases {
        let reply = room.get(&url, &token);
        assert_eq!(reply.status, status, "{name}: {}", reply.text());
        if status == 400 {
            let body = check_error(&reply, 400, 100);
            assert_eq!(body["error"]["type"], "GraphMethodException");
        }
    }
}

#[test]
fn debug_token_tells_what_a_token_is() {
    let mut room = room();
    let token = install(&mut room, "all");
    let app = app_token(&room);
    let told = |room: &mut Room, token: &str| -> Value {
        room.send(Method::GET, &format!("/debug_token?input_token={token}&access_token={app}"), &[], "").expect(200)["data"].clone()
    };
    let good = told(&mut room, &token);
    assert_eq!((&good["is_valid"], &good["expires_at"]), (&json!(true), &json!(0)));
    assert_eq!(told(&mut room, "nobodys")["is_valid"], json!(false));
    let stranger = room.get(&format!("/debug_token?input_token={token}"), &token);
    check_error(&stranger, 400, 190);
}

#[test]
fn the_successors_token_lives_two_hours() {
    let mut room = room_in(VendorProfile::AdminCenter);
    let form = |room: &Room| format!("{}|{}", app_id(room), app_secret(room));
    let shown = form(&room);
    let pairs = [("access_token", shown.as_str()), ("grant_type", "client_credentials")];
    let token =
        room.post_form("/work_get_token", &pairs).expect(200)["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(room.get("/security_audit_logs", &token).status, 200);
    room.now = room.now + Duration::from_secs(7_200);
    let late = check_error(&room.get("/security_audit_logs", &token), 400, 190);
    assert_eq!(late["error"]["error_subcode"], 463);
    let wrong = [("access_token", "1|2"), ("grant_type", "client_credentials")];
    check_error(&room.post_form("/work_get_token", &wrong), 400, 101);
}
