//! The directory's objects as Graph prints them: users, groups, service principals, applications, roles.
//!
//! What stands still comes from the world, what changes from the timeline and from what callers of Graph did. Every object
//! is made whole, with its `@odata.type`; which properties are printed is the list's or the request's affair.

mod apps;
mod groups;
mod relations;
pub(super) mod roles;
mod users;

pub(super) use apps::{
    GRAPH_APP, application_id, enterprise_app_id, graph_principal_id, secret_ends, stack_principal_id,
};
pub(super) use groups::{Depth, belongs, members, owners};
pub(super) use relations::{Relation, related, related_ids, with_ids};
pub(super) use users::{find_person, instant, sign_in_name};

use std::time::Duration;

use serde_json::{Value, json};

use super::state::Tenant;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::Context;
use crate::time::SimTime;

/// How long a deleted object can be restored.
pub(super) const KEPT: Duration = Duration::from_secs(30 * 86_400);

/// A type of directory object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    User,
    Group,
    ServicePrincipal,
    Application,
    Role,
}

impl Kind {
    /// Every kind.
    pub(super) const ALL: [Self; 5] = [Self::User, Self::Group, Self::ServicePrincipal, Self::Application, Self::Role];

    /// `microsoft.graph.user`.
    pub(super) const fn type_name(self) -> &'static str {
        match self {
            Self::User => "microsoft.graph.user",
            Self::Group => "microsoft.graph.group",
            Self::ServicePrincipal => "microsoft.graph.servicePrincipal",
            Self::Application => "microsoft.graph.application",
            Self::Role => "microsoft.graph.directoryRole",
        }
    }

    /// `#microsoft.graph.user`.
    pub(super) fn odata_type(self) -> String {
        format!("#{}", self.type_name())
    }

    /// The word for it in the directory audit log.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::ServicePrincipal => "ServicePrincipal",
            Self::Application => "Application",
            Self::Role => "Role",
        }
    }

    /// The kind of an object, by its `@odata.type`.
    pub(super) fn of(object: &Value) -> Option<Self> {
        let name = object["@odata.type"].as_str()?.strip_prefix('#')?;
        Self::ALL.into_iter().find(|kind| kind.type_name() == name)
    }
}

/// Id of an object.
pub(super) fn id_of(object: &Value) -> &str {
    object["id"].as_str().unwrap_or_default()
}

/// The objects of a kind that there are now, in the order of their ids.
pub(super) fn live(ctx: &mut Context<'_>, kind: Kind) -> Vec<Value> {
    let mut objects = all(ctx, kind);
    objects.retain(|object| object["deletedDateTime"].is_null());
    objects
}

/// The objects of a kind that were deleted and can be restored, in the order of their ids.
pub(super) fn deleted(ctx: &mut Context<'_>, kind: Kind) -> Vec<Value> {
    let oldest = ctx.now - KEPT;
    let mut objects = all(ctx, kind);
    objects.retain(|object| {
        let at = object["deletedDateTime"].as_str().and_then(SimTime::parse_rfc3339);
        at.is_some_and(|at| at > oldest)
    });
    objects
}

/// The object with this id, of whatever kind, deleted ones not among them.
pub(super) fn find(ctx: &mut Context<'_>, id: &str) -> Result<Value, Failure> {
    let found = Kind::ALL.into_iter().find_map(|kind| find_of(ctx, kind, id));
    found.ok_or_else(|| Failure::not_found("object", id))
}

/// The object of this kind with this id; users also by user principal name.
pub(super) fn find_of(ctx: &mut Context<'_>, kind: Kind, id: &str) -> Option<Value> {
    let named = |object: &Value| {
        let is = |name: &str| object[name].as_str().is_some_and(|value| value.eq_ignore_ascii_case(id));
        is("id") || (kind == Kind::User && is("userPrincipalName"))
    };
    live(ctx, kind).into_iter().find(named)
}

/// Every object of a kind, the deleted with their `deletedDateTime`.
fn all(ctx: &mut Context<'_>, kind: Kind) -> Vec<Value> {
    let tenant = Tenant::of(ctx).clone();
    let mut objects = match kind {
        Kind::User => users::of_world(ctx),
        Kind::Group => groups::of_world(ctx),
        Kind::ServicePrincipal => apps::service_principals(ctx),
        Kind::Application => apps::applications(ctx),
        Kind::Role => roles::all(ctx),
    };
    let made = tenant.made.iter().filter(|(_, (of, _))| *of == kind);
    objects.extend(made.map(|(_, (_, properties))| Value::Object(properties.clone())));
    objects.retain(|object| !tenant.purged.contains(id_of(object)));
    for object in &mut objects {
        if let Some(at) = tenant.deleted.get(id_of(object)) {
            object["deletedDateTime"] = json!(instant(*at));
        }
        if let Some(patch) = tenant.patches.get(id_of(object)) {
            for (name, value) in patch {
                object[name] = value.clone();
            }
        }
        object["@odata.type"] = json!(kind.odata_type());
    }
    objects.sort_by(|a, b| id_of(a).cmp(id_of(b)));
    objects
}
