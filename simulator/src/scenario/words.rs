//! Words and what is said of those that cannot be: refused ones, unknown ones, times and durations that are none.

use super::fields::Spanned;
use super::problem::Problems;
use super::table::Vocabulary;
use super::tables::REFUSED_WORDS;
use super::yaml::clip;
use crate::time::{TimeError, parse_duration};

/// Whether a text may be a value or name; complains of words that YAML readers differ over.
pub(crate) fn refuse_word(text: Spanned<&str>, what: &str, problems: &Problems) -> bool {
    let refused = REFUSED_WORDS.iter().any(|word| text.value.eq_ignore_ascii_case(word));
    if refused {
        let word = text.value;
        problems.add(
            text.span,
            format!("`{word}` is refused as a {what}: YAML readers differ over it; write another word"),
        );
    }
    !refused
}

/// Whether a text is lower_snake.
pub(crate) fn is_snake(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A new name: lower_snake, not a refused word, of reasonable length.
pub(crate) fn is_new_name(text: Spanned<&str>, what: &str, problems: &Problems) -> bool {
    const LONGEST: usize = 60;
    if !refuse_word(text, "name", problems) {
        return false;
    }
    if !is_snake(text.value) || text.value.len() > LONGEST {
        let shape = "lower_snake: small letters, digits and _, a letter first, at most 60";
        problems.add(text.span, format!("\"{}\" cannot name {what}; names are {shape}", clip(text.value)));
        return false;
    }
    true
}

/// A word of a vocabulary; says of those that are not built that they are not, and of others what is near.
pub fn known_word(v: &'static Vocabulary, text: Spanned<&str>, problems: &Problems) -> Option<Spanned<&'static str>> {
    if let Some(value) = v.words.iter().find(|word| **word == text.value) {
        return Some(Spanned { value, span: text.span });
    }
    if v.planned.contains(&text.value) {
        problems.add(text.span, format!("{} `{}` is not built yet; built: {}", v.what, text.value, v.words.join(", ")));
    } else {
        problems.unknown(text.span, v.what, text.value, v.words.iter().chain(v.planned).copied());
    }
    None
}

pub(crate) fn time_message(error: &TimeError, text: &str) -> String {
    let clock = text.contains(':') && text.bytes().all(|b| b.is_ascii_digit() || b == b':' || b == b'.');
    let number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match error {
        TimeError::NotATime(_) if clock => {
            format!(
                "\"{}\" has no day (and is a number to some YAML readers); write `day 1 {}`",
                clip(text),
                clip(text)
            )
        }
        TimeError::NotATime(_) if number => {
            format!("\"{}\" is a number; write a time such as `day 1 10:00`", clip(text))
        }
        TimeError::NotATime(_) if parse_duration(text).is_ok() => {
            let found = clip(text);
            format!(
                "\"{found}\" is a length of time; write `day 1 09:40`, or in a script `+{found}` after the line before"
            )
        }
        TimeError::NotATime(_) if is_past_midnight(text) => {
            format!("\"{}\" is on no clock: hours go to 23, minutes and seconds to 59", clip(text))
        }
        TimeError::NotATime(_) => {
            format!("\"{}\" is not a time; write `day 1 09:40`, with `:05` and `.250` when needed", clip(text))
        }
        error => error.to_string(),
    }
}

/// `day 1 25:00`: shaped like a time, with a number that no clock shows.
fn is_past_midnight(text: &str) -> bool {
    let clock = text.strip_prefix("day ").and_then(|rest| rest.split_once(' ')).map(|(_, clock)| clock);
    let parts: Vec<&str> = clock.unwrap_or_default().split(':').collect();
    let two_digits = |part: &&str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    (2..=3).contains(&parts.len()) && parts.iter().all(two_digits)
}

pub(crate) fn duration_message(error: &TimeError, text: &str) -> String {
    match error {
        TimeError::NotADuration(_) if text.starts_with('-') => {
            format!("\"{}\" is negative; a duration goes forward", clip(text))
        }
        TimeError::NotADuration(_) => {
            format!("\"{}\" is not a duration; write `250ms`, `30s`, `40m`, `1h30m` or `7d`", clip(text))
        }
        error => error.to_string(),
    }
}
