//! The order in which values are combined.

use super::combine::scan;
use super::*;
use crate::kernel::types::{DeviceType, Scalar};

/// The result of the first values, by the definition: largest blocks first, from left to right.
fn defined(values: &[f32]) -> f32 {
    fn block(values: &[f32]) -> f32 {
        match values {
            [value] => *value,
            values => {
                let (left, right) = values.split_at(values.len() / 2);
                block(left) + block(right)
            }
        }
    }
    let mut rest = values;
    let mut total = None;
    while !rest.is_empty() {
        let (first, others) = rest.split_at(1 << rest.len().ilog2());
        rest = others;
        total = Some(total.map_or(block(first), |total| total + block(first)));
    }
    total.unwrap_or(0.0)
}

#[test]
fn every_scanned_value_has_the_bits_of_the_reduction_of_the_values_up_to_it() {
    for count in 1..70 {
        let values: Vec<f32> = (0..count).map(|k| (k as f32 * 1.7).sin() * 1e3_f32.powi(k % 4)).collect();
        let mut bits: Vec<u64> = values.iter().map(|value| f32::bits(*value)).collect();
        scan::<f32>(Combination::Sum, &mut bits);
        for (position, bits) in bits.iter().enumerate() {
            let expected = defined(&values[..=position]);
            assert_eq!(f32::from_bits(*bits as u32).to_bits(), expected.to_bits(), "{position} of {count}");
        }
    }
}

#[test]
fn the_identity_of_a_combination_changes_nothing() {
    fn check<T: Combine + PartialEq + std::fmt::Debug>(combinations: &[Combination], values: &[T]) {
        for &combination in combinations {
            let identity = <T as DeviceType>::from_bits(combination.identity_bits(T::SCALAR));
            for &value in values {
                assert_eq!(T::combine(combination, identity, value), value, "{combination:?}");
                assert_eq!(T::combine(combination, value, identity), value, "{combination:?}");
            }
        }
    }
    use Combination::*;
    check::<i8>(&[Sum, Product, Min, Max, And, Or, Xor], &[i8::MIN, -1, 0, 1, i8::MAX]);
    check::<u64>(&[Sum, Product, Min, Max, And, Or, Xor], &[0, 1, u64::MAX]);
    check::<i64>(&[Sum, Product, Min, Max, And, Or, Xor], &[i64::MIN, -1, 0, i64::MAX]);
    check::<f32>(&[Sum, Product, Min, Max], &[f32::NEG_INFINITY, -1.5, 0.0, f32::MAX, f32::INFINITY]);
    check::<f64>(&[Sum, Product, Min, Max], &[f64::NEG_INFINITY, -1.5, 0.0, f64::MAX, f64::INFINITY]);
    assert_eq!(<u16 as Combine>::SCALAR, Scalar::U16);
}

#[test]
fn the_smaller_and_larger_of_floats_ignore_what_is_no_number_and_prefer_the_first_of_equals() {
    let smaller = |a: f32, b: f32| f32::combine(Combination::Min, a, b);
    let larger = |a: f32, b: f32| f32::combine(Combination::Max, a, b);
    assert_eq!([smaller(f32::NAN, 2.0), smaller(2.0, f32::NAN), larger(f32::NAN, 2.0)], [2.0; 3]);
    assert_eq!(smaller(-0.0, 0.0).to_bits(), (-0.0f32).to_bits());
    assert_eq!(larger(-0.0, 0.0).to_bits(), (-0.0f32).to_bits());
}
