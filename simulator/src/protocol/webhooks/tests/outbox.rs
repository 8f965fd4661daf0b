//! What an outbox does with the deliveries that wait, with faults among them.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderName;
use serde_json::Value;

use super::*;
use crate::clock::ClockMode;
use crate::journal::AppliedFault;
use crate::scenario::SignIn;
use crate::simulation::Simulation;
use crate::time::SimTime;
use crate::vendors::testing::story;

const MINUTE: Duration = Duration::from_secs(60);
const KEY: &str = "the key of the subscription";
const T0: SimTime = SimTime::from_ms(1_000_000);

/// Signed, and tried twice.
static RULES: Webhooks = Webhooks {
    route: "webhook",
    silent: &[],
    topics: &[Topic { name: "people", feed: "log", fields: &[] }],
    beside: Beside::Log,
    per_topic: PerTopic::Many,
    handshake: Handshake::None,
    derived: None,
    wants: |_, _, _| true,
    gather: Duration::ZERO,
    batch_max: 1,
    compose: |occasion| message(occasion.number),
    signatures: &[Signature { header: "x-signature", prefix: "", algorithm: Algorithm::Sha256 }],
    answer_within: MINUTE,
    retries: Retries { first: &[MINUTE], then_every: None, give_up_after: MINUTE },
    lifecycle: None,
    source: "ours",
};

fn message(number: u64) -> Message {
    Message { headers: Vec::new(), body: Bytes::from(format!("delivery {number}")) }
}

/// One subscription until an hour from now, and so many deliveries that are due.
fn outbox(deliveries: u32) -> Outbox {
    let mut outbox = Outbox::default();
    let proposal = Proposal {
        topic: "people",
        fields: Vec::new(),
        callback: Callback::parse("http://127.0.0.1:9/hooks").unwrap(),
        verify_token: None,
        key: KEY.to_owned(),
        content_type: "application/json",
        reference: None,
        shown: Value::Null,
        term: Term { ends: Some(T0 + 60 * MINUTE), news_to: None },
    };
    let id = outbox.subscribe(&RULES, proposal, T0);
    (0..deliveries).for_each(|_| outbox.send(&RULES, id, |number, _| message(number), T0));
    outbox
}

fn applied() -> AppliedFault {
    AppliedFault { kind: "a fault".to_owned(), line: 1 }
}

fn signature(delivery: &Delivery) -> Option<&str> {
    let header = HeaderName::from_static("x-signature");
    delivery.headers.iter().find(|(name, _)| *name == header).map(|(_, value)| value.as_str())
}

#[test]
fn what_is_not_accepted_is_tried_as_the_rules_say_and_noted_each_time() {
    let mut outbox = outbox(1);
    let first = outbox.take(T0).unwrap();
    let body = first.body.clone();
    outbox.settle(&RULES, first, Reception::Answered(500), T0);
    assert!(outbox.take(T0 + MINUTE / 2).is_none());
    let second = outbox.take(T0 + MINUTE).unwrap();
    assert_eq!((second.attempt, &second.body), (2, &body));
    outbox.settle(&RULES, second, Reception::Failed("nobody listens".to_owned()), T0 + MINUTE);
    assert!(outbox.take(T0 + 60 * MINUTE).is_none(), "it is dropped");
    let noted: Vec<_> = outbox.attempts().map(|a| (a.attempt, a.again)).collect();
    assert_eq!(noted, [(1, Some(T0 + MINUTE)), (2, None)]);
}

#[test]
fn a_copy_is_made_beside_and_its_fate_changes_nothing() {
    let mut outbox = outbox(1);
    let own = outbox.take(T0).unwrap();
    outbox.copy(&own, applied(), T0);
    outbox.settle(&RULES, own.clone(), Reception::Answered(200), T0);
    let copy = outbox.take(T0).unwrap();
    assert_eq!((copy.number, &copy.body), (own.number, &own.body));
    assert_eq!(copy.struck.as_ref().map(|s| s.fate), Some(Fate::Extra));
    outbox.settle(&RULES, copy, Reception::Answered(500), T0);
    assert!(outbox.take(T0 + 60 * MINUTE).is_none(), "nobody tries it again");
    assert_eq!(outbox.attempts().count(), 1);
}

#[test]
fn what_is_held_back_goes_right_after_the_next_or_when_none_comes() {
    let late = T0 + 30 * MINUTE;
    let mut two = outbox(2);
    let first = two.take(T0).unwrap();
    two.hold_back(first, late);
    let second = two.take(T0).unwrap();
    assert_eq!((second.number, two.take(T0).is_none()), (2, true));
    two.settle(&RULES, second, Reception::Answered(200), T0 + MINUTE);
    assert_eq!(two.take(T0 + MINUTE).map(|d| d.number), Some(1));

    let mut alone = outbox(1);
    let only = alone.take(T0).unwrap();
    alone.hold_back(only, late);
    assert!(alone.take(late - MINUTE).is_none());
    assert_eq!(alone.take(late).map(|d| d.number), Some(1));
}

#[test]
fn a_subscription_in_force_is_prolonged_and_one_that_is_over_is_not() {
    let mut outbox = outbox(0);
    let mut renew = |now| outbox.renew(&RULES, |s| s.id == 1, T0 + 120 * MINUTE, now).map(|s| s.terms.term.ends);
    assert_eq!(renew(T0 + 59 * MINUTE), Some(Some(T0 + 120 * MINUTE)));
    assert_eq!(renew(T0 + 119 * MINUTE), Some(Some(T0 + 120 * MINUTE)));
    assert_eq!(renew(T0 + 120 * MINUTE), None);
}

#[test]
fn nothing_that_is_forged_bears_the_signature_of_the_key() {
    let sim = Simulation::new(story(SignIn::Password, &["ann"]), ClockMode::Virtual).unwrap();
    let state = sim.state();
    let instance = &sim.world.instances[0];
    let (world, seed, timeline) = (&*sim.world, sim.scenario.seed, &state.timeline);
    let from = Sources { rules: &RULES, instance, world, seed, timeline };
    let other = || Seal::Key("another key".to_owned());
    for seal in [Seal::None, other(), Seal::Overheard] {
        let mut outbox = outbox(1);
        let overheard = outbox.take(T0).unwrap();
        let right = |d: &Delivery| Algorithm::Sha256.hmac(KEY, &d.body);
        assert_eq!(signature(&overheard), Some(right(&overheard).as_str()));
        let struck = Struck { applied: applied(), fate: Fate::Extra };
        outbox.forge(&from, &overheard, &[], &seal, struck, T0);
        let forged = outbox.take(T0).unwrap();
        assert!(forged.number != overheard.number && forged.body != overheard.body, "{seal:?}");
        let expected = match &seal {
            Seal::None => None,
            Seal::Key(key) => Some(Algorithm::Sha256.hmac(key, &forged.body)),
            Seal::Overheard => signature(&overheard).map(str::to_owned),
        };
        assert_eq!(signature(&forged), expected.as_deref(), "{seal:?}");
        assert_ne!(signature(&forged), Some(right(&forged).as_str()), "{seal:?}");
    }
}
