//! Graph's throttling: a bucket of resource units for the directory, one for its writes, small windows for the logs.
//!
//! # Sources
//! `graph-docs:concepts/throttling.md`: units and costs, 3,000 writes per 150 s, headers. The audit logs' 5 requests per
//! 10 s are the newer text's (100 in 2021); that they are a fixed window is a guess. `$select` and `$top` do not change
//! costs here. Forty-five hunting queries a minute are recalled. `RateLimit-*` headers are not confirmed and not sent.

use std::time::Duration;

use axum::http::HeaderName;

use crate::protocol::limiter::{Algorithm, Allowance, Cost, Limits, Quota, Standing};

/// Routes whose cost the directory counts.
#[rustfmt::skip]
const DIRECTORY: &[&str] = &[
    "me", "users", "create_user", "users_count", "users_delta", "user", "update_user", "delete_user",
    "revoke_sign_in_sessions", "user_member_of", "user_member_of_type", "user_transitive_member_of",
    "user_transitive_member_of_type", "member_groups", "user_grants", "user_app_roles", "delete_user_app_role", "groups",
    "create_group", "groups_count", "groups_delta", "group", "update_group", "delete_group", "members", "members_of_type",
    "add_member", "remove_member", "transitive_members", "transitive_members_of_type", "owners", "add_owner", "remove_owner",
    "group_member_of", "directory_roles", "directory_role", "role_members", "deleted_items",
    "purge_deleted_item", "restore_deleted_item", "permission_grants", "create_permission_grant", "permission_grant",
    "update_permission_grant", "delete_permission_grant", "service_principals", "service_principals_delta",
    "service_principal", "update_service_principal", "delete_service_principal", "service_principal_grants", "app_roles_of",
    "create_app_role_of", "delete_app_role_of", "app_roles_to", "create_app_role_to", "delete_app_role_to", "applications",
    "application", "organization", "user_manager", "permission_grants_delta", "applications_delta", "delete_application",
];

/// Those of them that write.
#[rustfmt::skip]
const WRITES: &[&str] = &[
    "create_user", "update_user", "delete_user", "revoke_sign_in_sessions", "delete_user_app_role", "create_group",
    "update_group", "delete_group", "add_member", "remove_member", "add_owner", "remove_owner", "purge_deleted_item",
    "restore_deleted_item", "create_permission_grant", "update_permission_grant", "delete_permission_grant",
    "update_service_principal", "delete_service_principal", "create_app_role_of", "delete_app_role_of", "create_app_role_to",
    "delete_app_role_to", "delete_application",
];

/// Identity Protection.
#[rustfmt::skip]
const RISK: &[&str] = &[
    "risky_users", "risky_users_count", "risky_user", "risky_user_history", "confirm_compromised", "confirm_safe",
    "dismiss_risk", "risk_detections", "risk_detection", "confirm_sign_ins_compromised", "confirm_sign_ins_safe",
    "dismiss_sign_ins",
];

const DIRECTORY_QUOTA: &str = "resource units per app and tenant";

/// Graph's limits.
pub(super) const LIMITS: Limits = Limits {
    quotas: &[
        Quota {
            name: DIRECTORY_QUOTA,
            routes: DIRECTORY,
            cost: Cost::OfRoute,
            allowance: Allowance::ByPeople(&[(0, 3_500), (50, 5_000), (500, 8_000)]),
            window: Duration::from_secs(10),
            algorithm: Algorithm::TokenBucket,
        },
        Quota {
            name: "writes per app and tenant",
            routes: WRITES,
            cost: Cost::One,
            allowance: Allowance::Fixed(3_000),
            window: Duration::from_secs(150),
            algorithm: Algorithm::TokenBucket,
        },
        Quota::fixed(
            "audit log requests per app and tenant",
            &["sign_ins", "sign_in", "directory_audits", "directory_audit"],
            Cost::One,
            5,
            Duration::from_secs(10),
        ),
        Quota::fixed("hunting queries per tenant", &["hunting_query"], Cost::One, 45, Duration::from_secs(60)),
        Quota::fixed("identity protection requests per tenant", RISK, Cost::One, 1, Duration::from_secs(1)),
        Quota::fixed("mailbox requests per app", &["send_mail"], Cost::One, 10_000, Duration::from_secs(600)),
    ],
    key: |principal| principal.client_id.clone(),
    headers,
    told_by: &[429],
    secondary: None,
    source: "https://learn.microsoft.com/graph/throttling-limits",
};

fn headers(standings: &[Standing]) -> Vec<(HeaderName, String)> {
    let header = |name, value: String| (HeaderName::from_static(name), value);
    let mut headers = Vec::new();
    if let Some(units) = standings.iter().find(|s| s.quota.name == DIRECTORY_QUOTA) {
        headers.push(header("x-ms-resource-unit", units.cost.to_string()));
        let percent = (units.limit - units.remaining) * 100 / units.limit.max(1);
        if percent > 80 {
            let share = format!("{}.{:02}", percent / 100, percent % 100);
            headers.push(header("x-ms-throttle-limit-percentage", share));
        }
        if units.wait.is_some() {
            headers.push(header("x-ms-throttle-information", "ResourceUnitLimitExceeded".to_owned()));
        }
    }
    headers
}
