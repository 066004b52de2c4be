//! Names in the OpenCL C: the user's own, made unique and kept away from what OpenCL C means by them.

use rustc_hash::FxHashSet;

/// The names taken in one function.
#[derive(Debug, Default)]
pub struct Names(FxHashSet<String>);

impl Names {
    /// Takes a name that falx itself uses.
    pub fn reserve(&mut self, name: &str) {
        self.0.insert(name.to_owned());
    }

    /// Whether a name is taken.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// A free name that resembles `wanted`.
    pub fn fresh(&mut self, wanted: &str) -> String {
        self.unique(legal(wanted))
    }

    /// A free name that begins with `base`, which OpenCL C allows.
    pub fn unique(&mut self, base: String) -> String {
        let mut name = base.clone();
        let mut count = 0;
        while !self.0.insert(name.clone()) {
            count += 1;
            name = format!("{}_{count}", base.trim_end_matches('_'));
        }
        name
    }
}

/// The name as an identifier that means nothing to OpenCL C.
fn legal(wanted: &str) -> String {
    let plain = wanted.strip_prefix("r#").unwrap_or(wanted);
    let mut name: String =
        plain.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { 'u' }).collect();
    if name.starts_with('_') || name.starts_with("falx") || name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert_str(0, "u_");
    }
    if is_reserved(&name) {
        name.push('_');
    }
    name
}

fn is_reserved(name: &str) -> bool {
    let without_width = name.trim_end_matches(|c: char| c.is_ascii_digit());
    // Macros are in capitals, and we cannot know those of every driver.
    let is_capital = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    is_capital
        || TYPES.contains(&without_width)
        || RESERVED.contains(&name)
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

const TYPES: &[&str] = &[
    "bool", "char", "uchar", "short", "ushort", "int", "uint", "long", "ulong", "float", "double", "half",
    "quad",
];

const PREFIXES: &[&str] = &[
    "as_",
    "async_",
    "atom_",
    "atomic_",
    "barrier",
    "cl_",
    "convert_",
    "get_",
    "half_",
    "image",
    "intel_",
    "native_",
    "pocl_",
    "read_",
    "sub_group_",
    "vload",
    "vstore",
    "work_group_",
    "write_",
];

#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "auto", "break", "case", "const", "continue", "default", "do", "else", "enum", "extern", "for", "goto", "if", "inline",
    "register", "restrict", "return", "signed", "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned",
    "void", "volatile", "while", "kernel", "global", "local", "constant", "private", "generic", "pipe", "uniform",
    "complex", "imaginary", "asm", "typeof", "wchar_t", "size_t", "ptrdiff_t", "intptr_t", "uintptr_t", "event_t",
    "queue_t", "sampler_t", "reserve_id_t", "clk_event_t", "ndrange_t", "main", "linux", "unix", "true", "false",
    "class", "template", "new", "delete", "this", "namespace", "operator", "p",
    "abs", "abs_diff", "acos", "acosh", "acospi", "add_sat", "all", "any", "asin", "asinh", "asinpi", "atan", "atan2",
    "atan2pi", "atanh", "atanpi", "bitselect", "cbrt", "ceil", "clamp", "clz", "copysign", "cos", "cosh", "cospi", "cross",
    "ctz", "degrees", "distance", "dot", "erf", "erfc", "exp", "exp10", "exp2", "expm1", "fabs", "fast_distance",
    "fast_length", "fast_normalize", "fdim", "floor", "fma", "fmax", "fmin", "fmod", "fract", "frexp", "hadd", "hypot",
    "ilogb", "isequal", "isfinite", "isgreater", "isgreaterequal", "isinf", "isless", "islessequal", "islessgreater",
    "isnan", "isnormal", "isnotequal", "isordered", "isunordered", "ldexp", "length", "lgamma", "lgamma_r", "log",
    "log10", "log1p", "log2", "logb", "mad", "mad24", "mad_hi", "mad_sat", "max", "maxmag", "mem_fence", "min", "minmag",
    "mix", "modf", "mul24", "mul_hi", "nan", "nextafter", "normalize", "popcount", "pow", "pown", "powr", "prefetch",
    "printf", "radians", "remainder", "remquo", "rhadd", "rint", "rootn", "rotate", "round", "rsqrt", "select",
    "shuffle", "shuffle2", "sign", "signbit", "sin", "sincos", "sinh", "sinpi", "smoothstep", "sqrt", "step", "sub_sat",
    "tan", "tanh", "tanpi", "tgamma", "to_global", "to_local", "to_private", "trunc", "upsample", "vec_step",
    "wait_group_events",
];
