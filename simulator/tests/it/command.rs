//! The command itself.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use crate::support::not_tested;

fn simulator(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_simulator")).args(arguments).output().unwrap()
}

fn scenario(name: &str) -> String {
    format!("{}/../scenarios/{name}.yaml", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_timeline_is_printed_with_its_labels() {
    let output = simulator(&["timeline", &scenario("travel/london-madrid-84m")]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("day 1 09:00:00") && lines[0].contains("benign"), "{text}");
    assert!(lines[1].starts_with("day 1 10:24:00") && lines[1].contains("takeover"), "{text}");
    assert!(lines[1].contains("Madrid") && lines[1].contains("[sign_ins audit_log]"), "{text}");
}

#[test]
fn records_are_printed_one_a_line_and_the_same_each_time() {
    let arguments = ["records", "--app", "miro", &scenario("travel/london-madrid-84m")];
    let first = simulator(&arguments);
    assert!(first.status.success());
    assert_eq!(first.stdout, simulator(&arguments).stdout);
    let text = String::from_utf8(first.stdout).unwrap();
    assert!(text.lines().count() > 100);
    for line in text.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(record["event"].is_string(), "{line}");
    }
}

#[test]
fn an_unknown_app_is_refused_with_those_there_are() {
    let output = simulator(&["records", "--app", "mire", &scenario("travel/london-madrid-84m")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("entra, miro"));
}

#[test]
fn catalogues_are_printed() {
    for (command, part) in [("attacks", "impossible_travel"), ("faults", "throttle"), ("vendors", "/v2/audit/logs")] {
        let output = simulator(&[command]);
        assert!(output.status.success(), "{command}");
        assert!(String::from_utf8_lossy(&output.stdout).contains(part), "{command}");
    }
}

#[test]
fn the_matrix_says_what_every_route_is_checked_by() {
    let output = simulator(&["vendors", "--markdown"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|l| l.starts_with("| miro.audit_log ")).unwrap();
    for part in ["| GET |", "`/v2/audit/logs`", "auditlogs:read", "published description", "npm @mirohq/miro-api"] {
        assert!(line.contains(part), "{part}: {line}");
    }
}

#[test]
fn serving_prints_curl_lines_that_work_over_tls_and_ends_clean_on_interrupt() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_simulator"))
        .args(["serve", "--tls", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let curls: Vec<String> = lines.by_ref().filter(|l| l.contains("curl -s")).take(2).collect();
    assert!(curls.iter().all(|curl| curl.len() < 400), "a token as long as a screen is not written out: {curls:?}");
    for curl in curls {
        let output = Command::new("sh").args(["-c", curl.trim()]).output().unwrap();
        if output.status.code() == Some(127) {
            not_tested("what needs curl: there is none on this machine");
            continue;
        }
        assert!(output.status.success(), "{output:?}");
        let page: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let records = page["data"].as_array().or(page["value"].as_array());
        assert!(records.is_some_and(|records| !records.is_empty()), "{curl}: {page}");
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_connections_document_has_a_token_for_each_app_that_works() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("connections.json");
    let mut child = Command::new(env!("CARGO_BIN_EXE_simulator"))
        .args(["serve", "--listen", ":0", "--connections", file.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .take_while(|line| !line.contains("Ctrl-C"))
        .collect();
    child.kill().unwrap();
    child.wait().unwrap();
    let document: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let token = |app: &str| document["apps"][app]["access_token"].as_str().unwrap_or_default().to_owned();
    assert!(token("entra").len() > 500 && lines.iter().all(|line| !line.contains(&token("entra"))), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("curl -s") && line.contains(&token("miro"))), "{lines:?}");
}

#[test]
fn an_address_that_is_none_is_refused_with_one_that_can_be_written() {
    let output = simulator(&["serve", "--listen", "4300"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("write `:4300`"));
}

#[test]
fn a_taken_port_is_refused_as_a_wrong_flag() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().to_string();
    let output = simulator(&["serve", "--listen", &port]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with(&format!("cannot listen on {port}")), "{said}");
    assert!(said.contains("choose other ports with --listen"), "{said}");
}

#[test]
fn a_scenario_that_is_none_is_refused_with_what_lies_there() {
    let folder = env!("CARGO_MANIFEST_DIR");
    for (path, expected) in
        [("no/such.yaml", "there is no such file"), (folder, "it is a folder, and a scenario is a file")]
    {
        for command in ["serve", "timeline", "records"] {
            let output = simulator(&[command, path]);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{command}: {said}");
            assert!(said.contains(&format!("{path}  cannot be read: {expected}")), "{command}: {said}");
        }
    }
}

#[test]
fn the_docs_list_the_attacks_there_are() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let output = simulator(&["attacks", "--markdown", "--library", &format!("{root}/scenarios")]);
    let printed = String::from_utf8(output.stdout).unwrap();
    let kept = std::fs::read_to_string(format!("{root}/docs/src/attacks.md")).unwrap();
    assert!(kept == printed, "stale: simulator attacks --markdown > docs/src/attacks.md");
}

#[test]
fn the_docs_list_the_routes_there_are() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/src/vendors.md");
    let printed = String::from_utf8(simulator(&["vendors", "--markdown"]).stdout).unwrap();
    let kept = std::fs::read_to_string(page).unwrap();
    assert!(kept == printed, "stale: simulator vendors --markdown > docs/src/vendors.md");
}
