//! A run with one scenario of each outcome, for the tests of every form of the report.

use std::path::PathBuf;
use std::time::Duration;

use crate::scenario::Level;
use crate::verdict::{Finding, Judgement, KnownFailure, Verdict};

use super::{RunReport, ScenarioReport};

pub(crate) fn missing_alert() -> Finding {
    Finding {
        check: "alert/missing".to_owned(),
        verdict: Verdict::Fail,
        expected: "an alert impossible_travel about alice citing desk, thief".to_owned(),
        observed: "no alert about alice".to_owned(),
        story: vec![
            "day 1 09:00:00 alice sign_in success in miro.audit_log from 198.18.0.4, id e1".to_owned(),
            "day 1 10:24:00 alice sign_in success in miro.audit_log from 192.0.2.9 (attack takeover), id e2".to_owned(),
        ],
        evidence: vec!["day 1 11:00:00 #31 miro.audit_log GET -> 200, page 1 with 2 record(s)".to_owned()],
        line: Some(15),
    }
}

pub(crate) fn different() -> Finding {
    Finding {
        check: "snapshot/different".to_owned(),
        verdict: Verdict::Fail,
        expected: "what was accepted in snapshots/travel/london-madrid-84m/reference/alerts.snap".to_owned(),
        observed: "1 line(s) removed, 1 added".to_owned(),
        story: Vec::new(),
        evidence: ["--- accepted", "+++ this run", "@@ -1 +1 @@", "-a  b  medium", "+a  b  high"]
            .map(str::to_owned)
            .into(),
        line: None,
    }
}

fn scenario(id: &str, verdict: Verdict, findings: Vec<Finding>) -> ScenarioReport {
    ScenarioReport {
        path: PathBuf::from(format!("scenarios/{id}.yaml")),
        title: format!("The story of {id}"),
        level: Level::Required,
        judgement: Judgement {
            id: id.to_owned(),
            verdict,
            skipped: None,
            findings,
            known: Vec::new(),
            not_judged: Vec::new(),
        },
        wall: Duration::from_millis(1234),
    }
}

/// A scenario that failed with these findings.
pub(crate) fn troubled(id: &str, findings: Vec<Finding>) -> ScenarioReport {
    scenario(id, Verdict::Fail, findings)
}

/// One of each outcome.
pub(crate) fn run() -> RunReport {
    let unhit = Finding {
        check: "fault/never-bit".to_owned(),
        verdict: Verdict::Inconclusive,
        expected: "throttle to meet a request".to_owned(),
        observed: "0 requests met it".to_owned(),
        story: Vec::new(),
        evidence: Vec::new(),
        line: Some(12),
    };
    let mut skipped = scenario("limits/a-day-of-quota", Verdict::Pass, Vec::new());
    skipped.judgement.skipped = Some("needs virtual time".to_owned());
    let mut passed = scenario("travel/london-madrid-85m", Verdict::Pass, Vec::new());
    passed.judgement.not_judged =
        vec!["scenarios/travel/london-madrid-85m.yaml:9 must_not: alert: policy is off".to_owned()];
    passed.judgement.known = vec![KnownFailure {
        scenario: passed.judgement.id.clone(),
        check: "rate/retry-after-ignored".to_owned(),
        title: "a request before the pause was over".to_owned(),
        why: "the wait is kept nowhere".to_owned(),
        until: jiff::civil::date(2027, 6, 30),
    }];
    RunReport {
        version: "0.1.0+89abcdef01234567".to_owned(),
        stack: "reference".to_owned(),
        seed: Some(7),
        repeat: vec!["--stack".to_owned(), "reference".to_owned()],
        shard: None,
        scenarios: vec![
            passed,
            scenario("limits/retry-after-60s", Verdict::Inconclusive, vec![unhit]),
            scenario("travel/london-madrid-84m", Verdict::Fail, vec![missing_alert(), different()]),
            skipped,
        ],
        wall: Duration::from_millis(3_100),
    }
}

/// One scenario with many findings of one check and one of another.
pub(crate) fn flood(count: usize) -> RunReport {
    let lost = |n| Finding {
        check: "ingest/lost-event".to_owned(),
        expected: format!("event e{n}"),
        observed: "not reported".to_owned(),
        ..missing_alert()
    };
    let mut findings: Vec<Finding> = (0..count).map(lost).collect();
    findings.push(missing_alert());
    RunReport { scenarios: vec![scenario("paging/ties", Verdict::Fail, findings)], ..run() }
}

/// So many scenarios in which records were lost, and one in which an alert is missing.
pub(crate) fn one_cause(count: usize) -> RunReport {
    let lost = |n: usize| Finding {
        check: "ingest/lost-event".to_owned(),
        expected: format!("event e{n}"),
        observed: "not reported".to_owned(),
        ..missing_alert()
    };
    let mut scenarios: Vec<ScenarioReport> =
        (0..count).map(|n| troubled(&format!("paging/p{n:03}"), vec![lost(n)])).collect();
    scenarios[0].judgement.findings.push(missing_alert());
    scenarios.push(troubled("travel/london-madrid-84m", vec![missing_alert()]));
    RunReport { scenarios, ..run() }
}
