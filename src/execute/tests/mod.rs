//! The engine over simulated devices, whose commands end when a test says so.

mod failures;
mod fault;
mod inherit;
mod lab;
mod order;
mod random;
#[cfg(shuttle)]
mod schedules;
