//! What the SIEM agent sends.

use std::collections::BTreeMap;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use super::alerts::takeover;
use super::*;
use crate::clock::ClockMode;
use crate::scenario::MdaMode;
use crate::server::forward;
use crate::simulation::Simulation;
use crate::time::SimTime;
use crate::timeline::LogId;
use crate::vendors::defender::{SPEC, alerts, events};

#[test]
fn activities_and_alerts_are_lines_of_cef_in_the_order_of_becoming_known() {
    let room = room_of(takeover(MdaMode::LegacyAlerts, "New York"));
    let mut state = room.sim.state();
    state.timeline.advance(room.now);
    let (world, instance) = (&room.sim.world, &room.sim.world.instances[room.app.0]);
    let stream = SPEC.stream.expect("it has an agent");
    let of = |after, until| stream(world, instance, &state.timeline, room.sim.scenario.seed, (after, until));
    let lines = of(at("00:00:00"), at("12:00:00"));
    let heads: Vec<String> =
        lines.iter().map(|l| l.text.split('|').skip(4).take(3).collect::<Vec<_>>().join("|")).collect();
    assert_eq!(
        heads,
        [
            "EVENT_CATEGORY_LOGIN|Log on|0",
            "EVENT_CATEGORY_UNSPECIFIED|Export|0",
            "EVENT_CATEGORY_FAILED_LOGIN|Failed log on|0",
            "EVENT_CATEGORY_UNSPECIFIED|Create|0",
            "EVENT_CATEGORY_LOGIN|Log on|0",
            "ALERT_ANUBIS_DETECTION_NEW_COUNTRY|Activity from infrequent country|3",
            "ALERT_ANUBIS_DETECTION_VELOCITY|Impossible travel activity|3",
        ]
    );
    let first = &lines[0].text;
    assert!(first.starts_with("2026-03-02T09:17:00.000Z ") && first.contains(" CEF:0|MCAS|SIEM_Agent|"), "{first}");
    assert!(first.contains(" cs2=APPID_90001 ") && first.contains("activity.id\\=eq("), "{first}");
    let travel = &lines[6].text;
    assert!(travel.contains(" cs3Label=relatedAudits cs3=") && travel.contains(" src="), "{travel}");
    assert_eq!(of(at("09:59:00"), at("12:00:00")), [], "and nothing twice");
}

#[tokio::test]
async fn under_a_clock_that_jumps_the_agent_says_what_became_known_each_thing_once_and_at_its_time() {
    let sim =
        Simulation::new(takeover(MdaMode::LegacyAlerts, "New York"), ClockMode::Virtual).expect("a sound scenario");
    let app = room_of(takeover(MdaMode::LegacyAlerts, "New York")).app;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("tcp://{}", listener.local_addr().unwrap()).parse().unwrap();
    let clock = std::sync::Arc::clone(sim.coordinator().expect("it jumps"));
    let end = clock.timer(at("14:00:00"), "~end");
    let agent = tokio::spawn(forward(std::sync::Arc::clone(&sim), app, target));
    let (mut stream, _) = listener.accept().await.unwrap();
    clock.start();
    let _held = end.released().await;
    agent.abort();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();

    let state = sim.state();
    let instance = &sim.world.instances[app.0];
    let known = |time: SimTime| time > sim.scenario.stack.starts - std::time::Duration::from_secs(2 * 86_400);
    let log = LogId { app, feed: events::LOG };
    let written = state.timeline.written(log).iter().filter(|r| known(r.available) && r.available < at("14:00:00"));
    let uuid = |id: &str| id.rsplit('_').next().unwrap_or_default().to_owned();
    let activities = written.map(|r| (format!("{}_{}", r.activity.occurred.ms(), uuid(&r.event_id)), r.available));
    let raised = alerts::raised_in(&sim.world, instance, &state.timeline, at("14:00:00"));
    let raised = raised.iter().map(|(finding, _)| {
        let id = alerts::id_of(sim.scenario.seed, instance, finding);
        (id, finding.found)
    });
    let truth: BTreeMap<String, SimTime> = activities.chain(raised).collect();
    assert!(truth.len() > 5, "there is something to say: {truth:?}");
    let said: Vec<(String, SimTime)> = text
        .lines()
        .map(|line| {
            let id = line.split("externalId=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
            let time: jiff::Timestamp = line.split(' ').next().unwrap().parse().unwrap();
            (id.to_owned(), SimTime::from_ms(time.as_millisecond()))
        })
        .collect();
    let spelled = |(id, at): (String, SimTime)| (id, at.ms());
    assert_eq!(said.len(), truth.len(), "each thing once");
    assert!(said.is_sorted_by_key(|(_, at)| *at), "in the order of becoming known");
    let said: BTreeMap<String, i64> = said.into_iter().map(spelled).collect();
    assert_eq!(said, truth.into_iter().map(spelled).collect());
}
