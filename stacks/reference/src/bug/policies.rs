//! Mistakes about policies: a parameter that is another.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Bug, current};

/// A parameter of a policy, and what it is mistaken for.
type Mistake = (Bug, &'static str, &'static str, fn() -> Value);

#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    (Bug::DetTravelSlow,               "impossible_travel",                "speed",         || json!(890.0)),
    (Bug::DetTravelFast,               "impossible_travel",                "speed",         || json!(905.0)),
    (Bug::DetTravelFar,                "impossible_travel",                "distance",      || json!(1500.0)),
    (Bug::DetFailedLoginsEarly,        "multiple_failed_logins",           "at_least",      || json!(10)),
    (Bug::DetFailedLoginsLate,         "multiple_failed_logins",           "at_least",      || json!(12)),
    (Bug::DetFailedLoginsShortWindow,  "multiple_failed_logins",           "within",        || json!("4m")),
    (Bug::DetFatigueEarly,             "mfa_fatigue",                      "at_least",      || json!(4)),
    (Bug::DetFatigueLate,              "mfa_fatigue",                      "at_least",      || json!(6)),
    (Bug::DetDownloadEarly,            "mass_download",                    "at_least",      || json!(50)),
    (Bug::DetDownloadLate,             "mass_download",                    "at_least",      || json!(52)),
    (Bug::DetDeletionEarly,            "mass_deletion",                    "at_least",      || json!(30)),
    (Bug::DetDeletionLate,             "mass_deletion",                    "at_least",      || json!(32)),
    (Bug::DetSharingForgets,           "unusual_external_sharing",         "look_back",     || json!("1m")),
    (Bug::DetSharingLate,              "unusual_external_sharing",         "at_least",      || json!(11)),
    (Bug::DetAdministrationLongWindow, "unusual_administrative_activity",  "within",        || json!("1d")),
    (Bug::DetAdministrationLate,       "unusual_administrative_activity",  "at_least",      || json!(100)),
    (Bug::DetCountryNeverLearns,       "activity_from_infrequent_country", "look_back",     || json!("1d")),
    (Bug::DetCountryNoLearning,        "activity_from_infrequent_country", "learning_days", || json!(0)),
    (Bug::DetCountryLearnsForEver,     "activity_from_infrequent_country", "learning_days", || json!(30)),
    (Bug::DetSuspiciousEarly,          "activity_from_suspicious_ip",      "failures",      || json!(19)),
    (Bug::DetSuspiciousLate,           "activity_from_suspicious_ip",      "failures",      || json!(23)),
    (Bug::DetTerminatedUserRace,       "activity_by_terminated_user",      "grace",         || json!("10m")),
    (Bug::DetTerminatedUserLate,       "activity_by_terminated_user",      "grace",         || json!("20m")),
    (Bug::DetSeverityLow,              "activity_from_suspicious_ip",      "severity",      || json!("low")),
    (Bug::GovUnasked,                  "impossible_travel",                "action",        || json!(["suspend", "require_sign_in", "notify"])),
];

/// The policies as they are taken for.
pub(crate) fn misset(policies: &mut BTreeMap<String, Value>) {
    for (_, policy, key, wrong) in MISTAKES.iter().filter(|(bug, ..)| Some(*bug) == current()) {
        if let Some(written) = policies.get_mut(*policy) {
            written[*key] = wrong();
        }
    }
}
