//! The outbox, and the rules it lives by.

mod outbox;

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::time::SimTime;

const MINUTES: Retries = Retries {
    first: &[Duration::ZERO, Duration::from_secs(60), Duration::from_secs(300)],
    then_every: Some(Duration::from_secs(600)),
    give_up_after: Duration::from_secs(1_500),
};

#[test]
fn a_failed_delivery_is_tried_again_at_growing_distances_and_then_dropped() {
    let begun = SimTime::from_ms(0);
    let after = |attempt| MINUTES.at(begun, attempt).map(SimTime::s);
    assert_eq!([2, 3, 4, 5, 6, 7].map(after), [Some(0), Some(60), Some(300), Some(900), Some(1_500), None]);
    const ONCE: Retries =
        Retries { first: &[Duration::from_secs(5)], then_every: None, give_up_after: Duration::from_secs(9) };
    assert_eq!([1, 2, 3].map(|n| ONCE.at(begun, n).map(SimTime::s)), [None, Some(5), None]);
}

#[test]
fn signatures_are_hexadecimal_hmacs_over_the_raw_body() {
    // RFC 2202 and RFC 4231, test case 2.
    let body = b"what do ya want for nothing?";
    let sha1 = Signature { header: "x-hub-signature", prefix: "sha1=", algorithm: Algorithm::Sha1 };
    assert_eq!(sha1.value("Jefe", body), "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    let sha256 = Signature { header: "x-hub-signature-256", prefix: "sha256=", algorithm: Algorithm::Sha256 };
    let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(sha256.value("Jefe", body), expected);
}

proptest! {
    #[test]
    fn no_retry_is_before_the_one_before_it_or_after_the_end(attempts in 2_u32..200) {
        let begun = SimTime::from_ms(77);
        let mut last = begun;
        for at in (2..=attempts).map_while(|n| MINUTES.at(begun, n)) {
            prop_assert!(at >= last && at.since(begun) <= MINUTES.give_up_after);
            last = at;
        }
    }
}
