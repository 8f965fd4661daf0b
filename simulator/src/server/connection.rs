//! One connection: the scheme it speaks, then exchange after exchange.

use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};

use super::elsewhere::Elsewhere;
use super::names::NamedInstances;
use super::pipeline::{Arrival, InstanceServer, Misled, Scheme, Severed};
use super::proxy::Proxy;
use crate::time::SimTime;
use crate::tls::Acceptors;

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
    /// A host that is not the vendor's.
    Elsewhere(Arc<Elsewhere>),
}

/// When a connection was used last.
#[derive(Debug, Default)]
struct Used(Mutex<Option<SimTime>>);

impl Used {
    fn last(&self) -> Option<SimTime> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn until(&self, now: SimTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }
}

impl Door {
    async fn exchange(
        &self,
        scheme: Scheme,
        misled: Option<&Misled>,
        used: &Used,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Severed> {
        match self {
            Self::Instance(server) => {
                let arrival = Arrival { scheme, host: None, idle_since: used.last() };
                let answer = server.exchange(arrival, misled, request).await;
                used.until(server.now());
                answer
            }
            Self::Named(named) => named.exchange(scheme, request).await,
            Self::Proxy(proxy) => proxy.exchange(request).await,
            Self::Elsewhere(host) => Ok(host.exchange(&request)),
        }
    }

    /// What is wrong with the certificate that is shown here, if anything is. Behind a proxy or a name it is always right:
    /// which instance is meant is known when it has been shown.
    fn certificate(&self) -> Option<Misled> {
        match self {
            Self::Instance(server) => server.certificate(),
            _ => None,
        }
    }

    /// Whether a connection lasts for several exchanges.
    fn keeps_alive(&self) -> bool {
        !matches!(self, Self::Instance(server) if server.may_mislead())
    }
}

/// Serves a connection to its end. With acceptors it may speak TLS; which of the two, its first byte tells.
pub(super) async fn serve<S>(mut stream: S, door: Door, tls: Option<Acceptors>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let Some(tls) = tls else { return exchanges(stream, door, Scheme::Http, None).await };
    let Ok(first) = stream.read_u8().await else { return };
    let (rest, write) = tokio::io::split(stream);
    let stream = tokio::io::join(Cursor::new([first]).chain(rest), write);
    if first != HANDSHAKE {
        return exchanges(stream, door, Scheme::Http, None).await;
    }
    let misled = door.certificate();
    match (tls.showing(misled.as_ref().map(|misled| misled.flaw)).accept(stream).await, misled) {
        (Ok(stream), misled) => exchanges(stream, door, Scheme::Https, misled).await,
        (Err(_), Some(misled)) => {
            if let Door::Instance(server) = door {
                server.was_refused(misled);
            }
        }
        // A client that does not trust the authority has said so in its own words; there is nobody to tell.
        (Err(_), None) => {}
    }
}

async fn exchanges<S>(stream: S, door: Door, scheme: Scheme, misled: Option<Misled>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let keeps_alive = door.keeps_alive();
    let used = Arc::new(Used::default());
    let service = service_fn(move |request| {
        let (door, misled, used) = (door.clone(), misled.clone(), Arc::clone(&used));
        async move { door.exchange(scheme, misled.as_ref(), &used, request).await }
    });
    // A severed exchange or a client that went away ends the connection; there is nobody to tell.
    let mut builder = http1::Builder::new();
    let serving = builder.keep_alive(keeps_alive).serve_connection(TokioIo::new(stream), service);
    let _ = serving.with_upgrades().await;
}
