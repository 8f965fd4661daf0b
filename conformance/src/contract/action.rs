//! Actions: what a stack says it did about an alert, as an OCSF remediation activity (7001).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ocsf::Base;

/// The class of actions.
pub const CLASS: u64 = 7001;

/// Body of an `action`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ActionBody {
    /// What every class carries.
    #[serde(flatten)]
    pub base: Base,
    /// Idempotency key: one command, one record.
    pub command_uid: String,
    /// 1 done, 2 failed, 3 does not exist, 4 partial, 5 unsupported, 6 error.
    pub status_id: Option<u64>,
    /// What was done to whom.
    pub unmapped: ActionDetails,
    /// Whatever else it carries.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// What was done to whom.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ActionDetails {
    /// The scenario language's word: `suspend`, `require_sign_in`, `notify`, ….
    pub action: String,
    /// `finding_info.uid` of the alert it answers.
    pub alert_uid: Option<String>,
    /// The vendor's id of the user acted upon.
    pub target_user_uid: Option<String>,
    /// Object id of that user in the directory.
    pub idp_object_id: Option<String>,
    /// Which attempt succeeded or was the last, from 1.
    pub attempt: Option<u64>,
    /// Whatever else it carries.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl ActionBody {
    /// The rules beyond the types.
    pub fn check(&self) -> Result<(), String> {
        self.base.check(&[CLASS])?;
        if self.command_uid.is_empty() {
            return Err("command_uid is empty".to_owned());
        }
        if self.status_id.is_none() {
            return Err("status_id is missing: 1 done, 2 failed".to_owned());
        }
        if self.unmapped.target_user_uid.is_none() && self.unmapped.idp_object_id.is_none() {
            return Err("unmapped names no target (target_user_uid or idp_object_id)".to_owned());
        }
        Ok(())
    }
}
