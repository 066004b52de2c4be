//! Panics and output of kernels that run as Rust.
//!
//! Outside a kernel, where a `#[device] fn` may be called as well, they are Rust's own.

use super::super::current::{is_inside, report, write_line};
use super::super::group::halt;
use super::super::message::Message;
use super::super::trap::Failure;
use super::super::tree::Site;
use super::super::types::{DeviceType, Type};
use smallvec::SmallVec;

/// The values of a message: their types and their bits.
#[derive(Default)]
pub struct Shown {
    types: SmallVec<[fn() -> Type; 4]>,
    words: Words,
}

/// The bits of values, each scalar in a word.
pub type Words = SmallVec<[u64; 8]>;

impl Shown {
    /// No values.
    pub fn new() -> Self {
        Shown::default()
    }

    /// With one more value.
    pub fn with<T: DeviceType>(mut self, value: T) -> Self {
        self.types.push(T::describe);
        T::append_words(value, &mut self.words);
        self
    }

    pub(super) fn text(&self, message: &Message, site: &Site) -> String {
        let types: Vec<Type> = self.types.iter().map(|describe| describe()).collect();
        message.render(site.subject, &types, &self.words)
    }
}

/// `panic!`: reports and ends the work-item.
#[cold]
pub fn panic(site: &'static Site, message: &Message, shown: Shown) -> ! {
    let text = shown.text(message, site);
    assert!(is_inside(), "{text}");
    report(Failure::Said { site, text });
    // Nothing that would have to be dropped may be left when the work-item is given up.
    drop(shown);
    halt()
}

/// `print!`
#[cold]
pub fn print(site: &'static Site, message: &Message, shown: Shown) {
    if is_inside() {
        write_line(std::ptr::from_ref(site) as u64, &shown.words);
    } else {
        print!("{}", shown.text(message, site));
    }
}
