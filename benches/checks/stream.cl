#pragma OPENCL FP_CONTRACT OFF

kernel void copy(global const float *a, global float *c)
{
    size_t i = get_global_id(0);
    c[i] = a[i];
}

kernel void mul(global const float *a, global float *c)
{
    size_t i = get_global_id(0);
    c[i] = 0.4f * a[i];
}

kernel void add(global const float *a, global const float *b, global float *c)
{
    size_t i = get_global_id(0);
    c[i] = a[i] + b[i];
}

kernel void triad(global const float *a, global const float *b, global float *c)
{
    size_t i = get_global_id(0);
    c[i] = a[i] + 0.4f * b[i];
}

kernel void dot_of_groups(global const float *a, global const float *b, global float *sums, uint n)
{
    local float part[256];
    size_t l = get_local_id(0), stride = get_global_size(0);
    float sum = 0;
    for (size_t i = get_global_id(0); i < n; i += stride) sum = fma(a[i], b[i], sum);
    part[l] = sum;
    for (size_t half_ = 128; half_ > 0; half_ /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (l < half_) part[l] += part[l + half_];
    }
    if (l == 0) sums[get_group_id(0)] = part[0];
}
