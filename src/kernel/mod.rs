//! The kernel language at run time: turns the tree that the macros emit into typed code, and that into OpenCL C.
//!
//! Names only `error` and `geometry`. Never calls a driver: a kernel becomes a [`Source`], which is data.

pub mod arrays;
pub mod closures;
pub mod instance;
pub mod library;
pub mod meeting;
pub mod ordering;
pub mod tree;
pub mod twin;
pub mod vector;

mod aggregate;
mod argument;
mod capture;
mod check;
mod current;
mod decode;
mod emit;
mod enumeration;
mod footprint;
mod group;
mod groups;
mod item;
mod lower;
mod made;
mod message;
mod object;
pub mod overload;
mod print;
mod reduction;
mod show;
mod source;
mod specialize;
mod structure;
#[cfg(test)]
mod testing;
mod touched;
mod trap;
mod types;

pub use argument::{Argument, LaunchShape, ShapeKind, Slice, ViewShape};
pub use capture::{DeviceValue, ValueBytes, struct_alignment, struct_size, value_argument};
pub use check::{Asks, CheckSet, Checks};
#[cfg(test)]
pub use current::set_item;
pub use current::{Setting, enter, item as current_item, report};
pub use footprint::{Footprint, LaunchNumbers, TouchedArguments, safe_code};
pub use group::{GroupError, group_counts, run_group_with_barriers, run_halting, run_items_that_halt};
pub use groups::{
    Combination, Combine, CombineBits, Group, NoOperator, Operator, SUB_GROUP_SIZE, SubGroup, operator,
    operator_argument, uniform,
};
pub use item::{IntoShape, Item, ItemOf, NdItem, WorkItem};
pub use made::{Made, made};
#[cfg(test)]
pub use object::body_for_test;
pub use object::{HostBody, Kernel, KernelObject, Runs, Unchecked, kernel};
pub use print::{PrintMemory, is_silent, printed};
pub use reduction::{Reduction, Slots, take_slot};
pub use show::{Launch, Proof, Variant, needed_checks, opencl_c, proofs};
pub use source::{
    Author, Beginnings, Code, Constant, Needs, Overflow, ParameterBytes, Signature, Source, Template, lower,
};
pub use specialize::SpecConstant;
pub use structure::{Closed, Described, FieldValue, Gap, Mixed, Uniform};
pub use touched::{Part, Reached, Touched};
pub use trap::{Failure, SLOTS, TrapCell, WORDS, decode, is_clear};
pub use twin::Capture;
#[cfg(test)]
pub use twin::{Environment, Load, Place, Store};
pub use types::{
    AccessMode, DeviceType, ItemKind, Joining, LARGEST_GROUP, RUN, Reducing, Scalar, Space, TILE, Type,
    Witness, WitnessList, witness, witnesses,
};
