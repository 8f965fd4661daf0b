//! A line of the report as JSON: the envelope and the four kinds of body.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use simulator::time::SimTime;

use super::action::ActionBody;
use super::alert::AlertBody;
use super::event::EventBody;
use super::status::StatusBody;

/// Version of the contract that this crate speaks.
pub const VERSION: u64 = 1;

/// One line of the report.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Envelope {
    /// Version of the contract: 1.
    #[schemars(range(min = 1, max = 1))]
    pub v: u64,
    /// Number of the line, strictly growing over the life of the state directory.
    pub seq: u64,
    /// When the stack wrote it.
    #[schemars(with = "String")]
    pub emitted_at: SimTime,
    /// What it says.
    #[serde(flatten)]
    pub record: Record,
}

/// The four kinds.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum Record {
    /// Something a vendor recorded.
    Event(Box<EventBody>),
    /// Something a policy found.
    Alert(Box<AlertBody>),
    /// Something done about it.
    Action(Box<ActionBody>),
    /// How the stack is.
    Status(Box<StatusBody>),
}
