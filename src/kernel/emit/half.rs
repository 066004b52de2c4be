//! `f16` as text: held as its bits in a `ushort`, and computed with as `float`.
//!
//! `half` itself can be computed with, or be a variable, only on some devices, and their results differ. The conversions are
//! integer arithmetic, so every device has them, and they round as IEEE 754 says: to the nearest, ties to even. They have no
//! branches: PoCL compiles what stands before a barrier in a condition once for each way that leads there.

use super::value::{PRIMARY, Text, UNARY};
use super::{Printer, vector};
use crate::kernel::lower::ir::*;
use crate::kernel::tree::BinaryOperator;
use crate::kernel::types::{Scalar, Type};

/// Exact. A subnormal number is one with the least exponent, less that exponent's one.
const HALF_TO_FLOAT: &str = "static float falx_half_to_float(ushort x)
{
    const uint size = (uint)(x & 0x7fff) << 13;
    const uint sign = (uint)(x & 0x8000) << 16;
    const uint no_number = -(uint)(size >= 0x0f800000u);
    const uint subnormal = -(uint)(size < 0x00800000u);
    const uint number = size + 0x38000000u + (no_number & 0x38000000u);
    const uint small = as_uint(as_float(size + 0x38800000u) - 0x1p-14f);
    return as_float(sign | (small & subnormal) | (number & ~subnormal));
}";

/// To the nearest, ties to even. Beside a half, a float has the unit of the subnormal numbers.
const FLOAT_TO_HALF: &str = "static ushort falx_float_to_half(float x)
{
    const uint bits = as_uint(x);
    const uint size = bits & 0x7fffffffu;
    const uint sign = bits >> 16 & 0x8000u;
    const uint nan = -(uint)(size > 0x7f800000u) & 0x200u;
    const uint large = -(uint)(size >= 0x47800000u);
    const uint subnormal = -(uint)(size < 0x38800000u);
    const uint small = as_uint(as_float(size) + 0.5f) - 0x3f000000u;
    const uint number = (size - 0x38000000u + 0xfffu + (size >> 13 & 1u)) >> 13;
    return (ushort)(sign | nan | (large & 0x7c00u) | (subnormal & small) | (number & ~large & ~subnormal));
}";

/// A double as a float whose last bit tells of anything behind it, so that rounding again gives what rounding once gives.
const DOUBLE_TO_ODD_FLOAT: &str = "static float falx_double_to_odd_float(double x)
{
    const float near = (float)x;
    const double back = (double)near;
    const uint rounded = (uint)(back < x) | (uint)(back > x);
    const uint even = ~as_uint(near) & (uint)(fabs(near) <= FLT_MAX);
    const uint outwards = (uint)(fabs(back) > fabs(x));
    return as_float(as_uint(near) + (rounded & even & 1u) * (1u - 2u * outwards));
}";

impl Printer<'_> {
    /// Declares what text with halves calls.
    pub fn use_halves(&mut self) {
        self.helper(HALF_TO_FLOAT.to_owned());
        self.helper(FLOAT_TO_HALF.to_owned());
    }

    /// Compared or combined as floats.
    pub fn binary_of_halves(&mut self, operator: BinaryOperator, left: &Value, right: &Value) -> Text {
        let [left, right] = [left, right].map(|operand| cast(operand, Scalar::F32));
        let result = Value::binary(operator, left, right);
        if operator.compares() {
            return self.text_of(&result);
        }
        self.cast_half(&result, Scalar::F32, Scalar::F16)
    }

    /// A cast from or to `f16`. Integers that a float does not hold are beyond all halves.
    pub fn cast_half(&mut self, inner: &Value, source: Scalar, target: Scalar) -> Text {
        if source == target {
            return self.text_of(inner);
        }
        if source == Scalar::F16 {
            self.helper(HALF_TO_FLOAT.to_owned());
            let float = Value::new(Node::Cast(Box::new(inner.clone())), Type::Scalar(Scalar::F32));
            return match target {
                Scalar::F32 => (format!("falx_half_to_float({})", self.value(inner)), PRIMARY),
                _ => self.text_of(&cast(&float, target)),
            };
        }
        self.helper(FLOAT_TO_HALF.to_owned());
        let text = match source {
            Scalar::F32 => self.value(inner),
            Scalar::F64 => {
                self.helper(DOUBLE_TO_ODD_FLOAT.to_owned());
                format!("falx_double_to_odd_float({})", self.value(inner))
            }
            _ => format!("(float){}", self.tight(inner, UNARY)),
        };
        (format!("falx_float_to_half({text})"), PRIMARY)
    }

    /// A cast from or to a vector of `f16`, lane by lane.
    pub fn converted_halves(
        &mut self,
        inner: &Value,
        source: Scalar,
        target: Scalar,
        lanes: usize,
    ) -> String {
        let single = Type::Vector(Scalar::F32, lanes);
        let through = |value: &Value| Value::new(Node::Cast(Box::new(value.clone())), single.clone());
        match (source, target) {
            (Scalar::F16, Scalar::F32) => self.of_lanes("falx_half_to_float", HALF_TO_FLOAT, inner, target),
            (Scalar::F32, Scalar::F16) => self.of_lanes("falx_float_to_half", FLOAT_TO_HALF, inner, target),
            (Scalar::F64, Scalar::F16) => {
                let odd = self.of_lanes("falx_double_to_odd_float", DOUBLE_TO_ODD_FLOAT, inner, Scalar::F32);
                self.call_of_lanes("falx_float_to_half", FLOAT_TO_HALF, [Scalar::F32, target], lanes, &odd)
            }
            (Scalar::F16, _) => {
                let value = Value::new(Node::Cast(Box::new(through(inner))), Type::Vector(target, lanes));
                self.value(&value)
            }
            _ => {
                let value =
                    Value::new(Node::Cast(Box::new(through(inner))), Type::Vector(Scalar::F16, lanes));
                self.value(&value)
            }
        }
    }

    fn of_lanes(&mut self, function: &str, text: &str, inner: &Value, target: Scalar) -> String {
        let Type::Vector(source, lanes) = inner.ty else { return self.value(inner) };
        let inner = self.value(inner);
        self.call_of_lanes(function, text, [source, target], lanes, &inner)
    }

    /// A call of a function of scalars for each lane.
    fn call_of_lanes(
        &mut self,
        function: &str,
        text: &str,
        [source, target]: [Scalar; 2],
        lanes: usize,
        inner: &str,
    ) -> String {
        let [source, target] = [source, target].map(|lane| vector::name(lane, lanes));
        let calls: Vec<String> = (0..lanes).map(|lane| format!("{function}(x.s{lane:x})")).collect();
        self.helper(text.to_owned());
        self.helper(format!(
            "static {target} {function}_{lanes}({source} x)\n{{\n    return ({target})({});\n}}",
            calls.join(", ")
        ));
        format!("{function}_{lanes}({inner})")
    }
}

fn cast(value: &Value, target: Scalar) -> Value {
    Value::new(Node::Cast(Box::new(value.clone())), Type::Scalar(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_of_halves_have_no_branches() {
        for text in [HALF_TO_FLOAT, FLOAT_TO_HALF, DOUBLE_TO_ODD_FLOAT] {
            assert!(["if", "?", "&&", "||"].iter().all(|branch| !text.contains(branch)), "{text}");
            assert_eq!(text.matches("return").count(), 1, "{text}");
        }
    }
}
