use falx::prelude::*;

struct Model {
    scale: f32,
}

impl Model {
    fn run(&self) {
        let _ = kernel!(|| {
            let _ = self.scale * 2.0;
            let _ = self;
        });
    }
}

fn main() {
    Model { scale: 1.0 }.run();
}
