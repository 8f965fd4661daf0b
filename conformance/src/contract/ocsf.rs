//! The OCSF 1.8.0 objects that several bodies share, with the attributes the contract reads.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Attributes that every class carries.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Base {
    /// Class, e.g. 3002.
    pub class_uid: u64,
    /// Category: the class's thousands.
    pub category_uid: u64,
    /// Activity within the class.
    pub activity_id: u64,
    /// `class_uid * 100 + activity_id`.
    pub type_uid: u64,
    /// 0 unknown, 1 informational to 5 critical, 6 fatal, 99 other.
    pub severity_id: u64,
    /// When it happened, milliseconds since the Unix epoch.
    pub time: i64,
    /// Where it comes from.
    pub metadata: Metadata,
}

impl Base {
    /// What JSON Schema cannot say: the numbers agree with each other (OCSF subset README, "What JSON Schema cannot check").
    pub fn check(&self, classes: &[u64]) -> Result<(), String> {
        if !classes.contains(&self.class_uid) {
            return Err(format!("class_uid {} is not one of {classes:?}", self.class_uid));
        }
        if self.category_uid != self.class_uid / 1000 {
            return Err(format!("category_uid {} does not fit class_uid {}", self.category_uid, self.class_uid));
        }
        let type_uid = self.class_uid * 100 + self.activity_id;
        if self.type_uid != type_uid {
            return Err(format!("type_uid {} is not class_uid * 100 + activity_id = {type_uid}", self.type_uid));
        }
        if !matches!(self.severity_id, 0..=6 | 99) {
            return Err(format!("severity_id {} is not an OCSF severity", self.severity_id));
        }
        if self.metadata.product.name.is_none() && self.metadata.product.uid.is_none() {
            return Err("metadata.product needs a name or a uid".to_owned());
        }
        Ok(())
    }
}

/// Where a record comes from.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Metadata {
    /// Version of OCSF.
    pub version: String,
    /// Whose product wrote the original.
    pub product: Product,
    /// The vendor's own id of the event.
    pub uid: Option<String>,
    /// Key of the instance in the connections document.
    pub tenant_uid: Option<String>,
    /// The log: `audit_log`, `sign_ins`, `directory_audits`, `members`, `users`.
    pub log_name: Option<String>,
    /// The vendor's own time string.
    pub original_time: Option<String>,
    /// Whatever else it carries.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A product.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Product {
    /// Its name.
    pub name: Option<String>,
    /// Its id.
    pub uid: Option<String>,
    /// Who makes it.
    pub vendor_name: Option<String>,
    /// Whatever else it carries.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A user account.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// The vendor's id of the user.
    pub uid: Option<String>,
    /// Name or login.
    pub name: Option<String>,
    /// E-mail address.
    pub email_addr: Option<String>,
    /// Whatever else it carries.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl User {
    /// OCSF wants at least one of `account`, `name`, `uid`.
    pub fn check(&self, path: &str) -> Result<(), String> {
        let named = self.uid.is_some() || self.name.is_some() || self.rest.contains_key("account");
        if named { Ok(()) } else { Err(format!("{path} needs one of uid, name, account")) }
    }
}

/// Who or what acted.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Actor {
    /// The person or service account.
    pub user: Option<User>,
    /// Whatever else it carries: `session`, `app_name`, `invoked_by`.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Where a request came from.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Endpoint {
    /// Address.
    pub ip: Option<String>,
    /// Whatever else it carries: `name`, `svc_name`, `location`.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Something worth looking at in a finding.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Observable {
    /// Path of the attribute it repeats.
    pub name: Option<String>,
    /// 2 address, 5 e-mail, 31 user id, ….
    pub type_id: u64,
    /// The value.
    pub value: Option<String>,
    /// Whatever else it carries.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}
