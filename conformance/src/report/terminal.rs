//! The summary after a run, for whoever started it: what to mend first, then what was left out, then the counts.
//!
//! A few failures are shown whole, each. Of many the causes are listed, and of each cause one scenario is shown whole.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use crate::explain::title;
use crate::printable;
use crate::snapshot::diff;
use crate::verdict::Verdict;

use super::blocks::{self, Line, Role};
use super::causes::{Cause, causes};
use super::paint::{Paint, Tone};
use super::{RunReport, ScenarioReport, Summary};

/// So many scenarios that did not pass are shown whole. More have something in common.
const FEW: usize = 8;

/// The whole summary.
pub fn render(run: &RunReport, paint: Paint) -> String {
    let mut text = String::new();
    let causes = causes(run);
    if run.troubled().len() > FEW {
        text.push_str(&listing(&causes, paint));
        for cause in &causes {
            text.push_str(&of_cause(run, cause, paint));
            text.push('\n');
        }
    } else {
        for scenario in causes.iter().flat_map(|cause| &cause.scenarios) {
            text.push_str(&troubled(run, scenario, paint));
            text.push('\n');
        }
    }
    left_out(&mut text, run, paint);
    text.push_str(&counts(run.summary(), run.wall, paint));
    text.push('\n');
    let lacking = run.lacking_only_results().len();
    if lacking > 0 {
        let lack = if lacking == 1 { "lacks" } else { "lack" };
        let review = run.review();
        let _ = writeln!(
            text,
            "{lacking} {lack} only accepted results: `{review}` shows them one by one, `--accept` keeps them unread"
        );
    }
    text
}

/// The line of counts: `14 passed, 1 failed, 0 inconclusive, 0 errors, 2 skipped in 3.1 s`.
pub fn counts(summary: Summary, wall: Duration, paint: Paint) -> String {
    let tell = |count: usize, what: &str, tone: Tone| {
        let text = format!("{count} {what}");
        if count == 0 { text } else { paint.apply(tone, &text) }
    };
    let parts = [
        tell(summary.pass, Verdict::Pass.counted(), Tone::Good),
        tell(summary.fail, Verdict::Fail.counted(), Tone::Bad),
        tell(summary.inconclusive, Verdict::Inconclusive.counted(), Tone::Doubtful),
        tell(summary.error, if summary.error == 1 { Verdict::Error.counted() } else { "errors" }, Tone::Bad),
        tell(summary.skipped, "skipped", Tone::Doubtful),
    ];
    let nothing = if summary.worst().is_none() { "nothing was judged: " } else { "" };
    format!("{nothing}{} in {:.1} s", parts.join(", "), wall.as_secs_f64())
}

/// The causes, a line each: in how many scenarios, which check, what it finds.
fn listing(causes: &[Cause<'_>], paint: Paint) -> String {
    let scenarios: usize = causes.iter().map(|cause| cause.scenarios.len()).sum();
    let count = if causes.len() == 1 { "1 cause".to_owned() } else { format!("{} causes", causes.len()) };
    let mut text = format!("{scenarios} did not pass; {count}, first what to mend first:\n");
    for cause in causes {
        let check = printable::line(cause.check.unwrap_or("nothing was found"));
        let title = cause.check.and_then(|check| title(check).ok()).unwrap_or_default();
        let padded = format!("{check:<30}");
        let line = format!("{:>5}  {} {title}", cause.scenarios.len(), paint.apply(tone(cause.verdict), &padded));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text.push('\n');
    text
}

/// A cause: its simplest scenario whole, the others by id, with the checks that found something in them and not in the first.
fn of_cause(run: &RunReport, cause: &Cause<'_>, paint: Paint) -> String {
    let Some((first, others)) = cause.scenarios.split_first() else { return String::new() };
    let mut text = troubled(run, first, paint);
    if !others.is_empty() {
        let _ = writeln!(text, "  the same in {} more:", others.len());
    }
    let checks = |scenario: &ScenarioReport| -> BTreeSet<String> {
        scenario.judgement.findings.iter().map(|found| found.check.clone()).collect()
    };
    let shown = checks(first);
    for other in others {
        let also: Vec<String> = checks(other).difference(&shown).cloned().collect();
        let also = if also.is_empty() { String::new() } else { format!("  also {}", also.join(", ")) };
        let (id, also) = (printable::line(&other.judgement.id), printable::line(&also));
        let _ = writeln!(text, "    {id}{}", paint.apply(Tone::Faint, &also));
    }
    text
}

/// One scenario that did not pass.
fn troubled(run: &RunReport, scenario: &ScenarioReport, paint: Paint) -> String {
    let judgement = &scenario.judgement;
    let heading = judgement.verdict.word().to_uppercase();
    let mut text = format!(
        "{} {}\n",
        paint.apply(tone(judgement.verdict), &heading),
        paint.apply(Tone::Strong, &printable::line(&judgement.id))
    );
    let lines = blocks::of_scenario(scenario);
    let painted = painted(&lines, paint);
    for (line, painted) in lines.iter().zip(painted) {
        let _ = writeln!(text, "{:indent$}{painted}", "", indent = 2 + line.role.depth() * 2);
    }
    let _ = writeln!(text, "  repeat: {}", paint.apply(Tone::Strong, &run.repeat(scenario)));
    text
}

/// The lines in their colours. A snapshot's difference is painted as one.
fn painted(lines: &[Line], paint: Paint) -> Vec<String> {
    let mut painted: Vec<String> = lines
        .iter()
        .map(|line| match line.role {
            Role::Check(verdict) => paint.apply(tone(verdict), &line.text),
            Role::Heading | Role::More => paint.apply(Tone::Faint, &line.text),
            Role::Row | Role::Expected | Role::Observed => line.text.clone(),
        })
        .collect();
    let starts: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].text == diff::OLD).collect();
    for start in starts {
        let length = lines[start..].iter().take_while(|l| l.role == Role::Row).count();
        let rows: Vec<&str> = lines[start..start + length].iter().map(|l| l.text.as_str()).collect();
        painted.splice(start..start + length, diff::painted(&rows, paint));
    }
    painted
}

/// What was skipped, what failed as is known, and what was not judged, each with its reason.
fn left_out(text: &mut String, run: &RunReport, paint: Paint) {
    let length = text.len();
    for scenario in run.in_order() {
        if let Some(reason) = &scenario.judgement.skipped {
            let skipped = format!("{}: {reason}", scenario.judgement.id);
            let _ = writeln!(text, "{} {}", paint.apply(Tone::Doubtful, "SKIP"), printable::line(&skipped));
        }
    }
    for failure in run.in_order().into_iter().flat_map(|scenario| &scenario.judgement.known) {
        let _ = writeln!(text, "{} {}", paint.apply(Tone::Faint, "known:"), printable::line(&failure.to_string()));
    }
    for scenario in run.in_order() {
        for reason in &scenario.judgement.not_judged {
            let _ = writeln!(text, "{} {}", paint.apply(Tone::Faint, "not judged:"), printable::line(reason));
        }
    }
    if text.len() > length {
        text.push('\n');
    }
}

fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Pass => Tone::Good,
        Verdict::Inconclusive => Tone::Doubtful,
        Verdict::Fail | Verdict::Error => Tone::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn failures_come_first_and_counts_last() {
        insta::assert_snapshot!(render(&example::run(), Paint::Plain), @"
        FAIL travel/london-madrid-84m
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

        INCONCLUSIVE limits/retry-after-60s
          fault/never-bit (inconclusive)
            expected: throttle to meet a request (scenarios/limits/retry-after-60s.yaml:12)
            observed: 0 requests met it
          repeat: conformance run scenarios/limits/retry-after-60s.yaml --stack reference --seed 7

        SKIP limits/a-day-of-quota: needs virtual time
        known: rate/retry-after-ignored in travel/london-madrid-85m until 2027-06-30: the wait is kept nowhere
        not judged: scenarios/travel/london-madrid-85m.yaml:9 must_not: alert: policy is off

        1 passed, 1 failed, 1 inconclusive, 0 errors, 1 skipped in 3.1 s
        ");
    }

    #[test]
    fn many_findings_of_one_check_are_folded_and_other_checks_stay_visible() {
        let text = render(&example::flood(17), Paint::Plain);
        assert_eq!(text.matches("  ingest/lost-event\n").count(), 5, "{text}");
        assert!(text.contains("  and 12 more ingest/lost-event\n"), "{text}");
        assert!(text.contains("  alert/missing\n"), "{text}");
    }

    #[test]
    fn of_many_failures_the_causes_are_listed_and_one_scenario_of_each_is_shown_whole() {
        let text = render(&example::one_cause(11), Paint::Plain);
        insta::assert_snapshot!(text, @"
        12 did not pass; 2 causes, first what to mend first:
           11  ingest/lost-event              a record that had to be taken in was never reported
            1  alert/missing                  no alert about what a scenario says must be found

        FAIL paging/p001
          ingest/lost-event
            what the scenario did
              day 1 09:00:00 alice sign_in success in miro.audit_log from 198.18.0.4, id e1
              day 1 10:24:00 alice sign_in success in miro.audit_log from 192.0.2.9 (attack takeover), id e2
            what the stack did
              day 1 11:00:00 #31 miro.audit_log GET -> 200, page 1 with 2 record(s)
            expected: event e1 (scenarios/paging/p001.yaml:15)
            observed: not reported
          repeat: conformance run scenarios/paging/p001.yaml --stack reference --seed 7
          the same in 10 more:
            paging/p000  also alert/missing
            paging/p002
            paging/p003
            paging/p004
            paging/p005
            paging/p006
            paging/p007
            paging/p008
            paging/p009
            paging/p010

        FAIL travel/london-madrid-84m
          alert/missing
            what the scenario did
              day 1 09:00:00 alice sign_in success in miro.audit_log from 198.18.0.4, id e1
              day 1 10:24:00 alice sign_in success in miro.audit_log from 192.0.2.9 (attack takeover), id e2
            what the stack did
              day 1 11:00:00 #31 miro.audit_log GET -> 200, page 1 with 2 record(s)
            expected: an alert impossible_travel about alice citing desk, thief (scenarios/travel/london-madrid-84m.yaml:15)
            observed: no alert about alice
          repeat: conformance run scenarios/travel/london-madrid-84m.yaml --stack reference --seed 7

        0 passed, 12 failed, 0 inconclusive, 0 errors, 0 skipped in 3.1 s
        ");
        assert_eq!(render(&example::one_cause(300), Paint::Plain).matches("  repeat: ").count(), 2);
    }

    #[test]
    fn a_few_failures_are_shown_whole_each() {
        let text = render(&example::one_cause(FEW - 1), Paint::Plain);
        assert_eq!(text.matches("  repeat: ").count(), FEW, "{text}");
        assert!(text.starts_with("FAIL paging/p"), "{text}");
    }

    #[test]
    fn scenarios_that_lack_nothing_but_accepted_results_are_counted_with_the_command_that_keeps_them() {
        let mut run = example::run();
        run.repeat.extend(["--snapshots".to_owned(), "elsewhere".to_owned()]);
        for scenario in run.scenarios.iter_mut().filter(|s| s.judgement.verdict == Verdict::Fail) {
            scenario.judgement.findings.truncate(1);
            scenario.judgement.findings[0].check = crate::snapshot::MISSING.to_owned();
        }
        let text = render(&run, Paint::Plain);
        insta::assert_snapshot!(text.lines().last().unwrap(), @"1 lacks only accepted results: `conformance review --snapshots elsewhere` shows them one by one, `--accept` keeps them unread");
        assert!(!render(&example::run(), Paint::Plain).contains("accepted results"));
    }

    #[test]
    fn a_run_that_judged_nothing_says_so() {
        let summary = Summary { skipped: 2, ..Summary::default() };
        let text = counts(summary, Duration::from_millis(40), Paint::Plain);
        assert_eq!(text, "nothing was judged: 0 passed, 0 failed, 0 inconclusive, 0 errors, 2 skipped in 0.0 s");
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let coloured = render(&example::run(), Paint::Coloured);
        assert!(coloured.contains("\u{1b}["));
        let codes = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
        assert_eq!(codes.replace_all(&coloured, ""), render(&example::run(), Paint::Plain));
    }
}
