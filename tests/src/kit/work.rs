//! Many cases on two threads, and folders for their records.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Does the work on two threads, and gives what went wrong, in the order of the cases.
pub fn on_two_threads(n: usize, work: impl Fn(usize) -> Result<(), String> + Sync) -> Vec<String> {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let one = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= n {
                return;
            }
            let done = catch_unwind(AssertUnwindSafe(|| work(at)));
            if let Err(text) = done.unwrap_or_else(|_| Err(format!("case {at}: the record could not be made"))) {
                wrong.lock().expect("no panic while it is held").push((at, text));
            }
        }
    };
    std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(one))));
    let mut wrong = wrong.into_inner().expect("no panic while it is held");
    wrong.sort();
    wrong.into_iter().map(|(_, text)| text).collect()
}

/// A folder for records, in memory where the system has such a place.
pub fn folder() -> io::Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }
}
