//! What a program is launched over, and with what.

use crate::footprints::program::{
    Accessor, Capture, Captured, ItemKind, Program, RESULT_SITE, Role, Scalar, Shape,
};
use crate::random::Random;

/// Values near the ends of the types.
pub const HOSTILE: [u64; 16] = [
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fffe,
    0xffff_ffff,
    0x1_0000_0000,
    0x1_0000_0001,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    u64::MAX - 1,
    u64::MAX,
];

/// The types of captured values.
const CAPTURED: [Scalar; 6] = [Scalar::Usize, Scalar::U32, Scalar::I32, Scalar::U64, Scalar::I64, Scalar::U8];
/// The types of elements that are read.
const READ: [Scalar; 6] = [Scalar::U32, Scalar::U32, Scalar::Usize, Scalar::U8, Scalar::I32, Scalar::I64];
/// The most elements of an accessor.
const LARGEST: usize = 600;
/// The most work-items of a launch.
const MOST_ITEMS: usize = 300;

impl Program {
    /// A program that does nothing, in one work-item.
    pub fn empty() -> Program {
        Program {
            shape: Shape { item: ItemKind::Id, global: vec![1], local: vec![1] },
            accessors: Vec::new(),
            captures: Vec::new(),
            functions: Vec::new(),
            body: Vec::new(),
            n_locals: 0,
            n_loops: 0,
            n_sites: RESULT_SITE,
        }
    }
}

/// A program without a body.
pub fn program(random: &mut Random) -> Program {
    let shape = shape(random);
    let sizes = sizes(random, &shape);
    let mut program = Program { shape, ..Program::empty() };
    program.accessors.push(accessor(random, Role::Input, &sizes));
    program.accessors.push(accessor(random, Role::Output, &sizes));
    if program.shape.item == ItemKind::Groups && random.chance(70) {
        let local: Vec<usize> = sizes[..2].to_vec();
        program.accessors.push(accessor(random, Role::Tile, &[&local[..], &program.shape.local].concat()));
    } else if random.chance(40) {
        program.accessors.push(accessor(random, Role::Input, &sizes));
    }
    for _ in 0..random.between(0, 4) {
        let capture = capture(random, program.n_locals, &program);
        program.captures.push(capture);
        program.n_locals += 1;
    }
    program
}

fn shape(random: &mut Random) -> Shape {
    let dimensions = *random.pick(&[1, 1, 1, 2, 2, 3]);
    let largest = [0, 13, 8, 5][dimensions];
    let extents = |of: &mut Random| -> Vec<usize> {
        let mut side = || of.below(largest).max(usize::from(of.chance(97)));
        (0..dimensions).map(|_| side()).collect()
    };
    let item = *random.pick(&[ItemKind::Id, ItemKind::Id, ItemKind::Item, ItemKind::Groups]);
    if item != ItemKind::Groups {
        let mut global = extents(random);
        if dimensions == 1 && random.chance(8) {
            global[0] = random.between(20, MOST_ITEMS);
        }
        return Shape { item, local: vec![1; dimensions], global };
    }
    let most = [0, 9, 4, 3][dimensions];
    let local: Vec<usize> = (0..dimensions).map(|_| random.between(1, most)).collect();
    let global = local.iter().map(|local| local * random.between(1, 4)).collect();
    Shape { item, global, local }
}

/// Numbers that extents are made of, so that they have something to do with the launch and with each other.
fn sizes(random: &mut Random, shape: &Shape) -> Vec<usize> {
    let mut sizes = vec![shape.n_items(), shape.n_items()];
    sizes.extend(shape.global.iter().cycle().take(6));
    sizes.extend(shape.global.iter().flat_map(|extent| [extent + 1, extent + 2, 2 * extent]));
    if shape.item == ItemKind::Groups {
        sizes.extend(shape.local.iter().chain(&shape.local));
        sizes.push(shape.local.iter().product());
    }
    sizes.extend([random.below(13), random.below(13), 1 << random.below(5)]);
    if random.chance(10) {
        sizes.push(random.between(100, LARGEST));
    }
    sizes
}

fn accessor(random: &mut Random, role: Role, sizes: &[usize]) -> Accessor {
    let dimensions = *random.pick(&[1, 1, 1, 2, 2, 3]);
    let mut extent: Vec<usize> = (0..dimensions).map(|_| *random.pick(sizes)).collect();
    while extent.iter().product::<usize>() > LARGEST {
        extent.iter_mut().for_each(|side| *side = side.div_ceil(2));
    }
    let scalar = if role == Role::Input { *random.pick(&READ) } else { Scalar::U32 };
    let n = if role == Role::Input { extent.iter().product() } else { 0 };
    let wild = random.chance(30);
    let element = |random: &mut Random| match wild && random.chance(20) {
        true => *random.pick(&HOSTILE) & scalar.mask(),
        false => random.below(14) as u64,
    };
    let contents = (0..n).map(|_| element(random)).collect();
    Accessor { role, scalar, extent, contents }
}

fn capture(random: &mut Random, local: u16, program: &Program) -> Capture {
    let scalar = *random.pick(&CAPTURED);
    let of_extents = program.accessors.iter().flat_map(|accessor| accessor.extent.iter().copied());
    let mut near: Vec<usize> = of_extents.chain(program.shape.global.iter().copied()).collect();
    near.push(program.accessors[0].n_elements());
    let bits = match random.below(10) {
        0..=5 => *random.pick(&near) as u64,
        6 => (*random.pick(&near) as u64).wrapping_sub(random.below(3) as u64),
        7 => random.below(5) as u64,
        _ => *random.pick(&HOSTILE),
    };
    let value = match random.below(10) {
        0 => Captured::Specialized(bits & scalar.mask()),
        1 => Captured::Table((0..random.between(1, 7)).map(|_| random.below(9) as u64).collect()),
        _ => Captured::Number(bits & scalar.mask()),
    };
    Capture { local, scalar, value }
}
