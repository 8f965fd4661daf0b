//! Files: what a scan has found in people's drives, and what is done to them.
//!
//! The files are those of the directory's people in OneDrive; they were made before the story begins. What is done to one
//! is seen in it and in the governance log.
//!
//! # Not imitated
//! Files of other apps: no connector here scans for content. Folders, collaborators, the results of content inspection but
//! for the one rule that finds what should not stand there; timeouts on large collections.
//!
//! # Sources
//! The API's pages on files; demisto/content for enumerations as pairs; the response schema and the calls of Microsoft's
//! Power Automate flows for further keys and for bulk governance, whose answer is invented. That `task_name` has to come
//! first in the body: <https://github.com/YoshihiroIchinose/E5Comp>; what else is answered is a guess.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::asked;
use super::filters::{CONTENT, Field, JUST_EQ, Kind, ONE_OF, Operator, SET_OR, TIMES, TREE, derived, field};
use super::governance;
use super::list::{self, List};
use super::state::{FileState, Tenant};
use crate::protocol::credentials::{HEX, drawn_text};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::Order;
use crate::scenario::{PersonKind, Sharing};
use crate::world::content::{self, Document};

/// OneDrive for Business.
const ONE_DRIVE: u32 = 15_600;

/// The list.
static FILES: List = List {
    paging: list::paging("files"),
    fields: &FIELDS,
    sorts: &[("dateModified", "/modifiedDate"), ("name", "/name"), ("date", "/modifiedDate")],
    order: Order::Descending,
    id: "_id",
};

const MATCHED: &[Operator] = &[Operator::MatchedRules, Operator::Neq, Operator::IsSet, Operator::IsNotSet];

/// What files can be filtered by.
#[rustfmt::skip]
static FIELDS: [Field; 26] = [
    field("service",                 Kind::Number, ONE_OF,  "/appId"),
    field("instance",                Kind::Number, ONE_OF,  "/appId"),
    derived("fileType",              Kind::Number, ONE_OF,  |item| vec![item["fileType"][0].clone()]),
    field("allowDeleted",            Kind::Flag,   JUST_EQ, "/allowDeleted"),
    field("policy",                  Kind::Text,   MATCHED, "/policies"),
    field("filename",                Kind::Text,   CONTENT, "/name"),
    field("modifiedDate",            Kind::Time,   TIMES,   "/modifiedDate"),
    field("createdDate",             Kind::Time,   TIMES,   "/createdDate"),
    field("collaborators.entity",    Kind::Entity, ONE_OF,  "/collaborators"),
    field("collaborators.domains",   Kind::Text,   CONTENT, "/collaborators"),
    field("collaborators.groups",    Kind::Text,   ONE_OF,  "/collaborators"),
    field("collaborators.withDomain", Kind::Text,  ONE_OF,  "/collaborators"),
    field("owner.entity",            Kind::Entity, ONE_OF,  "/ownerKey"),
    field("owner.orgUnit",           Kind::Text,   TREE,    "/ownerUnit"),
    derived("sharing",               Kind::Number, ONE_OF,  |item| vec![item["fileAccessLevel"][0].clone()]),
    field("fileId",                  Kind::Text,   ONE_OF,  "/id"),
    field("fileLabels",              Kind::Text,   SET_OR,  "/fTags"),
    field("fileScanLabels",          Kind::Text,   SET_OR,  "/scanLabels"),
    field("extension",               Kind::Text,   ONE_OF,  "/extension"),
    field("mimeType",                Kind::Text,   CONTENT, "/mimeType"),
    field("trashed",                 Kind::Flag,   JUST_EQ, "/trashed"),
    field("parentFolder",            Kind::Text,   ONE_OF,  "/parentIds"),
    field("folder",                  Kind::Text,   ONE_OF,  "/parentIds"),
    field("quarantined",             Kind::Flag,   JUST_EQ, "/quarantined"),
    field("snapshotLastModifiedDate", Kind::Time,  TIMES,   "/modifiedDate"),
    derived("owner.username",        Kind::Text,   ONE_OF,  |item| vec![item["ownerAddress"].clone()]),
];

/// Something that can be done to a file: the task's name, what becomes of the file that is shared so widely, and the
/// stack's word for it.
struct Task {
    name: &'static str,
    does: fn(&mut FileState, u8),
    action: &'static str,
}

#[rustfmt::skip]
const TASKS: [Task; 9] = [
    Task { name: "RemoveSharedLinkFileTask", does: |file, _| file.access = Some(0),                action: "make_private" },
    Task { name: "RemoveExternalFileTask",   does: |file, level| file.access = Some(level.min(1)), action: "make_private" },
    Task { name: "RemovePublicFileTask",     does: |file, level| file.access = Some(level.min(1)), action: "make_private" },
    Task { name: "RemoveEveryoneFileTask",   does: |file, _| file.access = Some(0),                action: "make_private" },
    Task { name: "QuarantineTask",           does: |file, _| file.quarantined = true,              action: "quarantine" },
    Task { name: "UnQuarantineTask",         does: |file, _| file.quarantined = false,             action: "unquarantine" },
    Task { name: "TrashFileTask",            does: |file, _| file.trashed = true,                  action: "trash" },
    Task { name: "RescanFileTask",           does: |_, _| {},                                      action: "rescan" },
    Task { name: "RmsProtectTask",           does: |file, _| file.labelled = true,                 action: "label" },
];

fn access(level: u8) -> Value {
    let word = ["PRIVATE", "INTERNAL", "EXTERNAL", "PUBLIC", "PUBLIC_INTERNET"][usize::from(level.min(4))];
    json!([level, word])
}

/// Every file there is, as it stands.
fn all(ctx: &mut Context<'_>) -> Vec<Value> {
    let (sim, seed) = (ctx.sim, ctx.sim.scenario.seed);
    let Some(tenant) = directory::directory(&sim.world) else { return Vec::new() };
    let documents = content::documents(&sim.world, seed, tenant, sim.scenario.calendar().day_1());
    let states = Tenant::of(ctx).files.clone();
    documents.iter().map(|document| record(ctx, document, &states)).collect()
}

fn record(ctx: &Context<'_>, document: &Document, states: &BTreeMap<String, FileState>) -> Value {
    let (world, seed) = (&ctx.sim.world, ctx.sim.scenario.seed);
    let owner = world.person(document.owner);
    let id = drawn_text(seed, &["defender file", &document.key], HEX, 24);
    let state = states.get(&id).cloned().unwrap_or_default();
    let level = state.access.unwrap_or(match document.sharing {
        Sharing::Private => 0,
        Sharing::Team | Sharing::Organisation => 1,
        Sharing::Public => 3,
    });
    let name = format!("{}.txt", document.title);
    let vendor_id = format!("{}|{}", seed.uuid(&["drive", &owner.key]), seed.uuid(&["drive item", &document.key]));
    let sensitive = document.holds.is_sensitive().then_some(());
    let rules: Vec<String> = sensitive.iter().map(|()| rule_id(ctx)).collect();
    let actions: Vec<Value> = TASKS.iter().map(|task| json!({ "task_name": task.name, "type": "file" })).collect();
    json!({
        "_id": id,
        "_tid": ctx.instance().organisation_id.parse::<u64>().unwrap_or_default(),
        "appId": ONE_DRIVE,
        "saasId": ONE_DRIVE,
        "instId": 0,
        "appName": "Microsoft OneDrive for Business",
        "id": vendor_id,
        "originalId": vendor_id,
        "name": name,
        "name_l": name.to_lowercase(),
        "fileType": [4, "TEXT"],
        "fileAccessLevel": access(level),
        "fileStatus": if state.trashed { json!([1, "TRASHED"]) } else { json!([0, "EXISTS"]) },
        "isFolder": false,
        "noGovernance": false,
        "mimeType": "text/plain",
        "extension": "txt",
        "ownerAddress": owner.email,
        "ownerName": owner.display_name(),
        "ownerExternal": owner.kind == PersonKind::Guest,
        "createdDate": document.created.ms(),
        "modifiedDate": document.modified.ms(),
        "snapshotLastModifiedDate": document.modified.rfc3339(),
        "lastGlobalMatchDate": sensitive.map(|()| document.modified.rfc3339()),
        "trashed": state.trashed,
        "quarantined": state.quarantined,
        "unseenScans": 0,
        "parentIds": [seed.uuid(&["drive", &owner.key])],
        "alternateLink": format!("https://{}-my.sharepoint.example/{}", world.organisation.to_lowercase(), seed.uuid(&["drive item", &document.key])),
        "filePath": format!("/personal/{}/Documents/{name}", owner.email.replace(['@', '.'], "_")),
        "sitePath": format!("/personal/{}", owner.email.replace(['@', '.'], "_")),
        "emails": [],
        "collaborators": [],
        "display_collaborators": [],
        "cabinetMatchedRuleVersions": rules,
        "policies": rules,
        "dlpScanResults": sensitive.map(|()| json!({ "matched": true })),
        "fTags": if state.labelled { json!(["protected"]) } else { json!([]) },
        "ownerKey": super::apps::person_key(owner),
        "actions": actions,
    })
}

/// The rule that finds what should not stand in a file.
fn rule_id(ctx: &Context<'_>) -> String {
    drawn_text(ctx.sim.scenario.seed, &["defender file policy", &ctx.instance().name], HEX, 24)
}

fn shown(mut file: Value) -> Value {
    let fields = file.as_object_mut().expect("files are objects");
    ["policies", "ownerKey", "extension"].iter().for_each(|name| drop(fields.shift_remove(*name)));
    file
}

/// `GET` and `POST /api/v1/files/`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let deleted = asked::filters(request)?.get("allowDeleted").is_some_and(|asked| asked["eq"] == true);
    let mut files = all(ctx);
    files.retain(|file| deleted || file["trashed"] == false || asked_for_trash(request));
    for file in &mut files {
        file["allowDeleted"] = json!(deleted);
    }
    let mut answer = FILES.serve(ctx, request, files)?.json_body();
    for file in answer["data"].as_array_mut().into_iter().flatten() {
        file.as_object_mut().expect("files are objects").shift_remove("allowDeleted");
        *file = shown(file.take());
    }
    Ok(Answer::json(StatusCode::OK, &answer))
}

fn asked_for_trash(request: &Request) -> bool {
    asked::filters(request).is_ok_and(|filters| filters.contains_key("trashed"))
}

/// `GET /api/v1/files/{id}/`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id");
    let found = all(ctx).into_iter().find(|file| file["_id"] == *id);
    let found = found.ok_or_else(|| Failure::not_found("file", id))?;
    Ok(Answer::json(StatusCode::OK, &shown(found)))
}

/// `POST /api/v1/files/bulk_governance/`.
pub(super) fn bulk_governance(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let first = body.as_object().and_then(|members| members.keys().next());
    if first.is_none_or(|name| name != "task_name") {
        return Err(Failure::bad_parameter("task_name", "has to come first"));
    }
    let name = body["task_name"].as_str().unwrap_or_default();
    let task = TASKS.iter().find(|task| task.name == name);
    let task = task.ok_or_else(|| Failure::bad_parameter("task_name", format!("{name} is not valid")))?;
    let files = all(ctx);
    let wanted: Vec<&str> =
        body["entities"].as_array().into_iter().flatten().filter_map(|e| e["id"].as_str()).collect();
    if wanted.is_empty() {
        return Err(Failure::bad_parameter("entities", "names no file"));
    }
    let mut meant = Vec::new();
    for id in &wanted {
        let Some(file) = files.iter().find(|file| file["_id"] == **id) else {
            directory::missed(ctx, task.action, id);
            return Err(Failure::not_found("file", *id));
        };
        meant.push((*id, file));
    }
    for (id, file) in meant {
        if ctx.is_real() {
            let level = file["fileAccessLevel"][0].as_u64().and_then(|level| u8::try_from(level).ok());
            (task.does)(Tenant::of(ctx).files.entry(id.to_owned()).or_default(), level.unwrap_or_default());
            governance::note(ctx, request, task.name, ONE_DRIVE, id);
        }
        let address = file["ownerAddress"].as_str();
        let owner = ctx.sim.world.people.iter().find(|person| Some(person.email.as_str()) == address);
        let owner = owner.map_or(id, |person| &person.key).to_owned();
        let name = file["name"].as_str().unwrap_or_default();
        directory::note_thing(ctx, task.action, &owner, name.strip_suffix(".txt").unwrap_or(name));
    }
    Ok(Answer::json(StatusCode::OK, &json!({ "status": "success", "count": wanted.len() })))
}
