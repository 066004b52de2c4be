//! `Variants`: one kernel with more or fewer of its checks, and which of these each launch runs.

use super::kernels::Compiled;
use crate::error::Result;
use crate::kernel::{Argument, CheckSet, Checks, LaunchNumbers, LaunchShape, Source};
use once_cell::sync::OnceCell;
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// How many sets of checks a kernel is built for, beside the one of all checks.
const MOST_SETS: usize = 8;
/// For how many launches that differ in their numbers it is remembered what they run.
const REMEMBERED: usize = 256;

/// A kernel with some of its checks; built when a launch needs just these.
struct Variant {
    source: Source,
    compiled: OnceCell<Arc<Compiled>>,
}

/// All variants of one kernel.
#[derive(Default)]
pub(super) struct Variants {
    made: Mutex<Vec<(Checks, Arc<Variant>)>>,
    chosen: RwLock<FxHashMap<LaunchNumbers, Arc<Compiled>>>,
    /// When it was last asked for, as the number of such questions before.
    pub last_used: AtomicU64,
}

impl Variants {
    /// The kernel with the checks that a launch needs.
    ///
    /// # Errors
    /// Those of `lower` and `compile`, which make what is missing.
    pub fn choose(
        &self,
        arguments: &[Argument],
        shape: &LaunchShape,
        lower: impl Fn(&Checks) -> Result<Source>,
        compile: impl Fn(&Source) -> Result<Arc<Compiled>>,
    ) -> Result<Arc<Compiled>> {
        let mut needed = CheckSet::default();
        let mut variant = self.variant(Checks::Only(needed.clone()), &lower)?;
        let numbers = variant.source.footprint.numbers(arguments, shape);
        if let Some(chosen) = self.chosen.read().get(&numbers) {
            return Ok(chosen.clone());
        }
        loop {
            // The code that runs is the code of which it was shown that it may.
            let open = variant.source.footprint.open(arguments, shape);
            if open.is_empty() {
                break;
            }
            let n_known = needed.len();
            open.iter().for_each(|name| _ = needed.insert(name));
            let checks = if needed.len() > n_known { Checks::Only(needed.clone()) } else { Checks::All };
            variant = self.variant(checks, &lower)?;
        }
        let compiled = variant.compiled.get_or_try_init(|| compile(&variant.source))?.clone();
        let mut chosen = self.chosen.write();
        if chosen.len() >= REMEMBERED {
            chosen.clear();
        }
        chosen.insert(numbers, compiled.clone());
        Ok(compiled)
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
