//! What is owed, one file a check: a stable id, a page that explains it, and a plain function over [`Facts`].
//!
//! A further check is a file here and a line in [`ALL`]. Checks see observations only, never files, clocks or sockets,
//! so every outcome is a small example in the check's own tests.
//!
//! Shared between them: [`found`] builds findings, [`wanted`] reads expectations, [`excuse`] says which of them are not
//! judged, [`allowance`] which alerts and actions a scenario allows.

pub mod allowance;
pub mod excuse;
pub mod found;
pub mod wanted;

mod alert_duplicate;
mod alert_false_alarm;
mod alert_late;
mod alert_low_severity;
mod alert_missing;
mod alert_wrong_actor;
mod alert_wrong_evidence;
mod alert_wrong_technique;
mod auth_refresh_reused;
mod auth_retry_permanent;
mod capability_missing;
mod connector_second_instance;
mod consent_foreign_code;
mod contain_late;
mod contract_malformed;
mod fault_never_bit;
mod governance_claimed;
mod governance_late;
mod governance_missing;
mod governance_repeated;
mod governance_unclaimed;
mod governance_unexpected;
mod governance_wrong_alert;
mod governance_wrong_file;
mod governance_wrong_grant;
mod governance_wrong_user;
mod health_false_alarm;
mod health_not_cleared;
mod health_repeated;
mod health_silent;
mod hook_answered_late;
mod hook_answered_with_error;
mod hook_forged_accepted;
mod hook_handshake_failed;
mod hook_subscription_taken;
mod ingest_altered;
mod ingest_duplicate;
mod ingest_invented;
mod ingest_late;
mod ingest_lost;
mod ingest_wrong_instance;
mod live;
mod live_second_copy;
mod live_state;
mod page_cursor_loop;
mod page_walk_abandoned;
mod permissions_stale;
mod polling_stopped;
mod posture_stale;
mod rate_limit_earned;
mod rate_lockstep;
mod rate_page_size;
mod rate_retry_after;
mod rate_retry_storm;
mod report_forbidden;
mod report_gap;
mod report_trouble;
mod secret_leaked;
mod secret_state_readable;
mod tls_not_verified;
mod usage_active;
mod usage_contacts;
mod usage_count;
mod usage_doubled;
mod usage_invented;
mod usage_lost;
mod usage_old_name;

#[cfg(test)]
mod keys_tests;

use crate::observe::Facts;
use crate::verdict::Finding;

/// A check.
#[derive(Debug)]
pub struct Check {
    /// Stable id: `ingest/lost-event`.
    pub id: &'static str,
    /// What it finds, in a few words.
    pub title: &'static str,
    /// A page that explains it and cites its source.
    pub explanation: &'static str,
    /// When it can be judged.
    pub judged: Judged,
    /// What it finds in a run.
    pub run: fn(&Facts<'_>) -> Vec<Finding>,
}

/// When a check can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// However the run ended.
    Always,
    /// When the run came to its planned end: what is missing from a run that broke off is a consequence and no finding.
    AtTheEnd,
}

/// Every check, in the order in which findings of equal weight are shown.
pub const ALL: &[&Check] = &[
    &live::NOT_READY,
    &live::CRASHED,
    &live::STUCK,
    &live::BUSY,
    &live_second_copy::CHECK,
    &live_state::CUT,
    &live_state::UNWRITABLE,
    &polling_stopped::CHECK,
    &contract_malformed::CHECK,
    &secret_leaked::CHECK,
    &secret_state_readable::CHECK,
    &tls_not_verified::CHECK,
    &consent_foreign_code::CHECK,
    &ingest_wrong_instance::CHECK,
    &ingest_invented::CHECK,
    &ingest_altered::CHECK,
    &ingest_duplicate::CHECK,
    &page_walk_abandoned::CHECK,
    &ingest_lost::CHECK,
    &ingest_late::CHECK,
    &usage_invented::CHECK,
    &usage_doubled::CHECK,
    &usage_lost::CHECK,
    &usage_active::CHECK,
    &usage_old_name::CHECK,
    &usage_count::CHECK,
    &permissions_stale::CHECK,
    &posture_stale::CHECK,
    &alert_wrong_actor::CHECK,
    &alert_false_alarm::CHECK,
    &alert_missing::CHECK,
    &alert_wrong_evidence::CHECK,
    &alert_wrong_technique::CHECK,
    &alert_low_severity::CHECK,
    &alert_duplicate::CHECK,
    &alert_late::CHECK,
    &governance_wrong_user::CHECK,
    &governance_wrong_alert::CHECK,
    &governance_wrong_file::CHECK,
    &governance_wrong_grant::CHECK,
    &governance_unexpected::CHECK,
    &governance_missing::CHECK,
    &governance_repeated::CHECK,
    &governance_late::CHECK,
    &governance_claimed::CHECK,
    &governance_unclaimed::CHECK,
    &contain_late::CHECK,
    &rate_retry_after::CHECK,
    &rate_limit_earned::CHECK,
    &rate_lockstep::CHECK,
    &rate_page_size::CHECK,
    &rate_retry_storm::CHECK,
    &page_cursor_loop::CHECK,
    &hook_forged_accepted::CHECK,
    &hook_handshake_failed::CHECK,
    &hook_subscription_taken::CHECK,
    &hook_answered_with_error::CHECK,
    &hook_answered_late::CHECK,
    &auth_refresh_reused::CHECK,
    &auth_retry_permanent::CHECK,
    &connector_second_instance::CHECK,
    &health_silent::CHECK,
    &health_false_alarm::CHECK,
    &health_repeated::CHECK,
    &health_not_cleared::CHECK,
    &report_trouble::CHECK,
    &usage_contacts::CHECK,
    &report_gap::CHECK,
    &report_forbidden::CHECK,
    &live::NO_DRAIN,
    &capability_missing::CHECK,
    &fault_never_bit::CHECK,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::observe::example::Example;

    #[test]
    fn ids_are_unique_and_of_the_form_area_slash_fault() {
        let ids: BTreeSet<&str> = ALL.iter().map(|c| c.id).collect();
        assert_eq!(ids.len(), ALL.len());
        assert!(ids.iter().all(|id| id.split('/').count() == 2), "{ids:?}");
    }

    #[test]
    fn every_page_explains_and_cites_a_source() {
        for check in ALL {
            assert!(check.explanation.len() > 200, "{}: too short to explain anything", check.id);
            assert!(check.explanation.contains("Source"), "{}: no source", check.id);
        }
    }

    #[test]
    fn a_correct_run_passes_every_check() {
        for run in [Example::quiet(), Example::travel(), Example::hooked()] {
            for check in ALL.iter().filter(|c| c.id != "capability/missing") {
                run.passes(check);
            }
        }
    }
}
