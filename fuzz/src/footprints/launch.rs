//! Launches a program: on paper, to ask what falx proves of it, and on a device.

use super::program::{Accessor, Captured, ItemKind, Program, Role, Scalar};
use super::tree::{build, types};
use crate::stored::{Column, of_scalars};
use falx::__private::tree::Kernel as Tree;
use falx::__private::{Argument, Proof, ViewShape, made, proofs};
use falx::{Capture, Handler, Id, Item, NdItem, NdRange, Queue, Range, SpecConstant};

/// Gives `$go` the item type and the range of a program, as `$item` and `$range`.
macro_rules! by_shape {
    ($program:expr, $item:ident, $range:ident => $go:expr) => {
        match $program.shape.n_dimensions() {
            1 => by_shape!(@ 1, $program, $item, $range => $go),
            2 => by_shape!(@ 2, $program, $item, $range => $go),
            _ => by_shape!(@ 3, $program, $item, $range => $go),
        }
    };
    (@ $d:literal, $program:expr, $item:ident, $range:ident => $go:expr) => {{
        let extents = |from: &[usize]| -> [usize; $d] { std::array::from_fn(|dimension| from[dimension]) };
        let $range = Range(extents(&$program.shape.global));
        match $program.shape.item {
            ItemKind::Id => {
                type $item = Id<$d>;
                $go
            }
            ItemKind::Item => {
                type $item = Item<$d>;
                $go
            }
            ItemKind::Groups => {
                type $item = NdItem<$d>;
                let $range = NdRange::new($range, extents(&$program.shape.local));
                $go
            }
        }
    }};
}

/// What a launch of the program may touch of one of its accessors, the results among them.
pub struct Hull {
    pub accessor: usize,
    /// In each dimension the first index and one past the last; nothing if they are the same.
    pub reads: Vec<(usize, usize)>,
    pub writes: Vec<(usize, usize)>,
    /// Whether it writes all of that, unless it fails.
    pub fills: bool,
}

/// What falx proves of the indices, divisors and steps of a launch, and what it says that it may touch, if it says so.
///
/// # Errors
/// Why the kernel cannot be lowered.
pub fn proven(program: &Program) -> Result<(Vec<Proof>, Option<Vec<Hull>>), String> {
    let tree = build(program);
    let accessors = program.accessors.iter().map(|accessor| on_paper(&accessor.extent, accessor.role));
    let mut arguments: Vec<Argument> = accessors.collect();
    arguments.push(on_paper(&program.shape.global, Role::Output));
    arguments.extend(program.captures.iter().map(|capture| captured(capture.scalar, &capture.value)));
    // SAFETY: `build` describes the captures in this order, and gives every witness the type of its expression.
    let found = by_shape!(program, I, range => proofs(unsafe { made::<I>(tree, types, arguments) }, range));
    let (proofs, touched) = found.map_err(|error| error.to_string())?;
    let boxes = touched.map(|touched| {
        let boxes = touched.iter().map(|(accessor, touched)| {
            let extent = program.accessors.get(*accessor).map_or(&program.shape.global, |it| &it.extent);
            let sides = |min: [usize; 3], max: [usize; 3]| {
                let all = min.into_iter().zip(max);
                all.skip(min.len() - extent.len()).collect()
            };
            let [reads, writes] = [touched.reads, touched.writes].map(|block| sides(block.min, block.max));
            Hull { accessor: *accessor, reads, writes, fills: touched.fills }
        });
        boxes.collect()
    });
    Ok((proofs, boxes))
}

/// An accessor that leads nowhere.
fn on_paper(extent: &[usize], role: Role) -> Argument {
    let view = match *extent {
        [length] => ViewShape::whole(Range([length])),
        [rows, columns] => ViewShape::whole(Range([rows, columns])),
        [planes, rows, columns] => ViewShape::whole(Range([planes, rows, columns])),
        _ => unreachable!("accessors have one to three dimensions"),
    };
    let size_bytes = extent.iter().product::<usize>() * size_of::<u32>();
    match role {
        Role::Tile => Argument::Local { group: 0, size_bytes, view },
        _ => Argument::Global { group: 0, requirement: 0, view, reduction: None },
    }
}

/// Runs a piece of code with `$ty` as the Rust type of a scalar that kernels here capture.
macro_rules! by_captured_scalar {
    ($scalar:expr, $ty:ident => $code:expr; $($name:ident is $rust:ty),*) => {
        match $scalar {
            $(Scalar::$name => {
                type $ty = $rust;
                $code
            })*
            other => unreachable!("nothing captured has the type {other:?}"),
        }
    };
}

/// A captured value as falx sends it.
fn captured(scalar: Scalar, value: &Captured) -> Argument {
    let bytes = |values: &[u64]| {
        let width = (scalar.bits() / 8) as usize;
        Argument::Value(values.iter().flat_map(|bits| bits.to_le_bytes().into_iter().take(width)).collect())
    };
    match value {
        Captured::Number(bits) => bytes(&[*bits]),
        Captured::Table(values) => bytes(values),
        Captured::Specialized(bits) => {
            by_captured_scalar!(scalar, T => SpecConstant::new(*bits as T).argument();
            U8 is u8, U32 is u32, U64 is u64, Usize is usize, I32 is i32, I64 is i64)
        }
    }
}

/// What a launch on a device gives.
pub struct Found {
    /// Of every output its elements; nothing of other accessors.
    pub outputs: Vec<Vec<u64>>,
    pub results: Vec<u64>,
}

/// Why there are no values.
pub enum Stopped {
    /// The command group was refused.
    Before(String),
    /// The launch ended with an error.
    Failed(String),
}

/// A program on its way to a device.
struct Launch<'p> {
    program: &'p Program,
    tree: &'static Tree,
    /// Buffers of all accessors that have one.
    buffers: Vec<Option<Box<dyn Column>>>,
    results: Box<dyn Column>,
}

/// Launches the program on a device.
///
/// # Errors
/// When it is refused, or fails.
pub fn launch(program: &Program, queue: &Queue) -> Result<Found, Stopped> {
    let results = of_scalars(Scalar::U32, &vec![0; program.shape.n_items()], &program.shape.global);
    let buffers = program.accessors.iter().map(buffer).collect();
    let launch = Launch { program, tree: build(program), buffers, results };
    let submitted = queue.submit(|h| launch.submit(h));
    let event = submitted.map_err(|error| Stopped::Before(error.to_string()))?;
    event.wait().map_err(|error| Stopped::Failed(error.to_string()))?;
    let failed = |error: falx::Error| Stopped::Failed(error.to_string());
    let outputs = launch.buffers.iter().zip(&program.accessors).map(|(buffer, accessor)| match buffer {
        Some(buffer) if accessor.role == Role::Output => {
            buffer.leaves(&crate::program::Type::Scalar(accessor.scalar))
        }
        _ => Ok(Vec::new()),
    });
    let outputs = outputs.collect::<falx::Result<_>>().map_err(failed)?;
    Ok(Found {
        outputs,
        results: launch.results.leaves(&crate::program::Type::Scalar(Scalar::U32)).map_err(failed)?,
    })
}

fn buffer(accessor: &Accessor) -> Option<Box<dyn Column>> {
    match accessor.role {
        Role::Input => Some(of_scalars(accessor.scalar, &accessor.contents, &accessor.extent)),
        Role::Output => Some(of_scalars(accessor.scalar, &vec![0; accessor.n_elements()], &accessor.extent)),
        Role::Tile => None,
    }
}

impl Launch<'_> {
    fn submit(&self, h: &Handler) {
        let program = self.program;
        let accessors = program.accessors.iter().zip(&self.buffers);
        let accessors = accessors.map(|(accessor, buffer)| match buffer {
            Some(buffer) if accessor.role == Role::Input => buffer.read(h),
            Some(buffer) => buffer.read_write(h),
            None => tile(&accessor.extent, h),
        });
        let mut arguments: Vec<Argument> = accessors.collect();
        arguments.push(self.results.read_write(h));
        arguments.extend(program.captures.iter().map(|capture| captured(capture.scalar, &capture.value)));
        let tree = self.tree;
        // SAFETY: as in `proven`.
        by_shape!(program, I, range => h.parallel_for(range, unsafe { made::<I>(tree, types, arguments) }));
    }
}

fn tile(extent: &[usize], h: &Handler) -> Argument {
    match *extent {
        [length] => Capture::argument(&h.local::<u32, 1>(length)),
        [rows, columns] => Capture::argument(&h.local::<u32, 2>([rows, columns])),
        [planes, rows, columns] => Capture::argument(&h.local::<u32, 3>([planes, rows, columns])),
        _ => unreachable!("accessors have one to three dimensions"),
    }
}
