//! Apps: which kind, by whom, in which team.

use axum::http::Method;
use serde_json::{Value, json};

use super::{LOG, authorize, check_error, code, location, office, redeem, refresh, room, text};
use crate::protocol::form::encode;
use crate::scenario::{Credentials, Vendor, Verb};
use crate::timeline::Deed;
use crate::vendors::testing::{REDIRECT, Room};
use crate::world::PersonIndex;

fn press_for_team(room: &mut Room, team: &str) -> Value {
    let client_id = room.sim.state().instances[0].tokens.client().client_id.clone();
    let form = [
        ("response_type", "code"),
        ("client_id", client_id.as_str()),
        ("redirect_uri", REDIRECT),
        ("user", "it_admin"),
        ("team_id", team),
        ("decision", "allow"),
    ];
    let answer = room.post_form("/oauth/authorize", &form);
    let code = location(&answer).into_iter().find(|(k, _)| k == "code").expect("a code").1;
    redeem(room, &code).expect(200)
}

fn developer_team(room: &Room) -> String {
    let team: u64 = room.sim.world.instances[0].team_id.parse().expect("a number");
    (team + 1).to_string()
}

#[test]
fn a_lasting_app_gets_a_token_that_does_not_end_and_nothing_to_refresh() {
    let mut scenario = office();
    scenario.apps[0].credentials = Credentials::LastingApp;
    let mut room = Room::new(scenario, Vendor::Miro);
    let code = code(&mut room);
    let issued = redeem(&mut room, &code).expect(200);
    assert_eq!((issued.get("refresh_token"), issued.get("expires_in")), (None, None));
    room.now = room.now + std::time::Duration::from_secs(80 * 86_400);
    assert_eq!(room.get(LOG, text(&issued, "access_token")).status, 200);
}

#[test]
fn an_expiring_token_lives_an_hour_and_its_refresh_token_sixty_days() {
    let mut room = room();
    let code = code(&mut room);
    let issued = redeem(&mut room, &code).expect(200);
    room.now = room.now + std::time::Duration::from_secs(3_600);
    check_error(&room.get(LOG, text(&issued, "access_token")), 401, "tokenExpired");
    room.now = room.now + std::time::Duration::from_secs(59 * 86_400);
    let again = refresh(&mut room, text(&issued, "refresh_token")).expect(200);
    room.now = room.now + std::time::Duration::from_secs(60 * 86_400);
    check_error(&refresh(&mut room, text(&again, "refresh_token")), 401, "oauthError");
}

#[test]
fn an_app_in_the_developer_team_sees_no_enterprise_api() {
    let mut room = room();
    let team = developer_team(&room);
    let issued = press_for_team(&mut room, &team);
    assert_eq!(issued["team_id"].to_string(), team);
    let token = text(&issued, "access_token");
    let context = room.get("/v1/oauth-token", token).expect(200);
    assert_eq!((&context["team"]["id"], text(&context["team"], "name")), (&json!(team), "Dev team"));
    let org = format!("/v2/orgs/{}", room.sim.world.instances[0].organisation_id);
    for url in [LOG, &org, &format!("{org}/members"), &format!("{org}/teams"), "/v1/audit/logs"] {
        let refused = room.get(url, token);
        check_error(&refused, 403, "forbiddenAccess");
        assert!(refused.reasons[0].contains("developer team"), "{:?}", refused.reasons);
    }
    assert_eq!(room.get("/v2/boards", token).expect(200)["total"], json!(0));
    let again = refresh(&mut room, text(&issued, "refresh_token")).expect(200);
    assert_eq!(again["team_id"].to_string(), team, "a refresh stays in its team");
}

#[test]
fn the_page_preselects_the_team_that_is_asked_for_and_knows_no_other() {
    let mut room = room();
    let team = developer_team(&room);
    let url = authorize(&room, REDIRECT, None).replace("team_id=", &format!("team_id={team}"));
    let html = room.send(Method::GET, &url, &[], "").text();
    assert!(html.contains(&format!("<option value=\"{team}\" selected>")), "{html}");
    let client_id = room.sim.state().instances[0].tokens.client().client_id.clone();
    let form = [
        ("response_type", "code"),
        ("client_id", client_id.as_str()),
        ("redirect_uri", REDIRECT),
        ("user", "it_admin"),
        ("team_id", "1"),
        ("decision", "allow"),
    ];
    assert_eq!(room.post_form("/oauth/authorize", &form).status, 400);
}

#[test]
fn a_scope_that_is_spelled_wrong_is_refused_by_its_right_name() {
    let mut room = room();
    let with = |room: &Room, scope: &str| format!("{}&scope={}", authorize(room, REDIRECT, None), encode(scope));
    let url = with(&room, "auditlogs:read organization:read");
    let page = room.send(Method::GET, &url, &[], "");
    assert_eq!((page.status, page.header("location")), (400, None));
    assert!(page.text().contains("it is called “organizations:read”"), "{}", page.text());
    assert_eq!(page.reasons, ["scope: `organization:read` cannot be asked for"]);
    let url = with(&room, "auditlogs:read organizations:read");
    assert_eq!(room.send(Method::GET, &url, &[], "").status, 200);
    let url = with(&room, "projects:read");
    let page = room.send(Method::GET, &url, &[], "");
    assert!(page.text().contains("not among those of the app"), "{}", page.text());
}

#[test]
fn what_the_installing_admin_may_no_longer_do_the_app_may_not_either() {
    let mut room = room();
    let token = room.token();
    assert_eq!(room.get(LOG, &token).status, 200);
    room.sim.state().timeline.govern(room.now, Deed::upon(Verb::Suspend, room.app, PersonIndex(0), "somebody"));
    let refused = room.get(LOG, &token);
    check_error(&refused, 403, "forbiddenAccess");
    assert!(refused.reasons[0].contains("no Company Admin"), "{:?}", refused.reasons);
}

#[test]
fn test_now_of_a_freshly_connected_app_succeeds() {
    // What a connector calls to tell whether it is connected: the token's context, its organisation, one event.
    let mut room = room();
    let code = code(&mut room);
    let issued = redeem(&mut room, &code).expect(200);
    let token = text(&issued, "access_token");
    let context = room.get("/v1/oauth-token", token).expect(200);
    assert_eq!(context["scopes"].as_array().map(|s| s.contains(&json!("auditlogs:read"))), Some(true));
    let org = format!("/v2/orgs/{}", text(&context["organization"], "id"));
    assert_eq!(room.get(&org, token).expect(200)["plan"], json!("company"));
    assert_eq!(room.get(&format!("{LOG}&limit=1"), token).expect(200)["size"], json!(1));
}

#[test]
fn the_deprecated_revocation_takes_the_token_from_the_url() {
    let mut room = room();
    let code = code(&mut room);
    let issued = redeem(&mut room, &code).expect(200);
    let url = format!("/v1/oauth/revoke?access_token={}", text(&issued, "access_token"));
    assert_eq!(room.send(Method::POST, &url, &[], "").status, 204);
    check_error(&room.send(Method::POST, &url, &[], ""), 400, "invalidParameters");
    check_error(&room.send(Method::POST, "/v1/oauth/revoke", &[], ""), 400, "invalidParameters");
    assert_eq!(refresh(&mut room, text(&issued, "refresh_token")).status, 401);
}

#[test]
fn the_old_audit_log_counts_them_all_and_begins_with_the_newest() {
    let mut room = room();
    let token = room.token();
    let first = room.get("/v1/audit/logs?createdAfter=2026-03-02&createdBefore=2026-03-03&limit=1", &token);
    let served = first.notes.page.as_ref().map(|p| p.served.len());
    let page = first.expect(200);
    assert_eq!((&page["size"], &page["limit"], &page["offset"]), (&json!(2), &json!(1), &json!(0)));
    assert_eq!((text(&page["data"][0], "event"), served), ("board_opened", Some(1)));
    assert_eq!(page["prevLink"], Value::Null);
    let next = text(&page, "nextLink").to_owned();
    assert!(next.starts_with("http://"), "{next}");
    let last = room.get(&next, &token).expect(200);
    assert_eq!(last["nextLink"], Value::Null);
    let event = &last["data"][0];
    assert_eq!((text(event, "type"), text(event, "createdAt")), ("event", "2026-03-02T09:00:00Z"));
    assert!(text(event, "id").bytes().all(|b| b.is_ascii_digit()), "{event}");
    check_error(&room.get("/v1/audit/logs?createdAfter=yesterday", &token), 400, "invalidParameters");
}
