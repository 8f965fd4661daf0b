//! The directory's entity sets: which properties are printed, and what may be asked of them.
//!
//! # Sources
//! `graph-docs:api-reference` user-list, group-list, serviceprincipal-list, application-list, directoryrole-list for the
//! default sets and for what can be filtered, searched and sorted.

use super::objects::{Kind, Relation};
use super::odata::list::{EntitySet, Index, paging};

/// Users.
pub(super) static USERS: EntitySet = EntitySet {
    name: "users",
    type_name: "microsoft.graph.user",
    default: &[
        "businessPhones",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
        "id",
    ],
    further: &[
        "accountEnabled",
        "city",
        "companyName",
        "country",
        "createdDateTime",
        "creationType",
        "deletedDateTime",
        "department",
        "employeeId",
        "externalUserState",
        "mailNickname",
        "onPremisesSyncEnabled",
        "otherMails",
        "proxyAddresses",
        "signInSessionsValidFromDateTime",
        "usageLocation",
        "userType",
    ],
    filterable: &[
        "accountEnabled",
        "city",
        "companyName",
        "country",
        "createdDateTime",
        "creationType",
        "department",
        "displayName",
        "employeeId",
        "givenName",
        "id",
        "jobTitle",
        "mail",
        "mailNickname",
        "otherMails",
        "proxyAddresses",
        "surname",
        "usageLocation",
        "userPrincipalName",
        "userType",
        "deletedDateTime",
    ],
    searchable: &["displayName", "givenName", "mail", "surname", "userPrincipalName"],
    sortable: &["displayName", "userPrincipalName", "createdDateTime", "deletedDateTime"],
    expandable: &[Relation::Manager, Relation::MemberOf, Relation::TransitiveMemberOf],
    paging: paging("users"),
    index: Index::Lagging,
};

/// Groups.
pub(super) static GROUPS: EntitySet = EntitySet {
    name: "groups",
    type_name: "microsoft.graph.group",
    default: &[
        "id",
        "deletedDateTime",
        "classification",
        "createdDateTime",
        "description",
        "displayName",
        "expirationDateTime",
        "groupTypes",
        "isAssignableToRole",
        "mail",
        "mailEnabled",
        "mailNickname",
        "membershipRule",
        "onPremisesSyncEnabled",
        "proxyAddresses",
        "renewedDateTime",
        "securityEnabled",
        "visibility",
    ],
    further: &[],
    filterable: &[
        "createdDateTime",
        "description",
        "displayName",
        "groupTypes",
        "id",
        "mail",
        "mailEnabled",
        "mailNickname",
        "securityEnabled",
        "visibility",
    ],
    searchable: &["description", "displayName", "mail"],
    sortable: &["displayName", "createdDateTime", "deletedDateTime"],
    expandable: &[Relation::Members, Relation::MemberOf, Relation::Owners],
    paging: paging("groups"),
    index: Index::Lagging,
};

/// Service principals; all that is imitated is printed.
pub(super) static SERVICE_PRINCIPALS: EntitySet = EntitySet {
    name: "servicePrincipals",
    type_name: "microsoft.graph.servicePrincipal",
    default: &[
        "id",
        "deletedDateTime",
        "accountEnabled",
        "alternativeNames",
        "appDescription",
        "appDisplayName",
        "appId",
        "appOwnerOrganizationId",
        "appRoleAssignmentRequired",
        "appRoles",
        "disabledByMicrosoftStatus",
        "displayName",
        "homepage",
        "keyCredentials",
        "oauth2PermissionScopes",
        "passwordCredentials",
        "replyUrls",
        "servicePrincipalNames",
        "servicePrincipalType",
        "signInAudience",
        "tags",
        "verifiedPublisher",
    ],
    further: &[],
    filterable: &[
        "accountEnabled",
        "appId",
        "appOwnerOrganizationId",
        "displayName",
        "id",
        "servicePrincipalNames",
        "servicePrincipalType",
        "tags",
    ],
    searchable: &["displayName"],
    sortable: &["displayName"],
    expandable: &[],
    paging: paging("servicePrincipals"),
    index: Index::Lagging,
};

/// Applications.
pub(super) static APPLICATIONS: EntitySet = EntitySet {
    name: "applications",
    type_name: "microsoft.graph.application",
    default: &[
        "id",
        "deletedDateTime",
        "appId",
        "createdDateTime",
        "description",
        "disabledByMicrosoftStatus",
        "displayName",
        "identifierUris",
        "isFallbackPublicClient",
        "keyCredentials",
        "passwordCredentials",
        "publisherDomain",
        "requiredResourceAccess",
        "signInAudience",
        "tags",
        "web",
    ],
    further: &[],
    filterable: &["appId", "createdDateTime", "displayName", "id", "identifierUris", "publisherDomain"],
    searchable: &["displayName"],
    sortable: &["displayName", "createdDateTime"],
    expandable: &[],
    paging: paging("applications"),
    index: Index::Lagging,
};

/// Directory roles that are activated.
pub(super) static ROLES: EntitySet = EntitySet {
    name: "directoryRoles",
    type_name: "microsoft.graph.directoryRole",
    default: &["id", "deletedDateTime", "description", "displayName", "roleTemplateId"],
    further: &[],
    filterable: &["displayName", "id", "roleTemplateId"],
    searchable: &[],
    sortable: &[],
    expandable: &[],
    paging: paging("directoryRoles"),
    index: Index::Lagging,
};

/// Members and memberships: objects of several types.
pub(super) static DIRECTORY_OBJECTS: EntitySet = EntitySet {
    name: "directoryObjects",
    type_name: "microsoft.graph.directoryObject",
    default: &["id", "deletedDateTime"],
    further: &[
        "accountEnabled",
        "appDisplayName",
        "appId",
        "department",
        "description",
        "displayName",
        "givenName",
        "groupTypes",
        "jobTitle",
        "mail",
        "mailEnabled",
        "mailNickname",
        "roleTemplateId",
        "securityEnabled",
        "servicePrincipalType",
        "surname",
        "userPrincipalName",
        "userType",
        "visibility",
    ],
    filterable: &["displayName", "id", "mail", "userPrincipalName", "accountEnabled", "userType", "securityEnabled"],
    searchable: &["displayName"],
    sortable: &["displayName"],
    expandable: &[],
    paging: paging("directoryObjects"),
    index: Index::Lagging,
};

/// The set of a kind.
pub(super) fn of(kind: Kind) -> &'static EntitySet {
    match kind {
        Kind::User => &USERS,
        Kind::Group => &GROUPS,
        Kind::ServicePrincipal => &SERVICE_PRINCIPALS,
        Kind::Application => &APPLICATIONS,
        Kind::Role => &ROLES,
    }
}

/// What is printed of an object of this kind unless `$select` says otherwise.
pub(super) fn default_properties(kind: Kind) -> &'static [&'static str] {
    of(kind).default
}
