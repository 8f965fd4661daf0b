//! Behaviour of the shared clock.

use super::*;
use std::task::Poll;

fn t(s: i64) -> SimTime {
    SimTime::from_ms(s * 1_000)
}

fn report(party: &str, timers: &[(i64, &str)], sent: u64, finished: u64) -> ClockReport {
    let timers = timers.iter().map(|(s, name)| PartyTimer { until: t(*s), name: (*name).to_owned() }).collect();
    let (number, webhooks, webhooks_open) = (None, 0, 0);
    ClockReport { party: party.to_owned(), number, timers, sent, finished, webhooks, webhooks_open }
}

fn moved(s: i64, released: Option<&str>) -> ClockAnswer {
    ClockAnswer::Moved { now: t(s), released: released.map(str::to_owned) }
}

/// Whether a future is still pending after everything that can run has run.
async fn pending<F: Future + Unpin>(future: &mut F) -> bool {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    std::future::poll_fn(|cx| Poll::Ready(std::pin::Pin::new(&mut *future).poll(cx).is_pending())).await
}

fn started(parties: usize) -> Arc<Coordinator> {
    let clock = Coordinator::new(t(0));
    clock.declare_parties(parties);
    clock.start();
    clock
}

#[tokio::test]
async fn timers_are_released_one_at_a_time_in_order_of_time_and_name() {
    let clock = started(1);
    let all = [(20, "b"), (10, "z"), (20, "a")];
    assert_eq!(clock.report(report("s", &all, 0, 0)).await, moved(10, Some("z")));
    assert_eq!(clock.report(report("s", &[(20, "b"), (20, "a")], 0, 0)).await, moved(20, Some("a")));
    assert_eq!(clock.report(report("s", &[(20, "b")], 0, 0)).await, moved(20, Some("b")));
    assert_eq!(clock.now(), t(20));
}

#[tokio::test]
async fn nothing_is_released_before_every_declared_party_has_reported() {
    let clock = started(2);
    let mut first = Box::pin(clock.report(report("one", &[(10, "x")], 0, 0)));
    assert!(pending(&mut first).await);
    let second = clock.report(report("two", &[(5, "y")], 0, 0)).await;
    assert_eq!(second, moved(5, Some("y")));
    assert_eq!(first.await, moved(5, None), "the other party hears that time moved");
}

#[tokio::test]
async fn a_request_under_way_keeps_the_clock_still() {
    let clock = started(1);
    let exchange = clock.arrive();
    let mut waits = Box::pin(clock.report(report("s", &[(10, "timeout")], 1, 0)));
    assert!(pending(&mut waits).await);
    drop(exchange);
    assert!(pending(&mut waits).await, "the answer has left, but the stack has not said that it came");
    assert_eq!(clock.report(report("s", &[(10, "poll")], 1, 1)).await, moved(10, Some("poll")));
    assert_eq!(waits.await, ClockAnswer::Replaced { replaced: true });
}

#[tokio::test]
async fn a_report_that_was_overtaken_by_a_newer_one_changes_nothing() {
    let clock = started(1);
    let numbered =
        |number, sent, finished| ClockReport { number: Some(number), ..report("s", &[(10, "poll")], sent, finished) };
    drop(clock.arrive());
    let mut newer = Box::pin(clock.report(numbered(2, 1, 0)));
    assert!(pending(&mut newer).await);
    assert_eq!(clock.report(numbered(1, 0, 0)).await, ClockAnswer::Replaced { replaced: true });
    assert!(pending(&mut newer).await, "the newer one still stands");
    assert_eq!(clock.report(numbered(3, 1, 1)).await, moved(10, Some("poll")));
}

#[tokio::test]
async fn a_detained_answer_is_released_at_its_time_after_the_party_has_heard_the_time() {
    let clock = started(1);
    let exchange = clock.arrive();
    let mut detained = Box::pin(clock.detain(&exchange, Some(t(30)), "slow"));
    assert!(pending(&mut detained).await);
    assert_eq!(clock.report(report("s", &[(60, "timeout")], 1, 0)).await, moved(30, None));
    assert!(pending(&mut detained).await);
    let mut next = Box::pin(clock.report(report("s", &[(60, "timeout")], 1, 0)));
    assert!(pending(&mut next).await);
    detained.await;
    assert_eq!(clock.now(), t(30));
}

#[tokio::test]
async fn a_client_that_gives_up_on_a_detained_answer_frees_the_clock() {
    let clock = started(1);
    let exchange = clock.arrive();
    let mut detained = Box::pin(clock.detain(&exchange, None, "hang"));
    assert!(pending(&mut detained).await);
    assert_eq!(clock.report(report("s", &[(30, "timeout")], 1, 0)).await, moved(30, Some("timeout")));
    drop(detained);
    drop(exchange);
    assert_eq!(clock.report(report("s", &[(40, "poll")], 1, 1)).await, moved(40, Some("poll")));
}

#[tokio::test]
async fn a_harness_timer_holds_the_clock_until_its_work_is_done() {
    let clock = started(1);
    let timer = clock.timer(t(10), "kill");
    let mut due = Box::pin(timer.released());
    assert_eq!(clock.report(report("s", &[(20, "poll")], 0, 0)).await, moved(10, None));
    let mut waits = Box::pin(clock.report(report("s", &[(20, "poll")], 0, 0)));
    assert!(pending(&mut waits).await);
    let hold = (&mut due).await;
    assert!(pending(&mut waits).await, "the hold is alive");
    drop(hold);
    assert_eq!(waits.await, moved(20, Some("poll")));
}

#[tokio::test]
async fn a_killed_process_leaves_nothing_behind() {
    let clock = started(1);
    let _old_exchange = clock.arrive();
    clock.forget_parties();
    clock.declare_parties(1);
    assert_eq!(clock.report(report("s", &[(10, "poll")], 0, 0)).await, moved(10, Some("poll")));
}

#[tokio::test]
async fn quiet_with_nothing_left_is_stuck() {
    let clock = started(1);
    let mut waits = Box::pin(clock.report(report("s", &[], 0, 0)));
    assert!(pending(&mut waits).await);
    assert_eq!(*clock.status().borrow(), Progress::Stuck);
}

#[tokio::test(start_paused = true)]
async fn a_party_that_never_gets_idle_is_busy_and_the_reason_is_told() {
    let clock = started(1);
    let mut status = clock.status();
    status.changed().await.unwrap();
    let Progress::Busy { why } = status.borrow().clone() else { panic!("not busy") };
    assert_eq!(why, "1 of 1 parties to report that they are idle");
}

#[tokio::test(start_paused = true)]
async fn what_the_harness_takes_its_time_over_is_not_the_partys() {
    let clock = started(1);
    let hold = clock.hold();
    let mut status = clock.status();
    wall::wall_sleep(BUSY_AFTER * 3).await;
    assert!(!status.has_changed().unwrap());
    drop(hold);
    wall::wall_sleep(BUSY_AFTER / 2).await;
    assert!(!status.has_changed().unwrap(), "the time is counted from the harness's last deed");
    status.changed().await.unwrap();
    assert!(matches!(*status.borrow(), Progress::Busy { .. }));
}

#[tokio::test]
async fn whoever_looks_before_a_move_can_keep_time_where_it_is() {
    let clock = Coordinator::new(t(0));
    clock.declare_parties(1);
    let (kept, mut keeps) = tokio::sync::mpsc::unbounded_channel();
    let mut first = true;
    let lookout = clock.before_each_move(move |now, hold| {
        if !std::mem::take(&mut first) {
            return Some(hold);
        }
        kept.send((now, hold)).unwrap();
        None
    });
    clock.start();
    let mut waits = Box::pin(clock.report(report("s", &[(10, "poll")], 0, 0)));
    assert!(pending(&mut waits).await);
    let (at, hold) = keeps.recv().await.unwrap();
    assert_eq!((at, clock.now()), (t(0), t(0)));
    drop(hold);
    assert_eq!(waits.await, moved(10, Some("poll")));
    drop(lookout);
    assert!(keeps.recv().await.is_none(), "who has looked away is forgotten");
}

#[tokio::test]
async fn a_party_whose_connection_closed_is_gone() {
    let clock = started(2);
    let mut first = Box::pin(clock.report(report("one", &[(10, "x")], 0, 0)));
    assert!(pending(&mut first).await);
    drop(first);
    let mut second = Box::pin(clock.report(report("two", &[(5, "y")], 0, 0)));
    assert!(pending(&mut second).await, "one of two parties is gone: time must not move");
}

fn webhooks(handled: u64, open: u64) -> ClockReport {
    ClockReport { webhooks: handled, webhooks_open: open, ..report("s", &[(10, "poll")], 0, 0) }
}

#[tokio::test]
async fn a_webhook_keeps_the_clock_still_until_it_is_answered_and_the_party_says_so() {
    let clock = started(1);
    let webhook = clock.send_webhook();
    let mut waits = Box::pin(clock.report(webhooks(0, 0)));
    assert!(pending(&mut waits).await);
    let mut says_so = Box::pin(clock.report(webhooks(1, 0)));
    assert!(pending(&mut says_so).await, "the answer is still under way");
    drop(webhook);
    assert_eq!(says_so.await, moved(10, Some("poll")));
}

#[tokio::test]
async fn an_answer_that_waits_for_a_timer_of_the_party_lets_time_pass() {
    let clock = started(1);
    let webhook = clock.send_webhook();
    assert_eq!(clock.report(webhooks(0, 1)).await, moved(10, Some("poll")));
    webhook.end(WebhookEnd::GivenUp);
    assert_eq!(clock.report(webhooks(1, 0)).await, moved(10, Some("poll")));
}

#[tokio::test]
async fn a_webhook_that_found_nobody_or_a_process_since_killed_does_not_count() {
    let clock = started(1);
    clock.send_webhook().end(WebhookEnd::NotReached);
    let of_the_killed = clock.send_webhook();
    clock.forget_parties();
    clock.declare_parties(1);
    drop(of_the_killed);
    assert_eq!(clock.report(webhooks(0, 0)).await, moved(10, Some("poll")));
}

#[tokio::test]
async fn without_a_party_the_answers_alone_count() {
    let clock = started(0);
    let webhook = clock.send_webhook();
    let mut timer = Box::pin(clock.timer(t(10), "retry").released());
    clock.declare_parties(0);
    assert!(pending(&mut timer).await);
    drop(webhook);
    timer.await;
    assert_eq!(clock.now(), t(10));
}

#[tokio::test]
async fn counts_that_cannot_be_are_waited_for_and_break_nothing() {
    let clock = started(2);
    let mut most = Box::pin(clock.report(report("one", &[(10, "x")], u64::MAX, u64::MAX)));
    assert!(pending(&mut most).await);
    let mut one_more = Box::pin(clock.report(report("two", &[(5, "y")], 1, 1)));
    assert!(pending(&mut one_more).await);
    let awaited = clock.lock().awaited();
    assert_eq!(awaited.as_deref(), Some("requests: the stack says it sent 18446744073709551615, 0 arrived"));
}
