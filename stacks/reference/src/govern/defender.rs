//! What is done at Defender for Cloud Apps: to files, through its own governance, and to its alerts.
//!
//! `quarantine` and `trash`: `POST /api/v1/files/bulk_governance/`, which is not documented and what Microsoft's own flows
//! call; of its body `task_name` has to come first. The file is looked up by the product's id of it, before and after: the
//! vendor's id, which alerts carry, is another.
//!
//! `close_alert`: the alerts about the user that are open are closed as true positives, `POST
//! /api/v1/alerts/close_true_positive/`. One that is closed already, by us or by anybody, is none to be closed: the vendor
//! tells it as not found, and that is no failure.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Found, Hands, Read};
use crate::api::Request;
use crate::bug::{Bug, planted};
use crate::connections::App;
use crate::state::commands::Command;

pub(super) const HANDS: Hands = Hands { call: |_, _, _| None, state: |_, _, _| None, is_done, look, found };

/// Microsoft 365, whose ids people are known by.
const MICROSOFT_365: u32 = 11_161;
/// Most ids of one call.
const MOST: usize = 100;
/// How long before an alert of ours one of the product's about the same may have been raised, in days.
const DAYS: u32 = 1;

fn is_done(_: &Command, _: &Read, _: Option<Timestamp>) -> bool {
    false
}

/// An action on a file: the product's task, and where the file shows it.
fn task(action: &str) -> Option<(&'static str, &'static str)> {
    match action {
        "quarantine" => Some(("QuarantineTask", "quarantined")),
        "trash" => Some(("TrashFileTask", "trashed")),
        _ => None,
    }
}

fn look(app: &App, command: &Command) -> Option<Request> {
    if task(&command.action).is_some() {
        return Some(Request::get(at(app, &format!("api/v1/files/{}/", command.object.as_deref()?))));
    }
    let person = json!([{"id": command.target, "saas": MICROSOFT_365, "inst": 0}]);
    let mut filters = json!({"entity.entity": {"eq": person}, "date": {"gte_ndays": DAYS}});
    if planted(Bug::CloseOnlyOpen) {
        filters["alertOpen"] = json!({"eq": true});
    }
    let body = json!({"filters": filters, "sortField": "date", "sortDirection": "asc", "limit": MOST});
    (command.action == "close_alert").then(|| post(app, "api/v1/alerts/", body))
}

fn found(app: &App, command: &Command, found: &Value) -> Found {
    if let Some((task, shows)) = task(&command.action) {
        let entities = json!([{"id": found["_id"], "appId": found["appId"]}]);
        let body = json!({"task_name": task, "entities": entities, "params": null});
        return match &found[shows] {
            Value::Bool(true) => Found::Nothing,
            _ => Found::Do(post(app, "api/v1/files/bulk_governance/", body)),
        };
    }
    let alerts = found["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    let open: Vec<&Value> = alerts.iter().filter(|alert| alert["resolveTime"].is_null()).collect();
    let ids: Vec<&Value> = open.iter().map(|alert| &alert["_id"]).collect();
    let comment = format!("answered by alert {}", command.alert);
    let body = json!({"filters": {"id": {"eq": ids}}, "comment": comment});
    match (alerts.is_empty(), open.is_empty()) {
        (true, _) => Found::NotYet,
        (false, true) => Found::Nothing,
        (false, false) => Found::Do(post(app, "api/v1/alerts/close_true_positive/", body)),
    }
}

/// Every path ends in a slash; without it a POST is redirected and loses its body.
fn at(app: &App, path: &str) -> String {
    format!("{}/{path}", app.base_url.trim_end_matches('/'))
}

fn post(app: &App, path: &str, body: Value) -> Request {
    Request { method: Method::POST, url: at(app, path), body: Some(body), ..Request::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> App {
        serde_json::from_value(json!({"vendor": "defender", "base_url": "http://127.0.0.1:1/"})).unwrap()
    }

    fn command(action: &str) -> Command {
        Command {
            uid: "c-1".to_owned(),
            alert: "a-1".to_owned(),
            instance: Some("defender".to_owned()),
            action: action.to_owned(),
            target: "oid-ana".to_owned(),
            email: None,
            object: Some("f-1".to_owned()),
            ordered_at: Timestamp::UNIX_EPOCH,
            attempt: 0,
            first_sent_at: None,
        }
    }

    #[test]
    fn a_task_is_named_first_and_of_a_file_by_the_products_id() {
        let file = json!({"_id": "f-1", "id": "drive|item", "appId": 15_600, "quarantined": false});
        let Found::Do(call) = found(&app(), &command("quarantine"), &file) else { panic!("nothing is done") };
        let body = call.body.unwrap().to_string();
        assert!(body.starts_with(r#"{"task_name":"QuarantineTask","entities":[{"id":"f-1","appId":15600}]"#), "{body}");
    }

    #[test]
    fn what_is_done_already_is_not_done_again() {
        #[rustfmt::skip]
        let cases = [
            ("quarantine",  json!({"_id": "f-1", "quarantined": true}),                    "nothing"),
            ("trash",       json!({"_id": "f-1", "quarantined": true, "trashed": false}),  "call"),
            ("close_alert", json!({"data": []}),                                           "not yet"),
            ("close_alert", json!({"data": [{"_id": "1", "resolveTime": "2026-01-01"}]}),  "nothing"),
            ("close_alert", json!({"data": [{"_id": "1", "resolveTime": null}]}),          "call"),
        ];
        for (action, there, expected) in cases {
            let done = match found(&app(), &command(action), &there) {
                Found::Do(_) => "call",
                Found::Nothing => "nothing",
                Found::NotYet => "not yet",
            };
            assert_eq!(done, expected, "{action} {there}");
        }
    }
}
