//! MFA fatigue: prompts for the second factor, denied or unanswered again and again, with no success between.

use jiff::SignedDuration;
use serde::Deserialize;

use super::counted::{self, Threshold};
use super::{Around, Detection, HOUR, Policy, Reach, Trigger};
use crate::config::Span;
use crate::connections::Response;
use crate::normalize::EventKind;
use crate::state::events::Kept;

pub(super) const NAME: &str = "mfa_fatigue";

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct MfaFatigue {
    /// The prompt that fires within so long a time.
    at_least: usize,
    within: Span,
    #[serde(flatten)]
    response: Response,
}

impl Default for MfaFatigue {
    fn default() -> Self {
        Self { at_least: 5, within: Span(SignedDuration::from_mins(10)), response: Response::default() }
    }
}

impl Detection for MfaFatigue {
    fn policy(&self) -> Policy<'_> {
        Policy { name: NAME, title: "MFA fatigue", gap: HOUR, techniques: &["T1621"], response: &self.response }
    }

    fn reach(&self) -> Reach {
        Reach::own(self.within.0)
    }

    fn concerns(&self, event: &Kept) -> bool {
        event.kind == EventKind::RefusedPrompt
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        // A success ends one run of prompts and begins the next: only the run that `fresh` is in counts.
        let success = |event: &&Kept| event.kind == EventKind::SignIn;
        let before = around.own.iter().filter(success).map(|event| event.at).filter(|at| *at <= fresh.at).max();
        let after = around.own.iter().filter(success).map(|event| event.at).filter(|at| *at > fresh.at).min();
        let in_run = |event: &&Kept| {
            self.concerns(event)
                && before.is_none_or(|success| event.at >= success)
                && after.is_none_or(|success| event.at < success)
        };
        let prompts: Vec<&Kept> = around.own.iter().filter(in_run).collect();
        let threshold = Threshold { at_least: self.at_least, within: self.within.0 };
        threshold.met(fresh, &prompts, "", counted::each)
    }
}
