//! The successor's log, and how events come about.

use serde_json::json;

use super::*;
use crate::scenario::{Outcome, SignIn, Verb};
use crate::vendors::testing::{at, step};

const LOG: &str = "/security_audit_logs?limit=1000";

#[test]
fn an_entry_has_the_successors_fields() {
    let mut scenario = company();
    scenario.apps[WORKPLACE.0].profile = VendorProfile::AdminCenter;
    scenario.script.push(step(at("09:00:00"), 0, Verb::SignIn, WORKPLACE));
    let mut download = step(at("09:05:00"), 0, Verb::Download, WORKPLACE);
    download.object = Some("Budget".to_owned());
    scenario.script.push(download);
    let mut room = Room::new(scenario, Vendor::Workplace);
    let token = room.token();
    let page = room.get(LOG, &token).expect(200);
    let entry = &page["data"][1];
    assert_eq!((&entry["event"], &entry["timestamp"]), (&json!("Logged in"), &json!("2026-03-02T09:00:00+0000")));
    assert_eq!(
        (&entry["actor_username"], &entry["target_username"]),
        (&json!(email(&room, 1)), &json!(email(&room, 1)))
    );
    assert_eq!(page["data"][0]["extra_data"], json!({ "summary": "File Downloaded: Budget" }));
    assert_eq!(entry["id"], entry["event_id"]);
    let projected = room.get(&format!("{LOG}&fields=event"), &token).expect(200);
    assert_eq!(projected["data"][1], json!({ "event": "Logged in", "id": entry["id"] }));
}

#[test]
fn the_window_is_in_unix_seconds_and_nothing_else() {
    let mut scenario = company();
    scenario.apps[WORKPLACE.0].profile = VendorProfile::AdminCenter;
    for minute in ["09:00:00", "10:00:00"] {
        scenario.script.push(step(at(minute), 0, Verb::SignIn, WORKPLACE));
    }
    let mut room = Room::new(scenario, Vendor::Workplace);
    let token = room.token();
    let ten = at("10:00:00").s();
    assert_eq!(ids(&room.get(&format!("{LOG}&since={ten}"), &token).expect(200)).len(), 1);
    assert_eq!(ids(&room.get(&format!("{LOG}&until={}", ten - 1), &token).expect(200)).len(), 1);
    for wrong in ["2026-03-02T10:00:00Z".to_owned(), format!("{ten}000000"), "yesterday".to_owned()] {
        check_error(&room.get(&format!("{LOG}&since={wrong}"), &token), 400, 100);
    }
}

#[test]
fn failures_are_recorded_where_the_password_is_asked_for() {
    let failed = |sign_in, result| {
        let mut scenario = story(sign_in, &["ann"]);
        scenario.apps[WORKPLACE.0].profile = VendorProfile::AdminCenter;
        let mut attempt = step(at("09:00:00"), 0, Verb::SignIn, WORKPLACE);
        attempt.result = result;
        scenario.script.push(attempt);
        let mut room = Room::new(scenario, Vendor::Workplace);
        let token = room.token();
        let page = room.get(LOG, &token).expect(200);
        page["data"]
            .as_array()
            .expect("entries")
            .iter()
            .map(|e| e["event"].as_str().unwrap_or("").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(failed(SignIn::Password, Outcome::WrongPassword), ["Login Failed"]);
    assert_eq!(failed(SignIn::Password, Outcome::WrongCode), ["Two-Factor Code Entry Failed"]);
    assert_eq!(failed(SignIn::Password, Outcome::Blocked), [""; 0]);
    assert_eq!(failed(SignIn::Sso, Outcome::WrongPassword), [""; 0], "that is the directory's record");
    assert_eq!(failed(SignIn::Sso, Outcome::Success), ["Logged in"]);
}
