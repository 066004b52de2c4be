//! The kernel language of falx: `kernel!`, `#[kernel_fn]` and `#[device]`.
//!
//! ```text
//! tokens --parse--> syn --check--> model --twin--> Rust that runs on the host
//!                                        \-tree--> constants that become OpenCL C
//! ```

mod check;
mod decode;
mod device;
mod enumeration;
mod errors;
mod expand;
mod format;
mod kernel;
mod meeting;
mod methods;
mod model;
mod operator;
mod parse;
mod put;
mod spelling;
mod structure;
mod swizzles;
mod timing;
mod tree;
mod twin;
mod uniform;

use proc_macro::TokenStream;

/// A kernel written as a closure: `kernel!(|i: Id<1>| c[i] = scale * (a[i] + b[i]))`.
///
/// The parameter is the work-item: `Id<D>`, `Item<D>`, `NdItem<D>`, `usize` or `[usize; D]`; a single task has none. Names that
/// the closure does not bind are captured by value: scalars, arrays of scalars, accessors. Names in capitals and paths
/// (`WIDTH`, `f32::MAX`) are constants, compiled into the kernel.
///
/// The body is Rust: `let`, `if`, `while`, `loop`, `for` over ranges, operators, `as`, arrays, the methods of numbers, calls of
/// `#[device]` functions. It means the same on every device and in every profile: integers wrap, shifts count modulo the width,
/// and a bad index or a division by zero ends in an error of the launch. Whatever is not in the language is a compile error
/// that says what to write instead.
#[proc_macro]
pub fn kernel(input: TokenStream) -> TokenStream {
    timing::timed("kernel", || kernel::closure(input.into()).into())
}

/// A kernel written as a function, whose first parameter is the work-item and whose others are captured.
///
/// `#[kernel_fn] fn fill<const N: usize>(i: Id<1>, c: Write<f32>, value: f32) { .. }` becomes a function that takes `c` and
/// `value` and returns a kernel over `Id<1>`: `fill::<4>(c, 0.5)`. The language is that of `kernel!`.
#[proc_macro_attribute]
pub fn kernel_fn(attribute: TokenStream, item: TokenStream) -> TokenStream {
    timing::timed("kernel_fn", || kernel::function(&attribute.into(), item.into()).into())
}

/// A function that kernels can call, or a struct, enum, impl or trait that kernels can use; the host can as well.
///
/// A struct is `Copy`, laid out as in C (`#[repr(C)]` is added), and holds scalars, arrays, tuples and other such structs. It
/// can be captured; if its fields are elements and no gap lies between them, it is an element of buffers, too.
///
/// A function takes and returns values, and takes accessors, references and closures. It can be generic over types and
/// constants. It uses nothing from its surroundings but constants and other `#[device]` functions.
#[proc_macro_attribute]
pub fn device(attribute: TokenStream, item: TokenStream) -> TokenStream {
    device::item(&attribute.into(), item.into()).into()
}

/// An operator for [`reduction`](https://docs.rs/falx/latest/falx/reduction/fn.reduction.html), and for what the work-items of a
/// group do together (`group.reduce_with(x, operator)`), written as a closure of two values of one type: `operator!(|a: f32, b: f32| if b.abs() > a.abs() { b } else { a })`.
///
/// The body is that of a `#[device]` function: it uses nothing from its surroundings but constants and other such functions,
/// so the types are written out.
#[proc_macro]
pub fn operator(input: TokenStream) -> TokenStream {
    operator::closure(input.into()).into()
}

/// Methods of falx's own vectors. Not for use by hand.
#[doc(hidden)]
#[proc_macro]
pub fn __swizzles(_input: TokenStream) -> TokenStream {
    swizzles::methods().into()
}

/// Reading of falx's own trees. Not for use by hand.
#[doc(hidden)]
#[proc_macro_derive(Decode)]
pub fn decode(input: TokenStream) -> TokenStream {
    decode::derive(input.into()).into()
}
