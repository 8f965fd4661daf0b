//! A small run built by hand: a correct one unless a test spoils it.
//!
//! Alice and Bob work with Miro (`miro`) and Entra (`entra`); the stack polls hourly from `day 1 00:00` until
//! `day 1 16:00`. A test adds records, polls, lines and expectations, and asks a check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use serde_json::Value;
use simulator::journal::{AppliedFault, DeliveryNote, Effect, Entry, Notes, PageNote};
use simulator::scenario::{
    App, AppIndex, AttackIndex, AttackSpec, CastMember, Credentials, MdaMode, PersonKind, Policy, Position, Scenario,
    SignIn, StackLife, Vendor, VendorProfile, Who,
};
use simulator::seed::Seed;
use simulator::time::{Calendar, SimTime};
use simulator::world::{World, place};

use crate::contract::declares::{DeclaredHealth, DeclaredUsage};
use crate::contract::sample::{self, EventSample};
use crate::contract::{Actions, Declares, DeliveryPromise, Profile, StackClock};
use crate::recording::{
    End, FaultBite, Output, PersonTruth, Prevented, ProcessEvent, ProcessWhat, Recording, ReportLine, TruthRecord,
    Whereabouts,
};
use crate::scenario::{ActionWord, Expectation, Kind, Level, Script, What};
use crate::verdict::Finding;

use super::Facts;

pub(crate) const ALICE: Who = Who::Cast(0);
pub(crate) const BOB: Who = Who::Cast(1);
pub(crate) const TAKEOVER: AttackIndex = AttackIndex(0);

/// A run to be judged.
pub(crate) struct Example {
    pub(crate) script: Script,
    pub(crate) recording: Recording,
    pub(crate) declares: Declares,
    seq: u64,
}

impl Example {
    /// Nothing has happened yet.
    pub(crate) fn quiet() -> Self {
        let calendar = Calendar::starting(Date::constant(2026, 3, 2));
        let at = |text: &str| calendar.parse(text).unwrap();
        let person = |key: &str| PersonTruth {
            key: key.to_owned(),
            name: "Sam Doe".to_owned(),
            email: format!("{key}@contoso.example"),
            directory_id: format!("dir-{key}"),
            accounts: [("miro", "m"), ("entra", "dir"), ("workplace", "w")]
                .map(|(a, p)| (a.to_owned(), format!("{p}-{key}")))
                .into(),
        };
        let process = [
            ("day 1 00:00", ProcessWhat::Started),
            ("day 1 00:00", ProcessWhat::Ready),
            ("day 1 16:00", ProcessWhat::ToldToStop),
        ];
        let mut process: Vec<_> = process.into_iter().map(|(t, what)| ProcessEvent { at: at(t), what }).collect();
        process.push(ProcessEvent { at: at("day 1 16:00"), what: ProcessWhat::Exited { code: Some(0) } });
        let recording = Recording {
            scenario: "travel/example".to_owned(),
            scenario_text: String::new(),
            control: false,
            seed: 1,
            started: at("day 1 00:00"),
            story_ended: at("day 1 11:00"),
            ended: at("day 1 16:00"),
            truth: Vec::new(),
            people: ["it_admin", "alice", "bob"].map(person).into(),
            prevented: Vec::new(),
            journal: Vec::new(),
            faults: Vec::new(),
            report: Vec::new(),
            outputs: Vec::new(),
            open_state: Vec::new(),
            process,
            end: End::Planned,
            secrets: BTreeMap::from([("<token:miro/stack#1>".to_owned(), "canary+token/0123456789==".to_owned())]),
            whereabouts: Whereabouts::default(),
        };
        Self { script: script(), recording, declares: declares(), seq: 0 }
    }

    /// Alice signs in from London at 9:00 and from Madrid at 9:40, the stack takes both in, alerts and suspends her.
    pub(crate) fn travel() -> Self {
        let mut run = Self::quiet();
        run.record("e1", "day 1 09:00", "alice").step = Some("desk".to_owned());
        let thief = run.record("e2", "day 1 09:40", "alice");
        (thief.step, thief.attack, thief.line) = (Some("thief".to_owned()), Some("takeover".to_owned()), Some(9));
        run.policy("impossible_travel", &["suspend"]);
        run.expect(Kind::Must, What::Alert, |e| {
            (e.policy, e.actor) = (Some("impossible_travel".to_owned()), Some(ALICE));
            (e.evidence, e.within) = (vec!["desk".to_owned(), "thief".to_owned()], Some(Duration::from_secs(900)));
        });
        run.expect(Kind::Must, What::Action(ActionWord::Suspend), |e| {
            (e.target, e.within) = (Some(ALICE), Some(Duration::from_secs(1200)));
        });
        run.poll("day 1 09:00", &["e1"]).poll("day 1 10:00", &["e2"]);
        run.event("e1", "day 1 09:00").event("e2", "day 1 10:00");
        for hour in 11..=16 {
            let at = format!("day 1 {hour}:00");
            run.poll(&at, &[]);
            run.exchange("entra.sign_ins", &at, 200);
        }
        run.alert("a1", "impossible_travel", "day 1 10:00", &["e1", "e2"], "alice");
        run.call("day 1 10:00", "suspend", "alice");
        run.claim("day 1 10:00", "c1", "suspend", "a1", "alice");
        run
    }

    /// Alice signs in to Workplace, whose webhook brings it, and the stack takes it in under an id of its own.
    pub(crate) fn hooked() -> Self {
        let mut run = Self::quiet();
        run.scenario().apps.push(app("workplace", Vendor::Workplace));
        run.declares.capabilities.insert("workplace.security".to_owned());
        run.sign_in_at_work("w1", "day 1 09:00", "alice");
        run.delivery("day 1 09:00:10", 200, &["w1"]);
        let mut body = run.body("w1");
        body["metadata"]["uid"] = "own-w1".into();
        run.say("event", "day 1 09:00:11", &body);
        run
    }

    /// A Defender watches Miro, where Alice did something at `day 1 09:00`; the stack synchronises hourly and has told nothing.
    pub(crate) fn synced() -> Self {
        let mut run = Self::quiet();
        run.scenario().apps.push(app("defender", Vendor::Defender));
        run.declares.capabilities.insert("usage.sync".to_owned());
        run.declares.usage.every = Duration::from_secs(3600);
        let page = run.exchange("defender.activities", "day 1 00:00", 200);
        page.notes.page = Some(PageNote {
            walk: "w".to_owned(),
            number: 1,
            cursor: None,
            next: None,
            log: Some("activities".to_owned()),
            served: Vec::new(),
            from: None,
            until: None,
        });
        run.used("day 1 09:00", "alice");
        run
    }

    /// An activity in Miro that Defender shows at once.
    pub(crate) fn used(&mut self, at: &str, actor: &str) -> &mut TruthRecord {
        let id = format!("7_90001_{}", self.recording.truth.len());
        let record = self.record(&id, at, actor);
        (record.app, record.log) = ("defender".to_owned(), "activities".to_owned());
        record
    }

    /// A row about somebody in Miro, true for the moment at which it is read.
    pub(crate) fn usage(&mut self, at: &str, person: &str, last: &str, active: bool) -> &mut Self {
        self.usage_as(&format!("90001|0|m-{person}"), at, person, last, active)
    }

    /// The same under an id of one's choice.
    pub(crate) fn usage_as(&mut self, uid: &str, at: &str, person: &str, last: &str, active: bool) -> &mut Self {
        let email = format!("{person}@contoso.example");
        let mut body = sample::user_row(&format!("m-{person}"), &email, "defender", self.at(at));
        body["metadata"]["uid"] = uid.into();
        body["metadata"]["log_name"] = "app_usage".into();
        body["unmapped"] = serde_json::json!({"usage": {"app_uid": "90001", "app_instance": 0, "app_name": "Miro",
            "source": "activities", "active": active, "last_activity": self.at(last).ms()}});
        self.say("event", at, &body)
    }

    /// A sign-in to Workplace.
    pub(crate) fn sign_in_at_work(&mut self, id: &str, at: &str, actor: &str) -> &mut TruthRecord {
        let record = self.record(id, at, actor);
        (record.app, record.log) = ("workplace".to_owned(), "security".to_owned());
        record
    }

    /// An attempt of Workplace's to deliver these events, answered at once and not made again.
    pub(crate) fn delivery(&mut self, at: &str, status: u16, events: &[&str]) -> &mut Entry {
        let number = Some(self.recording.journal.len() as u64 + 1);
        let entry = self.exchange("workplace.webhook", at, status);
        (entry.method, entry.target, entry.caller) = ("POST".to_owned(), "/hooks/workplace".to_owned(), None);
        let events = events.iter().map(|id| (*id).to_owned()).collect();
        entry.notes.delivery = Some(DeliveryNote { number, attempt: 1, events, again: None });
        entry
    }

    pub(crate) fn at(&self, text: &str) -> SimTime {
        self.script.scenario.calendar().parse(text).unwrap()
    }

    /// A sign-in to Miro that becomes readable at once.
    pub(crate) fn record(&mut self, id: &str, at: &str, actor: &str) -> &mut TruthRecord {
        let at = self.at(at);
        self.recording.truth.push(TruthRecord {
            app: "miro".to_owned(),
            log: "audit_log".to_owned(),
            event_id: id.to_owned(),
            occurred: at,
            persisted: at,
            available: at,
            actor: actor.to_owned(),
            verb: "sign_in".to_owned(),
            outcome: "success".to_owned(),
            address: Some("192.0.2.4".parse().unwrap()),
            activity: id.to_owned(),
            step: None,
            line: None,
            attack: None,
            by_the_stack: false,
            altered: false,
            made_say: Vec::new(),
        });
        self.recording.truth.last_mut().unwrap()
    }

    /// An exchange that was answered at once.
    pub(crate) fn exchange(&mut self, route: &str, at: &str, status: u16) -> &mut Entry {
        let at = self.at(at);
        let seq = self.recording.journal.len() as u64 + 1;
        let app = route.split('.').next().unwrap().to_owned();
        self.recording.journal.push(Entry {
            seq,
            at,
            ended: at,
            caller: Some(format!("<token:{app}/stack#1>")),
            app,
            route: route.to_owned(),
            method: "GET".to_owned(),
            target: format!("/{route}"),
            status: Some(status),
            retry_after_s: None,
            request_body: None,
            fault: None,
            reasons: Vec::new(),
            notes: Notes::default(),
        });
        self.recording.journal.last_mut().unwrap()
    }

    /// A page of Miro's audit log, the only one of its walk.
    pub(crate) fn poll(&mut self, at: &str, ids: &[&str]) -> &mut Self {
        self.page(at, 1, None, None, ids);
        self
    }

    /// A page of Miro's audit log.
    pub(crate) fn page(
        &mut self,
        at: &str,
        number: u32,
        cursor: Option<&str>,
        next: Option<&str>,
        ids: &[&str],
    ) -> &mut Entry {
        let entry = self.exchange("miro.audit_log", at, 200);
        entry.notes.page = Some(PageNote {
            walk: "w".to_owned(),
            number,
            cursor: cursor.map(str::to_owned),
            next: next.map(str::to_owned),
            log: Some("audit_log".to_owned()),
            served: ids.iter().map(|id| (*id).into()).collect(),
            from: None,
            until: None,
        });
        entry
    }

    /// A whole list of one page.
    pub(crate) fn listed(&mut self, route: &str, at: &str, ids: &[&str]) -> &mut Entry {
        let page = self.page(at, 1, None, None, ids).notes.page.take();
        self.recording.journal.pop();
        let entry = self.exchange(route, at, 200);
        entry.notes.page = page.map(|page| PageNote { log: None, ..page });
        entry
    }

    /// A call of the directory that takes effect.
    pub(crate) fn call(&mut self, at: &str, action: &str, target: &str) -> &mut Entry {
        let entry = self.exchange("entra.update_user", at, 204);
        entry.notes.effect = Some(Effect {
            action: action.to_owned(),
            target: target.to_owned(),
            object: None,
            policies: Vec::new(),
            done: true,
        });
        entry
    }

    /// A line of the report.
    pub(crate) fn say(&mut self, kind: &str, at: &str, body: &Value) -> &mut Self {
        self.seq += 1;
        let read_at = self.at(at);
        let text = sample::line(kind, self.seq, read_at, body);
        self.recording.report.push(ReportLine { read_at, text, cut: false });
        self
    }

    /// The event of a record, as it should be.
    pub(crate) fn event(&mut self, id: &str, at: &str) -> &mut Self {
        let body = self.body(id);
        self.say("event", at, &body)
    }

    /// The body of that event.
    pub(crate) fn body(&self, id: &str) -> Value {
        let record = self.recording.truth.iter().find(|r| r.event_id == id).unwrap();
        let account = format!("{}-{}", if record.app == "workplace" { "w" } else { "m" }, record.actor);
        let email = format!("{}@contoso.example", record.actor);
        sample::event(&EventSample {
            uid: id,
            tenant: &record.app,
            log: &record.log,
            time: record.occurred,
            user: Some((&account, &email)),
            address: record.address.map(|a| a.to_string()),
            success: record.outcome == "success",
            sign_in: record.verb == "sign_in",
        })
    }

    /// An alert about somebody, of high severity.
    pub(crate) fn alert(&mut self, uid: &str, policy: &str, at: &str, evidence: &[&str], about: &str) -> &mut Self {
        let (id, email) = (format!("dir-{about}"), format!("{about}@contoso.example"));
        let body = sample::alert(uid, policy, self.at(at), evidence, (&id, &email), 4);
        self.say("alert", at, &body)
    }

    /// An action said to be done.
    pub(crate) fn claim(&mut self, at: &str, command: &str, action: &str, alert: &str, target: &str) -> &mut Self {
        let body = sample::action(command, action, alert, &format!("dir-{target}"), self.at(at), 1);
        self.say("action", at, &body)
    }

    /// A status record.
    pub(crate) fn status(&mut self, at: &str, phase: &str, app: &str, reason: &str) -> &mut Self {
        self.say("status", at, &serde_json::json!({"phase": phase, "app": app, "reason": reason}))
    }

    /// A health alert about Miro is raised or cleared.
    pub(crate) fn health(&mut self, at: &str, health: &str) -> &mut Self {
        let phase = if health == "raised" { "degraded" } else { "connected" };
        self.say("status", at, &serde_json::json!({"phase": phase, "app": "miro", "reason": "none", "health": health}))
    }

    /// Miro's log is asked every hour from `from` to `until`, hours of day 1, and answers so.
    pub(crate) fn asked_hourly(&mut self, hours: std::ops::RangeInclusive<u32>, status: u16) -> &mut Self {
        hours.for_each(|hour| {
            self.exchange("miro.audit_log", &format!("day 1 {hour:02}:00"), status);
        });
        self.recording.sort_journal();
        self
    }

    /// The stack claims to tell of connectors that do not work for two hours, and Miro is the only app whose log it reads.
    pub(crate) fn health_claimed() -> Self {
        let mut run = Self::quiet();
        run.declares.health.within = Duration::from_secs(2 * 3_600);
        run.declares.capabilities.insert("health.alerts".to_owned());
        run.declares.capabilities.remove("entra.sign_ins");
        run
    }

    /// Puts a policy in force.
    pub(crate) fn policy(&mut self, name: &str, actions: &[&str]) -> &mut Self {
        let parameters = BTreeMap::from([("action".to_owned(), serde_json::json!(actions))]);
        let scenario = Arc::get_mut(&mut self.script.scenario).unwrap();
        scenario.policies.push(Policy { name: name.to_owned(), parameters, at: Position { line: 7, column: 3 } });
        self.declares.capabilities.insert(format!("policy.{name}"));
        self
    }

    pub(crate) fn scenario(&mut self) -> &mut Scenario {
        Arc::get_mut(&mut self.script.scenario).unwrap()
    }

    /// Writes an expectation.
    pub(crate) fn expect(&mut self, kind: Kind, what: What, fill: impl FnOnce(&mut Expectation)) -> &mut Self {
        let line = 20 + self.script.expect.len() as u32;
        let mut wanted = Expectation {
            kind,
            what,
            policy: None,
            actor: None,
            attack: None,
            evidence: Vec::new(),
            severity: None,
            target: None,
            app: None,
            within: None,
            times: None,
            at_most: None,
            object: None,
            control: None,
            passed: None,
            users: None,
            active: None,
            at: Position { line, column: 5 },
        };
        fill(&mut wanted);
        self.script.expect.push(wanted);
        self
    }

    /// A fault that met an exchange.
    pub(crate) fn fault(&mut self, kind: &str, bites: u32) -> AppliedFault {
        self.recording.faults.push(FaultBite { kind: kind.to_owned(), line: 12, bites });
        AppliedFault { kind: kind.to_owned(), line: 12 }
    }

    pub(crate) fn killed(&mut self, at: &str) -> &mut Self {
        let at = self.at(at);
        self.recording.process.push(ProcessEvent { at, what: ProcessWhat::Killed { line: 12 } });
        self.recording.process.sort_by_key(|e| e.at);
        self
    }

    /// Killed, and its state removed; up again ten minutes later.
    pub(crate) fn wiped(&mut self, at: &str) -> &mut Self {
        let at = self.at(at);
        let again = at + Duration::from_secs(600);
        let line = 12;
        for (at, what) in [
            (at, ProcessWhat::Killed { line }),
            (at, ProcessWhat::StateWiped { line }),
            (again, ProcessWhat::Started),
            (again, ProcessWhat::Ready),
        ] {
            self.recording.process.push(ProcessEvent { at, what });
        }
        self.recording.process.sort_by_key(|e| e.at);
        self
    }

    pub(crate) fn output(&mut self, name: &str, text: &str) -> &mut Self {
        self.recording.outputs.push(Output { text: text.to_owned(), ..Output::empty(name.to_owned()) });
        self
    }

    pub(crate) fn prevented(&mut self, step: &str, at: &str) -> &mut Self {
        let (at, step) = (self.at(at), Some(step.to_owned()));
        let gone =
            Prevented { at, actor: "alice".into(), verb: "sign_in".into(), step, line: 9, why: "suspended".into() };
        self.recording.prevented.push(gone);
        self
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        let world = World::build(&self.script.scenario).ok();
        Facts::new(&self.script, &self.recording, &self.declares, world.as_ref())
    }

    /// What a check finds.
    pub(crate) fn check(&self, check: &crate::check::Check) -> Vec<Finding> {
        (check.run)(&self.facts())
    }

    /// Asserts that a check finds nothing.
    #[track_caller]
    pub(crate) fn passes(&self, check: &crate::check::Check) {
        let found = self.check(check);
        assert!(found.is_empty(), "{}: {found:#?}", check.id);
    }

    /// Asserts that a check finds exactly one thing, of its own id, and gives it back.
    #[track_caller]
    pub(crate) fn fails(&self, check: &crate::check::Check) -> Finding {
        let found = self.check(check);
        assert_eq!(found.len(), 1, "{}: {found:#?}", check.id);
        assert_eq!(found[0].check, check.id);
        found.into_iter().next().unwrap()
    }
}

fn app(name: &str, vendor: Vendor) -> App {
    App {
        name: name.to_owned(),
        vendor,
        sign_in: SignIn::Sso,
        credentials: Credentials::App,
        page_size: None,
        token_life: None,
        retention: None,
        scopes: None,
        profile: VendorProfile::Current,
        mda_mode: MdaMode::Dynamic,
        at: Position::default(),
    }
}

fn script() -> Script {
    let london = place("London").unwrap();
    let member = |key: &str| CastMember {
        key: key.to_owned(),
        name: None,
        email: None,
        home: london,
        job: None,
        kind: PersonKind::Employee,
        accounts: vec![AppIndex(0), AppIndex(1)],
        admin_of: Vec::new(),
        logins: BTreeMap::new(),
        count: 1,
        at: Position::default(),
    };
    let calendar = Calendar::starting(Date::constant(2026, 3, 2));
    let takeover =
        AttackSpec { name: "takeover".to_owned(), techniques: vec!["T1078.004".to_owned()], at: Position::default() };
    let scenario = Scenario {
        title: "An example".to_owned(),
        seed: Seed(1),
        day_1: Date::constant(2026, 3, 2),
        displaced: Duration::ZERO,
        history_days: 14,
        people: 20,
        home: london,
        apps: vec![app("miro", Vendor::Miro), app("entra", Vendor::Entra)],
        cast: vec![member("alice"), member("bob")],
        networks: Vec::new(),
        files: Vec::new(),
        attacks: vec![takeover],
        policies: Vec::new(),
        script: Vec::new(),
        faults: Vec::new(),
        left_to_caller: Vec::new(),
        stack: StackLife { starts: calendar.day_1(), ends: None, timezone: "UTC".to_owned() },
    };
    Script {
        id: "travel/example".to_owned(),
        path: PathBuf::from("scenarios/travel/example.yaml"),
        text: (1..30).map(|n| format!("- line {n}\n")).collect(),
        hash: String::new(),
        scenario: Arc::new(scenario),
        level: Level::Required,
        twin_of: None,
        expect: Vec::new(),
        process_faults: Vec::new(),
        consent_faults: Vec::new(),
    }
}

fn declares() -> Declares {
    let hours = |n: u64| Duration::from_secs(3600 * n);
    let capabilities = [
        "miro.audit_log",
        "miro.oauth",
        "entra.sign_ins",
        "governance.suspend",
        "governance.require_sign_in",
        "governance.notify",
    ];
    Declares {
        poll_every: hours(1),
        look_back: hours(6),
        lateness: hours(1),
        backfill: BTreeMap::new(),
        delivery: DeliveryPromise::ExactlyOnce,
        request_timeout: Duration::from_secs(30),
        policies: BTreeMap::new(),
        usage: DeclaredUsage::default(),
        health: DeclaredHealth::default(),
        one_instance: BTreeSet::new(),
        capabilities: capabilities.map(str::to_owned).into_iter().collect::<BTreeSet<_>>(),
        clock: StackClock::Virtual,
        profile: Profile::Strict,
        actions: Actions::Report,
    }
}
