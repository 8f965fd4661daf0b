//! Enterprise Server: what differs there.

use axum::http::Method;
use serde_json::json;

use super::{Room, customer, github, link, login_of, office, room_of, send};
use crate::scenario::{SignIn, VendorProfile};
use crate::vendors::testing::ORIGIN;

fn server() -> Room {
    let mut scenario = office(SignIn::Password);
    scenario.apps[github().0].profile = VendorProfile::Server;
    room_of(scenario)
}

#[test]
fn its_audit_log_has_numbered_pages() {
    let mut room = server();
    let token = room.token();
    let url = format!("/api/v3/enterprises/{}/audit-log?per_page=2&include=all", customer(&room).enterprise);
    let first = room.get(&url, &token);
    assert_eq!(first.expect(200).as_array().map(Vec::len), Some(2));
    let next = link(&first, "next").expect("there is more");
    assert_eq!(next, format!("{ORIGIN}{url}&page=2"));
    let second = room.get(&next, &token);
    assert_eq!(second.expect(200).as_array().map(Vec::len), Some(2));
    assert_eq!((link(&second, "next"), link(&second, "prev")), (None, Some(format!("{ORIGIN}{url}&page=1"))));
}

#[test]
fn its_administrators_suspend_people() {
    let mut room = server();
    let token = room.token();
    let ann = login_of(&room, 1);
    let url = format!("/api/v3/users/{ann}/suspended");
    let done = send(&mut room, Method::PUT, &url, &token, "");
    assert_eq!((done.status, done.notes.effect.map(|e| (e.action, e.done))), (204, Some(("suspend".to_owned(), true))));
    assert!(room.get(&format!("/api/v3/users/{ann}"), &token).expect(200)["suspended_at"].is_string());
    assert_eq!(send(&mut room, Method::DELETE, &url, &token, "").status, 204);
    let mut cloud = room_of(office(SignIn::Password));
    let token = cloud.token();
    assert_eq!(send(&mut cloud, Method::PUT, &url, &token, "").status, 404, "GitHub's own machines know no such call");
}

#[test]
fn it_limits_nobody_and_says_so() {
    let mut room = server();
    let token = room.token();
    assert_eq!(room.get("/api/v3/rate_limit", &token).status, 404);
    assert_eq!(room.get("/api/v3/user", &token).header("x-ratelimit-limit"), None);
    assert_eq!(room.get("/api/v3/meta", &token).expect(200)["installed_version"], json!("3.19.0"));
}
