//! The main job, as CI runs it.

use crate::support::{House, text, workspace};

/// The first story of each folder: all of them are the release build's job, in CI.
fn a_story_of_each_folder() -> Vec<String> {
    let mut folders: Vec<_> =
        std::fs::read_dir(workspace().join("scenarios")).unwrap().flatten().map(|e| e.path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    let first = |folder: std::path::PathBuf| {
        let mut path = folder;
        while path.is_dir() {
            path = std::fs::read_dir(&path).unwrap().flatten().map(|e| e.path()).min().unwrap();
        }
        path.to_str().unwrap().to_owned()
    };
    folders.into_iter().map(first).collect()
}

#[test]
fn the_reference_stack_passes_a_story_of_each_folder_and_the_snapshots_agree() {
    let house = House::with(&[]);
    let (stories, snapshots) = (a_story_of_each_folder(), workspace().join("snapshots"));
    let mut arguments: Vec<&str> = stories.iter().map(String::as_str).collect();
    arguments.extend(["--snapshots", snapshots.to_str().unwrap()]);
    let (status, report, printed) = house.run(&arguments);
    assert_eq!(status, 0, "{printed}");
    let count = |word: &str| report["summary"][word].as_u64().unwrap();
    assert_eq!(count("pass"), stories.len() as u64, "{printed}");
    assert!(stories.len() >= 15, "{printed}");
}

#[test]
fn two_runs_with_one_seed_agree_but_for_the_wall_clock_whatever_the_number_of_jobs() {
    let house = House::with(&["travel/london-madrid-84m", "limits/retry-after-60s", "process/killed-and-restarted"]);
    let report = |jobs: &str| {
        let (_, mut report, printed) = house.run(&["scenarios", "--jobs", jobs]);
        without_wall(&mut report);
        assert!(report["scenarios"].as_array().is_some_and(|s| s.len() == 3), "{printed}");
        report
    };
    assert_eq!(house.conformance(&["run", "scenarios", "--accept"]).status.code(), Some(0));
    let first = report("1");
    assert_eq!(first, report("1"));
    assert_eq!(first, report("4"));
}

#[test]
fn an_empty_selection_is_not_green() {
    let house = House::with(&["travel/london-madrid-84m"]);
    let (status, _, printed) = house.run(&["scenarios", "--only", "no-such-scenario"]);
    assert_eq!(status, 2, "{printed}");
    let shards = ["1/2", "2/2"].map(|shard| house.run(&["scenarios", "--shard", shard]).0);
    assert!(shards.contains(&4), "one of two parts of one scenario is empty: {shards:?}");
}

#[test]
fn a_run_can_be_judged_again_offline_with_the_same_outcome() {
    let house = House::with(&["travel/london-madrid-84m"]);
    house.stack("silent", Some("state-idle"));
    let (status, report, printed) = house.run(&["scenarios", "--stack", "silent", "--run-dir", "kept"]);
    assert_eq!(status, 1, "{printed}");
    let again = house.path("again.json");
    let json = format!("json={}", again.display());
    let output = house.conformance(&["judge", "kept", "--report", &json]);
    assert_eq!(output.status.code(), Some(1));
    let again: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(again).unwrap()).unwrap();
    assert_eq!(again["scenarios"][0]["findings"], report["scenarios"][0]["findings"]);
}

#[test]
fn the_line_that_repeats_a_failure_repeats_it() {
    let house = House::with(&["travel/london-madrid-84m"]);
    house.stack("silent", Some("state-idle"));
    let arguments = ["scenarios", "--stack", "./stacks/silent", "--snapshots", "my snapshots", "--seed", "7"];
    let (status, report, printed) = house.run(&arguments);
    assert_eq!(status, 1, "{printed}");
    let line = printed.lines().find_map(|line| line.trim().strip_prefix("repeat: conformance ")).unwrap_or_default();
    assert!(line.ends_with("--stack ./stacks/silent --snapshots 'my snapshots' --seed 7"), "{printed}");
    let again = house.path("again.json");
    let command = format!("{} {line} --report json={}", env!("CARGO_BIN_EXE_conformance"), again.display());
    let repeated =
        std::process::Command::new("sh").args(["-c", &command]).current_dir(house.path("")).output().unwrap();
    assert_eq!(repeated.status.code(), Some(1), "{}", text(&repeated));
    let mut again: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(again).unwrap()).unwrap();
    let mut first = report;
    without_wall(&mut again);
    without_wall(&mut first);
    assert_eq!(again, first);
}

fn without_wall(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            fields.retain(|key, _| !key.starts_with("wall_"));
            fields.values_mut().for_each(without_wall);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(without_wall),
        _ => {}
    }
}
