//! What is done at Defender for Cloud Apps: to files, through its own governance, and to its alerts.
//!
//! `quarantine` and `trash`: `POST /api/v1/files/bulk_governance/`, which is not documented and what Microsoft's own flows
//! call; of its body `task_name` has to come first. The file is looked up by the product's id of it, before and after: the
//! vendor's id, which alerts carry, is another.
//!
//! `close_alert`: the product's own alert about the same is closed as a true positive, by its id, `POST
//! /api/v1/alerts/close_true_positive/`: the first about the user under the policy that [`SAME`] names, raised after what our
//! alert is about began. Whatever else is open about them is somebody's to look into. One that is closed already, by us or by
//! anybody, is none to be closed: the vendor tells it as not found, and that is no failure.

use jiff::{SignedDuration, Timestamp};
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
/// How long after what an alert of ours is about the product may raise its own.
const LATEST: SignedDuration = SignedDuration::from_hours(12);

/// Policies of ours, and what the product calls its own about the same.
const SAME: [(&str, &str); 8] = [
    ("activity_by_terminated_user", "Activity performed by terminated user"),
    ("activity_from_anonymous_ip", "Activity from anonymous IP addresses"),
    ("activity_from_infrequent_country", "Activity from infrequent country"),
    ("activity_from_suspicious_ip", "Activity from suspicious IP addresses"),
    ("impossible_travel", "Impossible travel"),
    ("multiple_failed_logins", "Multiple failed login attempts"),
    ("unusual_administrative_activity", "Unusual administrative activity (by user)"),
    ("unusual_impersonated_activity", "Unusual impersonated activity (by user)"),
];

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
    let since = command.span.0.as_millisecond();
    let mut filters = json!({"entity.entity": {"eq": person}, "date": {"gte": since}});
    if planted(Bug::CloseOnlyOpen) {
        filters["alertOpen"] = json!({"eq": true});
    }
    let body = json!({"filters": filters, "sortField": "date", "sortDirection": "asc", "limit": MOST});
    (command.action == "close_alert" && same(&command.policy).is_some()).then(|| post(app, "api/v1/alerts/", body))
}

/// The product's policy about the same.
fn same(policy: &str) -> Option<&'static str> {
    SAME.iter().find(|(ours, _)| *ours == policy).map(|(_, theirs)| *theirs)
}

/// The alert of the product's that means the same as the command's, among those about its user, the oldest first.
fn meant<'a>(command: &Command, alerts: &'a [Value]) -> Option<&'a Value> {
    let latest = (command.span.1 + LATEST).as_millisecond();
    let is_of = |alert: &Value, policy: &str| {
        let entities = alert["entities"].as_array().into_iter().flatten();
        entities.into_iter().any(|entity| entity["type"] == "policyRule" && entity["label"] == *policy)
    };
    let policy = same(&command.policy)?;
    let in_time = |alert: &Value| alert["timestamp"].as_i64().is_some_and(|raised| raised <= latest);
    alerts.iter().find(|alert| is_of(alert, policy) && in_time(alert))
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
    let Some(alert) = meant(command, alerts) else { return Found::NotYet };
    if !alert["resolveTime"].is_null() {
        return Found::Nothing;
    }
    let all =
        || alerts.iter().filter(|alert| alert["resolveTime"].is_null()).map(|alert| alert["_id"].clone()).collect();
    let ids = if planted(Bug::CloseEveryAlert) { all() } else { vec![alert["_id"].clone()] };
    let comment = format!("answered by alert {}", command.alert);
    let body = json!({"filters": {"id": {"eq": ids}}, "comment": comment});
    Found::Do(post(app, "api/v1/alerts/close_true_positive/", body))
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
            policy: "impossible_travel".to_owned(),
            span: (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH),
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

    /// An alert of the product's, so many hours after what ours is about.
    fn alert(id: &str, policy: &str, hours: i64, resolved: Option<&str>) -> Value {
        let entities = json!([{"type": "ip", "label": policy}, {"type": "policyRule", "label": policy}]);
        json!({"_id": id, "entities": entities, "timestamp": hours * 3_600_000, "resolveTime": resolved})
    }

    #[test]
    fn of_all_alerts_about_somebody_the_one_that_is_meant_is_closed() {
        let there = json!({"data": [
            alert("1", "Activity from infrequent country", 1, None),
            alert("2", "Impossible travel", 1, None),
            alert("3", "Impossible travel", 5, None),
        ]});
        let Found::Do(call) = found(&app(), &command("close_alert"), &there) else { panic!("nothing is done") };
        assert_eq!(call.body.unwrap()["filters"], json!({"id": {"eq": ["2"]}}));
    }

    #[test]
    fn an_alert_of_a_kind_that_the_product_has_not_is_not_looked_for() {
        let ours = Command { policy: "chain".to_owned(), ..command("close_alert") };
        assert!(look(&app(), &ours).is_none());
    }

    #[test]
    fn what_is_done_already_is_not_done_again() {
        #[rustfmt::skip]
        let cases = [
            ("quarantine",  json!({"_id": "f-1", "quarantined": true}),                    "nothing"),
            ("trash",       json!({"_id": "f-1", "quarantined": true, "trashed": false}),  "call"),
            ("close_alert", json!({"data": []}),                                           "not yet"),
            ("close_alert", json!({"data": [alert("1", "Impossible travel", 1, Some("2026-01-01"))]}), "nothing"),
            ("close_alert", json!({"data": [alert("1", "Impossible travel", 1, None)]}), "call"),
            ("close_alert", json!({"data": [alert("1", "Multiple failed login attempts", 1, None)]}), "not yet"),
            ("close_alert", json!({"data": [alert("1", "Impossible travel", 13, None)]}), "not yet"),
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
