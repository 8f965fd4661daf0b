//! `action.yml`, its steps run in order as a GitHub runner does: bash with `-e` and `-o pipefail`, expressions filled in
//! beforehand, and after a failure only what says `if: always()`. Steps that use other actions are the runner's.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{House, text, workspace};

/// What a runner has at the end of the action.
struct Ended {
    /// Whether every step went well.
    succeeded: bool,
    /// Everything that the steps printed, where annotations are among.
    log: String,
    /// The job's summary, Markdown.
    summary: String,
    /// What the steps gave out, as `name=value` lines.
    outputs: String,
}

fn act(house: &House, inputs: &[(&str, &str)]) -> Ended {
    let action: Value =
        serde_saphyr::from_str(&std::fs::read_to_string(workspace().join("action.yml")).unwrap()).unwrap();
    let declared = action["inputs"].as_object().unwrap();
    let mut known: BTreeMap<String, String> = declared
        .iter()
        .filter_map(|(name, input)| Some((format!("inputs.{name}"), input["default"].as_str()?.to_owned())))
        .collect();
    for (name, value) in inputs {
        assert!(declared.contains_key(*name), "the action has no input `{name}`");
        known.insert(format!("inputs.{name}"), (*value).to_owned());
    }
    let programs = Path::new(env!("CARGO_BIN_EXE_conformance")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let (mut succeeded, mut log) = (true, String::new());
    let read = |name: &str| std::fs::read_to_string(house.path(name)).unwrap_or_default();
    for step in action["runs"]["steps"].as_array().unwrap() {
        let Some(script) = step["run"].as_str() else { continue };
        assert_eq!(step["shell"], "bash", "a composite action names the shell of each script");
        if !succeeded && step["if"] != "always()" {
            continue;
        }
        let environment = step["env"].as_object().into_iter().flatten();
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script])
            .current_dir(house.path("."))
            .envs(environment.map(|(name, value)| (name, filled(value.as_str().unwrap(), &known))))
            .env("PATH", &path)
            .env("GITHUB_ACTION_PATH", workspace())
            .env("GITHUB_OUTPUT", house.path("outputs"))
            .env("GITHUB_STEP_SUMMARY", house.path("summary.md"))
            .output()
            .unwrap();
        succeeded &= output.status.success();
        log.push_str(&text(&output));
    }
    Ended { succeeded, log, summary: read("summary.md"), outputs: read("outputs") }
}

/// An expression of one name, `${{ inputs.stack }}`, gives way to what it stands for.
fn filled(value: &str, known: &BTreeMap<String, String>) -> String {
    let name = value.trim().strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
    name.map_or_else(|| value.to_owned(), |name| known[name.trim()].clone())
}

#[test]
fn the_action_runs_the_scenarios_keeps_reports_and_names_its_part() {
    let house = House::with(&["travel/london-madrid-84m"]);
    let accepted = house.conformance(&["run", "scenarios", "--accept", "--quiet"]);
    assert!(accepted.status.success(), "{}", text(&accepted));
    let ended = act(&house, &[("stack", "reference"), ("scenarios", "scenarios")]);
    assert!(ended.succeeded, "{}", ended.log);
    assert!(ended.summary.contains("1 passed"), "{}", ended.summary);
    assert_eq!(ended.outputs, "name=reference-1\n");
    assert!(house.path("report.json").exists() && house.path("report.html").exists());
}

#[test]
fn the_action_annotates_a_failure_fails_and_still_names_what_to_keep() {
    let house = House::with(&["travel/london-madrid-84m"]);
    house.stack("mine", Some("page-first-only"));
    let ended = act(&house, &[("stack", "mine"), ("scenarios", "scenarios/travel"), ("shard", "1/1")]);
    assert!(!ended.succeeded, "{}", ended.log);
    assert!(ended.log.contains("::error file=scenarios/travel/london-madrid-84m.yaml,"), "{}", ended.log);
    assert_eq!(ended.outputs, "name=mine-1\n");
    assert!(house.path("report.json").exists());
}

#[test]
fn a_hostile_input_of_the_action_is_a_name_and_no_command() {
    let house = House::with(&["travel/london-madrid-84m"]);
    let ended = act(&house, &[("stack", "x\"; touch owned; echo \"")]);
    assert!(!ended.succeeded && !house.path("owned").exists(), "{}", ended.log);
    assert_eq!(ended.outputs, "name=x---touch-owned--echo---1\n");
}

#[test]
fn without_scenarios_of_its_own_a_repository_is_given_this_librarys() {
    let house = House::with(&[]);
    let ended = act(&house, &[("stack", "reference"), ("shard", "1/400")]);
    let report: Value = serde_json::from_str(&std::fs::read_to_string(house.path("report.json")).unwrap()).unwrap();
    assert!(!report["scenarios"].as_array().unwrap().is_empty(), "{}", ended.log);
}
