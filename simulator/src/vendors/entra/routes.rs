//! Every route, imitated: what `simulator vendors` lists and the server serves.
//!
//! Costs are in resource units (`graph-docs:concepts/throttling.md`): base costs as listed there, one more for writing.

use axum::http::Method;

use super::oauth::{admin_consent, authorize, device, discovery, token};
use super::{
    assignments, batch, deleted_items, delta, directory_audits, governance, grants, groups, mail, risk, security,
    service_principals, sign_in_log, subscriptions, users,
};
use crate::protocol::exchange::{Access, Route, route};

const PUBLIC: Access = Access::Public;
const ANY: Access = Access::Token(&[]);
/// Permissions that read users.
pub(super) const USER_READERS: &[&str] =
    &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
/// Permissions that read groups.
pub(super) const GROUP_READERS: &[&str] = &[
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const READ_USERS: Access = Access::Token(USER_READERS);
const READ_GROUPS: Access = Access::Token(GROUP_READERS);
/// One's own profile wants less than everybody's.
const READ_SELF: Access = Access::Token(&[
    "User.Read",
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
]);
const WRITE_USERS: Access =
    Access::Token(&["User.EnableDisableAccount.All", "User.ReadWrite.All", "Directory.ReadWrite.All"]);
const MAKE_USERS: Access = Access::Token(&["User.ReadWrite.All", "Directory.ReadWrite.All"]);
const REVOKE: Access = Access::Token(&["User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"]);
const MAIL: Access = Access::Token(&["Mail.Send"]);
const AUDIT: Access = Access::Token(&["AuditLog.Read.All"]);
const WRITE_GROUPS: Access = Access::Token(&["Group.ReadWrite.All", "Directory.ReadWrite.All"]);
const WRITE_MEMBERS: Access =
    Access::Token(&["GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"]);
const READ_DIRECTORY: Access =
    Access::Token(&["RoleManagement.Read.Directory", "Directory.Read.All", "Directory.ReadWrite.All"]);
const READ_APPS: Access = Access::Token(&[
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
]);
const WRITE_APPS: Access = Access::Token(&["Application.ReadWrite.All", "Directory.ReadWrite.All"]);
const READ_GRANTS: Access = Access::Token(&[
    "DelegatedPermissionGrant.Read.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
]);
const WRITE_GRANTS: Access = Access::Token(&["DelegatedPermissionGrant.ReadWrite.All", "Directory.ReadWrite.All"]);
const WRITE_ROLES: Access = Access::Token(&["AppRoleAssignment.ReadWrite.All"]);
const READ_RISKY: Access = Access::Token(&["IdentityRiskyUser.Read.All", "IdentityRiskyUser.ReadWrite.All"]);
const WRITE_RISKY: Access = Access::Token(&["IdentityRiskyUser.ReadWrite.All"]);
/// The second one is a guess.
const DECIDE_RISK: Access = Access::Token(&["IdentityRiskEvent.ReadWrite.All", "IdentityRiskyUser.ReadWrite.All"]);
const READ_RISK: Access = Access::Token(&["IdentityRiskEvent.Read.All", "IdentityRiskEvent.ReadWrite.All"]);

const READ_ALERTS: Access = Access::Token(&["SecurityAlert.Read.All", "SecurityAlert.ReadWrite.All"]);
const WRITE_ALERTS: Access = Access::Token(&["SecurityAlert.ReadWrite.All"]);
const READ_INCIDENTS: Access = Access::Token(&["SecurityIncident.Read.All", "SecurityIncident.ReadWrite.All"]);
const WRITE_INCIDENTS: Access = Access::Token(&["SecurityIncident.ReadWrite.All"]);
const HUNT: Access = Access::Token(&["ThreatHunting.Read.All"]);
const DISCOVER: Access = Access::Token(&["CloudApp-Discovery.Read.All"]);
const READ_EVENTS: Access = Access::Token(&["SecurityEvents.Read.All", "SecurityEvents.ReadWrite.All"]);

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

/// Name, method, path, access, resource units, list, source, handler.
#[rustfmt::skip]
pub(super) static ROUTES: [Route; 123] = [
    route("openid_configuration", GET, "/{tenant}/v2.0/.well-known/openid-configuration", PUBLIC, 0, None, "OpenID Connect on the identity platform", discovery::openid_configuration),
    route("openid_configuration_v1", GET, "/{tenant}/.well-known/openid-configuration",   PUBLIC, 0, None, "OpenID Connect on the identity platform", discovery::openid_configuration),
    route("keys",            GET,  "/{tenant}/discovery/v2.0/keys",            PUBLIC, 0, None, "OpenID Connect on the identity platform", discovery::keys),
    route("keys_v1",         GET,  "/{tenant}/discovery/keys",                 PUBLIC, 0, None, "OpenID Connect on the identity platform", discovery::keys),
    route("instance_discovery", GET, "/common/discovery/instance",             PUBLIC, 0, None, "MSAL sources",                            discovery::instance_discovery),
    route("user_realm",      GET,  "/common/userrealm/{user}",                 PUBLIC, 0, None, "MSAL sources",                            discovery::user_realm),
    route("user_info",       GET,  "/oidc/userinfo",                           ANY,    0, None, "identity platform: UserInfo endpoint",    discovery::user_info),
    route("logout",          GET,  "/{tenant}/oauth2/v2.0/logout",             PUBLIC, 0, None, "OpenID Connect on the identity platform", discovery::logout),
    route("authorize",       GET,  "/{tenant}/oauth2/v2.0/authorize",          PUBLIC, 0, None, "authorization code flow",                 authorize::ask),
    route("consent",         POST, "/{tenant}/oauth2/v2.0/authorize",          PUBLIC, 0, None, "authorization code flow",                 authorize::decide),
    route("admin_consent",   GET,  "/{tenant}/v2.0/adminconsent",              PUBLIC, 0, None, "admin consent endpoint",                  admin_consent::ask),
    route("give_admin_consent", POST, "/{tenant}/v2.0/adminconsent",           PUBLIC, 0, None, "admin consent endpoint",                  admin_consent::decide),
    route("admin_consent_v1", GET, "/{tenant}/adminconsent",                   PUBLIC, 0, None, "admin consent endpoint",                  admin_consent::ask),
    route("give_admin_consent_v1", POST, "/{tenant}/adminconsent",             PUBLIC, 0, None, "admin consent endpoint",                  admin_consent::decide),
    route("device_code",     POST, "/{tenant}/oauth2/v2.0/devicecode",         PUBLIC, 0, None, "device authorization grant flow",         device::start),
    route("device_page",     GET,  "/devicelogin",                             PUBLIC, 0, None, "device authorization grant flow",         device::enter),
    route("device_consent",  POST, "/devicelogin",                             PUBLIC, 0, None, "device authorization grant flow",         device::decide),
    route("token",           POST, "/{tenant}/oauth2/v2.0/token",              PUBLIC, 0, None, "client credentials, code, refresh, device flows", token::token),
    route("token_v1",        POST, "/{tenant}/oauth2/token",                   PUBLIC, 0, None, "azure-ad-endpoint-comparison",            token::token_v1),

    route("me",              GET,  "/v1.0/me",                                 READ_SELF,   1, None,              "graph: user-get",                  users::me),
    route("users",           GET,  "/v1.0/users",                              READ_USERS,  2, Some("users"),     "graph: user-list",                 users::list),
    route("create_user",     POST, "/v1.0/users",                              MAKE_USERS,  2, None,              "graph: user-post-users",           users::create),
    route("users_count",     GET,  "/v1.0/users/$count",                       READ_USERS,  1, None,              "graph: aad-advanced-queries",      users::count),
    route("users_delta",     GET,  "/v1.0/users/delta",                        READ_USERS,  2, Some("users"),     "graph: user-delta",                delta::users),
    route("user",            GET,  "/v1.0/users/{id}",                         READ_USERS,  1, None,              "graph: user-get",                  users::one),
    route("update_user",     PATCH, "/v1.0/users/{id}",                        WRITE_USERS, 1, None,              "graph: user-update",               users::update),
    route("delete_user",     DELETE, "/v1.0/users/{id}",                       MAKE_USERS,  2, None,              "graph: user-delete",               users::delete),
    route("revoke_sign_in_sessions", POST, "/v1.0/users/{id}/revokeSignInSessions", REVOKE, 1, None,              "graph: user-revokesigninsessions", governance::revoke_sign_in_sessions),
    route("send_mail",       POST, "/v1.0/users/{id}/sendMail",                MAIL,        1, None,              "graph: user-sendmail",             mail::send),
    route("user_member_of",  GET,  "/v1.0/users/{id}/memberOf",                READ_USERS,  2, Some("directoryObjects"), "graph: user-list-memberof", groups::user_member_of),
    route("user_member_of_type", GET, "/v1.0/users/{id}/memberOf/{type}",      READ_USERS,  2, None,              "graph: user-list-memberof",        groups::user_member_of),
    route("user_transitive_member_of", GET, "/v1.0/users/{id}/transitiveMemberOf", READ_USERS, 2, Some("directoryObjects"), "graph: user-list-transitivememberof", groups::user_transitive_member_of),
    route("user_transitive_member_of_type", GET, "/v1.0/users/{id}/transitiveMemberOf/{type}", READ_USERS, 2, None, "graph: user-list-transitivememberof", groups::user_transitive_member_of),
    route("user_manager",    GET,  "/v1.0/users/{id}/manager",                 READ_USERS,  1, None,              "graph: user-list-manager",         users::manager),
    route("member_groups",   POST, "/v1.0/users/{id}/getMemberGroups",         READ_USERS,  2, None,              "graph: directoryobject-getmembergroups", groups::get_member_groups),
    route("user_grants",     GET,  "/v1.0/users/{id}/oauth2PermissionGrants",  READ_GRANTS, 2, Some("oauth2PermissionGrants"), "graph: user-list-oauth2permissiongrants", grants::of_user),
    route("user_app_roles",  GET,  "/v1.0/users/{id}/appRoleAssignments",      READ_USERS,  2, Some("appRoleAssignments"), "graph: user-list-approleassignments", assignments::of_user),
    route("delete_user_app_role", DELETE, "/v1.0/users/{id}/appRoleAssignments/{assignment}", WRITE_ROLES, 2, None, "graph: user-delete-approleassignments", assignments::delete),

    route("groups",          GET,  "/v1.0/groups",                             READ_GROUPS, 2, Some("groups"),    "graph: group-list",                groups::list),
    route("create_group",    POST, "/v1.0/groups",                             WRITE_GROUPS, 2, None,             "graph: group-post-groups",         groups::create),
    route("groups_count",    GET,  "/v1.0/groups/$count",                      READ_GROUPS, 1, None,              "graph: aad-advanced-queries",      groups::count),
    route("groups_delta",    GET,  "/v1.0/groups/delta",                       READ_GROUPS, 2, Some("groups"),    "graph: group-delta",               delta::groups),
    route("group",           GET,  "/v1.0/groups/{id}",                        READ_GROUPS, 1, None,              "graph: group-get",                 groups::one),
    route("update_group",    PATCH, "/v1.0/groups/{id}",                       WRITE_GROUPS, 2, None,             "graph: group-update",              groups::update),
    route("delete_group",    DELETE, "/v1.0/groups/{id}",                      WRITE_GROUPS, 2, None,             "graph: group-delete",              groups::delete),
    route("members",         GET,  "/v1.0/groups/{id}/members",                READ_GROUPS, 3, Some("directoryObjects"), "graph: group-list-members", groups::members),
    route("members_of_type", GET,  "/v1.0/groups/{id}/members/{type}",         READ_GROUPS, 3, None,              "graph: group-list-members",        groups::members),
    route("add_member",      POST, "/v1.0/groups/{id}/members/$ref",           WRITE_MEMBERS, 2, None,            "graph: group-post-members",        groups::add_member),
    route("remove_member",   DELETE, "/v1.0/groups/{id}/members/{type}/$ref",  WRITE_MEMBERS, 2, None,            "graph: group-delete-members",      groups::remove_member),
    route("transitive_members", GET, "/v1.0/groups/{id}/transitiveMembers",    READ_GROUPS, 5, Some("directoryObjects"), "graph: group-list-transitivemembers", groups::transitive_members),
    route("transitive_members_of_type", GET, "/v1.0/groups/{id}/transitiveMembers/{type}", READ_GROUPS, 5, None,  "graph: group-list-transitivemembers", groups::transitive_members),
    route("owners",          GET,  "/v1.0/groups/{id}/owners",                 READ_GROUPS, 2, Some("directoryObjects"), "graph: group-list-owners", groups::owners),
    route("add_owner",       POST, "/v1.0/groups/{id}/owners/$ref",            WRITE_GROUPS, 2, None,             "graph: group-post-owners",         groups::add_owner),
    route("remove_owner",    DELETE, "/v1.0/groups/{id}/owners/{type}/$ref",   WRITE_GROUPS, 2, None,             "graph: group-delete-owners",       groups::remove_owner),
    route("group_member_of", GET,  "/v1.0/groups/{id}/memberOf",               READ_GROUPS, 2, Some("directoryObjects"), "graph: group-list-memberof", groups::group_member_of),
    route("directory_roles", GET,  "/v1.0/directoryRoles",                     READ_DIRECTORY, 1, None,           "graph: directoryrole-list",        groups::directory_roles),
    route("directory_role",  GET,  "/v1.0/directoryRoles/{id}",                READ_DIRECTORY, 1, None,           "graph: directoryrole-get",         groups::directory_role),
    route("role_members",    GET,  "/v1.0/directoryRoles/{id}/members",        READ_DIRECTORY, 2, Some("directoryObjects"), "graph: directoryrole-list-members", groups::role_members),

    route("deleted_items",   GET,  "/v1.0/directory/deletedItems/{id}",        READ_DIRECTORY, 1, None,           "graph: directory-deleteditems-list", deleted_items::one_or_list),
    route("purge_deleted_item", DELETE, "/v1.0/directory/deletedItems/{id}",   MAKE_USERS,  2, None,              "graph: directory-deleteditems-delete", deleted_items::purge),
    route("restore_deleted_item", POST, "/v1.0/directory/deletedItems/{id}/restore", MAKE_USERS, 2, None,         "graph: directory-deleteditems-restore", deleted_items::restore),

    route("sign_ins",        GET,  "/v1.0/auditLogs/signIns",                  AUDIT,       1, Some("sign_ins"),  "graph: signin-list",               sign_in_log::list),
    route("sign_in",         GET,  "/v1.0/auditLogs/signIns/{id}",             AUDIT,       1, None,              "graph: signin-get",                sign_in_log::one),
    route("confirm_sign_ins_compromised", POST, "/v1.0/auditLogs/signIns/confirmCompromised", DECIDE_RISK, 1, None, "graph: signin-confirmcompromised",  risk::sign_ins::confirm_compromised),
    route("confirm_sign_ins_safe", POST, "/v1.0/auditLogs/signIns/confirmSafe", DECIDE_RISK, 1, None,             "graph: signin-confirmsafe",        risk::sign_ins::confirm_safe),
    route("dismiss_sign_ins", POST, "/v1.0/auditLogs/signIns/dismiss",         DECIDE_RISK, 1, None,              "graph: signin-dismiss",            risk::sign_ins::dismiss),
    route("directory_audits", GET, "/v1.0/auditLogs/directoryAudits",          AUDIT,       1, Some("directory_audits"), "graph: directoryaudit-list", directory_audits::list),
    route("directory_audit", GET,  "/v1.0/auditLogs/directoryAudits/{id}",     AUDIT,       1, None,              "graph: directoryaudit-get",        directory_audits::one),

    route("risky_users",     GET,  "/v1.0/identityProtection/riskyUsers",      READ_RISKY,  1, Some("risky_users"), "graph: riskyuser-list",          risk::users),
    route("risky_users_count", GET, "/v1.0/identityProtection/riskyUsers/$count", READ_RISKY, 1, None,            "graph: riskyuser-list",            risk::users_count),
    route("risky_user",      GET,  "/v1.0/identityProtection/riskyUsers/{id}", READ_RISKY,  1, None,              "graph: riskyuser-get",             risk::user),
    route("risky_user_history", GET, "/v1.0/identityProtection/riskyUsers/{id}/history", READ_RISKY, 1, None,     "graph: riskyuser-list-history",    risk::history),
    route("confirm_compromised", POST, "/v1.0/identityProtection/riskyUsers/confirmCompromised", WRITE_RISKY, 1, None, "graph: riskyuser-confirmcompromised", risk::confirm_compromised),
    route("confirm_safe",    POST, "/v1.0/identityProtection/riskyUsers/confirmSafe", WRITE_RISKY, 1, None,       "graph: riskyuser-confirmsafe",     risk::confirm_safe),
    route("dismiss_risk",    POST, "/v1.0/identityProtection/riskyUsers/dismiss", WRITE_RISKY, 1, None,           "graph: riskyuser-dismiss",         risk::dismiss),
    route("risk_detections", GET,  "/v1.0/identityProtection/riskDetections",  READ_RISK,   1, Some("risk_detections"), "graph: riskdetection-list",  risk::detections),
    route("risk_detection",  GET,  "/v1.0/identityProtection/riskDetections/{id}", READ_RISK, 1, None,            "graph: riskdetection-get",         risk::detection),

    route("permission_grants", GET, "/v1.0/oauth2PermissionGrants",            READ_GRANTS, 2, Some("oauth2PermissionGrants"), "graph: oauth2permissiongrant-list", grants::list),
    route("create_permission_grant", POST, "/v1.0/oauth2PermissionGrants",     WRITE_GRANTS, 2, None,             "graph: oauth2permissiongrant-post", grants::create),
    route("permission_grants_delta", GET, "/v1.0/oauth2PermissionGrants/delta", READ_GRANTS, 2, Some("oauth2PermissionGrants"), "graph: oauth2permissiongrant-delta", delta::permission_grants),
    route("permission_grant", GET, "/v1.0/oauth2PermissionGrants/{id}",        READ_GRANTS, 1, None,              "graph: oauth2permissiongrant-get", grants::one),
    route("update_permission_grant", PATCH, "/v1.0/oauth2PermissionGrants/{id}", WRITE_GRANTS, 2, None,           "graph: oauth2permissiongrant-update", grants::update),
    route("delete_permission_grant", DELETE, "/v1.0/oauth2PermissionGrants/{id}", WRITE_GRANTS, 2, None,          "graph: oauth2permissiongrant-delete", grants::delete),
    route("service_principals", GET, "/v1.0/servicePrincipals",                READ_APPS,   1, Some("servicePrincipals"), "graph: serviceprincipal-list", service_principals::list),
    route("service_principals_delta", GET, "/v1.0/servicePrincipals/delta",    READ_APPS,   1, Some("servicePrincipals"), "graph: serviceprincipal-delta", delta::service_principals),
    route("service_principal", GET, "/v1.0/servicePrincipals/{id}",            READ_APPS,   1, None,              "graph: serviceprincipal-get",      service_principals::one),
    route("update_service_principal", PATCH, "/v1.0/servicePrincipals/{id}",   WRITE_APPS,  2, None,              "graph: serviceprincipal-update",   service_principals::update),
    route("delete_service_principal", DELETE, "/v1.0/servicePrincipals/{id}",  WRITE_APPS,  2, None,              "graph: serviceprincipal-delete",   service_principals::delete),
    route("service_principal_grants", GET, "/v1.0/servicePrincipals/{id}/oauth2PermissionGrants", READ_GRANTS, 2, Some("oauth2PermissionGrants"), "graph: serviceprincipal-list-oauth2permissiongrants", grants::of_service_principal),
    route("app_roles_of",    GET,  "/v1.0/servicePrincipals/{id}/appRoleAssignments", READ_APPS, 2, Some("appRoleAssignments"), "graph: serviceprincipal-list-approleassignments", assignments::granted_to),
    route("create_app_role_of", POST, "/v1.0/servicePrincipals/{id}/appRoleAssignments", WRITE_ROLES, 2, None,    "graph: serviceprincipal-post-approleassignments", assignments::create),
    route("delete_app_role_of", DELETE, "/v1.0/servicePrincipals/{id}/appRoleAssignments/{assignment}", WRITE_ROLES, 2, None, "graph: serviceprincipal-delete-approleassignments", assignments::delete),
    route("app_roles_to",    GET,  "/v1.0/servicePrincipals/{id}/appRoleAssignedTo", READ_APPS, 2, Some("appRoleAssignments"), "graph: serviceprincipal-list-approleassignedto", assignments::assigned_to),
    route("create_app_role_to", POST, "/v1.0/servicePrincipals/{id}/appRoleAssignedTo", WRITE_ROLES, 2, None,     "graph: serviceprincipal-post-approleassignedto", assignments::create),
    route("delete_app_role_to", DELETE, "/v1.0/servicePrincipals/{id}/appRoleAssignedTo/{assignment}", WRITE_ROLES, 2, None, "graph: serviceprincipal-delete-approleassignedto", assignments::delete),
    route("applications",    GET,  "/v1.0/applications",                       READ_APPS,   2, Some("applications"), "graph: application-list",       service_principals::applications),
    route("applications_delta", GET, "/v1.0/applications/delta",               READ_APPS,   2, Some("applications"), "graph: application-delta",      delta::applications),
    route("application",     GET,  "/v1.0/applications/{id}",                  READ_APPS,   1, None,              "graph: application-get",           service_principals::application),
    route("delete_application", DELETE, "/v1.0/applications/{id}",             WRITE_APPS,  2, None,              "graph: application-delete",        service_principals::delete_application),
    route("organization",    GET,  "/v1.0/organization",                       READ_USERS,  1, None,              "graph: organization-list",         service_principals::organization),

    route("subscriptions",   GET,  "/v1.0/subscriptions",                      ANY,         1, Some("subscriptions"), "graph: subscription-list",     subscriptions::list),
    route("create_subscription", POST, "/v1.0/subscriptions",                  ANY,         1, None,              "graph: subscription-post-subscriptions", subscriptions::create),
    route("subscription",    GET,  "/v1.0/subscriptions/{id}",                 ANY,         1, None,              "graph: subscription-get",          subscriptions::one),
    route("renew_subscription", PATCH, "/v1.0/subscriptions/{id}",             ANY,         1, None,              "graph: subscription-update",       subscriptions::renew),
    route("delete_subscription", DELETE, "/v1.0/subscriptions/{id}",           ANY,         1, None,              "graph: subscription-delete",       subscriptions::delete),
    route("reauthorize_subscription", POST, "/v1.0/subscriptions/{id}/reauthorize", ANY,    1, None,              "graph: subscription-reauthorize",  subscriptions::reauthorize),
    route("security_alerts", GET,  "/v1.0/security/alerts_v2",                 READ_ALERTS, 1, Some("security_alerts"), "graph: security-list-alerts_v2", security::alerts),
    route("security_alert",  GET,  "/v1.0/security/alerts_v2/{id}",            READ_ALERTS, 1, None,              "graph: security-alert-get",        security::alert),
    route("update_security_alert", PATCH, "/v1.0/security/alerts_v2/{id}",     WRITE_ALERTS, 2, None,             "graph: security-alert-update",     security::update_alert),
    route("comment_security_alert", POST, "/v1.0/security/alerts_v2/{id}/comments", WRITE_ALERTS, 2, None,        "graph: security-alert-post-comments", security::comment),
    route("hunting_query",   POST, "/v1.0/security/runHuntingQuery",           HUNT,      1, None,              "graph: security-security-runhuntingquery", security::hunt),
    route("incidents",       GET,  "/v1.0/security/incidents",                 READ_INCIDENTS, 1, Some("incidents"), "graph: security-list-incidents", security::incidents),
    route("incident",        GET,  "/v1.0/security/incidents/{id}",            READ_INCIDENTS, 1, None,           "graph: security-incident-get",     security::incident),
    route("update_incident", PATCH, "/v1.0/security/incidents/{id}",           WRITE_INCIDENTS, 2, None,          "graph: security-incident-update",  security::update_incident),
    route("secure_scores",   GET,  "/v1.0/security/secureScores",              READ_EVENTS, 1, Some("secure_scores"), "graph: security-list-securescores", security::scores),
    route("secure_score",    GET,  "/v1.0/security/secureScores/{id}",         READ_EVENTS, 1, None,              "graph: securescore-get",           security::score),
    route("secure_score_profiles", GET, "/v1.0/security/secureScoreControlProfiles", READ_EVENTS, 1, Some("secure_score_profiles"), "graph: security-list-securescorecontrolprofiles", security::profiles),
    route("secure_score_profile", GET, "/v1.0/security/secureScoreControlProfiles/{id}", READ_EVENTS, 1, None,    "graph: securescorecontrolprofile-get", security::profile),

    route("discovery_streams", GET, "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams", DISCOVER, 1, Some("data_discovery"), "graph beta: security-datadiscoveryreport-list-uploadedstreams", security::discovery::streams),
    route("discovered_apps", GET,  "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams/{id}/aggregatedAppsDetails/{period}", DISCOVER, 1, Some("data_discovery"), "graph beta: security-cloudappdiscoveryreport-aggregatedappsdetails", security::discovery::apps),
    route("discovered_app_users", GET, "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams/{id}/aggregatedAppsDetails/{period}/{app}/users", DISCOVER, 1, Some("data_discovery"), "graph beta: security-discoveredcloudappdetail-list-users", security::discovery::users),
    route("discovered_app_addresses", GET, "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams/{id}/aggregatedAppsDetails/{period}/{app}/ipAddresses", DISCOVER, 1, Some("data_discovery"), "graph beta: security-discoveredcloudappdetail-list-ipaddresses", security::discovery::addresses),

    route("batch",           POST, "/v1.0/$batch",                             ANY,         0, None,              "graph: json-batching",             batch::batch),
];

/// Graph operations that the description we hold answers against leaves out.
const NOT_DESCRIBED: [&str; 17] = [
    "user_member_of_type",
    "user_transitive_member_of_type",
    "create_group",
    "update_group",
    "delete_group",
    "members_of_type",
    "transitive_members_of_type",
    "group_member_of",
    "owners",
    "add_owner",
    "remove_owner",
    "directory_roles",
    "directory_role",
    "role_members",
    "application",
    "applications_delta",
    "delete_application",
];

/// Whether Graph's published description says what a route answers. The identity platform has none.
pub(super) fn described(route: &Route) -> bool {
    route.path.starts_with("/v1.0/") && !NOT_DESCRIBED.contains(&route.name)
}
