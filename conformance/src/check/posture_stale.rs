//! `posture/stale`.

use crate::observe::Facts;
use crate::observe::posture::PostureRow;
use crate::scenario::What;
use crate::verdict::Finding;

use super::wanted::Wanted;
use super::{Check, Judged};

/// What the stack last says of a control is not how it stands.
pub(super) const CHECK: Check = Check {
    id: "posture/stale",
    title: "what the stack last says of a control is not how it stands",
    explanation: "\
A `must: score` names a control of the secure score and how it stands at the end, and the last row that the stack \
reported of it says otherwise, or there is none. Single sign-on was switched off on Tuesday, and the posture still shows \
what was read on Monday.

A score is made once a day, and what is recommended of connected apps is refreshed within 24 hours: a scenario that asks for \
more than that asks too much, and ends a day after the change at the earliest.

Usual causes: the first scan is kept and never made again; the newest score of a list taken from its wrong end; rows are \
compared by the total, which may stay when two controls change.

Source: docs/src/faults.md, sync-posture-stale; https://learn.microsoft.com/graph/api/resources/securescore (one a day, \
newest first); Defender for Cloud Apps, security posture of connected apps (refreshed within 24 hours).",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.musts(|what| what == What::Score).iter().filter_map(|wanted| stale(facts, wanted)).collect()
}

fn stale(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let (control, passed) = (wanted.written.control.as_deref()?, wanted.written.passed?);
    let rows: Vec<&PostureRow> = facts.posture.iter().filter(|row| row.control == control).collect();
    let last = rows.last();
    if last.is_some_and(|row| row.passed == passed) {
        return None;
    }
    let word = |passed: bool| if passed { "passed" } else { "failed" };
    let observed = last.map_or("no row of it".to_owned(), |row| {
        format!("{}, of the score of {}", word(row.passed), facts.spell(row.at))
    });
    let row = |row: &&PostureRow| format!("{}: {} {control}", facts.report_line(row.number), word(row.passed));
    let finding = CHECK
        .fail(format!("{} {control} at the end: {}", word(passed), facts.written(wanted.written.at.line)), observed)
        .evidence(rows.iter().map(row))
        .line(wanted.written.at.line);
    Some(finding.done())
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::contract::sample;
    use crate::observe::example::Example;
    use crate::scenario::{Kind, What};

    /// A run in which a control is failed at the end, and what was said of it, in order.
    fn said(statuses: &[u64]) -> Example {
        let mut run = Example::travel();
        run.expect(Kind::Must, What::Score, |e| {
            (e.control, e.passed) = (Some("AdoptSso".to_owned()), Some(false));
        });
        for (n, status) in statuses.iter().enumerate() {
            let (hour, uid) = (format!("day 1 {:02}:00", 11 + n), format!("s-{n}"));
            let at = run.at(&hour);
            run.say("event", &hour, &sample::posture(&uid, "entra", at, "AdoptSso", *status));
        }
        run
    }

    #[test]
    fn what_is_said_last_counts() {
        said(&[1, 3]).passes(&CHECK);
    }

    #[test]
    fn the_first_scan_told_for_ever_is_stale() {
        let finding = said(&[1]).fails(&CHECK);
        assert!(finding.observed.starts_with("passed"), "{finding:#?}");
    }

    #[test]
    fn nothing_said_is_stale_too() {
        assert_eq!(said(&[]).fails(&CHECK).observed, "no row of it");
    }
}
