//! What brute force finds, on programs written by hand.

use super::evaluate::{Leaving, Outcome, Touch, run};
use super::judge::{judge, may_not_end};
use super::program::{
    Accessor, Adaptor, BinaryOperator, Capture, Captured, Expression, Function, Index, ItemKind, Kind,
    Program, Query, Role, Scalar, Shape, Statement, Way,
};
use super::shrink::shrink;

/// The site of the index that a test is about.
const SITE: u32 = 2;

/// A launch over `global` with an input of `extent`, whose elements are their positions, and an output as large.
fn program(global: &[usize], extent: &[usize], body: Vec<Statement>) -> Program {
    let n: usize = extent.iter().product();
    let accessor = |role, contents| Accessor { role, scalar: Scalar::U32, extent: extent.to_vec(), contents };
    Program {
        shape: Shape { item: ItemKind::Id, global: global.to_vec(), local: vec![1; global.len()] },
        accessors: vec![accessor(Role::Input, (0..n as u64).collect()), accessor(Role::Output, Vec::new())],
        body,
        n_locals: 8,
        n_loops: 4,
        n_sites: 9,
        ..Program::empty()
    }
}

fn id() -> Expression {
    Expression::query(Query::Global, 0)
}

fn local(local: u16) -> Expression {
    Expression::local(local, Scalar::Usize)
}

fn binary(operator: BinaryOperator, left: Expression, right: u64) -> Expression {
    let right = Expression::literal(left.scalar, right);
    Expression::binary(operator, left, right)
}

/// `sum += a0[index];`
fn read(index: Expression) -> Statement {
    Statement::Sum(Expression::new(Kind::Load(0, Index::At(vec![index]), SITE), Scalar::U32))
}

fn write(index: Expression) -> Statement {
    Statement::Store { accessor: 1, index: Index::At(vec![index]), way: Way::Set, site: SITE }
}

/// What each work-item adds up.
fn results(program: &Program) -> Vec<u64> {
    run(program).unwrap().results
}

#[test]
fn an_index_that_leaves_is_noted_with_its_work_item_and_reads_as_zero() {
    let program = program(&[4], &[3], vec![read(binary(BinaryOperator::Subtract, id(), 1))]);
    let outcome = run(&program).unwrap();
    let noted = &outcome.uses[SITE as usize];
    assert_eq!(noted.inside, 3);
    assert_eq!(noted.left, [Leaving { item: 0, index: vec![u64::MAX], extent: vec![3] }]);
    assert_eq!(outcome.results, [0, 0, 1, 2]);
    assert_eq!(outcome.failures, [SITE]);
}

#[test]
fn a_store_that_leaves_touches_nothing() {
    let program = program(&[4], &[3], vec![write(binary(BinaryOperator::Add, id(), 1))]);
    let outcome = run(&program).unwrap();
    assert_eq!(outcome.outputs[1], [0, 7, 7]);
    assert_eq!(outcome.touched[1], Touch { read: None, written: Some(vec![(1, 2)]) });
    assert_eq!(outcome.uses[SITE as usize].left[0].item, 2);
}

#[test]
fn arithmetic_wraps_in_the_type_it_is_done_in() {
    let in_bytes = binary(BinaryOperator::Add, id().cast(Scalar::U8), 254).cast(Scalar::Usize);
    assert_eq!(results(&program(&[4], &[255], vec![read(in_bytes)])), [254, 0, 0, 1]);
    let negative = binary(BinaryOperator::Subtract, id().cast(Scalar::I32), 1);
    let clamped = Expression::method("max", vec![negative.clone(), Expression::literal(Scalar::I32, 0)]);
    assert_eq!(results(&program(&[3], &[9], vec![read(clamped.cast(Scalar::Usize))])), [0, 0, 1]);
    let widened = run(&program(&[1], &[9], vec![read(negative.cast(Scalar::Usize))])).unwrap();
    assert_eq!(widened.uses[SITE as usize].left[0].index, [u64::MAX]);
}

#[test]
fn loops_go_where_rust_goes() {
    let looped = |start, end, inclusive, adaptors| {
        let bounds = Box::new([Expression::usize(start), Expression::usize(end)]);
        // The last value that the loop had, and 100 for each turn.
        let body = vec![
            Statement::Assign(1, local(0)),
            Statement::Update(2, BinaryOperator::Add, Expression::usize(100), 0),
        ];
        let zero = |local| Statement::Let { local, mutable: true, value: Expression::usize(0) };
        let turns = Statement::For { id: 0, local: 0, bounds, inclusive, adaptors, body };
        let sum = Statement::Sum(Expression::binary(BinaryOperator::Add, local(1), local(2)));
        results(&program(&[1], &[1], vec![zero(1), zero(2), turns, sum]))[0]
    };
    let step = |n| Adaptor::StepBy(Expression::usize(n), 3);
    assert_eq!(looped(2, 7, false, vec![]), 506);
    assert_eq!(looped(2, 7, true, vec![]), 607);
    assert_eq!(looped(7, 2, true, vec![]), 0);
    assert_eq!(looped(2, 7, false, vec![Adaptor::Reverse]), 502);
    assert_eq!(looped(2, 7, false, vec![step(3)]), 205);
    assert_eq!(looped(2, 7, false, vec![step(3), Adaptor::Reverse]), 202);
    assert_eq!(looped(2, 7, false, vec![Adaptor::Reverse, step(3)]), 203);
    assert_eq!(looped(2, 7, false, vec![Adaptor::Skip(Expression::usize(4))]), 106);
    assert_eq!(looped(2, 7, false, vec![Adaptor::Skip(Expression::usize(9)), Adaptor::Reverse]), 0);
    assert_eq!(looped(2, 7, false, vec![Adaptor::Take(Expression::usize(2)), Adaptor::Reverse]), 202);
    let last = [Adaptor::Skip(Expression::usize(u64::MAX))];
    assert_eq!(looped(u64::MAX - 1, u64::MAX, true, last.to_vec()), 0);
}

#[test]
fn an_endless_program_is_refused() {
    let endless = Statement::While { id: 0, condition: Expression::literal(Scalar::Bool, 1), body: vec![] };
    assert_eq!(run(&program(&[1], &[1], vec![endless])), None);
}

#[test]
fn a_failed_assertion_ends_the_work_item_and_a_division_by_zero_does_not() {
    let small = binary(BinaryOperator::Less, id(), 2);
    let program_of = |first| program(&[4], &[9], vec![first, write(id())]);
    let asserted = run(&program_of(Statement::Assert(small, 5))).unwrap();
    assert_eq!(asserted.outputs[1], [7, 7, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(asserted.failures, [5]);
    let pair = Box::new([Expression::usize(5), id()]);
    let quotient = Expression::new(Kind::Binary(BinaryOperator::Divide, pair, 6), Scalar::Usize);
    let divided = run(&program_of(Statement::Sum(quotient))).unwrap();
    assert_eq!(divided.results, [0, 5, 2, 1]);
    assert_eq!(divided.outputs[1], [7, 7, 7, 7, 0, 0, 0, 0, 0]);
    assert_eq!(divided.failures, [6]);
}

#[test]
fn functions_reach_the_accessors_they_are_given_and_return_early() {
    let at = local(0);
    let is_late = binary(BinaryOperator::GreaterOrEqual, at.clone(), 2);
    let returned = Statement::Return(Some(Expression::literal(Scalar::U32, 50)));
    let function = Function {
        accessors: vec![(Scalar::U32, 1)],
        parameters: vec![(0, Scalar::Usize)],
        body: vec![Statement::If(is_late, vec![returned], Vec::new())],
        value: Expression::new(Kind::Load(0, Index::At(vec![at]), SITE), Scalar::U32),
        n_locals: 1,
    };
    let call = Expression::new(Kind::Call(0, vec![0], vec![id()]), Scalar::U32);
    let mut program = program(&[4], &[9], vec![Statement::Sum(call)]);
    program.functions.push(function);
    assert_eq!(results(&program), [0, 1, 50, 50]);
}

#[test]
fn a_slice_is_reached_from_its_start_on_and_ends_the_work_item_where_it_does_not_fit() {
    let bounds = Box::new([id(), Expression::usize(3)]);
    let slice = Statement::Slice { local: 0, accessor: 0, bounds, site: 5 };
    let element = Expression::new(Kind::OfSlice(0, Box::new(Expression::usize(1)), SITE), Scalar::U32);
    let length = Expression::new(Kind::Length(0), Scalar::Usize);
    let program = program(&[5], &[4], vec![slice, Statement::Sum(element), Statement::Sum(length)]);
    let outcome = run(&program).unwrap();
    assert_eq!(outcome.results, [1 + 3, 2 + 2, 1, 0, 0]);
    assert_eq!(outcome.uses[SITE as usize].left[0].item, 2);
    assert_eq!(outcome.failures, [SITE, 5]);
    assert_eq!(outcome.touched[0].read, Some(vec![(1, 2)]));
}

#[test]
fn a_row_that_is_not_there_has_no_elements() {
    let row = Statement::Row { id: 0, local: 0, accessor: 0, row: id(), site: SITE };
    let outcome = run(&program(&[3], &[2, 3], vec![row])).unwrap();
    assert_eq!(outcome.results, [3, 12, 0]);
    assert_eq!(outcome.failures, [SITE]);
}

#[test]
fn places_in_groups_are_those_of_the_launch() {
    let mut program = program(&[4, 6], &[9], Vec::new());
    program.shape = Shape { item: ItemKind::Groups, global: vec![4, 6], local: vec![2, 3] };
    let asked = [(Query::Group, 1), (Query::Local, 1), (Query::LocalLinear, 0), (Query::GroupRange, 0)];
    let digits = asked.into_iter().map(|(query, dimension)| Expression::query(query, dimension));
    let number = digits.reduce(|sum, digit| {
        Expression::binary(BinaryOperator::Add, binary(BinaryOperator::Multiply, sum, 10), digit)
    });
    program.body = vec![Statement::Sum(number.unwrap())];
    let results = results(&program);
    assert_eq!(results[..6], [2, 112, 222, 1002, 1112, 1222]);
    assert_eq!(results[6 + 5], 1252);
}

#[test]
fn captured_values_and_checked_arithmetic_are_those_of_rust() {
    let parts = Box::new([id(), local(0), Expression::usize(8)]);
    let less = Expression::new(Kind::CheckedOr("checked_sub", parts), Scalar::Usize);
    let mut program = program(&[3], &[9], vec![read(less)]);
    program.captures = vec![Capture { local: 0, scalar: Scalar::Usize, value: Captured::Number(1) }];
    assert_eq!(results(&program), [8, 0, 1]);
}

#[test]
fn the_own_id_is_proven_where_it_fits_and_one_more_is_not() {
    let judged = |n| {
        let program = program(&[n], &[4], vec![read(id())]);
        let verdict = judge(&program, &run(&program).unwrap()).unwrap();
        (verdict.inside, verdict.proven, verdict.left, verdict.unsound.len())
    };
    // The second is the result's own index.
    assert_eq!(judged(4), (2, 2, 0, 0));
    assert_eq!(judged(5).2, 1);
    assert_eq!(judged(5).3, 0);
}

#[test]
fn a_loop_behind_an_assertion_that_fails_is_not_launched_in_kernels_with_barriers() {
    let asserted = |n: u64, first: Statement| {
        let condition = Expression::literal(Scalar::Bool, 0);
        let turns = Statement::While { id: 0, condition, body: Vec::new() };
        let small = Statement::Assert(binary(BinaryOperator::Less, id(), n), 5);
        let program = program(&[4], &[4], vec![small, first, turns]);
        may_not_end(&program, &run(&program).unwrap())
    };
    assert!(asserted(3, Statement::Barrier));
    assert!(!asserted(4, Statement::Barrier));
    assert!(!asserted(3, read(Expression::usize(0))));
}

#[test]
fn a_program_is_shrunk_to_what_matters() {
    let guarded = Statement::If(
        binary(BinaryOperator::Less, id(), 3),
        vec![write(Expression::usize(0)), read(binary(BinaryOperator::Add, id(), 2))],
        Vec::new(),
    );
    let large = program(&[8], &[4], vec![write(Expression::usize(0)), guarded]);
    let leaves = |it: &Program| run(it).is_some_and(|outcome| !outcome.uses[SITE as usize].left.is_empty());
    let small = shrink(&large, leaves);
    assert_eq!(small.body.len(), 1);
    assert!(leaves(&small));
    assert_eq!(small.shape.global, [1]);
}

#[test]
fn a_step_that_leads_beyond_all_numbers_is_noted_and_unsound_where_it_is_called_proven() {
    let judged = |less: u64, length: u64| {
        let bounds = Box::new([id(), Expression::usize(length)]);
        let adaptors = vec![Adaptor::StepBy(local(1), 3)];
        let body = vec![read(Expression::usize(0))];
        let turns = Statement::For { id: 0, local: 0, bounds, inclusive: false, adaptors, body };
        let mut program = program(&[1], &[1], vec![turns]);
        let value = Captured::Number(u64::MAX - less);
        program.captures = vec![Capture { local: 1, scalar: Scalar::Usize, value }];
        let outcome = run(&program).unwrap();
        let unsound = |beyond| judge(&program, &Outcome { beyond, ..outcome.clone() }).unwrap().unsound;
        (outcome.beyond.clone(), unsound(outcome.beyond.clone()), unsound(vec![3]))
    };
    assert_eq!(judged(5, 6), (vec![3], vec![], vec![]));
    assert_eq!(judged(5, 5).0, []);
    assert_eq!(judged(6, 5), (vec![], vec![], vec![3]));
}

#[test]
fn a_step_of_zero_is_unsound_where_it_is_called_proven() {
    let judged = |step| {
        let bounds = Box::new([id(), Expression::usize(9)]);
        let adaptors = vec![Adaptor::StepBy(local(1), 3)];
        let turns = Statement::For { id: 0, local: 0, bounds, inclusive: false, adaptors, body: Vec::new() };
        let mut program = program(&[1], &[1], vec![turns]);
        program.captures = vec![Capture { local: 1, scalar: Scalar::Usize, value: Captured::Number(step) }];
        let outcome = run(&program).unwrap();
        let failures = vec![3];
        (outcome.failures.clone(), judge(&program, &Outcome { failures, ..outcome }).unwrap().unsound)
    };
    assert_eq!(judged(0), (vec![3], vec![]));
    assert_eq!(judged(1), (vec![], vec![3]));
}
