//! What an instance has to send: its subscriptions, the deliveries that wait, and what became of the last ones.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use axum::http::HeaderName;

use super::callback::Callback;
use super::rules::{Message, Occasion, PerTopic, Webhooks};
use crate::seed::Seed;
use crate::time::SimTime;
use crate::timeline::{LogId, Record, Timeline};
use crate::world::{Instance, World};

/// Attempts that are remembered.
const LOG: usize = 1_000;

/// A subscription before its address was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// One of [`Webhooks::topics`], by name.
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
    gathered: SimTime,
}

/// A request that waits to be made.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its number in the instance, from 1.
    pub number: u64,
    /// The subscription it belongs to.
    pub subscription: u32,
    /// Where to.
    pub callback: Callback,
    /// Headers, signatures among them.
    pub headers: Vec<(HeaderName, String)>,
    /// Body; every attempt sends the same bytes.
    pub body: axum::body::Bytes,
    /// Ids of the events in it.
    pub events: Vec<Arc<str>>,
    /// Which attempt the next one is, from 1.
    pub attempt: u32,
    /// When the first was made.
    begun: Option<SimTime>,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reception {
    /// A status.
    Answered(u16),
    /// No status, and why.
    Failed(String),
}

impl Reception {
    /// Whether the receiver has taken the delivery over.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }
}

/// An attempt that was made.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// When it ended.
    pub at: SimTime,
    /// Number of the delivery.
    pub delivery: u64,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// How many events it carried.
    pub events: usize,
    /// What came of it.
    pub reception: Reception,
    /// When it is tried again.
    pub again: Option<SimTime>,
}

/// Where events come from and what they are sent as.
pub struct Sources<'a> {
    /// The vendor's rules.
    pub rules: &'static Webhooks,
    /// Whose they are.
    pub instance: &'a Instance,
    /// The world it belongs to.
    pub world: &'a World,
    /// For ids.
    pub seed: Seed,
    /// What has happened.
    pub timeline: &'a Timeline,
}

/// What an instance has to send. Deliveries are sent in the order of when they are due, then of their numbers.
#[derive(Debug, Default)]
pub struct Outbox {
    subscriptions: Vec<Subscription>,
    waiting: BTreeMap<(SimTime, u64), Delivery>,
    log: VecDeque<Attempt>,
    /// What was sent last, by number; no older than the log.
    sent: BTreeMap<u64, Delivery>,
    subscribed: u32,
    composed: u64,
    changes: u64,
}

impl Outbox {
    /// The subscriptions in force, oldest first.
    pub fn subscriptions(&self) -> &[Subscription] {
        &self.subscriptions
    }

    /// How many subscriptions there ever were: the number of the latest.
    pub fn registered(&self) -> u32 {
        self.subscribed
    }

    /// The last attempts, oldest first.
    pub fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.log.iter()
    }

    /// A delivery that was attempted not long ago.
    pub fn sent(&self, number: u64) -> Option<&Delivery> {
        self.sent.get(&number)
    }

    /// Sends to one subscription what is no event of its topic; `compose` is given the delivery's number.
    pub fn send(
        &mut self,
        rules: &Webhooks,
        subscription: u32,
        compose: impl Fn(u64, &Proposal) -> Message,
        now: SimTime,
    ) {
        let Some(index) = self.subscriptions.iter().position(|s| s.id == subscription) else { return };
        self.composed += 1;
        let message = compose(self.composed, &self.subscriptions[index].terms);
        let delivery = self.signed(rules, index, message, Vec::new());
        self.waiting.insert((now, delivery.number), delivery);
        self.changes += 1;
    }

    /// Sends a delivery once more, as it was; says whether it is still known.
    pub fn send_again(&mut self, number: u64, now: SimTime) -> bool {
        let Some(mut delivery) = self.sent.get(&number).cloned() else { return false };
        delivery.attempt += 1;
        delivery.begun = None;
        self.waiting.insert((now, number), delivery);
        self.changes += 1;
        true
    }

    /// Grows with every change of what is due.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Enters a subscription whose address has been tried; its number.
    pub fn subscribe(&mut self, rules: &Webhooks, proposal: Proposal, now: SimTime) -> u32 {
        if rules.per_topic == PerTopic::One {
            self.unsubscribe(|s| s.terms.topic == proposal.topic);
        }
        self.subscribed += 1;
        self.changes += 1;
        self.subscriptions.push(Subscription { id: self.subscribed, terms: proposal, since: now, gathered: now });
        self.subscribed
    }

    /// Ends subscriptions; what they have not been sent is dropped. How many there were.
    pub fn unsubscribe(&mut self, matching: impl Fn(&Subscription) -> bool) -> usize {
        let before = self.subscriptions.len();
        self.subscriptions.retain(|s| !matching(s));
        let left: Vec<u32> = self.subscriptions.iter().map(|s| s.id).collect();
        self.waiting.retain(|_, delivery| left.contains(&delivery.subscription));
        self.changes += 1;
        before - self.subscriptions.len()
    }

    /// When there is something to do: send, or gather.
    pub fn next_due(&self, from: &Sources<'_>) -> Option<SimTime> {
        let first = self.waiting.keys().next().map(|(due, _)| *due);
        let gathering = self.subscriptions.iter().filter_map(|s| {
            let wanted = |r: &Record| (from.rules.wants)(r, &s.terms.fields);
            match from.rules.derived {
                Some(derived) => {
                    let ahead = derived(from, s.gathered, SimTime::from_us(i64::MAX));
                    ahead.iter().find(|r| wanted(r)).map(|r| r.available)
                }
                None => from.timeline.next_arrival(from.log(s)?, s.gathered, &wanted),
            }
        });
        let gathered = gathering.map(|arrival| arrival + from.rules.gather).min();
        // A step of the script may become an event: what it leaves is known once it has happened.
        let step = from.timeline.next_due().filter(|_| !self.subscriptions.is_empty());
        [first, gathered, step].into_iter().flatten().min()
    }

    /// Puts what has become known into deliveries, as far as it has been gathered long enough.
    pub fn gather(&mut self, from: &Sources<'_>, now: SimTime) {
        let rules = from.rules;
        for index in 0..self.subscriptions.len() {
            let subscription = &self.subscriptions[index];
            let Some(log) = from.log(subscription) else { continue };
            let mut events = match rules.derived {
                Some(derived) => derived(from, subscription.gathered, now),
                None => from.timeline.arrivals(log, subscription.gathered, now),
            };
            events.retain(|r| (rules.wants)(r, &subscription.terms.fields));
            if events.first().is_some_and(|first| first.available + rules.gather > now) {
                continue;
            }
            self.subscriptions[index].gathered = now;
            self.changes += u64::from(!events.is_empty());
            for events in events.chunks(rules.batch_max) {
                let delivery = self.composed(from, index, events, now);
                self.waiting.insert((now, delivery.number), delivery);
            }
        }
    }

    fn composed(&mut self, from: &Sources<'_>, index: usize, events: &[Arc<Record>], now: SimTime) -> Delivery {
        let Sources { rules, instance, world, seed, .. } = *from;
        self.composed += 1;
        let (subscription, number) = (&self.subscriptions[index], self.composed);
        let message = (rules.compose)(&Occasion { instance, world, seed, subscription, number, events, now });
        self.signed(rules, index, message, events.iter().map(|r| Arc::clone(&r.event_id)).collect())
    }

    /// The latest delivery, signed if the receiver has a key.
    fn signed(&self, rules: &Webhooks, index: usize, message: Message, events: Vec<Arc<str>>) -> Delivery {
        let subscription = &self.subscriptions[index];
        let Message { mut headers, body } = message;
        let key = &subscription.terms.key;
        if !key.is_empty() {
            headers.extend(rules.signatures.iter().map(|s| (HeaderName::from_static(s.header), s.value(key, &body))));
        }
        Delivery {
            number: self.composed,
            subscription: subscription.id,
            callback: subscription.terms.callback.clone(),
            headers,
            body,
            events,
            attempt: 1,
            begun: None,
        }
    }

    /// The first delivery that is due, to be sent now.
    pub fn take(&mut self, now: SimTime) -> Option<Delivery> {
        let entry = self.waiting.first_entry().filter(|entry| entry.key().0 <= now)?;
        let mut delivery = entry.remove();
        delivery.begun.get_or_insert(now);
        self.changes += 1;
        Some(delivery)
    }

    /// Notes what came of an attempt; one that failed waits for the next, or is dropped.
    pub fn settle(&mut self, rules: &Webhooks, mut delivery: Delivery, reception: Reception, now: SimTime) {
        let subscribed = self.subscriptions.iter().any(|s| s.id == delivery.subscription);
        let again = match delivery.begun {
            Some(begun) if subscribed && !reception.is_accepted() => rules.retries.at(begun, delivery.attempt + 1),
            _ => None,
        };
        if self.log.len() == LOG {
            self.log.pop_front();
        }
        let (number, attempt, events) = (delivery.number, delivery.attempt, delivery.events.len());
        self.sent.insert(number, delivery.clone());
        if self.sent.len() > LOG {
            self.sent.pop_first();
        }
        self.log.push_back(Attempt { at: now, delivery: number, attempt, events, reception, again });
        if let Some(again) = again {
            delivery.attempt += 1;
            // An answer that was waited for too long may end later than the next attempt was meant to begin.
            self.waiting.insert((again.max(now), number), delivery);
        }
        self.changes += 1;
    }
}

impl Sources<'_> {
    /// The log that a subscription is about.
    fn log(&self, subscription: &Subscription) -> Option<LogId> {
        let topic = self.rules.topics.iter().find(|t| t.name == subscription.terms.topic)?;
        Some(LogId { app: self.instance.app, feed: topic.feed })
    }
}
