//! What is noted of numbers is enough to say of which other launches the same is found.

use crate::kernel::footprint::number::Number;
use crate::kernel::footprint::program::Program;
use crate::kernel::footprint::tape::recorded;
use crate::kernel::footprint::walk::{Found, Open};
use crate::kernel::types::Scalar;

/// The program of something that decides by two numbers, which gives whether a check stays open.
fn program(numbers: [u64; 2], decide: impl Fn(Number, Number) -> bool) -> Option<Program> {
    let work = || {
        let given = |position: usize| Number::given(numbers[position].into(), position, Scalar::U64);
        let is_open = decide(given(0), given(1));
        let open = Open { number: 0, index: None, length: None };
        Found { open: is_open.then_some(open).into_iter().collect(), touched: Some(Vec::new()) }
    };
    recorded(work, Program::new).1
}

/// What is found of other numbers by what was found of some: whether a check stays open.
fn by(numbers: [u64; 2], decide: impl Fn(Number, Number) -> bool, others: [u64; 2]) -> Option<bool> {
    let (open, _) = program(numbers, decide).unwrap().run(&others)?;
    Some(!open.is_empty())
}

#[test]
fn numbers_that_compare_the_same_way_have_the_same_outcome_and_others_none() {
    for (left, right) in [(3, 5), (5, 5), (6, 5), (0, 9), (7, 0)] {
        for (other_left, other_right) in [(3, 5), (5, 5), (6, 5), (4, 5), (0, 1), (1, 0), (8, 2)] {
            let is = |decide: fn(Number, Number) -> bool| {
                let of = |left: u64, right: u64| decide(Number::new(left.into()), Number::new(right.into()));
                let (here, there) = (of(left, right), of(other_left, other_right));
                let found = by([left, right], decide, [other_left, other_right]);
                assert_eq!(
                    found,
                    (here == there).then_some(here),
                    "{left} {right}, {other_left} {other_right}"
                );
            };
            is(|left, right| left < right);
            is(|left, right| left <= right);
            is(|left, right| left + 1 > right + 1);
            is(|left, right| left - 5 >= right - 5);
            is(|left, _| left < 5);
            is(|left, _| Number::new(5) < left);
            is(|left, right| left == right);
            is(|left, right| left - right == 1);
            is(|_, right| right != 5);
        }
    }
}

#[test]
fn the_smaller_of_two_is_that_of_the_other_numbers_where_it_is_the_same_one() {
    assert_eq!(by([3, 5], |left, right| left.min(right) < 4, [2, 9]), Some(true));
    assert_eq!(by([3, 5], |left, right| left.min(right) < 4, [4, 9]), None);
    assert_eq!(by([3, 5], |left, right| left.min(right) < 4, [2, 1]), None);
    assert_eq!(by([3, 5], |left, right| left.max(right) < 6, [2, 4]), Some(true));
    assert_eq!(by([3, 5], |left, right| left.max(right) < 6, [2, 6]), None);
}

#[test]
fn sums_products_and_quotients_are_those_of_the_other_numbers() {
    let decide = |left: Number, right: Number| {
        let product = (left + 1).checked_mul(right - 2).unwrap();
        let times = product.checked_mul(3).unwrap() - left;
        (times + 7).floor(right) < 20
    };
    let expected = |left: i128, right: i128| ((left + 1) * (right - 2) * 3 - left + 7).div_euclid(right) < 20;
    for left in 0..40 {
        for right in 1..12 {
            let found = by([6, 4], decide, [left, right]);
            let is_small = expected(left.into(), right.into());
            assert_eq!(found, (is_small == expected(6, 4)).then_some(expected(6, 4)), "{left} {right}");
        }
    }
    // No quotient by zero.
    assert_eq!(by([6, 4], decide, [6, 0]), None);
}

#[test]
fn what_is_pinned_has_to_be_the_same() {
    let decide = |left: Number, right: Number| (left - right).pinned() == 2;
    assert_eq!(by([5, 3], decide, [9, 7]), Some(true));
    assert_eq!(by([5, 3], decide, [9, 8]), None);
}

#[test]
fn numbers_that_get_too_large_say_nothing_of_other_launches() {
    let fourth_power = |left: Number, _| {
        let square = left.checked_mul(left);
        square.and_then(|square| square.checked_mul(square)).is_some_and(|power| power > 0)
    };
    assert!(program([u64::MAX, 0], fourth_power).is_none());
    assert_eq!(by([3, 0], fourth_power, [4, 0]), Some(true));
    assert_eq!(by([3, 0], fourth_power, [u64::MAX, 0]), None);
}

#[test]
fn only_what_decides_is_computed_again() {
    let unused = program([3, 4], |left, right| {
        let _ = left.checked_mul(right);
        left < 10
    });
    // Zero, and the number.
    assert_eq!(unused.unwrap().n_steps(), 2);
}
