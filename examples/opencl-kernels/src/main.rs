//! Kernels written in OpenCL C: their parameters are read from `kernels/*.cl`, so that a wrong argument is a compile error.

use falx::prelude::*;

mod kernels {
    include!(concat!(env!("OUT_DIR"), "/kernels.rs"));
}

fn main() -> falx::Result<()> {
    let Some(device) = falx::devices()?.into_iter().find(|device| !device.is_host()) else {
        println!("there is no OpenCL device here, and OpenCL C runs nowhere else");
        return Ok(());
    };
    let queue = Queue::on(&device)?;
    blend_and_sum(&queue)?;
    mirror(&queue)?;
    triple(&queue)?;
    println!("OpenCL C ran on {device}");
    Ok(())
}

fn blend_and_sum(queue: &Queue) -> falx::Result<()> {
    let a = Buffer::from((0..256).map(|i| i as f32).collect::<Vec<_>>());
    let b = Buffer::from(vec![2.0f32; 256]);
    let c = Buffer::<f32>::new(256);
    queue.submit(|h| {
        let kernel = kernels::vectors::blend(&a.read(h), &b.read(h), &c.write(h).no_init(), 0.5);
        // SAFETY: it touches one element of each buffer for each work-item, and the buffers have 256.
        unsafe { h.parallel_for_foreign(256, kernel) }
    })?;
    let sums = Buffer::<f32>::new(4);
    queue.submit(|h| {
        let part = h.local::<f32, 1>(64);
        let kernel = kernels::vectors::group_sums(&c.read(h), &sums.write(h).no_init(), &part);
        // SAFETY: four groups of 64 read the 256 elements, write the four sums, and have 64 elements of local memory each.
        unsafe { h.parallel_for_foreign(NdRange::new(256, 64), kernel) }
    })?;
    assert_eq!(*sums.host_read()?, [1072.0, 3120.0, 5168.0, 7216.0]);
    Ok(())
}

/// Launches SPIR-V, which not every device takes.
fn triple(queue: &Queue) -> falx::Result<()> {
    let (from, to) = (Buffer::from(vec![1u32, 2, 3]), Buffer::<u32>::new(3));
    let submitted = queue.submit(|h| {
        let kernel = kernels::triple::triple(&from.read(h), &to.write(h).no_init(), 4);
        // SAFETY: it touches one element of each buffer for each work-item, and the buffers have three.
        unsafe { h.parallel_for_foreign(3, kernel) }
    });
    match submitted {
        Err(error) if error.kind() == ErrorKind::KernelNotSupported => println!("{error}"),
        submitted => {
            submitted?;
            assert_eq!(*to.host_read()?, [7, 10, 13]);
        }
    }
    Ok(())
}

fn mirror(queue: &Queue) -> falx::Result<()> {
    let pixels: Vec<[u8; 4]> = (0..6).map(|i| [i, 10 * i, 0, 255]).collect();
    let image = Buffer::from_vec(pixels, [2, 3])?;
    let mirrored = Buffer::<[u8; 4], 2>::new([2, 3]);
    queue.submit(|h| {
        let (image, mirrored) = (image.read(h), mirrored.write(h).no_init());
        let kernel = kernels::mirror::mirror(&image, &mirrored, 3, [0, 0, 1, 0]);
        // SAFETY: rows and columns of the launch are those of both images.
        unsafe { h.parallel_for_foreign([2, 3], kernel) }
    })?;
    let expected = [2, 1, 0, 5, 4, 3].map(|i| [i, 10 * i, 1, 255]);
    assert_eq!(*mirrored.host_read()?, expected);
    Ok(())
}
