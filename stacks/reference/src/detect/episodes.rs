//! From triggers to alerts: what one principal does in one stretch of time is one alert.
//!
//! A trigger no more than the policy's gap away from an alert belongs to it and adds its evidence; any other begins a new one.
//! An alert keeps its uid and the numbers of the trigger that raised it, also when an earlier event turns up late.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use super::{Policy, Subject, Trigger, alert};
use crate::bug::{Bug, planted, spoilt};
use crate::connections::{Action, Place, Vendor};
use crate::normalize::EventKind;
use crate::normalize::ocsf::{self, Outcome};
use crate::state::accounts::Principal;
use crate::state::alerts::Alert;
use crate::state::commands::Command;
use crate::state::events::Kept;
use crate::state::{Kind, StateError, Tx};

/// The stretch of time in which a policy's actions are counted for its brake.
const BRAKE_WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// The alerts that one transaction raised or added to; each is reported once, at its end.
#[derive(Default)]
pub(crate) struct Touched<'a> {
    alerts: BTreeMap<String, (Alert, Policy<'a>, alert::Change)>,
}

impl<'a> Touched<'a> {
    /// Sorts `triggers` into alerts.
    pub(crate) fn apply(
        &mut self,
        tx: &Tx<'_>,
        policy: Policy<'a>,
        subject: Subject,
        mut triggers: Vec<Trigger>,
    ) -> Result<(), StateError> {
        // Of triggers at one moment the fastest counts as the first.
        let speed = |trigger: &Trigger| trigger.facts["speed_kmh"].as_f64().unwrap_or(f64::INFINITY);
        triggers.sort_by(|a, b| a.at.cmp(&b.at).then(speed(b).total_cmp(&speed(a))));
        for trigger in triggers {
            let Some(principal) = trigger.evidence.last().and_then(|event| event.principal.clone()) else { continue };
            let about = Some(&principal).filter(|_| subject == Subject::Person);
            match tx.open_alert(policy.name, about, &trigger.scope, trigger.at, policy.gap)? {
                Some(alert) if !planted(Bug::DetAlertPerTrigger) => self.add(tx, policy, alert, &trigger)?,
                _ => self.raise(tx, policy, &principal, trigger)?,
            }
        }
        Ok(())
    }

    fn raise(
        &mut self,
        tx: &Tx<'_>,
        policy: Policy<'a>,
        principal: &Principal,
        trigger: Trigger,
    ) -> Result<(), StateError> {
        let alert = Alert {
            uid: uid(policy.name, principal, &trigger),
            policy: policy.name.to_owned(),
            principal: principal.clone(),
            scope: trigger.scope,
            first_at: trigger.at,
            last_at: trigger.at,
            created_at: tx.now(),
            facts: trigger.facts,
        };
        tx.keep_alert(&alert)?;
        tx.keep_evidence(&alert.uid, &trigger.evidence)?;
        self.alerts.insert(alert.uid.clone(), (alert, policy, alert::Change::Created));
        Ok(())
    }

    fn add(&mut self, tx: &Tx<'_>, policy: Policy<'a>, mut alert: Alert, trigger: &Trigger) -> Result<(), StateError> {
        alert.first_at = alert.first_at.min(trigger.at);
        alert.last_at = alert.last_at.max(trigger.at);
        tx.keep_alert(&alert)?;
        if tx.keep_evidence(&alert.uid, &trigger.evidence)? {
            let change = self.alerts.get(&alert.uid).map_or(alert::Change::Updated, |(_, _, change)| *change);
            self.alerts.insert(alert.uid.clone(), (alert, policy, change));
        }
        Ok(())
    }

    /// Whom alerts that were touched cite, and who was let in just now.
    pub(crate) fn concerned(&self, tx: &Tx<'_>, fresh: &[Kept]) -> Result<BTreeSet<Principal>, StateError> {
        let let_in = fresh.iter().filter(|event| event.kind == EventKind::SignIn);
        let mut people: BTreeSet<Principal> = let_in.filter_map(|event| event.principal.clone()).collect();
        for uid in self.alerts.keys() {
            people.extend(tx.evidence(uid)?.into_iter().filter_map(|event| event.principal));
        }
        Ok(people)
    }

    /// Reports every alert as it is now, and orders what new ones call for.
    pub(crate) fn report(self, tx: &Tx<'_>, instances: &BTreeMap<String, Vendor>) -> Result<(), StateError> {
        for (alert, policy, change) in self.alerts.into_values() {
            let evidence = tx.evidence(&alert.uid)?;
            let email = match tx.address_of(&alert.principal)? {
                Some(email) => Some(email),
                None => evidence.iter().find_map(|event| event.email.clone()),
            };
            tx.emit(Kind::Alert, &alert::finding(&alert, policy, change, &evidence, email.as_deref(), tx.now()))?;
            if change == alert::Change::Created || planted(Bug::GovOnEveryUpdate) {
                let place = |action| places(action, &alert.principal, &evidence, instances);
                order_response(tx, &alert, policy, email.as_deref(), place)?;
            }
        }
        Ok(())
    }
}

/// What makes a command another one than before: nothing, unless by mistake.
fn again(alert: &Alert) -> String {
    if planted(Bug::GovOnEveryUpdate) { alert.last_at.to_string() } else { String::new() }
}

/// The same trigger gives the same uid, on any machine.
fn uid(policy: &str, principal: &Principal, trigger: &Trigger) -> String {
    let mut digest = Sha256::new();
    for part in [policy, &principal.0, &trigger.scope, &trigger.at.to_string()] {
        digest.update(part);
        digest.update([0]);
    }
    digest.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where an action is carried out, and on whom.
struct Target {
    /// The directory or app; none where nobody can.
    instance: Option<String>,
    uid: String,
    /// The thing of theirs to which it is done.
    object: Option<String>,
}

impl Target {
    fn person(instance: &str, uid: &str) -> Self {
        Self { instance: Some(instance.to_owned()), uid: uid.to_owned(), object: None }
    }
}

/// Apps that are directories themselves.
const DIRECTORIES: [Vendor; 1] = [Vendor::Okta];

/// Every place where `action` answers an alert about `principal`, at least one.
fn places(
    action: Action,
    principal: &Principal,
    evidence: &[Kept],
    instances: &BTreeMap<String, Vendor>,
) -> Vec<Target> {
    let nowhere = || Target { instance: None, uid: principal.id().to_owned(), object: None };
    let of = |vendor| move |name: &str| instances.get(name) == Some(&vendor);
    let in_apps = |vendors: &[Vendor]| {
        let is_one = |name: &str| instances.get(name).is_some_and(|vendor| vendors.contains(vendor));
        let there = evidence.iter().filter(|event| is_one(&event.app));
        let accounts: BTreeSet<(&str, &str)> =
            there.filter_map(|event| Some((event.app.as_str(), event.account.as_deref()?))).collect();
        match accounts.is_empty() {
            true => vec![nowhere()],
            false => accounts.into_iter().map(|(app, uid)| Target::person(app, uid)).collect(),
        }
    };
    match action.place() {
        Place::Directory => match principal.as_person() {
            Some((directory, uid)) => vec![Target::person(directory, uid)],
            None => in_apps(&DIRECTORIES),
        },
        Place::Apps(vendors) => in_apps(vendors),
        Place::Things(vendor) => {
            let there = evidence.iter().filter(|event| of(vendor)(&event.app));
            let things: BTreeSet<(&str, &str, &str)> = there
                .filter_map(|event| {
                    let owner = event.account.as_deref().unwrap_or(principal.id());
                    Some((event.app.as_str(), owner, event.deed.object.as_deref()?))
                })
                .collect();
            let target = |(app, uid, object): (&str, &str, &str)| Target {
                object: Some(object.to_owned()),
                ..Target::person(app, uid)
            };
            if things.is_empty() { vec![nowhere()] } else { things.into_iter().map(target).collect() }
        }
        Place::Everywhere(vendor) => {
            let there = instances.keys().filter(|name| of(vendor)(name));
            let targets: Vec<Target> = there.map(|name| Target::person(name, principal.id())).collect();
            if targets.is_empty() { vec![nowhere()] } else { targets }
        }
    }
}

/// Why an action that an alert calls for is not even tried, if it is not.
fn held_back(tx: &Tx<'_>, policy: Policy<'_>, alert: &Alert, command: &Command) -> Result<Option<String>, StateError> {
    if command.instance.is_none() {
        return Ok(Some("the actor has no account where this is done".to_owned()));
    }
    if policy.response.spares(&alert.principal, command.email.as_deref()) && !planted(Bug::ActOnTheExcepted) {
        return Ok(Some(format!("{} is never to act on this person", policy.name)));
    }
    if policy.response.dry_run && !planted(Bug::DryRunActs) {
        return Ok(Some(format!("dry run: {} would act", policy.name)));
    }
    let Some(most) = policy.response.actions_per_hour else { return Ok(None) };
    let ordered = tx.ordered_since(policy.name, tx.now() - BRAKE_WINDOW)?;
    Ok((ordered >= most).then(|| format!("held back: {} may set off {most} actions an hour", policy.name)))
}

fn order_response(
    tx: &Tx<'_>,
    alert: &Alert,
    policy: Policy<'_>,
    email: Option<&str>,
    places: impl Fn(Action) -> Vec<Target>,
) -> Result<(), StateError> {
    let most = spoilt(usize::MAX, Bug::GovPartialChain, 1);
    for action in policy.response.action.iter().take(most) {
        for Target { instance, uid, object } in places(*action) {
            let of_app = match action.place() {
                Place::Directory => String::new(),
                Place::Apps(_) | Place::Everywhere(_) => format!("-{}", instance.as_deref().unwrap_or_default()),
                Place::Things(_) => {
                    format!("-{}-{}", instance.as_deref().unwrap_or_default(), object.as_deref().unwrap_or_default())
                }
            };
            let command = Command {
                uid: format!("{}-{}{of_app}{}", alert.uid, action.word(), again(alert)),
                alert: alert.uid.clone(),
                policy: alert.policy.clone(),
                span: (alert.first_at, alert.last_at),
                instance,
                action: action.word().to_owned(),
                target: uid,
                email: email.map(str::to_owned),
                object,
                ordered_at: tx.now(),
                attempt: 0,
                first_sent_at: None,
            };
            // What is not done is worth knowing too: somebody may want to do it by hand.
            if let Some(reason) = held_back(tx, policy, alert, &command)? {
                tx.emit(Kind::Action, &ocsf::remediation(&command, Outcome::Failed(&reason), tx.now()))?;
            } else {
                tx.order(&command)?;
            }
        }
    }
    Ok(())
}
