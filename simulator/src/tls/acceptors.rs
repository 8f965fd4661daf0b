//! Ways of answering a handshake: with a certificate that is right, or with one that must not be trusted.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;

use super::{Authority, TlsError};
use crate::scenario::Flaw;

/// One acceptor for each certificate that can be shown.
#[derive(Clone)]
pub(crate) struct Acceptors {
    right: TlsAcceptor,
    flawed: BTreeMap<Flaw, TlsAcceptor>,
}

impl Acceptors {
    /// Those of an authority. Bad certificates are made once and for loopback alone: no name is asked for there.
    pub(crate) fn of(authority: &Arc<Authority>) -> Result<Self, TlsError> {
        let mut flawed = BTreeMap::new();
        for (flaw, _) in Flaw::ALL {
            flawed.insert(flaw, TlsAcceptor::from(Arc::new(authority.flawed_config(flaw)?)));
        }
        Ok(Self { right: TlsAcceptor::from(Arc::new(authority.server_config()?)), flawed })
    }

    /// The one that shows a certificate with this flaw, or with none.
    pub(crate) fn showing(&self, flaw: Option<Flaw>) -> &TlsAcceptor {
        flaw.and_then(|flaw| self.flawed.get(&flaw)).unwrap_or(&self.right)
    }
}
