//! One request of a vendor's to an address on this machine.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderName, Method, Request, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::protocol::webhooks::Callback;

/// The largest answer that is read.
const ANSWER_LIMIT: usize = 1024 * 1024;

/// A request to be made.
pub(super) struct Call<'a> {
    pub(super) callback: &'a Callback,
    pub(super) method: Method,
    pub(super) target: String,
    pub(super) headers: &'a [(HeaderName, String)],
    pub(super) body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// Nobody listens there.
    #[error("nobody listens: {0}")]
    NotReached(std::io::Error),
    /// The connection ended before the answer did.
    #[error("the connection ended without an answer")]
    Broken,
    /// A fault of the scenario lay between.
    #[error("a fault of the scenario: {0}")]
    Struck(&'static str),
    /// The answer came too late.
    #[error("no answer within {0:?}")]
    TimedOut(std::time::Duration),
}

/// What came back.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    /// Without its parameters, in lower case; empty for none.
    pub(super) content_type: String,
    pub(super) body: Bytes,
}

/// Makes a request.
pub(super) async fn call(call: Call<'_>) -> Result<Response, CallError> {
    let stream = connect(call.callback).await?;
    // Small requests should not wait for more to come.
    let _ = stream.set_nodelay(true);
    let broken = |_| CallError::Broken;
    let (mut sender, connection) = http1::handshake::<_, Body>(TokioIo::new(stream)).await.map_err(broken)?;
    let exchange = async {
        let bodiless = call.body.is_empty() && call.method == Method::POST;
        let mut request = Request::builder().method(call.method).uri(call.target);
        request = request.header(header::HOST, call.callback.authority()).header(header::ACCEPT, "*/*");
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        // Some receivers cannot read a request that does not say how long it is.
        if bodiless {
            request = request.header(header::CONTENT_LENGTH, 0);
        }
        let request = request.body(Body::from(call.body)).map_err(|_| CallError::Broken)?;
        let answer = sender.send_request(request).await.map_err(broken)?;
        let status = answer.status().as_u16();
        let content_type = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
        let content_type = content_type.trim().to_lowercase();
        let body = to_bytes(Body::new(answer.into_body()), ANSWER_LIMIT).await.map_err(|_| CallError::Broken)?;
        Ok(Response { status, content_type, body })
    };
    let exchange = std::pin::pin!(exchange);
    let connection = std::pin::pin!(connection);
    tokio::select! {
        biased;
        answer = exchange => answer,
        // The peer has closed: if an answer came before that, the exchange has it.
        _ = connection => Err(CallError::Broken),
    }
}

async fn connect(callback: &Callback) -> Result<TcpStream, CallError> {
    let mut refused = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    for address in callback.addresses() {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => refused = error,
        }
    }
    Err(CallError::NotReached(refused))
}
