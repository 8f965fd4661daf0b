//! One list of failures that every vendor knows, and what a vendor makes of them.
//!
//! A room says *what* is wrong; the vendor's [`Dialect`] says it in the vendor's status, headers and body. The chain of
//! reasons goes to the journal, never to the client.

use std::time::Duration;

use axum::http::{Method, StatusCode, header};

use crate::journal::{Entry, Refusal};
use crate::protocol::exchange::Answer;
use crate::protocol::scim;
use crate::time::SimTime;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No token came with the request.
    Unauthenticated,
    /// Nobody was ever given this token.
    TokenUnknown,
    /// The token's time is over.
    TokenExpired {
        /// Display name of the token.
        token: String,
    },
    /// The token was revoked, rotated away, or its grant withdrawn.
    TokenRevoked {
        /// Display name of the token.
        token: String,
        /// How it ended.
        end: TokenEnd,
    },
    /// The token does not carry a scope or role that the route wants.
    MissingScope {
        /// Any one of these would do.
        wanted: Vec<String>,
        /// What the token carries.
        held: Vec<String>,
        /// What kind of token it is, in the vendor's words.
        token_kind: &'static str,
    },
    /// The caller may not touch this object.
    Forbidden {
        /// Why not.
        why: String,
    },
    /// There is no such object.
    NotFound {
        /// `user`, `organization`, …
        what: &'static str,
        /// The id that was sent.
        id: String,
    },
    /// Nobody serves this path.
    UnknownRoute {
        /// Path as sent.
        path: String,
        /// The path of the nearest route there is.
        nearest: Option<&'static str>,
    },
    /// The path is served, but not under this method.
    MethodNotAllowed {
        /// Method as sent.
        method: Method,
        /// The methods there are, as the header `Allow` lists them.
        allowed: String,
    },
    /// A parameter, header or body field that the vendor refuses.
    BadParameter {
        /// Its name.
        name: String,
        /// What is wrong with it; vendors put this into their message.
        why: String,
    },
    /// A query that the vendor does not support, or this simulator does not imitate.
    Unsupported {
        /// What was asked for.
        what: String,
    },
    /// A cursor that this log or list never gave out.
    BadCursor {
        /// What is wrong with it.
        why: String,
    },
    /// The window is wider than the vendor allows.
    WindowTooWide {
        /// The widest window allowed.
        widest: Duration,
    },
    /// The object's state does not allow it.
    Conflict {
        /// Why not.
        why: String,
    },
    /// What is asked for is still being made.
    NotReady {
        /// `export`, …
        what: &'static str,
    },
    /// More requests than the vendor allows.
    RateLimited {
        /// When it is worth coming back.
        retry_after: Duration,
        /// The quota that is used up; none if a fault of the scenario says so.
        quota: Option<&'static str>,
    },
    /// A refusal that no other vendor knows.
    Own {
        /// Its status.
        status: StatusCode,
        /// What the vendor says.
        message: String,
        /// Headers beside the vendor's usual ones.
        headers: Vec<(&'static str, String)>,
        /// Why, for people who read the journal.
        why: String,
        /// Why, for programs that do.
        refusal: Refusal,
    },
    /// A refusal that only SCIM has a word for.
    Scim(scim::Refusal),
    /// A refusal of an OAuth endpoint.
    Oauth(OauthFailure),
    /// A refusal shown to a person in a browser, because there is nowhere safe to redirect to.
    ConsentPage(OauthFailure),
    /// An error of the vendor's own, injected by a scenario.
    Upstream(StatusCode),
    /// The vendor is down for maintenance.
    Maintenance,
}

/// How a token ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenEnd {
    /// Somebody withdrew it, or its grant.
    Withdrawn,
    /// Another took its place.
    Replaced,
}

/// Why an OAuth endpoint refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OauthFailure {
    /// A required parameter did not come.
    MissingParameter(&'static str),
    /// A grant type or response type that this vendor does not take.
    UnsupportedGrant(String),
    /// No application has this client id.
    UnknownClient(String),
    /// No client secret came.
    NoSecret,
    /// The client secret is wrong.
    WrongSecret,
    /// An administrator has disabled the application.
    ClientDisabled(String),
    /// The redirect address is not one of the registered ones, or not the one the code was asked for.
    RedirectMismatch(String),
    /// The code is unknown, used or too old.
    BadCode {
        /// Which of these.
        why: &'static str,
    },
    /// The refresh token is unknown, rotated away, revoked or too old.
    BadRefreshToken {
        /// Which of these.
        why: &'static str,
    },
    /// A scope that cannot be asked for.
    BadScope(String),
    /// There is no such tenant.
    UnknownTenant(String),
    /// The person chosen on the consent page may not give this consent.
    NotAdministrator(String),
    /// The token to be revoked is nobody's.
    UnknownToken,
    /// A refusal that the vendor knows by a number.
    Numbered {
        /// The number.
        code: u32,
        /// What it is about.
        about: String,
    },
    /// The device flow (RFC 8628) goes on or has ended, in its own words: `authorization_pending`.
    Device(&'static str),
}

impl Failure {
    /// The chain of reasons for the journal, from the outside in. Never contains a secret.
    pub fn reasons(&self) -> Vec<String> {
        match self {
            Self::Unauthenticated => vec!["token: none was sent".into()],
            Self::TokenUnknown => vec!["token: nobody was given this one".into()],
            Self::TokenExpired { token } => vec![format!("token: {token} has expired")],
            Self::TokenRevoked { token, .. } => vec![format!("token: {token} was revoked")],
            Self::MissingScope { wanted, held, .. } => vec![
                format!("scope: wants one of [{}]", wanted.join(", ")),
                format!("scope: the token carries [{}]", held.join(", ")),
            ],
            Self::Forbidden { why } => vec![format!("permission: {why}")],
            Self::NotFound { what, id } => vec![format!("{what}: nobody has the id `{id}`")],
            Self::UnknownRoute { path, nearest } => {
                let mut reasons = vec![format!("route: nobody serves {path}")];
                reasons.extend(nearest.iter().map(|n| format!("route: the nearest is {n}")));
                reasons
            }
            Self::MethodNotAllowed { method, allowed } => {
                vec![format!("route: not served under {method}, only under {allowed}")]
            }
            Self::BadParameter { name, why } => vec![format!("parameter: {name}: {why}")],
            Self::Unsupported { what } => vec![format!("query: not supported: {what}")],
            Self::BadCursor { why } => vec![format!("cursor: {why}")],
            Self::WindowTooWide { widest } => vec![format!("window: wider than {} s", widest.as_secs())],
            Self::Conflict { why } => vec![format!("state: {why}")],
            Self::NotReady { what } => vec![format!("state: the {what} is not ready yet")],
            Self::RateLimited { retry_after, quota } => {
                let why = quota.map_or("a fault of the scenario".to_owned(), |quota| format!("{quota} used up"));
                vec![format!("limit: {why}, worth coming back in {} s", retry_after.as_secs_f64())]
            }
            Self::Own { why, .. } => vec![why.clone()],
            Self::Scim(refusal) => {
                vec![format!("scim: {}: {}", refusal.scim_type.unwrap_or("refused"), refusal.detail)]
            }
            Self::Oauth(failure) | Self::ConsentPage(failure) => vec![failure.reason()],
            Self::Upstream(status) => vec![format!("fault: status {} injected", status.as_u16())],
            Self::Maintenance => vec!["fault: maintenance".into()],
        }
    }

    /// What it is for, in the journal's terms.
    pub const fn refusal(&self) -> Refusal {
        match self {
            Self::Unauthenticated | Self::TokenUnknown | Self::TokenExpired { .. } | Self::TokenRevoked { .. } => {
                Refusal::Token
            }
            Self::MissingScope { .. } => Refusal::Scope,
            Self::Forbidden { .. } => Refusal::Permission,
            Self::NotFound { .. } => Refusal::NotFound,
            Self::UnknownRoute { .. } | Self::MethodNotAllowed { .. } => Refusal::Route,
            Self::BadParameter { .. } | Self::Unsupported { .. } | Self::WindowTooWide { .. } | Self::Scim(_) => {
                Refusal::Request
            }
            Self::BadCursor { .. } => Refusal::Cursor,
            Self::Conflict { .. } | Self::NotReady { .. } => Refusal::State,
            Self::RateLimited { quota: Some(_), .. } => Refusal::Limit,
            Self::Own { refusal, .. } => *refusal,
            Self::Oauth(failure) | Self::ConsentPage(failure) => failure.refusal(),
            Self::RateLimited { quota: None, .. } | Self::Upstream(_) | Self::Maintenance => Refusal::Fault,
        }
    }

    /// Writes into the journal's entry of an exchange why it was refused.
    pub(crate) fn note(&self, entry: &mut Entry) {
        entry.reasons = self.reasons();
        entry.notes.refusal = Some(self.refusal());
    }

    /// What an injected status looks like where a vendor refuses all requests with that status alike: its own refusal.
    pub fn like(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::UNAUTHORIZED => Some(Self::TokenUnknown),
            StatusCode::FORBIDDEN => Some(Self::Forbidden { why: String::new() }),
            StatusCode::TOO_MANY_REQUESTS => Some(Self::RateLimited { retry_after: Duration::ZERO, quota: None }),
            _ => None,
        }
    }

    /// A [`Failure::BadParameter`].
    pub fn bad_parameter(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self::BadParameter { name: name.into(), why: why.into() }
    }

    /// A [`Failure::NotFound`].
    pub fn not_found(what: &'static str, id: impl Into<String>) -> Self {
        Self::NotFound { what, id: id.into() }
    }
}

impl OauthFailure {
    /// What it is for, in the journal's terms.
    const fn refusal(&self) -> Refusal {
        match self {
            Self::MissingParameter(_) | Self::UnsupportedGrant(_) | Self::UnknownTenant(_) | Self::Numbered { .. } => {
                Refusal::Request
            }
            Self::UnknownClient(_)
            | Self::NoSecret
            | Self::WrongSecret
            | Self::ClientDisabled(_)
            | Self::RedirectMismatch(_) => Refusal::Client,
            Self::BadCode { .. } => Refusal::Code,
            Self::BadRefreshToken { .. } => Refusal::RefreshToken,
            Self::BadScope(_) => Refusal::Scope,
            Self::NotAdministrator(_) => Refusal::Consent,
            Self::UnknownToken => Refusal::Token,
            Self::Device(_) => Refusal::State,
        }
    }

    /// Why, for the journal; never contains a secret.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::MissingParameter(name) => format!("parameter: {name} is missing"),
            Self::UnsupportedGrant(grant) => format!("grant: `{grant}` is not accepted"),
            Self::UnknownClient(id) => format!("client: nobody is registered as `{id}`"),
            Self::NoSecret => "client: no secret was sent".into(),
            Self::WrongSecret => "client: the secret is wrong".into(),
            Self::ClientDisabled(id) => format!("client: `{id}` was disabled by an administrator"),
            Self::RedirectMismatch(uri) => format!("redirect_uri: `{uri}` is not registered or not the one asked for"),
            Self::BadCode { why } => format!("code: {why}"),
            Self::BadRefreshToken { why } => format!("refresh token: {why}"),
            Self::BadScope(scope) => format!("scope: `{scope}` cannot be asked for"),
            Self::UnknownTenant(tenant) => format!("tenant: there is no `{tenant}`"),
            Self::NotAdministrator(user) => format!("consent: `{user}` is not an administrator here"),
            Self::UnknownToken => "token: nobody was given this one".into(),
            Self::Numbered { code, about } => format!("number {code}: {about}"),
            Self::Device(code) => format!("device: {code}"),
        }
    }
}

impl From<OauthFailure> for Failure {
    fn from(failure: OauthFailure) -> Self {
        Self::Oauth(failure)
    }
}

/// What a vendor needs to know to word an answer.
#[derive(Clone, Debug)]
pub struct RenderContext {
    /// Simulated time.
    pub now: SimTime,
    /// Id of this request, as vendors print it: a UUID drawn from the seed.
    pub request_id: String,
    /// `client-request-id` as the client sent it.
    pub client_request_id: Option<String>,
    /// `Accept` as the client sent it.
    pub accept: Option<String>,
    /// Scheme and host as the client used them.
    pub origin: String,
    /// Query as sent, without its question mark.
    pub query: Option<String>,
    /// Path as sent: OAuth endpoints and the API itself may word the same failure differently.
    pub path: String,
}

/// A vendor's manner of speaking.
pub struct Dialect {
    /// Words a failure.
    pub render: fn(&Failure, &RenderContext) -> Answer,
    /// Adds what the vendor puts on every answer, successful or not.
    pub stamp: fn(Answer, &RenderContext) -> Answer,
    /// How a throttled client is told to wait.
    pub retry_after: RetryAfter,
}

impl Dialect {
    /// The answer to a failure: in the vendor's words, with what HTTP wants beside them.
    pub fn refuse(&self, failure: &Failure, context: &RenderContext) -> Answer {
        let answer = (self.render)(failure, context);
        match failure {
            // RFC 9110 15.5.6.
            Failure::MethodNotAllowed { allowed, .. } => answer.with(header::ALLOW, allowed),
            _ => answer,
        }
    }
}

/// How a vendor tells a throttled client to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// No `Retry-After`: the client reads the rate-limit headers.
    Never,
    /// `Retry-After` in whole seconds, rounded up.
    Seconds,
}

impl RetryAfter {
    /// The header's value, if the vendor sends one.
    pub fn value(self, wait: Duration) -> Option<String> {
        match self {
            Self::Never => None,
            Self::Seconds => Some(whole_seconds(wait).to_string()),
        }
    }
}

/// Whole seconds, rounded up: a client that waits so long has waited long enough.
pub fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
