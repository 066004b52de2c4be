// Two kernels that share a file.

__kernel void blend(__global const float *a, __global const float *b, __global float *c, float keep)
{
    const size_t i = get_global_id(0);
    c[i] = keep * a[i] + (1.0f - keep) * b[i];
}

// Sums each work-group's elements in local memory.
__kernel void group_sums(__global const float *from, __global float *sums, __local float *part)
{
    const size_t own = get_local_id(0);
    part[own] = from[get_global_id(0)];
    for (size_t width = get_local_size(0) / 2; width > 0; width /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (own < width) {
            part[own] += part[own + width];
        }
    }
    if (own == 0) {
        sums[get_group_id(0)] = part[0];
    }
}
