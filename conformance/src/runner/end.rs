//! How long a run lasts.

use std::time::Duration;

use simulator::time::SimTime;

use crate::contract::Declares;

/// Beyond what the stack declares, for whatever is still under way.
const SLACK: Duration = Duration::from_secs(3_600);

/// When a run is over whose story ended at `story_ended`: two polls, what may come late, an hour, and one more poll, so
/// that whatever was readable at the end could be read, and evaluated, even if one poll failed.
pub fn run_end(story_ended: SimTime, declares: &Declares) -> SimTime {
    story_ended + declares.poll_every * 3 + declares.lateness + SLACK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_on_for_three_polls_the_declared_lateness_and_an_hour() {
        let declares = serde_json::json!({ "poll_every": "2h", "look_back": "6h", "lateness": "30m" });
        let declares: Declares = serde_json::from_value(declares).unwrap();
        let ended = SimTime::from_ms(0);
        assert_eq!(run_end(ended, &declares), ended + Duration::from_secs((6 * 60 + 30 + 60) * 60));
    }
}
