//! Accepted results: missing, edited and orphaned ones are failures with a readable difference.

use crate::support::{House, checks, text};

const SCENARIO: &str = "travel/london-madrid-84m";
const ALERTS: &str = "snapshots/travel/london-madrid-84m/reference/alerts.snap";

fn accepted() -> House {
    let house = House::with(&[SCENARIO]);
    let output = house.conformance(&["run", "scenarios", "--accept"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(house.path(ALERTS).exists(), "{}", text(&output));
    assert_eq!(house.run(&["scenarios"]).0, 0);
    house
}

#[test]
fn an_edited_snapshot_fails_with_a_difference_and_review_offers_it() {
    let house = accepted();
    let kept = std::fs::read_to_string(house.path(ALERTS)).unwrap();
    house.write(ALERTS, &kept.replace("impossible_travel", "impossible_trouble"));
    let (status, report, printed) = house.run(&["scenarios"]);
    assert_eq!(status, 1, "{printed}");
    assert!(checks(&report, SCENARIO).contains(&"snapshot/different".to_owned()), "{printed}");
    assert!(printed.contains("impossible_trouble") && printed.contains("impossible_travel"), "{printed}");

    let review = review(&house, "a\n");
    assert!(review.contains("impossible_trouble"), "{review}");
    assert_eq!(std::fs::read_to_string(house.path(ALERTS)).unwrap(), kept);
    assert_eq!(house.run(&["scenarios"]).0, 0);
}

#[test]
fn a_deleted_snapshot_fails() {
    let house = accepted();
    std::fs::remove_file(house.path(ALERTS)).unwrap();
    let (status, report, printed) = house.run(&["scenarios"]);
    assert_eq!(status, 1, "{printed}");
    assert!(checks(&report, SCENARIO).contains(&"snapshot/missing".to_owned()), "{printed}");
}

#[test]
fn a_snapshot_without_a_scenario_fails() {
    let house = accepted();
    house.write("snapshots/travel/gone/reference/alerts.snap", "---\nsource: gone\n---\nnothing\n");
    let (status, _, printed) = house.run(&["scenarios"]);
    assert_eq!(status, 1, "{printed}");
    assert!(printed.contains("snapshot/orphaned"), "{printed}");
}

#[test]
fn results_of_a_stack_that_failed_are_not_accepted() {
    let house = House::with(&[SCENARIO]);
    house.stack("silent", Some("state-idle"));
    let output = house.conformance(&["run", "scenarios", "--stack", "silent", "--accept"]);
    assert_ne!(output.status.code(), Some(0));
    assert!(!house.path("snapshots/travel/london-madrid-84m/silent/alerts.snap").exists(), "{}", text(&output));
}

fn review(house: &House, answers: &str) -> String {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .current_dir(house.path(""))
        .arg("review")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    text(&child.wait_with_output().unwrap())
}
