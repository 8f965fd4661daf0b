//! Webhooks: hooks, deliveries, their signatures.

use axum::http::Method;
use serde_json::{Value, json};

use super::super::webhooks::WEBHOOKS;
use super::{Room, customer, github, office, room_of, send, text};
use crate::protocol::exchange::Effects;
use crate::protocol::webhooks::{Algorithm, Delivery, Reception, Sources};
use crate::scenario::SignIn;
use crate::vendors::testing::at;

fn hooks(room: &Room, rest: &str) -> String {
    format!("/orgs/{}/hooks{rest}", customer(room).login)
}

fn hook(room: &mut Room, token: &str, content_type: &str) -> Value {
    let body = json!({ "name": "web", "events": ["repository"],
        "config": { "url": "http://127.0.0.1:9/hooks", "content_type": content_type, "secret": "sesame" } });
    let url = hooks(room, "");
    send(room, Method::POST, &url, token, &body.to_string()).expect(201)
}

/// Sends what is due, and answers so.
pub(super) fn deliver(room: &mut Room, answered: u16) -> Vec<Delivery> {
    let (sim, now) = (std::sync::Arc::clone(&room.sim), room.now);
    let mut state = sim.state();
    state.timeline.advance(now);
    let crate::simulation::State { timeline, instances, .. } = &mut *state;
    let outbox = &mut instances[github().0].outbox;
    let (instance, world) = (&sim.world.instances[github().0], &sim.world);
    outbox.gather(&Sources { rules: &WEBHOOKS, instance, world, seed: sim.scenario.seed, timeline }, now);
    let mut sent = Vec::new();
    while let Some(delivery) = outbox.take(now) {
        sent.push(delivery.clone());
        outbox.settle(&WEBHOOKS, delivery, Reception::Answered(answered), now);
    }
    sent
}

fn header<'a>(delivery: &'a Delivery, name: &str) -> &'a str {
    delivery.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
}

#[test]
fn a_new_hook_is_pinged_and_its_secret_is_seen_no_more() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let hook = hook(&mut room, &token, "json");
    assert_eq!(hook["config"]["secret"], json!("********"));
    let sent = deliver(&mut room, 200);
    assert_eq!((sent.len(), header(&sent[0], "x-github-event")), (1, "ping"));
    let signature = format!("sha256={}", Algorithm::Sha256.hmac("sesame", &sent[0].body));
    assert_eq!(header(&sent[0], "x-hub-signature-256"), signature);
    assert!(header(&sent[0], "x-hub-signature").starts_with("sha1="));
    assert_eq!(header(&sent[0], "x-github-hook-id"), hook["id"].to_string());
}

#[test]
fn a_hook_that_is_only_said_to_be_made_or_deleted_is_not() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    room.effects = Effects::Pretended;
    hook(&mut room, &token, "json");
    assert!(room.sim.state().instances[github().0].outbox.is_idle(), "nobody is pinged");
    room.effects = Effects::Real;
    let id = hook(&mut room, &token, "json")["id"].to_string();
    deliver(&mut room, 200);
    room.effects = Effects::Pretended;
    let (one, pings) = (hooks(&room, &format!("/{id}")), hooks(&room, &format!("/{id}/pings")));
    assert_eq!(send(&mut room, Method::POST, &pings, &token, "").status, 204);
    assert_eq!(send(&mut room, Method::DELETE, &one, &token, "").status, 204);
    assert_eq!(deliver(&mut room, 200).len(), 0);
    assert_eq!(room.get(&one, &token).status, 200);
    assert_eq!(room.sim.state().instances[github().0].outbox.subscriptions().len(), 1);
}

#[test]
fn a_key_is_a_secret_of_the_run() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let url = hooks(&room, "");
    let body = json!({ "config": { "url": "http://127.0.0.1:9/hooks", "secret": "open sesame" } });
    send(&mut room, Method::POST, &url, &token, &body.to_string()).expect(201);
    assert_eq!(room.sim.secrets()["<hook:github#1>"], "open sesame");
}

#[test]
fn what_is_missed_is_asked_for_again_and_comes_with_the_same_guid() {
    let mut scenario = office(SignIn::Password);
    scenario.script.iter_mut().for_each(|s| s.at = s.at + std::time::Duration::from_secs(4 * 3_600));
    let mut room = room_of(scenario);
    let token = room.token();
    let id = hook(&mut room, &token, "form")["id"].to_string();
    deliver(&mut room, 200);
    room.now = at("13:30:00");
    let sent = deliver(&mut room, 500);
    assert_eq!((sent.len(), header(&sent[0], "x-github-event")), (1, "repository"));
    assert!(sent[0].body.starts_with(b"payload=%7B"), "a form is a form");
    assert_eq!(deliver(&mut room, 200).len(), 0, "nothing is tried again by itself");
    let list = hooks(&room, &format!("/{id}/deliveries?status=failure"));
    let failed = room.get(&list, &token).expect(200);
    assert_eq!((failed.as_array().map(Vec::len), text(&failed[0], "action")), (Some(1), "publicized"));
    let one = hooks(&room, &format!("/{id}/deliveries/{}", failed[0]["id"]));
    let whole = room.get(&one, &token).expect(200);
    assert_eq!(whole["request"]["payload"]["repository"]["name"], json!("api"));
    assert_eq!(send(&mut room, Method::POST, &format!("{one}/attempts"), &token, "").status, 202);
    let again = deliver(&mut room, 200);
    assert_eq!(header(&again[0], "x-github-delivery"), text(&failed[0], "guid"));
    assert_eq!(again[0].body, sent[0].body);
    let all = room.get(&hooks(&room, &format!("/{id}/deliveries?per_page=1")), &token);
    assert_eq!((text(&all.expect(200)[0], "status"), &all.json()[0]["redelivery"]), ("OK", &json!(true)));
    let next = super::link(&all, "next").expect("two more");
    assert_eq!(room.get(&next, &token).expect(200)[0]["status_code"], json!(500));
}

#[test]
fn a_hook_is_changed_silenced_and_deleted() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let id = hook(&mut room, &token, "json")["id"].to_string();
    let own = hooks(&room, &format!("/{id}"));
    let changed = send(&mut room, Method::PATCH, &own, &token, r#"{"active":false,"events":["*"]}"#).expect(200);
    assert_eq!((&changed["active"], &changed["events"]), (&json!(false), &json!(["*"])));
    assert!(room.sim.state().instances[github().0].outbox.subscriptions().is_empty());
    let elsewhere = r#"{"url":"https://hooks.example/x"}"#;
    assert_eq!(send(&mut room, Method::PATCH, &format!("{own}/config"), &token, elsewhere).status, 422);
    assert_eq!(send(&mut room, Method::DELETE, &own, &token, "").status, 204);
    assert_eq!(room.get(&own, &token).status, 404);
}
