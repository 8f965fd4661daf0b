//! One HTTP exchange as a vendor's room sees it: a plain value in, a plain value out.

use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::journal::Notes;
use crate::protocol::credentials::Principal;
use crate::protocol::dialect::Failure;
use crate::protocol::webhooks::Proposal;
use crate::scenario::AppIndex;
use crate::simulation::{InstanceState, Simulation, State};
use crate::time::SimTime;
use crate::world::Instance;

/// A route of a vendor, as data.
#[derive(Debug)]
pub struct Route {
    /// Name in scenarios, journal and findings, without the instance: `audit_log`.
    pub name: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path in axum's syntax: `/v2/orgs/{org_id}/members`.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Cost in the units of the vendor's limiter.
    pub cost: u32,
    /// The log it pages through, if it does: name of a [`crate::protocol::feed::Feed`].
    pub feed: Option<&'static str>,
    /// Where the behaviour is documented.
    pub source: &'static str,
    /// Answers the request.
    pub handler: Handler,
}

/// A row of a vendor's table of routes: name, method, path, access, cost, feed, source, handler.
#[expect(clippy::too_many_arguments, reason = "a row of a table")]
pub const fn route(
    name: &'static str,
    method: Method,
    path: &'static str,
    access: Access,
    cost: u32,
    feed: Option<&'static str>,
    source: &'static str,
    handler: Handler,
) -> Route {
    Route { name, method, path, access, cost, feed, source, handler }
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody: OAuth endpoints, discovery, consent pages.
    Public,
    /// A valid access token with one of these scopes or roles (any one suffices; none listed: any token).
    Token(&'static [&'static str]),
    /// A key of this name that an administrator makes by hand, outside OAuth; no access token opens the route, and no
    /// rate limit is known for it.
    Key(&'static str),
}

/// Answers a request or says what is wrong with it; the vendor's dialect renders the failure.
pub type Handler = fn(&mut Context<'_>, &Request) -> Result<Answer, Failure>;

/// A request after routing.
#[derive(Debug)]
pub struct Request {
    /// The vendor's id of it. It hangs on which request of its route it is, not on when others came in.
    pub id: String,
    /// The route it met.
    pub route: &'static Route,
    /// HTTP method.
    pub method: Method,
    /// Path as sent.
    pub path: String,
    /// Path parameters by name, decoded.
    pub params: Vec<(String, String)>,
    /// Query parameters in order, decoded.
    pub query: Vec<(String, String)>,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, whole.
    pub body: Bytes,
    /// `http://127.0.0.1:4101`: scheme and host as the client used them. Every URL given out begins with it.
    pub origin: String,
    /// Scheme and host that the address of a next page is to begin with, if a fault says so.
    pub elsewhere: Option<String>,
    /// Who asks, on routes that want a token.
    pub principal: Option<Principal>,
    /// The walk it belongs to, from when somebody first wanted to know.
    pub(crate) walk: OnceLock<String>,
}

impl Request {
    /// The path parameter `name`.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(k, _)| k == name).map_or("", |(_, v)| v)
    }

    /// The query parameter `name`, the first if repeated.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    /// Scheme and host of the address of the next page.
    pub fn next_origin(&self) -> &str {
        self.elsewhere.as_deref().unwrap_or(&self.origin)
    }

    /// Who asks; all routes but [`Access::Public`] ones have somebody.
    pub fn caller(&self) -> &Principal {
        self.principal.as_ref().expect("the pipeline lets nobody without a token reach such a route")
    }
}

/// What a handler may see and change.
pub struct Context<'a> {
    /// The simulation: scenario, world.
    pub sim: &'a Simulation,
    /// Everything that changes.
    pub state: &'a mut State,
    /// Which instance is asked.
    pub app: AppIndex,
    /// Simulated time.
    pub now: SimTime,
    /// What the journal will say beside the bytes.
    pub notes: &'a mut Notes,
    /// A fault that bends the page about to be served.
    pub bend: Option<PageBend>,
    /// Whether what is asked is done, or only said to be.
    pub effects: Effects,
    /// A webhook subscription that the answer speaks of: it comes into force, and the answer leaves, once its address
    /// has stood the vendor's handshake.
    pub proposal: Option<Proposal>,
}

/// Whether a handler does what it answers to have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effects {
    /// It does.
    Real,
    /// It answers as if it had, by a fault of the scenario.
    Pretended,
}

impl Context<'_> {
    /// The instance that is asked.
    pub fn instance(&self) -> &Instance {
        &self.sim.world.instances[self.app.0]
    }

    /// Whether what is asked is to be done; a fault of the scenario may have it only pretended.
    pub fn is_real(&self) -> bool {
        self.effects == Effects::Real
    }

    /// What changes about that instance.
    pub fn instance_state(&mut self) -> &mut InstanceState {
        &mut self.state.instances[self.app.0]
    }
}

/// How a fault bends a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageBend {
    /// The page's own cursor is given as the next one.
    RepeatCursor,
    /// No records, and a cursor that leads to them.
    Empty,
    /// The cursor of the page before is given as the next one.
    CycleCursor,
    /// The cursor sent is refused, until the walk begins anew.
    ExpireCursor,
    /// On a last page: an empty cursor in place of none.
    EmptyCursor,
    /// There is a next page, and its address is on another host ([`Request::next_origin`]).
    ForeignLink,
}

/// A complete answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers beside those the server adds (`Date`, `Content-Length`, the limiter's).
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Answer {
    /// A status and nothing else.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// Bytes with a content type.
    pub fn bytes(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut answer = Self { status, headers: HeaderMap::new(), body: body.into() };
        answer.headers.insert(axum::http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        answer
    }

    /// A JSON value.
    pub fn json(status: StatusCode, value: &impl serde::Serialize) -> Self {
        let body = serde_json::to_vec(value).expect("answers are made of plain values");
        Self::bytes(status, "application/json", body)
    }

    /// `302` to a location.
    pub fn redirect(location: &str) -> Self {
        let mut answer = Self::empty(StatusCode::FOUND);
        let location = HeaderValue::from_str(location).unwrap_or_else(|_| HeaderValue::from_static("/"));
        answer.headers.insert(axum::http::header::LOCATION, location);
        answer
    }

    /// The body as JSON; null if it is none.
    pub fn json_body(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The same answer with a header more.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}
