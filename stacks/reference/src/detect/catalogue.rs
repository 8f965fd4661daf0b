//! What the apps' own words for deeds mean to a detection.
//!
//! An app's log calls what was done an operation (`board_exported`, `org.update_member`). A detection asks for the meaning,
//! so a further app is a few more lines here.

use crate::normalize::EventKind;
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
    /// What keeps secrets out of repositories is switched off.
    SecretScanningOff,
    /// It is passed by, once.
    SecretLetThrough,
    /// A stream that carries the audit log elsewhere is made.
    StreamMade,
    /// It ends.
    StreamEnded,
    /// It leads somewhere else.
    StreamChanged,
    /// A token that lives long is made.
    Token,
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
        matches!(
            self,
            Self::Setting
                | Self::ProtectionOff
                | Self::Role
                | Self::SecretScanningOff
                | Self::StreamMade
                | Self::StreamEnded
                | Self::StreamChanged
        )
    }
}

/// Miro's settings end in what became of them.
const SETTING_ENDINGS: [&str; 3] = ["_enabled", "_disabled", "_updated"];
/// What ends likewise and is no setting of the organisation.
const NO_SETTINGS: [&str; 5] = ["board_", "template_", "project_", "profile_", "blueprint_"];
/// Settings that ask for more than a password, by a part of their name, where the operation is named after them.
const PROTECTING: [&str; 4] = ["sso_", "saml", "mfa", "two_factor"];
/// The same where it is not, and an entry names the setting beside it.
const PROTECTING_BY_NAME: [&str; 5] = ["sso", "saml", "mfa", "two_factor", "2fa"];

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
    ("org.update_saml_provider_settings",  Deed::Setting),
    ("org.enable_source_ip_disclosure",    Deed::Setting),
    ("org.disable_source_ip_disclosure",   Deed::Setting),
    ("org.enable_oauth_app_restrictions",  Deed::Setting),
    ("org.disable_oauth_app_restrictions", Deed::Setting),
    ("org.update_default_repository_permission", Deed::Setting),
    ("org.update_member_repository_creation_permission", Deed::Setting),
    ("org.secret_scanning_push_protection_enable", Deed::Setting),
    ("org.secret_scanning_push_protection_disable", Deed::SecretScanningOff),
    ("secret_scanning.enable",             Deed::Setting),
    ("secret_scanning.disable",            Deed::SecretScanningOff),
    ("secret_scanning_new_repos.disable",  Deed::SecretScanningOff),
    ("secret_scanning_push_protection.bypass", Deed::SecretLetThrough),
    ("audit_log_streaming.create",         Deed::StreamMade),
    ("audit_log_streaming.destroy",        Deed::StreamEnded),
    ("audit_log_streaming.update",         Deed::StreamChanged),
    ("ip_allow_list.enable",               Deed::Setting),
    ("ip_allow_list.disable",              Deed::Setting),
    ("ip_allow_list_entry.create",         Deed::Setting),
    ("ip_allow_list_entry.update",         Deed::Setting),
    ("ip_allow_list_entry.destroy",        Deed::Setting),
    ("private_repository_forking.enable",  Deed::Setting),
    ("private_repository_forking.disable", Deed::Setting),
    ("private_repository_forking.clear",   Deed::Setting),
    ("protected_branch.create",            Deed::Setting),
    ("protected_branch.destroy",           Deed::Setting),
    ("protected_branch.update_admin_enforced", Deed::Setting),
    ("repository_ruleset.create",          Deed::Setting),
    ("repository_ruleset.update",          Deed::Setting),
    ("repository_ruleset.destroy",         Deed::Setting),
    ("org.add_security_manager",           Deed::Role),
    ("org.add_billing_manager",            Deed::Role),
    ("organization_role.assign",           Deed::Role),
    ("personal_access_token.access_granted", Deed::Token),
    // Entra
    ("Consent to application",             Deed::Application),
    ("Remove delegated permission grant",  Deed::Application),
    ("Add member to role",                 Deed::Role),
    ("Remove member from role",            Deed::Role),
    ("Add user",                           Deed::Account),
    ("Disable account",                    Deed::Account),
    ("Delete user",                        Deed::Account),
    ("Enable account",                     Deed::Reactivation),
    ("Update policy",                      Deed::Setting),
    // Okta
    ("user.account.privilege.grant",       Deed::Role),
    ("user.account.privilege.revoke",      Deed::Role),
    ("app.oauth2.as.consent.grant",        Deed::Application),
    ("app.oauth2.as.consent.revoke",       Deed::Application),
    ("user.lifecycle.create",              Deed::Account),
    ("user.lifecycle.suspend",             Deed::Account),
    ("user.lifecycle.deactivate",          Deed::Account),
    ("user.lifecycle.unsuspend",           Deed::Reactivation),
    ("user.session.impersonation.initiate", Deed::Impersonation),
    ("system.api_token.create",            Deed::Token),
    ("system.mfa.factor.deactivate",       Deed::ProtectionOff),
    ("system.mfa.factor.activate",         Deed::Setting),
    ("system.idp.lifecycle.deactivate",    Deed::ProtectionOff),
    ("system.idp.lifecycle.activate",      Deed::Setting),
    ("policy.lifecycle.update",            Deed::Setting),
    ("system.log_stream.lifecycle.create", Deed::StreamMade),
    ("system.log_stream.lifecycle.delete", Deed::StreamEnded),
    ("system.log_stream.lifecycle.update", Deed::StreamChanged),
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

/// The words of custom policies for what is done, and the operations that are it.
#[rustfmt::skip]
const ACTIVITIES: &[(&str, &[&str])] = &[
    ("open",           &["board_opened", "user.authentication.sso"]),
    ("create",         &["board_created", "repo.create"]),
    ("edit",           &["git.push"]),
    ("upload",         &["FILE_UPLOAD"]),
    ("download",       &["board_file_downloaded", "repo.download_zip", "FILE_DOWNLOAD"]),
    ("export",         &["board_exported", "migration.create"]),
    ("clone",          &["git.clone"]),
    ("delete",         &["board_deleted", "repo.destroy"]),
    ("share",          &["board_shared", "board_public_link_enabled", "repo.add_member"]),
    ("set_visibility", &["board_public_link_enabled", "board_public_link_disabled", "board_team_sharing_enabled",
                         "board_organization_sharing_enabled", "repo.access"]),
    ("create_token",   &["personal_access_token.access_granted", "system.api_token.create"]),
    ("grant_app",      &["app_installed", "integration_installation.create", "org.oauth_app_access_approved",
                         "INTEGRATION_ADDED", "app.oauth2.as.consent.grant", "Consent to application"]),
    ("remove_app",     &["app_uninstalled", "integration_installation.destroy", "INTEGRATION_REMOVED",
                         "app.oauth2.as.consent.revoke", "Remove delegated permission grant"]),
    ("change_role",    &["organization_admin_granted", "organization_admin_revoked", "user_converted_to_guest",
                         "org.update_member", "ACCOUNT_PROMOTED_TO_ADMIN", "ADMIN_REMOVED",
                         "user.account.privilege.grant", "user.account.privilege.revoke",
                         "Add member to role", "Remove member from role"]),
    ("impersonate",    &["staff.fake_login", "user.session.impersonation.initiate"]),
];

/// Whether an event is what custom policies call `activity`.
pub(super) fn is_called(event: &Kept, activity: &str) -> bool {
    if activity == "sign_in" {
        return matches!(event.kind, EventKind::SignIn | EventKind::FailedSignIn);
    }
    let operations =
        ACTIVITIES.iter().find(|(word, _)| *word == activity).map_or(&[][..], |(_, operations)| operations);
    event.deed.operation.as_deref().is_some_and(|operation| operations.contains(&operation))
}

/// Whom an event shares its object with: `anyone`, or a domain.
pub(super) fn shared_with(event: &Kept) -> Option<&str> {
    match event.deed.operation.as_deref() {
        Some("board_public_link_enabled") => Some("anyone"),
        _ => event.deed.details["domain"].as_str(),
    }
}

/// What an event is a record of, if it is of a deed that any detection asks for.
pub(super) fn deed(event: &Kept) -> Option<Deed> {
    let operation = event.deed.operation.as_deref()?;
    let listed = OPERATIONS.iter().find(|(word, _)| *word == operation).map(|(_, deed)| *deed);
    match listed.or_else(|| setting(operation)) {
        Some(Deed::Setting) if is_protection_off(event) => Some(Deed::ProtectionOff),
        deed => deed,
    }
}

/// Whether two events are of the same deed: the same operation upon the same setting, to the same end.
pub(super) fn is_same(a: &Kept, b: &Kept) -> bool {
    a.deed.operation == b.deed.operation && MEANING.iter().all(|key| a.deed.details[key] == b.deed.details[key])
}

/// What tells deeds apart that an app calls by one word.
const MEANING: [&str; 3] = ["setting", "to", "permission"];

fn is_protection_off(event: &Kept) -> bool {
    let setting = event.deed.details["setting"].as_str().unwrap_or_default();
    event.deed.details["to"] == "disabled" && PROTECTING_BY_NAME.iter().any(|part| setting.contains(part))
}

fn setting(operation: &str) -> Option<Deed> {
    let is_setting = SETTING_ENDINGS.iter().any(|ending| operation.ends_with(ending))
        && !NO_SETTINGS.iter().any(|beginning| operation.starts_with(beginning));
    let is_off = operation.ends_with("_disabled") && PROTECTING.iter().any(|part| operation.contains(part));
    is_setting.then_some(if is_off { Deed::ProtectionOff } else { Deed::Setting })
}
