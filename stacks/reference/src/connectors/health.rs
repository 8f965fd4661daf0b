//! Whether a connector works, and the alert when it does not.
//!
//! A connector works when a poll did all its [`Steps`]. The alert is raised once: at the first refusal that no waiting mends,
//! else when the connector has not worked for as long as is declared, whatever it is waiting for. It is cleared by the next
//! poll that works. Defender for Cloud Apps calls it `ALERT_MANAGEMENT_DISCONNECTED_API`, and shows such steps.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::connection::Connection;
use crate::api::Trouble;
use crate::bug::{Bug, planted};
use crate::clock::Wake;
use crate::http::Failure;
use crate::state::{Kind, StateError};

/// What a poll did, step by step, as far as it came.
#[derive(Debug, Default)]
pub(super) struct Steps(Vec<(Step, Result<(), Trouble>)>);

/// A step of a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Subscription,
    Users,
    Departures,
    Grants,
    /// Of the log of this name.
    Events(&'static str),
}

/// As Defender for Cloud Apps calls it, where it has it.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = match self {
            Self::Subscription => "Get subscription",
            Self::Users => "Get users",
            Self::Departures => "Get deleted users",
            Self::Grants => "Get app permissions",
            Self::Events(log) => return write!(f, "Get events of {log}"),
        };
        f.write_str(step)
    }
}

impl Steps {
    /// Notes how a step went; hands back what makes any further one pointless.
    pub(super) fn note(&mut self, step: Step, outcome: Result<(), Trouble>) -> Result<(), Trouble> {
        match outcome {
            Ok(()) | Err(Trouble::Vendor(_) | Trouble::Nonsense(_)) => {
                self.0.push((step, outcome));
                Ok(())
            }
            fatal => fatal,
        }
    }

    /// These and then those.
    pub(super) fn and(mut self, further: Self) -> Self {
        self.0.extend(further.0);
        self
    }

    /// How each step went, if one of them failed.
    pub(super) fn trouble(&self) -> Option<String> {
        let told = |(step, outcome): &(Step, Result<(), Trouble>)| match outcome {
            Ok(()) => format!("{step}: Success"),
            Err(trouble) => format!("{step}: {trouble}"),
        };
        let failed = self.0.iter().any(|(_, outcome)| outcome.is_err());
        failed.then(|| self.0.iter().map(told).collect::<Vec<_>>().join(", "))
    }

    /// Whether one of them failed in a way that no waiting mends.
    pub(super) fn is_refused(&self) -> bool {
        let refused = |trouble: &Trouble| {
            matches!(trouble, Trouble::Vendor(Failure::Refused { .. } | Failure::Unauthorized | Failure::Moved { .. }))
        };
        self.0.iter().any(|(_, outcome)| outcome.as_ref().is_err_and(refused))
    }
}

impl Connection {
    /// Says that all steps were done, where that is news.
    pub(super) fn tell_of_success(&self, was_healthy: bool) -> Result<(), Trouble> {
        let app = &self.api.instance;
        self.api.state.write(|tx| {
            let stood = tx.note_that_it_works(app)?;
            match (stood && !planted(Bug::HealthNeverCleared), was_healthy) {
                (true, _) => tx.emit(Kind::Status, &json!({"phase": "connected", "app": app, "health": "cleared"})),
                (false, false) => tx.emit(Kind::Status, &json!({"phase": "connected", "app": app})),
                (false, true) => Ok(()),
            }
        })?;
        self.works.notify_one();
        Ok(())
    }

    /// Says what is wrong, and raises the alert where that is due and it does not stand yet.
    pub(super) fn tell_of_trouble(&self, reason: &str, refused: bool) -> Result<(), Trouble> {
        let app = &self.api.instance;
        Ok(self.api.state.write(|tx| {
            let overdue = tx.now().duration_since(tx.health(app)?.worked_at) >= self.intake.rules.health_within;
            let raised = (refused || overdue) && (tx.note_health_alert(app)? || planted(Bug::HealthAtEveryPoll));
            let mut body = json!({"phase": "degraded", "app": app, "reason": reason});
            if raised && !planted(Bug::HealthUntold) {
                body["health"] = json!("raised");
            }
            tx.emit(Kind::Status, &body)
        })?)
    }

    /// Watches, until the stack is to stop, that the connector works; the polls may be waiting for something.
    pub(crate) async fn watch(&self) -> Result<(), StateError> {
        let (app, clock) = (&self.api.instance, self.api.clock());
        // By its name it comes after a poll that is due at the same moment: that one says first whether there is anything wrong.
        let (within, timer) = (self.intake.rules.health_within, format!("watch:{app}"));
        // While there was no process there was nobody to work.
        let mut worked_at = clock.now().max(self.api.state.write(|tx| tx.health(app))?.worked_at);
        loop {
            tokio::select! {
                biased;
                () = self.works.notified() => worked_at = clock.now(),
                wake = clock.pause_until(&timer, worked_at + within) => match wake {
                    Wake::Due => worked_at = self.tell_of_silence(within)?,
                    Wake::Stopping => return Ok(()),
                },
            }
        }
    }

    /// Raises the alert that the connector has done nothing for so long, if it does not stand yet. Hands back when it was.
    fn tell_of_silence(&self, within: SignedDuration) -> Result<Timestamp, StateError> {
        let app = &self.api.instance;
        self.api.state.write(|tx| {
            if tx.note_health_alert(app)? && !planted(Bug::HealthUntold) {
                let reason = format!("nothing could be read for {within:#}");
                let body = json!({"phase": "degraded", "app": app, "reason": reason, "health": "raised"});
                tx.emit(Kind::Status, &body)?;
            }
            Ok(tx.now())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_told_when_one_of_them_failed() {
        let refused = || Trouble::Vendor(Failure::Refused { status: 403, code: "ip_allow_list".to_owned() });
        let passing = || Trouble::Vendor(Failure::Server { status: 503, wait: None });
        type Row = (Result<(), Trouble>, Result<(), Trouble>, Option<&'static str>, bool);
        #[rustfmt::skip]
        let cases: [Row; 3] = [
            (Ok(()),         Ok(()),         None,                                                                   false),
            (Ok(()),         Err(refused()), Some("Get users: Success, Get events of audit_log: refused with 403 ip_allow_list"), true),
            (Err(passing()), Ok(()),         Some("Get users: the vendor answered 503, Get events of audit_log: Success"),        false),
        ];
        for (users, events, told, is_refused) in cases {
            let mut steps = Steps::default();
            steps.note(Step::Users, users).unwrap();
            steps.note(Step::Events("audit_log"), events).unwrap();
            assert_eq!((steps.trouble().as_deref(), steps.is_refused()), (told, is_refused));
        }
    }

    #[test]
    fn what_ends_the_poll_is_handed_back() {
        let mut steps = Steps::default();
        assert!(matches!(steps.note(Step::Users, Err(Trouble::ConsentNeeded)), Err(Trouble::ConsentNeeded)));
        assert_eq!(steps.trouble(), None);
    }
}
