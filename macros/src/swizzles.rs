//! Makes the swizzles of vectors as methods: `v.zyx()` and all others, and `v.with_zyx(w)`, which replaces those lanes.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// The names of lanes.
const LANES: [char; 4] = ['x', 'y', 'z', 'w'];

/// Whether a method of this name is a swizzle.
pub fn is_swizzle(name: &str) -> bool {
    (2..=4).contains(&name.len()) && name.chars().all(|lane| LANES.contains(&lane))
}

/// Whether a method of this name replaces the lanes of a swizzle: `with_zyx`.
pub fn replaces_lanes(name: &str) -> bool {
    name.strip_prefix("with_").is_some_and(|lanes| is_swizzle(lanes) && are_distinct(lanes.chars()))
}

fn are_distinct(lanes: impl Iterator<Item = char> + Clone) -> bool {
    lanes
        .clone()
        .enumerate()
        .all(|(position, lane)| lanes.clone().skip(position + 1).all(|other| other != lane))
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
    let fields: Vec<_> = picked.iter().map(|lane| format_ident!("{lane}")).collect();
    let names = picked.iter().map(|lane| format!("`{lane}`")).collect::<Vec<_>>().join(", ");
    let text = format!("The lanes {names}, in this order.");
    let taken = Literal::u32_unsuffixed(taken);
    let replacing = are_distinct(picked.iter().copied()).then(|| {
        let (name, text) =
            (format_ident!("with_{name}"), format!("The same with other lanes {names}, in this order."));
        let parts = (0..picked.len()).map(Literal::usize_unsuffixed);
        quote! {
            #[doc = #text]
            #[inline(always)]
            #[must_use]
            pub fn #name(mut self, lanes: Vector<T, #taken>) -> Self {
                #(self.#fields = lanes.as_array()[#parts];)*
                self
            }
        }
    });
    quote! {
        #replacing
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
        assert!(replaces_lanes("with_zx") && !replaces_lanes("with_zz") && !replaces_lanes("zx"));
        assert!(!is_swizzle("x") && !is_swizzle("xyzwx") && !is_swizzle("max"));
    }

    #[test]
    fn four_lanes_have_every_order() {
        let text = methods().to_string();
        let n_distinct = [2, 6 + 6, 12 + 24 + 24];
        let expected = 28 + 117 + 336 + n_distinct.iter().sum::<usize>();
        assert_eq!(text.matches("pub fn").count(), expected);
        assert!(text.contains("fn wzyx") && text.contains("fn with_zx") && !text.contains("fn with_xx"));
    }
}
