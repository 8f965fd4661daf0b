//! What a vendor is declared from: plain values, read by the server, by `simulator vendors` and by tests.
//!
//! | block | says |
//! |---|---|
//! | [`feed`] | how a log is windowed, ordered and paged |
//! | [`credentials`] | which grants are accepted, what tokens look like and how they end |
//! | [`limiter`] | how much a client may ask, and how it is told |
//! | [`dialect`] | one list of failures, rendered in the vendor's manner |
//! | [`directory`] | users and the lifecycle verbs |
//! | [`exchange`] | the route, the request, the answer that the blocks meet in |

pub mod credentials;
pub mod dialect;
pub mod directory;
pub mod exchange;
pub mod feed;
pub mod limiter;
