//! Sockets: a listener an instance and one for the control plane, all on loopback unless said.
//!
//! Each exchange goes the same way ([`pipeline`]): counted in, routed, met by a fault or not, authenticated, limited,
//! handled by the vendor's room, written to the journal, counted out.

mod elsewhere;
mod listen;
mod pipeline;
mod redact;
pub(crate) mod routes;

pub use elsewhere::ROUTE as ELSEWHERE;
pub use listen::{GeoFiles, Listen, Running, ServeError, ServeOptions, start};
