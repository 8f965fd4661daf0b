//! `stack.yaml` as it is written: forms only, nothing checked beyond them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::{Location, Spanned};

use super::{ExitStatus, Mode, Transport};
use crate::contract::{Actions, Declares, Profile, StackClock};

/// A command: a program and its arguments.
pub(super) type Words = Vec<Spanned<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) setup: Vec<Spanned<Words>>,
    pub(super) run: Spanned<RawRun>,
    #[serde(default)]
    pub(super) env: Vec<Spanned<String>>,
    #[serde(default = "unwritten")]
    pub(super) mode: Spanned<Mode>,
    #[serde(default = "unwritten")]
    pub(super) exit_status: Spanned<ExitStatus>,
    pub(super) clock: StackClock,
    #[serde(default = "unwritten")]
    pub(super) transport: Spanned<Transport>,
    #[serde(default)]
    pub(super) profile: Profile,
    #[serde(default)]
    pub(super) actions: Actions,
    pub(super) capabilities: Vec<Spanned<String>>,
    pub(super) declares: Declares,
    #[serde(default)]
    pub(super) listen: BTreeMap<String, Spanned<String>>,
    pub(super) ready: Option<Spanned<RawReady>>,
    #[serde(default = "unwritten_state")]
    pub(super) state: Spanned<String>,
    #[serde(default)]
    pub(super) files: BTreeMap<String, Spanned<String>>,
    pub(super) report: Spanned<RawReport>,
}

/// One command, or several by name.
pub(super) enum RawRun {
    One(Words),
    Several(Vec<(Spanned<String>, Spanned<Words>)>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReady {
    pub(super) phase: Option<String>,
    pub(super) http: Option<Spanned<String>>,
    pub(super) log: Option<Spanned<String>>,
}

/// A word, one source, or several.
pub(super) enum RawReport {
    Word(String),
    One(Box<RawSource>),
    Several(Vec<Spanned<RawSource>>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSource {
    pub(super) ndjson: Option<Spanned<String>>,
    pub(super) files: Option<Spanned<String>>,
    pub(super) stdout: Option<bool>,
    pub(super) http: Option<Spanned<String>>,
    pub(super) syslog: Option<Spanned<String>>,
    pub(super) sqlite: Option<Spanned<String>>,
    pub(super) query: Option<Spanned<String>>,
    pub(super) map: Option<Spanned<String>>,
}

impl RawReport {
    /// Names of the places that it is sent to.
    pub(super) fn sinks(&self) -> BTreeSet<String> {
        let sources: Vec<&RawSource> = match self {
            Self::Word(_) => Vec::new(),
            Self::One(source) => vec![source],
            Self::Several(sources) => sources.iter().map(|source| &source.value).collect(),
        };
        let names = sources.into_iter().flat_map(|source| source.http.iter().chain(&source.syslog));
        names.map(|name| name.value.clone()).collect()
    }
}

fn unwritten<T: Default>() -> Spanned<T> {
    Spanned::new(T::default(), Location::UNKNOWN, Location::UNKNOWN)
}

fn unwritten_state() -> Spanned<String> {
    Spanned::new("{{ run.dir }}/state".to_owned(), Location::UNKNOWN, Location::UNKNOWN)
}

// By hand, since an untagged enum forgets where its parts stood.
impl<'de> Deserialize<'de> for RawRun {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Forms;

        impl<'de> Visitor<'de> for Forms {
            type Value = RawRun;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of words, or a map of such lists by the name of the process")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, words: A) -> Result<RawRun, A::Error> {
                Words::deserialize(SeqAccessDeserializer::new(words)).map(RawRun::One)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawRun, A::Error> {
                let mut programs = Vec::new();
                while let Some(program) = map.next_entry()? {
                    programs.push(program);
                }
                Ok(RawRun::Several(programs))
            }
        }

        d.deserialize_any(Forms)
    }
}

impl<'de> Deserialize<'de> for RawReport {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Forms;

        impl<'de> Visitor<'de> for Forms {
            type Value = RawReport;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`stdout`, a source such as {ndjson: FILE}, or a list of sources")
            }

            fn visit_str<E>(self, word: &str) -> Result<RawReport, E> {
                Ok(RawReport::Word(word.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, sources: A) -> Result<RawReport, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(sources)).map(RawReport::Several)
            }

            fn visit_map<A: MapAccess<'de>>(self, source: A) -> Result<RawReport, A::Error> {
                RawSource::deserialize(MapAccessDeserializer::new(source)).map(|one| RawReport::One(Box::new(one)))
            }
        }

        d.deserialize_any(Forms)
    }
}
