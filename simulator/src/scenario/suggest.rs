//! Near misses: the word that was probably meant.

/// Longest word that is compared; what is longer is no slip of the finger.
const LONGEST: usize = 48;

/// The word of `known` nearest to `found`, if it is near enough: up to one slip in three letters, three at most.
pub fn nearest<'k>(found: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let length = found.chars().count();
    if length == 0 || length > LONGEST {
        return None;
    }
    let lower = found.to_lowercase();
    let slips = |word: &str| strsim::osa_distance(&lower, &word.to_lowercase());
    let most = length.div_ceil(3).min(3);
    let near = known.into_iter().map(|word| (slips(word), word)).filter(|(slips, _)| *slips <= most);
    near.min_by_key(|(slips, _)| *slips).map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_is_understood_and_another_word_is_not() {
        let places = ["London", "Madrid", "Dublin"];
        assert_eq!(nearest("Madird", places), Some("Madrid"));
        assert_eq!(nearest("london", places), Some("London"));
        assert_eq!(nearest("Paris", places), None);
        assert_eq!(nearest(&"x".repeat(100_000), places), None);
    }
}
