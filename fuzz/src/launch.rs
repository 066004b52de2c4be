//! Runs a program on a device, through all of falx but the macros.

use crate::interpret::{Failure, Found, Outcome, agree};
use crate::program::{Program, Shape, Type, Value};
use crate::stored::{self, column, of_scalars, tile};
use crate::tree;
use falx::__private::{Argument, made, tree::Kernel as Tree};
use falx::{Handler, Id, Item, NdItem, NdRange, Queue};

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
        let inputs: Vec<_> = program
            .inputs
            .iter()
            .map(|input| column(&input.element, &input.contents, &input.extent))
            .collect();
        let (n_items, extent) = (program.shape.n_items(), program.shape.extent());
        let outputs = program.outputs.iter();
        let outputs: Vec<_> =
            outputs.map(|element| column(element, &vec![element.zero(); n_items], &extent)).collect();
        let cells =
            program.cells.as_ref().map(|it| of_scalars(it.scalar, &it.contents, &[it.contents.len()]));
        let submitted = self.queue.submit(|h| {
            let mut arguments: Vec<Argument> = inputs.iter().map(|input| input.read(h)).collect();
            arguments.extend(outputs.iter().map(|output| output.read_write(h)));
            arguments.extend(program.tile.iter().map(|element| tile(element, program.shape.group(), h)));
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
        let columns = outputs.iter().chain(&cells).zip(program.results());
        columns.map(|(column, element)| column.leaves(&element).map_err(failed)).collect()
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
        Found::Range([start, end], length) => format!("range {start}..{end} out of range {length} in `x`"),
    };
    let item = match program.shape {
        Shape::Item([_, columns]) | Shape::Grid([_, columns], _) => {
            format!("[{}, {}]", failure.item / columns, failure.item % columns)
        }
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
        Shape::Grid(global, local) => h.parallel_for(NdRange::new(global, local), kernel!(NdItem<2>)),
    }
}

/// A captured value as the bytes that falx sends.
fn argument(ty: &Type, value: &Value) -> Argument {
    if let (Type::Specialized(scalar), Value::Bits(bits)) = (ty, value) {
        return stored::constant(*scalar, *bits);
    }
    let mut bytes = Vec::new();
    stored::append(ty, value, &mut bytes);
    Argument::Value(bytes.into_iter().collect())
}
