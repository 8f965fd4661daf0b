//! Users: members as SCIM resources, and what a change of one means.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{SURFACE, USER};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::scim::write::{body, created, replaced, schemas};
use crate::protocol::scim::{Change, Refusal, changes, list as pages, patch};
use crate::scenario::Verb;
use crate::timeline::Deed;
use crate::vendors::miro::roster::{self, LICENSES, Member, PEOPLE, ROLES};
use crate::vendors::miro::{teams, trace};
use crate::world::PersonIndex;

/// Ids of users made through SCIM are so much above the first user's.
const FIRST_MADE: u64 = 50_000_000;
/// Attributes that the world keeps for the people it knows.
const OF_THE_WORLD: [&str; 3] = ["active", "userName", "displayName"];
/// Attributes that are computed.
const COMPUTED: [&str; 5] = ["schemas", "id", "meta", "emails", "groups"];

fn members(ctx: &Context<'_>) -> Vec<Member> {
    roster::all(ctx).into_iter().filter(|m| !m.guest).collect()
}

fn find(ctx: &Context<'_>, request: &Request) -> Result<Member, Failure> {
    let id = request.param("id");
    members(ctx).into_iter().find(|m| m.id == id).ok_or_else(|| Failure::not_found("user", id))
}

/// `seats`: the teams and who is in them, looked up once for a whole list.
fn render(request: &Request, member: &Member, seats: &[(teams::Team, Vec<String>)]) -> Map<String, Value> {
    let role = if member.admin { ROLES[0] } else { ROLES[1] };
    let groups: Vec<Value> = seats
        .iter()
        .filter(|(_, ids)| ids.contains(&member.id))
        .map(|(team, _)| json!({ "value": team.id, "display": team.name }))
        .collect();
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    put("schemas", json!([]));
    put("id", json!(member.id));
    put("meta", pages::meta(&SURFACE, &USER, &request.origin, &member.id));
    put("userName", json!(member.email));
    if member.person.is_some() {
        let formatted = format!("{} {}", member.given_name, member.family_name);
        let name = json!({ "formatted": formatted, "familyName": member.family_name, "givenName": member.given_name });
        put("name", name);
    }
    put("displayName", json!(member.name));
    put("userType", json!(LICENSES[member.license].0));
    put("active", json!(member.active));
    put("emails", json!([{ "value": member.email, "display": member.email, "primary": true }]));
    put("groups", json!(groups));
    put("roles", json!([{ "value": role, "display": role, "type": "organization_user_role", "primary": true }]));
    for (name, value) in &member.extra {
        if value.is_null() {
            fields.shift_remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    fields["schemas"] = json!(schemas(&USER, &fields));
    fields
}

fn seats(ctx: &Context<'_>) -> Vec<(teams::Team, Vec<String>)> {
    let ids = |team: &teams::Team| teams::seats(ctx, team).into_iter().map(|s| s.member.id).collect();
    teams::all(ctx).into_iter().map(|team| (ids(&team), team)).map(|(ids, team)| (team, ids)).collect()
}

fn resource(ctx: &Context<'_>, request: &Request, member: &Member) -> Map<String, Value> {
    render(request, member, &seats(ctx))
}

/// `GET /Users`.
pub(in crate::vendors::miro) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let seats = seats(ctx);
    let users = members(ctx).iter().map(|m| render(request, m, &seats)).collect();
    let cap = ctx.sim.scenario.apps[ctx.app.0].page_size;
    Ok(pages::page(&SURFACE, &USER, request, users, cap)?)
}

/// `GET /Users/{id}`.
pub(in crate::vendors::miro) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let member = find(ctx, request)?;
    let user = resource(ctx, request, &member);
    Ok(pages::one(&SURFACE, &USER, request, StatusCode::OK, user))
}

/// `POST /Users`. Who was there before comes back under the old id.
pub(in crate::vendors::miro) fn create(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let mut fields = created(&USER, &body(request)?)?;
    one_role(&mut fields);
    let email = fields["userName"].as_str().unwrap_or_default().to_owned();
    check_free(ctx, &email, None)?;
    let known = ctx.sim.world.people_by_login(ctx.app, &email).first().copied();
    let id = match known {
        Some(person) => ctx.sim.world.people[person.0].accounts[&ctx.app].user_id.clone(),
        None => made_id(ctx),
    };
    if known.is_some() {
        fields.retain(|name, _| !OF_THE_WORLD.contains(&name.as_str()));
    }
    let answer = if ctx.is_real() {
        trace::keep(ctx, PEOPLE, &id, Value::Object(fields))?;
        match known {
            Some(person) => hire(ctx, request, person),
            None => greet(ctx, request, &id),
        }
        let member = roster::member(ctx, &id)?;
        resource(ctx, request, &member)
    } else {
        fields.insert("id".to_owned(), json!(id));
        fields.insert("meta".to_owned(), pages::meta(&SURFACE, &USER, &request.origin, &id));
        fields
    };
    directory::note(ctx, "provision", &email);
    Ok(pages::one(&SURFACE, &USER, request, StatusCode::CREATED, answer))
}

fn hire(ctx: &mut Context<'_>, request: &Request, person: PersonIndex) {
    let deed = Deed::upon(Verb::Hire, ctx.app, person, request.caller().client.as_str());
    trace::write(ctx, request, deed);
}

/// Somebody whom the world does not know joins.
fn greet(ctx: &mut Context<'_>, request: &Request, id: &str) {
    let name = roster::member(ctx, id).map(|m| m.name).unwrap_or_default();
    let deed = Deed::about(Verb::Hire, ctx.app, &name, request.caller().client.as_str()).with("id", id);
    trace::write(ctx, request, deed);
}

fn made_id(ctx: &mut Context<'_>) -> String {
    let first = ctx.sim.world.people[0].accounts.get(&ctx.app).and_then(|a| a.user_id.parse::<u64>().ok());
    (first.unwrap_or_default() + FIRST_MADE + ctx.instance_state().shelf.number()).to_string()
}

/// Nobody but `own` may have the address.
fn check_free(ctx: &Context<'_>, email: &str, own: Option<&str>) -> Result<(), Refusal> {
    match roster::by_email(ctx, email) {
        Some(other) if own != Some(other.id.as_str()) => {
            Err(Refusal::uniqueness(format!("User with userName {email} already exists.")))
        }
        _ => Ok(()),
    }
}

/// `PUT /Users/{id}`.
pub(in crate::vendors::miro) fn put(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let member = find(ctx, request)?;
    let old = resource(ctx, request, &member);
    let new = replaced(&USER, &old, &body(request)?)?;
    if !member.active {
        // On a deactivated user these cannot change, not even together with its reactivation.
        for name in ["userName", "userType", "roles"] {
            if new.get(name).is_some_and(|value| Some(value) != old.get(name)) {
                return Err(
                    Refusal::mutability(format!("Attribute {name} of a deactivated user cannot be changed.")).into()
                );
            }
        }
    }
    settle(ctx, request, &member, &old, new)
}

/// `PATCH /Users/{id}`.
pub(in crate::vendors::miro) fn patch(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let member = find(ctx, request).inspect_err(|_| directory::missed(ctx, "suspend", request.param("id")))?;
    let old = resource(ctx, request, &member);
    let new = patch::patched(&SURFACE, &USER, &old, &body(request)?)?;
    settle(ctx, request, &member, &old, new)
}

/// Makes what has changed true, and answers with the user as it is now.
fn settle(
    ctx: &mut Context<'_>,
    request: &Request,
    member: &Member,
    old: &Map<String, Value>,
    mut new: Map<String, Value>,
) -> Result<Answer, Failure> {
    one_role(&mut new);
    let changes: Vec<Change> =
        changes(old, &new).into_iter().filter(|c| !COMPUTED.contains(&c.attribute.as_str())).collect();
    for change in &changes {
        check(ctx, member, change)?;
    }
    let mut extra = member.extra.clone();
    for change in &changes {
        match member.person {
            Some(person) if OF_THE_WORLD.contains(&change.attribute.as_str()) => live(ctx, request, person, change),
            _ => {
                extra.insert(change.attribute.clone(), change.to.clone());
                if change.attribute == "roles" {
                    mark_role(ctx, request, member, &change.to);
                }
            }
        }
    }
    if extra != member.extra {
        trace::keep(ctx, PEOPLE, &member.id, Value::Object(extra))?;
    }
    let user = if ctx.is_real() { resource(ctx, request, &roster::member(ctx, &member.id)?) } else { new };
    Ok(pages::one(&SURFACE, &USER, request, StatusCode::OK, user))
}

/// Miro knows one role of a person: the last that was said. (That the list has one element is a guess.)
fn one_role(fields: &mut Map<String, Value>) {
    if let Some(Value::Array(roles)) = fields.get_mut("roles") {
        roles.drain(..roles.len().saturating_sub(1));
    }
}

/// What Miro refuses beyond the schema.
fn check(ctx: &Context<'_>, member: &Member, change: &Change) -> Result<(), Failure> {
    match change.attribute.as_str() {
        "userName" => Ok(check_free(ctx, change.to.as_str().unwrap_or_default(), Some(&member.id))?),
        "userType" => {
            let rank = |value: &Value| LICENSES.iter().position(|(name, _)| value == name);
            match rank(&change.to) {
                Some(rank) if rank < member.license => Err(Refusal::value("userType can be upgraded only.").into()),
                _ => Ok(()),
            }
        }
        "active" if change.to == false && last_admin(ctx, member) => {
            Err(Failure::Conflict { why: "The last admin of the organization cannot be deactivated.".to_owned() })
        }
        "roles" if last_admin(ctx, member) && !names_admin(&change.to) => {
            Err(Failure::Conflict { why: "The last admin of the organization cannot be demoted.".to_owned() })
        }
        _ => Ok(()),
    }
}

fn names_admin(roles: &Value) -> bool {
    roles.as_array().is_some_and(|roles| roles.iter().any(|r| r["value"] == ROLES[0]))
}

fn last_admin(ctx: &Context<'_>, member: &Member) -> bool {
    member.admin && !members(ctx).iter().any(|m| m.admin && m.active && m.id != member.id)
}

/// A change that happens in somebody's life.
fn live(ctx: &mut Context<'_>, request: &Request, person: PersonIndex, change: &Change) {
    let verb = match (change.attribute.as_str(), &change.to) {
        ("active", Value::Bool(false)) => Verb::Suspend,
        ("active", Value::Bool(true)) => Verb::Restore,
        ("userName", Value::String(_)) => Verb::ChangeEmail,
        ("displayName", Value::String(_)) => Verb::Rename,
        // What is taken away stays as it was: Miro knows no user without these.
        _ => return,
    };
    let mut deed = Deed::upon(verb, ctx.app, person, request.caller().client.as_str());
    if let Value::String(to) = &change.to {
        deed = deed.with("to", to);
    }
    directory::perform(ctx, trace::through(request, deed));
}

fn mark_role(ctx: &mut Context<'_>, request: &Request, member: &Member, roles: &Value) {
    let event = match (member.admin, names_admin(roles)) {
        (false, true) => "organization_admin_granted",
        (true, false) => "organization_admin_revoked",
        _ => return,
    };
    trace::upon(ctx, request, event, member);
}

/// `DELETE /Users/{id}`: their boards pass to the administrator.
pub(in crate::vendors::miro) fn delete(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let member = find(ctx, request)
        .inspect_err(|_| directory::missed(ctx, directory::action(Verb::Terminate), request.param("id")))?;
    if last_admin(ctx, &member) {
        return Err(Failure::Conflict { why: "The last admin of the organization cannot be deleted.".to_owned() });
    }
    match member.person {
        Some(person) => {
            let deed = Deed::upon(Verb::Terminate, ctx.app, person, request.caller().client.as_str());
            directory::perform(ctx, trace::through(request, deed));
        }
        None => {
            let deed = Deed::about(Verb::Terminate, ctx.app, &member.name, request.caller().client.as_str());
            trace::write(ctx, request, deed.with("id", &member.id));
            directory::note(ctx, directory::action(Verb::Terminate), &member.email);
        }
    }
    if ctx.is_real() {
        ctx.instance_state().shelf.take(PEOPLE, &member.id);
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}
