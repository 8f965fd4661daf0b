//! `manager`, `$expand`, `signInActivity`.

use axum::http::Method;
use serde_json::{Value, json};

use super::{ANN, ENTRA, MIRO, check_error, room, text};
use crate::scenario::{Outcome, Vendor, Verb};
use crate::vendors::testing::{Room, at, step};

const USERS: &str = "/v1.0/users";

fn id(room: &Room, person: usize) -> String {
    room.sim.world.people[person].accounts[&ENTRA].user_id.clone()
}

#[test]
fn everybody_but_the_administrator_has_a_manager() {
    let mut room = room();
    let token = room.token();
    let ann = id(&room, ANN.0);
    let manager = room.get(&format!("{USERS}/{ann}/manager"), &token).expect(200);
    assert_eq!(text(&manager, "@odata.type"), "#microsoft.graph.user");
    assert_ne!(text(&manager, "id"), ann);
    let none = room.get(&format!("{USERS}/{}/manager", id(&room, 0)), &token);
    check_error(&none, 404, "Request_ResourceNotFound");
}

#[test]
fn a_manager_comes_inside_the_user_where_it_is_expanded() {
    let mut room = room();
    let token = room.token();
    let all = room.get(&format!("{USERS}?$select=id&$expand=manager($select=id,displayName)"), &token).expect(200);
    assert!(text(&all, "@odata.context").ends_with("#users(id,manager(id,displayName))"), "{all}");
    for user in all["value"].as_array().expect("a list") {
        if text(user, "id") == id(&room, 0) {
            assert_eq!(user.get("manager"), None, "whoever has none has no such property");
        } else {
            assert_eq!(user["manager"].as_object().map(serde_json::Map::len), Some(3), "{user}");
        }
    }
}

#[test]
fn memberships_are_expanded_and_twenty_of_them_at_most() {
    let mut scenario = super::office();
    scenario.cast[0].count = 30;
    let mut room = Room::new(scenario, Vendor::Entra);
    let token = room.token();
    let group = room.sim.world.groups.iter().find(|g| g.key == "all-employees").expect("there is one").id.clone();
    let expanded = room.get(&format!("/v1.0/groups/{group}?$expand=members"), &token).expect(200);
    let members = expanded["members"].as_array().expect("a list");
    assert_eq!((members.len(), text(&members[0], "@odata.type")), (20, "#microsoft.graph.user"));
    let user = room.get(&format!("{USERS}/{}?$expand=memberOf", text(&members[0], "id")), &token).expect(200);
    assert!(user["memberOf"].as_array().is_some_and(|g| g.iter().any(|g| g["id"] == json!(group))), "{user}");
    for wrong in ["*", "manager,memberOf", "manager($levels=max)", "shoes", "members"] {
        check_error(&room.get(&format!("{USERS}?$expand={wrong}"), &token), 400, "Request_UnsupportedQuery");
    }
}

fn busy() -> Room {
    let mut scenario = super::office();
    let mut failed = step(at("11:00:00"), 0, Verb::SignIn, MIRO);
    failed.result = Outcome::WrongPassword;
    scenario.script.push(failed);
    Room::new(scenario, Vendor::Entra)
}

#[test]
fn sign_in_activity_tells_the_last_attempt_and_the_last_success() {
    let mut room = busy();
    let token = room.token();
    let select = "$select=id,signInActivity";
    let ann = room.get(&format!("{USERS}/{}?{select}", id(&room, ANN.0)), &token).expect(200);
    let activity = &ann["signInActivity"];
    assert_eq!(text(activity, "lastSignInDateTime"), "2026-03-02T11:00:00.0000000Z");
    assert_eq!(text(activity, "lastSuccessfulSignInDateTime"), "2026-03-02T09:00:00.1234560Z");
    let request = text(activity, "lastSignInRequestId");
    room.get(&format!("{}/{request}", super::SIGN_INS), &token).expect(200);
    let admin = room.get(&format!("{USERS}/{}?{select}", id(&room, 0)), &token).expect(200);
    assert_eq!(admin["signInActivity"], Value::Null, "who never signed in has none");
    let plain = room.get(&format!("{USERS}/{}", id(&room, ANN.0)), &token).expect(200);
    assert_eq!(plain.get("signInActivity"), None);
    let filter = "$filter=signInActivity/lastSignInDateTime%20ge%202026-03-02T10:00:00Z";
    let late = room.get(&format!("{USERS}?{filter}"), &token).expect(200);
    assert_eq!(late["value"].as_array().map(Vec::len), Some(1), "{late}");
}

#[test]
fn sign_in_activity_is_not_for_everybody_and_not_by_name() {
    let mut room = busy();
    let token = room.token();
    let login = room.sim.world.people[ANN.0].accounts[&ENTRA].login.clone();
    let by_name = room.get(&format!("{USERS}/{login}?$select=signInActivity"), &token);
    check_error(&by_name, 400, "Request_BadRequest");
    let mut room = busy();
    let reader = room.token_with(&["User.Read.All"]);
    let refused = room.get(&format!("{USERS}?$select=signInActivity"), &reader);
    check_error(&refused, 403, "Authorization_RequestDenied");
    room.get(USERS, &reader).expect(200);
}

#[test]
fn sign_in_activity_shortens_the_pages() {
    let mut scenario = super::office();
    scenario.cast[0].count = 150;
    let mut room = Room::new(scenario, Vendor::Entra);
    let token = room.token();
    let page = room.get(&format!("{USERS}?$select=id,signInActivity&$top=999"), &token).expect(200);
    assert_eq!(page["value"].as_array().map(Vec::len), Some(120));
    let rest = room.get(text(&page, "@odata.nextLink"), &token).expect(200);
    assert_eq!(rest["value"].as_array().map(Vec::len), Some(32));
    let whole =
        room.send(Method::GET, &format!("{USERS}?$top=999"), &[("authorization", &format!("Bearer {token}"))], "");
    assert_eq!(whole.expect(200)["value"].as_array().map(Vec::len), Some(152));
}
