//! Ranges of addresses, as the organisation knows them.
//!
//! Those networks of the scenario that are `known` are there from the beginning.
//!
//! # Not imitated
//! Ranges that come built in (`builtIn` is false of all); tags of one's own making: a tag is a name, and is told as one.
//!
//! # Sources
//! The API's pages on data enrichment; Google SecOps for reading one. What is refused, and in which words, is a guess but
//! for the two rules that stand in the documentation: names are unique, ranges do not overlap.

use std::net::IpAddr;

use axum::http::StatusCode;
use ipnet::IpNet;
use serde_json::{Value, json};

use super::asked;
use super::events::CORPORATE;
use super::filters::{Field, JUST_EQ, Kind, ONE_OF, derived, field};
use super::list::{self, List};
use super::state::Tenant;
use crate::protocol::credentials::{HEX, drawn_text};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::Order;

/// The list.
static SUBNETS: List = List {
    paging: list::paging("subnets"),
    fields: &FIELDS,
    sorts: &[("name", "/name"), ("category", "/category"), ("tags", "/tags/0/name")],
    order: Order::Ascending,
    id: "_id",
};

/// What ranges can be filtered by.
static FIELDS: [Field; 3] = [
    field("category", Kind::Number, ONE_OF, "/category"),
    derived("tags", Kind::Text, ONE_OF, |item| {
        item["tags"].as_array().into_iter().flatten().map(|tag| tag["id"].clone()).collect()
    }),
    derived("builtIn", Kind::Flag, JUST_EQ, |_| vec![json!(false)]),
];

/// The shelf's word for them.
const KIND: &str = "subnet";
/// Highest number of a category.
const LAST_CATEGORY: u64 = 6;

/// The networks that the organisation calls its own are there before anybody asks.
fn prepare(ctx: &mut Context<'_>) {
    if std::mem::replace(&mut Tenant::of(ctx).ranges_made, true) {
        return;
    }
    let sim = ctx.sim;
    for network in sim.world.networks.iter().filter(|network| network.known) {
        let name = network.name.clone().unwrap_or_else(|| network.block.to_string());
        let rule = Rule {
            name,
            category: u64::from(CORPORATE),
            subnets: vec![network.block],
            organization: Some(network.as_organisation.clone()),
            tags: Vec::new(),
        };
        let record = rule.record(ctx, Some(network.place));
        let id = record["_id"].as_str().unwrap_or_default().to_owned();
        // A scenario has far fewer networks than a shelf has places.
        let _ = ctx.instance_state().shelf.put(KIND, &id, record);
    }
}

/// What a client says of a range, checked.
struct Rule {
    name: String,
    category: u64,
    subnets: Vec<IpNet>,
    organization: Option<String>,
    tags: Vec<String>,
}

impl Rule {
    fn read(request: &Request) -> Result<Self, Failure> {
        let bad = |name: &str, why: &str| Failure::bad_parameter(name, why);
        let name = asked::want(request, "name")?.to_owned();
        let category = asked::want(request, "category")?.parse().ok().filter(|n| *n <= LAST_CATEGORY);
        let texts = |name: &str| match asked::member(request, name) {
            Value::Array(values) => values.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
            Value::String(one) => vec![one],
            _ => Vec::new(),
        };
        let mut subnets = Vec::new();
        for text in texts("subnets") {
            let block = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            subnets.push(block.map_err(|_| bad("subnets", &format!("{text} is no range of addresses")))?);
        }
        if subnets.is_empty() {
            return Err(bad("subnets", "is required"));
        }
        Ok(Self {
            name,
            category: category.ok_or_else(|| bad("category", "must be a number from 0 to 6"))?,
            subnets,
            organization: asked::text(request, "organization").map(str::to_owned),
            tags: texts("tags"),
        })
    }

    /// Refuses a name that another range has, and addresses that lie in one.
    fn check(&self, ctx: &mut Context<'_>, own: &str) -> Result<(), Failure> {
        for (id, other) in ctx.instance_state().shelf.all(KIND).filter(|(id, _)| *id != own) {
            if other["name"] == *self.name {
                return Err(Failure::Conflict { why: format!("the name {} is taken by {id}", self.name) });
            }
            let theirs = other["subnets"].as_array().into_iter().flatten();
            let theirs = theirs.filter_map(|s| s["originalString"].as_str()?.parse::<IpNet>().ok());
            let overlaps = |a: &IpNet, b: &IpNet| a.contains(&b.network()) || b.contains(&a.network());
            for block in theirs {
                if let Some(mine) = self.subnets.iter().find(|mine| overlaps(mine, &block)) {
                    return Err(Failure::Conflict {
                        why: format!("{mine} overlaps with {block} of {}", other["name"]),
                    });
                }
            }
        }
        Ok(())
    }

    fn record(&self, ctx: &mut Context<'_>, place: Option<&crate::world::Place>) -> Value {
        let number = ctx.instance_state().shelf.number().to_string();
        let id = drawn_text(ctx.sim.scenario.seed, &["defender subnet", &ctx.instance().name, &number], HEX, 24);
        self.record_with(ctx, &id, place)
    }

    fn record_with(&self, ctx: &Context<'_>, id: &str, place: Option<&crate::world::Place>) -> Value {
        let (seed, tid) = (ctx.sim.scenario.seed, ctx.instance().organisation_id.parse::<u64>().unwrap_or_default());
        let tags: Vec<Value> = self
            .tags
            .iter()
            .map(|name| {
                let tag = drawn_text(seed, &["defender tag", &ctx.instance().name, name], HEX, 24);
                json!({ "_id": tag, "id": tag, "_tid": tid, "name": name, "nameTemplate": { "template": name },
                        "description": Value::Null, "descriptionTemplate": Value::Null, "target": 1, "type": 0,
                        "visibility": 0, "status": 0 })
            })
            .collect();
        json!({
            "_id": id,
            "_tid": tid,
            "name": self.name,
            "subnets": self.subnets.iter().map(told).collect::<Vec<_>>(),
            "location": place.map(|p| json!({ "name": p.name, "latitude": p.lat, "longitude": p.lon,
                "countryCode": p.country, "countryName": p.country_name })),
            "organization": self.organization,
            "tags": tags,
            "category": self.category,
            "lastModified": ctx.now.us() as f64 / 1_000.0,
        })
    }
}

/// Addresses are kept as version 6: those of version 4 mapped into it, with 96 bits more of mask.
fn told(block: &IpNet) -> Value {
    let (address, mask) = match block.addr() {
        IpAddr::V4(v4) => (v4.to_ipv6_mapped(), block.prefix_len() + 96),
        IpAddr::V6(v6) => (v6, block.prefix_len()),
    };
    let parts: Vec<String> = address.segments().iter().map(|part| format!("{part:04x}")).collect();
    json!({ "mask": mask, "address": parts.join(":"), "originalString": block.to_string() })
}

/// `GET` and `POST /api/v1/subnet/`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    prepare(ctx);
    let subnets = ctx.instance_state().shelf.all(KIND).map(|(_, subnet)| subnet.clone()).collect();
    SUBNETS.serve(ctx, request, subnets)
}

/// `GET /api/v1/subnet/{id}/`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    Ok(Answer::json(StatusCode::OK, &existing(ctx, request)?))
}

fn existing(ctx: &mut Context<'_>, request: &Request) -> Result<Value, Failure> {
    prepare(ctx);
    let id = request.param("id");
    let found = ctx.instance_state().shelf.get(KIND, id).cloned();
    found.ok_or_else(|| Failure::not_found("subnet", id))
}

/// `POST /api/v1/subnet/create_rule/`: answers with the id alone.
pub(super) fn create(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    prepare(ctx);
    let rule = Rule::read(request)?;
    rule.check(ctx, "")?;
    let record = rule.record(ctx, None);
    let id = record["_id"].as_str().unwrap_or_default().to_owned();
    put(ctx, &id, record)?;
    Ok(Answer::json(StatusCode::OK, &id))
}

fn put(ctx: &mut Context<'_>, id: &str, record: Value) -> Result<(), Failure> {
    if !ctx.is_real() {
        return Ok(());
    }
    Ok(ctx.instance_state().shelf.put(KIND, id, record)?)
}

/// `POST /api/v1/subnet/{id}/update_rule/`: what is not sent is empty from now on.
pub(super) fn update(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    existing(ctx, request)?;
    let (id, rule) = (request.param("id").to_owned(), Rule::read(request)?);
    rule.check(ctx, &id)?;
    let record = rule.record_with(ctx, &id, None);
    put(ctx, &id, record)?;
    Ok(Answer::json(StatusCode::OK, &json!({})))
}

/// `DELETE /api/v1/subnet/{id}/`.
pub(super) fn delete(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    existing(ctx, request)?;
    if ctx.is_real() {
        ctx.instance_state().shelf.take(KIND, request.param("id"));
    }
    Ok(Answer::json(StatusCode::OK, &json!({})))
}
