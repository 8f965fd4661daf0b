//! Unusual administrative activity: an administrator does what he has never done, or far more than anybody does.
//!
//! What is new is judged by settings and roles alone, and only where few others do the same; what is much, by everything
//! that only administrators do.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::catalogue::{Deed, deed, is_same};
use super::counted::{self, Threshold};
use super::novelty::Memory;
use super::{Around, Detection, HOUR, Others, Policy, Reach, Trigger};
use crate::config::Span;
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "unusual_administrative_activity";
/// What so many others do is nothing unusual.
const PEERS: usize = 3;

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct AdministrativeActivity {
    /// The one that fires within so long a time.
    at_least: usize,
    within: Span,
    #[serde(flatten)]
    memory: Memory,
    #[serde(flatten)]
    response: Response,
}

impl Default for AdministrativeActivity {
    fn default() -> Self {
        Self {
            at_least: 21,
            within: Span(SignedDuration::from_hours(1)),
            memory: Memory::default(),
            response: Response::default(),
        }
    }
}

impl AdministrativeActivity {
    fn threshold(&self) -> Threshold {
        Threshold { at_least: self.at_least, within: self.within.0 }
    }
}

impl Detection for AdministrativeActivity {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Unusual administrative activity",
            gap: HOUR,
            techniques: &["T1098"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach { own: self.memory.reach(), others: Others::DoingTheSame(self.memory.look_back()) }
    }

    fn concerns(&self, event: &Kept) -> bool {
        deed(event).is_some_and(Deed::is_administrative)
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        let own: Vec<&Kept> = around.own.iter().collect();
        let administrative: Vec<&Kept> = own.iter().filter(|event| self.concerns(event)).copied().collect();
        let mut triggers = self.threshold().met(fresh, &administrative, "", counted::each);
        let lately = |other: &&Kept| {
            let before = fresh.at.duration_since(other.at);
            other.at < fresh.at && before <= self.memory.look_back() && other.principal != fresh.principal
        };
        let same = |other: &&Kept| lately(other) && is_same(other, fresh);
        let peers: BTreeSet<_> = around.others.iter().filter(same).map(|other| &other.principal).collect();
        if is_sensitive(fresh) && peers.len() < PEERS {
            triggers.extend(self.memory.firsts(&own, &[fresh], is_same).into_iter().map(|event| Trigger {
                at: event.at,
                scope: String::new(),
                evidence: vec![event.clone()],
                // The first of its kind in so long a time.
                facts: json!({"operation": event.deed.operation, "count": 1, "window_s": self.memory.look_back().as_secs()}),
            }));
        }
        triggers
    }
}

fn is_sensitive(event: &Kept) -> bool {
    deed(event).is_some_and(Deed::is_sensitive)
}
