//! What kernels print: from a launch's memory to the program's standard output, or wherever its queue sends it.
//!
//! Delivered once, before anybody learns that the launch is over.

use super::kernels::Compiled;
use super::sheet::Sheet;
use crate::kernel::{is_silent, printed};
use parking_lot::Mutex;
use std::cell::Cell;
use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// Where the output of kernels goes: standard output, unless made with [`PrintSink::new`].
///
/// ```
/// use falx::prelude::*;
/// use std::sync::{Arc, Mutex};
///
/// let log = Arc::new(Mutex::new(String::new()));
/// let copy = log.clone();
/// let print = PrintSink::new(move |text| copy.lock().unwrap().push_str(text));
/// let device = Selector::default().choose(&falx::devices()?)?;
/// let queue = Queue::with(&device, QueueOptions { print, ..QueueOptions::default() })?;
/// queue.submit(|h| h.parallel_for(3, kernel!(|i: usize| println!("{i} squared is {}", i * i))))?.wait()?;
/// assert_eq!(*log.lock().unwrap(), "0 squared is 0\n1 squared is 1\n2 squared is 4\n");
/// # Ok::<(), falx::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct PrintSink(Option<Arc<Take>>);

type Take = dyn Fn(&str) + Send + Sync;

impl PrintSink {
    /// Hands the output of each launch to `take`: whole lines, the work-items in order. It is called by whichever thread
    /// finds the launch complete, before any wait for the launch returns, and must not wait for falx itself.
    pub fn new(take: impl Fn(&str) + Send + Sync + 'static) -> Self {
        PrintSink(Some(Arc::new(take)))
    }

    fn take(&self, text: &str) {
        match &self.0 {
            Some(take) => take(text),
            // A closed standard output is no reason to fail.
            None => drop(std::io::stdout().lock().write_all(text.as_bytes())),
        }
    }
}

impl std::fmt::Debug for PrintSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() {
            "PrintSink of the program"
        } else {
            "PrintSink to standard output"
        })
    }
}

/// The output of one launch.
pub(crate) struct PrintRecord {
    pub(crate) sheet: Arc<Sheet>,
    is_delivered: Mutex<bool>,
}

thread_local! {
    /// Whether this thread is delivering: a sink that waits all the same must not wait for itself.
    static DELIVERING: Cell<bool> = const { Cell::new(false) };
}

impl PrintRecord {
    pub(crate) fn new(sheet: Arc<Sheet>) -> Self {
        PrintRecord { sheet, is_delivered: Mutex::new(false) }
    }

    /// Hands over what a complete launch printed, unless that was done. Others who ask meanwhile wait.
    pub(crate) fn deliver(&self, kernel: &Compiled, sink: &PrintSink) {
        if DELIVERING.get() {
            return;
        }
        let mut is_delivered = self.is_delivered.lock();
        if std::mem::replace(&mut *is_delivered, true) || is_silent(self.sheet.words()) {
            return;
        }
        let text = text_of(self.sheet.words(), kernel);
        DELIVERING.set(true);
        let taken = std::panic::catch_unwind(AssertUnwindSafe(|| sink.take(&text)));
        DELIVERING.set(false);
        // A sink that panics loses its text, and nothing else.
        let _ = taken.map_err(std::mem::forget);
    }
}

fn text_of(words: &[u64], kernel: &Compiled) -> String {
    let source = &kernel.source;
    // On the host device a message is known by the address of its site.
    let by_address =
        |code: u64| source.reports.iter().find(|report| std::ptr::from_ref(report.site) as u64 == code);
    let (mut text, lost) = printed(words, |code| source.report(code).or_else(|| by_address(code)));
    if lost > 0 {
        let bytes = size_of_val(words);
        text.push_str(&format!(
            "falx: kernel `{}` printed more than {bytes} bytes hold: {lost} lines lost; `QueueOptions::print_bytes` makes room\n",
            source.title
        ));
    }
    text
}
