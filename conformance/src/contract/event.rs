//! Events: what a vendor recorded, in one of the OCSF classes that audit logs and user lists fall into.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ocsf::{Actor, Base, Endpoint, User};

/// Classes an event may have: those of OCSF 1.8.0 that sign-ins, accounts, groups, files, apps and calls fall into.
pub const CLASSES: [u64; 13] = [2003, 3001, 3002, 3003, 3004, 3005, 3006, 5003, 6001, 6002, 6003, 6006, 6008];

/// The class of sign-ins.
pub const AUTHENTICATION: u64 = 3002;

/// The class of user-list rows.
pub const USER_INVENTORY: u64 = 5003;

/// The class of a connector's own errors: nothing a vendor recorded.
pub const APPLICATION_ERROR: u64 = 6008;

/// The log of what is let into an app beside people in person: apps, tokens, keys. Its rows are no entries of a vendor's log.
/// Of class 6002: `activity_id` 1 for what is new, 8 for what has changed, 2 for what is gone; `metadata.uid` tells grants
/// apart and is the kind, a colon and the vendor's id, `installation:7`; `app` names one, and `unmapped.permission` has its
/// `kind` (`installation`, `credential`, `fine_grained_token`, `app_role`, `delegated_grant`), its `owner`, its `permissions`
/// or `scopes`, and `expires_at`.
pub const APP_PERMISSIONS: &str = "app_permissions";

/// Body of an `event`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EventBody {
    /// What every class carries.
    #[serde(flatten)]
    pub base: Base,
    /// Whose account, in classes that have one.
    pub user: Option<User>,
    /// Who acted, in classes that have one.
    pub actor: Option<Actor>,
    /// Where the request came from.
    pub src_endpoint: Option<Endpoint>,
    /// 1 success, 2 failure.
    pub status_id: Option<u64>,
    /// Whatever else the class carries.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl EventBody {
    /// The rules beyond the types: numbers that agree, what the class requires, what the contract adds.
    pub fn check(&self) -> Result<(), String> {
        self.base.check(&CLASSES)?;
        for (name, value) in [
            ("uid", &self.base.metadata.uid),
            ("tenant_uid", &self.base.metadata.tenant_uid),
            ("log_name", &self.base.metadata.log_name),
        ] {
            if value.as_deref().unwrap_or_default().is_empty() {
                return Err(format!("metadata.{name} is missing"));
            }
        }
        self.check_class()?;
        if let Some(user) = &self.user {
            user.check("user")?;
        }
        if let Some(user) = self.actor.as_ref().and_then(|a| a.user.as_ref()) {
            user.check("actor.user")?;
        }
        Ok(())
    }

    /// Required attributes by class: OCSF 1.8.0 catalogue.
    fn check_class(&self) -> Result<(), String> {
        let class = self.base.class_uid;
        let has = |name: &str| match name {
            "user" => self.user.is_some(),
            "actor" => self.actor.is_some(),
            "src_endpoint" => self.src_endpoint.is_some(),
            other => self.rest.contains_key(other),
        };
        let required: &[&str] = match class {
            2003 => &["compliance", "finding_info"],
            3001 | 3003 | 3002 | USER_INVENTORY => &["user"],
            3004 => &["entity"],
            3005 => &["user", "privileges"],
            3006 => &["group"],
            6001 => &["web_resources"],
            6002 => &["app"],
            6003 => &["actor", "api", "src_endpoint"],
            6006 => &["actor", "file", "src_endpoint"],
            _ => &[],
        };
        if let Some(missing) = required.iter().find(|name| !has(name)) {
            return Err(format!("class {class} requires {missing}"));
        }
        let choices: &[&str] = match class {
            AUTHENTICATION => &["service", "dst_endpoint"],
            3003 => &["privileges", "group"],
            _ => &[],
        };
        if !choices.is_empty() && !choices.iter().any(|name| has(name)) {
            return Err(format!("class {class} requires one of {}", choices.join(", ")));
        }
        Ok(())
    }
}
