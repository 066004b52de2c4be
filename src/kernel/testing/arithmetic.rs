//! Every operator and cast on edge values: devices must give what Rust gives, bit for bit.

use super::device::{devices, name, run as run_on};
use super::*;
use crate::kernel::LaunchShape;

/// A scalar of Rust with the values at which operators differ.
trait Edge: bytemuck::Pod + PartialOrd + std::fmt::Debug {
    const SCALAR: Scalar;
    fn edges() -> Vec<Self>;
}

macro_rules! integer_edges {
    ($($ty:ty => $scalar:ident),*) => { $( impl Edge for $ty {
        const SCALAR: Scalar = Scalar::$scalar;
        fn edges() -> Vec<$ty> {
            let few = [0, 1, 2, 3, 5, 7, 31, 64, 100];
            let mut all: Vec<$ty> = few.to_vec();
            all.extend(few.map(|x| (0 as $ty).wrapping_sub(x)));
            all.extend([<$ty>::MIN, <$ty>::MAX, <$ty>::MIN + 1, <$ty>::MAX - 1, <$ty>::MAX / 2, <$ty>::MAX / 3]);
            all
        }
    } )* };
}
integer_edges!(i8 => I8, i16 => I16, i32 => I32, i64 => I64, u8 => U8, u16 => U16, u32 => U32, u64 => U64);

impl Edge for f32 {
    const SCALAR: Scalar = Scalar::F32;
    fn edges() -> Vec<f32> {
        let few = [
            0.0,
            0.1,
            0.5,
            0.9999999,
            1.0,
            1.5,
            2.5,
            3.3333333,
            126.9,
            127.5,
            255.5,
            300.0,
            32767.9,
            65535.5,
            8388609.0,
            2147483500.0,
            2147483600.0,
            4294967000.0,
            9.2e18,
            1.8e19,
            1e30,
            f32::MAX,
            f32::MIN_POSITIVE,
            f32::INFINITY,
            f32::NAN,
        ];
        few.iter().flat_map(|&x| [x, -x]).collect()
    }
}
impl Edge for f64 {
    const SCALAR: Scalar = Scalar::F64;
    fn edges() -> Vec<f64> {
        let few = [
            0.0,
            0.1,
            0.5,
            0.9999999999999999,
            1.0,
            1.5,
            2.5,
            126.9,
            127.5,
            255.5,
            300.0,
            32767.9,
            65535.5,
            2147483647.5,
            2147483648.0,
            4294967295.5,
            9007199254740993.0,
            9.223372036854775e18,
            1.8446744073709552e19,
            1e300,
            f64::MAX,
            f64::MIN_POSITIVE,
            f64::INFINITY,
            f64::NAN,
        ];
        few.iter().flat_map(|&x| [x, -x]).collect()
    }
}

/// One thing to compute: what it is called, its tree, and what Rust gives.
struct Case<T, R> {
    name: &'static str,
    tree: fn(&mut Sketch, LocalRef, LocalRef) -> Expression,
    rust: fn(T, T) -> R,
}

/// Runs all cases on all pairs of edge values, on every device.
fn compare<T: Edge, R: Edge>(cases: &[Case<T, R>]) {
    let pairs: Vec<(T, T)> =
        T::edges().into_iter().flat_map(|x| T::edges().into_iter().map(move |y| (x, y))).collect();
    let mut sketch = Sketch::new();
    let a = sketch.capture("a", global(T::SCALAR, 1, AccessMode::Read));
    let b = sketch.capture("b", global(T::SCALAR, 1, AccessMode::Read));
    let out = sketch.capture("out", global(R::SCALAR, 1, AccessMode::Write));
    let (item, i) = sketch.bind("i", Type::Scalar(Scalar::Usize), false);
    let (let_x, x) = sketch.let_("x", scalar(T::SCALAR), false, index(get(a), get(i)));
    let (let_y, y) = sketch.let_("y", scalar(T::SCALAR), false, index(get(b), get(i)));
    let mut statements = vec![let_x, let_y];
    for (position, case) in cases.iter().enumerate() {
        let value = (case.tree)(&mut sketch, x, y);
        let row = sketch.integer(Scalar::Usize, (position * pairs.len()) as i128);
        statements.push(assign(index(get(out), binary(BinaryOperator::Add, get(i), row)), value));
    }
    let kernel = sketch.kernel((item, Type::Scalar(Scalar::Usize)), block(statements));
    let left: Vec<T> = pairs.iter().map(|pair| pair.0).collect();
    let right: Vec<T> = pairs.iter().map(|pair| pair.1).collect();
    let shape = LaunchShape { kind: ShapeKind::Range(1), global: [1, 1, pairs.len()], local: [1; 3] };
    let arguments = [whole(pairs.len()), whole(pairs.len()), whole(pairs.len() * cases.len())];
    let source = kernel.lower_for(&arguments, &shape).unwrap();
    for device in devices() {
        let output = vec![0u8; pairs.len() * cases.len() * size_of::<R>()];
        let mut buffers =
            [bytemuck::cast_slice(&left).to_vec(), bytemuck::cast_slice(&right).to_vec(), output];
        run_on(device, &source, &arguments, &shape, &mut buffers);
        let got: Vec<R> = buffers[2].chunks_exact(size_of::<R>()).map(bytemuck::pod_read_unaligned).collect();
        judge(&name(device), cases, &pairs, &got);
    }
}

fn judge<T: Edge, R: Edge>(device: &str, cases: &[Case<T, R>], pairs: &[(T, T)], got: &[R]) {
    let mut wrong = Vec::new();
    for (case, row) in cases.iter().zip(got.chunks(pairs.len())) {
        for (&(x, y), &got) in pairs.iter().zip(row) {
            let expected = (case.rust)(x, y);
            // A NaN is a NaN, whatever its payload; nothing else differs from itself.
            let both_nan = [expected, got].iter().all(|value| value.partial_cmp(value).is_none());
            if bytemuck::bytes_of(&expected) != bytemuck::bytes_of(&got) && !both_nan {
                wrong.push(format!("{} of {x:?} and {y:?} is {got:?}, not {expected:?}", case.name));
            }
        }
    }
    let shown = wrong.iter().take(30).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{device}: {} wrong\n{shown}", wrong.len());
}

macro_rules! case {
    ($name:literal, $tree:expr, $rust:expr) => {
        Case { name: $name, tree: $tree, rust: $rust }
    };
    ($operator:ident, $rust:expr) => {
        Case {
            name: stringify!($operator),
            tree: |_, x, y| binary(BinaryOperator::$operator, get(x), get(y)),
            rust: $rust,
        }
    };
    (unary $name:ident, $rust:expr) => {
        Case {
            name: stringify!($name),
            tree: |_, x, _| method(get(x), stringify!($name), vec![]),
            rust: $rust,
        }
    };
    (with $name:ident, $rust:expr) => {
        Case {
            name: stringify!($name),
            tree: |_, x, y| method(get(x), stringify!($name), vec![get(y)]),
            rust: $rust,
        }
    };
    (amount $name:ident, $rust:expr) => {
        Case {
            name: stringify!($name),
            tree: |sketch, x, y| {
                let amount = sketch.cast(get(y), Scalar::U32);
                method(get(x), stringify!($name), vec![amount])
            },
            rust: $rust,
        }
    };
}

macro_rules! integers {
    ($($test:ident $ty:ident [$($own:expr),*];)*) => { $(
        #[test]
        fn $test() {
            type T = $ty;
            compare::<T, T>(&[
                case!(Add, |x, y| x.wrapping_add(y)),
                case!(Subtract, |x, y| x.wrapping_sub(y)),
                case!(Multiply, |x, y| x.wrapping_mul(y)),
                case!(Divide, |x, y| x.checked_div(y).unwrap_or(0)),
                case!(Remainder, |x, y| x.checked_rem(y).unwrap_or(0)),
                case!(And, |x, y| x & y),
                case!(Or, |x, y| x | y),
                case!(Xor, |x, y| x ^ y),
                case!(ShiftLeft, |x, y| x.wrapping_shl(y as u32)),
                case!(ShiftRight, |x, y| x.wrapping_shr(y as u32)),
                case!("!", |_, x, _| unary(UnaryOperator::Not, get(x)), |x, _| !x),
                case!("wrapping chain", |_, x, y| {
                    let product = binary(BinaryOperator::Multiply, get(x), get(y));
                    let sum = binary(BinaryOperator::Add, product, get(x));
                    binary(BinaryOperator::ShiftRight, binary(BinaryOperator::Subtract, sum, get(y)), get(x))
                }, |x, y| x.wrapping_mul(y).wrapping_add(x).wrapping_sub(y).wrapping_shr(x as u32)),
                case!(with min, |x, y| x.min(y)),
                case!(with max, |x, y| x.max(y)),
                case!(with saturating_add, |x, y| x.saturating_add(y)),
                case!(with saturating_sub, |x, y| x.saturating_sub(y)),
                case!(with rem_euclid, |x, y| x.checked_rem_euclid(y).unwrap_or(0)),
                case!(with div_euclid, |x, y| x.checked_div_euclid(y).unwrap_or(0)),
                case!(with wrapping_div, |x, y| if y == 0 { 0 } else { x.wrapping_div(y) }),
                case!(with wrapping_rem, |x, y| if y == 0 { 0 } else { x.wrapping_rem(y) }),
                case!(amount pow, |x, y| x.wrapping_pow(y as u32)),
                case!(amount rotate_left, |x, y| x.rotate_left(y as u32)),
                case!(amount rotate_right, |x, y| x.rotate_right(y as u32)),
                case!(amount wrapping_shl, |x, y| x.wrapping_shl(y as u32)),
                case!(unary swap_bytes, |x, _| x.swap_bytes()),
                case!(unary reverse_bits, |x, _| x.reverse_bits()),
                case!(unary wrapping_neg, |x, _| x.wrapping_neg()),
                $($own),*
            ]);
            compare::<T, u32>(&[
                case!(unary count_ones, |x, _| x.count_ones()),
                case!(unary count_zeros, |x, _| x.count_zeros()),
                case!(unary leading_zeros, |x, _| x.leading_zeros()),
                case!(unary leading_ones, |x, _| x.leading_ones()),
                case!(unary trailing_zeros, |x, _| x.trailing_zeros()),
                case!(unary trailing_ones, |x, _| x.trailing_ones()),
                case!("comparisons", |sketch, x, y| {
                    use BinaryOperator::*;
                    let bits = [Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual].map(|operator| {
                        let bit = sketch.cast(binary(operator, get(x), get(y)), Scalar::U32);
                        let place = sketch.integer(Scalar::I32, operator as i128);
                        binary(ShiftLeft, bit, place)
                    });
                    bits.into_iter().reduce(|a, b| binary(Or, a, b)).unwrap()
                }, |x, y| [x == y, x != y, x < y, x <= y, x > y, x >= y].iter().enumerate()
                    .map(|(place, &bit)| u32::from(bit) << (place + 10)).sum()),
            ]);
        }
    )* };
}
integers! {
    i8_operators_give_what_rust_gives i8 [case!("-", |_, x, _| unary(UnaryOperator::Negate, get(x)), |x, _| x.wrapping_neg()),
        case!(unary abs, |x, _| x.wrapping_abs()), case!(unary signum, |x, _| x.signum())];
    i16_operators_give_what_rust_gives i16 [case!("-", |_, x, _| unary(UnaryOperator::Negate, get(x)), |x, _| x.wrapping_neg()),
        case!(unary abs, |x, _| x.wrapping_abs()), case!(unary signum, |x, _| x.signum())];
    i32_operators_give_what_rust_gives i32 [case!("-", |_, x, _| unary(UnaryOperator::Negate, get(x)), |x, _| x.wrapping_neg()),
        case!(unary abs, |x, _| x.wrapping_abs()), case!(unary signum, |x, _| x.signum())];
    i64_operators_give_what_rust_gives i64 [case!("-", |_, x, _| unary(UnaryOperator::Negate, get(x)), |x, _| x.wrapping_neg()),
        case!(unary abs, |x, _| x.wrapping_abs()), case!(unary signum, |x, _| x.signum())];
    u8_operators_give_what_rust_gives u8 [case!(with abs_diff, |x, y| x.abs_diff(y))];
    u16_operators_give_what_rust_gives u16 [case!(with abs_diff, |x, y| x.abs_diff(y))];
    u32_operators_give_what_rust_gives u32 [case!(with abs_diff, |x, y| x.abs_diff(y))];
    u64_operators_give_what_rust_gives u64 [case!(with abs_diff, |x, y| x.abs_diff(y))];
}

macro_rules! casts {
    ($($test:ident $from:ident => $($to:ident)*;)*) => { $(
        #[test]
        fn $test() {
            $( compare::<$from, $to>(&[case!(
                "cast",
                |sketch, x, _| sketch.cast(get(x), <$to as Edge>::SCALAR),
                |x, _| x as $to
            )]); )*
        }
    )* };
}
casts! {
    casts_of_f32_saturate_as_in_rust f32 => i8 u8 i16 u16 i32 u32 i64 u64 f64;
    casts_of_f64_saturate_as_in_rust f64 => i8 u8 i16 u16 i32 u32 i64 u64 f32;
    casts_of_i64_wrap_and_round_as_in_rust i64 => i8 u8 i16 u16 i32 u32 u64 f32 f64;
    casts_of_u64_wrap_and_round_as_in_rust u64 => i8 u8 i16 u16 i32 u32 i64 f32 f64;
    casts_of_i8_extend_as_in_rust i8 => u8 i16 u16 i32 u32 i64 u64 f32 f64;
    casts_of_i32_wrap_and_round_as_in_rust i32 => i8 u8 i16 u16 u32 i64 u64 f32 f64;
}

macro_rules! floats {
    ($($test:ident $ty:ident $bits:ident;)*) => { $(
        #[test]
        fn $test() {
            type T = $ty;
            compare::<T, T>(&[
                case!(Add, |x, y| x + y),
                case!(Subtract, |x, y| x - y),
                case!(Multiply, |x, y| x * y),
                case!(Divide, |x, y| x / y),
                case!(Remainder, |x, y| x % y),
                case!("-", |_, x, _| unary(UnaryOperator::Negate, get(x)), |x, _| -x),
                // Contracted to a fused operation this would round once.
                case!("x * y + x", |_, x, y| {
                    binary(BinaryOperator::Add, binary(BinaryOperator::Multiply, get(x), get(y)), get(x))
                }, |x, y| x * y + x),
                case!("mul_add", |_, x, y| method(get(x), "mul_add", vec![get(y), get(x)]), |x, y| x.mul_add(y, x)),
                case!("min + 1", |sketch, x, y| {
                    let one = sketch.float(<T as Edge>::SCALAR, "1.0");
                    binary(BinaryOperator::Add, method(get(x), "min", vec![get(y)]), one)
                }, |x, y| x.min(y) + 1.0),
                case!("max + 1", |sketch, x, y| {
                    let one = sketch.float(<T as Edge>::SCALAR, "1.0");
                    binary(BinaryOperator::Add, method(get(x), "max", vec![get(y)]), one)
                }, |x, y| x.max(y) + 1.0),
                case!("clamp", |sketch, x, _| {
                    let ty = <T as Edge>::SCALAR;
                    let (low, high) = (sketch.float(ty, "-1.5"), sketch.float(ty, "0.1"));
                    method(get(x), "clamp", vec![low, high])
                }, |x, _| x.clamp(-1.5, 0.1)),
                case!(unary abs, |x, _| x.abs()),
                case!(unary floor, |x, _| x.floor()),
                case!(unary ceil, |x, _| x.ceil()),
                case!(unary trunc, |x, _| x.trunc()),
                case!(unary round, |x, _| x.round()),
                case!(unary round_ties_even, |x, _| x.round_ties_even()),
                case!(unary fract, |x, _| x.fract()),
                case!(unary sqrt, |x, _| x.sqrt()),
                case!(unary signum, |x, _| x.signum()),
                case!(unary recip, |x, _| x.recip()), case!(unary to_radians, |x, _| x.to_radians()),
                case!(unary to_degrees, |x, _| x.to_degrees()),
                case!(with copysign, |x, y| x.copysign(y)),
                case!(with rem_euclid, |x, y| x.rem_euclid(y)),
                case!(with div_euclid, |x, y| x.div_euclid(y)),
                case!("0.1", |sketch, _, _| sketch.float(<T as Edge>::SCALAR, "0.1"), |_, _| 0.1),
                case!("1e-310", |sketch, _, _| sketch.float(<T as Edge>::SCALAR, "1.2345e-33"), |_, _| 1.2345e-33),
            ]);
            compare::<T, u32>(&[
                case!("tests", |sketch, x, _| {
                    let tests = ["is_nan", "is_infinite", "is_finite", "is_normal", "is_sign_negative", "is_sign_positive"];
                    tests.iter().enumerate().map(|(place, test)| {
                        let bit = sketch.cast(method(get(x), test, vec![]), Scalar::U32);
                        let place = sketch.integer(Scalar::U8, place as i128);
                        binary(BinaryOperator::ShiftLeft, bit, place)
                    }).reduce(|a, b| binary(BinaryOperator::Or, a, b)).unwrap()
                }, |x, _| [x.is_nan(), x.is_infinite(), x.is_finite(), x.is_normal(), x.is_sign_negative(), x.is_sign_positive()]
                    .iter().enumerate().map(|(place, &bit)| u32::from(bit) << place).sum()),
            ]);
            compare::<T, $bits>(&[
                case!("bits + 1", |sketch, x, _| {
                    let positive = method(get(x), "abs", vec![]);
                    let one = sketch.integer(<$bits as Edge>::SCALAR, 1);
                    binary(BinaryOperator::Add, method(positive, "to_bits", vec![]), one)
                }, |x, _| x.abs().to_bits() + 1),
            ]);
        }
    )* };
}
floats! {
    f32_operators_give_what_rust_gives f32 u32;
    f64_operators_give_what_rust_gives f64 u64;
}
