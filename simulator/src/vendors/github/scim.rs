//! GitHub: SCIM of an organisation with single sign-on.
//!
//! Members that the directory vouches for have an identity. To deactivate one is to remove the member, and the identity
//! with its id is gone.
//!
//! # Sources
//! Operations `scim/*` and schema `scim-user`; errors there say `status` as a number. Filters: the four documented
//! attributes, `eq` alone. Path filters in a PATCH are documented as not supported. That somebody provisioned without an
//! account here stays an identity alone is ours.
//!
//! # Not imitated
//! SCIM of an enterprise (managed users, groups). Discovery, which is not documented.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::names;
use super::people::everybody;
use super::{governance, shelve, unshelve};
use crate::protocol::dialect::Failure;
use crate::protocol::directory::{self, User};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::scim::filter::Operator;
use crate::protocol::scim::{
    Attribute, Filters, Pages, PatchPath, Provider, Refusal, ResourceType, Schema, Surface, Texts, list, patch, write,
};
use crate::scenario::Verb;
use crate::timeline::Deed;

/// Identities of people without an account, and what was changed about the others.
const IDENTITY: &str = "scim identity";

const USER: ResourceType = ResourceType {
    name: "User",
    endpoint: "/Users",
    description: "A member's identity",
    schema: &Schema {
        id: "urn:ietf:params:scim:schemas:core:2.0:User",
        name: "User",
        description: "A member's identity",
        attributes: &[
            Attribute::text("userName").required().unique(),
            Attribute::text("externalId").case_exact(),
            Attribute::text("displayName"),
            Attribute::complex(
                "name",
                &[Attribute::text("givenName"), Attribute::text("familyName"), Attribute::text("formatted")],
            ),
            Attribute::complex(
                "emails",
                &[Attribute::text("value"), Attribute::boolean("primary"), Attribute::text("type")],
            )
            .many()
            .required(),
            Attribute::boolean("active"),
        ],
    },
    extensions: &[],
};

/// What is served.
pub(super) static SURFACE: Surface = Surface {
    base: "/scim/v2/organizations",
    resource_types: &[&USER],
    filters: Filters {
        operators: &[Operator::Eq],
        joins: &[],
        attributes: &["userName", "externalId", "id", "emails"],
        texts: Texts::Quoted,
    },
    pages: Pages { default: 30, max: 100 },
    provider: Provider {
        documentation: "https://docs.github.com/rest/scim",
        filter_max_results: 100,
        scheme: ("OAuth Bearer Token", "oauthbearertoken", "A personal access token with admin:org"),
    },
    content_type: "application/scim+json",
    patch_path: PatchPath::Optional,
    source: "spec: scim/list-provisioned-identities",
};

/// The member behind an identity, if one is.
fn member<'a>(ctx: &Context<'a>, id: &str) -> Option<User<'a>> {
    members(ctx).into_iter().find(|u| identity_id(ctx, u) == id)
}

fn members<'a>(ctx: &Context<'a>) -> Vec<User<'a>> {
    let linked = |u: &User<'_>| directory::single_sign_on(&ctx.sim.world, ctx.instance(), u.person).is_some();
    everybody(ctx).into_iter().filter(linked).collect()
}

fn identity_id(ctx: &Context<'_>, user: &User<'_>) -> String {
    ctx.sim.scenario.seed.uuid(&["github identity", &ctx.instance().name, &user.person.key])
}

/// What the identity provider has told of a member.
fn of_member(ctx: &Context<'_>, request: &Request, user: &User<'_>) -> Map<String, Value> {
    let id = identity_id(ctx, user);
    let (given, family) = (&user.person.given_name, &user.person.family_name);
    let fields = json!({
        "userName": user.person.email,
        "externalId": user.person.directory_id,
        "displayName": user.name(),
        "name": { "givenName": given, "familyName": family, "formatted": format!("{given} {family}") },
        "emails": [{ "value": user.person.email, "primary": true, "type": "work" }],
        "active": true,
    });
    let Value::Object(fields) = fields else { unreachable!("it is an object") };
    resource(ctx, request, &id, fields)
}

fn resource(ctx: &Context<'_>, request: &Request, id: &str, fields: Map<String, Value>) -> Map<String, Value> {
    let at = names::iso(ctx.sim.scenario.history_start());
    let login = names::current_login(ctx);
    let location = format!("{}{}/{login}{}/{id}", names::api(request), SURFACE.base, USER.endpoint);
    let mut resource = Map::from_iter([("schemas".to_owned(), json!([USER.schema.id])), ("id".to_owned(), json!(id))]);
    resource.extend(fields);
    let meta = json!({ "resourceType": "User", "created": at, "lastModified": at, "location": location });
    resource.insert("meta".to_owned(), meta);
    resource
}

/// Every identity: members in their order, then those without an account.
fn identities(ctx: &Context<'_>, request: &Request) -> Vec<Map<String, Value>> {
    let shelf = &ctx.state.instances[ctx.app.0].shelf;
    let kept = |id: &str| match shelf.get(IDENTITY, id) {
        Some(Value::Object(fields)) => Some(fields.clone()),
        _ => None,
    };
    let members: Vec<Map<String, Value>> =
        members(ctx).iter().map(|u| kept(&identity_id(ctx, u)).unwrap_or_else(|| of_member(ctx, request, u))).collect();
    let known = |id: &str| members.iter().any(|m| m["id"] == id);
    let others = shelf.all(IDENTITY).filter(|(id, _)| !known(id)).filter_map(|(id, _)| kept(id));
    let others: Vec<Map<String, Value>> = others.collect();
    members.into_iter().chain(others).collect()
}

fn one(ctx: &Context<'_>, request: &Request) -> Result<Map<String, Value>, Failure> {
    let id = request.param("scim_user_id");
    let found = identities(ctx, request).into_iter().find(|i| i["id"] == id);
    found.ok_or_else(|| Failure::not_found("identity", id))
}

/// `GET /scim/v2/organizations/{org}/Users`.
pub(super) fn all(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let cap = ctx.sim.scenario.apps[ctx.app.0].page_size;
    Ok(list::page(&SURFACE, &USER, request, identities(ctx, request), cap)?)
}

/// `GET /scim/v2/organizations/{org}/Users/{scim_user_id}`.
pub(super) fn get(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let found = one(ctx, request)?;
    Ok(list::one(&SURFACE, &USER, request, StatusCode::OK, found))
}

/// `POST /scim/v2/organizations/{org}/Users`.
pub(super) fn provision(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let mut fields = write::created(&USER, &write::body(request)?)?;
    let name = fields["userName"].clone();
    if identities(ctx, request).iter().any(|i| i["userName"] == name) {
        return Err(Refusal::uniqueness("A user with this userName is provisioned already.").into());
    }
    fields.insert("active".to_owned(), json!(true));
    let number = ctx.instance_state().shelf.number().to_string();
    let id = ctx.sim.scenario.seed.uuid(&["github identity", &ctx.instance().name, "provisioned", &number]);
    let made = resource(ctx, request, &id, fields);
    shelve(ctx, IDENTITY, &id, Value::Object(made.clone()))?;
    governance::write_down(ctx, request, "external_identity.provision", (None, name.as_str().unwrap_or("").to_owned()));
    Ok(list::one(&SURFACE, &USER, request, StatusCode::CREATED, made))
}

/// `PUT /scim/v2/organizations/{org}/Users/{scim_user_id}`.
pub(super) fn replace(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let old = one(ctx, request)?;
    let new = write::replaced(&USER, &old, &write::body(request)?)?;
    changed(ctx, request, new)
}

/// `PATCH /scim/v2/organizations/{org}/Users/{scim_user_id}`.
pub(super) fn change(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let old = one(ctx, request)?;
    let body = write::body(request)?;
    let operations = body.get("Operations").and_then(Value::as_array);
    let paths = operations.into_iter().flatten().filter_map(|o| o["path"].as_str());
    if let Some(path) = paths.into_iter().find(|p| p.contains('[')) {
        return Err(Refusal::path(format!("Filters in a path are not supported: {path}")).into());
    }
    let new = patch::patched(&SURFACE, &USER, &old, &body)?;
    changed(ctx, request, new)
}

/// An identity that is active no more is none.
fn changed(ctx: &mut Context<'_>, request: &Request, new: Map<String, Value>) -> Result<Answer, Failure> {
    let id = new["id"].as_str().unwrap_or_default().to_owned();
    if new.get("active") == Some(&json!(false)) {
        end(ctx, request, &id);
    } else {
        shelve(ctx, IDENTITY, &id, Value::Object(new.clone()))?;
        governance::write_down(ctx, request, "external_identity.update", (None, String::new()));
    }
    Ok(list::one(&SURFACE, &USER, request, StatusCode::OK, new))
}

/// `DELETE /scim/v2/organizations/{org}/Users/{scim_user_id}`.
pub(super) fn deprovision(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("scim_user_id").to_owned();
    one(ctx, request).inspect_err(|_| directory::missed(ctx, "remove_member", &id))?;
    end(ctx, request, &id);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn end(ctx: &mut Context<'_>, request: &Request, id: &str) {
    if let Some(user) = member(ctx, id).map(|u| u.index) {
        let deed = governance::deed(ctx, request, Verb::Terminate);
        directory::perform(ctx, Deed { target: Some(user), ..deed });
    }
    governance::write_down(ctx, request, "external_identity.deprovision", (None, String::new()));
    unshelve(ctx, IDENTITY, id);
}
