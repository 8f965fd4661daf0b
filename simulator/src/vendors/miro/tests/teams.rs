//! Teams, seats and settings.

use axum::http::Method;
use serde_json::{Value, json};

use super::{MIRO, check_error, events_now, room, text};
use crate::protocol::exchange::Effects;
use crate::vendors::testing::{Reply, Room};

fn org(room: &Room) -> String {
    format!("/v2/orgs/{}", room.sim.world.instances[0].organisation_id)
}

fn call(room: &mut Room, method: Method, path: &str, body: &Value) -> Reply {
    let (token, url) = (room.token(), format!("{}{path}", org(room)));
    room.post_json(method, &url, &token, &body.to_string())
}

fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().expect("a list").iter().map(|e| text(e, "id").to_owned()).collect()
}

#[test]
fn a_team_is_made_filled_emptied_and_deleted_and_each_leaves_an_event() {
    let mut room = room();
    let made = call(&mut room, Method::POST, "/teams", &json!({ "name": "Design" })).expect(201);
    let team = format!("/teams/{}", text(&made, "id"));
    let ann = room.sim.world.people[1].accounts[&MIRO].clone();
    let body = json!({ "email": ann.login, "role": "admin" });
    let seat = call(&mut room, Method::POST, &format!("{team}/members"), &body).expect(201);
    assert_eq!(
        (text(&seat, "id"), text(&seat, "role"), text(&seat, "createdAt")),
        (&*ann.user_id, "admin", "2026-03-02T12:00:00.000Z")
    );
    check_error(&call(&mut room, Method::POST, &format!("{team}/members"), &body), 409, "conflict");
    let own = format!("{team}/members/{}", ann.user_id);
    assert_eq!(text(&call(&mut room, Method::PATCH, &own, &json!({ "role": "member" })).expect(200), "role"), "member");
    assert_eq!(call(&mut room, Method::DELETE, &own, &Value::Null).status, 204);
    check_error(&call(&mut room, Method::GET, &own, &Value::Null), 404, "notFound");
    assert_eq!(call(&mut room, Method::PATCH, &team, &json!({ "name": "Art" })).expect(200)["name"], json!("Art"));
    assert_eq!(call(&mut room, Method::DELETE, &team, &Value::Null).status, 204);
    check_error(&call(&mut room, Method::GET, &team, &Value::Null), 404, "notFound");
    let mut events = events_now(&mut room);
    events.sort();
    let expected = [
        "team_admin_revoked",
        "team_created",
        "team_deleted",
        "team_renamed",
        "user_joined_team",
        "user_joined_team",
        "user_removed_from_team",
    ];
    assert_eq!(events, expected);
}

#[test]
fn everybody_but_guests_sits_in_the_first_team_which_stays() {
    let mut room = room();
    let team = format!("/teams/{}", room.sim.world.instances[0].team_id);
    let page = call(&mut room, Method::GET, &format!("{team}/members?limit=2"), &Value::Null).expect(200);
    let rest = format!("{team}/members?limit=2&cursor={}", text(&page, "cursor"));
    let rest = call(&mut room, Method::GET, &rest, &Value::Null).expect(200);
    assert_eq!(ids(&page).len() + ids(&rest).len(), 3);
    let admins = call(&mut room, Method::GET, &format!("{team}/members?role=admin"), &Value::Null).expect(200);
    assert_eq!(admins["size"], json!(1));
    let admin = format!("{team}/members/{}", ids(&admins)[0]);
    check_error(&call(&mut room, Method::DELETE, &admin, &Value::Null), 409, "conflict");
    check_error(&call(&mut room, Method::PATCH, &admin, &json!({ "role": "member" })), 409, "conflict");
    check_error(&call(&mut room, Method::DELETE, &team, &Value::Null), 400, "invalidParameters");
    let nobody = json!({ "email": "nobody@x.example" });
    check_error(&call(&mut room, Method::POST, &format!("{team}/members"), &nobody), 404, "notFound");
}

#[test]
fn settings_are_changed_one_by_one_and_wrong_words_are_refused() {
    let mut room = room();
    let url = format!("/teams/{}/settings", room.sim.world.instances[0].team_id);
    let change = json!({ "teamSharingPolicySettings": { "sharingViaPublicLink": "not_allowed" } });
    let settings = call(&mut room, Method::PATCH, &url, &change).expect(200);
    let sharing = &settings["teamSharingPolicySettings"];
    assert_eq!((text(sharing, "sharingViaPublicLink"), text(sharing, "sharingOnAccount")), ("not_allowed", "allowed"));
    assert_eq!(call(&mut room, Method::GET, &url, &Value::Null).expect(200), settings);
    let wrong = json!({ "teamInvitationSettings": { "whoCanInvite": "anybody" } });
    check_error(&call(&mut room, Method::PATCH, &url, &wrong), 400, "invalidParameters");
    let defaults = call(&mut room, Method::GET, "/default_teams_settings", &Value::Null).expect(200);
    assert_eq!(defaults["teamSharingPolicySettings"]["sharingViaPublicLink"], json!("allowed"));
}

#[test]
fn a_pretended_change_changes_nothing() {
    let mut room = room();
    room.effects = Effects::Pretended;
    let ann = room.sim.world.people[1].accounts[&MIRO].user_id.clone();
    let seat = format!("/teams/{}/members/{ann}", room.sim.world.instances[0].team_id);
    assert_eq!(call(&mut room, Method::DELETE, &seat, &Value::Null).status, 204);
    assert_eq!(call(&mut room, Method::GET, &seat, &Value::Null).status, 200);
    assert_eq!(events_now(&mut room), [""; 0]);
}
