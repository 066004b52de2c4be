//! The kinds of unified shared memory as types.

use crate::platform::UsmKind;

/// Memory of one device: kernels of that device work on it, and copies fill and read it.
#[derive(Clone, Copy, Debug)]
pub enum OnDevice {}
/// Host memory that kernels of every device can work on.
#[derive(Clone, Copy, Debug)]
pub enum OnHost {}
/// Memory that the host and one device work on in turn.
#[derive(Clone, Copy, Debug)]
pub enum Shared {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::OnDevice {}
    impl Sealed for super::OnHost {}
    impl Sealed for super::Shared {}
}

/// A kind as a type: [`OnDevice`], [`OnHost`] or [`Shared`].
pub trait Kind: sealed::Sealed + 'static {
    /// The kind as data.
    const KIND: UsmKind;
}
impl Kind for OnDevice {
    const KIND: UsmKind = UsmKind::Device;
}
impl Kind for OnHost {
    const KIND: UsmKind = UsmKind::Host;
}
impl Kind for Shared {
    const KIND: UsmKind = UsmKind::Shared;
}

/// A kind that the host can touch: [`OnHost`] or [`Shared`].
#[diagnostic::on_unimplemented(
    message = "the host cannot touch `{Self}` memory",
    note = "use `copy_to_slice` and `copy_from_slice`, or memory of kind `Shared` or `OnHost`"
)]
pub trait HostReachable: Kind {}
impl HostReachable for OnHost {}
impl HostReachable for Shared {}
