//! Detections: what kept events mean together.
//!
//! They run inside the transaction that keeps an event, over event time and over everything kept so far, so it does
//! not matter in which order or how late records come. A detection is its policy's parameters and a pure function from
//! one fresh event and what is [`Around`] it to [`Trigger`]s: one file, and one line in [`KNOWN`]. [`episodes`] makes
//! alerts of triggers. What several detections count alike is in [`counted`], what is new to somebody in [`novelty`];
//! what the apps' own words for deeds mean is in [`catalogue`], what user agents tell in [`agents`] and what goes together
//! in one session in [`sessions`]. [`chain`] makes incidents of alerts, [`custom`] is a policy of somebody's own.

mod activity_by_terminated_user;
mod activity_from_anonymous_ip;
mod activity_from_infrequent_country;
mod activity_from_suspicious_ip;
mod agents;
pub(crate) mod alert;
mod around;
mod audit_log_streaming_disabled;
mod catalogue;
mod chain;
mod counted;
mod custom;
mod deactivated_user_reactivated;
pub(crate) mod episodes;
mod failed_logins;
mod impossible_travel;
mod impossible_user_agent_change;
mod mass_deletion;
mod mass_download;
mod mfa_fatigue;
mod mfa_or_sso_disabled;
mod new_oauth_app_broad_scope;
mod novelty;
mod password_spray;
mod pat_created_by_dormant_user;
mod privilege_escalation_to_owner;
mod public_repo_or_content_exposure;
mod secret_scanning_or_push_protection_bypass;
pub(crate) mod sensitive_content;
mod sessions;
#[cfg(test)]
mod tests;
mod token_theft_session_replay;
mod unusual_administrative_activity;
mod unusual_external_sharing;
mod unusual_impersonated_activity;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) use self::around::{Around, Departure, Others, Reach};
use self::custom::Custom;
use self::episodes::Touched;
use crate::bug::{Bug, misset, planted};
use crate::connections::{Response, Vendor};
use crate::normalize::EventKind;
use crate::state::events::Kept;
use crate::state::{StateError, Tx};

/// Every detection, one line each: the policy's name, and what reads its parameters.
const KNOWN: &[(&str, Reader)] = &[
    (impossible_travel::NAME, read::<impossible_travel::ImpossibleTravel>),
    (failed_logins::NAME, read::<failed_logins::MultipleFailedLogins>),
    (activity_from_anonymous_ip::NAME, read::<activity_from_anonymous_ip::AnonymousIp>),
    (activity_from_suspicious_ip::NAME, read::<activity_from_suspicious_ip::SuspiciousIp>),
    (activity_from_infrequent_country::NAME, read::<activity_from_infrequent_country::InfrequentCountry>),
    (activity_by_terminated_user::NAME, read::<activity_by_terminated_user::TerminatedUser>),
    (unusual_administrative_activity::NAME, read::<unusual_administrative_activity::AdministrativeActivity>),
    (unusual_impersonated_activity::NAME, read::<unusual_impersonated_activity::ImpersonatedActivity>),
    (mfa_fatigue::NAME, read::<mfa_fatigue::MfaFatigue>),
    (mass_download::NAME, read::<mass_download::MassDownload>),
    (mass_deletion::NAME, read::<mass_deletion::MassDeletion>),
    (unusual_external_sharing::NAME, read::<unusual_external_sharing::ExternalSharing>),
    (new_oauth_app_broad_scope::NAME, read::<new_oauth_app_broad_scope::BroadApp>),
    (mfa_or_sso_disabled::NAME, read::<mfa_or_sso_disabled::ProtectionDisabled>),
    (privilege_escalation_to_owner::NAME, read::<privilege_escalation_to_owner::OwnerEscalation>),
    (public_repo_or_content_exposure::NAME, read::<public_repo_or_content_exposure::PublicExposure>),
    (deactivated_user_reactivated::NAME, read::<deactivated_user_reactivated::Reactivation>),
    (sensitive_content::NAME, read::<sensitive_content::SensitiveContent>),
    (password_spray::NAME, read::<password_spray::PasswordSpray>),
    (
        secret_scanning_or_push_protection_bypass::NAME,
        read::<secret_scanning_or_push_protection_bypass::SecretScanning>,
    ),
    (audit_log_streaming_disabled::NAME, read::<audit_log_streaming_disabled::StreamDisabled>),
    (pat_created_by_dormant_user::NAME, read::<pat_created_by_dormant_user::DormantToken>),
    (token_theft_session_replay::NAME, read::<token_theft_session_replay::SessionReplay>),
    (impossible_user_agent_change::NAME, read::<impossible_user_agent_change::AgentChange>),
];

/// An hour of silence ends most alerts.
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

type Reader = fn(Value) -> serde_json::Result<Arc<dyn Detection>>;

/// A detection with its parameters.
pub(crate) trait Detection: Debug + Send + Sync {
    /// What its alerts are called and worth.
    fn policy(&self) -> Policy<'_>;
    /// How far it looks around an event.
    fn reach(&self) -> Reach;
    /// Whether `event` can take part in anything.
    fn concerns(&self, event: &Kept) -> bool;
    /// Whom its alerts are about.
    fn subject(&self) -> Subject {
        Subject::Person
    }
    /// How far the log of an event has to be read beyond it, before it can be said what the event means.
    fn waits(&self) -> Option<SignedDuration> {
        None
    }
    /// What `fresh` means together with what is around it, itself included.
    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger>;
}

/// Whom alerts are about, and so which triggers may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Each about one person.
    Person,
    /// About several people: what is told apart is the trigger's scope alone.
    Scope,
}

/// The moment at which events together mean something, and the events.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trigger {
    pub(crate) at: Timestamp,
    /// What is told apart besides people, such as an app instance: triggers of two scopes are never one alert.
    pub(crate) scope: String,
    /// Never empty. Whoever did the last of it is whom the alert is about.
    pub(crate) evidence: Vec<Kept>,
    /// The numbers that decided.
    pub(crate) facts: Value,
}

/// A policy as far as alerts are concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy<'a> {
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    /// What its alerts are signs of: ATT&CK's ids, in the version of [`alert::ATTACK_VERSION`].
    pub(crate) techniques: &'static [&'static str],
    /// The silence that ends an alert's stretch of time.
    pub(crate) gap: SignedDuration,
    pub(crate) response: &'a Response,
}

/// The policies in force, as far as this stack knows them; others are left to others.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "BTreeMap<String, Value>")]
pub(crate) struct Policies {
    detections: Vec<Arc<dyn Detection>>,
    /// What is made of the others' alerts.
    chain: Option<chain::Chain>,
}

impl Policies {
    /// These and no others.
    #[cfg(test)]
    pub(crate) fn only(detection: impl Detection + 'static) -> Self {
        Self { detections: vec![Arc::new(detection)], chain: None }
    }

    /// Whether a policy is in force that looks at what stands in files.
    pub(crate) fn want_scans(&self) -> bool {
        self.detections.iter().any(|detection| detection.policy().name == sensitive_content::NAME)
    }

    /// Whether a policy is in force that looks at apps.
    pub(crate) fn want_grants(&self) -> bool {
        self.detections.iter().any(|detection| detection.policy().name == new_oauth_app_broad_scope::NAME)
    }

    /// Whether a policy is in force that looks at who has left.
    pub(crate) fn want_departures(&self) -> bool {
        self.detections.iter().any(|detection| detection.policy().name == activity_by_terminated_user::NAME)
    }

    /// Whether a policy is in force that asks who is in a list.
    pub(crate) fn want_lists(&self) -> bool {
        let asks = |name| name == activity_from_anonymous_ip::NAME || name == activity_from_suspicious_ip::NAME;
        self.detections.iter().any(|detection| asks(detection.policy().name))
    }
}

impl TryFrom<BTreeMap<String, Value>> for Policies {
    type Error = serde_json::Error;

    fn try_from(mut written: BTreeMap<String, Value>) -> Result<Self, Self::Error> {
        misset(&mut written);
        let known = KNOWN.iter().filter_map(|(name, read)| written.remove(*name).map(read));
        let mut detections: Vec<_> = known.collect::<Result<_, _>>()?;
        let chain = written.remove(chain::NAME).map(serde_json::from_value).transpose()?;
        for (name, written) in written.into_iter().filter(|(_, written)| Custom::is_one(written)) {
            detections.push(Arc::new(Custom::read(name, written)?));
        }
        Ok(Self { detections, chain })
    }
}

fn read<D: Detection + DeserializeOwned + 'static>(parameters: Value) -> serde_json::Result<Arc<dyn Detection>> {
    Ok(Arc::new(serde_json::from_value::<D>(parameters)?))
}

/// Weighs `fresh` events, which are kept already, against all others; `instances` are the apps there are.
pub(crate) fn weigh(
    tx: &Tx<'_>,
    policies: &Policies,
    instances: &BTreeMap<String, Vendor>,
    mut fresh: Vec<Kept>,
) -> Result<(), StateError> {
    // Some logs come newest first; what raises an alert is what came first in time.
    fresh.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.key().cmp(&b.key())));
    let mut touched = Touched::default();
    for event in &fresh {
        let Some(principal) = &event.principal else { continue };
        for detection in &policies.detections {
            let policy = detection.policy();
            let triggers = if planted(Bug::AlertOnEverything) {
                alert_on_everything(event)
            } else if detection.concerns(event) && policy.response.counts(event.at) {
                let mut around = Around::look(tx, event, principal, detection.reach(), policy.response)?;
                if planted(Bug::DetAlertPerPage) {
                    around.own.retain(|event| fresh.contains(event));
                }
                detection.triggers(event, &around)
            } else {
                Vec::new()
            };
            touched.apply(tx, policy, detection.subject(), triggers)?;
        }
    }
    if let Some(chain) = &policies.chain {
        for person in touched.concerned(tx, &fresh)? {
            touched.apply(tx, chain.policy(), Subject::Person, chain.triggers(tx, &person)?)?;
        }
    }
    touched.report(tx, instances)
}

/// Weighs again what `log` of `app` held from `from` on and what could not be decided before the log was read further.
pub(crate) fn weigh_waiting(
    tx: &Tx<'_>,
    policies: &Policies,
    instances: &BTreeMap<String, Vendor>,
    (app, log): (&str, &str),
    from: Timestamp,
) -> Result<(), StateError> {
    let waiting: Vec<_> = policies.detections.iter().filter_map(|d| Some((d, d.waits()?))).collect();
    let Some(longest) = waiting.iter().map(|(_, wait)| *wait).max() else { return Ok(()) };
    let mut events = tx.logged_since(app, log, from - longest)?;
    events.retain(|event| waiting.iter().any(|(detection, _)| detection.concerns(event)));
    weigh(tx, policies, instances, events)
}

fn alert_on_everything(event: &Kept) -> Vec<Trigger> {
    let is_sign_in = matches!(event.kind, EventKind::SignIn | EventKind::FailedSignIn);
    let trigger = || Trigger { at: event.at, scope: String::new(), evidence: vec![event.clone()], facts: json!({}) };
    is_sign_in.then(trigger).into_iter().collect()
}
