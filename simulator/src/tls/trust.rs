//! How clients are told to trust a run's authority.

/// An environment variable that names a file of trusted authorities.
#[derive(Debug)]
pub struct TrustVariable {
    /// Its name.
    pub name: &'static str,
    /// Who reads it.
    pub read_by: &'static str,
}

/// The variables that name the authority's file, one for each family of clients. They do not read one another's: httpx
/// ignores `REQUESTS_CA_BUNDLE`, requests ignores `SSL_CERT_FILE`. Everywhere but in Node.js the file takes the place
/// of the public authorities, so a client that is told it cannot reach anybody else.
pub const VARIABLES: [TrustVariable; 5] = [
    TrustVariable { name: "SSL_CERT_FILE", read_by: "OpenSSL, Go, Rust, Python's ssl, httpx, aiohttp" },
    TrustVariable { name: "REQUESTS_CA_BUNDLE", read_by: "Python's requests" },
    TrustVariable { name: "NODE_EXTRA_CA_CERTS", read_by: "Node.js" },
    TrustVariable { name: "CURL_CA_BUNDLE", read_by: "curl" },
    TrustVariable { name: "DENO_CERT", read_by: "Deno" },
];
