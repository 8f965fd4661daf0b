//! Pieces of work side by side: so many at a time, each in a task of its own.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use super::error::RunError;

/// A slot that nobody waited for when the piece was begun. Who keeps it may work at two things at once.
pub type Spare = Option<OwnedSemaphorePermit>;

/// Does `work` on all pieces, at most `jobs` at a time. `told` hears of each, by its key, as it is done; a piece in which
/// our own code panics is that piece's error and no other's. Once `stop` turns true no further one is begun; of those
/// nothing is told.
pub async fn side_by_side<K, P, T, W>(
    pieces: impl IntoIterator<Item = (K, P)>,
    jobs: usize,
    stop: &watch::Receiver<bool>,
    work: impl Fn(P, Spare) -> W + Send + Sync + 'static,
    mut told: impl FnMut(K, Result<T, RunError>),
) where
    K: Send + 'static,
    P: Send + 'static,
    T: Send + 'static,
    W: Future<Output = T> + Send + 'static,
{
    let (work, slots) = (Arc::new(work), Arc::new(Semaphore::new(jobs.max(1))));
    let mut running = JoinSet::new();
    for (key, piece) in pieces {
        let (work, slots, stop) = (Arc::clone(&work), Arc::clone(&slots), stop.clone());
        running.spawn(async move {
            let _slot = slots.acquire().await.expect("the semaphore is never closed");
            if *stop.borrow() {
                return None;
            }
            let spare = Arc::clone(&slots).try_acquire_owned().ok();
            let done = tokio::spawn(work(piece, spare)).await;
            Some((key, done.map_err(|panic| RunError::Broken(panic.to_string()))))
        });
    }
    while let Some(finished) = running.join_next().await {
        if let Some((key, done)) = finished.expect("what can panic runs in a task of its own") {
            told(key, done);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn never_more_than_so_many_are_at_work_and_all_are_told() {
        static AT_WORK: AtomicUsize = AtomicUsize::new(0);
        let (_stopper, stop) = watch::channel(false);
        let mut told = Vec::new();
        let work = |n: usize, spare: Spare| async move {
            drop(spare);
            let most = AT_WORK.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::task::yield_now().await;
            AT_WORK.fetch_sub(1, Ordering::SeqCst);
            (n * n, most)
        };
        side_by_side((0..20).map(|n| (n, n)), 3, &stop, work, |key, done| {
            let (square, most) = done.expect("nothing panics");
            assert!(most <= 3 && square == key * key, "{key}: {square}, {most}");
            told.push(key);
        })
        .await;
        told.sort_unstable();
        assert_eq!(told, (0..20).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_panic_is_the_error_of_its_piece_alone() {
        let (_stopper, stop) = watch::channel(false);
        let mut failed = Vec::new();
        let work = |n: u8, _: Spare| async move { assert_ne!(n, 1, "one is too few") };
        side_by_side((0..3).map(|n| (n, n)), 1, &stop, work, |key, done| failed.extend(done.is_err().then_some(key)))
            .await;
        assert_eq!(failed, [1]);
    }

    #[tokio::test]
    async fn once_stopped_no_piece_is_begun() {
        let (stopper, stop) = watch::channel(false);
        let mut told = Vec::new();
        let work = move |n: u8, _: Spare| {
            let _ = stopper.send(true);
            async move { n }
        };
        side_by_side((0..3).map(|n| (n, n)), 1, &stop, work, |key, _| told.push(key)).await;
        assert_eq!(told, [0]);
    }
}
