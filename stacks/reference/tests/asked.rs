//! The stack as a process that is asked for something now: "Test now" by USR2, a session of the usage sync by USR1.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop loudly")]

use std::path::Path;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Apps in which nothing happens.
#[derive(Clone)]
struct Vendors {
    /// Hears of every log that is asked for.
    asked: UnboundedSender<&'static str>,
    /// Whether Miro and Defender refuse theirs.
    refuse: Arc<AtomicBool>,
}

async fn answer(State(vendors): State<Vendors>, request: Request) -> Response {
    let log = match request.uri().path() {
        "/v2/audit/logs" => "miro",
        "/v1.0/auditLogs/signIns" => "entra",
        "/api/v1/activities/" => "defender",
        "/v1/oauth-token" => return said(&json!({"scopes": ["auditlogs:read", "organizations:read"]})),
        "/api/discovery/streams/" => return said(&json!({"streams": [{"_id": "1", "displayName": "Global View"}]})),
        _ => return said(&json!({"data": [], "value": []})),
    };
    vendors.asked.send(log).expect("the test listens");
    match log != "entra" && vendors.refuse.load(Ordering::Relaxed) {
        true => (StatusCode::FORBIDDEN, axum::Json(json!({"code": "insufficientPermissions"}))).into_response(),
        false => said(&json!({"data": [], "value": []})),
    }
}

fn said(body: &Value) -> Response {
    axum::Json(body.clone()).into_response()
}

/// Comes back when every log was asked for once more; whoever runs the tests ends one that waits for ever.
async fn all_asked(apps: &[&str], asked: &mut UnboundedReceiver<&'static str>) {
    let mut heard = Vec::new();
    for _ in apps {
        heard.push(asked.recv().await.unwrap());
    }
    heard.sort_unstable();
    assert_eq!(heard, apps);
}

fn spawn(folder: &Path, base: &str, apps: &[&str]) -> Child {
    let path = |name: &str| folder.join(name).display().to_string();
    let app = |vendor: &str| {
        json!({"vendor": vendor, "base_url": base, "access_token": "by-hand", "organization_id": "org", "team_id": "1",
            "scope": if vendor == "miro" { "auditlogs:read organizations:read" } else { "" }})
    };
    let apps: serde_json::Map<_, _> = apps.iter().map(|name| ((*name).to_owned(), app(name))).collect();
    std::fs::write(path("connections.json"), json!({"version": 1, "apps": apps}).to_string()).unwrap();
    let [connections, state, report] = ["connections.json", "state", "report.ndjson"].map(path);
    let config = format!("connections: {connections}\nstate: {state}\nreport: {report}\nredirect: 127.0.0.1:0\n");
    std::fs::write(folder.join("config.yaml"), config).unwrap();
    let program = env!("CARGO_BIN_EXE_reference-stack");
    Command::new(program).arg("--config").arg(folder.join("config.yaml")).spawn().unwrap()
}

fn signal(process: &Child, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), process.id().to_string()]).status().unwrap();
    assert!(sent.success(), "{name}");
}

/// Runs a stack with these apps, in the order of their names; asks it by `order` as soon as all logs were read, for each of
/// `refusals` once, and says whether the logs are refused then. Whatever comes by itself comes an hour later.
fn run(apps: &[&str], order: &str, refusals: &[bool]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut process = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (sender, mut asked) = unbounded_channel();
        let vendors = Vendors { asked: sender, refuse: Arc::default() };
        let refuse = Arc::clone(&vendors.refuse);
        let router = Router::new().fallback(answer).with_state(vendors);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let process = spawn(folder.path(), &base, apps);
        all_asked(apps, &mut asked).await;
        for refused in refusals {
            refuse.store(*refused, Ordering::Relaxed);
            signal(&process, order);
            all_asked(apps, &mut asked).await;
        }
        signal(&process, "TERM");
        process
    });
    // The runtime goes on meanwhile: an answer may be on its way.
    let ended = runtime.block_on(async { tokio::task::spawn_blocking(move || process.wait().unwrap()).await.unwrap() });
    assert!(ended.success(), "{ended:?}");
    folder
}

/// Every state of an app that was told.
fn told(folder: &TempDir, app: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.path().join("report.ndjson")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let bodies = lines.filter(|line| line["kind"] == "status").map(|line| line["body"].clone());
    bodies.filter(|body| body["app"] == app).collect()
}

#[test]
fn who_asks_for_a_test_has_every_connector_polled_at_once_and_is_told_how_it_went() {
    let folder = run(&["entra", "miro"], "USR2", &[false, true, false]);
    let told = |app| {
        let states = told(&folder, app).into_iter();
        states.map(|body| (body["phase"].clone(), body["health"].clone())).collect::<Vec<_>>()
    };
    let is = |phase: &str, health: Value| (json!(phase), health);
    let connected = || is("connected", Value::Null);
    let begun = || is("connecting", Value::Null);
    assert_eq!(told("entra"), [begun(), connected(), connected(), connected(), connected()]);
    let of_miro =
        [begun(), connected(), connected(), is("degraded", json!("raised")), is("connected", json!("cleared"))];
    assert_eq!(told("miro"), of_miro);
}

#[test]
fn who_asks_for_a_session_has_one_at_once_and_is_told_where_it_failed() {
    let folder = run(&["defender"], "USR1", &[false, true, false]);
    let states = told(&folder, "defender").into_iter();
    let states: Vec<_> =
        states.map(|body| json!([body["phase"], body["session"]["number"], body["session"]["trigger"]])).collect();
    // What goes on as before is no news; the last session may have been cut short.
    assert_eq!(states[..2], [json!(["connected", 1, "schedule"]), json!(["degraded", 3, "request"])]);
}
