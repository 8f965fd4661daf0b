//! What a stack is led to the vendors' names by, and whom it has to trust.

use std::path::PathBuf;

use simulator::tls::Reach;

/// A way to the vendors' names.
pub(super) struct Interception {
    /// Which.
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
