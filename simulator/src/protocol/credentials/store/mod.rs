//! The credentials of one instance and what has become of them.
//!
//! | file | says |
//! |---|---|
//! | `give` | what is given out, and for what |
//! | `present` | who shows what |
//! | `end` | how tokens end before their time |

mod end;
mod give;
mod look;
mod present;

pub use look::Glance;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::Principal;
use super::chosen::{Chosen, ChosenSort};
use super::rules::{CredentialRules, Permitted, TokenKind};
use crate::protocol::dialect::TokenEnd;
use crate::scenario::{App, Credentials};
use crate::seed::Seed;
use crate::time::SimTime;
use crate::world::{Instance, PersonIndex, World};

/// Most codes and tokens remembered; the oldest go first. Hourly refreshes fill it in half a year.
const CAPACITY: usize = 8_192;

/// Name of the application that the stack is given.
const STACK: &str = "stack";

/// An OAuth application as registered with the vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its name: `stack`.
    pub name: String,
    /// Client id.
    pub client_id: String,
    /// Client secret.
    pub client_secret: String,
    /// Registered redirect addresses; compared exactly.
    pub redirect_uris: Vec<String>,
    /// Scopes or application permissions.
    pub scopes: Vec<String>,
    /// Disabled by an administrator: gets no more tokens.
    pub disabled: bool,
}

/// What the token endpoint gives out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The access token.
    pub access_token: String,
    /// The refresh token, where the vendor has them.
    pub refresh_token: Option<String>,
    /// Life of the access token as printed; none if it does not end.
    pub expires_in_s: Option<u64>,
    /// What it carries.
    pub scopes: Vec<String>,
    /// Who consented.
    pub user: Option<PersonIndex>,
    /// Display name of the access token.
    pub name: String,
}

/// The credentials of one instance.
#[derive(Debug)]
pub struct TokenStore {
    rules: &'static CredentialRules,
    instance: Instance,
    world: Arc<World>,
    access_life: Option<Duration>,
    /// Whether the application was registered for tokens that do not end.
    lasting: bool,
    /// What a token that is made by hand carries in place of scopes, if it does.
    permitted: Option<&'static Permitted>,
    /// What is granted, if not all that the application is registered with.
    granted: Option<Vec<String>>,
    clock_ahead_us: i64,
    seed: Seed,
    client: Client,
    /// By value.
    secrets: BTreeMap<String, Secret>,
    /// Values, oldest first.
    age: VecDeque<String>,
    pairs: u32,
    codes: u32,
    grants: u32,
    /// The token that was handed out without a consent.
    ready: Option<String>,
    /// Keys by name.
    keys: BTreeMap<&'static str, String>,
    chosen: Chosen,
}

/// A token that no OAuth endpoint gives out: a personal one, an installation's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What sort of token.
    pub token_kind: &'static str,
    /// Whose; none for an application on its own.
    pub user: Option<PersonIndex>,
    /// What it carries.
    pub scopes: Vec<String>,
    /// How long it lives.
    pub life: Duration,
    /// How long the refresh token beside it lives, if there is one.
    pub refresh_life: Option<Duration>,
}

/// What the store knows of an access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Who asks with it.
    pub principal: Principal,
    /// Number of the grant behind it.
    pub grant: u32,
    /// When it was made.
    pub issued: SimTime,
    /// When it ends, if it does.
    pub expires: Option<SimTime>,
}

#[derive(Clone, Debug)]
struct Secret {
    kind: TokenKind,
    token_kind: &'static str,
    number: u32,
    issued: SimTime,
    /// The consent (or client-credentials request) that it comes from.
    grant: u32,
    user: Option<PersonIndex>,
    scopes: Vec<String>,
    expires: Option<SimTime>,
    state: SecretState,
    /// The redirect address a code was asked for.
    redirect_uri: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SecretState {
    Good,
    /// A code that was redeemed, or a refresh token that was rotated away.
    Used,
    Revoked,
}

impl SecretState {
    /// How what is not good ended.
    const fn end(self) -> TokenEnd {
        match self {
            Self::Used => TokenEnd::Replaced,
            Self::Good | Self::Revoked => TokenEnd::Withdrawn,
        }
    }
}

impl TokenStore {
    /// The credentials of a fresh instance: one registered application, no tokens.
    pub fn new(rules: &'static CredentialRules, instance: &Instance, app: &App, world: Arc<World>, seed: Seed) -> Self {
        let (client_id, client_secret) = (rules.register)(seed, instance, STACK);
        let client = Client {
            name: STACK.to_owned(),
            client_id,
            client_secret,
            redirect_uris: Vec::new(),
            scopes: rules.scopes.iter().map(|s| (*s).to_owned()).collect(),
            disabled: false,
        };
        Self {
            rules,
            instance: instance.clone(),
            world,
            access_life: app.token_life,
            lasting: app.credentials == Credentials::LastingApp,
            permitted: rules.permitted(app.credentials).filter(|_| app.credentials == Credentials::FineGrained),
            granted: app.scopes.clone(),
            clock_ahead_us: 0,
            seed,
            client,
            secrets: BTreeMap::new(),
            age: VecDeque::new(),
            pairs: 0,
            codes: 0,
            grants: 0,
            ready: None,
            keys: BTreeMap::new(),
            chosen: Chosen::default(),
        }
    }

    /// The application that the stack is given.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Registers its redirect addresses, in place of those it had.
    pub fn set_redirect_uris(&mut self, uris: &[String]) {
        self.client.redirect_uris = uris.to_vec();
    }

    /// Registers it with other scopes or application permissions, for tokens issued from now on.
    pub fn set_scopes(&mut self, scopes: &[&str]) {
        self.client.scopes = scopes.iter().map(|s| (*s).to_owned()).collect();
    }

    /// Lets it have tokens, or no more.
    pub fn set_disabled(&mut self, disabled: bool) {
        self.client.disabled = disabled;
    }

    /// How long an access token lives here.
    pub fn access_life(&self) -> Duration {
        self.access_life.unwrap_or(self.rules.access_life)
    }

    /// When a secret of this store was made.
    pub fn issued_at(&self, secret: &str) -> Option<SimTime> {
        self.secrets.get(secret).map(|s| s.issued)
    }

    /// How far the vendor's clock is ahead of the true time, microseconds: what tokens say of their times shifts with it.
    pub fn set_clock_ahead(&mut self, us: i64) {
        self.clock_ahead_us = us;
    }

    /// The time by the vendor's own clock.
    pub fn told(&self, now: SimTime) -> SimTime {
        SimTime::from_us(now.us() + self.clock_ahead_us)
    }

    /// Keeps in mind a secret that the client has chosen itself, so that it is told by its name; nothing is opened by it.
    pub fn keep_chosen(&mut self, sort: ChosenSort, value: &str) {
        if self.name_of_issued(value).is_none() {
            self.chosen.keep(sort, &self.instance.name, value);
        }
    }

    /// Every secret that is remembered: display name and value. The dead are among them, because a dead secret in a
    /// log is a leak all the same.
    pub fn secrets(&self) -> Vec<(String, String)> {
        let own = (self.secret_name(), self.client.client_secret.clone());
        let given = self.age.iter().filter_map(|v| self.secrets.get(v).map(|s| (self.display(s), v.clone())));
        std::iter::once(own).chain(given).chain(self.chosen.all()).collect()
    }

    /// The display name of a secret, if `text` is one.
    pub fn name_of_secret(&self, text: &str) -> Option<String> {
        self.name_of_issued(text).or_else(|| self.chosen.name(text).cloned())
    }

    /// The same of what the vendor gave out. A client may choose one secret for several vendors, but what one of them has
    /// given it is no other's business.
    pub fn name_of_issued(&self, text: &str) -> Option<String> {
        // An application's own token may be its id, a bar and its secret.
        if text == self.client.client_secret
            || text.split_once('|').is_some_and(|(_, s)| s == self.client.client_secret)
        {
            return Some(self.secret_name());
        }
        self.secrets.get(text).map(|s| self.display(s))
    }

    fn grant_name(&self, secret: &Secret) -> String {
        format!("{}/{}#{}", self.instance.name, self.client.name, secret.grant)
    }

    fn display(&self, secret: &Secret) -> String {
        self.name(secret.kind, secret.number)
    }

    fn name(&self, kind: TokenKind, number: u32) -> String {
        format!("<{}:{}/{}#{number}>", kind.word(), self.instance.name, self.client.name)
    }

    fn secret_name(&self) -> String {
        format!("<secret:{}/{}>", self.instance.name, self.client.name)
    }
}
