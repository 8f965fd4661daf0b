//! Colour where people look, none where programs read.

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};

use console::{Style, Term};

/// Whether `--plain` was said: it holds for whatever the process prints.
static PLAIN: AtomicBool = AtomicBool::new(false);

/// From now on nothing is coloured and nothing is drawn over.
pub fn be_plain() {
    PLAIN.store(true, Ordering::Relaxed);
}

/// Whether nothing is to be coloured or drawn over.
pub fn is_plain() -> bool {
    PLAIN.load(Ordering::Relaxed)
}

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// As it is.
    Plain,
    /// With colour codes.
    Coloured,
}

/// What a piece of text is, to be told from its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Went well; added.
    Good,
    /// Went wrong; removed.
    Bad,
    /// Undecided, skipped.
    Doubtful,
    /// To be seen first.
    Strong,
    /// May be overlooked.
    Faint,
    /// The added word.
    GoodWord,
    /// The removed word.
    BadWord,
}

impl Paint {
    /// For standard output: coloured on a terminal, unless `--plain` was said or `NO_COLOR` or `CI` is set.
    pub fn for_stdout() -> Self {
        let terminal = !is_plain() && Term::stdout().features().colors_supported();
        Self::choose(terminal, |name| env::var(name).ok())
    }

    /// The same with everything it looks at.
    pub fn choose(terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let ci = is_set("CI") && variable("CI").as_deref() != Some("false");
        let dumb = variable("TERM").as_deref() == Some("dumb");
        if terminal && !is_set("NO_COLOR") && !ci && !dumb { Self::Coloured } else { Self::Plain }
    }

    /// A piece of text in its colour.
    pub fn apply(self, tone: Tone, text: &str) -> String {
        if self == Self::Plain {
            return text.to_owned();
        }
        let style = Style::new().force_styling(true);
        let style = match tone {
            Tone::Good => style.green(),
            Tone::Bad => style.red(),
            Tone::Doubtful => style.yellow(),
            Tone::Strong => style.bold(),
            Tone::Faint => style.dim(),
            Tone::GoodWord => style.green().bold().underlined(),
            Tone::BadWord => style.red().bold().underlined(),
        };
        style.apply_to(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_whose_user_wants_it() {
        #[rustfmt::skip]
        let cases = [
            ("terminal",           true,  &[][..],                  Paint::Coloured),
            ("pipe",               false, &[],                      Paint::Plain),
            ("NO_COLOR",           true,  &[("NO_COLOR", "1")],     Paint::Plain),
            ("empty NO_COLOR",     true,  &[("NO_COLOR", "")],      Paint::Coloured),
            ("CI",                 true,  &[("CI", "true")],        Paint::Plain),
            ("CI said to be off",  true,  &[("CI", "false")],       Paint::Coloured),
            ("dumb terminal",      true,  &[("TERM", "dumb")],      Paint::Plain),
        ];
        for (name, terminal, variables, expected) in cases {
            let variable = |key: &str| variables.iter().find(|(k, _)| *k == key).map(|(_, v)| (*v).to_owned());
            assert_eq!(Paint::choose(terminal, variable), expected, "{name}");
        }
    }

    #[test]
    fn plain_text_stays_as_it_is_and_coloured_text_does_not() {
        assert_eq!(Paint::Plain.apply(Tone::Bad, "word"), "word");
        assert_eq!(Paint::Coloured.apply(Tone::Bad, "word"), "\u{1b}[31mword\u{1b}[0m");
    }
}
