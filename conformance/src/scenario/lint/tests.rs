//! What is remarked of files that can be read.

use insta::assert_snapshot;

use super::{Gravity, LintReport, Remark, lint};
use crate::scenario::{Script, find};

const STORY: &str = "title: Alice and somebody else\napps: { entra: {}, miro: {} }\ncast: { alice: {} }\nattacks: { takeover: T1078.004 }\npolicies: { impossible_travel: {} }\nscript:\n  - { id: desk, at: day 1 09:00, actor: alice, does: sign_in, app: miro }\n  - { id: thief, at: +84m, actor: alice, does: sign_in, app: miro, from: Madrid, attack: takeover }\nexpect:\n  - { must: alert, actor: alice, evidence: [desk, thief] }\n";
const TWIN: &str = "title: Alice flies\ntwin_of: story.yaml\napps: { entra: {}, miro: {} }\ncast: { alice: {} }\npolicies: { impossible_travel: {} }\nscript:\n  - { at: day 1 09:00, actor: alice, does: sign_in, app: miro }\nexpect:\n  - { must_not: alert }\n";

fn silent(_: &Script) -> Vec<Remark> {
    Vec::new()
}

fn lint_with(files: &[(&str, &str)], oracle: super::OracleCheck) -> (LintReport, String) {
    let house = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(house.path().join(name), text).unwrap();
    }
    let report = lint(&find(&[house.path().to_owned()]).unwrap(), oracle);
    let folder = format!("{}/", house.path().display());
    let text = report.to_string().replace(&folder, "");
    (report, text)
}

fn linted(files: &[(&str, &str)]) -> String {
    lint_with(files, silent).1
}

#[test]
fn a_story_and_its_twin_are_fine() {
    assert_snapshot!(linted(&[("story.yaml", STORY), ("twin.yaml", TWIN)]), @"2 scenarios, 0 errors, 0 warnings");
}

#[test]
fn an_attack_without_a_twin_is_remarked() {
    assert_snapshot!(linted(&[("story.yaml", STORY)]), @r"
story.yaml:4:12  warning: no twin: no file beside this one says that it is the near miss of this attack (`twin_of: story.yaml`)
  4 | attacks: { takeover: T1078.004 }
    |            ^^^^^^^^
1 scenario, 0 errors, 1 warning
");
}

#[test]
fn a_twin_that_differs_in_more_than_the_story_is_remarked() {
    let twin = TWIN.replace("cast: { alice: {} }", "cast: { alice: { home: Madrid } }").replace("must_not", "must")
        + "people: 3\n";
    let story = format!("{STORY}seed: 7\n");
    assert_snapshot!(linted(&[("story.yaml", &story), ("twin.yaml", &twin)]), @r"
twin.yaml:2:10  warning: `seed` is written in story.yaml and missing here
  2 | twin_of: story.yaml
    |          ^^^^^^^^^^
twin.yaml:4:1  warning: `cast` differs from story.yaml, whose twin this is
  4 | cast: { alice: { home: Madrid } }
    | ^^^^
twin.yaml:9:5  warning: a twin must stay silent, and here an alert is owed
  9 |   - { must: alert }
    |     ^
twin.yaml:10:1  warning: `people` is not written in story.yaml, whose twin this is
  10 | people: 3
     | ^^^^^^
2 scenarios, 0 errors, 4 warnings
");
}

#[test]
fn what_nothing_uses_is_remarked() {
    let story = STORY
        .replace("cast: { alice: {} }", "cast: { alice: {}, bob: {} }\nnetworks: { cloud: { in: Madrid } }")
        .replace("impossible_travel: {}", "impossible_travel: {}, multiple_failed_logins: { action: notify }")
        .replace(
            "{ must: alert, actor: alice, evidence: [desk, thief] }",
            "{ must: alert, policy: impossible_travel, evidence: [desk] }",
        );
    assert_snapshot!(linted(&[("story.yaml", &story), ("twin.yaml", TWIN)]).lines().filter(|line| line.contains("warning")).collect::<Vec<_>>().join("\n"), @r#"
story.yaml:3:20  warning: person "bob" is never used
story.yaml:4:13  warning: network "cloud" is never used
story.yaml:5:12  warning: no `must` mentions attack "takeover", by name or by the id of one of its steps
story.yaml:6:36  warning: policy "multiple_failed_logins" is never used
story.yaml:9:11  warning: id "thief" is never used
twin.yaml:4:1  warning: `cast` differs from story.yaml, whose twin this is
twin.yaml:5:1  warning: `policies` differs from story.yaml, whose twin this is
2 scenarios, 0 errors, 7 warnings
"#);
}

#[test]
fn what_cannot_be_read_is_an_error_and_a_likely_mistake_a_warning() {
    let (report, text) = lint_with(&[("story.yaml", STORY), ("wrong.yaml", "titel: A\n")], silent);
    assert!(report.errors() > 0 && report.warnings() == 1, "{text}");
    let (report, _) = lint_with(&[("story.yaml", STORY)], silent);
    assert_eq!(report.errors(), 0);
}

#[test]
fn what_the_oracle_says_is_told_at_its_line() {
    fn disagrees(script: &Script) -> Vec<Remark> {
        script.expect.iter().map(|e| Remark::error(e.at, "not derivable")).collect()
    }
    let (report, text) = lint_with(&[("story.yaml", STORY), ("twin.yaml", TWIN)], disagrees);
    assert_eq!(report.errors(), 2);
    assert_eq!(report.files[0].remarks[0].0.gravity, Gravity::Error);
    assert!(text.starts_with("story.yaml:10:5  not derivable\n  10 |   - { must: alert"), "{text}");
}
