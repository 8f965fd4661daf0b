//! Alerts that are sent.

use super::alerts::takeover;
use super::*;
use crate::protocol::exchange::Effects;
use crate::protocol::webhooks::Sources;
use crate::scenario::MdaMode;
use crate::vendors::defender::webhooks::WEBHOOKS;

#[test]
fn each_alert_is_sent_once_to_a_registered_address() {
    let mut room = room_of(takeover(MdaMode::LegacyAlerts, "New York"));
    room.now = at("09:20:00");
    let made = post(&mut room, "/cas/api/v1/ms_flow/", &json!({ "callback_url": "http://127.0.0.1:9/flow" }));
    assert_eq!(made.expect(201), json!({ "id": "1" }));
    assert_eq!(post(&mut room, "/cas/api/v1/ms_flow/", &json!({ "callback_url": "http://flow.example/" })).status, 400);
    let sim = std::sync::Arc::clone(&room.sim);
    let mut state = sim.state();
    let state = &mut *state;
    state.timeline.advance(at("12:00:00"));
    let outbox = &mut state.instances[room.app.0].outbox;
    let from = Sources {
        rules: &WEBHOOKS,
        instance: &sim.world.instances[room.app.0],
        world: &sim.world,
        seed: sim.scenario.seed,
        timeline: &state.timeline,
    };
    let due = outbox.next_due(&from).expect("an alert is ahead");
    assert_eq!(due, at("09:59:00"), "seventeen minutes of the connector's, twelve of the policy's");
    outbox.gather(&from, due);
    let mut bodies = Vec::new();
    while let Some(delivery) = outbox.take(due) {
        bodies.push(serde_json::from_slice::<Value>(&delivery.body).expect("JSON"));
    }
    let mut names: Vec<&str> = bodies.iter().map(|body| body["AlertDisplayName"].as_str().expect("a name")).collect();
    names.sort_unstable();
    assert_eq!(names, ["Activity from infrequent country", "Impossible travel activity"]);
    assert_eq!(bodies[0]["CompromisedEntity"], json!(sim.world.people[1].email));
    assert_eq!(outbox.next_due(&from), None, "and nothing twice");
}

#[test]
fn a_flow_is_ended_by_the_id_it_was_given_and_by_no_other() {
    let mut room = room_of(office(SignIn::Password));
    let flow = json!({ "callback_url": "http://127.0.0.1:9/flow" });
    room.effects = Effects::Pretended;
    assert_eq!(post(&mut room, "/cas/api/v1/ms_flow/", &flow).expect(201), json!({ "id": "1" }));
    let end = |room: &mut Room, id: &str| {
        let token = room.token();
        room.post_json(Method::DELETE, &format!("/cas/api/v1/ms_flow/{id}/"), &token, "").status
    };
    assert_eq!(end(&mut room, "1"), 404, "it was never registered");
    room.effects = Effects::Real;
    assert_eq!(post(&mut room, "/cas/api/v1/ms_flow/", &flow).expect(201), json!({ "id": "2" }));
    room.effects = Effects::Pretended;
    assert_eq!(end(&mut room, "2"), 204);
    room.effects = Effects::Real;
    assert_eq!([end(&mut room, "2"), end(&mut room, "2")], [204, 404]);
}
