//! `#[device]` functions, `#[kernel_fn]` functions and kernels inside generic functions.

use super::{Memory, Slots, run, run_single};
use crate::kernel::instance::DeviceFunction;
use crate::kernel::tree::ExpressionKind;
use crate::kernel::{DeviceType, Scalar, Type};
use crate::prelude::*;
use std::ops::{Add, Mul};

#[device]
fn axpy(a: f32, x: f32, mut y: f32) -> f32 {
    y += a * x;
    return y;
}

#[device]
fn factorial(n: u32) -> u32 {
    let mut product = 1;
    for k in 2..n + 1 {
        product *= k;
    }
    product
}

mod inner {
    use crate::device;

    /// Sums an array.
    #[device]
    pub(crate) fn sum(values: [u32; 3]) -> u32 {
        let mut total = 0;
        for k in 0..3 {
            total += values[k];
        }
        total
    }
}

#[test]
fn device_functions_are_called_as_rust_functions() {
    let out = Memory::of(&[0.0f32; 1]);
    let counts = Memory::of(&[0u32; 2]);
    let (c, d) = (out.slots::<f32>(), counts.slots::<u32>());
    run_single(kernel!(|| {
        c[0] = axpy(2.0, 3.0, 0.5);
        d[0] = factorial(5);
        d[1] = inner::sum([1, 2, 3]);
    }));
    assert_eq!(axpy(2.0, 3.0, 0.5), 6.5);
    assert_eq!(out.values::<f32>(), [6.5]);
    assert_eq!(counts.values::<u32>(), [120, 6]);
}

#[test]
fn a_device_function_describes_its_types() {
    let definition = axpy::definition();
    let (function, types) = (definition.tree, definition.types);
    let float = Type::Scalar(Scalar::F32);
    assert_eq!(function.name, "axpy");
    assert_eq!(
        function.parameters.iter().map(|parameter| parameter.name).collect::<Vec<_>>(),
        ["a", "x", "y"]
    );
    // `()` stands for an operator that is not the user's.
    assert!(types.iter().all(|ty| *ty == float || *ty == Type::Unit), "{types:?}");
    assert!(function.parameters.iter().all(|parameter| types[usize::from(parameter.ty)] == float));
    assert_eq!(types[usize::from(function.result.expect("a result"))], float);
    let sum = inner::sum::definition().types;
    assert!(sum.contains(&Type::Array(Box::new(Type::Scalar(Scalar::U32)), 3)), "{sum:?}");
    assert!(sum.contains(&Type::Scalar(Scalar::Usize)), "{sum:?}");
}

#[test]
fn a_call_leads_to_the_tree_of_its_function() {
    let object = kernel!(|| {
        let _ = factorial(3);
    })
    .into_object();
    let [crate::kernel::tree::Statement::Let { value: Some(call), .. }] = object.tree.body.statements else {
        panic!("{:?}", object.tree.body)
    };
    let ExpressionKind::Call { function, .. } = call.kind else { panic!("{call:?}") };
    let mut types = Vec::new();
    (object.types)(&mut types);
    let Type::Function(callee) = types[usize::from(function)] else { panic!("{types:?}") };
    assert!(std::ptr::eq((callee.definition)().tree, factorial::definition().tree));
}

#[kernel_fn]
fn fill_rows<const WIDTH: usize, T>(item: Item<1>, rows: Slots<'_, T>, value: T)
where
    T: crate::kernel::Capture,
{
    for column in 0..WIDTH {
        rows[item.linear_id() * WIDTH + column] = value;
    }
}

#[test]
fn a_kernel_function_takes_its_captures_as_arguments() {
    let out = Memory::of(&[0i16; 6]);
    assert_eq!(run(2, fill_rows::<2, i16>(out.slots(), 9)), None);
    assert_eq!(out.values::<i16>(), [9, 9, 9, 9, 0, 0]);
    let object = fill_rows::<2, i16>(out.slots(), 9).into_object();
    assert_eq!((object.tree.name, object.constants[0].bits[0], object.arguments.len()), ("fill_rows", 2, 2));
}

fn scaled<T>(x: Slots<'_, T>, factor: T) -> Option<crate::kernel::Failure>
where
    T: DeviceType + crate::kernel::Capture + Add<Output = T> + Mul<Output = T>,
{
    run(2, kernel!(|i: Id<1>| x[i] = x[i] * factor + x[i]))
}

#[test]
fn kernels_in_generic_functions_need_only_the_bounds_of_rust() {
    let (floats, bytes) = (Memory::of(&[1.5f64, 2.0]), Memory::of(&[100u8, 3]));
    assert_eq!(scaled(floats.slots::<f64>(), 3.0), None);
    assert_eq!(scaled(bytes.slots::<u8>(), 2), None);
    assert_eq!(floats.values::<f64>(), [6.0, 8.0]);
    assert_eq!(bytes.values::<u8>(), [44, 9]);
}

#[test]
fn a_call_means_the_device_function_whatever_a_local_variable_is_called() {
    let out = Memory::of(&[0u32]);
    let (c, factorial) = (out.slots::<u32>(), |n: u32| n);
    run_single(kernel!(|| c[0] = factorial(4)));
    assert_eq!((out.values::<u32>(), factorial(4)), (vec![24], 4));
}
