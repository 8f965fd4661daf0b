//! TLS with certificates made for one run.
//!
//! A run makes its own certificate authority and forgets the key when it ends; only the authority's certificate is
//! written to a file, for clients to trust. Nothing here is drawn from a scenario's seed, on purpose: whoever could
//! guess the key could sign for any name towards everybody who trusts the file.

mod acceptors;
mod authority;
mod reach;
mod trust;

pub(crate) use acceptors::Acceptors;
pub use authority::{Authority, TlsError};
pub use reach::{PROXIES, Reach};
pub use trust::{TrustVariable, VARIABLES};
