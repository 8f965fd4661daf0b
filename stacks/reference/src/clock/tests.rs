use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn ledger() -> Ledger {
    let mut ledger = Ledger::default();
    ledger.begin(at(0));
    ledger
}

#[test]
fn a_report_goes_out_only_when_something_changed() {
    let mut ledger = ledger();
    assert!(ledger.has_news());
    ledger.report("reference");
    assert!(!ledger.has_news());
    let _waiting = ledger.wait_for("poll:miro", at(60));
    assert!(ledger.has_news());
}

#[test]
fn timers_have_names_of_their_own_that_are_the_same_in_every_run() {
    let mut ledger = ledger();
    let (first, _waiting) = ledger.wait_for("poll:miro", at(60));
    let (second, _waiting_too) = ledger.wait_for("poll:miro", at(60));
    assert_eq!((first.as_str(), second.as_str()), ("poll:miro#1", "poll:miro#2"));
}

#[test]
fn the_released_timer_fires_and_the_others_wait_on() {
    let mut ledger = ledger();
    let (_, mut one) = ledger.wait_for("a", at(60));
    let (_, mut other) = ledger.wait_for("b", at(60));
    ledger.release(&Told { now: at(60), released: Some("a#1".to_owned()), replaced: false });
    assert_eq!((one.try_recv(), other.try_recv().is_err(), ledger.now), (Ok(()), true, at(60)));
}

#[test]
fn a_replaced_report_changes_nothing_and_calls_for_no_other() {
    let mut ledger = ledger();
    ledger.report("reference");
    ledger.release(&Told { replaced: true, ..Told::default() });
    assert!(!ledger.has_news());
}

#[test]
fn time_that_moved_for_somebody_else_is_reported_on_again() {
    let mut ledger = ledger();
    ledger.report("reference");
    ledger.release(&Told { now: at(5), ..Told::default() });
    assert!(ledger.has_news() && ledger.now == at(5));
}

#[test]
fn nothing_is_told_while_something_is_under_way_that_takes_no_time() {
    let mut ledger = ledger();
    ledger.change(|ledger| ledger.beside += 1);
    assert!(!ledger.has_news());
    ledger.change(|ledger| ledger.beside -= 1);
    assert!(ledger.has_news());
}

#[tokio::test]
async fn a_clock_that_does_not_answer_again_and_again_is_gone() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (idle, client) = (Arc::new(Idle::default()), reqwest::Client::new());
    idle.ledger().begin(at(0));
    let (_stop, stopping) = watch::channel(false);
    let clock = Clock { source: Source::Simulated(Arc::clone(&idle)), stop: stopping };
    for _ in 0..CLOCK_FAILURES {
        post(Arc::clone(&idle), client.clone(), format!("http://{nobody}/_sim/clock"), json!({})).await;
    }
    clock.gone().await;
}
