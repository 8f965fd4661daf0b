//! What is left of the service, and what came after.

use axum::http::Method;

use super::*;
use crate::scenario::Verb;
use crate::vendors::testing::{at, step};

#[test]
fn the_service_itself_has_no_log_to_be_pulled() {
    let mut room = room();
    let token = room.token();
    check_error(&room.get("/security_audit_logs", &token), 400, 100);
    let form = format!("{}|{}", app_id(&room), app_secret(&room));
    let pairs = [("access_token", form.as_str()), ("grant_type", "client_credentials")];
    assert_eq!(room.post_form("/work_get_token", &pairs).status, 404);
}

#[test]
fn in_its_last_year_everything_can_be_read_and_nothing_changed() {
    let mut scenario = company();
    scenario.apps[WORKPLACE.0].profile = VendorProfile::ReadOnly;
    scenario.script.push(step(at("09:00:00"), 0, Verb::SignIn, WORKPLACE));
    let mut room = Room::new(scenario, Vendor::Workplace);
    let token = room.token();
    assert_eq!(room.get("/community/organization_members", &token).status, 200);
    let ann = id(&room, 1);
    check_error(&post(&mut room, &format!("/{ann}?active=false"), &token), 400, 10);
    let headers = [("authorization", &*format!("Bearer {token}")), ("user-agent", "test")];
    check_error(&room.send(Method::PUT, &format!("/Users/{ann}"), &headers, r#"{"active":false}"#), 400, 10);
    assert!(room.sim.state().timeline.account(crate::world::PersonIndex(1), WORKPLACE).enabled);
    let log = crate::timeline::LogId { app: WORKPLACE, feed: "security" };
    assert!(room.sim.state().timeline.arrivals(log, at("00:00:00"), at("11:00:00")).is_empty());
}

#[test]
fn after_the_end_no_app_is_installed_and_no_page_is_there() {
    let mut room = room_in(VendorProfile::Gone);
    let token = room.token();
    let refused = check_error(&room.get("/community/organization_members", &token), 400, 190);
    assert_eq!(refused["error"]["error_subcode"], 458);
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("user-agent", "test")];
    for (url, headers) in [("/Users", &headers[..]), ("/dialog/oauth?client_id=1&redirect_uri=x", &[])] {
        let reply = room.send(Method::GET, url, headers, "");
        assert_eq!((reply.status, reply.header("content-type")), (404, Some("text/html; charset=utf-8")), "{url}");
    }
}
