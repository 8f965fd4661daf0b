//! Wrong scenarios, manifests and flags: exit status 2, and a message that says what and where.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use crate::support::{House, text};

const GOOD: &str = "title: A story\napps: { entra: {}, miro: {} }\nexpect:\n  - { must_not: alert }\n";

#[track_caller]
fn check(scenario: &[u8], expected: &[&str]) {
    let house = House::with(&[]);
    let path = house.path("scenarios/story.yaml");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, scenario).unwrap();
    for command in [&["run", "scenarios"][..], &["lint", "scenarios"]] {
        let output = house.conformance(command);
        let printed = text(&output);
        assert_eq!(output.status.code(), Some(2), "{printed}");
        for part in expected {
            assert!(printed.contains(part), "`{part}` is not in:\n{printed}");
        }
    }
}

#[test]
fn an_unknown_place_is_shown_with_its_line_and_the_likely_one() {
    let text = "title: A story\napps: { entra: {}, miro: {} }\ncast:\n  alice: { home: Madird }\nexpect:\n  - { must_not: alert }\n";
    check(text.as_bytes(), &["story.yaml:4:", "Madird", "did you mean", "Madrid"]);
}

#[test]
fn no_expectation_is_refused() {
    check(b"title: A story\napps: { miro: {} }\n", &["expect"]);
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_place() {
    check(b"title: A \xff story\n", &["story.yaml:1:10", "UTF-8"]);
}

#[test]
fn ten_megabytes_are_refused_without_being_read_to_the_end() {
    let huge = [GOOD.as_bytes(), &vec![b'#'; 10 * 1024 * 1024]].concat();
    check(&huge, &["story.yaml", "MiB"]);
}

#[test]
fn an_alias_bomb_is_refused() {
    let bomb = "title: &a [x, x]\nabout: [*a, *a, *a]\napps: { miro: {} }\n";
    check(bomb.as_bytes(), &["story.yaml:1:8", "anchor"]);
}

#[test]
fn what_is_not_built_yet_is_refused_by_name() {
    let story = b"title: A story\napps: { miro: {} }\nfaults:\n  - { route: miro.members, fault: shuffle_batch }\nexpect:\n  - { must_not: alert }\n";
    check(story, &["shuffle_batch", "not built"]);
}

#[test]
fn an_unknown_flag_is_refused() {
    let output = House::with(&[]).conformance(&["run", "scenarios", "--jbos", "2"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_stack_that_does_not_exist_is_named() {
    let house = House::with(&["travel/london-madrid-84m"]);
    let output = house.conformance(&["run", "scenarios", "--stack", "nobody"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("nobody"));
}

#[test]
fn a_wrong_manifest_is_shown_with_its_line() {
    let house = House::with(&["travel/london-madrid-84m"]);
    house.write("stacks/mine/stack.yaml", "name: mine\nrun: [sh]\nclok: virtual\n");
    let output = house.conformance(&["run", "scenarios", "--stack", "mine"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("stack.yaml:3"), "{}", text(&output));
}

/// A stack that claims something and is started somehow, with the skeleton's other lines.
fn mine(house: &House, run: &str, claims: &str) {
    let manifest = format!(
        "name: mine\nrun: {run}\nmode: once\nclock: wall\ncapabilities: [{claims}]\n\
         declares: {{ poll_every: 5s, look_back: 6h, lateness: 60m }}\nreport: stdout\n"
    );
    house.write("stacks/mine/stack.yaml", &manifest);
}

#[test]
fn what_stack_check_refuses_is_neither_planned_nor_played() {
    #[rustfmt::skip]
    let cases = [
        ("[sh, '{{ stack.dir }}/run.sh']", "miro.audit_log", "run.sh` is not there"),
        ("[./no-such-program]",            "miro.audit_log", "`./no-such-program` is not there, or is not in PATH"),
        ("[sh, -c, 'exit 0']",             "miro.audit_lgo", "stack.yaml:5:16   unknown capability `miro.audit_lgo`: did you mean `miro.audit_log`? `conformance stack capabilities` lists them"),
    ];
    let house = House::with(&["travel/london-madrid-84m"]);
    for (run, claims, expected) in cases {
        mine(&house, run, claims);
        let commands: [&[&str]; 3] = [
            &["stack", "check", "mine"],
            &["run", "scenarios", "--stack", "mine", "--plan"],
            &["run", "scenarios", "--stack", "mine", "--run-dir", "run"],
        ];
        for command in commands {
            let output = house.conformance(command);
            assert_eq!(output.status.code(), Some(2), "{command:?}: {}", text(&output));
            assert!(text(&output).contains(expected), "{command:?}: {}", text(&output));
        }
        assert!(!house.path("run").exists(), "{expected}");
    }
}

#[test]
fn a_new_stack_is_the_template_until_its_program_is_written() {
    let house = House::with(&["travel/london-madrid-84m"]);
    let made = house.conformance(&["stack", "new", "mine"]);
    assert!(made.status.success() && text(&made).contains("conformance stack check mine"), "{}", text(&made));
    let commands: [&[&str]; 3] = [
        &["stack", "check", "mine"],
        &["run", "scenarios", "--stack", "mine", "--plan"],
        &["run", "scenarios", "--stack", "mine", "--run-dir", "run"],
    ];
    for command in commands {
        let said = house.conformance(command);
        assert_eq!(said.status.code(), Some(2), "{command:?}: {}", text(&said));
        for part in ["mine/run.sh` is still the template", "name your own program under `run`"] {
            assert!(text(&said).contains(part), "{command:?}: {}", text(&said));
        }
    }
    assert!(!house.path("run").exists());
    house.write("mine/run.sh", "exit 0\n");
    let said = house.conformance(&["stack", "check", "mine"]);
    assert!(said.status.success() && text(&said).contains("mine/stack.yaml: sound"), "{}", text(&said));
}

#[test]
fn every_capability_is_listed_with_what_it_means() {
    let output = House::with(&[]).conformance(&["stack", "capabilities"]);
    let printed = text(&output);
    for line in ["github.audit_log", "entra.consents", "policy.chain", "governance.suspend", "usage.sync"] {
        assert!(
            printed
                .lines()
                .any(|l| l.split_once("  ").is_some_and(|(name, meaning)| name == line && !meaning.trim().is_empty())),
            "{line}: {printed}"
        );
    }
}

#[test]
fn a_generated_scenario_names_the_schema_that_lies_beside_it_or_above() {
    let house = House::with(&[]);
    let generate = |out: &str| house.conformance(&["generate", "impossible_travel", "--out", out]);
    assert!(generate("drafts").status.success());
    let first = |path: &str| std::fs::read_to_string(house.path(path)).unwrap().lines().next().unwrap().to_owned();
    let files = |folder: &str| {
        let mut names: Vec<String> = std::fs::read_dir(house.path(folder))
            .unwrap()
            .flatten()
            .map(|e| e.file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let drafts = files("drafts");
    assert_eq!(drafts.len(), 3, "{drafts:?}");
    let yaml = drafts.iter().find(|name| name.ends_with(".yaml")).unwrap();
    assert_eq!(first(&format!("drafts/{yaml}")), "# yaml-language-server: $schema=scenario.schema.json");
    assert!(generate("drafts/deeper/still").status.success());
    assert_eq!(
        first(&format!("drafts/deeper/still/{yaml}")),
        "# yaml-language-server: $schema=../../scenario.schema.json"
    );
    assert_eq!(files("drafts/deeper/still").len(), 2);
    let again = generate("drafts");
    assert!(again.status.code() == Some(2) && text(&again).contains("is there already"), "{}", text(&again));
    assert!(house.conformance(&["lint", "drafts"]).status.success());
}

#[test]
fn without_a_terminal_nobody_is_asked_which_attack() {
    let output = House::with(&[]).conformance(&["generate"]);
    let printed = text(&output);
    assert_eq!(output.status.code(), Some(2), "{printed}");
    assert!(printed.contains("the name of an attack is missing") && printed.contains("impossible_travel"), "{printed}");
}

/// Plays `conformance generate` under a pseudo terminal; none where this machine has no `script` that can.
fn generate_on_a_terminal(house: &House, typed: &str) -> Option<Output> {
    let has_script = Command::new("script").arg("--version").output().is_ok_and(|o| text(&o).contains("util-linux"));
    if !has_script {
        return None;
    }
    let mut command = Command::new("script");
    command.args(["-qec", &format!("'{}' generate", env!("CARGO_BIN_EXE_conformance")), "/dev/null"]);
    let piped = command.current_dir(house.path("")).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // The end of this input reaches the program as Ctrl-D at the beginning of a line.
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    Some(child.wait_with_output().unwrap())
}

#[test]
fn on_a_terminal_it_is_asked_what_to_generate_and_what_is_written_is_sound() {
    let house = House::with(&[]);
    let Some(output) = generate_on_a_terminal(&house, "impossible_travel\nmiro\nzoe\ny\nmine\n") else { return };
    let printed = text(&output);
    assert!(output.status.success() && printed.contains("Zoe"), "{printed}");
    let linted = house.conformance(&["lint", "mine"]);
    assert!(linted.status.success() && text(&linted).contains("2 scenarios"), "{}", text(&linted));
}

#[test]
fn who_leaves_the_terminal_leaves_no_file() {
    let house = House::with(&[]);
    let Some(output) = generate_on_a_terminal(&house, "impossible_travel\nmiro\nzoe\ny\n") else { return };
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("nothing was written") && !house.path("drafts").exists(), "{}", text(&output));
}
