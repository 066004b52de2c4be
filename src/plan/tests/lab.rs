//! `Lab`: a planner with short ways to register buffers and submit commands, for tests.

use crate::geometry::Block;
use crate::plan::{
    Access, BufferId, BufferShape, Command, CommandKind, Plan, Planner, Requirement, StepKind, System,
    TaskId, TaskRecord,
};
use crate::platform::{DeviceId, MemoryId};
use smallvec::SmallVec;

/// Host memory.
pub const HOST: MemoryId = MemoryId::HOST;
/// The memories of devices 1 to 4.
pub const M1: MemoryId = MemoryId(1);
pub const M2: MemoryId = MemoryId(2);
pub const M3: MemoryId = MemoryId(3);
pub const M4: MemoryId = MemoryId(4);

/// A planner for a host and four devices, each with a memory of its own number.
pub struct Lab {
    pub planner: Planner,
    pub records: Vec<TaskRecord>,
    pub bytes_moved: usize,
}

impl Lab {
    pub fn new() -> Self {
        let system = System::new((1..=4).map(|number| (MemoryId(number), DeviceId(number))));
        Lab { planner: Planner::new(system), records: Vec::new(), bytes_moved: 0 }
    }

    /// A buffer of four-byte elements with contents in host memory.
    pub fn filled(&mut self, name: &str, extent: [usize; 3]) -> BufferId {
        self.register(name, extent, Some(HOST), None)
    }

    /// A buffer of four-byte elements without contents.
    pub fn blank(&mut self, name: &str, extent: [usize; 3]) -> BufferId {
        self.register(name, extent, None, None)
    }

    /// A buffer of four-byte elements that stands on memory of the program's own, which holds its contents.
    pub fn imported(&mut self, name: &str, extent: [usize; 3], memory: MemoryId) -> BufferId {
        self.register(name, extent, Some(memory), Some(memory))
    }

    fn register(
        &mut self,
        name: &str,
        extent: [usize; 3],
        initialized_in: Option<MemoryId>,
        imported_in: Option<MemoryId>,
    ) -> BufferId {
        let name = name.to_owned();
        self.planner.register(BufferShape { extent, element_bytes: 4, initialized_in, imported_in, name })
    }

    /// Submits a kernel to the device that has `memory`.
    pub fn kernel(&mut self, name: &'static str, memory: MemoryId, requirements: &[Requirement]) -> TaskId {
        self.submit(&command(CommandKind::Launch, name, memory, requirements)).task
    }

    /// Lets the user's thread access a buffer.
    pub fn host_access(&mut self, name: &'static str, requirement: Requirement) -> TaskId {
        self.submit(&command(CommandKind::HostAccess, name, HOST, &[requirement])).task
    }

    /// Submits any command.
    pub fn submit(&mut self, command: &Command) -> Plan {
        let plan = self.planner.plan(command).expect("the command is valid");
        self.bytes_moved += copied_elements(&plan) * 4;
        self.records.push(self.planner.describe(command, &plan));
        plan
    }

    /// The tasks that `task` waits for.
    pub fn dependencies(&self, task: TaskId) -> Vec<TaskId> {
        let mut records = self.records.iter();
        records.find(|record| record.task == task).map_or(Vec::new(), |record| record.dependencies.clone())
    }

    /// All plans, one line for each, and the bytes moved.
    pub fn story(&self) -> String {
        let mut story = String::new();
        for record in &self.records {
            story.push_str(&format!("t{}: {record}\n", record.task.0));
        }
        story.push_str(&format!("{} bytes moved\n", self.bytes_moved));
        story
    }
}

/// The elements that the steps of a plan copy.
pub fn copied_elements(plan: &Plan) -> usize {
    let blocks = plan.steps.iter().filter_map(|step| match step.kind {
        StepKind::Copy { block, .. } => Some(block),
        _ => None,
    });
    blocks.map(|block| block.size()).sum()
}

/// A command on the device with the number of `memory`.
pub fn command(
    kind: CommandKind,
    name: &'static str,
    memory: MemoryId,
    requirements: &[Requirement],
) -> Command {
    let device = DeviceId(memory.0);
    let requirements = requirements.into();
    Command { kind, name, place: None, device, memory, requirements, after: SmallVec::new() }
}

/// A box in one dimension.
pub fn line(from: usize, to: usize) -> Block {
    Block::new([0, 0, from], [1, 1, to])
}

/// A box in two dimensions.
pub fn area(rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) -> Block {
    Block::new([0, rows.start, columns.start], [1, rows.end, columns.end])
}

pub fn read(buffer: BufferId, block: Block) -> Requirement {
    Requirement { buffer, block, within: block, access: Access::Read }
}
pub fn write(buffer: BufferId, block: Block) -> Requirement {
    Requirement { buffer, block, within: block, access: Access::Write }
}
pub fn update(buffer: BufferId, block: Block) -> Requirement {
    Requirement { buffer, block, within: block, access: Access::ReadWrite }
}
pub fn discard(buffer: BufferId, block: Block) -> Requirement {
    Requirement { buffer, block, within: block, access: Access::Discard }
}
