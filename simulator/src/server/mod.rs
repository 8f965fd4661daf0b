//! Sockets: a listener an instance and one for the control plane, all on loopback unless said.
//!
//! Each exchange goes the same way ([`pipeline`]): counted in, routed, met by a fault or not, authenticated, limited,
//! handled by the vendor's room, written to the journal, counted out. What vendors send by themselves goes out through
//! [`courier`].

mod call;
mod courier;
mod listen;
mod pipeline;
mod redact;
pub(crate) mod routes;

pub(crate) use courier::Couriers;
pub use listen::{GeoFiles, Listen, Running, ServeError, ServeOptions, start};
pub(crate) use pipeline::CALLBACK;
