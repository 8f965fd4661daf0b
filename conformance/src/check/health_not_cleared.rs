//! `health/not-cleared`.

use crate::observe::Facts;
use crate::observe::connector::HealthAlert;
use crate::verdict::Finding;

use super::{Check, Judged};

/// Well again, and still said to be ill.
pub(super) const CHECK: Check = Check {
    id: "health/not-cleared",
    title: "a connector works again, and its health alert still stands",
    explanation: "\
A health alert ends with a `status` record `connected` with `health: cleared` about the same instance. Here the app's log was \
read again after the alert, for two poll intervals every request to the app was answered as asked, and nobody was told. An \
alert that stays open after its cause is gone is closed by hand without a look, and hides the next one, which is not raised \
because this one stands.

Usual causes: recovery is noticed by a code path that only logs; it is looked for in the list of apps that failed in this \
process, which a restart has emptied.

Source: docs/src/contract.md (`health` is declared); in Defender for Cloud Apps a connector that works shows \"Connected\".",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    if !facts.has_deadlines() {
        return Vec::new();
    }
    facts.health_alerts().iter().filter_map(|alert| left_open(facts, alert)).collect()
}

fn left_open(facts: &Facts<'_>, alert: &HealthAlert<'_>) -> Option<Finding> {
    let app = facts.pulled_apps().find(|app| app.name == alert.app)?;
    let again = facts.asked(alert.app).find(|e| e.at > alert.raised && facts.is_read(app, e))?;
    let deadline = again.ended + facts.declares.poll_every * 2;
    let lived = facts.lives().iter().any(|(from, until)| *from <= again.at && deadline < *until);
    let meanwhile = || facts.asked(alert.app).filter(|e| e.at >= again.at && e.at <= deadline);
    let well = meanwhile().all(|e| facts.is_fine(e) && e.fault.is_none());
    if !lived || !well || app.scopes.is_some() || alert.cleared.is_some_and(|cleared| cleared <= deadline) {
        return None;
    }
    let expected = format!("the health alert about {} is cleared by {}", alert.app, facts.spell(deadline));
    let observed = match alert.cleared {
        Some(cleared) => format!("at {}", facts.spell(cleared)),
        None => "it never was".to_owned(),
    };
    let raised = format!("{} raised at {}", facts.report_line(alert.line), facts.spell(alert.raised));
    let read = facts.exchange_row(again);
    Some(CHECK.fail(expected, observed).evidence([raised, read]).done())
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    /// Refused from 5:00 to 8:00; two poll intervals after 9:00 make 11:00.
    fn recovered() -> Example {
        let mut run = Example::health_claimed();
        run.asked_hourly(0..=4, 200).asked_hourly(5..=8, 503).asked_hourly(9..=16, 200);
        run.health("day 1 07:00", "raised");
        run
    }

    #[test]
    fn an_alert_that_is_cleared_in_time_passes() {
        recovered().health("day 1 11:00", "cleared").passes(&CHECK);
    }

    #[test]
    fn one_that_is_not_stays_open() {
        assert_eq!(recovered().fails(&CHECK).observed, "it never was");
        assert_eq!(recovered().health("day 1 12:00", "cleared").fails(&CHECK).observed, "at day 1 12:00:00");
    }

    #[test]
    fn who_fails_again_need_not_say_that_he_is_well() {
        let mut run = Example::health_claimed();
        run.asked_hourly(0..=4, 200).asked_hourly(5..=8, 503).asked_hourly(9..=9, 200).asked_hourly(10..=16, 503);
        run.health("day 1 07:00", "raised").passes(&CHECK);
    }

    #[test]
    fn who_was_killed_before_the_deadline_is_not_blamed() {
        recovered().killed("day 1 10:30").passes(&CHECK);
    }
}
