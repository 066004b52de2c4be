//! What witnesses learn, and the trees that refer to them.

use super::{Memory, types};
use crate::kernel::{Argument, Scalar, Type};
use crate::prelude::*;
use expect_test::expect;

fn scalars(types: &[Type]) -> Vec<String> {
    let name = |ty: &Type| match ty {
        Type::Scalar(scalar) => format!("{scalar:?}").to_lowercase(),
        other => format!("{other:?}"),
    };
    types.iter().map(name).collect()
}

#[test]
fn an_unsuffixed_captured_float_takes_the_type_of_its_use() {
    let memory = Memory::of(&[0.0f32]);
    let (c, alpha, n) = (memory.slots::<f32>(), 3.0, 2);
    let kernel = kernel!(|| {
        let x = c[n] * alpha;
        let _y = 1.0;
        let z = n + 1;
        c[z] = x;
    });
    let object = kernel.into_object();
    assert_eq!(object.arguments.len(), 3);
    assert!(matches!(&object.arguments[2], Argument::Value(bytes) if **bytes == 3f32.to_ne_bytes()));
    assert!(matches!(&object.arguments[1], Argument::Value(bytes) if **bytes == 2u64.to_ne_bytes()));
    let mut types = Vec::new();
    (object.types)(&mut types);
    let of = |name: &str| {
        let capture = object.tree.captures.iter().find(|capture| capture.name == name);
        types[usize::from(capture.expect("a capture").ty)].clone()
    };
    assert_eq!((of("n"), of("alpha")), (Type::Scalar(Scalar::Usize), Type::Scalar(Scalar::F32)));
    // The item, then `c`, `n` and `alpha`, the operator and `x`, the literal and `y`, the literal, the operator and `z`:
    // an operator that the user has not defined has the type `()`.
    let mut names = scalars(&types);
    names.retain(|name| !name.starts_with("Accessor"));
    assert_eq!(names, ["Unit", "usize", "f32", "Unit", "f32", "f64", "f64", "usize", "Unit", "usize"]);
}

#[test]
fn many_witnesses_do_not_nest_deeply() {
    let memory = Memory::of(&[0u8]);
    let c = memory.slots::<u8>();
    macro_rules! many {
        ($($literal:literal)*) => { kernel!(|| { $( c[0] += $literal; c[0] += $literal; c[0] += $literal; )* }) };
    }
    let types =
        types(many!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30));
    assert_eq!(types.iter().filter(|ty| **ty == Type::Scalar(Scalar::U8)).count(), 90);
}

#[test]
fn the_same_constant_is_captured_once() {
    const N: usize = 3;
    let memory = Memory::of(&[0usize; 9]);
    let c = memory.slots::<usize>();
    let object = kernel!(|| c[N] = N + usize::MAX + usize::MAX).into_object();
    assert_eq!(object.constants.iter().map(|constant| constant.bits[0]).collect::<Vec<_>>(), [3, u64::MAX]);
    let names: Vec<_> = object.tree.captures.iter().map(|capture| capture.name).collect();
    assert_eq!(names, ["N", "usize::MAX", "c"]);
}

#[test]
fn a_tree_keeps_names_lines_and_sites() {
    let memory = Memory::of(&[0i32; 4]);
    let c = memory.slots::<i32>();
    let (object, line) = (kernel!(|i: Id<1>| c[i] = -1 / c[i]).into_object(), line!());
    let tree = format!("{:?}", object.tree).replace(file!(), "here").replace(&line.to_string(), "LINE");
    expect![[r#"Kernel { name: "kernel", file: "here", line: LINE, captures: [Capture { name: "c", local: 1, ty: 2, kind: Argument }], item: Bind { name: "i", local: 0, ty: 0, mutable: false }, item_type: 0, body: Block { statements: [], value: Some(Expression { kind: Assign(Expression { kind: Index { base: Expression { kind: Local(1), line: LINE }, index: Expression { kind: Local(0), line: LINE }, site: Site { file: "here", line: LINE, column: 46, subject: "c" } }, line: LINE }, Expression { kind: Overloaded(3, Expression { kind: Binary(Divide, Expression { kind: Integer { magnitude: 1, negative: true, ty: Witness(1) }, line: LINE }, Expression { kind: Index { base: Expression { kind: Local(1), line: LINE }, index: Expression { kind: Local(0), line: LINE }, site: Site { file: "here", line: LINE, column: 58, subject: "c" } }, line: LINE }, Some(Site { file: "here", line: LINE, column: 53, subject: "-1 / c[i]" })), line: LINE }), line: LINE }), line: LINE }) } }"#]].assert_eq(&tree);
}
