//! Measures how far each function of floats strays from its exact value, on every device, and prints a table.
//!
//! The exact values are those of an arbitrary-precision library. The unit is that of OpenCL C 1.2, section 7.4: the distance
//! of the two neighbouring floats around the exact value.

mod exact;
mod functions;
mod inputs;

use crate::options::Options;
use crate::random::Random;
use exact::{DOUBLE, Format, SINGLE};
use falx::{Device, Queue};
use functions::{FUNCTIONS, Function};
use inputs::Operands;

/// The largest error in ulp, and where it is.
#[derive(Clone, Copy, Debug)]
struct Worst {
    ulps: f64,
    operands: (f64, f64),
    got: f64,
}

/// Measures `--count` inputs of each function and format. Gives how many functions exceed OpenCL's bound somewhere.
///
/// # Errors
/// When there is no device, or a kernel does not run.
pub fn run(options: &Options) -> Result<u64, String> {
    if let Some(device) = &options.device {
        return restart(options, device);
    }
    let devices = falx::devices().map_err(|error| error.to_string())?;
    for (number, device) in devices.iter().enumerate() {
        println!("{}: {device}", number + 1);
    }
    let queues: Result<Vec<Queue>, _> = devices.iter().map(Queue::on).collect();
    let queues = queues.map_err(|error| error.to_string())?;
    print_head(devices.len());
    let mut remarks = Vec::new();
    let mut n_beyond = 0;
    for function in FUNCTIONS {
        let before = remarks.len();
        measure(function, &queues, options, &mut remarks)?;
        n_beyond += u64::from(remarks.len() > before);
    }
    println!();
    remarks.iter().for_each(|remark| println!("{remark}"));
    println!("ulp {} functions {n_beyond} beyond the bound", FUNCTIONS.len());
    Ok(n_beyond)
}

/// Runs this program again where the variable lets only those devices through.
fn restart(options: &Options, device: &str) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = std::process::Command::new(program);
    command.arg("ulp").args(["--count", &options.count.to_string(), "--seed", &options.seed.to_string()]);
    let status = command.env("FALX_DEVICE", device).status().map_err(|error| error.to_string())?;
    Ok(u64::from(!status.success()))
}

fn print_head(n_devices: usize) {
    let devices =
        |format: &str| (1..=n_devices).map(|number| format!(" {format} {number} |")).collect::<String>();
    println!("\n| function | bound |{}{}", devices("f32 on"), devices("f64 on"));
    println!("|---|---|{}", "---|".repeat(2 * n_devices));
}

fn measure(
    function: &Function,
    queues: &[Queue],
    options: &Options,
    remarks: &mut Vec<String>,
) -> Result<(), String> {
    print!("| `{}` | {} |", function.name, function.bound);
    for (format, run) in [(&SINGLE, function.single), (&DOUBLE, function.double)] {
        let mut random = Random::of(options.seed);
        let inputs = inputs::make(format, function.operands, options.count as usize, &mut random);
        let exact = exact::evaluate(function, &inputs, options.jobs);
        for queue in queues {
            let device = queue.device();
            if format.digits == DOUBLE.digits && !device.aspects().fp64 {
                print!(" - |");
                continue;
            }
            let got = run(queue, &inputs).map_err(|error| error.to_string())?;
            let worst = worst(format, &inputs, &exact, &got);
            print!(" {:.2} |", worst.ulps);
            if worst.ulps > allowed(function, format, device) {
                remarks.push(remark(function, format, device, worst));
            }
        }
    }
    println!();
    Ok(())
}

/// OpenCL's bound, which is wider for divisions and roots of a device that does not take them exactly.
fn allowed(function: &Function, format: &Format, device: &Device) -> f64 {
    let is_exact = format.digits == DOUBLE.digits || device.aspects().exact_f32;
    if is_exact { function.bound } else { function.bound.max(3.0) }
}

fn worst(format: &Format, inputs: &[(f64, f64)], exact: &[exact::Value], got: &[f64]) -> Worst {
    let all = inputs.iter().zip(exact).zip(got).map(|((operands, exact), &got)| Worst {
        ulps: format.ulps(got, exact),
        operands: *operands,
        got,
    });
    all.max_by(|a, b| a.ulps.total_cmp(&b.ulps)).unwrap_or(Worst {
        ulps: 0.0,
        operands: (0.0, 0.0),
        got: 0.0,
    })
}

fn remark(function: &Function, format: &Format, device: &Device, worst: Worst) -> String {
    let Worst { ulps, operands: (x, y), got } = worst;
    let operands = match function.operands {
        Operands::One => format!("x = {x:e}"),
        _ => format!("x = {x:e}, y = {y:e}"),
    };
    format!(
        "`{}` of {} with {operands} gives {got:e}, {ulps} ulp off, on {device}",
        function.name, format.name
    )
}
