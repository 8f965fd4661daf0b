//! What a stack promises: the `declares` of its `stack.yaml`. Verdicts are measured against it.
//! `docs/src/contract.md` says it to whoever writes one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, from_value};

/// Time back to which an app is read when it is first connected, by app or vendor name.
pub type Backfill = BTreeMap<String, Duration>;

/// The capability of reading the directory's audit log.
const DIRECTORY_AUDITS: &str = "entra.directory_audits";
/// That of reading no more of it than which applications people let in, where a policy asks for it.
pub const CONSENTS: &str = "entra.consents";

/// Everything a stack promises. `capabilities`, `clock`, `profile` and `actions` stand beside `declares` in the manifest and are
/// filled in by whoever reads it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declares {
    /// Time between two polls of a feed.
    #[serde(with = "span")]
    pub poll_every: Duration,
    /// How far before its checkpoint a poll looks for records that appeared late.
    #[serde(with = "span")]
    pub look_back: Duration,
    /// How much later than its time a record may appear and still be evaluated.
    #[serde(with = "span")]
    pub lateness: Duration,
    /// What is read when an app is first connected. An app not named has none.
    #[serde(default, with = "spans")]
    pub backfill: Backfill,
    /// Whether an event may be reported more than once.
    #[serde(default)]
    pub delivery: DeliveryPromise,
    /// After how long an unanswered request is given up.
    #[serde(default = "thirty_seconds", with = "span")]
    pub request_timeout: Duration,
    /// Policies with their ids, and the parameters that cannot be changed from outside.
    #[serde(default)]
    pub policies: BTreeMap<String, DeclaredPolicy>,
    /// How it synchronises the use of apps, where it does.
    #[serde(default)]
    pub usage: DeclaredUsage,
    /// When it tells that a connector does not work, where it does.
    #[serde(default)]
    pub health: DeclaredHealth,
    /// Vendors of whose service it connects one instance alone, and refuses any other.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub one_instance: BTreeSet<String>,
    /// What the stack claims to be able to do.
    #[serde(skip_deserializing)]
    pub capabilities: BTreeSet<String>,
    /// Which clock it follows.
    #[serde(skip_deserializing)]
    pub clock: StackClock,
    /// How strictly its report is read.
    #[serde(skip_deserializing)]
    pub profile: Profile,
    /// Where it is told what it did.
    #[serde(skip_deserializing)]
    pub actions: Actions,
}

impl Declares {
    /// Reads what was written down of a stack, with what stands beside `declares` in a manifest.
    pub fn kept<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let mut written = Map::deserialize(d)?;
        let mut beside = |key: &str| written.remove(key).unwrap_or_default();
        let (capabilities, clock, profile) = (beside("capabilities"), beside("clock"), beside("profile"));
        // Runs from before there was a choice have none.
        let actions: Option<Actions> = from_value(beside("actions")).map_err(D::Error::custom)?;
        let promised: Self = from_value(Value::Object(written)).map_err(D::Error::custom)?;
        Ok(Self {
            capabilities: from_value(capabilities).map_err(D::Error::custom)?,
            clock: from_value(clock).map_err(D::Error::custom)?,
            profile: from_value(profile).map_err(D::Error::custom)?,
            actions: actions.unwrap_or_default(),
            ..promised
        })
    }

    /// Whether the stack claims `capability`. Whoever reads the directory's whole audit log reads its consents too.
    pub fn claims(&self, capability: &str) -> bool {
        let of_all = capability == CONSENTS && self.capabilities.contains(DIRECTORY_AUDITS);
        of_all || self.capabilities.contains(capability)
    }

    /// How far back an instance is read when it is connected.
    pub fn backfill(&self, instance: &str, vendor: &str) -> Duration {
        self.backfill.get(instance).or_else(|| self.backfill.get(vendor)).copied().unwrap_or_default()
    }

    /// The policy that `id` means: its own name, or one of its declared ids.
    pub fn policy<'a>(&'a self, id: &'a str) -> &'a str {
        self.policies.iter().find(|(_, p)| p.ids.iter().any(|i| i == id)).map_or(id, |(name, _)| name)
    }
}

/// After how long most clients give up.
fn thirty_seconds() -> Duration {
    Duration::from_secs(30)
}

/// Durations in the scenarios' spelling.
mod span {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};
    use simulator::time::{parse_duration, spell_duration};

    pub(super) fn serialize<S: Serializer>(span: &Duration, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&spell_duration(*span))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(d)?;
        parse_duration(&text).map_err(serde::de::Error::custom)
    }
}

/// The same for a map of them.
mod spans {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Span(#[serde(with = "super::span")] Duration);

    pub(super) fn serialize<S: Serializer>(spans: &BTreeMap<String, Duration>, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(spans.iter().map(|(name, span)| (name, Span(*span))))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<BTreeMap<String, Duration>, D::Error> {
        let spans = BTreeMap::<String, Span>::deserialize(d)?;
        Ok(spans.into_iter().map(|(name, span)| (name, span.0)).collect())
    }
}

/// How a stack synchronises the use of apps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeclaredUsage {
    /// Time between two sessions.
    #[serde(with = "span")]
    pub every: Duration,
    /// How far back the first session reads.
    #[serde(with = "span")]
    pub first: Duration,
    /// Whoever did something within that time is active, its first moment included.
    #[serde(with = "span")]
    pub active_within: Duration,
    /// Addresses that are told by mail when sessions fail.
    pub contacts: Vec<String>,
}

impl Default for DeclaredUsage {
    fn default() -> Self {
        let days = |days: u64| Duration::from_secs(days * 86_400);
        Self { every: days(1), first: days(90), active_within: days(60), contacts: Vec::new() }
    }
}

/// When a stack tells that a connector does not work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeclaredHealth {
    /// For how long a connector may not work before a health alert is raised; a poll interval is allowed on top.
    #[serde(with = "span")]
    pub within: Duration,
}

impl Default for DeclaredHealth {
    fn default() -> Self {
        Self { within: Duration::from_secs(24 * 3_600) }
    }
}

/// How often an event may be reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryPromise {
    /// Once.
    #[default]
    ExactlyOnce,
    /// More often, if the copies are identical.
    AtLeastOnce,
}

/// Which clock the stack follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StackClock {
    /// The simulation's.
    #[default]
    Virtual,
    /// The machine's: deadlines are not judged.
    Wall,
}

/// How strictly a report is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// The contract whole.
    #[default]
    Strict,
    /// Ids, user, policy and times only.
    Lenient,
}

/// Where it is told what a stack did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actions {
    /// In its report: what is done and not said is a finding.
    #[default]
    Report,
    /// In the journal alone: it says nothing of its deeds, and they are judged by what reached the vendors.
    Journal,
}

/// A policy as a stack has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeclaredPolicy {
    /// Other names its alerts carry.
    #[serde(default)]
    pub ids: Vec<String>,
    /// Parameters that are fixed in the stack: expectations that hang on another number are not judged.
    #[serde(flatten)]
    pub parameters: BTreeMap<String, serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_design_is_read() {
        let declares: Declares = serde_json::from_value(serde_json::json!({
            "poll_every": "1h", "look_back": "6h", "lateness": "60m", "backfill": {"github": "7d"},
            "delivery": "exactly_once", "request_timeout": "30s",
            "policies": {"impossible_travel": {"ids": ["D04"], "speed": 900, "distance": 500}},
        }))
        .unwrap();
        assert_eq!(declares.poll_every, Duration::from_secs(3600));
        assert_eq!(declares.policy("D04"), "impossible_travel");
        assert_eq!(declares.policies["impossible_travel"].parameters["speed"], 900);
        assert_eq!(declares.backfill("github", "github"), Duration::from_secs(7 * 86_400));
        assert_eq!(declares.backfill("miro", "miro"), Duration::ZERO);
    }

    #[test]
    fn a_misspelt_promise_is_refused() {
        let wrong = serde_json::json!({"poll_every": "1h", "look_back": "6h", "lateness": "60m", "look_bak": "6h"});
        assert!(serde_json::from_value::<Declares>(wrong).is_err());
    }
}
