//! Users: queries of the lagging index, and making, changing, deleting, restoring.

use axum::http::Method;
use serde_json::{Value, json};

use super::{ANN, AUDITS, ENTRA, check_error, next, room, text};
use crate::protocol::form::encode_pairs;
use crate::scenario::PersonKind;
use crate::vendors::testing::{NO_CONTENT, Reply, Room};

const USERS: &str = "/v1.0/users";

/// Asks with the lagging index.
fn eventual(room: &mut Room, target: &str) -> Reply {
    let bearer = format!("Bearer {}", room.token());
    room.send(Method::GET, target, &[("authorization", &bearer), ("consistencylevel", "eventual")], "")
}

fn with(pairs: &[(&str, &str)]) -> String {
    format!("{USERS}?{}", encode_pairs(pairs.iter().copied()))
}

fn names(page: &Value) -> Vec<String> {
    let users = page["value"].as_array().expect("a list");
    users.iter().map(|user| text(user, "displayName").to_owned()).collect()
}

#[test]
fn advanced_queries_want_header_and_count() {
    let mut room = room();
    let token = room.token();
    #[rustfmt::skip]
    let cases = [
        ("$filter",  "accountEnabled ne true"),
        ("$filter",  "endsWith(mail,'.example')"),
        ("$filter",  "not startsWith(displayName,'Q')"),
        ("$search",  "\"displayName:ann\""),
    ];
    for (parameter, value) in cases {
        let url = with(&[(parameter, value), ("$count", "true")]);
        check_error(&room.get(&url, &token), 400, "Request_UnsupportedQuery");
        eventual(&mut room, &url).expect(200);
        if parameter == "$filter" {
            check_error(&eventual(&mut room, &with(&[(parameter, value)])), 400, "Request_UnsupportedQuery");
        }
    }
    let url = with(&[("$filter", "accountEnabled eq true"), ("$orderby", "displayName")]);
    check_error(&room.get(&url, &token), 400, "Request_UnsupportedQuery");
    let search = room.get(&with(&[("$search", "\"displayName:ann\"")]), &token).expect(400);
    assert!(text(&search["error"], "message").contains("ConsistencyLevel: eventual"));
    let unindexed = room.get(&with(&[("$filter", "shoeSize eq 4")]), &token).expect(400);
    assert_eq!(text(&unindexed["error"], "message"), "The request uses a filter property that is not indexed");
    check_error(&room.get(&with(&[("$skip", "1")]), &token), 400, "Request_UnsupportedQuery");
}

/// The next link carries no header: who follows it without one is refused, as a page iterator found out.
#[test]
fn the_next_page_of_an_advanced_query_wants_the_header_again() {
    let mut room = room();
    let url = with(&[("$filter", "accountEnabled ne false"), ("$count", "true"), ("$top", "1")]);
    let first = eventual(&mut room, &url).expect(200);
    let second = next("", &first).expect("there is more");
    let token = room.token();
    check_error(&room.get(&second, &token), 400, "Request_UnsupportedQuery");
    eventual(&mut room, &second).expect(200);
}

#[test]
fn deleted_items_are_sorted_by_their_deletion_from_the_lagging_index_alone() {
    let mut room = room();
    let url = "/v1.0/directory/deletedItems/microsoft.graph.user?$orderby=deletedDateTime%20desc&$count=true";
    let token = room.token();
    check_error(&room.get(url, &token), 400, "Request_UnsupportedQuery");
    eventual(&mut room, url).expect(200);
}

/// The object id stays, and the log goes on telling the name of the day.
#[test]
fn who_is_renamed_keeps_their_id_and_the_log_their_old_name() {
    let mut room = room();
    let token = room.token();
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].clone();
    let new = format!("ann.other@{}", room.sim.world.domain);
    let url = format!("{USERS}/{}", ann.user_id);
    room.post_json(Method::PATCH, &url, &token, &json!({ "userPrincipalName": new }).to_string());
    assert_eq!(text(&room.get(&url, &token).expect(200), "userPrincipalName"), new);
    check_error(&room.get(&format!("{USERS}/{}", ann.login), &token), 404, "Request_ResourceNotFound");
    let page = room.get(super::SIGN_INS, &token).expect(200);
    let mut entries = page["value"].as_array().expect("a list").iter();
    let own = entries.find(|entry| entry["userId"] == json!(ann.user_id)).expect("ann signed in");
    assert_eq!(text(own, "userPrincipalName"), ann.login);
}

#[test]
fn users_are_searched_and_sorted() {
    let mut room = room();
    let found = eventual(&mut room, &with(&[("$search", "\"displayName:ann\"")])).expect(200);
    assert!(names(&found).iter().all(|name| name.to_lowercase().contains("ann")) && !names(&found).is_empty());
    let mut walked = Vec::new();
    let mut url = Some(with(&[("$orderby", "displayName desc"), ("$top", "1")]));
    while let Some(asked) = url {
        let page = eventual(&mut room, &asked).expect(200);
        walked.extend(names(&page));
        url = next("", &page);
    }
    let mut sorted = walked.clone();
    sorted.sort_by_key(|name| std::cmp::Reverse(name.to_lowercase()));
    assert_eq!((walked.len(), &walked), (3, &sorted));
}

#[test]
fn clients_write_paths_and_parameters_in_many_ways() {
    let mut room = room();
    let token = room.token();
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].clone();
    let straight = room.get(&format!("/v1.0/users/{}?$select=id,mail", ann.user_id), &token).expect(200);
    for url in [
        format!("/v1.0//users/{}?%24select=id%2Cmail", ann.user_id),
        format!("/v1.0/users('{}')?$select=id,mail", ann.user_id),
        format!("/v1.0/users/{}?$select=ID,mail", ann.login),
        format!("/v1.0/users/{}?$select=id,mail", ann.login.replace('@', "%40")),
    ] {
        assert_eq!(room.get(&url, &token).expect(200), straight, "{url}");
    }
}

#[test]
fn a_guest_has_a_name_that_tells_where_they_come_from() {
    let mut scenario = super::office();
    scenario.cast[0].kind = PersonKind::Guest;
    let mut room = Room::new(scenario, crate::scenario::Vendor::Entra);
    let token = room.token();
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].clone();
    let guest = room.get(&format!("{USERS}/{}?$select=userPrincipalName,userType", ann.user_id), &token).expect(200);
    let name = text(&guest, "userPrincipalName").to_owned();
    assert!(name.contains("#EXT#@") && guest["userType"] == json!("Guest"), "{guest}");
    room.get(&format!("{USERS}/{}", name.replace('#', "%23")), &token).expect(200);
}

fn eve(room: &Room) -> Value {
    json!({
        "accountEnabled": true,
        "displayName": "Eve Adams",
        "mailNickname": "eve",
        "userPrincipalName": format!("eve@{}", room.sim.world.domain),
        "passwordProfile": { "password": "a long one", "forceChangePasswordNextSignIn": true },
    })
}

#[test]
fn a_user_is_made_changed_deleted_and_brought_back() {
    let mut room = room();
    let token = room.token();
    let body = eve(&room).to_string();
    let made = room.post_json(Method::POST, USERS, &token, &body).expect(201);
    let url = format!("{USERS}/{}", text(&made, "id"));
    check_error(&room.post_json(Method::POST, USERS, &token, &body), 400, "Request_BadRequest");
    let change = room.post_json(Method::PATCH, &url, &token, r#"{"jobTitle":"spy","accountEnabled":false}"#);
    assert_eq!(change.status, NO_CONTENT);
    let read = room.get(&format!("{url}?$select=jobTitle,accountEnabled,userType"), &token).expect(200);
    assert_eq!((&read["jobTitle"], &read["accountEnabled"]), (&json!("spy"), &json!(false)));
    room.post_json(Method::POST, &format!("{url}/revokeSignInSessions"), &token, "").expect(200);

    assert_eq!(room.post_json(Method::DELETE, &url, &token, "").status, NO_CONTENT);
    check_error(&room.get(&url, &token), 404, "Request_ResourceNotFound");
    let bin = "/v1.0/directory/deletedItems/microsoft.graph.user";
    let deleted = room.get(&format!("{bin}?$select=id,deletedDateTime"), &token).expect(200);
    assert_eq!(deleted["value"][0]["id"], made["id"]);
    let restore = format!("/v1.0/directory/deletedItems/{}/restore", text(&made, "id"));
    let restored = room.post_json(Method::POST, &restore, &token, "").expect(200);
    assert_eq!(restored["@odata.type"], json!("#microsoft.graph.user"));
    room.get(&url, &token).expect(200);
}

#[test]
fn people_of_the_world_are_deleted_and_restored_with_their_accounts() {
    let mut room = room();
    let token = room.token();
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone();
    let reply = room.post_json(Method::DELETE, &format!("{USERS}/{ann}"), &token, "");
    assert_eq!(reply.notes.effect.map(|e| (e.action, e.target)), Some(("delete_user".into(), "ann".into())));
    assert!(!room.sim.state().timeline.account(ANN, ENTRA).exists);
    let item = format!("/v1.0/directory/deletedItems/{ann}");
    let deleted = room.get(&item, &token).expect(200);
    assert!(text(&deleted, "userPrincipalName").starts_with(&ann.replace('-', "")), "{deleted}");
    assert_eq!(text(&deleted, "deletedDateTime"), "2026-03-02T12:00:00Z");
    room.post_json(Method::POST, &format!("{item}/restore"), &token, "").expect(200);
    assert!(room.sim.state().timeline.account(ANN, ENTRA).exists);
    room.post_json(Method::DELETE, &format!("{USERS}/{ann}"), &token, "");
    assert_eq!(room.post_json(Method::DELETE, &item, &token, "").status, NO_CONTENT);
    check_error(&room.get(&item, &token), 404, "Request_ResourceNotFound");
    check_error(&room.get("/v1.0/directory/deletedItems", &token), 404, "ResourceNotFound");
}

#[test]
fn what_was_deleted_a_month_ago_is_gone() {
    let mut room = room();
    let token = room.token();
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone();
    room.post_json(Method::DELETE, &format!("{USERS}/{ann}"), &token, "");
    room.now = room.now + std::time::Duration::from_secs(30 * 86_400);
    let token = room.token();
    check_error(&room.get(&format!("/v1.0/directory/deletedItems/{ann}"), &token), 404, "Request_ResourceNotFound");
}

#[test]
fn every_change_leaves_its_entry_with_the_application_as_its_initiator() {
    let mut room = room();
    let token = room.token();
    let body = eve(&room).to_string();
    let made = room.post_json(Method::POST, USERS, &token, &body).expect(201);
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone();
    let rename = json!({ "displayName": "Ann Other", "department": "Legal" }).to_string();
    room.post_json(Method::PATCH, &format!("{USERS}/{ann}"), &token, &rename);
    let user = room.get(&format!("{USERS}/{ann}?$select=displayName,department"), &token).expect(200);
    assert_eq!((text(&user, "displayName"), text(&user, "department")), ("Ann Other", "Legal"));
    room.now = room.now + std::time::Duration::from_secs(180);
    let page = room.get(AUDITS, &token).expect(200);
    let entries = page["value"].as_array().expect("a list");
    let of = |name: &str| entries.iter().filter(|e| e["activityDisplayName"] == *name).collect::<Vec<_>>();
    let (added, updated) = (of("Add user"), of("Update user"));
    assert_eq!((added.len(), updated.len()), (1, 2), "{page:#}");
    assert_eq!(added[0]["targetResources"][0]["id"], made["id"]);
    assert_eq!(added[0]["initiatedBy"]["app"]["displayName"], json!("stack"));
    assert_eq!(updated[0]["targetResources"][0]["id"], json!(ann));
}

#[test]
fn bad_users_are_refused_by_property() {
    let mut room = room();
    let token = room.token();
    for change in [
        json!({ "userPrincipalName": "eve@elsewhere.example" }),
        json!({ "accountEnabled": "yes" }),
        json!({ "displayName": null }),
        json!({ "shoeSize": 4 }),
    ] {
        let mut body = eve(&room);
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        check_error(&room.post_json(Method::POST, USERS, &token, &body.to_string()), 400, "Request_BadRequest");
    }
    check_error(&room.get("/v1.0/me", &token), 400, "Request_BadRequest");
}
