//! What Graph's callers have changed about a tenant, beside what the timeline knows (accounts, sessions, grants).
//!
//! Only differences from the world are held, so a large organisation costs nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value};

use super::delta::Walk;
use super::oauth::authorize::Asked;
use super::oauth::device::DeviceCode;
use super::objects::Kind;
use super::risk::Decision;
use crate::protocol::exchange::Context;
use crate::time::SimTime;

/// Properties of an object, by name.
pub(super) type Properties = Map<String, Value>;

/// Differences from the world.
#[derive(Clone, Debug, Default)]
pub(super) struct Tenant {
    /// Properties that were set later, by object id.
    pub(super) patches: BTreeMap<String, Properties>,
    /// Objects that were made through Graph, by id.
    pub(super) made: BTreeMap<String, (Kind, Properties)>,
    /// When objects were deleted, by id. People who were are the timeline's.
    pub(super) deleted: BTreeMap<String, SimTime>,
    /// Objects that were deleted for good.
    pub(super) purged: BTreeSet<String>,
    /// Memberships that were added or taken away: link, group, object.
    pub(super) links: BTreeMap<(Link, String, String), Linked>,
    /// Delegated grants that were given or narrowed through Graph, by id.
    pub(super) grants: BTreeMap<String, Value>,
    /// App role assignments that were given through Graph, by id.
    pub(super) assignments: BTreeMap<String, Value>,
    /// Ids of grants and assignments that were taken away.
    pub(super) withdrawn: BTreeSet<String>,
    /// What administrators have said of risky users, oldest first, by user id.
    pub(super) decisions: BTreeMap<String, Vec<Decision>>,
    /// What administrators have said of sign-ins last, by request id.
    pub(super) sign_ins_decided: BTreeMap<String, Decision>,
    /// What analysts have said of security alerts and incidents, by id.
    pub(super) triage: BTreeMap<String, Properties>,
    /// What authorization codes were asked for with, oldest first.
    pub(super) asked: VecDeque<(String, Asked)>,
    /// Device codes, oldest first.
    pub(super) devices: VecDeque<DeviceCode>,
    /// Delta rounds under way, oldest first, with their numbers.
    pub(super) walks: VecDeque<(u32, Walk)>,
    /// How many ids were drawn.
    drawn: u32,
}

/// How an object belongs to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Link {
    /// As a member.
    Members,
    /// As an owner.
    Owners,
}

/// Whether an object belongs to a group, against what the world says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Linked {
    /// It was added.
    Yes,
    /// It was taken away.
    No,
}

/// Most entries of each of the lists that clients make longer; the oldest go first.
const CAPACITY: usize = 1_024;

impl Tenant {
    /// What has become of the tenant that is asked.
    pub(super) fn of<'a>(ctx: &'a mut Context<'_>) -> &'a mut Self {
        ctx.instance_state().drawer.of()
    }

    /// A number that nothing else in this tenant was drawn with.
    pub(super) fn draw(&mut self) -> u32 {
        self.drawn += 1;
        self.drawn
    }
}

/// Appends, and forgets the oldest beyond the capacity.
pub(super) fn keep<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() == CAPACITY {
        list.pop_front();
    }
    list.push_back(item);
}
