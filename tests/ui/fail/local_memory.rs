use falx::prelude::*;

#[device]
fn first(it: NdItem<1>) -> u32 {
    let tile = falx::local::<[u32; 4]>();
    tile[it.local_id()]
}

fn main() {
    let _ = kernel!(|it: NdItem<1>| {
        let tile: Local<u32> = falx::local();
        let other = falx::local::<[u32; 4]>(3);
        tile[it.local_id()] = other[0];
    });
}
