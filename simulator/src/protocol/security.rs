//! What a product that watches others has found, as a plain value: a directory tells it to whoever asks there.

use std::sync::Arc;

use crate::seed::Seed;
use crate::time::SimTime;
use crate::timeline::{Record, Timeline};
use crate::world::{Instance, PersonIndex, World};

/// An alert of a product, or a behavior: what it has found and calls nobody for.
#[derive(Clone, Debug)]
pub struct SecurityAlert {
    /// The product's id of it.
    pub id: String,
    /// Whether it is a behavior.
    pub is_behavior: bool,
    /// What it is called.
    pub title: &'static str,
    /// What happened.
    pub description: String,
    /// 0 low, 1 medium, 2 high.
    pub severity: u8,
    /// The tactic, as Graph writes it: `InitialAccess`.
    pub category: &'static str,
    /// The product's id of the policy.
    pub policy_id: String,
    /// Where it is looked at.
    pub url: String,
    /// Whose doing it is.
    pub person: PersonIndex,
    /// The records it rests on, oldest first.
    pub evidence: Vec<Arc<Record>>,
    /// The apps it happened in.
    pub apps: Vec<AffectedApp>,
    /// When it was made.
    pub made: SimTime,
}

/// An app that an alert speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedApp {
    /// The product's id of it.
    pub id: u32,
    /// Its name for people.
    pub name: String,
    /// The number of its instance.
    pub instance: u32,
}

/// A line of syslog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When what it tells became known.
    pub at: SimTime,
    /// The line, without its end.
    pub text: String,
}

/// The lines of what an instance learns after one moment and up to another, in that order.
pub type Stream = fn(&World, &Instance, &Timeline, Seed, (SimTime, SimTime)) -> Vec<Line>;

/// The alerts and behaviors that an instance has raised by a moment.
pub type Alerts = fn(&World, &Instance, &Timeline, Seed, SimTime) -> Vec<SecurityAlert>;
