//! What `scripts/test` expects of each of its lanes: the runtimes it installed are seen, and where it hides OpenCL falx
//! says so. Without `FALX_EXPECT` nothing is expected of a machine.

use falx::DeviceKind;

/// The names by which `FALX_EXPECT` calls platforms, and what the platforms call themselves.
const PLATFORMS: [(&str, &str); 3] =
    [("pocl", "Portable Computing Language"), ("intel", "Intel(R) OpenCL"), ("oclgrind", "Oclgrind")];

fn expected() -> Vec<String> {
    let expected = std::env::var("FALX_EXPECT").unwrap_or_default();
    expected.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[test]
fn the_host_device_is_always_there() {
    let devices = falx::devices().unwrap();
    let hosts = devices.iter().filter(|device| device.kind() == DeviceKind::Host).count();
    assert_eq!(hosts, 1);
}

#[test]
fn every_expected_platform_offers_a_device() {
    let devices = falx::devices().unwrap();
    for name in expected().iter().filter(|name| *name != "none") {
        let (_, platform) = PLATFORMS
            .iter()
            .find(|(short, _)| short == name)
            .unwrap_or_else(|| panic!("FALX_EXPECT names `{name}`; known are {PLATFORMS:?} and `none`"));
        let found = devices.iter().filter(|device| device.platform().name == *platform).count();
        assert!(found > 0, "`{platform}` is expected but falx shows {devices:?}");
    }
}

#[test]
fn without_opencl_only_the_host_remains_and_the_reason_is_given() {
    if !expected().iter().any(|name| name == "none") {
        eprintln!("skipped: FALX_EXPECT does not say that OpenCL is hidden");
        return;
    }
    let devices = falx::devices().unwrap();
    assert!(devices.iter().all(|device| device.is_host()), "{devices:?}");
    assert!(!falx::platform_problems().is_empty());
}
