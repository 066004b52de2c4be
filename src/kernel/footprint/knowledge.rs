//! What is known of symbols at one place of the code: between which numbers each lies, and which sums are not negative.

use super::form::{Form, Symbol, Term};
use super::number::Number;
use crate::kernel::types::Scalar;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cell::Cell;
use std::rc::Rc;

/// What follows from a condition: forms that are not negative.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Truth {
    /// If it holds.
    pub holds: Forms,
    /// If it does not.
    pub fails: Forms,
}

/// A few forms that are not negative.
pub(super) type Forms = SmallVec<[Form; 2]>;

/// The numbers between which something lies, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub least: Number,
    pub most: Number,
}

impl Bounds {
    pub fn new(least: impl Into<Number>, most: impl Into<Number>) -> Self {
        Bounds { least: least.into(), most: most.into() }
    }

    pub fn hull(self, other: Bounds) -> Bounds {
        Bounds { least: self.least.min(other.least), most: self.most.max(other.most) }
    }

    pub fn common(self, other: Bounds) -> Bounds {
        Bounds { least: self.least.max(other.least), most: self.most.min(other.most) }
    }

    pub fn contains(self, other: Bounds) -> bool {
        self.least <= other.least && other.most <= self.most
    }
}

/// What a symbol stands for that is the result of an operation: equal operands give the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Made {
    /// The first as a number of a type.
    Wrapped(Scalar),
    Quotient,
    Remainder,
    Product,
    And,
    Or,
    Xor,
    Named(&'static str),
}

type Making = (Made, Form, Form);

/// Everything known at one place. What is learnt for a part of the code is forgotten behind it.
#[derive(Default)]
pub(super) struct Knowledge {
    bounds: Vec<Bounds>,
    /// Sums of several symbols that are not negative.
    facts: Vec<Form>,
    /// Results of operations; their bounds hold where they were made, so that they are forgotten as the rest.
    made: FxHashMap<Making, Symbol>,
    made_in_order: Vec<Making>,
    /// Bounds before they were narrowed.
    narrowed: Vec<(Symbol, Bounds)>,
    /// Symbols that are 1 where something holds, and 0 where it does not.
    flags: FxHashMap<Symbol, Rc<Truth>>,
    /// What follows of flags that are known by now.
    flagged: Vec<Form>,
    /// Whether what is known contradicts itself, so that no work-item comes here.
    is_impossible: bool,
    /// How many steps all proofs took so far.
    n_steps: Cell<usize>,
}

/// A state to go back to.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    facts: usize,
    made: usize,
    narrowed: usize,
    is_impossible: bool,
}

/// How many facts one proof may use, and how many attempts it may take.
const PROOF_DEPTH: usize = 4;
const PROOF_ATTEMPTS: usize = 120;

impl Knowledge {
    /// A number of which nothing is known but its bounds.
    pub fn fresh(&mut self, bounds: Bounds) -> Symbol {
        self.bounds.push(bounds);
        self.bounds.len() as Symbol - 1
    }

    /// A condition as a number.
    pub fn flag(&mut self, truth: Rc<Truth>) -> Symbol {
        let symbol = self.fresh(Bounds::new(0, 1));
        self.flags.insert(symbol, truth);
        symbol
    }

    /// The result of an operation, and whether it is new.
    pub fn made(&mut self, made: Made, left: &Form, right: &Form, bounds: Bounds) -> (Form, bool) {
        let making = (made, left.clone(), right.clone());
        if let Some(known) = self.made.get(&making).copied() {
            self.narrow_to(known, bounds);
            return (Form::symbol(known), false);
        }
        let symbol = self.fresh(bounds);
        self.made.insert(making.clone(), symbol);
        self.made_in_order.push(making);
        (Form::symbol(symbol), true)
    }

    pub fn mark(&self) -> Mark {
        Mark {
            facts: self.facts.len(),
            made: self.made_in_order.len(),
            narrowed: self.narrowed.len(),
            is_impossible: self.is_impossible,
        }
    }

    /// Forgets what was learnt since.
    pub fn back_to(&mut self, mark: Mark) {
        self.is_impossible = mark.is_impossible;
        self.flagged.clear();
        self.facts.truncate(mark.facts);
        for making in self.made_in_order.drain(mark.made..) {
            self.made.remove(&making);
        }
        while self.narrowed.len() > mark.narrowed {
            if let Some((symbol, bounds)) = self.narrowed.pop() {
                self.bounds[symbol as usize] = bounds;
            }
        }
    }

    /// Takes for known that a form is not negative. `None` is a form that is too large to say anything.
    pub fn learn(&mut self, form: Option<Form>) {
        if let Some(form) = form {
            self.learn_all(&[form]);
        }
    }

    /// Takes for known that forms are not negative.
    pub fn learn_all(&mut self, forms: &[Form]) {
        forms.iter().for_each(|form| self.learn_one(form));
        while let Some(form) = self.flagged.pop() {
            self.learn_one(&form);
        }
    }

    fn learn_one(&mut self, form: &Form) {
        self.is_impossible |= form.as_number().is_some_and(|number| number < 0);
        let is_narrowed = self.narrow(form);
        if form.terms().len() > 1 && !self.facts.contains(form) {
            self.facts.push(form.clone());
        }
        if is_narrowed {
            let facts = std::mem::take(&mut self.facts);
            facts.iter().for_each(|fact| _ = self.narrow(fact));
            self.facts = facts;
        }
    }

    /// Narrows the bounds of each symbol of a form that is not negative; gives whether any were.
    fn narrow(&mut self, form: &Form) -> bool {
        let mut is_narrowed = false;
        for &(symbol, coefficient) in form.terms() {
            // coefficient * symbol >= -rest, and so it is for the largest rest.
            let Some(rest) = self.most_without(form, symbol) else { continue };
            let (least, most) = match coefficient > 0 {
                // The same as minus the rest, rounded up.
                true => (rest.floor(coefficient).checked_neg(), Some(Number::MAX)),
                false => {
                    (Some(Number::MIN), coefficient.checked_neg().map(|coefficient| rest.floor(coefficient)))
                }
            };
            let narrower = least.zip(most).map(|(least, most)| Bounds { least, most });
            is_narrowed |= narrower.is_some_and(|bounds| self.narrow_to(symbol, bounds));
        }
        is_narrowed
    }

    /// The most that a form may be without the term of a symbol, by the bounds of the others.
    fn most_without(&self, form: &Form, symbol: Symbol) -> Option<Number> {
        let others = form.terms().iter().filter(|term| term.0 != symbol);
        others.map(|term| self.ends(*term)).try_fold(form.constant, |sum, ends| sum.checked_add(ends?.most))
    }

    /// The bounds of a term by those of its symbol.
    fn ends(&self, (symbol, coefficient): Term) -> Option<Bounds> {
        let Bounds { least, most } = self.bounds[symbol as usize];
        let (least, most) = if coefficient > 0 { (least, most) } else { (most, least) };
        Some(Bounds { least: least.checked_mul(coefficient)?, most: most.checked_mul(coefficient)? })
    }

    /// Narrows the bounds of a symbol; gives whether they were wider.
    fn narrow_to(&mut self, symbol: Symbol, bounds: Bounds) -> bool {
        let known = self.bounds[symbol as usize];
        let common = known.common(bounds);
        if common == known {
            return false;
        }
        self.narrowed.push((symbol, known));
        self.bounds[symbol as usize] = common;
        self.is_impossible |= common.least > common.most;
        if common.least == common.most
            && let Some(truth) = self.flags.get(&symbol)
        {
            let follows = if common.least == 1 { &truth.holds } else { &truth.fails };
            self.flagged.extend(follows.iter().cloned());
        }
        true
    }

    /// The bounds of a form by those of its symbols alone.
    pub fn interval(&self, form: &Form) -> Option<Bounds> {
        let mut sum = Bounds::new(form.constant, form.constant);
        for term in form.terms() {
            let Bounds { least, most } = self.ends(*term)?;
            sum = Bounds::new(sum.least.checked_add(least)?, sum.most.checked_add(most)?);
        }
        Some(sum)
    }

    /// The bounds of a form, also by what is known of its symbols together.
    pub fn bounds(&self, form: &Form) -> Option<Bounds> {
        let mut bounds = self.interval(form)?;
        if form.terms().len() > 1 {
            bounds.least = bounds.least.max(self.least_by_facts(form).unwrap_or(Number::MIN));
            let most = form.times(-1).and_then(|negative| self.least_by_facts(&negative));
            bounds.most = bounds.most.min(most.and_then(Number::checked_neg).unwrap_or(Number::MAX));
        }
        Some(bounds)
    }

    /// The best bound that a single fact gives.
    fn least_by_facts(&self, form: &Form) -> Option<Number> {
        let steps = form.terms().iter().flat_map(|term| self.steps(form, *term));
        steps
            .filter_map(|(rest, divisor)| self.interval(&rest)?.least.ceiling(divisor))
            .reduce(|one, two| one.max(two))
    }

    /// Ways to bound a form from below by another: `form >= rest / divisor`, where the rest lacks the symbol of a term.
    fn steps(&self, form: &Form, (symbol, coefficient): Term) -> impl Iterator<Item = (Form, Number)> {
        self.facts.iter().rev().filter_map(move |fact| {
            let known = fact.coefficient(symbol);
            if known == 0 || (known > 0) != (coefficient > 0) {
                return None;
            }
            // |known| * form = |coefficient| * fact + rest, and the fact is not negative.
            let rest =
                form.combined(known.checked_abs()?, fact, coefficient.checked_abs()?.checked_neg()?)?;
            Some((rest, known.checked_abs()?))
        })
    }

    /// How many steps all proofs took so far.
    pub fn n_steps(&self) -> usize {
        self.n_steps.get()
    }

    /// Whether no work-item comes here.
    pub fn is_impossible(&self) -> bool {
        self.is_impossible
    }

    /// Whether a form is never negative, as far as that is found.
    pub fn is_never_negative(&self, form: Option<Form>) -> bool {
        if self.is_impossible {
            return true;
        }
        let Some(form) = form else { return false };
        match self.interval(&form) {
            Some(bounds) if bounds.least >= 0 => return true,
            Some(bounds) if bounds.most >= 0 && form.terms().len() > 1 => {}
            _ => return false,
        }
        (1..=PROOF_DEPTH).any(|depth| {
            let mut attempts = PROOF_ATTEMPTS;
            self.proves(&form, depth, &mut attempts)
        })
    }

    fn proves(&self, form: &Form, depth: usize, attempts: &mut usize) -> bool {
        let Some(Bounds { least, most }) = self.interval(form) else { return false };
        if least >= 0 {
            return true;
        }
        if most < 0 || depth == 0 || *attempts == 0 {
            return false;
        }
        *attempts -= 1;
        self.n_steps.set(self.n_steps.get() + 1);
        form.terms().iter().rev().any(|term| {
            self.steps(form, *term).any(|(rest, divisor)| {
                // Whole numbers above -1 are not negative: rest > -divisor is enough.
                rest.plus_number(divisor - 1).is_some_and(|rest| self.proves(&rest, depth - 1, attempts))
            })
        })
    }
}
