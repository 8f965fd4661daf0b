//! GitHub: branches, trees, blobs and files of a repository: what a data scan reads.
//!
//! The documents of the world lie under `docs/` in the repositories, beside a `README.md`; one in ten holds what should not
//! stand there. Every repository has one branch, `main`.
//!
//! # Sources
//! Operations `repos/get-content`, `repos/list-branches`, `git/get-tree`, `git/get-blob`; the sum of a file is git's own.
//!
//! # Not imitated
//! Writing; files above a megabyte and the raw media type; symbolic links and submodules; truncated trees.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Value, json};

use super::tenancy::REPOSITORIES;
use super::{lists, names, repositories};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::world::content;

/// The one branch.
const BRANCH: &str = "main";

/// A file of a repository.
struct File {
    path: String,
    text: String,
    sum: String,
}

impl File {
    fn new(path: String, text: String) -> Self {
        let sum = hex(&[format!("blob {}\0", text.len()).as_bytes(), text.as_bytes()].concat());
        Self { path, text, sum }
    }

    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// SHA-1 as git prints it.
fn hex(bytes: &[u8]) -> String {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

/// The files of a repository, by path.
fn files(ctx: &Context<'_>, repository: &str) -> Vec<File> {
    let seed = ctx.sim.scenario.seed;
    let organisation = &ctx.sim.world.organisation;
    let readme = format!("# {repository}\n\nThe {repository} of {organisation}.\n");
    let mut files = vec![File::new("README.md".to_owned(), readme)];
    let documents = content::documents(&ctx.sim.world, seed, ctx.instance(), ctx.sim.scenario.calendar().day_1());
    let lies_in = |key: &str| REPOSITORIES[(seed.number(&["github document's repository", key]) % 24) as usize];
    for document in documents.into_iter().filter(|d| lies_in(&d.key) == repository) {
        let title = document.title.to_lowercase().replace(' ', "-");
        let suffix = seed.number(&["github document's file", &document.key]) % 10_000;
        let path = format!("docs/{title}-{suffix:04}.md");
        files.push(File::new(path, document.paragraphs().join("\n\n") + "\n"));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    files
}

/// The sum that stands for a repository's state, or for a folder of it.
fn state_sum(files: &[File], what: &str) -> String {
    let listed: Vec<String> = files.iter().map(|f| format!("{} {}", f.path, f.sum)).collect();
    hex(format!("{what}\n{}", listed.join("\n")).as_bytes())
}

/// Address of something in the repository that the request names.
fn own(ctx: &Context<'_>, request: &Request, repository: &str) -> String {
    format!("{}/repos/{}/{repository}", names::api(request), names::current_login(ctx))
}

/// `GET /repos/{owner}/{repo}/branches`.
pub(super) fn branches(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let repository = repositories::named(ctx, request)?;
    let sum = state_sum(&files(ctx, &repository), "commit");
    let commit = json!({ "sha": sum, "url": format!("{}/commits/{sum}", own(ctx, request, &repository)) });
    let all = vec![json!({ "name": BRANCH, "commit": commit, "protected": false })];
    let page = lists::page(ctx, request, "branches", all, |b| b["name"].to_string())?;
    Ok(lists::NUMBERED.add(Answer::json(StatusCode::OK, &page.items), request, &page))
}

/// `GET /repos/{owner}/{repo}/git/trees/{tree_sha}`: by the sum of a tree or a commit, or by the branch.
pub(super) fn tree(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let repository = repositories::named(ctx, request)?;
    let files = files(ctx, &repository);
    let (root, docs) = (state_sum(&files, "tree"), state_sum(&files, "docs"));
    let asked = request.param("tree_sha");
    let prefix = match asked {
        BRANCH | "HEAD" => "",
        sum if sum == root || sum == state_sum(&files, "commit") => "",
        sum if sum == docs => "docs/",
        _ => return Err(Failure::not_found("tree", asked)),
    };
    let own = own(ctx, request, &repository);
    let recursive = request.query("recursive").is_some();
    let folder = json!({ "path": "docs", "mode": "040000", "type": "tree", "sha": &docs, "url": format!("{own}/git/trees/{docs}") });
    let has_folder = prefix.is_empty() && files.iter().any(|f| f.path.contains('/'));
    let mut tree: Vec<Value> = files
        .iter()
        .filter_map(|file| Some((file, file.path.strip_prefix(prefix)?)))
        .filter(|(_, path)| recursive || !path.contains('/'))
        .map(|(file, path)| {
            let url = format!("{own}/git/blobs/{}", file.sum);
            json!({ "path": path, "mode": "100644", "type": "blob", "sha": file.sum, "size": file.text.len(), "url": url })
        })
        .chain(has_folder.then_some(folder))
        .collect();
    tree.sort_by_key(|entry| entry["path"].to_string());
    let sum = if prefix.is_empty() { root } else { docs };
    let body = json!({ "sha": sum, "url": format!("{own}/git/trees/{sum}"), "tree": tree, "truncated": false });
    Ok(Answer::json(StatusCode::OK, &body))
}

/// `GET /repos/{owner}/{repo}/git/blobs/{file_sha}`.
pub(super) fn blob(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let repository = repositories::named(ctx, request)?;
    let asked = request.param("file_sha");
    let file = files(ctx, &repository).into_iter().find(|f| f.sum == asked);
    let file = file.ok_or_else(|| Failure::not_found("blob", asked))?;
    let body = json!({
        "sha": file.sum,
        "node_id": names::node_id("B", u64::from_str_radix(&file.sum[..7], 16).unwrap_or_default()),
        "size": file.text.len(),
        "url": format!("{}/git/blobs/{}", own(ctx, request, &repository), file.sum),
        "content": base64_lines(&file.text),
        "encoding": "base64",
    });
    Ok(Answer::json(StatusCode::OK, &body))
}

/// `GET /repos/{owner}/{repo}/contents` and what lies below: a file, or the list of a folder.
pub(super) fn contents(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let repository = repositories::named(ctx, request)?;
    if let Some(reference) = request.query("ref").filter(|r| !r.is_empty() && *r != BRANCH) {
        return Err(Failure::not_found("ref", reference));
    }
    let path = request.param("path").trim_matches('/').to_owned();
    let files = files(ctx, &repository);
    if let Some(file) = files.iter().find(|f| f.path == path) {
        let mut shown = entry(ctx, request, &repository, file);
        shown["encoding"] = json!("base64");
        shown["content"] = json!(base64_lines(&file.text));
        return Ok(Answer::json(StatusCode::OK, &shown));
    }
    let below: Vec<Value> = match path.as_str() {
        "" => {
            let top = files.iter().filter(|f| !f.path.contains('/')).map(|f| entry(ctx, request, &repository, f));
            let folder = files.iter().any(|f| f.path.contains('/')).then(|| folder(ctx, request, &repository, &files));
            top.chain(folder).collect()
        }
        "docs" => {
            let docs = files.iter().filter(|f| f.path.starts_with("docs/"));
            docs.map(|f| entry(ctx, request, &repository, f)).collect()
        }
        _ => Vec::new(),
    };
    if below.is_empty() {
        return Err(Failure::not_found("file", path));
    }
    Ok(Answer::json(StatusCode::OK, &below))
}

/// `GET /repos/{owner}/{repo}/readme`.
pub(super) fn readme(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let repository = repositories::named(ctx, request)?;
    let files = files(ctx, &repository);
    let file = files.iter().find(|f| f.path == "README.md").ok_or_else(|| Failure::not_found("readme", ""))?;
    let mut shown = entry(ctx, request, &repository, file);
    shown["encoding"] = json!("base64");
    shown["content"] = json!(base64_lines(&file.text));
    Ok(Answer::json(StatusCode::OK, &shown))
}

fn entry(ctx: &Context<'_>, request: &Request, repository: &str, file: &File) -> Value {
    let addresses = Addresses::of(ctx, request, repository, &file.path, ("blobs", "blob"), &file.sum);
    addresses.entry("file", file.name(), &file.path, file.text.len(), &file.sum)
}

fn folder(ctx: &Context<'_>, request: &Request, repository: &str, files: &[File]) -> Value {
    let sum = state_sum(files, "docs");
    let addresses = Addresses::of(ctx, request, repository, "docs", ("trees", "tree"), &sum);
    addresses.entry("dir", "docs", "docs", 0, &sum)
}

/// Where an entry is found.
struct Addresses {
    own: String,
    git: String,
    html: String,
    download: Option<String>,
}

impl Addresses {
    fn of(
        ctx: &Context<'_>,
        request: &Request,
        repository: &str,
        path: &str,
        (git, html): (&str, &str),
        sum: &str,
    ) -> Self {
        let (base, web) = (own(ctx, request, repository), format!("{}/{}", request.origin, names::current_login(ctx)));
        Self {
            own: format!("{base}/contents/{path}?ref={BRANCH}"),
            git: format!("{base}/git/{git}/{sum}"),
            html: format!("{web}/{repository}/{html}/{BRANCH}/{path}"),
            download: (html == "blob").then(|| format!("{web}/{repository}/raw/{BRANCH}/{path}")),
        }
    }

    fn entry(self, kind: &str, name: &str, path: &str, size: usize, sum: &str) -> Value {
        let Self { own, git, html, download } = self;
        json!({
            "type": kind,
            "size": size,
            "name": name,
            "path": path,
            "sha": sum,
            "url": own,
            "git_url": git,
            "html_url": html,
            "download_url": download,
            "_links": { "self": own, "git": git, "html": html },
        })
    }
}

/// Base64 in lines of sixty characters, each ended: as GitHub prints it.
fn base64_lines(text: &str) -> String {
    let encoded = BASE64_STANDARD.encode(text);
    let lines = encoded.as_bytes().chunks(60).map(|line| String::from_utf8_lossy(line).into_owned() + "\n");
    lines.collect()
}
