//! What the tree does not show: the same program with impl blocks, traits and generics in the place of plain functions and operators.

use super::{Printer, token};
use crate::program::{BinaryOperator, Expression, Function, Kind, Local, Program, Scalar, Type};
use crate::random::Random;
use std::cell::RefCell;

/// What the rewritten operators call.
pub const GENERIC: &str = "
mod generic {
    use falx::num::Number;
    use falx::prelude::*;
    use std::ops::{Add, Mul, Sub};

    #[device]
    #[derive(Clone, Copy, Debug)]
    pub struct Wrapped<T> {
        inner: T,
    }
    #[device]
    impl<T: Number> Wrapped<T> {
        pub fn of(inner: T) -> Self {
            Self { inner }
        }
        pub fn inner(&self) -> T {
            self.inner
        }
        pub fn with(mut self, other: T, f: impl Fn(T, T) -> T) -> Self {
            self.set(f(self.inner, other));
            self
        }
        pub fn set(&mut self, inner: T) {
            self.inner = inner;
        }
    }
    #[device]
    impl<T: Number> Add for Wrapped<T> {
        type Output = Self;
        fn add(self, other: Self) -> Self {
            Self::of(self.inner + other.inner)
        }
    }
    #[device]
    impl<T: Number> Sub for Wrapped<T> {
        type Output = Self;
        fn sub(self, other: Self) -> Self {
            Self { inner: self.inner - other.inner }
        }
    }
    #[device]
    impl<T: Number> Mul<T> for Wrapped<T> {
        type Output = Wrapped<T>;
        fn mul(self, other: T) -> Wrapped<T> {
            Wrapped { inner: self.inner * other, ..self }
        }
    }

    #[device]
    pub trait Operation<T> {
        const TURNS: bool = false;
        fn of_two(left: T, right: T) -> T;
        fn applied(&self, left: T, right: T) -> T {
            Self::of_two(left, right)
        }
    }
    #[device]
    #[derive(Clone, Copy, Debug)]
    pub struct Plus;
    #[device]
    #[derive(Clone, Copy, Debug)]
    pub struct Minus;
    #[device]
    #[derive(Clone, Copy, Debug)]
    pub struct Times;
    #[device]
    impl<T: Number> Operation<T> for Plus {
        fn of_two(left: T, right: T) -> T {
            left + right
        }
    }
    #[device]
    impl<T: Number> Operation<T> for Minus {
        const TURNS: bool = true;
        fn of_two(left: T, right: T) -> T {
            right - left
        }
    }
    #[device]
    impl<T: Number> Operation<T> for Times {
        fn of_two(left: T, right: T) -> T {
            T::ONE * left * right
        }
        fn applied(&self, left: T, right: T) -> T {
            left * right
        }
    }
    #[device]
    pub fn applied<T: Number, O: Operation<T>>(operation: O, left: T, right: T) -> T {
        if O::TURNS { operation.applied(right, left) } else { operation.applied(left, right) }
    }

    #[device]
    pub fn added<T: Add<Output = T> + Copy>(left: T, right: T) -> T {
        left + right
    }
    #[device]
    pub fn element<T: Copy, const N: usize>(of: [T; N], at: usize) -> T {
        of[at]
    }
    #[device]
    pub fn filled<T: Copy, const N: usize>(value: T) -> [T; N] {
        [value; N]
    }
}
";

/// As what a function is written.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Free,
    /// Of a struct without fields.
    Associated,
    /// Of the type of its second parameter.
    Method,
    /// The same of a trait.
    Trait,
    /// The same, called by a generic function.
    Generic,
}

/// How a program is written.
pub struct Dress {
    random: RefCell<Random>,
    forms: Vec<Form>,
}

impl Dress {
    pub fn new(program: &Program, seed: u64) -> Self {
        let mut random = Random::of(seed);
        let forms = program.functions.iter().map(|function| {
            let forms: &[Form] = match receiver(function) {
                Some(Type::Declared(_)) => {
                    &[Form::Method, Form::Method, Form::Trait, Form::Generic, Form::Free]
                }
                Some(_) => &[Form::Trait, Form::Generic, Form::Free],
                None => &[Form::Associated, Form::Free],
            };
            *random.pick(forms)
        });
        let forms = forms.collect();
        Dress { random: RefCell::new(random), forms }
    }

    fn below(&self, n: usize) -> usize {
        self.random.borrow_mut().below(n)
    }
}

/// The type of a function's second parameter, if it can have methods; the first is always a number. What stands before it in a
/// call does nothing, so that it may be evaluated first.
fn receiver(function: &Function) -> Option<&Type> {
    let ty = match &function.parameters.get(1)?.1 {
        Type::Reference(to, _) => to,
        ty => ty,
    };
    let has_methods = match ty {
        Type::Scalar(scalar) => *scalar != Scalar::Bool,
        Type::Array(..) => true,
        Type::Declared(of) => !of.is_option(),
        _ => false,
    };
    has_methods.then_some(ty)
}

impl Printer<'_> {
    fn form(&self, number: usize) -> Form {
        self.dress.map_or(Form::Free, |dress| dress.forms[number])
    }

    /// The variable that is called `self`.
    pub fn receiver(&self, number: usize) -> Option<Local> {
        let is_method = !matches!(self.form(number), Form::Free | Form::Associated);
        let function = self.function.filter(|_| is_method)?;
        function.parameters.get(1).map(|(local, _)| *local)
    }

    /// A function of which there are the parameters, the result with its arrow, and the body.
    pub fn function(&self, number: usize, parameters: Vec<String>, result: &str, body: &str) -> String {
        let name = format!("f{number}");
        let free = |list: &str| format!("fn {name}({list}){result} {body}\n");
        let second = self.function.map(|function| &function.parameters[1..]).and_then(|them| them.first());
        let form = self.form(number);
        let Some((_, ty)) = second.filter(|_| !matches!(form, Form::Free | Form::Associated)) else {
            let free = free(&parameters.join(", "));
            return match form {
                Form::Associated => format!(
                    "#[device]\n#[derive(Clone, Copy)]\nstruct Holder{number};\n\n#[device]\nimpl Holder{number} {{\n{free}}}\n\n"
                ),
                _ => format!("#[device]\n{free}\n"),
            };
        };
        let (this, of, generic) = match ty {
            Type::Reference(to, true) => ("&mut self", to.rust(), "&mut X"),
            Type::Reference(to, false) => ("&self", to.rust(), "&X"),
            ty => ("self", ty.rust(), "X"),
        };
        let n_accessors = self.function.map_or(0, |function| function.accessors.len());
        let mut others = parameters;
        others.remove(n_accessors + 1);
        let list = [vec![this.to_owned()], others.clone()].concat().join(", ");
        let item = free(&list);
        if form == Form::Method {
            return format!("#[device]\nimpl {of} {{\n{item}}}\n\n");
        }
        let mut text = format!(
            "#[device]\ntrait Trait{number} {{\nfn {name}({list}){result};\n}}\n\n#[device]\nimpl Trait{number} for {of} {{\n{item}}}\n\n"
        );
        if form == Form::Generic {
            let names: Vec<&str> = others.iter().filter_map(|other| other.split(':').next()).collect();
            text.push_str(&format!(
                "#[device]\nfn g{number}<X: Trait{number}>(x: {generic}, {}){result} {{\nx.{name}({})\n}}\n\n",
                others.join(", "),
                names.join(", ")
            ));
        }
        text
    }

    /// A call of a function with accessors and arguments.
    pub fn function_call(&self, number: usize, accessors: &[usize], arguments: &[Expression]) -> String {
        let accessors = accessors.iter().map(|accessor| self.accessor(*accessor));
        let mut list: Vec<String> =
            accessors.chain(arguments.iter().map(|argument| self.expression(argument))).collect();
        let form = self.form(number);
        if matches!(form, Form::Free | Form::Associated) {
            let holder = if form == Form::Associated { format!("Holder{number}::") } else { String::new() };
            return format!("{holder}f{number}({})", list.join(", "));
        }
        let first = list.remove(list.len() - arguments.len() + 1);
        if form == Form::Generic {
            return format!("g{number}({first}, {})", list.join(", "));
        }
        let receiver = match &arguments[1].kind {
            Kind::Borrow(value) => self.as_place().operand(value),
            _ => self.operand(&arguments[1]),
        };
        format!("{receiver}.f{number}({})", list.join(", "))
    }

    /// An operator of numbers as a call, now and then.
    pub fn operator_call(&self, operator: BinaryOperator, pair: &[Expression; 2]) -> Option<String> {
        let dress = self.dress.filter(|_| !self.is_place)?;
        let is_of_numbers = pair[0].ty == pair[1].ty && pair[0].ty != Type::Scalar(Scalar::Bool);
        let scalar = pair[0].ty.scalar().filter(|_| is_of_numbers)?;
        let name = match operator {
            BinaryOperator::Add => "Plus",
            BinaryOperator::Subtract => "Minus",
            BinaryOperator::Multiply => "Times",
            _ => return None,
        };
        let choice = dress.below(8);
        let [left, right] = [&pair[0], &pair[1]].map(|side| self.expression(side));
        let ty = scalar.rust_name();
        Some(match (choice, operator) {
            (0, BinaryOperator::Add) => format!("added({left}, {right})"),
            (0 | 1, BinaryOperator::Multiply) => format!("(Wrapped::of({left}) * ({right})).inner()"),
            (0 | 1, _) => {
                format!("(Wrapped::of({left}) {} Wrapped::of({right})).inner()", token(operator))
            }
            (2, _) => {
                let sign = token(operator);
                format!("Wrapped::<{ty}>::of({left}).with({right}, |a, b| a {sign} b).inner()")
            }
            (3, _) => format!("applied({name}, {left}, {right})"),
            _ => return None,
        })
    }

    /// A method, a cast or a comparison by what the standard library has for it, now and then.
    pub fn standard_call(&self, expression: &Expression) -> Option<String> {
        // Of calls the macros do not know whether all work-items of a group get the same, as they must where they decide about barriers.
        let decides = self.program.tile.is_some() && self.function.is_none();
        let dress = self.dress.filter(|_| !self.is_place && !decides)?;
        let is_integer = |it: &Expression| it.ty.scalar().is_some_and(Scalar::is_integer);
        let text = match &expression.kind {
            Kind::Method(name @ ("min" | "max"), operands, _) if is_integer(&operands[0]) => {
                format!("std::cmp::{name}({})", self.list(operands))
            }
            Kind::Cast(value) if is_widening(value.ty.scalar()?, expression.ty.scalar()?) => {
                format!("{}::from({})", expression.ty.rust(), self.expression(value))
            }
            Kind::Binary(operator, pair, _) if is_integer(&pair[0]) => {
                let [left, right] = [&pair[0], &pair[1]].map(|side| self.operand(side));
                format!("{left}.cmp(&{right}){}", order_asked(*operator)?)
            }
            Kind::Binary(operator, pair, _)
                if matches!(pair[0].ty, Type::Scalar(Scalar::F32 | Scalar::F64)) =>
            {
                let ([left, right], asked) =
                    ([&pair[0], &pair[1]].map(|side| self.operand(side)), order_asked(*operator)?);
                format!("{left}.partial_cmp(&{right}).is_some_and(|order| order{asked})")
            }
            _ => return None,
        };
        (dress.below(4) == 0).then_some(text)
    }

    /// `element(array, index)`, now and then.
    pub fn element_call(&self, pair: &[Expression; 2]) -> Option<String> {
        let is_array = !self.is_place && matches!(pair[0].ty, Type::Array(..));
        let chosen = is_array && self.dress?.below(4) == 0;
        chosen.then(|| format!("element({}, {})", self.expression(&pair[0]), self.expression(&pair[1])))
    }

    /// `filled::<T, N>(value)`, now and then.
    pub fn filled_call(&self, value: &Expression, length: usize) -> Option<String> {
        let chosen = self.dress?.below(3) == 0;
        chosen.then(|| format!("filled::<{}, {length}>({})", value.ty.rust(), self.expression(value)))
    }
}

/// What is asked of the order of two numbers.
fn order_asked(operator: BinaryOperator) -> Option<&'static str> {
    Some(match operator {
        BinaryOperator::Less => ".is_lt()",
        BinaryOperator::LessOrEqual => ".is_le()",
        BinaryOperator::Greater => ".is_gt()",
        BinaryOperator::GreaterOrEqual => ".is_ge()",
        BinaryOperator::Equal => ".is_eq()",
        _ => return None,
    })
}

/// Whether Rust has `To::from(x)` for numbers of a type.
fn is_widening(from: Scalar, to: Scalar) -> bool {
    let is_of_size = |scalar| matches!(scalar, Scalar::Usize | Scalar::Isize);
    match (from, to) {
        (Scalar::F32, Scalar::F64) => true,
        (Scalar::Bool, to) => to.is_integer(),
        (from, to) if !from.is_integer() || is_of_size(from) || to == Scalar::F16 => false,
        (from, Scalar::F32 | Scalar::F64) => 2 * from.bits() <= to.bits(),
        (from, Scalar::Usize) => !from.is_signed() && from.bits() <= 16,
        (from, Scalar::Isize) => from == Scalar::U8 || from.is_signed() && from.bits() <= 16,
        (from, to) => to.is_integer() && from.bits() < to.bits() && (to.is_signed() || !from.is_signed()),
    }
}
