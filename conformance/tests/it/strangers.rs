//! Stacks that speak nobody's contract: a few lines of Python that pull a log by the machine's clock and send what they
//! had by the ways there are.

use std::path::Path;

use crate::support::{House, checks, not_tested, text};

const SCENARIO: &str = "\
title: Ann works
apps: { miro: { page_size: 10 } }
people: 2
cast: { ann: {} }
script:
  - { id: work, at: day 1 10:00, actor: ann, does: open, app: miro, times: 12, over: 30m }
expect:
  - { must: ingest, app: miro, evidence: [work], within: 15m }
";

/// Pulls two days of Miro's log and hands each record to `send`.
const PULL: &str = r#"
import datetime, json, sys, urllib.parse, urllib.request

app = json.load(open(sys.argv[1]))["apps"]["miro"]
now = datetime.datetime.now(datetime.timezone.utc)
form = "%Y-%m-%dT%H:%M:%SZ"
query = {"createdAfter": (now - datetime.timedelta(days=2)).strftime(form), "createdBefore": now.strftime(form), "limit": 10}
records, cursor = [], None
while True:
    asked = urllib.parse.urlencode(query | ({"cursor": cursor} if cursor else {}))
    headers = {"Authorization": "Bearer " + app["access_token"]}
    page = json.load(urllib.request.urlopen(urllib.request.Request(app["base_url"] + "/v2/audit/logs?" + asked, headers=headers)))
    records += page["data"]
    cursor = page.get("cursor")
    if not cursor:
        break
records = [
    {"id": r["id"], "at": r["createdAt"], "what": r["event"], "who": r["createdBy"]["id"], "from": r["context"]["ip"]} for r in records
]
"#;

/// From a record as `PULL` has it to a line of the contract.
const MAP: &str = r#"{ kind: "event", body: {
  class_uid: 6003, category_uid: 6, activity_id: 99, type_uid: 600399, severity_id: 1, time: .at,
  metadata: { version: "1.8.0", product: { name: "Miro" }, uid: .id, tenant_uid: "miro", log_name: "audit_log", event_code: .what },
  actor: { user: { uid: .who } }, api: { operation: .what }, src_endpoint: { ip: .from, svc_name: "Miro" } } }
"#;

/// A stack that pulls, and then does as `send` says.
fn stranger(house: &House, run: &str, report: &str, send: &str, map: &str) {
    house.write("scenarios/x/day.yaml", SCENARIO);
    house.write("stacks/mine/pull.py", &format!("{PULL}\n{send}\n"));
    house.write("stacks/mine/map.jq", map);
    let manifest = format!(
        "name: mine\nrun: {run}\nmode: once\nclock: wall\nprofile: lenient\ncapabilities: [miro.audit_log]\n\
         declares: {{ poll_every: 1s, look_back: 1d, lateness: 60m, backfill: {{ miro: 1d }}, delivery: at_least_once }}\n\
         report: {report}\n"
    );
    house.write("stacks/mine/stack.yaml", &manifest);
}

/// Plays it; nothing but a snapshot may be missing.
#[track_caller]
fn passes(house: &House) {
    let run_dir = house.path("run");
    let (_, report, printed) =
        house.run(&["scenarios", "--stack", "stacks/mine", "--run-dir", run_dir.to_str().unwrap()]);
    assert_eq!(checks(&report, "x/day"), ["snapshot/missing"], "{printed}");
}

const ONE: &str = r#"[python3, "{{ stack.dir }}/pull.py", "{{ run.connections }}", "{{ PLACE }}"]"#;

fn one(place: &str) -> String {
    ONE.replace("PLACE", place)
}

#[test]
fn a_report_may_be_posted() {
    let house = House::with(&[]);
    let send = "urllib.request.urlopen(urllib.request.Request(sys.argv[2], json.dumps(records).encode()))";
    stranger(&house, &one("sinks.siem.url"), "{ http: siem, map: map.jq }", send, MAP);
    passes(&house);
}

#[test]
fn a_report_may_be_syslog_with_cef() {
    let house = House::with(&[]);
    let send = r#"
import socket
host, port = sys.argv[2].split(":")
lines = ["<14>mine CEF:0|Acme|Watch|1|%s|seen|1|externalId=%s suid=%s start=%s src=%s" % (r["what"], r["id"], r["who"], r["at"], r["from"]) for r in records]
with socket.create_connection((host, int(port))) as sink:
    sink.sendall("\n".join(lines + [""]).encode())
"#;
    let map = format!(
        ".cef | {{ id: .extension.externalId, at: .extension.start, what: .device_event_class_id, who: .extension.suid, from: .extension.src }} | {MAP}"
    );
    stranger(&house, &one("sinks.siem.address"), "{ syslog: siem, map: map.jq }", send, &map);
    passes(&house);
}

#[test]
fn a_report_may_be_the_answer_to_a_query() {
    let house = House::with(&[]);
    let send = r#"
import os, sqlite3
os.makedirs(sys.argv[2], exist_ok=True)
with sqlite3.connect(sys.argv[2] + "/events.db") as database:
    database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, at TEXT, what TEXT, who TEXT, source TEXT)")
    database.executemany("INSERT OR IGNORE INTO events VALUES (:id, :at, :what, :who, :from)", records)
"#;
    let report = r#"{ sqlite: "{{ run.state }}/events.db", query: "SELECT id, at, what, who, source AS \"from\" FROM events", map: map.jq }"#;
    stranger(&house, &one("run.state"), report, send, MAP);
    passes(&house);
}

#[test]
fn each_process_has_logs_of_its_own_and_a_report_on_standard_output_is_heard_of_all() {
    let house = House::with(&[]);
    let send = "for r in records: print(json.dumps(r))\nprint('pulled', file=sys.stderr)";
    let run = format!("{{ collector: {}, janitor: [sh, -c, 'echo swept >&2'] }}", one("run.state"));
    stranger(&house, &run, "{ stdout: true, map: map.jq }", send, MAP);
    passes(&house);
    let log = |name: &str| {
        let path = Path::new("run/scenarios/x/day/main").join(name);
        std::fs::read_to_string(house.path(path.to_str().unwrap())).unwrap_or_default()
    };
    assert!(log("collector.stderr.log").starts_with("pulled\n") && !log("collector.stdout.log").is_empty());
    assert!(log("janitor.stderr.log").starts_with("swept\n") && log("janitor.stdout.log").is_empty());
}

#[test]
fn a_client_that_heeds_no_proxy_is_led_here_by_the_names_and_reaches_nobody_else() {
    let house = House::with(&[]);
    let send = r#"
import socket
assert app["base_url"] == "https://api.miro.com", app["base_url"]
try:
    socket.create_connection(("192.0.2.1", 443), timeout=5)
except OSError as error:
    print(error.strerror, file=sys.stderr)
for r in records: print(json.dumps(r))
"#;
    stranger(&house, &one("run.state"), "{ stdout: true, map: map.jq }", send, MAP);
    let ignoring = "import urllib.request\nurllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))";
    house.write("stacks/mine/pull.py", &format!("{ignoring}\n{PULL}\n{send}"));
    let manifest = std::fs::read_to_string(house.path("stacks/mine/stack.yaml")).unwrap();
    house.write("stacks/mine/stack.yaml", &format!("{manifest}transport: hosts\n"));
    let checked = house.conformance(&["stack", "check", "mine"]);
    if text(&checked).contains("a private network needs") {
        assert_eq!(checked.status.code(), Some(2));
        return not_tested(&text(&checked));
    }
    passes(&house);
    let said = std::fs::read_to_string(house.path("run/scenarios/x/day/main/stderr.log")).unwrap();
    assert_eq!(said.lines().next(), Some("Network is unreachable"));
}

/// Whether a passage of the scenario, kept in `file`, saw its process killed, and if so, started again after that.
fn killed_and_back(house: &House, file: &str) -> Option<bool> {
    let recording = std::fs::read_to_string(house.path(&format!("run/scenarios/x/day/{file}"))).unwrap();
    let recording: serde_json::Value = serde_json::from_str(&recording).unwrap();
    let events: Vec<String> = recording["process"].as_array().unwrap().iter().map(|e| e["what"].to_string()).collect();
    let at = events.iter().position(|event| event.contains("killed"))?;
    Some(events[at..].iter().any(|event| event.contains("started")))
}

#[test]
fn under_a_wall_clock_too_a_process_is_killed_between_two_pages_and_started_again() {
    let once = "mode: once";
    #[rustfmt::skip]
    let cases = [
        (once,                                    "kill"),
        ("mode: service\nready: { log: ^up }",    "kill, after: 1ms"),
    ];
    for (mode, fault) in cases {
        let house = House::with(&[]);
        let send = "for r in records: print(json.dumps(r), flush=True)";
        stranger(&house, &one("run.state"), "{ stdout: true, map: map.jq }", send, MAP);
        let faults = format!("faults:\n  - {{ route: miro.audit_log, page: 2, fault: {fault}, restart_after: 1s }}\n");
        house.write("scenarios/x/day.yaml", &SCENARIO.replace("expect:", &format!("{faults}expect:")));
        let manifest = std::fs::read_to_string(house.path("stacks/mine/stack.yaml")).unwrap();
        house.write("stacks/mine/stack.yaml", &manifest.replace(once, mode));
        if mode != once {
            let again = format!("{PULL}\n{send}\ntime.sleep(0.5)").replace('\n', "\n    ");
            let text = format!("import sys, time\nprint('up', file=sys.stderr, flush=True)\nwhile True:{again}\n");
            house.write("stacks/mine/pull.py", &text);
        }
        passes(&house);
        assert_eq!(killed_and_back(&house, "recording.json"), Some(true), "{mode}");
        assert_eq!(killed_and_back(&house, "control.json"), None, "{mode}");
    }
}
