//! Why an attack cannot happen at a vendor. Where no reason stands here, it can, and there is a story of it.
//!
//! # Sources
//! The pages that the vendors' folders name for their logs.

use crate::scenario::Vendor;

/// Attacks, or all of them where none is named, and why a vendor's log has nothing of them.
type Row = (Vendor, &'static [&'static str], &'static str);

/// The first row that fits tells.
#[rustfmt::skip]
const REASONS: &[Row] = &[
    (Vendor::Defender, &[], "it logs what is done in other apps, and is attacked itself in none of these ways"),

    (Vendor::Miro, &["impersonation"], "nobody acts as somebody else there"),
    (Vendor::Miro, &["push_protection_off"], "it holds no repositories"),
    (Vendor::Miro, &["audit_stream_ended"], "its log is fetched and never streamed"),
    (Vendor::Miro, &["dormant_token"], "tokens that people make leave no record"),
    (Vendor::Miro, &["session_replay", "agent_change"], "a record tells neither the session nor the user agent"),

    (Vendor::Entra, &["terminated_user"], "who is deleted signs in no more, and what a session goes on with is in the apps' logs"),
    (Vendor::Entra, &["impersonation"], "nobody acts as somebody else there"),
    (Vendor::Entra, &["mass_download", "mass_deletion", "external_sharing", "public_exposure"], "it holds no files"),
    (Vendor::Entra, &["protection_disabled"], "single sign-on is its own; what asks for a factor is a policy, whose record does not say what it asked for"),
    (Vendor::Entra, &["push_protection_off"], "it holds no repositories"),
    (Vendor::Entra, &["audit_stream_ended"], "where its logs go is a diagnostic setting of Azure, in Azure's own log"),
    (Vendor::Entra, &["dormant_token"], "long-lived secrets are applications', not people's"),
    (Vendor::Entra, &["session_replay", "agent_change"], "the log tells how sessions begin; what goes on in them is in the apps' logs"),

    (Vendor::Workplace, &["terminated_user"], "whoever signs on at the directory leaves a record when signing in alone, and cannot any more"),
    (Vendor::Workplace, &["administrative_activity", "protection_disabled"], "what its log calls a changed setting is not documented"),
    (Vendor::Workplace, &["impersonation"], "nobody acts as somebody else there"),
    (Vendor::Workplace, &["mass_download"], "files taken are told by Meta Admin Center alone, its successor"),
    (Vendor::Workplace, &["mass_deletion", "external_sharing", "public_exposure"], "what becomes of posts is not in its security log"),
    (Vendor::Workplace, &["oauth_app"], "an integration's record does not tell its permissions"),
    (Vendor::Workplace, &["push_protection_off"], "it holds no repositories"),
    (Vendor::Workplace, &["audit_stream_ended"], "its events are sent to subscribers, and a subscription that ends leaves no record"),
    (Vendor::Workplace, &["dormant_token"], "tokens are integrations', not people's"),
    (Vendor::Workplace, &["session_replay", "agent_change"], "a record tells no session"),

    (Vendor::Github, &["failed_logins", "password_spray", "mfa_fatigue"], "its members sign in at the directory, which alone logs what failed"),
    (Vendor::Github, &["external_sharing"], "whom a repository is shared with is an account of GitHub's, whose domain the log does not tell"),

    (Vendor::Okta, &["mass_download", "mass_deletion", "external_sharing", "public_exposure"], "it holds no files"),
    (Vendor::Okta, &["push_protection_off"], "it holds no repositories"),
];

/// Why an attack cannot happen at a vendor; none if it can.
pub(super) fn reason(attack: &str, vendor: Vendor) -> Option<&'static str> {
    let fits = |row: &&Row| row.0 == vendor && (row.1.is_empty() || row.1.contains(&attack));
    REASONS.iter().find(fits).map(|row| row.2)
}

#[cfg(test)]
mod tests {
    use super::super::ALL;
    use super::*;

    #[test]
    fn reasons_are_given_for_attacks_that_there_are_and_once() {
        for (vendor, attacks, _) in REASONS {
            for name in *attacks {
                assert!(ALL.iter().any(|attack| attack.name == *name), "{name}");
                let rows = REASONS.iter().filter(|row| row.0 == *vendor && row.1.contains(name)).count();
                assert_eq!(rows, 1, "{name} at {}", vendor.name());
            }
        }
    }
}
