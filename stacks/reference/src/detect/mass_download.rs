//! Mass download: many different things taken out of one app in a short time. One thing taken often is one.

use jiff::SignedDuration;
use serde::Deserialize;

use super::catalogue::{Deed, deed};
use super::counted::{self, Threshold};
use super::{Around, Detection, HOUR, Policy, Reach, Trigger};
use crate::config::Span;
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "mass_download";

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct MassDownload {
    /// The thing that fires within so long a time.
    at_least: usize,
    within: Span,
    #[serde(flatten)]
    response: Response,
}

impl Default for MassDownload {
    fn default() -> Self {
        Self { at_least: 51, within: Span(SignedDuration::from_mins(1)), response: Response::default() }
    }
}

impl Detection for MassDownload {
    fn policy(&self) -> Policy<'_> {
        Policy { name: NAME, title: "Mass download", gap: HOUR, techniques: &["T1530"], response: &self.response }
    }

    fn reach(&self) -> Reach {
        Reach::own(self.within.0)
    }

    fn concerns(&self, event: &Kept) -> bool {
        deed(event) == Some(Deed::Download)
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        let counts = |event: &&Kept| self.concerns(event) && event.app == fresh.app;
        let events: Vec<&Kept> = around.own.iter().filter(counts).collect();
        let threshold = Threshold { at_least: self.at_least, within: self.within.0 };
        threshold.met(fresh, &events, &fresh.app, counted::objects)
    }
}
