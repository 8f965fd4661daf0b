//! One connection: the scheme it speaks, then exchange after exchange.

use std::io::Cursor;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio_rustls::TlsAcceptor;

use super::names::NamedInstances;
use super::pipeline::{Arrival, InstanceServer, Scheme, Severed};
use super::proxy::Proxy;

/// The first byte of a TLS connection: a handshake record (RFC 8446, section 5.1). No HTTP method begins with it.
const HANDSHAKE: u8 = 22;

/// Who is behind a listener.
#[derive(Clone)]
pub(super) enum Door {
    /// One instance, whatever it is called.
    Instance(Arc<InstanceServer>),
    /// The instance that answers to the name asked for.
    Named(Arc<NamedInstances>),
    /// A forward proxy to the same instances.
    Proxy(Arc<Proxy>),
}

impl Door {
    async fn exchange(&self, scheme: Scheme, request: Request<Incoming>) -> Result<Response<Body>, Severed> {
        match self {
            Self::Instance(server) => server.exchange(Arrival { scheme, host: None }, request).await,
            Self::Named(named) => named.exchange(scheme, request).await,
            Self::Proxy(proxy) => proxy.exchange(request).await,
        }
    }
}

/// Serves a connection to its end. With an acceptor it may speak TLS; which of the two, its first byte tells.
pub(super) async fn serve<S>(mut stream: S, door: Door, tls: Option<TlsAcceptor>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let Some(tls) = tls else { return exchanges(stream, door, Scheme::Http).await };
    let Ok(first) = stream.read_u8().await else { return };
    let (rest, write) = tokio::io::split(stream);
    let stream = tokio::io::join(Cursor::new([first]).chain(rest), write);
    if first == HANDSHAKE {
        // A client that does not trust the authority has said so in its own words; there is nobody to tell.
        if let Ok(stream) = tls.accept(stream).await {
            exchanges(stream, door, Scheme::Https).await;
        }
    } else {
        exchanges(stream, door, Scheme::Http).await;
    }
}

async fn exchanges<S>(stream: S, door: Door, scheme: Scheme)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = service_fn(move |request| {
        let door = door.clone();
        async move { door.exchange(scheme, request).await }
    });
    // A severed exchange or a client that went away ends the connection; there is nobody to tell.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
}
