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
    /// One that asks for more than a password is switched off.
    ProtectionOff,
    /// Somebody's role.
    Role,
    /// An application that may act for people.
    Application,
    /// Somebody's account.
    Account,
    /// An account that was suspended is brought back.
    Reactivation,
    /// Acting as somebody else.
    Impersonation,
    /// Something is taken out.
    Download,
    /// Something is deleted.
    Deletion,
    /// Something is shared with somebody.
    Sharing,
    /// Something may be seen by other people than before, or by fewer.
    Visibility,
}

impl Deed {
    /// Whether only administrators do it.
    pub(super) fn is_administrative(self) -> bool {
        self.is_sensitive() || matches!(self, Self::Application | Self::Account | Self::Reactivation)
    }

    /// Whether it is worth a look the first time.
    pub(super) fn is_sensitive(self) -> bool {
        matches!(self, Self::Setting | Self::ProtectionOff | Self::Role)
    }
}

/// Miro's settings end in what became of them.
const SETTING_ENDINGS: [&str; 3] = ["_enabled", "_disabled", "_updated"];
/// What ends likewise and is no setting of the organisation.
const NO_SETTINGS: [&str; 5] = ["board_", "template_", "project_", "profile_", "blueprint_"];
/// Settings that ask for more than a password, by a part of their name.
const PROTECTING: [&str; 4] = ["sso_", "saml", "mfa", "two_factor"];

#[rustfmt::skip]
const OPERATIONS: &[(&str, Deed)] = &[
    // Miro
    ("organization_admin_granted",         Deed::Role),
    ("organization_admin_revoked",         Deed::Role),
    ("user_converted_to_guest",            Deed::Role),
    ("user_converted_to_full_member",      Deed::Role),
    ("app_installed",                      Deed::Application),
    ("app_uninstalled",                    Deed::Application),
    ("user_joined_organization",           Deed::Account),
    ("user_removed_from_organization",     Deed::Account),
    ("user_deactivated",                   Deed::Account),
    ("user_reactivated",                   Deed::Reactivation),
    ("board_exported",                     Deed::Download),
    ("board_file_downloaded",              Deed::Download),
    ("board_deleted",                      Deed::Deletion),
    ("board_shared",                       Deed::Sharing),
    ("board_public_link_enabled",          Deed::Visibility),
    // GitHub
    ("org.update_member",                  Deed::Role),
    ("integration_installation.create",    Deed::Application),
    ("integration_installation.destroy",   Deed::Application),
    ("org.oauth_app_access_approved",      Deed::Application),
    ("org.add_member",                     Deed::Account),
    ("org.remove_member",                  Deed::Account),
    ("user.suspend",                       Deed::Account),
    ("user.unsuspend",                     Deed::Reactivation),
    ("staff.fake_login",                   Deed::Impersonation),
    ("git.clone",                          Deed::Download),
    ("repo.download_zip",                  Deed::Download),
    ("migration.create",                   Deed::Download),
    ("repo.destroy",                       Deed::Deletion),
    ("repo.access",                        Deed::Visibility),
    ("org.disable_saml",                   Deed::ProtectionOff),
    ("org.disable_two_factor_requirement", Deed::ProtectionOff),
    ("org.enable_saml",                    Deed::Setting),
    ("org.enable_two_factor_requirement",  Deed::Setting),
    // Entra
    ("Consent to application",             Deed::Application),
    // Workplace
    ("ACCOUNT_PROMOTED_TO_ADMIN",          Deed::Role),
    ("ADMIN_REMOVED",                      Deed::Role),
    ("ADMIN_ROLE_CHANGED",                 Deed::Role),
    ("INTEGRATION_ADDED",                  Deed::Application),
    ("INTEGRATION_REMOVED",                Deed::Application),
    ("ADMIN_CREATE_ACCOUNT",               Deed::Account),
    ("ADMIN_DELETE_ACCOUNT",               Deed::Account),
    ("ADMIN_DEACTIVATE_ACCOUNT",           Deed::Account),
    ("ADMIN_ACTIVATE_ACCOUNT",             Deed::Reactivation),
    ("FILE_DOWNLOAD",                      Deed::Download),
];

/// What an event is a record of, if it is of a deed that any detection asks for.
pub(super) fn deed(event: &Kept) -> Option<Deed> {
    let operation = event.deed.operation.as_deref()?;
    let listed = OPERATIONS.iter().find(|(word, _)| *word == operation).map(|(_, deed)| *deed);
    listed.or_else(|| setting(operation))
}

fn setting(operation: &str) -> Option<Deed> {
    let is_setting = SETTING_ENDINGS.iter().any(|ending| operation.ends_with(ending))
        && !NO_SETTINGS.iter().any(|beginning| operation.starts_with(beginning));
    let is_off = operation.ends_with("_disabled") && PROTECTING.iter().any(|part| operation.contains(part));
    is_setting.then_some(if is_off { Deed::ProtectionOff } else { Deed::Setting })
}
