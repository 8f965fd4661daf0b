//! What analysts and clients have made of a tenant: only differences are held.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use crate::protocol::exchange::Context;
use crate::time::SimTime;

/// What has become of the tenant that is asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Tenant {
    /// What was done with alerts, by id.
    pub(super) handled: BTreeMap<String, Handling>,
    /// What was done to files, by id.
    pub(super) files: BTreeMap<String, FileState>,
    /// The governance log, oldest first; bounded.
    pub(super) tasks: VecDeque<Value>,
    /// How many flows there ever were.
    pub(super) flows: u64,
    /// How many tasks there ever were.
    pub(super) tasks_made: u64,
    /// Whether the organisation's own ranges were put on the shelf.
    pub(super) ranges_made: bool,
}

/// What was done to a file.
#[derive(Clone, Debug, Default)]
pub(super) struct FileState {
    /// Who may see it, from 0 (its owner) to 4 (everybody); none if still as it was made.
    pub(super) access: Option<u8>,
    /// Whether it is in quarantine.
    pub(super) quarantined: bool,
    /// Whether it is in the bin.
    pub(super) trashed: bool,
    /// Whether it was given a label.
    pub(super) labelled: bool,
}

/// What was done with an alert.
#[derive(Clone, Debug, Default)]
pub(super) struct Handling {
    /// Whether it was read; none if nobody said.
    pub(super) read: bool,
    /// How it was closed, if it is.
    pub(super) closed: Option<Closed>,
}

/// How an alert was closed.
#[derive(Clone, Debug)]
pub(super) struct Closed {
    /// Number of the resolution: 3 false positive, 4 benign, 5 true positive.
    pub(super) resolution: u8,
    /// What was said.
    pub(super) comment: Option<String>,
    /// By whom.
    pub(super) by: String,
    /// When.
    pub(super) at: SimTime,
}

impl Tenant {
    /// Of the instance that is asked.
    pub(super) fn of<'a>(ctx: &'a mut Context<'_>) -> &'a mut Self {
        ctx.instance_state().drawer.of()
    }
}
