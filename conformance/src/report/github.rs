//! Annotations for GitHub Actions: a line each, on the line of the scenario that a finding hangs on.
//!
//! GitHub shows ten errors and ten warnings of a step; so a scenario has one annotation a check, and the worst come first.
//!
//! # Sources
//! "Workflow commands for GitHub Actions": `::error file=…,line=…,title=…::MESSAGE`; `%`, line ends and, in properties,
//! `:` and `,` are percent-encoded.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{RunReport, ScenarioReport};
use crate::printable;
use crate::scenario::Level;
use crate::verdict::{Finding, Verdict};

/// The annotations, a line each.
pub fn render(run: &RunReport) -> String {
    let mut text = String::new();
    for scenario in run.troubled() {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &scenario.judgement.findings {
            *counts.entry(&finding.check).or_default() += 1;
        }
        for finding in &scenario.judgement.findings {
            // The first of a check speaks for all.
            if let Some(count) = counts.remove(finding.check.as_str()) {
                let _ = writeln!(text, "{}", annotation(run, scenario, finding, count));
            }
        }
    }
    text
}

fn annotation(run: &RunReport, scenario: &ScenarioReport, finding: &Finding, count: usize) -> String {
    let line = finding.line.map(|line| format!(",line={line}")).unwrap_or_default();
    let more = if count > 1 { format!("\nand {} more {}", count - 1, finding.check) } else { String::new() };
    let verdict =
        if finding.verdict == Verdict::Fail { String::new() } else { format!(" ({})", finding.verdict.word()) };
    let message = format!(
        "expected: {}\nobserved: {}{more}\nrepeat: {}",
        finding.expected,
        finding.observed,
        run.repeat(scenario)
    );
    format!(
        "::{} file={}{line},title={}::{}",
        command(finding.verdict, scenario.level),
        property(&scenario.path.display().to_string()),
        property(&format!("{}: {}{verdict}", scenario.judgement.id, finding.check)),
        escaped(&message)
    )
}

/// What decides the exit status is an error.
fn command(verdict: Verdict, level: Level) -> &'static str {
    match (verdict, level) {
        (Verdict::Error, _) | (Verdict::Fail, Level::Required) => "error",
        (_, Level::Required | Level::Recommended) => "warning",
        (_, Level::Informational) => "notice",
    }
}

fn escaped(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| printable::line(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

fn property(text: &str) -> String {
    escaped(&printable::line(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn a_line_a_check_the_worst_first() {
        insta::assert_snapshot!(render(&example::run()), @"
        ::error file=scenarios/travel/london-madrid-84m.yaml,line=15,title=travel/london-madrid-84m%3A alert/missing::expected: an alert impossible_travel about alice citing desk, thief%0Aobserved: no alert about alice%0Arepeat: conformance run scenarios/travel/london-madrid-84m.yaml --stack reference --seed 7
        ::error file=scenarios/travel/london-madrid-84m.yaml,title=travel/london-madrid-84m%3A snapshot/different::expected: what was accepted in snapshots/travel/london-madrid-84m/reference/alerts.snap%0Aobserved: 1 line(s) removed, 1 added%0Arepeat: conformance run scenarios/travel/london-madrid-84m.yaml --stack reference --seed 7
        ::warning file=scenarios/limits/retry-after-60s.yaml,line=12,title=limits/retry-after-60s%3A fault/never-bit (inconclusive)::expected: throttle to meet a request%0Aobserved: 0 requests met it%0Arepeat: conformance run scenarios/limits/retry-after-60s.yaml --stack reference --seed 7
        ");
    }

    #[test]
    fn many_findings_of_one_check_are_one_line() {
        let text = render(&example::flood(17));
        assert_eq!(text.lines().count(), 2);
        assert!(text.contains("%0Aand 16 more ingest/lost-event%0A"), "{text}");
    }

    #[test]
    fn nothing_that_a_stack_says_is_a_command() {
        let mut run = example::run();
        for scenario in &mut run.scenarios {
            for finding in &mut scenario.judgement.findings {
                finding.observed = "100%\n::set-output name=x::y\r\n::error::z".to_owned();
            }
        }
        let text = render(&run);
        assert!(
            text.lines().all(|line| line.starts_with("::error file=") || line.starts_with("::warning file=")),
            "{text}"
        );
    }
}
