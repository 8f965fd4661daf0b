//! Records that are posted.

use std::io::Read as _;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, StatusCode};
use flate2::read::MultiGzDecoder;
use serde_json::{Deserializer, Value};

use super::Shelf;

pub(super) async fn serve(listener: tokio::net::TcpListener, shelf: Shelf) {
    let router = Router::new().fallback(take).with_state(shelf);
    // It ends with the run, by being dropped.
    let _ = axum::serve(listener, router).await;
}

/// Whatever the method and the path: who sends something here means the report.
async fn take(State(shelf): State<Shelf>, headers: HeaderMap, body: Bytes) -> (StatusCode, &'static str) {
    let packed = headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
    let body = match packed {
        true => unpacked(&body),
        false => Some(body.to_vec()),
    };
    let Some(body) = body else { return (StatusCode::BAD_REQUEST, "not gzip\n") };
    match shelf.put(&records(&body)) {
        Ok(()) => (StatusCode::OK, "{}\n"),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "not kept\n"),
    }
}

fn unpacked(body: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(body).read_to_end(&mut bytes).ok()?;
    Some(bytes)
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
