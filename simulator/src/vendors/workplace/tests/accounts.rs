//! Members and what is done to them.

use axum::http::Method;
use serde_json::json;

use super::*;
use crate::protocol::exchange::Effects;
use crate::scenario::Verb;
use crate::timeline::{LogId, PageQuery, Record};
use crate::vendors::testing::{at, step};
use crate::world::PersonIndex;
use std::ops::Bound;
use std::sync::Arc;

/// Everything in the security log so far.
fn recorded(room: &Room) -> Vec<serde_json::Value> {
    let query = PageQuery {
        from: Bound::Unbounded,
        until: Bound::Unbounded,
        newest_first: false,
        after: None,
        limit: 100,
        visible_at: room.now + std::time::Duration::from_secs(3_600),
    };
    let log = LogId { app: WORKPLACE, feed: "security" };
    let records: Vec<Arc<Record>> = room.sim.state().timeline.page(log, &query);
    records.iter().map(|r| serde_json::from_slice(&r.body).expect("JSON")).collect()
}

#[test]
fn the_deactivated_are_hidden_unless_asked_for_and_then_alone() {
    let mut room = room();
    let token = room.token();
    let (ann, bob) = (id(&room, 1), id(&room, 2));
    assert_eq!(post(&mut room, &format!("/{ann}?active=false"), &token).expect(200), json!({ "success": true }));
    let active = ids(&room.get("/community/organization_members?limit=1000", &token).expect(200));
    let inactive = ids(&room.get("/community/organization_members?inactive=1&limit=1000", &token).expect(200));
    assert!(active.contains(&bob) && !active.contains(&ann));
    assert_eq!(inactive, [ann]);
    assert_eq!(active.len(), 3, "it_admin, bob and cy");
    let by_id = room.get(&format!("/{}/organization_members", community(&room)), &token).expect(200);
    assert_eq!(ids(&by_id), active, "the community goes by its id too");
    let older = room.get("/v3.0/company/organization_members", &token).expect(200);
    assert_eq!(ids(&older), active, "and by its older name, and with a version in front");
}

#[test]
fn a_member_is_found_by_id_and_by_address() {
    let mut room = room();
    let token = room.token();
    let (ann, address) = (id(&room, 1), email(&room, 1));
    let fields = "fields=id,email,first_name,department,account_claim_time,external_id";
    let by_id = room.get(&format!("/{ann}?{fields}"), &token).expect(200);
    assert_eq!(by_id["email"], json!(address));
    assert!(by_id["account_claim_time"].as_str().is_some_and(|t| t.ends_with("+0000")), "{by_id}");
    assert_eq!(room.get(&format!("/{}?{fields}", encode(&address)), &token).expect(200), by_id);
    let default = room.get(&format!("/{ann}"), &token).expect(200);
    assert_eq!(
        default.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>()),
        Some(vec!["id".into(), "name".into()])
    );
    check_error(&room.get("/123", &token), 400, 100);
}

#[test]
fn what_a_token_may_not_read_is_missing_without_a_word() {
    let mut room = room();
    let token = room.token_with(&["read_work_profile", "read_group_membership"]);
    let ann = id(&room, 1);
    let body = room.get(&format!("/{ann}?fields=id,email,name"), &token).expect(200);
    assert!(body.get("email").is_none(), "{body}");
    check_error(&room.get("/community/members", &token), 403, 10);
}

#[test]
fn every_id_is_text_and_some_are_too_large_for_a_double() {
    let mut scenario = company();
    scenario.people = 20;
    let mut room = Room::new(scenario, Vendor::Workplace);
    let token = room.token();
    let all = ids(&room.get("/community/organization_members?limit=1000", &token).expect(200));
    assert!(all.iter().any(|id| id.parse::<u64>().is_ok_and(|n| n > 1 << 53)), "{all:?}");
    assert!(all.iter().all(|id| (15..=17).contains(&id.len())));
}

#[test]
fn deactivating_echoes_with_the_integration_as_actor_and_once() {
    let mut room = room();
    let token = room.token();
    let ann = id(&room, 1);
    for spelling in ["false", "False"] {
        let reply = post(&mut room, &format!("/{ann}?active={spelling}"), &token);
        let effect = reply.notes.effect.expect("it is noted");
        assert_eq!((effect.action.as_str(), effect.target.as_str(), effect.done), ("suspend", "ann", true));
    }
    let events = recorded(&room);
    assert_eq!(events.len(), 1, "what is so already leaves no event: {events:?}");
    let value = &events[0]["value"];
    assert_eq!((&events[0]["field"], &value["event"]), (&json!("admin_activity"), &json!("ADMIN_DEACTIVATE_ACCOUNT")));
    assert_eq!((&value["target_id"], &value["target_email"]), (&json!(ann), &json!(email(&room, 1))));
    assert_eq!(value["actor_id"], json!(app_id(&room)), "the integration: {value}");
    assert!(value.get("actor_email").is_none() && value["timestamp"].is_string(), "{value}");
    room.now = room.now + std::time::Duration::from_secs(1);
    assert_eq!(post(&mut room, &format!("/{ann}?active=true"), &token).status, 200);
    assert_eq!(recorded(&room)[1]["value"]["event"], "ADMIN_ACTIVATE_ACCOUNT");
}

#[test]
fn logging_out_ends_sessions_and_leaves_its_event() {
    let mut room = room();
    let token = room.token();
    let bob = id(&room, 2);
    let reply = post(&mut room, &format!("/{bob}/logout"), &token);
    assert_eq!(reply.expect(200), json!({ "success": true }));
    assert_eq!(reply.notes.effect.map(|e| e.action), Some("require_sign_in".to_owned()));
    let valid_from = room.sim.state().timeline.account(PersonIndex(2), WORKPLACE).sessions_valid_from;
    assert_eq!(valid_from, Some(room.now));
    assert_eq!(recorded(&room)[0]["value"]["event"], "ADMIN_FORCE_LOG_OUT");
    let missing = post(&mut room, "/123/logout", &token);
    assert_eq!(check_error(&missing, 400, 100)["error"]["error_subcode"], 33);
    assert_eq!(missing.notes.effect.map(|e| e.done), Some(false));
}

#[test]
fn a_deactivated_member_cannot_go_on() {
    let mut scenario = company();
    scenario.script.push(step(at("09:00:00"), 0, Verb::SignIn, WORKPLACE));
    scenario.script.push(step(at("13:00:00"), 0, Verb::SignOut, WORKPLACE));
    let mut room = Room::new(scenario, Vendor::Workplace);
    let token = room.token();
    let ann = id(&room, 1);
    post(&mut room, &format!("/{ann}?active=false"), &token).expect(200);
    room.now = at("14:00:00");
    room.get("/community", &token).expect(200);
    let events: Vec<String> =
        recorded(&room).iter().map(|e| e["value"]["event"].as_str().expect("a literal").to_owned()).collect();
    assert_eq!(events, ["USER_LOGIN", "ADMIN_DEACTIVATE_ACCOUNT"], "signing out is prevented");
}

#[test]
fn nobody_who_ever_signed_in_can_be_deleted() {
    let mut room = room();
    let token = room.token();
    let url = format!("/{}", id(&room, 3));
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("user-agent", "test")];
    let refused = room.send(Method::DELETE, &url, &headers, "");
    check_error(&refused, 412, 100);
    assert_eq!(refused.notes.effect.map(|e| e.done), Some(false));
    let unclaim = r#"{"urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User":{"claimed":false,"invited":true}}"#;
    room.send(Method::PUT, &format!("/Users{url}"), &headers, unclaim).expect(200);
    room.send(Method::DELETE, &url, &headers, "").expect(200);
    check_error(&room.get(&url, &token), 400, 100);
    assert_eq!(ids(&room.get("/community/former_members", &token).expect(200)), [url[1..].to_owned()]);
}

#[test]
fn whoever_is_written_to_gets_a_letter() {
    let mut room = room();
    let token = room.token();
    let body =
        json!({ "recipient": { "id": id(&room, 1) }, "message": { "text": "Please sign in again" } }).to_string();
    let reply = room.post_json(Method::POST, "/me/messages", &token, &body);
    reply.expect(200);
    assert_eq!(reply.notes.effect.map(|e| (e.action, e.target)), Some(("notify".to_owned(), "ann".to_owned())));
    assert_eq!(room.sim.state().instances[WORKPLACE.0].mailbox.letters().count(), 1);
}

#[test]
fn an_integration_from_before_acts_as_a_member_and_the_member_is_the_actor() {
    let mut room = room();
    let token = room.token();
    let url = format!("/{}?fields=impersonate_token", id(&room, 1));
    let member = room.get(&url, &token).expect(200)["impersonate_token"].as_str().expect("a token").to_owned();
    assert_eq!(room.get(&url, &token).expect(200)["impersonate_token"], json!(member), "always the same");
    assert_eq!(room.get("/me", &member).expect(200)["id"], json!(id(&room, 1)));
    let bob = id(&room, 2);
    post(&mut room, &format!("/{bob}?active=false"), &member).expect(200);
    assert_eq!(recorded(&room)[0]["value"]["actor_id"], json!(id(&room, 1)));
    let mut room = super::room();
    let without = room.token_with(&["read_work_profile"]);
    assert!(room.get(&url, &without).expect(200).get("impersonate_token").is_none());
}

#[test]
fn a_pretended_effect_is_answered_and_not_done() {
    let mut room = room();
    let token = room.token();
    room.effects = Effects::Pretended;
    let ann = id(&room, 1);
    let reply = post(&mut room, &format!("/{ann}?active=false"), &token);
    assert_eq!(reply.expect(200), json!({ "success": true }));
    assert_eq!(reply.notes.effect.map(|e| e.done), Some(false));
    assert!(recorded(&room).is_empty());
}
