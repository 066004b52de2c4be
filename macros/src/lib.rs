//! The kernel language of falx: `kernel!`, `#[kernel_fn]` and `#[device]`.
//!
//! ```text
//! tokens --parse--> syn --check--> model --twin--> Rust that runs on the host
//!                                        \-tree--> constants that become OpenCL C
//! ```

mod check;
mod device;
mod errors;
mod expand;
mod kernel;
mod methods;
mod model;
mod parse;
mod spelling;
mod tree;
mod twin;

use proc_macro::TokenStream;

/// A kernel written as a closure: `kernel!(|i: Id<1>| c[i] = a[i] + b[i])`.
#[proc_macro]
pub fn kernel(input: TokenStream) -> TokenStream {
    kernel::closure(input.into()).into()
}

/// A kernel written as a function, whose first parameter is the work-item and whose others are captured.
#[proc_macro_attribute]
pub fn kernel_fn(attribute: TokenStream, item: TokenStream) -> TokenStream {
    kernel::function(&attribute.into(), item.into()).into()
}

/// A function that kernels can call.
#[proc_macro_attribute]
pub fn device(attribute: TokenStream, item: TokenStream) -> TokenStream {
    device::function(&attribute.into(), item.into()).into()
}
