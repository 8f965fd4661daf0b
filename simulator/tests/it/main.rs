//! The simulator over real sockets, loopback only.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop loudly")]

mod book;
mod clock;
mod command;
mod consent;
mod delivery_faults;
mod exchanges;
mod exec;
mod faults;
mod faults_by_hand;
mod judged;
mod notifications;
mod support;
mod tls;
mod webhooks;
