//! What is printed for some devices and launches and not for others.

use crate::kernel::ShapeKind;
use crate::kernel::check::{CheckSet, Checks};
use crate::kernel::source::{Beginnings, Source, Template, lower};
use crate::kernel::testing::*;
use crate::kernel::trap::SLOTS;
use crate::kernel::tree::BinaryOperator;
use crate::kernel::types::{AccessMode, Scalar, Type};
use expect_test::expect;

/// `a[i] = b[i]`, with all its checks, for what `with` says.
fn copy(with: impl Fn(Template<'_>) -> Template<'_>) -> Source {
    copy_with(with, &Checks::All)
}

/// The same with some of its checks.
fn copy_with(with: impl Fn(Template<'_>) -> Template<'_>, checks: &Checks) -> Source {
    let mut sketch = Sketch::new();
    let a = sketch.capture("a", global(Scalar::U32, 1, AccessMode::Write));
    let b = sketch.capture("b", global(Scalar::U32, 1, AccessMode::Read));
    let (item, i) = sketch.bind("i", Type::Id(1), false);
    let body = block(vec![assign(index(get(a), get(i)), index(get(b), get(i)))]);
    let kernel = sketch.kernel((item, Type::Id(1)), body);
    lower(&with(kernel.template(ShapeKind::Range(1))), checks).unwrap()
}

fn kernel_of(source: &Source) -> &str {
    &source.text[source.text.find("__kernel").unwrap()..]
}

#[test]
fn lengths_that_are_arguments_of_the_launch_are_not_kept_by_work_items() {
    let source = copy(|template| template);
    let kept = "typedef struct {\n    uint code;\n    uint ended;\n    ulong v0;\n} falx_failure;";
    assert!(source.text.contains(kept), "{}", source.text);
}

#[test]
fn a_sub_group_of_the_device_skips_its_report_unless_something_failed() {
    let source = copy(|template| Template { device_sub_groups: true, ..template });
    expect![[r#"
        __kernel void falx_test(const falx_params p, __global uint *a, __global const uint *b, __global ulong *falx_trap)
        {
            falx_failure falx_failed = {0};
            if (get_global_id(0) < p.falx_range_2) {
                const ulong i = get_global_id(0);
                uint t = 0u; // test.rs:2
                if (i < p.b_len) {
                    t = b[i];
                } else {
                    falx_fail(&falx_failed, 1, 1, i);
                }
                if (i < p.a_len) {
                    a[i] = t;
                } else {
                    falx_fail(&falx_failed, 2, 1, i);
                }
            }
            if (sub_group_any(falx_failed.code != 0)) falx_report(falx_trap, &falx_failed, p.falx_range_2, get_global_size(1));
        }
    "#]].assert_eq(kernel_of(&source));
    assert!(source.text.contains("#pragma OPENCL EXTENSION cl_intel_subgroups : enable"));
}

#[test]
fn work_items_that_may_leave_early_report_by_themselves() {
    let mut sketch = Sketch::new();
    let a = sketch.capture("a", global(Scalar::U32, 1, AccessMode::Write));
    let (item, i) = sketch.bind("i", Type::Id(1), false);
    let [zero, one] = [0, 1].map(|n| sketch.integer(Scalar::U32, n));
    let is_zero = binary(BinaryOperator::Equal, index(get(a), get(i)), zero);
    let leave = run(if_(is_zero, block(vec![run(return_(None))]), None));
    let kernel = sketch.kernel((item, Type::Id(1)), block(vec![leave, assign(index(get(a), get(i)), one)]));
    let template = Template { device_sub_groups: true, ..kernel.template(ShapeKind::Range(1)) };
    let source = lower(&template, &Checks::All).unwrap();
    let text = kernel_of(&source);
    assert!(text.contains("{ falx_report(") && !text.contains("sub_group_any"), "{text}");
}

#[test]
fn ranges_of_whole_work_groups_have_no_padding_to_send_home() {
    let source = copy(|template| Template { shape: ShapeKind::Range(2), ..template });
    assert!(source.text.contains("if (get_local_id(1) >= p.falx_range_1 - "));
    let source = copy(|template| Template { shape: ShapeKind::Range(2), is_whole: true, ..template });
    assert!(source.is_whole && !source.text.contains(">= p.falx_range_"));
}

#[test]
fn work_groups_are_as_large_as_may_be_only_where_no_work_item_has_a_place_in_memory() {
    assert_eq!(copy_with(|template| template, &Checks::Only(CheckSet::default())).largest_group, usize::MAX);
    // Each has a slot for what fails, of which there are so many; its store is not masked.
    let checked = copy_with(|template| template, &Checks::All);
    assert!(checked.text.contains("record + get_local_id(0);") && checked.largest_group <= SLOTS);
}

#[test]
fn pointers_move_where_accessors_begin_later_than_their_buffers() {
    let source = copy(|template| Template { beginnings: Beginnings::Later, ..template });
    expect![[r#"
        __kernel void falx_test(const falx_params p, __global uint *a, __global const uint *b, __global ulong *falx_trap)
        {
            falx_failure falx_failed = {0};
            if (get_global_id(0) >= p.falx_range_2) return;
            a += p.a_base;
            b += p.b_base;
            const ulong i = get_global_id(0);
            uint t = 0u; // test.rs:2
            if (i < p.b_len) {
                t = b[i];
            } else {
                falx_fail(&falx_failed, 1, 1, i);
            }
            if (i < p.a_len) {
                a[i] = t;
            } else {
                falx_fail(&falx_failed, 2, 1, i);
            }
            falx_report(falx_trap, &falx_failed, p.falx_range_2, get_global_size(1));
        }
    "#]].assert_eq(kernel_of(&source));
    assert!(!copy(|template| template).text.contains("_base"));
}

#[test]
fn pointers_that_may_lead_before_their_memory_are_numbers_on_the_way() {
    let source = copy(|template| Template { beginnings: Beginnings::Anywhere, ..template });
    let lines: Vec<_> = kernel_of(&source).lines().filter(|line| line.contains("_base")).collect();
    let expected = [
        "    a = (__global uint *)((uintptr_t)a + (uintptr_t)(p.a_base * sizeof(uint)));",
        "    b = (__global const uint *)((uintptr_t)b + (uintptr_t)(p.b_base * sizeof(uint)));",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn what_may_be_run_in_slices_counts_rows_from_where_the_slice_begins() {
    let rows = |dimensions, beginnings| {
        let source =
            copy(|template| Template { shape: ShapeKind::Range(dimensions), beginnings, ..template });
        let line = source.text.lines().find(|line| line.contains("get_local_id(1) >= ")).unwrap();
        line.trim().to_owned()
    };
    expect!["if (get_local_id(1) >= p.falx_range_1 - get_group_id(1) * get_local_size(1) - get_global_offset(1) || get_local_id(0) >= p.falx_range_2 - get_group_id(0) * get_local_size(0)) return;"]
        .assert_eq(&rows(2, Beginnings::Anywhere));
    for (dimensions, beginnings) in
        [(2, Beginnings::There), (2, Beginnings::Later), (3, Beginnings::Anywhere)]
    {
        assert!(!rows(dimensions, beginnings).contains("offset"));
    }
}
