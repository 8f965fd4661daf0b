//! From activities to what the built-in policies find.
//!
//! The policies look at what the script has labelled as an attack, so that a tenant's alerts are the story's and nothing
//! else; what they need of its surroundings (the first half of a journey) may be benign. Nobody knows the product's own
//! thresholds, which are learned: the numbers here are invented and in the open.
//!
//! # Not imitated
//! Learning, baselines, sensitivity; suppression by what is common for a user or a tenant.
//!
//! # Sources
//! The pages on anomaly detection and on its investigation: failed and non-interactive activities raise none of the four
//! policies about addresses and places; the same country and bordering ones raise no travel; two corporate addresses
//! neither. The delay: a real alert was made seventeen minutes after its activity began (SEKOIA-IO/intake-formats).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::borders::are_neighbours;
use super::policies::{BuiltIn, What};
use crate::scenario::{AppIndex, MdaMode, NetworkTag, Outcome, Vendor, Verb};
use crate::time::SimTime;
use crate::timeline::{Activity, LogId, Record, Timeline};
use crate::vendors::defender::apps::{Connected, Kind};
use crate::vendors::defender::events::{LOG, is_anonymous, is_interactive};
use crate::world::{Instance, PersonIndex, World};

/// How long after its last activity was saved an alert is there: with the five minutes of a sign-in seventeen.
const DELAY: Duration = Duration::from_secs(12 * 60);
/// Further finds within so long belong to the same alert.
const EPISODE: Duration = Duration::from_secs(3_600);
/// Most activities that an alert cites.
const MOST_EVIDENCE: usize = 1_000;
/// Faster than this nobody travels, kilometres an hour.
const FASTEST_KMH: f64 = 900.0;
/// Nearer than this two places are one, kilometres.
const NEAR_KM: f64 = 500.0;
/// So many failures within [`FAILURES_WITHIN`] are too many.
const FAILURES: usize = 11;
const FAILURES_WITHIN: Duration = Duration::from_secs(300);
/// So many deeds of an administrator, or in somebody's name, within an hour are unusual.
const DEEDS: [(What, usize); 2] = [(What::Administration, 5), (What::Impersonation, 3)];

/// Something that a policy has found.
#[derive(Clone, Debug)]
pub(in super::super) struct Finding {
    /// Which policy.
    pub(in super::super) policy: &'static BuiltIn,
    /// Whose activity.
    pub(in super::super) person: PersonIndex,
    /// The activities, oldest first.
    pub(in super::super) evidence: Vec<Arc<Record>>,
    /// The latest activity that belongs to it, be it shown by now or not: or one that is shown late would join two findings
    /// to one, and an alert would be gone.
    last: Arc<Activity>,
    /// When it was found.
    pub(in super::super) found: SimTime,
}

/// What has been seen of a person so far.
#[derive(Default)]
struct Seen {
    /// The latest successful interactive activity from each address and place: no earlier one is nearer in time.
    located: BTreeMap<(&'static str, Option<IpAddr>), Arc<Record>>,
    /// When the directory lost them.
    terminated: Option<SimTime>,
    failures: BTreeMap<AppIndex, Vec<Arc<Record>>>,
    deeds: BTreeMap<What, Vec<Arc<Record>>>,
}

/// Everything that the policies of an instance have found by `now`, oldest first, alerts and behaviors alike.
pub(in super::super) fn findings(
    world: &World,
    instance: &Instance,
    timeline: &Timeline,
    now: SimTime,
) -> Vec<Finding> {
    let mode = instance.mda_mode;
    let mut people: BTreeMap<PersonIndex, Seen> = BTreeMap::new();
    let mut findings: Vec<Finding> = Vec::new();
    for record in timeline.written(LogId { app: instance.app, feed: LOG }) {
        let activity = &record.activity;
        let Some(connected) = app_of(world, record) else { continue };
        if let Some(target) = activity.target.filter(|_| connected.instance.vendor == Vendor::Entra) {
            note_fate(people.entry(target).or_default(), activity);
        }
        let seen = people.entry(activity.actor).or_default();
        for (what, mut evidence) in seen.finds(record, world, mode) {
            let policy = BuiltIn::of(what);
            if activity.attack.is_none() || !connected.connector.policies.contains(policy.letter) {
                continue;
            }
            let saved = evidence.iter().map(|r| r.available).max().unwrap_or(record.available);
            let same = |f: &&mut Finding| f.policy.what == what && f.person == activity.actor && goes_on(f, activity);
            match findings.iter_mut().rev().find(same) {
                Some(finding) => {
                    finding.last = Arc::clone(activity);
                    evidence.retain(|r| !finding.evidence.iter().any(|known| known.event_id == r.event_id));
                    let room = MOST_EVIDENCE.saturating_sub(finding.evidence.len());
                    let shown = evidence.into_iter().filter(|r| r.available + DELAY <= now);
                    finding.evidence.extend(shown.take(room));
                }
                None => {
                    let (person, last) = (activity.actor, Arc::clone(activity));
                    findings.push(Finding { policy, person, evidence, last, found: saved + DELAY });
                }
            }
        }
        seen.remember(record);
    }
    findings.retain(|finding| finding.found <= now);
    findings.sort_by_key(|finding| (finding.found, finding.policy.what, finding.person));
    findings
}

/// The connection whose entry a record was made from: its id begins with tenant and app.
pub(in super::super) fn app_of<'a>(world: &'a World, record: &Record) -> Option<Connected<'a>> {
    let app_id = record.event_id.split('_').nth(1)?;
    let of_app = |c: &Connected<'_>| c.connector.app_id.to_string() == app_id;
    let own = |c: &Connected<'_>| record.activity.app == Some(c.instance.app);
    Connected::all(world).filter(of_app).find(own).or_else(|| Connected::all(world).find(of_app))
}

/// Whether a person goes from the directory, or comes back.
fn note_fate(seen: &mut Seen, activity: &Activity) {
    match activity.verb {
        Verb::Terminate => seen.terminated = Some(activity.occurred),
        // Somebody who was disabled for a time, or deleted and made again, is no longer terminated.
        Verb::Restore | Verb::Hire => seen.terminated = None,
        _ => {}
    }
}

/// Whether a finding is of the same attack and not long ago.
fn goes_on(finding: &Finding, activity: &Activity) -> bool {
    let last = &finding.last;
    last.attack == activity.attack && activity.occurred.since(last.occurred) <= EPISODE
}

impl Seen {
    /// What each policy finds in one more activity, with its evidence.
    fn finds(&mut self, record: &Arc<Record>, world: &World, mode: MdaMode) -> Vec<(What, Vec<Arc<Record>>)> {
        let activity = &record.activity;
        let one = || vec![Arc::clone(record)];
        let mut finds = Vec::new();
        if activity.outcome != Outcome::Success {
            if activity.outcome.is_credential_failure()
                && let Some(app) = activity.app
            {
                let failures = self.failures.entry(app).or_default();
                failures.retain(|r| activity.occurred.since(r.activity.occurred) <= FAILURES_WITHIN);
                failures.push(Arc::clone(record));
                // What went before is in the alert already.
                failures.drain(..failures.len().saturating_sub(FAILURES));
                if failures.len() >= FAILURES {
                    finds.push((What::FailedLogins, failures.clone()));
                }
            }
            return finds;
        }
        if is_interactive(activity) {
            let network = activity.address.and_then(|address| world.locate(address));
            if network.is_some_and(|n| is_anonymous(n, activity.occurred, mode == MdaMode::Dynamic)) {
                finds.push((What::AnonymousAddress, one()));
            }
            let risky = network.is_some_and(|n| n.is_tagged(NetworkTag::Risky, activity.occurred));
            if risky && (mode != MdaMode::Dynamic || activity.verb == Verb::SignIn) {
                finds.push((What::SuspiciousAddress, one()));
            }
            finds.extend(
                self.travel(record, world).map(|from| (What::ImpossibleTravel, vec![from, Arc::clone(record)])),
            );
            finds.extend(self.is_new_country(activity, world).then(|| (What::InfrequentCountry, one())));
        }
        if self.terminated.is_some_and(|at| at < activity.occurred) {
            finds.push((What::TerminatedUser, one()));
        }
        finds.extend(self.unusual(record));
        finds
    }

    /// Where the person cannot have come from in time.
    fn travel(&self, record: &Arc<Record>, world: &World) -> Option<Arc<Record>> {
        let (to, at) = (record.activity.place?, record.activity.occurred);
        let corporate = |activity: &Activity| {
            let network = activity.address.and_then(|address| world.locate(address));
            network.is_some_and(|n| n.known || n.tags.contains(&NetworkTag::Corporate))
        };
        let impossible = |before: &&Arc<Record>| {
            let Some(from) = before.activity.place else { return false };
            let distance = from.distance_km(to);
            let hours = at.since(before.activity.occurred).as_secs_f64() / 3_600.0;
            let apart = from.country != to.country && !are_neighbours(from.country, to.country);
            let safe = corporate(&before.activity) && corporate(&record.activity);
            apart && !safe && distance > NEAR_KM && distance > FASTEST_KMH * hours
        };
        self.located.values().filter(impossible).max_by_key(|record| record.activity.occurred).cloned()
    }

    fn is_new_country(&self, activity: &Activity, world: &World) -> bool {
        let Some(place) = activity.place else { return false };
        let known = |record: &Arc<Record>| record.activity.place.is_some_and(|p| p.country == place.country);
        world.person(activity.actor).home.country != place.country && !self.located.values().any(known)
    }

    /// Too many deeds of one kind in an hour.
    fn unusual(&mut self, record: &Arc<Record>) -> Option<(What, Vec<Arc<Record>>)> {
        let activity = &record.activity;
        let what = match Kind::of(activity.verb) {
            _ if activity.verb == Verb::Impersonate => What::Impersonation,
            Kind::Admin => What::Administration,
            _ => return None,
        };
        let most = DEEDS.iter().find(|(known, _)| *known == what)?.1;
        let deeds = self.deeds.entry(what).or_default();
        deeds.retain(|r| activity.occurred.since(r.activity.occurred) <= EPISODE);
        deeds.push(Arc::clone(record));
        deeds.drain(..deeds.len().saturating_sub(most));
        (deeds.len() >= most).then(|| (what, deeds.clone()))
    }

    fn remember(&mut self, record: &Arc<Record>) {
        let activity = &record.activity;
        if activity.outcome == Outcome::Success && is_interactive(activity) && activity.place.is_some() {
            let key = (activity.place.map_or("", |place| place.name), activity.address);
            self.located.insert(key, Arc::clone(record));
        }
    }
}
