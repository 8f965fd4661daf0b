//! The language as data: which keys an entry may have, what their values look like, what is so when they are missing.
//!
//! The reader checks with these tables, near misses are looked up in them, and the JSON Schema is printed from them, so
//! none of the three can say something that the others do not.

/// A key of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What its value looks like.
    pub kind: Kind,
    /// Whether it has to be written.
    pub need: Need,
    /// What is so when it is not written, in words; empty when then there is nothing.
    pub default: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// Whether a key has to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Always.
    Mandatory,
    /// No.
    Optional,
}

impl Key {
    /// A key that has to be written.
    pub const fn must(name: &'static str, kind: Kind, meaning: &'static str) -> Self {
        Self { name, kind, need: Need::Mandatory, default: "", meaning }
    }

    /// A key that may be written.
    pub const fn may(name: &'static str, kind: Kind, default: &'static str, meaning: &'static str) -> Self {
        Self { name, kind, need: Need::Optional, default, meaning }
    }
}

impl Key {
    /// A key that is in the language and not built yet.
    pub const fn planned(name: &'static str) -> Self {
        Self { name, kind: Kind::Planned, need: Need::Optional, default: "", meaning: "not built yet" }
    }

    /// Whether it can be written.
    pub fn is_built(&self) -> bool {
        self.kind != Kind::Planned
    }
}

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A sentence or a name of the author's own.
    Text,
    /// One text or a list of them.
    Texts,
    /// A web address or a list of them.
    Urls,
    /// A whole number.
    Number {
        /// Least.
        min: u64,
        /// Most.
        max: u64,
    },
    /// `true` or `false`.
    Flag,
    /// `250ms`, `40m`, `1h30m`, `7d`.
    Duration {
        /// Least, as it is written.
        min: &'static str,
        /// Most, as it is written.
        max: &'static str,
    },
    /// A duration with or without a minus: `4m`, `-90s`.
    Shift {
        /// Most on either side, as it is written.
        most: &'static str,
    },
    /// A duration of whole days.
    Days {
        /// Least.
        min: u32,
        /// Most.
        max: u32,
    },
    /// `2026-03-02`.
    Date,
    /// `day 2 09:40`, with `:05` and `.250` when needed.
    Time,
    /// A time, or `+84m` after the line before.
    StepTime,
    /// One word of a vocabulary.
    Word(&'static Vocabulary),
    /// One word of a vocabulary, or a list of them.
    Words(&'static Vocabulary),
    /// The name of something.
    Name(Of),
    /// A list of names.
    Names(Of),
    /// A name that is made here.
    NewName,
    /// ATT&CK technique id or a list of them, e.g. `T1078.004`.
    Techniques,
    /// `APP.ROUTE` or `APP`.
    Route,
    /// `N` or `N..M`.
    Range,
    /// A map from the names of apps to texts.
    TextByApp,
    /// A map from names that are made here to entries.
    Map(Section),
    /// A list of entries.
    List(Section),
    /// One entry.
    One(Section),
    /// A file beside this one.
    File,
    /// In the language, not built yet: refused by name.
    Planned,
}

/// What a name may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A city of [`crate::world::PLACES`].
    Place,
    /// A city or a network of the scenario.
    PlaceOrNetwork,
    /// An instance.
    App,
    /// A cast member, a group or `it_admin`.
    Person,
    /// An episode.
    Attack,
    /// A detection in force.
    Policy,
    /// A step with an id.
    Step,
    /// A device, or an app that was granted access earlier.
    Holder,
}

impl Of {
    /// What messages call it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::PlaceOrNetwork => "place",
            Self::App => "app",
            Self::Person => "person",
            Self::Attack => "attack",
            Self::Policy => "policy",
            Self::Step => "id",
            Self::Holder => "device or app",
        }
    }
}

/// A kind of entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// An entry of `apps`.
    App,
    /// An entry of `cast`.
    Person,
    /// An entry of `networks`.
    Network,
    /// An entry of `files`.
    File,
    /// An entry of `attacks`: techniques, no map.
    Attack,
    /// An entry of `policies`.
    Policy,
    /// A line of `script`.
    Step,
    /// A line of `faults`.
    Fault,
    /// The entry `stack`.
    Stack,
    /// A line of a list that the caller reads.
    Foreign(&'static str),
}

/// A closed set of words.
#[derive(Debug, PartialEq, Eq)]
pub struct Vocabulary {
    /// What one of them is called in messages: `verb`, `fault`.
    pub what: &'static str,
    /// Words that can be written.
    pub words: &'static [&'static str],
    /// Words of the language that are not built yet: refused by name.
    pub planned: &'static [&'static str],
}

/// A word that brings keys of its own: a kind of fault, a policy, a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordWithKeys {
    /// The word.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Its keys, beside those that every entry of the kind has.
    pub keys: &'static [Key],
}

/// The key called `name` in the first table that has it.
pub fn find(tables: &[&'static [Key]], name: &str) -> Option<&'static Key> {
    tables.iter().flat_map(|table| table.iter()).find(|key| key.name == name)
}

impl Kind {
    /// What a message says was expected.
    pub fn expected(self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::Texts => "a text or a list of texts".to_owned(),
            Self::Urls => "a web address or a list of them".to_owned(),
            Self::Number { min, max: u64::MAX } => format!("a whole number from {min}"),
            Self::Number { min, max } => format!("a whole number from {min} to {max}"),
            Self::Flag => "true or false".to_owned(),
            Self::Duration { .. } | Self::Days { .. } => "a duration such as `40m` or `7d`".to_owned(),
            Self::Shift { .. } => "a duration such as `4m`, or `-4m` for the other direction".to_owned(),
            Self::Date => "a date between 2000 and 2099 such as 2026-03-02".to_owned(),
            Self::Time => "a time such as `day 2 09:40`".to_owned(),
            Self::StepTime => "a time such as `day 2 09:40`, or `+84m` after the line before".to_owned(),
            Self::Word(v) => format!("one of {}", v.words.join(", ")),
            Self::Words(v) => format!("one of {}, or a list of them", v.words.join(", ")),
            Self::Name(of) => format!("the name of one {}", of.word()),
            Self::Names(of) => format!("a list of names, each of one {}", of.word()),
            Self::NewName => "a name".to_owned(),
            Self::Techniques => "an ATT&CK id such as T1078.004, or a list of them".to_owned(),
            Self::Route => "APP.ROUTE or APP".to_owned(),
            Self::Range => "a request's number from 1, or N..M".to_owned(),
            Self::TextByApp => "a map from apps to names".to_owned(),
            Self::Map(_) => "a map from names to entries".to_owned(),
            Self::List(_) => "a list of entries".to_owned(),
            Self::One(_) => "a map".to_owned(),
            Self::File => "the name of a file beside this one".to_owned(),
            Self::Planned => "not built yet".to_owned(),
        }
    }
}
