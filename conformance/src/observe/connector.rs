//! How the stack's connectors fared, seen from outside: when each was asked, when it gave, and what the stack said of it.
//!
//! Judged are instances with a log that the stack claims and has to ask for. An instance is *read* when a request for such a
//! log succeeds. Time counts while the process lives: between the moment at which it is ready and that at which a scenario
//! kills or stops it. A process that is started anew for each poll lives on in between.

use simulator::journal::Entry;
use simulator::scenario::App;
use simulator::time::SimTime;
use simulator::vendors;

use crate::contract::status::{Health, Phase};
use crate::recording::ProcessWhat;

use super::served::{is_the_stacks, reached, succeeded};
use super::{Facts, Told};

/// The capability of raising health alerts.
pub const HEALTH: &str = "health.alerts";

/// A health alert about an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthAlert<'f> {
    /// The instance.
    pub app: &'f str,
    /// When it was told of.
    pub raised: SimTime,
    /// Number of the report's line.
    pub line: usize,
    /// When it was said to be over.
    pub cleared: Option<SimTime>,
}

/// A stretch of the process's life between two moments of interest, or between one and the life's begin or end.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<'f> {
    /// Where it begins.
    pub from: SimTime,
    /// Where it ends.
    pub until: SimTime,
    /// The exchange at its begin; none where life began there.
    pub after: Option<&'f Entry>,
}

impl Facts<'_> {
    /// Whether the stack was right to refuse an instance: it declares to connect one of that vendor's alone, connects
    /// another, said that it does not connect this one, and asked it for nothing.
    pub fn is_refused_instance(&self, app: &str) -> bool {
        let Some(vendor) = self.vendor(app).filter(|v| self.declares.one_instance.contains(v.name())) else {
            return false;
        };
        let mut others = self.script.scenario.apps.iter().filter(|other| other.vendor == vendor && other.name != app);
        let told = |t: &Told| t.status.phase == Phase::Degraded && t.status.app.as_deref() == Some(app);
        self.asked(app).next().is_none()
            && self.told.iter().any(told)
            && others.any(|other| self.asked(&other.name).next().is_some())
    }

    /// Instances with a log that the stack claims and has to ask for.
    pub fn pulled_apps(&self) -> impl Iterator<Item = &App> {
        self.script.scenario.apps.iter().filter(|app| !self.is_refused_instance(&app.name)).filter(|app| {
            let claimed = |log: &str| self.claims_feed(&app.name, log);
            let asked_for = |log: &str| !self.by_webhook.logs().any(|pushed| pushed == (app.name.as_str(), log));
            vendors::spec(app.vendor).feeds.iter().any(|feed| claimed(feed.name) && asked_for(feed.name))
        })
    }

    /// The stack's exchanges with an instance, in order.
    pub fn asked(&self, app: &str) -> impl Iterator<Item = &Entry> {
        self.recording.journal.iter().filter(move |e| e.app == app && is_the_stacks(e))
    }

    /// Whether an exchange gave the stack entries of a claimed log of this instance, or that there are none.
    pub fn is_read(&self, app: &App, entry: &Entry) -> bool {
        let spec = vendors::spec(app.vendor);
        let claimed = |feed: &str| spec.feeds.iter().any(|f| f.name == feed) && self.claims_feed(&app.name, feed);
        let mut logs = spec.routes.iter().filter(|r| r.feed.is_some_and(claimed));
        let of_log =
            |name: &str| entry.route.strip_prefix(&app.name).and_then(|rest| rest.strip_prefix('.')) == Some(name);
        logs.any(|route| of_log(route.name)) && self.is_fine(entry)
    }

    /// Whether an exchange went as both sides would have it.
    pub fn is_fine(&self, entry: &Entry) -> bool {
        let unchanged = entry.status == Some(304) && entry.fault.is_none() && reached(entry, self.declares);
        succeeded(entry, self.declares) || unchanged
    }

    /// When the process lived: from its being ready until the scenario, or the end, stopped it.
    pub fn lives(&self) -> Vec<(SimTime, SimTime)> {
        let (mut lives, mut since) = (Vec::new(), None);
        for event in &self.recording.process {
            match event.what {
                ProcessWhat::Ready => {
                    since.get_or_insert(event.at);
                }
                ProcessWhat::Killed { .. } | ProcessWhat::ToldToStop | ProcessWhat::WouldNotStop => {
                    lives.extend(since.take().map(|since| (since, event.at)));
                }
                ProcessWhat::Started
                | ProcessWhat::Exited { .. }
                | ProcessWhat::StateWiped { .. }
                | ProcessWhat::StateCut { .. }
                | ProcessWhat::StateUnwritable { .. }
                | ProcessWhat::SecondCopy { .. } => {}
            }
        }
        lives.extend(since.map(|since| (since, self.recording.ended)));
        lives
    }

    /// The stretches of the process's lives between exchanges with an instance that are of interest.
    pub fn stretches<'f>(&'f self, app: &App, counts: impl Fn(&Entry) -> bool) -> Vec<Stretch<'f>> {
        let mut stretches = Vec::new();
        for (begin, end) in self.lives() {
            let (mut from, mut after) = (begin, None);
            for entry in self.asked(&app.name).filter(|e| (begin..=end).contains(&e.at) && counts(e)) {
                stretches.push(Stretch { from, until: entry.at.max(from), after });
                (from, after) = (entry.ended.max(from), Some(entry));
            }
            stretches.push(Stretch { from, until: end.max(from), after });
        }
        stretches
    }

    /// Every health alert, as it was told: one that is raised again while it stands is another.
    pub fn health_alerts(&self) -> Vec<HealthAlert<'_>> {
        let mut alerts: Vec<HealthAlert<'_>> = Vec::new();
        for told in &self.told {
            let (Some(app), Some(health)) = (told.status.app.as_deref(), told.status.health) else { continue };
            match health {
                Health::Raised => {
                    alerts.push(HealthAlert { app, raised: told.read_at, line: told.number, cleared: None });
                }
                Health::Cleared => {
                    let open = alerts.iter_mut().filter(|a| a.app == app && a.cleared.is_none());
                    open.for_each(|alert| alert.cleared = Some(told.read_at));
                }
            }
        }
        alerts
    }
}
