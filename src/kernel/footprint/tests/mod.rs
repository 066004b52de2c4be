//! What is shown of random kernels is compared with what every single work-item does.
//!
//! Kernels written by hand, with what each launch of them needs, are in `tests/footprints.rs`.

mod oracle;
mod random;

use super::knowledge::{Bounds, Knowledge};
use super::{Footprint, form::Form};
use crate::geometry::Block;
use crate::kernel::check::{CheckSet, Checks};
use crate::kernel::source::{Source, lower};
use crate::kernel::testing::{Sketched, whole};
use crate::kernel::{Argument, LaunchShape, ShapeKind, Slice, Touched, TouchedArguments};
use oracle::{Element, Oracle};
use random::Random;
use std::collections::BTreeSet;

/// Lowers a kernel as launches do, and has every work-item of each stage run: none may come to an index out of range whose
/// check was found needless. Gives how many checks were left out in the end.
fn follow(kernel: &Sketched, arguments: &[Argument], shape: &LaunchShape, seed: u64) -> usize {
    let mut needed = CheckSet::default();
    loop {
        let source = lower(&kernel.template(shape.kind), &Checks::Only(needed.clone())).unwrap();
        let open = source.footprint.examine(arguments, shape, false).open;
        let Footprint { code: Some(code), .. } = &source.footprint else { return 0 };
        let module = &code.0;
        for item in 0..shape.global[2] {
            let mut oracle = Oracle::new(module, arguments, item, seed);
            oracle.run();
            for failed in oracle.failed {
                let left_out = module.left_out[failed.number];
                assert!(
                    open.contains(left_out.name),
                    "seed {seed}: work-item {item} of {} has index {} of {}, which was found needless to check, in\n{}",
                    shape.global[2],
                    failed.index,
                    failed.length,
                    source.text
                );
            }
        }
        if open.is_empty() {
            let (end, middle) = (shape.global[2], shape.global[2] / 2);
            // Of some, since every work-item runs again for it.
            let slices = [(0, middle), (middle, end), (middle, middle + 1)];
            for (first, end) in slices.into_iter().filter(|(first, end)| first < end && seed % 5 == 0) {
                compare(&source, arguments, shape, Slice { first, end }, seed);
            }
            return module.left_out.len();
        }
        open.iter().for_each(|name| _ = needed.insert(name));
    }
}

/// Holds that the work-items of a slice touch nothing but what is found of it, and fill what is said to be filled, and that no more
/// is found of it than of the whole.
fn compare(source: &Source, arguments: &[Argument], shape: &LaunchShape, slice: Slice, seed: u64) {
    let Footprint { code: Some(code), .. } = &source.footprint else { return };
    let Some(found) = source.footprint.touched(arguments, shape, slice) else { return };
    let (mut reads, mut writes, mut is_cut_short) = (BTreeSet::new(), BTreeSet::new(), false);
    for item in slice.first..slice.end {
        let mut oracle = Oracle::new(&code.0, arguments, item, seed);
        oracle.run();
        reads.extend(oracle.reads);
        writes.extend(oracle.writes);
        is_cut_short |= oracle.is_cut_short;
    }
    let whole = source.footprint.touched(arguments, shape, shape.whole()).unwrap_or_default();
    let of = |all: &TouchedArguments, argument: usize| {
        all.iter().find(|(other, _)| *other == argument).map_or(Touched::NOTHING, |(_, touched)| *touched)
    };
    let is_in = |block: Block, index: i128| (block.min[2]..block.max[2]).contains(&(index as usize));
    let text = || format!("seed {seed}, {slice:?} of {}:\n{}", shape.global[2], source.text);
    for argument in 0..2 {
        let (part, all) = (of(&found, argument), of(&whole, argument));
        let mine = |touched: &BTreeSet<Element>| -> Vec<i128> {
            touched.iter().filter(|(other, _)| *other == argument).map(|(_, index)| *index).collect()
        };
        let (reads, writes) = (mine(&reads), mine(&writes));
        assert!(reads.iter().all(|index| is_in(part.reads, *index)), "{}", text());
        assert!(writes.iter().all(|index| is_in(part.writes, *index)), "{}", text());
        assert!(!part.fills || is_cut_short || part.writes.size() == writes.len(), "{}", text());
        let is_within = |part: &Block, all: &Block| part.is_empty() || all.contains(part);
        assert!(is_within(&part.reads, &all.reads) && is_within(&part.writes, &all.writes), "{}", text());
    }
}

#[test]
fn no_work_item_of_random_kernels_comes_to_an_index_whose_check_was_left_out() {
    let (mut n_left_out, mut n_checks) = (0, 0);
    for seed in 0..500 {
        let mut random = Random::new(seed);
        let kernel = random.kernel();
        for _ in 0..3 {
            let n_items = random.below(16) + 1;
            let shape = LaunchShape { kind: ShapeKind::Range(1), global: [1, 1, n_items], local: [1; 3] };
            let length = random.below(24) + 1;
            let mut arguments = vec![whole(length), whole(random.below(24) + 1)];
            arguments.extend((0..3).map(|kind| random.argument(kind)));
            n_left_out += follow(&kernel, &arguments, &shape, seed);
            n_checks += random.n_accesses;
        }
    }
    // So that the test keeps meaning something.
    assert!(n_left_out * 4 > n_checks, "{n_left_out} of {n_checks} checks were left out");
}

#[test]
fn a_fact_about_two_symbols_bounds_one_by_the_other() {
    let mut knowledge = Knowledge::default();
    let [x, y] = [0, 0].map(|_| Form::symbol(knowledge.fresh(Bounds::new(0, 100))));
    let rest = |one: &Form, two: &Form, number| one.minus(two).unwrap().plus_number(number);
    assert!(!knowledge.is_never_negative(rest(&y, &x, 0)));
    let mark = knowledge.mark();
    // x + 1 <= y
    knowledge.learn(rest(&y, &x, -1));
    assert!(knowledge.is_never_negative(rest(&y, &x, -1)));
    assert!(!knowledge.is_never_negative(rest(&y, &x, -2)));
    assert_eq!(knowledge.bounds(&x), Some(Bounds::new(0, 99)));
    knowledge.back_to(mark);
    assert_eq!(knowledge.bounds(&x), Some(Bounds::new(0, 100)));
}

#[test]
fn whole_numbers_are_rounded_in_the_right_direction() {
    let mut knowledge = Knowledge::default();
    let x = Form::symbol(knowledge.fresh(Bounds::new(-100, 100)));
    // 3 x >= -7 and 4 x <= 11
    knowledge.learn(x.times(3).unwrap().plus_number(7));
    knowledge.learn(x.times(-4).unwrap().plus_number(11));
    assert_eq!(knowledge.bounds(&x), Some(Bounds::new(-2, 2)));
}

#[test]
fn numbers_too_large_to_compute_with_show_nothing() {
    let mut knowledge = Knowledge::default();
    let x = Form::symbol(knowledge.fresh(Bounds::new(0, i128::MAX)));
    assert_eq!(x.times(3).and_then(|form| knowledge.bounds(&form)), None);
    assert!(!knowledge.is_never_negative(x.times(3)));
    assert_eq!(x.times(i128::MAX).and_then(|form| form.times(2)), None);
    assert!(!knowledge.is_never_negative(None));
}
