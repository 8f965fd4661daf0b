//! Logs of one's own, in three steps: ask where to, put them there, say that they are there.
//!
//! # Sources
//! The API's pages on uploading: parameters, `x-ms-blob-type: BlockBlob`, that all three have to be done. Statuses and the
//! refusal of the store are Azure Blob Storage's; the address is this simulator's. What was put is not kept.

use axum::http::StatusCode;
use serde_json::json;

use super::{SNAPSHOT, stream};
use crate::protocol::credentials::{HEX, drawn_text};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::vendors::defender::{asked, governance};

/// The shelf's word for uploads.
const UPLOAD: &str = "discovery upload";
/// Cloud Discovery, as the governance log calls it.
const DISCOVERY: u32 = 0;

/// `GET /api/v1/discovery/upload_url/`.
pub(in super::super) fn address(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (file, source) = (asked::want(request, "filename")?.to_owned(), asked::want(request, "source")?.to_owned());
    let number = ctx.instance_state().shelf.number().to_string();
    let id = drawn_text(ctx.sim.scenario.seed, &["defender upload", &ctx.instance().name, &number], HEX, 32);
    if ctx.is_real() {
        let upload = json!({ "filename": file, "source": source, "bytes": null });
        put(ctx, UPLOAD, &id, upload)?;
    }
    let url = format!("{}/discovery-uploads/{id}?sv=2019-02-02&sr=b&sig={}", request.origin, &id[..16]);
    Ok(Answer::json(StatusCode::OK, &json!({ "url": url, "provider": "azure" })))
}

fn put(ctx: &mut Context<'_>, kind: &'static str, id: &str, thing: serde_json::Value) -> Result<(), Failure> {
    Ok(ctx.instance_state().shelf.put(kind, id, thing)?)
}

/// `PUT` to the address that was given out. It opens itself: no token is wanted.
pub(in super::super) fn store(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id").to_owned();
    let upload = ctx.instance_state().shelf.get(UPLOAD, &id).cloned();
    let mut upload = upload.ok_or_else(|| Failure::not_found("upload", id.clone()))?;
    if request.query("sig") != Some(&id[..16]) {
        return Err(Failure::Forbidden { why: "the signature of the address is not the one given out".to_owned() });
    }
    if request.headers.get("x-ms-blob-type").is_none_or(|kind| kind != "BlockBlob") {
        return Err(Failure::bad_parameter("x-ms-blob-type", "is a required header: BlockBlob"));
    }
    if ctx.is_real() {
        upload["bytes"] = json!(request.body.len());
        put(ctx, UPLOAD, &id, upload)?;
    }
    Ok(Answer::empty(StatusCode::CREATED))
}

/// `POST /api/v1/discovery/done_upload/`.
pub(in super::super) fn done(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (url, name) = (asked::want(request, "uploadUrl")?, asked::want(request, "inputStreamName")?.to_owned());
    let id = url.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
    let upload = ctx.instance_state().shelf.get(UPLOAD, &id).cloned();
    let upload = upload.ok_or_else(|| Failure::not_found("upload", id.clone()))?;
    if upload["bytes"].is_null() {
        return Err(Failure::bad_parameter("uploadUrl", "holds nothing yet"));
    }
    if ctx.is_real() {
        ctx.instance_state().shelf.take(UPLOAD, &id);
        governance::note(ctx, request, "DiscoveryParseLogTask", DISCOVERY, &name);
        if asked::text(request, "uploadAsSnapshot") == Some("true") {
            let snapshot = stream(ctx, &id[..24], &name, ctx.now);
            put(ctx, SNAPSHOT, &id[..24], snapshot)?;
        }
    }
    Ok(Answer::json(StatusCode::OK, &json!({ "success": true })))
}
