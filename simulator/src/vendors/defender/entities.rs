//! Entities: people, and their accounts in the connected apps.
//!
//! An entity's key is `{"id", "saas", "inst"}`; in a path it is base64 of that. `username` of a record is the same key as
//! Python prints it, which is what real tenants answer.
//!
//! # Not imitated
//! Groups as entities, the investigation priority (`threatScore`, `scoreTrends`), tags. `lastSeen` knows the last 5,000
//! activities of the tenant; who is not among them has none. That body parameters are not honoured
//! (<https://github.com/MicrosoftDocs/CloudAppSecurityDocs/issues/674>).
//!
//! # Sources
//! The API's pages on entities; demisto/content for the record and for the filters `displayName`, `affiliation`, `service` and
//! `score`; microsoft/MCAS for the fields it sorts by. The form of a tree is invented: the documentation says in words what
//! it holds.

use std::collections::BTreeMap;
use std::ops::Bound;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::apps::{Connected, MICROSOFT_365, person_key};
use super::events::LOG;
use super::filters::{AMOUNTS, Field, JUST_EQ, Kind, ONE_OF, SET_OR, derived, field};
use super::list::{self, List, REACH};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::Order;
use crate::scenario::PersonKind;
use crate::time::SimTime;
use crate::timeline::{LogId, PageQuery};
use crate::world::{Person, PersonIndex};

/// The list.
static ENTITIES: List = List {
    paging: list::paging("entities"),
    fields: &FIELDS,
    sorts: &[("username", "/email"), ("lastSeen", "/lastSeen"), ("date", "/lastSeen"), ("severity", "/threatScore")],
    order: Order::Ascending,
    id: "ii",
};

const ACCOUNT: u8 = 1;
const USER: u8 = 2;
const ACTIVE: u8 = 2;
const SUSPENDED: u8 = 3;
const DELETED: u8 = 4;

/// What entities can be filtered by.
#[rustfmt::skip]
static FIELDS: [Field; 15] = [
    derived("type",        Kind::Text,   ONE_OF,  |item| vec![item["type"].clone(), json!(if item["type"] == USER { "user" } else { "account" })]),
    field("isAdmin",       Kind::Flag,   JUST_EQ, "/isAdmin"),
    derived("entity",      Kind::Entity, ONE_OF,  |item| vec![key_of(item)]),
    field("userGroups",    Kind::Text,   ONE_OF,  "/groupIds"),
    field("app",           Kind::Number, ONE_OF,  "/apps"),
    field("service",       Kind::Number, ONE_OF,  "/apps"),
    field("instance",      Kind::Number, ONE_OF,  "/appData/instanceId"),
    field("isExternal",    Kind::Flag,   JUST_EQ, "/isExternal"),
    derived("affiliation", Kind::Flag,   JUST_EQ, |item| vec![item["isExternal"].clone()]),
    field("domain",        Kind::Text,   SET_OR,  "/domain"),
    field("organization",  Kind::Text,   SET_OR,  "/organization"),
    field("status",        Kind::Number, ONE_OF,  "/status"),
    field("displayName",   Kind::Text,   ONE_OF,  "/displayName"),
    field("score",         Kind::Number, AMOUNTS, "/threatScore"),
    derived("username",    Kind::Entity, ONE_OF,  |item| vec![key_of(item)]),
];

fn key_of(item: &Value) -> Value {
    json!({ "id": item["id"], "saas": item["appData"]["saas"], "inst": item["appData"]["instance"] })
}

/// When each person was last seen by an app, by person and by app.
fn last_seen(ctx: &Context<'_>) -> BTreeMap<(PersonIndex, u32), SimTime> {
    let query = PageQuery {
        from: Bound::Unbounded,
        until: Bound::Unbounded,
        newest_first: true,
        after: None,
        limit: REACH,
        visible_at: ctx.now,
    };
    let mut seen = BTreeMap::new();
    for record in ctx.state.timeline.page(LogId { app: ctx.app, feed: LOG }, &query) {
        let app = record.event_id.split('_').nth(1).and_then(|id| id.parse().ok()).unwrap_or_default();
        seen.entry((record.activity.actor, app)).or_insert(record.persisted);
    }
    seen
}

/// Every entity: each person, then their accounts.
fn all(ctx: &Context<'_>) -> Vec<Value> {
    let seen = last_seen(ctx);
    let world = &ctx.sim.world;
    let people = world.person_indices().filter(|index| {
        world.person(*index).accounts.keys().any(|app| {
            let status = ctx.state.timeline.account(*index, *app);
            status.exists || status.deleted_at.is_some()
        })
    });
    people.flat_map(|index| family(ctx, index, &seen)).collect()
}

/// A person, and the person's accounts.
fn family(ctx: &Context<'_>, index: PersonIndex, seen: &BTreeMap<(PersonIndex, u32), SimTime>) -> Vec<Value> {
    let world = &ctx.sim.world;
    let person = world.person(index);
    let connections: Vec<Connected<'_>> = Connected::all(world).collect();
    let mut accounts = Vec::new();
    for connected in &connections {
        let Some(account) = person.accounts.get(&connected.instance.app) else { continue };
        let status = ctx.state.timeline.account(index, connected.instance.app);
        let state = match (status.exists, status.enabled) {
            (false, _) if status.deleted_at.is_none() => continue,
            (false, _) => DELETED,
            (true, false) => SUSPENDED,
            (true, true) => ACTIVE,
        };
        let app_id = connected.connector.app_id;
        let facts = Facts {
            kind: ACCOUNT,
            id: &account.user_id,
            saas: app_id,
            inst: connected.number,
            app_name: &connected.name(),
            instance_id: connected.instance_id(),
            email: status.email.as_deref().unwrap_or(&account.login),
            name: status.display_name.clone(),
            admin: account.admin,
            state,
            seen: seen.get(&(index, app_id)).copied(),
        };
        accounts.push(facts.record(person));
    }
    let best = accounts.iter().filter_map(|account| account["status"].as_u64()).min().unwrap_or(u64::from(DELETED));
    let key = person_key(person);
    let mut user = Facts {
        kind: USER,
        id: key["id"].as_str().unwrap_or_default(),
        saas: MICROSOFT_365,
        inst: 0,
        app_name: "Microsoft 365",
        instance_id: u64::from(MICROSOFT_365),
        email: &person.email,
        name: accounts.first().and_then(|account| account["displayName"].as_str().map(str::to_owned)),
        admin: accounts.iter().any(|account| account["isAdmin"] == true),
        state: u8::try_from(best).unwrap_or(DELETED),
        seen: seen.range((index, 0)..=(index, u32::MAX)).map(|(_, at)| *at).max(),
    }
    .record(person);
    user["apps"] = accounts.iter().map(|account| account["appData"]["appId"].clone()).collect();
    user["identifiers"] = accounts.iter().map(|account| account["ii"].clone()).collect();
    user["subApps"] = accounts.iter().map(|account| account["appData"].clone()).collect();
    std::iter::once(user).chain(accounts).collect()
}

/// What an entity's record is made of.
struct Facts<'a> {
    kind: u8,
    id: &'a str,
    saas: u32,
    inst: u32,
    app_name: &'a str,
    instance_id: u64,
    email: &'a str,
    name: Option<String>,
    admin: bool,
    state: u8,
    seen: Option<SimTime>,
}

impl Facts<'_> {
    fn record(&self, person: &Person) -> Value {
        let external = person.kind == PersonKind::Guest;
        let groups = if external { vec!["000000200000000000000000"] } else { Vec::new() };
        json!({
            "type": self.kind,
            "status": self.state,
            "displayName": self.name.clone().unwrap_or_else(|| person.display_name()),
            "id": self.id,
            "_id": self.id,
            "idType": 1,
            "ii": format!("{}|{}|{}", self.saas, self.inst, self.id),
            "username": format!("{{'id': '{}', 'saas': {}, 'inst': {}}}", self.id, self.saas, self.inst),
            "email": self.email,
            "domain": self.email.split_once('@').map(|(_, domain)| domain),
            "organization": Value::Null,
            "role": if self.admin { json!("Administrator") } else { Value::Null },
            "sid": Value::Null,
            "isAdmin": self.admin,
            "isExternal": external,
            "isFake": false,
            "lastSeen": self.seen.map(SimTime::rfc3339),
            "threatScore": Value::Null,
            "scoreTrends": Value::Null,
            "sctime": Value::Null,
            "identifiers": [],
            "subApps": [],
            "actions": [],
            "userGroups": groups.iter().map(|id| json!({ "_id": id, "id": id, "name": "External users",
                "description": "People from outside the organisation", "usersCount": Value::Null })).collect::<Vec<_>>(),
            "groupIds": groups,
            "apps": [self.saas],
            "appData": { "appId": self.saas, "name": self.app_name, "saas": self.saas, "instance": self.inst,
                "instanceId": self.instance_id },
        })
    }
}

/// What clients see of it: what filters alone look at is left out.
fn shown(mut entity: Value) -> Value {
    let fields = entity.as_object_mut().expect("entities are objects");
    fields.shift_remove("groupIds");
    fields.shift_remove("apps");
    entity
}

/// `GET` and `POST /api/v1/entities/`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let entities = all(ctx);
    let mut answer = ENTITIES.serve(ctx, request, entities)?.json_body();
    for entity in answer["data"].as_array_mut().into_iter().flatten() {
        *entity = shown(entity.take());
    }
    Ok(Answer::json(StatusCode::OK, &answer))
}

/// `GET /api/v1/entities/{key}/`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let entity = find(ctx, request)?.0;
    Ok(Answer::json(StatusCode::OK, &shown(entity)))
}

/// `GET /api/v1/entities/{key}/retrieve_tree/`: a person with all accounts; of an account its person and the others.
pub(super) fn tree(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (_, mut family) = find(ctx, request)?;
    let user = shown(family.remove(0));
    let accounts: Vec<Value> = family.into_iter().map(shown).collect();
    Ok(Answer::json(StatusCode::OK, &json!({ "user": user, "accounts": accounts })))
}

/// The entity that a path names, and everybody of its family.
fn find(ctx: &Context<'_>, request: &Request) -> Result<(Value, Vec<Value>), Failure> {
    let text = request.param("key");
    let unknown = || Failure::not_found("entity", text);
    let decoded = BASE64_STANDARD.decode(text).or_else(|_| base64::prelude::BASE64_URL_SAFE.decode(text));
    let key: Value = decoded.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(unknown)?;
    let id = key["id"].as_str().ok_or_else(unknown)?;
    let world = &ctx.sim.world;
    let by_account = || Connected::all(world).find_map(|c| world.person_by_account(c.instance.app, id));
    let index = world.person_by_directory_id(id).or_else(by_account).ok_or_else(unknown)?;
    let family = family(ctx, index, &last_seen(ctx));
    let same = |entity: &&Value| {
        let own = key_of(entity);
        ["id", "saas", "inst"].iter().all(|part| key[part].is_null() || key[part] == own[part])
    };
    let entity = family.iter().find(same).cloned().ok_or_else(unknown)?;
    Ok((entity, family))
}
