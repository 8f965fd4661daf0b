//! How card numbers and credentials are told in a text.
//!
//! A card number is 13 to 19 digits, single blanks or dashes between them, that begin as one of the networks' do and whose check
//! digit is right (ISO/IEC 7812-1, annex B). Credentials are told by what their makers put before them; a password by the
//! word for it.

/// Whether a text holds something.
type Holds = fn(&str) -> bool;
/// Whether a credential goes on with a character.
type GoesOn = fn(char) -> bool;

/// What can be found, each with its test.
const KINDS: [(&str, Holds); 3] =
    [("card_number", holds_card_number), ("credential", holds_credential), ("password", holds_password)];

/// What credentials begin with, of which characters they go on, and of how many at least.
#[rustfmt::skip]
const CREDENTIALS: [(&str, GoesOn, usize); 9] = [
    ("AKIA",        is_upper_or_digit, 16), // AWS, for long
    ("ASIA",        is_upper_or_digit, 16), // AWS, for a session
    ("ghp_",        is_word,           36), // GitHub, a person's
    ("gho_",        is_word,           36), // GitHub, an OAuth app's
    ("ghs_",        is_word,           36), // GitHub, an installation's
    ("github_pat_", is_word,           22), // GitHub, a person's with fine-grained permissions
    ("xoxb-",       is_word_or_dash,   20), // Slack, a bot's
    ("sk_live_",    is_word,           20), // Stripe
    ("-----BEGIN ", |c| c.is_ascii_uppercase() || c == ' ', 11), // a private key
];
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;
/// What card numbers begin with: travel, banking, merchandising.
const CARD_BEGINNINGS: [u8; 4] = [3, 4, 5, 6];
const PASSWORD_WORDS: [&str; 3] = ["password", "passwd", "pwd"];
const SHORTEST_PASSWORD: usize = 8;

/// The kinds of what stands in `text` and should not.
pub(super) fn kinds(text: &str) -> Vec<&'static str> {
    KINDS.iter().filter(|(_, holds)| holds(text)).map(|(kind, _)| *kind).collect()
}

fn holds_card_number(text: &str) -> bool {
    digit_groups(text).iter().any(|digits| {
        CARD_DIGITS.contains(&digits.len()) && CARD_BEGINNINGS.contains(&digits[0]) && has_right_check_digit(digits)
    })
}

/// Digits that stand together, with no more than one blank or dash between two of them.
fn digit_groups(text: &str) -> Vec<Vec<u8>> {
    let (mut groups, mut group, mut apart) = (Vec::new(), Vec::new(), 0);
    for c in text.chars() {
        match c.to_digit(10) {
            Some(digit) => {
                group.push(u8::try_from(digit).expect("a digit is less than ten"));
                apart = 0;
            }
            None if matches!(c, ' ' | '-') && apart == 0 && !group.is_empty() => apart = 1,
            None => {
                groups.push(std::mem::take(&mut group));
                apart = 0;
            }
        }
    }
    groups.push(group);
    groups.retain(|group| !group.is_empty());
    groups
}

/// Luhn's sum: from the right every second digit counts double, as the sum of its own digits.
fn has_right_check_digit(digits: &[u8]) -> bool {
    let weighed = digits.iter().rev().enumerate().map(|(place, digit)| match place % 2 {
        0 => u32::from(*digit),
        _ => u32::from(digit * 2 / 10 + digit * 2 % 10),
    });
    weighed.sum::<u32>() % 10 == 0
}

fn holds_credential(text: &str) -> bool {
    CREDENTIALS.iter().any(|(beginning, goes_on, least)| {
        text.match_indices(beginning).any(|(at, _)| {
            let rest = text[at + beginning.len()..].chars().take_while(|c| goes_on(*c)).count();
            rest >= *least
        })
    })
}

fn holds_password(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    PASSWORD_WORDS.iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let rest = lower[at + word.len()..].trim_start();
            let said = rest.strip_prefix([':', '=']).map(str::trim_start).unwrap_or_default();
            said.chars().take_while(|c| c.is_ascii_graphic() && *c != '<').count() >= SHORTEST_PASSWORD
        })
    })
}

fn is_upper_or_digit(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn is_word_or_dash(c: char) -> bool {
    is_word(c) || c == '-'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_should_not_stand_there_is_told_from_what_looks_like_it() {
        #[rustfmt::skip]
        let cases: [(&str, &[&str]); 14] = [
            ("Card for the booking: 4111 1111 1111 1111, exp 12/30", &["card_number"]),
            ("4111-1111-1111-1111",                                  &["card_number"]),
            ("<p>378282246310005</p>",                               &["card_number"]),
            ("4111 1111 1111 1112",                                  &[]),
            ("4111  1111  1111  1111",                               &[]), // two blanks: columns of a table
            ("411111111111",                                         &[]),
            ("0000 0000 0000 0000",                                  &[]), // the sum is right, and it is no card
            ("41111111111111110000",                                 &[]), // more digits than a card has
            ("aws_access_key_id = AKIAIOSFODNN7EXAMPLE",             &["credential"]),
            ("AKIA is what they begin with",                         &[]),
            ("-----BEGIN EC PRIVATE KEY-----",                       &["credential"]),
            ("VPN password: correct-horse-battery-staple",           &["password"]),
            ("The password: see above",                              &[]),
            ("Ask for the password at the desk",                     &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(kinds(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_no_card_number(at in 0_usize..16, by in 1_u8..10) {
            let mut digits = [4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
            prop_assert!(has_right_check_digit(&digits));
            digits[at] = (digits[at] + by) % 10;
            prop_assert!(!has_right_check_digit(&digits));
        }

        #[test]
        fn any_text_can_be_looked_through(text in "\\PC{0,200}") {
            kinds(&text);
        }
    }
}
