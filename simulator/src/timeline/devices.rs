//! What people hold in their hands, as far as a vendor sees it: user agents.

use std::sync::Arc;

use crate::scenario::Using;
use crate::seed::Seed;

const LAPTOPS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36 \
     Edg/145.0.0.0",
];
const PHONES: [&str; 2] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 \
     Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Mobile Safari/537.36",
];
const UNKNOWN: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const TOKEN: &str = "python-requests/2.32.5";

/// The user agent of a person's request: laptop and phone are their own and stay the same for ever.
pub(super) fn user_agent(seed: Seed, person: &str, using: &Using) -> Arc<str> {
    let own = |kind: &str, of: &[&'static str]| {
        let pick = seed.number(&["device", kind, person]) % of.len() as u64;
        of[usize::try_from(pick).expect("below the number of devices")]
    };
    match using {
        Using::Laptop => own("laptop", &LAPTOPS),
        Using::Phone => own("phone", &PHONES),
        Using::UnknownDevice | Using::StolenSession => UNKNOWN,
        Using::Token | Using::GrantedApp(_) => TOKEN,
    }
    .into()
}
