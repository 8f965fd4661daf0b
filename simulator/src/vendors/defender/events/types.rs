//! What kind of event an activity is, in Defender's words.

use crate::scenario::{Outcome, Verb};
use crate::timeline::Activity;

/// The names of one kind of event.
pub(super) struct EventType {
    /// `eventType`. Numbers are invented, by place in the table.
    pub(super) number: u32,
    /// `EVENT_MIRO_LOGIN`.
    pub(super) value: String,
    /// `EVENT_CATEGORY_LOGIN`.
    pub(super) category: &'static str,
    /// `ENUM_ACTIVITY_GENERIC_TYPE_BASIC`.
    pub(super) generic: &'static str,
    /// `EVENT_DESCRIPTION_BASIC_EVENT`.
    pub(super) description_id: &'static str,
    /// For people.
    pub(super) title: &'static str,
    /// The app's word for it, as far as the scenario tells.
    pub(super) operation: String,
    /// Whether it is a log-on that failed.
    pub(super) fails: bool,
}

const UNSPECIFIED: &str = "EVENT_CATEGORY_UNSPECIFIED";

/// Verb, end of the type's name, category, title. The categories are those that were seen, in records and in CEF samples;
/// for all other verbs `UNSPECIFIED`.
#[rustfmt::skip]
const TYPES: [(Verb, &str, &str, &str); 28] = [
    (Verb::SignIn,         "LOGIN",           "EVENT_CATEGORY_LOGIN",         "Log on"),
    (Verb::SignOut,        "LOGOUT",          "EVENT_CATEGORY_LOGOUT",        "Log out"),
    (Verb::Open,           "VIEW",            UNSPECIFIED,                    "View"),
    (Verb::Create,         "CREATE",          UNSPECIFIED,                    "Create"),
    (Verb::Edit,           "EDIT",            UNSPECIFIED,                    "Edit"),
    (Verb::Upload,         "UPLOAD_FILE",     "EVENT_CATEGORY_UPLOAD_FILE",   "Upload file"),
    (Verb::Download,       "DOWNLOAD_FILE",   "EVENT_CATEGORY_DOWNLOAD_FILE", "Download file"),
    (Verb::Export,         "EXPORT",          UNSPECIFIED,                    "Export"),
    (Verb::Clone,          "CLONE",           UNSPECIFIED,                    "Clone"),
    (Verb::Delete,         "DELETE_OBJECT",   "EVENT_CATEGORY_DELETE_OBJECT", "Delete object"),
    (Verb::Share,          "SHARE",           UNSPECIFIED,                    "Share"),
    (Verb::SetVisibility,  "SET_VISIBILITY",  UNSPECIFIED,                    "Change visibility"),
    (Verb::CreateToken,    "CREATE_TOKEN",    UNSPECIFIED,                    "Create token"),
    (Verb::RevokeToken,    "REVOKE_TOKEN",    UNSPECIFIED,                    "Revoke token"),
    (Verb::GrantApp,       "GRANT_APP",       UNSPECIFIED,                    "Consent to application"),
    (Verb::RemoveApp,      "REMOVE_APP",      UNSPECIFIED,                    "Remove application"),
    (Verb::EnrollMfa,      "ENROLL_MFA",      UNSPECIFIED,                    "Register security info"),
    (Verb::RemoveMfa,      "REMOVE_MFA",      UNSPECIFIED,                    "Delete security info"),
    (Verb::ChangePassword, "CHANGE_PASSWORD", UNSPECIFIED,                    "Change password"),
    (Verb::ChangeSetting,  "CHANGE_SETTING",  UNSPECIFIED,                    "Change setting"),
    (Verb::ChangeRole,     "CHANGE_ROLE",     UNSPECIFIED,                    "Change role"),
    (Verb::Impersonate,    "IMPERSONATE",     UNSPECIFIED,                    "Impersonate"),
    (Verb::Hire,           "CREATE_USER",     "EVENT_CATEGORY_CREATE_USER",   "Create user"),
    (Verb::Suspend,        "SUSPEND_USER",    UNSPECIFIED,                    "Suspend user"),
    (Verb::Restore,        "RESTORE_USER",    UNSPECIFIED,                    "Restore user"),
    (Verb::Terminate,      "DELETE_USER",     "EVENT_CATEGORY_DELETE_USER",   "Delete user"),
    (Verb::Rename,         "UPDATE_USER",     UNSPECIFIED,                    "Update user"),
    (Verb::ChangeEmail,    "UPDATE_USER",     UNSPECIFIED,                    "Update user"),
];

/// The kind of an activity in an app whose events are called after `word`.
pub(super) fn of(activity: &Activity, word: &str) -> EventType {
    let row = TYPES.iter().position(|row| row.0 == activity.verb);
    let (end, category, title) =
        row.map_or(("GENERIC", UNSPECIFIED, "Other"), |n| (TYPES[n].1, TYPES[n].2, TYPES[n].3));
    let fails = activity.verb == Verb::SignIn && activity.outcome != Outcome::Success;
    let operation = activity.details.get("name").filter(|_| activity.verb == Verb::Event).cloned();
    let base = EventType {
        number: 917_504 + u32::try_from(row.unwrap_or(TYPES.len())).unwrap_or_default(),
        value: format!("EVENT_{word}_{end}"),
        category,
        generic: "ENUM_ACTIVITY_GENERIC_TYPE_BASIC",
        description_id: "EVENT_DESCRIPTION_BASIC_EVENT",
        title,
        operation: operation.unwrap_or_else(|| activity.verb.name().to_owned()),
        fails,
    };
    if !fails {
        return base;
    }
    EventType {
        value: format!("EVENT_{word}_LOGIN_FAILED"),
        category: "EVENT_CATEGORY_FAILED_LOGIN",
        generic: "ENUM_ACTIVITY_GENERIC_TYPE_FAILED_LOGIN",
        description_id: "EVENT_DESCRIPTION_FAILED_LOGIN",
        title: "Failed log on",
        ..base
    }
}
