//! `KernelFn`: what `kernel!` evaluates to, and its type-erased form that travels through falx.

use super::argument::{Argument, LaunchShape, ViewShape};
use super::current::set_item;
use super::group::{group_item, group_start};
use super::item::{Position, WorkItem};
use super::reduction::Reduction;
use super::source::{Beginnings, Constant};
use super::tree;
use super::twin::Environment;
use super::types::{Type, WitnessList};
use smallvec::SmallVec;
use std::any::TypeId;
use std::marker::PhantomData;
use std::sync::Arc;

/// A kernel with its captured values, ready to be given to a handler. Made by `kernel!` and `#[kernel]`.
pub struct KernelFn<I, F, W, const A: usize, const C: usize> {
    tree: &'static tree::Encoded<tree::Kernel>,
    arguments: [Argument; A],
    constants: [Constant; C],
    body: F,
    marker: PhantomData<fn(I) -> W>,
}

/// What a handler takes: a kernel whose work-items are of type `I`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a kernel over items of type `{I}`",
    note = "write `kernel!(move |i: Id<1>| ..)`, without a parameter for a single task, or call a function marked `#[kernel_fn]`"
)]
pub trait Kernel<I: WorkItem> {
    /// Shows `take` the kernel taken apart; without its Rust form where that will not run.
    fn with_object<R>(self, runs: Runs, take: impl FnOnce(&mut KernelObject<'_>) -> R) -> R
    where
        Self: Sized;

    /// The kernel taken apart, for tests, whose processes do not last.
    #[cfg(test)]
    fn into_object(self) -> KernelObject<'static>
    where
        Self: Sized,
    {
        self.with_object(Runs::OnHost, |object| KernelObject {
            arguments: Vec::leak(object.arguments.to_vec()),
            constants: Vec::leak(object.constants.to_vec()),
            body: object.body.take(),
            ..*object
        })
    }

    /// The kernel without checks of its indices, also of those that falx cannot prove to be in range. Nothing else is left
    /// out: divisions and assertions are checked all the same, and the host device checks indices, too.
    ///
    /// A kernel whose indices are all proven gains nothing by it; `FALX_CHECKS=explain` tells which are not, and why.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let (order, from) = (Buffer::from(vec![2usize, 0, 1]), Buffer::from(vec![1.0f32, 2.0, 3.0]));
    /// let to = Buffer::<f32>::new(3);
    /// Queue::new(Selector::default())?.submit(|h| {
    ///     let (order, from, to) = (order.read(h), from.read(h), to.write(h));
    ///     let gather = kernel!(move |i: usize| to[i] = from[order[i]]);
    ///     // SAFETY: `order` is a permutation of the indices of `from`.
    ///     h.parallel_for(3, unsafe { gather.unchecked() })
    /// })?;
    /// assert_eq!(*to.host_read()?, [3.0, 1.0, 2.0]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    ///
    /// # Safety
    /// In this launch every index is within what it indexes: accessors, slices, local memory and arrays.
    unsafe fn unchecked(self) -> Unchecked<Self>
    where
        Self: Sized,
    {
        Unchecked(self)
    }
}

/// A kernel whose indices are not checked on OpenCL devices: what [`Kernel::unchecked`] makes.
pub struct Unchecked<K>(K);

impl<I: WorkItem, K: Kernel<I>> Kernel<I> for Unchecked<K> {
    fn with_object<R>(self, runs: Runs, take: impl FnOnce(&mut KernelObject<'_>) -> R) -> R {
        self.0.with_object(runs, |object| {
            object.trusted = true;
            take(object)
        })
    }
}

/// Where a kernel is going to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// As Rust, on the host device.
    OnHost,
    /// As OpenCL C.
    OnDevice,
}

/// A kernel without its Rust type.
pub struct KernelObject<'k> {
    /// The tree.
    pub tree: &'static tree::Kernel,
    /// Tells instances of a generic kernel apart.
    pub instance: TypeId,
    /// Appends the types of its witnesses.
    pub types: fn(&mut Vec<Type>),
    /// The captured values, in the tree's order, without the constants.
    pub arguments: &'k [Argument],
    /// The captured constants.
    pub constants: &'k [Constant],
    /// Whether its indices are in range by the word of the program, so that none is checked.
    pub trusted: bool,
    /// The kernel as Rust, for the host device; absent where it will not run there.
    pub body: Option<Arc<dyn HostBody>>,
}

impl KernelObject<'_> {
    /// Every value that is compiled in: the constants; then, in the order of the arguments, the specialization constants, and
    /// the extents of local memory of several dimensions, whose strides cost a multiplication at every access otherwise.
    pub fn compiled_in(&self) -> SmallVec<[Constant; 2]> {
        // In a loop, since `clone` costs several times as much.
        let mut constants = SmallVec::new();
        self.constants.iter().for_each(|constant| constants.push(constant.clone()));
        for argument in self.arguments {
            match argument {
                Argument::Constant(constant) => constants.push(constant.clone()),
                Argument::Local { view, .. } if view.dimensions > 1 => {
                    let extents = view.extent[..view.dimensions].iter();
                    constants.push(Constant { bits: extents.map(|extent| *extent as u64).collect() });
                }
                _ => {}
            }
        }
        constants
    }

    /// Whether a launch takes whole work-groups alone, and the kernel is the faster for that. Work-items that reduce meet, so that
    /// those that pad the range stay all the same.
    pub fn is_whole(&self, shape: &LaunchShape) -> bool {
        let reduces = |argument: &Argument| matches!(argument, Argument::Global { reduction: Some(_), .. });
        shape.is_whole() && !self.arguments.iter().any(reduces)
    }

    /// Where the accessors begin in their buffers, and whether their rows lie one after the other.
    pub fn beginnings(&self) -> Beginnings {
        let is_apart = |argument: &Argument| match argument {
            Argument::Global { view, .. } => view.base != 0 || !view.has_rows_in_one_piece(),
            _ => false,
        };
        if self.arguments.iter().any(is_apart) { Beginnings::Later } else { Beginnings::There }
    }
}

/// The Rust form of a kernel, type-erased: the host device calls it.
pub trait HostBody: Send + Sync {
    /// Runs the work-items at the linear positions `items` (row-major) of a launch without work-groups.
    fn run(&self, environment: &Environment<'_>, shape: &LaunchShape, items: std::ops::Range<usize>);

    /// Runs the work-items of the work-group at the row-major position `group`, one after the other: for kernels
    /// without barriers.
    fn run_group(&self, environment: &Environment<'_>, shape: &LaunchShape, group: usize);

    /// Runs one work-item.
    fn run_item(&self, environment: &Environment<'_>, position: &Position);

    /// The reductions among the captured arguments: at which position, how, and where their elements lie.
    fn reductions(&self) -> &[(usize, &'static Reduction, ViewShape)];
}

struct Body<I, F> {
    body: F,
    reductions: SmallVec<[(usize, &'static Reduction, ViewShape); 1]>,
    marker: PhantomData<fn(I)>,
}

impl<I: WorkItem, F: Fn(&Environment<'_>, I) + Send + Sync> HostBody for Body<I, F> {
    fn run(&self, environment: &Environment<'_>, shape: &LaunchShape, items: std::ops::Range<usize>) {
        let columns = shape.global[2];
        let mut linear = items.start;
        // Row by row, because a division for each item would cost more than many kernels do.
        while linear < items.end {
            let mut position = Position::of_linear(shape, linear);
            let end_of_row = linear + (columns - position.global_id[2]);
            for linear in linear..end_of_row.min(items.end) {
                set_item(linear as u64);
                (self.body)(environment, I::at(&position));
                position.global_id[2] += 1;
            }
            linear = end_of_row;
        }
    }

    fn run_group(&self, environment: &Environment<'_>, shape: &LaunchShape, group: usize) {
        let start = group_start(shape, group);
        let [planes, rows, columns] = shape.local;
        for plane in 0..planes {
            for row in 0..rows {
                let first = group_item(&start, [plane, row, 0]).linear();
                for column in 0..columns {
                    set_item(first + column as u64);
                    (self.body)(environment, I::at(&group_item(&start, [plane, row, column])));
                }
            }
        }
    }

    fn run_item(&self, environment: &Environment<'_>, position: &Position) {
        (self.body)(environment, I::at(position));
    }

    fn reductions(&self) -> &[(usize, &'static Reduction, ViewShape)] {
        &self.reductions
    }
}

/// Makes a kernel of its parts. Called by the code that `kernel!` expands to, and by nothing else.
///
/// # Safety
/// Everything that `body` captures implements [`Capture`](super::twin::Capture), so that erasing lifetimes is sound.
#[inline(always)]
pub unsafe fn kernel<I, F, W, const A: usize, const C: usize>(
    tree: &'static tree::Encoded<tree::Kernel>,
    witnesses: W,
    arguments: [Argument; A],
    constants: [Constant; C],
    body: F,
) -> KernelFn<I, F, W, A, C>
where
    I: WorkItem,
    W: WitnessList,
    F: Fn(&Environment<'_>, I) + Send + Sync,
{
    let _ = witnesses;
    KernelFn { tree, arguments, constants, body, marker: PhantomData }
}

impl<I, F, W, const A: usize, const C: usize> Kernel<I> for KernelFn<I, F, W, A, C>
where
    I: WorkItem,
    W: WitnessList,
    F: Fn(&Environment<'_>, I) + Send + Sync,
{
    #[inline]
    fn with_object<R>(self, runs: Runs, take: impl FnOnce(&mut KernelObject<'_>) -> R) -> R {
        let body = (runs == Runs::OnHost).then(|| erase(self.body, &self.arguments));
        take(&mut KernelObject {
            tree: self.tree.tree(),
            instance: W::instance(),
            types: W::describe,
            arguments: &self.arguments,
            constants: &self.constants,
            trusted: false,
            body,
        })
    }
}

/// A closure that a kernel was made of, without its type and its lifetime.
fn erase<I: WorkItem, F: Fn(&Environment<'_>, I) + Send + Sync>(
    body: F,
    arguments: &[Argument],
) -> Arc<dyn HostBody> {
    let reductions = arguments.iter().enumerate().filter_map(|(position, argument)| match argument {
        Argument::Global { reduction: Some(reduction), view, .. } => Some((position, *reduction, *view)),
        _ => None,
    });
    let reductions = reductions.collect();
    let body: Arc<dyn HostBody + '_> = Arc::new(Body { body, reductions, marker: PhantomData });
    // SAFETY: `kernel` was promised that everything captured implements `Capture`, whose implementors promise that their
    // lifetimes are brands which may be erased.
    unsafe { std::mem::transmute::<Arc<dyn HostBody + '_>, Arc<dyn HostBody>>(body) }
}

/// A body for tests of what runs kernels: `body` called for each item, without a tree.
#[cfg(test)]
pub fn body_for_test<I: WorkItem + 'static>(
    body: impl Fn(&Environment<'_>, I) + Send + Sync + 'static,
) -> Arc<dyn HostBody> {
    Arc::new(Body { body, reductions: SmallVec::new(), marker: PhantomData })
}
