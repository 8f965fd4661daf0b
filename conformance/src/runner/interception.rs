//! What a stack finds in its environment to meet vendors that speak TLS: how they are reached, and whom it has to trust.

use std::path::PathBuf;

use simulator::tls::Reach;

/// Vendors that speak TLS.
pub(super) struct Interception {
    /// How they are reached.
    pub(super) reach: Reach,
    /// The certificate of the authority behind those who answer.
    pub(super) ca_file: PathBuf,
}

impl Interception {
    /// The variables that lead clients there, with their values.
    pub(super) fn variables(&self) -> impl Iterator<Item = (String, String)> {
        let all = self.reach.variables(&self.ca_file).into_iter();
        all.filter_map(|(name, value)| Some((name.to_owned(), value?)))
    }
}
