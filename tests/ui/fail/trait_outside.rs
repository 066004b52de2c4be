use falx::prelude::*;

#[device]
trait Shape<'a> {
    fn scaled<T>(&self, by: T) -> f32;
    fn min(&self) -> f32;
    async fn later(&self) -> f32;
    fn name(&self) -> f32 {
        "square"
    }
}

fn main() {}
