//! Graph's root: one node by its id, several by `ids`, many requests in one batch.
//!
//! # Sources
//! Commonly documented behaviour of Meta's Graph API: fifty ids, one bad one fails the call (code 803).

use serde_json::{Map, Value, json};

use super::graph::{self, Node};
use super::{groups, members, oauth, posts};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};

/// Most ids in one call.
const MOST_IDS: usize = 50;

/// `GET /{node}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let asked = request.param("node");
    let (node, default) = find(ctx, request, asked)?.ok_or_else(|| Failure::not_found("node", asked))?;
    Ok(graph::ok(&node.project(&graph::wanted(request, default)?)?))
}

/// `GET /?ids=a,b`: an object by id.
pub(super) fn several(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let ids = request.query("ids").filter(|ids| !ids.is_empty());
    let ids: Vec<&str> = ids.ok_or_else(|| Failure::bad_parameter("ids", "is required"))?.split(',').collect();
    if ids.len() > MOST_IDS {
        return Err(Failure::bad_parameter("ids", format!("must name at most {MOST_IDS} nodes")));
    }
    let mut nodes = Map::new();
    for id in ids {
        let (node, default) = find(ctx, request, id)?.ok_or_else(|| Failure::not_found("alias", id))?;
        nodes.insert(id.to_owned(), node.project(&graph::wanted(request, default)?)?);
    }
    Ok(graph::ok(&Value::Object(nodes)))
}

/// The node with this id, and what is shown of it unless asked otherwise.
fn find(ctx: &mut Context<'_>, request: &Request, id: &str) -> Result<Option<(Node, &'static str)>, Failure> {
    if id == ctx.instance().organisation_id {
        return Ok(Some((members::community_node(ctx), members::DEFAULT_FIELDS)));
    }
    if id == "me" {
        return Ok(Some((own(ctx, request), members::DEFAULT_FIELDS)));
    }
    if let Some(group) = groups::find(ctx, id).filter(|group| groups::visible(ctx, request, *group)) {
        request.caller().require(&[oauth::READ_GROUP])?;
        return Ok(Some((groups::node(ctx, request, group), groups::DEFAULT_FIELDS)));
    }
    if let Some(member) = members::find(ctx, id) {
        request.caller().require(&[oauth::READ_WORK_PROFILE])?;
        return Ok(members::node(ctx, request, member).map(|node| (node, members::DEFAULT_FIELDS)));
    }
    Ok(posts::node(ctx, request, id).map(|node| (node, "id,message,created_time")))
}

/// `me`: the member whose token it is, or the integration.
fn own(ctx: &mut Context<'_>, request: &Request) -> Node {
    let caller = request.caller();
    let impersonated = caller.user.filter(|_| caller.token_kind == oauth::IMPERSONATED);
    if let Some(node) = impersonated.and_then(|member| members::node(ctx, request, member)) {
        return node;
    }
    let mut fields = Map::new();
    fields.insert("id".into(), json!(caller.client_id));
    fields.insert("name".into(), json!(caller.client));
    Node { kind: "Page", fields, known: &[], edges: Vec::new() }
}
