//! The way of one exchange.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::Bound;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, Request as HttpRequest, Response, StatusCode, Uri, header};
use hyper::body::{Body as _, Incoming};

use super::admission::{Asker, admit};
use super::broken::unbroken;
use super::courier::Couriers;
use super::draft::Draft;
use super::elsewhere::other_host;
use super::routes::{Found, RouteTable};
use crate::clock::BYSTANDER;
use crate::fault::crowd::Crowd;
use crate::fault::drip::DripBody;
use crate::fault::skew::Skews;
use crate::fault::strike::{Asked, Instead, Said, Strike, Unheard};
use crate::fault::{Bite, Course, Hit, gzip};
use crate::journal::{AppliedFault, Entry, Refusal};
use crate::protocol::dialect::{Failure, RenderContext};
use crate::protocol::exchange::{Access, Answer, Context, Effects, Request};
use crate::protocol::form::decode_pairs;
use crate::protocol::pages;
use crate::scenario::{AppIndex, FaultKind, Flaw, RetryAfterForm, VendorProfile};
use crate::simulation::{AnswerDelivery, RouteHit, Simulation, State};
use crate::time::SimTime;
use crate::timeline::LogId;
use crate::vendors::{self, HostRule, VendorSpec};

/// The largest request body that is read.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// What stands in place of a route's name where there is no such route.
const NO_ROUTE: &str = "?";

/// What stands in place of a route's name where a connection came to nothing.
const HANDSHAKE: &str = "handshake";

/// A certificate that a client is shown and must not trust.
#[derive(Clone, Debug)]
pub(crate) struct Misled {
    /// What is wrong with it.
    pub(super) flaw: Flaw,
    /// The fault behind it, for the journal.
    applied: AppliedFault,
}

/// What a failure calls the address of a subscription, whatever the vendor's parameter is called.
pub(crate) const CALLBACK: &str = "callback";

/// The connection is closed without a byte of an answer.
#[derive(Debug, thiserror::Error)]
#[error("connection closed without an answer")]
pub(crate) struct Severed;

/// The scheme that a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// How a request came in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) scheme: Scheme,
    /// The vendor's host that was asked for; none at the simulator's own addresses.
    pub(crate) host: Option<&'static HostRule>,
    /// When the exchange before it on its connection was over; none where it is the first, or behind a name or a proxy.
    pub(crate) idle_since: Option<SimTime>,
}

/// One instance's side of the server.
pub(crate) struct InstanceServer {
    sim: Arc<Simulation>,
    app: AppIndex,
    spec: &'static VendorSpec,
    routes: RouteTable,
    couriers: Arc<Couriers>,
    counts: Mutex<BTreeMap<&'static str, u32>>,
    skews: Skews,
    crowd: Crowd,
    /// Where `foreign_next_link` and `redirect` lead to.
    elsewhere: Option<SocketAddr>,
    /// The scheme in the addresses that clients are given.
    given: Scheme,
}

impl InstanceServer {
    /// The server of instance `app`; `elsewhere` is the other host that a fault leads to.
    pub(super) fn new(
        sim: Arc<Simulation>,
        app: AppIndex,
        elsewhere: Option<SocketAddr>,
        couriers: Arc<Couriers>,
        given: Scheme,
    ) -> Self {
        let spec = vendors::spec(sim.scenario.apps[app.0].vendor);
        let skews = Skews::of(&sim.scenario.faults);
        Self {
            sim,
            app,
            spec,
            routes: RouteTable::new(spec),
            couriers,
            counts: Mutex::default(),
            skews,
            crowd: Crowd::default(),
            elsewhere,
            given,
        }
    }

    /// Simulated time.
    pub(super) fn now(&self) -> SimTime {
        self.sim.clock.now()
    }

    /// Whether the certificates that clients are shown may be bad ones at times: then each exchange has a connection, and
    /// each connection a handshake, of its own.
    pub(super) fn may_mislead(&self) -> bool {
        self.sim.meets_connections(self.app)
    }

    /// What is wrong with the certificate that the next client is shown, if anything is.
    pub(super) fn certificate(&self) -> Option<Misled> {
        let (app, now, course) = (self.app, self.sim.clock.now(), Course::Handshake);
        let route = HANDSHAKE;
        let hit =
            Hit { app, route, page: None, wants_token: false, now, idle: None, limit: None, takes_gzip: false, course };
        let bite = self.sim.meet_fault(&hit)?;
        let FaultKind::BadCertificate { flaw } = bite.kind else { return None };
        Some(Misled { flaw, applied: bite.applied })
    }

    /// Takes down that a client would not have a bad certificate: for it that was an exchange, though none came about.
    pub(super) fn was_refused(&self, misled: Misled) {
        let _counted = self.sim.clock.arrive();
        let (now, app) = (self.sim.clock.now(), &self.sim.scenario.apps[self.app.0].name);
        self.sim.journal.push(Entry {
            seq: self.sim.journal.next_seq(),
            at: now,
            ended: now,
            app: app.clone(),
            route: format!("{app}.{HANDSHAKE}"),
            method: "TLS".to_owned(),
            fault: Some(misled.applied),
            reasons: vec!["tls: the client would not have the certificate".to_owned()],
            ..Entry::default()
        });
    }

    /// Answers one request.
    pub(crate) async fn exchange(
        self: &Arc<Self>,
        arrival: Arrival,
        misled: Option<&Misled>,
        request: HttpRequest<Incoming>,
    ) -> Result<Response<Body>, Severed> {
        let sim = &self.sim;
        let guard = if request.headers().contains_key(BYSTANDER) { None } else { sim.clock.arrive() };
        let (mut draft, routed) = self.take_in(arrival, request).await?;
        let mut request = match routed {
            Ok(request) => request,
            Err(failure) => {
                draft.request_id = self.request_id(NO_ROUTE, self.count(NO_ROUTE).0);
                let answer = self.refuse(&failure, &mut draft);
                draft.entry.reasons.extend(self.elsewhere(arrival, &draft.path));
                return Ok(self.finish(answer, &mut draft).map(Body::from));
            }
        };
        let route = request.route;
        draft.entry.route = format!("{}.{}", draft.entry.app, route.name);
        let (nth, nth_of_app) = self.count(route.name);
        draft.request_id = self.request_id(route.name, nth);
        request.id.clone_from(&draft.request_id);

        let now = sim.clock.now();
        let (bite, page) = self.met(&request, arrival.idle_since, now);
        draft.entry.fault = bite.as_ref().map(|b| &b.applied).or(misled.map(|m| &m.applied)).cloned();
        let mut strike = Strike::of(bite.as_ref());
        let app = &sim.scenario.apps[self.app.0].name;
        let hold = |what: &str| format!("{what}:{app}.{}#{nth}", route.name);

        if let Some(unheard) = strike.unheard() {
            if let Unheard::Open(until) = unheard {
                sim.clock.detain(guard.as_ref(), until, &hold("hang")).await;
            }
            return Err(Severed);
        }
        let mut place = None;
        if let Some(most) = strike.most_at_once() {
            // Parallel requests come in in any order, and take their places by name.
            sim.clock.detain(guard.as_ref(), Some(now), &hold("crowd")).await;
            place = self.crowd.enter(most);
            if place.is_none() {
                strike.turn_away();
            }
        }
        let asked_days = self.days_asked(&request, now);
        let mut answer =
            unbroken(|| self.answer(request, &strike, &mut draft)).unwrap_or_else(|why| self.broken(&why, &mut draft));
        if let Some(proposal) = draft.proposal.take()
            && let Err(why) = self.couriers.subscribe(self.app, proposal, &draft.request_id).await
        {
            answer = self.refuse(&Failure::bad_parameter(CALLBACK, why), &mut draft);
        }
        self.couriers.plan();
        let hit = RouteHit { app: self.app, route: route.name, nth, nth_of_app, page, now };
        if sim.delivery(&hit) == AnswerDelivery::Withhold {
            sim.clock.detain(guard.as_ref(), None, &hold("withhold")).await;
        }
        if strike.loses_answer() {
            return Err(Severed);
        }
        let slower_address = self.slower_by(arrival).map(|by| ("slower address", by));
        for (what, by) in [strike.hold(asked_days), slower_address].into_iter().flatten() {
            sim.clock.detain(guard.as_ref(), Some(now + by), &hold(what)).await;
        }
        drop(place);
        let (mut head, body) = self.finish(answer, &mut draft).into_parts();
        let drip =
            |body: &Bytes, over| Body::new(DripBody::new(body, over, sim.clock.clone(), guard, hold("drip"), draft));
        let body = strike.on_body(&mut head.headers, body, drip);
        Ok(Response::from_parts(head, body))
    }

    /// Reads a request to its end, and opens the journal's entry on it: the request, if it meets a route.
    async fn take_in(
        &self,
        arrival: Arrival,
        request: HttpRequest<Incoming>,
    ) -> Result<(Draft, Result<Request, Failure>), Severed> {
        let seq = self.sim.journal.next_seq();
        let (parts, body) = request.into_parts();
        let query = decode_pairs(parts.uri.query().unwrap_or_default().as_bytes());
        let mut draft = Draft::new(&self.sim, self.app, seq, arrival.scheme, &parts, &query);
        if body.size_hint().lower() > BODY_LIMIT as u64 {
            let why = format!("it is longer than the {BODY_LIMIT} bytes that are read");
            return Ok((draft, Err(Failure::bad_parameter("body", why))));
        }
        let body = to_bytes(Body::new(body), BODY_LIMIT).await.map_err(|why| {
            draft.entry.reasons.push(format!("body: {why}"));
            Severed
        })?;
        draft.read(self.app, &parts.headers, &query, &body);
        draft.entry.notes.in_the_clear = arrival.scheme == Scheme::Http && self.given == Scheme::Https;
        let routed = self.route(arrival, parts, query, body, &draft);
        Ok((draft, routed))
    }

    /// The fault that meets a request, and the page that is asked for, where the route has pages.
    fn met(&self, request: &Request, idle_since: Option<SimTime>, now: SimTime) -> (Option<Bite>, Option<u32>) {
        let (state, route) = (self.sim.state(), request.route);
        let asked_page = |_| pages::asked_page(&state.instances[self.app.0], request, self.spec.cursor_parameter);
        let page = route.feed.map(asked_page);
        let wants_token = matches!(route.access, Access::Token(_));
        let (app, route, course) = (self.app, route.name, Course::Request);
        let accepted = request.headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok());
        let takes_gzip = accepted.is_some_and(gzip::is_accepted);
        let limit = request.query("limit").and_then(|limit| limit.parse().ok());
        let idle = idle_since.map(|since| now.since(since));
        (self.sim.meet_fault(&Hit { app, route, page, wants_token, now, idle, limit, takes_gzip, course }), page)
    }

    /// How many days the window has that a request asks for, where its parameters name one. What is left open reaches to
    /// where the log begins and to now.
    fn days_asked(&self, request: &Request, now: SimTime) -> f64 {
        let feed = request.route.feed.and_then(|name| self.spec.feeds.iter().find(|feed| feed.name == name));
        let Some(Ok(span)) = feed.map(|feed| feed.window(request)) else { return 0.0 };
        let edge = |bound: Bound<SimTime>, open: SimTime| match bound {
            Bound::Included(at) | Bound::Excluded(at) => at,
            Bound::Unbounded => open,
        };
        let (from, until) = (edge(span.from, self.sim.scenario.history_start()), edge(span.until, now).min(now));
        until.since(from).as_secs_f64() / 86_400.0
    }

    /// How much longer an answer takes at the address that was asked, or that the stack was given.
    fn slower_by(&self, arrival: Arrival) -> Option<Duration> {
        let given = (self.sim.scenario.apps[self.app.0].profile == VendorProfile::AllTenants)
            .then(|| self.spec.hosts.iter().map(|host| host.slower_by).max())
            .flatten();
        arrival.host.map(|host| host.slower_by).max(given).filter(|by| !by.is_zero())
    }

    /// For a path that another of the vendor's hosts serves: which one.
    fn elsewhere(&self, arrival: Arrival, path: &str) -> Option<String> {
        let asked = arrival.host.filter(|host| !(host.serves)(path))?;
        let other = self.spec.hosts.iter().find(|host| (host.serves)(path))?;
        Some(format!("{} does not serve {path}, {} does", asked.name, other.name))
    }

    /// The declared route of a request.
    fn route(
        &self,
        arrival: Arrival,
        parts: Parts,
        query: Vec<(String, String)>,
        body: Bytes,
        draft: &Draft,
    ) -> Result<Request, Failure> {
        let path = parts.uri.path();
        if arrival.host.is_some_and(|host| !(host.serves)(path)) {
            return Err(Failure::UnknownRoute { path: path.to_owned(), nearest: None });
        }
        let path = (self.spec.normalize)(path);
        match self.routes.find(&parts.method, &path) {
            Found::Route(route, params) => {
                let mut request = Request {
                    id: String::new(),
                    route,
                    method: parts.method,
                    path: draft.path.clone(),
                    params,
                    query,
                    headers: parts.headers,
                    body,
                    origin: draft.origin.clone(),
                    elsewhere: None,
                    principal: None,
                    walk: OnceLock::new(),
                };
                (self.spec.parameters)(&mut request);
                Ok(request)
            }
            Found::OtherMethods(allowed) => Err(Failure::MethodNotAllowed {
                method: parts.method,
                allowed: allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", "),
            }),
            Found::Nothing { nearest } => Err(Failure::UnknownRoute { path: path.into_owned(), nearest }),
        }
    }

    /// Who asks, whether they may, and the room's answer; all in one step, with the state locked.
    fn answer(&self, mut request: Request, strike: &Strike, draft: &mut Draft) -> Answer {
        let sim = &self.sim;
        let mut state = sim.state();
        let now = sim.clock.now();
        state.timeline.advance(now);
        let tokens = &mut state.instances[self.app.0].tokens;
        tokens.set_clock_ahead(self.skews.at(self.app, now).us);
        strike.on_credentials(tokens, &request, now);
        let other_origin = self.other_origin(&draft.origin);
        let asked = Asked {
            origin: &draft.origin,
            path: &draft.path,
            query: draft.query.as_deref(),
            other_origin: other_origin.as_deref(),
            secondary: self.spec.limits.secondary.map(|secondary| secondary.quota),
        };
        let mut asker = Asker::default();
        let outcome = match strike.instead(&asked) {
            Some(instead) => {
                let limiter = &state.instances[self.app.0].limiter;
                if let Said::Refusal(Failure::RateLimited { retry_after, quota }, _) = instead.said {
                    asker.limit_headers = limiter.throttled(request.route, quota, retry_after, now);
                }
                Ok(self.said_instead(instead, draft, now))
            }
            None => {
                strike.on_request(&mut request, other_origin);
                self.admitted(&mut request, &mut state, draft, now, &mut asker, strike)
            }
        };
        let mut answer = outcome.unwrap_or_else(|failure| self.refuse_at(&failure, draft, now));
        asker.tell(&mut answer.headers);
        answer
    }

    fn admitted(
        &self,
        request: &mut Request,
        state: &mut State,
        draft: &mut Draft,
        now: SimTime,
        asker: &mut Asker,
        strike: &Strike,
    ) -> Result<Answer, Failure> {
        let admitted = admit(&mut state.instances[self.app.0], request, now, asker);
        asker.note(&mut draft.entry);
        admitted?;
        if let (Some(count), Some(feed)) = (strike.arriving(), request.route.feed) {
            state.timeline.arrive(now, LogId { app: self.app, feed }, count);
        }
        if let Some(webhooks) = self.spec.webhooks.filter(|_| strike.is_forestalled()) {
            state.instances[self.app.0].outbox.subscribe_stranger(webhooks, now);
        }
        let (bend, effects) = (strike.bend(), strike.effects());
        let notes = &mut draft.entry.notes;
        let mut context = Context { sim: &self.sim, state, app: self.app, now, notes, bend, effects, proposal: None };
        let answer = (self.spec.around)(request.route.handler, &mut context, request)?;
        draft.proposal = context.proposal.filter(|_| effects == Effects::Real);
        Ok(strike.on_answer(answer))
    }

    /// Renders what is said in place of the room's answer.
    fn said_instead(&self, instead: Instead, draft: &mut Draft, now: SimTime) -> Answer {
        let answer = match instead.said {
            Said::Refusal(failure, status) => {
                let mut answer = self.refuse_at(&failure, draft, now);
                answer.status = status.unwrap_or(answer.status);
                answer
            }
            Said::Answer(answer) => answer,
        };
        if let Some(reason) = instead.reason {
            draft.entry.reasons = vec![reason];
            draft.entry.notes.refusal = Some(Refusal::Fault);
        }
        let Some((wait, form)) = instead.retry_after else { return answer };
        draft.entry.retry_after_s = Some(wait.as_secs_f64());
        say_retry_after(answer, wait, form, self.told(now))
    }

    /// Scheme and host that a fault leads to, for a client that knows the vendor as `origin`.
    fn other_origin(&self, origin: &str) -> Option<String> {
        self.elsewhere.map(|to| other_host(origin, to))
    }

    /// What a client is told when the simulator broke on its request: what the vendor says when it breaks itself.
    fn broken(&self, why: &str, draft: &mut Draft) -> Answer {
        let answer = self.refuse(&Failure::Upstream(StatusCode::INTERNAL_SERVER_ERROR), draft);
        draft.entry.reasons = vec![format!("simulator: broke on this request: {why}")];
        draft.entry.notes.refusal = Some(Refusal::Broken);
        answer
    }

    fn refuse(&self, failure: &Failure, draft: &mut Draft) -> Answer {
        self.refuse_at(failure, draft, self.sim.clock.now())
    }

    fn refuse_at(&self, failure: &Failure, draft: &mut Draft, now: SimTime) -> Answer {
        failure.note(&mut draft.entry);
        self.spec.dialect.refuse(failure, &self.rendering(draft, now))
    }

    fn rendering(&self, draft: &Draft, now: SimTime) -> RenderContext {
        RenderContext {
            now: self.told(now),
            request_id: draft.request_id.clone(),
            client_request_id: draft.client_request_id.clone(),
            accept: draft.accept.clone(),
            origin: draft.origin.clone(),
            path: draft.path.clone(),
            query: draft.query.clone(),
        }
    }

    /// The time by the vendor's own clock.
    fn told(&self, now: SimTime) -> SimTime {
        SimTime::from_us(now.us() + self.skews.at(self.app, now).us)
    }

    /// The how-manieth request of a route this is, and of all routes.
    fn count(&self, route: &'static str) -> (u32, u32) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(route).or_default() += 1;
        let routed = counts.iter().filter(|(route, _)| **route != NO_ROUTE);
        (counts[route], routed.map(|(_, count)| count).sum())
    }

    /// Parallel requests come in in any order; so nothing is drawn from a number that all of them share.
    fn request_id(&self, route: &str, nth: u32) -> String {
        let app = &self.sim.scenario.apps[self.app.0].name;
        self.sim.scenario.seed.uuid(&["request", app, route, &nth.to_string()])
    }

    /// Puts the bytes together and closes the journal's entry.
    fn finish(&self, answer: Answer, draft: &mut Draft) -> Response<Bytes> {
        let now = self.sim.clock.now();
        let answer = (self.spec.dialect.stamp)(answer, &self.rendering(draft, now));
        let mut response = Response::new(answer.body);
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        let date = http_date(self.told(now));
        if let Ok(date) = HeaderValue::from_str(&date) {
            response.headers_mut().insert(header::DATE, date);
        }
        draft.entry.status = Some(answer.status.as_u16());
        response
    }
}

/// Host and port as the client used them: of the request's target where it is absolute (RFC 9112, section 3.2.2), else
/// of `Host`.
pub(super) fn authority<'a>(target: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let of_target = target.authority().map(Authority::as_str);
    of_target.or_else(|| headers.get(header::HOST).and_then(|host| host.to_str().ok()))
}

/// RFC 9110's date.
pub(crate) fn http_date(t: SimTime) -> String {
    t.civil().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn say_retry_after(answer: Answer, wait: std::time::Duration, form: RetryAfterForm, now: SimTime) -> Answer {
    let value = match form {
        RetryAfterForm::Vendor => return answer,
        RetryAfterForm::None => {
            let mut answer = answer;
            answer.headers.remove(header::RETRY_AFTER);
            return answer;
        }
        RetryAfterForm::Seconds => wait.as_secs().to_string(),
        RetryAfterForm::HttpDate => http_date(now + wait),
        RetryAfterForm::Fraction => format!("{:.3}", wait.as_secs_f64()),
        RetryAfterForm::Zero => "0".to_owned(),
    };
    answer.with(header::RETRY_AFTER, &value)
}
