//! The authority of one run, and a leaf for every name that a client asks for.
//!
//! What strict clients insist on (Python's `VERIFY_X509_STRICT`, the default since 3.13, among them): subject and
//! authority key identifiers, critical `basicConstraints` and `keyUsage`, `serverAuth`, the name in the subject
//! alternative names, at most 200 days of validity (CA/Browser Forum ballot SC-081, since March 2026).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use sha2::{Digest as _, Sha256};

use crate::scenario::Flaw;
use crate::time::{DAY, SimTime};

/// Days of validity that lie behind: the client's clock may be a little late.
const DAYS_BEFORE: u32 = 1;

/// Days of validity still to come; with the one before they stay below the 200 that clients accept.
const DAYS_AFTER: u32 = 198;

/// Most leaves remembered. Names are the client's to choose, so there has to be an end.
const LEAVES: usize = 256;

/// Days that a certificate which is over has been over.
const DAYS_OVER: u32 = 30;

/// Whose a certificate is that is somebody else's.
const STRANGER: &str = "elsewhere.example";

/// The name that a client without SNI is taken to mean: it was given an address.
const NO_NAME: &str = "localhost";

/// A certificate that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Making it failed.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// The library that would use it refuses it.
    #[error("cannot use the certificate made: {0}")]
    Use(#[from] rustls::Error),
}

/// A certificate authority that lives as long as the value.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// One key for every leaf: who answers is the same process.
    leaf_key: KeyPair,
    /// By name.
    leaves: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
    /// Addresses that stand in the leaf of [`NO_NAME`].
    addresses: Vec<IpAddr>,
    made_at: SimTime,
    provider: Arc<CryptoProvider>,
}

impl std::fmt::Debug for Authority {
    /// Without the keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("made_at", &self.made_at).finish_non_exhaustive()
    }
}

impl Authority {
    /// Makes an authority that is valid from the day before `now`, the machine's time: that is what clients compare
    /// with. The leaf for clients without SNI names loopback and `addresses`.
    pub fn new(now: SimTime, addresses: &[IpAddr]) -> Result<Self, TlsError> {
        let mut params = params(now, "simulator: test authority of one run");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let mut all = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        all.extend(addresses.iter().filter(|a| !a.is_loopback() && !a.is_unspecified()));
        Ok(Self {
            issuer: CertifiedIssuer::self_signed(params, KeyPair::generate()?)?,
            leaf_key: KeyPair::generate()?,
            leaves: Mutex::default(),
            addresses: all,
            made_at: now,
            provider: Arc::new(ring::default_provider()),
        })
    }

    /// The authority's certificate, for clients to trust.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// How to answer handshakes: TLS 1.2 or 1.3, HTTP/1.1, a leaf for whatever name is asked for.
    pub fn server_config(self: &Arc<Self>) -> Result<ServerConfig, TlsError> {
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider));
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Self>::clone(self);
        let mut config =
            builder.with_safe_default_protocol_versions()?.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    /// How to answer handshakes with a certificate that must not be trusted.
    pub fn flawed_config(&self, flaw: Flaw) -> Result<ServerConfig, TlsError> {
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider));
        let resolver = Arc::new(SingleCertAndKey::from(self.flawed_leaf(flaw)?));
        let mut config =
            builder.with_safe_default_protocol_versions()?.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    fn flawed_leaf(&self, flaw: Flaw) -> Result<CertifiedKey, TlsError> {
        let mut params = self.leaf_params(if flaw == Flaw::WrongHost { STRANGER } else { NO_NAME })?;
        let leaf = match flaw {
            Flaw::SelfSigned => params.self_signed(&self.leaf_key)?,
            Flaw::Expired => {
                let was_over = self.made_at - DAY * DAYS_OVER;
                set_validity(&mut params, was_over - DAY * DAYS_AFTER, was_over);
                params.signed_by(&self.leaf_key, &self.issuer)?
            }
            Flaw::WrongHost => params.signed_by(&self.leaf_key, &self.issuer)?,
        };
        self.certified(&leaf)
    }

    fn leaf(&self, name: &str) -> Result<Arc<CertifiedKey>, TlsError> {
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(leaf) = leaves.get(name) {
            return Ok(Arc::clone(leaf));
        }
        if leaves.len() >= LEAVES {
            leaves.clear();
        }
        let leaf = Arc::new(self.make_leaf(name)?);
        leaves.insert(name.to_owned(), Arc::clone(&leaf));
        Ok(leaf)
    }

    fn make_leaf(&self, name: &str) -> Result<CertifiedKey, TlsError> {
        self.certified(&self.leaf_params(name)?.signed_by(&self.leaf_key, &self.issuer)?)
    }

    fn leaf_params(&self, name: &str) -> Result<CertificateParams, TlsError> {
        let mut names = vec![name.to_owned()];
        if name == NO_NAME {
            names.extend(self.addresses.iter().map(IpAddr::to_string));
        }
        let mut params = params(self.made_at, "simulator");
        params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(self.serial(name).into());
        Ok(params)
    }

    fn certified(&self, leaf: &Certificate) -> Result<CertifiedKey, TlsError> {
        let chain = vec![leaf.der().clone(), self.issuer.der().clone()];
        let key = PrivateKeyDer::Pkcs8(self.leaf_key.serialize_der().into());
        Ok(CertifiedKey::from_der(chain, key, &self.provider)?)
    }

    /// One serial number a name, in the 16 bytes that are customary. By default it would be made from the key, which
    /// all leaves share.
    fn serial(&self, name: &str) -> Vec<u8> {
        let digest = Sha256::new().chain_update(self.issuer.der()).chain_update(name).finalize();
        let mut serial = digest[..16].to_vec();
        serial[0] &= 0x7f; // RFC 5280: a positive number.
        serial
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // A name that no certificate can be made for ends the handshake, as at any server that does not have it.
        self.leaf(&hello.server_name().unwrap_or(NO_NAME).to_ascii_lowercase()).ok()
    }
}

/// What authority and leaves have in common.
fn params(now: SimTime, common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    set_validity(&mut params, now - DAY * DAYS_BEFORE, now + DAY * DAYS_AFTER);
    params
}

/// From midnight of the one day to midnight of the other.
fn set_validity(params: &mut CertificateParams, from: SimTime, until: SimTime) {
    let midnight = |t: SimTime| {
        let day = t.civil().date();
        date_time_ymd(i32::from(day.year()), day.month().unsigned_abs(), day.day().unsigned_abs())
    };
    params.not_before = midnight(from);
    params.not_after = midnight(until);
}

#[cfg(test)]
mod tests {
    use rustls::RootCertStore;
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier as _;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

    use std::time::Duration;

    use super::*;

    fn now() -> SimTime {
        SimTime::parse_rfc3339("2026-03-02T12:00:00Z").unwrap()
    }

    /// Whether a client that trusts the authority accepts its leaf for `asked` as `name`, so many days from now.
    fn accepted(asked: &str, name: &str, days: i64) -> bool {
        let authority = Authority::new(now(), &["192.0.2.7".parse().unwrap()]).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(authority.issuer.der().clone()).unwrap();
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&authority.provider));
        let leaf = authority.leaf(asked).unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let seconds = u64::try_from(now().s() + days * 86_400).unwrap();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        verifier.build().unwrap().verify_server_cert(&leaf.cert[0], &leaf.cert[1..], &name, &[], at).is_ok()
    }

    #[test]
    fn a_leaf_is_good_for_its_name_and_for_less_than_two_hundred_days() {
        #[rustfmt::skip]
        let cases = [
            // leaf for        client asks for        days from now   accepted
            ("api.miro.com",   "api.miro.com",        0,              true),
            ("api.miro.com",   "api.miro.com",        -1,             true),
            ("api.miro.com",   "api.miro.com",        -2,             false),
            ("api.miro.com",   "api.miro.com",        197,            true),
            ("api.miro.com",   "api.miro.com",        199,            false),
            ("api.miro.com",   "graph.microsoft.com", 0,              false),
            (NO_NAME,          "localhost",           0,              true),
            (NO_NAME,          "127.0.0.1",           0,              true),
            (NO_NAME,          "::1",                 0,              true),
            (NO_NAME,          "192.0.2.7",           0,              true),
            (NO_NAME,          "192.0.2.8",           0,              false),
        ];
        for (leaf, name, days, expected) in cases {
            assert_eq!(accepted(leaf, name, days), expected, "{name} with the leaf of {leaf}, day {days}");
        }
    }

    #[test]
    fn no_client_has_to_trust_a_flawed_certificate_and_each_has_one_flaw() {
        let authority = Authority::new(now(), &[]).unwrap();
        let check = |flaw: Flaw, trusted: &CertificateDer<'_>, name: &str, days_ago: i64| {
            let mut roots = RootCertStore::empty();
            roots.add(trusted.clone()).unwrap();
            let verifier =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&authority.provider));
            let leaf = authority.flawed_leaf(flaw).unwrap();
            let name = ServerName::try_from(name.to_owned()).unwrap();
            let seconds = u64::try_from(now().s() - days_ago * 86_400).unwrap();
            let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
            verifier.build().unwrap().verify_server_cert(&leaf.cert[0], &leaf.cert[1..], &name, &[], at).is_ok()
        };
        let ours = authority.issuer.der();
        for (flaw, word) in Flaw::ALL {
            assert!(!check(flaw, ours, "127.0.0.1", 0), "{word}");
        }
        assert!(check(Flaw::Expired, ours, "127.0.0.1", 40));
        assert!(check(Flaw::WrongHost, ours, STRANGER, 0));
    }

    /// Object identifiers of extensions in DER, with `TRUE` behind those that must be critical.
    #[test]
    fn strict_clients_find_every_extension_that_they_insist_on() {
        let authority = Authority::new(now(), &[]).unwrap();
        let leaf = authority.leaf("api.miro.com").unwrap();
        #[rustfmt::skip]
        let cases: [(&str, &[u8]); 5] = [
            ("subjectKeyIdentifier",   &[0x06, 0x03, 0x55, 0x1d, 0x0e]),
            ("basicConstraints",       &[0x06, 0x03, 0x55, 0x1d, 0x13, 0x01, 0x01, 0xff]),
            ("keyUsage",               &[0x06, 0x03, 0x55, 0x1d, 0x0f, 0x01, 0x01, 0xff]),
            ("authorityKeyIdentifier", &[0x06, 0x03, 0x55, 0x1d, 0x23]),
            ("subjectAltName",         &[0x06, 0x03, 0x55, 0x1d, 0x11]),
        ];
        let has = |der: &[u8], part: &[u8]| der.windows(part.len()).any(|window| window == part);
        for (n, (name, bytes)) in cases.iter().enumerate() {
            assert!(has(&leaf.cert[0], bytes), "leaf: {name}");
            // An authority that signs itself needs no key identifier of its issuer, and has no name to answer to.
            assert!(n >= 3 || has(&leaf.cert[1], bytes), "authority: {name}");
        }
    }

    #[test]
    fn leaves_of_different_names_have_different_serial_numbers_and_are_made_once() {
        let authority = Authority::new(now(), &[]).unwrap();
        assert_ne!(authority.serial("api.miro.com"), authority.serial("miro.com"));
        assert!(Arc::ptr_eq(&authority.leaf("miro.com").unwrap(), &authority.leaf("miro.com").unwrap()));
    }
}
