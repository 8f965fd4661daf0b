//! A subscription: what was agreed, for how long, and with whom.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value;

use super::callback::Callback;
use super::rules::Lifecycle;
use crate::time::SimTime;

/// A subscription before its address was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// One of [`super::Webhooks::topics`], by name.
    pub topic: &'static str,
    /// The chosen parts of it.
    pub fields: Vec<String>,
    /// Where to.
    pub callback: Callback,
    /// What the vendor hands back so that the receiver knows who asks.
    pub verify_token: Option<String>,
    /// Key of the signatures; without one nothing is signed.
    pub key: String,
    /// Content type of the body, where the receiver may choose it.
    pub content_type: &'static str,
    /// The vendor's own name for it, where callers are told one.
    pub reference: Option<String>,
    /// What callers are shown of it beside; null for nothing.
    pub shown: Value,
    /// How long it lasts.
    pub term: Term,
}

/// How long a subscription lasts, and who hears of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// When it ends by itself.
    pub ends: Option<SimTime>,
    /// Where news of the subscription itself are sent.
    pub news_to: Option<Callback>,
}

impl Term {
    /// Until somebody ends it, and without a word about it.
    pub const OPEN: Self = Self { ends: None, news_to: None };
}

/// A subscription in force.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// Its number in the instance, from 1.
    pub id: u32,
    /// What was agreed.
    pub terms: Proposal,
    /// Since when: what was known before is not sent.
    pub since: SimTime,
    /// Everything that was known by then has been put into deliveries.
    pub(super) gathered: SimTime,
    /// When the receiver is asked (again) to renew it.
    pub(super) reminder: Option<SimTime>,
}

impl Subscription {
    pub(super) fn new(id: u32, terms: Proposal, now: SimTime, lifecycle: Option<&Lifecycle>) -> Self {
        let mut new = Self { id, terms, since: now, gathered: now, reminder: None };
        new.remind(now, lifecycle);
        new
    }

    /// The vendor's name for it; else its number.
    pub fn reference(&self) -> Cow<'_, str> {
        self.terms.reference.as_deref().map_or_else(|| self.id.to_string().into(), Cow::Borrowed)
    }

    /// Whether its time is over.
    pub fn is_over(&self, now: SimTime) -> bool {
        self.terms.term.ends.is_some_and(|ends| ends <= now)
    }

    /// Sets the first reminder of a life that begins or is prolonged now; a short life has it in its middle.
    pub(super) fn remind(&mut self, now: SimTime, lifecycle: Option<&Lifecycle>) {
        let before = |ends: SimTime, most: Duration| ends - most.min(ends.since(now) / 2);
        let ends = self.terms.term.ends.filter(|ends| *ends > now);
        self.reminder = ends.zip(lifecycle).map(|(ends, rules)| before(ends, rules.remind_before));
    }

    /// Sets the reminder after one that is sent now; there is none after the end.
    pub(super) fn remind_again(&mut self, now: SimTime, lifecycle: &Lifecycle) {
        let next = now + lifecycle.remind_every;
        self.reminder = self.terms.term.ends.is_some_and(|ends| next < ends).then_some(next);
    }
}
