//! Status: how the stack is. Small, and not OCSF.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Body of a `status`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StatusBody {
    /// Which state was reached.
    pub phase: Phase,
    /// Instance it speaks of; the stack as a whole without one.
    pub app: Option<String>,
    /// Where the administrator has to go (`consent_needed`).
    pub authorize_url: Option<String>,
    /// Why (`degraded`): `gap` for records that cannot be had any more.
    pub reason: Option<String>,
    /// Event time up to which evaluation is complete. Checked, never trusted.
    pub watermark: Option<String>,
    /// Whatever else it carries: `cursors`, `counters`, `from`, `to`.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// States of a stack or of one of its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// An administrator has to consent.
    ConsentNeeded,
    /// An instance can be read.
    Connected,
    /// A baseline is being learned.
    Learning,
    /// Listeners are up.
    Ready,
    /// Something does not work.
    Degraded,
    /// Everything taken in has been dealt with.
    Drained,
}

impl StatusBody {
    /// The rules beyond the types.
    pub fn check(&self) -> Result<(), String> {
        match self.phase {
            Phase::ConsentNeeded if self.app.is_none() || self.authorize_url.is_none() => {
                Err("consent_needed needs app and authorize_url".to_owned())
            }
            Phase::Connected if self.app.is_none() => Err("connected needs app".to_owned()),
            Phase::Degraded if self.reason.is_none() => Err("degraded needs a reason".to_owned()),
            _ => Ok(()),
        }
    }
}
