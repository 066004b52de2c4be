//! `Kernels`: kernels lowered and built, one for each device, type instance, launch shape and constants.

use super::variants::{Chosen, Variants};
use crate::backend::{Lane, Program};
use crate::error::{Error, ErrorKind, Result};
use crate::kernel::{
    Beginnings, Checks, Code, Constant, KernelObject, LaunchShape, Overflow, SUB_GROUP_SIZE, ShapeKind,
    Source, Template, lower, tree,
};
use crate::platform::{Device, DeviceId, DeviceKind, MemoryId};
use once_cell::sync::OnceCell;
use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::any::TypeId;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A kernel built for one device.
pub(crate) struct Compiled {
    pub(crate) source: Source,
    pub(crate) program: Arc<Program>,
}

/// For how many values of its constants a kernel is kept, for each device and kind of launch: those it was last launched
/// with.
const KEPT_VALUES: usize = 64;

/// How often the kernel of padded ranges serves whole ones before there is one for these alone: a new range is no reason to build,
/// but that many launches are.
const OFTEN: u64 = 64;

/// What of a launch and its device is compiled in.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Form {
    shape: ShapeKind,
    overflow: Overflow,
    device_sub_groups: bool,
    native_sub_groups: bool,
    beginnings: Beginnings,
    is_whole: bool,
}

impl Form {
    fn of(object: &KernelObject<'_>, shape: &LaunchShape, overflow: Overflow, device: &Device) -> Self {
        let beginnings = object.beginnings();
        Form {
            shape: shape.kind,
            overflow,
            device_sub_groups: device.aspects().sub_groups_of_16,
            native_sub_groups: has_native_sub_groups(shape, device),
            // A device with a memory of its own may hold a part of a buffer alone.
            beginnings: if device.memory() == MemoryId::HOST { beginnings } else { Beginnings::Anywhere },
            is_whole: object.is_whole(shape),
        }
    }
}

/// Whether the device has sub-groups that are neighbours by their linear ids, as falx's are. OpenCL leaves that to the device.
/// Intel's CPU runtime makes them of the rows of a work-group, each by itself; of GPUs nobody has measured it.
fn has_native_sub_groups(shape: &LaunchShape, device: &Device) -> bool {
    let is_measured = shape.kind == ShapeKind::NdRange(1) || device.kind() == DeviceKind::Cpu;
    device.aspects().sub_groups_of_16 && is_measured && shape.has_runs_in_rows(SUB_GROUP_SIZE)
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    tree: *const tree::Kernel,
    instance: TypeId,
    form: Form,
    constants: SmallVec<[Constant; 2]>,
    device: DeviceId,
}

// SAFETY: the pointer is only compared; it leads to a `static`.
unsafe impl Send for Key {}
// SAFETY: as above.
unsafe impl Sync for Key {}

impl Key {
    fn of(object: &KernelObject<'_>, form: Form, device: DeviceId) -> Self {
        Key { tree: object.tree, instance: object.instance, form, constants: object.compiled_in(), device }
    }

    /// Whether both differ in nothing but the values of constants.
    fn is_other_value(&self, other: &Key) -> bool {
        let whole = |key: &Key| (key.tree, key.instance, key.form, key.device);
        whole(self) == whole(other)
    }
}

/// The kernel's name, its program, and the device.
type ForeignKey = (&'static str, String, Code, DeviceId);

/// Every kernel that was launched so far.
pub(crate) struct Kernels {
    built: RwLock<FxHashMap<Key, Arc<Variants>>>,
    foreign: RwLock<FxHashMap<ForeignKey, Arc<OnceCell<Arc<Chosen>>>>>,
    /// How often kernels with constants were asked for.
    asked: AtomicU64,
    /// What is to be done whenever a driver's compiler has run.
    compiled: fn(),
}

impl Kernels {
    /// No kernels so far; `compiled` is called whenever a driver's compiler has run.
    pub(crate) fn new(compiled: fn()) -> Self {
        Kernels { built: RwLock::default(), foreign: RwLock::default(), asked: AtomicU64::new(0), compiled }
    }

    /// The kernel as this launch needs it: without the checks that the launch's numbers make needless. Built at the
    /// first call, which may take long. If asked to, it says what is proven of each index.
    ///
    /// # Errors
    /// What lowering finds wrong, an aspect the device lacks, or a failure of the driver's compiler.
    pub(crate) fn get(
        &self,
        object: &KernelObject<'_>,
        shape: &LaunchShape,
        overflow: Overflow,
        explain: bool,
        lane: &dyn Lane,
    ) -> Result<Arc<Chosen>> {
        let form = Form::of(object, shape, overflow, lane.device());
        let mut key = Key::of(object, form, lane.device().id());
        if let Some(chosen) = self.known(&key, object, shape) {
            return Ok(chosen);
        }
        if self.falls_back(&mut key)
            && let Some(chosen) = self.known(&key, object, shape)
        {
            return Ok(chosen);
        }
        let variants = self.variants(&key);
        let form = key.form;
        let lower = |checks: &Checks| lowered(object, form, checks);
        let tell = |source: &Source| {
            if explain {
                crate::trace::explain(source, object.arguments, shape, lane.device());
            }
        };
        let chosen = variants.choose(object, shape, lower, |source| self.build(source, lane), tell);
        if chosen.is_err() && form.is_whole {
            // The launch does not need it: the other one served it until now, and does for as many times again.
            self.give_up(key);
            return self.get(object, shape, overflow, explain, lane);
        }
        chosen
    }

    fn build(&self, source: &Source, lane: &dyn Lane) -> Result<Arc<Compiled>> {
        check_needs(source, lane)?;
        check_parameters(source, lane)?;
        crate::trace::dump(source, lane.device());
        self.compile(source.clone(), lane)
    }

    fn compile(&self, source: Source, lane: &dyn Lane) -> Result<Arc<Compiled>> {
        let program = lane.compile(&source);
        (self.compiled)();
        Ok(Arc::new(Compiled { source, program: program? }))
    }

    /// A kernel that falx did not write, built at the first call for its program and device.
    ///
    /// # Errors
    /// A failure of the driver's compiler.
    pub(crate) fn foreign(&self, name: &'static str, source: Source, lane: &dyn Lane) -> Result<Arc<Chosen>> {
        let key = (name, source.text.clone(), source.code, lane.device().id());
        let slot = self.foreign.write().entry(key).or_default().clone();
        let chosen = slot
            .get_or_try_init(|| self.compile(source, lane).map(|kernel| Arc::new(Chosen::unknown(kernel))));
        chosen.cloned()
    }

    /// Turns the key of a kernel of whole ranges that was not built into that of the one of padded ranges, until that has served
    /// whole ones often. Says whether it did.
    fn falls_back(&self, key: &mut Key) -> bool {
        let built = self.built.read();
        if !key.form.is_whole || built.contains_key(key) {
            return false;
        }
        key.form.is_whole = false;
        let n_served =
            built.get(key).map_or(0, |variants| variants.n_whole_ranges.fetch_add(1, Ordering::Relaxed));
        key.form.is_whole = n_served >= OFTEN;
        !key.form.is_whole
    }

    /// Forgets a kernel of whole ranges that could not be built.
    fn give_up(&self, mut key: Key) {
        let mut built = self.built.write();
        built.remove(&key);
        key.form.is_whole = false;
        built.get(&key).iter().for_each(|variants| variants.n_whole_ranges.store(0, Ordering::Relaxed));
    }

    /// What an earlier launch with the same numbers ran.
    fn known(&self, key: &Key, object: &KernelObject<'_>, shape: &LaunchShape) -> Option<Arc<Chosen>> {
        let built = self.built.read();
        let variants = built.get(key)?;
        // Only of kernels with constants some are forgotten.
        if !key.constants.is_empty() {
            self.note_use(variants);
        }
        variants.known(object, shape)
    }

    /// Remembers when a kernel was last asked for.
    fn note_use(&self, variants: &Variants) {
        variants.last_used.store(self.asked.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
    }

    fn variants(&self, key: &Key) -> Arc<Variants> {
        let known = self.built.read().get(key).cloned();
        known.unwrap_or_else(|| {
            let variants = self.insert(key.clone());
            self.note_use(&variants);
            variants
        })
    }

    /// Makes room for a new kernel. Launches under way keep what they run.
    fn insert(&self, key: Key) -> Arc<Variants> {
        let mut built = self.built.write();
        let others = built.iter().filter(|(known, _)| known.is_other_value(&key));
        let mut used: Vec<u64> = others.map(|(_, v)| v.last_used.load(Ordering::Relaxed)).collect();
        if used.len() >= KEPT_VALUES && !built.contains_key(&key) {
            used.sort_unstable();
            let oldest = used[used.len() - KEPT_VALUES];
            built.retain(|known, variants| {
                !known.is_other_value(&key) || variants.last_used.load(Ordering::Relaxed) > oldest
            });
        }
        built.entry(key).or_default().clone()
    }
}

fn lowered(object: &KernelObject<'_>, form: Form, checks: &Checks) -> Result<Source> {
    let mut types = Vec::new();
    (object.types)(&mut types);
    let constants = object.compiled_in();
    let Form { shape, overflow, device_sub_groups, native_sub_groups, beginnings, is_whole } = form;
    let template = Template {
        tree: object.tree,
        types: &types,
        constants: &constants,
        shape,
        overflow,
        device_sub_groups,
        native_sub_groups,
        beginnings,
        is_whole,
    };
    lower(&template, checks)
}

fn check_needs(source: &Source, lane: &dyn Lane) -> Result<()> {
    let aspects = lane.device().aspects();
    let needs = source.needs;
    let missing = [
        (needs.fp64 && !aspects.fp64, "fp64 (double precision)"),
        (needs.atomic64 && !aspects.atomic64, "atomic64 (atomic operations on 64-bit integers)"),
        (
            needs.atomic_system && !aspects.atomic_system,
            "atomic_system (atomic operations in the scope of the whole system)",
        ),
    ];
    let Some((_, missing)) = missing.into_iter().find(|(is_missing, _)| *is_missing) else { return Ok(()) };
    Err(Error::new(
        ErrorKind::KernelNotSupported,
        format!(
            "kernel `{}` needs {missing}, which device `{}` does not have; choose another device, for example with `Selector::by(|d| ..)`",
            source.title,
            lane.device()
        ),
    ))
}

fn check_parameters(source: &Source, lane: &dyn Lane) -> Result<()> {
    let signature = &source.signature;
    let n_pointers = signature.pointers.len() + usize::from(signature.traps) + usize::from(signature.prints);
    let bytes = signature.size_bytes + n_pointers * size_of::<u64>();
    let limit = lane.device().limits().max_parameter_bytes;
    if bytes <= limit {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::KernelArgument,
        format!(
            "kernel `{}` takes {bytes} bytes of arguments ({} of numbers, {n_pointers} pointers), but `{}` allows {limit}; put arrays that it captures into a buffer",
            source.title,
            signature.size_bytes,
            lane.device()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::record::{Completion, RecordingLane, device};
    use crate::kernel::{Needs, Signature};
    use crate::platform::{Aspects, MemoryId};
    use crate::prelude::Device;

    /// A lane whose device offers `aspects`.
    fn lane_with(aspects: Aspects) -> RecordingLane {
        let mut info = (*device(DeviceId(1), MemoryId(1)).0).clone();
        info.aspects = aspects;
        RecordingLane::new(Device(Arc::new(info)), Completion::AtOnce)
    }

    #[test]
    fn sub_groups_are_the_devices_own_where_they_are_neighbours() {
        let has_native = |kind: ShapeKind, local: [usize; 3], device: DeviceKind, sub_groups_of_16: bool| {
            let mut lane = crate::backend::record::device(DeviceId(1), MemoryId(1)).0.as_ref().clone();
            lane.kind = device;
            lane.aspects = Aspects { sub_groups_of_16, ..Aspects::default() };
            let shape = LaunchShape { kind, global: local, local };
            has_native_sub_groups(&shape, &Device(Arc::new(lane)))
        };
        let (cpu, gpu) = (DeviceKind::Cpu, DeviceKind::Gpu);
        assert!(has_native(ShapeKind::NdRange(1), [1, 1, 44], cpu, true));
        assert!(has_native(ShapeKind::NdRange(1), [1, 1, 44], gpu, true));
        assert!(!has_native(ShapeKind::NdRange(1), [1, 1, 44], cpu, false));
        assert!(has_native(ShapeKind::NdRange(2), [1, 4, 32], cpu, true));
        assert!(has_native(ShapeKind::NdRange(2), [1, 1, 44], cpu, true));
        assert!(!has_native(ShapeKind::NdRange(2), [1, 2, 44], cpu, true));
        assert!(!has_native(ShapeKind::NdRange(2), [1, 4, 32], gpu, true));
        assert!(has_native(ShapeKind::NdRange(3), [2, 1, 16], cpu, true));
        assert!(!has_native(ShapeKind::NdRange(3), [2, 1, 8], cpu, true));
    }

    fn source_that_needs(needs: Needs) -> Source {
        Source {
            title: "wave",
            text: String::new(),
            code: crate::kernel::Code::OpenClC,
            author: crate::kernel::Author::Falx,
            signature: Signature::default(),
            reports: Vec::new(),
            private_bytes: 0,
            least_row: 1,
            is_whole: false,
            largest_group: usize::MAX,
            needs,
            footprint: crate::kernel::Footprint::default(),
        }
    }

    fn key(bits: u64, device: u16) -> Key {
        Key {
            tree: std::ptr::null(),
            instance: TypeId::of::<()>(),
            form: Form {
                shape: ShapeKind::Single,
                overflow: Overflow::Wraps,
                device_sub_groups: false,
                native_sub_groups: false,
                beginnings: Beginnings::There,
                is_whole: false,
            },
            constants: SmallVec::from_elem(Constant { bits: SmallVec::from_elem(bits, 1) }, 1),
            device: DeviceId(device),
        }
    }

    #[test]
    fn a_kernel_for_whole_ranges_alone_is_built_once_they_were_launched_often() {
        let kernels = Kernels::new(|| {});
        let whole = || {
            let mut key = key(0, 0);
            key.form.is_whole = true;
            key
        };
        let stays_whole = || {
            let mut key = whole();
            assert_eq!(kernels.falls_back(&mut key), !key.form.is_whole);
            key.form.is_whole
        };
        assert!(!stays_whole(), "nothing was built: what is serves all ranges");
        kernels.insert(key(0, 0));
        assert_eq!((0..200).position(|_| stays_whole()), Some(OFTEN as usize));
        kernels.insert(whole());
        assert!(stays_whole());
        kernels.give_up(whole());
        assert_eq!(
            (0..200).position(|_| stays_whole()),
            Some(OFTEN as usize),
            "what could not be built is tried again then"
        );
    }

    #[test]
    fn of_many_values_of_a_constant_the_last_ones_are_kept() {
        let kernels = Kernels::new(|| {});
        kernels.insert(key(0, 2));
        for bits in 0..200 {
            let used = if bits == 0 { 1000 } else { bits };
            kernels.insert(key(bits, 1)).last_used.store(used, Ordering::Relaxed);
        }
        let built = kernels.built.read();
        let mut kept: Vec<u64> = built.keys().map(|key| key.constants[0].bits[0]).collect();
        kept.sort_unstable();
        // Those of another device stay, and so does one that was used lately though it was made early.
        let expected: Vec<u64> = [0, 0].into_iter().chain(137..200).collect();
        assert_eq!(kept, expected);
    }

    #[test]
    fn a_kernel_in_double_precision_is_refused_on_a_device_without_it_before_anything_is_built() {
        let needs = Needs { fp64: true, ..Needs::default() };
        let without = lane_with(Aspects { atomic64: true, ..Aspects::default() });
        let error = check_needs(&source_that_needs(needs), &without).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::KernelNotSupported);
        let text = error.to_string();
        for part in ["wave", "fp64", "recording gpu 1", "Selector::by"] {
            assert!(text.contains(part), "{part} is missing in: {text}");
        }
        assert!(without.take_lines().is_empty());
        assert!(
            check_needs(&source_that_needs(needs), &lane_with(Aspects { fp64: true, ..Aspects::default() }))
                .is_ok()
        );
    }

    #[test]
    fn a_kernel_with_64_bit_atomics_is_refused_on_a_device_without_them() {
        let needs = Needs { atomic64: true, ..Needs::default() };
        let error = check_needs(&source_that_needs(needs), &lane_with(Aspects::default())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::KernelNotSupported);
        assert!(error.to_string().contains("atomic64"), "{error}");
    }

    #[test]
    fn a_kernel_with_atomics_of_the_whole_system_is_refused_on_a_device_without_them() {
        let needs = Needs { atomic_system: true, ..Needs::default() };
        let error = check_needs(&source_that_needs(needs), &lane_with(Aspects::default())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::KernelNotSupported);
        let text = "kernel `wave` needs atomic_system (atomic operations in the scope of the whole system), which device";
        assert!(error.to_string().starts_with(text), "{error}");
    }
}
