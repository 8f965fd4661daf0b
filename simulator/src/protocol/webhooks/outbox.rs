//! What an instance has to send: its subscriptions, the deliveries that wait, and what became of the last ones.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use axum::http::HeaderName;
use serde_json::Value;

use super::callback::Callback;
use super::rules::{Message, News, Occasion, PerTopic, Webhooks};
use super::subscription::{Proposal, Subscription, Term};
use crate::journal::AppliedFault;
use crate::seed::Seed;
use crate::time::SimTime;
use crate::timeline::{LogId, Record, Timeline};
use crate::world::{Instance, World};

/// The address of somebody else's subscription. Nothing is ever sent there.
const STRANGER: &str = "http://127.0.0.1:9/somebody-else";

/// Attempts that are remembered.
const LOG: usize = 1_000;

/// When a delivery waits: when it is due, its number, and which copy of it it is, from 0.
type Place = (SimTime, u64, u32);

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
    /// The events in it.
    pub events: Vec<Arc<Record>>,
    /// What it says of the subscription itself, if that is what it is about.
    pub news: Option<News>,
    /// Which attempt the next one is, from 1.
    pub attempt: u32,
    /// The fault that has met this attempt, if one has.
    pub struck: Option<Struck>,
    /// When the first was made.
    begun: Option<SimTime>,
}

impl Delivery {
    /// The same, met by a fault.
    #[must_use]
    pub fn struck_by(self, struck: Struck) -> Self {
        Self { struck: Some(struck), ..self }
    }
}

/// What a fault has made of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Struck {
    /// For the journal.
    pub applied: AppliedFault,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of an attempt that a fault has met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is made, late or bent.
    Made,
    /// It is never made, and the vendor takes it for accepted.
    Lost,
    /// The connection ends before a byte of it was sent.
    Reset,
    /// It is made, and its answer never reaches the vendor.
    AnswerLost,
    /// It is made beside the vendor's own, which knows nothing of it.
    Extra,
}

/// With what somebody who has not the key signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// Nothing.
    None,
    /// Another key.
    Key(String),
    /// The signatures of the delivery that was overheard.
    Overheard,
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
    waiting: BTreeMap<Place, Delivery>,
    /// Those of the waiting that go right after the next delivery.
    held: Vec<Place>,
    copies: u32,
    log: VecDeque<Attempt>,
    /// Subscriptions that have lost a delivery and were not told yet.
    missed: VecDeque<(SimTime, u32)>,
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
        self.waiting.insert((now, delivery.number, 0), delivery);
        self.changes += 1;
    }

    /// Sends a delivery once more, as it was; says whether it is still known.
    pub fn send_again(&mut self, number: u64, now: SimTime) -> bool {
        let Some(mut delivery) = self.sent.get(&number).cloned() else { return false };
        delivery.attempt += 1;
        delivery.begun = None;
        self.waiting.insert((now, number, 0), delivery);
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
        self.subscriptions.push(Subscription::new(self.subscribed, proposal, now, rules.lifecycle.as_ref()));
        self.subscribed
    }

    /// Lets somebody else subscribe to the first topic. He wants no part of it, so that nothing is sent to where nobody is.
    pub fn subscribe_stranger(&mut self, rules: &Webhooks, now: SimTime) {
        let Some(topic) = rules.topics.first() else { return };
        let proposal = Proposal {
            topic: topic.name,
            fields: Vec::new(),
            callback: Callback::parse(STRANGER).expect("it lies on this machine"),
            verify_token: None,
            key: String::new(),
            content_type: "application/json",
            reference: None,
            shown: Value::Null,
            term: Term::OPEN,
        };
        self.subscribe(rules, proposal, now);
    }

    /// Lets a subscription that is in force last until `ends`; the subscription, if there is one.
    pub fn renew(
        &mut self,
        rules: &Webhooks,
        matching: impl Fn(&Subscription) -> bool,
        ends: SimTime,
        now: SimTime,
    ) -> Option<&Subscription> {
        let found = self.subscriptions.iter_mut().find(|s| matching(s) && !s.is_over(now))?;
        found.terms.term.ends = Some(ends);
        found.remind(now, rules.lifecycle.as_ref());
        self.changes += 1;
        Some(found)
    }

    /// Lets the receiver of a subscription in force be reminded no more; says whether there is one.
    pub fn reauthorize(&mut self, matching: impl Fn(&Subscription) -> bool, now: SimTime) -> bool {
        let Some(found) = self.subscriptions.iter_mut().find(|s| matching(s) && !s.is_over(now)) else { return false };
        found.reminder = None;
        self.changes += 1;
        true
    }

    /// Whether there is nobody to send to, and nothing to send.
    pub fn is_idle(&self) -> bool {
        self.subscriptions.is_empty() && self.waiting.is_empty()
    }

    /// Ends subscriptions; what they have not been sent is dropped. How many there were.
    pub fn unsubscribe(&mut self, matching: impl Fn(&Subscription) -> bool) -> usize {
        let before = self.subscriptions.len();
        self.subscriptions.retain(|s| !matching(s));
        let left: Vec<u32> = self.subscriptions.iter().map(|s| s.id).collect();
        self.waiting.retain(|_, delivery| delivery.news == Some(News::Ended) || left.contains(&delivery.subscription));
        self.changes += 1;
        before - self.subscriptions.len()
    }

    /// When there is something to do: send, or gather.
    pub fn next_due(&self, from: &Sources<'_>) -> Option<SimTime> {
        let first = self.waiting.keys().next().map(|(due, ..)| *due);
        let gathering = self.subscriptions.iter().filter_map(|s| {
            let wanted = |r: &Record| (from.rules.wants)(from, r, &s.terms);
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
        let missed = self.missed.front().map(|(at, _)| *at);
        let ending = self.subscriptions.iter().flat_map(|s| [s.reminder, s.terms.term.ends]).flatten().min();
        [first, gathered, step, missed, ending].into_iter().flatten().min()
    }

    /// Puts what has become known into deliveries, as far as it has been gathered long enough; and ends the subscriptions
    /// whose time is over.
    pub fn gather(&mut self, from: &Sources<'_>, now: SimTime) {
        self.gather_events(from, now);
        self.gather_news(from, now);
        while let Some(over) = self.subscriptions.iter().position(|s| s.is_over(now)) {
            self.tell(from, over, News::Ended, now);
            let id = self.subscriptions[over].id;
            self.unsubscribe(|s| s.id == id);
        }
    }

    fn gather_events(&mut self, from: &Sources<'_>, now: SimTime) {
        let rules = from.rules;
        for index in 0..self.subscriptions.len() {
            let subscription = &self.subscriptions[index];
            let Some(log) = from.log(subscription) else { continue };
            let until = subscription.terms.term.ends.map_or(now, |ends| ends.min(now));
            let mut events = match rules.derived {
                Some(derived) => derived(from, subscription.gathered, until),
                None => from.timeline.arrivals(log, subscription.gathered, until),
            };
            events.retain(|r| (rules.wants)(from, r, &subscription.terms));
            let waits = events.first().is_some_and(|first| first.available + rules.gather > now);
            if waits && !subscription.is_over(now) {
                continue;
            }
            self.subscriptions[index].gathered = until;
            self.changes += u64::from(!events.is_empty());
            for events in events.chunks(rules.batch_max) {
                let delivery = self.composed(from, index, events, now);
                self.waiting.insert((now, delivery.number, 0), delivery);
            }
        }
    }

    /// What there is to say of subscriptions that go on.
    fn gather_news(&mut self, from: &Sources<'_>, now: SimTime) {
        let Some(lifecycle) = &from.rules.lifecycle else { return };
        for (_, id) in std::mem::take(&mut self.missed) {
            if let Some(index) = self.subscriptions.iter().position(|s| s.id == id) {
                self.tell(from, index, News::Missed, now);
            }
        }
        for index in 0..self.subscriptions.len() {
            let subscription = &self.subscriptions[index];
            if subscription.reminder.is_some_and(|at| at <= now) && !subscription.is_over(now) {
                self.tell(from, index, News::EndsSoon, now);
                self.subscriptions[index].remind_again(now, lifecycle);
            }
        }
    }

    /// Sends news of a subscription to who wants them.
    fn tell(&mut self, from: &Sources<'_>, index: usize, news: News, now: SimTime) {
        let Sources { rules, instance, world, seed, .. } = *from;
        let subscription = &self.subscriptions[index];
        let (Some(lifecycle), Some(callback)) = (&rules.lifecycle, subscription.terms.term.news_to.clone()) else {
            return;
        };
        self.composed += 1;
        let number = self.composed;
        let occasion = Occasion { instance, world, seed, subscription, number, events: &[], now };
        let message = (lifecycle.compose)(&occasion, news);
        let delivery = Delivery { callback, news: Some(news), ..self.signed(rules, index, message, Vec::new()) };
        self.waiting.insert((now, number, 0), delivery);
        self.changes += 1;
    }

    fn composed(&mut self, from: &Sources<'_>, index: usize, events: &[Arc<Record>], now: SimTime) -> Delivery {
        let Sources { rules, instance, world, seed, .. } = *from;
        self.composed += 1;
        let (subscription, number) = (&self.subscriptions[index], self.composed);
        let message = (rules.compose)(&Occasion { instance, world, seed, subscription, number, events, now });
        self.signed(rules, index, message, events.to_vec())
    }

    /// The latest delivery, signed if the receiver has a key.
    fn signed(&self, rules: &Webhooks, index: usize, message: Message, events: Vec<Arc<Record>>) -> Delivery {
        let subscription = &self.subscriptions[index];
        let Message { mut headers, body } = message;
        let key = &subscription.terms.key;
        if !key.is_empty() {
            headers.extend(rules.signed(key, &body));
        }
        Delivery {
            number: self.composed,
            subscription: subscription.id,
            callback: subscription.terms.callback.clone(),
            headers,
            body,
            events,
            news: None,
            attempt: 1,
            struck: None,
            begun: None,
        }
    }

    /// A delivery with `events` in its body, in that order, and signed as the vendor signs; what it is said to bring stays.
    pub fn recomposed(&self, from: &Sources<'_>, delivery: Delivery, events: &[Arc<Record>], now: SimTime) -> Delivery {
        let Sources { rules, instance, world, seed, .. } = *from;
        let Some(index) = self.subscriptions.iter().position(|s| s.id == delivery.subscription) else {
            return delivery;
        };
        let (subscription, number) = (&self.subscriptions[index], delivery.number);
        let message = (rules.compose)(&Occasion { instance, world, seed, subscription, number, events, now });
        let Delivery { headers, body, .. } = self.signed(rules, index, message, Vec::new());
        Delivery { headers, body, ..delivery }
    }

    /// Puts a delivery off that a fault has met.
    pub fn postpone(&mut self, delivery: Delivery, due: SimTime) {
        self.waiting.insert((due, delivery.number, 0), Delivery { begun: None, ..delivery });
        self.changes += 1;
    }

    /// Puts a delivery behind the one that follows it, or off until `due` if none does.
    pub fn hold_back(&mut self, delivery: Delivery, due: SimTime) {
        self.held.push((due, delivery.number, 0));
        self.postpone(delivery, due);
    }

    /// Has a delivery made once more, as it is.
    pub fn copy(&mut self, delivery: &Delivery, applied: AppliedFault, due: SimTime) {
        self.enter_extra(delivery.clone().struck_by(Struck { applied, fate: Fate::Extra }), due);
    }

    /// Has a delivery made that the vendor never composed: `invented` in place of the events of one that was overheard,
    /// in a body that is another in any case.
    pub fn forge(
        &mut self,
        from: &Sources<'_>,
        overheard: &Delivery,
        invented: &[Arc<Record>],
        seal: &Seal,
        struck: Struck,
        now: SimTime,
    ) {
        let Sources { rules, instance, world, seed, .. } = *from;
        let Some(subscription) = self.subscriptions.iter().find(|s| s.id == overheard.subscription) else { return };
        self.composed += 1;
        let number = self.composed;
        let signs = |name: &HeaderName| rules.signatures.iter().any(|s| s.header == name.as_str());
        let (signatures, others) = overheard.headers.iter().cloned().partition(|(name, _)| signs(name));
        let mut message = match invented {
            [] => Message { headers: others, body: overheard.body.clone() },
            events => (rules.compose)(&Occasion { instance, world, seed, subscription, number, events, now }),
        };
        // White space after the end is no part of what a body says.
        message.body = [&message.body[..], b"\n"].concat().into();
        match seal {
            Seal::None => {}
            Seal::Key(key) => message.headers.extend(rules.signed(key, &message.body)),
            Seal::Overheard => message.headers.extend::<Vec<_>>(signatures),
        }
        let Message { headers, body } = message;
        let forged = Delivery { number, headers, body, events: Vec::new(), struck: Some(struck), ..overheard.clone() };
        self.enter_extra(forged, now);
    }

    fn enter_extra(&mut self, delivery: Delivery, due: SimTime) {
        self.copies += 1;
        self.waiting.insert((due, delivery.number, self.copies), delivery);
        self.changes += 1;
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
        if delivery.struck.take().is_some_and(|struck| struck.fate == Fate::Extra) {
            return;
        }
        for place in std::mem::take(&mut self.held) {
            if let Some(overtaken) = self.waiting.remove(&place) {
                self.waiting.insert((now, overtaken.number, 0), overtaken);
            }
        }
        let subscribed = self.subscriptions.iter().any(|s| s.id == delivery.subscription);
        let wanted = subscribed || delivery.news == Some(News::Ended);
        let again = match delivery.begun {
            Some(begun) if wanted && !reception.is_accepted() => rules.retries.at(begun, delivery.attempt + 1),
            _ => None,
        };
        let lost = again.is_none() && !reception.is_accepted() && delivery.news.is_none();
        if lost && subscribed && rules.lifecycle.is_some() {
            self.missed.push_back((now, delivery.subscription));
        }
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
            self.waiting.insert((again.max(now), number, 0), delivery);
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
