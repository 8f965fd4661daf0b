//! Miro: everybody with an account, those of the world and those whom SCIM has made; and who may ask for them.
//!
//! What SCIM alone says of somebody (licence, roles, department) stands on the shelf. Somebody made through SCIM whom the
//! world does not know has an account like anybody's, and never does anything.

use serde_json::{Map, Value};

use crate::protocol::dialect::Failure;
use crate::protocol::directory::{self, User};
use crate::protocol::exchange::{Context, Request};
use crate::protocol::shelf::Shelf;
use crate::scenario::PersonKind;
use crate::world::PersonIndex;

/// Kind of the shelf's entries for people: attributes in SCIM's spelling, by user id.
pub(super) const PEOPLE: &str = "person";
/// Kind of the shelf's entries for installations: the team that was chosen, by grant.
pub(super) const INSTALLATIONS: &str = "installation";

/// SCIM's `userType` and the organisation API's `license`, from the least to the most. The words of `userType` are a
/// guess; `spec` has those of `license`.
pub(super) const LICENSES: [(&str, &str); 7] = [
    ("Free Restricted", "free_restricted"),
    ("Free", "free"),
    ("Occasional", "occasional"),
    ("Basic", "basic"),
    ("Standard", "standard"),
    ("Full", "full"),
    ("Advanced", "advanced"),
];
/// `spec`: the values of `roles.value`.
pub(super) const ROLES: [&str; 2] = ["ORGANIZATION_INTERNAL_ADMIN", "ORGANIZATION_INTERNAL_USER"];

/// Somebody with an account.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) id: String,
    pub(super) email: String,
    /// Display name.
    pub(super) name: String,
    pub(super) given_name: String,
    pub(super) family_name: String,
    pub(super) active: bool,
    /// Company Admin.
    pub(super) admin: bool,
    pub(super) guest: bool,
    /// Index into [`LICENSES`].
    pub(super) license: usize,
    /// Who it is in the world.
    pub(super) person: Option<PersonIndex>,
    /// Attributes set through SCIM; null for those taken away.
    pub(super) extra: Map<String, Value>,
}

impl Member {
    fn of(user: &User<'_>, shelf: &Shelf) -> Self {
        let extra = shelf.get(PEOPLE, &user.account.user_id).and_then(Value::as_object).cloned().unwrap_or_default();
        let guest = user.person.kind == PersonKind::Guest;
        Self {
            id: user.account.user_id.clone(),
            email: user.login(),
            name: user.name(),
            given_name: user.person.given_name.clone(),
            family_name: user.person.family_name.clone(),
            active: user.status.enabled,
            admin: role(&extra).map_or(user.account.admin, |role| role == ROLES[0]),
            guest,
            license: license(&extra).unwrap_or(if guest { 1 } else { 5 }),
            person: Some(user.index),
            extra,
        }
    }

    fn stranger(id: &str, extra: &Map<String, Value>) -> Self {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let part = |name: &str| text(extra.get("name").and_then(|n| n.get(name)));
        let email = text(extra.get("userName"));
        let formatted = format!("{} {}", part("givenName"), part("familyName")).trim().to_owned();
        let local = email.split('@').next().unwrap_or_default().to_owned();
        let candidates = [text(extra.get("displayName")), part("formatted"), formatted, local];
        Self {
            id: id.to_owned(),
            name: candidates.into_iter().find(|name| !name.is_empty()).unwrap_or_default(),
            email,
            given_name: part("givenName"),
            family_name: part("familyName"),
            active: extra.get("active") != Some(&Value::Bool(false)),
            admin: role(extra).is_some_and(|role| role == ROLES[0]),
            guest: false,
            license: license(extra).unwrap_or(5),
            person: None,
            extra: extra.clone(),
        }
    }
}

/// The value of the primary role, or of the only one.
fn role(extra: &Map<String, Value>) -> Option<&str> {
    let roles = extra.get("roles")?.as_array()?;
    let primary = roles.iter().find(|r| r["primary"] == true).or(roles.first())?;
    primary["value"].as_str()
}

fn license(extra: &Map<String, Value>) -> Option<usize> {
    let user_type = extra.get("userType")?.as_str()?;
    LICENSES.iter().position(|(name, _)| *name == user_type)
}

/// Everybody, in the order of their ids.
pub(super) fn all(ctx: &Context<'_>) -> Vec<Member> {
    let shelf = &ctx.state.instances[ctx.app.0].shelf;
    let users = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app);
    let mut members: Vec<Member> = users.iter().map(|u| Member::of(u, shelf)).collect();
    let strangers = shelf.all(PEOPLE).filter(|(id, _)| ctx.sim.world.person_by_account(ctx.app, id).is_none());
    members.extend(strangers.filter_map(|(id, extra)| Some(Member::stranger(id, extra.as_object()?))));
    members.sort_by(|a, b| a.id.cmp(&b.id));
    members
}

/// The member with this id.
pub(super) fn member(ctx: &Context<'_>, id: &str) -> Result<Member, Failure> {
    let found = match ctx.sim.world.person_by_account(ctx.app, id) {
        Some(person) => known(ctx, person),
        None => {
            let extra = ctx.state.instances[ctx.app.0].shelf.get(PEOPLE, id);
            extra.and_then(Value::as_object).map(|extra| Member::stranger(id, extra))
        }
    };
    found.ok_or_else(|| Failure::not_found("organization member", id))
}

/// The member with this address, whatever its case.
pub(super) fn by_email(ctx: &Context<'_>, email: &str) -> Option<Member> {
    all(ctx).into_iter().find(|m| m.email.eq_ignore_ascii_case(email))
}

/// The person who let the caller in, as a member; none if they have no account any more.
pub(super) fn caller(ctx: &Context<'_>, request: &Request) -> Option<Member> {
    known(ctx, request.caller().user?)
}

/// Somebody of the world, if they have an account now.
fn known(ctx: &Context<'_>, person: PersonIndex) -> Option<Member> {
    let user = directory::user(&ctx.sim.world, &ctx.state.timeline, ctx.app, person)?;
    Some(Member::of(&user, &ctx.state.instances[ctx.app.0].shelf))
}

/// Lets through who may use the Enterprise API: the app must be installed in a team of the organisation, by somebody
/// who is a Company Admin still, and the organisation of the path must be that one.
pub(super) fn enterprise(ctx: &Context<'_>, request: &Request) -> Result<(), Failure> {
    let forbidden = |why: &str| Err(Failure::Forbidden { why: why.to_owned() });
    if is_developer_team(ctx, request) {
        return forbidden(
            "the app is installed in a developer team, and the Enterprise API wants a team of the Enterprise plan",
        );
    }
    if !caller(ctx, request).is_some_and(|m| m.admin && m.active) {
        return forbidden("whoever installed the app is no Company Admin");
    }
    let asked = request.param("org_id");
    let own = asked.is_empty() || asked == ctx.instance().organisation_id;
    if own { Ok(()) } else { Err(Failure::not_found("organization", asked)) }
}

/// Whether the caller's app is installed in the developer team.
pub(super) fn is_developer_team(ctx: &Context<'_>, request: &Request) -> bool {
    installation(ctx, &request.caller().grant) == developer_team(ctx).0
}

/// The team that a grant's app is installed in. A token that was made without a consent belongs to the largest.
pub(super) fn installation(ctx: &Context<'_>, grant: &str) -> String {
    let shelf = &ctx.state.instances[ctx.app.0].shelf;
    let chosen = shelf.get(INSTALLATIONS, grant).and_then(Value::as_str);
    chosen.unwrap_or(&ctx.instance().team_id).to_owned()
}

/// Id and name of the developer team: where apps are tried out, outside the organisation's plan.
pub(super) fn developer_team(ctx: &Context<'_>) -> (String, String) {
    let id = ctx.instance().team_id.parse::<u64>().map_or_else(|_| String::new(), |n| (n + 1).to_string());
    (id, "Dev team".to_owned())
}
