//! The kernel language of falx: `kernel!`, `#[kernel]` and `#[device]`.

use proc_macro::TokenStream;

/// A kernel written as a closure.
#[proc_macro]
pub fn kernel(input: TokenStream) -> TokenStream {
    input
}
