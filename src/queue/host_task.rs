//! Host tasks: closures on the host that work on buffers in their place among the commands.

use super::handler::CommandResult;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::{HostClosure, Portion};
use crate::memory::{Accessor, Element, Pending, Requirements, mode};
use crate::plan::Access;
use smallvec::SmallVec;

/// Where the elements of one accessor are.
#[doc(hidden)]
pub struct Part {
    portion: Portion,
    /// Its first element, counted from the buffer's.
    first: usize,
    access: Access,
}

impl Part {
    /// The first element and how many there are.
    fn elements<T>(&self) -> Result<(*mut T, usize)> {
        let storage = &self.portion.storage;
        let host = if self.access.writes() { storage.host_to_write()? } else { storage.host()? };
        Ok((host.pointer().cast::<T>().wrapping_add(self.first), self.portion.block.size()))
    }
}

/// One accessor as a slice.
///
/// # Safety
/// `slice` gives `&[T]` for accessors that only read, so that overlapping parts are only shared for reading.
#[doc(hidden)]
pub unsafe trait HostArgument {
    /// `&[T]` or `&mut [T]`.
    type Slice<'s>;
    /// The requirement it stands for: command group and position.
    fn requirement(&self) -> (u64, usize);
    /// The elements.
    ///
    /// # Safety
    /// For `'s`, nothing else touches the elements of `part`, unless both only read.
    ///
    /// # Errors
    /// When the host has no memory for them.
    unsafe fn slice<'s>(part: &Part) -> Result<Self::Slice<'s>>;
}

// SAFETY: gives `&[T]`.
unsafe impl<T: Element, const D: usize> HostArgument for Accessor<'_, T, D, mode::Read> {
    type Slice<'s> = &'s [T];
    fn requirement(&self) -> (u64, usize) {
        (self.group, self.requirement)
    }
    unsafe fn slice<'s>(part: &Part) -> Result<&'s [T]> {
        let (first, len) = part.elements::<T>()?;
        // SAFETY: the region is contiguous and inside the host block; any bytes are a valid `T`; the caller promised that
        // nothing writes them.
        Ok(unsafe { std::slice::from_raw_parts(first, len) })
    }
}

macro_rules! writing {
    ($mode:ty) => {
        // SAFETY: not an accessor that only reads.
        unsafe impl<T: Element, const D: usize> HostArgument for Accessor<'_, T, D, $mode> {
            type Slice<'s> = &'s mut [T];
            fn requirement(&self) -> (u64, usize) {
                (self.group, self.requirement)
            }
            unsafe fn slice<'s>(part: &Part) -> Result<&'s mut [T]> {
                let (first, len) = part.elements::<T>()?;
                // SAFETY: as for reading; the caller promised that nothing else touches them.
                Ok(unsafe { std::slice::from_raw_parts_mut(first, len) })
            }
        }
    };
}
writing!(mode::Write);
writing!(mode::ReadWrite);

/// The accessors of a host task: `()`, one accessor, or a tuple of up to six.
pub trait HostArguments {
    /// The slices that the closure gets.
    type Slices<'s>;
    #[doc(hidden)]
    fn requirements(&self) -> SmallVec<[(u64, usize); 4]>;
    /// # Safety
    /// For `'s`, nothing else touches the elements of the parts, and no written part overlaps another.
    ///
    /// # Errors
    /// When the host has no memory for them.
    #[doc(hidden)]
    unsafe fn slices<'s>(parts: &[Part]) -> Result<Self::Slices<'s>>;
}

impl HostArguments for () {
    type Slices<'s> = ();
    fn requirements(&self) -> SmallVec<[(u64, usize); 4]> {
        SmallVec::new()
    }
    unsafe fn slices<'s>(_parts: &[Part]) -> Result<Self::Slices<'s>> {
        Ok(())
    }
}

impl<T: Element, const D: usize, M> HostArguments for Accessor<'_, T, D, M>
where
    Self: HostArgument,
{
    type Slices<'s> = <Self as HostArgument>::Slice<'s>;
    fn requirements(&self) -> SmallVec<[(u64, usize); 4]> {
        SmallVec::from_elem(self.requirement(), 1)
    }
    unsafe fn slices<'s>(parts: &[Part]) -> Result<Self::Slices<'s>> {
        // SAFETY: handed on to the caller.
        unsafe { <Self as HostArgument>::slice(&parts[0]) }
    }
}

macro_rules! tuples {
    ($($name:ident $index:tt),*) => {
        impl<$($name: HostArgument),*> HostArguments for ($($name,)*) {
            type Slices<'s> = ($($name::Slice<'s>,)*);
            fn requirements(&self) -> SmallVec<[(u64, usize); 4]> {
                [$(self.$index.requirement()),*].into_iter().collect()
            }
            unsafe fn slices<'s>(parts: &[Part]) -> Result<Self::Slices<'s>> {
                // SAFETY: handed on to the caller.
                Ok(($(unsafe { $name::slice(&parts[$index]) }?,)*))
            }
        }
    };
}
tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, E 3);
tuples!(A 0, B 1, C 2, E 3, F 4);
tuples!(A 0, B 1, C 2, E 3, F 4, G 5);

/// The closure that a host task's thread runs.
pub(super) fn closure<A, F, R>(requirements: &Requirements, accessors: &A, task: F) -> Result<HostClosure>
where
    A: HostArguments,
    F: FnOnce(A::Slices<'_>) -> R + Send + 'static,
    R: CommandResult,
{
    let listed = accessors.requirements();
    let parts = listed.iter().map(|(group, position)| requirements.get(*group, *position).and_then(part));
    let parts = parts.collect::<Result<Vec<Part>>>()?;
    check_overlap(&parts)?;
    Ok(Box::new(move || {
        // SAFETY: the engine runs this when every conflicting command is over and keeps later ones waiting until it
        // returns; `check_overlap` found no written part that overlaps another.
        let slices = unsafe { A::slices(&parts) }?;
        task(slices).into_result()
    }))
}

fn part(pending: Pending) -> Result<Part> {
    let Pending { portion, access, .. } = pending;
    let Some(first) = portion.layout.first_of_contiguous(&portion.block) else {
        let text = format!(
            "region {:?} of buffer `{}` is not contiguous in memory, so a host task cannot see it as a slice; use whole rows",
            portion.block,
            portion.storage.name()
        );
        return Err(Error::new(ErrorKind::Accessor, text));
    };
    Ok(Part { portion, first, access })
}

fn check_overlap(parts: &[Part]) -> Result<()> {
    for (position, first) in parts.iter().enumerate() {
        for second in &parts[position + 1..] {
            let writes = first.access.writes() || second.access.writes();
            if writes && first.portion.overlaps(&second.portion) {
                let text = format!(
                    "a host task has two accessors to overlapping regions of buffer `{}`, {:?} and {:?}, and writes through one; use a single `read_write` accessor",
                    first.portion.storage.name(),
                    first.portion.block,
                    second.portion.block
                );
                return Err(Error::new(ErrorKind::Accessor, text));
            }
        }
    }
    Ok(())
}
