//! A forward proxy that forwards nothing: it answers for the vendors itself.
//!
//! A client that is told to use it opens a tunnel to the vendor's name (`CONNECT`, RFC 9110 section 9.3.6; HTTP/1.0 is
//! as good, Python's http.client sends it) and speaks TLS inside; or it asks for an absolute `http://` target. Names
//! that no vendor of the scenario has are refused with 403. No connection is ever made to anywhere.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;

use super::connection::{self, Door};
use super::names::NamedInstances;
use super::pipeline::{Scheme, Severed};
use crate::tls::Acceptors;

/// The ports at which vendors are found.
const PORTS: [u16; 2] = [443, 80];

/// A proxy to the named instances of a server.
pub(super) struct Proxy {
    named: Arc<NamedInstances>,
    tls: Option<Acceptors>,
    tunnels: Mutex<JoinSet<()>>,
}

impl Proxy {
    pub(super) fn new(named: Arc<NamedInstances>, tls: Option<Acceptors>) -> Self {
        Self { named, tls, tunnels: Mutex::default() }
    }

    /// Breaks off what goes on inside the tunnels, and waits until it has entered the journal.
    pub(super) async fn close_tunnels(&self) {
        let mut tunnels = std::mem::take(&mut *self.tunnels());
        tunnels.shutdown().await;
    }

    fn tunnels(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.tunnels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn exchange(&self, request: Request<Incoming>) -> Result<Response<Body>, Severed> {
        if request.method() == Method::CONNECT {
            return Ok(self.connect(request));
        }
        if request.uri().authority().is_some() {
            return self.named.exchange(Scheme::Http, request).await;
        }
        let mut response = Response::new(Body::from("simulator: this is a proxy; ask it for absolute addresses\n"));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        Ok(response)
    }

    fn connect(&self, request: Request<Incoming>) -> Response<Body> {
        let asked = request.uri().authority().map(|a| (a.to_string(), a.port_u16()));
        match asked {
            Some((host, Some(port))) if PORTS.contains(&port) && self.named.answers(&host) => {
                let mut tunnels = self.tunnels();
                while tunnels.try_join_next().is_some() {}
                tunnels.spawn(tunnel(request, Door::Named(Arc::clone(&self.named)), self.tls.clone()));
                Response::new(Body::empty())
            }
            Some((host, _)) => self.named.refuse(StatusCode::FORBIDDEN, &host),
            None => self.named.refuse(StatusCode::FORBIDDEN, ""),
        }
    }
}

/// What happens inside a tunnel. Boxed, since a connection may hold a tunnel that holds a connection.
fn tunnel(request: Request<Incoming>, door: Door, tls: Option<Acceptors>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        // A client that goes away before the tunnel stands has nobody left to be told.
        if let Ok(stream) = hyper::upgrade::on(request).await {
            connection::serve(TokioIo::new(stream), door, tls).await;
        }
    })
}
