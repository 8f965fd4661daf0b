//! The words of a filter.

use super::invalid;
use crate::protocol::dialect::Failure;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Open,
    Close,
    Comma,
    Colon,
    Word(String),
    Text(String),
}

impl Token {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Open => "(",
            Self::Close => ")",
            Self::Comma => ",",
            Self::Colon => ":",
            Self::Word(text) | Self::Text(text) => text,
        }
    }
}

/// A colon stands alone after a variable (`t:t/id`) and inside a time (`09:00`).
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Failure> {
    let (mut tokens, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' => {
                tokens.push(Token::Open);
                1
            }
            ')' => {
                tokens.push(Token::Close);
                1
            }
            ',' => {
                tokens.push(Token::Comma);
                1
            }
            ':' => {
                tokens.push(Token::Colon);
                1
            }
            '\'' => {
                let (content, length) = quoted(rest)?;
                tokens.push(Token::Text(content));
                length
            }
            _ => {
                let length = word_length(rest);
                tokens.push(Token::Word(rest[..length].to_owned()));
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// A text in single quotes, a doubled quote standing for one; and how long it is as written.
fn quoted(text: &str) -> Result<(String, usize), Failure> {
    let (mut content, mut characters) = (String::new(), text.char_indices().skip(1).peekable());
    while let Some((at, c)) = characters.next() {
        if c != '\'' {
            content.push(c);
        } else if characters.next_if(|(_, c)| *c == '\'').is_some() {
            content.push('\'');
        } else {
            return Ok((content, at + 1));
        }
    }
    Err(invalid("there is an unterminated string literal"))
}

fn word_length(text: &str) -> usize {
    let in_time = text.starts_with(|c: char| c.is_ascii_digit());
    let ends = |c: char| c.is_whitespace() || "(),'".contains(c) || (c == ':' && !in_time);
    text.find(ends).unwrap_or(text.len()).max(1)
}
