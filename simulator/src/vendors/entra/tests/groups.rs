//! Groups, memberships, roles.

use axum::http::Method;
use serde_json::{Value, json};

use super::{ANN, ENTRA, check_error, room, text};
use crate::vendors::testing::{NO_CONTENT, Room};
use crate::world::GroupKind;

fn ids(page: &Value) -> Vec<String> {
    page["value"].as_array().expect("a list").iter().map(|o| text(o, "id").to_owned()).collect()
}

fn group(room: &Room, key: &str) -> String {
    room.sim.world.groups.iter().find(|g| g.key == key).expect(key).id.clone()
}

#[test]
fn the_worlds_groups_have_the_people_that_have_an_account() {
    let mut room = room();
    let token = room.token();
    let page = room.get("/v1.0/groups", &token).expect(200);
    assert_eq!(page["value"].as_array().map(Vec::len), Some(room.sim.world.groups.len()));
    let all = group(&room, "all-employees");
    let members = room.get(&format!("/v1.0/groups/{all}/members?$select=id,userPrincipalName"), &token).expect(200);
    assert_eq!(ids(&members).len(), 3);
    assert_eq!(members["value"][0]["@odata.type"], json!("#microsoft.graph.user"));
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone();
    room.post_json(Method::DELETE, &format!("/v1.0/users/{ann}"), &token, "");
    let left = room.get(&format!("/v1.0/groups/{all}/members"), &token).expect(200);
    assert!(!ids(&left).contains(&ann));
}

#[test]
fn members_are_of_several_types_and_one_type_can_be_asked_for() {
    let mut room = room();
    let token = room.token();
    let it = group(&room, "it");
    let mixed = room.get(&format!("/v1.0/groups/{it}/members"), &token).expect(200);
    let types: Vec<&str> = mixed["value"].as_array().expect("a list").iter().map(|m| text(m, "@odata.type")).collect();
    assert!(types.contains(&"#microsoft.graph.servicePrincipal") && types.contains(&"#microsoft.graph.user"));
    let users = room.get(&format!("/v1.0/groups/{it}/members/microsoft.graph.user"), &token).expect(200);
    assert_eq!(ids(&users).len(), types.iter().filter(|t| **t == "#microsoft.graph.user").count());
    assert_eq!(users["value"][0]["@odata.type"], Value::Null, "a list of one type does not repeat it");
    let owners = room.get(&format!("/v1.0/groups/{it}/owners"), &token).expect(200);
    assert_eq!(ids(&owners), [room.sim.world.people[0].accounts[&ENTRA].user_id.clone()]);
}

#[test]
fn memberships_are_followed_through_groups_in_groups() {
    let mut scenario = super::office();
    scenario.people = 40;
    let mut room = Room::new(scenario, crate::scenario::Vendor::Entra);
    let token = room.token();
    let world = room.sim.world.clone();
    let division = world.groups.iter().find(|g| g.kind == GroupKind::Division).expect("forty people have one");
    let department = &world.groups[division.groups[0].0];
    let somebody = world.person(department.members[0]).accounts[&ENTRA].user_id.clone();
    let direct = room.get(&format!("/v1.0/users/{somebody}/memberOf"), &token).expect(200);
    assert!(ids(&direct).contains(&department.id) && !ids(&direct).contains(&division.id));
    let all = room.get(&format!("/v1.0/users/{somebody}/transitiveMemberOf"), &token).expect(200);
    assert!(ids(&all).contains(&division.id));
    let url = format!("/v1.0/users/{somebody}/getMemberGroups");
    let groups = room.post_json(Method::POST, &url, &token, r#"{"securityEnabledOnly":false}"#).expect(200);
    assert!(groups["value"].as_array().is_some_and(|v| v.contains(&json!(division.id))));
    check_error(&room.post_json(Method::POST, &url, &token, "{}"), 400, "Request_BadRequest");
    let below = room.get(&format!("/v1.0/groups/{}/transitiveMembers?$top=999", division.id), &token).expect(200);
    assert!(ids(&below).contains(&somebody) && ids(&below).contains(&department.id));
}

#[test]
fn members_come_and_go_by_reference() {
    let mut room = room();
    let token = room.token();
    let body =
        json!({ "displayName": "Night shift", "mailEnabled": false, "mailNickname": "night", "securityEnabled": true });
    let made = room.post_json(Method::POST, "/v1.0/groups", &token, &body.to_string()).expect(201);
    let url = format!("/v1.0/groups/{}", text(&made, "id"));
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone();
    let reference =
        json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{ann}") }).to_string();
    let add = |room: &mut Room| room.post_json(Method::POST, &format!("{url}/members/$ref"), &token, &reference);
    assert_eq!(add(&mut room).status, NO_CONTENT);
    check_error(&add(&mut room), 400, "Request_BadRequest");
    assert_eq!(ids(&room.get(&format!("{url}/members"), &token).expect(200)), std::slice::from_ref(&ann));
    let owner = format!("{url}/owners/$ref");
    assert_eq!(room.post_json(Method::POST, &owner, &token, &reference).status, NO_CONTENT);
    let remove = format!("{url}/members/{ann}/$ref");
    assert_eq!(room.post_json(Method::DELETE, &remove, &token, "").status, NO_CONTENT);
    check_error(&room.post_json(Method::DELETE, &remove, &token, ""), 404, "Request_ResourceNotFound");
    let rename = room.post_json(Method::PATCH, &url, &token, r#"{"displayName":"Day shift"}"#);
    assert_eq!(rename.status, NO_CONTENT);
    assert_eq!(text(&room.get(&url, &token).expect(200), "displayName"), "Day shift");
    assert_eq!(room.post_json(Method::DELETE, &url, &token, "").status, NO_CONTENT);
    let bin = room.get("/v1.0/directory/deletedItems/microsoft.graph.group", &token).expect(200);
    assert_eq!(ids(&bin), [text(&made, "id").to_owned()]);
}

#[test]
fn administrators_hold_a_role() {
    let mut room = room();
    let token = room.token();
    let roles = room.get("/v1.0/directoryRoles", &token).expect(200);
    let role = text(&roles["value"][0], "id").to_owned();
    let admin = room.sim.world.people[0].accounts[&ENTRA].user_id.clone();
    let holders = room.get(&format!("/v1.0/directoryRoles/{role}/members"), &token).expect(200);
    assert_eq!(ids(&holders), std::slice::from_ref(&admin));
    let of = room.get(&format!("/v1.0/users/{admin}/memberOf"), &token).expect(200);
    assert!(
        of["value"].as_array().is_some_and(|v| v.iter().any(|o| o["@odata.type"] == "#microsoft.graph.directoryRole"))
    );
}
