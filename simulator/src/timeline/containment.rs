//! Containment is physics: what an attacker still can do after something was done about an account.
//!
//! One table, what was done ([`Effect`]) by what is held ([`Access`]) by where it was got ([`Trust`]). Everything else in
//! this folder asks [`ending`].

use crate::scenario::AppIndex;

/// What was done about a person or one of their accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The account was disabled in the directory (`suspend`).
    DirectoryDisabled,
    /// The person was deleted from the directory (`terminate`).
    DirectoryDeleted,
    /// Sign-in sessions were revoked in the directory (`require_sign_in`).
    DirectorySessionsRevoked,
    /// The account was deactivated in this app.
    AppDeactivated(AppIndex),
    /// The app's own session reset.
    AppSessionsReset(AppIndex),
    /// The person's token in this app was revoked.
    TokenRevoked(AppIndex),
    /// The app that the person had let into this instance was removed.
    GrantRemoved(AppIndex, String),
}

/// What was done, without where: the row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EffectKind {
    /// See [`Effect::DirectoryDisabled`].
    DirectoryDisabled,
    /// See [`Effect::DirectoryDeleted`].
    DirectoryDeleted,
    /// See [`Effect::DirectorySessionsRevoked`].
    DirectorySessionsRevoked,
    /// See [`Effect::AppDeactivated`].
    AppDeactivated,
    /// See [`Effect::AppSessionsReset`].
    AppSessionsReset,
    /// See [`Effect::TokenRevoked`].
    TokenRevoked,
    /// See [`Effect::GrantRemoved`].
    GrantRemoved,
}

impl EffectKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::DirectoryDisabled,
        Self::DirectoryDeleted,
        Self::DirectorySessionsRevoked,
        Self::AppDeactivated,
        Self::AppSessionsReset,
        Self::TokenRevoked,
        Self::GrantRemoved,
    ];
}

impl Effect {
    /// The row of the table.
    pub const fn kind(&self) -> EffectKind {
        match self {
            Self::DirectoryDisabled => EffectKind::DirectoryDisabled,
            Self::DirectoryDeleted => EffectKind::DirectoryDeleted,
            Self::DirectorySessionsRevoked => EffectKind::DirectorySessionsRevoked,
            Self::AppDeactivated(_) => EffectKind::AppDeactivated,
            Self::AppSessionsReset(_) => EffectKind::AppSessionsReset,
            Self::TokenRevoked(_) => EffectKind::TokenRevoked,
            Self::GrantRemoved(..) => EffectKind::GrantRemoved,
        }
    }

    /// The instance it is confined to; none for what is done in the directory.
    pub const fn app(&self) -> Option<AppIndex> {
        match self {
            Self::AppDeactivated(app)
            | Self::AppSessionsReset(app)
            | Self::TokenRevoked(app)
            | Self::GrantRemoved(app, _) => Some(*app),
            _ => None,
        }
    }
}

/// What is held by whoever makes a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Name and password: what a sign-in needs.
    Password,
    /// A signed-in session.
    Session,
    /// An access token.
    AccessToken,
    /// A refresh token.
    RefreshToken,
    /// What an app was let in to do.
    AppGrant,
}

impl Access {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Password, Self::Session, Self::AccessToken, Self::RefreshToken, Self::AppGrant];
}

/// Who vouches for an account where the access was got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// The instance is the directory itself.
    Directory,
    /// The instance lets the directory say who people are.
    Sso,
    /// The instance has passwords of its own, or the directory does not know the account.
    Local,
}

impl Trust {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Directory, Self::Sso, Self::Local];
}

/// When access stops after an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// The moment the effect happens.
    AtOnce,
    /// When what was issued before runs out: [`super::TOKEN_LIFE`] after it was issued or last renewed.
    AtExpiry,
    /// Not by this.
    Never,
}

/// A cell of the table.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// When access stops.
    pub ends: Ends,
    /// Who says so.
    pub source: &'static str,
}

const DISABLE: &str = "https://learn.microsoft.com/entra/identity/users/users-revoke-access: access tokens last for their \
                       hour; AADSTS50057 on sign-in and refresh; a session likewise [guess]";
const DELETE: &str = "as disabling; accounts in other apps stay until they are removed there";
const REVOKE: &str = "https://learn.microsoft.com/graph/api/user-revokesigninsessions: refresh tokens and browser sessions \
                      die, access tokens live on until expiry; AADSTS50173";
const SSO_SESSION: &str = "an app asks the directory again when its own session expires, after 1 h [guess]";
const OWN_TOKEN: &str = "an app's own tokens are not the directory's to end";
const OWN_PASSWORD: &str = "the directory does not know of an app's own passwords, nor of what was got by them";
const NEW_SIGN_IN: &str = "https://learn.microsoft.com/graph/api/user-revokesigninsessions: whoever knows the password signs in \
                           anew";
const RESET: &str = "https://developers.miro.com/reference/enterprise-post-user-sessions-reset: signs the user out on all \
                     devices; tokens and password are not mentioned";
const DEACTIVATE: &str = "a deactivated account can do nothing in its app [guess]";
const ONE_THING: &str = "ends what it names and nothing else";

/// When `access`, got under `trust`, stops after an effect that concerns it.
///
/// An effect in an app concerns access to that app alone; the caller sees to that.
pub fn ending(effect: EffectKind, access: Access, trust: Trust) -> Cell {
    use Access::{AccessToken, AppGrant, Password, RefreshToken, Session};
    use EffectKind as E;
    use Ends::{AtExpiry, AtOnce, Never};
    use Trust::{Directory, Local, Sso};

    let (ends, source) = match (effect, access, trust) {
        (E::DirectoryDisabled | E::DirectoryDeleted | E::DirectorySessionsRevoked, _, Local) => (Never, OWN_PASSWORD),
        (E::DirectoryDisabled | E::DirectoryDeleted | E::DirectorySessionsRevoked, Session, Sso) => {
            (AtExpiry, SSO_SESSION)
        }
        (
            E::DirectoryDisabled | E::DirectoryDeleted | E::DirectorySessionsRevoked,
            AccessToken | RefreshToken | AppGrant,
            Sso,
        ) => (Never, OWN_TOKEN),

        (E::DirectoryDisabled, Password, Directory | Sso) | (E::DirectoryDisabled, RefreshToken, Directory) => {
            (AtOnce, DISABLE)
        }
        (E::DirectoryDisabled, Session | AccessToken | AppGrant, Directory) => (AtExpiry, DISABLE),

        (E::DirectoryDeleted, Password, Directory | Sso) | (E::DirectoryDeleted, RefreshToken, Directory) => {
            (AtOnce, DELETE)
        }
        (E::DirectoryDeleted, Session | AccessToken | AppGrant, Directory) => (AtExpiry, DELETE),

        (E::DirectorySessionsRevoked, Password, Directory | Sso) => (Never, NEW_SIGN_IN),
        (E::DirectorySessionsRevoked, Session | RefreshToken, Directory) => (AtOnce, REVOKE),
        (E::DirectorySessionsRevoked, AccessToken | AppGrant, Directory) => (AtExpiry, REVOKE),

        (E::AppDeactivated, _, _) => (AtOnce, DEACTIVATE),

        (E::AppSessionsReset, Session, _) => (AtOnce, RESET),
        (E::AppSessionsReset, Password | AccessToken | RefreshToken | AppGrant, _) => (Never, RESET),

        (E::TokenRevoked, AccessToken | RefreshToken, _) => (AtOnce, ONE_THING),
        (E::TokenRevoked, Password | Session | AppGrant, _) => (Never, ONE_THING),

        (E::GrantRemoved, AppGrant, _) => (AtOnce, ONE_THING),
        (E::GrantRemoved, Password | Session | AccessToken | RefreshToken, _) => (Never, ONE_THING),
    };
    Cell { ends, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(effect: EffectKind, access: Access, trust: Trust, expected: Ends) {
        assert_eq!(ending(effect, access, trust).ends, expected, "{effect:?} x {access:?} x {trust:?}");
    }

    #[test]
    fn every_cell_names_its_source() {
        for effect in EffectKind::ALL {
            for access in Access::ALL {
                for trust in Trust::ALL {
                    assert!(ending(effect, access, trust).source.len() > 10, "{effect:?} x {access:?} x {trust:?}");
                }
            }
        }
    }

    #[test]
    fn disabling_stops_sign_ins_at_once_and_what_is_issued_at_its_expiry() {
        check(EffectKind::DirectoryDisabled, Access::Password, Trust::Sso, Ends::AtOnce);
        check(EffectKind::DirectoryDisabled, Access::RefreshToken, Trust::Directory, Ends::AtOnce);
        check(EffectKind::DirectoryDisabled, Access::AccessToken, Trust::Directory, Ends::AtExpiry);
        check(EffectKind::DirectoryDisabled, Access::Session, Trust::Sso, Ends::AtExpiry);
    }

    #[test]
    fn a_local_password_knows_nothing_of_the_directory() {
        for access in Access::ALL {
            check(EffectKind::DirectoryDisabled, access, Trust::Local, Ends::Never);
            check(EffectKind::DirectorySessionsRevoked, access, Trust::Local, Ends::Never);
        }
    }

    #[test]
    fn revoking_leaves_new_sign_ins_and_access_tokens() {
        check(EffectKind::DirectorySessionsRevoked, Access::Password, Trust::Sso, Ends::Never);
        check(EffectKind::DirectorySessionsRevoked, Access::AccessToken, Trust::Directory, Ends::AtExpiry);
        check(EffectKind::DirectorySessionsRevoked, Access::RefreshToken, Trust::Directory, Ends::AtOnce);
    }

    #[test]
    fn the_apps_own_reset_ends_its_sessions_at_once_whoever_vouches() {
        for trust in Trust::ALL {
            check(EffectKind::AppSessionsReset, Access::Session, trust, Ends::AtOnce);
            check(EffectKind::AppSessionsReset, Access::Password, trust, Ends::Never);
        }
    }
}
