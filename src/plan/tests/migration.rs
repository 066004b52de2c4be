//! Which bytes move, and when: one program in each test, its plans word for word.

use super::lab::*;
use crate::error::ErrorKind;
use crate::geometry::Block;
use crate::plan::CommandKind;
use expect_test::{Expect, expect};

fn check(program: impl FnOnce(&mut Lab), expected: Expect) {
    let mut lab = Lab::new();
    program(&mut lab);
    expected.assert_eq(&lab.story());
}

#[test]
fn vector_add_brings_two_inputs_and_takes_one_result_home() {
    check(
        |lab| {
            let [a, b] = ["a", "b"].map(|name| lab.filled(name, [1, 1, 64]));
            let c = lab.blank("c", [1, 1, 64]);
            let all = line(0, 64);
            lab.kernel("add", M1, &[read(a, all), read(b, all), discard(c, all)]);
            lab.host_access("host_read", read(c, all));
        },
        expect![[r#"
            t3: copy a[0..64] host->m1; copy b[0..64] host->m1; run add on d1 after s1 s2
            t5: copy c[0..64] m1->host after s3; run host_read on host after s3 s4
            768 bytes moved
        "#]],
    );
}

#[test]
fn a_chain_of_kernels_on_one_device_copies_once() {
    check(
        |lab| {
            let a = lab.filled("a", [1, 1, 64]);
            for _ in 0..3 {
                lab.kernel("scale", M1, &[update(a, line(0, 64))]);
            }
        },
        expect![[r#"
            t2: copy a[0..64] host->m1; run scale on d1 after s1
            t3: run scale on d1 after s2
            t4: run scale on d1 after s3
            256 bytes moved
        "#]],
    );
}

#[test]
fn ping_pong_between_devices_goes_through_host_memory() {
    check(
        |lab| {
            let a = lab.filled("a", [1, 1, 64]);
            for memory in [M1, M2, M1] {
                lab.kernel("step", memory, &[update(a, line(0, 64))]);
            }
        },
        expect![[r#"
            t2: copy a[0..64] host->m1; run step on d1 after s1
            t5: copy a[0..64] m1->host after s2; copy a[0..64] host->m2 after s3; run step on d2 after s2 s4
            t8: copy a[0..64] m2->host after s5; copy a[0..64] host->m1 after s6; run step on d1 after s5 s7
            1280 bytes moved
        "#]],
    );
}

#[test]
fn a_halo_exchange_over_two_memories_moves_one_row_each_way() {
    check(
        |lab| {
            let [old, new] = ["old", "new"].map(|name| lab.filled(name, [1, 8, 16]));
            lab.kernel("stencil", M1, &[read(old, area(0..5, 0..16)), discard(new, area(0..4, 0..16))]);
            lab.kernel("stencil", M2, &[read(old, area(3..8, 0..16)), discard(new, area(4..8, 0..16))]);
            lab.kernel("stencil", M1, &[read(new, area(0..5, 0..16)), discard(old, area(0..4, 0..16))]);
            lab.kernel("stencil", M2, &[read(new, area(3..8, 0..16)), discard(old, area(4..8, 0..16))]);
        },
        expect![[r#"
            t2: copy old[0..5, 0..16] host->m1; run stencil on d1 after s1
            t4: copy old[3..8, 0..16] host->m2; run stencil on d2 after s3
            t7: copy new[4..5, 0..16] m2->host after s4; copy new[4..5, 0..16] host->m1 after s5; run stencil on d1 after s2 s4 s6
            t10: copy new[3..4, 0..16] m1->host after s2; copy new[3..4, 0..16] host->m2 after s8; run stencil on d2 after s2 s4 s9
            896 bytes moved
        "#]],
    );
}

#[test]
fn a_halo_exchange_over_three_memories_moves_only_the_rows_at_the_seams() {
    check(
        |lab| {
            let [old, new] = ["old", "new"].map(|name| lab.filled(name, [1, 12, 16]));
            for (from, to) in [(old, new), (new, old)] {
                for (memory, rows) in [(M1, 0..4usize), (M2, 4..8), (M3, 8..12)] {
                    let halo = rows.start.saturating_sub(1)..(rows.end + 1).min(12);
                    lab.kernel(
                        "stencil",
                        memory,
                        &[read(from, area(halo, 0..16)), discard(to, area(rows, 0..16))],
                    );
                }
            }
        },
        expect![[r#"
            t2: copy old[0..5, 0..16] host->m1; run stencil on d1 after s1
            t4: copy old[3..9, 0..16] host->m2; run stencil on d2 after s3
            t6: copy old[7..12, 0..16] host->m3; run stencil on d3 after s5
            t9: copy new[4..5, 0..16] m2->host after s4; copy new[4..5, 0..16] host->m1 after s7; run stencil on d1 after s2 s4 s8
            t14: copy new[3..4, 0..16] m1->host after s2; copy new[8..9, 0..16] m3->host after s6; copy new[3..4, 0..16] host->m2 after s10; copy new[8..9, 0..16] host->m2 after s11; run stencil on d2 after s2 s4 s6 s12 s13
            t17: copy new[7..8, 0..16] m2->host after s4; copy new[7..8, 0..16] host->m3 after s15; run stencil on d3 after s4 s6 s16
            1536 bytes moved
        "#]],
    );
}

#[test]
fn a_broadcast_read_on_four_devices_copies_once_to_each() {
    check(
        |lab| {
            let a = lab.filled("a", [1, 1, 64]);
            for memory in [M1, M2, M3, M4, M1] {
                lab.kernel("look", memory, &[read(a, line(0, 64))]);
            }
        },
        expect![[r#"
            t2: copy a[0..64] host->m1; run look on d1 after s1
            t4: copy a[0..64] host->m2; run look on d2 after s3
            t6: copy a[0..64] host->m3; run look on d3 after s5
            t8: copy a[0..64] host->m4; run look on d4 after s7
            t9: run look on d1 after s1
            1024 bytes moved
        "#]],
    );
}

#[test]
fn a_broadcast_of_a_device_result_goes_to_the_host_once() {
    check(
        |lab| {
            let a = lab.blank("a", [1, 1, 64]);
            lab.kernel("fill", M1, &[discard(a, line(0, 64))]);
            for memory in [M2, M3, M1, HOST] {
                lab.kernel("look", memory, &[read(a, line(0, 64))]);
            }
        },
        expect![[r#"
            t1: run fill on d1
            t4: copy a[0..64] m1->host after s1; copy a[0..64] host->m2 after s2; run look on d2 after s1 s3
            t6: copy a[0..64] host->m3 after s2; run look on d3 after s1 s5
            t7: run look on d1 after s1
            t8: run look on host after s1 s2
            768 bytes moved
        "#]],
    );
}

#[test]
fn a_partial_update_from_the_host_sends_only_that_part_again() {
    check(
        |lab| {
            let a = lab.filled("a", [1, 1, 64]);
            lab.kernel("look", M1, &[read(a, line(0, 64))]);
            lab.host_access("host_write", update(a, line(8, 12)));
            lab.kernel("look", M1, &[read(a, line(0, 64))]);
        },
        expect![[r#"
            t2: copy a[0..64] host->m1; run look on d1 after s1
            t3: run host_write on host after s2
            t5: copy a[8..12] host->m1 after s3; run look on d1 after s1 s3 s4
            272 bytes moved
        "#]],
    );
}

#[test]
fn ranged_reads_bring_only_what_is_missing() {
    check(
        |lab| {
            let a = lab.filled("a", [1, 1, 64]);
            lab.kernel("look", M1, &[read(a, line(8, 16))]);
            lab.kernel("look", M1, &[read(a, line(12, 24))]);
            lab.kernel("look", M1, &[read(a, line(0, 32))]);
        },
        expect![[r#"
            t2: copy a[8..16] host->m1; run look on d1 after s1
            t4: copy a[16..24] host->m1; run look on d1 after s1 s3
            t7: copy a[0..8] host->m1; copy a[24..32] host->m1; run look on d1 after s1 s3 s5 s6
            128 bytes moved
        "#]],
    );
}

#[test]
fn updating_one_row_moves_one_row() {
    check(
        |lab| {
            let a = lab.filled("a", [1, 8, 16]);
            lab.kernel("normalise", M1, &[update(a, area(3..4, 0..16))]);
            lab.host_access("host_read", read(a, area(0..8, 0..16)));
        },
        expect![[r#"
            t2: copy a[3..4, 0..16] host->m1; run normalise on d1 after s1
            t4: copy a[3..4, 0..16] m1->host after s2; run host_read on host after s2 s3
            128 bytes moved
        "#]],
    );
}

#[test]
fn updating_one_column_moves_one_column() {
    check(
        |lab| {
            let a = lab.filled("a", [1, 8, 16]);
            lab.kernel("normalise", M1, &[update(a, area(0..8, 3..4))]);
            lab.host_access("host_read", read(a, area(0..8, 0..16)));
        },
        expect![[r#"
            t2: copy a[0..8, 3..4] host->m1; run normalise on d1 after s1
            t4: copy a[0..8, 3..4] m1->host after s2; run host_read on host after s2 s3
            64 bytes moved
        "#]],
    );
}

#[test]
fn two_consumers_of_one_producer_wait_for_it_and_not_for_each_other() {
    check(
        |lab| {
            let a = lab.blank("a", [1, 1, 64]);
            lab.kernel("produce", M1, &[discard(a, line(0, 64))]);
            lab.kernel("consume", M1, &[read(a, line(0, 64))]);
            lab.kernel("consume", M2, &[read(a, line(0, 64))]);
        },
        expect![[r#"
            t1: run produce on d1
            t2: run consume on d1 after s1
            t5: copy a[0..64] m1->host after s1; copy a[0..64] host->m2 after s3; run consume on d2 after s1 s4
            512 bytes moved
        "#]],
    );
}

#[test]
fn filling_and_reading_on_one_device_moves_nothing() {
    check(
        |lab| {
            let a = lab.filled("a", [1, 1, 64]);
            lab.kernel("fill", M1, &[discard(a, line(0, 64))]);
            lab.kernel("look", M1, &[read(a, line(0, 64))]);
        },
        expect![[r#"
            t1: run fill on d1
            t2: run look on d1 after s1
            0 bytes moved
        "#]],
    );
}

#[test]
fn reading_one_element_on_the_host_moves_one_element() {
    check(
        |lab| {
            let a = lab.blank("a", [1, 1, 1 << 20]);
            lab.kernel("fill", M1, &[discard(a, line(0, 1 << 20))]);
            lab.host_access("host_read", read(a, line(77, 78)));
        },
        expect![[r#"
            t1: run fill on d1
            t3: copy a[77..78] m1->host after s1; run host_read on host after s1 s2
            4 bytes moved
        "#]],
    );
}

#[test]
fn discarding_a_part_keeps_the_rest_where_it_is() {
    check(
        |lab| {
            let a = lab.filled("a", [1, 1, 64]);
            lab.kernel("fill", M1, &[discard(a, line(0, 32))]);
            lab.host_access("host_read", read(a, line(0, 64)));
        },
        expect![[r#"
            t1: run fill on d1
            t3: copy a[0..32] m1->host after s1; run host_read on host after s1 s2
            128 bytes moved
        "#]],
    );
}

#[test]
fn writing_without_discarding_brings_the_old_contents() {
    check(
        |lab| {
            let a = lab.filled("a", [1, 1, 64]);
            lab.kernel("scatter", M1, &[write(a, line(0, 64))]);
        },
        expect![[r#"
            t2: copy a[0..64] host->m1; run scatter on d1 after s1
            256 bytes moved
        "#]],
    );
}

#[test]
fn writing_in_part_what_nothing_has_written_zeroes_exactly_that() {
    check(
        |lab| {
            let a = lab.blank("a", [1, 1, 64]);
            lab.kernel("fill", M1, &[discard(a, line(16, 32))]);
            lab.kernel("scatter", M1, &[write(a, line(0, 64))]);
            lab.kernel("scatter", M1, &[write(a, line(0, 64))]);
        },
        expect![[r#"
            t1: run fill on d1
            t4: zero a[0..16] in m1; zero a[32..64] in m1; run scatter on d1 after s1 s2 s3
            t5: run scatter on d1 after s4
            0 bytes moved
        "#]],
    );
}

#[test]
fn a_result_gathered_from_four_devices_comes_home_in_four_copies() {
    check(
        |lab| {
            let a = lab.blank("a", [1, 1, 64]);
            for (part, memory) in [M1, M2, M3, M4].into_iter().enumerate() {
                lab.kernel("fill", memory, &[discard(a, line(16 * part, 16 * part + 16))]);
            }
            lab.host_access("host_read", read(a, line(0, 64)));
        },
        expect![[r#"
            t1: run fill on d1
            t2: run fill on d2
            t3: run fill on d3
            t4: run fill on d4
            t9: copy a[0..16] m1->host after s1; copy a[16..32] m2->host after s2; copy a[32..48] m3->host after s3; copy a[48..64] m4->host after s4; run host_read on host after s1 s2 s3 s4 s5 s6 s7 s8
            256 bytes moved
        "#]],
    );
}

#[test]
fn pieces_written_by_several_kernels_come_home_in_one_copy() {
    check(
        |lab| {
            let a = lab.blank("a", [1, 4, 16]);
            for row in 0..4 {
                lab.kernel("fill", M1, &[discard(a, area(row..row + 1, 0..16))]);
            }
            lab.host_access("host_read", read(a, area(0..4, 0..16)));
        },
        expect![[r#"
            t1: run fill on d1
            t2: run fill on d1
            t3: run fill on d1
            t4: run fill on d1
            t6: copy a[0..4, 0..16] m1->host after s1 s2 s3 s4; run host_read on host after s1 s2 s3 s4 s5
            256 bytes moved
        "#]],
    );
}

#[test]
fn pieces_from_a_device_and_from_the_host_arrive_in_one_copy() {
    check(
        |lab| {
            let a = lab.filled("a", [1, 1, 64]);
            lab.kernel("fill", M1, &[discard(a, line(16, 32))]);
            lab.kernel("look", M2, &[read(a, line(0, 64))]);
        },
        expect![[r#"
            t1: run fill on d1
            t4: copy a[16..32] m1->host after s1; copy a[0..64] host->m2 after s2; run look on d2 after s1 s3
            320 bytes moved
        "#]],
    );
}

#[test]
fn a_prefetch_makes_the_copy_so_that_the_kernel_need_not() {
    check(
        |lab| {
            let a = lab.filled("a", [1, 1, 64]);
            lab.submit(&command(CommandKind::Barrier, "prefetch", M1, &[read(a, line(0, 64))]));
            lab.kernel("scale", M1, &[update(a, line(0, 64))]);
            lab.submit(&command(CommandKind::Barrier, "update_host", HOST, &[read(a, line(0, 64))]));
            lab.host_access("host_read", read(a, line(0, 64)));
        },
        expect![[r#"
            t2: copy a[0..64] host->m1; run prefetch on d1 after s1
            t3: run scale on d1 after s1 s2
            t5: copy a[0..64] m1->host after s3; run update_host on host after s3 s4
            t6: run host_read on host after s3 s4
            512 bytes moved
        "#]],
    );
}

#[test]
fn two_adjacent_requirements_of_one_command_arrive_in_one_copy() {
    check(
        |lab| {
            let a = lab.filled("a", [1, 1, 64]);
            let b = lab.filled("b", [1, 1, 64]);
            let requirements = [read(a, line(0, 16)), read(b, line(0, 64)), update(a, line(16, 32))];
            lab.kernel("blend", M1, &requirements);
        },
        expect![[r#"
            t3: copy a[0..32] host->m1; copy b[0..64] host->m1; run blend on d1 after s1 s2
            384 bytes moved
        "#]],
    );
}

#[test]
fn a_cube_inside_a_volume_moves_as_one_box() {
    check(
        |lab| {
            let a = lab.filled("a", [8, 8, 8]);
            lab.kernel("carve", M1, &[update(a, Block::new([2, 2, 2], [6, 6, 6]))]);
            lab.host_access("host_read", read(a, Block::new([0; 3], [8; 3])));
        },
        expect![[r#"
            t2: copy a[2..6, 2..6, 2..6] host->m1; run carve on d1 after s1
            t4: copy a[2..6, 2..6, 2..6] m1->host after s2; run host_read on host after s2 s3
            512 bytes moved
        "#]],
    );
}

#[test]
fn contents_that_are_given_up_are_neither_moved_nor_found() {
    let mut lab = Lab::new();
    let a = lab.filled("a", [1, 1, 8]);
    lab.planner.discard(a, &line(0, 4));
    assert_eq!(lab.planner.current_in(a, Some(HOST), &line(0, 8)), 4);
    assert_eq!(lab.planner.current_in(a, None, &line(2, 6)), 2);
    let refused = lab.planner.plan(&command(CommandKind::Launch, "look", M1, &[read(a, line(0, 8))]));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Uninitialized);
    lab.kernel("look", M1, &[read(a, line(4, 8))]);
    assert_eq!(lab.bytes_moved, 16);
}

#[test]
fn what_was_given_up_is_zeroed_after_those_that_still_use_it() {
    let mut lab = Lab::new();
    let a = lab.filled("a", [1, 1, 8]);
    lab.kernel("look", M1, &[read(a, line(0, 8))]);
    lab.planner.discard(a, &line(0, 8));
    lab.kernel("scatter", M1, &[write(a, line(0, 4))]);
    let plan = lab.records.last().unwrap().to_string();
    assert_eq!(plan, "zero a[0..4] in m1 after s2; run scatter on d1 after s2 s3");
}
