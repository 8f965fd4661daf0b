//! Miro's audit events by category: what [`super::events`] and the rooms may write.
//!
//! A table, so that it can be corrected from a real export.
//!
//! # Sources
//! The labels of the help article on audit logs. Miro publishes no list of machine names: only those marked
//! [`Known::Vendor`] are its own, as is the category `authentication`; all others are proposals after the labels.

/// Who says that an event has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Miro.
    Vendor,
    /// This simulator.
    Guess,
}

use Known::{Guess, Vendor};

/// Category, name, who says so.
#[rustfmt::skip]
pub(super) static EVENTS: [(&str, &str, Known); 125] = [
    ("authentication", "sign_in_succeeded", Vendor),
    ("authentication", "sign_in_failed", Vendor),
    ("authentication", "sign_out_succeeded", Vendor),
    ("authentication", "profile_locked", Guess),
    ("authentication", "profile_unlocked", Guess),
    ("users", "user_invited", Guess),
    ("users", "user_invitation_revoked", Guess),
    ("users", "user_joined_team", Guess),
    ("users", "user_joined_organization", Guess),
    ("users", "user_converted_to_guest", Guess),
    ("users", "user_converted_to_full_member", Guess),
    ("users", "organization_admin_granted", Guess),
    ("users", "organization_admin_revoked", Guess),
    ("users", "team_admin_granted", Guess),
    ("users", "team_admin_revoked", Guess),
    ("users", "user_removed_from_team", Guess),
    ("users", "user_removed_from_organization", Guess),
    ("users", "user_deactivated", Guess),
    ("users", "user_reactivated", Guess),
    ("administration", "organization_name_changed", Guess),
    ("administration", "organization_logo_changed", Guess),
    ("administration", "organization_logo_removed", Guess),
    ("administration", "access_request_created", Guess),
    ("administration", "access_request_declined", Guess),
    ("administration", "user_activity_metrics_enabled", Guess),
    ("administration", "user_activity_metrics_disabled", Guess),
    ("administration", "sso_enabled", Guess),
    ("administration", "sso_disabled", Guess),
    ("administration", "sso_updated", Guess),
    ("administration", "scim_enabled", Guess),
    ("administration", "scim_disabled", Guess),
    ("administration", "scim_token_generated", Guess),
    ("administration", "scim_notifications_enabled", Guess),
    ("administration", "scim_notifications_disabled", Guess),
    ("administration", "allowlist_enabled", Guess),
    ("administration", "allowlist_disabled", Guess),
    ("administration", "allowlist_updated", Guess),
    ("administration", "external_guest_sharing_enabled", Guess),
    ("administration", "external_guest_sharing_disabled", Guess),
    ("administration", "public_link_sharing_enabled", Guess),
    ("administration", "public_link_sharing_disabled", Guess),
    ("administration", "public_link_editing_enabled", Guess),
    ("administration", "public_link_editing_disabled", Guess),
    ("administration", "team_privacy_enabled", Guess),
    ("administration", "team_privacy_disabled", Guess),
    ("administration", "domain_control_enabled", Guess),
    ("administration", "domain_control_disabled", Guess),
    ("administration", "domain_control_updated", Guess),
    ("administration", "block_deactivated_users_enabled", Guess),
    ("administration", "block_deactivated_users_disabled", Guess),
    ("administration", "request_management_updated", Guess),
    ("administration", "team_created", Guess),
    ("administration", "team_deleted", Guess),
    ("administration", "team_renamed", Guess),
    ("administration", "team_logo_changed", Guess),
    ("administration", "team_logo_removed", Guess),
    ("administration", "team_invitation_settings_updated", Guess),
    ("administration", "team_discovery_updated", Guess),
    ("administration", "team_guests_enabled", Guess),
    ("administration", "team_guests_disabled", Guess),
    ("administration", "default_board_sharing_updated", Guess),
    ("administration", "default_project_sharing_updated", Guess),
    ("administration", "app_installed", Guess),
    ("administration", "app_uninstalled", Guess),
    ("administration", "app_approved", Guess),
    ("administration", "app_restricted", Guess),
    ("administration", "ai_moderation_updated", Guess),
    ("boards", "board_opened", Vendor),
    ("boards", "board_created", Guess),
    ("boards", "board_deleted", Guess),
    ("boards", "board_restored", Guess),
    ("boards", "board_renamed", Guess),
    ("boards", "board_description_changed", Guess),
    ("boards", "board_cover_changed", Guess),
    ("boards", "board_moved_to_team", Guess),
    ("boards", "board_added_to_project", Guess),
    ("boards", "board_removed_from_project", Guess),
    ("boards", "board_moved_to_project", Guess),
    ("boards", "board_owner_changed", Guess),
    ("boards", "board_shared", Guess),
    ("boards", "board_user_removed", Guess),
    ("boards", "board_public_link_enabled", Guess),
    ("boards", "board_public_link_disabled", Guess),
    ("boards", "board_public_link_changed", Guess),
    ("boards", "board_password_enabled", Guess),
    ("boards", "board_password_disabled", Guess),
    ("boards", "board_password_changed", Guess),
    ("boards", "board_organization_sharing_enabled", Guess),
    ("boards", "board_organization_sharing_disabled", Guess),
    ("boards", "board_organization_sharing_changed", Guess),
    ("boards", "board_team_sharing_enabled", Guess),
    ("boards", "board_team_sharing_disabled", Guess),
    ("boards", "board_team_sharing_changed", Guess),
    ("boards", "board_exported", Guess),
    ("boards", "board_file_downloaded", Guess),
    ("boards", "board_status_created", Guess),
    ("boards", "board_status_updated", Guess),
    ("boards", "board_status_deleted", Guess),
    ("boards", "board_file_uploaded", Guess),
    ("templates", "template_opened", Guess),
    ("templates", "template_created", Guess),
    ("templates", "template_deleted", Guess),
    ("templates", "template_restored", Guess),
    ("templates", "template_renamed", Guess),
    ("templates", "template_owner_changed", Guess),
    ("templates", "template_status_created", Guess),
    ("templates", "template_status_updated", Guess),
    ("templates", "template_status_deleted", Guess),
    ("projects", "project_created", Guess),
    ("projects", "project_deleted", Guess),
    ("projects", "project_renamed", Guess),
    ("projects", "project_user_added", Guess),
    ("projects", "project_user_removed", Guess),
    ("projects", "project_team_sharing_enabled", Guess),
    ("projects", "project_team_sharing_disabled", Guess),
    ("projects", "project_owner_changed", Guess),
    ("profile", "profile_updated", Guess),
    ("profile", "email_change_requested", Guess),
    ("profile", "email_changed", Guess),
    ("blueprints", "blueprint_created", Guess),
    ("blueprints", "blueprint_deleted", Guess),
    ("blueprints", "blueprint_section_created", Guess),
    ("blueprints", "blueprint_section_deleted", Guess),
    ("blueprints", "blueprint_owner_changed", Guess),
    ("ai", "ai_feature_used", Guess),
];

/// The category of an event; `other` for one that is not in the table.
pub(super) fn category(event: &str) -> &'static str {
    EVENTS.iter().find(|(_, name, _)| *name == event).map_or("other", |(category, ..)| category)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_event_stands_in_the_table_twice_and_miros_own_are_marked() {
        let names: BTreeSet<&str> = EVENTS.iter().map(|(_, name, _)| *name).collect();
        assert_eq!(names.len(), EVENTS.len());
        let own: Vec<&str> = EVENTS.iter().filter(|e| e.2 == Vendor).map(|e| e.1).collect();
        assert_eq!(own, ["sign_in_succeeded", "sign_in_failed", "sign_out_succeeded", "board_opened"]);
        assert_eq!(category("board_renamed"), "boards");
    }
}
