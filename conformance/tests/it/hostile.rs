//! Texts of others that want to be more than text: whatever is printed moves no cursor, forges no line and commands no
//! runner of a CI job.

use std::process::Output;

use serde_json::{Value, json};

use crate::support::{House, text};

/// What a hostile author puts wherever a text may stand.
const HOSTILE: &str = "x\n::error::boo\u{1b}[31m##[add-mask]\u{202e}\u{9b}|<img>\0\r\n  ::warning::y";

/// As a string of YAML and of JSON.
fn quoted(text: &str) -> String {
    let plain = Value::from(text).to_string();
    plain.chars().map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) }).collect()
}

/// Everything that was printed, in which our annotations are the only commands.
#[track_caller]
fn harmless(output: &Output, what: &str) -> String {
    let printed = text(output);
    let risky = |c: char| {
        (c.is_control() && c != '\n')
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    let found: Vec<String> = printed.lines().filter(|line| line.contains(risky)).map(|l| format!("{l:?}")).collect();
    assert!(found.is_empty(), "{what}: {found:#?}");
    let ours = |line: &str| ["::error file=", "::warning file="].iter().any(|begin| line.starts_with(begin));
    let commands = |line: &&str| line.contains("##[") || (line.trim_start().starts_with("::") && !ours(line));
    let found: Vec<&str> = printed.lines().filter(commands).collect();
    assert!(found.is_empty(), "{what}: {found:#?}");
    assert!(!printed.is_empty(), "{what} printed nothing");
    printed
}

/// A stack that says hostile things and ends.
fn stack(house: &House) {
    let sound = json!({"v": 1, "kind": "alert", "seq": 2, "body": {"class_uid": 2004}});
    let lines = [
        json!({"v": 1, "kind": HOSTILE, "seq": 1, "body": {}}).to_string(),
        sound.to_string().replace("2004", &quoted(HOSTILE)),
        HOSTILE.replace('\n', " "),
    ];
    house.write("stacks/mine/said.ndjson", &(lines.join("\n") + "\n"));
    let manifest = "name: mine\nrun: [cat, '{{ stack.dir }}/said.ndjson']\nmode: once\nclock: wall\n\
        capabilities: [miro.audit_log]\ndeclares: { poll_every: 1s, look_back: 1d, lateness: 60m }\nreport: stdout\n";
    house.write("stacks/mine/stack.yaml", manifest);
}

/// Scenarios whose names and titles are hostile.
fn scenarios(house: &House) {
    let story = format!(
        "title: {}\napps: {{ miro: {{}} }}\npeople: 2\ncast: {{ ann: {{}} }}\nscript:\n  - {{ id: work, at: day 1 10:00, \
         actor: ann, does: open, app: miro }}\nexpect:\n  - {{ must: ingest, app: miro, evidence: [work], within: 15m }}\n",
        quoted(&HOSTILE.replace('\0', ""))
    );
    for name in ["x\n::error::boo", "e\u{1b}[31m", "##[group]\u{202e}"] {
        house.write(&format!("scenarios/{name}.yaml"), &story);
    }
}

#[test]
fn whatever_a_run_prints_is_text_and_nothing_else() {
    let house = House::with(&[]);
    stack(&house);
    scenarios(&house);
    let reports = ["--report", "github", "--report", "json=report.json"];
    let output = house.conformance(&[&["run", "scenarios", "--stack", "mine"][..], &reports].concat());
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let printed = harmless(&output, "run");
    assert!(printed.contains(r"FAIL x\n::error::boo"), "{printed}");
    for form in ["github", "markdown", "junit", "json"] {
        harmless(&house.conformance(&["merge", "report.json", "--report", form]), form);
    }
    harmless(&house.conformance(&["list"]), "list");
    harmless(&house.conformance(&["lint"]), "lint");
    harmless(&house.conformance(&["run", "--stack", "mine", "--plan"]), "plan");
}

#[test]
fn a_manifest_and_what_is_known_of_a_stack_are_shown_and_not_obeyed() {
    let house = House::with(&[]);
    house.write("stacks/mine/stack.yaml", &format!("name: {}\nrun: [sh]\n", quoted(HOSTILE)));
    harmless(&house.conformance(&["stack", "check", "mine"]), "stack check");
    let name = format!("no{}", HOSTILE.replace('\0', ""));
    harmless(&house.conformance(&["stack", "check", &name]), "stack check of nothing");
    harmless(&house.conformance(&["run", &name]), "run of nothing");
}

#[test]
fn what_old_reports_and_snapshots_hold_is_shown_and_not_obeyed() {
    let house = House::with(&[]);
    let finding = json!({"check": HOSTILE, "verdict": "fail", "line": null, "expected": HOSTILE, "observed": HOSTILE,
        "story": [HOSTILE], "evidence": [HOSTILE]});
    let known =
        json!([{"scenario": HOSTILE, "check": HOSTILE, "title": HOSTILE, "why": HOSTILE, "until": "2027-06-30"}]);
    let report = json!({"version": 1, "conformance": HOSTILE, "seed": 1, "stack": "mine", "repeat": [HOSTILE],
        "shard": null, "wall_ms": 1, "summary": {"pass": 0, "inconclusive": 0, "fail": 1, "error": 0, "skipped": 1},
        "scenarios": [
            {"id": HOSTILE, "title": HOSTILE, "file": HOSTILE, "level": "required", "wall_ms": 1, "verdict": "fail",
                "known": known, "not_judged": [HOSTILE], "findings": [finding]},
            {"id": "skipped", "title": HOSTILE, "file": HOSTILE, "level": "required", "wall_ms": 1, "verdict": "pass",
                "skipped": HOSTILE, "findings": []}]});
    house.write("report.json", &report.to_string());
    for form in [&[][..], &["--report", "github"], &["--report", "markdown"], &["--report", "json"]] {
        harmless(&house.conformance(&[&["merge", "report.json"], form].concat()), "merge");
    }
    harmless(&house.conformance(&["compare", "report.json"]), "compare");
    let lines = HOSTILE.replace(['\0', '\u{9b}'], "");
    let pending = format!("---\nsource: x.yaml\nexpression: alerts of mine\n---\n{lines}\n");
    house.write("snapshots/x/mine/alerts.snap.new", &pending);
    house.write("snapshots/x/mine/alerts.snap", &pending.replace("boo", "bo"));
    harmless(&house.conformance(&["review"]), "review");
}
