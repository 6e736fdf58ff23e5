//! A sign of life on a terminal while a computation takes long.

use std::io::{IsTerminal, stderr};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::scope;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Computations shorter than this show nothing.
const SILENT: Duration = Duration::from_secs(2);

/// Computes, and meanwhile shows how long it has taken if standard error is a terminal.
pub fn waiting<T>(compute: impl FnOnce() -> T) -> T {
    if !stderr().is_terminal() {
        return compute();
    }
    let (ended, end) = channel::<()>();
    scope(|scope| {
        scope.spawn(move || show(&end));
        let answer = compute();
        drop(ended);
        answer
    })
}

/// Shows the time from the third second to the end.
fn show(end: &Receiver<()>) {
    if end.recv_timeout(SILENT) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::new_spinner();
    let template = "{spinner} computing for {elapsed}. Ctrl-C ends it";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    // nothing is ever sent: this waits until the other end is dropped
    let _ = end.recv();
    bar.finish_and_clear();
}
