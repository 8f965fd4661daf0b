//! The vendors, each a folder with rooms of the same names.

#[cfg(test)]
pub(crate) mod conforms;
mod connection;
pub mod defender;
pub mod entra;
pub mod github;
mod host;
pub mod miro;
pub mod okta;
#[cfg(test)]
mod shared_tests;
pub mod tenancy;
#[cfg(test)]
pub(crate) mod testing;
pub mod workplace;

pub use connection::{Addresses, Endpoint, connection};
pub use host::HostRule;
pub use tenancy::Tenancy;

use std::sync::Arc;

use crate::protocol::credentials::CredentialRules;
use crate::protocol::dialect::{Dialect, Failure};
use crate::protocol::exchange::{Answer, Context, Handler, Request, Route};
use crate::protocol::feed::Feed;
use crate::protocol::limiter::Limits;
use crate::protocol::security::{Alerts, Stream};
use crate::protocol::webhooks::Webhooks;
use crate::scenario::Verb;
use crate::seed::Seed;
use crate::time::SimTime;
use crate::timeline::{Activity, Record};
use crate::world::{Instance, World};

/// A vendor as the server sees it: values and a few plain functions.
pub struct VendorSpec {
    /// Whose service.
    pub vendor: Vendor,
    /// Its name for people.
    pub title: &'static str,
    /// Every route, imitated.
    pub routes: &'static [Route],
    /// Whether a route's answers are held against the vendor's published description (a test walks them).
    pub described: fn(&Route) -> bool,
    /// The host names it is reached at, the one of its API first.
    pub hosts: &'static [HostRule],
    /// Every log.
    pub feeds: &'static [Feed],
    /// What it sends by itself, if it does.
    pub webhooks: Option<&'static Webhooks>,
    /// Grants and tokens.
    pub credentials: CredentialRules,
    /// Rate limits.
    pub limits: Limits,
    /// The entry of an instance in the connections document, beyond what every vendor has.
    pub connection: fn(&Endpoint<'_>) -> serde_json::Value,
    /// How failures sound.
    pub dialect: Dialect,
    /// The records an activity leaves in an instance of this vendor: none, one or more. Pure.
    pub records: fn(&Arc<Activity>, &World, &Instance, Seed) -> Vec<Record>,
    /// Brings a request's path into the form the routes are declared in (Graph folds doubled slashes).
    pub normalize: fn(&str) -> std::borrow::Cow<'_, str>,
    /// The alerts it raises about what happens in other apps, if it does.
    pub alerts: Option<Alerts>,
    /// What an agent on the customer's side forwards of it as lines of syslog, if there is one.
    pub stream: Option<Stream>,
    /// Brings a request's parameters into the query, where every block looks for them, from wherever the vendor takes
    /// them. [`as_sent`] where they stand there.
    pub parameters: fn(&mut Request),
    /// What the vendor does around every room: looks at the request before it is answered and at the answer before it
    /// leaves. [`plainly`] where it does neither.
    pub around: Around,
    /// The query parameter in which clients send a cursor.
    pub cursor_parameter: &'static str,
    /// Whether it names the next page by a whole address, and not by a cursor alone.
    pub links_pages: bool,
    /// Whether the vendor logs a verb at all.
    pub logs: fn(Verb) -> bool,
    /// How customers and people are numbered and named, and what they do.
    pub tenancy: &'static Tenancy,
    /// Path and query of something worth a first look, from an instance's entry in the connections document and the time.
    pub first_look: fn(&serde_json::Value, SimTime) -> String,
}

/// Answers a request with the help of a room.
pub type Around = fn(Handler, &mut Context<'_>, &Request) -> Result<Answer, Failure>;

/// Lets the room answer.
pub fn plainly(room: Handler, ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    room(ctx, request)
}

/// Leaves the parameters where they are.
pub fn as_sent(_: &mut Request) {}

/// A vendor that is built has its folder above and its line here: what it is for people, its word in code, its folder,
/// which is also the word for it in scenarios and connections.
macro_rules! vendors {
    ($($(#[$doc:meta])* $name:ident: $folder:ident,)*) => {
        /// The vendors that are built. Others are refused by name while reading a scenario.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Vendor { $($(#[$doc])* $name,)* }

        impl Vendor {
            /// Every vendor that is built.
            pub const ALL: [Self; [$(Self::$name),*].len()] = [$(Self::$name),*];

            /// The words for them.
            pub const WORDS: [&str; Self::ALL.len()] = [$(stringify!($folder)),*];

            /// The word for it in scenarios and connections.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($folder),)* }
            }
        }

        /// The declaration of a vendor.
        pub fn spec(vendor: Vendor) -> &'static VendorSpec {
            match vendor { $(Vendor::$name => &$folder::SPEC,)* }
        }
    };
}

vendors! {
    /// Miro.
    Miro: miro,
    /// Microsoft Entra ID and Microsoft Graph.
    Entra: entra,
    /// Workplace, by Meta.
    Workplace: workplace,
    /// GitHub.
    Github: github,
    /// Microsoft Defender for Cloud Apps.
    Defender: defender,
    /// Okta.
    Okta: okta,
}

impl Vendor {
    /// Whether people prove there to the other services who they are.
    pub fn is_directory(self) -> bool {
        spec(self).tenancy.part == tenancy::Part::Directory
    }
}

/// The declarations of all.
pub fn all() -> [&'static VendorSpec; Vendor::ALL.len()] {
    Vendor::ALL.map(spec)
}
