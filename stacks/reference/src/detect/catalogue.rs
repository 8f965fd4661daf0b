//! What the apps' own words for deeds mean to a detection.
//!
//! An app's log calls what was done an operation (`board_exported`, `org.update_member`). A detection asks for the meaning,
//! so a further app is a few more lines here.

use crate::state::events::Kept;

/// What a deed is, whatever an app calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// A setting of the whole organisation.
    Setting,
    /// Somebody's role.
    Role,
    /// An application that may act for people.
    Application,
    /// Somebody's account.
    Account,
    /// Acting as somebody else.
    Impersonation,
}

impl Deed {
    /// Whether only administrators do it.
    pub(super) fn is_administrative(self) -> bool {
        matches!(self, Self::Setting | Self::Role | Self::Application | Self::Account)
    }
}

/// Miro's settings end in what became of them.
const SETTING_ENDINGS: [&str; 3] = ["_enabled", "_disabled", "_updated"];
/// What ends likewise and is no setting of the organisation.
const NO_SETTINGS: [&str; 5] = ["board_", "template_", "project_", "profile_", "blueprint_"];

#[rustfmt::skip]
const OPERATIONS: &[(&str, Deed)] = &[
    ("organization_admin_granted",     Deed::Role),
    ("organization_admin_revoked",     Deed::Role),
    ("user_converted_to_guest",        Deed::Role),
    ("user_converted_to_full_member",  Deed::Role),
    ("app_installed",                  Deed::Application),
    ("app_uninstalled",                Deed::Application),
    ("user_joined_organization",       Deed::Account),
    ("user_removed_from_organization", Deed::Account),
    ("user_deactivated",               Deed::Account),
    ("user_reactivated",               Deed::Account),
    ("staff.fake_login",               Deed::Impersonation),
];

/// What an event is a record of, if it is of a deed that any detection asks for.
pub(super) fn deed(event: &Kept) -> Option<Deed> {
    let operation = event.deed.operation.as_deref()?;
    let listed = OPERATIONS.iter().find(|(word, _)| *word == operation).map(|(_, deed)| *deed);
    let is_setting = SETTING_ENDINGS.iter().any(|ending| operation.ends_with(ending))
        && !NO_SETTINGS.iter().any(|beginning| operation.starts_with(beginning));
    listed.or(is_setting.then_some(Deed::Setting))
}
