//! The stack's own settings: where things lie and how often it looks. What to connect to is another document,
//! [`crate::connections`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use serde::Deserialize;

use crate::bug::Bug;
use crate::habits::Habits;
use crate::usage::settings::Settings;

/// The configuration file, in YAML.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The connections document.
    pub(crate) connections: PathBuf,
    /// The folder of the database: the only place where secrets lie.
    pub(crate) state: PathBuf,
    /// The file to which events, alerts, actions and states are appended.
    pub(crate) report: PathBuf,
    /// Address and port where browsers come back from the consent page, such as `127.0.0.1:8070`.
    pub(crate) redirect: String,
    /// Where vendors send what they send by themselves; needed only where one does.
    #[serde(default)]
    pub(crate) webhooks: Option<Webhooks>,
    /// The name under which this process speaks to a simulated clock.
    #[serde(default = "Config::default_party")]
    pub(crate) party: String,
    /// From one poll of an app's log to the next.
    #[serde(default = "Config::default_poll_every")]
    pub(crate) poll_every: Span,
    /// How far before its checkpoint a poll begins, because records may turn up late.
    #[serde(default = "Config::default_look_back")]
    pub(crate) look_back: Span,
    /// How far back an app's log is read when it is first connected, by the name of the instance or the vendor; as far as
    /// `look_back` where it is not named.
    #[serde(default)]
    pub(crate) backfill: BTreeMap<String, Span>,
    /// How late an event may come and still be weighed against all it belongs with.
    #[serde(default = "Config::default_lateness")]
    pub(crate) lateness: Span,
    /// For how long a connector may not work before a health alert is raised.
    #[serde(default = "Config::default_health_within")]
    pub(crate) health_within: Span,
    /// After which an unanswered request is given up.
    #[serde(default = "Config::default_request_timeout")]
    pub(crate) request_timeout: Span,
    /// What a finished transaction has to outlive.
    #[serde(default)]
    pub(crate) outlives: Outlives,
    /// How the use of apps is synchronised; needed only where a Defender is connected.
    #[serde(default)]
    pub(crate) usage: Settings,
    /// What it does in its own way.
    #[serde(default)]
    pub(crate) habits: Habits,
    /// A mistake to make on purpose; refused unless built with the feature `planted-bugs`.
    #[serde(default)]
    pub(crate) bug: Option<Bug>,
}

impl Config {
    /// Reads and checks the file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_path_buf(), source })?;
        Self::parse(&text).map_err(|reason| ConfigError::Wrong { path: path.to_path_buf(), reason })
    }

    fn parse(text: &str) -> Result<Self, String> {
        serde_saphyr::from_str(text).map_err(|error| error.to_string())
    }

    fn default_party() -> String {
        "reference".to_owned()
    }
    fn default_poll_every() -> Span {
        Span(SignedDuration::from_hours(1))
    }
    fn default_look_back() -> Span {
        Span(SignedDuration::from_hours(6))
    }
    fn default_lateness() -> Span {
        Span(SignedDuration::from_mins(60))
    }
    fn default_health_within() -> Span {
        Span(SignedDuration::from_hours(2))
    }
    fn default_request_timeout() -> Span {
        Span(SignedDuration::from_secs(30))
    }
}

/// Where vendors send what they send by themselves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webhooks {
    /// Address and port to listen on, such as `127.0.0.1:8071`.
    pub(crate) listen: String,
    /// How vendors reach it, such as `https://hooks.contoso.example/workplace`; the name of the instance is added.
    pub(crate) url: String,
}

/// What a finished transaction has to outlive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outlives {
    /// The machine: every transaction waits for the disk.
    #[default]
    PowerLoss,
    /// The process: the operating system has it, and writes it when it likes. Much faster.
    Kill,
}

/// A length of time, spelled `250ms`, `40m`, `1h30m` or `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Span(pub SignedDuration);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a length of time such as `250ms`, `40m`, `1h30m` or `7d`");
        let mut rest = text.trim();
        let mut total_ms = 0_i64;
        if rest.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
            let (number, tail) = rest.split_at(digits);
            let letters = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(letters);
            let unit_ms = match unit {
                "ms" => 1,
                "s" => 1_000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                "w" => 604_800_000,
                _ => return Err(wrong()),
            };
            let part = number.parse::<i64>().ok().and_then(|n| n.checked_mul(unit_ms)).ok_or_else(wrong)?;
            total_ms = total_ms.checked_add(part).ok_or_else(wrong)?;
            rest = tail;
        }
        Ok(Self(SignedDuration::from_millis(total_ms)))
    }
}

/// Why the stack's own settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file says something that makes no sense.
    #[error("{}: {reason}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_written() {
        let cases = [("250ms", 250), ("40m", 2_400_000), ("1h30m", 5_400_000), ("7d", 604_800_000)];
        for (text, ms) in cases {
            assert_eq!(Span::try_from(text.to_owned()), Ok(Span(SignedDuration::from_millis(ms))), "{text}");
        }
    }

    #[test]
    fn a_length_of_time_without_unit_is_refused() {
        for text in ["", "5", "h", "5x", "1h5"] {
            assert!(Span::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_written_has_the_declared_value() {
        let config = Config::parse("connections: c.json\nstate: s\nreport: r\nredirect: 127.0.0.1:0\n").unwrap();
        assert_eq!(config.poll_every.0, SignedDuration::from_hours(1));
        assert_eq!(config.party, "reference");
    }
}
