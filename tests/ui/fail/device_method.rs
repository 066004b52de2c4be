use falx::prelude::*;

struct Counter;

impl Counter {
    #[device]
    fn count(&self, x: f32) -> f32 {
        x
    }
}

fn main() {}
