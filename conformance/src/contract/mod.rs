//! What a stack says to the harness: typed, checked line by line, and brought to the few facts a judge needs.
//!
//! | part | is |
//! |---|---|
//! | [`envelope`] | `{"v":1,"kind":…,"seq":…,"emitted_at":…,"body":…}` and the four kinds of body |
//! | [`ocsf`] | the OCSF 1.8.0 objects the contract relies on; attributes it does not know are kept and ignored |
//! | [`event`], [`alert`], [`action`], [`status`] | the bodies, each with the rules that a JSON Schema cannot say |
//! | [`line`](mod@line) | a line of the report brought to what is judged, strictly or leniently |
//! | [`declares`] | what a stack promises in its `stack.yaml` |
//! | [`schema`] | the JSON Schema of all that, committed as `conformance/contract.schema.json` |
//!
//! # Not checked
//! Attributes that the contract does not need: whether `http_request` or `device` are well-formed OCSF is the business
//! of a schema validator. Our own samples are held against the OCSF subset in this module's tests.
//!
//! # Sources
//! The classes are those of OCSF 1.8.0, <https://schema.ocsf.io/1.8.0/>; `docs/src/contract.md` lays the contract out.

pub mod action;
pub mod alert;
pub mod declares;
pub mod envelope;
pub mod event;
pub mod line;
pub mod ocsf;
pub mod schema;
pub mod status;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

pub use declares::{Actions, Backfill, CONSENTS, DeclaredPolicy, Declares, DeliveryPromise, Profile, StackClock};
pub use line::{Action, Alert, Asked, Event, Glance, Line, Malformed, Principal, Said, Status, UNREADABLE, read_line};
