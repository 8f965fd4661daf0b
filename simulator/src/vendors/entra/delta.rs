//! Graph: delta queries over users, groups, service principals, applications and delegated grants.
//!
//! A first round gives everything, later rounds what changed since the round before began; the last page carries the
//! `@odata.deltaLink`. `$select` and `$filter` (ids alone) are in the tokens. `$deltatoken=latest` skips the first round.
//! Removed objects come as `{"id", "@removed": {"reason"}}`: `changed` while they can be restored, `deleted` for good.
//! Tokens of rounds that began more than seven days ago are a 410 with the address of a fresh round. What changes while a
//! round is being read comes in the next round.
//!
//! # Not imitated
//! Replays and duplicates within a round, which Graph's documentation reserves the right to; memberships of large groups
//! spread over several pages.
//!
//! # Sources
//! `graph-docs:concepts/delta-query-overview.md`, `delta-query-users.md`, `delta-query-groups.md`. Codes of a dead token:
//! <https://github.com/microsoftgraph/microsoft-graph-docs/issues/2877>.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::errors::{DELTA_TOO_OLD, graph_json};
use super::objects::{self, Kind, id_of};
use super::odata::filter::Filter;
use super::odata::list::EntitySet;
use super::odata::{self, given};
use super::sets;
use super::state::{Link, Tenant, keep};
use super::{changes, grants};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::encode;
use crate::protocol::pages::{self, Asked, Position};
use crate::seed::Seed;
use crate::time::SimTime;
use crate::timeline::Activity;

/// How long after a round began its token leads on.
const LIFE: Duration = Duration::from_secs(7 * 86_400);

/// Most ids in a filter.
const MOST_IDS: usize = 50;

/// Properties that lie outside the directory, and are not tracked.
const UNTRACKED: [&str; 12] = [
    "aboutMe",
    "birthday",
    "hireDate",
    "interests",
    "mySite",
    "pastProjects",
    "preferredName",
    "responsibilities",
    "schools",
    "skills",
    "mailboxSettings",
    "signInActivity",
];

/// A round of a delta query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Walk {
    /// Of which set.
    set: String,
    /// Changes since then; everything if it is not there. Microseconds.
    since: Option<i64>,
    /// When the round began. Microseconds.
    began: i64,
    select: Option<String>,
    filter: Option<String>,
}

/// `GET /v1.0/users/delta`.
pub(super) fn users(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    serve(ctx, request, Tracked::Objects(Kind::User))
}

/// `GET /v1.0/groups/delta`.
pub(super) fn groups(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    serve(ctx, request, Tracked::Objects(Kind::Group))
}

/// `GET /v1.0/servicePrincipals/delta`.
pub(super) fn service_principals(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    serve(ctx, request, Tracked::Objects(Kind::ServicePrincipal))
}

/// `GET /v1.0/applications/delta`.
pub(super) fn applications(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    serve(ctx, request, Tracked::Objects(Kind::Application))
}

/// `GET /v1.0/oauth2PermissionGrants/delta`.
pub(super) fn permission_grants(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    serve(ctx, request, Tracked::Grants)
}

/// What changes are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tracked {
    /// Directory objects of a kind: what is deleted can be restored.
    Objects(Kind),
    /// Delegated grants, which are no directory objects.
    Grants,
}

impl Tracked {
    fn set(self) -> &'static EntitySet {
        match self {
            Self::Objects(kind) => sets::of(kind),
            Self::Grants => &grants::GRANTS,
        }
    }

    /// Everything there is now, in the order of the ids.
    fn live(self, ctx: &mut Context<'_>) -> Vec<Value> {
        match self {
            Self::Objects(kind) => objects::live(ctx, kind),
            Self::Grants => grants::all(ctx),
        }
    }

    /// Ids of what can be restored.
    fn restorable(self, ctx: &mut Context<'_>) -> BTreeSet<String> {
        let deleted = match self {
            Self::Objects(kind) => objects::deleted(ctx, kind),
            Self::Grants => Vec::new(),
        };
        deleted.iter().map(|object| id_of(object).to_owned()).collect()
    }

    /// Ids of what was changed in a round.
    fn changed(self, ctx: &Context<'_>, since: SimTime, until: SimTime) -> BTreeSet<String> {
        let (world, seed) = (&ctx.sim.world, ctx.sim.scenario.seed);
        let touched = |activity: &Activity| match self {
            Self::Objects(kind) => changes::touched(world, ctx.app, kind, activity),
            Self::Grants => grants::touched(seed, world, ctx.instance(), activity).into_iter().collect(),
        };
        changes::changed(ctx, touched, since, until)
    }
}

fn serve(ctx: &mut Context<'_>, request: &Request, tracked: Tracked) -> Result<Answer, Failure> {
    let set = tracked.set();
    let (number, walk) = round(ctx, request, set)?;
    let items = match request.query("$deltatoken") {
        Some("latest") => Vec::new(),
        _ => items(ctx, tracked, &walk)?,
    };
    let after = set.paging.cursor(ctx, request)?.after;
    let rest: Vec<Value> =
        items.into_iter().filter(|item| after.as_ref().is_none_or(|last| id_of(item) > &*last.id)).collect();
    let size = set.paging.size.read(request.query("$top"), ctx.sim.scenario.apps[ctx.app.0].page_size)?;
    // The skip token leads back to the round by its number, which stands where lists of a log have a time.
    let position = |item: &Value| Position { at: SimTime::from_us(i64::from(number)), id: id_of(item).into() };
    let page = pages::cut(ctx, request, &set.paging, &Asked::default(), rest, size, position)?;

    let mut body = Map::new();
    body.insert("@odata.context".into(), json!(odata::context_url(request, set.name)));
    let here = format!("{}{}", request.origin, super::normalize(&request.path));
    match &page.next {
        Some(token) => body.insert("@odata.nextLink".into(), json!(format!("{here}?$skiptoken={}", encode(token)))),
        None => {
            let token = Seal::of(ctx, set).close(&walk);
            body.insert("@odata.deltaLink".into(), json!(format!("{here}?$deltatoken={token}")))
        }
    };
    let minimal = request.headers.get("prefer").is_some_and(|p| p.as_bytes().starts_with(b"return=minimal"));
    let value = page.items.into_iter().map(|item| printed(item, set, &walk, minimal)).collect();
    body.insert("value".into(), Value::Array(value));
    Ok(graph_json(StatusCode::OK, &Value::Object(body)))
}

/// The round that a request is part of, with its number: a new one, unless it comes with a skip token.
fn round(ctx: &mut Context<'_>, request: &Request, set: &'static EntitySet) -> Result<(u32, Walk), Failure> {
    if let Some(last) = set.paging.cursor(ctx, request)?.after {
        let number = u32::try_from(last.at.us()).unwrap_or(0);
        let known = Tenant::of(ctx).walks.iter().find(|(n, walk)| *n == number && walk.set == set.name).cloned();
        return known.ok_or_else(|| Failure::BadCursor { why: DELTA_TOO_OLD.to_owned() });
    }
    let began = ctx.now.us();
    let walk = match given(request, "$deltatoken") {
        None | Some("latest") => {
            let own = |name| given(request, name).map(str::to_owned);
            Walk { set: set.name.to_owned(), since: None, began, select: own("$select"), filter: own("$filter") }
        }
        Some(token) => {
            let last = Seal::of(ctx, set).open(token);
            let last =
                last.ok_or_else(|| Failure::BadCursor { why: "nobody was given this delta token".to_owned() })?;
            if ctx.now.since(SimTime::from_us(last.began)) > LIFE {
                return Err(Failure::BadCursor { why: DELTA_TOO_OLD.to_owned() });
            }
            Walk { since: Some(last.began), began, ..last }
        }
    };
    check(&walk, set)?;
    let tenant = Tenant::of(ctx);
    let number = tenant.draw();
    keep(&mut tenant.walks, (number, walk.clone()));
    Ok((number, walk))
}

/// Which properties and which filter a round may ask for.
fn check(walk: &Walk, set: &EntitySet) -> Result<(), Failure> {
    for name in names(walk) {
        let known = set.default.iter().chain(set.further).any(|k| k.eq_ignore_ascii_case(&name));
        if UNTRACKED.contains(&name.as_str()) {
            return Err(Failure::Unsupported {
                what: format!("changes of '{name}', which lies outside the directory"),
            });
        }
        if !known && !["members", "owners"].contains(&name.as_str()) {
            let why = format!("Could not find a property named '{name}' on type '{}'.", set.type_name);
            return Err(Failure::bad_parameter("$select", why));
        }
    }
    let filter = walk.filter.as_deref().map(|text| Filter::parse(text, &["id"])).transpose()?;
    match filter.map(|filter| filter.comparisons()) {
        Some(ids) if ids > MOST_IDS => {
            let why = format!("A delta query can be filtered by {MOST_IDS} ids at most.");
            Err(Failure::bad_parameter("$filter", why))
        }
        _ => Ok(()),
    }
}

fn names(walk: &Walk) -> Vec<String> {
    let names = walk.select.iter().flat_map(|text| text.split(','));
    names.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// What a round tells, in the order of the ids.
fn items(ctx: &mut Context<'_>, tracked: Tracked, walk: &Walk) -> Result<Vec<Value>, Failure> {
    let mut live = tracked.live(ctx);
    if let Some(filter) = &walk.filter {
        let filter = Filter::parse(filter, &["id"])?;
        live.retain(|object| filter.matches(object));
    }
    let Some(since) = walk.since else {
        return Ok(live.into_iter().map(|object| with_members(ctx, tracked, object)).collect());
    };
    let changed = tracked.changed(ctx, SimTime::from_us(since), SimTime::from_us(walk.began));
    let restorable = tracked.restorable(ctx);
    let wanted = walk.filter.as_deref().map(|text| Filter::parse(text, &["id"])).transpose()?;
    let told = changed.into_iter().filter(|id| wanted.as_ref().is_none_or(|f| f.matches(&json!({ "id": id }))));
    let mut items = Vec::new();
    for id in told {
        items.push(match live.iter().find(|object| id_of(object) == id) {
            Some(object) => with_members(ctx, tracked, object.clone()),
            None => {
                let reason = if restorable.contains(&id) { "changed" } else { "deleted" };
                json!({ "id": id, "@removed": { "reason": reason } })
            }
        });
    }
    Ok(items)
}

/// A group with `members@delta`: all who are in it, and who were taken out of it.
fn with_members(ctx: &mut Context<'_>, tracked: Tracked, mut object: Value) -> Value {
    if tracked != Tracked::Objects(Kind::Group) {
        return object;
    }
    let id = id_of(&object).to_owned();
    let members = objects::members(ctx, &id);
    let links: Vec<String> = Tenant::of(ctx)
        .links
        .keys()
        .filter(|(link, group, _)| (*link, group) == (Link::Members, &id))
        .map(|(_, _, member)| member.clone())
        .collect();
    let mut listed: Vec<Value> = Vec::new();
    for member in &members {
        let found = Kind::ALL.into_iter().find(|kind| objects::find_of(ctx, *kind, member).is_some());
        listed.push(json!({ "@odata.type": found.unwrap_or(Kind::User).odata_type(), "id": member }));
    }
    let gone = links.into_iter().filter(|member| !members.contains(member));
    listed.extend(gone.map(
        |member| json!({ "@odata.type": Kind::User.odata_type(), "id": member, "@removed": { "reason": "deleted" } }),
    ));
    object["members@delta"] = Value::Array(listed);
    object
}

/// Only what was selected; with `Prefer: return=minimal` no property that is empty.
fn printed(mut item: Value, set: &EntitySet, walk: &Walk, minimal: bool) -> Value {
    if !item["@removed"].is_null() {
        return item;
    }
    let selected = names(walk);
    let all: Vec<&str> = set.default.iter().chain(set.further).copied().collect();
    let mut printed = Map::new();
    for name in all {
        let wanted = selected.is_empty() && (set.default.contains(&name) || name == "accountEnabled");
        if name == "id" || wanted || selected.iter().any(|s| s.eq_ignore_ascii_case(name)) {
            let value = item[name].take();
            if !(minimal && value.is_null()) {
                printed.insert(name.to_owned(), value);
            }
        }
    }
    let members = item["members@delta"].take();
    if !members.is_null() && (selected.is_empty() || selected.iter().any(|s| s == "members")) {
        printed.insert("members@delta".to_owned(), members);
    }
    printed.into()
}

/// What a delta token is bound to.
struct Seal {
    seed: Seed,
    scope: String,
}

impl Seal {
    fn of(ctx: &Context<'_>, set: &EntitySet) -> Self {
        Self { seed: ctx.sim.scenario.seed, scope: format!("{}/{}/delta", ctx.instance().name, set.name) }
    }

    fn close(&self, walk: &Walk) -> String {
        let payload = serde_json::to_string(walk).expect("rounds are plain values");
        BASE64_URL_SAFE_NO_PAD.encode(format!("{:016x}{payload}", self.tag(&payload)))
    }

    fn open(&self, token: &str) -> Option<Walk> {
        let opened = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (tag, payload) = (opened.get(..16)?, opened.get(16..)?);
        let good = u64::from_str_radix(tag, 16).ok()? == self.tag(payload);
        good.then(|| serde_json::from_str(payload).ok())?
    }

    fn tag(&self, payload: &str) -> u64 {
        self.seed.number(&["delta token", &self.scope, payload])
    }
}
