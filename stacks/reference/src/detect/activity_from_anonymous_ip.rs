//! Activity from an anonymous address: somebody works through a Tor exit or a public proxy.
//!
//! Whatever succeeds from such an address counts, unless the organisation calls the address its own.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::{Around, Detection, Policy, Reach, Trigger};
use crate::bug::{Bug, spoilt};
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "activity_from_anonymous_ip";
const ANONYMOUS: [&str; 2] = ["tor", "public_proxy"];

/// The tags that count.
fn anonymous() -> [&'static str; 2] {
    spoilt(ANONYMOUS, Bug::DetVpnAndMobileFalsePositive, ["tor", "vpn_consumer"])
}

/// Parameters of the policy.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct AnonymousIp {
    #[serde(flatten)]
    response: Response,
}

impl Detection for AnonymousIp {
    fn policy(&self) -> Policy<'_> {
        let gap = SignedDuration::from_hours(6);
        Policy {
            name: NAME,
            title: "Activity from an anonymous IP address",
            gap,
            techniques: &["T1090.003", "T1078.004"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(SignedDuration::ZERO)
    }

    fn concerns(&self, event: &Kept) -> bool {
        event.is_done_in_person()
            && event.place.as_ref().is_some_and(|place| place.has_any(&anonymous()) && !place.is_safe())
    }

    fn triggers(&self, fresh: &Kept, _around: &Around) -> Vec<Trigger> {
        let tags = fresh.place.iter().flat_map(|place| anonymous().into_iter().filter(|tag| place.has_any(&[tag])));
        let trigger = |tag: &str| Trigger {
            at: fresh.at,
            scope: tag.to_owned(),
            evidence: vec![fresh.clone()],
            facts: json!({"tag": tag}),
        };
        tags.map(trigger).collect()
    }
}
