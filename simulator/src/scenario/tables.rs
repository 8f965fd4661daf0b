//! Every key and word of the simulator's half of the language.
//!
//! What a stack owes is not here: its keys are the caller's.

use super::model::Vendor;
use super::table::{Key, Kind, Of, Section, Vocabulary, WordWithKeys};

const DAY_OR_LESS: &str = "40d";
const LONG: &str = "400d";

/// Words that YAML readers differ over: refused as names and as setting values, in any case of letters.
pub const REFUSED_WORDS: [&str; 7] = ["on", "off", "yes", "no", "null", "true", "false"];

/// Most entries of a map or list of entries, so that a hostile file is refused as fast as an honest one is read.
pub const MOST_ENTRIES: usize = 2_000;

/// Most lines of a script.
pub const MOST_STEPS: usize = 10_000;

/// Last day that a time may lie on.
pub const LAST_DAY: i64 = 400;

/// Top level.
#[rustfmt::skip]
pub const TOP: &[Key] = &[
    Key::must("title", Kind::Text, "one sentence, what happens"),
    Key::may("about", Kind::Text, "", "why it matters"),
    Key::may("source", Kind::Urls, "", "where the behaviour is documented"),
    Key::may("seed", Kind::Number { min: 0, max: u64::MAX }, "1", "what is not written is drawn from it and the entry's own name, so a new line changes no other"),
    Key::may("day_1", Kind::Date, "2026-03-02, a Monday", "date of day 1"),
    Key::may("history", Kind::Days { min: 1, max: 400 }, "14d", "ordinary days before day 1"),
    Key::may("people", Kind::Number { min: 0, max: 100_000 }, "20", "generated background people"),
    Key::may("home", Kind::Name(Of::Place), "London", "where anybody lives unless said"),
    Key::must("apps", Kind::Map(Section::App), "vendor instances"),
    Key::may("cast", Kind::Map(Section::Person), "", "people of the story"),
    Key::may("networks", Kind::Map(Section::Network), "", "addresses with a meaning"),
    Key::may("files", Kind::Map(Section::File), "drawn", "what people have made before the story; where any is written, there are no others in any app"),
    Key::may("attacks", Kind::Map(Section::Attack), "", "episodes and their ATT&CK techniques"),
    Key::may("policies", Kind::Map(Section::Policy), "", "the detections in force, handed to the stack in the connections document"),
    Key::may("script", Kind::List(Section::Step), "", "what people do, in order of happening"),
    Key::may("faults", Kind::List(Section::Fault), "", "what goes wrong between vendor and stack"),
    Key::may("stack", Kind::One(Section::Stack), "", "life of the stack's process"),
];

/// An instance.
#[rustfmt::skip]
pub const APP: &[Key] = &[
    Key::may("vendor", Kind::Word(&VENDORS), "the name", "whose service it is; two instances need two names"),
    Key::may("sign_in", Kind::Word(&SIGN_IN), "sso if there is an entra, else password", "where people prove who they are"),
    Key::may("credentials", Kind::Word(&CREDENTIALS), "the vendor's usual one", "kind of access the stack is given: an OAuth app, one whose tokens do not end (miro), an installed app with a key or a fine-grained personal token (github), or a ready token"),
    Key::may("page_size", Kind::Number { min: 1, max: 1_000 }, "the vendor's", "most records a page, whatever is asked"),
    Key::may("token_life", Kind::Duration { min: "1s", max: LONG }, "the vendor's", "life of an access token"),
    Key::may("retention", Kind::Duration { min: "1m", max: "4000d" }, "the vendor's", "how far back the log goes"),
    Key::may("scopes", Kind::Texts, "all that the vendor's stack asks for", "what the stack's access is granted, of what it asks for: scopes, or permissions (`members:read`)"),
    Key::may("profile", Kind::Word(&PROFILES), "current", "a documented variant of the vendor"),
    Key::may("mda_mode", Kind::Word(&MDA_MODES), "dynamic", "what a defender makes of its built-in policies: alerts (legacy_alerts), behaviors for those that are learned, or behaviors and the address policies of the dynamic model"),
];

/// A person of the story, or a group.
#[rustfmt::skip]
pub const PERSON: &[Key] = &[
    Key::may("name", Kind::Text, "drawn", "display name"),
    Key::may("email", Kind::Text, "drawn", "e-mail address; two may share one if their stays do not overlap"),
    Key::may("home", Kind::Name(Of::Place), "the scenario's home", "where they live"),
    Key::may("job", Kind::Text, "drawn", "job title, which makes the peer group"),
    Key::may("kind", Kind::Word(&PERSON_KINDS), "employee", "what they are to the organisation"),
    Key::may("accounts", Kind::Names(Of::App), "all", "apps they have an account in"),
    Key::may("admin_of", Kind::Names(Of::App), "none", "apps they administer"),
    Key::may("logins", Kind::TextByApp, "drawn", "name in an app; `unlinked` is a local account that the directory does not know"),
    Key::may("count", Kind::Number { min: 1, max: 10_000 }, "1", "more than one: a group"),
];

/// A network with a meaning.
#[rustfmt::skip]
pub const NETWORK: &[Key] = &[
    Key::must("in", Kind::Name(Of::Place), "where it really is"),
    Key::may("tags", Kind::Words(&TAGS), "none", "what the feeds say of it"),
    Key::may("known", Kind::Flag, "false", "also in the organisation's own ranges, as told to the stack"),
    Key::may("accuracy", Kind::Number { min: 0, max: 20_000 }, "0", "radius in the geo database, kilometres"),
    Key::may("listed", Kind::Time, "before the history", "when the feeds begin to say that it is risky or a Tor exit"),
    Key::may("delisted", Kind::Time, "never", "when they have it no longer"),
    Key::may("ipv6", Kind::Flag, "false", "its address is one of IPv6"),
];

/// Something that a person has made before the story.
#[rustfmt::skip]
pub const FILE: &[Key] = &[
    Key::must("app", Kind::Name(Of::App), "where it lies: a board, a post, a page in a repository, a file in the drive of a directory"),
    Key::must("owner", Kind::Name(Of::Person), "whose it is"),
    Key::may("holds", Kind::Word(&HOLDINGS), "nothing", "what stands in it beside ordinary sentences"),
    Key::may("shared", Kind::Word(&SHARINGS), "team", "who may see it"),
];

/// Keys that every policy has.
#[rustfmt::skip]
pub const POLICY: &[Key] = &[
    Key::may("created", Kind::Time, "before the history", "earlier activities do not count"),
    Key::may("severity", Kind::Word(&SEVERITIES), "medium", "severity of its alerts"),
    Key::may("action", Kind::Words(&ACTIONS), "none", "what the stack is told to do on an alert"),
    Key::may("actions_per_hour", Kind::Number { min: 1, max: 100_000 }, "no brake", "most actions in an hour"),
    Key::may("except", Kind::Names(Of::Person), "nobody", "people on whom the actions are never taken; their alerts are raised all the same"),
    Key::may("dry_run", Kind::Flag, "false", "say which actions would be taken, and take none"),
];

/// The key that makes a policy a custom one.
pub const CUSTOM_POLICY_KEY: &str = "activity";

/// A custom policy: activities that pass a filter, so many in so long a time.
#[rustfmt::skip]
pub const CUSTOM_POLICY: &[Key] = &[
    Key::must(CUSTOM_POLICY_KEY, Kind::Word(&VERBS), "what is done"),
    Key::may("app", Kind::Name(Of::App), "any", "where"),
    Key::may("result", Kind::Word(&CUSTOM_RESULTS), "any", "how a sign-in ends"),
    Key::may("object", Kind::Text, "any", "to what; may end in `*`"),
    Key::may("with", Kind::Text, "any", "whom it is shared with: anyone, or a domain"),
    Key::may("at_least", Kind::Number { min: 1, max: 1_000_000 }, "1", "the activity that fires"),
    Key::may("within", Kind::Duration { min: "1s", max: DAY_OR_LESS }, "1h", "window that they lie in"),
    Key::may("per", Kind::Words(&CUSTOM_PER), "[actor]", "what is counted apart"),
    Key::may("distinct", Kind::Flag, "false", "count objects, not activities"),
];

/// Policies that are built, with their parameters.
#[rustfmt::skip]
pub const BUILT_POLICIES: &[WordWithKeys] = &[
    WordWithKeys {
        name: "impossible_travel",
        meaning: "D04: two places too far apart for the time between them",
        keys: &[
            Key::may("speed", Kind::Number { min: 1, max: 100_000 }, "900", "km/h; faster is impossible"),
            Key::may("distance", Kind::Number { min: 0, max: 20_100 }, "500", "km; nearer is never judged"),
            Key::may("any_activity", Kind::Flag, "false", "judge every activity, not sign-ins alone"),
            Key::may("sensitivity", Kind::Word(&SENSITIVITIES), "medium", "high judges journeys between two corporate networks as well"),
            Key::may("learning_days", Kind::Number { min: 0, max: 90 }, "0", "days from a person's first sign-in on in which nothing is said"),
        ],
    },
    WordWithKeys {
        name: "multiple_failed_logins",
        meaning: "D06: many credential failures of one person in one app",
        keys: &[
            Key::may("at_least", Kind::Number { min: 1, max: 1_000_000 }, "11", "the failure that fires: 11 means the eleventh"),
            Key::may("within", Kind::Duration { min: "1s", max: DAY_OR_LESS }, "5m", "window that they lie in"),
            Key::may("per", Kind::Words(&PER), "[actor, app]", "what is counted apart"),
        ],
    },
    WordWithKeys {
        name: "activity_from_anonymous_ip",
        meaning: "D01: an address that hides who is behind it: a Tor exit or a public proxy",
        keys: &[],
    },
    WordWithKeys {
        name: "activity_from_suspicious_ip",
        meaning: "D02: an address that the feeds call risky, or that guessed at many people's passwords before",
        keys: &[
            Key::may("failures", Kind::Number { min: 1, max: 1_000_000 }, "20", "wrong credentials within a day that make an address suspicious"),
            Key::may("accounts", Kind::Number { min: 1, max: 1_000_000 }, "10", "of so many people"),
        ],
    },
    WordWithKeys {
        name: "activity_from_infrequent_country",
        meaning: "D03: a country that is new to a person",
        keys: &[LEARNING_DAYS, LOOK_BACK],
    },
    WordWithKeys {
        name: "activity_by_terminated_user",
        meaning: "D05: somebody works whom the directory has deleted",
        keys: &[
            Key::may("grace", Kind::Duration { min: "0s", max: "1d" }, "15m", "time after the deletion in which nothing is said"),
        ],
    },
    WordWithKeys {
        name: "unusual_administrative_activity",
        meaning: "D07: an administrator does what he has never done, or far more than usual",
        keys: &[
            Key::may("at_least", Kind::Number { min: 1, max: 1_000_000 }, "21", "the administrative deed that fires"),
            Key::may("within", Kind::Duration { min: "1s", max: DAY_OR_LESS }, "1h", "window that they lie in"),
            LEARNING_DAYS,
            LOOK_BACK,
        ],
    },
    WordWithKeys {
        name: "unusual_impersonated_activity",
        meaning: "D08: somebody acts as somebody else, for the first time or again and again",
        keys: &[
            Key::may("at_least", Kind::Number { min: 1, max: 1_000_000 }, "11", "the impersonation that fires"),
            Key::may("within", Kind::Duration { min: "1s", max: DAY_OR_LESS }, "1h", "window that they lie in"),
            LEARNING_DAYS,
            LOOK_BACK,
        ],
    },
    WordWithKeys {
        name: "mfa_fatigue",
        meaning: "D10: prompts for the second factor, denied or unanswered again and again",
        keys: &[
            Key::may("at_least", Kind::Number { min: 1, max: 1_000_000 }, "5", "the prompt that fires"),
            Key::may("within", Kind::Duration { min: "1s", max: DAY_OR_LESS }, "10m", "window that they lie in, without a success between"),
        ],
    },
    WordWithKeys {
        name: "mass_download",
        meaning: "D11: many things taken out of one app in a short time",
        keys: &[
            Key::may("at_least", Kind::Number { min: 1, max: 1_000_000 }, "51", "the thing that fires: 51 means the fifty-first"),
            Key::may("within", Kind::Duration { min: "1s", max: DAY_OR_LESS }, "1m", "window that they lie in"),
        ],
    },
    WordWithKeys {
        name: "mass_deletion",
        meaning: "D12: many things deleted in a short time",
        keys: &[
            Key::may("at_least", Kind::Number { min: 1, max: 1_000_000 }, "31", "the thing that fires: 31 means the thirty-first"),
            Key::may("within", Kind::Duration { min: "1s", max: DAY_OR_LESS }, "10m", "window that they lie in"),
        ],
    },
    WordWithKeys {
        name: "unusual_external_sharing",
        meaning: "D13: many things shared with a domain that is new to whoever shares",
        keys: &[
            Key::may("at_least", Kind::Number { min: 1, max: 1_000_000 }, "10", "the thing that fires: 10 means the tenth"),
            Key::may("within", Kind::Duration { min: "1s", max: DAY_OR_LESS }, "1h", "window that they lie in"),
            LOOK_BACK,
        ],
    },
    WordWithKeys {
        name: "new_oauth_app_broad_scope",
        meaning: "D14: an application that nobody used before is given much",
        keys: &[LOOK_BACK],
    },
    WordWithKeys {
        name: "mfa_or_sso_disabled",
        meaning: "D16: the second factor or single sign-on of an organisation is switched off",
        keys: &[],
    },
    WordWithKeys {
        name: "privilege_escalation_to_owner",
        meaning: "D17: somebody becomes an owner or administrator",
        keys: &[],
    },
    WordWithKeys {
        name: "public_repo_or_content_exposure",
        meaning: "D18: something is opened to everybody",
        keys: &[],
    },
    WordWithKeys {
        name: "deactivated_user_reactivated",
        meaning: "D23: a suspended account is brought back by hand",
        keys: &[],
    },
    WordWithKeys {
        name: "sensitive_content",
        meaning: "a file policy: a card number or a credential stands in a board, a post, a repository or a file",
        keys: &[],
    },
    WordWithKeys {
        name: "password_spray",
        meaning: "D09: one address guesses at many people's passwords, a few times each",
        keys: &[
            Key::may("accounts", Kind::Number { min: 2, max: 1_000_000 }, "10", "so many people are guessed at"),
            Key::may("attempts", Kind::Number { min: 1, max: 1_000_000 }, "8", "the most guesses at any of them"),
            Key::may("within", Kind::Duration { min: "1s", max: DAY_OR_LESS }, "1h", "window that the guesses lie in"),
        ],
    },
    WordWithKeys {
        name: "secret_scanning_or_push_protection_bypass",
        meaning: "D19: what keeps secrets out of repositories is passed by, or switched off",
        keys: &[],
    },
    WordWithKeys {
        name: "audit_log_streaming_disabled",
        meaning: "D20: the stream that carries the audit log elsewhere ends, or leads somewhere else",
        keys: &[
            Key::may("rotation", Kind::Duration { min: "0s", max: "1d" }, "15m", "a stream to the same sink, made anew sooner than this, is the old one"),
        ],
    },
    WordWithKeys {
        name: "pat_created_by_dormant_user",
        meaning: "D21: somebody who did nothing in an app for long makes a token there",
        keys: &[
            Key::may("dormant", Kind::Duration { min: "1h", max: LONG }, "60d", "who did nothing for so long is dormant; write `created`, so that every stack begins to learn at one time"),
            Key::may("warm_up", Kind::Duration { min: "0s", max: DAY_OR_LESS }, "3d", "a token counts that is made so soon after the first activity"),
        ],
    },
    WordWithKeys {
        name: "token_theft_session_replay",
        meaning: "D15: one session or token, used from two addresses with two kinds of client",
        keys: &[
            Key::may("within", Kind::Duration { min: "1s", max: DAY_OR_LESS }, "1d", "time that the two uses lie in"),
        ],
    },
    WordWithKeys {
        name: "impossible_user_agent_change",
        meaning: "D22: a session goes on with another operating system, or with a script",
        keys: &[
            Key::may("within", Kind::Duration { min: "1s", max: DAY_OR_LESS }, "1h", "time that the two uses lie in"),
        ],
    },
    WordWithKeys {
        name: "chain",
        meaning: "incident: alerts of several policies about one person, which tell of an account taken over",
        keys: &[
            Key::may("at_least", Kind::Number { min: 2, max: 7 }, "2", "so many policies make an incident"),
            Key::may("within", Kind::Duration { min: "1s", max: DAY_OR_LESS }, "1d", "window that they lie in"),
        ],
    },
];

/// How long somebody is learned.
const LEARNING_DAYS: Key = Key::may(
    "learning_days",
    Kind::Number { min: 0, max: 90 },
    "7",
    "days from a person's first record on in which nothing is called new; write `created`, so that every stack begins to learn at one time",
);
/// How long what somebody did is remembered.
const LOOK_BACK: Key =
    Key::may("look_back", Kind::Duration { min: "1h", max: DAY_OR_LESS }, "30d", "what is older is forgotten");

/// Keys of policies that are in the language and not built yet.
pub const PLANNED_POLICY_KEYS: &[Key] = &[Key::planned("mode")];

/// A line of the script.
#[rustfmt::skip]
pub const STEP: &[Key] = &[
    Key::must("at", Kind::StepTime, "when it happens; `+84m` counts from the line before"),
    Key::must("does", Kind::Word(&VERBS), "what is done"),
    Key::may("actor", Kind::Name(Of::Person), "it_admin for lifecycle verbs, else it has to be written", "whose account the vendor's record names"),
    Key::may("app", Kind::Name(Of::App), "the only one", "where; hire and terminate need none"),
    Key::may("from", Kind::Name(Of::PlaceOrNetwork), "home; has to be written with attack", "where the request comes from"),
    Key::may("using", Kind::Name(Of::Holder), "laptop; with attack unknown_device", "what holds the request: laptop, phone, unknown_device, stolen_session, token, or an app from grant_app"),
    Key::may("agent", Kind::Text, "that of the device", "the request's user agent; `none` for a request without one"),
    Key::may("result", Kind::Word(&RESULTS), "success", "how a sign-in ends"),
    Key::may("target", Kind::Name(Of::Person), "", "a person acted upon"),
    Key::may("object", Kind::Text, "", "a thing; without it every repetition takes another"),
    Key::may("to", Kind::Text, "", "the new value, for set_visibility, change_setting, rename, change_email, and for an `event` that has one"),
    Key::may("with", Kind::Text, "anyone", "whom it is shared with: anyone, or a domain"),
    Key::may("setting", Kind::Text, "", "the setting that is changed"),
    Key::may("role", Kind::Text, "", "the new role"),
    Key::may("scopes", Kind::Texts, "", "what a token or app may do"),
    Key::may("name", Kind::Text, "", "the vendor's name of the event, for `event`"),
    Key::may("times", Kind::Number { min: 1, max: 100_000 }, "1", "repetitions of each person"),
    Key::may("over", Kind::Duration { min: "0s", max: DAY_OR_LESS }, "has to be written for more than one", "time between the first and the last, evenly spread"),
    Key::may("late", Kind::Duration { min: "0s", max: LONG }, "the vendor's delay", "shown by the API this long after it happened"),
    Key::may("attack", Kind::Name(Of::Attack), "none: benign", "the episode it is part of"),
    Key::may("id", Kind::NewName, "none", "so that others can point here"),
];

/// What a verb wants beside the keys that every step has: `(key, whether it has to be written)`.
pub type VerbKeys = &'static [(&'static str, super::table::Need)];

/// The keys of [`STEP`] that only some verbs take.
pub const KEYS_BY_VERB: [&str; 8] = ["target", "object", "to", "with", "setting", "role", "scopes", "name"];

/// Which of [`KEYS_BY_VERB`] a verb takes.
pub const fn verb_keys(verb: super::model::Verb) -> VerbKeys {
    use super::model::Verb;
    use super::table::Need::{Mandatory, Optional};
    match verb {
        Verb::SignIn
        | Verb::SignOut
        | Verb::EnrollMfa
        | Verb::RemoveMfa
        | Verb::ChangePassword
        | Verb::RevokeSessions => &[],
        Verb::Open
        | Verb::Create
        | Verb::Edit
        | Verb::Upload
        | Verb::Download
        | Verb::Export
        | Verb::Clone
        | Verb::Delete
        | Verb::RevokeToken
        | Verb::RemoveApp => &[("object", Optional)],
        Verb::Share => &[("object", Optional), ("with", Optional)],
        Verb::SetVisibility => &[("object", Optional), ("to", Mandatory)],
        Verb::CreateToken | Verb::GrantApp => &[("object", Optional), ("scopes", Optional)],
        Verb::ChangeSetting => &[("setting", Mandatory), ("to", Mandatory), ("object", Optional)],
        Verb::ChangeRole => &[("target", Mandatory), ("role", Mandatory)],
        Verb::Impersonate | Verb::Hire | Verb::Suspend | Verb::Restore | Verb::Terminate => &[("target", Mandatory)],
        Verb::Rename | Verb::ChangeEmail => &[("target", Mandatory), ("to", Mandatory)],
        Verb::Event => &[("name", Mandatory), ("object", Optional), ("target", Optional), ("to", Optional)],
    }
}

/// Keys that every fault has.
#[rustfmt::skip]
pub const FAULT: &[Key] = &[
    Key::must("fault", Kind::Word(&FAULTS), "what goes wrong"),
    Key::may("route", Kind::Route, "has to be written unless the kind has no request", "the requests it meets: `APP.ROUTE`, or `APP` for all of its routes"),
    Key::may("nth", Kind::Range, "", "the Nth request of that route in the run, retries and restarts counted"),
    Key::may("page", Kind::Number { min: 1, max: 1_000_000 }, "", "the first time a walk asks for its Nth page; the app needs a page_size"),
    Key::may("at", Kind::Time, "", "from that moment"),
    Key::may("times", Kind::Number { min: 1, max: 1_000_000 }, "1", "how many requests it meets"),
    Key::may("for", Kind::Duration { min: "1ms", max: LONG }, "has to be written with at, unless instant", "how long it lasts"),
    Key::may("app", Kind::Name(Of::App), "all", "whose records are bent, for kinds that bend records"),
    Key::may("records", Kind::Names(Of::Step), "all", "ids of the steps whose records are bent"),
];

/// Kinds of fault that are built, with their parameters.
#[rustfmt::skip]
pub const BUILT_FAULTS: &[WordWithKeys] = &[
    WordWithKeys { name: "error", meaning: "an answer with this status in place of the right one", keys: &[
        Key::must("status", Kind::Number { min: 400, max: 599 }, "HTTP status"),
        Key::may("body", Kind::Word(&ERROR_BODIES), "vendor", "form of the body"),
        Key::may("retry_after", Kind::Duration { min: "0s", max: "1d" }, "none", "how long the client is asked to wait"),
    ] },
    WordWithKeys { name: "throttle", meaning: "the vendor's refusal for too many requests", keys: &[
        Key::may("retry_after", Kind::Duration { min: "0s", max: "1d" }, "60s", "how long the client is asked to wait"),
        Key::may("form", Kind::Word(&RETRY_AFTER_FORMS), "vendor; seconds when retry_after is given", "how that is said"),
        Key::may("limit", Kind::Word(&THROTTLED_BY), "usual", "in whose name: the limit that the headers tell of, or one beside it, while they speak of a whole budget (github)"),
    ] },
    WordWithKeys { name: "hang", meaning: "no answer", keys: &[] },
    WordWithKeys { name: "slow", meaning: "the answer comes later", keys: &[
        Key::must("by", Kind::Duration { min: "1ms", max: "1d" }, "delay"),
    ] },
    WordWithKeys { name: "lose_answer", meaning: "done, and the connection closes without a byte of the answer", keys: &[] },
    WordWithKeys { name: "reset", meaning: "the connection closes without effect and without a byte", keys: &[] },
    WordWithKeys { name: "idle_close", meaning: "a connection that was kept open and idle is closed, as the next request on it finds; a request on a new one is never met", keys: &[
        Key::may("after", Kind::Duration { min: "1ms", max: "1d" }, "5s", "how long it was idle at least, simulated time"),
    ] },
    WordWithKeys { name: "no_effect", meaning: "answered as done, nothing done", keys: &[] },
    WordWithKeys { name: "expire_token", meaning: "the access token of the request stops being valid before it is looked at", keys: &[] },
    WordWithKeys { name: "revoke_grant", meaning: "the grant behind the token is withdrawn by an administrator", keys: &[] },
    WordWithKeys { name: "repeat_cursor", meaning: "the page's own cursor is given as the next one", keys: &[] },
    WordWithKeys { name: "empty_page", meaning: "an empty page with a cursor that goes on", keys: &[] },
    WordWithKeys { name: "cycle_cursor", meaning: "the cursor of the page before is given as the next one: two pages lead to each other", keys: &[] },
    WordWithKeys { name: "expire_cursor", meaning: "the cursor of the request is refused, until the walk begins anew", keys: &[] },
    WordWithKeys { name: "empty_cursor", meaning: "a last page has an empty cursor in place of none", keys: &[] },
    WordWithKeys { name: "foreign_next_link", meaning: "the next link leads to another host, which records whether a token is sent there, or to the same without encryption", keys: &[
        Key::may("to", Kind::Word(&LINKED_TO), "other_host", "where it leads; to clear_text the vendors are served with TLS"),
    ] },
    WordWithKeys { name: "new_records", meaning: "records arrive right before the page is served", keys: &[
        Key::may("count", Kind::Number { min: 1, max: 1_000 }, "3", "how many"),
    ] },
    WordWithKeys { name: "odd_expiry", meaning: "the token answer says something odd in `expires_in`", keys: &[
        Key::may("form", Kind::Word(&EXPIRY_FORMS), "missing", "what it says"),
    ] },
    WordWithKeys { name: "cut_body", meaning: "the connection closes in the middle of the body", keys: &[
        Key::may("percent", Kind::Number { min: 0, max: 99 }, "60", "how much of the body is sent"),
        Key::may("framing", Kind::Word(&FRAMINGS), "content_length", "how the end of the body was announced"),
    ] },
    WordWithKeys { name: "drip", meaning: "the body comes in small pieces", keys: &[
        Key::must("over", Kind::Duration { min: "1ms", max: "1d" }, "time from the first piece to the last"),
    ] },
    WordWithKeys { name: "late", meaning: "records are shown this much later", keys: &[
        Key::must("by", Kind::Duration { min: "1s", max: LONG }, "delay after they happened"),
    ] },
    WordWithKeys { name: "redeliver", meaning: "records are shown again, with their first ids", keys: &[
        Key::must("after", Kind::Duration { min: "1s", max: LONG }, "delay after the first showing"),
    ] },
    WordWithKeys { name: "alter_record", meaning: "a field of records is not what it should be", keys: &[
        Key::must("field", Kind::Text, "the field, by its path: `context.ip`"),
        Key::must("becomes", Kind::Text, "missing, nothing (null), retyped (a number for a text, a text for all else), or what it says then"),
        Key::may("as", Kind::Word(&WRITTEN_AS), "text", "how what it says is written: as a text, as a whole number, or as a text of so many bytes (filler, at most 4000000)"),
    ] },
    WordWithKeys { name: "clock", meaning: "the app's clock is wrong: times of its records and tokens and its Date header shift", keys: &[
        Key::must("by", Kind::Shift { most: "1d" }, "how far it is ahead; with a minus, behind"),
    ] },
    WordWithKeys { name: "lose_delivery", meaning: "a webhook delivery is never made, and the vendor takes it for made", keys: &[] },
    WordWithKeys { name: "forge", meaning: "somebody without the key makes a webhook delivery of his own, beside the one that is met", keys: &[
        Key::may("signature", Kind::Word(&FORGED_SIGNATURES), "none", "how it is signed: not at all, with nobody's key, with another tenant's, with the signatures of the true body"),
    ] },
    WordWithKeys { name: "replay", meaning: "a webhook delivery is made once more by somebody who overheard it, byte for byte", keys: &[
        Key::must("after", Kind::Duration { min: "1s", max: LONG }, "delay after the delivery that is met"),
    ] },
    WordWithKeys { name: "duplicate", meaning: "the vendor makes a webhook delivery twice", keys: &[] },
    WordWithKeys { name: "reorder", meaning: "a webhook delivery is made after the one that follows it, or after an hour if none does", keys: &[] },
    WordWithKeys { name: "newest_signature", meaning: "a webhook delivery carries the newest of the vendor's signatures alone", keys: &[] },
    WordWithKeys { name: "unsubscribe", meaning: "the vendor ends the subscription in place of making the webhook delivery", keys: &[] },
    WordWithKeys { name: "reverse_events", meaning: "the events of a webhook delivery stand in it the other way round", keys: &[] },
    WordWithKeys { name: "repeat_event", meaning: "the first event of a webhook delivery stands in it twice", keys: &[] },
    WordWithKeys { name: "spoil_event", meaning: "null stands in the place of the first event of a webhook delivery", keys: &[] },
    WordWithKeys { name: "foreign_subscription", meaning: "somebody else subscribes to the topic, which has one address, right before the request is looked at; he is sent nothing that anybody sees", keys: &[] },
    WordWithKeys { name: "large_page", meaning: "a page for which more records are asked (`limit`) than the vendor gives just now is refused; it meets no others", keys: &[
        Key::must("most", Kind::Number { min: 1, max: 1_000 }, "so many records are given at once"),
    ] },
    WordWithKeys { name: "redirect", meaning: "the answer is that it lies elsewhere; another host records whether a token is sent there", keys: &[
        Key::may("to", Kind::Word(&REDIRECTED_TO), "other_host", "where it is said to lie"),
        Key::may("status", Kind::Number { min: 301, max: 308 }, "302", "301, 302, 303, 307 or 308"),
    ] },
    WordWithKeys { name: "gzip", meaning: "the body is packed; meets those alone who accept that", keys: &[
        Key::may("form", Kind::Word(&PACKINGS), "whole", "rightly; in several members; without its end; or so that it is 256 MB of blanks once unpacked"),
    ] },
    WordWithKeys { name: "heavy_window", meaning: "the answer takes the longer the wider the window is that is asked for", keys: &[
        Key::must("per_day", Kind::Duration { min: "1ms", max: "1h" }, "how long for each day of the window"),
    ] },
    WordWithKeys { name: "same_ids", meaning: "event ids are drawn from the moment alone: what two instances write down at one moment has one id", keys: &[] },
    WordWithKeys { name: "bad_certificate", meaning: "the vendor, served with TLS, shows a certificate that must not be trusted; it meets connections", keys: &[
        Key::may("flaw", Kind::Word(&FLAWS), "self_signed", "what is wrong with it"),
    ] },
    WordWithKeys { name: "crowd", meaning: "answers take their time, and a request that comes while too many are under way is refused", keys: &[
        Key::must("most", Kind::Number { min: 1, max: 1_000 }, "so many requests of the instance are borne at once"),
        Key::must("takes", Kind::Duration { min: "1ms", max: "1h" }, "how long each answer takes"),
        Key::may("retry_after", Kind::Duration { min: "0s", max: "1d" }, "5s", "how long who is refused is asked to wait"),
    ] },
];

/// Kinds that bend records and meet no request.
pub const RECORD_FAULTS: [&str; 5] = ["late", "redeliver", "alter_record", "clock", "same_ids"];

/// Kinds that strike webhook deliveries and nothing else.
pub const DELIVERY_FAULTS: [&str; 10] = [
    "lose_delivery",
    "forge",
    "replay",
    "duplicate",
    "reorder",
    "newest_signature",
    "unsubscribe",
    "reverse_events",
    "repeat_event",
    "spoil_event",
];

/// Kinds that strike requests, and webhook deliveries as well: the vendor's side of those is that of a client.
pub const FAULTS_OF_DELIVERIES_TOO: [&str; 3] = ["slow", "lose_answer", "reset"];

/// Vendors that refuse a page because so much was asked for; the others serve fewer records. Of Graph:
/// <https://github.com/airbytehq/airbyte/issues/25383>.
pub const REFUSES_LARGE_PAGES: [Vendor; 1] = [Vendor::Workplace];

/// Kinds that strike a page of a walk.
pub const PAGE_FAULTS: [&str; 7] = [
    "repeat_cursor",
    "empty_page",
    "cycle_cursor",
    "expire_cursor",
    "empty_cursor",
    "foreign_next_link",
    "new_records",
];

/// Kinds that begin with a page alone, for a request told otherwise may be one that they cannot strike; and the first
/// page that they can.
pub const FIRST_PAGE: [(&str, u32); 4] =
    [("cycle_cursor", 3), ("expire_cursor", 2), ("foreign_next_link", 2), ("new_records", 2)];

/// Kinds that are over as soon as they happened.
pub const INSTANT_FAULTS: [&str; 2] = ["expire_token", "revoke_grant"];

/// Life of the stack's process.
#[rustfmt::skip]
pub const STACK: &[Key] = &[
    Key::may("starts", Kind::Time, "day 1 00:00", "when the process begins"),
    Key::may("ends", Kind::Time, "1h after the last script record is readable; day 2 00:00 without a script", "when background and faults end"),
    Key::may("timezone", Kind::Text, "UTC", "zone of the stack's process"),
];

/// Vendors.
pub static VENDORS: Vocabulary = Vocabulary { what: "vendor", words: &Vendor::WORDS, planned: &[] };
/// Where people prove who they are.
pub static SIGN_IN: Vocabulary = Vocabulary { what: "sign_in", words: &["sso", "password"], planned: &[] };
/// Kinds of access.
pub static CREDENTIALS: Vocabulary = Vocabulary {
    what: "credentials",
    words: &["app", "lasting_app", "installation", "fine_grained", "token"],
    planned: &[],
};
/// Documented variants of vendors.
pub static PROFILES: Vocabulary = Vocabulary {
    what: "profile",
    words: &["current", "read_only", "gone", "admin_center", "server", "all_tenants"],
    planned: &[],
};
/// What Defender for Cloud Apps makes of its built-in policies.
pub static MDA_MODES: Vocabulary =
    Vocabulary { what: "mda_mode", words: &["dynamic", "behaviors", "legacy_alerts"], planned: &[] };
/// What a person is to the organisation.
pub static PERSON_KINDS: Vocabulary =
    Vocabulary { what: "kind of person", words: &["employee", "guest", "service"], planned: &[] };
/// What the feeds say of an address.
#[rustfmt::skip]
pub static TAGS: Vocabulary = Vocabulary {
    what: "tag",
    words: &["corporate", "vpn_corporate", "vpn_consumer", "tor", "public_proxy", "hosting", "mobile_carrier", "satellite",
        "private_relay", "risky"],
    planned: &[],
};
/// Severities, least first.
pub static SEVERITIES: Vocabulary =
    Vocabulary { what: "severity", words: &["informational", "low", "medium", "high", "critical"], planned: &[] };
/// Sensitivities of a policy.
pub static SENSITIVITIES: Vocabulary =
    Vocabulary { what: "sensitivity", words: &["low", "medium", "high"], planned: &[] };
/// What may stand in a file.
pub static HOLDINGS: Vocabulary = Vocabulary {
    what: "content",
    words: &["nothing", "card_number", "no_card_number", "cloud_key", "password"],
    planned: &[],
};
/// Who may see a file.
pub static SHARINGS: Vocabulary =
    Vocabulary { what: "sharing", words: &["private", "team", "organisation", "public"], planned: &[] };
/// What a repeated activity is counted by.
pub static PER: Vocabulary = Vocabulary { what: "counting key", words: &["actor", "app"], planned: &[] };
/// What a custom policy counts apart.
pub static CUSTOM_PER: Vocabulary =
    Vocabulary { what: "counting key", words: &["actor", "app", "object"], planned: &[] };
/// How a custom policy's sign-ins end: let in, or not for a wrong name, password or code.
pub static CUSTOM_RESULTS: Vocabulary = Vocabulary { what: "result", words: &["success", "failure"], planned: &[] };
/// What a stack can be told to do.
#[rustfmt::skip]
pub static ACTIONS: Vocabulary = Vocabulary {
    what: "action",
    words: &["suspend", "require_sign_in", "notify", "remove_member", "revoke_token", "revoke_app", "quarantine", "trash",
        "close_alert"],
    planned: &["unsuspend", "confirm_compromised", "reset_password", "ban_app", "make_private"],
};
/// Policies.
#[rustfmt::skip]
pub static POLICIES: Vocabulary = Vocabulary {
    what: "policy",
    words: &["impossible_travel", "multiple_failed_logins", "activity_from_anonymous_ip", "activity_from_suspicious_ip",
        "activity_from_infrequent_country", "activity_by_terminated_user", "unusual_administrative_activity",
        "unusual_impersonated_activity", "mfa_fatigue", "mass_download", "mass_deletion",
        "unusual_external_sharing", "new_oauth_app_broad_scope", "mfa_or_sso_disabled", "privilege_escalation_to_owner",
        "public_repo_or_content_exposure", "deactivated_user_reactivated", "sensitive_content", "password_spray",
        "secret_scanning_or_push_protection_bypass", "audit_log_streaming_disabled", "pat_created_by_dormant_user",
        "token_theft_session_replay", "impossible_user_agent_change", "chain"],
    planned: &[],
};
/// Verbs. Whether a vendor logs one is the vendor's to say.
#[rustfmt::skip]
pub static VERBS: Vocabulary = Vocabulary {
    what: "verb",
    words: &["sign_in", "sign_out", "open", "create", "edit", "upload", "download", "export", "clone", "delete", "share",
        "set_visibility", "create_token", "revoke_token", "grant_app", "remove_app", "enroll_mfa", "remove_mfa",
        "change_password", "change_setting", "change_role", "impersonate", "hire", "suspend", "restore", "terminate", "rename",
        "change_email", "event"],
    planned: &[],
};
/// What holds a request, beside apps that were granted access.
pub static DEVICES: Vocabulary = Vocabulary {
    what: "device",
    words: &["laptop", "phone", "unknown_device", "stolen_session", "token"],
    planned: &[],
};
/// How a sign-in ends.
#[rustfmt::skip]
pub static RESULTS: Vocabulary = Vocabulary {
    what: "result",
    words: &["success", "wrong_password", "unknown_user", "wrong_code", "mfa_denied", "mfa_unanswered", "blocked", "locked"],
    planned: &[],
};
/// Kinds of fault.
#[rustfmt::skip]
pub static FAULTS: Vocabulary = Vocabulary {
    what: "fault",
    words: &["error", "throttle", "hang", "slow", "lose_answer", "reset", "idle_close", "no_effect", "expire_token", "revoke_grant",
        "repeat_cursor", "empty_page", "cycle_cursor", "expire_cursor", "empty_cursor", "foreign_next_link", "new_records",
        "odd_expiry", "cut_body", "drip", "late", "redeliver", "alter_record", "clock", "lose_delivery", "forge", "replay",
        "duplicate", "reorder", "newest_signature", "unsubscribe", "reverse_events", "repeat_event", "spoil_event",
        "foreign_subscription", "large_page", "redirect", "gzip",
        "heavy_window", "same_ids", "bad_certificate", "crowd"],
    planned: &["shuffle_batch", "fail_batch_item"],
};
/// How a forged delivery is signed. A right SHA-1 alone is planned and no forgery: whoever can make it has the key.
pub static FORGED_SIGNATURES: Vocabulary =
    Vocabulary { what: "signature", words: &["none", "wrong", "other_tenant", "other_body"], planned: &["sha1_only"] };
/// What a token answer may say of its life.
pub static EXPIRY_FORMS: Vocabulary =
    Vocabulary { what: "form", words: &["missing", "zero", "text", "negative"], planned: &[] };
/// Where a next link leads.
pub static LINKED_TO: Vocabulary = Vocabulary { what: "to", words: &["other_host", "clear_text"], planned: &[] };
/// Where a request is sent on to.
pub static REDIRECTED_TO: Vocabulary = Vocabulary { what: "to", words: &["other_host", "itself"], planned: &[] };
/// How a body is packed.
pub static PACKINGS: Vocabulary =
    Vocabulary { what: "form", words: &["whole", "members", "cut", "bomb"], planned: &[] };
/// What is wrong with a certificate.
pub static FLAWS: Vocabulary =
    Vocabulary { what: "flaw", words: &["self_signed", "expired", "wrong_host"], planned: &[] };
/// How what an altered field says is written.
pub static WRITTEN_AS: Vocabulary = Vocabulary { what: "as", words: &["text", "number", "filler"], planned: &[] };
/// How the end of a body is announced.
pub static FRAMINGS: Vocabulary = Vocabulary { what: "framing", words: &["content_length", "chunked"], planned: &[] };
/// Bodies of an injected error.
pub static ERROR_BODIES: Vocabulary =
    Vocabulary { what: "body", words: &["vendor", "html", "empty", "error_in_200"], planned: &[] };
/// In which limit's name a client is throttled.
pub static THROTTLED_BY: Vocabulary = Vocabulary { what: "limit", words: &["usual", "secondary"], planned: &[] };
/// How a throttled client is told to wait.
pub static RETRY_AFTER_FORMS: Vocabulary =
    Vocabulary { what: "form", words: &["vendor", "seconds", "http_date", "fraction", "zero", "none"], planned: &[] };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{Credentials, Holding, MdaMode, NetworkTag, Outcome, Sharing, VendorProfile, Verb};

    #[test]
    fn the_words_of_the_tables_are_the_words_of_the_model() {
        assert_eq!(VERBS.words, Verb::WRITABLE.map(|(_, word)| word));
        assert_eq!(RESULTS.words, Outcome::WRITABLE.map(|(_, word)| word));
        assert_eq!(TAGS.words, NetworkTag::ALL.map(|(_, word)| word));
        assert_eq!(HOLDINGS.words, Holding::ALL.map(|(_, word)| word));
        assert_eq!(SHARINGS.words, Sharing::ALL.map(|(_, word)| word));
        assert_eq!(PROFILES.words, VendorProfile::ALL.map(|(_, word, _)| word));
        assert_eq!(CREDENTIALS.words, Credentials::ALL.map(|(_, word)| word));
        assert_eq!(MDA_MODES.words, MdaMode::ALL.map(|(_, word)| word));
    }

    #[test]
    fn words_with_keys_are_the_words_of_their_vocabulary() {
        for (vocabulary, entries) in [(&FAULTS, BUILT_FAULTS), (&POLICIES, BUILT_POLICIES)] {
            let names: Vec<&str> = entries.iter().map(|e| e.name).collect();
            assert_eq!(vocabulary.words, names, "{}", vocabulary.what);
        }
    }
}
