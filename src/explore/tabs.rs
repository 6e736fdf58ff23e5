//! How many tabs show the page: the last one's closing ends the server.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::response::sse::Event;
use futures_core::Stream;

/// A reload closes a tab and opens it again within this time.
const GRACE: Duration = Duration::from_secs(10);

/// The tabs that are open.
#[derive(Debug, Clone, Default)]
pub(super) struct Tabs {
    open: Arc<AtomicUsize>,
    any: Arc<AtomicBool>,
}

/// One tab: a stream of events without an event, which lives as long as the tab does.
pub(super) struct Tab(Arc<AtomicUsize>);

impl Tabs {
    /// One more.
    pub fn open(&self) -> Tab {
        self.open.fetch_add(1, Ordering::SeqCst);
        self.any.store(true, Ordering::SeqCst);
        Tab(Arc::clone(&self.open))
    }

    /// Returns when there was a tab and has been none for [`GRACE`], or when `stop` says so.
    pub async fn closed(&self, stop: &AtomicBool) {
        let mut last_seen = Instant::now();
        loop {
            let waiting = !self.any.load(Ordering::SeqCst);
            if waiting || self.open.load(Ordering::SeqCst) > 0 {
                last_seen = Instant::now();
            }
            if stop.load(Ordering::SeqCst) || last_seen.elapsed() > GRACE {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Stream for Tab {
    type Item = Result<Event, std::convert::Infallible>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Pending
    }
}
