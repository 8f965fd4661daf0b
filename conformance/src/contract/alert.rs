//! Alerts: what a policy found, as an OCSF detection finding (2004) or incident finding (2005).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ocsf::{Base, Observable};

/// Classes an alert may have.
pub const CLASSES: [u64; 2] = [2004, 2005];

/// Body of an `alert`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AlertBody {
    /// What every class carries.
    #[serde(flatten)]
    pub base: Base,
    /// What was found (class 2004).
    pub finding_info: Option<FindingInfo>,
    /// What was found (class 2005): the first is the alert.
    pub finding_info_list: Option<Vec<FindingInfo>>,
    /// 1 new, 2 in progress, 3 suppressed, 4 resolved, 5 archived, 6 deleted.
    pub status_id: Option<u64>,
    /// The principal: type 31 (user id) and type 5 (e-mail address).
    #[serde(default)]
    pub observables: Vec<Observable>,
    /// Whatever else it carries: `evidences`, `unmapped`.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The heart of a finding.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FindingInfo {
    /// Stable: an update carries the same.
    pub uid: String,
    /// For people.
    pub title: Option<String>,
    /// Which policy found it.
    pub analytic: Option<Analytic>,
    /// The vendor's ids of the events it rests on.
    #[serde(default)]
    pub related_events: Vec<RelatedEvent>,
    /// Whatever else it carries.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Which policy found it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Analytic {
    /// The policy's name in the connections document, or one of its ids in `stack.yaml`.
    pub uid: Option<String>,
    /// Whatever else it carries.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// An event it rests on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RelatedEvent {
    /// The vendor's event id.
    pub uid: Option<String>,
    /// Type of that event.
    pub type_uid: Option<u64>,
    /// Whatever else it carries.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl AlertBody {
    /// The finding, of either class.
    pub fn finding(&self) -> Option<&FindingInfo> {
        self.finding_info.as_ref().or_else(|| self.finding_info_list.as_ref()?.first())
    }

    /// The rules beyond the types: what an alert cannot be judged without.
    pub fn check(&self) -> Result<(), String> {
        self.base.check(&CLASSES)?;
        let finding = self.finding().ok_or("finding_info is missing")?;
        if finding.uid.is_empty() {
            return Err("finding_info.uid is empty".to_owned());
        }
        if finding.analytic.as_ref().and_then(|a| a.uid.as_deref()).unwrap_or_default().is_empty() {
            return Err("finding_info.analytic.uid (the policy) is missing".to_owned());
        }
        if finding.related_events.is_empty() {
            return Err("finding_info.related_events is empty: an alert names the events it rests on".to_owned());
        }
        if finding.related_events.iter().any(|e| e.uid.is_none()) {
            return Err("finding_info.related_events[] without uid".to_owned());
        }
        if !matches!(self.base.activity_id, 1..=3) {
            return Err(format!(
                "activity_id {} is neither create (1), update (2) nor close (3)",
                self.base.activity_id
            ));
        }
        let principal = self.observables.iter().any(|o| matches!(o.type_id, 5 | 31) && o.value.is_some());
        if principal { Ok(()) } else { Err("observables name no principal (type_id 31 or 5)".to_owned()) }
    }
}
