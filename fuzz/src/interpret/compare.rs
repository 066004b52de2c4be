//! Comparisons of values that are made of others, as derived impls and those of arrays and tuples do them.

use super::operate;
use crate::program::{BinaryOperator, Scalar, Type, Value};
use std::cmp::Ordering;

/// Whether values of a type are compared part by part.
pub fn is_of_parts(ty: &Type) -> bool {
    matches!(ty, Type::Array(..) | Type::Tuple(_) | Type::Declared(_))
}

/// The truth of `left operator right`.
pub fn compared(operator: BinaryOperator, ty: &Type, left: &Value, right: &Value) -> Option<u64> {
    let order = order(ty, left, right);
    let holds = match operator {
        BinaryOperator::Equal => order == Some(Ordering::Equal),
        BinaryOperator::NotEqual => order != Some(Ordering::Equal),
        BinaryOperator::Less => order.is_some_and(Ordering::is_lt),
        BinaryOperator::LessOrEqual => order.is_some_and(Ordering::is_le),
        BinaryOperator::Greater => order.is_some_and(Ordering::is_gt),
        BinaryOperator::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        _ => return None,
    };
    Some(operate::truth(holds))
}

/// The order of the first parts that are not equal. Of lanes, which have none, it says whether they are equal.
fn order(ty: &Type, left: &Value, right: &Value) -> Option<Ordering> {
    match (ty, left, right) {
        (Type::Scalar(scalar), Value::Bits(left), Value::Bits(right)) => {
            order_of_bits(*scalar, *left, *right)
        }
        (Type::Declared(of), Value::Variant(left, inside), Value::Variant(right, other)) if left == right => {
            first_that_differs(of.variants[*left].fields.iter(), inside, other)
        }
        (_, Value::Variant(left, _), Value::Variant(right, _)) => Some(left.cmp(right)),
        (Type::Array(element, length), Value::List(left), Value::List(right)) => {
            first_that_differs(std::iter::repeat_n(&**element, *length), left, right)
        }
        (Type::Vector(lane, lanes), Value::List(left), Value::List(right)) => {
            first_that_differs(std::iter::repeat_n(&Type::Scalar(*lane), *lanes), left, right)
        }
        (Type::Tuple(fields), Value::List(left), Value::List(right)) => {
            first_that_differs(fields.iter(), left, right)
        }
        (Type::Declared(of), Value::List(left), Value::List(right)) => {
            first_that_differs(of.variants[0].fields.iter(), left, right)
        }
        _ => None,
    }
}

fn first_that_differs<'t>(
    mut types: impl Iterator<Item = &'t Type>,
    left: &[Value],
    right: &[Value],
) -> Option<Ordering> {
    let mut pairs = left.iter().zip(right);
    let differs = |(left, right): (&Value, &Value)| match order(types.next()?, left, right) {
        Some(Ordering::Equal) => None,
        other => Some(other),
    };
    pairs.find_map(differs).unwrap_or(Some(Ordering::Equal))
}

fn order_of_bits(scalar: Scalar, left: u64, right: u64) -> Option<Ordering> {
    let holds = |operator| operate::binary(operator, scalar, left, right) == Some(1);
    let orders = [
        (BinaryOperator::Equal, Ordering::Equal),
        (BinaryOperator::Less, Ordering::Less),
        (BinaryOperator::Greater, Ordering::Greater),
    ];
    orders.into_iter().find(|(operator, _)| holds(*operator)).map(|(_, order)| order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Declaration, Variant};
    use std::sync::Arc;

    const OPERATORS: [BinaryOperator; 6] = [
        BinaryOperator::Equal,
        BinaryOperator::NotEqual,
        BinaryOperator::Less,
        BinaryOperator::LessOrEqual,
        BinaryOperator::Greater,
        BinaryOperator::GreaterOrEqual,
    ];

    fn six(ty: &Type, left: &Value, right: &Value) -> [u64; 6] {
        OPERATORS.map(|operator| compared(operator, ty, left, right).unwrap())
    }

    macro_rules! rust {
        ($left:expr, $right:expr) => {{
            let (left, right) = ($left, $right);
            let all =
                [left == right, left != right, left < right, left <= right, left > right, left >= right];
            all.map(u64::from)
        }};
    }

    #[test]
    fn the_first_part_that_differs_decides_as_in_rust() {
        let ty =
            Type::Tuple(vec![Type::Scalar(Scalar::F32), Type::Array(Box::new(Type::Scalar(Scalar::I8)), 2)]);
        let numbers = [0.0, 1.0, -2.0, f32::NAN];
        let all = numbers.into_iter().flat_map(|x| [(x, [1, -1]), (x, [1, 2]), (x, [-1, 2])]);
        let all: Vec<(f32, [i8; 2])> = all.collect();
        let value = |(x, [y, z]): (f32, [i8; 2])| {
            let bytes = [y, z].map(|byte| Value::Bits(u64::from(byte as u8)));
            Value::List(vec![Value::Bits(u64::from(x.to_bits())), Value::List(bytes.to_vec())])
        };
        for left in &all {
            for right in &all {
                assert_eq!(
                    six(&ty, &value(*left), &value(*right)),
                    rust!(*left, *right),
                    "{left:?} {right:?}"
                );
            }
        }
    }

    #[test]
    fn variants_are_compared_before_their_fields() {
        let fields = vec![Type::Scalar(Scalar::U8)];
        let variant = |name: &str, fields| Variant { name: name.to_owned(), fields };
        let variants =
            vec![variant("Empty", Vec::new()), variant("Full", fields.clone()), variant("Over", fields)];
        let ty = Type::Declared(Arc::new(Declaration { name: "E".to_owned(), variants, is_enum: true }));
        let values = [(0, None), (1, Some(7)), (1, Some(9)), (2, Some(8u8))];
        let value = |(variant, field): (usize, Option<u8>)| {
            Value::Variant(variant, field.map(|field| Value::Bits(u64::from(field))).into_iter().collect())
        };
        for left in values {
            for right in values {
                assert_eq!(six(&ty, &value(left), &value(right)), rust!(left, right), "{left:?} {right:?}");
            }
        }
    }
}
