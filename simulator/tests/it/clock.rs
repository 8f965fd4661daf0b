//! The shared clock over HTTP, as a stack meets it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{AUDIT_LOG, Served};

const COMPANY: &str = "title: An ordinary company\napps: { miro: {} }\n";

async fn post(served: &Served, report: Value) -> Value {
    let url = format!("http://{}/_sim/clock", served.running.control_address());
    served.http.post(url).json(&report).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn an_idle_party_is_answered_when_its_timer_is_released() {
    let served = Served::new(COMPANY).await;
    let clock = served.sim.coordinator().unwrap();
    clock.declare_parties(1);
    clock.start();
    let timers = json!([{"until": "2026-03-02T01:00:00Z", "name": "poll"}]);
    let answer = post(&served, json!({"party": "s", "timers": timers, "sent": 0, "finished": 0, "webhooks": 0})).await;
    assert_eq!(answer, json!({"now": "2026-03-02T01:00:00Z", "released": "poll"}));
    let url = format!("http://{}/_sim/clock", served.running.control_address());
    let now: Value = served.http.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(now["now"], "2026-03-02T01:00:00Z");
}

#[tokio::test]
async fn a_hanging_answer_ends_with_the_clients_own_timeout_timer() {
    let served = Served::new(
        "title: Silence\napps: { miro: {} }\nfaults:\n  - { route: miro.audit_log, nth: 1, fault: hang }\n",
    )
    .await;
    let clock = served.sim.coordinator().unwrap();
    clock.declare_parties(1);
    clock.start();
    let hanging = tokio::spawn(served.get_owned("miro", AUDIT_LOG));
    let timers = json!([{"until": "2026-03-02T00:00:30Z", "name": "timeout"}]);
    let answer = post(&served, json!({"party": "s", "timers": timers, "sent": 1, "finished": 0, "webhooks": 0})).await;
    assert_eq!(answer["released"], "timeout");
    hanging.abort();
    let timers = json!([{"until": "2026-03-02T00:01:00Z", "name": "again"}]);
    let report = json!({"party": "s", "timers": timers, "sent": 1, "finished": 1, "webhooks": 0});
    let answer = simulator::clock::wall_timeout(Duration::from_secs(20), post(&served, report)).await;
    assert_eq!(answer.unwrap()["released"], "again");
}

#[tokio::test]
async fn a_report_that_cannot_be_read_is_refused_with_the_reason() {
    let served = Served::new(COMPANY).await;
    let url = format!("http://{}/_sim/clock", served.running.control_address());
    let answer = served.http.post(url).json(&json!({"party": "s", "sent": "many"})).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("not a clock report"));
}
