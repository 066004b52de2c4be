//! What the command line asks for.

/// How to call the fuzzer.
pub const USAGE: &str = "\
falx-fuzz kernels [--count N] [--seed N] [--device D] [--jobs N] [--seconds N]   trees made at run time
falx-fuzz rust    [--count N] [--seed N] [--device D]   the same kernels as Rust, through the macros
falx-fuzz show    [--seed N]                            prints the kernel of a seed
falx-fuzz ulp     [--count N] [--seed N] [--device D] [--jobs N]   measures the functions of floats
falx-fuzz footprints [--count N] [--seed N] [--jobs N] [--seconds N] [--verbose]   what falx proves of random indices
falx-fuzz footprints --run [--count N] [--seed N] [--device D] ..   the same kernels, launched as well; `run` is short for it
falx-fuzz footprints-show [--seed N]                    prints the kernel of a seed, and what is proven of it

After so many seconds no more kernels are begun. D is what `FALX_DEVICE` takes: `pocl`, `opencl:cpu`, `opencl:1.0`, ..";

/// What to do.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Mode {
    Kernels,
    Rust,
    Show,
    /// How exact the functions of floats are.
    Ulp,
    /// What falx proves of random indices.
    Footprints,
    /// A process that does a part of it.
    FootprintsPart,
    /// One of its kernels.
    FootprintsShow,
    /// A process that runs a part of the kernels, and tells on its standard output.
    Worker,
    /// A process that tries one smaller kernel than one that crashed.
    Attempt,
}

/// The command line.
#[derive(Clone, Debug)]
pub struct Options {
    pub mode: Mode,
    pub count: u64,
    /// The seed of the first kernel; the next has the next.
    pub seed: u64,
    pub device: Option<String>,
    pub jobs: usize,
    /// After how many seconds no more kernels are begun.
    pub seconds: Option<u64>,
    /// Whether each kernel is compiled by itself.
    pub alone: bool,
    /// Whether kernels that are judged are launched as well.
    pub run: bool,
    /// Whether to show what is not proven.
    pub verbose: bool,
    /// Which smaller kernels crashed so far (`1`) and which did not (`0`).
    pub crashed: String,
}

impl Options {
    /// Reads the command line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
        let first = words.next();
        let mode = match first.as_deref() {
            Some("kernels") => Mode::Kernels,
            Some("rust") => Mode::Rust,
            Some("show") => Mode::Show,
            Some("ulp") => Mode::Ulp,
            Some("footprints" | "run") => Mode::Footprints,
            Some("footprints-part") => Mode::FootprintsPart,
            Some("footprints-show") => Mode::FootprintsShow,
            Some("worker") => Mode::Worker,
            Some("attempt") => Mode::Attempt,
            Some(other) => return Err(format!("there is no mode `{other}`")),
            None => return Err("which mode?".to_owned()),
        };
        let jobs = std::thread::available_parallelism().map_or(1, |n| n.get());
        let count = match mode {
            Mode::Rust => 200,
            Mode::Ulp | Mode::Footprints => 10_000,
            _ => 1000,
        };
        let mut options = Options {
            mode,
            count,
            seed: 1,
            device: None,
            jobs,
            seconds: None,
            alone: false,
            run: first.as_deref() == Some("run"),
            verbose: false,
            crashed: String::new(),
        };
        while let Some(word) = words.next() {
            let flag = match word.as_str() {
                "--alone" => Some(&mut options.alone),
                "--run" => Some(&mut options.run),
                "--verbose" => Some(&mut options.verbose),
                _ => None,
            };
            if let Some(flag) = flag {
                *flag = true;
                continue;
            }
            let value = words.next().ok_or_else(|| format!("`{word}` takes a value"))?;
            let number =
                || value.parse::<u64>().map_err(|_| format!("`{word}` takes a number, not `{value}`"));
            match word.as_str() {
                "--count" => options.count = number()?,
                "--seed" => options.seed = number()?,
                "--jobs" => options.jobs = number()?.max(1) as usize,
                "--seconds" => options.seconds = Some(number()?),
                "--crashed" => options.crashed = value,
                "--device" => options.device = Some(value),
                other => return Err(format!("there is no option `{other}`")),
            }
        }
        Ok(options)
    }
}
