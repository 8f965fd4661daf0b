//! From a recording to observations: what the stack has, says and did, each tied to what truly happened.
//!
//! | part | answers |
//! |---|---|
//! | [`people`] | who is meant by an id or an address |
//! | [`truth`] | which record is meant by an event id |
//! | [`by_webhook`] | the same for logs that come by deliveries alone and give no ids; which of their records were due |
//! | [`ingestion`] | which events the stack reported, and of which record each is a copy |
//! | [`served`] | which records reached it, in which exchange |
//! | [`connector`] | how each instance was asked, when it answered, and which health alerts there were about it |
//! | [`hindrance`] | when the scenario kept it from reading a log |
//! | [`due`] | which records it had to take in |
//! | [`alerts`] | its alerts, updates folded into them |
//! | [`governance`] | what it did, and what it says it did |
//! | [`usage`] | who it says uses which app, and who does |
//! | [`permissions`] | what it says is let into an app, and what the vendor listed |
//! | [`posture`] | how it says that the controls of the secure score stand |
//! | [`owed`] | which alerts can still be derived from what happened |
//! | [`wording`] | how all this reads in a finding |
//!
//! Nothing here judges; see [`crate::check`].

pub mod alerts;
pub mod by_webhook;
pub mod connector;
pub mod due;
pub mod governance;
pub mod hindrance;
pub mod ingestion;
pub mod owed;
pub mod people;
pub mod permissions;
pub mod posture;
pub mod served;
pub mod truth;
pub mod usage;
pub mod wording;

#[cfg(test)]
pub(crate) mod example;

use std::collections::BTreeMap;

use simulator::scenario::{AppIndex, Vendor, Verb, Who};
use simulator::time::{Calendar, SimTime};
use simulator::world::World;

use crate::contract::{CONSENTS, Declares, Line, Malformed, Said, Status, read_line};
use crate::recording::{ProcessWhat, Recording, TruthRecord};
use crate::scenario::Script;

use alerts::AlertFact;
use by_webhook::{Attempts, ByWebhook};
use due::Due;
use governance::{Claim, Deed};
use ingestion::Taken;
use owed::Owed;
use people::People;
use posture::PostureRow;
use served::Served;
use truth::Truth;
use usage::Usage;

/// A line of the report as it was heard.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Number of the line, from 1.
    pub number: usize,
    /// Simulated time at which the harness read it.
    pub read_at: SimTime,
    /// Cut by a kill.
    pub cut: bool,
    /// What it says, or why it cannot be used.
    pub line: Result<Line, Malformed>,
}

/// A status record as it was heard.
#[derive(Clone, Debug)]
pub struct Told {
    /// Number of its line.
    pub number: usize,
    /// When it was read.
    pub read_at: SimTime,
    /// What it says.
    pub status: Status,
}

/// Everything a check may look at.
pub struct Facts<'a> {
    /// What was asked.
    pub script: &'a Script,
    /// What happened.
    pub recording: &'a Recording,
    /// What the stack promises.
    pub declares: &'a Declares,
    /// How times are spelled.
    pub calendar: Calendar,
    /// Every line of the report.
    pub heard: Vec<Heard>,
    /// Who is who.
    pub people: People,
    /// Which record is which.
    pub truth: Truth,
    /// Which logs come by deliveries alone.
    pub by_webhook: ByWebhook,
    /// What was tried to be delivered.
    pub attempts: Attempts,
    /// Events reported.
    pub taken: Vec<Taken>,
    /// Records that reached the stack.
    pub served: Served,
    /// Records it had to take in.
    pub due: Vec<Due>,
    /// Its alerts.
    pub alerts: Vec<AlertFact>,
    /// What it says it did.
    pub claims: Vec<Claim>,
    /// What it did.
    pub deeds: Vec<Deed>,
    /// How it said it was.
    pub told: Vec<Told>,
    /// Who it says uses which app, and who does.
    pub usage: Usage,
    /// How it says that controls stand.
    pub posture: Vec<PostureRow>,
    /// Alerts that can be derived from what happened, where somebody derived them.
    pub owed: Option<Vec<Owed>>,
    /// By the number of an exchange: the how-manieth of its route it is.
    nth: BTreeMap<u64, usize>,
}

impl<'a> Facts<'a> {
    /// Reads a recording. `world` is the scenario's, where it can be built: without it nobody derives what is owed.
    pub fn new(script: &'a Script, recording: &'a Recording, declares: &'a Declares, world: Option<&World>) -> Self {
        let heard: Vec<Heard> = recording
            .report
            .iter()
            .enumerate()
            .filter(|(_, line)| !line.text.trim().is_empty())
            .map(|(index, line)| Heard {
                number: index + 1,
                read_at: line.read_at,
                cut: line.cut,
                line: read_line(&line.text, declares.profile),
            })
            .collect();
        let mut told = Vec::new();
        for (heard, said) in said(&heard) {
            if let Said::Status(status) = said {
                told.push(Told { number: heard.number, read_at: heard.read_at, status: status.clone() });
            }
        }
        let people = People::new(&recording.people);
        let by_webhook = ByWebhook::of(&script.scenario);
        let mut truth = Truth::new(&recording.truth);
        for (app, uid, record) in by_webhook.names(&heard, recording, &people, &truth) {
            truth.name(&app, &recording.truth[record].log, &uid, record);
        }
        let taken = ingestion::taken(&heard, &truth);
        let served = Served::new(recording, declares, &truth, &by_webhook);
        let alerts = alerts::fold(&heard, declares, &people, &truth);
        let claims = governance::claims(&heard, &people);
        let deeds = governance::deeds(recording, declares);
        let posture = posture::rows(&heard);
        let usage = Usage::of(script, recording, declares, world, &heard, &people);
        let mut facts = Self {
            script,
            recording,
            declares,
            calendar: script.scenario.calendar(),
            heard,
            people,
            truth,
            by_webhook,
            attempts: Attempts::new(recording),
            taken,
            served,
            due: Vec::new(),
            alerts,
            claims,
            deeds,
            told,
            usage,
            posture,
            owed: world.map(|world| owed::owed(recording, script, world)),
            nth: wording::nth(recording),
        };
        facts.due = due::due(&facts);
        facts
    }

    /// Everybody a scenario's `actor` or `target` means: one person, or each of a group.
    pub fn everybody(&self, who: Who) -> Vec<String> {
        match who {
            Who::Admin => vec!["it_admin".to_owned()],
            Who::Cast(index) => {
                let member = &self.script.scenario.cast[index];
                match member.count {
                    0 | 1 => vec![member.key.clone()],
                    count => (1..=count).map(|n| format!("{}-{n}", member.key)).collect(),
                }
            }
        }
    }

    /// Name of an instance.
    pub fn app_name(&self, app: AppIndex) -> &str {
        &self.script.scenario.apps[app.0].name
    }

    /// Whose service an instance is.
    pub fn vendor(&self, app: &str) -> Option<Vendor> {
        self.script.scenario.app(app).map(|(_, app)| app.vendor)
    }

    /// Whether the stack claims a log of an instance: `miro.audit_log` covers every Miro instance.
    pub fn claims_feed(&self, app: &str, log: &str) -> bool {
        self.vendor(app).is_some_and(|vendor| self.declares.claims(&format!("{}.{log}", vendor.name())))
    }

    /// Whether the stack claims the log of a record, or as much of it as the record is of: of the directory's audit log the
    /// consents alone, where a policy looks at them.
    pub fn claims_record(&self, record: &TruthRecord) -> bool {
        let of_consent = record.log == "directory_audits" && record.verb == Verb::GrantApp.name();
        let is_asked = || self.in_force("new_oauth_app_broad_scope").is_some();
        self.claims_feed(&record.app, &record.log) || of_consent && self.declares.claims(CONSENTS) && is_asked()
    }

    /// Times at which the process was killed by the scenario.
    pub fn kills(&self) -> impl Iterator<Item = SimTime> {
        let killed = |what: &ProcessWhat| matches!(what, ProcessWhat::Killed { .. });
        self.recording.process.iter().filter(move |e| killed(&e.what)).map(|e| e.at)
    }

    /// Times at which the state was lost by the scenario: half of a state may be none.
    pub fn wipes(&self) -> impl Iterator<Item = SimTime> {
        let wiped = |what: &ProcessWhat| matches!(what, ProcessWhat::StateWiped { .. } | ProcessWhat::StateCut { .. });
        self.recording.process.iter().filter(move |e| wiped(&e.what)).map(|e| e.at)
    }

    /// Whether the process was killed in `from..=until`.
    pub fn killed_between(&self, from: SimTime, until: SimTime) -> bool {
        self.kills().any(|at| from <= at && at <= until)
    }
}

/// The lines that can be used.
fn said(heard: &[Heard]) -> impl Iterator<Item = (&Heard, &Said)> {
    heard.iter().filter_map(|h| h.line.as_ref().ok().map(|line| (h, &line.said)))
}
