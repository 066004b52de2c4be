//! Makes a launchable kernel of a tree that was made at run time: how the fuzzer reaches the stages that the macros feed.
//!
//! Checks nothing: the macros' trees are well-typed because rustc checked them, and here the caller says so.

use super::argument::Argument;
use super::item::WorkItem;
use super::object::{Kernel, KernelObject, Runs};
use super::tree;
use super::types::Type;
use std::any::TypeId;
use std::marker::PhantomData;

/// A kernel made at run time, over items of type `I`.
pub struct Made<I> {
    tree: &'static tree::Kernel,
    types: fn(&mut Vec<Type>),
    arguments: Vec<Argument>,
    item: PhantomData<fn(I)>,
}

/// A kernel over `tree`, whose witnesses have the types that `types` appends. It has no Rust form, so the host device refuses it.
///
/// # Safety
/// - Every witness has the type that Rust would give to what the tree uses it for.
/// - `arguments` are those of the captures, in order and of their types.
/// - `types` always appends the same for this tree.
pub unsafe fn made<I: WorkItem>(
    tree: &'static tree::Kernel,
    types: fn(&mut Vec<Type>),
    arguments: Vec<Argument>,
) -> Made<I> {
    Made { tree, types, arguments, item: PhantomData }
}

impl<I: WorkItem> Kernel<I> for Made<I> {
    fn with_object<R>(self, _runs: Runs, take: impl FnOnce(&mut KernelObject<'_>) -> R) -> R {
        take(&mut KernelObject {
            tree: self.tree,
            instance: TypeId::of::<Made<()>>(),
            types: self.types,
            arguments: &self.arguments,
            trusted: false,
            constants: &[],
            body: None,
        })
    }
}
