//! What the kernel macros accept and reject, and the words in which they do.

/// Every program in `tests/ui/fail` must fail with exactly the pinned messages, those in `tests/ui/pass` must compile.
#[test]
fn programs_outside_of_the_kernel_language_are_rejected_with_the_pinned_messages() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
