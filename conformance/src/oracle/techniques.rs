//! What alerts of each definition may be called a sign of, in the ids of ATT&CK.
//!
//! Ids were renumbered in version 19, and a technique is told from its parts by a number behind a point: two ids are
//! [`related`] if they are one technique, before or after the renumbering, or one is a part of the other.
//!
//! # Sources
//! The renumbering as in the Sigma rules, <https://github.com/SigmaHQ/sigma/commit/34c5d66c2>. Which techniques are listed
//! for a definition is a choice, a wide one: whoever names one that fits is not blamed.

#[rustfmt::skip]
const OF_POLICIES: &[(&str, &[&str])] = &[
    ("impossible_travel",               &["T1078", "T1528", "T1557", "T1550", "T1539"]),
    ("multiple_failed_logins",          &["T1110"]),
    ("activity_from_anonymous_ip",      &["T1090", "T1078"]),
    ("activity_from_suspicious_ip",     &["T1078", "T1110", "T1071"]),
    ("activity_from_infrequent_country", &["T1078"]),
    ("activity_by_terminated_user",     &["T1078", "T1098"]),
    ("unusual_administrative_activity", &["T1098", "T1685", "T1078", "T1531", "T1484", "T1556"]),
    ("unusual_impersonated_activity",   &["T1078", "T1098", "T1550"]),
    ("password_spray",                  &["T1110"]),
    ("mfa_fatigue",                     &["T1621"]),
    ("mass_download",                   &["T1530", "T1213", "T1020", "T1567"]),
    ("mass_deletion",                   &["T1485", "T1531"]),
    ("unusual_external_sharing",        &["T1567", "T1537"]),
    ("new_oauth_app_broad_scope",       &["T1528", "T1566.002", "T1098", "T1550.001"]),
    ("token_theft_session_replay",      &["T1539", "T1550", "T1528", "T1185"]),
    ("mfa_or_sso_disabled",             &["T1556", "T1484.002", "T1685"]),
    ("privilege_escalation_to_owner",   &["T1098", "T1078"]),
    ("public_repo_or_content_exposure", &["T1567", "T1020", "T1537"]),
    ("secret_scanning_or_push_protection_bypass", &["T1552", "T1685"]),
    ("audit_log_streaming_disabled",    &["T1685"]),
    ("pat_created_by_dormant_user",     &["T1098", "T1528", "T1078"]),
    ("impossible_user_agent_change",    &["T1539", "T1550"]),
    ("deactivated_user_reactivated",    &["T1098", "T1078"]),
];

/// Ids before version 19 and since.
const RENUMBERED: &[(&str, &str)] = &[
    ("T1562", "T1685"),
    ("T1562.001", "T1685"),
    ("T1562.002", "T1685.001"),
    ("T1562.003", "T1690"),
    ("T1562.004", "T1686"),
    ("T1562.007", "T1686.001"),
    ("T1562.008", "T1685.002"),
    ("T1562.010", "T1689"),
    ("T1562.012", "T1685.004"),
    ("T1070.001", "T1685.005"),
    ("T1070.002", "T1685.006"),
];

/// What alerts of a policy may be called; none for one whose definition does not say.
pub fn of(policy: &str) -> Option<&'static [&'static str]> {
    OF_POLICIES.iter().find(|(name, _)| *name == policy).map(|(_, ids)| *ids)
}

/// Whether two ids are one technique, or one is a part of the other.
pub fn related(a: &str, b: &str) -> bool {
    let (a, b) = (current(a), current(b));
    let is_part = |part: &str, whole: &str| part.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'));
    a == b || is_part(a, b) || is_part(b, a)
}

fn current(id: &str) -> &str {
    RENUMBERED.iter().find(|(before, _)| *before == id).map_or(id, |(_, since)| since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::DEFINITIONS;

    #[test]
    fn every_definition_says_what_its_alerts_are_a_sign_of() {
        for definition in DEFINITIONS {
            assert!(of(definition.name).is_some_and(|ids| !ids.is_empty()), "{}", definition.name);
        }
    }

    #[test]
    fn parts_and_renumbered_ids_are_related_and_siblings_are_not() {
        #[rustfmt::skip]
        let cases = [
            ("T1078.004", "T1078.004", true),
            ("T1078",     "T1078.004", true),
            ("T1562.008", "T1685.002", true),
            ("T1562.008", "T1685",     true),
            ("T1110.001", "T1110.003", false),
            ("T1098",     "T1098.001", true),
            ("T109",      "T1098.001", false),
            ("T1499",     "T1078.004", false),
        ];
        for (a, b, expected) in cases {
            assert_eq!((related(a, b), related(b, a)), (expected, expected), "{a} and {b}");
        }
    }
}
