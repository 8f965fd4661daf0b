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
    /// What becomes of the health alert about that instance (`degraded`: raised, `connected`: cleared).
    pub health: Option<Health>,
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
    /// An administrator has consented, and the instance is being read for the first time.
    Connecting,
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

/// What becomes of the health alert about a connector, which tells people that its app is not watched. Defender for Cloud
/// Apps raises `ALERT_MANAGEMENT_DISCONNECTED_API`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It stands from now on: the connector does not work.
    Raised,
    /// It is over: the connector works again.
    Cleared,
}

impl StatusBody {
    /// The rules beyond the types.
    pub fn check(&self) -> Result<(), String> {
        match self.phase {
            Phase::ConsentNeeded if self.app.is_none() || self.authorize_url.is_none() => {
                Err("consent_needed needs app and authorize_url".to_owned())
            }
            Phase::Connecting if self.app.is_none() => Err("connecting needs app".to_owned()),
            Phase::Connected if self.app.is_none() => Err("connected needs app".to_owned()),
            phase if self.health.is_some_and(|health| phase != health.told_with()) || self.health_of_nobody() => {
                Err("health is `raised` with degraded and `cleared` with connected, and needs app".to_owned())
            }
            Phase::Degraded if self.reason.is_none() => Err("degraded needs a reason".to_owned()),
            _ => Ok(()),
        }
    }

    fn health_of_nobody(&self) -> bool {
        self.health.is_some() && self.app.is_none()
    }
}

impl Health {
    /// The state that it is told with.
    fn told_with(self) -> Phase {
        match self {
            Self::Raised => Phase::Degraded,
            Self::Cleared => Phase::Connected,
        }
    }
}
