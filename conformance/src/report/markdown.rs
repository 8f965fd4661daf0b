//! The summary page of a CI job, in the Markdown that GitHub and GitLab share.

use std::fmt::Write as _;

use super::{Paint, RunReport, blocks, terminal};

/// The whole page.
pub fn render(run: &RunReport) -> String {
    let summary = run.summary();
    let mut page = format!("### conformance of `{}`\n\n", run.stack);
    let _ = writeln!(page, "{}\n", terminal::counts(summary, run.wall, Paint::Plain));
    for scenario in run.troubled() {
        let text = blocks::text(run, scenario);
        let fence = fence(&text);
        let (verdict, id) = (scenario.judgement.verdict.word(), escaped(&scenario.judgement.id));
        let _ = writeln!(
            page,
            "<details open>\n<summary>{verdict}: {id}</summary>\n\n{fence}text\n{text}\n{fence}\n\n</details>\n"
        );
    }
    let scenarios = run.in_order();
    let skipped: Vec<_> = scenarios.iter().filter_map(|s| Some((s, s.judgement.skipped.as_ref()?))).collect();
    if !skipped.is_empty() {
        page.push_str("| skipped | because |\n|---|---|\n");
        for (scenario, reason) in skipped {
            let _ = writeln!(page, "| {} | {} |", escaped(&scenario.judgement.id), escaped(reason));
        }
        page.push('\n');
    }
    let known: Vec<_> = scenarios.iter().flat_map(|s| &s.judgement.known).collect();
    if !known.is_empty() {
        page.push_str("Known failures:\n\n");
        for failure in known {
            let _ = writeln!(page, "- {}", escaped(&failure.to_string()));
        }
        page.push('\n');
    }
    let not_judged: Vec<_> = scenarios.iter().flat_map(|s| &s.judgement.not_judged).collect();
    if !not_judged.is_empty() {
        page.push_str("Not judged:\n\n");
        for reason in not_judged {
            let _ = writeln!(page, "- {}", escaped(reason));
        }
    }
    format!("{}\n", page.trim_end())
}

/// A fence longer than any in the text.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

/// Text in which nothing is markup.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' => out.push(' '),
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
}
