//! A vendor without a socket: requests are values, answers are values, time stands where the test puts it.
//!
//! The way of an exchange is the server's (route, token, limiter, scope, room, dialect), without faults.

use std::io::Write as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::Value;

use super::{VendorSpec, spec};
use crate::clock::ClockMode;
use crate::journal::Notes;
use crate::protocol::dialect::{Failure, RenderContext};
use crate::protocol::exchange::{Answer, Context, Effects, PageBend, Request};
use crate::protocol::form::{decode_pairs, encode_pairs};
use crate::protocol::pages;
use crate::scenario::{
    App, AppIndex, CastMember, Credentials, From as Origin, MdaMode, Outcome, PersonKind, Position, Scenario, SignIn,
    StackLife, Step, Using, Vendor, VendorProfile, Verb, Who,
};
use crate::seed::Seed;
use crate::server::admission::{Asker, admit};
use crate::server::routes::{Found, RouteTable};
use crate::simulation::Simulation;
use crate::time::SimTime;
use crate::world::place;

/// Where a test's instance listens.
pub(crate) const ORIGIN: &str = "http://127.0.0.1:4101";
/// The other host that a fault leads to.
pub(crate) const ELSEWHERE: &str = "http://localhost:9";
/// The stack's redirect address.
pub(crate) const REDIRECT: &str = "http://127.0.0.1:9/oauth/callback";

/// `day 1 00:00` of every test.
pub(crate) fn day_1() -> SimTime {
    SimTime::parse_rfc3339("2026-03-02T00:00:00Z").expect("a literal")
}

/// A time of day 1.
pub(crate) fn at(clock: &str) -> SimTime {
    SimTime::parse_rfc3339(&format!("2026-03-02T{clock}Z")).expect("a literal")
}

/// A story with no background and no history: one instance of each vendor, in the order of [`Vendor::ALL`], and the
/// people it names.
pub(crate) fn story(sign_in: SignIn, people: &[&str]) -> Scenario {
    let home = place("London").expect("in the catalogue");
    let app = |vendor: Vendor| App {
        name: vendor.name().to_owned(),
        vendor,
        sign_in,
        credentials: Credentials::App,
        page_size: None,
        token_life: None,
        retention: None,
        scopes: None,
        profile: VendorProfile::Current,
        mda_mode: MdaMode::Dynamic,
        at: Position::default(),
    };
    let member = |key: &&str| CastMember {
        key: (*key).to_owned(),
        name: None,
        email: None,
        home,
        job: None,
        kind: PersonKind::Employee,
        accounts: (0..Vendor::ALL.len()).map(AppIndex).collect(),
        admin_of: Vec::new(),
        logins: Default::default(),
        count: 1,
        at: Position::default(),
    };
    Scenario {
        title: "a test".to_owned(),
        seed: Seed(7),
        day_1: day_1().civil().date(),
        displaced: Duration::ZERO,
        history_days: 0,
        people: 0,
        home,
        apps: Vendor::ALL.map(app).to_vec(),
        cast: people.iter().map(member).collect(),
        networks: Vec::new(),
        files: Vec::new(),
        attacks: Vec::new(),
        policies: Vec::new(),
        script: Vec::new(),
        faults: Vec::new(),
        left_to_caller: Vec::new(),
        stack: StackLife { starts: day_1(), ends: None, timezone: "UTC".to_owned() },
    }
}

/// A line of a script: the person with this index in the cast does something in London.
pub(crate) fn step(time: SimTime, actor: usize, verb: Verb, app: AppIndex) -> Step {
    Step {
        at: time,
        verb,
        actor: Who::Cast(actor),
        app: Some(app),
        from: place("London").map(Origin::Place),
        using: Using::Laptop,
        result: Outcome::Success,
        target: None,
        object: None,
        details: Default::default(),
        times: 1,
        over: Duration::ZERO,
        late: None,
        agent: None,
        attack: None,
        id: None,
        position: Position::default(),
    }
}

/// An instance under test.
pub(crate) struct Room {
    pub(crate) sim: Arc<Simulation>,
    pub(crate) app: AppIndex,
    pub(crate) now: SimTime,
    pub(crate) bend: Option<PageBend>,
    pub(crate) effects: Effects,
    /// The scheme before a token.
    pub(crate) scheme: &'static str,
    /// What the client calls itself, unless a request says; empty for nothing.
    pub(crate) agent: &'static str,
    spec: &'static VendorSpec,
    requests: u64,
}

/// An answer with what the journal would say of it.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) notes: Notes,
    pub(crate) reasons: Vec<String>,
    pub(crate) page: u32,
}

impl Reply {
    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The status, checked, and then the body as JSON.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} {:?}", self.text(), self.reasons);
        if self.body.is_empty() { Value::Null } else { self.json() }
    }
}

impl Room {
    pub(crate) fn new(scenario: Scenario, vendor: Vendor) -> Self {
        let app =
            scenario.apps.iter().position(|a| a.vendor == vendor).map(AppIndex).expect("every story has them all");
        let sim = Simulation::new(scenario, ClockMode::Virtual).expect("small worlds can be made");
        sim.state().instances[app.0].tokens.set_redirect_uris(&[REDIRECT.to_owned()]);
        let now = at("12:00:00");
        let scheme = spec(vendor).credentials.scheme();
        Self {
            sim,
            app,
            now,
            bend: None,
            effects: Effects::Real,
            scheme,
            agent: "room",
            spec: spec(vendor),
            requests: 0,
        }
    }

    /// A token with every scope.
    pub(crate) fn token(&self) -> String {
        self.sim.state().instances[self.app.0].tokens.issue_ready_token(self.now)
    }

    /// A token with these scopes alone.
    pub(crate) fn token_with(&self, scopes: &[&str]) -> String {
        let mut state = self.sim.state();
        let tokens = &mut state.instances[self.app.0].tokens;
        tokens.set_scopes(scopes);
        tokens.issue_ready_token(self.now)
    }

    pub(crate) fn get(&mut self, target: &str, token: &str) -> Reply {
        self.send(Method::GET, target, &[("authorization", &format!("{} {token}", self.scheme))], "")
    }

    pub(crate) fn post_json(&mut self, method: Method, target: &str, token: &str, body: &str) -> Reply {
        let bearer = format!("{} {token}", self.scheme);
        self.send(method, target, &[("authorization", &bearer), ("content-type", "application/json")], body)
    }

    pub(crate) fn post_form(&mut self, target: &str, pairs: &[(&str, &str)]) -> Reply {
        let form = ("content-type", "application/x-www-form-urlencoded");
        self.send(Method::POST, target, &[form], &encode_pairs(pairs.iter().copied()))
    }

    pub(crate) fn send(&mut self, method: Method, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        // A URL's fragment never leaves the client.
        let target = target.split('#').next().unwrap_or_default();
        let target = target.strip_prefix(ORIGIN).unwrap_or(target);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        self.requests += 1;
        let sim = Arc::clone(&self.sim);
        let mut notes = Notes::default();
        let mut asker = Asker::default();
        let headers = headers.iter().map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header");
            (name, HeaderValue::from_str(value).expect("a value"))
        });
        let mut headers: HeaderMap = headers.collect();
        if !self.agent.is_empty() {
            headers.entry("user-agent").or_insert(HeaderValue::from_static(self.agent));
        }
        let render = RenderContext {
            now: self.now,
            request_id: request_id(&sim, self.requests),
            client_request_id: headers
                .get("client-request-id")
                .and_then(|v| v.to_str().ok())
                .map(str::to_owned)
                .or_else(|| {
                    decode_pairs(query.as_bytes()).into_iter().find(|(k, _)| k == "client-request-id").map(|(_, v)| v)
                }),
            accept: headers.get("accept").and_then(|v| v.to_str().ok()).map(str::to_owned),
            origin: ORIGIN.to_owned(),
            query: (!query.is_empty()).then(|| query.to_owned()),
            path: path.to_owned(),
        };
        let mut page = 0;
        let outcome = self.answer(method, path, query, headers, body, &mut notes, &mut asker, &mut page);
        let (answer, reasons) = match outcome {
            Ok(answer) => (answer, Vec::new()),
            Err(failure) => (self.spec.dialect.refuse(&failure, &render), failure.reasons()),
        };
        let answer = (self.spec.dialect.stamp)(answer, &render);
        let mut headers = answer.headers;
        asker.tell(&mut headers);
        Reply { status: answer.status.as_u16(), headers, body: answer.body, notes, reasons, page }
    }

    #[expect(clippy::too_many_arguments, reason = "one exchange, taken apart")]
    fn answer(
        &self,
        method: Method,
        path: &str,
        query: &str,
        headers: HeaderMap,
        body: &str,
        notes: &mut Notes,
        asker: &mut Asker,
        page: &mut u32,
    ) -> Result<Answer, Failure> {
        let normal = (self.spec.normalize)(path);
        let (route, params) = match RouteTable::new(self.spec).find(&method, &normal) {
            Found::Route(route, params) => (route, params),
            Found::OtherMethods(allowed) => {
                let allowed = allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
                return Err(Failure::MethodNotAllowed { method, allowed });
            }
            Found::Nothing { nearest } => return Err(Failure::UnknownRoute { path: path.to_owned(), nearest }),
        };
        let mut request = Request {
            id: request_id(&self.sim, self.requests),
            route,
            method,
            path: path.to_owned(),
            params,
            query: decode_pairs(query.as_bytes()),
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
            origin: ORIGIN.to_owned(),
            elsewhere: (self.bend == Some(PageBend::ForeignLink)).then(|| ELSEWHERE.to_owned()),
            principal: None,
            walk: OnceLock::new(),
        };
        (self.spec.parameters)(&mut request);
        let mut state = self.sim.state();
        let state = &mut *state;
        state.timeline.advance(self.now);
        let instance = &mut state.instances[self.app.0];
        *page = pages::asked_page(instance, &request, self.spec.cursor_parameter);
        admit(instance, &mut request, self.now, asker)?;
        let (bend, effects, now) = (self.bend, self.effects, self.now);
        let mut context = Context { sim: &self.sim, state, app: self.app, now, notes, bend, effects, proposal: None };
        let answer = (self.spec.around)(route.handler, &mut context, &request)?;
        // Nobody is called from here: every address passes.
        if let (Some(proposal), Some(rules), true) = (context.proposal.take(), self.spec.webhooks, context.is_real()) {
            context.instance_state().subscribe(rules, proposal, now);
        }
        Ok(answer)
    }
}

fn request_id(sim: &Simulation, number: u64) -> String {
    sim.scenario.seed.uuid(&["request", &number.to_string()])
}

/// The vendor's published description, if it lies beside the workspace; else tests that want it say so and pass.
pub(crate) fn description(file: &str) -> Option<Value> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut candidates = path.ancestors().map(|a| a.join("shared/vendors/openapi").join(file));
    let found = candidates.find(|candidate| candidate.is_file());
    let Some(found) = found else {
        // Past the harness, which keeps what a passing test prints to itself.
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        let line = format!("NOT TESTED: {test}: {file} is not beside the workspace\n");
        std::io::stderr().write_all(line.as_bytes()).expect("somebody listens");
        return None;
    };
    serde_json::from_slice(&std::fs::read(found).ok()?).ok()
}

/// Checks a body against `#/components/schemas/NAME` of an OpenAPI 3.0 document.
#[track_caller]
pub(crate) fn check_schema(document: &Value, schema: &str, body: &Value) {
    let mut root = document.clone();
    nullable(&mut root);
    root["$ref"] = Value::String(format!("#/components/schemas/{schema}"));
    // Miro's own `createdAt` is no RFC 3339 (its offset has no colon): formats are not checked.
    let options = jsonschema::draft4::options().should_validate_formats(false);
    let validator = options.build(&root).expect("the description is a schema");
    let errors: Vec<String> = validator.iter_errors(body).map(|e| format!("{} at {}", e, e.instance_path())).collect();
    assert!(errors.is_empty(), "{schema}: {errors:#?}\n{body:#}");
}

/// OpenAPI 3.0 says `nullable` where JSON Schema lists `null` among the types; with `allOf` it wraps.
pub(crate) fn nullable(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(nullable);
            if fields.remove("nullable") == Some(Value::Bool(true)) {
                let inner = Value::Object(std::mem::take(fields));
                fields.insert("anyOf".to_owned(), serde_json::json!([{ "type": "null" }, inner]));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(nullable),
        _ => {}
    }
}

/// The status of an answer that a room gives without a body.
pub(crate) const NO_CONTENT: u16 = StatusCode::NO_CONTENT.as_u16();
