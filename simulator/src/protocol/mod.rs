//! What a vendor is declared from: plain values, read by the server, by `simulator vendors` and by tests.
//!
//! | block | says |
//! |---|---|
//! | [`feed`] | how a log is windowed, ordered and paged |
//! | [`credentials`] | which grants are accepted, what tokens look like and how they end |
//! | [`limiter`] | how much a client may ask, and how it is told |
//! | [`dialect`] | one list of failures, rendered in the vendor's manner |
//! | [`directory`] | users and the lifecycle verbs |
//! | [`webhooks`] | what a vendor sends by itself |
//! | [`scim`] | what is served under SCIM: schemas, filters, PATCH, pages |
//!
//! Beside the blocks: [`exchange`] is the route, the request and the answer they meet in, [`pages`] follows a client
//! through the pages of a list, [`links`] names them in a header, [`form`] reads parameters, [`consent`] is the page an
//! administrator meets, [`shelf`] what clients make through an API, [`drawer`] what a vendor keeps for itself, [`signing`]
//! the published test key, [`validators`] tags what was answered, [`mailbox`] holds what was sent to people, [`security`]
//! what one product finds and another tells.

pub mod consent;
pub mod credentials;
pub mod dialect;
pub mod directory;
pub mod drawer;
pub mod exchange;
pub mod feed;
pub mod form;
pub mod limiter;
pub mod links;
pub mod mailbox;
pub mod pages;
pub mod scim;
pub mod security;
pub mod shelf;
pub mod signing;
pub mod validators;
pub mod webhooks;
