//! Files that are no YAML, or more YAML than is let in.

use std::fmt::Write as _;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::told;
use crate::scenario::yaml::MAX_BYTES;
use crate::scenario::{Document, Foreign, Problems, read, read_text};

fn told_of_bytes(bytes: &[u8]) -> String {
    match Document::from_bytes("s.yaml", bytes, Problems::default()) {
        Ok(_) => panic!("was read without complaint"),
        Err(errors) => errors.to_string(),
    }
}

#[test]
fn an_empty_file_is_told_how_to_begin() {
    assert_snapshot!(told(""), @"s.yaml  the file is empty; a scenario begins with `title:`");
    assert_eq!(told("# a remark\n"), told(""));
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let errors = read(std::path::Path::new("no/such/file.yaml"), &Foreign::default()).unwrap_err();
    assert!(errors.to_string().starts_with("no/such/file.yaml  cannot be read: "), "{errors}");
}

#[test]
fn a_scenario_is_a_map() {
    assert_snapshot!(told("- title: A\n"), @r"
s.yaml:1:1  a scenario is a map; found a list
  1 | - title: A
    | ^
");
    assert_snapshot!(told("hello"), @r#"
s.yaml:1:1  a scenario is a map; found "hello"
  1 | hello
    | ^^^^^
"#);
}

#[test]
fn a_large_file_is_refused_before_it_is_parsed() {
    let bomb = vec![b'['; 10 * MAX_BYTES];
    assert_snapshot!(told_of_bytes(&bomb), @"s.yaml  the file is larger than 1 MiB (1048576 bytes), which no scenario is");
}

#[test]
fn a_byte_that_is_not_utf_8_has_a_line_and_a_column() {
    assert_snapshot!(told_of_bytes(b"title: A\nabout: caf\xe9\n"), @r"
s.yaml:2:11  byte 0xe9 is not UTF-8; save the file as UTF-8
  2 | about: caf�
    |           ^
");
    assert_snapshot!(told_of_bytes(b"title: \xc3\xa4\xf0"), @r"
s.yaml:1:9  byte 0xf0 is not UTF-8; save the file as UTF-8
  1 | title: ä�
    |         ^
");
    assert_snapshot!(told_of_bytes(b"\xff\xfet\0i\0"), @r"
s.yaml:1:1  byte 0xff is not UTF-8; it looks like UTF-16, save it as UTF-8
  1 | ��t i
    | ^
");
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    assert_snapshot!(told("\u{feff}titel: A\napps: { miro: {} }"), @r#"
s.yaml:1:1  unknown key "titel" in a scenario: did you mean "title"?
  1 | titel: A
    | ^^^^^
"#);
}

#[test]
fn a_doubled_key_names_the_first() {
    assert_snapshot!(told("title: A\napps: { miro: {} }\ntitle: B\n"), @r#"
s.yaml:3:1  key "title" is written twice here; first on line 1
  3 | title: B
    | ^^^^^
"#);
    assert_snapshot!(told("title: A\napps: { miro: {}, miro: { page_size: 1 } }\n"), @r#"
s.yaml:2:19  key "miro" is written twice here; first on line 2
  2 | apps: { miro: {}, miro: { page_size: 1 } }
    |                   ^^^^
"#);
}

#[test]
fn anchors_aliases_tags_and_merge_keys_are_refused_by_name() {
    let text =
        "title: !str A\napps:\n  miro: &m { page_size: 10 }\n  other: { <<: *m, vendor: miro }\n  third: *nobody\n";
    assert_snapshot!(told(text), @r"
s.yaml:1:8  tags (`!name`) are not allowed; write the plain value
  1 | title: !str A
    |        ^^^^
s.yaml:3:9  anchors (`&name`) are not allowed; write the value where it is needed
  3 |   miro: &m { page_size: 10 }
    |         ^^
s.yaml:4:12  merge keys (`<<`) are not allowed; write the keys out
  4 |   other: { <<: *m, vendor: miro }
    |            ^^
s.yaml:4:16  aliases (`*name`) are not allowed; write the value out
  4 |   other: { <<: *m, vendor: miro }
    |                ^^
s.yaml:5:10  aliases (`*name`) are not allowed; write the value out
  5 |   third: *nobody
    |          ^^^^^^^
");
}

#[test]
fn an_alias_bomb_does_not_grow() {
    let mut bomb = String::from("title: A\nabout: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..30 {
        let of = format!("*a{}, ", i - 1).repeat(10);
        writeln!(bomb, "k{i}: &a{i} [{of}]").unwrap();
    }
    let told = told(&bomb);
    assert!(told.contains("s.yaml:2:8  anchors (`&name`) are not allowed"), "{told}");
    assert!(told.lines().last().unwrap().starts_with("s.yaml  and "), "{told}");
}

#[test]
fn nesting_has_a_limit() {
    let told = told(&format!("title: {}", "[".repeat(100_000)));
    assert!(told.starts_with("s.yaml:1:24  lists and maps are nested deeper than 16 levels"), "{told}");
    let blocks: String = (0..40).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n");
    assert!(super::told(&blocks).contains("lists and maps are nested deeper than 16 levels"));
}

#[test]
fn a_second_document_is_refused() {
    assert_snapshot!(told("title: A\napps: { miro: {} }\n---\ntitle: B\n"), @r"
s.yaml:3:1  a second document begins here; a scenario is one document
  3 | ---
    | ^^^
");
}

#[test]
fn directives_are_refused() {
    assert_snapshot!(told("%YAML 1.1\n---\ntitle: A\n"), @r"
s.yaml:1:1  directives (`%…`) are not allowed
  1 | %YAML 1.1
    | ^
");
}

#[test]
fn tabs_are_told_of() {
    assert_snapshot!(told("title: A\napps:\n\tmiro: {}\n"), @r"
s.yaml:3:1  a tab stands where spaces are needed; indent with spaces
  3 |  miro: {}
    | ^
");
}

#[test]
fn what_is_not_closed_is_told_at_the_line_where_it_is_to_be() {
    assert_snapshot!(told("title: A\napps: { miro: {}\ncast: { alice: {} }\n"), @r"
s.yaml:2:17  `}` is missing here: the `{` in column 7 is never closed
  2 | apps: { miro: {}
    |                 ^
");
    assert_snapshot!(told("title: \"A\napps: { miro: {} }\nabout: \"B\"\n"), @r#"
s.yaml:1:8  this quote is never closed
  1 | title: "A
    |        ^
"#);
    assert_snapshot!(told("title: \"A\napps: { miro: {} }\n"), @r#"
s.yaml:1:8  this quote is never closed
  1 | title: "A
    |        ^
"#);
    let steps = "script:\n  - { at: day 1 09:00, does: sign_in, actor: alice\n  - { at: +1m, does: sign_in, actor: alice }\n  - { at: +1m, does: sign_in, actor: alice }\n";
    assert_snapshot!(told(steps), @r"
s.yaml:2:51  `}` is missing here: the `{` in column 5 is never closed
  2 |   - { at: day 1 09:00, does: sign_in, actor: alice
    |                                                   ^
");
    assert_snapshot!(told("faults:\n  - { fault: late, records: [desk, thief, by: 15m }\n"), @r"
s.yaml:2:29  `]` is missing: this `[` is not closed before the `}` in column 51
  2 |   - { fault: late, records: [desk, thief, by: 15m }
    |                             ^
");
}

#[test]
fn spaces_commas_and_columns_that_are_amiss_are_told_where_they_are() {
    assert_snapshot!(told("title: A\nscript:\n  -{ at: day 1 09:00, does: sign_in }\n"), @r"
s.yaml:3:3  a space is missing after the dash: write `- {`
  3 |   -{ at: day 1 09:00, does: sign_in }
    |   ^^
");
    assert_snapshot!(told("title: A\nscript:\n  - { at: day 1 09:00 does: sign_in }\n"), @r"
s.yaml:3:23  a comma is missing before `does`
  3 |   - { at: day 1 09:00 does: sign_in }
    |                       ^^^^
");
    assert_snapshot!(told("title:A\napps: { miro: {} }\n"), @r"
s.yaml:1:6  a space is missing after `title:`
  1 | title:A
    |      ^^
");
    assert_snapshot!(told("title: A: B\napps: { miro: {} }\n"), @r"
s.yaml:1:9  a second colon in one line: put the text that holds it in quotes
  1 | title: A: B
    |         ^
");
    assert_snapshot!(told("title: A\n apps: { miro: {} }\n"), @r"
s.yaml:2:6  no key can stand here: this line is indented too far, or something before it is not ended
  2 |  apps: { miro: {} }
    |      ^
");
    assert_snapshot!(told("title: @A\napps: { miro: {} }\n"), @r"
s.yaml:1:8  `@` cannot begin a value; put the value in quotes
  1 | title: @A
    |        ^
");
}

#[test]
fn a_long_line_is_cut_around_what_is_wrong() {
    let text = format!("title: A\napps: {{ miro: {{ {}pagesize: 3 }} }}\n", " ".repeat(300));
    assert_snapshot!(told(&text), @r#"
s.yaml:2:317  unknown key "pagesize" in app "miro": did you mean "page_size"?
  2 | …                                                            pagesize: 3 } }
    |                                                              ^^^^^^^^
"#);
}

#[test]
fn twenty_errors_are_told_and_the_others_counted() {
    let mut text = String::from("title: A\napps: { miro: {} }\n");
    for i in 0..50 {
        writeln!(text, "unknown_{i}: 1").unwrap();
    }
    let told = told(&text);
    assert!(told.ends_with("s.yaml  and 30 more"), "{told}");
}

#[test]
fn a_crowd_is_refused_without_looking_at_every_face() {
    let cast: String = (0..2_001).map(|i| format!("  p{i}: {{ home: Nowhere }}\n")).collect();
    let script = "  - { at: day 1 09:00, actor: p7, does: sign_in }\n".repeat(10_001);
    let told = told(&format!("title: A\napps: {{ miro: {{}} }}\ncast:\n{cast}script:\n{script}"));
    assert_snapshot!(told, @r"
s.yaml:4:3  cast has 2001 entries; at most 2000 are read
  4 |   p0: { home: Nowhere }
    |   ^
s.yaml:2006:3  script has 10001 entries; at most 10000 are read
  2006 |   - { at: day 1 09:00, actor: p7, does: sign_in }
       |   ^
");
}

fn yaml_like() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "title: ",
        "apps: ",
        "{ ",
        " }",
        "[",
        "]",
        "miro",
        "entra",
        ": ",
        ", ",
        "\n",
        "  ",
        "- ",
        "script:\n",
        "at: day 1 09:00",
        "+84m",
        "does: sign_in",
        "actor: alice",
        "cast: ",
        "alice",
        "faults:\n",
        "fault: error",
        "nth: 1..2",
        "&a ",
        "*a",
        "!t ",
        "<<",
        "'",
        "\"",
        "|\n",
        "? ",
        "#",
        "\t",
        "---\n",
        "é",
        "\u{feff}",
        "null",
        "on",
        "99999999999999999999",
        "attack: ",
        "policies: ",
        "impossible_travel",
        "times: 3",
        "over: 5m",
        "target: alice",
        "does: hire",
        "networks: ",
        "in: London",
        "history: 3d",
        "stack: ",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}|[ -~\n\t]{0,300}") {
        let _ = read_text("s.yaml", &text, &Foreign::default()).map_err(|errors| errors.to_string());
    }

    #[test]
    fn nothing_that_looks_like_a_scenario_makes_the_reader_panic(text in yaml_like()) {
        let _ = read_text("s.yaml", &text, &super::FOREIGN).map_err(|errors| errors.to_string());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Document::from_bytes("s.yaml", &bytes, Problems::default()).map_err(|errors| errors.to_string());
    }
}
