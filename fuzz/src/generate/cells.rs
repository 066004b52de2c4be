//! Random atomic operations, of which the order does not matter: nobody uses what they give, and an element is touched by
//! one kind alone.

use super::{Generator, values};
use crate::program::{Cells, Expression, Kind, Scalar, Statement, Type};

/// Whether a scalar has such operations.
fn is_atomic(scalar: Scalar) -> bool {
    scalar.is_integer() && scalar.bits() >= 32
}

const METHODS: [&str; 6] = ["fetch_add", "fetch_min", "fetch_max", "fetch_and", "fetch_or", "fetch_xor"];

impl Generator {
    /// Decides on a buffer that is touched atomically.
    pub fn make_cells(&mut self) {
        let scalar = self.scalar_that(is_atomic);
        let n = self.random.between(1, 5);
        let contents = (0..n).map(|_| values::scalar(&mut self.random, scalar, true)).collect();
        let method = self.random.pick(&METHODS);
        self.program.cells = Some(Cells { scalar, contents, method });
    }

    /// `cells.atomic(index).fetch_add(value);`
    pub fn touch_cell(&mut self, accessor: usize, depth: usize) -> Statement {
        let Some(Cells { scalar, contents, method }) = self.program.cells.clone() else {
            return Statement::Expression(Expression::unit(Kind::Barrier));
        };
        self.atomic(accessor, scalar, contents.len(), method, depth)
    }

    /// The same of local memory, where it has such operations.
    pub fn touch_tile(&mut self, depth: usize) -> Option<Vec<Statement>> {
        let scalar = self.program.tile.as_ref().and_then(Type::scalar).filter(|scalar| is_atomic(*scalar))?;
        let accessor = self.program.inputs.len() + self.program.outputs.len();
        let method = *self.random.pick(&METHODS);
        let n = self.random.between(1, 3);
        let length = self.program.shape.group();
        Some((0..n).map(|_| self.atomic(accessor, scalar, length, method, depth)).collect())
    }

    fn atomic(
        &mut self,
        accessor: usize,
        scalar: Scalar,
        length: usize,
        method: &'static str,
        depth: usize,
    ) -> Statement {
        let index = self.index(length, depth);
        let value = self.expression(&Type::Scalar(scalar), depth + 1);
        let method = if method == "fetch_add" && self.random.chance(30) { "fetch_sub" } else { method };
        let site = self.site();
        let pair = Box::new([index, value]);
        Statement::Expression(Expression::unit(Kind::Atomic(method, accessor, pair, site)))
    }
}
