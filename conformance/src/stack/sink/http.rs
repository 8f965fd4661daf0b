//! Records that are posted.

use std::io::Read as _;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, StatusCode};
use flate2::read::MultiGzDecoder;
use serde_json::{Deserializer, Value};

use super::Shelf;

/// Bytes that one request may bring, as sent and unpacked: more than collectors of this kind take.
const LARGEST: usize = 64 * 1024 * 1024;

pub(super) async fn serve(listener: tokio::net::TcpListener, shelf: Shelf) {
    let router = Router::new().fallback(take).layer(DefaultBodyLimit::max(LARGEST)).with_state(shelf);
    // It ends with the run, by being dropped.
    let _ = axum::serve(listener, router).await;
}

/// Whatever the method and the path: who sends something here means the report.
async fn take(State(shelf): State<Shelf>, headers: HeaderMap, body: Bytes) -> (StatusCode, &'static str) {
    let packed = headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
    let body = match packed {
        true => unpacked(&body),
        false => Ok(body.to_vec()),
    };
    let body = match body {
        Ok(body) if body.len() > LARGEST => return (StatusCode::PAYLOAD_TOO_LARGE, "over 64 MiB unpacked\n"),
        Ok(body) => body,
        Err(_) => return (StatusCode::BAD_REQUEST, "not gzip\n"),
    };
    match shelf.put(&records(&body)) {
        Ok(()) => (StatusCode::OK, "{}\n"),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "not kept\n"),
    }
}

/// As much of it as shows whether it is too large.
fn unpacked(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(body).take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The records of a body, a line each: those of a list one by one. What is no JSON is one record, as it is.
fn records(body: &[u8]) -> Vec<String> {
    let values: Result<Vec<Value>, _> = Deserializer::from_slice(body).into_iter().collect();
    let Ok(values) = values else {
        return vec![String::from_utf8_lossy(body).split_whitespace().collect::<Vec<_>>().join(" ")];
    };
    let each = values.into_iter().flat_map(|value| match value {
        Value::Array(records) => records,
        record => vec![record],
    });
    each.map(|record| record.to_string()).collect()
}
