//! Token of a dormant user: somebody who did nothing in an app for long makes a token there, or does so soon after.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::catalogue::{Deed, deed};
use super::{Around, DAY, Detection, HOUR, Policy, Reach, Trigger};
use crate::bug::{Bug, planted};
use crate::config::Span;
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "pat_created_by_dormant_user";

/// How far back an account's last activity may lie and still be known: more than any database keeps.
const EVER: SignedDuration = SignedDuration::from_hours(24 * 3_650);

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct DormantToken {
    /// Who did nothing for so long is dormant.
    dormant: Span,
    /// A token counts that is made so soon after the first activity.
    warm_up: Span,
    #[serde(flatten)]
    response: Response,
}

impl Default for DormantToken {
    fn default() -> Self {
        Self { dormant: Span(DAY * 60), warm_up: Span(DAY * 3), response: Response::default() }
    }
}

impl Detection for DormantToken {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Token of a dormant user",
            gap: HOUR,
            techniques: &["T1098.001"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(EVER)
    }

    fn concerns(&self, event: &Kept) -> bool {
        deed(event) == Some(Deed::Token)
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        let here = |event: &&Kept| event.app == fresh.app || planted(Bug::DormantAnywhere);
        let mine: Vec<&Kept> = around.own.iter().filter(here).filter(|event| event.is_done()).collect();
        // Each two that follow one another: the silence between them, and when it ended.
        let silences = mine.windows(2).map(|two| (two[1].at.duration_since(two[0].at), two[1].at));
        let dormant = self.dormant.0 + if planted(Bug::DormantADayMore) { DAY } else { SignedDuration::ZERO };
        let warm_up = if planted(Bug::NoWarmUp) { SignedDuration::from_secs(1) } else { self.warm_up.0 };
        let lately = |ended| ended <= fresh.at && fresh.at.duration_since(ended) < warm_up;
        let silence = silences.filter(|(long, ended)| *long >= dormant && lately(*ended)).map(|(long, _)| long).max();
        let trigger = |long: SignedDuration| Trigger {
            at: fresh.at,
            scope: fresh.app.clone(),
            facts: json!({"silence_s": long.as_secs(), "threshold_s": self.dormant.0.as_secs()}),
            evidence: vec![fresh.clone()],
        };
        silence.map(trigger).into_iter().collect()
    }
}
