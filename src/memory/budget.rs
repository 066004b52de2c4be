//! How many bytes buffers may have in a memory, how many they have, and what becomes of those that they gave up.

use crate::execute::Pool;
use crate::platform::{Device, MemoryId, MemoryUse, PoolPolicy, PoolUse};
use crate::runtime::runtime;

/// What buffers have in the memory that `device` works on, after all that was submitted so far.
///
/// For the host device and all others that work on host memory, that is what falx allocated there for buffers that are still
/// in use, unified shared memory included; what a buffer took over from a `Vec` is not counted.
///
/// ```
/// use falx::prelude::*;
///
/// let queue = Queue::new(Selector::host())?;
/// let zeros = Buffer::<f32>::new(1 << 20);
/// queue.submit(|h| h.fill(&zeros.write(h), 0.0))?.wait()?;
/// assert!(falx::memory_use(queue.device()).held_bytes >= 4 << 20);
/// # Ok::<(), falx::Error>(())
/// ```
pub fn memory_use(device: &Device) -> MemoryUse {
    match device.memory() {
        MemoryId::HOST => Pool::global().held(),
        memory => runtime().held(memory),
    }
}

/// Sets how many bytes buffers may have at once in the memory that `device` works on; `None` for no limit.
///
/// Where the device has a memory of its own, buffers that were not used there for longest make room for those that a command
/// needs: what is current nowhere else is copied to the host first, and comes back when it is used again. That happens by
/// itself, in the order of the commands; results do not depend on it. A command that needs room waits for those that use what
/// has to leave, and with them for what they wait for, such as guards. Where there is no room for a whole buffer, the device has
/// the parts that its commands use: a buffer may be larger than this, and commands work on it through
/// [`sub_buffer`](crate::Buffer::sub_buffer) or [`region`](crate::Accessor::region), or with kernels that touch a part. A launch
/// over a range whose parts of buffers do not fit together is done in parts itself, one after the other, where it is known which
/// elements each part touches and no part reads or overwrites what another writes; it stays one command. Any other command whose
/// parts of buffers do not fit together is refused with
/// [`ErrorKind::MemoryAllocation`](crate::ErrorKind::MemoryAllocation). Such a device starts with nine tenths of what its driver
/// says that it has; drivers themselves may end the process when their memory is exhausted.
///
/// For the host device and all others that work on host memory, it bounds what falx allocates there, unified shared memory
/// included; there is no limit at first, and a command that makes a buffer exceed it fails with the same kind of error.
///
/// ```
/// use falx::prelude::*;
///
/// let device = Queue::new(Selector::host())?.device().clone();
/// falx::set_memory_budget(&device, Some(1 << 30));
/// assert_eq!(falx::memory_use(&device).budget_bytes, Some(1 << 30));
/// falx::set_memory_budget(&device, None);
/// # Ok::<(), falx::Error>(())
/// ```
pub fn set_memory_budget(device: &Device, bytes: Option<usize>) {
    match device.memory() {
        MemoryId::HOST => Pool::global().set_budget(bytes),
        memory => runtime().set_budget(memory, bytes),
    }
}

/// Sets what becomes of memory that buffers gave up, in the memory that `device` works on: whether it is kept for later buffers,
/// which then need none from the driver or the system. What is kept beyond that now is given back before this returns.
///
/// At first, a GiB is kept at most. Whatever the policy, what is kept goes where buffers need the room and the
/// [budget](set_memory_budget) does not bear both.
///
/// ```
/// use falx::prelude::*;
/// use falx::PoolPolicy;
///
/// let queue = Queue::new(Selector::host())?;
/// falx::set_pool_policy(queue.device(), PoolPolicy::Release);
/// queue.submit(|h| h.fill(&Buffer::<u32>::new(1 << 20).write(h), 7))?.wait()?;
/// assert_eq!(falx::pool_use(queue.device()).kept_bytes, 0);
/// falx::set_pool_policy(queue.device(), PoolPolicy::default());
/// # Ok::<(), falx::Error>(())
/// ```
pub fn set_pool_policy(device: &Device, policy: PoolPolicy) {
    match device.memory() {
        MemoryId::HOST => Pool::global().set_policy(policy),
        memory => runtime().set_pool_policy(memory, policy),
    }
}

/// What is in use and what is kept, in the memory that `device` works on, right now: commands that are not over have theirs.
///
/// For the host device and all others that work on host memory, that is what falx allocated there. What
/// [`memory_use`] says is what is planned; this is what there is.
///
/// ```
/// use falx::prelude::*;
///
/// let queue = Queue::new(Selector::host())?;
/// for _ in 0..100 {
///     let scratch = Buffer::<u32>::new(1 << 20);
///     queue.submit(|h| h.fill(&scratch.write(h), 7))?.wait()?;
/// }
/// let pool = falx::pool_use(queue.device());
/// assert!(pool.reuse_rate() > 0.9 && pool.fragmentation() < 0.25);
/// # Ok::<(), falx::Error>(())
/// ```
pub fn pool_use(device: &Device) -> PoolUse {
    match device.memory() {
        MemoryId::HOST => Pool::global().counts(),
        memory => runtime().pool_use(memory),
    }
}
