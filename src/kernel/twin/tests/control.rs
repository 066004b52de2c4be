//! Names, branches and loops.

use super::{Memory, run, run_single};
use crate::prelude::*;

#[test]
fn loops_break_and_continue_by_label() {
    let out = Memory::of(&[0usize; 4]);
    let (c, n) = (out.slots::<usize>(), 10);
    run_single(kernel!(|| {
        'rows: for row in 0..n {
            for column in 0..=row {
                if column == 3 {
                    continue 'rows;
                }
                if row == 5 {
                    break 'rows;
                }
                c[0] += 1;
            }
        }
        c[1] = loop {
            c[2] += 3;
            if c[2] > 10 {
                break c[2] * 2;
            }
        };
        let mut left = 5;
        while left > 0 {
            left -= 1;
            if left == 2 {
                break;
            }
        }
        c[3] = left;
    }));
    assert_eq!(out.values::<usize>(), [1 + 2 + 3 + 3 + 3, 24, 12, 2]);
}

#[test]
fn names_shadow_and_blocks_have_values() {
    let out = Memory::of(&[0i32; 4]);
    let (c, n) = (out.slots::<i32>(), 4);
    run_single(kernel!(|| {
        let n = n + 1;
        let x = {
            let n = n * 10;
            n + 1
        };
        let y;
        if x > 50 {
            y = 1;
        } else {
            y = 2;
        }
        let sign = if n < 0 {
            -1
        } else if n == 0 {
            0
        } else {
            1
        };
        c[0] = n;
        c[1] = x;
        c[2] = y;
        c[3] = sign;
    }));
    assert_eq!(out.values::<i32>(), [5, 51, 1, 1]);
}

#[test]
fn a_work_item_may_return_early() {
    let out = Memory::of(&[7i32; 4]);
    let c = out.slots::<i32>();
    let kernel = kernel!(|i: Id<1>| {
        if i[0] % 2 == 1 {
            return;
        }
        c[i] = 0;
    });
    assert_eq!(run(4, kernel), None);
    assert_eq!(out.values::<i32>(), [0, 7, 0, 7]);
}

#[test]
fn items_come_as_arrays_ids_and_patterns() {
    let out = Memory::of(&[0usize; 6]);
    let c = out.slots::<usize>();
    assert_eq!(run([2, 3], kernel!(|[row, column]: [usize; 2]| c[row * 3 + column] += row)), None);
    assert_eq!(run([2, 3], kernel!(|Id([row, column]): Id<2>| c[row * 3 + column] += 10 * column)), None);
    let by_item = kernel!(|it: Item<2>| {
        let [row, _] = it.id();
        let width = it.range()[1];
        c[it.linear_id()] += 100 * (row + width);
    });
    assert_eq!(run([2, 3], by_item), None);
    assert_eq!(out.values::<usize>(), [300, 310, 320, 401, 411, 421]);
}

#[test]
fn logic_evaluates_as_far_as_needed() {
    let out = Memory::of(&[0i32; 3]);
    let c = out.slots::<i32>();
    run_single(kernel!(|| {
        let both = c[0] == 1 && {
            c[1] = 5;
            true
        };
        let either = c[0] == 0 || {
            c[1] = 6;
            true
        };
        c[2] = (both as i32) + 2 * (either & !both) as i32;
    }));
    assert_eq!(out.values::<i32>(), [0, 0, 2]);
}

#[test]
fn arrays_are_values() {
    let out = Memory::of(&[0.0f32; 3]);
    let (c, weights) = (out.slots::<f32>(), [0.5f32, 0.25]);
    run_single(kernel!(|| {
        let mut tile = [[0.0; 2]; 2];
        let mut row = tile[1];
        row[0] = weights[1];
        tile[1] = row;
        let [first, second] = weights;
        c[0] = tile[1][0] + tile[0][0];
        c[1] = first + second;
        c[2] = [1.0, 2.0, 3.0][2];
    }));
    assert_eq!(out.values::<f32>(), [0.25, 0.75, 3.0]);
}
