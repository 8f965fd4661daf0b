//! What a stack finds in its environment to meet vendors that speak TLS: how they are reached, and whom it has to trust.

use std::path::PathBuf;
use std::sync::Arc;

use reqwest::Certificate;
use simulator::tls::{Authority, Reach};

use crate::stack::consent::Browser;

/// Vendors that speak TLS.
pub(super) struct Interception {
    /// How they are reached.
    pub(super) reach: Reach,
    /// The authority behind those who answer.
    pub(super) authority: Arc<Authority>,
    /// Its certificate.
    pub(super) ca_file: PathBuf,
}

impl Interception {
    /// The administrator's browser, which trusts them as the stack has to.
    pub(super) fn browser(&self) -> Browser {
        let pem = self.authority.pem();
        Browser::trusting([Certificate::from_pem(pem.as_bytes()).expect("an authority writes its certificate as PEM")])
    }

    /// The variables that lead clients there, with their values.
    pub(super) fn variables(&self) -> impl Iterator<Item = (String, String)> {
        let all = self.reach.variables(&self.ca_file).into_iter();
        all.filter_map(|(name, value)| Some((name.to_owned(), value?)))
    }
}
