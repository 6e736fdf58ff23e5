//! The one meaning of Ctrl-C: what was finished is saved, that is said, and the program ends
//! with 130.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::report::{INTERRUPTED, Verdict};

/// A flag that the first interrupt or termination signal sets. The second ends the program.
pub fn flag() -> eqprop::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(INTERRUPTED));
        }
    })
    .map_err(|error| {
        eqprop::Error::io(Path::new("signal handler"), std::io::Error::other(error))
    })?;
    Ok(stop)
}

/// Says that a signal ended the run, and how to go on.
pub fn said() -> Verdict {
    eprintln!("interrupted: what was finished is saved. --resume goes on from there");
    Verdict::Interrupted
}
