//! What is shown of random kernels is compared with what every single work-item does.
//!
//! Kernels written by hand, with what each launch of them needs, are in `tests/footprints.rs`.

mod oracle;
mod random;
mod tape;

use super::knowledge::{Bounds, Knowledge};
use super::{Examined, Footprint, form::Form};
use crate::geometry::Block;
use crate::kernel::check::{CheckSet, Checks};
use crate::kernel::source::{Source, lower};
use crate::kernel::testing::{Sketched, whole};
use crate::kernel::{Argument, LaunchShape, ShapeKind, Slice, Touched, TouchedArguments};
use oracle::{Element, Oracle};
use random::Random;
use std::collections::BTreeSet;

/// A kernel, and its code with each set of checks that launches of it have needed so far.
struct Lowered<'k> {
    kernel: &'k Sketched,
    seed: u64,
    sources: Vec<(CheckSet, Source)>,
    /// How often a launch was looked at, and how often an earlier one said what is found of it.
    n_examined: usize,
    n_known: usize,
    /// How many slices were looked at, and of how many more was found than of the whole.
    n_slices: usize,
    n_larger: usize,
}

impl<'k> Lowered<'k> {
    fn new(kernel: &'k Sketched, seed: u64) -> Self {
        Lowered { kernel, seed, sources: Vec::new(), n_examined: 0, n_known: 0, n_slices: 0, n_larger: 0 }
    }

    fn lower(&self, checks: &CheckSet, shape: &LaunchShape) -> Source {
        lower(&self.kernel.template(shape.kind), &Checks::Only(checks.clone())).unwrap()
    }

    fn source(&mut self, checks: &CheckSet, shape: &LaunchShape) -> &Source {
        let known = self.sources.iter().position(|(of, _)| of == checks);
        let position = known.unwrap_or_else(|| {
            self.sources.push((checks.clone(), self.lower(checks, shape)));
            self.sources.len() - 1
        });
        &self.sources[position].1
    }

    /// Has every work-item run at each stage of finding the code for a launch: none may come to an index out of range whose
    /// check was found needless. Gives how many checks were left out in the end.
    fn follow(&mut self, arguments: &[Argument], shape: &LaunchShape) -> usize {
        let mut needed = CheckSet::default();
        loop {
            let alone = self.lower(&needed, shape).footprint.examine(arguments, shape, false);
            let seed = self.seed;
            let source = self.source(&needed, shape).clone();
            let Footprint { code: Some(code), .. } = &source.footprint else { return 0 };
            let is_known = code.known(&source.footprint.numbers(arguments, shape), shape.kind).is_some();
            let Examined { open, touched } = source.footprint.examine(arguments, shape, false);
            assert_eq!(open, alone.open, "seed {seed}: other launches before it changed what is found");
            assert_eq!(
                touched, alone.touched,
                "seed {seed}: other launches before it changed what it touches"
            );
            self.n_examined += 1;
            self.n_known += usize::from(is_known);
            run_all(&source, arguments, shape, &open, seed);
            if open.is_empty() {
                let is_larger = compare_slices(&source, arguments, shape, seed);
                self.n_slices += is_larger.len();
                self.n_larger += is_larger.into_iter().filter(|is_larger| *is_larger).count();
                return code.module.left_out.len();
            }
            open.iter().for_each(|name| _ = needed.insert(name));
        }
    }
}

fn run_all(source: &Source, arguments: &[Argument], shape: &LaunchShape, open: &CheckSet, seed: u64) {
    let Some(code) = &source.footprint.code else { return };
    for item in 0..shape.global[2] {
        let mut oracle = Oracle::new(&code.module, arguments, item, seed);
        oracle.run();
        // Where a step may lead beyond all numbers, its check is open.
        if open.is_empty() {
            assert_eq!(
                oracle.beyond,
                [],
                "seed {seed}: steps and ends, of work-item {item} in\n{}",
                source.text
            );
        }
        for failed in oracle.failed {
            assert!(
                open.contains(code.module.left_out[failed.number].name),
                "seed {seed}: work-item {item} of {} has index {} of {}, which was found needless to check, in\n{}",
                shape.global[2],
                failed.index,
                failed.length,
                source.text
            );
        }
    }
}

/// Looks at slices of some launches only, since every work-item runs again for each; whether more is found of them than of the whole.
fn compare_slices(source: &Source, arguments: &[Argument], shape: &LaunchShape, seed: u64) -> Vec<bool> {
    let (end, middle) = (shape.global[2], shape.global[2] / 2);
    let slices = [(0, middle), (middle, end), (middle, middle + 1)];
    let slices = slices.into_iter().filter(|(first, end)| first < end && seed.is_multiple_of(5));
    slices.map(|(first, end)| compare(source, arguments, shape, Slice { first, end }, seed)).collect()
}

/// Holds that the work-items of a slice touch nothing but what is found of it, and fill what is said to be filled; gives whether more
/// is found of it than of the whole.
fn compare(source: &Source, arguments: &[Argument], shape: &LaunchShape, slice: Slice, seed: u64) -> bool {
    let Footprint { code: Some(code), .. } = &source.footprint else { return false };
    let Some(found) = source.footprint.touched(arguments, shape, slice) else { return false };
    let (mut reads, mut writes, mut is_cut_short) = (BTreeSet::new(), BTreeSet::new(), false);
    for item in slice.first..slice.end {
        let mut oracle = Oracle::new(&code.module, arguments, item, seed);
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
    let mut is_larger = false;
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
        is_larger |= !(is_within(&part.reads, &all.reads) && is_within(&part.writes, &all.writes));
    }
    is_larger
}

#[test]
fn no_work_item_of_random_kernels_comes_to_an_index_whose_check_was_left_out() {
    let (mut n_left_out, mut n_checks, mut n_examined, mut n_known) = (0, 0, 0, 0);
    let (mut n_slices, mut n_larger) = (0, 0);
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let kernel = random.kernel();
        let mut lowered = Lowered::new(&kernel, seed);
        for _ in 0..5 {
            let n_items = random.below(16) + 1;
            let shape = LaunchShape { kind: ShapeKind::Range(1), global: [1, 1, n_items], local: [1; 3] };
            let length = random.below(24) + 1;
            let mut arguments = vec![whole(length), whole(random.below(24) + 1)];
            arguments.extend((0..3).map(|kind| random.argument(kind)));
            n_left_out += lowered.follow(&arguments, &shape);
            n_checks += random.n_accesses;
        }
        n_examined += lowered.n_examined;
        n_known += lowered.n_known;
        n_slices += lowered.n_slices;
        n_larger += lowered.n_larger;
    }
    // So that the test keeps meaning something.
    assert!(n_left_out * 4 > n_checks, "{n_left_out} of {n_checks} checks were left out");
    assert!(
        n_known * 8 > n_examined,
        "{n_known} of {n_examined} launches were found to be like earlier ones"
    );
    // The planner refuses such parts.
    assert!(n_larger * 200 < n_slices, "more was found of {n_larger} of {n_slices} slices than of the whole");
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
