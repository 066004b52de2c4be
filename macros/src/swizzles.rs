//! Makes the swizzles of vectors: `v.zyx()` and all others, as methods.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// The names of lanes.
const LANES: [char; 4] = ['x', 'y', 'z', 'w'];

/// Whether a method of this name is a swizzle.
pub fn is_swizzle(name: &str) -> bool {
    (2..=4).contains(&name.len()) && name.chars().all(|lane| LANES.contains(&lane))
}

/// The swizzles of vectors of two, three and four lanes.
pub fn methods() -> TokenStream {
    let vectors = [2u32, 3, 4].map(|lanes| {
        let methods =
            [2u32, 3, 4].into_iter().flat_map(|taken| (0..lanes.pow(taken)).map(move |code| (taken, code)));
        let methods = methods.map(|(taken, code)| method(lanes, taken, code));
        let lanes = Literal::u32_unsuffixed(lanes);
        quote!(impl<T: Number> Vector<T, #lanes> { #(#methods)* })
    });
    quote!(#(#vectors)*)
}

/// The swizzle whose lanes are the digits of `code` to the base `lanes`.
fn method(lanes: u32, taken: u32, code: u32) -> TokenStream {
    let picked = (0..taken).rev().map(|place| code / lanes.pow(place) % lanes);
    let picked: Vec<char> = picked.map(|lane| LANES[lane as usize]).collect();
    let name = format_ident!("{}", picked.iter().collect::<String>());
    let fields = picked.iter().map(|lane| format_ident!("{lane}"));
    let names = picked.iter().map(|lane| format!("`{lane}`")).collect::<Vec<_>>().join(", ");
    let text = format!("The lanes {names}, in this order.");
    let taken = Literal::u32_unsuffixed(taken);
    quote! {
        #[doc = #text]
        #[inline(always)]
        pub fn #name(self) -> Vector<T, #taken> {
            Vector::from_array([#(self.#fields),*])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swizzles_are_told_from_other_names() {
        assert!(is_swizzle("zyx") && is_swizzle("xx") && is_swizzle("wwww"));
        assert!(!is_swizzle("x") && !is_swizzle("xyzwx") && !is_swizzle("max"));
    }

    #[test]
    fn four_lanes_have_every_order() {
        let text = methods().to_string();
        assert_eq!(text.matches("pub fn").count(), 28 + 117 + 336);
        assert!(text.contains("fn wzyx"));
    }
}
