//! Faults that somebody arms while a simulation is served.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{AUDIT_LOG, Served};

async fn served() -> Served {
    Served::new("title: An ordinary company\napps: { entra: {}, miro: { page_size: 50 } }\n").await
}

fn desk(served: &Served, path: &str) -> String {
    format!("http://{}/_sim/faults{path}", served.running.control_address())
}

async fn arm(served: &Served, fault: Value) -> (StatusCode, String) {
    let answer = served.http.post(desk(served, "")).body(fault.to_string()).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

async fn status(served: &Served) -> StatusCode {
    served.get("miro", AUDIT_LOG).await.unwrap().status()
}

async fn listed(served: &Served) -> Value {
    served.http.get(desk(served, "")).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn what_is_armed_meets_the_next_requests_and_is_told_of() {
    let served = served().await;
    assert_eq!(status(&served).await, 200);
    let error = json!({ "route": "miro.audit_log", "nth": 1, "fault": "error", "status": 503 });
    assert_eq!(arm(&served, error).await.1, r#"{"done":"error is armed, with the number 1"}"#);
    assert_eq!(status(&served).await, 503);
    assert_eq!(served.last().fault.unwrap().kind, "error");
    assert_eq!(status(&served).await, 200);

    let throttle = json!({ "route": "miro.audit_log", "nth": "1..2", "fault": "throttle", "retry_after": "60s" });
    assert_eq!(arm(&served, throttle).await.0, StatusCode::OK);
    assert_eq!((status(&served).await, status(&served).await, status(&served).await).2, 200);
    let expected = json!([
        { "number": 1, "kind": "error", "line": 0, "bites": 1 },
        { "number": 2, "kind": "throttle", "line": 0, "bites": 2 },
    ]);
    assert_eq!(listed(&served).await["faults"], expected);
}

#[tokio::test]
async fn a_fault_ends_when_somebody_says_so() {
    let served = served().await;
    for _ in 0..2 {
        let error = json!({ "route": "miro.audit_log", "nth": "1..1000", "fault": "error", "status": 500 });
        assert_eq!(arm(&served, error).await.0, StatusCode::OK);
    }
    assert_eq!(status(&served).await, 500);
    let end = async |path: &str| served.http.delete(desk(&served, path)).send().await.unwrap().status();
    assert_eq!(end("/1").await, StatusCode::NO_CONTENT);
    assert_eq!(end("/1").await, StatusCode::NOT_FOUND);
    assert_eq!(end("/first").await, StatusCode::NOT_FOUND);
    assert_eq!(status(&served).await, 500, "the second goes on");
    assert_eq!(end("").await, StatusCode::NO_CONTENT);
    assert_eq!(status(&served).await, 200);
    assert_eq!(listed(&served).await["faults"], json!([]));
}
