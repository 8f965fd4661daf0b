//! Mistakes of our own: a room that panics over a request must say so, and not look like a vendor that hangs up.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a closure gives, or the words with which it panicked. What it left half done stays so: the run is lost anyway, and
/// this is how somebody learns why.
pub(super) fn unbroken<T>(answer: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(answer)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason was given".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_panics_is_asked_why() {
        let nobody = std::hint::black_box(None::<u8>);
        assert_eq!(unbroken(|| 7), Ok(7));
        assert_eq!(unbroken(|| nobody.expect("somebody")), Err("somebody".to_owned()));
        assert_eq!(
            unbroken(|| { assert!(nobody.is_some(), "{nobody:?} is nobody") }),
            Err("None is nobody".to_owned())
        );
    }
}
