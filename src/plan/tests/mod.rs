//! Tests of the planner, without a device.

mod lab;
mod migration;
mod model;
mod order;
mod room;
mod split;
