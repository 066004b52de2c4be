//! What the command line asks for.

/// How to call the fuzzer.
pub const USAGE: &str = "\
falx-fuzz kernels [--count N] [--seed N] [--device D] [--jobs N] [--seconds N]   trees made at run time
falx-fuzz rust    [--count N] [--seed N] [--device D]   the same kernels as Rust, through the macros
falx-fuzz show    [--seed N]                            prints the kernel of a seed
falx-fuzz ulp     [--count N] [--seed N] [--device D] [--jobs N]   measures the functions of floats

After so many seconds no more kernels are begun. D is what `FALX_DEVICE` takes: `pocl`, `opencl:cpu`, `opencl:1.0`, ..";

/// What to do.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Mode {
    Kernels,
    Rust,
    Show,
    /// How exact the functions of floats are.
    Ulp,
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
    /// Which smaller kernels crashed so far (`1`) and which did not (`0`).
    pub crashed: String,
}

impl Options {
    /// Reads the command line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
        let mode = match words.next().as_deref() {
            Some("kernels") => Mode::Kernels,
            Some("rust") => Mode::Rust,
            Some("show") => Mode::Show,
            Some("ulp") => Mode::Ulp,
            Some("worker") => Mode::Worker,
            Some("attempt") => Mode::Attempt,
            Some(other) => return Err(format!("there is no mode `{other}`")),
            None => return Err("which mode?".to_owned()),
        };
        let jobs = std::thread::available_parallelism().map_or(1, |n| n.get());
        let count = match mode {
            Mode::Rust => 200,
            Mode::Ulp => 10_000,
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
            crashed: String::new(),
        };
        while let Some(word) = words.next() {
            if word == "--alone" {
                options.alone = true;
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
