//! What people do: the lines of a script and their words.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{AppIndex, AttackIndex, Position};
use crate::time::SimTime;
use crate::world::Place;

/// One line of the script.
#[derive(Clone, Debug)]
pub struct Step {
    /// When the first repetition happens.
    pub at: SimTime,
    /// What is done.
    pub verb: Verb,
    /// Whose account: indices into [`Scenario::cast`](super::Scenario::cast) or the administrator that always exists.
    pub actor: Who,
    /// Which app; none for lifecycle verbs without one.
    pub app: Option<AppIndex>,
    /// Where the request comes from.
    pub from: Option<From>,
    /// What holds the request.
    pub using: Using,
    /// The request's user agent, where it is not the device's own; empty for a request without one.
    pub agent: Option<String>,
    /// How it ends.
    pub result: Outcome,
    /// A person acted upon.
    pub target: Option<Who>,
    /// A thing.
    pub object: Option<String>,
    /// `to`, `with`, `setting`, `role`, `scopes`, `name`, as the verb takes them.
    pub details: BTreeMap<String, String>,
    /// How many repetitions.
    pub times: u32,
    /// Time between the first and the last.
    pub over: Duration,
    /// Shown by the API this long after it happened.
    pub late: Option<Duration>,
    /// The episode it belongs to; benign without one.
    pub attack: Option<AttackIndex>,
    /// A name others can point at.
    pub id: Option<String>,
    /// Where it was written.
    pub position: Position,
}

/// A person in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// `it_admin`.
    Admin,
    /// A cast member or group: index into [`Scenario::cast`](super::Scenario::cast).
    Cast(usize),
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// A city: one address a person.
    Place(&'static Place),
    /// A network: one address for all. Index into [`Scenario::networks`](super::Scenario::networks).
    Network(usize),
}

/// What holds the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Using {
    /// The person's own laptop.
    Laptop,
    /// The person's own phone.
    Phone,
    /// A device nobody has seen.
    UnknownDevice,
    /// A session that was taken over.
    StolenSession,
    /// The actor's latest token in the app.
    Token,
    /// An app from `grant_app`.
    GrantedApp(String),
}

/// How an activity ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It worked.
    Success,
    /// Credential failure: wrong password.
    WrongPassword,
    /// Credential failure: no such user.
    UnknownUser,
    /// Credential failure: wrong one-time code.
    WrongCode,
    /// The second factor was refused.
    MfaDenied,
    /// The second factor was not answered.
    MfaUnanswered,
    /// Refused by a policy of the directory.
    Blocked,
    /// The account is locked.
    Locked,
    /// The account is disabled (never written in a script: what a suspended person meets).
    Disabled,
}

impl Outcome {
    /// The outcomes that can be written, with their words.
    pub const WRITABLE: [(Self, &'static str); 8] = [
        (Self::Success, "success"),
        (Self::WrongPassword, "wrong_password"),
        (Self::UnknownUser, "unknown_user"),
        (Self::WrongCode, "wrong_code"),
        (Self::MfaDenied, "mfa_denied"),
        (Self::MfaUnanswered, "mfa_unanswered"),
        (Self::Blocked, "blocked"),
        (Self::Locked, "locked"),
    ];

    /// The word for it in scenarios and listings.
    pub fn name(self) -> &'static str {
        Self::WRITABLE.iter().find(|(o, _)| *o == self).map_or("disabled", |(_, name)| name)
    }

    /// Whether it counts for "multiple failed logins": a wrong password, user or code.
    pub const fn is_credential_failure(self) -> bool {
        matches!(self, Self::WrongPassword | Self::UnknownUser | Self::WrongCode)
    }
}

/// What is done. The scenario language's verbs that are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the words are the documentation, and the schema lists them")]
pub enum Verb {
    SignIn,
    SignOut,
    Open,
    Create,
    Edit,
    Upload,
    Download,
    Export,
    Clone,
    Delete,
    Share,
    SetVisibility,
    CreateToken,
    RevokeToken,
    GrantApp,
    RemoveApp,
    EnrollMfa,
    RemoveMfa,
    ChangePassword,
    ChangeSetting,
    ChangeRole,
    Impersonate,
    Hire,
    Suspend,
    Restore,
    Terminate,
    Rename,
    ChangeEmail,
    Event,
    /// Sign-in sessions were ended by an administrator or a stack (never written in a script).
    RevokeSessions,
}

impl Verb {
    /// The verbs that can be written, with their words.
    pub const WRITABLE: [(Self, &'static str); 29] = [
        (Self::SignIn, "sign_in"),
        (Self::SignOut, "sign_out"),
        (Self::Open, "open"),
        (Self::Create, "create"),
        (Self::Edit, "edit"),
        (Self::Upload, "upload"),
        (Self::Download, "download"),
        (Self::Export, "export"),
        (Self::Clone, "clone"),
        (Self::Delete, "delete"),
        (Self::Share, "share"),
        (Self::SetVisibility, "set_visibility"),
        (Self::CreateToken, "create_token"),
        (Self::RevokeToken, "revoke_token"),
        (Self::GrantApp, "grant_app"),
        (Self::RemoveApp, "remove_app"),
        (Self::EnrollMfa, "enroll_mfa"),
        (Self::RemoveMfa, "remove_mfa"),
        (Self::ChangePassword, "change_password"),
        (Self::ChangeSetting, "change_setting"),
        (Self::ChangeRole, "change_role"),
        (Self::Impersonate, "impersonate"),
        (Self::Hire, "hire"),
        (Self::Suspend, "suspend"),
        (Self::Restore, "restore"),
        (Self::Terminate, "terminate"),
        (Self::Rename, "rename"),
        (Self::ChangeEmail, "change_email"),
        (Self::Event, "event"),
    ];

    /// The word for it in scenarios and listings.
    pub fn name(self) -> &'static str {
        Self::WRITABLE.iter().find(|(v, _)| *v == self).map_or("revoke_sessions", |(_, name)| name)
    }

    /// Verbs of a person's life in the directory, done by an administrator to `target`.
    pub const fn is_lifecycle(self) -> bool {
        matches!(self, Self::Hire | Self::Suspend | Self::Restore | Self::Terminate | Self::Rename | Self::ChangeEmail)
    }
}
