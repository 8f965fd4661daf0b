use std::path::Path;

use jiff::SignedDuration;

use super::impossible_travel::ImpossibleTravel;
use super::*;
use crate::geo::{Place, Position};
use crate::normalize::Event;
use crate::state::accounts::{Account, UserList};
use crate::state::{State, for_tests};

const LONDON: (f64, f64, &str) = (51.5074, -0.1278, "GB");
const SINGAPORE: (f64, f64, &str) = (1.3521, 103.8198, "SG");

fn policies() -> Policies {
    Policies::only(ImpossibleTravel::default())
}

fn account(uid: &str) -> Account {
    Account { uid: uid.to_owned(), email: Some("ana@x".to_owned()), login: None, active: true }
}

fn list(app: &str) -> UserList {
    if app == "entra" { UserList::Directory } else { UserList::Members }
}

/// A page of one: `account` signs in to `app` at this minute.
fn sign_in(state: &State, app: &str, account: &str, minute: i64, place: (f64, f64, &str)) {
    sign_in_under(&policies(), state, app, account, minute, place);
}

fn sign_in_under(
    policies: &Policies,
    state: &State,
    app: &str,
    account: &str,
    minute: i64,
    (lat, long, country): (f64, f64, &str),
) {
    let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
    let event = Event {
        uid: format!("{app}-{minute}"),
        log: "log",
        at: start + SignedDuration::from_mins(minute),
        account: Some(account.to_owned()),
        email: None,
        ip: Some(if country == "GB" { "192.0.2.1" } else { "198.51.100.1" }.parse().unwrap()),
        kind: EventKind::SignIn,
        ocsf: json!({"type_uid": 300_201}),
    };
    let position = Some(Position { lat, long, accuracy_km: 0.0 });
    let place = Place { country: Some(country.to_owned()), position, ..Place::default() };
    let weighed = state.write(|tx| {
        let kept = tx.keep_event(app, list(app), &event, Some(place))?;
        weigh(tx, policies, &BTreeMap::new(), kept.into_iter().collect())
    });
    weighed.unwrap();
}

fn keep_user(state: &State, app: &str, uid: &str) {
    let kept = state.write(|tx| {
        tx.keep_account(app, list(app), &account(uid))?;
        for person in tx.link_accounts()? {
            weigh(tx, &policies(), &BTreeMap::new(), tx.history(&person)?)?;
        }
        Ok(())
    });
    kept.unwrap();
}

/// Of each alert line: created or updated, its uid, and its evidence.
fn alerts(folder: &Path) -> Vec<(i64, String, Vec<String>)> {
    let text = std::fs::read_to_string(folder.join("report.ndjson")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let alerts = lines.filter(|line| line["kind"] == "alert").map(|line| {
        let finding = &line["body"]["finding_info"];
        let events = finding["related_events"].as_array().unwrap().iter();
        let events = events.map(|event| event["uid"].as_str().unwrap().to_owned()).collect();
        (line["body"]["activity_id"].as_i64().unwrap(), finding["uid"].as_str().unwrap().to_owned(), events)
    });
    alerts.collect()
}

#[test]
fn a_journey_between_two_apps_is_one_persons_journey() {
    let (folder, state) = for_tests();
    keep_user(&state, "entra", "oid");
    keep_user(&state, "miro", "345");
    sign_in(&state, "miro", "345", 0, LONDON);
    sign_in(&state, "entra", "oid", 30, SINGAPORE);
    assert_eq!(alerts(folder.path())[0].2, ["miro-0", "entra-30"]);
}

#[test]
fn a_journey_is_found_when_it_turns_out_whose_the_account_is() {
    let (folder, state) = for_tests();
    keep_user(&state, "miro", "345");
    sign_in(&state, "miro", "345", 0, LONDON);
    sign_in(&state, "entra", "oid", 30, SINGAPORE);
    assert_eq!(alerts(folder.path()), []);
    keep_user(&state, "entra", "oid");
    assert_eq!(alerts(folder.path()).len(), 1);
}

#[test]
fn an_alert_keeps_its_uid_when_earlier_events_turn_up_late() {
    let (folder, state) = for_tests();
    keep_user(&state, "entra", "oid");
    for (minute, place) in [(40, LONDON), (60, SINGAPORE), (0, SINGAPORE), (20, LONDON)] {
        sign_in(&state, "entra", "oid", minute, place);
    }
    let alerts = alerts(folder.path());
    assert_eq!(alerts.iter().map(|(change, ..)| *change).collect::<Vec<_>>(), [1, 2, 2]);
    assert!(alerts.iter().all(|(_, uid, _)| *uid == alerts[0].1));
    assert_eq!(alerts[2].2, ["entra-0", "entra-20", "entra-40", "entra-60"]);
}

#[test]
fn an_hour_of_silence_ends_an_alert() {
    let (folder, state) = for_tests();
    keep_user(&state, "entra", "oid");
    for (minute, place) in [(0, LONDON), (10, SINGAPORE), (71, LONDON)] {
        sign_in(&state, "entra", "oid", minute, place);
    }
    assert_eq!(alerts(folder.path()).iter().map(|(change, ..)| *change).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn equal_names_in_two_instances_are_two_accounts() {
    let (folder, state) = for_tests();
    keep_user(&state, "miro_eu", "345");
    keep_user(&state, "miro_us", "345");
    sign_in(&state, "miro_eu", "345", 0, LONDON);
    sign_in(&state, "miro_us", "345", 30, SINGAPORE);
    assert_eq!(alerts(folder.path()), []);
}

/// The default policies with this response.
fn answering(response: serde_json::Value) -> Policies {
    Policies::try_from(BTreeMap::from([("impossible_travel".to_owned(), response)])).unwrap()
}

#[test]
fn what_happened_before_a_policy_was_made_does_not_count() {
    let (folder, state) = for_tests();
    keep_user(&state, "entra", "oid");
    let policies = answering(json!({"created": "2026-03-02T09:05:00Z"}));
    for (minute, place) in [(0, LONDON), (10, SINGAPORE), (20, LONDON)] {
        sign_in_under(&policies, &state, "entra", "oid", minute, place);
    }
    assert_eq!(alerts(folder.path())[0].2, ["entra-10", "entra-20"]);
}

#[test]
fn a_brake_holds_back_what_would_be_too_many_actions_and_tells() {
    let (folder, state) = for_tests();
    keep_user(&state, "entra", "oid");
    let policies = answering(json!({"action": ["suspend", "require_sign_in", "notify"], "actions_per_hour": 2}));
    for (minute, place) in [(0, LONDON), (10, SINGAPORE)] {
        sign_in_under(&policies, &state, "entra", "oid", minute, place);
    }
    let open = state.read(|tx| tx.open_commands("entra")).unwrap();
    assert_eq!(open.iter().map(|command| command.action.as_str()).collect::<Vec<_>>(), ["suspend", "require_sign_in"]);
    let report = std::fs::read_to_string(folder.path().join("report.ndjson")).unwrap();
    assert!(report.contains("held back: impossible_travel may set off 2 actions an hour"), "{report}");
}
