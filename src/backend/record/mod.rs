//! A device that remembers what it was told and does nothing: for tests of everything above.
