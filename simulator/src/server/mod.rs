//! Sockets: a listener an instance and one for the control plane, all on loopback unless said.
//!
//! Each exchange goes the same way (`pipeline`): counted in, routed, met by a fault or not, authenticated, limited,
//! handled by the vendor's room, written to the journal, counted out. A connection speaks http or, where the server has
//! an authority, https on the same port (`connection`). Behind the proxy (`proxy`) and in hosts mode the name that a
//! client asks for picks the instance (`names`). What vendors send by themselves goes out through `courier`;
//! what an agent on the customer's side forwards, through `siem_agent`.

pub(crate) mod admission;
mod broken;
mod call;
mod connection;
mod courier;
mod draft;
mod elsewhere;
mod listen;
mod names;
mod pipeline;
mod proxy;
pub(crate) mod redact;
pub(crate) mod routes;
mod siem_agent;

pub(crate) use courier::Couriers;
pub use elsewhere::ROUTE as ELSEWHERE;
pub use listen::{GeoFiles, Listen, Running, ServeError, ServeOptions, start};
pub use names::{NameError, Names};
pub(crate) use pipeline::{CALLBACK, http_date};
pub use siem_agent::{SyslogTarget, SyslogTargetError, forward};
