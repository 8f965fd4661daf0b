//! The summary page of a CI job, in the Markdown that GitHub and GitLab share.

use std::fmt::Write as _;

use crate::printable;

use super::{Paint, RunReport, ScenarioReport, blocks, terminal};

/// Bytes up to which each part of the page may fill it, in order. GitHub shows no summary of a step that is larger than
/// 1 MiB, and a step may append another's.
const DETAILS: usize = 512 * 1024;
const TITLES: usize = 576 * 1024;
const SKIPPED: usize = 640 * 1024;
const KNOWN: usize = 704 * 1024;
const NOT_JUDGED: usize = 768 * 1024;

/// The whole page, of a bounded size: details of as many scenarios as fit, then their names alone, then how many more.
///
/// # Sources
/// GitHub, "Workflow commands", step isolation and limits: 1 MiB a step.
pub fn render(run: &RunReport) -> String {
    let summary = run.summary();
    let mut page = format!("### conformance of {}\n\n", code(&run.stack));
    let _ = writeln!(page, "{}\n", terminal::counts(summary, run.wall, Paint::Plain));
    let mut untold = Vec::new();
    for scenario in run.troubled() {
        let details = details(run, scenario);
        if page.len() + details.len() <= DETAILS { page.push_str(&details) } else { untold.push(scenario) }
    }
    let titles = untold.iter().map(|s| format!("- {}: {}", s.judgement.verdict.word(), escaped(&s.judgement.id)));
    list(&mut page, "Without details, which would not fit on this page:\n\n", titles, TITLES);
    let scenarios = run.in_order();
    let skipped = scenarios.iter().filter_map(|s| Some((s, s.judgement.skipped.as_ref()?)));
    let skipped = skipped.map(|(s, reason)| format!("| {} | {} |", escaped(&s.judgement.id), escaped(reason)));
    list(&mut page, "| skipped | because |\n|---|---|\n", skipped, SKIPPED);
    let known = scenarios.iter().flat_map(|s| &s.judgement.known);
    list(&mut page, "Known failures:\n\n", known.map(|known| format!("- {}", escaped(&known.to_string()))), KNOWN);
    let not_judged = scenarios.iter().flat_map(|s| &s.judgement.not_judged);
    list(&mut page, "Not judged:\n\n", not_judged.map(|reason| format!("- {}", escaped(reason))), NOT_JUDGED);
    format!("{}\n", page.trim_end())
}

/// All that was found in a scenario, which can be folded away.
fn details(run: &RunReport, scenario: &ScenarioReport) -> String {
    let text = blocks::text(run, scenario);
    let fence = fence(&text);
    let (verdict, id) = (scenario.judgement.verdict.word(), html(&scenario.judgement.id));
    format!("<details open>\n<summary>{verdict}: {id}</summary>\n\n{fence}text\n{text}\n{fence}\n\n</details>\n\n")
}

/// Rows below their head, as long as the page is shorter than `limit`, and how many more there are; nothing without rows.
fn list(page: &mut String, head: &str, rows: impl Iterator<Item = String>, limit: usize) {
    let (mut begun, mut more) = (false, 0);
    for row in rows {
        if !std::mem::replace(&mut begun, true) {
            page.push_str(head);
        }
        if more == 0 && page.len() + row.len() < limit {
            let _ = writeln!(page, "{row}");
        } else {
            more += 1;
        }
    }
    if more > 0 {
        let _ = writeln!(page, "\nand {more} more");
    }
    if begun {
        page.push('\n');
    }
}

/// A fence longer than any in the text.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

/// A name as code, where it is one.
pub(crate) fn code(text: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if !text.is_empty() && text.chars().all(is_name) { format!("`{text}`") } else { escaped(text) }
}

/// Text in an element of HTML, where the marks of Markdown are none.
fn html(text: &str) -> String {
    printable::line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text in which nothing is markup.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in html(text).chars() {
        match c {
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn the_page_opens_what_failed_and_lists_what_was_left_out() {
        insta::assert_snapshot!(render(&example::run()), @r#"
        ### conformance of `reference`

        1 passed, 1 failed, 1 inconclusive, 0 errors, 1 skipped in 3.1 s

        <details open>
        <summary>fail: travel/london-madrid-84m</summary>

        ```text
        alert/missing
          what the scenario did
            day 1 09:00:00 alice sign_in success in miro.audit_log from 198.18.0.4, id e1
            day 1 10:24:00 alice sign_in success in miro.audit_log from 192.0.2.9 (attack takeover), id e2
          what the stack did
            day 1 11:00:00 #31 miro.audit_log GET -> 200, page 1 with 2 record(s)
          expected: an alert impossible_travel about alice citing desk, thief (scenarios/travel/london-madrid-84m.yaml:15)
          observed: no alert about alice
        snapshot/different
          what the stack did
            --- accepted
            +++ this run
            @@ -1 +1 @@
            -a  b  medium
            +a  b  high
          expected: what was accepted in snapshots/travel/london-madrid-84m/reference/alerts.snap
          observed: 1 line(s) removed, 1 added
        repeat: conformance run scenarios/travel/london-madrid-84m.yaml --stack reference --seed 7
        ```

        </details>

        <details open>
        <summary>inconclusive: limits/retry-after-60s</summary>

        ```text
        fault/never-bit (inconclusive)
          expected: throttle to meet a request (scenarios/limits/retry-after-60s.yaml:12)
          observed: 0 requests met it
        repeat: conformance run scenarios/limits/retry-after-60s.yaml --stack reference --seed 7
        ```

        </details>

        | skipped | because |
        |---|---|
        | limits/a-day-of-quota | needs virtual time |

        Known failures:

        - rate/retry-after-ignored in travel/london-madrid-85m until 2027-06-30: the wait is kept nowhere

        Not judged:

        - scenarios/travel/london-madrid-85m.yaml:9 must\_not: alert: policy is off
        "#);
    }

    #[test]
    fn a_fence_in_the_evidence_does_not_close_ours() {
        let mut run = example::run();
        run.scenarios[2].judgement.findings[0].evidence = vec!["````".to_owned()];
        assert!(render(&run).contains("\n`````text\n"));
    }

    #[test]
    fn the_page_stays_below_what_github_shows_however_much_has_failed() {
        let mut run = example::run();
        let failed = run.scenarios[2].clone();
        run.scenarios.extend((0..9_000).map(|n| {
            let mut scenario = failed.clone();
            scenario.judgement.id = format!("travel/{n:04}");
            scenario.judgement.not_judged = vec!["nobody asked".repeat(9)];
            scenario
        }));
        let page = render(&run);
        assert!(page.len() < 1024 * 1024, "{}", page.len());
        assert!(page.contains("<summary>fail: travel/0000</summary>") && page.contains("\n- fail: travel/"));
        assert_eq!(page.matches("\nand ").count(), 2, "of titles and of what was not judged");
        assert_eq!(page.matches("<details").count(), page.matches("</details>").count());
    }

    #[test]
    fn a_name_in_html_has_no_backslashes_and_no_tags() {
        let mut run = example::run();
        run.scenarios[2].judgement.id = "my_area/x_1<img>".to_owned();
        assert!(render(&run).contains("<summary>fail: my_area/x_1&lt;img&gt;</summary>"));
    }
}
