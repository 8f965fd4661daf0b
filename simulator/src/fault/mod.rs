//! What goes wrong between vendor and stack, as data: which request meets which fault, and how often each has bitten.
//!
//! Deterministic: decided by the order of requests and by simulated time alone.
//!
//! | a fault of | is carried out by |
//! |---|---|
//! | the answer, the credentials, the effect | [`strike`], whose places the server's way of an exchange comes to |
//! | a page | [`crate::protocol::pages`]; `new_records` the [timeline](crate::timeline) |
//! | the token answer's life | [`expiry`] |
//! | how many are under way at once | [`crowd`] |
//! | the bytes of a body | [`cut`], [`drip`], [`gzip`] |
//! | a connection's certificate | the [authority](crate::tls::Authority), which makes bad ones too |
//! | a webhook delivery | [`deliveries`], which bends what the [outbox](crate::protocol::webhooks::Outbox) holds |
//! | records | the timeline's renderer, with [`alter`] and [`skew`]; they are counted here all the same |

pub(crate) mod alter;
pub(crate) mod crowd;
pub(crate) mod cut;
pub(crate) mod deliveries;
pub(crate) mod drip;
pub(crate) mod expiry;
pub(crate) mod gzip;
mod plan;
pub(crate) mod skew;
pub(crate) mod strike;

pub use deliveries::LONGEST_HOLD;
pub use plan::{Bite, Course, FaultPlan, Hit, Told};
