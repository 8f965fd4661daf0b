//! What a scenario says, after reading: names are resolved to indices or known values, times to instants.
//!
//! The simulator's half only: nothing here is about what a stack owes.

mod fault;
mod script;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Date;

use crate::seed::Seed;
use crate::time::{Calendar, DAY_US, SimTime};
use crate::world::Place;

pub use fault::*;
pub use script::*;

pub use crate::vendors::Vendor;

/// Where something stands in its file. Lines and columns count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub at: Position,
}

/// One story: the world it plays in, what people do, what goes wrong on the wire.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// One sentence, what happens.
    pub title: String,
    /// The number that everything unwritten is drawn from.
    pub seed: Seed,
    /// Date of day 1.
    pub day_1: Date,
    /// How much later than midnight (UTC) of that date day 1 begins. Zero, unless a story is placed before a wall clock's
    /// now: weekdays and office hours are the story's own and move with it.
    pub displaced: Duration,
    /// Ordinary days before day 1.
    pub history_days: u32,
    /// Number of generated background people.
    pub people: u32,
    /// Where anybody lives unless said.
    pub home: &'static Place,
    /// Vendor instances, in written order.
    pub apps: Vec<App>,
    /// People of the story, in written order. A group is one entry with `count` above 1.
    pub cast: Vec<CastMember>,
    /// Addresses with a meaning.
    pub networks: Vec<NetworkSpec>,
    /// What people have made before the story; drawn where nothing is written.
    pub files: Vec<FileSpec>,
    /// Episodes and their ATT&CK techniques.
    pub attacks: Vec<AttackSpec>,
    /// Detections in force, as handed to the stack.
    pub policies: Vec<Policy>,
    /// What people do, in order of happening.
    pub script: Vec<Step>,
    /// What goes wrong between vendor and stack.
    pub faults: Vec<Fault>,
    /// What is written among the faults and is the caller's to carry out: what goes wrong with the stack's process.
    pub left_to_caller: Vec<ForeignFault>,
    /// Life of the stack's process.
    pub stack: StackLife,
}

impl Scenario {
    /// The calendar of this scenario's days.
    pub fn calendar(&self) -> Calendar {
        Calendar::starting(self.day_1).later(self.displaced)
    }

    /// The first instant of the generated history.
    pub fn history_start(&self) -> SimTime {
        self.calendar().day_1() - Duration::from_secs(u64::from(self.history_days) * 86_400)
    }

    /// Moves the whole story, its history included, to other days of the calendar.
    pub fn shift(&mut self, days: i64) {
        self.day_1 = self.day_1.saturating_add(jiff::Span::new().days(days));
        self.move_times(days * DAY_US);
    }

    /// Moves the whole story by any span and keeps its weekdays and office hours: by whole weeks on the calendar, and by
    /// what is left beside it.
    pub fn displace(&mut self, us: i64) {
        self.day_1 = self.day_1.saturating_add(jiff::Span::new().weeks(us.div_euclid(7 * DAY_US)));
        self.displaced = Duration::from_micros(us.rem_euclid(7 * DAY_US).unsigned_abs());
        self.move_times(us);
    }

    fn move_times(&mut self, us: i64) {
        let by = |t: SimTime| SimTime::from_us(t.us() + us);
        self.stack.starts = by(self.stack.starts);
        self.stack.ends = self.stack.ends.map(by);
        for step in &mut self.script {
            step.at = by(step.at);
        }
        for Listed { from, until } in self.networks.iter_mut().map(|network| &mut network.listed) {
            (*from, *until) = (from.map(by), until.map(by));
        }
        for fault in &mut self.faults {
            if let Begins::Time(at) = &mut fault.begins {
                *at = by(*at);
            }
        }
        // Times among the parameters are spelled as stacks are told them.
        for time in self.policies.iter_mut().filter_map(|policy| policy.parameters.get_mut("created")) {
            if let Some(at) = time.as_str().and_then(SimTime::parse_rfc3339) {
                *time = by(at).rfc3339().into();
            }
        }
    }

    /// The instance called `name`.
    pub fn app(&self, name: &str) -> Option<(AppIndex, &App)> {
        self.apps.iter().enumerate().find(|(_, a)| a.name == name).map(|(i, a)| (AppIndex(i), a))
    }

    /// The first directory, if the scenario has one.
    pub fn directory(&self) -> Option<AppIndex> {
        self.apps.iter().position(|a| a.vendor.is_directory()).map(AppIndex)
    }
}

/// Index into [`Scenario::apps`]: one vendor instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppIndex(pub usize);

/// A vendor instance.
#[derive(Clone, Debug)]
pub struct App {
    /// Its name in the scenario, and its key in the connections document.
    pub name: String,
    /// Whose service it is.
    pub vendor: Vendor,
    /// Where people prove who they are.
    pub sign_in: SignIn,
    /// Kind of access the stack is given.
    pub credentials: Credentials,
    /// Most records a page, whatever is asked.
    pub page_size: Option<u32>,
    /// Life of an access token, if not the vendor's.
    pub token_life: Option<Duration>,
    /// How far back the log goes, if not the vendor's.
    pub retention: Option<Duration>,
    /// What the stack's access is granted, if not all that it asks for.
    pub scopes: Option<Vec<String>>,
    /// Which documented variant of the vendor.
    pub profile: VendorProfile,
    /// What Defender for Cloud Apps makes of its built-in policies.
    pub mda_mode: MdaMode,
    /// Where it was written.
    pub at: Position,
}

/// What Defender for Cloud Apps makes of its built-in policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MdaMode {
    /// Every one raises alerts, as until 2024.
    LegacyAlerts,
    /// Those that are learned raise behaviors and no alerts, as in 2025.
    Behaviors,
    /// Likewise, and the two address policies are those of the dynamic threat detection model, as since June 2025.
    Dynamic,
}

impl MdaMode {
    /// Every mode, with the word for it. The first is the default: what the product does today.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Dynamic, "dynamic"), (Self::Behaviors, "behaviors"), (Self::LegacyAlerts, "legacy_alerts")];
}

/// A documented variant of a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VendorProfile {
    /// What the vendor serves today.
    Current,
    /// Workplace's last year: everything can be read, nothing changed.
    ReadOnly,
    /// Workplace after it was shut down.
    Gone,
    /// Workplace's successor for accounts, Meta Admin Center, with a log to be pulled.
    AdminCenter,
    /// What the customer runs on machines of their own: GitHub Enterprise Server.
    Server,
    /// Defender for Cloud Apps under the address for all tenants, which works and is slower.
    AllTenants,
}

impl VendorProfile {
    /// Every variant, with the word for it and the vendor that has it; none for what every vendor has.
    pub const ALL: [(Self, &'static str, Option<Vendor>); 6] = [
        (Self::Current, "current", None),
        (Self::ReadOnly, "read_only", Some(Vendor::Workplace)),
        (Self::Gone, "gone", Some(Vendor::Workplace)),
        (Self::AdminCenter, "admin_center", Some(Vendor::Workplace)),
        (Self::Server, "server", Some(Vendor::Github)),
        (Self::AllTenants, "all_tenants", Some(Vendor::Defender)),
    ];
}

/// Where people prove who they are to an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Through the Entra directory.
    Sso,
    /// With a password of the app's own.
    Password,
}

/// Kind of access the stack is given to an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// An OAuth application, with consent where the vendor asks for it.
    App,
    /// Likewise, registered for access tokens that do not end: no refresh token, no `expires_in`.
    LastingApp,
    /// An app that is installed and signs with a key of its own (GitHub App): no consent, no client secret.
    Installation,
    /// A token that an administrator has made, with permissions of its own in place of scopes (GitHub's fine-grained
    /// personal token).
    FineGrained,
    /// A token made by an administrator.
    Token,
}

impl Credentials {
    /// Every kind, with the word for it.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::App, "app"),
        (Self::LastingApp, "lasting_app"),
        (Self::Installation, "installation"),
        (Self::FineGrained, "fine_grained"),
        (Self::Token, "token"),
    ];

    /// What a stack must be able to do to get tokens this way; none if it is given one.
    pub const fn capability(self) -> Option<&'static str> {
        match self {
            Self::App | Self::LastingApp => Some("oauth"),
            Self::Installation => Some("installation"),
            Self::FineGrained | Self::Token => None,
        }
    }
}

/// A person of the story, or a group of them.
#[derive(Clone, Debug)]
pub struct CastMember {
    /// Name in the scenario.
    pub key: String,
    /// Display name, if written.
    pub name: Option<String>,
    /// E-mail address, if written.
    pub email: Option<String>,
    /// Where they live.
    pub home: &'static Place,
    /// Job title, if written.
    pub job: Option<String>,
    /// Employee, guest or service.
    pub kind: PersonKind,
    /// Apps they have an account in.
    pub accounts: Vec<AppIndex>,
    /// Apps they administer.
    pub admin_of: Vec<AppIndex>,
    /// Login names by app; `None` inside means a local account the directory does not know.
    pub logins: BTreeMap<AppIndex, Login>,
    /// How many people: more than one is a group, its members are `key-1`, `key-2`, ….
    pub count: u32,
    /// Where it was written.
    pub at: Position,
}

/// How an account in an app is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// A name of its own.
    Named(String),
    /// A local account that the directory does not know.
    Unlinked,
}

/// What a person is to the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonKind {
    /// Works here.
    Employee,
    /// Invited from elsewhere.
    Guest,
    /// Not a human.
    Service,
}

/// A network with a meaning.
#[derive(Clone, Debug)]
pub struct NetworkSpec {
    /// Name in the scenario.
    pub name: String,
    /// Where it really is.
    pub place: &'static Place,
    /// What the feeds say of it.
    pub tags: Vec<NetworkTag>,
    /// Also in the organisation's own ranges, as told to the stack.
    pub known: bool,
    /// Radius in the geo database, kilometres.
    pub accuracy_km: u32,
    /// When the feeds say so.
    pub listed: Listed,
    /// Whether its address is one of IPv6.
    pub is_ipv6: bool,
    /// Where it was written.
    pub at: Position,
}

/// Tags that stand in lists which somebody keeps: [`Listed`] is about these.
pub const LISTED: [NetworkTag; 2] = [NetworkTag::Risky, NetworkTag::Tor];

/// When the feeds say of a network that it is bad or a Tor exit. Its other tags say what it always is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// From then on; else since before the history.
    pub from: Option<SimTime>,
    /// Not from then on; else for ever.
    pub until: Option<SimTime>,
}

impl Listed {
    /// Whether they say so at that moment.
    pub fn at(self, at: SimTime) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// Something that a person has made before the story: a board, a post, a page in a repository, a file in a drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSpec {
    /// Name in the scenario, and what it is called.
    pub name: String,
    /// Where it lies.
    pub app: AppIndex,
    /// Whose it is.
    pub owner: Who,
    /// What stands in it.
    pub holds: Holding,
    /// Who may see it.
    pub sharing: Sharing,
    /// Where it was written.
    pub at: Position,
}

/// What stands in a file beside ordinary sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holding {
    /// Nothing else.
    Nothing,
    /// A payment card number: one of the card networks' published test numbers.
    CardNumber,
    /// As many digits that are no card number: their check digit is wrong.
    NoCardNumber,
    /// A cloud access key: the one of AWS's documentation.
    CloudKey,
    /// A password in clear.
    Password,
}

impl Holding {
    /// Everything with its word.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Nothing, "nothing"),
        (Self::CardNumber, "card_number"),
        (Self::NoCardNumber, "no_card_number"),
        (Self::CloudKey, "cloud_key"),
        (Self::Password, "password"),
    ];

    /// Whether it should not stand there.
    pub const fn is_sensitive(self) -> bool {
        matches!(self, Self::CardNumber | Self::CloudKey | Self::Password)
    }
}

/// Who may see a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sharing {
    /// Its owner, and whom the owner has named.
    Private,
    /// The owner's team.
    Team,
    /// Everybody in the organisation.
    Organisation,
    /// Everybody who has the link.
    Public,
}

impl Sharing {
    /// Everybody with the word for it, the fewest first.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Private, "private"),
        (Self::Team, "team"),
        (Self::Organisation, "organisation"),
        (Self::Public, "public"),
    ];
}

/// What the feeds say of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the words are the documentation, and the schema lists them")]
pub enum NetworkTag {
    Corporate,
    VpnCorporate,
    VpnConsumer,
    Tor,
    PublicProxy,
    Hosting,
    MobileCarrier,
    Satellite,
    PrivateRelay,
    Risky,
}

impl NetworkTag {
    /// Every tag, with the word scenarios and connections use.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::Corporate, "corporate"),
        (Self::VpnCorporate, "vpn_corporate"),
        (Self::VpnConsumer, "vpn_consumer"),
        (Self::Tor, "tor"),
        (Self::PublicProxy, "public_proxy"),
        (Self::Hosting, "hosting"),
        (Self::MobileCarrier, "mobile_carrier"),
        (Self::Satellite, "satellite"),
        (Self::PrivateRelay, "private_relay"),
        (Self::Risky, "risky"),
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(tag, _)| *tag == self).expect("ALL lists every tag").1
    }
}

/// An attack episode.
#[derive(Clone, Debug)]
pub struct AttackSpec {
    /// Name in the scenario.
    pub name: String,
    /// ATT&CK technique ids, e.g. `T1078.004`.
    pub techniques: Vec<String>,
    /// Where it was written.
    pub at: Position,
}

/// Index into [`Scenario::attacks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttackIndex(pub usize);

/// A detection in force, with the parameters that were written; what was not is the definition's default.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name: a built-in policy's, or one of the scenario's own.
    pub name: String,
    /// Parameters as written, e.g. `speed: 900`, `within: "5m"`, `action: ["suspend"]` (always a list).
    pub parameters: BTreeMap<String, serde_json::Value>,
    /// Where it was written.
    pub at: Position,
}

/// Life of the stack's process.
#[derive(Clone, Debug)]
pub struct StackLife {
    /// When the process begins.
    pub starts: SimTime,
    /// When background and faults end, if written.
    pub ends: Option<SimTime>,
    /// Zone of the stack's process.
    pub timezone: String,
}
