//! Every route of GitHub that is imitated.

use axum::http::Method;

use super::{
    applications, apps, audit_log, contents, credentials, device, fine_grained, governance, oauth, people,
    repositories, root, scim, webhooks,
};
use crate::protocol::exchange::{Access, Route, route};

const PUBLIC: Access = Access::Public;
/// Any token: every list of rights below is of scopes and of apps' permissions, of which one will do.
const ANYBODY: Access = Access::Token(&[]);
const AUDIT: Access = Access::Token(&["read:audit_log", "admin:org", "organization_administration:read"]);
/// No app may read an enterprise's log.
const ENTERPRISE_AUDIT: Access = Access::Token(&["read:audit_log", "admin:enterprise"]);
const READ_ORG: Access = Access::Token(&["read:org", "write:org", "admin:org", "members:read"]);
const READ_ORG_SCIM: Access = Access::Token(&["admin:org", "members:read"]);
const WRITE_ORG: Access = Access::Token(&["admin:org", "members:write"]);
const ADMIN: Access = Access::Token(&["admin:org", "organization_administration:read"]);
const ADMIN_WRITE: Access = Access::Token(&["admin:org", "organization_administration:write"]);
const BLOCKS: Access = Access::Token(&["admin:org", "organization_administration:read"]);
const READ_CREDENTIALS: Access = Access::Token(&["read:org", "admin:org", "organization_administration:read"]);
const ENTERPRISE_WRITE: Access = Access::Token(&["admin:enterprise"]);
/// GitHub Apps alone.
const FINE_GRAINED: Access = Access::Token(&["organization_personal_access_tokens:read"]);
const FINE_GRAINED_WRITE: Access = Access::Token(&["organization_personal_access_tokens:write"]);
const REQUESTS: Access = Access::Token(&["organization_personal_access_token_requests:read"]);
const REQUESTS_WRITE: Access = Access::Token(&["organization_personal_access_token_requests:write"]);
const HOOKS: Access = Access::Token(&["admin:org_hook", "organization_hooks:read"]);
const HOOKS_WRITE: Access = Access::Token(&["admin:org_hook", "organization_hooks:write"]);
const REPOSITORY: Access = Access::Token(&["repo", "metadata:read"]);
const REPOSITORY_WRITE: Access = Access::Token(&["repo", "administration:write"]);
const CONTENTS: Access = Access::Token(&["repo", "contents:read"]);
const SITE_ADMIN: Access = Access::Token(&["site_admin", "admin:enterprise"]);

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

/// Name, method, path, access, cost of the primary budget, list, operation in the description, handler.
#[rustfmt::skip]
pub(super) static ROUTES: &[Route] = &[
    route("authorize",           GET,    "/login/oauth/authorize",                        PUBLIC,           0, None, "docs-oauth",                                oauth::ask),
    route("authorize",           POST,   "/login/oauth/authorize",                        PUBLIC,           0, None, "ours: the form of the page",                oauth::decide),
    route("token",               POST,   "/login/oauth/access_token",                     PUBLIC,           0, None, "docs-oauth",                                oauth::token),
    route("device_code",         POST,   "/login/device/code",                            PUBLIC,           0, None, "docs-oauth, device flow",                   device::code),
    route("device",              GET,    "/login/device",                                 PUBLIC,           0, None, "docs-oauth, device flow",                   device::ask),
    route("device",              POST,   "/login/device",                                 PUBLIC,           0, None, "ours: the form of the page",                device::decide),
    route("check_token",         POST,   "/applications/{client_id}/token",               PUBLIC,           0, None, "spec: apps/check-token",                    applications::check),
    route("reset_token",         PATCH,  "/applications/{client_id}/token",               PUBLIC,           0, None, "spec: apps/reset-token",                    applications::reset),
    route("delete_token",        DELETE, "/applications/{client_id}/token",               PUBLIC,           0, None, "spec: apps/delete-token",                   applications::delete_token),
    route("delete_grant",        DELETE, "/applications/{client_id}/grant",               PUBLIC,           0, None, "spec: apps/delete-authorization",           applications::delete_grant),
    route("revoke_credentials",  POST,   "/credentials/revoke",                           PUBLIC,           0, None, "spec: credentials/revoke",                  applications::revoke_leaked),
    route("app",                 GET,    "/app",                                          PUBLIC,           0, None, "spec: apps/get-authenticated",              apps::own),
    route("app_installations",   GET,    "/app/installations",                            PUBLIC,           0, Some("app_installations"), "spec: apps/list-installations", apps::list),
    route("app_installation",    GET,    "/app/installations/{installation_id}",          PUBLIC,           0, None, "spec: apps/get-installation",               apps::one),
    route("uninstall",           DELETE, "/app/installations/{installation_id}",          PUBLIC,           0, None, "spec: apps/delete-installation",            apps::uninstall),
    route("installation_token",  POST,   "/app/installations/{installation_id}/access_tokens", PUBLIC,      0, None, "spec: apps/create-installation-access-token", apps::access_token),
    route("suspend_installation", PUT,   "/app/installations/{installation_id}/suspended", PUBLIC,          0, None, "spec: apps/suspend-installation",           apps::suspend),
    route("suspend_installation", DELETE, "/app/installations/{installation_id}/suspended", PUBLIC,         0, None, "spec: apps/unsuspend-installation",         apps::unsuspend),
    route("installation",        GET,    "/orgs/{org}/installation",                      PUBLIC,           0, None, "spec: apps/get-org-installation",           apps::of_organisation),
    route("end_installation_token", DELETE, "/installation/token",                        ANYBODY,          1, None, "spec: apps/revoke-installation-access-token", apps::end_token),
    route("installation_repositories", GET, "/installation/repositories",                 REPOSITORY,       1, Some("installation_repositories"), "spec: apps/list-repos-accessible-to-installation", repositories::of_installation),
    route("root",                GET,    "/",                                             ANYBODY,          1, None, "spec: meta/root",                           root::root),
    route("meta",                GET,    "/meta",                                         ANYBODY,          1, None, "spec: meta/get",                            root::meta),
    route("rate_limit",          GET,    "/rate_limit",                                   ANYBODY,          0, None, "spec: rate-limit/get",                      root::rate_limit),
    route("user",                GET,    "/user",                                         ANYBODY,          1, None, "spec: users/get-authenticated",             people::own_user),
    route("user_organizations",  GET,    "/user/orgs",                                    ANYBODY,          1, None, "spec: orgs/list-for-authenticated-user",    people::own_organisations),
    route("user_memberships",    GET,    "/user/memberships/orgs",                        READ_ORG,         1, None, "spec: orgs/list-memberships-for-authenticated-user", people::own_memberships),
    route("profile",             GET,    "/users/{username}",                             ANYBODY,          1, None, "spec: users/get-by-username",               people::one_user),
    route("suspend_user",        PUT,    "/users/{username}/suspended",                   SITE_ADMIN,       1, None, "ghes: enterprise-admin/suspend-user",       governance::suspend),
    route("unsuspend_user",      DELETE, "/users/{username}/suspended",                   SITE_ADMIN,       1, None, "ghes: enterprise-admin/unsuspend-user",     governance::unsuspend),
    route("audit_log",           GET,    "/orgs/{org}/audit-log",                         AUDIT,            0, Some("audit_log"), "spec: orgs/get-audit-log",     audit_log::of_organisation),
    route("audit_log",           GET,    "/organizations/{org}/audit-log",                AUDIT,            0, Some("audit_log"), "docs-ent: the links",          audit_log::of_organisation),
    route("enterprise_audit_log", GET,   "/enterprises/{enterprise}/audit-log",           ENTERPRISE_AUDIT, 0, Some("audit_log"), "spec: enterprise-admin/get-audit-log", audit_log::of_enterprise),
    route("organization",        GET,    "/orgs/{org}",                                   ANYBODY,          1, None, "spec: orgs/get",                            people::organisation),
    route("organization",        GET,    "/organizations/{org}",                          ANYBODY,          1, None, "redirects of a renamed organisation",       people::organisation),
    route("members",             GET,    "/orgs/{org}/members",                           READ_ORG,         1, Some("members"), "spec: orgs/list-members",        people::members),
    route("members",             GET,    "/organizations/{org}/members",                  READ_ORG,         1, Some("members"), "redirects of a renamed organisation", people::members),
    route("member",              GET,    "/orgs/{org}/members/{username}",                READ_ORG,         1, None, "spec: orgs/check-membership-for-user",      people::is_a_member),
    route("member",              GET,    "/organizations/{org}/members/{username}",       READ_ORG,         1, None, "redirects of a renamed organisation",       people::is_a_member),
    route("remove_member",       DELETE, "/orgs/{org}/members/{username}",                WRITE_ORG,        1, None, "spec: orgs/remove-member",                  governance::remove_member),
    route("remove_member",       DELETE, "/organizations/{org}/members/{username}",       WRITE_ORG,        1, None, "redirects of a renamed organisation",       governance::remove_member),
    route("membership",          GET,    "/orgs/{org}/memberships/{username}",            READ_ORG,         1, None, "spec: orgs/get-membership-for-user",        people::one_membership),
    route("set_membership",      PUT,    "/orgs/{org}/memberships/{username}",            WRITE_ORG,        1, None, "spec: orgs/set-membership-for-user",        governance::set_membership),
    route("remove_member",       DELETE, "/orgs/{org}/memberships/{username}",            WRITE_ORG,        1, None, "spec: orgs/remove-membership-for-user",     governance::remove_member),
    route("outside_collaborators", GET,  "/orgs/{org}/outside_collaborators",             READ_ORG,         1, Some("outside_collaborators"), "spec: orgs/list-outside-collaborators", people::outside_collaborators),
    route("outside_collaborators", GET,  "/organizations/{org}/outside_collaborators",    READ_ORG,         1, Some("outside_collaborators"), "redirects of a renamed organisation", people::outside_collaborators),
    route("remove_outside_collaborator", DELETE, "/orgs/{org}/outside_collaborators/{username}", WRITE_ORG, 1, None, "spec: orgs/remove-outside-collaborator",    governance::remove_outside_collaborator),
    route("blocks",              GET,    "/orgs/{org}/blocks",                            BLOCKS,           1, Some("blocks"), "spec: orgs/list-blocked-users",   governance::blocks),
    route("blocked",             GET,    "/orgs/{org}/blocks/{username}",                 BLOCKS,           1, None, "spec: orgs/check-blocked-user",             governance::is_blocked),
    route("block",               PUT,    "/orgs/{org}/blocks/{username}",                 ADMIN_WRITE,      1, None, "spec: orgs/block-user",                     governance::block),
    route("unblock",             DELETE, "/orgs/{org}/blocks/{username}",                 ADMIN_WRITE,      1, None, "spec: orgs/unblock-user",                   governance::unblock),
    route("teams",               GET,    "/orgs/{org}/teams",                             READ_ORG,         1, Some("teams"), "spec: teams/list",                 people::teams),
    route("team",                GET,    "/orgs/{org}/teams/{team_slug}",                 READ_ORG,         1, None, "spec: teams/get-by-name",                   people::one_team),
    route("team_members",        GET,    "/orgs/{org}/teams/{team_slug}/members",         READ_ORG,         1, Some("team_members"), "spec: teams/list-members-in-org", people::team_members),
    route("team_membership",     GET,    "/orgs/{org}/teams/{team_slug}/memberships/{username}", READ_ORG,  1, None, "spec: teams/get-membership-for-user-in-org", people::team_membership),
    route("installations",       GET,    "/orgs/{org}/installations",                     ADMIN,            1, Some("installations"), "spec: orgs/list-app-installations", people::installations),
    route("credentials",         GET,    "/orgs/{org}/credential-authorizations",         READ_CREDENTIALS, 1, Some("credential_authorizations"), "spec: orgs/list-saml-sso-authorizations", credentials::list_credentials),
    route("credentials",         GET,    "/organizations/{org}/credential-authorizations", READ_CREDENTIALS, 1, Some("credential_authorizations"), "redirects of a renamed organisation", credentials::list_credentials),
    route("revoke_credential",   DELETE, "/orgs/{org}/credential-authorizations/{credential_id}", ADMIN_WRITE, 1, None, "spec: orgs/remove-saml-sso-authorization", credentials::revoke_one),
    route("revoke_credentials_of_user", POST, "/orgs/{org}/credential-authorizations/{username}/revoke", ADMIN_WRITE, 1, None, "spec: credential-authorizations", credentials::revoke_of_user),
    route("revoke_credentials_of_user", POST, "/organizations/{org}/credential-authorizations/{username}/revoke", ADMIN_WRITE, 1, None, "redirects of a renamed organisation", credentials::revoke_of_user),
    route("revoke_credential_type_of_user", POST, "/orgs/{org}/credential-authorizations/{username}/revoke-credential-type", ADMIN_WRITE, 1, None, "spec: credential-authorizations", credentials::revoke_type_of_user),
    route("revoke_credential_type", POST, "/orgs/{org}/credential-authorizations/revoke-credential-type", ADMIN_WRITE, 1, None, "spec: credential-authorizations", credentials::revoke_type),
    route("revoke_all_credentials", POST, "/orgs/{org}/credential-authorizations/revoke-all", ADMIN_WRITE, 1, None, "spec: credential-authorizations",         credentials::revoke_all),
    route("revoke_credentials_of_user", POST, "/enterprises/{enterprise}/credential-authorizations/{username}/revoke", ENTERPRISE_WRITE, 1, None, "spec: credential-authorizations", credentials::revoke_of_user),
    route("revoke_credential_type_of_user", POST, "/enterprises/{enterprise}/credential-authorizations/{username}/revoke-credential-type", ENTERPRISE_WRITE, 1, None, "spec: credential-authorizations", credentials::revoke_type_of_user),
    route("revoke_credential_type", POST, "/enterprises/{enterprise}/credential-authorizations/revoke-credential-type", ENTERPRISE_WRITE, 1, None, "spec: credential-authorizations", credentials::revoke_type),
    route("revoke_all_credentials", POST, "/enterprises/{enterprise}/credential-authorizations/revoke-all", ENTERPRISE_WRITE, 1, None, "spec: credential-authorizations", credentials::revoke_all),
    route("fine_grained_tokens", GET,    "/orgs/{org}/personal-access-tokens",            FINE_GRAINED,     1, Some("personal_access_tokens"), "docs: orgs/list-pat-grants", fine_grained::fine_grained),
    route("revoke_fine_grained_tokens", POST, "/orgs/{org}/personal-access-tokens",       FINE_GRAINED_WRITE, 1, None, "docs: orgs/update-pat-accesses",          fine_grained::revoke_fine_grained),
    route("revoke_fine_grained_token", POST, "/orgs/{org}/personal-access-tokens/{pat_id}", FINE_GRAINED_WRITE, 1, None, "docs: orgs/update-pat-access",         fine_grained::revoke_one_fine_grained),
    route("fine_grained_requests", GET,  "/orgs/{org}/personal-access-token-requests",    REQUESTS,         1, Some("personal_access_token_requests"), "docs: orgs/list-pat-grant-requests", fine_grained::fine_grained_requests),
    route("decide_fine_grained_requests", POST, "/orgs/{org}/personal-access-token-requests", REQUESTS_WRITE, 1, None, "docs: orgs/review-pat-grant-requests-in-bulk", fine_grained::decide_requests),
    route("hooks",               GET,    "/orgs/{org}/hooks",                             HOOKS,            1, Some("hooks"), "spec: orgs/list-webhooks",         webhooks::list),
    route("create_hook",         POST,   "/orgs/{org}/hooks",                             HOOKS_WRITE,      1, None, "spec: orgs/create-webhook",                 webhooks::create),
    route("hook",                GET,    "/orgs/{org}/hooks/{hook_id}",                   HOOKS,            1, None, "spec: orgs/get-webhook",                    webhooks::one),
    route("update_hook",         PATCH,  "/orgs/{org}/hooks/{hook_id}",                   HOOKS_WRITE,      1, None, "spec: orgs/update-webhook",                 webhooks::change),
    route("delete_hook",         DELETE, "/orgs/{org}/hooks/{hook_id}",                   HOOKS_WRITE,      1, None, "spec: orgs/delete-webhook",                 webhooks::delete),
    route("hook_config",         GET,    "/orgs/{org}/hooks/{hook_id}/config",            HOOKS,            1, None, "spec: orgs/get-webhook-config-for-org",     webhooks::config),
    route("update_hook_config",  PATCH,  "/orgs/{org}/hooks/{hook_id}/config",            HOOKS_WRITE,      1, None, "spec: orgs/update-webhook-config-for-org",  webhooks::change_config),
    route("ping_hook",           POST,   "/orgs/{org}/hooks/{hook_id}/pings",             HOOKS_WRITE,      1, None, "spec: orgs/ping-webhook",                   webhooks::pings),
    route("hook_deliveries",     GET,    "/orgs/{org}/hooks/{hook_id}/deliveries",        HOOKS,            1, Some("deliveries"), "spec: orgs/list-webhook-deliveries", webhooks::deliveries),
    route("hook_delivery",       GET,    "/orgs/{org}/hooks/{hook_id}/deliveries/{delivery_id}", HOOKS,     1, None, "spec: orgs/get-webhook-delivery",           webhooks::delivery),
    route("redeliver",           POST,   "/orgs/{org}/hooks/{hook_id}/deliveries/{delivery_id}/attempts", HOOKS_WRITE, 1, None, "spec: orgs/redeliver-webhook-delivery", webhooks::redeliver),
    route("repositories",        GET,    "/orgs/{org}/repos",                             REPOSITORY,       1, Some("repositories"), "spec: repos/list-for-org",  repositories::list),
    route("repository",          GET,    "/repos/{owner}/{repo}",                         REPOSITORY,       1, None, "spec: repos/get",                           repositories::one),
    route("branches",            GET,    "/repos/{owner}/{repo}/branches",                CONTENTS,         1, Some("branches"), "spec: repos/list-branches",     contents::branches),
    route("contents",            GET,    "/repos/{owner}/{repo}/contents",                CONTENTS,         1, None, "spec: repos/get-content",                   contents::contents),
    route("contents",            GET,    "/repos/{owner}/{repo}/contents/{*path}",        CONTENTS,         1, None, "spec: repos/get-content",                   contents::contents),
    route("readme",              GET,    "/repos/{owner}/{repo}/readme",                  CONTENTS,         1, None, "spec: repos/get-readme",                    contents::readme),
    route("tree",                GET,    "/repos/{owner}/{repo}/git/trees/{tree_sha}",    CONTENTS,         1, None, "spec: git/get-tree",                        contents::tree),
    route("blob",                GET,    "/repos/{owner}/{repo}/git/blobs/{file_sha}",    CONTENTS,         1, None, "spec: git/get-blob",                        contents::blob),
    route("scim_users",          GET,    "/scim/v2/organizations/{org}/Users",            READ_ORG_SCIM,    1, Some("scim_users"), "spec: scim/list-provisioned-identities", scim::all),
    route("provision_user",      POST,   "/scim/v2/organizations/{org}/Users",            WRITE_ORG,        1, None, "spec: scim/provision-and-invite-user",      scim::provision),
    route("scim_user",           GET,    "/scim/v2/organizations/{org}/Users/{scim_user_id}", READ_ORG_SCIM, 1, None, "spec: scim/get-provisioning-information-for-user", scim::get),
    route("replace_scim_user",   PUT,    "/scim/v2/organizations/{org}/Users/{scim_user_id}", WRITE_ORG,    1, None, "spec: scim/set-information-for-provisioned-user", scim::replace),
    route("update_scim_user",    PATCH,  "/scim/v2/organizations/{org}/Users/{scim_user_id}", WRITE_ORG,    1, None, "spec: scim/update-attribute-for-user",      scim::change),
    route("deprovision_user",    DELETE, "/scim/v2/organizations/{org}/Users/{scim_user_id}", WRITE_ORG,    1, None, "spec: scim/delete-user-from-org",           scim::deprovision),
    route("update_repository",   PATCH,  "/repos/{owner}/{repo}",                         REPOSITORY_WRITE, 1, None, "spec: repos/update",                        repositories::change),
];
