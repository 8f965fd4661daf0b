//! One text on disk, in insta's format: written by us, read by insta.

use std::fs;
use std::io;
use std::path::Path;

use insta::Snapshot;

/// How a refusal begins in the header of a pending text.
const REFUSED: &str = "review: refused (";

/// A text as it lies on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// The text, without surrounding line ends.
    pub(super) text: String,
    /// The scenario's file.
    pub(super) source: String,
    /// What the text is.
    pub(super) expression: String,
    /// Why it may not be accepted, if so.
    pub(super) refused: Option<String>,
}

impl Stored {
    /// Reads a file; the error is a fragment for people.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let snapshot = Snapshot::from_file(path).map_err(|error| error.to_string())?;
        let text = snapshot.as_text().ok_or("it is not a text")?.to_string();
        let header = snapshot.metadata();
        let refused = header.description().and_then(|d| d.strip_prefix(REFUSED)?.strip_suffix(')'));
        Ok(Self {
            text: tidy(&text),
            source: header.source().unwrap_or_default().to_owned(),
            expression: header.expression().unwrap_or_default().to_owned(),
            refused: refused.map(str::to_owned),
        })
    }

    /// Writes a file and the folders above it.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, self.spelled())
    }

    fn spelled(&self) -> String {
        let description = match &self.refused {
            Some(reason) => format!("description: {}\n", scalar(&format!("{REFUSED}{reason})"))),
            None => String::new(),
        };
        let (source, expression) = (scalar(&self.source), scalar(&self.expression));
        format!("---\nsource: {source}\n{description}expression: {expression}\n---\n{}\n", self.text)
    }
}

/// Without surrounding line ends, which carry no meaning.
pub(super) fn tidy(text: &str) -> String {
    text.trim_matches(['\r', '\n']).trim_end().to_owned()
}

/// A YAML scalar: as it is where nothing in it has a meaning, else in quotes.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./ ".contains(c);
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.contains(['/', ' ']) && !text.ends_with(' ');
    if word && text.chars().all(plain) { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(text: &str, source: &str, refused: Option<&str>) -> Stored {
        let (text, source, expression) = (text.to_owned(), source.to_owned(), "alerts of reference".to_owned());
        Stored { text, source, expression, refused: refused.map(str::to_owned) }
    }

    #[test]
    fn what_is_written_is_insta_s_format() {
        let stored = stored("no alerts", "scenarios/travel/a.yaml", None);
        insta::assert_snapshot!(stored.spelled(), @"
        ---
        source: scenarios/travel/a.yaml
        expression: alerts of reference
        ---
        no alerts
        ");
    }

    #[test]
    fn what_is_written_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/alerts.snap");
        let cases = [
            stored("no alerts", "scenarios/travel/a.yaml", None),
            stored("---\nfirst: line\n\n  indented\n---", "scenarios/odd: \"name\" #1.yaml", None),
            stored("none", "scenarios/7.yaml", Some("its checks failed: alert/missing (2), \"x\"")),
        ];
        for stored in cases {
            stored.write(&path).unwrap();
            assert_eq!(Stored::read(&path), Ok(stored));
        }
    }

    #[test]
    fn line_ends_of_another_system_carry_no_meaning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts.snap");
        let stored = stored("a\n\nb", "scenarios/travel/a.yaml", None);
        fs::write(&path, stored.spelled().replace('\n', "\r\n")).unwrap();
        assert_eq!(Stored::read(&path).map(|s| s.text), Ok("a\n\nb".to_owned()));
    }
}
