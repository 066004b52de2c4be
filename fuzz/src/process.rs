//! Processes that do a part of the work and tell of it line by line; one that falls silent for too long is ended, and so is
//! one that nobody listens to any more.

use crate::options::Options;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// How long a process may say nothing: as long as drivers may take over the kernels that are compiled together.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// How many times as long one may say nothing that does not get the processor, as on a busy machine.
const WHILE_BUSY: u32 = 3;

/// The number of the signal.
const ILLEGAL_INSTRUCTION: i32 = 4;

/// A process, which ends with this.
pub struct Process {
    child: Child,
    lines: Receiver<String>,
}

/// What a process says next.
pub enum Said {
    Line(String),
    /// Nothing more: it has closed its output.
    End,
    /// Nothing for as long as it may.
    Silence,
}

impl Process {
    /// Starts a process.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn start(command: &mut Command) -> Result<Process, String> {
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|error| format!("cannot start a process: {error}"))?;
        let (sender, lines) = channel();
        if let Some(output) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        Ok(Process { child, lines })
    }

    /// Whether it has ended at an instruction that the processor does not have.
    pub fn met_no_instruction(&mut self) -> bool {
        self.child.wait().is_ok_and(|status| status.signal() == Some(ILLEGAL_INSTRUCTION))
    }

    /// Waits for its next line, for as much of the processor's time as `patience`.
    pub fn next(&self, patience: Duration) -> Said {
        let start = self.processor_time();
        for _ in 0..WHILE_BUSY {
            match self.lines.recv_timeout(patience) {
                Ok(line) => return Said::Line(line),
                Err(RecvTimeoutError::Disconnected) => return Said::End,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let used = self.processor_time().zip(start).map(|(now, start)| now.saturating_sub(start));
            if used.is_none_or(|used| used >= patience) {
                break;
            }
        }
        Said::Silence
    }

    /// For how long processors have worked for it, where the system says so.
    fn processor_time(&self) -> Option<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // Behind the name, which may contain anything.
        let (_, fields) = stat.rsplit_once(')')?;
        let times = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = times.map(|ticks| ticks.parse::<u64>().ok()).sum::<Option<u64>>()?;
        Some(Duration::from_millis(ticks * MILLISECONDS_OF_TICK))
    }
}

/// Linux counts the time of processes in hundredths of a second, whatever it does inside.
const MILLISECONDS_OF_TICK: u64 = 10;

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended by itself, or must.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// This program once more, with other words, on the same devices; what drivers keep and say goes into a folder.
///
/// # Errors
/// When this program is not found, or the folder takes no files.
pub fn again(options: &Options, words: &[&str], folder: &Folder) -> Result<Command, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args(words).env("POCL_CACHE_DIR", folder.path()).stderr(folder.noise()?);
    if let Some(device) = &options.device {
        command.env("FALX_DEVICE", device);
    }
    Ok(command)
}

/// A folder of one process, which is gone afterwards.
pub struct Folder(PathBuf);

impl Folder {
    /// The folder of process `job` of those of a kind.
    pub fn new(kind: &str, job: usize) -> Folder {
        Folder(std::env::temp_dir().join(format!("falx-{kind}-{}-{job}", std::process::id())))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What was written there under a name; nothing if there is no such file.
    pub fn read(&self, name: &str) -> String {
        let bytes = std::fs::read(self.0.join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Where the compilers' warnings go, with whatever a dying process says.
    fn noise(&self) -> Result<File, String> {
        let opened = std::fs::create_dir_all(&self.0).and_then(|()| File::create(self.0.join(NOISE)));
        opened.map_err(|error| format!("cannot write into {}: {error}", self.0.display()))
    }
}

/// The file of what a process says on its standard error.
pub const NOISE: &str = "stderr";

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn shell(script: &str) -> Process {
        Process::start(Command::new("sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn a_process_that_says_nothing_is_given_up_and_ended() {
        let start = Instant::now();
        let process = shell("echo first; exec sleep 600");
        assert!(matches!(process.next(PATIENCE), Said::Line(line) if line == "first"));
        assert!(matches!(process.next(Duration::from_millis(50)), Said::Silence));
        let id = process.child.id();
        drop(process);
        assert!(!Path::new(&format!("/proc/{id}")).exists(), "process {id} is still there");
        assert!(start.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn a_process_that_works_may_say_nothing_for_its_patience_and_one_that_waits_for_three_times_that() {
        let patience = Duration::from_millis(400);
        let silence = |script: &str| {
            let (process, start) = (shell(script), Instant::now());
            assert!(matches!(process.next(patience), Said::Silence));
            (process.processor_time().unwrap(), start.elapsed())
        };
        let (used, waited) = silence("while :; do :; done");
        assert!(used >= patience || waited >= patience * WHILE_BUSY, "{used:?} {waited:?}");
        let (used, waited) = silence("exec sleep 600");
        assert!(used < patience && waited >= patience * WHILE_BUSY, "{used:?} {waited:?}");
    }

    #[test]
    fn the_lines_of_a_process_come_in_order_and_then_its_end() {
        let process = shell("echo first; echo second");
        assert!(matches!(process.next(PATIENCE), Said::Line(line) if line == "first"));
        assert!(matches!(process.next(PATIENCE), Said::Line(line) if line == "second"));
        assert!(matches!(process.next(PATIENCE), Said::End));
    }
}
