//! Every exchange, in order, with simulated time and what it meant. Secrets are stored as names.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::time::SimTime;

/// One exchange.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Order of arrival, from 1.
    pub seq: u64,
    /// Simulated time of arrival.
    pub at: SimTime,
    /// Simulated time when the answer left or the exchange ended.
    pub ended: SimTime,
    /// Instance asked: key of the connections document.
    pub app: String,
    /// Route name with its instance, `miro.audit_log`; `miro.?` for a path nobody serves.
    pub route: String,
    /// HTTP method.
    pub method: String,
    /// Path and query as sent, secrets replaced by their names.
    pub target: String,
    /// Name of the token or client that asked: `<token:miro/stack#2>`.
    pub caller: Option<String>,
    /// Status; none when no byte was sent.
    pub status: Option<u16>,
    /// `Retry-After` in seconds as meant, when the answer carries one or its limiter asks for a pause.
    pub retry_after_s: Option<f64>,
    /// Request body where it is JSON or a form, secrets replaced by their names, cut at 2,000 characters.
    pub request_body: Option<String>,
    /// The fault that was applied: its kind and line in the scenario.
    pub fault: Option<AppliedFault>,
    /// For a refusal, the chain of reasons: route, token, scope, limit, parameter. Written for people; programs ask
    /// [`Notes::refusal`].
    pub reasons: Vec<String>,
    /// What the exchange meant.
    pub notes: Notes,
}

/// A fault that met an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedFault {
    /// Kind, as scenarios write it.
    pub kind: String,
    /// Line of the scenario.
    pub line: u32,
}

/// What an exchange meant, said by the room that answered it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Notes {
    /// For a refusal: what it was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// For a page of a log or list.
    pub page: Option<PageNote>,
    /// For a call that changed somebody's account or wrote to somebody.
    pub effect: Option<Effect>,
    /// For a token endpoint: name of the token given out.
    pub issued: Option<String>,
    /// Names of secrets of other instances that the request carried.
    #[serde(default)]
    pub foreign_secrets: Vec<String>,
    /// Whether the request came without encryption to where everybody is told to come with TLS.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_the_clear: bool,
    /// For a request of the vendor's to the stack: what it delivered. No other exchange has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryNote>,
}

/// What an exchange was refused for. [`Entry::reasons`] tells people more, in words that may change; these do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No token came, or one that is nobody's, is over, or was withdrawn.
    Token,
    /// The token, or what is asked for, does not carry the scope that is wanted.
    Scope,
    /// Who calls may not touch this.
    Permission,
    /// The app lets in some addresses only, and the caller's is none of them.
    Address,
    /// Nobody serves the path, or not under that method.
    Route,
    /// There is no such thing.
    NotFound,
    /// A header, a parameter, the body or what they ask for.
    Request,
    /// The cursor was never given out, or its time is over.
    Cursor,
    /// The state of the thing does not allow it, or not yet.
    State,
    /// More requests than the vendor allows.
    Limit,
    /// The application that asks for a token: it is unknown, disabled, or shows no good secret or address.
    Client,
    /// The code that is to be redeemed for a token was never given out for that, was redeemed before, or is too old.
    Code,
    /// The refresh token is unknown, rotated away, withdrawn, or too old.
    RefreshToken,
    /// Who consents may not.
    Consent,
    /// Nothing of the request's: a fault of the scenario.
    Fault,
    /// Nothing of the request's either: the simulator broke on it, which is a mistake of its own.
    Broken,
    /// For a request of the vendor's to a webhook: the stack gave no answer, or not the one that is wanted.
    Answer,
}

/// A webhook delivery, or the handshake before the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryNote {
    /// Number of the delivery in its instance, from 1; none for a handshake.
    pub number: Option<u64>,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// Ids of the events in the body, in order.
    pub events: Vec<String>,
    /// When it is tried again, if it is.
    pub again: Option<SimTime>,
}

/// A page of a log or list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageNote {
    /// Which walk: told by token and query without the cursor.
    pub walk: String,
    /// Page of that walk, from 1.
    pub number: u32,
    /// Cursor sent.
    pub cursor: Option<String>,
    /// Cursor or link given for the next page.
    pub next: Option<String>,
    /// Log name, for logs.
    pub log: Option<String>,
    /// Event ids (or user ids) in the body, in order.
    pub served: Vec<Arc<str>>,
    /// First instant of the window asked for.
    pub from: Option<SimTime>,
    /// Last instant of the window asked for.
    pub until: Option<SimTime>,
}

/// A governance call and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// The scenario language's word: `suspend`, `unsuspend`, `require_sign_in`, `notify`, …
    pub action: String,
    /// Key of the person acted upon (`alice`), or the id that was sent if nobody has it.
    pub target: String,
    /// For what is done to a thing of that person's: its name. The application of a grant, a file, an alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// For what is done to alerts: the policies that raised them, by the scenario's words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    /// Whether it took effect.
    pub done: bool,
}

mod log;
pub use log::Journal;
