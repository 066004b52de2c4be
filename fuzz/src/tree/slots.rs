//! The functions and types of the kernel that is being built, where trees find them by their numbers.

use falx::__private::{Callee, Definition, Type as DeviceType, tree};
use std::any::TypeId;
use std::sync::RwLock;

/// A function, and the types of its witnesses.
pub type Built = (&'static tree::Function, Vec<DeviceType>);

/// The functions of the program that is being lowered: trees name functions by a Rust function that finds them.
static FUNCTIONS: RwLock<Vec<Built>> = RwLock::new(Vec::new());
/// The types of its kernel's witnesses.
static TYPES: RwLock<Vec<DeviceType>> = RwLock::new(Vec::new());

/// The lock, also where a thread panicked that had it: each build begins anew.
fn held<G>(guard: std::sync::LockResult<G>) -> G {
    guard.unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Lets the kernel that is built next find its functions.
pub fn publish_functions(functions: Vec<Built>) {
    *held(FUNCTIONS.write()) = functions;
}

/// Lets the kernel that was built last find its types.
pub fn publish_types(Types(types): Types) {
    *held(TYPES.write()) = types;
}

/// The types of the kernel that was built last.
pub fn types(types: &mut Vec<DeviceType>) {
    types.extend(held(TYPES.read()).iter().cloned());
}

/// The function of that number.
pub fn callee(number: usize) -> Callee {
    SLOTS[number]()
}

/// The types of the witnesses of a tree, which names them by number.
#[derive(Default)]
pub struct Types(pub Vec<DeviceType>);

impl Types {
    /// The number of a type.
    pub fn number(&mut self, ty: DeviceType) -> tree::TypeRef {
        let position = self.0.iter().position(|known| *known == ty).unwrap_or_else(|| {
            self.0.push(ty);
            self.0.len() - 1
        });
        position as tree::TypeRef
    }
}

/// The most functions that a program may have.
pub const FUNCTION_LIMIT: usize = 4;
/// The most functions that a batch may have.
const SLOT_LIMIT: usize = 64;

/// Tells the functions apart.
struct Slot<const N: usize>;

fn definition<const N: usize>() -> Definition {
    let (tree, types) = held(FUNCTIONS.read())[N].clone();
    Definition { tree, types, constants: Vec::new() }
}
macro_rules! slots {
    ($($number:literal)*) => { [$(|| Callee { id: TypeId::of::<Slot<$number>>(), definition: definition::<$number> }),*] };
}
#[rustfmt::skip]
const SLOTS: [fn() -> Callee; SLOT_LIMIT] = slots!(
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
    32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
);
