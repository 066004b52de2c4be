//! What is accepted and what is reported, on bodies alone.

use super::*;

fn messages(body: &str) -> Vec<String> {
    let mut errors = Errors::default();
    let item = syn::parse::Parser::parse_str(syn::Pat::parse_single, "it").expect("a pattern");
    check(Some(&item), &syn::parse_str(body).expect("an expression"), &mut errors);
    errors.messages()
}

fn accepts(body: &str) {
    assert_eq!(messages(body), Vec::<String>::new(), "{body}");
}

fn rejects(body: &str, n_times: usize, part: &str) {
    let found = messages(body);
    assert_eq!(found.len(), n_times, "{body}: {found:?}");
    assert!(found.iter().all(|message| message.contains(part)), "{part} is not in {found:?}");
}

#[test]
fn barriers_that_every_work_item_reaches_are_accepted() {
    accepts("{ it.barrier(); let own = it.local_id()[0]; if own == 0 { t[0] = 1; } it.barrier(); }");
    accepts("{ let mut half = it.local_range()[0] / 2; while half > 0 { it.barrier(); half /= 2; } }");
    accepts("{ for k in 0..a.range()[1] / T { it.barrier(); if k == 3 { it.barrier(); } } }");
    accepts("{ if n == 0 { return; } it.barrier(); }");
    accepts("{ let g = it.group(); if g.reduce_sum(a[it.global_id()]) > 3 { it.barrier(); } }");
    accepts("{ if g == 0 && it.group_id()[0] == 1 { it.barrier(); } }");
    accepts("{ 'a: { it.barrier(); if it.local_id()[0] == 0 { break 'a; } t[0] = 1; } it.barrier(); }");
    accepts("{ loop { it.barrier(); n -= 1; if n == 0 { break; } } it.barrier(); }");
    accepts("{ for k in 0..4 { it.barrier(); if it.local_id()[0] == k { continue; } t[k] = 1; } }");
    accepts("{ match n { 0 => it.barrier(), 1 if m > 2 => {} _ => it.barrier() } }");
}

#[test]
fn each_name_of_a_tuple_has_the_value_beside_it() {
    accepts("{ let (g, [own]) = (it.group(), it.local_id()); if g.any_of(a[own] == 1) { it.barrier(); } }");
    accepts("{ let own = n; let (own, last) = (it.local_id()[0], own); if last > 3 { it.barrier(); } }");
    rejects(
        "{ let (g, own) = (it.group(), it.local_id()[0]); if own == 0 { it.barrier(); } }",
        1,
        "`own` comes from `it.local_id()`",
    );
    rejects("{ let (first, ..) = (a[0], n); if first == 0 { it.barrier(); } }", 1, "the element `a[0]`");
}

#[test]
fn loops_through_what_closures_make_of_the_same_values_are_accepted() {
    accepts("{ for k in (1..n).flat_map(|k| [k, k + m]).filter(|k| k % 2 == 1) { it.barrier(); } }");
    accepts("{ for (k, x) in a.iter().map(|x| x + 1).take(n).enumerate() { it.barrier(); } }");
    accepts("{ for x in (0..n).scan(0, |s, k| { *s += k; Some(*s) }).skip(1).step_by(2) { it.barrier(); } }");
    accepts("{ for x in (0..n).zip((0..4).cycle()).chain(m..9).rev() { it.barrier(); } }");
}

#[test]
fn loops_through_what_closures_leave_out_by_what_differs_are_reported() {
    rejects(
        "{ for k in (0..n).filter(|k| a[*k] == 1) { it.barrier(); } }",
        1,
        "the element `a[*k]` may differ",
    );
    rejects(
        "{ let own = it.local_id()[0]; for k in (0..n).take_while(|k| *k < own) { it.barrier(); } }",
        1,
        "`own` comes from `it.local_id()`",
    );
    rejects("{ for k in a.iter().filter(|x| *x > n) { it.barrier(); } }", 1, "the element");
    rejects(
        "{ for k in (0..n).flat_map(|k| 0..a[k]) { it.barrier(); } }",
        1,
        "the element `a[k]` may differ",
    );
    rejects(
        "{ for k in (0..n).scan(0, |s, k| { *s += a[k]; if *s > 3 { None } else { Some(k) } }) { it.barrier(); } }",
        1,
        "a[k]",
    );
    rejects(
        "{ for k in (0..n).map_while(|k| { if k == 3 { return None; } Some(k) }) { it.barrier(); } }",
        1,
        "nothing is known",
    );
    rejects(
        "{ for k in (0..n).zip(0..it.local_id()[0]) { it.barrier(); } }",
        1,
        "`it.local_id()` may differ",
    );
    rejects(
        "{ for k in (0..n).map(|k| a[k]) { if k > 2 { it.barrier(); } } }",
        1,
        "`k` comes from the element `a[k]`",
    );
}

#[test]
fn conditions_on_ids_elements_and_what_comes_from_them_are_reported() {
    rejects("{ if it.local_id()[0] == 0 { it.barrier(); } }", 1, "`it.local_id()` may differ");
    rejects(
        "{ let own = it.local_id()[0]; let h = own / 2; if h < 3 { it.barrier(); } }",
        1,
        "`h` comes from `it.local_id()`",
    );
    rejects("{ if flags[0] == 1 { it.barrier(); } }", 1, "the element `flags[0]` may differ");
    rejects(
        "{ let f = flags[0]; while f > k { it.barrier(); } }",
        1,
        "`f` comes from the element `flags[0]`",
    );
    rejects("{ for k in 0..it.global_id()[0] { it.barrier(); } }", 1, "at `for k in 0..it.global_id()[0]`");
    rejects("{ match a[0] { 0 => it.barrier(), _ => {} } }", 1, "at `match a[0]`");
    rejects("{ if let Some(x) = pick(a) { it.barrier(); } }", 1, "`pick(a)`");
    rejects("{ it.local_id()[0] == 0 && { it.barrier(); true }; }", 1, "`it.local_id()` may differ");
    rejects("{ if cells.atomic(0).fetch_add(1) == 0 { it.barrier(); } }", 1, "cells.atomic(0)");
}

#[test]
fn methods_may_change_what_they_are_called_on() {
    rejects(
        "{ let mut s = start; s.feed(it.local_id()[0]); if s.sum > 3 { it.barrier(); } }",
        1,
        "`s` comes from `it.local_id()`",
    );
    rejects(
        "{ let mut s = start; if it.local_id()[0] == 0 { s.step(); } if s.sum > 3 { it.barrier(); } }",
        1,
        "`s`",
    );
    rejects("{ let r = &mut state.part; r.feed(a[0]); if r.sum > 3 { it.barrier(); } }", 1, "`r`");
    rejects(
        "{ let (mut a, mut b) = (0, 0); (a, [b, _]) = (n, [it.local_id()[0], 1]); if b > 3 { it.barrier(); } }",
        1,
        "`b` comes from `it.local_id()`",
    );
    accepts("{ let (mut a, mut b) = (0, 0); (a, b) = (b, n); if a + b > 3 { it.barrier(); } }");
    accepts("{ let mut s = start; s.feed(n); s.step(); if s.sum > 3 { it.barrier(); } }");
    accepts("{ let s = start; t[0] = s.toward(it.local_id()[0]); if s.sum > 3 { it.barrier(); } }");
    accepts("{ let mut s = n; t[0] = s.min(it.local_id()[0]); s += 1; if s > 3 { it.barrier(); } }");
}

#[test]
fn nothing_is_known_of_closures() {
    rejects("{ let f = |x| it.local_id()[0] + x; if f(1) == 3 { it.barrier(); } }", 1, "`f` comes from `|x|");
    rejects("{ let f = |x| { it.barrier(); x }; f(1); }", 1, "this `barrier`");
    accepts("{ let f = |x| { if x > 1 { return 2; } x }; t[0] = f(3); it.barrier(); }");
}

#[test]
fn who_left_before_is_missing_afterwards() {
    let own = "let own = it.local_id()[0];";
    rejects(&format!("{{ {own} if own == 0 {{ return; }} it.barrier(); }}"), 1, "at `if own == 0`");
    rejects(&format!("{{ {own} loop {{ it.barrier(); if own == 0 {{ break; }} }} }}"), 1, "at `if own == 0`");
    rejects(
        &format!("{{ {own} for k in 0..4 {{ if own == k {{ continue; }} it.barrier(); }} }}"),
        1,
        "own == k",
    );
    rejects(
        &format!("{{ {own} 'a: loop {{ it.barrier(); loop {{ if own == 0 {{ break 'a; }} }} }} }}"),
        1,
        "own == 0",
    );
    rejects(
        &format!("{{ {own} loop {{ for k in 0..2 {{ if own == 0 {{ return; }} }} it.barrier(); }} }}"),
        1,
        "own == 0",
    );
}

#[test]
fn what_is_assigned_under_such_a_condition_differs_as_well() {
    rejects(
        "{ let mut n = 0; if it.local_id()[0] == 0 { n = 1; } if n == 1 { it.barrier(); } }",
        1,
        "`n` is assigned under `if it.local_id()[0] == 0`",
    );
    rejects(
        "{ let mut n = 0; while n < it.local_id()[0] { n += 1; } for k in 0..n { it.barrier(); } }",
        1,
        "`n` is assigned under `while n < it.local_id()[0]`",
    );
    rejects("{ let mut n = 0; for k in 0..3 { if n > 0 { it.barrier(); } n = a[k]; } }", 1, "`n` comes from");
    rejects("{ let mut n = 0; change(&mut n); if n > 0 { it.barrier(); } }", 1, "`n` is lent");
}

#[test]
fn operations_over_a_group_are_judged_like_barriers() {
    rejects("{ let g = it.group(); if a[0] > 0 { g.reduce_max(1); } }", 1, "`reduce_max`");
    rejects(
        "{ let s = it.sub_group(); if s.reduce_sum(1) > 0 { s.ballot(true); } }",
        1,
        "which gives each work-item",
    );
    rejects(
        "{ let g = it.group(); let x = g.inclusive_scan_sum(1); if x > 2 { it.barrier(); } }",
        1,
        "`x` comes",
    );
}

#[test]
fn what_is_promised_to_be_uniform_is_believed_but_the_promise_is_judged() {
    rejects("{ for k in 1..a[0] { it.barrier(); } }", 1, "write `falx::uniform(a[0])`");
    accepts("{ if falx::uniform(a[0]) == 1 { it.barrier(); } }");
    accepts("{ let own = uniform(it.local_id()[0] < 100); if own { it.barrier(); } }");
    rejects("{ if it.local_id()[0] == 0 { falx::uniform(a[0]); } }", 1, "this `uniform`");
}
