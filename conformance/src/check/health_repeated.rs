//! `health/repeated`.

use crate::observe::Facts;
use crate::verdict::Finding;

use super::{Check, Judged};

/// One trouble, several alerts.
pub(super) const CHECK: Check = Check {
    id: "health/repeated",
    title: "a health alert was raised again although nothing had changed",
    explanation: "\
A connector that does not work is told of once: the alert stands until the connector works again. Here a second \
`health: raised` about the same instance came while the first one stood, or after it was cleared although the app had not \
been read in between. Trouble of a night becomes a hundred mails, and the one that matters is among them. A stack that was \
killed between the two is not blamed.

Usual causes: the alert is raised by each poll that fails, with nothing kept of the last one; it is kept in memory alone; \
any answer at all is taken for recovery.

Source: docs/src/contract.md (`health` is declared); Defender for Cloud Apps keeps one alert of a connector open until it is \
connected again.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let alerts = facts.health_alerts();
    let mut findings = Vec::new();
    for app in facts.pulled_apps() {
        let mine: Vec<_> = alerts.iter().filter(|a| a.app == app.name).collect();
        let again = mine.windows(2).find(|pair| {
            let (first, second) = (pair[0].raised, pair[1].raised);
            let read = facts.asked(&app.name).any(|e| e.at > first && e.at <= second && facts.is_read(app, e));
            !read && !facts.killed_between(first, second)
        });
        let Some([first, second]) = again else { continue };
        let expected = format!("one health alert about {} until it is read again", app.name);
        let observed = format!("raised at {} and again at {}", facts.spell(first.raised), facts.spell(second.raised));
        let lines = [first, second].map(|alert| facts.report_line(alert.line));
        findings.push(CHECK.fail(expected, observed).evidence(lines).done());
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    /// Refused from 5:00 to 8:00 and, again, from 10:00 on.
    fn refused() -> Example {
        let mut run = Example::health_claimed();
        run.asked_hourly(0..=4, 200).asked_hourly(5..=8, 503).asked_hourly(9..=9, 200).asked_hourly(10..=16, 503);
        run.health("day 1 07:00", "raised");
        run
    }

    #[test]
    fn two_troubles_are_two_alerts() {
        refused().health("day 1 09:00", "cleared").health("day 1 12:00", "raised").passes(&CHECK);
    }

    #[test]
    fn one_trouble_is_one_alert() {
        let mut run = refused();
        assert_eq!(
            run.health("day 1 08:00", "raised").fails(&CHECK).observed,
            "raised at day 1 07:00:00 and again at day 1 08:00:00"
        );
    }

    #[test]
    fn who_was_killed_may_say_it_again() {
        refused().killed("day 1 07:30").health("day 1 08:00", "raised").passes(&CHECK);
    }

    #[test]
    fn cleared_without_a_reading_it_is_the_same_trouble() {
        refused().health("day 1 07:10", "cleared").health("day 1 08:00", "raised").fails(&CHECK);
    }
}
