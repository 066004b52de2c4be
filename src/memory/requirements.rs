//! `Requirements`: what the accessors of one command group ask for, collected while the group runs.

use crate::error::{Error, ErrorKind, Result};
use crate::execute::Portion;
use crate::geometry::Block;
use crate::kernel::{Reached, ViewShape};
use crate::plan::Access;
use crate::platform::MemoryId;
use parking_lot::{Mutex, MutexGuard};
use smallvec::SmallVec;
use std::any::TypeId;
use std::sync::atomic::{AtomicU64, Ordering};

/// One accessor's demand.
#[derive(Clone)]
pub(crate) struct Pending {
    pub(crate) portion: Portion,
    /// The type of the elements.
    pub(crate) element: TypeId,
    pub(crate) access: Access,
    /// What the accessor sees of the buffer.
    pub(crate) view: ViewShape,
    /// Whether a command was given the accessor, so that its region is settled.
    pub(crate) settled: bool,
    /// How far the command reaches.
    pub(crate) reach: Reach,
}

/// What a command touches of a demand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Anything, as far as it was said: all of it is brought and ordered.
    #[default]
    Whole,
    /// What is found of a kernel.
    Found(Reached),
    /// Anything, whatever else is found.
    Anything,
}

/// What the accessors of one command group ask for, and the first mistake that was made in it.
pub(crate) struct Requirements {
    group: u64,
    /// Locked, since accessors lead here from any thread.
    state: Mutex<State>,
}

/// The next number of a command group.
static GROUPS: AtomicU64 = AtomicU64::new(1);

struct State {
    list: SmallVec<[Pending; 4]>,
    mistake: Option<Error>,
}

impl Requirements {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        let state = State { list: SmallVec::new_const(), mistake: None };
        Requirements { group: GROUPS.fetch_add(1, Ordering::Relaxed), state: Mutex::new(state) }
    }

    /// The number of the command group, which no other has.
    pub(crate) fn group(&self) -> u64 {
        self.group
    }

    /// Adds a demand, which is made where it stays, and returns its position.
    #[inline(always)]
    pub(crate) fn add(&self, pending: impl FnOnce() -> Pending) -> usize {
        let mut state = self.state.lock();
        state.list.push(pending());
        state.list.len() - 1
    }

    /// Changes a demand that no command was given yet.
    pub(crate) fn change(&self, position: usize, change: impl FnOnce(&mut Pending)) {
        let mut state = self.state.lock();
        match state.list.get_mut(position) {
            Some(pending) if !pending.settled => change(pending),
            Some(pending) => {
                let name = pending.portion.storage.name();
                let text = format!(
                    "an accessor to buffer `{name}` was changed after its command was given; call `region` and `no_init` before"
                );
                state.mistake.get_or_insert(Error::new(ErrorKind::Accessor, text));
            }
            None => {}
        }
    }

    /// Changes a demand through an accessor that sees `view`.
    pub(crate) fn change_seen(&self, position: usize, view: &ViewShape, change: impl FnOnce(&mut Pending)) {
        let mut mistake = None;
        self.change(position, |pending| match pending.view == *view {
            true => change(pending),
            false => mistake = Some(stale(pending)),
        });
        mistake.into_iter().for_each(|mistake| self.fail(mistake));
    }

    /// A copy of a demand, which cannot change any more.
    ///
    /// # Errors
    /// [`ErrorKind::Accessor`] if the accessor is of another command group.
    pub(crate) fn get(&self, group: u64, position: usize) -> Result<Pending> {
        self.settling().demand(group, position).cloned()
    }

    /// Has demands settled, one after the other.
    pub(crate) fn settling(&self) -> Settling<'_> {
        Settling { group: self.group, state: self.state.lock() }
    }

    /// Remembers a mistake, unless one is remembered already.
    pub(crate) fn fail(&self, error: Error) {
        self.state.lock().mistake.get_or_insert(error);
    }

    /// Remembers the mistake in `result`, if it is one.
    pub(crate) fn note<T>(&self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.fail(error)).ok()
    }

    /// Whether no mistake was made.
    ///
    /// # Errors
    /// The first mistake.
    pub(crate) fn check(&mut self) -> Result<()> {
        let state = self.state.get_mut();
        state.mistake.take().map_or(Ok(()), Err)?;
        check_types(&state.list)
    }

    /// Everything that was asked for.
    pub(crate) fn all(&mut self) -> &[Pending] {
        &self.state.get_mut().list
    }
}

/// What a command group asks for, while a command is given its accessors: what these demand cannot change any more.
pub(crate) struct Settling<'r> {
    group: u64,
    state: MutexGuard<'r, State>,
}

impl Settling<'_> {
    /// The command is given an accessor that sees `view`, and touches no more through it than is `reached`; without it anything.
    ///
    /// # Errors
    /// As for [`Requirements::get`]; [`ErrorKind::Accessor`] if the region was changed through a copy of the accessor.
    pub(crate) fn touch(
        &mut self,
        group: u64,
        position: usize,
        view: &ViewShape,
        reached: Option<&Reached>,
    ) -> Result<()> {
        let pending = self.demand(group, position)?;
        if pending.view != *view {
            return Err(stale(pending));
        }
        pending.touch(reached);
        Ok(())
    }

    /// The part of its buffer that the command has in `memory` without gaps for a demand; once it is said of all accessors what
    /// it touches.
    ///
    /// # Errors
    /// As for [`Requirements::get`].
    pub(crate) fn part(&mut self, group: u64, position: usize, memory: MemoryId) -> Result<Block> {
        self.demand(group, position).map(|pending| pending.within(memory))
    }

    fn demand(&mut self, group: u64, position: usize) -> Result<&mut Pending> {
        match self.state.list.get_mut(position).filter(|_| group == self.group) {
            Some(pending) => {
                pending.settled = true;
                Ok(pending)
            }
            None => Err(Error::new(
                ErrorKind::Accessor,
                "an accessor was used in a command group other than the one it was made in; make it from this group's handler",
            )),
        }
    }
}

/// Compilers may take elements of different types for different elements, so no command may have them be the same ones.
fn check_types(list: &[Pending]) -> Result<()> {
    for (position, one) in list.iter().enumerate() {
        let mut later = list[position + 1..].iter();
        let clash = |two: &&Pending| {
            one.element != two.element
                && (one.access.writes() || two.access.writes())
                && one.portion.overlaps(&two.portion)
        };
        if later.any(|two| clash(&two)) {
            let text = format!(
                "a command group has accessors of different types to the same elements of buffer `{}`, and writes through one; use one type, or two commands",
                one.portion.storage.name()
            );
            return Err(Error::new(ErrorKind::Accessor, text));
        }
    }
    Ok(())
}

fn stale(pending: &Pending) -> Error {
    let text = format!(
        "a command group uses an accessor to buffer `{}` from before its region was changed; use the accessor that `region` returned",
        pending.portion.storage.name()
    );
    Error::new(ErrorKind::Accessor, text)
}
