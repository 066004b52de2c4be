//! `Variants`: one kernel with more or fewer of its checks, and which of these each launch runs.

use super::kernels::Compiled;
use crate::error::Result;
use crate::kernel::{
    Argument, CheckSet, Checks, KernelObject, LaunchNumbers, LaunchShape, Reached, Source, Touched,
    TouchedArguments, safe_code,
};
use crate::trace::CheckCount;
use once_cell::sync::OnceCell;
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// How many sets of checks a kernel is built for, beside the one of all checks.
const MOST_SETS: usize = 8;
/// For how many launches that differ in their numbers it is remembered what they run.
const REMEMBERED: usize = 256;

/// What a launch runs.
pub(crate) struct Chosen {
    /// The kernel with the checks that the launch needs.
    pub compiled: Arc<Compiled>,
    /// What the launch touches, by captured argument; nothing of those that are not listed. `None` where that may be anything.
    pub reached: Option<ReachedArguments>,
    /// How many checks it does without, of how many.
    pub checks: CheckCount,
}

impl Chosen {
    /// A kernel of which falx knows nothing.
    pub(super) fn unknown(compiled: Arc<Compiled>) -> Self {
        Chosen { compiled, reached: None, checks: CheckCount::default() }
    }
}

/// What a launch touches of what its accessors see.
pub(crate) type ReachedArguments = SmallVec<[(usize, Reached); 4]>;

/// The extents of accessors are among the numbers of a launch, so this holds for every launch with the same.
pub(crate) fn reached(touched: &TouchedArguments, arguments: &[Argument]) -> ReachedArguments {
    let through = |(argument, touched): &(usize, Touched)| match &arguments[*argument] {
        Argument::Global { view, .. } => Some((*argument, touched.seen_through(view))),
        _ => None,
    };
    touched.iter().filter_map(through).collect()
}

/// A kernel with some of its checks; built when a launch needs just these.
struct Variant {
    source: Source,
    compiled: OnceCell<Arc<Compiled>>,
}

/// The numbers of a launch that decide what it runs.
#[inline]
fn numbers(bare: &Variant, object: &KernelObject<'_>, shape: &LaunchShape) -> LaunchNumbers {
    let mut numbers = bare.source.footprint.numbers(object.arguments, shape);
    numbers.push(u64::from(object.trusted));
    numbers
}

/// All variants of one kernel.
#[derive(Default)]
pub(super) struct Variants {
    /// The code without checks of indices.
    bare: OnceCell<Arc<Variant>>,
    made: Mutex<Vec<(Checks, Arc<Variant>)>>,
    chosen: RwLock<FxHashMap<LaunchNumbers, Arc<Chosen>>>,
    /// When it was last asked for, as the number of such questions before.
    pub last_used: AtomicU64,
    /// How often it served a range of whole work-groups, though it was built for padded ones.
    pub n_whole_ranges: AtomicU64,
}

impl Variants {
    /// The kernel with the checks that a launch needs; none of indices, if the kernel is trusted. `explain` is called for a
    /// launch that has not been seen before, with the code that has no checks of indices.
    ///
    /// # Errors
    /// Those of `lower` and `compile`, which make what is missing.
    pub fn choose(
        &self,
        object: &KernelObject<'_>,
        shape: &LaunchShape,
        lower: impl Fn(&Checks) -> Result<Source>,
        compile: impl Fn(&Source) -> Result<Arc<Compiled>>,
        explain: impl Fn(&Source),
    ) -> Result<Arc<Chosen>> {
        let bare = self.bare.get_or_try_init(|| self.variant(Checks::Only(CheckSet::default()), &lower))?;
        if let Some(chosen) = self.known(object, shape) {
            return Ok(chosen);
        }
        explain(&bare.source);
        let examine = |variant: &Arc<Variant>| {
            variant.source.footprint.examine(object.arguments, shape, object.trusted)
        };
        let (variant, touched) = safe_code(bare.clone(), examine, |checks| self.variant(checks, &lower))?;
        let compiled = variant.compiled.get_or_try_init(|| compile(&variant.source))?.clone();
        let count = |source: &Source| source.footprint.left_out().len() as u64;
        let checks = CheckCount { all: count(&bare.source), needless: count(&variant.source) };
        let reached = touched.map(|touched| reached(&touched, object.arguments));
        let made = Arc::new(Chosen { compiled, reached, checks });
        let mut chosen = self.chosen.write();
        if chosen.len() >= REMEMBERED {
            chosen.clear();
        }
        chosen.insert(numbers(bare, object, shape), made.clone());
        Ok(made)
    }

    /// What an earlier launch with the same numbers ran.
    pub fn known(&self, object: &KernelObject<'_>, shape: &LaunchShape) -> Option<Arc<Chosen>> {
        let numbers = numbers(self.bare.get()?, object, shape);
        self.chosen.read().get(&numbers).cloned()
    }

    fn variant(&self, checks: Checks, lower: impl Fn(&Checks) -> Result<Source>) -> Result<Arc<Variant>> {
        let mut made = self.made.lock();
        let is_full = made.len() >= MOST_SETS;
        let known =
            |checks: &Checks| made.iter().find(|(known, _)| known == checks).map(|made| made.1.clone());
        if let Some(variant) = known(&checks) {
            return Ok(variant);
        }
        let checks = if is_full { Checks::All } else { checks };
        if let Some(variant) = known(&checks) {
            return Ok(variant);
        }
        let variant = Arc::new(Variant { source: lower(&checks)?, compiled: OnceCell::new() });
        made.push((checks, variant.clone()));
        Ok(variant)
    }
}
