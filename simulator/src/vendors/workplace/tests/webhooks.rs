//! Subscriptions, and what a delivery looks like. That it arrives is tested over sockets.

use axum::http::Method;
use serde_json::{Value, json};

use super::*;
use crate::protocol::exchange::Effects;
use crate::protocol::webhooks::{Delivery, Reception, Sources};
use crate::scenario::Verb;
use crate::simulation::State;
use crate::time::SimTime;
use crate::vendors::testing::{at, step};
use crate::vendors::workplace::webhooks::WEBHOOKS;

const CALLBACK: &str = "http://127.0.0.1:9/hooks/workplace";

fn subscribe(room: &mut Room, callback: &str, more: &[(&str, &str)]) -> Reply {
    let shown = format!("{}|{}", app_id(room), app_secret(room));
    let mut form = vec![
        ("access_token", shown.as_str()),
        ("object", "workplace_security"),
        ("callback_url", callback),
        ("verify_token", "v3r1fy"),
        ("include_values", "true"),
    ];
    form.retain(|(key, _)| !more.iter().any(|(other, _)| other == key));
    form.extend(more);
    let url = format!("/{}/subscriptions", app_id(room));
    room.post_form(&url, &form)
}

/// What has to be sent until `until`, composed when it is due.
fn deliveries(room: &Room, until: SimTime) -> Vec<(SimTime, Delivery)> {
    let mut sent = Vec::new();
    let mut state = room.sim.state();
    loop {
        let State { timeline, instances } = &mut *state;
        let outbox = &mut instances[WORKPLACE.0].outbox;
        let (world, seed) = (&*room.sim.world, room.sim.scenario.seed);
        let instance = &world.instances[WORKPLACE.0];
        let due = outbox.next_due(&Sources { rules: &WEBHOOKS, instance, world, seed, timeline });
        let Some(due) = due.filter(|due| *due <= until) else { return sent };
        timeline.advance(due);
        outbox.gather(&Sources { rules: &WEBHOOKS, instance, world, seed, timeline }, due);
        if let Some(delivery) = outbox.take(due) {
            outbox.settle(&WEBHOOKS, delivery.clone(), Reception::Answered(200), due);
            sent.push((due, delivery));
        }
    }
}

fn story_of_an_afternoon() -> Scenario {
    let mut scenario = company();
    // `Žofia` makes the body something that has to be escaped.
    scenario.cast[0].name = Some("Žofia Novák".to_owned());
    scenario.cast[0].email = Some("žofia@contoso.example".to_owned());
    scenario.script.push(step(at("10:00:00"), 0, Verb::SignIn, WORKPLACE));
    for second in ["13:00:00", "13:00:00.500", "13:00:02"] {
        scenario.script.push(step(at(second), 0, Verb::SignIn, WORKPLACE));
    }
    scenario.script.push(step(at("13:30:00"), 1, Verb::EnrollMfa, WORKPLACE));
    scenario
}

#[test]
fn nothing_from_before_the_subscription_is_sent_and_what_comes_close_together_comes_in_one_body() {
    let mut room = Room::new(story_of_an_afternoon(), Vendor::Workplace);
    subscribe(&mut room, CALLBACK, &[]).expect(200);
    let sent = deliveries(&room, at("18:00:00"));
    let bodies: Vec<Value> = sent.iter().map(|(_, d)| serde_json::from_slice(&d.body).expect("JSON")).collect();
    assert_eq!(sent.len(), 2, "{bodies:#?}");
    assert_eq!(sent[0].0, at("13:00:10"), "known after five seconds, gathered for five");
    let entries = bodies[0]["entry"].as_array().expect("entries");
    let changes: Vec<usize> = entries.iter().map(|e| e["changes"].as_array().map_or(0, Vec::len)).collect();
    assert_eq!(changes, [2, 1], "one entry a second");
    assert_eq!((&bodies[0]["object"], &entries[0]["id"]), (&json!("workplace_security"), &json!(community(&room))));
    assert!(entries[0]["time"].is_i64() && entries[0]["changes"][0]["value"]["timestamp"].is_string());
    let value = entries[0]["changes"][0]["value"].as_object().expect("a value");
    assert!(value.values().all(Value::is_string), "everything in it is text: {value:?}");
    assert_eq!((&value["event"], &value["ip_country"]), (&json!("USER_LOGIN"), &json!("GB")));
    assert!(!value.contains_key("id") && !value.contains_key("event_id"), "no event has an id");
}

#[test]
fn both_signatures_are_over_the_escaped_bytes() {
    let mut room = Room::new(story_of_an_afternoon(), Vendor::Workplace);
    subscribe(&mut room, CALLBACK, &[]).expect(200);
    let (_, delivery) = deliveries(&room, at("14:00:00")).remove(0);
    let text = std::str::from_utf8(&delivery.body).expect("text");
    assert!(text.is_ascii() && text.contains("\\u017e") && text.contains("Mozilla\\/5.0"), "{text}");
    let secret = app_secret(&room);
    let header = |name: &str| delivery.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
    use crate::protocol::webhooks::Algorithm;
    let sha1 = format!("sha1={}", Algorithm::Sha1.hmac(&secret, &delivery.body));
    let sha256 = format!("sha256={}", Algorithm::Sha256.hmac(&secret, &delivery.body));
    assert_eq!((header("x-hub-signature"), header("x-hub-signature-256")), (Some(sha1), Some(sha256)));
    assert_eq!(header("content-type").as_deref(), Some("application/json"));
}

#[test]
fn a_body_holds_a_thousand_events_at_most() {
    let mut scenario = company();
    let mut many = step(at("13:00:00"), 0, Verb::SignIn, WORKPLACE);
    many.times = 2_300;
    scenario.script.push(many);
    let mut room = Room::new(scenario, Vendor::Workplace);
    subscribe(&mut room, CALLBACK, &[]).expect(200);
    let sizes: Vec<usize> = deliveries(&room, at("14:00:00")).iter().map(|(_, d)| d.events.len()).collect();
    assert_eq!(sizes, [1_000, 1_000, 300]);
}

#[test]
fn only_the_chosen_fields_are_sent() {
    let mut room = Room::new(story_of_an_afternoon(), Vendor::Workplace);
    subscribe(&mut room, CALLBACK, &[("fields", "two_fac")]).expect(200);
    let sent = deliveries(&room, at("18:00:00"));
    assert_eq!(sent.len(), 1);
    assert!(std::str::from_utf8(&sent[0].1.body).expect("text").contains("TWO_FACTOR_ENABLED"));
}

#[test]
fn the_next_subscriber_takes_the_topic_silently_and_it_can_be_given_back() {
    let mut room = room();
    subscribe(&mut room, CALLBACK, &[]).expect(200);
    subscribe(&mut room, "http://127.0.0.1:9/elsewhere", &[]).expect(200);
    let url = format!("/{}/subscriptions?access_token={}", app_id(&room), app_token(&room));
    let list = room.send(Method::GET, &url, &[], "").expect(200);
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(list["data"][0]["callback_url"], "http://127.0.0.1:9/elsewhere");
    room.send(Method::DELETE, &format!("{url}&object=workplace_security"), &[], "").expect(200);
    assert_eq!(room.send(Method::GET, &url, &[], "").expect(200), json!({ "data": [] }));
}

#[test]
fn what_cannot_be_subscribed_to_is_refused() {
    let mut room = room();
    check_error(&subscribe(&mut room, "https://hooks.contoso.example/x", &[]), 400, 2200);
    check_error(&subscribe(&mut room, "http://10.0.0.1/x", &[]), 400, 2200);
    check_error(&subscribe(&mut room, CALLBACK, &[("object", "page")]), 400, 3);
    check_error(&subscribe(&mut room, CALLBACK, &[("object", "nonsense")]), 400, 100);
    check_error(&subscribe(&mut room, CALLBACK, &[("fields", "admin_activity,colour")]), 400, 100);
    check_error(&subscribe(&mut room, CALLBACK, &[("access_token", "1|2")]), 400, 101);
    let token = room.token();
    check_error(&subscribe(&mut room, CALLBACK, &[("access_token", &token)]), 400, 190);
}

#[test]
fn what_is_only_said_to_be_subscribed_or_ended_is_not() {
    let mut room = Room::new(company(), Vendor::Workplace);
    let count = |room: &Room| room.sim.state().instances[WORKPLACE.0].outbox.subscriptions().len();
    room.effects = Effects::Pretended;
    assert_eq!(subscribe(&mut room, CALLBACK, &[]).status, 200);
    assert_eq!(count(&room), 0);
    room.effects = Effects::Real;
    subscribe(&mut room, CALLBACK, &[]).expect(200);
    room.effects = Effects::Pretended;
    let url = format!("/{}/subscriptions?access_token={}|{}", app_id(&room), app_id(&room), app_secret(&room));
    assert_eq!(room.send(Method::DELETE, &url, &[], "").status, 200);
    assert_eq!(count(&room), 1);
}
