//! What faults make of webhook deliveries.
//!
//! A forged delivery says that somebody else did the same an hour earlier. No vendor that signs its deliveries signs a time
//! with them, so what is old and rightly signed is a `replay`. Where nothing is signed, by the vendor or for want of a key,
//! nothing can be forged.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;

use super::Bite;
use crate::protocol::webhooks::{Delivery, Fate, Outbox, Seal, Sources, Struck};
use crate::scenario::{FaultKind, ForgedSignature};
use crate::time::SimTime;
use crate::timeline::Record;
use crate::vendors;
use crate::world::PersonIndex;

/// How long a delivery waits at most for one that overtakes it.
pub const LONGEST_HOLD: Duration = Duration::from_secs(3_600);

/// How much earlier the invented happened.
const EARLIER: Duration = Duration::from_secs(3_600);

/// A key that is nobody's.
const NOBODYS_KEY: &str = "nobody-was-ever-given-this-key";

/// Lets a fault strike a delivery that is about to be made; none if it is not made now. `tenant_key` signs for another
/// instance of the vendor.
pub(crate) fn strike(
    bite: Bite,
    delivery: Delivery,
    outbox: &mut Outbox,
    from: &Sources<'_>,
    tenant_key: Option<&str>,
    now: SimTime,
) -> Option<Delivery> {
    let applied = bite.applied;
    let fated = |fate, delivery: Delivery| delivery.struck_by(Struck { applied: applied.clone(), fate });
    match bite.kind {
        FaultKind::Slow { by } => outbox.postpone(fated(Fate::Made, delivery), now + by),
        FaultKind::Reorder => outbox.hold_back(fated(Fate::Made, delivery), now + LONGEST_HOLD),
        FaultKind::LoseDelivery => return Some(fated(Fate::Lost, delivery)),
        FaultKind::Reset => return Some(fated(Fate::Reset, delivery)),
        FaultKind::LoseAnswer => return Some(fated(Fate::AnswerLost, delivery)),
        FaultKind::NewestSignature => {
            let older = from.rules.signatures.iter().filter(|s| s.header != from.rules.newest_signature());
            let older: Vec<&str> = older.map(|signature| signature.header).collect();
            let mut delivery = fated(Fate::Made, delivery);
            delivery.headers.retain(|(name, _)| !older.contains(&name.as_str()));
            return Some(delivery);
        }
        FaultKind::ReverseEvents => {
            let events: Vec<_> = delivery.events.iter().rev().cloned().collect();
            return Some(outbox.recomposed(from, fated(Fate::Made, delivery), &events, now));
        }
        FaultKind::RepeatEvent => {
            let events: Vec<_> = delivery.events.first().into_iter().chain(&delivery.events).cloned().collect();
            return Some(outbox.recomposed(from, fated(Fate::Made, delivery), &events, now));
        }
        FaultKind::SpoilEvent => {
            let mut events = delivery.events.clone();
            let mut delivery = fated(Fate::Made, delivery);
            if let Some(first) = events.first_mut() {
                *first = Arc::new(Record { body: Bytes::from_static(b"null"), ..(**first).clone() });
                // What is spoilt brings nobody anything.
                delivery.events.remove(0);
            }
            return Some(outbox.recomposed(from, delivery, &events, now));
        }
        FaultKind::Unsubscribe => {
            outbox.unsubscribe(|subscription| subscription.id == delivery.subscription);
            return Some(fated(Fate::Lost, delivery));
        }
        FaultKind::Duplicate => {
            outbox.copy(&delivery, applied, now);
            return Some(delivery);
        }
        FaultKind::Replay { after } => {
            outbox.copy(&delivery, applied, now + after);
            return Some(delivery);
        }
        FaultKind::Forge { signature } => {
            let seal = match signature {
                ForgedSignature::None => Seal::None,
                ForgedSignature::Wrong => Seal::Key(NOBODYS_KEY.to_owned()),
                ForgedSignature::OtherTenant => Seal::Key(tenant_key.unwrap_or(NOBODYS_KEY).to_owned()),
                ForgedSignature::OtherBody => Seal::Overheard,
            };
            let struck = Struck { applied, fate: Fate::Extra };
            outbox.forge(from, &delivery, &invented(&delivery.events, from), &seal, struck, now);
            return Some(delivery);
        }
        // The reader lets no other kind be written on a webhook's route.
        _ => return Some(delivery),
    }
    None
}

fn invented(events: &[Arc<Record>], from: &Sources<'_>) -> Vec<Arc<Record>> {
    let Sources { instance, world, seed, .. } = *from;
    let has_account = |index: &usize| world.people[*index].accounts.contains_key(&instance.app);
    let invent = |record: &Arc<Record>| {
        let mut activity = (*record.activity).clone();
        let stranger = (0..world.people.len()).filter(has_account).map(PersonIndex).find(|p| *p != activity.actor);
        activity.actor = stranger.unwrap_or(activity.actor);
        activity.occurred = activity.occurred - EARLIER;
        let records = (vendors::spec(instance.vendor).records)(&Arc::new(activity), world, instance, seed);
        records.into_iter().find(|invented| invented.log == record.log).map(Arc::new)
    };
    events.iter().filter_map(invent).collect()
}
