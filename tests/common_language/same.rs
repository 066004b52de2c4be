//! `same!`: one block of Rust as a kernel and as plain Rust, which must give the same.

/// Runs the body for each of 64 work-items on every device and compares what it gives with plain Rust.
macro_rules! same {
    ($test:ident, $ty:ty, |$i:ident| $body:block) => {
        same!($test, $ty, |$i| $body, |$i| $body);
    };
    ($test:ident, $ty:ty, |$i:ident| $body:block, |$p:ident| $plain:block) => {
        #[test]
        fn $test() {
            let plain = |$p: usize| -> $ty { $plain };
            let expected: Vec<$ty> = (0..64).map(plain).collect();
            $crate::common_language::on_each_device(|queue| {
                let out = falx::Buffer::<$ty>::new(64);
                queue
                    .submit(|h| {
                        let out = out.write(h).no_init();
                        h.parallel_for(
                            64,
                            falx::kernel!(move |$i: usize| {
                                out[$i] = $body;
                            }),
                        )
                    })
                    .unwrap();
                assert_eq!(*out.host_read().unwrap(), expected);
            });
        }
    };
}
pub(crate) use same;
