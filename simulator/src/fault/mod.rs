//! What goes wrong between vendor and stack, as data: which request meets which fault, and how often each has bitten.
//!
//! Deterministic: decided by the order of requests and by simulated time alone. Faults that bend records (`late`,
//! `redeliver`) are the [timeline](crate::timeline)'s; they are counted here all the same.

mod plan;

pub use plan::{Bite, FaultPlan, Hit};
