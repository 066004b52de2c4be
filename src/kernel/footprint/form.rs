//! Sums of symbols: `constant + coefficient * symbol + ..`, over whole numbers of any size.

use super::number::Number;
use smallvec::SmallVec;

/// Stands for one number of one work-item: an id, a counter, something that was loaded.
pub(super) type Symbol = u32;

/// A sum of symbols. Operations give `None` where a number leaves 128 bits.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Form {
    /// Ordered by symbol, each once; no coefficient is zero.
    terms: SmallVec<[Term; 3]>,
    pub constant: Number,
}

/// A symbol and its coefficient.
pub(super) type Term = (Symbol, Number);

impl Clone for Form {
    fn clone(&self) -> Self {
        Form { constant: self.constant, terms: SmallVec::from_slice(&self.terms) }
    }
}

impl Form {
    pub fn number(constant: impl Into<Number>) -> Self {
        Form { constant: constant.into(), terms: SmallVec::new() }
    }

    pub fn symbol(symbol: Symbol) -> Self {
        Form { constant: Number::ZERO, terms: SmallVec::from_slice(&[(symbol, Number::new(1))]) }
    }

    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<Number> {
        self.terms.is_empty().then_some(self.constant)
    }

    pub fn coefficient(&self, symbol: Symbol) -> Number {
        self.terms.iter().find(|term| term.0 == symbol).map_or(Number::ZERO, |term| term.1)
    }

    pub fn plus(&self, other: &Form) -> Option<Form> {
        let constant = self.constant.checked_add(other.constant)?;
        self.merged(other, constant, |one, two| one.checked_add(two))
    }

    pub fn minus(&self, other: &Form) -> Option<Form> {
        let constant = self.constant.checked_sub(other.constant)?;
        self.merged(other, constant, |one, two| one.checked_sub(two))
    }

    pub fn plus_number(&self, number: impl Into<Number>) -> Option<Form> {
        Some(Form { constant: self.constant.checked_add(number)?, ..self.clone() })
    }

    pub fn times(&self, factor: impl Into<Number>) -> Option<Form> {
        let factor = factor.into();
        let mut product = Form::number(self.constant.checked_mul(factor)?);
        if !self.terms.is_empty() && factor != 0 {
            for (symbol, coefficient) in &self.terms {
                product.terms.push((*symbol, coefficient.checked_mul(factor)?));
            }
        }
        Some(product)
    }

    /// `factor * self + other_factor * other`
    pub fn combined(&self, factor: Number, other: &Form, other_factor: Number) -> Option<Form> {
        let sum =
            |one: Number, two: Number| one.checked_mul(factor)?.checked_add(two.checked_mul(other_factor)?);
        self.merged(other, sum(self.constant, other.constant)?, sum)
    }

    /// The form with this constant, and coefficients made of those of both.
    fn merged(
        &self,
        other: &Form,
        constant: Number,
        coefficient: impl Fn(Number, Number) -> Option<Number>,
    ) -> Option<Form> {
        let mut result = Form::number(constant);
        let (mut left, mut right) = (&self.terms[..], &other.terms[..]);
        loop {
            let symbol = match (left.first(), right.first()) {
                (Some((one, _)), Some((two, _))) => *one.min(two),
                (Some((symbol, _)), None) | (None, Some((symbol, _))) => *symbol,
                (None, None) => return Some(result),
            };
            let sum = coefficient(taken(&mut left, symbol), taken(&mut right, symbol))?;
            if sum != 0 {
                result.terms.push((symbol, sum));
            }
        }
    }
}

/// Takes the first term away, if it is of this symbol; its coefficient, or zero.
fn taken(terms: &mut &[Term], symbol: Symbol) -> Number {
    match *terms {
        [(first, coefficient), rest @ ..] if *first == symbol => {
            *terms = rest;
            *coefficient
        }
        _ => Number::ZERO,
    }
}
