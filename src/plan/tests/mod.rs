//! Tests of the planner, without a device.

mod lab;
mod migration;
mod order;
