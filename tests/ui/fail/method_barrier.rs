use falx::prelude::*;

#[device]
#[derive(Clone, Copy)]
struct Tile(u32);

#[device]
impl Tile {
    fn wait(self, it: NdItem<1>) {
        it.barrier();
    }
}

fn main() {}
