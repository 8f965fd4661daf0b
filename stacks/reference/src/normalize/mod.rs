//! Vendor records become events: plain functions over values, no HTTP, no clock, no state.
//!
//! Each vendor's file knows that vendor's spelling alone. What both need, and the OCSF frame, is in [`ocsf`].

pub(crate) mod admin_center;
pub(crate) mod directory_audits;
pub(crate) mod entra;
pub(crate) mod github;
pub(crate) mod miro;
pub(crate) mod ocsf;
pub(crate) mod okta;
pub(crate) mod workplace;

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::Value;

use crate::state::accounts::Account;

/// One record of one log, in our words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    /// The vendor's id of the record.
    pub(crate) uid: String,
    pub(crate) log: &'static str,
    pub(crate) at: Timestamp,
    /// The vendor's id of whoever did it.
    pub(crate) account: Option<String>,
    /// Their address or the name they typed, in lower case.
    pub(crate) email: Option<String>,
    pub(crate) ip: Option<IpAddr>,
    pub(crate) kind: EventKind,
    /// The record as it is reported, all but the name of the instance.
    pub(crate) ocsf: Value,
}

/// What the detections need to know of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    /// Somebody signed in, in person.
    SignIn,
    /// Somebody gave a wrong name, password or code.
    FailedSignIn,
    /// Somebody denied a prompt for the second factor, or did not answer it.
    RefusedPrompt,
    /// Something else that succeeded, by somebody present.
    Activity,
    /// Anything else.
    Other,
}

impl EventKind {
    const WORDS: [(Self, &'static str); 5] = [
        (Self::SignIn, "sign_in"),
        (Self::FailedSignIn, "failed_sign_in"),
        (Self::RefusedPrompt, "refused_prompt"),
        (Self::Activity, "activity"),
        (Self::Other, "other"),
    ];

    /// The word under which it is kept.
    pub(crate) fn word(self) -> &'static str {
        let (_, word) = Self::WORDS.into_iter().find(|(kind, _)| *kind == self).expect("every kind has its word");
        word
    }

    /// The kind kept under `word`.
    pub(crate) fn of_word(word: &str) -> Self {
        Self::WORDS.into_iter().find(|(_, known)| *known == word).map_or(Self::Other, |(kind, _)| kind)
    }
}

/// A row of a user list, in our words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Listed {
    pub(crate) account: Account,
    /// The row as it is reported, all but the name of the instance.
    pub(crate) ocsf: Value,
}

/// An app, a token or a key that is let in, in our words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Grant {
    /// Its id, with what it is before it: `installation:7`.
    pub(crate) uid: String,
    /// What people call it.
    pub(crate) name: String,
    /// What it is, whose, what it may do and until when.
    pub(crate) facts: Value,
}

/// A record that cannot be understood. It holds the name of the field, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is missing or not as documented")]
pub(crate) struct Malformed {
    pub(crate) field: &'static str,
}

/// A text that must be there.
fn required<'a>(record: &'a Value, field: &'static str) -> Result<&'a str, Malformed> {
    record[field].as_str().filter(|text| !text.is_empty()).ok_or(Malformed { field })
}

/// A text that may be missing, null or empty, all of which mean the same.
fn optional(value: &Value) -> Option<&str> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// A time with an offset spelled in any of the usual ways: `Z`, `+00:00`, `+0000`.
fn time(record: &Value, field: &'static str) -> Result<Timestamp, Malformed> {
    let at: Timestamp = required(record, field)?.parse().map_err(|_| Malformed { field })?;
    // Kept to the microsecond, everywhere.
    Timestamp::from_microsecond(at.as_microsecond()).map_err(|_| Malformed { field })
}

/// An address that is one; anything else counts as none.
fn address(value: &Value) -> Option<IpAddr> {
    optional(value)?.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}
