//! `$batch`.

use axum::http::Method;
use serde_json::{Value, json};

use super::{ANN, ENTRA, SIGN_INS, check_error, room, text};
use crate::vendors::testing::Room;

fn send(room: &mut Room, requests: &Value) -> Value {
    let token = room.token();
    room.post_json(Method::POST, "/v1.0/$batch", &token, &json!({ "requests": requests }).to_string()).expect(200)
}

#[test]
fn every_item_is_answered_as_if_it_had_come_alone() {
    let mut room = room();
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone();
    let answers = send(
        &mut room,
        &json!([
            { "id": "1", "method": "GET", "url": "/users?$top=1&$select=id" },
            { "id": "2", "method": "PATCH", "url": format!("users/{ann}"), "body": { "accountEnabled": false },
              "headers": { "Content-Type": "application/json" } },
            { "id": "3", "method": "GET", "url": format!("/users/{ann}?$select=accountEnabled"), "dependsOn": ["2"] },
            { "id": "4", "method": "GET", "url": "/users/nobody" },
            { "id": "5", "method": "GET", "url": "/me", "dependsOn": ["4"] },
            { "id": "6", "method": "GET", "url": "/users/$count", "headers": { "ConsistencyLevel": "eventual" } },
            { "id": "7", "method": "POST", "url": "/$batch", "body": { "requests": [] } },
            { "id": "8", "method": "GET", "url": "/nothing" },
        ]),
    );
    let responses = answers["responses"].as_array().expect("a list");
    let statuses: Vec<u64> = responses.iter().filter_map(|r| r["status"].as_u64()).collect();
    assert_eq!(statuses, [200, 204, 200, 404, 424, 200, 400, 404]);
    assert_eq!(responses[2]["body"]["accountEnabled"], json!(false));
    assert_eq!(responses[5]["body"], json!(3));
    assert_eq!(text(&responses[3]["body"]["error"], "code"), "Request_ResourceNotFound");
    let next = text(&responses[0]["body"], "@odata.nextLink").to_owned();
    let token = room.token();
    room.get(&next, &token).expect(200);
    let journal = room.sim.journal.entries();
    let patched = journal.iter().find(|e| e.route == "entra.update_user").expect("each item has its entry");
    assert_eq!(patched.notes.effect.as_ref().map(|e| e.action.as_str()), Some("suspend"));
}

#[test]
fn the_journal_keeps_of_an_item_what_it_keeps_of_any_request() {
    let mut room = room();
    let token = room.token();
    let long = "x".repeat(9_000);
    send(
        &mut room,
        &json!([
            { "id": "1", "method": "GET", "url": format!("/users?$search={token}") },
            { "id": "2", "method": "POST", "url": "/users", "body": { "passwordProfile": { "password": "hunter2" } } },
            { "id": "3", "method": "POST", "url": "/users", "body": { "displayName": long } },
        ]),
    );
    let journal = room.sim.journal.entries();
    assert!(journal[0].target.starts_with("/v1.0/users?$search=<token:entra/"), "{}", journal[0].target);
    let bodies: Vec<&str> = journal.iter().filter_map(|e| e.request_body.as_deref()).collect();
    assert_eq!(bodies[0], r#"{"passwordProfile":{"password":"<password>"}}"#);
    assert!(bodies[1].len() < 3_000, "it is cut");
}

#[test]
fn items_are_throttled_one_by_one_inside_a_200() {
    let mut room = room();
    let path = SIGN_INS.trim_start_matches("/v1.0");
    let items: Vec<Value> = (0..6).map(|n| json!({ "id": n.to_string(), "method": "GET", "url": path })).collect();
    let answers = send(&mut room, &json!(items));
    let last = &answers["responses"][5];
    assert_eq!((&last["status"], &last["headers"]["Retry-After"]), (&json!(429), &json!("10")), "{last}");
    assert_eq!(answers["responses"][4]["status"], json!(200));
}

#[test]
fn envelopes_that_cannot_be_are_refused_whole() {
    let mut room = room();
    let token = room.token();
    let item = |id: &str| json!({ "id": id, "method": "GET", "url": "/users" });
    let many: Vec<Value> = (0..21).map(|n| item(&n.to_string())).collect();
    let waits = json!({ "id": "1", "method": "GET", "url": "/users", "dependsOn": ["2"] });
    for requests in [json!([]), json!(many), json!([item("1"), item("1")]), json!([waits, item("2")]), json!("x")] {
        let body = json!({ "requests": requests }).to_string();
        check_error(&room.post_json(Method::POST, "/v1.0/$batch", &token, &body), 400, "Request_BadRequest");
    }
    check_error(&room.send(Method::POST, "/v1.0/$batch", &[], "{}"), 401, "InvalidAuthenticationToken");
}
