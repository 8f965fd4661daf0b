//! Whatever somebody names, each command says in a line what lies there and what it wanted: exit status 2, and no message
//! of the system's.

use crate::support::{House, text};

const STORY: &str = "travel/london-madrid-84m";

/// A house in which everything that can be named by mistake lies.
fn house() -> House {
    let house = House::with(&[STORY]);
    std::fs::create_dir(house.path("empty")).unwrap();
    std::fs::write(house.path("binary"), b"\x7fELF\xff\xfe\x00").unwrap();
    house.write("notes/readme.txt", "hello\n");
    house.write("cut/story.yaml", "title: A story\napps: { entra: {}, mi");
    house.write("cut/report.json", "{\n  \"version\": 1,\n  \"stack\": \"refer");
    house.write("cut/thresholds.txt", "recall.D04 >=");
    house.write("cut/stack/stack.yaml", "name: mine\nrun: [sh, -c");
    house.write("cut/run/manifest.json", "{\n  \"version\": 2,\n  \"stack\": \"re");
    std::fs::create_dir(house.path("cut/run/scenarios")).unwrap();
    house.write("good.json", "{ \"stack\": \"mine\", \"summary\": { \"pass\": 0, \"inconclusive\": 0, \"fail\": 0, \"error\": 0, \"skipped\": 0 }, \"scenarios\": [] }");
    house
}

#[track_caller]
fn refused(house: &House, words: &str, path: &str, expected: &str) {
    let words: Vec<String> = words.split(' ').map(|word| word.replace("{}", path)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let output = house.conformance(&words);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
    for part in [path, expected] {
        assert!(said.contains(part), "{words:?}: `{part}` is not in {said}");
    }
    assert!(!said.contains("os error"), "{words:?}: {said}");
    assert!(!said.starts_with(|c: char| c.is_ascii_uppercase()), "{words:?}: {said}");
}

#[test]
fn what_lies_where_something_else_was_meant_is_said_by_every_command() {
    const RUN: &str = "expected the folder of a run";
    const REPORT: &str = "expected a report of `conformance run --report json=FILE`";
    const SCENARIO: &str = "expected a scenario (.yaml), or a folder of them";
    const NONE_IN: &str = "no scenario (.yaml) in this folder";
    const STACK: &str = "no stack `";
    const NO_MANIFEST: &str = "has no stack.yaml";
    const NOT_FOLDER: &str = "is a file, and a stack is a folder";
    const BOUNDS: &str = "expected a file of thresholds";
    const RELATIONS: &str = "expected a report of `conformance relations --report json=FILE`";
    #[rustfmt::skip]
    let commands: [(&str, &str, [&str; 5]); 15] = [
        // command                          what is cut              nosuch     empty        binary            notes        cut
        ("judge {}",                        "cut/run",            [RUN,       RUN,         RUN,              RUN,         "ends in the middle, at line 3"]),
        ("score {}",                        "cut/run",            ["folder of an earlier run", NONE_IN, "is not UTF-8", NONE_IN, "ends in the middle, at line 3"]),
        ("merge {}",                        "cut/report.json",    [REPORT,    REPORT,      "is no text",     REPORT,      "ends in the middle, at line 3"]),
        ("compare {}",                      "cut/report.json",    [REPORT,    REPORT,      "is no text",     REPORT,      "ends in the middle, at line 3"]),
        ("run {}",                          "cut/story.yaml",     [SCENARIO,  NONE_IN,     "is not UTF-8",   NONE_IN,     "story.yaml:2:"]),
        ("lint {}",                         "cut/story.yaml",     [SCENARIO,  NONE_IN,     "is not UTF-8",   NONE_IN,     "story.yaml:2:"]),
        ("list {}",                         "cut/story.yaml",     [SCENARIO,  NONE_IN,     "is not UTF-8",   NONE_IN,     "story.yaml:2:"]),
        ("relations {}",                    "cut/story.yaml",     [SCENARIO,  NONE_IN,     "is not UTF-8",   NONE_IN,     "story.yaml:2:"]),
        ("run scenarios --stack {}",        "cut/stack",          [STACK,     NO_MANIFEST, NOT_FOLDER,       NO_MANIFEST, "stack.yaml:2:"]),
        ("ladder --stack {}",               "cut/stack",          [STACK,     NO_MANIFEST, NOT_FOLDER,       NO_MANIFEST, "stack.yaml:2:"]),
        ("stack check {}",                  "cut/stack",          [STACK,     NO_MANIFEST, NOT_FOLDER,       NO_MANIFEST, "stack.yaml:2:"]),
        ("stack setup {}",                  "cut/stack",          [STACK,     NO_MANIFEST, NOT_FOLDER,       NO_MANIFEST, "stack.yaml:2:"]),
        ("score scenarios --thresholds {}", "cut/thresholds.txt", [BOUNDS,    BOUNDS,      "is no text",     BOUNDS,      "thresholds.txt:1"]),
        ("score scenarios --relations {}",  "cut/report.json",    [RELATIONS, RELATIONS,   "is no text",     RELATIONS,   "ends in the middle, at line 3"]),
        ("review --snapshots {}",           "good.json",          ["is not there; expected the folder of accepted snapshots", "", "is a file", "", "is a file"]),
    ];
    let house = house();
    for (words, cut, expected) in commands {
        for (path, expected) in ["nosuch", "empty", "binary", "notes", cut].into_iter().zip(expected) {
            // An empty expectation: this is as good as any.
            if !expected.is_empty() {
                refused(&house, words, path, expected);
            }
        }
    }
    refused(&house, "review {}", "nosuch", "expected a scenario that has left snapshots");
}

#[test]
fn a_place_that_cannot_be_written_to_is_a_wrong_flag() {
    #[rustfmt::skip]
    let cases = [
        ("run scenarios --run-dir {}",                       "a folder for the run"),
        ("run scenarios --report json={}/report.json",       "a file that a report can be written to"),
        ("relations scenarios --run-dir {}",                 "a folder for the run"),
        ("compare good.json --keep {}",                      "a folder for the table's data"),
        ("ladder --write {}",                                "a folder for the cases"),
        ("generate impossible_travel --out {}",              "a folder for the scenarios"),
        ("stack new {}",                                     "a folder for the stack"),
    ];
    let house = house();
    for (words, expected) in cases {
        refused(&house, words, "binary", &format!("expected {expected}"));
    }
}

#[test]
fn the_folder_that_holds_runs_is_answered_with_the_last_of_them() {
    let house = house();
    for run in ["runs/20260301-090000-7", "runs/20260302-090000-8"] {
        house.write(&format!("{run}/manifest.json"), "{}");
        std::fs::create_dir(house.path(run).join("scenarios")).unwrap();
    }
    refused(&house, "judge {}", "runs", "holds several runs, the last of them 20260302-090000-8");
}

#[test]
fn a_recording_that_was_cut_is_named() {
    let house = house();
    let (status, _, said) = house.run(&[&format!("scenarios/{STORY}.yaml"), "--run-dir", "run"]);
    assert!(house.path("run/manifest.json").is_file(), "{status}: {said}");
    let recording = house.path(&format!("run/scenarios/{STORY}/recording.json"));
    let whole = std::fs::read(&recording).unwrap();
    std::fs::write(&recording, &whole[..whole.len() / 2]).unwrap();
    for command in ["judge {}", "score {}"] {
        refused(&house, command, "run", "recording.json: ends in the middle");
    }
}
