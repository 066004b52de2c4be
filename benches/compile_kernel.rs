/// A hundred lines of what kernels are made of: loops, conditions, arrays, local memory, methods.
#[kernel_fn]
pub fn hundred_lines(
    it: NdItem<1>,
    from: Read<f32>,
    to: ReadWrite<f32>,
    counts: ReadWrite<u32>,
    tile: Local<f32>,
    rounds: u32,
    scale: f32,
) {
    let [at] = it.global_id();
    let [own] = it.local_id();
    let size = it.local_range()[0];
    tile[own] = from[at] * scale;
    it.barrier();
    let mut sum0 = 0.0;
    let mut best0 = [f32::MIN; 4];
    for round in 0..rounds {
        let other = (own + round as usize * 1) % size;
        let value = tile[other].mul_add(scale, 0.5);
        if value > best0[3] {
            best0[3] = value;
        } else if value < 0.0 {
            best0[round as usize % 3] += value.abs().sqrt();
            continue;
        }
        sum0 += value * best0[0];
    }
    let mut sum1 = 0.0;
    let mut best1 = [f32::MIN; 4];
    for round in 0..rounds {
        let other = (own + round as usize * 2) % size;
        let value = tile[other].mul_add(scale, 1.5);
        if value > best1[3] {
            best1[3] = value;
        } else if value < 0.0 {
            best1[round as usize % 3] += value.abs().sqrt();
            continue;
        }
        sum1 += value * best1[0];
    }
    let mut sum2 = 0.0;
    let mut best2 = [f32::MIN; 4];
    for round in 0..rounds {
        let other = (own + round as usize * 3) % size;
        let value = tile[other].mul_add(scale, 2.5);
        if value > best2[3] {
            best2[3] = value;
        } else if value < 0.0 {
            best2[round as usize % 3] += value.abs().sqrt();
            continue;
        }
        sum2 += value * best2[0];
    }
    let mut sum3 = 0.0;
    let mut best3 = [f32::MIN; 4];
    for round in 0..rounds {
        let other = (own + round as usize * 4) % size;
        let value = tile[other].mul_add(scale, 3.5);
        if value > best3[3] {
            best3[3] = value;
        } else if value < 0.0 {
            best3[round as usize % 3] += value.abs().sqrt();
            continue;
        }
        sum3 += value * best3[0];
    }
    let mut sum4 = 0.0;
    let mut best4 = [f32::MIN; 4];
    for round in 0..rounds {
        let other = (own + round as usize * 5) % size;
        let value = tile[other].mul_add(scale, 4.5);
        if value > best4[3] {
            best4[3] = value;
        } else if value < 0.0 {
            best4[round as usize % 3] += value.abs().sqrt();
            continue;
        }
        sum4 += value * best4[0];
    }
    let mut sum5 = 0.0;
    let mut best5 = [f32::MIN; 4];
    for round in 0..rounds {
        let other = (own + round as usize * 6) % size;
        let value = tile[other].mul_add(scale, 5.5);
        if value > best5[3] {
            best5[3] = value;
        } else if value < 0.0 {
            best5[round as usize % 3] += value.abs().sqrt();
            continue;
        }
        sum5 += value * best5[0];
    }
    it.barrier();
    let total = sum0 + sum1 * sum2 - sum3.max(sum4).min(sum5);
    let mut bits = total.to_bits();
    while bits != 0 {
        counts.atomic((bits % 32) as usize).fetch_add(1);
        bits = if bits & 1 == 0 { bits >> 1 } else { bits >> 3 };
    }
    to[at] = total + best0[3] + best1[2] + best2[1] + best3[0] + best4[0] + best5[3];
}
