//! The declaration: how a vendor sends what it sends.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderName, Method};
use ring::hmac;

use super::outbox::Sources;
use super::subscription::{Proposal, Subscription};
use crate::scenario::VendorProfile;
use crate::seed::Seed;
use crate::time::SimTime;
use crate::timeline::Record;
use crate::world::{Instance, World};

/// A vendor's webhooks.
#[derive(Debug)]
pub struct Webhooks {
    /// Name in scenarios, journal and findings of the route whose requests are the deliveries.
    pub route: &'static str,
    /// Profiles of the vendor whose instances send nothing.
    pub silent: &'static [VendorProfile],
    /// What can be subscribed to.
    pub topics: &'static [Topic],
    /// How else a stack learns of the events.
    pub beside: Beside,
    /// How many may subscribe to one topic.
    pub per_topic: PerTopic,
    /// How an address is tried before it is taken.
    pub handshake: Handshake,
    /// Events that stand in no log: those that become known after one moment and up to another, in that order. None where
    /// the records of the topic's log are the events.
    pub derived: Option<Derived>,
    /// Whether a subscription on these terms wants a record.
    pub wants: fn(&Sources<'_>, &Record, &Proposal) -> bool,
    /// How long events are gathered after the first of a batch.
    pub gather: Duration,
    /// Most events in one delivery.
    pub batch_max: usize,
    /// Puts events into a request.
    pub compose: fn(&Occasion<'_>) -> Message,
    /// How a body is signed, in the order in which the vendor came to it.
    pub signatures: &'static [Signature],
    /// How long an answer is waited for.
    pub answer_within: Duration,
    /// When a delivery is tried again that was not answered with a 2xx.
    pub retries: Retries,
    /// What receivers are told of the subscription itself, where they are.
    pub lifecycle: Option<Lifecycle>,
    /// Where this is documented.
    pub source: &'static str,
}

impl Webhooks {
    /// Whether a log of an instance with this profile comes by deliveries and in no other way.
    pub fn are_the_only_way(&self, feed: &str, profile: VendorProfile) -> bool {
        let is_topic = self.topics.iter().any(|topic| topic.feed == feed);
        is_topic && self.beside == Beside::Nothing && !self.silent.contains(&profile)
    }

    /// The header of the signature that the vendor recommends: the last declared.
    pub fn newest_signature(&self) -> &'static str {
        self.signatures.last().map_or("", |signature| signature.header)
    }

    /// The headers that sign a body.
    pub fn signed(&self, key: &str, body: &[u8]) -> impl Iterator<Item = (HeaderName, String)> {
        self.signatures.iter().map(move |s| (HeaderName::from_static(s.header), s.value(key, body)))
    }
}

/// Works events out of what has happened.
pub type Derived = fn(&Sources<'_>, SimTime, SimTime) -> Vec<Arc<Record>>;

/// Something that can be subscribed to.
#[derive(Debug, PartialEq, Eq)]
pub struct Topic {
    /// The vendor's word for it.
    pub name: &'static str,
    /// The log whose records are its events.
    pub feed: &'static str,
    /// The parts of it that can be chosen.
    pub fields: &'static [&'static str],
}

/// How else than by deliveries a stack learns of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// They stand in a log that can be read, under their ids.
    Log,
    /// Not at all: what is not delivered is never known, and no event has an id.
    Nothing,
}

/// How many subscriptions a topic may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PerTopic {
    /// One: a second takes the place of the first, silently.
    One,
    /// Any number.
    Many,
}

/// How an address is tried before it is taken.
#[derive(Clone, Debug)]
pub enum Handshake {
    /// It is not.
    None,
    /// By a challenge.
    Echo(Echo),
}

/// A request with a challenge that has to come back as the whole body of a 200.
#[derive(Clone, Debug)]
pub struct Echo {
    /// Method of that request.
    pub method: Method,
    /// Query parameter with the challenge.
    pub challenge: &'static str,
    /// The challenge; `{}` stands for a number that nobody can guess.
    pub wording: &'static str,
    /// Content type that the answer must have, where the vendor looks at it; parameters do not count.
    pub content_type: Option<&'static str>,
    /// Query parameter with the subscriber's own verify token, where the vendor hands it back.
    pub verify_token: Option<&'static str>,
    /// Further query parameters.
    pub beside: &'static [(&'static str, &'static str)],
    /// How long the answer is waited for.
    pub answer_within: Duration,
}

/// What a receiver is told of its subscription itself, at an address of its own.
#[derive(Debug)]
pub struct Lifecycle {
    /// Puts news into a request.
    pub compose: fn(&Occasion<'_>, News) -> Message,
    /// How long before the end it is asked to renew, at most.
    pub remind_before: Duration,
    /// How often after that, until it does or says that it has heard.
    pub remind_every: Duration,
}

/// News of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It ends soon, unless it is renewed.
    EndsSoon,
    /// It has ended by itself.
    Ended,
    /// A delivery was given up.
    Missed,
}

/// When a failed delivery is tried again, counted from its first attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// The first retries.
    pub first: &'static [Duration],
    /// After those, so often.
    pub then_every: Option<Duration>,
    /// A retry later than this is not made: the delivery is dropped.
    pub give_up_after: Duration,
}

impl Retries {
    /// When a delivery that was begun at `begun` is tried for the `attempt`th time (the first attempt is 1); none if it is
    /// dropped instead.
    pub fn at(&self, begun: SimTime, attempt: u32) -> Option<SimTime> {
        let index = usize::try_from(attempt.checked_sub(2)?).ok()?;
        let after = match (self.first.get(index), self.then_every) {
            (Some(after), _) => *after,
            (None, Some(every)) => {
                let last = self.first.last().copied().unwrap_or_default();
                let more = u32::try_from(index - self.first.len() + 1).ok()?;
                last.checked_add(every.checked_mul(more)?)?
            }
            (None, None) => return None,
        };
        (after <= self.give_up_after).then(|| begun + after)
    }
}

/// A header that proves who sent a body: hexadecimal HMAC over its raw bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Name of the header, in lower case.
    pub header: &'static str,
    /// What stands before the digits.
    pub prefix: &'static str,
    /// Hash function.
    pub algorithm: Algorithm,
}

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// SHA-1, as older receivers want it.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Algorithm {
    /// Hexadecimal HMAC of a message.
    pub fn hmac(self, key: &str, message: &[u8]) -> String {
        let algorithm = match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
        };
        let tag = hmac::sign(&hmac::Key::new(algorithm, key.as_bytes()), message);
        tag.as_ref().iter().map(|b| format!("{b:02x}")).collect()
    }
}

impl Signature {
    /// The header's value for a body.
    pub fn value(&self, key: &str, body: &[u8]) -> String {
        format!("{}{}", self.prefix, self.algorithm.hmac(key, body))
    }
}

/// What a delivery is made of.
pub struct Occasion<'a> {
    /// Whose webhook.
    pub instance: &'a Instance,
    /// The world it belongs to.
    pub world: &'a World,
    /// For ids.
    pub seed: Seed,
    /// To whom.
    pub subscription: &'a Subscription,
    /// Number of the delivery in its instance, from 1.
    pub number: u64,
    /// What happened, in the order in which it became known.
    pub events: &'a [Arc<Record>],
    /// When the delivery is put together.
    pub now: SimTime,
}

/// A request's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Headers beside those that every request has and the signatures.
    pub headers: Vec<(HeaderName, String)>,
    /// Body.
    pub body: Bytes,
}
