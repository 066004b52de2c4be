//! Turns a work-group with barriers into one thread's work: each work-item runs on a stack of its own.
//!
//! Items take turns from barrier to barrier, in order of their ids, always on the thread that runs the group. Never
//! hangs: when some items end where others wait, that is reported and the waiting ones go on.
//!
//! A work-item that panics leaves its stack as it is and never comes back: kernels work on plain values, of which none
//! needs to be dropped. That takes no unwinding, so it works in programs that abort on panics, too.

use super::argument::LaunchShape;
use super::current::{item, set_item};
use super::item::Position;
use super::object::HostBody;
use super::twin::Environment;
use crate::error::{Error, ErrorKind};
use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::{io, ptr, thread};

/// The stack of one work-item, for its private arrays and the calls it makes. Only pages that are used take memory.
const STACK_BYTES: usize = 256 * 1024;
/// How many stacks a thread keeps for the next group: the largest work-group.
const KEPT_STACKS: usize = 1024;

/// Why a work-group did not run as it should.
#[derive(Debug)]
pub enum GroupError {
    /// The system gives no memory for the stack of a work-item.
    Stack(io::Error),
    /// Some work-items came to a barrier that others, which had ended, did not come to.
    Diverged {
        /// The work-group's row-major position among the work-groups.
        group: usize,
        /// How many came to it.
        reached: usize,
        /// How many the work-group has.
        items: usize,
    },
}

impl GroupError {
    /// The error of a launch of `kernel`.
    pub fn describe(self, kernel: &str) -> Error {
        match self {
            GroupError::Stack(cause) => {
                let message = format!(
                    "kernel `{kernel}`: no memory for the {STACK_BYTES} byte stack of a work-item; use smaller work-groups"
                );
                Error::with_source(ErrorKind::MemoryAllocation, message, cause)
            }
            GroupError::Diverged { group, reached, items } => {
                let message = format!(
                    "kernel `{kernel}`: {reached} of the {items} work-items of work-group {group} came to a barrier that \
                     the others never reached; call `barrier` where every work-item of a group gets to it"
                );
                Error::new(ErrorKind::Kernel, message)
            }
        }
    }
}

type Turns = Coroutine<(), Pause, thread::Result<()>, DefaultStack>;
type Turn = Yielder<(), Pause>;

/// Why a work-item hands over.
enum Pause {
    /// It came to a barrier.
    Barrier,
    /// It has ended, by a panic.
    Halted,
}

thread_local! {
    /// How the work-item that this thread runs hands over to the next; null outside a group with barriers.
    static TURN: Cell<*const Turn> = const { Cell::new(ptr::null()) };
    static STACKS: RefCell<Vec<DefaultStack>> = const { RefCell::new(Vec::new()) };
}

/// Lets the other work-items of the group come here. Does nothing outside a group that runs with barriers.
pub(super) fn barrier() {
    let turn = TURN.get();
    // SAFETY: `start` sets the pointer when an item begins and this function when it goes on; `resume` clears it when the
    // item hands over or ends. So it is the yielder of the coroutine that runs now, which lives on that coroutine's stack.
    if let Some(yielder) = unsafe { turn.as_ref() } {
        yielder.suspend(Pause::Barrier);
        TURN.set(turn);
    }
}

/// Ends the work-item that this thread runs.
///
/// # Panics
/// Where nothing awaits that, which is nowhere in a kernel that may panic.
pub(super) fn halt() -> ! {
    // SAFETY: as in `barrier`.
    if let Some(yielder) = unsafe { TURN.get().as_ref() } {
        yielder.suspend(Pause::Halted);
    }
    unreachable!("a work-item went on after its panic")
}

/// Runs the work-items at the linear positions `items` of a launch without work-groups, of which any may panic.
///
/// # Errors
/// [`GroupError::Stack`].
///
/// # Panics
/// With what panics in `body` itself.
pub fn run_items_that_halt(
    body: &dyn HostBody,
    environment: &Environment<'_>,
    shape: &LaunchShape,
    items: Range<usize>,
) -> Result<(), GroupError> {
    let mut next = items.start;
    while next < items.end {
        let ends = run_halting(&|| body.run(environment, shape, next..items.end))?;
        next = if ends { items.end } else { item() as usize + 1 };
    }
    Ok(())
}

/// Runs `work`, in which work-items may panic; whether none did.
///
/// # Errors
/// [`GroupError::Stack`].
///
/// # Panics
/// With what panics in `work` itself.
pub fn run_halting(work: &dyn Fn()) -> Result<bool, GroupError> {
    let work = |turn: &Turn, ()| {
        TURN.set(turn);
        panic::catch_unwind(AssertUnwindSafe(work))
    };
    // SAFETY: `work` borrows what outlives this call, which alone holds the coroutine, and drops or resets it.
    let mut turns = unsafe { Turns::with_stack_unchecked(stack()?, work) };
    let result = turns.resume(());
    TURN.set(ptr::null());
    let ends = match result {
        CoroutineResult::Return(Ok(())) => true,
        CoroutineResult::Return(Err(payload)) => panic::resume_unwind(payload),
        CoroutineResult::Yield(_) => {
            abandon(&mut turns);
            false
        }
    };
    keep(turns.into_stack());
    Ok(ends)
}

/// Gives up a work-item where it stands.
fn abandon(turns: &mut Turns) {
    // SAFETY: on the stack are frames of a kernel's body, whose values are all `Copy` and so have nothing to drop, and of
    // falx's own functions around it, which own nothing there; nothing outside points to it.
    unsafe { turns.force_reset() };
}

/// How many work-groups a launch over an nd-range has in each dimension.
pub fn group_counts(shape: &LaunchShape) -> [usize; 3] {
    std::array::from_fn(|dimension| shape.global[dimension].checked_div(shape.local[dimension]).unwrap_or(0))
}

/// The first work-item of the work-group at a row-major position among the work-groups.
pub(super) fn group_start(shape: &LaunchShape, group: usize) -> Position {
    let [_, rows, columns] = group_counts(shape);
    let id = [group / columns / rows, group / columns % rows, group % columns];
    let global_id = std::array::from_fn(|dimension| id[dimension] * shape.local[dimension]);
    Position { global_id, local_id: [0; 3], shape: *shape }
}

/// The item at `local_id` of the group that begins at `start`.
#[inline(always)]
pub(super) fn group_item(start: &Position, local_id: [usize; 3]) -> Position {
    let global_id = std::array::from_fn(|dimension| start.global_id[dimension] + local_id[dimension]);
    Position { global_id, local_id, ..*start }
}

/// Runs the work-items of one work-group so that each barrier is reached by all before any passes it.
///
/// # Errors
/// [`GroupError::Stack`] before any item has run; [`GroupError::Diverged`] after all have.
///
/// # Panics
/// With the panic of the first work-item that panics; the others are unwound.
pub fn run_group_with_barriers(
    body: &dyn HostBody,
    environment: &Environment<'_>,
    shape: &LaunchShape,
    group: usize,
) -> Result<(), GroupError> {
    let mut items = start_items(body, environment, shape, group)?;
    let mut size = items.len();
    super::groups::begin(size);
    let mut diverged = None;
    while !items.is_empty() {
        match advance(&mut items) {
            // Those that panicked count as being at every barrier.
            Ok(n_halted) => size -= n_halted,
            Err(payload) => {
                // The items that waited at a barrier were unwound when they were dropped.
                TURN.set(ptr::null());
                panic::resume_unwind(payload);
            }
        }
        if !items.is_empty() && items.len() < size {
            diverged.get_or_insert(GroupError::Diverged { group, reached: items.len(), items: size });
        }
    }
    diverged.map_or(Ok(()), Err)
}

/// A work-item that has begun.
struct Running {
    /// Its row-major position in the launch.
    linear: u64,
    /// Its row-major position in its group.
    local: usize,
    turns: Turns,
}

/// Every item of the group, ready to run.
fn start_items(
    body: &dyn HostBody,
    environment: &Environment<'_>,
    shape: &LaunchShape,
    group: usize,
) -> Result<Vec<Running>, GroupError> {
    let start = group_start(shape, group);
    let [planes, rows, columns] = shape.local;
    let mut items = Vec::with_capacity(planes * rows * columns);
    for local in 0..planes * rows * columns {
        let position = group_item(&start, [local / columns / rows, local / columns % rows, local % columns]);
        let work = move |turn: &Turn, ()| {
            TURN.set(turn);
            panic::catch_unwind(AssertUnwindSafe(|| body.run_item(environment, &position)))
        };
        // SAFETY: `work` borrows the body and the environment, which outlive this call of `run_group_with_barriers`; it
        // alone holds the coroutines, drops each of them before it returns or unwinds, and forgets none.
        let turns = unsafe { Turns::with_stack_unchecked(stack()?, work) };
        items.push(Running { linear: position.linear(), local, turns });
    }
    Ok(items)
}

/// Runs every item up to its next barrier and removes those that end; returns how many of these panicked. Stops at the first
/// in which something else panics.
fn advance(items: &mut Vec<Running>) -> thread::Result<usize> {
    let mut n_halted = 0;
    let mut waiting = Vec::with_capacity(items.len());
    for mut item in std::mem::take(items) {
        set_item(item.linear);
        super::groups::set_own(item.local);
        let result = item.turns.resume(());
        TURN.set(ptr::null());
        match result {
            CoroutineResult::Yield(Pause::Barrier) => waiting.push(item),
            CoroutineResult::Yield(Pause::Halted) => {
                n_halted += 1;
                abandon(&mut item.turns);
                keep(item.turns.into_stack());
            }
            CoroutineResult::Return(Ok(())) => keep(item.turns.into_stack()),
            CoroutineResult::Return(Err(payload)) => return Err(payload),
        }
    }
    *items = waiting;
    Ok(n_halted)
}

fn stack() -> Result<DefaultStack, GroupError> {
    match STACKS.with_borrow_mut(Vec::pop) {
        Some(stack) => Ok(stack),
        None => DefaultStack::new(STACK_BYTES).map_err(GroupError::Stack),
    }
}

fn keep(stack: DefaultStack) {
    STACKS.with_borrow_mut(|stacks| {
        if stacks.len() < KEPT_STACKS {
            stacks.push(stack);
        }
    });
}
