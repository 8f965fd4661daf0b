//! `report/forbidden`.

use crate::contract::Status;
use crate::contract::status::Phase;
use crate::observe::Facts;
use crate::observe::wording::few;
use crate::scenario::{Expectation, Kind, What};
use crate::verdict::Finding;

use super::report_gap::is_gap;
use super::{Check, Judged};

/// Trouble where there was none.
pub(super) const CHECK: Check = Check {
    id: "report/forbidden",
    title: "the stack reported trouble or a gap where there was none",
    explanation: "\
A `must_not: report_trouble` speaks against every `status` record with phase `degraded`, a `must_not: report_gap` against \
those with reason `gap`; of one app, where the expectation names it. A `may` or `must` that is more particular (it names \
the app, or the gap) allows what it speaks of. A scenario says so where everything that happens is \
for the stack to cope with in silence: a page that is empty, a single slow answer, a pause that the vendor asked for. \
Whoever is called for nothing stops listening.

Usual causes: every retry is told as an outage; a record that is shown late is taken for lost; trouble at a start that \
is over before the first poll.

Source: a choice of this library: a stack that complains whatever happens says no more than one that never does. \
scenarios/scenario.schema.json (`must_not`).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.script.expect.iter().filter(|e| e.kind == Kind::MustNot).filter_map(|e| told(facts, e)).collect()
}

fn told(facts: &Facts<'_>, written: &Expectation) -> Option<Finding> {
    let particular = |e: &Expectation| usize::from(e.app.is_some()) + usize::from(e.what == What::ReportGap);
    // Of two that speak of one record the more particular one decides.
    let allowed = |status: &Status| {
        let others = facts.script.expect.iter().filter(|e| e.kind != Kind::MustNot && speaks_of(facts, e, status));
        others.map(particular).max() > Some(particular(written))
    };
    let told = facts.told.iter().filter(|t| speaks_of(facts, written, &t.status) && !allowed(&t.status));
    let rows: Vec<String> = told
        .map(|t| {
            let (app, reason) = (t.status.app.as_deref().unwrap_or("no app"), t.status.reason.as_deref());
            format!("{} degraded: {app}, {}", facts.spell(t.read_at), reason.unwrap_or("no reason"))
        })
        .collect();
    let first = rows.first()?;
    let observed = format!("{} record(s), the first at {first}", rows.len());
    let expected = format!("no such status: {}", facts.written(written.at.line));
    Some(CHECK.fail(expected, observed).evidence(few(rows)).line(written.at.line).done())
}

fn speaks_of(facts: &Facts<'_>, written: &Expectation, status: &Status) -> bool {
    let meant = match written.what {
        What::ReportTrouble => true,
        What::ReportGap => is_gap(status),
        _ => false,
    };
    let app = written.app.map(|app| facts.app_name(app));
    meant && status.phase == Phase::Degraded && app.is_none_or(|app| status.app.as_deref() == Some(app))
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;
    use crate::scenario::{Kind, What};

    fn quiet(what: What) -> Example {
        let mut run = Example::quiet();
        run.expect(Kind::MustNot, what, |_| {});
        run
    }

    #[test]
    fn silence_passes() {
        quiet(What::ReportTrouble).passes(&CHECK);
        quiet(What::ReportGap).passes(&CHECK);
    }

    #[test]
    fn any_trouble_fails_where_none_may_be_told() {
        let mut run = quiet(What::ReportTrouble);
        run.status("day 1 10:00", "degraded", "miro", "503");
        assert!(run.fails(&CHECK).observed.contains("miro, 503"));
    }

    #[test]
    fn other_trouble_is_no_gap() {
        let mut run = quiet(What::ReportGap);
        run.status("day 1 10:00", "degraded", "miro", "503");
        run.passes(&CHECK);
        run.status("day 1 10:00", "degraded", "miro", "gap");
        run.fails(&CHECK);
    }

    #[test]
    fn the_more_particular_one_decides() {
        let mut run = quiet(What::ReportTrouble);
        run.status("day 1 10:00", "degraded", "miro", "503");
        run.expect(Kind::May, What::ReportTrouble, |_| {});
        run.fails(&CHECK);
        run.script.expect[1].app = run.script.scenario.app("miro").map(|(index, _)| index);
        run.passes(&CHECK);
    }

    #[test]
    fn trouble_of_another_app_is_not_meant() {
        let mut run = quiet(What::ReportTrouble);
        run.script.expect[0].app = run.script.scenario.app("entra").map(|(index, _)| index);
        run.status("day 1 10:00", "degraded", "miro", "503");
        run.passes(&CHECK);
    }
}
