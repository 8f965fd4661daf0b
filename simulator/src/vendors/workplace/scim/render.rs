//! People and people sets as resources.

use serde_json::{Map, Value, json};

use super::super::{groups, members};
use super::schemas::Version;
use crate::protocol::directory;
use crate::protocol::exchange::{Context, Request};
use crate::protocol::scim::{ResourceType, list, write};
use crate::time::DAY;
use crate::world::{GroupIndex, PersonIndex};

/// An account; none if there is none any more.
pub(super) fn user(
    ctx: &Context<'_>,
    version: &Version,
    request: &Request,
    index: PersonIndex,
) -> Option<Map<String, Value>> {
    let user = directory::user(&ctx.sim.world, &ctx.state.timeline, ctx.app, index)?;
    let person = user.person;
    let claimed = members::is_claimed(ctx, index);
    let began = user.status.created_at.unwrap_or(ctx.sim.scenario.history_start() - DAY * 365);
    let sso = directory::single_sign_on(&ctx.sim.world, ctx.instance(), person).is_some();
    let mut status = json!({ "claimed": claimed, "invited": true, "inviteDate": (began - DAY).s() });
    if claimed {
        status["claimDate"] = json!(began.s());
    }
    // In the order of the version's extensions.
    let extensions = [
        json!({ "organization": ctx.sim.world.organisation, "department": person.department_name() }),
        json!({ "startDate": began.midnight().s() }),
        status,
        json!({ "authMethod": if sso { "sso" } else { "password" } }),
    ];
    let mut fields = Map::new();
    let mut put = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
    put("id", json!(user.account.user_id));
    put("externalId", json!(person.directory_id));
    put("userName", json!(user.login()));
    put("name", json!({ "formatted": user.name(), "familyName": person.family_name, "givenName": person.given_name }));
    put("title", json!(person.job));
    put("active", json!(user.status.enabled));
    put("locale", json!("en_GB"));
    put("preferredLanguage", json!("en_GB"));
    for (extension, value) in version.user.extensions.iter().zip(extensions) {
        put(extension.id, value);
    }
    Some(dressed(version, version.user, request, &user.account.user_id, fields))
}

/// A people set.
pub(super) fn group(ctx: &Context<'_>, version: &Version, request: &Request, index: GroupIndex) -> Map<String, Value> {
    let group = &ctx.sim.world.groups[index.0];
    let people = groups::members_of(ctx, index).into_iter();
    let member = |person: PersonIndex| {
        let id = &ctx.sim.world.person(person).accounts.get(&ctx.app)?.user_id;
        let url = format!("{}{}/Users/{id}", request.origin, version.surface.base);
        Some(json!({ "value": id, "$ref": url }))
    };
    let members: Vec<Value> = people.filter_map(member).collect();
    let id = groups::id(ctx, group);
    let mut fields = Map::new();
    fields.insert("id".into(), json!(id));
    fields.insert("displayName".into(), json!(group.name));
    fields.insert("members".into(), json!(members));
    dressed(version, version.group, request, &id, fields)
}

/// With `schemas` in front and `meta` behind.
fn dressed(
    version: &Version,
    kind: &ResourceType,
    request: &Request,
    id: &str,
    fields: Map<String, Value>,
) -> Map<String, Value> {
    let mut resource = Map::new();
    resource.insert("schemas".into(), json!(write::schemas(kind, &fields)));
    resource.extend(fields);
    resource.insert("meta".into(), list::meta(version.surface, kind, &request.origin, id));
    resource
}
