//! What is shown of random kernels is compared with what every single work-item does.
//!
//! Kernels written by hand, with what each launch of them needs, are in `tests/footprints.rs`.

mod oracle;
mod random;

use super::knowledge::{Bounds, Knowledge};
use super::{Footprint, form::Form};
use crate::kernel::check::{CheckSet, Checks};
use crate::kernel::source::lower;
use crate::kernel::testing::{Sketched, whole};
use crate::kernel::{Argument, LaunchShape, ShapeKind};
use oracle::Oracle;
use random::Random;

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
            return module.left_out.len();
        }
        open.iter().for_each(|name| _ = needed.insert(name));
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
