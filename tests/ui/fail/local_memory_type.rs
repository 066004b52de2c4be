use falx::prelude::*;

fn main() {
    let _ = kernel!(|it: NdItem<1>| {
        let tile = falx::local::<f32>();
        tile[it.local_id()] = 1.0;
    });
}
