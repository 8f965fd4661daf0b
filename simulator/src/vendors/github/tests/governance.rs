//! What a stack may do to people, their credentials and repositories, and what becomes of it.

use axum::http::Method;
use serde_json::json;

use super::{Reply, Room, actions, customer, github, login_of, office, room_of, send, step, text};
use crate::protocol::exchange::Effects;
use crate::scenario::{SignIn, Using, Verb};
use crate::vendors::testing::at;
use crate::world::PersonIndex;

const ANN: PersonIndex = PersonIndex(1);

fn org(room: &Room, rest: &str) -> String {
    format!("/orgs/{}{rest}", customer(room).login)
}

fn effect(reply: &Reply) -> (&str, &str, bool) {
    let effect = reply.notes.effect.as_ref().expect("it is noted");
    (&effect.action, &effect.target, effect.done)
}

/// The latest entry of the log, once it is shown.
fn latest(room: &mut Room, token: &str) -> serde_json::Value {
    room.now = at("13:00:00");
    let url = org(room, "/audit-log?per_page=1");
    room.get(&url, token).expect(200)[0].clone()
}

#[test]
fn removing_a_member_is_done_noted_and_written_down() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let ann = login_of(&room, 1);
    let url = org(&room, &format!("/members/{ann}"));
    room.effects = Effects::Pretended;
    assert_eq!(effect(&send(&mut room, Method::DELETE, &url, &token, "")), ("remove_member", "ann", false));
    assert!(room.sim.state().timeline.account(ANN, github()).exists);
    room.effects = Effects::Real;
    let done = send(&mut room, Method::DELETE, &url, &token, "");
    assert_eq!((done.status, effect(&done)), (204, ("remove_member", "ann", true)));
    assert!(!room.sim.state().timeline.account(ANN, github()).exists);
    let again = send(&mut room, Method::DELETE, &url, &token, "");
    assert_eq!((again.status, effect(&again)), (404, ("remove_member", ann.as_str(), false)));
    let entry = latest(&mut room, &token);
    assert_eq!((text(&entry, "action"), text(&entry, "user")), ("org.remove_member", ann.as_str()));
    assert_eq!(text(&entry, "programmatic_access_type"), "Personal access token (classic)");
    assert!(entry["hashed_token"].is_string() && text(&entry, "token_scopes").contains("admin:org"));
}

#[test]
fn the_last_owner_stays() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let url = org(&room, &format!("/memberships/{}", login_of(&room, 0)));
    let refused = send(&mut room, Method::DELETE, &url, &token, "");
    assert_eq!((refused.status, effect(&refused).2), (403, false));
}

#[test]
fn roles_are_changed_and_the_removed_are_invited() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let url = org(&room, &format!("/memberships/{}", login_of(&room, 1)));
    let changed = send(&mut room, Method::PUT, &url, &token, r#"{"role":"admin"}"#).expect(200);
    assert_eq!((text(&changed, "role"), text(&changed, "state")), ("admin", "active"));
    assert_eq!(send(&mut room, Method::PUT, &url, &token, r#"{"role":"king"}"#).status, 422);
    assert_eq!(send(&mut room, Method::DELETE, &url, &token, "").status, 204);
    let invited = send(&mut room, Method::PUT, &url, &token, "").expect(200);
    assert_eq!(text(&invited, "state"), "pending");
    let members = org(&room, "/members");
    assert_eq!(room.get(&members, &token).expect(200).as_array().map(Vec::len), Some(2), "until they accept");
    assert_eq!(text(&latest(&mut room, &token), "action"), "org.invite_member");
}

#[test]
fn blocking_is_for_those_who_are_no_members() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let ann = login_of(&room, 1);
    let (block, list) = (org(&room, &format!("/blocks/{ann}")), org(&room, "/blocks"));
    assert_eq!(send(&mut room, Method::PUT, &block, &token, "").status, 422);
    let member = org(&room, &format!("/members/{ann}"));
    send(&mut room, Method::DELETE, &member, &token, "");
    assert_eq!((room.get(&block, &token).status, send(&mut room, Method::PUT, &block, &token, "").status), (404, 204));
    assert_eq!(room.get(&block, &token).status, 204);
    assert_eq!(room.get(&list, &token).expect(200)[0]["login"], json!(ann));
    assert_eq!(send(&mut room, Method::DELETE, &block, &token, "").status, 204);
    assert_eq!(room.get(&list, &token).expect(200), json!([]));
    assert_eq!(text(&latest(&mut room, &token), "blocked_user"), ann);
}

#[test]
fn revoking_somebodys_credentials_stops_what_their_token_does() {
    let mut scenario = office(SignIn::Sso);
    let mut clone = step(at("12:30:00"), 0, Verb::Clone, github());
    clone.using = Using::Token;
    scenario.script.push(clone);
    let mut room = room_of(scenario);
    let token = room.token();
    let ann = login_of(&room, 1);
    let list = org(&room, &format!("/credential-authorizations?login={ann}"));
    let listed = room.get(&list, &token).expect(200);
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    assert_eq!(text(&listed[0], "token_last_eight").len(), 8);
    let revoke = org(&room, &format!("/credential-authorizations/{ann}/revoke"));
    let done = send(&mut room, Method::POST, &revoke, &token, "");
    assert_eq!((done.status, effect(&done)), (202, ("revoke_token", "ann", true)));
    assert!(done.json()["message"].is_string() && done.json().get("warning").is_none());
    assert_eq!(room.get(&list, &token).expect(200), json!([]));
    assert_eq!(text(&latest(&mut room, &token), "action"), "org_credential_authorization.revoke");
    let git = org(&room, "/audit-log?include=git");
    assert_eq!(actions(&room.get(&git, &token).expect(200)), ["git.push"], "the clone was prevented");
}

#[test]
fn one_credential_or_one_type_may_be_revoked() {
    let mut room = room_of(office(SignIn::Sso));
    let token = room.token();
    let list = org(&room, "/credential-authorizations");
    let id = room.get(&list, &token).expect(200)[2]["credential_id"].to_string();
    let one = org(&room, &format!("/credential-authorizations/{id}"));
    assert_eq!(send(&mut room, Method::DELETE, &one, &token, "").status, 204);
    assert_eq!(send(&mut room, Method::DELETE, &one, &token, "").status, 404);
    let kind = org(&room, "/credential-authorizations/revoke-credential-type");
    assert_eq!(send(&mut room, Method::POST, &kind, &token, r#"{"credential_type":"gpg"}"#).status, 422);
    let revoked = send(&mut room, Method::POST, &kind, &token, r#"{"credential_type":"ssh_key"}"#).expect(202);
    assert!(revoked["warning"].is_string());
    let left = room.get(&list, &token).expect(200);
    assert_eq!(left.as_array().map(Vec::len), Some(2), "two classic tokens: {left}");
}

#[test]
fn who_revokes_everybodys_credentials_meets_single_sign_on() {
    let mut room = room_of(office(SignIn::Sso));
    let token = room.token();
    let all = org(&room, "/credential-authorizations/revoke-all");
    assert_eq!(send(&mut room, Method::POST, &all, &token, "").status, 202);
    let refused = room.get(&org(&room, "/members"), &token);
    assert!(text(&refused.expect(403), "message").starts_with("Resource protected by organization SAML enforcement."));
    assert!(refused.header("x-github-sso").is_some_and(|h| h.starts_with("required; url=http://127.0.0.1")));
}

#[test]
fn fine_grained_tokens_are_shown_to_apps_alone() {
    let mut room = room_of(office(SignIn::Password));
    let (token, app) = (room.token(), super::apps::installation_token(&mut room));
    let list = org(&room, "/personal-access-tokens");
    assert_eq!(room.get(&list, &token).status, 404);
    let listed = room.get(&list, &app).expect(200);
    let ann = login_of(&room, 1);
    let own =
        listed.as_array().expect("a list").iter().find(|g| g["owner"]["login"] == json!(ann)).expect("she made one");
    let id = own["id"].to_string();
    let body = format!(r#"{{"action":"revoke","pat_ids":[{id}]}}"#);
    let done = send(&mut room, Method::POST, &list, &app, &body);
    assert_eq!((done.status, effect(&done)), (202, ("revoke_token", "ann", true)));
    let one = org(&room, &format!("/personal-access-tokens/{id}"));
    assert_eq!(send(&mut room, Method::POST, &one, &app, r#"{"action":"revoke"}"#).status, 404);
    assert_eq!(send(&mut room, Method::POST, &list, &app, r#"{"action":"revoke","pat_ids":[]}"#).status, 422);
    assert_eq!(text(&latest(&mut room, &token), "actor"), "stack[bot]");
}

#[test]
fn a_repository_is_made_private_again() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let url = format!("/repos/{}/api", customer(&room).login);
    let done = send(&mut room, Method::PATCH, &url, &token, r#"{"visibility":"private"}"#);
    assert_eq!((text(&done.expect(200), "visibility"), effect(&done)), ("private", ("make_private", "api", true)));
    assert_eq!(text(&latest(&mut room, &token), "action"), "repo.access");
    assert_eq!(send(&mut room, Method::PATCH, &url, &token, r#"{"visibility":"secret"}"#).status, 422);
    let nothing = format!("/repos/{}/nothing", customer(&room).login);
    assert_eq!(effect(&send(&mut room, Method::PATCH, &nothing, &token, "{}")), ("make_private", "nothing", false));
}
