//! Buffers, accessors and host guards: the user's view of data.

#[cfg(test)]
mod access_tests;
mod accessor;
mod atomic;
mod bind;
mod element;

pub use accessor::{Accessor, Local, LocalAccessor, Read, ReadWrite, Write, mode};
pub use atomic::{AtomicElement, AtomicReference};
pub use bind::Mode;
pub use element::Element;
