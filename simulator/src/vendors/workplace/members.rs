//! Workplace: the community and its people.
//!
//! `organization_members` shows the active alone, and with `inactive=1` the deactivated alone: a full list takes two
//! walks. What a token may not read is missing, silently: `email` without its permission, and most of a person for an
//! integration that was given one group.
//!
//! # Not imitated
//! Fields with nothing behind them in this world are never filled (`about`, `cost_center`, `division`, `link`, phones,
//! addresses); `account_deactivate_time`, `managers`, `reports`, `conversations`, `badges`, `skills`, `picture` as an
//! edge; creating accounts (the people of a scenario are its own).
//!
//! # Sources
//! <https://developers.facebook.com/docs/workplace/reference/graph-api/member> and Meta's Postman collection for fields,
//! `inactive=1`, `external_ids`, and looking a member up by address. `id,name` as default: Graph's norm \[guess\]. That
//! `former_members` are the deleted, and that invitations lie a day before the claim, are guesses.

use serde_json::{Map, Value, json};

use super::graph::{self, Item, Node};
use super::oauth::{self, IMPERSONATE, READ_EMAIL};
use crate::protocol::dialect::Failure;
use crate::protocol::directory::{self, User};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::{Order, Paging};
use crate::time::{DAY, SimTime};
use crate::world::PersonIndex;

/// Served without `fields`.
pub(super) const DEFAULT_FIELDS: &str = "id,name";

static MEMBERS: Paging = graph::paging("members", 1_000);
static ADMINS: Paging = graph::paging("admins", 1_000);

/// All that a member may have.
const KNOWN: [&str; 33] = [
    "id",
    "first_name",
    "last_name",
    "email",
    "title",
    "organization",
    "division",
    "department",
    "employee_number",
    "primary_phone",
    "primary_address",
    "picture",
    "link",
    "locale",
    "name",
    "name_format",
    "updated_time",
    "account_invite_time",
    "account_claim_time",
    "external_id",
    "about",
    "frontline",
    "account_deactivate_time",
    "start_date",
    "cost_center",
    "work_locale",
    "active",
    "impersonate_token",
    "joined",
    "administrator",
    "managers",
    "reports",
    "skills",
];

/// What an integration that was given one group sees of a person \[guess\].
const IN_A_GROUP: [&str; 5] = ["id", "name", "first_name", "last_name", "administrator"];

/// Shelf of accounts that were taken back from whoever they are for.
const UNCLAIMED: &str = "unclaimed";

/// Whether somebody has ever signed in to an account. Everybody has, unless it was taken back.
pub(super) fn is_claimed(ctx: &Context<'_>, member: PersonIndex) -> bool {
    let key = &ctx.sim.world.person(member).key;
    ctx.state.instances[ctx.app.0].shelf.get(UNCLAIMED, key).is_none()
}

/// Takes an account back, or gives it.
pub(super) fn set_claimed(ctx: &mut Context<'_>, member: PersonIndex, claimed: bool) -> Result<(), Failure> {
    let key = ctx.sim.world.person(member).key.clone();
    let shelf = &mut ctx.instance_state().shelf;
    if claimed {
        shelf.take(UNCLAIMED, &key);
        return Ok(());
    }
    Ok(shelf.put(UNCLAIMED, &key, json!(true))?)
}

/// `GET /community`.
pub(super) fn community(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let wanted = graph::wanted(request, DEFAULT_FIELDS)?;
    Ok(graph::ok(&community_node(ctx).project(&wanted)?))
}

/// The community as a node.
pub(super) fn community_node(ctx: &Context<'_>) -> Node {
    let mut fields = Map::new();
    fields.insert("id".into(), json!(ctx.instance().organisation_id));
    fields.insert("name".into(), json!(ctx.sim.world.organisation));
    fields.insert("privacy".into(), json!("CLOSED"));
    Node { kind: "Community", fields, known: &["cover", "icon", "install", "logo"], edges: Vec::new() }
}

/// `GET /community/members`: everybody who has an account now. With `external_ids=a,b` those alone.
pub(super) fn all(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let wanted = request.query("external_ids").filter(|ids| !ids.is_empty());
    let named = |u: &User<'_>| wanted.is_none_or(|ids| ids.split(',').any(|id| id.trim() == u.person.directory_id));
    list(ctx, request, &MEMBERS, |u| u.status.enabled && named(u))
}

/// `GET /community/organization_members`.
pub(super) fn of_organization(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    own_community(ctx, request)?;
    let inactive = request.query("inactive").and_then(graph::flag).unwrap_or(false);
    list(ctx, request, &MEMBERS, |u| u.status.enabled != inactive)
}

/// `GET /community/admins`.
pub(super) fn admins(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    if request.param("node") != "community" && request.param("node") != ctx.instance().organisation_id {
        return super::groups::admins(ctx, request);
    }
    list(ctx, request, &ADMINS, |u| u.account.admin && u.status.enabled)
}

/// `GET /community/former_members`: those whose account was deleted.
pub(super) fn former(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    own_community(ctx, request)?;
    let world = &ctx.sim.world;
    let deleted = |index: &PersonIndex| ctx.state.timeline.account(*index, ctx.app).deleted_at.is_some();
    let items: Vec<Item> = world
        .person_indices()
        .filter(deleted)
        .filter_map(|index| {
            let person = world.person(index);
            let id = person.accounts.get(&ctx.app)?.user_id.clone();
            let mut fields = Map::new();
            fields.insert("id".into(), json!(id));
            fields.insert("name".into(), json!(person.display_name()));
            Some(Item {
                at: SimTime::from_us(0),
                id,
                node: Node { kind: "WorkUser", fields, known: &KNOWN, edges: Vec::new() },
            })
        })
        .collect();
    graph::edge(ctx, request, &MEMBERS, items, Order::Ascending, DEFAULT_FIELDS)
}

fn list(
    ctx: &mut Context<'_>,
    request: &Request,
    paging: &'static Paging,
    shown: impl Fn(&User<'_>) -> bool,
) -> Result<Answer, Failure> {
    let members: Vec<PersonIndex> = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app)
        .iter()
        .filter(|u| shown(u))
        .map(|u| u.index)
        .collect();
    let items = members.into_iter().filter_map(|index| item(ctx, request, index)).collect();
    graph::edge(ctx, request, paging, items, Order::Ascending, DEFAULT_FIELDS)
}

/// A member as an item of an edge.
pub(super) fn item(ctx: &mut Context<'_>, request: &Request, index: PersonIndex) -> Option<Item> {
    let node = node(ctx, request, index)?;
    let id = node.fields["id"].as_str().unwrap_or_default().to_owned();
    Some(Item { at: SimTime::from_us(0), id, node })
}

/// A member, as far as the caller may see; none without an account.
pub(super) fn node(ctx: &mut Context<'_>, request: &Request, index: PersonIndex) -> Option<Node> {
    let claimed = is_claimed(ctx, index);
    let user = directory::user(&ctx.sim.world, &ctx.state.timeline, ctx.app, index)?;
    let began = ctx.sim.scenario.history_start() - DAY * 365;
    let claimed_at = user.status.created_at.unwrap_or(began);
    let mut fields = Map::new();
    let mut put = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
    let (name, admin, id) = (user.name(), user.account.admin, user.account.user_id.clone());
    put("id", json!(id));
    put("name", json!(name));
    put("first_name", json!(user.person.given_name));
    put("last_name", json!(user.person.family_name));
    if oauth::may(request, READ_EMAIL) {
        put("email", json!(user.login()));
    }
    put("title", json!(user.person.job));
    put("department", json!(user.person.department_name()));
    put("organization", json!(ctx.sim.world.organisation));
    put("external_id", json!(user.person.directory_id));
    put("locale", json!("en_GB"));
    put("work_locale", json!("en_GB"));
    put("name_format", json!("{first} {last}"));
    put("active", json!(user.status.enabled));
    put("frontline", json!({ "is_frontline": false, "has_access": false }));
    put("administrator", json!(admin));
    put("updated_time", json!(graph::time(claimed_at)));
    put("account_invite_time", json!(graph::time(claimed_at - DAY)));
    put("start_date", json!(graph::time(claimed_at.midnight())));
    if claimed {
        put("account_claim_time", json!(graph::time(claimed_at)));
    }
    let picture = json!({ "data": { "url": format!("{}/{id}/picture", request.origin), "is_silhouette": true } });
    put("picture", picture);
    if oauth::may(request, IMPERSONATE) && wants_impersonation(request) {
        // Without a token the field is absent, like every field that cannot be read.
        fields.extend(oauth::impersonate(ctx, index).ok().map(|token| ("impersonate_token".to_owned(), token)));
    }
    if oauth::only_group(request).is_some() {
        fields.retain(|key, _| IN_A_GROUP.contains(&key.as_str()));
    }
    Some(Node { kind: "WorkUser", fields, known: &KNOWN, edges: Vec::new() })
}

/// Tokens are made for those who ask for them alone.
fn wants_impersonation(request: &Request) -> bool {
    graph::parameter(request, "fields").is_some_and(|fields| fields.contains("impersonate_token"))
}

/// The member with this id or e-mail address.
pub(super) fn find(ctx: &Context<'_>, id: &str) -> Option<PersonIndex> {
    let users = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app);
    let by_id = users.iter().find(|u| u.account.user_id == id);
    // Whoever has been deactivated gives the address free for the next; then it means the next.
    let by_address = || {
        let named = users.iter().filter(|u| u.login().eq_ignore_ascii_case(id));
        named.max_by_key(|u| u.status.enabled)
    };
    by_id.or_else(by_address).map(|u| u.index)
}

/// The first part of the path is the community: by its word or its id.
pub(super) fn own_community(ctx: &Context<'_>, request: &Request) -> Result<(), Failure> {
    let asked = request.param("node");
    if asked == "community" || asked == ctx.instance().organisation_id {
        Ok(())
    } else {
        Err(Failure::not_found("community", asked))
    }
}
