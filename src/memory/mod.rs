//! Buffers, accessors and host guards: the user's view of data.

mod accessor;

pub use accessor::{Accessor, Local, LocalAccessor, Read, ReadWrite, Write, mode};
