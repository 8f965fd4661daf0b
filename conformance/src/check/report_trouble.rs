//! `report/trouble-missing`.

use simulator::time::{SimTime, spell_duration};

use crate::contract::Status;
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
A `must: report_trouble` was not met: there is no `status` record with phase `degraded` after the first bite (and before \
the deadline, where the expectation says `within`: first bite + one poll interval + `within`). The first bite is that of a \
fault that leaves requests to that app refused or without an answer; trouble that was told before it was about something \
else. A connector that \
cannot read its app and stays silent makes a quiet tenant of a broken one. Where the expectation names an app, the record \
has to name it too.

Usual causes: refusals are logged and not reported; trouble is told only after many hours of retries; one app's trouble is \
told as nobody's.

Source: docs/src/faults.md, auth-403-scope-silent, http-tls-expiry-silent, sync-gone-service-green; seen in \
https://github.com/Azure/Azure-Sentinel/pull/12984.",
    judged: Judged::AtTheEnd,
    run,
};

/// Faults that leave a request of the stack refused or without an answer: what there is to be told of. Others bend
/// records, pages or time, and a stack that copes with them has nothing to say.
pub(super) const TROUBLE: [&str; 9] = [
    "error",
    "throttle",
    "hang",
    "lose_answer",
    "reset",
    "revoke_grant",
    "redirect",
    "bad_certificate",
    "foreign_subscription",
];

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.musts(|what| what == What::ReportTrouble).iter().filter_map(|wanted| missing(facts, wanted)).collect()
}

fn missing(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let app = wanted.written.app.map(|app| facts.app_name(app));
    let bite = first_bite(facts, app, &TROUBLE);
    untold(facts, wanted, bite, |_| true).map(|(expected, observed)| {
        let expected = format!("a `degraded` status{expected}: {}", facts.written(wanted.written.at.line));
        CHECK.fail(expected, observed).line(wanted.written.at.line).done()
    })
}

/// Whether no status `degraded` of the kind that counts was told after the bite, or only after the deadline: what was
/// expected beside the status itself, and what was observed.
pub(super) fn untold(
    facts: &Facts<'_>,
    wanted: &Wanted<'_>,
    bite: Option<SimTime>,
    counts: impl Fn(&Status) -> bool,
) -> Option<(String, String)> {
    let since = bite.unwrap_or(facts.recording.started);
    // Where nothing bit, the stack's own first alert says that something is wrong.
    let from = bite.or_else(|| facts.alerts.iter().map(|a| a.created()).min()).unwrap_or(since);
    let deadline =
        wanted.written.within.filter(|_| facts.has_deadlines()).map(|w| from + facts.declares.poll_every + w);
    let app = wanted.written.app.map(|app| facts.app_name(app));
    let told = facts.told.iter().filter(|t| t.status.phase == Phase::Degraded && t.read_at >= since);
    let told = told.filter(|t| app.is_none_or(|app| t.status.app.as_deref() == Some(app)) && counts(&t.status));
    let expected = deadline.map(|deadline| format!(" by {}", facts.spell(deadline))).unwrap_or_default();
    match (told.map(|t| t.read_at).min(), deadline) {
        (Some(first), Some(deadline)) if first > deadline => {
            let late = spell_duration(first.since(deadline));
            Some((expected, format!("at {}, {late} too late", facts.spell(first))))
        }
        (Some(_), _) => None,
        (None, _) => Some((expected, format!("none after {}", facts.spell(since)))),
    }
}

/// When a fault of these kinds first met an exchange with an instance, or with any.
pub(super) fn first_bite(facts: &Facts<'_>, app: Option<&str>, kinds: &[&str]) -> Option<SimTime> {
    let met = facts.recording.journal.iter().filter(|e| app.is_none_or(|app| e.app == app));
    met.filter(|e| e.fault.as_ref().is_some_and(|f| kinds.contains(&f.kind.as_str()))).map(|e| e.at).min()
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
    fn what_bit_elsewhere_or_was_no_trouble_does_not_begin_it() {
        let mut run = refused();
        let (slow, error) = (run.fault("slow", 1), run.fault("error", 1));
        run.exchange("miro.audit_log", "day 1 08:00", 200).fault = Some(slow);
        run.exchange("entra.sign_ins", "day 1 08:00", 503).fault = Some(error);
        run.script.expect.last_mut().unwrap().app = run.script.scenario.app("miro").map(|(index, _)| index);
        run.status("day 1 08:30", "degraded", "miro", "slow");
        assert_eq!(run.fails(&CHECK).observed, "none after day 1 10:00:00");
        run.status("day 1 11:10", "degraded", "miro", "503");
        run.passes(&CHECK);
    }

    #[test]
    fn silence_is_missing() {
        assert_eq!(refused().fails(&CHECK).observed, "none after day 1 10:00:00");
    }
}
