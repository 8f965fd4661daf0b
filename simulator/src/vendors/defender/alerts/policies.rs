//! The built-in policies: what they are called, what they become in each mode, how bad they are.
//!
//! # Sources
//! Titles: the page on anomaly detection, and the notes of June 2025 for those of the dynamic model. Type names: CEF samples
//! and connectors; those that are found nowhere are formed by analogy, and every number is invented (those published belong
//! to other alerts). Severities: medium for travel and low for failed log-ons were seen; the others are guesses. Tactics: the
//! page's grouping.

use crate::protocol::credentials::{HEX, drawn_text};
use crate::scenario::MdaMode;
use crate::seed::Seed;
use crate::world::Instance;

/// What a policy raises in a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Raises {
    /// An alert of this title.
    Alert(&'static str),
    /// A behavior of this title, and no alert.
    Behavior(&'static str),
}

/// A built-in policy.
#[derive(Debug)]
pub(in super::super) struct BuiltIn {
    /// What it looks for.
    pub(in super::super) what: What,
    /// Its letter in the table of connectors.
    pub(super) letter: char,
    /// Its name in the portal.
    pub(in super::super) name: &'static str,
    /// Type of its alerts.
    pub(in super::super) type_name: &'static str,
    /// Number of that type.
    pub(in super::super) type_number: u32,
    /// 0 low, 1 medium, 2 high.
    pub(in super::super) severity: u8,
    /// Number of the tactic.
    pub(in super::super) intent: u8,
    /// In the order of [`MODES`].
    raises: [Raises; 3],
}

/// What a policy looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum What {
    AnonymousAddress,
    SuspiciousAddress,
    InfrequentCountry,
    ImpossibleTravel,
    TerminatedUser,
    FailedLogins,
    Administration,
    Impersonation,
}

impl What {
    /// The word of scenarios for it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::AnonymousAddress => "activity_from_anonymous_ip",
            Self::SuspiciousAddress => "activity_from_suspicious_ip",
            Self::InfrequentCountry => "activity_from_infrequent_country",
            Self::ImpossibleTravel => "impossible_travel",
            Self::TerminatedUser => "activity_by_terminated_user",
            Self::FailedLogins => "multiple_failed_logins",
            Self::Administration => "unusual_administrative_activity",
            Self::Impersonation => "unusual_impersonated_activity",
        }
    }
}

const MODES: [MdaMode; 3] = [MdaMode::LegacyAlerts, MdaMode::Behaviors, MdaMode::Dynamic];

/// An alert in the days of old, a behavior since.
const fn learned(title: &'static str) -> [Raises; 3] {
    [Raises::Alert(title), Raises::Behavior(title), Raises::Behavior(title)]
}

/// An alert, with another title in the dynamic model.
const fn kept(title: &'static str, dynamic: &'static str) -> [Raises; 3] {
    [Raises::Alert(title), Raises::Alert(title), Raises::Alert(dynamic)]
}

#[expect(clippy::too_many_arguments, reason = "a row of the table below")]
const fn policy(
    what: What,
    letter: char,
    name: &'static str,
    type_name: &'static str,
    type_number: u32,
    severity: u8,
    intent: u8,
    raises: [Raises; 3],
) -> BuiltIn {
    BuiltIn { what, letter, name, type_name, type_number, severity, intent, raises }
}

/// What, letter, name, type, number, severity, tactic, what it raises.
#[rustfmt::skip]
pub(in super::super) static BUILT_IN: [BuiltIn; 8] = [
    policy(What::AnonymousAddress,  'A', "Activity from anonymous IP addresses",     "ALERT_ANUBIS_DETECTION_RISKY_IP_ANONYMOUS",             15_859_713, 1, 2, kept("Activity from an anonymous IP address", "Activity from a TOR IP address")),
    policy(What::SuspiciousAddress, 'S', "Activity from suspicious IP addresses",    "ALERT_ANUBIS_DETECTION_RISKY_IP",                       15_859_714, 2, 2, kept("Activity from suspicious IP addresses", "Successful logon from a suspicious IP address")),
    policy(What::InfrequentCountry, 'C', "Activity from infrequent country",         "ALERT_ANUBIS_DETECTION_NEW_COUNTRY",                    15_859_715, 1, 2, learned("Activity from infrequent country")),
    policy(What::ImpossibleTravel,  'T', "Impossible travel",                        "ALERT_ANUBIS_DETECTION_VELOCITY",                       15_859_716, 1, 2, learned("Impossible travel activity")),
    policy(What::TerminatedUser,    'Z', "Activity performed by terminated user",    "ALERT_ANUBIS_DETECTION_TERMINATED_USER",                15_859_717, 1, 3, kept("Activity performed by terminated user", "Activity performed by terminated user")),
    policy(What::FailedLogins,      'F', "Multiple failed login attempts",           "ALERT_ANUBIS_DETECTION_REPEATED_ACTIVITY_FAILED_LOGIN", 15_859_718, 0, 6, learned("Multiple failed login attempts")),
    policy(What::Administration,    'D', "Unusual administrative activity (by user)", "ALERT_ANUBIS_DETECTION_REPEATED_ACTIVITY_ADMIN",       15_859_719, 1, 4, learned("Suspicious administrative activity")),
    policy(What::Impersonation,     'M', "Unusual impersonated activity (by user)",  "ALERT_ANUBIS_DETECTION_REPEATED_ACTIVITY_IMPERSONATED", 15_859_720, 1, 10, learned("Suspicious impersonated activity")),
];

impl BuiltIn {
    /// The policy that looks for this.
    pub(in super::super) fn of(what: What) -> &'static Self {
        BUILT_IN.iter().find(|policy| policy.what == what).expect("one policy for each")
    }

    /// What it raises in a mode.
    pub(in super::super) fn raises(&self, mode: MdaMode) -> Raises {
        let at = MODES.iter().position(|known| *known == mode).expect("every mode is listed");
        self.raises[at]
    }

    /// The tactic as Graph writes it.
    pub(super) fn category(&self) -> &'static str {
        match self.intent {
            2 => "InitialAccess",
            3 => "Persistence",
            4 => "PrivilegeEscalation",
            6 => "CredentialAccess",
            _ => "Collection",
        }
    }

    /// Its id in a tenant: 24 hexadecimal digits.
    pub(in super::super) fn id(&self, seed: Seed, instance: &Instance) -> String {
        drawn_text(seed, &["defender policy", &instance.name, self.type_name], HEX, 24)
    }
}
