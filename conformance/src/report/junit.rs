//! The report as JUnit XML: a test suite a folder of scenarios, a test case a scenario.
//!
//! JUnit has no word for undecided: it is told as an `error` of type `inconclusive`, so that no reader takes it for
//! success. Our own errors are of type `error`. Times are durations only; there are no timestamps and no host names.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use crate::verdict::{Judgement, Verdict};

use super::{RunReport, ScenarioReport, blocks};

/// The whole report.
pub fn render(run: &RunReport) -> Result<String, SerializeError> {
    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    for scenario in run.in_order() {
        let (folder, name) = scenario.judgement.id.rsplit_once('/').unwrap_or((".", &scenario.judgement.id));
        let suite = suites.entry(folder).or_insert_with(|| TestSuite::new(folder));
        suite.add_test_case(case(run, scenario, folder, name));
    }
    let mut report = Report::new(format!("conformance {}", run.stack));
    report.set_time(run.wall);
    for (_, mut suite) in suites {
        let time = suite.test_cases.iter().filter_map(|case| case.time).sum();
        suite.set_time(time);
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn case(run: &RunReport, scenario: &ScenarioReport, folder: &str, name: &str) -> TestCase {
    let mut case = TestCase::new(name, status(run, scenario));
    case.set_classname(folder).set_time(scenario.wall);
    let Judgement { known, not_judged, .. } = &scenario.judgement;
    let known = known.iter().map(|failure| format!("known failure: {failure}"));
    let beside: Vec<String> = known.chain(not_judged.iter().map(|reason| format!("not judged: {reason}"))).collect();
    if !beside.is_empty() {
        case.set_system_out(beside.join("\n"));
    }
    case
}

fn status(run: &RunReport, scenario: &ScenarioReport) -> TestCaseStatus {
    let judgement = &scenario.judgement;
    if let Some(reason) = &judgement.skipped {
        let mut status = TestCaseStatus::skipped();
        status.set_message(reason);
        return status;
    }
    let kind = match judgement.verdict {
        Verdict::Pass => return TestCaseStatus::success(),
        Verdict::Fail => NonSuccessKind::Failure,
        Verdict::Inconclusive | Verdict::Error => NonSuccessKind::Error,
    };
    let mut checks: Vec<&str> = judgement.findings.iter().map(|f| f.check.as_str()).collect();
    checks.dedup();
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(judgement.verdict.word()).set_message(checks.join(", "));
    status.set_description(format!("\n{}\n", blocks::text(run, scenario)));
    status
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn a_suite_is_a_folder_and_a_case_a_scenario() {
        insta::assert_snapshot!(render(&example::run()).unwrap(), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="conformance reference" tests="4" skipped="1" failures="1" errors="1" time="3.100">
            <testsuite name="limits" tests="2" skipped="1" errors="1" failures="0" time="2.468">
                <testcase name="a-day-of-quota" classname="limits" time="1.234">
                    <skipped message="needs virtual time"/>
                </testcase>
                <testcase name="retry-after-60s" classname="limits" time="1.234">
                    <error message="fault/never-bit" type="inconclusive">
        fault/never-bit (inconclusive)
          expected: throttle to meet a request (scenarios/limits/retry-after-60s.yaml:12)
          observed: 0 requests met it
        repeat: conformance run scenarios/limits/retry-after-60s.yaml --stack reference --seed 7
        </error>
                </testcase>
            </testsuite>
            <testsuite name="travel" tests="2" skipped="0" errors="0" failures="1" time="2.468">
                <testcase name="london-madrid-84m" classname="travel" time="1.234">
                    <failure message="alert/missing, snapshot/different" type="fail">
        alert/missing
          what the scenario did
            day 1 09:00:00 alice sign_in success in miro.audit_log from 198.18.0.4, id e1
            day 1 10:24:00 alice sign_in success in miro.audit_log from 192.0.2.9 (attack takeover), id e2
          what the stack did
            day 1 11:00:00 #31 miro.audit_log GET -&gt; 200, page 1 with 2 record(s)
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
        </failure>
                </testcase>
                <testcase name="london-madrid-85m" classname="travel" time="1.234">
                    <system-out>known failure: rate/retry-after-ignored in travel/london-madrid-85m until 2027-06-30: the wait is kept nowhere
        not judged: scenarios/travel/london-madrid-85m.yaml:9 must_not: alert: policy is off</system-out>
                </testcase>
            </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn what_a_stack_writes_cannot_break_the_file() {
        let mut run = example::run();
        run.scenarios[2].judgement.findings[0].evidence = vec!["]]></failure> & \u{1b}[31m \u{0}".to_owned()];
        let text = render(&run).unwrap();
        assert!(!text.contains("]]></failure> &") && !text.contains('\u{0}') && !text.contains('\u{1b}'), "{text}");
    }
}
