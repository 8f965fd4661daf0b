//! SCIM as Miro serves it; the protocol itself is tested beside its block.

use axum::http::Method;
use serde_json::{Value, json};

use super::{LOG, MIRO, events_now, room, scim_key, text};
use crate::protocol::exchange::Effects;
use crate::protocol::form::encode;
use crate::vendors::testing::{Reply, Room, at};
use crate::world::PersonIndex;

const ANN: PersonIndex = PersonIndex(1);

fn call(room: &mut Room, method: Method, path: &str, body: &Value) -> Reply {
    let key = scim_key(room);
    let body = if body.is_null() { String::new() } else { body.to_string() };
    room.post_json(method, &format!("/api/v1/scim{path}"), &key, &body)
}

fn get(room: &mut Room, path: &str) -> Reply {
    call(room, Method::GET, path, &Value::Null)
}

fn user(room: &Room, person: PersonIndex) -> String {
    format!("/Users/{}", room.sim.world.people[person.0].accounts[&MIRO].user_id)
}

fn patch(room: &mut Room, path: &str, operations: &Value) -> Reply {
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    call(room, Method::PATCH, path, &body)
}

#[track_caller]
fn check_error(reply: &Reply, status: u16, scim_type: Option<&str>) {
    let body = reply.expect(status);
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{body}");
    assert_eq!((text(&body, "status"), body["scimType"].as_str()), (&*status.to_string(), scim_type), "{body}");
    assert_eq!(reply.header("content-type"), Some("application/scim+json"));
}

#[test]
fn scim_has_a_key_of_its_own() {
    let mut room = room();
    let (token, key) = (room.token(), scim_key(&room));
    check_error(&room.get("/api/v1/scim/Users", &token), 401, None);
    check_error(&room.send(Method::GET, "/api/v1/scim/Users", &[], ""), 401, None);
    assert_eq!(room.get("/api/v1/scim/Users", &key).status, 200);
    assert_eq!(room.get(LOG, &key).status, 401, "and opens nothing else");
    let secrets = room.sim.secrets();
    assert_eq!(secrets.get("<key:miro/stack#1>"), Some(&key));
    check_error(&get(&mut room, "/Nothing"), 404, None);
    check_error(&call(&mut room, Method::POST, "/.search", &json!({})), 501, None);
    let refused = call(&mut room, Method::POST, "/Groups", &json!({ "displayName": "x" }));
    check_error(&refused, 405, None);
    assert_eq!(refused.header("allow"), Some("GET"));
}

#[test]
fn deactivating_through_scim_stops_the_person_and_leaves_an_event() {
    let mut room = room();
    let ann = user(&room, ANN);
    for (value, enabled) in [("false", false), ("False", false), ("true", true)] {
        let reply = patch(&mut room, &ann, &json!([{ "op": "Replace", "path": "active", "value": value }]));
        let effect = reply.notes.effect.as_ref().map(|e| (e.action.clone(), e.target.clone()));
        assert_eq!(reply.expect(200)["active"], json!(enabled));
        assert_eq!(room.sim.state().timeline.account(ANN, MIRO).enabled, enabled);
        if value == "false" {
            assert_eq!(effect, Some(("suspend".to_owned(), "ann".to_owned())));
        }
    }
    let token = room.token();
    let since = room.now.rfc3339();
    room.now = at("12:10:00");
    let url = format!("/v2/audit/logs?createdAfter={since}&createdBefore=2026-12-31T00:00:00Z");
    let page = room.get(&url, &token).expect(200);
    let events: Vec<&str> = page["data"].as_array().expect("events").iter().map(|e| text(e, "event")).collect();
    let mut sorted = events.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["user_deactivated", "user_reactivated"], "the second time nothing happened");
    assert_eq!(page["data"][0]["createdBy"]["type"], json!("scim_provisioner"));
    assert_eq!(page["data"][0]["context"].get("ip"), None);
}

#[test]
fn a_pretended_deactivation_is_answered_as_done() {
    let mut room = room();
    room.effects = Effects::Pretended;
    let ann = user(&room, ANN);
    let reply = patch(&mut room, &ann, &json!([{ "op": "Replace", "path": "active", "value": "false" }]));
    assert_eq!(reply.notes.effect.as_ref().map(|e| e.done), Some(false));
    assert_eq!(reply.expect(200)["active"], json!(false));
    assert!(room.sim.state().timeline.account(ANN, MIRO).enabled);
}

#[test]
fn somebody_is_made_changed_found_by_the_other_apis_and_deleted() {
    let mut room = room();
    let body =
        json!({ "userName": "zoe@x.example", "name": { "givenName": "Zoe", "familyName": "Hill" }, "active": true });
    let made = call(&mut room, Method::POST, "/Users", &body);
    assert_eq!(made.header("location"), made.json()["meta"]["location"].as_str());
    let made = made.expect(201);
    let (id, path) = (text(&made, "id").to_owned(), format!("/Users/{}", text(&made, "id")));
    assert_eq!((text(&made, "displayName"), text(&made["groups"][0], "display").is_empty()), ("Zoe Hill", false));
    check_error(&call(&mut room, Method::POST, "/Users", &body), 409, Some("uniqueness"));
    let token = room.token();
    let org = format!("/v2/orgs/{}", room.sim.world.instances[0].organisation_id);
    let member = room.get(&format!("{org}/members/{id}"), &token).expect(200);
    assert_eq!((text(&member, "email"), text(&member, "license")), ("zoe@x.example", "full"));
    assert_eq!(
        patch(&mut room, &path, &json!([{ "op": "Replace", "path": "active", "value": "false" }])).expect(200)["active"],
        json!(false)
    );
    assert_eq!(room.get(&format!("{org}/members/{id}"), &token).expect(200)["active"], json!(false));
    assert_eq!(call(&mut room, Method::DELETE, &path, &Value::Null).status, 204);
    check_error(&get(&mut room, &path), 404, None);
    assert_eq!(room.get(&format!("{org}/members/{id}"), &token).status, 404);
    let mut events = events_now(&mut room);
    events.sort();
    assert_eq!(events, ["user_joined_organization", "user_removed_from_organization"]);
}

#[test]
fn who_was_deleted_comes_back_under_the_old_id() {
    let mut room = room();
    let (ann, login) = (user(&room, ANN), room.sim.world.people[1].accounts[&MIRO].login.clone());
    assert_eq!(call(&mut room, Method::DELETE, &ann, &Value::Null).status, 204);
    assert!(!room.sim.state().timeline.account(ANN, MIRO).exists);
    check_error(&get(&mut room, &ann), 404, None);
    let again = call(&mut room, Method::POST, "/Users", &json!({ "userName": login })).expect(201);
    assert_eq!(format!("/Users/{}", text(&again, "id")), ann);
    assert!(room.sim.state().timeline.account(ANN, MIRO).exists);
}

#[test]
fn lists_filter_sort_page_and_show_what_is_asked_for() {
    let mut room = room();
    let login = room.sim.world.people[1].accounts[&MIRO].login.clone();
    let found = get(&mut room, &format!("/Users?filter={}", encode(&format!("userName eq \"{login}\"")))).expect(200);
    assert_eq!((&found["totalResults"], text(&found["Resources"][0], "userName")), (&json!(1), &*login));
    let page = get(&mut room, "/Users?startIndex=2&count=1&sortBy=userName&sortOrder=descending&attributes=userName");
    let page = page.expect(200);
    assert_eq!((&page["totalResults"], &page["startIndex"], &page["itemsPerPage"]), (&json!(3), &json!(2), &json!(1)));
    let names: Vec<&String> = page["Resources"][0].as_object().expect("a user").keys().collect();
    assert_eq!(names, ["schemas", "id", "userName"]);
    assert_eq!(get(&mut room, "/Users?count=0").expect(200)["Resources"], json!([]));
    check_error(&get(&mut room, "/Users?filter=userName"), 400, Some("invalidFilter"));
    check_error(&get(&mut room, "/Users?count=many"), 400, Some("invalidValue"));
}

#[test]
fn miro_keeps_its_last_admin_and_lets_licences_only_grow() {
    let mut room = room();
    let (admin, ann) = (user(&room, PersonIndex(0)), user(&room, ANN));
    check_error(&call(&mut room, Method::DELETE, &admin, &Value::Null), 409, Some("uniqueness"));
    let role = |role: &str| json!([{ "op": "Replace", "path": "roles[primary eq true].value", "value": role }]);
    check_error(&patch(&mut room, &admin, &role("ORGANIZATION_INTERNAL_USER")), 409, Some("uniqueness"));
    // ConductorOne's connector names the attribute without a filter.
    let bare = json!([{ "op": "Replace", "path": "roles.value", "value": "ORGANIZATION_INTERNAL_ADMIN" }]);
    let promoted = patch(&mut room, &ann, &bare).expect(200);
    assert_eq!(promoted["roles"][0]["value"], json!("ORGANIZATION_INTERNAL_ADMIN"));
    assert_eq!(patch(&mut room, &admin, &role("ORGANIZATION_INTERNAL_USER")).status, 200, "now there are two");
    let license = |license: &str| json!([{ "op": "Replace", "path": "userType", "value": license }]);
    check_error(&patch(&mut room, &ann, &license("Free")), 400, Some("invalidValue"));
    assert_eq!(patch(&mut room, &ann, &license("Advanced")).expect(200)["userType"], json!("Advanced"));
    check_error(
        &patch(&mut room, &ann, &json!([{ "op": "Replace", "path": "emails", "value": [] }])),
        400,
        Some("mutability"),
    );
    check_error(
        &patch(&mut room, &ann, &json!([{ "op": "Replace", "value": { "active": true } }])),
        400,
        Some("invalidPath"),
    );
    let long = json!([{ "op": "Replace", "path": "displayName", "value": "x".repeat(61) }]);
    check_error(&patch(&mut room, &ann, &long), 400, Some("invalidValue"));
}

#[test]
fn a_put_on_a_deactivated_user_leaves_name_licence_and_role() {
    let mut room = room();
    let ann = user(&room, ANN);
    patch(&mut room, &ann, &json!([{ "op": "Replace", "path": "active", "value": "false" }])).expect(200);
    let own = get(&mut room, &ann).expect(200);
    let mut other = own.clone();
    other["userName"] = json!("other@x.example");
    check_error(&call(&mut room, Method::PUT, &ann, &other), 400, Some("mutability"));
    let mut back = own.clone();
    back["active"] = json!(true);
    back["emails"] = json!([{ "value": "ignored@x.example" }]);
    let back = call(&mut room, Method::PUT, &ann, &back).expect(200);
    assert_eq!((&back["active"], &back["emails"]), (&json!(true), &own["emails"]));
}

#[test]
fn groups_are_teams_whose_members_come_and_go() {
    let mut room = room();
    let groups = get(&mut room, "/Groups").expect(200);
    let group = format!("/Groups/{}", text(&groups["Resources"][0], "id"));
    let ann = room.sim.world.people[1].accounts[&MIRO].user_id.clone();
    let has = |group: &Value| group["members"].as_array().is_some_and(|m| m.iter().any(|m| m["value"] == ann.as_str()));
    let remove = json!([{ "op": "Remove", "path": format!("members[value eq {ann}]") }]);
    assert!(!has(&patch(&mut room, &group, &remove).expect(200)));
    patch(&mut room, &format!("/Users/{ann}"), &json!([{ "op": "Replace", "path": "active", "value": "false" }]))
        .expect(200);
    let add = json!([{ "op": "Add", "path": "members", "value": [{ "value": ann }] }]);
    assert!(has(&patch(&mut room, &group, &add).expect(200)));
    assert!(room.sim.state().timeline.account(ANN, MIRO).enabled, "adding reactivates");
    let rename = json!([{ "op": "Replace", "path": "displayName", "value": "Everybody" }]);
    assert_eq!(patch(&mut room, &group, &rename).expect(200)["displayName"], json!("Everybody"));
    let admin = room.sim.world.people[0].accounts[&MIRO].user_id.clone();
    let remove = json!([{ "op": "Remove", "path": format!("members[value eq \"{admin}\"]") }]);
    check_error(&patch(&mut room, &group, &remove), 409, Some("uniqueness"));
    let unknown = json!([{ "op": "Add", "path": "members", "value": [{ "value": "1" }] }]);
    check_error(&patch(&mut room, &group, &unknown), 400, Some("invalidValue"));
}

#[test]
fn miro_contradicts_itself_about_how_many_results_there_may_be() {
    let mut room = room();
    let config = get(&mut room, "/ServiceProviderConfig").expect(200);
    assert_eq!((&config["filter"]["maxResults"], &config["etag"]["supported"]), (&json!(200), &json!(false)));
    assert_eq!(get(&mut room, "/Users?count=1000").status, 200);
    assert_eq!(get(&mut room, "/ResourceTypes/User").expect(200)["endpoint"], json!("/Users"));
    check_error(&get(&mut room, "/ResourceTypes/Robot"), 404, None);
    check_error(&get(&mut room, "/Schemas?filter=id%20pr"), 403, None);
}
