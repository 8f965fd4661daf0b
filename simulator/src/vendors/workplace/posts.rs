//! Workplace: posts and files, what a data scan reads.
//!
//! The documents that people had made before the story begins. What is for the author's team, for everybody or for the
//! public is a post with a file in the group of the author's department; what is private is a post in the author's own
//! feed. The file's text is behind `download_link`, which wants the token too.
//!
//! # Not imitated
//! Posts that are made during the story; comments, reactions, likes and who has seen a post (empty edges); `docs`, `albums`,
//! `videos`, `events`, `sharedposts`; `sorting_setting`; `since` and `until` as text.
//!
//! # Sources
//! Meta's Postman collection and its ETL script for edges and fields, `since`, `until`, `order=chronological`. That the two
//! times mean the time of the last change is a \[guess\].

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::graph::{self, Item, Node};
use super::{groups, members, oauth};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::{Order, Paging};
use crate::scenario::Sharing;
use crate::world::content::{Document, documents};
use crate::world::{GroupIndex, GroupKind, PersonIndex};

static FEED: Paging = graph::paging("feed", 100);
static FILES: Paging = graph::paging("files", 100);
static EMPTY: Paging = graph::paging("nothing", 100);

/// Served without `fields`.
const DEFAULT_FIELDS: &str = "created_time,message,id";
const FILE_FIELDS: &str = "id,download_link,updated_time";
const KNOWN: [&str; 6] = ["story", "picture", "icon", "place", "properties", "formatting"];

/// Whose feed a post stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wall {
    Group(GroupIndex),
    Member(PersonIndex),
}

/// A document where it stands.
struct Post {
    document: Document,
    wall: Wall,
    /// Number of the document among all.
    number: u64,
}

fn all(ctx: &Context<'_>) -> Vec<Post> {
    let (world, seed) = (&ctx.sim.world, ctx.sim.scenario.seed);
    let before = ctx.sim.scenario.calendar().day_1();
    let post = |document: Document| {
        let department = world.person(document.owner).department();
        let group = world.groups.iter().position(|g| g.kind == GroupKind::Department && g.key == department);
        let wall = match (document.sharing, group) {
            (Sharing::Private, _) | (_, None) => Wall::Member(document.owner),
            (_, Some(group)) => Wall::Group(GroupIndex(group)),
        };
        let number = 500_000_000_000_000 + seed.number(&["workplace post", &document.key]) % 100_000_000_000_000;
        Post { document, wall, number }
    };
    documents(world, seed, ctx.instance(), before).into_iter().map(post).collect()
}

impl Post {
    fn file_id(&self) -> String {
        (self.number + 100_000_000_000_000).to_string()
    }

    /// `{wall}_{number}`.
    fn id(&self, ctx: &Context<'_>) -> String {
        let wall = match self.wall {
            Wall::Group(group) => groups::id(ctx, &ctx.sim.world.groups[group.0]),
            Wall::Member(member) => author(ctx, member).map_or_else(String::new, |(id, _)| id),
        };
        format!("{wall}_{}", self.number)
    }

    fn node(&self, ctx: &Context<'_>, request: &Request) -> Node {
        let mut fields = Map::new();
        let mut put = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
        put("id", json!(self.id(ctx)));
        put("message", json!(self.document.paragraphs().join("\n")));
        put("created_time", json!(graph::time(self.document.created)));
        put("updated_time", json!(graph::time(self.document.modified)));
        put("type", json!("status"));
        put("status_type", json!("mobile_status_update"));
        put("permalink_url", json!(format!("{}/{}", request.origin, self.id(ctx))));
        if let Some((id, name)) = author(ctx, self.document.owner) {
            put("from", json!({ "name": name, "id": id }));
        }
        if let Wall::Group(group) = self.wall {
            let group = &ctx.sim.world.groups[group.0];
            put("to", json!({ "data": [{ "name": group.name, "id": groups::id(ctx, group) }] }));
        }
        let attachment = json!({ "title": self.document.title, "type": "file_upload", "url": self.link(request),
                                 "target": { "id": self.file_id(), "url": self.link(request) } });
        let edges = vec![
            ("attachments", vec![attachment]),
            ("comments", Vec::new()),
            ("reactions", Vec::new()),
            ("likes", Vec::new()),
            ("seen", Vec::new()),
        ];
        Node { kind: "Post", fields, known: &KNOWN, edges }
    }

    fn file(&self, ctx: &Context<'_>, request: &Request) -> Node {
        let mut fields = Map::new();
        let mut put = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
        put("id", json!(self.file_id()));
        put("download_link", json!(self.link(request)));
        put("message", json!(self.document.title));
        put("updated_time", json!(graph::time(self.document.modified)));
        if let Some((id, name)) = author(ctx, self.document.owner) {
            put("from", json!({ "name": name, "id": id }));
        }
        if let Wall::Group(group) = self.wall {
            let group = &ctx.sim.world.groups[group.0];
            put("group", json!({ "name": group.name, "id": groups::id(ctx, group) }));
        }
        Node { kind: "GroupFile", fields, known: &[], edges: Vec::new() }
    }

    fn link(&self, request: &Request) -> String {
        format!("{}/{}/download", request.origin, self.file_id())
    }
}

/// Id and name of whoever wrote it, if there still is an account.
fn author(ctx: &Context<'_>, owner: PersonIndex) -> Option<(String, String)> {
    let user = directory::user(&ctx.sim.world, &ctx.state.timeline, ctx.app, owner)?;
    Some((user.account.user_id.clone(), user.name()))
}

/// `GET /{group}/feed` and `GET /{member}/feed`, newest first unless `order=chronological`.
pub(super) fn feed(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let asked = request.param("node");
    let wall = match (groups::find(ctx, asked), members::find(ctx, asked)) {
        (Some(group), _) => {
            request.caller().require(&[oauth::READ_GROUP])?;
            Wall::Group(groups::own(ctx, request).map(|_| group)?)
        }
        (None, Some(member)) => {
            request.caller().require(&[oauth::READ_USER_FEED])?;
            Wall::Member(member)
        }
        (None, None) => return Err(Failure::not_found("node", asked)),
    };
    let chronological = request.query("order") == Some("chronological");
    let order = if chronological { Order::Ascending } else { Order::Descending };
    let (since, until) = (second(request, "since")?, second(request, "until")?);
    let within = |p: &Post| {
        let changed = p.document.modified.s();
        since.is_none_or(|s| changed >= s) && until.is_none_or(|u| changed <= u)
    };
    let posts: Vec<Post> = all(ctx).into_iter().filter(|p| p.wall == wall && within(p)).collect();
    let item = |p: &Post| Item { at: p.document.modified, id: p.id(ctx), node: p.node(ctx, request) };
    let items = posts.iter().map(item).collect();
    graph::edge(ctx, request, &FEED, items, order, DEFAULT_FIELDS)
}

fn second(request: &Request, name: &'static str) -> Result<Option<i64>, Failure> {
    let text = request.query(name).filter(|t| !t.is_empty());
    text.map(|t| t.parse().map_err(|_| Failure::bad_parameter(name, "must be a unix timestamp"))).transpose()
}

/// `GET /{group}/files`.
pub(super) fn files(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let wall = Wall::Group(groups::own(ctx, request)?);
    let posts: Vec<Post> = all(ctx).into_iter().filter(|p| p.wall == wall).collect();
    let item = |p: &Post| Item { at: p.document.modified, id: p.file_id(), node: p.file(ctx, request) };
    let items = posts.iter().map(item).collect();
    graph::edge(ctx, request, &FILES, items, Order::Descending, FILE_FIELDS)
}

/// The post or file with this id that the caller may see.
pub(super) fn node(ctx: &Context<'_>, request: &Request, asked: &str) -> Option<Node> {
    let number = asked.rsplit('_').next().unwrap_or(asked);
    let visible = |p: &Post| match p.wall {
        Wall::Group(group) => oauth::may(request, oauth::READ_GROUP) && groups::visible(ctx, request, group),
        Wall::Member(_) => oauth::may(request, oauth::READ_USER_FEED),
    };
    let post = all(ctx).into_iter().filter(visible).find(|p| p.number.to_string() == number || p.file_id() == asked)?;
    let as_file = post.file_id() == asked;
    Some(if as_file { post.file(ctx, request) } else { post.node(ctx, request) })
}

/// `GET /{post}/comments` and its like: nobody has said anything.
pub(super) fn nothing(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let asked = request.param("node");
    node(ctx, request, asked).ok_or_else(|| Failure::not_found("post", asked))?;
    let none = Vec::new();
    graph::edge(ctx, request, &EMPTY, none, Order::Ascending, "id")
}

/// `GET /{post}/attachments`.
pub(super) fn attachments(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let asked = request.param("node");
    let node = node(ctx, request, asked).ok_or_else(|| Failure::not_found("post", asked))?;
    let attachments = node.edges.into_iter().find(|(name, _)| *name == "attachments").map(|(_, items)| items);
    Ok(graph::ok(&json!({ "data": attachments.unwrap_or_default() })))
}

/// `GET /{file}/download`: the text, with the token.
pub(super) fn download(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let asked = request.param("node");
    let post = all(ctx).into_iter().find(|p| p.file_id() == asked).filter(|_| node(ctx, request, asked).is_some());
    let post = post.ok_or_else(|| Failure::not_found("file", asked))?;
    let text = post.document.paragraphs().join("\n\n");
    Ok(Answer::bytes(StatusCode::OK, "text/plain; charset=utf-8", text))
}
