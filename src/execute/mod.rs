//! Carries steps out: owns the memories of buffers, hands work to backend lanes, and notices when it is complete.
//!
//! The only part of falx that calls backends. Decides nothing about copies: those come as steps from `plan`.

mod count;
mod device_pool;
mod end;
mod engine;
mod host_tasks;
mod inherit;
mod kernels;
mod lanes;
pub(crate) mod native;
mod pool;
mod pooled_lane;
mod prints;
mod record;
mod sheet;
mod signals;
mod slabs;
mod spill;
mod state;
mod storage;
#[cfg(test)]
mod tests;
mod traps;
mod usm;
mod variants;
mod watch;
mod work;

pub(crate) use engine::{Engine, ErrorSink, ProfileSlot, Standing, Until};
pub(crate) use host_tasks::run as on_a_thread;
pub(crate) use kernels::Kernels;
pub(crate) use lanes::Lanes;
pub(crate) use pool::{Block as HostBlock, Pool};
pub use prints::PrintSink;
pub(crate) use record::{Record, Whole};
pub(crate) use spill::set_spill_directory;
pub(crate) use storage::{Deliver, Storage};
pub(crate) use usm::allocate_usm;
pub(crate) use variants::{Chosen, ReachedArguments, reached};
pub(crate) use work::{
    CopyWork, FillWork, HostClosure, LaunchWork, PartWork, PointerWork, Portion, SumWork, Use, Work,
};
