//! The command as its users meet it: real processes, real ports, loopback only.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop loudly")]

mod action;
mod bad_input;
mod bad_paths;
mod book;
mod dependencies;
mod hostile;
mod main_job;
mod negative_controls;
mod orphans;
mod proof;
mod scores;
mod snapshots;
mod strangers;
mod support;
mod tidy;
