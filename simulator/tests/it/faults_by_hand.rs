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

async fn arm(served: &Served, fault: &str) -> (StatusCode, String) {
    let answer = served.http.post(desk(served, "")).body(fault.to_owned()).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

async fn status(served: &Served) -> StatusCode {
    served.get("miro", AUDIT_LOG).await.unwrap().status()
}

async fn listed(served: &Served) -> Value {
    served.http.get(desk(served, "")).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_fault_in_yaml_or_json_meets_the_next_request_and_is_told_of() {
    let served = served().await;
    assert_eq!(status(&served).await, 200);
    let (code, told) = arm(&served, "{ route: miro.audit_log, nth: 1, fault: error, status: 503 }").await;
    assert_eq!((code, told.as_str()), (StatusCode::CREATED, r#"{"bites":0,"kind":"error","line":null,"number":1}"#));
    assert_eq!(status(&served).await, 503);
    assert_eq!(served.last().fault.unwrap().kind, "error");
    assert_eq!(status(&served).await, 200);

    let fault = json!({ "route": "miro.audit_log", "nth": "1..2", "fault": "throttle", "retry_after": "60s" });
    assert_eq!(arm(&served, &fault.to_string()).await.0, StatusCode::CREATED);
    assert_eq!((status(&served).await, status(&served).await, status(&served).await).2, 200);
    let expected = json!([
        { "number": 1, "kind": "error", "line": null, "bites": 1 },
        { "number": 2, "kind": "throttle", "line": null, "bites": 2 },
    ]);
    assert_eq!(listed(&served).await["faults"], expected);
}

#[tokio::test]
async fn a_fault_ends_when_somebody_says_so() {
    let served = served().await;
    for _ in 0..2 {
        arm(&served, "{ route: miro.audit_log, nth: 1..1000, fault: error, status: 500 }").await;
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

#[tokio::test]
async fn nonsense_is_refused_with_what_and_where() {
    let served = served().await;
    #[rustfmt::skip]
    let cases = [
        ("{ route: miro.audit_logs, nth: 1, fault: hang }",              "fault:1:10  unknown route \"miro.audit_logs\""),
        ("{ route: miro.audit_log, nth: 1, fault: eror }",               "did you mean \"error\"?"),
        ("{ route: miro.audit_log, fault: hang }",                       "does not say when it begins"),
        ("route: miro.audit_log\nnth: 1\nfault: error\nstatus: 200\n",   "fault:4:9"),
        ("{ fault: late, by: 1h }",                                      "late bends records, which are made when a simulation begins"),
        ("{ route: miro, nth: 1, fault: bad_certificate }",              "serve with --tls"),
        ("- 1",                                                          "a fault is a map; found a list"),
        ("",                                                             "fault"),
    ];
    for (fault, expected) in cases {
        let (code, told) = arm(&served, fault).await;
        assert!(code == StatusCode::BAD_REQUEST && told.contains(expected), "{fault}: {code} {told}");
    }
    assert_eq!(listed(&served).await["faults"], json!([]));
}
