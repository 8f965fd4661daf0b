//! Webhooks over sockets: the handshake, deliveries, retries, and the clock that waits for them.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use serde_json::{Value, json};
use simulator::clock::{BYSTANDER, Coordinator, Hold};
use simulator::journal::Entry;
use simulator::time::SimTime;

use crate::support::Served;

/// Two sign-ins in the morning, and a party of their own making.
const STORY: &str = "title: Ann signs in
apps: { workplace: { credentials: token } }
people: 0
cast: { ann: {} }
script:
  - { at: day 1 09:00, actor: ann, does: sign_in }
  - { at: day 1 09:00:01, actor: ann, does: sign_out }
  - { at: day 1 11:00, actor: ann, does: sign_in }
stack: { ends: day 5 00:00 }
";

/// What a receiver saw.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) signature: String,
    pub(crate) body: String,
}

/// A receiver: its verify token, the statuses it still has to answer with (then 200), and what it saw.
pub(crate) struct Receiver {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

type Desk = (Arc<Mutex<Vec<Seen>>>, Arc<Mutex<VecDeque<u16>>>);

impl Receiver {
    pub(crate) async fn new(answers: &[u16]) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::new(Mutex::new(answers.iter().copied().collect()));
        let desk: Desk = (Arc::clone(&seen), answers);
        let router = Router::new().route("/hooks", get(challenge).post(take)).with_state(desk);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, seen }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hooks", self.address)
    }

    /// Waits until so many deliveries have come.
    async fn has_seen(&self, count: usize) {
        while self.seen.lock().unwrap().len() < count {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn challenge(RawQuery(query): RawQuery) -> (StatusCode, String) {
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let value = |name: &str| query.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone()).unwrap_or_default();
    match (value("hub.mode").as_str(), value("hub.verify_token").as_str()) {
        ("subscribe", "v3r1fy-me") => (StatusCode::OK, value("hub.challenge")),
        _ => (StatusCode::FORBIDDEN, String::new()),
    }
}

async fn take(State((seen, answers)): State<Desk>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("x-hub-signature-256").map_or("", |value| value.to_str().unwrap()).to_owned();
    seen.lock().unwrap().push(Seen { signature, body: String::from_utf8(body.to_vec()).unwrap() });
    let answer = answers.lock().unwrap().pop_front().unwrap_or(200);
    StatusCode::from_u16(answer).unwrap()
}

/// Subscribes as a stack does. No party's request: these tests have none, and the clock would wait for one to own it.
pub(crate) async fn subscribe(served: &Served, url: &str, verify_token: &str) -> reqwest::Response {
    let connection = served.connection("workplace");
    let (id, secret) = (connection["app_id"].as_str().unwrap(), connection["app_secret"].as_str().unwrap());
    let form = [
        ("access_token", format!("{id}|{secret}")),
        ("object", "workplace_security".to_owned()),
        ("callback_url", url.to_owned()),
        ("verify_token", verify_token.to_owned()),
        ("include_values", "true".to_owned()),
    ];
    let request = served.http.post(served.url("workplace", &format!("/{id}/subscriptions"))).form(&form);
    request.header(BYSTANDER, "1").send().await.unwrap()
}

pub(crate) fn clock(served: &Served) -> &Arc<Coordinator> {
    served.sim.coordinator().unwrap()
}

/// Lets time pass until then, where it stands for as long as the hold lives; everything that is due before has been
/// answered.
pub(crate) async fn wait_until(served: &Served, day: &str) -> Hold {
    let at = SimTime::parse_rfc3339(&format!("{day}Z")).unwrap();
    clock(served).timer(at, "zz: the test looks").released().await
}

pub(crate) fn deliveries(served: &Served) -> Vec<Entry> {
    served.sim.journal.entries().into_iter().filter(|e| e.route == "workplace.webhook" && e.method == "POST").collect()
}

pub(crate) fn clock_times(entries: &[Entry]) -> Vec<String> {
    entries.iter().map(|e| e.at.civil().strftime("%d %H:%M:%S").to_string()).collect()
}

#[tokio::test]
async fn an_address_is_taken_once_it_has_answered_the_challenge() {
    let served = Served::new(STORY).await;
    let receiver = Receiver::new(&[]).await;
    let refused = subscribe(&served, &receiver.url(), "subscrib").await;
    assert_eq!(refused.status(), 400);
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["error"]["code"], 2200, "{body}");
    let handshake = served.sim.journal.entries().into_iter().find(|e| e.route == "workplace.webhook").unwrap();
    assert_eq!((handshake.method.as_str(), handshake.status), ("GET", Some(403)));
    assert!(handshake.target.contains("hub.verify_token=<verify_token:workplace>"), "{}", handshake.target);
    assert!(handshake.target.contains("hub.mode=subscribe&"), "{}", handshake.target);

    assert_eq!(subscribe(&served, &receiver.url(), "v3r1fy-me").await.status(), 200);
    let kept = serde_json::to_string(&served.sim.journal.entries()).unwrap();
    assert!(!kept.contains("v3r1fy-me") && kept.contains("verify_token=<verify_token>"), "{kept}");
    assert_eq!(served.sim.secrets()["<verify_token:workplace#2>"], "v3r1fy-me");
    clock(&served).start();
    let _still = wait_until(&served, "2026-03-02T12:00:00").await;
    let seen = receiver.seen();
    assert_eq!(seen.len(), 2);
    let first: Value = serde_json::from_str(&seen[0].body).unwrap();
    let changes = first["entry"].as_array().unwrap().iter().flat_map(|e| e["changes"].as_array().unwrap());
    let events: Vec<&str> = changes.map(|c| c["value"]["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["USER_LOGIN", "USER_LOGOUT"]);
    let notes: Vec<_> = deliveries(&served).into_iter().map(|e| e.notes.delivery.unwrap()).collect();
    assert_eq!(
        notes.iter().map(|n| (n.number, n.attempt, n.events.len())).collect::<Vec<_>>(),
        [(Some(1), 1, 2), (Some(2), 1, 1)]
    );
    served.running.shutdown().await;
}

#[tokio::test]
async fn what_is_not_acknowledged_is_tried_again_over_thirty_six_hours_and_then_dropped() {
    let served = Served::new(STORY).await;
    let receiver = Receiver::new(&[503; 100]).await;
    assert_eq!(subscribe(&served, &receiver.url(), "v3r1fy-me").await.status(), 200);
    clock(&served).start();
    let _still = wait_until(&served, "2026-03-04T12:00:00").await;
    let all = deliveries(&served);
    let first: Vec<Entry> = all.into_iter().filter(|e| e.notes.delivery.as_ref().unwrap().number == Some(1)).collect();
    let times = clock_times(&first);
    #[rustfmt::skip]
    assert_eq!(times[..8], ["02 09:00:10", "02 09:00:10", "02 09:01:10", "02 09:05:10", "02 09:15:10", "02 10:00:10", "02 12:00:10", "02 14:00:10"]);
    assert_eq!(times.last().map(String::as_str), Some("03 20:00:10"));
    assert_eq!(first.last().unwrap().notes.delivery.as_ref().unwrap().again, None, "the event is lost");
    let bodies: Vec<String> =
        receiver.seen().into_iter().filter(|s| s.body.contains("USER_LOGOUT")).map(|s| s.body).collect();
    assert!(
        bodies.len() == first.len() && bodies.iter().all(|b| *b == bodies[0]),
        "every attempt sends the same bytes"
    );
    served.running.shutdown().await;
}

#[tokio::test]
async fn a_receiver_that_is_down_for_a_while_gets_everything_in_the_end() {
    let served = Served::new(STORY).await;
    let receiver = Receiver::new(&[500, 500, 500]).await;
    assert_eq!(subscribe(&served, &receiver.url(), "v3r1fy-me").await.status(), 200);
    clock(&served).start();
    let _still = wait_until(&served, "2026-03-02T12:00:00").await;
    let statuses: Vec<_> = deliveries(&served).iter().map(|e| e.status.unwrap()).collect();
    assert_eq!(statuses, [500, 500, 500, 200, 200]);
    served.running.shutdown().await;
}

#[tokio::test]
async fn when_nobody_listens_the_delivery_waits_like_any_other() {
    let served = Served::new(STORY).await;
    let receiver = Receiver::new(&[]).await;
    assert_eq!(subscribe(&served, &receiver.url(), "v3r1fy-me").await.status(), 200);
    // A port that was somebody's a moment ago.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let refused = subscribe(&served, &format!("http://{gone}/hooks"), "v3r1fy-me").await;
    let body: Value = refused.json().await.unwrap();
    assert!(body["error"]["message"].as_str().unwrap().contains("nobody listens"), "{body}");
    clock(&served).start();
    let _still = wait_until(&served, "2026-03-02T10:00:00").await;
    assert_eq!(receiver.seen().len(), 1, "the first subscription stands");
    served.running.shutdown().await;
}

#[tokio::test]
async fn an_administrator_enters_the_address_and_sees_what_became_of_the_deliveries() {
    let served = Served::new(STORY).await;
    let receiver = Receiver::new(&[]).await;
    let desk = format!("http://{}/_sim/webhooks", served.running.control_address());
    let enter = async |form: Value| served.http.post(&desk).json(&form).send().await.unwrap();
    #[rustfmt::skip]
    let cases = [
        (json!({ "app": "board", "url": receiver.url() }),                                              400, "no app `board`"),
        (json!({ "app": "workplace", "url": "http://hooks.example/x" }),                                400, "loopback"),
        (json!({ "app": "workplace", "url": receiver.url(), "fields": ["colour"] }),                    400, "no field `colour`"),
        (json!({ "app": "workplace", "url": receiver.url(), "verify_token": "guess" }),                 422, "answered 403"),
        (json!({ "app": "workplace", "url": receiver.url(), "verify_token": "v3r1fy-me" }),                204, ""),
    ];
    for (form, status, words) in cases {
        let answer = enter(form.clone()).await;
        assert_eq!(answer.status(), status, "{form}");
        let text = answer.text().await.unwrap();
        assert!(text.contains(words), "{text}");
    }
    clock(&served).start();
    let _still = wait_until(&served, "2026-03-02T10:00:00").await;
    let told: Value = served.http.get(&desk).send().await.unwrap().json().await.unwrap();
    assert_eq!(told["workplace"]["subscriptions"][0]["topic"], "workplace_security");
    let attempt = &told["workplace"]["attempts"][0];
    assert_eq!(
        (&attempt["status"], &attempt["events"], &attempt["at"]),
        (&json!(200), &json!(2), &json!("2026-03-02T09:00:10Z"))
    );
    served.running.shutdown().await;
}

#[tokio::test]
async fn time_stands_still_until_the_party_says_that_it_has_handled_what_came() {
    let served = Served::new(STORY).await;
    let receiver = Receiver::new(&[]).await;
    assert_eq!(subscribe(&served, &receiver.url(), "v3r1fy-me").await.status(), 200);
    clock(&served).declare_parties(1);
    clock(&served).start();
    let url = format!("http://{}/_sim/clock", served.running.control_address());
    let report = |webhooks: usize| {
        let timers = json!([{ "until": "2026-03-02T09:30:00Z", "name": "poll" }]);
        let report = json!({ "party": "s", "timers": timers, "sent": 0, "finished": 0, "webhooks": webhooks });
        let request = served.http.post(&url).json(&report);
        Box::pin(async move { request.send().await.unwrap().json::<Value>().await.unwrap() })
    };
    // The handshake was the first.
    let mut handled = 1;
    let mut held = report(handled);
    let released = loop {
        tokio::select! {
            answer = &mut held => {
                if answer["released"].is_string() {
                    break answer;
                }
                held = report(handled);
            }
            () = receiver.has_seen(handled) => {
                let times = clock_times(&deliveries(&served));
                assert_eq!(served.sim.clock.now(), SimTime::parse_rfc3339("2026-03-02T09:00:10Z").unwrap(), "{times:?}");
                handled += 1;
                held = report(handled);
            }
        }
    };
    assert_eq!(released, json!({ "now": "2026-03-02T09:30:00Z", "released": "poll" }));
    assert_eq!((handled, clock_times(&deliveries(&served))), (2, vec!["02 09:00:10".to_owned()]));
    served.running.shutdown().await;
}

#[tokio::test]
async fn what_governance_does_echoes_and_the_same_seed_gives_the_same_deliveries() {
    async fn run() -> (Vec<String>, Vec<Seen>) {
        let served = Served::new(STORY).await;
        let receiver = Receiver::new(&[503]).await;
        assert_eq!(subscribe(&served, &receiver.url(), "v3r1fy-me").await.status(), 200);
        clock(&served).start();
        let still = wait_until(&served, "2026-03-02T10:00:00").await;
        let app = simulator::scenario::AppIndex(0);
        let ann = served.sim.world.people[1].accounts[&app].user_id.clone();
        let url = served.url("workplace", &format!("/{ann}?active=false"));
        let request = served.http.post(url).bearer_auth(served.token("workplace")).header(BYSTANDER, "1");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        drop(still);
        let _still = wait_until(&served, "2026-03-02T12:00:00").await;
        let times = clock_times(&deliveries(&served));
        served.running.shutdown().await;
        (times, receiver.seen())
    }
    let (times, seen) = run().await;
    assert_eq!(times, ["02 09:00:10", "02 09:00:10", "02 10:00:10"]);
    let echo: Value = serde_json::from_str(&seen[2].body).unwrap();
    assert_eq!(echo["entry"][0]["changes"][0]["value"]["event"], "ADMIN_DEACTIVATE_ACCOUNT");
    assert_eq!(run().await, (times, seen));
}

#[tokio::test]
async fn somebody_else_has_the_topic_until_it_is_taken_from_him() {
    let head = "title: An ordinary company\npeople: 0\napps: { workplace: {} }\n";
    let fault = "route: workplace.subscriptions, nth: 1, fault: foreign_subscription";
    let served = Served::new(&format!("{head}faults:\n  - {{ {fault} }}\n")).await;
    let connection = served.connection("workplace");
    let (id, secret) = (connection["app_id"].as_str().unwrap(), connection["app_secret"].as_str().unwrap());
    let list = async || -> Value {
        let ask = served.http.get(served.url("workplace", &format!("/{id}/subscriptions")));
        ask.bearer_auth(format!("{id}|{secret}")).header(BYSTANDER, "1").send().await.unwrap().json().await.unwrap()
    };
    for _ in 0..2 {
        let told = list().await;
        assert_eq!(told["data"][0]["callback_url"], "http://127.0.0.1:9/somebody-else", "he stays");
        assert_eq!(told["data"].as_array().unwrap().len(), 1);
    }
    let receiver = Receiver::new(&[]).await;
    assert_eq!(subscribe(&served, &receiver.url(), "v3r1fy-me").await.status(), 200);
    assert_eq!(list().await["data"][0]["callback_url"], receiver.url());
}
