//! "Test now": the stack as a process, asked by the signal USR2.

#![cfg(unix)]

use std::path::Path;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A Miro and a directory in which nothing happens.
#[derive(Clone)]
struct Vendors {
    /// Hears of every log that is asked for.
    asked: UnboundedSender<&'static str>,
    /// Whether Miro refuses its log.
    refuses: Arc<AtomicBool>,
}

async fn answer(State(vendors): State<Vendors>, request: Request) -> Response {
    let log = match request.uri().path() {
        "/v2/audit/logs" => "miro",
        "/v1.0/auditLogs/signIns" => "entra",
        "/v1/oauth-token" => {
            return axum::Json(json!({"scopes": ["auditlogs:read", "organizations:read"]})).into_response();
        }
        _ => "",
    };
    if !log.is_empty() {
        vendors.asked.send(log).expect("the test listens");
    }
    if log == "miro" && vendors.refuses.load(Ordering::Relaxed) {
        return (StatusCode::FORBIDDEN, axum::Json(json!({"code": "insufficientPermissions"}))).into_response();
    }
    axum::Json(json!({"data": [], "value": []})).into_response()
}

/// Comes back when both logs were asked for once more; whoever runs the tests ends one that waits for ever.
async fn both_asked(asked: &mut UnboundedReceiver<&'static str>) {
    let mut apps = [asked.recv().await.unwrap(), asked.recv().await.unwrap()];
    apps.sort_unstable();
    assert_eq!(apps, ["entra", "miro"]);
}

fn spawn(folder: &Path, base: &str) -> Child {
    let path = |name: &str| folder.join(name).display().to_string();
    let app = |vendor: &str| {
        json!({"vendor": vendor, "base_url": base, "access_token": "by-hand", "organization_id": "org", "team_id": "1",
            "scope": if vendor == "miro" { "auditlogs:read organizations:read" } else { "" }})
    };
    let connections = json!({"version": 1, "apps": {"miro": app("miro"), "entra": app("entra")}});
    std::fs::write(path("connections.json"), connections.to_string()).unwrap();
    let config = format!(
        "connections: {}\nstate: {}\nreport: {}\nredirect: 127.0.0.1:0\n",
        path("connections.json"),
        path("state"),
        path("report.ndjson")
    );
    std::fs::write(path("config.yaml"), config).unwrap();
    let program = env!("CARGO_BIN_EXE_reference-stack");
    Command::new(program).args(["--config", &path("config.yaml")]).spawn().unwrap()
}

fn signal(process: &Child, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), process.id().to_string()]).status().unwrap();
    assert!(sent.success(), "{name}");
}

/// What was told of an app, a state and its health alert.
fn told(folder: &Path, app: &str) -> Vec<(String, Option<String>)> {
    let text = std::fs::read_to_string(folder.join("report.ndjson")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let bodies = lines.filter(|line| line["kind"] == "status").map(|line| line["body"].clone());
    let text = |value: &Value| value.as_str().map(str::to_owned);
    bodies
        .filter(|body| body["app"] == app)
        .map(|body| (text(&body["phase"]).unwrap(), text(&body["health"])))
        .collect()
}

#[test]
fn who_asks_for_a_test_has_every_connector_polled_at_once_and_is_told_how_it_went() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut process = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (sender, mut asked) = unbounded_channel();
        let vendors = Vendors { asked: sender, refuses: Arc::default() };
        let refuses = Arc::clone(&vendors.refuses);
        let router = Router::new().fallback(answer).with_state(vendors);
        tokio::spawn(async move { axum::serve(listener, router).await });
        // The first poll comes by itself, and the next one in an hour.
        let process = spawn(folder.path(), &base);
        both_asked(&mut asked).await;
        signal(&process, "USR2");
        both_asked(&mut asked).await;
        refuses.store(true, Ordering::Relaxed);
        signal(&process, "USR2");
        both_asked(&mut asked).await;
        refuses.store(false, Ordering::Relaxed);
        signal(&process, "USR2");
        both_asked(&mut asked).await;
        signal(&process, "TERM");
        process
    });
    // The runtime stays: an answer may be on its way.
    let ended = runtime.block_on(async { tokio::task::spawn_blocking(move || process.wait().unwrap()).await.unwrap() });
    assert!(ended.success(), "{ended:?}");
    let told = |app| told(folder.path(), app);
    let is = |phase: &str, health: Option<&str>| (phase.to_owned(), health.map(str::to_owned));
    let connected = || is("connected", None);
    let begun = || is("connecting", None);
    assert_eq!(told("entra"), [begun(), connected(), connected(), connected(), connected()]);
    let of_miro = [begun(), connected(), connected(), is("degraded", Some("raised")), is("connected", Some("cleared"))];
    assert_eq!(told("miro"), of_miro);
}
