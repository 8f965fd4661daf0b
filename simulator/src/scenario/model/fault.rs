//! What goes wrong between vendor and stack.

use std::time::Duration;

use super::{AppIndex, Position};
use crate::time::SimTime;

/// Something that goes wrong between vendor and stack.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What goes wrong, with its parameters.
    pub kind: FaultKind,
    /// Which requests it may meet; none for kinds that bend records.
    pub route: Option<RoutePattern>,
    /// When it begins.
    pub begins: Begins,
    /// How long it lasts.
    pub lasts: Lasts,
    /// Instance whose records are bent, for kinds that bend records.
    pub app: Option<AppIndex>,
    /// Step ids whose records are bent; all when empty.
    pub records: Vec<String>,
    /// Where it was written.
    pub at: Position,
}

/// A fault of a kind that is not the simulator's: no more is read of it than this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignFault {
    /// The word for it.
    pub kind: String,
    /// Where it was written.
    pub at: Position,
}

/// Kinds of fault that are built. Others are refused by name while reading.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// An answer with this status in place of the right one.
    Error {
        /// HTTP status.
        status: u16,
        /// Body's form.
        body: ErrorBody,
        /// `Retry-After` to send, if any.
        retry_after: Option<Duration>,
    },
    /// The vendor's refusal for too many requests.
    Throttle {
        /// How long the client is asked to wait.
        retry_after: Duration,
        /// How that is said.
        form: RetryAfterForm,
        /// In which limit's name.
        limit: ThrottledBy,
    },
    /// No answer, until the client gives up or `for` is over.
    Hang,
    /// The answer comes this much later.
    Slow {
        /// Delay, simulated time.
        by: Duration,
    },
    /// The request takes effect, the connection closes without a byte of the answer.
    LoseAnswer,
    /// The connection closes without effect and without a byte.
    Reset,
    /// A request on a connection that was idle for so long finds it closed.
    IdleClose {
        /// Simulated time since the answer before it on that connection.
        after: Duration,
    },
    /// Answered as done, nothing done.
    NoEffect,
    /// The access token used by the request stops being valid before it is looked at.
    ExpireToken,
    /// The grant behind the token is withdrawn by an administrator.
    RevokeGrant,
    /// The page's own cursor is given as the next one.
    RepeatCursor,
    /// An empty page with a cursor that goes on.
    EmptyPage,
    /// Records are shown this much later.
    Late {
        /// Delay after they happened.
        by: Duration,
    },
    /// Records are shown again after this long, with their first ids.
    Redeliver {
        /// Delay after the first showing.
        after: Duration,
    },
    /// The cursor of the page before is given as the next one.
    CycleCursor,
    /// The cursor of the request is refused until the walk begins anew.
    ExpireCursor,
    /// A last page has an empty cursor in place of none.
    EmptyCursor,
    /// The next link leads to where no token should go.
    ForeignNextLink {
        /// Where that is.
        to: LinkedTo,
    },
    /// Records arrive right before the page is served.
    NewRecords {
        /// How many.
        count: u32,
    },
    /// The token answer says something odd of its life.
    OddExpiry {
        /// What it says.
        form: ExpiryForm,
    },
    /// The connection closes in the middle of the body.
    CutBody {
        /// How much of the body is sent, per cent.
        percent: u32,
        /// How the end of the body was announced.
        framing: Framing,
    },
    /// The body comes in small pieces.
    Drip {
        /// Time from the first piece to the last.
        over: Duration,
    },
    /// A field of records is not what it should be.
    AlterRecord {
        /// Names from the record's own down to the field's: `["context", "ip"]`.
        field: Vec<String>,
        /// What the field becomes.
        becomes: Becomes,
    },
    /// The app's clock is wrong.
    Clock {
        /// How far it is ahead, microseconds; below nought it is behind.
        by_us: i64,
    },
    /// A delivery is never made, and the vendor takes it for made.
    LoseDelivery,
    /// Somebody who has not the key makes a delivery of his own, beside the one that is met.
    Forge {
        /// How it is signed.
        signature: ForgedSignature,
    },
    /// A delivery is made once more by somebody who has overheard it, byte for byte.
    Replay {
        /// Delay after the delivery that is met.
        after: Duration,
    },
    /// The vendor makes a delivery twice.
    Duplicate,
    /// A delivery is made after the one that follows it.
    Reorder,
    /// A delivery carries the newest of the vendor's signatures and none of the older.
    NewestSignature,
    /// The vendor ends a subscription in place of making the delivery that is met.
    Unsubscribe,
    /// The events of a delivery stand in it the other way round.
    ReverseEvents,
    /// The first event of a delivery stands in it twice.
    RepeatEvent,
    /// The first event of a delivery is null.
    SpoilEvent,
    /// Somebody else subscribes to the one topic, right before the request is looked at.
    ForeignSubscription,
    /// A page for which more records are asked than this is refused.
    LargePage {
        /// So many are given at once.
        most: u32,
    },
    /// The answer is that what is asked for lies somewhere else.
    Redirect {
        /// Where that is.
        to: RedirectedTo,
        /// HTTP status.
        status: u16,
    },
    /// The body is packed, for a client that says that it unpacks.
    Gzip {
        /// How well.
        form: Packing,
    },
    /// The answer takes the longer the wider the window is that was asked for.
    HeavyWindow {
        /// For each day of it.
        per_day: Duration,
    },
    /// Event ids are drawn from the moment alone: two instances that write something down at one moment give it one id.
    SameIds,
    /// The vendor shows a certificate that must not be trusted.
    BadCertificate {
        /// Why not.
        flaw: Flaw,
    },
    /// Answers take their time, and whoever comes while so many are under way is refused.
    Crowd {
        /// So many requests are borne at once.
        most: u32,
        /// How long each answer takes.
        takes: Duration,
        /// How long a client that is refused is asked to wait.
        retry_after: Duration,
    },
}

impl FaultKind {
    /// The word for it in scenarios.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Error { .. } => "error",
            Self::Throttle { .. } => "throttle",
            Self::Hang => "hang",
            Self::Slow { .. } => "slow",
            Self::LoseAnswer => "lose_answer",
            Self::Reset => "reset",
            Self::IdleClose { .. } => "idle_close",
            Self::NoEffect => "no_effect",
            Self::ExpireToken => "expire_token",
            Self::RevokeGrant => "revoke_grant",
            Self::RepeatCursor => "repeat_cursor",
            Self::EmptyPage => "empty_page",
            Self::Late { .. } => "late",
            Self::Redeliver { .. } => "redeliver",
            Self::CycleCursor => "cycle_cursor",
            Self::ExpireCursor => "expire_cursor",
            Self::EmptyCursor => "empty_cursor",
            Self::ForeignNextLink { .. } => "foreign_next_link",
            Self::NewRecords { .. } => "new_records",
            Self::OddExpiry { .. } => "odd_expiry",
            Self::CutBody { .. } => "cut_body",
            Self::Drip { .. } => "drip",
            Self::AlterRecord { .. } => "alter_record",
            Self::Clock { .. } => "clock",
            Self::LoseDelivery => "lose_delivery",
            Self::Forge { .. } => "forge",
            Self::Replay { .. } => "replay",
            Self::Duplicate => "duplicate",
            Self::Reorder => "reorder",
            Self::NewestSignature => "newest_signature",
            Self::Unsubscribe => "unsubscribe",
            Self::ReverseEvents => "reverse_events",
            Self::RepeatEvent => "repeat_event",
            Self::SpoilEvent => "spoil_event",
            Self::ForeignSubscription => "foreign_subscription",
            Self::LargePage { .. } => "large_page",
            Self::Redirect { .. } => "redirect",
            Self::Gzip { .. } => "gzip",
            Self::HeavyWindow { .. } => "heavy_window",
            Self::SameIds => "same_ids",
            Self::BadCertificate { .. } => "bad_certificate",
            Self::Crowd { .. } => "crowd",
        }
    }

    /// Whether it makes somebody wait, or bends times: what only a simulated clock gets over at once. Every kind is named, so
    /// that none is forgotten.
    pub const fn takes_time(&self) -> bool {
        match self {
            Self::Throttle { .. }
            | Self::Hang
            | Self::Slow { .. }
            | Self::Late { .. }
            | Self::Redeliver { .. }
            | Self::Clock { .. }
            | Self::NewRecords { .. }
            | Self::Drip { .. }
            | Self::Replay { .. }
            | Self::Reorder
            | Self::HeavyWindow { .. }
            | Self::IdleClose { .. }
            | Self::Crowd { .. } => true,
            Self::Error { retry_after, .. } => retry_after.is_some(),
            Self::LoseAnswer
            | Self::Reset
            | Self::NoEffect
            | Self::ExpireToken
            | Self::RevokeGrant
            | Self::RepeatCursor
            | Self::EmptyPage
            | Self::CycleCursor
            | Self::ExpireCursor
            | Self::EmptyCursor
            | Self::ForeignNextLink { .. }
            | Self::OddExpiry { .. }
            | Self::CutBody { .. }
            | Self::AlterRecord { .. }
            | Self::LoseDelivery
            | Self::Forge { .. }
            | Self::Duplicate
            | Self::NewestSignature
            | Self::Unsubscribe
            | Self::ReverseEvents
            | Self::RepeatEvent
            | Self::SpoilEvent
            | Self::ForeignSubscription
            | Self::LargePage { .. }
            | Self::Redirect { .. }
            | Self::Gzip { .. }
            | Self::SameIds
            | Self::BadCertificate { .. } => false,
        }
    }

    /// Whether the vendor has to be served with certificates for it.
    pub const fn wants_certificates(&self) -> bool {
        matches!(self, Self::BadCertificate { .. } | Self::ForeignNextLink { to: LinkedTo::ClearText })
    }

    /// Whether it leads clients to another host, which has to be there.
    pub const fn leads_away(&self) -> bool {
        matches!(
            self,
            Self::ForeignNextLink { to: LinkedTo::OtherHost } | Self::Redirect { to: RedirectedTo::OtherHost, .. }
        )
    }
}

/// Body of an injected error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorBody {
    /// In the vendor's own shape.
    Vendor,
    /// A proxy's HTML page.
    Html,
    /// Nothing.
    Empty,
    /// The vendor's error object under status 200.
    ErrorIn200,
}

/// The limit in whose name a client is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThrottledBy {
    /// The one that the answer's headers tell of.
    Usual,
    /// The one that none tells of, where the vendor has such a limit: the headers then speak of a budget that is whole.
    Secondary,
}

/// How a throttled client is told to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfterForm {
    /// As the vendor does.
    Vendor,
    /// `Retry-After: 60`.
    Seconds,
    /// `Retry-After: Mon, 02 Mar 2026 10:00:00 GMT`.
    HttpDate,
    /// `Retry-After: 60.000`.
    Fraction,
    /// `Retry-After: 0`.
    Zero,
    /// No header.
    None,
}

/// What a token answer says of its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiryForm {
    /// Nothing: `expires_in` is not there.
    Missing,
    /// `0`.
    Zero,
    /// The right number, as a text: `"3599"`.
    Text,
    /// The right number with a minus before it.
    Negative,
}

/// How the end of a body is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// By `Content-Length`: fewer bytes follow.
    ContentLength,
    /// By chunks: the last one never comes.
    Chunked,
}

/// Where a next link leads to that should lead to the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkedTo {
    /// To another host.
    OtherHost,
    /// To the same host, without encryption.
    ClearText,
}

/// Where a request is sent on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectedTo {
    /// To another host.
    OtherHost,
    /// To the very address that was asked; the next time it answers.
    Itself,
}

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Rightly.
    Whole,
    /// Rightly, in several members, one after the other (RFC 1952, section 2.2).
    Members,
    /// The end is missing, and the length that was announced is that of what is there.
    Cut,
    /// Unpacked it is 256 megabytes of blanks.
    Bomb,
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// Nobody but its owner vouches for it.
    SelfSigned,
    /// It is over since a month.
    Expired,
    /// It is somebody else's.
    WrongHost,
}

impl Flaw {
    /// All of them, with the words for them.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::SelfSigned, "self_signed"), (Self::Expired, "expired"), (Self::WrongHost, "wrong_host")];
}

/// What a field of a record becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// It is not there.
    Missing,
    /// `null`.
    Nothing,
    /// A number where a text was, a text where anything else was.
    Retyped,
    /// This text.
    Text(String),
    /// This number.
    Number(i64),
    /// A text of so many bytes.
    Filler(usize),
}

/// How a forged delivery is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForgedSignature {
    /// Not at all.
    None,
    /// With a key that is nobody's.
    Wrong,
    /// With the key of another instance of the same vendor.
    OtherTenant,
    /// With the signatures of the true delivery, whose body is another.
    OtherBody,
}

/// The requests a fault may meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutePattern {
    /// Instance.
    pub app: AppIndex,
    /// Route name; all of the app's routes without one.
    pub route: Option<String>,
}

/// When a fault begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    /// With the Nth request (from 1), up to and including the Mth.
    Nth(u32, u32),
    /// The first time a walk asks for its Nth page (from 1).
    Page(u32),
    /// From a moment on.
    Time(SimTime),
    /// From the beginning: kinds that bend records.
    Always,
}

/// How long a fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// So many requests.
    Requests(u32),
    /// So long, simulated time.
    For(Duration),
    /// To the end.
    Always,
}
