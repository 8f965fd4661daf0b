//! `health/false-alarm`.

use simulator::journal::Entry;

use crate::observe::Facts;
use crate::observe::connector::HealthAlert;
use crate::observe::wording::few;
use crate::verdict::Finding;

use super::{Check, Judged};

/// A health alert about a connector that works.
pub(super) const CHECK: Check = Check {
    id: "health/false-alarm",
    title: "a health alert was raised about a connector that works",
    explanation: "\
A `status` record `degraded` with `health: raised` says that an app is not watched any more. Here, in all the time that \
could have led to it (the declared `health.within` and a poll interval before), every request to that app was answered as \
asked, its log was read, and no fault met anything; nor was the connection given too few permissions. So nothing was wrong. \
Whoever is woken by such alerts learns to sleep through them. Apps whose events come by a webhook are not judged, since a \
subscription may be lost without a failing request.

Usual causes: a log without new entries is taken for a broken connector; the age of the newest event is measured in place of \
that of the last successful request; one alert is raised about every app when one fails.

Source: docs/src/contract.md (`health` is declared); Defender for Cloud Apps raises ALERT_MANAGEMENT_DISCONNECTED_API for a \
lost connection.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.health_alerts().iter().filter_map(|alert| unfounded(facts, alert)).collect()
}

fn unfounded(facts: &Facts<'_>, alert: &HealthAlert<'_>) -> Option<Finding> {
    let app = facts.pulled_apps().find(|app| app.name == alert.app)?;
    if app.scopes.is_some() || facts.by_webhook.comes_from(&app.name) {
        return None;
    }
    let (poll, within) = (facts.declares.poll_every, facts.declares.health.within);
    let before = |e: &&Entry| e.at <= alert.raised;
    let looked_at = || facts.asked(alert.app).filter(before).filter(|e| e.ended + poll + within >= alert.raised);
    let is_read = looked_at().any(|e| facts.is_read(app, e) && e.ended + poll * 2 >= alert.raised);
    let all_fine = looked_at().all(|e| facts.is_fine(e) && e.fault.is_none());
    if !is_read || !all_fine {
        return None;
    }
    let expected = format!("no health alert while every request to {} is answered as asked", alert.app);
    let observed = format!("one at {} ({})", facts.spell(alert.raised), facts.report_line(alert.line));
    let last: Vec<_> = looked_at().collect();
    let last = last[last.len().saturating_sub(8)..].iter().map(|e| facts.exchange_row(e));
    Some(CHECK.fail(expected, observed).evidence(few(last)).done())
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    fn raised(hours: std::ops::RangeInclusive<u32>, status: u16) -> Example {
        let mut run = Example::health_claimed();
        (0..=16).for_each(|hour| {
            run.asked_hourly(hour..=hour, if hours.contains(&hour) { status } else { 200 });
        });
        run.health("day 1 08:30", "raised");
        run
    }

    #[test]
    fn an_alert_while_all_is_well_is_false() {
        assert_eq!(raised(20..=20, 500).fails(&CHECK).observed, "one at day 1 08:30:00 (report line 1)");
    }

    #[test]
    fn a_failure_within_reach_founds_it() {
        raised(6..=6, 503).passes(&CHECK);
        raised(8..=8, 403).passes(&CHECK);
        raised(4..=4, 503).fails(&CHECK);
    }

    #[test]
    fn a_log_that_is_not_asked_any_more_founds_it() {
        let mut run = Example::health_claimed();
        run.asked_hourly(0..=4, 200).health("day 1 08:30", "raised").passes(&CHECK);
    }

    #[test]
    fn permissions_that_are_missing_found_it() {
        let mut run = raised(20..=20, 500);
        run.scenario().apps[0].scopes = Some(Vec::new());
        run.passes(&CHECK);
    }
}
