//! Sums of symbols: `constant + coefficient * symbol + ..`, over whole numbers of any size.

use smallvec::SmallVec;

/// Stands for one number of one work-item: an id, a counter, something that was loaded.
pub(super) type Symbol = u32;

/// A sum of symbols. Operations give `None` where a number leaves 128 bits, or a coefficient 64.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Form {
    pub constant: i128,
    /// Ordered by symbol, each once; no coefficient is zero.
    terms: SmallVec<[(Symbol, i64); 3]>,
}

impl Clone for Form {
    fn clone(&self) -> Self {
        Form { constant: self.constant, terms: SmallVec::from_slice(&self.terms) }
    }
}

impl Form {
    pub fn number(constant: i128) -> Self {
        Form { constant, terms: SmallVec::new() }
    }

    pub fn symbol(symbol: Symbol) -> Self {
        Form { constant: 0, terms: SmallVec::from_slice(&[(symbol, 1)]) }
    }

    pub fn terms(&self) -> &[(Symbol, i64)] {
        &self.terms
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<i128> {
        self.terms.is_empty().then_some(self.constant)
    }

    pub fn coefficient(&self, symbol: Symbol) -> i64 {
        self.terms.iter().find(|term| term.0 == symbol).map_or(0, |term| term.1)
    }

    pub fn plus(&self, other: &Form) -> Option<Form> {
        let constant = self.constant.checked_add(other.constant)?;
        self.merged(other, constant, i64::checked_add)
    }

    pub fn minus(&self, other: &Form) -> Option<Form> {
        let constant = self.constant.checked_sub(other.constant)?;
        self.merged(other, constant, i64::checked_sub)
    }

    pub fn plus_number(&self, number: i128) -> Option<Form> {
        Some(Form { constant: self.constant.checked_add(number)?, ..self.clone() })
    }

    pub fn times(&self, factor: i128) -> Option<Form> {
        let mut product = Form::number(scaled(self.constant, factor)?);
        if factor != 0 && !self.terms.is_empty() {
            let factor = i64::try_from(factor).ok()?;
            for (symbol, coefficient) in &self.terms {
                product.terms.push((*symbol, coefficient.checked_mul(factor)?));
            }
        }
        Some(product)
    }

    /// `factor * self + other_factor * other`
    pub fn combined(&self, factor: i64, other: &Form, other_factor: i64) -> Option<Form> {
        let constant = scaled(self.constant, i128::from(factor))?;
        let constant = constant.checked_add(scaled(other.constant, i128::from(other_factor))?)?;
        self.merged(other, constant, |one, two| {
            one.checked_mul(factor)?.checked_add(two.checked_mul(other_factor)?)
        })
    }

    /// The form with this constant, and coefficients made of those of both.
    fn merged(
        &self,
        other: &Form,
        constant: i128,
        coefficient: impl Fn(i64, i64) -> Option<i64>,
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
fn taken(terms: &mut &[(Symbol, i64)], symbol: Symbol) -> i64 {
    match *terms {
        [(first, coefficient), rest @ ..] if *first == symbol => {
            *terms = rest;
            *coefficient
        }
        _ => 0,
    }
}

/// A product, without the cost of 128 bits where 64 do.
pub(super) fn scaled(number: i128, factor: i128) -> Option<i128> {
    match (i64::try_from(number), i64::try_from(factor)) {
        (Ok(number), Ok(factor)) => Some(i128::from(number) * i128::from(factor)),
        _ => number.checked_mul(factor),
    }
}
