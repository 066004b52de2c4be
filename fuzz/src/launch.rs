//! Runs a program on a device, through all of falx but the macros.

use crate::interpret::{Failure, Found, Outcome, agree};
use crate::program::{Program, Scalar, Shape, Type, Value};
use crate::tree;
use falx::__private::{Argument, ScalarBits, made, tree::Kernel as Tree};
use falx::{Buffer, Capture, Handler, Id, Item, NdItem, NdRange, Queue, Range, SpecConstant};

/// How a device disagrees with the interpreter.
#[derive(Clone, PartialEq, Debug)]
pub enum Difference {
    /// Other values.
    Values(Vec<Vec<u64>>),
    /// A failure where there is none, or another, or none where there is one.
    Failure(String),
    /// The kernel did not get as far as running.
    Refused(String),
}

impl Difference {
    /// Whether both are of the same sort, so that one may stand for the other.
    pub fn is_like(&self, other: &Difference) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// Programs of one environment on their way to one device, as one kernel.
pub struct Batch<'p> {
    queue: &'p Queue,
    programs: &'p [&'p Program],
    kernel: &'static Tree,
}

/// Runs `program` alone and compares it with what it should do.
pub fn compare(queue: &Queue, program: &Program, expected: &Outcome) -> Option<Difference> {
    Batch::new(queue, &[program]).compare(0, expected)
}

impl<'p> Batch<'p> {
    /// A kernel of all programs. Until it is dropped no other may be made on this thread.
    pub fn new(queue: &'p Queue, programs: &'p [&'p Program]) -> Self {
        Batch { queue, programs, kernel: tree::build(programs) }
    }

    /// Runs one of the programs and compares it with what it should do.
    pub fn compare(&self, which: usize, expected: &Outcome) -> Option<Difference> {
        let program = self.programs[which];
        match (self.launch(which), expected) {
            (Err(Stopped::Before(text)), _) => Some(Difference::Refused(text)),
            (Ok(values), Outcome::Values(_)) if agree(expected, &values, &program.results()) => None,
            (Ok(values), Outcome::Values(_)) => Some(Difference::Values(values)),
            (Err(Stopped::Failed(text)), Outcome::Failures(failures)) => {
                let is_known =
                    |failure: &Failure| text == describe(failure, program) || is_torn(&text, failure.site);
                let is_known = failures.iter().any(is_known);
                (!is_known).then_some(Difference::Failure(text))
            }
            (Err(Stopped::Failed(text)), Outcome::Values(_)) => Some(Difference::Failure(text)),
            (Ok(_), Outcome::Failures(_)) => Some(Difference::Failure("no failure".to_owned())),
        }
    }

    fn launch(&self, which: usize) -> Result<Vec<Vec<u64>>, Stopped> {
        let program = self.programs[which];
        let inputs: Vec<_> =
            program.inputs.iter().map(|input| column(input.scalar, &input.contents, &input.extent)).collect();
        let zeros = vec![0; program.shape.n_items()];
        let outputs: Vec<_> =
            program.outputs.iter().map(|scalar| column(*scalar, &zeros, &program.shape.extent())).collect();
        let cells = program.cells.as_ref();
        let cells = cells.map(|it| column(it.scalar, &it.contents, &[it.contents.len()]));
        let submitted = self.queue.submit(|h| {
            let mut arguments: Vec<Argument> = inputs.iter().map(|input| input.read(h)).collect();
            arguments.extend(outputs.iter().map(|output| output.read_write(h)));
            arguments.extend(program.tile.map(|scalar| tile(scalar, program.shape.group(), h)));
            arguments.extend(cells.iter().map(|cells| cells.read_write(h)));
            arguments.extend(program.captures.iter().map(|(_, ty, value)| argument(ty, value)));
            if self.programs.len() > 1 {
                arguments.push(argument(&Type::Scalar(tree::WHICH), &Value::Bits(tree::which_bits(which))));
            }
            start(h, program.shape, self.kernel, arguments);
        });
        let event = submitted.map_err(|error| Stopped::Before(error.to_string()))?;
        event.wait().map_err(|error| Stopped::Failed(error.to_string()))?;
        let failed = |error: falx::Error| Stopped::Failed(error.to_string());
        outputs.iter().chain(&cells).map(|output| output.bits().map_err(failed)).collect()
    }
}

/// The error that a failure becomes.
pub fn describe(failure: &Failure, program: &Program) -> String {
    let tuple = |values: &[u64], n: usize| match n {
        1 => values[0].to_string(),
        n => format!("{:?}", &values[..n]),
    };
    let found = match failure.found {
        Found::Division => "division by zero or of the smallest value by -1 in `x`".to_owned(),
        Found::Index(n, index, length) => {
            format!("index {} out of range {} in `x`", tuple(&index, n), tuple(&length, n))
        }
    };
    let item = match program.shape {
        Shape::Item([_, columns]) => format!("[{}, {}]", failure.item / columns, failure.item % columns),
        _ => failure.item.to_string(),
    };
    format!("kernel `fuzz` at {}:{}:1: {found}, work-item {item}", tree::FILE, failure.site)
}

/// Whether an error says of a check at `site` that several work-items failed there at once, as those may that have one local
/// id: then it cannot say with which values.
fn is_torn(text: &str, site: u32) -> bool {
    text.starts_with(&format!(
        "kernel `fuzz` at {}:{site}:1: a check of `x` failed in several work-items at once",
        tree::FILE
    ))
}

/// Why there are no values.
enum Stopped {
    /// The command group was refused.
    Before(String),
    /// The launch ended with an error.
    Failed(String),
}

fn start(h: &Handler, shape: Shape, tree: &'static Tree, arguments: Vec<Argument>) {
    macro_rules! kernel {
        ($item:ty) => {
            // SAFETY: `tree::build` describes the captures as `launch` lists them, and gives every witness the type that the
            // generator gave to its expression.
            unsafe { made::<$item>(tree, tree::types, arguments) }
        };
    }
    use crate::tree;
    match shape {
        Shape::Plain(n) => h.parallel_for(n, kernel!(usize)),
        Shape::Id(n) => h.parallel_for(n, kernel!(Id<1>)),
        Shape::Item(extent) => h.parallel_for(extent, kernel!(Item<2>)),
        Shape::Groups(global, local) => h.parallel_for(NdRange::new(global, local), kernel!(NdItem<1>)),
    }
}

/// A buffer whose types are not known.
pub trait Column {
    fn read(&self, h: &Handler) -> Argument;
    fn read_write(&self, h: &Handler) -> Argument;
    fn bits(&self) -> falx::Result<Vec<u64>>;
}

impl<T: falx::Element + ScalarBits + Into<Number>, const D: usize> Column for Buffer<T, D> {
    fn read(&self, h: &Handler) -> Argument {
        Capture::argument(&Buffer::read(self, h))
    }
    fn read_write(&self, h: &Handler) -> Argument {
        Capture::argument(&Buffer::read_write(self, h))
    }
    fn bits(&self) -> falx::Result<Vec<u64>> {
        Ok(self.host_read()?.iter().map(|value| (*value).into().0).collect())
    }
}

/// The bits of a scalar.
struct Number(u64);
macro_rules! numbers {
    ($($ty:ty as $unsigned:ty),*) => { $(
        impl From<$ty> for Number {
            fn from(value: $ty) -> Self {
                Number(value as $unsigned as u64)
            }
        }
    )* };
}
numbers!(i8 as u8, i16 as u16, i32 as u32, i64 as u64, u8 as u8, u16 as u16, u32 as u32, u64 as u64);
numbers!(isize as u64, usize as u64);
impl From<falx::f16> for Number {
    fn from(value: falx::f16) -> Self {
        Number(u64::from(value.to_bits()))
    }
}
impl From<f32> for Number {
    fn from(value: f32) -> Self {
        Number(u64::from(value.to_bits()))
    }
}
impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Number(value.to_bits())
    }
}

macro_rules! by_stored_scalar {
    ($scalar:expr, $ty:ident => $code:expr) => {
        match $scalar {
            Scalar::I8 => {
                type $ty = i8;
                $code
            }
            Scalar::I16 => {
                type $ty = i16;
                $code
            }
            Scalar::I32 => {
                type $ty = i32;
                $code
            }
            Scalar::I64 => {
                type $ty = i64;
                $code
            }
            Scalar::U8 => {
                type $ty = u8;
                $code
            }
            Scalar::U16 => {
                type $ty = u16;
                $code
            }
            Scalar::U32 => {
                type $ty = u32;
                $code
            }
            Scalar::U64 => {
                type $ty = u64;
                $code
            }
            Scalar::Isize => {
                type $ty = isize;
                $code
            }
            Scalar::Usize => {
                type $ty = usize;
                $code
            }
            Scalar::F16 => {
                type $ty = falx::f16;
                $code
            }
            Scalar::F32 => {
                type $ty = f32;
                $code
            }
            Scalar::F64 => {
                type $ty = f64;
                $code
            }
            other => unreachable!("no buffer has elements of {other:?}"),
        }
    };
}

/// A buffer of a scalar, of one to three dimensions.
pub fn column(scalar: Scalar, contents: &[u64], extent: &[usize]) -> Box<dyn Column> {
    by_stored_scalar!(scalar, T => {
        let values: Vec<T> = contents.iter().map(|bits| T::from_bits_of(*bits)).collect();
        match *extent {
            [rows, columns] => Box::new(Buffer::from_vec(values, Range([rows, columns])).expect("the extents fit")),
            [planes, rows, columns] => {
                Box::new(Buffer::from_vec(values, Range([planes, rows, columns])).expect("the extents fit"))
            }
            _ => Box::new(Buffer::from(values)),
        }
    })
}

/// A scalar by its bits; named apart from the floats' own `from_bits`.
trait FromBitsOf {
    fn from_bits_of(bits: u64) -> Self;
}
impl<T: ScalarBits> FromBitsOf for T {
    fn from_bits_of(bits: u64) -> Self {
        ScalarBits::from_bits(bits)
    }
}

fn tile(scalar: Scalar, length: usize, h: &Handler) -> Argument {
    by_stored_scalar!(scalar, T => Capture::argument(&h.local::<T, 1>(length)))
}

/// A captured value as the bytes that falx sends.
fn argument(ty: &Type, value: &Value) -> Argument {
    if let (Type::Specialized(scalar), Value::Bits(bits)) = (ty, value) {
        return by_stored_scalar!(*scalar, T => SpecConstant::new(T::from_bits_of(*bits)).argument());
    }
    let mut bytes = Vec::new();
    append(ty, value, &mut bytes);
    Argument::Value(bytes.into_iter().collect())
}

fn append(ty: &Type, value: &Value, bytes: &mut Vec<u8>) {
    match (ty, value) {
        (Type::Scalar(scalar), Value::Bits(bits)) => {
            bytes.extend_from_slice(&bits.to_le_bytes()[..(scalar.bits() / 8) as usize]);
        }
        (Type::Array(element, _), Value::List(values)) => {
            values.iter().for_each(|value| append(element, value, bytes))
        }
        _ => {}
    }
}
