//! Webhooks: what a vendor sends by itself, declared as a value.
//!
//! | file | says |
//! |---|---|
//! | `rules` | the declaration: topics, handshake, batches, signatures, retries |
//! | `callback` | which addresses may be sent to: loopback, and nothing else |
//! | `subscription` | what was agreed with a receiver, and for how long |
//! | `outbox` | the subscriptions of an instance, what waits to be sent, what became of it |
//!
//! Here is only what a vendor says and what an instance remembers. Requests are made by the server, one delivery at a
//! time, each released by the clock like every timer; so faults that forge, replay, double or reorder deliveries
//! ([`crate::fault`]) know nothing but the [`Outbox`].

mod callback;
mod outbox;
mod rules;
mod subscription;
#[cfg(test)]
mod tests;

pub use callback::{Callback, CallbackError};
pub use outbox::{Attempt, Delivery, Fate, Outbox, Reception, Seal, Sources, Struck};
pub use rules::{
    Algorithm, Beside, Derived, Echo, Handshake, Lifecycle, Message, News, Occasion, PerTopic, Retries, Signature,
    Topic, Webhooks,
};
pub use subscription::{Proposal, Subscription, Term};
