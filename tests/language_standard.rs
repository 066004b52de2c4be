//! What kernels have of the standard library beside the methods of numbers, and items and attributes in inner blocks.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all, unused_doc_comments)]

mod common_language;
use common_language::same;
use falx::prelude::*;
use std::{cmp, mem};

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Settings {
    gain: f32,
    rounds: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { gain: 2.0, rounds: 3 }
    }
}

#[device]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    major: u32,
    minor: u32,
}

same!(values_are_swapped_replaced_and_taken, u32, |i| {
    let (mut a, mut b) = (i as u32, 2u32);
    mem::swap(&mut a, &mut b);
    let before = std::mem::replace(&mut a, 7);
    let taken = core::mem::take(&mut b);
    let mut pair = [Version { major: 1, minor: i as u32 }, Version { major: 2, minor: 5 }];
    let [mut first, mut second] = pair;
    mem::swap(&mut first, &mut second);
    pair = [first, second];
    a + b * 10 + before * 100 + taken * 1000 + pair[0].minor + pair[1].minor * 3
});

same!(the_smaller_and_the_larger_are_those_of_cmp, u32, |i| {
    let (one, other) = (Version { major: i as u32 % 3, minor: 9 }, Version { major: 1, minor: 4 });
    let least = std::cmp::min(one, other);
    cmp::min(i as u32, 5) + core::cmp::max(9, i as u32) * 100 + least.major * 7 + cmp::max(one, other).minor
});

#[device]
fn with_default<T: falx::DeviceValue + Default + PartialEq>(value: T) -> bool {
    value == T::default()
}

same!(defaults_are_those_of_the_types, u32, |i| {
    let zero: u32 = Default::default();
    let settings = Settings { rounds: i as u32, ..Settings::default() };
    let other: Settings = Settings { gain: f32::default(), ..Default::default() };
    zero + u32::default()
        + settings.rounds
        + settings.gain as u32 * 100
        + other.rounds * 1000
        + with_default(i as u32) as u32
        + with_default(settings) as u32
});

same!(from_and_into_convert_without_loss, u64, |i| {
    let x = i as u32;
    let wide: u64 = x.into();
    let exact: f64 = x.into();
    let half: f32 = (i as u8).into();
    let signed = i64::from(x) - i64::from(3u8);
    wide + u64::from(x)
        + u64::from(i > 3)
        + exact as u64
        + half as u64
        + (signed + 100) as u64
        + f64::from(0.5f32) as u64
});

same!(ranges_contain_what_lies_in_them, u32, |i| {
    let (start, limit) = (3usize, &i);
    (2..9).contains(&i) as u32
        + (start..=9).contains(limit) as u32 * 2
        + (0.5..1.5).contains(&(i as f32 * 0.1)) as u32 * 4
        + (-5..=i as i32).contains(&(7 - i as i32)) as u32 * 8
        + !(start..start).contains(&3) as u32 * 16
});

same!(const_blocks_are_constants, u64, |i| {
    let wide = const { 3 + 4 } + i as u64;
    let narrow = (const { 3 + 4 }) * (i as u8 % 3);
    let table = const { [1u64, 2, 3] };
    wide + narrow as u64 + table[i % 3] + const { u32::MAX as u64 / 2 }
});

same!(comments_and_allowed_lints_mean_nothing, u32, |i| {
    /// A comment that is documentation elsewhere.
    let doubled = 2 * i as u32;
    #[allow(unused_mut)]
    let mut plus_one = doubled + 1;
    #[allow(unused_variables)]
    let unused = 3;
    plus_one
});

const WIDTH: u32 = 1000;

same!(items_stand_in_inner_blocks, u32, |i| {
    let tens = if i % 2 == 0 {
        const TEN: u32 = 10;
        use std::f32::consts::PI;
        #[device]
        fn times(x: u32) -> u32 {
            x * TEN
        }
        times(i as u32) + PI as u32
    } else {
        static ONE: u32 = 1;
        #[device]
        #[derive(Clone, Copy)]
        struct Pair {
            first: u32,
        }
        #[device]
        impl Pair {
            fn total(self) -> u32 {
                self.first + ONE
            }
        }
        Pair { first: i as u32 }.total()
    };
    tens + WIDTH
});

#[device]
fn with_inner_items(x: u32) -> u32 {
    {
        const OFFSET: u32 = 5;
        #[device]
        fn shifted(x: u32) -> u32 {
            #[device]
            fn doubled(x: u32) -> u32 {
                2 * x
            }
            doubled(x) + OFFSET
        }
        shifted(x)
    }
}

same!(functions_have_items_in_blocks_too, u32, |i| { with_inner_items(i as u32) });

same!(orderings_are_matched_and_asked, u32, |i| {
    use std::cmp::Ordering;
    let kind = match i.cmp(&20) {
        Ordering::Less => 1,
        Ordering::Equal => 2,
        Ordering::Greater => 3u32,
    };
    let (one, other) = (Version { major: i as u32 % 3, minor: 4 }, Version { major: 1, minor: 4 });
    let ordering = one.cmp(&other).then((i as i8).cmp(&30).reverse());
    let float = match (i as f32 * 0.5).partial_cmp(&10.0) {
        Some(Ordering::Less) => 10,
        Some(_) => 20,
        None => 30,
    };
    let is_no_number = f32::NAN.partial_cmp(&(i as f32)).is_none();
    let total = (-0.0f64).total_cmp(&(i as f64 * 0.0)).is_lt() as u32
        + (i as f32 - 9.5).total_cmp(&f32::NAN).is_lt() as u32 * 2
        + (-(i as f32)).total_cmp(&-5.0).is_ge() as u32 * 4;
    kind + float + (ordering as i32 + 1) as u32 * 100 + is_no_number as u32 * 1000 + total * 10000
});

#[test]
fn accessors_know_how_many_elements_they_have() {
    common_language::on_each_device(|queue| {
        let (grid, out) = (Buffer::from_vec(vec![0u8; 15], [3, 5]).unwrap(), Buffer::<u64>::new(2));
        queue
            .submit(|h| {
                let (grid, out, tile) = (grid.read(h), out.write(h).no_init(), h.local::<u32, 1>(7));
                h.parallel_for(
                    NdRange::new(1, 1),
                    kernel!(move |_: NdItem<1>| {
                        out[0] = grid.size() as u64;
                        out[1] = tile.size() as u64;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [15, 7]);
    });
}

same!(arrays_are_filled_reversed_and_searched, u32, |i| {
    let mut a = [1u32, 2, i as u32, 4];
    let has = a.contains(&4) as u32 + a.contains(&(i as u32 + 9)) as u32;
    a.reverse();
    let mut bytes = [0u8; 3];
    bytes.fill(i as u8);
    let mut odd = [[1, 2], [3, 4], [5, i as u16]];
    odd.reverse();
    (a[0], a[3]) = (a[3], a[0]);
    a[1] + a[0] * 10 + bytes[2] as u32 + has * 1000 + odd[0][1] as u32 + odd[2][0] as u32
});

same!(conditions_become_options, u32, |i| {
    let even = (i % 2 == 0).then_some(i as u32);
    let inverse = (i != 0).then(|| 1000 / i as u32);
    even.unwrap_or(7) + inverse.unwrap_or(3)
});

#[device]
trait Summed {
    fn summed(self) -> f32;
}

#[device]
impl<const N: usize> Summed for [f32; N] {
    fn summed(self) -> f32 {
        self.iter().sum()
    }
}

same!(arrays_implement_device_traits, u32, |i| { [0.5f32, i as f32, 2.0].summed() as u32 });
