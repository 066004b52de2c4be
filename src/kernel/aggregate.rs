//! Tuples and structs: how they are described, and how what they are made of lies in memory.

use super::twin::Words;
use super::types::{Aggregate, DeviceType, Member, Scalar, Type};
use std::sync::Arc;

/// How many bytes a type takes, and on which multiples it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The size.
    pub size_bytes: usize,
    /// The alignment.
    pub alignment: usize,
}

impl Type {
    /// A struct of these fields, or a tuple where there is no name.
    pub fn aggregate(
        name: Option<&'static str>,
        fields: impl IntoIterator<Item = (&'static str, Type)>,
    ) -> Type {
        let is_tuple = name.is_none();
        Type::compared_aggregate(name, is_tuple, is_tuple, fields)
    }

    /// A struct, and whether it is compared by its parts.
    pub fn structure(
        name: &'static str,
        is_comparable: bool,
        is_ordered: bool,
        fields: impl IntoIterator<Item = (&'static str, Type)>,
    ) -> Type {
        Type::compared_aggregate(Some(name), is_comparable, is_ordered, fields)
    }

    fn compared_aggregate(
        name: Option<&'static str>,
        is_comparable: bool,
        is_ordered: bool,
        fields: impl IntoIterator<Item = (&'static str, Type)>,
    ) -> Type {
        let fields = fields.into_iter().map(|(name, ty)| Member { name, ty }).collect();
        Type::Aggregate(Arc::new(Aggregate { name, fields, variants: Vec::new(), is_comparable, is_ordered }))
    }

    /// How it lies in memory, on a device as in `#[repr(C)]` Rust; nothing for what is no data.
    pub fn layout(&self) -> Layout {
        match self {
            Type::Scalar(scalar) => {
                let size_bytes = scalar.bits() as usize / 8;
                Layout { size_bytes, alignment: size_bytes }
            }
            Type::Array(element, length) => element.layout().repeated(*length),
            Type::Vector(scalar, lanes) => {
                // Three lanes take the place of four.
                let size_bytes = scalar.bits() as usize / 8 * lanes.next_power_of_two();
                Layout { size_bytes, alignment: size_bytes }
            }
            Type::Id(n) | Type::Range(n) => Type::Scalar(Scalar::Usize).layout().repeated(*n),
            Type::Aggregate(aggregate) => aggregate.layout(),
            _ => Layout::EMPTY,
        }
    }

    /// Whether a value of it can be put into a variable: whether nothing of it stands for something outside, as accessors
    /// and items do.
    pub fn is_data(&self) -> bool {
        match self {
            Type::Array(element, _) => element.is_data(),
            Type::Aggregate(aggregate) => aggregate.fields.iter().all(|field| field.ty.is_data()),
            Type::Unit | Type::Scalar(_) | Type::Vector(..) | Type::Id(_) | Type::Range(_) => true,
            _ => false,
        }
    }

    /// Whether anything in it takes no memory in Rust; C has no such types.
    pub fn has_empty_part(&self) -> bool {
        match self {
            Type::Unit => true,
            Type::Array(element, length) => *length == 0 || element.has_empty_part(),
            Type::Aggregate(aggregate) => {
                aggregate.fields.is_empty() || aggregate.fields.iter().any(|field| field.ty.has_empty_part())
            }
            _ => false,
        }
    }

    /// Whether a float is anywhere in it.
    pub fn holds_float(&self) -> bool {
        match self {
            Type::Scalar(scalar) | Type::Vector(scalar, _) => scalar.is_float(),
            Type::Array(element, _) => element.holds_float(),
            Type::Aggregate(aggregate) => aggregate.fields.iter().any(|field| field.ty.holds_float()),
            _ => false,
        }
    }

    /// The type of the element or of the field at a position.
    pub fn part(&self, position: usize) -> Option<Type> {
        match self {
            Type::Array(element, length) => (position < *length).then(|| (**element).clone()),
            Type::Vector(scalar, lanes) => (position < *lanes).then_some(Type::Scalar(*scalar)),
            Type::Id(n) | Type::Range(n) => (position < *n).then_some(Type::Scalar(Scalar::Usize)),
            Type::Aggregate(aggregate) => aggregate.fields.get(position).map(|field| field.ty.clone()),
            _ => None,
        }
    }
}

impl Layout {
    const EMPTY: Layout = Layout { size_bytes: 0, alignment: 1 };

    /// As an array; C has none without elements, so such an array takes the place of one.
    fn repeated(self, length: usize) -> Layout {
        Layout { size_bytes: self.size_bytes * length.max(1), ..self }
    }
}

impl Aggregate {
    /// The position of the field of this name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    fn layout(&self) -> Layout {
        let mut whole = Layout::EMPTY;
        for field in &self.fields {
            let field = field.ty.layout();
            whole.size_bytes = whole.size_bytes.next_multiple_of(field.alignment) + field.size_bytes;
            whole.alignment = whole.alignment.max(field.alignment);
        }
        // C has no structs without fields, so such a struct takes a byte.
        whole.size_bytes = whole.size_bytes.next_multiple_of(whole.alignment).max(1);
        whole
    }
}

/// Hands the tuples that kernels have to a macro: for each its parts, with their positions.
macro_rules! every_tuple {
    ($then:ident) => {
        $then! {
            (A 0)
            (A 0, B 1)
            (A 0, B 1, C 2)
            (A 0, B 1, C 2, D 3)
            (A 0, B 1, C 2, D 3, E 4)
            (A 0, B 1, C 2, D 3, E 4, F 5)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
        }
    };
}
pub(super) use every_tuple;

macro_rules! tuples {
    ($(($($part:ident $position:tt),+))*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($part: DeviceType),+> DeviceType for ($($part,)+) {
            type Erased = ($($part::Erased,)+);
            fn describe() -> Type {
                Type::aggregate(None, [$((stringify!($position), $part::describe())),+])
            }
            #[inline(always)]
            fn zero() -> Self {
                ($($part::zero(),)+)
            }
            fn append_words(value: Self, words: &mut Words) {
                $($part::append_words(value.$position, words);)+
            }
        }
    )* };
}
every_tuple!(tuples);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lie_where_c_puts_them() {
        #[repr(C)]
        struct Mixed(u8, u32, u8, u64, [u16; 3]);
        let [byte, half, word, long] = [Scalar::U8, Scalar::U16, Scalar::U32, Scalar::U64].map(Type::Scalar);
        let halves = Type::Array(Box::new(half), 3);
        let fields = [("0", byte.clone()), ("1", word), ("2", byte), ("3", long), ("4", halves)];
        let layout = Type::aggregate(Some("Mixed"), fields).layout();
        assert_eq!(layout, Layout { size_bytes: size_of::<Mixed>(), alignment: align_of::<Mixed>() });
    }

    #[test]
    fn a_tuple_with_an_accessor_is_no_data() {
        assert!(<(u32, ([f32; 2], bool))>::describe().is_data());
        assert!(!<(u32, (crate::Item<1>, bool))>::describe().is_data());
    }
}
