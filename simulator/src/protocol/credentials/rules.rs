//! The declaration: a vendor's rules for credentials.

use std::time::Duration;

use crate::protocol::form::Carrier;
use crate::scenario::Credentials;
use crate::seed::{RngExt, Seed};
use crate::time::SimTime;
use crate::world::{Instance, Person, PersonIndex};

/// The life of what does not end.
pub const FOREVER: Duration = Duration::MAX;

/// The kind of a token from an OAuth endpoint.
pub const OAUTH: &str = "oauth";

/// The kind of the token that an administrator makes by hand.
pub const READY: &str = "ready";

/// The kind of a personal token that carries permissions.
pub const FINE_GRAINED: &str = "fine_grained";

/// What a vendor does with credentials.
#[derive(Debug)]
pub struct CredentialRules {
    /// Kinds of access that a stack may be given, the usual one first.
    pub kinds: &'static [Credentials],
    /// Those whose tokens carry permissions in place of scopes.
    pub permitted: &'static [Permitted],
    /// Grants that the token endpoint takes.
    pub grants: &'static [Grant],
    /// Where the token endpoint's parameters, client id and secret included, may stand.
    pub carriers: &'static [Carrier],
    /// Where an access token may stand.
    pub bearer: &'static [BearerFrom],
    /// Life of an authorization code.
    pub code_life: Duration,
    /// Life of an access token, unless the scenario's app says another; [`FOREVER`] if it does not end.
    pub access_life: Duration,
    /// Life of a refresh token; none if the vendor gives none out or they do not end.
    pub refresh_life: Option<Duration>,
    /// What a refresh does to what was there before.
    pub rotation: Rotation,
    /// Scopes or application permissions that the stack's application is registered with.
    pub scopes: &'static [&'static str],
    /// Client id and secret of an application in an instance.
    pub register: fn(Seed, &Instance, &str) -> (String, String),
    /// The application id under which a directory gives out tokens for this API; none if it gives out its own alone.
    pub resource: Option<&'static str>,
    /// Makes a token.
    pub mint: fn(&Mint<'_>) -> String,
    /// Where this is documented.
    pub source: &'static str,
}

/// A kind of access whose tokens carry permissions: `members:read`, `members:write`. Who may write may read.
#[derive(Debug)]
pub struct Permitted {
    /// The kind.
    pub kind: Credentials,
    /// All that it may carry.
    pub permissions: &'static [&'static str],
    /// Life of such a token, unless the scenario's app says another.
    pub life: Duration,
}

/// What a token of these permissions opens: who may write may read.
pub fn opened_by<S: AsRef<str>>(permissions: &[S]) -> Vec<String> {
    let both = |permission: &S| {
        let permission = permission.as_ref();
        let read = permission.strip_suffix(":write").map(|name| format!("{name}:read"));
        read.into_iter().chain([permission.to_owned()])
    };
    permissions.iter().flat_map(both).collect()
}

impl CredentialRules {
    /// Of a vendor that has no OAuth, so that an administrator makes every token: all but its name, form and scopes.
    pub const TOKENS_ALONE: Self = Self {
        kinds: &[Credentials::Token],
        permitted: &[],
        grants: &[],
        carriers: &[],
        bearer: &[BearerFrom::Header],
        code_life: FOREVER,
        access_life: FOREVER,
        refresh_life: None,
        rotation: Rotation::None,
        scopes: &[],
        register: |seed, instance, client| {
            let drawn = |what| drawn_text(seed, &[what, &instance.name, client], HEX, 20);
            (drawn("client id"), drawn("client secret"))
        },
        resource: None,
        mint: |mint| mint.text(HEX, 40),
        source: "",
    };

    /// Whether an application gets its tokens by a person's consent and by nothing else.
    pub fn want_consent(&self) -> bool {
        self.grants.contains(&Grant::AuthorizationCode) && !self.grants.contains(&Grant::ClientCredentials)
    }

    /// What a kind of access may carry: scopes, roles or permissions.
    pub fn rights(&self, kind: Credentials) -> &'static [&'static str] {
        self.permitted(kind).map_or(self.scopes, |permitted| permitted.permissions)
    }

    /// What a kind of access may be granted at choice: any of its rights, and of what may be written also to read it alone.
    pub fn grantable(&self, kind: Credentials) -> Vec<String> {
        match self.permitted(kind) {
            Some(permitted) => opened_by(permitted.permissions),
            None => self.scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        }
    }

    /// The kind's permissions, if that is what its tokens carry.
    pub fn permitted(&self, kind: Credentials) -> Option<&'static Permitted> {
        self.permitted.iter().find(|permitted| permitted.kind == kind)
    }

    /// The scheme of `Authorization` under which a client sends its token first of all.
    pub fn scheme(&self) -> &'static str {
        match self.bearer.first() {
            Some(BearerFrom::Scheme(scheme)) => scheme,
            _ => "Bearer",
        }
    }
}

/// A grant (RFC 6749).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// A code from a consent page.
    AuthorizationCode,
    /// A refresh token.
    RefreshToken,
    /// The application on its own.
    ClientCredentials,
}

impl Grant {
    /// The value of `grant_type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }
}

/// Where an access token may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BearerFrom {
    /// `Authorization: Bearer …`.
    Header,
    /// `Authorization`, with another scheme.
    Scheme(&'static str),
    /// The password of `Authorization: Basic`, whatever the name.
    BasicPassword,
    /// A query parameter of this name.
    Query(&'static str),
}

/// What a refresh does to what was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// No refresh tokens are given out.
    None,
    /// A new pair; the old access token and the old refresh token die at once.
    KillsOldPair,
    /// A new pair beside the old one, which lives on to its own end.
    KeepsOld,
}

/// Kinds of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Opens the API.
    Access,
    /// Opens the token endpoint.
    Refresh,
    /// From the consent page to the token endpoint.
    Code,
    /// Made by hand, for what OAuth does not open.
    Key,
}

impl TokenKind {
    /// The word for it in display names.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Access => "token",
            Self::Refresh => "refresh",
            Self::Code => "code",
            Self::Key => "key",
        }
    }
}

/// All that a token may be made of.
#[derive(Debug)]
pub struct Mint<'a> {
    /// What it opens.
    pub kind: TokenKind,
    /// What sort of token it is: [`OAUTH`], [`READY`], or a word of the vendor's own.
    pub token_kind: &'static str,
    /// Its number in its store.
    pub number: u32,
    /// The scenario's seed.
    pub seed: Seed,
    /// Whose API it is for.
    pub instance: &'a Instance,
    /// Client id of the application.
    pub client_id: &'a str,
    /// Who consented; none for an application on its own.
    pub person: Option<(PersonIndex, &'a Person)>,
    /// What it carries.
    pub scopes: &'a [String],
    /// When it is made.
    pub issued: SimTime,
    /// When it ends, if it does.
    pub expires: Option<SimTime>,
}

impl Mint<'_> {
    /// `length` characters of `alphabet` that belong to this token alone.
    pub fn text(&self, alphabet: &str, length: usize) -> String {
        let number = self.number.to_string();
        drawn_text(self.seed, &["token", &self.instance.name, self.kind.word(), &number], alphabet, length)
    }
}

/// The alphabet of hexadecimal ids and tokens.
pub const HEX: &str = "0123456789abcdef";

/// `length` characters of an ASCII `alphabet` that belong to a label path.
pub fn drawn_text(seed: Seed, labels: &[&str], alphabet: &str, length: usize) -> String {
    let mut stream = seed.stream(labels);
    let letters = alphabet.as_bytes();
    (0..length).map(|_| char::from(letters[stream.random_range(0..letters.len())])).collect()
}
