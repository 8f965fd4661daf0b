//! GitHub: repositories, who sees them, and what lies in them.
//!
//! # Sources
//! Operations `repos/*`, `git/*`; schemas `minimal-repository` and `full-repository`. Which repositories there are, and which
//! are public at first, is ours.
//!
//! # Not imitated
//! Archives, commits, tags, deploy keys, hooks and collaborators of a repository, secret-scanning alerts, code search. A
//! moved repository's 307.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::people::merged;
use super::tenancy::REPOSITORIES;
use super::{apps, body, governance, lists, names};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::Verb;
use crate::timeline::{Aspect, Deed};

/// The repositories that the world can see at first.
const PUBLIC: [&str; 4] = ["docs", "website", "sdk-python", "sdk-js"];

/// Who sees a repository before anybody has changed it.
pub(super) fn visibility_at_first(name: &str) -> &'static str {
    if PUBLIC.contains(&name) { "public" } else { "private" }
}

/// Who sees it now.
fn visibility(ctx: &Context<'_>, name: &str) -> String {
    let changed = ctx.state.timeline.changed(ctx.app, &Aspect::Visibility(name.to_owned()));
    changed.unwrap_or_else(|| visibility_at_first(name)).to_owned()
}

/// The names of all repositories there are now, sorted: those from the beginning and those that the script touches.
pub(super) fn all(ctx: &Context<'_>) -> Vec<String> {
    let mut names: std::collections::BTreeSet<String> = REPOSITORIES.iter().map(|n| (*n).to_owned()).collect();
    for (aspect, value) in ctx.state.timeline.changes(ctx.app) {
        match aspect {
            Aspect::Object(name) if value == "deleted" => drop(names.remove(name)),
            Aspect::Object(name) | Aspect::Visibility(name) => drop(names.insert(name.clone())),
            _ => {}
        }
    }
    names.into_iter().collect()
}

/// How many there are that these see.
pub(super) fn count(ctx: &Context<'_>, who: &str) -> usize {
    all(ctx).iter().filter(|name| visibility(ctx, name) == who).count()
}

/// Addresses of a repository: name of the field and what stands behind the repository's own.
#[rustfmt::skip]
const ADDRESSES: [(&str, &str); 37] = [
    ("archive_url", "/{archive_format}{/ref}"), ("assignees_url", "/assignees{/user}"), ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"), ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"), ("commits_url", "/commits{/sha}"), ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"), ("contributors_url", "/contributors"), ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"), ("events_url", "/events"), ("forks_url", "/forks"), ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"), ("git_tags_url", "/git/tags{/sha}"), ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"), ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"), ("keys_url", "/keys{/key_id}"), ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"), ("merges_url", "/merges"), ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"), ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"), ("stargazers_url", "/stargazers"), ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"), ("subscription_url", "/subscription"), ("tags_url", "/tags"), ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"), ("url", ""),
];

/// A repository as lists show it.
fn minimal(ctx: &Context<'_>, request: &Request, name: &str) -> Value {
    let id = names::thing_id(ctx.sim.scenario.seed, ctx.instance(), "repository", name);
    let full = format!("{}/{name}", names::current_login(ctx));
    let (own, html) = (format!("{}/repos/{full}", names::api(request)), format!("{}/{full}", request.origin));
    let created = names::iso(ctx.sim.scenario.history_start());
    let visibility = visibility(ctx, name);
    let shown = json!({
        "id": id,
        "node_id": names::node_id("R", id),
        "name": name,
        "full_name": full,
        "private": visibility != "public",
        "owner": apps::owner(ctx, request),
        "html_url": html,
        "description": format!("The {name} of {}", ctx.sim.world.organisation),
        "fork": false,
        "created_at": created,
        "updated_at": created,
        "pushed_at": created,
        "git_url": format!("git://{}/{full}.git", request.origin.split("://").nth(1).unwrap_or_default()),
        "ssh_url": format!("git@github.com:{full}.git"),
        "clone_url": format!("{html}.git"),
        "svn_url": html,
    });
    let counted = json!({
        "homepage": null,
        "size": 108,
        "stargazers_count": 0,
        "watchers_count": 0,
        "language": null,
        "has_issues": true,
        "has_projects": true,
        "has_downloads": true,
        "has_wiki": true,
        "has_pages": false,
        "has_discussions": false,
        "forks_count": 0,
        "mirror_url": null,
        "archived": false,
        "disabled": false,
        "open_issues_count": 0,
        "license": null,
        "is_template": false,
        "topics": [],
        "visibility": visibility,
        "forks": 0,
        "open_issues": 0,
        "watchers": 0,
        "default_branch": "main",
        "permissions": { "admin": true, "maintain": true, "push": true, "triage": true, "pull": true },
    });
    let addresses = ADDRESSES.iter().map(|(field, behind)| ((*field).to_owned(), json!(format!("{own}{behind}"))));
    merged(merged(shown, counted), Value::Object(addresses.collect()))
}

/// A repository on its own.
fn full(ctx: &Context<'_>, request: &Request, name: &str) -> Value {
    let more = json!({
        "network_count": 0,
        "subscribers_count": 0,
        "organization": apps::owner(ctx, request),
        "security_and_analysis": {
            "secret_scanning": { "status": "enabled" },
            "secret_scanning_push_protection": { "status": "enabled" },
        },
    });
    merged(minimal(ctx, request, name), more)
}

/// The repository that the path names.
pub(super) fn named(ctx: &Context<'_>, request: &Request) -> Result<String, Failure> {
    let asked = request.param("repo");
    let found = all(ctx).into_iter().find(|name| name.eq_ignore_ascii_case(asked));
    found.ok_or_else(|| Failure::not_found("repository", asked))
}

/// `GET /orgs/{org}/repos`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let kind = request.query("type").filter(|t| !t.is_empty()).unwrap_or("all");
    if !matches!(kind, "all" | "public" | "private" | "forks" | "sources" | "member" | "internal") {
        return Err(Failure::bad_parameter("type", "is no type of repository"));
    }
    let wanted = |name: &String| match kind {
        "public" | "private" | "internal" => visibility(ctx, name) == kind,
        "forks" => false,
        _ => true,
    };
    let names: Vec<String> = all(ctx).into_iter().filter(wanted).collect();
    let page = lists::page(ctx, request, "repositories", names, String::clone)?;
    let body: Vec<Value> = page.items.iter().map(|name| minimal(ctx, request, name)).collect();
    Ok(lists::NUMBERED.add(Answer::json(StatusCode::OK, &body), request, &page))
}

/// `GET /installation/repositories`.
pub(super) fn of_installation(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let names = all(ctx);
    let total = names.len();
    let page = lists::page(ctx, request, "installation_repositories", names, String::clone)?;
    let shown: Vec<Value> = page.items.iter().map(|name| minimal(ctx, request, name)).collect();
    let body = json!({ "total_count": total, "repository_selection": "all", "repositories": shown });
    Ok(lists::NUMBERED.add(Answer::json(StatusCode::OK, &body), request, &page))
}

/// `GET /repos/{owner}/{repo}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let name = named(ctx, request)?;
    Ok(Answer::json(StatusCode::OK, &full(ctx, request, &name)))
}

#[derive(Deserialize)]
struct Change {
    visibility: Option<String>,
    private: Option<bool>,
}

/// `PATCH /repos/{owner}/{repo}`: who sees it.
pub(super) fn change(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let name = named(ctx, request).inspect_err(|_| directory::missed(ctx, "make_private", request.param("repo")))?;
    let Change { visibility: asked, private } = body(request)?;
    let asked = asked.or(private.map(|p| if p { "private".to_owned() } else { "public".to_owned() }));
    match asked.as_deref() {
        Some("public" | "private" | "internal") | None => {}
        Some(_) => return Err(Failure::bad_parameter("visibility", "must be public, private or internal")),
    }
    if let Some(to) = asked.filter(|to| *to != visibility(ctx, &name)) {
        let mut deed = governance::deed(ctx, request, Verb::SetVisibility);
        deed.details.insert("to".to_owned(), to);
        directory::perform(ctx, Deed { object: Some(name.as_str().into()), ..deed });
    }
    Ok(Answer::json(StatusCode::OK, &full(ctx, request, &name)))
}
