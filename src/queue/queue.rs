//! `Queue`: submits command groups to one device.

use super::checks::Checks;
use super::event::Event;
use super::handler::{Action, CommandResult, Handler};
use super::launch::LaunchManner;
use super::reduce::Companion;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::{ErrorSink, PrintSink, ProfileSlot, Work};
use crate::kernel::{Kernel, Overflow};
use crate::memory::{Accessible, Element};
use crate::plan::{Command, CommandKind, StepId, TaskId};
use crate::platform::{Device, DeviceId, MemoryId, Selector};
use crate::runtime::{Parts, Request, devices, runtime};
use crate::sync::Mutex;
use crate::trace::{CheckCount, Counters, Reason, Tally, Totals};
use smallvec::SmallVec;
use std::fmt;
use std::sync::Arc;

type AsyncHandler = Box<dyn Fn(Vec<Error>) + Send + Sync>;

/// Submits commands to one device. A cheap handle; usable from any thread.
///
/// Commands run in any order that the regions they touch allow; with [`QueueOptions::in_order`] in the order of their
/// submission. Submitting never waits for a command. A process that ends waits for the commands that a driver is at, and prints on
/// standard error how they failed if they did; those that wait for something are not done any more. The host device and host tasks
/// end with the process: wait for what is to be whole before `main` returns.
///
/// ```
/// use falx::prelude::*;
/// let queue = Queue::new(Selector::default())?;
/// let squares = Buffer::<u64>::new(5);
/// queue.submit(|h| {
///     let squares = squares.write(h).no_init();
///     h.parallel_for(5, kernel!(|i: usize| squares[i] = (i * i) as u64))
/// })?;
/// assert_eq!(*squares.host_read()?, [0, 1, 4, 9, 16]);
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020, section 4.6.5.
#[derive(Clone)]
pub struct Queue(Arc<Inner>);

/// How a queue behaves.
pub struct QueueOptions {
    /// Whether each command waits for the one before.
    pub in_order: bool,
    /// Whether the times of commands are kept, for [`Event::profiling`].
    pub profiling: bool,
    /// Called by [`Queue::wait_and_throw`] with what went wrong while commands ran. Without it, the next wait returns
    /// the first of them.
    pub error_handler: Option<AsyncHandler>,
    /// Where the output of kernels goes: standard output, unless it is set.
    pub print: PrintSink,
    /// How many bytes of memory each launch that prints has for it: a megabyte, unless it is set. A line takes 16, and 8 for each
    /// number in it. Lines for which there is no room are left out, and the last line of the output says how many.
    pub print_bytes: usize,
    /// Whether kernels run in checked mode, as in a debug build: integers that overflow in `+ - * << >>`, negation or
    /// `abs` are failures that name the operation and its operands, and `debug_assert!` is checked. Kernels are built
    /// once more for it, and run slower. The environment variable `FALX_CHECKS=overflow` sets it for every queue.
    pub checked: bool,
}

impl Default for QueueOptions {
    fn default() -> Self {
        QueueOptions {
            in_order: false,
            profiling: false,
            error_handler: None,
            print: PrintSink::default(),
            print_bytes: 1 << 20,
            checked: false,
        }
    }
}

struct Inner {
    device: Device,
    options: QueueOptions,
    manner: LaunchManner,
    sink: Arc<ErrorSink>,
    counters: Counters,
    /// The last command, for queues that run in order.
    last: Mutex<Option<TaskId>>,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Queue on {}", self.0.device)
    }
}

/// The device of a queue is where memory for it is allocated: [`usm::shared(&queue, n)`](crate::usm::shared).
impl AsRef<Device> for Queue {
    fn as_ref(&self) -> &Device {
        self.device()
    }
}

impl Queue {
    /// A queue on the device that `selector` chooses among those that [`devices`] lists.
    ///
    /// # Errors
    /// [`ErrorKind::Platform`](crate::ErrorKind::Platform) if none fits; what the driver reports if the device cannot be used.
    pub fn new(selector: Selector) -> Result<Self> {
        Queue::on(&selector.choose(&devices()?)?)
    }

    /// A queue on `device`.
    ///
    /// # Errors
    /// What the driver reports if the device cannot be used.
    pub fn on(device: &Device) -> Result<Self> {
        Queue::with(device, QueueOptions::default())
    }

    /// A queue on `device` whose commands run in the order of their submission.
    ///
    /// # Errors
    /// As for [`Queue::on`].
    pub fn in_order(device: &Device) -> Result<Self> {
        Queue::with(device, QueueOptions { in_order: true, ..QueueOptions::default() })
    }

    /// A queue on `device` with options.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if `print_bytes` is less than 1024 or more than 2^33; else as for
    /// [`Queue::on`].
    pub fn with(device: &Device, options: QueueOptions) -> Result<Self> {
        runtime().lane(device.id())?;
        let checks = Checks::from_environment()?;
        let overflow = if options.checked || checks.overflow { Overflow::Traps } else { Overflow::Wraps };
        let print_words = print_words(options.print_bytes)?;
        let manner =
            LaunchManner { overflow, explain: checks.explain, print: options.print.clone(), print_words };
        Ok(Queue(Arc::new(Inner {
            device: device.clone(),
            options,
            manner,
            sink: Arc::default(),
            counters: Counters::new(),
            last: Mutex::default(),
        })))
    }

    /// Has the queue, which runs in order, begin after a command of no queue.
    pub(crate) fn begin_after(&self, event: &Event) {
        *self.0.last.lock() = Some(event.task);
    }

    /// The device.
    pub fn device(&self) -> &Device {
        &self.0.device
    }

    /// Whether commands run in the order of their submission.
    pub fn is_in_order(&self) -> bool {
        self.0.options.in_order
    }

    /// Submits one command: `group` makes accessors from the handler and asks for the command. It runs at once, on this
    /// thread; the command runs later, when everything it conflicts with is over. Does not wait for it.
    ///
    /// # Errors
    /// What is wrong with the command; nothing runs then. What the closure returns as an error.
    pub fn submit<R: CommandResult>(&self, group: impl FnOnce(&Handler) -> R) -> Result<Event> {
        let mut handler = Handler::new(self.0.device.clone(), self.0.manner.clone());
        group(&handler).into_result()?;
        handler.check()?;
        let companions = handler.take_companions();
        companions.before.into_iter().try_for_each(|precede| precede(self).map(drop))?;
        let event = self.send(&mut handler)?;
        self.follow(event, companions.after)
    }

    /// Does what belongs to a command but comes after it; the event of the last of it.
    fn follow(&self, event: Event, followers: Vec<Companion>) -> Result<Event> {
        if followers.is_empty() {
            return Ok(event);
        }
        let last = followers.into_iter().map(|follow| follow(self)).collect::<Result<Vec<_>>>()?;
        match last.len() {
            1 => Ok(last.into_iter().next().unwrap_or(event)),
            _ => {
                let mut all = Handler::new(self.0.device.clone(), self.0.manner.clone());
                last.iter().for_each(|event| all.depends_on(event));
                self.send(&mut all)
            }
        }
    }

    fn send(&self, group: &mut Handler) -> Result<Event> {
        let action = group.take_action();
        let on_host = matches!(action.kind, CommandKind::HostTask);
        let profile = (self.0.options.profiling && !on_host).then(Arc::<ProfileSlot>::default);
        let tally = tally(&action);
        let mut request = Request {
            command: Command {
                kind: action.kind,
                name: action.name,
                place: action.place,
                device: if on_host { DeviceId::HOST } else { self.0.device.id() },
                memory: if on_host { MemoryId::HOST } else { self.0.device.memory() },
                requirements: SmallVec::new(),
                after: group.take_after(),
            },
            work: action.work,
            division: None,
            uses: SmallVec::new(),
            sink: Some(self.0.sink.clone()),
            profile: profile.clone(),
            counters: Some(&self.0.counters),
            tally,
            reason: Reason::Command,
            last: self.0.options.in_order.then_some(&self.0.last),
        };
        let pending = group.pending();
        for pending in pending {
            pending.demands(request.command.memory, &mut request.command.requirements);
            request.uses.push(pending.as_use());
        }
        let division = action.division.as_deref().map(|division| division.of(pending));
        request.division = division.as_ref().map(|division| division as &dyn Parts);
        let ticket = runtime().submit(&mut request)?;
        Ok(Event { task: ticket.task, step: ticket.step, dependencies: ticket.dependencies, profile })
    }

    /// Waits for every command submitted to this queue so far.
    ///
    /// # Errors
    /// The first thing that went wrong in a command since the last wait, unless the queue has an error handler;
    /// [`ErrorKind::Deadlock`](crate::ErrorKind::Deadlock) if this thread holds a host guard that a command waits for.
    pub fn wait(&self) -> Result<()> {
        self.wait_for_all()?;
        if self.0.options.error_handler.is_some() {
            return Ok(());
        }
        self.0.sink.take().into_iter().next().map_or(Ok(()), Err)
    }

    /// Waits for every command submitted to this queue so far, and hands what went wrong to the queue's error handler.
    ///
    /// # Errors
    /// As for [`Queue::wait`], if the queue has no error handler.
    ///
    /// Source: SYCL 2020, section 4.13.1.2.
    pub fn wait_and_throw(&self) -> Result<()> {
        let Some(handler) = &self.0.options.error_handler else { return self.wait() };
        self.wait_for_all()?;
        let errors = self.0.sink.take();
        if !errors.is_empty() {
            handler(errors);
        }
        Ok(())
    }

    /// The last steps of the commands that may not be over.
    fn outstanding(&self) -> Vec<StepId> {
        let mut steps = runtime().engine.outstanding(&self.0.sink);
        // A queue that was imported begins after what is not its own; its own commands wait for that.
        if steps.is_empty() {
            steps.extend(self.0.last.lock().map(|task| StepId(task.0)));
        }
        steps
    }

    fn wait_for_all(&self) -> Result<()> {
        // The last one first: on an in-order lane the others are then over too, and cost nothing more.
        for step in self.outstanding().iter().rev() {
            match runtime().wait(*step, crate::execute::Until::Complete) {
                // The wait itself failed: the command is not over.
                Err(error) if !runtime().engine.is_over(*step) => return Err(error),
                // Other failures are in the sink.
                _ => {}
            }
        }
        Ok(())
    }

    /// What this queue did so far; driver calls are only counted for the whole process.
    pub fn totals(&self) -> Totals {
        self.0.counters.totals()
    }

    /// Runs a kernel once. Its accessors would need a handler, so it captures none: see [`Queue::submit`] for those that do.
    ///
    /// # Errors
    /// As for [`Handler::single_task`].
    pub fn single_task(&self, kernel: impl Kernel<()>) -> Result<Event> {
        self.submit(|h| h.single_task(kernel))
    }

    /// Runs a closure on the host, in its place among this queue's commands.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let queue = Queue::new(Selector::default())?;
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// queue.host_task(move || sender.send(7).unwrap_or_default())?.wait()?;
    /// assert_eq!(receiver.recv(), Ok(7));
    /// # Ok::<(), falx::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Handler::host_task`].
    pub fn host_task<R: CommandResult>(&self, task: impl FnOnce() -> R + Send + 'static) -> Result<Event> {
        self.submit(|h| h.host_task((), |()| task()))
    }

    /// Brings elements to the host ahead of a [`Buffer::host_read`](crate::Buffer::host_read).
    ///
    /// # Errors
    /// [`ErrorKind::Uninitialized`](crate::ErrorKind::Uninitialized) if nothing has written it.
    ///
    /// Source: SYCL 2020, section 4.9.4.3 (`update_host`).
    pub fn update_host<T: Element, const D: usize>(&self, elements: &impl Accessible<T, D>) -> Result<Event> {
        self.submit(|h| {
            let elements = elements.read_access(h);
            h.host_task(elements, |_| {});
        })
    }

    /// Sets every element of a buffer or of unified shared memory to `value`.
    ///
    /// # Errors
    /// As for [`Handler::fill`].
    pub fn fill<T: Element, const D: usize>(&self, to: &impl Accessible<T, D>, value: T) -> Result<Event> {
        self.submit(|h| h.fill(&to.write_access(h).no_init(), value))
    }

    /// Copies elements to others of the same range, in buffers or unified shared memory.
    ///
    /// # Errors
    /// As for [`Handler::copy`].
    pub fn copy<T: Element, const D: usize>(
        &self,
        from: &impl Accessible<T, D>,
        to: &impl Accessible<T, D>,
    ) -> Result<Event> {
        self.submit(|h| h.copy(&from.read_access(h), &to.write_access(h).no_init()))
    }

    /// Brings elements to the queue's device ahead of the commands that will need it there.
    ///
    /// # Errors
    /// [`ErrorKind::Uninitialized`](crate::ErrorKind::Uninitialized) if nothing has written it.
    pub fn prefetch<T: Element, const D: usize>(&self, elements: &impl Accessible<T, D>) -> Result<Event> {
        self.submit(|h| {
            elements.read_access(h);
        })
    }

    /// A command that is over when every command submitted to this queue so far is.
    ///
    /// # Errors
    /// None that a user can cause.
    pub fn barrier(&self) -> Result<Event> {
        let event =
            |step: StepId| Event { task: TaskId(step.0), step, dependencies: SmallVec::new(), profile: None };
        self.submit(|h| h.depends_on(self.outstanding().into_iter().map(event)))
    }
}

/// What a command counts as.
fn tally(action: &Action) -> Tally {
    let checks = match &action.work {
        Work::Launch(launch) => launch.chosen.checks,
        _ => CheckCount::default(),
    };
    Tally {
        is_launch: action.kind == CommandKind::Launch && action.explicit_bytes == 0,
        is_host_task: matches!(action.kind, CommandKind::HostTask | CommandKind::InteropTask),
        checks,
        explicit_bytes: action.explicit_bytes,
    }
}

/// How many words there are for lines in so many bytes of memory for output, one word of which is for counters.
fn print_words(print_bytes: usize) -> Result<usize> {
    // The longest line fits, and 32 bits count the words.
    const ALLOWED: std::ops::RangeInclusive<usize> = 1024..=1 << 33;
    match ALLOWED.contains(&print_bytes) {
        true => Ok(print_bytes / size_of::<u64>() - 1),
        false => Err(Error::new(
            ErrorKind::Invalid,
            format!(
                "`QueueOptions::print_bytes` is {print_bytes}; choose from {} to {}",
                ALLOWED.start(),
                ALLOWED.end()
            ),
        )),
    }
}
