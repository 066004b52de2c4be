//! Random kernels for falx: made by seed, run on every device, and compared with an interpreter.
//!
//! `cargo run --release -p falx-fuzz -- kernels --count 10000 [--seed N] [--device D]` hands trees made at run time to falx;
//! `rust` writes the same kernels out as Rust, so that the macros and the host device take part. The last line says how
//! many kernels there were and how many differed; the exit status is zero if none did.
//!
//! Of what docs/KERNELS.md shows, the kernels of `kernels` and `rust` have
//!
//! - data: all scalars, arrays, tuples, structs, enums, `Option`, vectors and masks with their methods; captured scalars, arrays and
//!   specialization constants; buffers and local memory of scalars, vectors, arrays and structs, whole and by their parts;
//! - control flow: all of it, with patterns but `..`; `for` through ranges, arrays, accessors, rows and parts, by all adaptors but
//!   `inspect`, nothing that counts behind closures; all endings of sequences but `for_each`;
//! - functions: references to variables and their parts, slices of arrays, buffers and local memory, closures as parameters,
//!   accessors; each for one set of types. An element, a row or a range that is not there ends the work-item;
//! - numbers: all operators and casts; the methods that [`generate`] lists, which is nearly all that are exact;
//! - comparisons of scalars, arrays, tuples, structs and enums;
//! - groups of one and two dimensions: barriers, local memory, atomics that commute, nine reductions and scans, exchanges of any
//!   values, and questions, of groups and sub-groups.
//!
//! Trees have only the instances of generic functions, traits and impls. So `rust` writes the same kernels with these: functions as
//! methods, of traits as well, operators as calls of generic functions, operators of generic structs and methods of traits, and methods,
//! casts and comparisons as calls of std.
//!
//! They lack `inspect` and `for_each`, operators of one's own for groups, reductions of launches, panics, output, and `mem::swap` and its kin.
//!
//! `ulp` measures how exact the functions of floats are. `footprints` makes kernels for their indices, and looks for one that falx
//! proves in range and that is not.

mod crashes;
mod footprints;
mod generate;
mod interpret;
mod kernels;
mod launch;
mod options;
mod process;
mod program;
mod random;
mod rust;
mod shrink;
mod stored;
mod tree;
mod ulp;
mod worker;

use options::{Mode, Options};
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(text) => {
            eprintln!("{text}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    let done = match options.mode {
        Mode::Kernels => kernels::run(&options),
        Mode::Rust => rust::run(&options),
        Mode::Worker => worker::work(&options),
        Mode::Attempt => crashes::attempt(&options),
        Mode::Show => kernels::show(&options),
        Mode::Ulp => ulp::run(&options),
        Mode::Footprints => footprints::run(&options),
        Mode::FootprintsPart => footprints::work(&options),
        Mode::FootprintsShow => footprints::show(&options),
    };
    match done {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(text) => {
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}
