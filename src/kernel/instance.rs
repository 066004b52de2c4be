//! Instances of device functions: turns what rustc inferred at a call into the tree, types and constants of the callee.
//!
//! A call ties a witness to the type [`Instance`], which names the function and its generic arguments. Whoever has the
//! witness can ask for the instance's [`Definition`]; nothing is described before it is asked for, so that functions may
//! name each other in a circle. Never lowers anything.

use super::source::Constant;
use super::tree::Function;
use super::types::{DeviceType, Type, Witness, WitnessList};
use std::any::TypeId;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// The type of one instance of a `#[device] fn`: the type that stands beside the function, and its generic arguments.
pub struct Instance<H, G>(PhantomData<fn() -> (H, G)>);

impl<H, G> Clone for Instance<H, G> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<H, G> Copy for Instance<H, G> {}

/// What `#[device]` puts beside a function: how to find what an instance of it is. `G` are the generic arguments.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be called in a kernel with these type arguments",
    label = "not a `#[device] fn` for these types"
)]
pub trait DeviceFunction<G>: 'static {
    /// The instance.
    fn definition() -> Definition;
}

/// An instance of a device function.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The function's tree.
    pub tree: &'static Function,
    /// The types of its witnesses.
    pub types: Vec<Type>,
    /// The values of its constants.
    pub constants: Vec<Constant>,
}

/// What a function learnt of itself instead of running.
#[derive(Clone, Debug)]
pub struct Learnt {
    /// The types of its witnesses.
    pub types: Vec<Type>,
    /// The values of its constants.
    pub constants: Vec<Constant>,
}

/// The types of a function's witnesses, and its constants.
pub fn learn<W: WitnessList, const C: usize>(witnesses: W, constants: [Constant; C]) -> Learnt {
    let _ = witnesses;
    let mut types = Vec::new();
    W::describe(&mut types);
    Learnt { types, constants: constants.into() }
}

/// The result of a function that was given its arguments.
#[inline(always)]
pub fn ran<R>(outcome: Result<R, Learnt>) -> R {
    match outcome {
        Ok(result) => result,
        Err(_) => unreachable!("a device function that has its arguments runs"),
    }
}

/// What a function that was given no arguments learnt.
pub fn learnt<R>(outcome: Result<R, Learnt>) -> Learnt {
    match outcome {
        Err(learnt) => learnt,
        Ok(_) => unreachable!("a device function without its arguments does not run"),
    }
}

impl Learnt {
    /// The definition of the instance that learnt this.
    pub fn of(self, tree: &'static Function) -> Definition {
        Definition { tree, types: self.types, constants: self.constants }
    }
}

/// Names an instance of a device function; leads to its definition.
#[derive(Clone, Copy, Debug)]
pub struct Callee {
    /// Tells instances apart.
    pub id: TypeId,
    /// Its definition.
    pub definition: fn() -> Definition,
}

impl PartialEq for Callee {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl Eq for Callee {}
impl Hash for Callee {
    fn hash<S: Hasher>(&self, state: &mut S) {
        self.id.hash(state);
    }
}

/// The name of the instance of `H` with the generic arguments `G`.
pub fn callee<H: DeviceFunction<G>, G: 'static>() -> Callee {
    Callee { id: TypeId::of::<Instance<H, G>>(), definition: H::definition }
}

#[diagnostic::do_not_recommend]
impl<H: DeviceFunction<G>, G: 'static> DeviceType for Instance<H, G> {
    type Erased = Self;
    fn describe() -> Type {
        Type::Function(callee::<H, G>())
    }
    fn zero() -> Self {
        Instance(PhantomData)
    }
}

/// What a call gives: the result, and which instance was called.
pub struct Called<R, I>(R, PhantomData<fn() -> I>);

impl<R, I> Called<R, I> {
    /// The result of a call of the instance `I`.
    #[inline(always)]
    pub fn new(result: R) -> Self {
        Called(result, PhantomData)
    }
}

impl<I: DeviceType> Witness<I> {
    /// Ties this witness to the called instance and hands on the result.
    #[inline(always)]
    pub fn called<R>(self, called: Called<R, I>) -> R {
        called.0
    }
}

macro_rules! constant_generics {
    ($($name:ident: $ty:ty;)*) => {
        /// Values of const generics as types, so that they can stand among the arguments of an [`Instance`].
        pub mod generic { $(
            #[doc = concat!("A `", stringify!($ty), "`.")]
            pub struct $name<const VALUE: $ty>;
        )* }
    };
}
constant_generics! {
    Bool: bool; Char: char; I8: i8; I16: i16; I32: i32; I64: i64; Isize: isize;
    U8: u8; U16: u16; U32: u32; U64: u64; Usize: usize;
}
