//! The two versions: schemas, their names, and what may be asked.

use serde_json::{Value, json};

use crate::protocol::scim::filter::Operator;
use crate::protocol::scim::{
    Attribute, Filters, Pages, PatchPath, Provider, ResourceType, Schema, Surface, Texts, list,
};

/// A version of the API.
pub(super) struct Version {
    pub(super) surface: &'static Surface,
    pub(super) user: &'static ResourceType,
    pub(super) group: &'static ResourceType,
}

impl Version {
    /// `schemas` of a list.
    pub(super) fn list_schemas(&self) -> Value {
        if self.surface.base.is_empty() { json!([list::LIST_RESPONSE]) } else { json!([CORE_V1]) }
    }
}

/// Part of the URN of the extension that says whether an account is claimed.
pub(super) const ACCOUNT_STATUS: &str = "accountstatusdetails";

const CORE_V1: &str = "urn:scim:schemas:core:1.0";

const USER: &[Attribute] = &[
    Attribute::text("userName").required().unique(),
    Attribute::complex(
        "name",
        &[Attribute::text("formatted"), Attribute::text("familyName"), Attribute::text("givenName")],
    ),
    Attribute::text("title"),
    Attribute::boolean("active"),
    Attribute::text("locale"),
    Attribute::text("preferredLanguage"),
    Attribute::complex("addresses", &[Attribute::text("type"), Attribute::text("formatted")]).many(),
    Attribute::complex("phoneNumbers", &[Attribute::text("type"), Attribute::text("value")]).many(),
    Attribute::complex("photos", &[Attribute::text("type"), Attribute::text("value")]).many().read_only(),
];
const GROUP: &[Attribute] = &[
    Attribute::text("displayName").required(),
    Attribute::complex("members", &[Attribute::text("value"), Attribute::text("$ref")]).many(),
];
const ENTERPRISE: &[Attribute] = &[
    Attribute::text("employeeNumber"),
    Attribute::text("costCenter"),
    Attribute::text("organization"),
    Attribute::text("division"),
    Attribute::text("department"),
    Attribute::complex("manager", &[Attribute::text("managerId"), Attribute::text("displayName")]),
];
/// Unix seconds, like the other dates.
const TERM_DATES: &[Attribute] = &[Attribute::integer("startDate"), Attribute::integer("termDate")];
const STATUS: &[Attribute] = &[
    Attribute::boolean("claimed"),
    Attribute::text("claimLink"),
    Attribute::integer("claimDate"),
    Attribute::boolean("invited"),
    Attribute::integer("inviteDate"),
];
const AUTH_METHOD: &[Attribute] = &[Attribute::text("authMethod").one_of(&["password", "sso"])];

const fn schema(id: &'static str, name: &'static str, attributes: &'static [Attribute]) -> Schema {
    Schema { id, name, description: name, attributes }
}

static USER_V2: Schema = schema("urn:ietf:params:scim:schemas:core:2.0:User", "User", USER);
static GROUP_V2: Schema = schema("urn:ietf:params:scim:schemas:core:2.0:Group", "Group", GROUP);
static EXTENSIONS_V2: [Schema; 4] = [
    schema("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "Enterprise User", ENTERPRISE),
    schema(
        "urn:ietf:params:scim:schemas:extension:facebook:starttermdates:2.0:User",
        "Start and term dates",
        TERM_DATES,
    ),
    schema("urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User", "Account status", STATUS),
    schema("urn:ietf:params:scim:schemas:extension:facebook:authmethod:2.0:User", "Authentication method", AUTH_METHOD),
];
static USER_V1: Schema = schema(CORE_V1, "User", USER);
static GROUP_V1: Schema = schema(CORE_V1, "Group", GROUP);
static EXTENSIONS_V1: [Schema; 4] = [
    schema("urn:scim:schemas:extension:enterprise:1.0", "Enterprise User", ENTERPRISE),
    schema("urn:scim:schemas:extension:facebook:starttermdates:1.0", "Start and term dates", TERM_DATES),
    schema("urn:scim:schemas:extension:facebook:accountstatusdetails:1.0", "Account status", STATUS),
    schema("urn:scim:schemas:extension:facebook:auth_method:1.0", "Authentication method", AUTH_METHOD),
];

const fn users(schema: &'static Schema, extensions: &'static [&'static Schema]) -> ResourceType {
    ResourceType { name: "User", endpoint: "/Users", description: "Accounts", schema, extensions }
}

const fn groups(schema: &'static Schema) -> ResourceType {
    ResourceType { name: "Group", endpoint: "/Groups", description: "People sets", schema, extensions: &[] }
}

static USERS_V2: ResourceType =
    users(&USER_V2, &[&EXTENSIONS_V2[0], &EXTENSIONS_V2[1], &EXTENSIONS_V2[2], &EXTENSIONS_V2[3]]);
static USERS_V1: ResourceType =
    users(&USER_V1, &[&EXTENSIONS_V1[0], &EXTENSIONS_V1[1], &EXTENSIONS_V1[2], &EXTENSIONS_V1[3]]);
static GROUPS_V2: ResourceType = groups(&GROUP_V2);
static GROUPS_V1: ResourceType = groups(&GROUP_V1);

const fn surface(base: &'static str, resource_types: &'static [&'static ResourceType]) -> Surface {
    Surface {
        base,
        resource_types,
        filters: Filters {
            operators: &[Operator::Eq],
            joins: &[],
            attributes: &["userName", "externalId"],
            texts: Texts::Quoted,
        },
        pages: Pages { default: 10, max: 100 },
        provider: Provider {
            documentation: "https://developers.facebook.com/docs/workplace/reference/account-management-api/",
            filter_max_results: 100,
            scheme: (
                "OAuth Bearer Token",
                "oauthbearertoken",
                "The access token of an integration with Manage accounts",
            ),
        },
        content_type: "application/json",
        patch_path: PatchPath::Required,
        source: "https://developers.facebook.com/docs/workplace/reference/account-management-api/",
    }
}

static SURFACE_V2: Surface = surface("", &[&USERS_V2, &GROUPS_V2]);
static SURFACE_V1: Surface = surface("/scim/v1", &[&USERS_V1, &GROUPS_V1]);

pub(super) static V2: Version = Version { surface: &SURFACE_V2, user: &USERS_V2, group: &GROUPS_V2 };
pub(super) static V1: Version = Version { surface: &SURFACE_V1, user: &USERS_V1, group: &GROUPS_V1 };
