//! `score` and `relations`, as people call them.

use serde_json::Value;

use crate::support::{House, text};

const TRAVEL: &str = "travel/london-madrid-84m";
const CONTAINED: &str = "governance/suspended-in-mid-attack";

/// What a command prints as JSON, without lines of the wall clock, and its exit status.
fn json(house: &House, arguments: &[&str]) -> (i32, Value) {
    let output = house.conformance(&[arguments, &["--json"]].concat());
    let printed = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = printed.lines().filter(|line| !line.contains("\"wall_")).collect();
    let value = serde_json::from_str(&lines.join("\n"));
    (output.status.code().unwrap_or(-1), value.unwrap_or_else(|e| panic!("{e}: {}", text(&output))))
}

fn measure(report: &Value, name: &str) -> Option<f64> {
    let measures = report["measures"].as_array().unwrap();
    measures.iter().find(|measure| measure["name"] == name).unwrap()["value"].as_f64()
}

#[test]
fn a_run_is_scored_now_and_from_its_folder_alike() {
    let house = House::with(&[TRAVEL]);
    let (status, now) = json(&house, &["score", "scenarios", "--run-dir", "kept", "--require", "recall.D04 >= 1.0"]);
    assert_eq!((status, measure(&now, "recall")), (0, Some(1.0)), "{now:#}");
    let (status, kept) = json(&house, &["score", "kept", "--require", "recall.D04 >= 1.0"]);
    assert_eq!((status, kept), (0, now));
    let (_, twice) = json(&house, &["score", "kept", "kept"]);
    assert_eq!(measure(&twice, "stability.same_input"), Some(1.0));
}

#[test]
fn a_colleague_who_is_suspended_is_in_the_blast_radius_and_the_missed_threshold_is_named() {
    let house = House::with(&[CONTAINED]);
    house.stack("broken", Some("gov-wrong-user-name-match"));
    let arguments = ["score", "scenarios", "--stack", "broken", "--require", "governance.blast_radius == 0"];
    let output = house.conformance(&arguments);
    let printed = text(&output);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("MISSED governance.blast_radius == 0"), "{printed}");
    assert!(printed.contains(&format!("governance.blast_radius {CONTAINED}: suspend of ")), "{printed}");
}

#[test]
fn the_reference_stack_keeps_relations_and_a_broken_one_does_not() {
    let house = House::with(&[TRAVEL]);
    let only = ["--only", "M07", "--only", "M10", "--only", "M17"];
    let (status, kept) = json(&house, &[&["relations", "scenarios"], &only[..]].concat());
    let holds: Vec<&Value> = kept["relations"].as_array().unwrap().iter().map(|relation| &relation["holds"]).collect();
    assert_eq!((status, holds), (0, vec![&Value::Bool(true), &Value::Bool(true), &Value::Null]), "{kept:#}");
    house.stack("broken", Some("time-wrong-time-field"));
    let output = house.conformance(&["relations", "scenarios", "--stack", "broken", "--only", "m07"]);
    let printed = text(&output);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("0 of 1 expected: impossible_travel about alice"), "{printed}");
}

#[test]
fn wrong_flags_are_refused_with_what_was_meant() {
    let house = House::with(&[TRAVEL]);
    house.write("gate.txt", "recall >= 1.0\nrecal >= 1.0\n");
    #[rustfmt::skip]
    let cases: [(&[&str], &str); 7] = [
        (&["score", "scenarios", "--require", "recal >= 1"],        "did you mean `recall`"),
        (&["score", "scenarios", "--thresholds", "gate.txt"],       "gate.txt:2: there is no measure `recal`"),
        (&["score", "scenarios", "--thresholds", "none.txt"],       "none.txt"),
        (&["score", "scenarios", "--report", "junit"],              "`junit` is no form of score"),
        (&["score", "scenarios", "--relations", "gate.txt"],        "gate.txt"),
        (&["relations", "scenarios", "--only", "M99"],              "there is no relation `M99`"),
        (&["relations"],                                            "PATHS"),
    ];
    for (arguments, expected) in cases {
        let output = house.conformance(arguments);
        let printed = text(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {printed}");
        assert!(printed.contains(expected), "{arguments:?}: {printed}");
    }
}
