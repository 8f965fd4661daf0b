//! What vendors send by themselves: the party of the simulation that is on their side.
//!
//! Under a virtual clock everything it does begins with a timer of the coordinator, so it takes its turn like everything
//! else: one delivery at a time, in the order of (time, name), and none before time passes, that is, before the stack is
//! ready. Timers are registered while the exchange that makes them necessary is still open, so the order never depends on
//! which task is faster. A timer that has become needless is not withdrawn: it comes, and finds nothing to do.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::{HeaderName, Method, header};
use tokio::task::JoinSet;

use super::call::{Call, CallError, Response, call};
use super::redact::{self, SecretNames};
use crate::clock::{Hold, WebhookEnd, WebhookGuard};
use crate::fault::{Course, Hit, deliveries};
use crate::journal::{DeliveryNote, Entry, Notes, Refusal};
use crate::protocol::form::decode_pairs;
use crate::protocol::webhooks::{
    Callback, Delivery, Echo, Fate, Handshake, Proposal, Reception, Sources, Subscription, Webhooks,
};
use crate::scenario::AppIndex;
use crate::simulation::{InstanceState, RouteHit, Simulation, State};
use crate::time::SimTime;
use crate::timeline::Timeline;
use crate::vendors;

/// The couriers of a simulation: one an instance whose vendor sends anything.
pub(crate) struct Couriers(Vec<Arc<Courier>>);

/// Sends what one instance has to send.
struct Courier {
    sim: Arc<Simulation>,
    app: AppIndex,
    rules: &'static Webhooks,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// When a timer stands already.
    alarms: BTreeSet<SimTime>,
    /// What was so when it was last asked when something is due.
    asked: Option<(u64, u64)>,
    /// Deliveries that were answered, for faults that count them.
    answered: u32,
    tasks: JoinSet<()>,
}

impl Couriers {
    pub(super) fn new(sim: &Arc<Simulation>) -> Self {
        let apps = sim.scenario.apps.iter().enumerate();
        let courier = |(index, app): (usize, &crate::scenario::App)| {
            let rules = vendors::spec(app.vendor).webhooks?;
            Some(Arc::new(Courier { sim: Arc::clone(sim), app: AppIndex(index), rules, inner: Mutex::default() }))
        };
        Self(apps.filter_map(courier).collect())
    }

    /// Sees to it that whatever has become due is sent when its time comes. Called after everything that may change it,
    /// before the clock can move.
    pub(crate) fn plan(&self) {
        self.0.iter().for_each(|courier| courier.plan());
    }

    /// Tries an address as the vendor of `app` does, and enters the subscription if it stands the test.
    /// `asked_by` is the id of the request that wants it: from it the challenge is drawn.
    pub(crate) async fn subscribe(&self, app: AppIndex, proposal: Proposal, asked_by: &str) -> Result<(), String> {
        let courier = self.0.iter().find(|c| c.app == app).ok_or("this app sends no webhooks")?;
        courier.sim.state().instances[app.0].keep_secrets_of(&proposal);
        courier.shake_hands(&proposal, asked_by).await?;
        let (sim, now) = (&courier.sim, courier.sim.clock.now());
        sim.state().instances[app.0].subscribe(courier.rules, proposal, now);
        courier.plan();
        Ok(())
    }
}

impl Drop for Couriers {
    /// Tasks hold their courier; they have to be ended for it to go.
    fn drop(&mut self) {
        for courier in &self.0 {
            courier.inner.lock().unwrap_or_else(PoisonError::into_inner).tasks.abort_all();
        }
    }
}

impl Courier {
    fn plan(self: &Arc<Self>) {
        let state = self.sim.state();
        let outbox = &state.instances[self.app.0].outbox;
        if outbox.is_idle() {
            return;
        }
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let so = (outbox.changes(), state.timeline.performed());
        if inner.asked.replace(so) == Some(so) {
            return;
        }
        let Some(due) = outbox.next_due(&self.sources(&state)) else { return };
        if !inner.alarms.insert(due) {
            return;
        }
        let alarm = self.sim.clock.alarm(due, &format!("webhook:{}", self.name()));
        let courier = Arc::clone(self);
        while inner.tasks.try_join_next().is_some() {}
        inner.tasks.spawn(async move {
            let hold = alarm.due().await;
            courier.inner.lock().unwrap_or_else(PoisonError::into_inner).alarms.remove(&due);
            courier.turn(hold).await;
        });
    }

    /// Sends one delivery, if one is due.
    async fn turn(self: &Arc<Self>, hold: Option<Hold>) {
        let now = self.sim.clock.now();
        let delivery = {
            let mut state = self.sim.state();
            state.timeline.advance(now);
            let State { timeline, instances } = &mut *state;
            let outbox = &mut instances[self.app.0].outbox;
            outbox.gather(&self.sources_of(timeline), now);
            outbox.take(now).and_then(|delivery| self.strike(delivery, instances, timeline, now))
        };
        let is_made = |d: &Delivery| !matches!(fate(d), Some(Fate::Lost | Fate::Reset));
        let sent = delivery.as_ref().filter(|d| is_made(d)).and_then(|_| self.sim.clock.send_webhook());
        // Asked anew in any case: the timer that brought us here is used up.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).asked = None;
        self.plan();
        // What is made keeps time still by itself, until it is handled.
        let still = hold.filter(|_| delivery.as_ref().is_some_and(|d| !is_made(d)));
        if let Some(delivery) = delivery {
            self.deliver(delivery, sent).await;
        }
        drop(still);
    }

    /// Lets a fault meet a delivery, each attempt once; none if it is not made now.
    fn strike(
        &self,
        delivery: Delivery,
        instances: &mut [InstanceState],
        timeline: &Timeline,
        now: SimTime,
    ) -> Option<Delivery> {
        if delivery.struck.is_some() {
            return Some(delivery);
        }
        let (app, route) = (self.app, self.rules.route);
        let has_key = |s: &Subscription| s.id == delivery.subscription && !s.terms.key.is_empty();
        let is_signed = instances[app.0].outbox.subscriptions().iter().any(has_key);
        let course = if is_signed { Course::Delivery } else { Course::UnsignedDelivery };
        let hit =
            Hit { app, route, page: None, wants_token: false, now, idle: None, limit: None, takes_gzip: false, course };
        let Some(bite) = self.sim.meet_fault(&hit) else { return Some(delivery) };
        let apps = self.sim.scenario.apps.iter().zip(&*instances).enumerate();
        let others =
            apps.filter(|(i, (app, _))| *i != self.app.0 && app.vendor == self.sim.scenario.apps[self.app.0].vendor);
        let tenant_key = others.map(|(_, (_, instance))| signing_key(instance)).next();
        let outbox = &mut instances[self.app.0].outbox;
        deliveries::strike(bite, delivery, outbox, &self.sources_of(timeline), tenant_key.as_deref(), now)
    }

    /// The answer to a delivery, as far as a fault lets it be made.
    async fn made(&self, delivery: &Delivery, target: String) -> (Result<Response, CallError>, Option<Hold>) {
        match fate(delivery) {
            Some(Fate::Lost) => {
                (Err(CallError::Struck("it was never made, and the vendor takes it for accepted")), None)
            }
            Some(Fate::Reset) => (Err(CallError::Struck("the connection ended before a byte was sent")), None),
            _ => {
                let (callback, headers, body) = (&delivery.callback, &*delivery.headers, delivery.body.clone());
                let post = Call { callback, method: Method::POST, target, headers, body };
                self.answer(post, &format!("webhook answer:{}#{}", self.name(), delivery.number)).await
            }
        }
    }

    async fn deliver(self: &Arc<Self>, delivery: Delivery, sent: Option<WebhookGuard>) {
        let target = delivery.callback.target(&[]);
        let mut entry = self.entry(&Method::POST, self.redacted(&target));
        entry.fault = delivery.struck.as_ref().map(|struck| struck.applied.clone());
        let (answer, still) = self.made(&delivery, target).await;
        let now = self.sim.clock.now();
        let mut note = DeliveryNote {
            number: Some(delivery.number),
            attempt: delivery.attempt,
            events: delivery.events.iter().map(|record| record.event_id.to_string()).collect(),
            again: None,
        };
        let fate = fate(&delivery);
        let (content_type, body) = (content_type(&delivery.headers), delivery.body.clone());
        let (reception, end) = match &answer {
            Ok(response) => (Reception::Answered(response.status), WebhookEnd::Answered),
            Err(error) => (Reception::Failed(error.to_string()), ending(error)),
        };
        let reception = match fate {
            Some(Fate::Lost) => Reception::Answered(200),
            Some(Fate::AnswerLost) => Reception::Failed("the answer was lost".to_owned()),
            _ => reception,
        };
        let request_body = {
            let mut state = self.sim.state();
            let instance = &mut state.instances[self.app.0];
            instance.outbox.settle(self.rules, delivery, reception, now);
            let again = instance.outbox.attempts().last().and_then(|attempt| attempt.again);
            note.again = again.filter(|_| fate != Some(Fate::Extra));
            redact::body(&content_type, &body, SecretNames::new(&state, self.app))
        };
        self.write_down(Entry { request_body, ..entry }, &answer, note);
        self.plan();
        if answer.is_ok() {
            self.tell_harness(now);
        }
        end_webhook(sent, end);
        drop(still);
    }

    /// A process may be stopped by what it has just been told. Its answer has come, so there is none to withhold.
    fn tell_harness(&self, now: SimTime) {
        let nth = {
            let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            inner.answered += 1;
            inner.answered
        };
        // No request of the app's: a fault of all its routes does not count it.
        self.sim.delivery(&RouteHit { app: self.app, route: self.rules.route, nth, nth_of_app: 0, page: None, now });
    }

    /// Tries the addresses of a subscription before it is taken.
    async fn shake_hands(self: &Arc<Self>, proposal: &Proposal, asked_by: &str) -> Result<(), String> {
        let Handshake::Echo(echo) = &self.rules.handshake else { return Ok(()) };
        let news_to = proposal.term.news_to.as_ref().filter(|other| **other != proposal.callback);
        for (index, address) in std::iter::once(&proposal.callback).chain(news_to).enumerate() {
            let labels = ["webhook challenge", self.name(), asked_by, &index.to_string()];
            let number = self.sim.scenario.seed.number(&labels) % 10_000_000_000;
            let challenge = echo.wording.replace("{}", &number.to_string());
            self.try_address(echo, address, &challenge, proposal.verify_token.as_deref()).await?;
        }
        Ok(())
    }

    async fn try_address(
        &self,
        echo: &Echo,
        callback: &Callback,
        challenge: &str,
        verify_token: Option<&str>,
    ) -> Result<(), String> {
        let still = self.sim.clock.hold();
        let mut query: Vec<(&str, &str)> = echo.beside.to_vec();
        query.push((echo.challenge, challenge));
        query.extend(echo.verify_token.zip(verify_token));
        let target = callback.target(&query);
        let mut entry = self.entry(&echo.method, self.redacted(&target));
        let sent = self.sim.clock.send_webhook();
        let ask = Call { callback, method: echo.method.clone(), target, headers: &[], body: Bytes::new() };
        // The clock stands still, so an answer that waits for time to pass would never come.
        let within = self.sim.clock.patience(echo.answer_within);
        let answer = crate::clock::wall_timeout(within, call(ask)).await;
        let answer = answer.unwrap_or(Err(CallError::TimedOut(within)));
        let end = answer.as_ref().map_or_else(ending, |_| WebhookEnd::Answered);
        let verdict = match &answer {
            Err(error) => Err(error.to_string()),
            Ok(response) => stands(echo, response, challenge.as_bytes()),
        };
        if let (Err(why), Ok(_)) = (&verdict, &answer) {
            entry.reasons.push(format!("webhook: {why}"));
            entry.notes.refusal = Some(Refusal::Answer);
        }
        self.write_down(entry, &answer, DeliveryNote { number: None, attempt: 1, events: Vec::new(), again: None });
        end_webhook(sent, end);
        drop(still);
        verdict
    }

    /// The answer to a request, if it comes in time. What keeps the clock still comes with a timeout.
    async fn answer(&self, post: Call<'_>, name: &str) -> (Result<Response, CallError>, Option<Hold>) {
        let within = self.rules.answer_within;
        let late = self.sim.clock.alarm(self.sim.clock.now() + within, name);
        tokio::select! {
            biased;
            answer = call(post) => (answer, None),
            hold = late.due() => (Err(CallError::TimedOut(within)), hold),
        }
    }

    fn entry(&self, method: &Method, target: String) -> Entry {
        let now = self.sim.clock.now();
        Entry {
            seq: self.sim.journal.next_seq(),
            at: now,
            ended: now,
            app: self.name().to_owned(),
            route: format!("{}.{}", self.name(), self.rules.route),
            method: method.to_string(),
            target,
            caller: None,
            status: None,
            retry_after_s: None,
            request_body: None,
            fault: None,
            reasons: Vec::new(),
            notes: Notes::default(),
        }
    }

    fn write_down(&self, mut entry: Entry, answer: &Result<Response, CallError>, note: DeliveryNote) {
        entry.ended = self.sim.clock.now();
        entry.status = answer.as_ref().ok().map(|response| response.status);
        if let Err(error) = answer {
            entry.reasons.push(format!("webhook: {error}"));
            entry.notes.refusal = Some(Refusal::Answer);
        }
        entry.notes.delivery = Some(note);
        self.sim.journal.push(entry);
    }

    /// Path and query as the journal has them.
    fn redacted(&self, target: &str) -> String {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        redact::target(path, &decode_pairs(query.as_bytes()), SecretNames::new(&self.sim.state(), self.app))
    }

    fn name(&self) -> &str {
        &self.sim.scenario.apps[self.app.0].name
    }

    fn sources<'a>(&'a self, state: &'a State) -> Sources<'a> {
        self.sources_of(&state.timeline)
    }

    fn sources_of<'a>(&'a self, timeline: &'a Timeline) -> Sources<'a> {
        let (world, seed) = (&*self.sim.world, self.sim.scenario.seed);
        Sources { rules: self.rules, instance: &world.instances[self.app.0], world, seed, timeline }
    }
}

fn fate(delivery: &Delivery) -> Option<Fate> {
    delivery.struck.as_ref().map(|struck| struck.fate)
}

/// With what an instance signs: the key of its first subscription, else what every one of its apps is given.
fn signing_key(instance: &InstanceState) -> String {
    let first = instance.outbox.subscriptions().first().map(|s| s.terms.key.clone());
    first.unwrap_or_else(|| instance.tokens.client().client_secret.clone())
}

/// Whether an answer is what a handshake wants.
fn stands(echo: &Echo, response: &Response, challenge: &[u8]) -> Result<(), String> {
    let Response { status, content_type, body } = response;
    match echo.content_type.filter(|wanted| wanted != content_type) {
        _ if *status != 200 => Err(format!("it answered {status} to the handshake")),
        _ if **body != *challenge => Err("it answered 200, but not with the challenge alone".to_owned()),
        Some(wanted) => Err(format!("it answered with the content type `{content_type}`, not `{wanted}`")),
        None => Ok(()),
    }
}

fn ending(error: &CallError) -> WebhookEnd {
    match error {
        // Nothing was sent, so nobody counts it.
        CallError::Struck(_) => WebhookEnd::NotReached,
        CallError::NotReached(_) => WebhookEnd::NotReached,
        CallError::Broken => WebhookEnd::Answered,
        CallError::TimedOut(_) => WebhookEnd::GivenUp,
    }
}

fn end_webhook(sent: Option<WebhookGuard>, end: WebhookEnd) {
    if let Some(guard) = sent {
        guard.end(end);
    }
}

fn content_type(headers: &[(HeaderName, String)]) -> String {
    headers.iter().find(|(name, _)| name == header::CONTENT_TYPE).map(|(_, value)| value.clone()).unwrap_or_default()
}
