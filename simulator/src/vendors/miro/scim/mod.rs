//! Miro: SCIM 2.0, on a key of its own. Groups are teams.
//!
//! Users: list, create, read, replace, patch, delete; members only, guests are never shown. Groups: list, read and patch.
//! Both under `/api/v1/scim`, whose host is another one than the API's with the real vendor. No access token opens it.
//!
//! # Not imitated
//! SCIM's own rate limits (their numbers are unknown); photos that are fetched; invitation mails.
//!
//! # Sources
//! `spec`: `listUsers` … `getSchema`; ConductorOne's baton-miro for host, path and token. Which attributes are read-only,
//! the words of `userType`, the words of refusals and that a guest is not found are guesses. `filter.maxResults` says 200
//! while `count` goes to 1000: Miro's own contradiction.

mod groups;
mod users;

pub(super) use groups::{list as groups, one as group, patch as patch_group};
pub(super) use users::{
    create as create_user, delete as delete_user, list as users, one as user, patch as patch_user, put as put_user,
};

use super::roster::ROLES;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::scim::filter::{Join, Operator};
use crate::protocol::scim::{
    Attribute, Filters, Pages, PatchPath, Provider, ResourceType, Schema, Surface, Texts, discovery,
};

/// Name of the key.
pub(super) const KEY: &str = "scim";

/// Longest `displayName`.
const LONGEST_NAME: usize = 60;

/// What Miro serves under SCIM.
pub(super) static SURFACE: Surface = Surface {
    base: "/api/v1/scim",
    resource_types: &[&USER, &GROUP],
    filters: Filters {
        operators: &Operator::ALL,
        joins: &[Join::And, Join::Or, Join::Not],
        attributes: &[],
        texts: Texts::QuotedOrBare,
    },
    pages: Pages { default: 100, max: 1_000 },
    provider: Provider {
        documentation: "https://developers.miro.com/docs/scim",
        filter_max_results: 200,
        scheme: ("OAuth Bearer Token", "oauthbearertoken", "A token from Security > SSO/SAML > SCIM."),
    },
    content_type: "application/scim+json",
    patch_path: PatchPath::Required,
    source: "spec: listUsers",
};

static USER: ResourceType = ResourceType {
    name: "User",
    endpoint: "/Users",
    description: "User Account",
    schema: &USER_SCHEMA,
    extensions: &[&ENTERPRISE_SCHEMA],
};

static GROUP: ResourceType =
    ResourceType { name: "Group", endpoint: "/Groups", description: "Group", schema: &GROUP_SCHEMA, extensions: &[] };

static USER_SCHEMA: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:User",
    name: "User",
    description: "User Account",
    attributes: &[
        Attribute::text("userName").required().unique(),
        Attribute::complex(
            "name",
            &[Attribute::text("formatted"), Attribute::text("familyName"), Attribute::text("givenName")],
        ),
        Attribute::text("displayName").at_most(LONGEST_NAME),
        Attribute::text("userType").one_of(&["Full"]).or(&[
            "Free Restricted",
            "Free",
            "Occasional",
            "Basic",
            "Standard",
            "Advanced",
        ]),
        Attribute::boolean("active"),
        Attribute::complex(
            "emails",
            &[
                Attribute::text("value"),
                Attribute::text("display"),
                Attribute::text("type"),
                Attribute::boolean("primary"),
            ],
        )
        .many()
        .read_only(),
        Attribute::complex("photos", &[Attribute::text("type"), Attribute::text("value")]).many(),
        Attribute::complex("groups", &[Attribute::text("value"), Attribute::text("display")]).many().read_only(),
        Attribute::complex(
            "roles",
            &[
                Attribute::text("value").one_of(&ROLES),
                Attribute::text("display"),
                Attribute::text("type"),
                Attribute::boolean("primary"),
            ],
        )
        .many(),
        Attribute::text("preferredLanguage"),
    ],
};

static ENTERPRISE_SCHEMA: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    name: "EnterpriseUser",
    description: "Enterprise User",
    attributes: &[
        Attribute::text("employeeNumber"),
        Attribute::text("costCenter"),
        Attribute::text("organization"),
        Attribute::text("division"),
        Attribute::text("department"),
        Attribute::complex("manager", &[Attribute::text("value"), Attribute::text("displayName").read_only()]),
    ],
};

static GROUP_SCHEMA: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:Group",
    name: "Group",
    description: "Group",
    attributes: &[
        Attribute::text("displayName").required().at_most(LONGEST_NAME),
        Attribute::complex(
            "members",
            &[Attribute::text("value"), Attribute::text("type").read_only(), Attribute::text("display").read_only()],
        )
        .many(),
    ],
};

/// `GET /ServiceProviderConfig`.
pub(super) fn service_provider_config(_: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    discovery::service_provider_config(&SURFACE, request)
}

/// `GET /ResourceTypes`.
pub(super) fn resource_types(_: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    discovery::resource_types(&SURFACE, request, None)
}

/// `GET /ResourceTypes/{resource}`.
pub(super) fn resource_type(_: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    discovery::resource_types(&SURFACE, request, Some(request.param("resource")))
}

/// `GET /Schemas`.
pub(super) fn schemas(_: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    discovery::schemas(&SURFACE, request, None)
}

/// `GET /Schemas/{uri}`.
pub(super) fn schema(_: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    discovery::schemas(&SURFACE, request, Some(request.param("uri")))
}
