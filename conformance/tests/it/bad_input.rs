//! Wrong scenarios, manifests and flags: exit status 2, and a message that says what and where.

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
