//! Lists what falx can run on here, and why there is not more.
//!
//! The name in brackets is what `FALX_DEVICE` understands: `FALX_DEVICE=opencl:0.0 cargo run --example tour`.
//!
//! `cargo run --example devices [-- --all]`

fn main() -> falx::Result<()> {
    let devices = falx::devices()?;
    let all = std::env::args().any(|argument| argument == "--all");
    println!("{}", if all { falx::describe_devices(&devices) } else { falx::list_devices(&devices) });
    for problem in falx::platform_problems() {
        println!("\n{problem}");
    }
    Ok(())
}
