//! The connections document: which apps to connect, with which credentials, and which policies are in force.
//!
//! Only what this stack uses is read; other keys are somebody else's and are skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::config::ConfigError;
use crate::detect::Policies;
use crate::secret::Secret;
use crate::state::accounts::Principal;

/// The document as a whole.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Connections {
    /// One entry per connected instance of an app. The key is the instance's name everywhere.
    pub(crate) apps: BTreeMap<String, App>,
    /// The detections in force. One that is not named is off.
    #[serde(default)]
    pub(crate) policies: Policies,
    /// The organisation's own networks.
    #[serde(default)]
    pub(crate) networks: Vec<Network>,
    /// A simulated clock; without it the machine's own is used.
    #[serde(default)]
    pub(crate) clock_url: Option<String>,
    /// Where addresses are, as MaxMind databases.
    #[serde(default)]
    pub(crate) geo: GeoFiles,
    /// What others know of addresses.
    #[serde(default)]
    pub(crate) feeds: Feeds,
    /// An extra certificate authority to trust, as a PEM file.
    #[serde(default)]
    pub(crate) ca_file: Option<PathBuf>,
}

impl Connections {
    /// Reads the document.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_path_buf(), source })?;
        serde_json::from_str(&text)
            .map_err(|error| ConfigError::Wrong { path: path.to_path_buf(), reason: error.to_string() })
    }
}

/// One connected instance of one vendor's app.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct App {
    /// Whose app it is.
    pub(crate) vendor: Vendor,
    /// The root of the API, such as `https://api.miro.com`.
    pub(crate) base_url: String,
    /// The consent page.
    pub(crate) authorize_url: Option<String>,
    /// Where codes and refresh tokens become access tokens.
    pub(crate) token_url: Option<String>,
    /// The OAuth client.
    pub(crate) client_id: Option<String>,
    /// Its secret.
    pub(crate) client_secret: Option<Secret>,
    /// Where the browser comes back to.
    pub(crate) redirect_uri: Option<String>,
    /// The scopes to ask for.
    pub(crate) scope: Option<String>,
    /// A token that is ready to use, in place of all of the above.
    pub(crate) access_token: Option<Secret>,
    /// Miro: the organisation. Workplace: the community.
    pub(crate) organization_id: Option<String>,
    /// Miro: the team in which to install.
    pub(crate) team_id: Option<String>,
    /// Entra: the mailbox from which users are told.
    pub(crate) mail_from: Option<String>,
    /// Miro: where its SCIM is, and the key.
    pub(crate) scim: Option<Scim>,
    /// GitHub: the organisation, by its login.
    pub(crate) organization: Option<String>,
    /// GitHub: the app that is installed there.
    pub(crate) github_app: Option<GithubApp>,
    /// Workplace: the app whose subscriptions bring the events.
    pub(crate) app_id: Option<String>,
    /// Workplace: that app's secret, the key of its signatures.
    pub(crate) app_secret: Option<Secret>,
}

/// An app's own SCIM.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Scim {
    /// Its root.
    pub(crate) base_url: String,
    /// The key that an administrator has made for it.
    pub(crate) token: Option<Secret>,
}

/// A GitHub App and the place where it is installed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct GithubApp {
    /// Its number.
    pub(crate) app_id: u64,
    /// The number of its installation in the organisation.
    pub(crate) installation_id: u64,
    /// The key it signs with, in PEM.
    pub(crate) private_key: Secret,
}

/// How an app lets us in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// By a token that is ready to use and cannot be renewed.
    Ready,
    /// By an administrator's consent.
    Consent,
    /// By the application's own word.
    ClientCredentials,
    /// By the word of a GitHub App, signed with its key.
    Installation,
}

impl App {
    /// How this app lets us in, from what we were given.
    pub(crate) fn access(&self) -> Access {
        match self.vendor {
            _ if self.access_token.is_some() => Access::Ready,
            Vendor::Entra | Vendor::Defender => Access::ClientCredentials,
            Vendor::Github if self.client_secret.is_none() && self.github_app.is_some() => Access::Installation,
            // Meta Admin Center, the successor, has no consent page.
            Vendor::Workplace if self.authorize_url.is_none() => Access::ClientCredentials,
            Vendor::Miro | Vendor::Github | Vendor::Workplace | Vendor::Okta => Access::Consent,
        }
    }
}

/// The vendors this stack has connectors for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Vendor {
    /// Miro, an Enterprise organisation.
    Miro,
    /// Microsoft Entra ID through Microsoft Graph: also the directory of people.
    Entra,
    /// GitHub, an organisation of Enterprise Cloud.
    Github,
    /// Workplace by Meta, or Meta Admin Center, its successor.
    Workplace,
    /// Microsoft Defender for Cloud Apps: who uses which app.
    Defender,
    /// Okta, an organisation; by an administrator's API token.
    Okta,
}

impl Vendor {
    /// The word of the connections document.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Miro => "miro",
            Self::Entra => "entra",
            Self::Github => "github",
            Self::Workplace => "workplace",
            Self::Defender => "defender",
            Self::Okta => "okta",
        }
    }
}

/// What every policy says about its alerts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Response {
    /// How bad an alert is.
    pub(crate) severity: Severity,
    /// What to do: one action or a list.
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) action: Vec<Action>,
    /// The brake: how many actions it may set off within an hour.
    pub(crate) actions_per_hour: Option<u32>,
    /// Whom it never acts on: ids of the directory, or addresses of who has none.
    pub(crate) except: BTreeSet<String>,
    /// Whether actions are only told of, and none is taken.
    pub(crate) dry_run: bool,
    /// When the policy was made: earlier events do not count.
    #[serde(deserialize_with = "moment")]
    pub(crate) created: Option<Timestamp>,
}

impl Response {
    /// Whether nothing is ever done to `principal`, whose address is `email`.
    pub(crate) fn spares(&self, principal: &Principal, email: Option<&str>) -> bool {
        self.except.contains(principal.id()) || email.is_some_and(|email| self.except.contains(email))
    }

    /// Whether an event of this time counts.
    pub(crate) fn counts(&self, at: Timestamp) -> bool {
        self.created.is_none_or(|created| at >= created)
    }
}

/// An answer to an alert that this stack can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    /// The account is switched off in the directory.
    Suspend,
    /// Every session ends; the user has to sign in again.
    RequireSignIn,
    /// The user gets a mail.
    Notify,
    /// The account is taken out of the organisation that the alert is about.
    RemoveMember,
    /// The account's credentials are no longer good for the organisation that the alert is about.
    RevokeToken,
    /// The application that the alert is about loses what the user granted it.
    RevokeApp,
    /// The file that the alert is about is put into quarantine.
    Quarantine,
    /// The file that the alert is about is thrown away.
    Trash,
    /// What Defender for Cloud Apps has raised about the user is closed there as found out.
    CloseAlert,
}

/// Where an action is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the directory of people; of whom none knows, in an app that is one itself and that the alert is about.
    Directory,
    /// In the apps of these vendors that the alert is about.
    Apps(&'static [Vendor]),
    /// On the things themselves, in the apps of this vendor that the alert is about.
    Things(Vendor),
    /// In every instance of this vendor.
    Everywhere(Vendor),
}

impl Action {
    /// The word of the connections document.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::RequireSignIn => "require_sign_in",
            Self::Notify => "notify",
            Self::RemoveMember => "remove_member",
            Self::RevokeToken => "revoke_token",
            Self::RevokeApp => "revoke_app",
            Self::Quarantine => "quarantine",
            Self::Trash => "trash",
            Self::CloseAlert => "close_alert",
        }
    }

    /// Where it is carried out.
    pub(crate) fn place(self) -> Place {
        match self {
            Self::Suspend | Self::RequireSignIn | Self::Notify => Place::Directory,
            Self::RemoveMember => Place::Apps(&[Vendor::Github, Vendor::Miro]),
            Self::RevokeToken => Place::Apps(&[Vendor::Github]),
            Self::RevokeApp => Place::Things(Vendor::Entra),
            // Of the apps that are scanned, the product documents both for Microsoft 365 alone.
            Self::Quarantine | Self::Trash => Place::Things(Vendor::Defender),
            Self::CloseAlert => Place::Everywhere(Vendor::Defender),
        }
    }
}

/// The five steps, numbered as OCSF numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Worth knowing.
    Informational = 1,
    /// Worth a look.
    Low = 2,
    /// The default.
    #[default]
    Medium = 3,
    /// Look now.
    High = 4,
    /// Get up.
    Critical = 5,
}

/// A network the organisation knows.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Network {
    /// Its ranges.
    pub(crate) cidrs: Vec<Cidr>,
    /// What it is, such as `corporate`.
    #[serde(default)]
    pub(crate) tags: Vec<String>,
}

/// A range of addresses, such as `192.0.2.16/28`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Cidr {
    first: IpAddr,
    bits: u32,
}

impl Cidr {
    /// One address.
    pub(crate) fn single(first: IpAddr) -> Self {
        Self { first, bits: if first.is_ipv4() { 32 } else { 128 } }
    }

    /// Whether `address` lies in the range.
    pub(crate) fn contains(self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let differing = u32::from(ours) ^ u32::from(theirs);
                differing.leading_zeros() >= self.bits
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let differing = u128::from(ours) ^ u128::from(theirs);
                differing.leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

impl TryFrom<String> for Cidr {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a range of addresses");
        let (first, bits) = text.split_once('/').ok_or_else(wrong)?;
        let first: IpAddr = first.parse().map_err(|_| wrong())?;
        let bits: u32 = bits.parse().map_err(|_| wrong())?;
        if bits > if first.is_ipv4() { 32 } else { 128 } {
            return Err(wrong());
        }
        Ok(Self { first, bits })
    }
}

/// Paths of the location databases; each may be missing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GeoFiles {
    /// Places (GeoIP2 City).
    pub(crate) city: Option<PathBuf>,
    /// Whose network an address is of (GeoLite2 ASN).
    pub(crate) asn: Option<PathBuf>,
    /// Anonymous networks (GeoIP2 Anonymous-IP).
    pub(crate) anonymous_ip: Option<PathBuf>,
}

/// Paths and addresses of the feeds; each may be missing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Feeds {
    /// Addresses that are known to be bad: lines `cidr,label,confidence,first_seen,last_seen`.
    pub(crate) indicators: Option<PathBuf>,
    /// Where they can be had by HTTP, by their names.
    pub(crate) urls: BTreeMap<String, String>,
}

impl Feeds {
    /// The discovery resource of the lists that are had by TAXII.
    pub(crate) fn taxii(&self) -> Option<Url> {
        Url::parse(self.urls.get("taxii2/")?).ok()
    }
}

fn moment<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse()).transpose().map_err(serde::de::Error::custom)
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Action>, D::Error> {
    let words = match Value::deserialize(deserializer)? {
        Value::Null => Vec::new(),
        Value::Array(list) => list,
        one => vec![one],
    };
    // A word that we cannot act on is another stack's; ours never promised it.
    Ok(words.into_iter().filter_map(|word| serde_json::from_value(word).ok()).collect())
}
