//! Alerts: what becomes one in which mode, and what is done with it.

use std::time::Duration;

use super::*;
use crate::scenario::{
    AttackIndex, AttackSpec, From as Origin, Listed, MdaMode, NetworkSpec, NetworkTag, Outcome, Position, Step, Using,
    Who,
};
use crate::world::place;

const ALERTS: &str = "/api/v1/alerts/";
const DEFENDER: usize = 4;

fn attack() -> AttackSpec {
    AttackSpec { name: "takeover".to_owned(), techniques: vec!["T1078.004".to_owned()], at: Position::default() }
}

fn malicious(mut step: Step, from: &str) -> Step {
    step.attack = Some(AttackIndex(0));
    step.from = place(from).map(Origin::Place);
    step.using = Using::UnknownDevice;
    step
}

/// Ann works at home and, half an hour later, somebody is Ann somewhere else.
pub(super) fn takeover(mode: MdaMode, from: &str) -> Scenario {
    let mut scenario = office(SignIn::Password);
    scenario.attacks.push(attack());
    scenario.apps[DEFENDER].mda_mode = mode;
    scenario.script.push(malicious(step(at("09:30:00"), 0, Verb::SignIn, MIRO), from));
    scenario
}

fn titles(room: &mut Room) -> Vec<String> {
    let page = post(room, ALERTS, &json!({ "sortDirection": "asc" })).expect(200);
    each(&page, "/title").into_iter().map(|title| title.as_str().expect("a title").to_owned()).collect()
}

#[test]
fn a_journey_is_an_alert_of_old_and_a_behavior_today() {
    #[rustfmt::skip]
    let cases = [
        // mode                  from        alerts
        (MdaMode::LegacyAlerts, "New York", &["Activity from infrequent country", "Impossible travel activity"][..]),
        (MdaMode::LegacyAlerts, "Dublin",   &["Activity from infrequent country"]),
        (MdaMode::LegacyAlerts, "Edinburgh", &[]),
        (MdaMode::Behaviors,    "New York", &[]),
        (MdaMode::Dynamic,      "New York", &[]),
    ];
    for (mode, from, expected) in cases {
        let mut room = room_of(takeover(mode, from));
        let mut found = titles(&mut room);
        found.sort();
        assert_eq!(found, expected, "{mode:?} {from}");
    }
}

#[test]
fn what_carries_no_label_raises_nothing() {
    let mut scenario = takeover(MdaMode::LegacyAlerts, "New York");
    scenario.script.iter_mut().for_each(|step| step.attack = None);
    assert_eq!(titles(&mut room_of(scenario)), [""; 0]);
}

#[test]
fn an_address_is_judged_by_its_tags_and_the_mode() {
    #[rustfmt::skip]
    let cases = [
        (NetworkTag::Tor,         Verb::SignIn, MdaMode::LegacyAlerts, Some("Activity from an anonymous IP address")),
        (NetworkTag::Tor,         Verb::SignIn, MdaMode::Behaviors,    Some("Activity from an anonymous IP address")),
        (NetworkTag::Tor,         Verb::SignIn, MdaMode::Dynamic,      Some("Activity from a TOR IP address")),
        (NetworkTag::PublicProxy, Verb::SignIn, MdaMode::LegacyAlerts, Some("Activity from an anonymous IP address")),
        (NetworkTag::PublicProxy, Verb::SignIn, MdaMode::Dynamic,      None),
        (NetworkTag::Risky,       Verb::SignIn, MdaMode::Dynamic,      Some("Successful logon from a suspicious IP address")),
        (NetworkTag::Risky,       Verb::Export, MdaMode::Dynamic,      None),
        (NetworkTag::Risky,       Verb::Export, MdaMode::Behaviors,    Some("Activity from suspicious IP addresses")),
        (NetworkTag::Hosting,     Verb::SignIn, MdaMode::LegacyAlerts, None),
    ];
    for (tag, verb, mode, expected) in cases {
        let mut scenario = takeover(mode, "London");
        scenario.networks.push(NetworkSpec {
            name: "exit".to_owned(),
            place: place("London").expect("in the catalogue"),
            tags: vec![tag],
            known: false,
            accuracy_km: 0,
            listed: Listed::default(),
            is_ipv6: false,
            at: Position::default(),
        });
        let last = scenario.script.last_mut().expect("a step");
        (last.from, last.verb) = (Some(Origin::Network(0)), verb);
        let found = titles(&mut room_of(scenario));
        assert_eq!(found.first().map(String::as_str), expected, "{tag:?} {verb:?} {mode:?}");
    }
}

#[test]
fn the_eleventh_failure_raises_one_alert_that_grows() {
    let failing = |times| {
        let mut scenario = takeover(MdaMode::LegacyAlerts, "London");
        let last = scenario.script.last_mut().expect("a step");
        (last.result, last.times, last.over) = (Outcome::WrongPassword, times, Duration::from_secs(240));
        room_of(scenario)
    };
    assert_eq!(titles(&mut failing(10)), [""; 0]);
    let page = post(&mut failing(14), ALERTS, &json!({})).expect(200);
    assert_eq!(each(&page, "/title"), ["Multiple failed login attempts"]);
    assert_eq!(page["data"][0]["audits"].as_array().expect("ids").len(), 14);
    assert_eq!(page["data"][0]["severityValue"], json!(0));
}

#[test]
fn whoever_has_left_the_directory_and_acts_is_found_unless_restored() {
    for (restored, expected) in [(false, &["Activity performed by terminated user"][..]), (true, &[])] {
        let mut scenario = takeover(MdaMode::Dynamic, "London");
        let fate = |verb, time: &str| {
            let mut step = step(at(time), 0, verb, ENTRA);
            (step.actor, step.target) = (Who::Admin, Some(Who::Cast(0)));
            step
        };
        let act = scenario.script.pop().expect("a step");
        scenario.script.push(fate(Verb::Terminate, "09:22:00"));
        if restored {
            scenario.script.push(fate(Verb::Restore, "09:25:00"));
        }
        scenario.script.push(act);
        assert_eq!(titles(&mut room_of(scenario)), expected);
    }
}

#[test]
fn an_alert_leads_to_its_activities_and_back() {
    let mut room = room_of(takeover(MdaMode::LegacyAlerts, "New York"));
    let page = post(&mut room, ALERTS, &json!({ "filters": { "entity.policy": { "neq": "x" } } })).expect(200);
    let travel = page["data"].as_array().expect("alerts").iter().find(|a| a["title"] == "Impossible travel activity");
    let travel = travel.expect("it is there").clone();
    let id = travel["_id"].as_str().expect("an id");
    assert!(id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    assert_eq!(get(&mut room, &format!("{ALERTS}{id}/")).expect(200), travel);
    let asked = json!({ "filters": { "activity.alertId": { "eq": id } } });
    let cited = post(&mut room, ACTIVITIES, &asked).expect(200);
    let mut ids: Vec<Value> = each(&cited, "/_id").into_iter().cloned().collect();
    ids.reverse();
    assert_eq!(json!(ids), travel["audits"]);
    let countries: Vec<&Value> =
        travel["entities"].as_array().expect("entities").iter().filter(|e| e["type"] == "country").collect();
    assert_eq!(countries.iter().map(|c| &c["id"]).collect::<Vec<_>>(), ["GB", "US"]);
    let policy = &travel["policy"]["id"];
    let one = get(&mut room, &format!("/cas/api/v1/policies/ANOMALY_DETECTION/{}/", policy.as_str().expect("an id")));
    assert_eq!(one.expect(200)["name"], "Impossible travel");
    room.now = at("09:45:00");
    assert_eq!(titles(&mut room), [""; 0], "it takes its time");
}

#[test]
fn alerts_are_closed_once_and_found_by_how() {
    let mut room = room_of(takeover(MdaMode::LegacyAlerts, "New York"));
    let page = post(&mut room, ALERTS, &json!({ "sortField": "severity" })).expect(200);
    let ids: Vec<String> = each(&page, "/_id").iter().map(|id| id.as_str().expect("an id").to_owned()).collect();
    assert_eq!(post(&mut room, &format!("{ALERTS}{}/read/", ids[0]), &json!({})).status, 200);
    assert_eq!(
        post(&mut room, ALERTS, &json!({ "filters": { "read": { "eq": true } } })).expect(200)["total"],
        json!(1)
    );
    assert_eq!(post(&mut room, &format!("{ALERTS}{}/unread/", ids[0]), &json!({})).status, 200);
    assert_eq!(
        post(&mut room, ALERTS, &json!({ "filters": { "read": { "eq": true } } })).expect(200)["total"],
        json!(0)
    );
    let by_id = |ids: &[&str]| json!({ "filters": { "id": { "eq": ids } }, "comment": "a test", "reasonId": 6 });
    let closed = post(&mut room, &format!("{ALERTS}close_benign/"), &by_id(&[&ids[0], "nobodys"])).expect(200);
    assert_eq!(closed, json!({ "closed_benign": 1, "alertsNotFound": ["nobodys"] }));
    let again = post(&mut room, &format!("{ALERTS}close_true_positive/"), &by_id(&[&ids[0]])).expect(200);
    assert_eq!(again, json!({ "closed_true_positive": 0, "alertsNotFound": [ids[0]] }));
    let told = get(&mut room, &format!("{ALERTS}{}/", ids[0])).expect(200);
    assert_eq!((&told["resolutionStatusValue"], &told["comment"]), (&json!(4), &json!("a test")));
    assert_eq!(told["resolveTime"], "2026-03-02T12:00:00Z");
    let open = json!({ "filters": { "alertOpen": { "eq": true } } });
    assert_eq!(each(&post(&mut room, ALERTS, &open).expect(200), "/_id"), [&ids[1]]);
    let resolved = post(&mut room, "/cas/api/v1/alerts/resolve/", &by_id(&[&ids[1]])).expect(200);
    assert_eq!(resolved, json!({ "resolved": 1 }));
    assert_eq!(post(&mut room, &format!("{ALERTS}reopen/"), &by_id(&[&ids[1]])).expect(200)["reopened"], json!(1));
    let bad = json!({ "filters": { "id": { "eq": ids } }, "reasonId": 3 });
    assert_eq!(post(&mut room, &format!("{ALERTS}close_benign/"), &bad).status, 400);
    let many: Vec<String> = (0..101).map(|n| format!("{n:024x}")).collect();
    let many = json!({ "filters": { "id": { "eq": many } } });
    assert_eq!(post(&mut room, &format!("{ALERTS}close_false_positive/"), &many).status, 400);
    room.effects = crate::protocol::exchange::Effects::Pretended;
    let pretended = json!({ "filters": { "id": { "eq": [ids[1]] } } });
    assert_eq!(
        post(&mut room, &format!("{ALERTS}close_false_positive/"), &pretended).expect(200)["closed_false_positive"],
        json!(1)
    );
    assert_eq!(get(&mut room, &format!("{ALERTS}{}/", ids[1])).expect(200)["resolutionStatusValue"], json!(0));
}

#[test]
fn an_alert_that_was_raised_is_never_gone() {
    let mut scenario = office(SignIn::Password);
    scenario.attacks.push(attack());
    scenario.apps[DEFENDER].mda_mode = MdaMode::LegacyAlerts;
    for (clock, late) in [("09:00:00", None), ("09:50:00", Some(4)), ("10:40:00", None)] {
        let mut step = malicious(step(at(clock), 0, Verb::SignIn, MIRO), "New York");
        step.late = late.map(|hours| Duration::from_secs(hours * 3_600));
        scenario.script.push(step);
    }
    let mut room = room_of(scenario);
    let mut known: Vec<Value> = Vec::new();
    for quarter in 0_u32..40 {
        room.now = at("09:00:00") + Duration::from_secs(900) * quarter;
        let page = post(&mut room, ALERTS, &json!({})).expect(200);
        let ids: Vec<Value> = each(&page, "/_id").into_iter().cloned().collect();
        assert!(known.iter().all(|id| ids.contains(id)), "{} {known:?} {ids:?}", room.now.rfc3339());
        known = ids;
    }
    assert!(!known.is_empty());
}
