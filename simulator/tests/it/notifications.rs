//! Graph's change notifications over sockets: the handshake, the lifecycle, the clock.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use serde_json::{Value, json};
use simulator::clock::{BYSTANDER, Hold};
use simulator::time::SimTime;

use crate::support::Served;

const STORY: &str = "title: Ann is suspended
apps: { entra: { credentials: token } }
people: 0
cast: { ann: {} }
script:
  - { at: day 1 10:00, actor: it_admin, does: suspend, target: ann, app: entra }
stack: { ends: day 2 00:00 }
";

/// How a receiver answers the handshake.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    /// As it should.
    Right,
    /// With what stood in the address, not decoded.
    Encoded,
    /// As JSON.
    Json,
    /// Not at all.
    Refused,
}

type Desk = (Manner, Arc<Mutex<Vec<Value>>>);

struct Receiver {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    async fn new(manner: Manner) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let desk: Desk = (manner, Arc::clone(&seen));
        let router = Router::new().route("/hooks", post(take)).with_state(desk);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, seen }
    }

    /// What came of notifications, in the order in which it did: the change or the news, and the time it was sent at.
    fn told(&self) -> Vec<String> {
        let word = |n: &Value| n["changeType"].as_str().or(n["lifecycleEvent"].as_str()).unwrap().to_owned();
        self.seen.lock().unwrap().iter().map(word).collect()
    }
}

async fn take(
    State((manner, seen)): State<Desk>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> axum::response::Response {
    let raw = query.as_deref().and_then(|q| q.strip_prefix("validationToken=")).map(str::to_owned);
    let Some(raw) = raw else {
        let body: Value = serde_json::from_slice(&body).unwrap();
        seen.lock().unwrap().extend(body["value"].as_array().unwrap().iter().cloned());
        return StatusCode::ACCEPTED.into_response();
    };
    assert_eq!(headers[header::CONTENT_LENGTH], "0", "some receivers cannot do without");
    let token = url::form_urlencoded::parse(format!("t={raw}").as_bytes()).next().unwrap().1.into_owned();
    match manner {
        Manner::Right => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], token).into_response(),
        Manner::Encoded => ([(header::CONTENT_TYPE, "text/plain")], raw).into_response(),
        Manner::Json => axum::Json(token).into_response(),
        Manner::Refused => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn subscribe(served: &Served, hook: &Receiver, news: Option<&Receiver>, ends: &str) -> reqwest::Response {
    let url = |receiver: &Receiver| format!("http://{}/hooks", receiver.address);
    let body = json!({
        "changeType": "updated",
        "notificationUrl": url(hook),
        "lifecycleNotificationUrl": news.map(url),
        "resource": "users",
        "expirationDateTime": ends,
        "clientState": "s3cret",
    });
    let request = served.http.post(served.url("entra", "/v1.0/subscriptions")).json(&body);
    request.bearer_auth(served.token("entra")).header(BYSTANDER, "1").send().await.unwrap()
}

/// Lets time pass until then.
async fn wait_until(served: &Served, time: &str) -> Hold {
    let at = SimTime::parse_rfc3339(&format!("2026-03-02T{time}Z")).unwrap();
    served.sim.coordinator().unwrap().timer(at, "zz: the test looks").released().await
}

#[tokio::test]
async fn every_address_must_send_the_validation_token_back_decoded_and_as_plain_text() {
    let served = Served::new(STORY).await;
    let right = Receiver::new(Manner::Right).await;
    let ends = "2026-03-03T00:00:00Z";
    #[rustfmt::skip]
    let cases = [
        // manner            what the journal says
        (Manner::Encoded,    "not with the challenge alone"),
        (Manner::Json,       "not with the challenge alone"),
        (Manner::Refused,    "answered 404"),
    ];
    for (manner, why) in cases {
        let wrong = Receiver::new(manner).await;
        for (hook, news) in [(&wrong, None), (&right, Some(&wrong))] {
            let refused = subscribe(&served, hook, news, ends).await;
            assert_eq!(refused.status(), 400);
            let body: Value = refused.json().await.unwrap();
            assert_eq!(body["error"]["code"], "InvalidRequest", "{body}");
            let mut entries = served.sim.journal.entries().into_iter().rev();
            let entry = entries.find(|e| e.route == "entra.create_subscription").unwrap();
            assert!(entry.reasons[0].contains(why), "{:?}", entry.reasons);
        }
    }
    let list = served.get("entra", "/v1.0/subscriptions").await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(list["value"], json!([]), "nothing of them is left");
    assert_eq!(subscribe(&served, &right, Some(&right), ends).await.status(), 201);
    served.running.shutdown().await;
}

#[tokio::test]
async fn changes_and_the_end_of_the_subscription_are_told_when_their_time_comes() {
    let served = Served::new(STORY).await;
    let (hook, news) = (Receiver::new(Manner::Right).await, Receiver::new(Manner::Right).await);
    assert_eq!(subscribe(&served, &hook, Some(&news), "2026-03-02T12:00:00Z").await.status(), 201);
    served.sim.coordinator().unwrap().start();
    let still = wait_until(&served, "11:20:00").await;
    assert_eq!(hook.told(), ["updated"]);
    assert_eq!(hook.seen.lock().unwrap()[0]["clientState"], "s3cret");
    assert_eq!(news.told(), ["reauthorizationRequired"; 2]);
    drop(still);
    let _still = wait_until(&served, "13:00:00").await;
    assert_eq!(news.told().last().map(String::as_str), Some("subscriptionRemoved"));
    let sent = served
        .sim
        .journal
        .entries()
        .into_iter()
        .filter(|e| e.notes.delivery.as_ref().is_some_and(|d| d.number.is_some()));
    let times: Vec<String> = sent.map(|e| e.at.civil().strftime("%H:%M:%S").to_string()).collect();
    assert_eq!(times, ["10:03:01", "11:00:00", "11:15:00", "11:30:00", "11:45:00", "12:00:00"]);
    served.running.shutdown().await;
}
