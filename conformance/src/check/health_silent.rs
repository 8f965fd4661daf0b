//! `health/silent`.

use simulator::scenario::App;

use crate::observe::Facts;
use crate::observe::connector::{HEALTH, Stretch};
use crate::observe::wording::few;
use crate::verdict::Finding;

use super::{Check, Judged};

/// A connector that reads nothing, and nobody is told.
pub(super) const CHECK: Check = Check {
    id: "health/silent",
    title: "a connector read nothing for too long, and no health alert was raised",
    explanation: "\
The stack claims `health.alerts` and declares `health: { within }`: when a connector has not read its app for that long, it \
raises a health alert, a `status` record `degraded` with `health: raised` that names the instance. A poll interval is \
allowed on top. Read is what a successful request for a claimed log gives; time in which the scenario had killed or stopped \
the process does not count. Here the app's log was not read for longer, whatever the reason (refused, throttled for hours, \
no answer, not even asked), and no health alert stood. An app that is not watched looks exactly like one in which nothing \
happens: this alert is the only difference.

Usual causes: failures are logged and counted nowhere; only refusals are looked at, so that a request that hangs or a pause \
of hours goes by unseen; the watch runs in the very loop that waits.

Source: docs/src/contract.md (`health` is declared); Defender for Cloud Apps raises the alert \
ALERT_MANAGEMENT_DISCONNECTED_API for a connector that lost its app.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    if !facts.declares.claims(HEALTH) || !facts.has_deadlines() {
        return Vec::new();
    }
    facts.pulled_apps().filter_map(|app| unseen(facts, app)).collect()
}

/// The first stretch in which an instance was not read and nobody was told.
fn unseen(facts: &Facts<'_>, app: &App) -> Option<Finding> {
    let within = facts.declares.health.within + facts.declares.poll_every;
    let alerts = facts.health_alerts();
    let told = |stretch: &Stretch<'_>| {
        let deadline = stretch.from + within;
        let stood = |raised, cleared: Option<_>| raised > stretch.from || cleared.is_none_or(|c| c > deadline);
        alerts.iter().any(|a| a.app == app.name && a.raised <= deadline && stood(a.raised, a.cleared))
    };
    let stretches = facts.stretches(app, |entry| facts.is_read(app, entry));
    let stretch = stretches.iter().find(|s| s.until > s.from + within && !told(s))?;
    let deadline = stretch.from + within;
    let first = alerts.iter().find(|a| a.app == app.name && a.raised > deadline && a.raised <= stretch.until);
    let observed = match first {
        Some(alert) => format!("the first came at {}", facts.spell(alert.raised)),
        None => format!("none by {}", facts.spell(stretch.until)),
    };
    let since = facts.spell(stretch.from);
    let expected = format!("a health alert about {}, not read since {since}, by {}", app.name, facts.spell(deadline));
    let meanwhile = facts.asked(&app.name).filter(|e| e.at >= stretch.from && e.at <= stretch.until);
    Some(CHECK.fail(expected, observed).evidence(few(meanwhile.map(|e| facts.exchange_row(e)))).done())
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    /// Read until 4:00, refused from 5:00 on; two hours and a poll interval make 7:00.
    fn refused() -> Example {
        let mut run = Example::health_claimed();
        run.asked_hourly(0..=4, 200).asked_hourly(5..=16, 503);
        run
    }

    #[test]
    fn a_connector_that_reads_needs_no_alert() {
        Example::health_claimed().asked_hourly(0..=16, 200).passes(&CHECK);
    }

    #[test]
    fn an_alert_in_time_passes() {
        refused().health("day 1 07:00", "raised").passes(&CHECK);
    }

    #[test]
    fn an_alert_after_the_deadline_is_late_and_none_is_missing() {
        let mut run = refused();
        assert_eq!(run.fails(&CHECK).observed, "none by day 1 16:00:00");
        run.health("day 1 07:01", "raised");
        assert_eq!(run.fails(&CHECK).observed, "the first came at day 1 07:01:00");
    }

    #[test]
    fn an_alert_of_an_earlier_trouble_does_not_count() {
        let mut run = Example::health_claimed();
        run.asked_hourly(3..=4, 200).asked_hourly(5..=16, 503);
        run.health("day 1 02:00", "raised").health("day 1 04:00", "cleared");
        run.fails(&CHECK);
    }

    #[test]
    fn who_is_not_even_asked_is_silent_too() {
        Example::health_claimed().asked_hourly(0..=4, 200).fails(&CHECK);
    }

    #[test]
    fn a_process_that_was_away_is_not_blamed_for_it() {
        let mut run = Example::health_claimed();
        run.asked_hourly(0..=4, 200).killed("day 1 04:30").passes(&CHECK);
    }

    #[test]
    fn who_does_not_claim_it_owes_nothing() {
        let mut run = refused();
        run.declares.capabilities.remove("health.alerts");
        run.passes(&CHECK);
    }
}
