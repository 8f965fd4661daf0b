//! `report/trouble-missing`.

use simulator::time::{SimTime, spell_duration};

use crate::contract::status::Phase;
use crate::observe::Facts;
use crate::scenario::What;
use crate::verdict::Finding;

use super::wanted::Wanted;
use super::{Check, Judged};

/// The stack kept its trouble to itself.
pub(super) const CHECK: Check = Check {
    id: "report/trouble-missing",
    title: "the stack was in trouble and did not say so",
    explanation: "\
A `must: report_trouble` was not met: there is no `status` record with phase `degraded` after the fault's first bite (and \
before the deadline, where the expectation says `within`: first bite + one poll interval + `within`). A connector that \
cannot read its app and stays silent makes a quiet tenant of a broken one. Where the expectation names an app, the record \
has to name it too.

Usual causes: refusals are logged and not reported; trouble is told only after many hours of retries; one app's trouble is \
told as nobody's.

Source: scenario-language.md 2 (`report_trouble`), connector-faults.md O-HEALTH.",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.musts(|what| what == What::ReportTrouble).iter().filter_map(|wanted| missing(facts, wanted)).collect()
}

fn missing(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let since = first_bite(facts).unwrap_or(facts.recording.started);
    let deadline =
        wanted.written.within.filter(|_| facts.has_deadlines()).map(|w| since + facts.declares.poll_every + w);
    let app = wanted.written.app.map(|app| facts.app_name(app));
    let told = facts.told.iter().filter(|t| t.status.phase == Phase::Degraded && t.read_at >= since);
    let first = told.filter(|t| app.is_none_or(|app| t.status.app.as_deref() == Some(app))).map(|t| t.read_at).min();
    let observed = match (first, deadline) {
        (Some(first), Some(deadline)) if first > deadline => {
            format!("at {}, {} too late", facts.spell(first), spell_duration(first.since(deadline)))
        }
        (Some(_), _) => return None,
        (None, _) => format!("none after {}", facts.spell(since)),
    };
    let expected = format!("a `degraded` status: {}", facts.written(wanted.written.at.line));
    Some(CHECK.fail(expected, observed).line(wanted.written.at.line).done())
}

/// When a fault first met an exchange.
pub(super) fn first_bite(facts: &Facts<'_>) -> Option<SimTime> {
    facts.recording.journal.iter().filter(|e| e.fault.is_some()).map(|e| e.at).min()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::CHECK;
    use crate::observe::example::Example;
    use crate::scenario::{Kind, What};

    /// The fault bites at 10:00; a poll of an hour and ten minutes make 11:10.
    fn refused() -> Example {
        let mut run = Example::quiet();
        let fault = run.fault("error", 1);
        run.exchange("miro.audit_log", "day 1 10:00", 503).fault = Some(fault);
        run.expect(Kind::Must, What::ReportTrouble, |e| e.within = Some(Duration::from_secs(600)));
        run
    }

    #[test]
    fn trouble_that_is_told_in_time_passes() {
        let mut run = refused();
        run.status("day 1 11:10", "degraded", "miro", "503");
        run.passes(&CHECK);
    }

    #[test]
    fn trouble_told_later_is_late() {
        let mut run = refused();
        run.status("day 1 11:11", "degraded", "miro", "503");
        assert_eq!(run.fails(&CHECK).observed, "at day 1 11:11:00, 1m too late");
    }

    #[test]
    fn silence_is_missing() {
        assert_eq!(refused().fails(&CHECK).observed, "none after day 1 10:00:00");
    }
}
