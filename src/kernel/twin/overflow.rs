//! Checked mode on the host: integers that overflow are reported before they wrap.
//!
//! Called only where the work-item runs in checked mode.

use super::super::current::report;
use super::super::message::{Message, OVERFLOW, OVERFLOW_OF_ONE};
use super::super::trap::Failure;
use super::super::tree::Site;
use super::super::types::DeviceType;
use super::operation::Operation;
use super::say::Shown;

#[cold]
fn overflowed(site: &'static Site, message: &Message, shown: &Shown) {
    report(Failure::Said { site, text: shown.text(message, site) });
}

fn both<L: DeviceType, R: DeviceType>(left: L, right: R) -> Shown {
    Shown::new().with(left).with(right)
}

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident => $operation:ident;)*) => { $(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name<L: DeviceType, R: DeviceType>(left: L, right: R, site: &'static Site) {
            if L::overflows(left, Operation::$operation(L::from_bits(R::bits(right)))) {
                overflowed(site, &OVERFLOW, &both(left, right));
            }
        }
    )* };
}
checks! {
    /// `left + right`
    check_add => Add;
    /// `left - right`
    check_subtract => Subtract;
    /// `left * right`
    check_multiply => Multiply;
}

/// `left << right`, for any integer type of `right`; a negative amount is a large one.
#[inline(always)]
pub fn check_shift_left<L: DeviceType, R: DeviceType>(left: L, right: R, site: &'static Site) {
    if R::bits(right) >= 8 * size_of::<L>() as u64 {
        overflowed(site, &OVERFLOW, &both(left, right));
    }
}

/// `left >> right`, as for [`check_shift_left`].
#[inline(always)]
pub fn check_shift_right<L: DeviceType, R: DeviceType>(left: L, right: R, site: &'static Site) {
    check_shift_left(left, right, site);
}

/// `-value`
#[inline(always)]
pub fn check_negate<T: DeviceType>(value: T, site: &'static Site) {
    if T::overflows(value, Operation::Negate) {
        overflowed(site, &OVERFLOW_OF_ONE, &Shown::new().with(value));
    }
}
