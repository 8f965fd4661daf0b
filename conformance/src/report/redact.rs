//! Names in place of what differs between two runs of one seed: ports, folders, secrets, and times on the machine's
//! calendar.
//!
//! Secrets are replaced in every spelling of [`crate::secrets`]. A secret that was cut in two is not found.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::{Captures, Regex};
use simulator::time::{Calendar, SimTime};

use crate::recording::{Recording, Whereabouts};
use crate::secrets::{SHORTEST, forms};
use crate::verdict::{Finding, Judgement};

/// What is replaced by what.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    /// Name by value.
    words: BTreeMap<String, String>,
    /// Finds the longest of them, made when a text is first seen: most runs have none.
    finder: OnceLock<AhoCorasick>,
    /// Addresses with a port, and their names.
    ports: Vec<(Regex, String)>,
    calendar: Option<(Regex, Calendar)>,
}

impl Redactor {
    /// Replaces nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A loopback address with this port becomes `<name>`.
    #[must_use]
    pub fn port(mut self, name: &str, port: u16) -> Self {
        let pattern = format!(r"(?:127\.0\.0\.1|localhost|\[::1\]|%5B%3A%3A1%5D)(?::|%3A){port}(\D|$)");
        let pattern = Regex::new(&format!("(?i){pattern}")).expect("a pattern of literals and a number");
        self.ports.push((pattern, format!("<{name}>")));
        self
    }

    /// A folder becomes `<name>`: `run` for the stack's working directory, `state` for its state.
    #[must_use]
    pub fn folder(mut self, name: &str, folder: &Path) -> Self {
        self.word(folder.to_string_lossy().trim_end_matches('/'), &format!("<{name}>"));
        self
    }

    /// Secrets become their names: `<token:miro/stack#2>`.
    #[must_use]
    pub fn secrets(mut self, secrets: &BTreeMap<String, String>) -> Self {
        for (name, value) in secrets.iter().filter(|(_, value)| value.len() >= SHORTEST) {
            forms(value).iter().for_each(|form| self.word(form, name));
        }
        self
    }

    /// All that a recording names: its ports, its folders and its secrets.
    #[must_use]
    pub fn recording(self, recording: &Recording) -> Self {
        let Whereabouts { ports, folders } = &recording.whereabouts;
        let named = ports.iter().fold(self, |redactor, (name, port)| redactor.port(name, *port));
        let named = folders.iter().fold(named, |redactor, (name, folder)| redactor.folder(name, folder));
        named.secrets(&recording.secrets)
    }

    /// RFC 3339 times become `day 1 09:40:00`.
    #[must_use]
    pub fn times(mut self, calendar: Calendar) -> Self {
        let pattern = r"\b\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)";
        self.calendar = Some((Regex::new(pattern).expect("a constant pattern"), calendar));
        self
    }

    fn word(&mut self, value: &str, name: &str) {
        if !value.is_empty() {
            self.words.entry(value.to_owned()).or_insert_with(|| name.to_owned());
            self.finder = OnceLock::new();
        }
    }

    /// A text with names in it.
    pub fn text(&self, text: &str) -> String {
        let finder = self.finder.get_or_init(|| {
            let longest = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(self.words.keys());
            longest.expect("what is named in a run is far less than an automaton can hold")
        });
        let names: Vec<&str> = self.words.values().map(String::as_str).collect();
        let mut text = finder.replace_all(text, &names);
        for (pattern, name) in &self.ports {
            text = pattern.replace_all(&text, |found: &Captures<'_>| format!("{name}{}", &found[1])).into_owned();
        }
        if let Some((pattern, calendar)) = &self.calendar {
            let spelled = |found: &Captures<'_>| match SimTime::parse_rfc3339(&found[0]) {
                Some(time) => calendar.spell(time),
                None => found[0].to_owned(),
            };
            text = pattern.replace_all(&text, spelled).into_owned();
        }
        text
    }

    /// A finding with names in it.
    pub fn finding(&self, finding: &Finding) -> Finding {
        let rows = |rows: &[String]| rows.iter().map(|row| self.text(row)).collect();
        Finding {
            check: finding.check.clone(),
            verdict: finding.verdict,
            expected: self.text(&finding.expected),
            observed: self.text(&finding.observed),
            story: rows(&finding.story),
            evidence: rows(&finding.evidence),
            line: finding.line,
        }
    }

    /// A judgement with names in it.
    pub fn judgement(&self, judgement: &Judgement) -> Judgement {
        Judgement {
            id: judgement.id.clone(),
            verdict: judgement.verdict,
            skipped: judgement.skipped.as_ref().map(|reason| self.text(reason)),
            findings: judgement.findings.iter().map(|finding| self.finding(finding)).collect(),
            known: judgement.known.clone(),
            not_judged: judgement.not_judged.iter().map(|reason| self.text(reason)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use jiff::civil::Date;
    use url::form_urlencoded;

    use super::*;

    const SECRET: &str = "canary+token/\"0123456789==";

    fn redactor() -> Redactor {
        let secrets = [("<token:miro/stack#2>", SECRET), ("<user:short>", "abc")];
        Redactor::new()
            .port("miro", 4101)
            .port("entra", 41010)
            .folder("run", Path::new("/tmp/run 7/"))
            .folder("state", Path::new("/tmp/run 7/state"))
            .secrets(&secrets.map(|(k, v)| (k.to_owned(), v.to_owned())).into())
            .times(Calendar::starting(Date::constant(2026, 3, 2)))
    }

    #[test]
    fn what_differs_between_runs_gets_a_name() {
        #[rustfmt::skip]
        let cases = [
            ("port",                "http://127.0.0.1:4101/v2",       "http://<miro>/v2"),
            ("port at the end",     "localhost:4101",                 "<miro>"),
            ("longer port",         "http://[::1]:41010/",            "http://<entra>/"),
            ("port in a query",     "u=http%3A%2F%2F127.0.0.1%3A4101%2F", "u=http%3A%2F%2F<miro>%2F"),
            ("another port",        "127.0.0.1:4102",                 "127.0.0.1:4102"),
            ("folder",              "/tmp/run 7/report.ndjson",       "<run>/report.ndjson"),
            ("folder in a folder",  "/tmp/run 7/state/db",            "<state>/db"),
            ("time",                "at 2026-03-02T09:40:00Z",        "at day 1 09:40:00"),
            ("time with an offset", "2026-03-01T10:00:00.5+01:00",    "day -1 09:00:00.500"),
            ("no time at all",      "2026-13-02T09:40:00Z",           "2026-13-02T09:40:00Z"),
            ("short value",         "abc",                            "abc"),
        ];
        for (name, text, expected) in cases {
            assert_eq!(redactor().text(text), expected, "{name}");
        }
    }

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let json = serde_json::Value::from(SECRET).to_string();
        let encoded: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
        for text in
            [SECRET, json.trim_matches('"'), &encoded, &STANDARD.encode(SECRET), &URL_SAFE_NO_PAD.encode(SECRET)]
        {
            assert_eq!(redactor().text(&format!("x {text} y")), "x <token:miro/stack#2> y", "{text}");
        }
    }
}
