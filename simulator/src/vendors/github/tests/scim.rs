//! SCIM of the organisation.

use axum::http::Method;
use serde_json::json;

use super::{Room, customer, office, room_of, send, text};
use crate::protocol::form::encode;
use crate::scenario::SignIn;

fn users(room: &Room, rest: &str) -> String {
    format!("/scim/v2/organizations/{}/Users{rest}", customer(room).login)
}

#[test]
fn identities_are_found_by_the_four_documented_attributes() {
    let mut room = room_of(office(SignIn::Sso));
    let token = room.token();
    let email = room.sim.world.people[1].email.clone();
    let all = room.get(&users(&room, ""), &token);
    assert_eq!(all.header("content-type"), Some("application/scim+json"));
    assert_eq!(all.expect(200)["totalResults"], json!(3));
    let by = |filter: &str, room: &Room| users(room, &format!("?filter={}", encode(filter)));
    let found = room.get(&by(&format!("userName eq \"{email}\""), &room), &token).expect(200);
    assert_eq!(found["Resources"][0]["emails"][0]["value"], json!(email));
    for filter in ["userName co \"a\"", "displayName eq \"Ann\"", "userName eq"] {
        let refused = room.get(&by(filter, &room), &token).expect(400);
        assert_eq!((&refused["status"], text(&refused, "scimType")), (&json!(400), "invalidFilter"), "{filter}");
    }
}

#[test]
fn who_is_deactivated_is_removed_and_the_identity_is_gone() {
    let mut room = room_of(office(SignIn::Sso));
    let token = room.token();
    let email = encode(&format!("userName eq \"{}\"", room.sim.world.people[1].email));
    let found = room.get(&users(&room, &format!("?filter={email}")), &token).expect(200);
    let own = users(&room, &format!("/{}", text(&found["Resources"][0], "id")));
    let patch = |value: &str| {
        format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{value}]}}"#)
    };
    let filtered = patch(r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"x@y.example"}"#);
    assert_eq!(send(&mut room, Method::PATCH, &own, &token, &filtered).status, 400);
    let renamed = patch(r#"{"op":"replace","path":"displayName","value":"Ann B."}"#);
    assert_eq!(text(&send(&mut room, Method::PATCH, &own, &token, &renamed).expect(200), "displayName"), "Ann B.");
    let off = patch(r#"{"op":"replace","path":"active","value":false}"#);
    let done = send(&mut room, Method::PATCH, &own, &token, &off);
    assert_eq!(done.expect(200)["active"], json!(false));
    let effect = done.notes.effect.expect("it is noted");
    assert_eq!((effect.action.as_str(), effect.target.as_str(), effect.done), ("remove_member", "ann", true));
    let gone = room.get(&own, &token).expect(404);
    assert_eq!(gone["status"], json!(404));
}

#[test]
fn somebody_is_provisioned_once() {
    let mut room = room_of(office(SignIn::Sso));
    let token = room.token();
    let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"eve@x.example","emails":[{"value":"eve@x.example"}]}"#;
    let all = users(&room, "");
    let made = send(&mut room, Method::POST, &all, &token, body).expect(201);
    assert_eq!(send(&mut room, Method::POST, &all, &token, body).status, 409);
    let own = users(&room, &format!("/{}", text(&made, "id")));
    assert_eq!(room.get(&own, &token).expect(200)["active"], json!(true));
    assert_eq!(send(&mut room, Method::DELETE, &own, &token, "").status, 204);
    assert_eq!(room.get(&own, &token).status, 404);
    assert_eq!(send(&mut room, Method::POST, &all, &token, "{}").status, 400);
}
