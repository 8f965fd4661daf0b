//! `alert/low-severity`.

use crate::contract::Profile;
use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::scenario::What;
use crate::verdict::Finding;

use super::wanted::{Wanted, severity_id};
use super::{Check, Judged};

/// An alert less grave than asked.
pub(super) const CHECK: Check = Check {
    id: "alert/low-severity",
    title: "an alert is less grave than the scenario asks for",
    explanation: "\
A `must: alert` with `severity` was met only by alerts below it. The scale is OCSF's: 1 informational, 2 low, 3 medium, \
4 high, 5 critical. What counts is the highest severity that an alert had at any time: an update may raise it, and an \
alert that is closed later keeps what it was. If several alerts answer, one that is grave enough is enough. In the lenient \
profile an alert that states no severity is not judged.

Usual causes: the severity of the rule is taken where several signs together weigh more; OCSF's numbers taken for a \
scale from 0 to 4, or for the vendor's own words.

Source: OCSF 1.8.0, `severity_id` of class 2004; scenarios/scenario.schema.json (`severity` of an expectation: at least \
this).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.musts(|what| what == What::Alert).iter().filter_map(|wanted| too_low(facts, wanted)).collect()
}

fn too_low(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let asked = wanted.written.severity?;
    let states = |a: &&AlertFact| facts.declares.profile == Profile::Strict || a.severity != 0;
    let answers = facts.answers_to(wanted).into_iter().filter(states);
    let gravest = answers.max_by_key(|a| a.severity)?;
    if gravest.severity >= severity_id(asked) {
        return None;
    }
    let finding = CHECK
        .fail(
            format!(
                "severity {} ({}) at least: {}",
                severity_id(asked),
                asked.name(),
                facts.written(wanted.written.at.line)
            ),
            format!("severity {}", gravest.severity),
        )
        .evidence([facts.alert_row(gravest)])
        .line(wanted.written.at.line);
    Some(finding.done())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::example::Example;
    use crate::scenario::Severity;

    /// The alert of the example is of high severity.
    fn asking(severity: Severity) -> Example {
        let mut run = Example::travel();
        run.script.expect[0].severity = Some(severity);
        run
    }

    #[test]
    fn as_grave_as_asked_passes() {
        asking(Severity::High).passes(&CHECK);
    }

    #[test]
    fn graver_than_asked_passes() {
        asking(Severity::Low).passes(&CHECK);
    }

    #[test]
    fn less_grave_than_asked_fails() {
        let found = asking(Severity::Critical).fails(&CHECK);
        assert_eq!(found.observed, "severity 4");
    }

    #[test]
    fn without_an_alert_there_is_nothing_to_weigh() {
        let mut run = asking(Severity::Critical);
        run.recording.report.truncate(2);
        run.passes(&CHECK);
    }
}
