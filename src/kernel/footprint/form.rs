//! Sums of symbols: `constant + coefficient * symbol + ..`, over whole numbers of any size.

use smallvec::SmallVec;

/// Stands for one number of one work-item: an id, a counter, something that was loaded.
pub(super) type Symbol = u32;

/// A sum of symbols. Operations give `None` where a number leaves 128 bits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Form {
    pub constant: i128,
    /// Ordered by symbol, each once; no coefficient is zero.
    terms: SmallVec<[(Symbol, i128); 3]>,
}

impl Form {
    pub fn number(constant: i128) -> Self {
        Form { constant, terms: SmallVec::new() }
    }

    pub fn symbol(symbol: Symbol) -> Self {
        Form { constant: 0, terms: SmallVec::from_slice(&[(symbol, 1)]) }
    }

    pub fn terms(&self) -> &[(Symbol, i128)] {
        &self.terms
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<i128> {
        self.terms.is_empty().then_some(self.constant)
    }

    pub fn coefficient(&self, symbol: Symbol) -> i128 {
        let found = self.terms.binary_search_by_key(&symbol, |term| term.0);
        found.map_or(0, |position| self.terms[position].1)
    }

    pub fn plus(&self, other: &Form) -> Option<Form> {
        self.combined(1, other, 1)
    }

    pub fn minus(&self, other: &Form) -> Option<Form> {
        self.combined(1, other, -1)
    }

    pub fn plus_number(&self, number: i128) -> Option<Form> {
        Some(Form { constant: self.constant.checked_add(number)?, terms: self.terms.clone() })
    }

    pub fn times(&self, factor: i128) -> Option<Form> {
        self.combined(factor, &Form::default(), 0)
    }

    /// `factor * self + other_factor * other`
    pub fn combined(&self, factor: i128, other: &Form, other_factor: i128) -> Option<Form> {
        let sum = |one: i128, two: i128| one.checked_mul(factor)?.checked_add(two.checked_mul(other_factor)?);
        let mut result = Form::number(sum(self.constant, other.constant)?);
        let (mut left, mut right) = (self.terms.iter().peekable(), other.terms.iter().peekable());
        loop {
            let symbol = match (left.peek(), right.peek()) {
                (Some((one, _)), Some((two, _))) => *one.min(two),
                (Some((symbol, _)), None) | (None, Some((symbol, _))) => *symbol,
                (None, None) => return Some(result),
            };
            let one = left.next_if(|term| term.0 == symbol).map_or(0, |term| term.1);
            let two = right.next_if(|term| term.0 == symbol).map_or(0, |term| term.1);
            let coefficient = sum(one, two)?;
            if coefficient != 0 {
                result.terms.push((symbol, coefficient));
            }
        }
    }
}
