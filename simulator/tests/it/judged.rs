//! What a stack that is judged reaches of the control plane.

use reqwest::Method;

use crate::support::Served;

const TEXT: &str = "title: An ordinary company\npeople: 3\nhistory: 1d\napps: { entra: {}, miro: {} }\n";

#[tokio::test]
async fn a_stack_that_is_judged_has_the_clock_and_the_feeds_and_cannot_look_at_the_answers_or_end_a_fault() {
    let judged = Served::to_a_stack(TEXT).await;
    let desk = Served::new(TEXT).await;
    #[rustfmt::skip]
    let cases = [
        (Method::GET,    "clock",               true),
        (Method::GET,    "feeds/tor-exits.txt", true),
        (Method::GET,    "webhooks",            true),
        (Method::GET,    "journal",             false),
        (Method::GET,    "timeline",            false),
        (Method::GET,    "world",               false),
        (Method::GET,    "people",              false),
        (Method::GET,    "token/miro",          false),
        (Method::GET,    "faults",              false),
        (Method::DELETE, "faults",              false),
        (Method::GET,    "",                    false),
    ];
    for (method, path, is_for_stacks) in cases {
        for (served, is_there) in [(&judged, is_for_stacks), (&desk, true)] {
            let url = format!("http://{}/_sim/{path}", served.running.control_address());
            let status = served.http.request(method.clone(), url).send().await.unwrap().status();
            assert_eq!(status != 404, is_there, "{method} {path}: {status}");
        }
    }
}
