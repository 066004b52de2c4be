//! The values that planning works on: `Command` in, `Task` between, `Step` out.

use crate::geometry::{Block, Layout};
use crate::platform::{DeviceId, MemoryId};
use smallvec::SmallVec;

/// The number of a buffer in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BufferId(pub u64);

/// The number of a task; later commands have higher numbers. It is the number of the task's [`StepKind::Run`] step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(pub u64);

/// The number of a step; a step only waits for steps with lower numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepId(pub u64);

/// What the planner must know of a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BufferShape {
    /// Its extent, padded with leading ones.
    pub extent: [usize; 3],
    /// The size of an element.
    pub element_bytes: usize,
    /// The memory in which it has contents from the start, if any.
    pub initialized_in: Option<MemoryId>,
    /// The memory where it stands on what the program owns, if any: its room there is not counted, and never given up.
    pub imported_in: Option<MemoryId>,
    /// Its name, for messages and graphs.
    pub name: String,
}

impl BufferShape {
    /// Its elements.
    pub fn layout(&self) -> Layout {
        Layout { extent: self.extent, element_bytes: self.element_bytes }
    }
}

/// How a command uses a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Reads what is there.
    Read,
    /// Writes some of it; the rest keeps its value.
    Write,
    /// Reads and writes.
    ReadWrite,
    /// Writes; what is not written is left unspecified (SYCL's `no_init`).
    Discard,
}

impl Access {
    /// Whether it reads what is there.
    pub fn reads(self) -> bool {
        matches!(self, Access::Read | Access::ReadWrite)
    }

    /// Whether contents may change.
    pub fn writes(self) -> bool {
        self != Access::Read
    }
}

/// One region of one buffer that a command uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The buffer.
    pub buffer: BufferId,
    /// The region, a box.
    pub block: Block,
    /// What it is a part of: a box that the command has in memory without gaps.
    pub within: Block,
    /// How it is used.
    pub access: Access,
}

/// The requirements of one command.
pub type Requirements = SmallVec<[Requirement; 4]>;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandKind {
    /// A kernel, a fill or an explicit copy: something a device does with its memory.
    Launch,
    /// A closure on the host.
    HostTask,
    /// A closure on the host that has a device's driver work on its regions, where they are on that device.
    InteropTask,
    /// The user's thread reads or writes through a guard; ends when the guard goes.
    HostAccess,
    /// Nothing; joins what it waits for.
    Barrier,
}

/// One command group: what is to be done, where, and to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What.
    pub kind: CommandKind,
    /// The name of the kernel or of the operation, for messages and graphs.
    pub name: &'static str,
    /// The file and the line of a kernel in Rust, for messages.
    pub place: Option<(&'static str, u32)>,
    /// The device whose lane runs it ([`DeviceId::HOST`] for host tasks and host accesses).
    pub device: DeviceId,
    /// The memory in which it needs its regions.
    pub memory: MemoryId,
    /// The regions.
    pub requirements: Requirements,
    /// Tasks that must be complete first, whatever they touch (`depends_on`, in-order queues).
    pub after: SmallVec<[TaskId; 2]>,
}

/// One thing for the executor to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its number.
    pub id: StepId,
    /// The task it is part of.
    pub task: TaskId,
    /// The device whose lane does it.
    pub device: DeviceId,
    /// What.
    pub kind: StepKind,
    /// The steps that must be complete first.
    pub after: SmallVec<[StepId; 4]>,
}

/// What a command became: a task, and the steps to do for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The task.
    pub task: TaskId,
    /// The step that completes the task: the last of `steps`.
    pub run: StepId,
    /// The tasks that must be complete before it, without those known to be complete already; in order.
    pub dependencies: SmallVec<[TaskId; 4]>,
    /// The steps, in order; the last is [`StepKind::Run`].
    pub steps: SmallVec<[Step; 1]>,
}

/// The kinds of steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Sets a region to zero bytes in a memory, because it is written in part and nothing has written it before.
    Zero {
        /// The buffer.
        buffer: BufferId,
        /// The memory.
        memory: MemoryId,
        /// The region.
        block: Block,
    },
    /// Copies a region of a buffer from one memory to another. One of the two is always [`MemoryId::HOST`].
    Copy {
        /// The buffer.
        buffer: BufferId,
        /// Where the bytes are.
        from: MemoryId,
        /// Where they are needed.
        to: MemoryId,
        /// The region.
        block: Block,
    },
    /// Sets memory on a device aside for a part of a buffer alone. Without that it is for the whole buffer.
    Reserve {
        /// The buffer.
        buffer: BufferId,
        /// The memory.
        memory: MemoryId,
        /// The part: elements that lie one after the other.
        piece: Block,
    },
    /// Takes the memory of a buffer, or of a part of it, in one of the device memories away: something else needs the room.
    Release {
        /// The buffer.
        buffer: BufferId,
        /// The memory.
        memory: MemoryId,
        /// What had that memory.
        piece: Block,
    },
    /// Does what the command asked.
    Run,
}
