//! The lanes of vectors, and vectors as parts of other things: captured, local, in arrays and structs, in local memory,
//! through device functions.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

/// Runs a kernel over `n` work-items that writes `out`, on every device, and compares.
macro_rules! gives {
    ($queue:ident, $ty:ty, $n:literal, $wanted:expr, |$out:ident| $kernel:expr) => {{
        let buffer = Buffer::<$ty>::new($n);
        $queue
            .submit(|h| {
                let $out = buffer.write(h);
                h.parallel_for($n, $kernel)
            })
            .unwrap();
        assert_eq!(*buffer.host_read().unwrap(), $wanted);
    }};
}

#[test]
fn lanes_are_read_and_written_by_name() {
    on_each_device(|queue| {
        gives!(queue, F32x4, 1, [F32x4::new(1.0, 9.0, 3.5, 12.0)], |out| kernel!(move |i: usize| {
            let mut v = F32x4::new(1.0, 2.0, 3.0, 4.0);
            v.y = 9.0;
            v.z += 0.5;
            v.w = v.x + v.z * 2.0 + 4.0;
            out[i] = v;
        }));
        gives!(queue, I32x8, 1, [I32x8::new(7, 1, 2, 3, 4, 5, 6, 0)], |out| kernel!(move |i: usize| {
            let mut v = I32x8::new(0, 1, 2, 3, 4, 5, 6, 7);
            let last = v.s7;
            v.s7 = v.s0;
            v.s0 = last;
            out[i] = v;
        }));
    });
}

#[test]
fn lanes_of_elements_of_buffers_are_places() {
    on_each_device(|queue| {
        let data = Buffer::from(vec![F32x3::new(1.0, 2.0, 3.0); 2]);
        queue
            .submit(|h| {
                let data = data.read_write(h);
                h.parallel_for(
                    2,
                    kernel!(move |i: usize| {
                        data[i].x = 10.0 + i as f32;
                        data[i].z *= 2.0;
                        data[i][i] += 100.0;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*data.host_read().unwrap(), [F32x3::new(110.0, 2.0, 6.0), F32x3::new(11.0, 102.0, 6.0)]);
    });
}

#[test]
fn lanes_are_reached_by_an_index_that_is_checked() {
    on_each_device(|queue| {
        gives!(queue, u16, 4, [40, 30, 22, 13], |out| kernel!(move |i: usize| {
            let mut v = U16x4::new(10, 20, 30, 40);
            v[i] += i as u16;
            out[i] = v[3 - i] + if i > 1 { i as u16 } else { 0 };
        }));
        let buffer = Buffer::<u16>::new(1);
        queue
            .submit(|h| {
                let out = buffer.write(h);
                h.parallel_for(1, kernel!(move |i: usize| out[i] = U16x2::new(1, 2)[i + 2]))
            })
            .unwrap();
        let error = buffer.host_read().unwrap_err().to_string();
        assert!(error.contains("index 2 out of range 2"), "{error}");
        let vectors = Buffer::from(vec![U16x2::new(1, 2)]);
        let event = queue
            .submit(|h| {
                let vectors = vectors.read_write(h);
                h.parallel_for(1, kernel!(move |i: usize| vectors[i][2] = 1))
            })
            .unwrap();
        let error = event.wait().unwrap_err().to_string();
        assert!(error.contains("index 2 out of range 2"), "{error}");
    });
}

#[test]
fn swizzles_and_halves_pick_lanes() {
    on_each_device(|queue| {
        gives!(queue, I32x4, 1, [I32x4::new(1, 2, 7, 8)], |out| kernel!(move |i: usize| {
            out[i] = I32x4::new(1, 2, 3, 4).with_hi(I32x2::new(7, 8));
        }));
        gives!(queue, I32x4, 1, [I32x4::new(4, 3, 3, 1)], |out| kernel!(move |i: usize| {
            out[i] = I32x4::new(1, 2, 3, 4).wzzx();
        }));
        gives!(queue, I32x4, 1, [I32x4::new(3, 1, 4, 2)], |out| kernel!(move |i: usize| {
            let v = I32x4::new(1, 2, 3, 4);
            out[i] = v.zx().concat(v.wy());
        }));
        gives!(queue, F32x8, 1, [F32x8::new(4.0, 6.0, 0.0, 2.0, 1.0, 3.0, 5.0, 7.0)], |out| kernel!(
            move |i: usize| {
                let v = F32x8::new(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0);
                out[i] = v.even().hi().concat(v.lo().even()).concat(v.odd());
            }
        ));
        gives!(queue, U8x3, 1, [U8x3::new(2, 1, 9)], |out| kernel!(move |i: usize| {
            out[i] = U8x2::new(1, 2).yx().extend(9);
        }));
        gives!(queue, F32x3, 1, [F32x3::new(-3.0, 6.0, -3.0)], |out| kernel!(move |i: usize| {
            out[i] = F32x3::new(1.0, 2.0, 3.0).cross(F32x3::new(4.0, 5.0, 6.0));
        }));
    });
}

#[test]
fn masks_are_captured_indexed_and_combined() {
    on_each_device(|queue| {
        let mask = Boolx4::new(true, false, true, false);
        gives!(queue, I32x4, 1, [I32x4::new(1, 20, 3, 40)], |out| kernel!(move |i: usize| {
            out[i] = mask.select(I32x4::new(1, 2, 3, 4), I32x4::new(10, 20, 30, 40));
        }));
        gives!(queue, u32, 1, [0b1101], |out| kernel!(move |i: usize| {
            let mut m = !mask | Boolx4::new(true, false, false, false);
            m.y = m.x & m.y;
            m[2] = m.z;
            let other = m ^ Boolx4::splat(false);
            out[i] = (other.x as u32) << 3 | (other.y as u32) << 2 | (m.z as u32) << 1 | m[3] as u32;
        }));
    });
}

#[test]
fn vectors_are_captured_together_with_scalars() {
    on_each_device(|queue| {
        let (a, small, b, flag, c) =
            (F32x3::new(1.0, 2.0, 3.0), 7u8, F32x16::splat(0.5), true, I8x2::new(-1, 1));
        gives!(queue, f32, 2, [15.5, 15.5], |out| kernel!(move |i: usize| {
            let extra = if flag { c.y as f32 } else { 0.0 };
            out[i] = a.sum() + small as f32 + b.sum() / 16.0 + extra + c.as_f32().x + 2.0;
        }));
    });
}

#[device]
fn reflected(v: F32x2, normal: F32x2) -> F32x2 {
    v - normal * (2.0 * v.dot(normal))
}

#[device]
#[derive(Clone, Copy)]
struct Particle {
    place: F32x3,
    mass: f32,
    speed: F32x2,
}

#[test]
fn vectors_are_parameters_fields_and_elements_of_arrays() {
    on_each_device(|queue| {
        gives!(queue, F32x2, 1, [F32x2::new(3.0, -4.0)], |out| kernel!(move |i: usize| {
            out[i] = reflected(F32x2::new(3.0, 4.0), F32x2::new(0.0, 1.0));
        }));
        gives!(queue, F32x2, 1, [F32x2::new(9.0, 8.0)], |out| kernel!(move |i: usize| {
            let mut p = Particle { place: F32x3::splat(1.0), mass: 2.0, speed: F32x2::new(4.0, 5.0) };
            p.place.y = 7.0;
            p.speed = p.speed.yx() * p.mass;
            out[i] = F32x2::new(p.place.sum(), p.speed.y);
        }));
        gives!(queue, I32x2, 1, [I32x2::new(10, 26)], |out| kernel!(move |i: usize| {
            let mut all = [I32x2::splat(i as i32); 4];
            for k in 0..4 {
                all[k].x = k as i32 + 1;
                all[k].y += 2 * all[k].x + k as i32;
            }
            out[i] = all[0] + all[1] + all[2] + all[3];
        }));
    });
}

#[test]
fn vectors_lie_in_local_memory() {
    on_each_device(|queue| {
        let out = Buffer::<F64x4>::new(8);
        if !queue.device().aspects().fp64 {
            return;
        }
        queue
            .submit(|h| {
                let (out, tile) = (out.write(h), h.local::<F64x4, 1>(4));
                h.parallel_for(
                    NdRange::new(8, 4),
                    kernel!(move |it: NdItem<1>| {
                        let [at] = it.global_id();
                        let [own] = it.local_id();
                        tile[own] = F64x4::splat(at as f64);
                        it.barrier();
                        out[at] = tile[3 - own] + tile[own];
                    }),
                )
            })
            .unwrap();
        assert_eq!(out.host_read().unwrap()[5], F64x4::splat(11.0));
    });
}

#[test]
fn a_lane_divided_by_zero_is_a_trap() {
    on_each_device(|queue| {
        let buffer = Buffer::<I32x4>::new(1);
        queue
            .submit(|h| {
                let out = buffer.write(h);
                h.parallel_for(
                    1,
                    kernel!(move |i: usize| {
                        let v = I32x4::new(1, 2, 3, 4);
                        out[i] = v / I32x4::new(1, 2, i as i32, 4);
                    }),
                )
            })
            .unwrap();
        let error = buffer.host_read().unwrap_err().to_string();
        assert!(
            error.contains("division by zero") && error.contains("`v / I32x4::new(1, 2, i as i32, 4)`"),
            "{error}"
        );
    });
}

#[test]
fn conversions_saturate_truncate_and_round_lane_by_lane() {
    on_each_device(|queue| {
        let v = F32x4::new(-1.5, 300.7, f32::NAN, 1e20);
        gives!(queue, U32x4, 1, [v.as_u32()], |out| kernel!(move |i: usize| out[i] = v.as_u32()));
        gives!(queue, I8x4, 1, [v.as_i8()], |out| kernel!(move |i: usize| out[i] = v.as_i8()));
        gives!(queue, U64x4, 1, [v.as_u64()], |out| kernel!(move |i: usize| out[i] = v.as_u64()));
        let n = I64x4::new(-1, 300, i64::MAX, 16_777_217);
        gives!(queue, U8x4, 1, [n.as_u8()], |out| kernel!(move |i: usize| out[i] = n.as_u8()));
        gives!(queue, F32x4, 1, [n.as_f32()], |out| kernel!(move |i: usize| out[i] = n.as_f32()));
    });
}

#[test]
fn lanes_are_replaced_by_name() {
    on_each_device(|queue| {
        gives!(
            queue,
            F32x4,
            2,
            [F32x4::new(8.0, 2.0, 0.5, 3.0), F32x4::new(9.0, 2.0, 1.5, 3.0)],
            |out| kernel!(move |i: usize| {
                let v = F32x4::new(1.0, 2.0, 3.0, 4.0);
                let replaced = v.with_zx(F32x2::new(i as f32 + 0.5, i as f32 + 7.0));
                out[i] = replaced.with_wxz(F32x3::new(v.z, replaced.x + 1.0, replaced.z));
            })
        );
        gives!(queue, I32x8, 1, [I32x8::new(9, 5, 8, 5, 4, 1, 6, 2)], |out| kernel!(move |i: usize| {
            let v = I32x8::new(0, 1, 2, 3, 4, 5, 6, 7).with_lo(I32x4::splat(5));
            out[i] =
                v.with_odd(I32x4::new(v.s1, 5, 1, 2)).with_lo(I32x4::splat(5).with_even(I32x2::new(9, 8)));
        }));
    });
}

#[test]
fn lanes_are_picked_by_number() {
    on_each_device(|queue| {
        let wanted = [U8x4::new(15, 0, 1, 2), U8x4::new(15, 1, 1, 2)];
        gives!(queue, U8x4, 2, wanted, |out| kernel!(move |i: usize| {
            let v = U8x16::new(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            let wide = v.swizzle([15, i, 17, 2, 3, 4, 5, 6]);
            out[i] = wide.swizzle([0, 1, 2, 3]);
        }));
    });
}

/// Whatever lies before it: on the host device this once depended on where the system's allocator put it.
#[test]
fn the_largest_vectors_lie_in_local_memory_behind_a_single_byte() {
    on_each_device(|queue| {
        let out = Buffer::<U64x16>::new(8);
        queue
            .submit(|h| {
                let (out, byte, tile) = (out.write(h), h.local::<u8, 1>(1), h.local::<U64x16, 1>(4));
                h.parallel_for(
                    NdRange::new(8, 4),
                    kernel!(move |it: NdItem<1>| {
                        let [at] = it.global_id();
                        let [own] = it.local_id();
                        if own == 0 {
                            byte[0] = 3;
                        }
                        tile[own] = U64x16::splat(at as u64);
                        it.barrier();
                        out[at] = tile[3 - own] * U64x16::splat(byte[0] as u64);
                    }),
                )
            })
            .unwrap();
        assert_eq!(out.host_read().unwrap()[5], U64x16::splat(18));
    });
}

/// Clang 15, of PoCL, and Intel's compiler crash where such lanes are written down without a cast.
#[test]
fn lanes_of_vectors_made_in_place_stand_beside_constants() {
    on_each_device(|queue| {
        gives!(queue, I64x4, 3, [0, 1, 2].map(|i| I64x4::new(-5, -5, i, i)), |out| kernel!(
            move |i: usize| out[i] = I64x2::splat(-5).concat(I64x4::splat(i as i64).xx())
        ));
        gives!(queue, I32x4, 3, [0, 1, 2].map(|i| I32x4::new(7, 7, 7, i)), |out| kernel!(move |i: usize| {
            out[i] = I32x3::splat(7).extend(I32x4::splat(i as i32).x)
        }));
        let expected = [0, 1, 2].map(|i| I32x8::new(7, 7, 7, 7, 3 - i, 3 - i, 3 - i, 3 - i));
        gives!(queue, I32x8, 3, expected, |out| kernel!(move |i: usize| {
            let lanes = I32x8::splat(i as i32);
            out[i] = I32x4::splat(7).concat((lanes * -1 + 3).even())
        }));
    });
}
