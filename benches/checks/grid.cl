#pragma OPENCL FP_CONTRACT OFF

kernel void stencil_2d(global const float *now, global float *next, uint columns)
{
    size_t n = columns;
    size_t at = (get_global_id(1) + 1) * n + get_global_id(0) + 1;
    next[at] = 0.2f * (now[at] + now[at - n] + now[at + n] + now[at - 1] + now[at + 1]);
}

constant float weights[5] = {-2.847222f, 1.6f, -0.2f, 0.025396825f, -0.0017857143f};

kernel void stencil_3d(global const float *now, global float *next, uint rows, uint columns)
{
    size_t row = columns, plane = (size_t)rows * columns;
    size_t at = (get_global_id(2) + 4) * plane + (get_global_id(1) + 4) * row + get_global_id(0) + 4;
    float sum = 3 * weights[0] * now[at];
    for (size_t r = 1; r <= 4; ++r) {
        float near = now[at - r] + now[at + r] + now[at - r * row] + now[at + r * row] + now[at - r * plane]
            + now[at + r * plane];
        sum = fma(weights[r], near, sum);
    }
    next[at] = sum;
}

kernel void convolution(global const float *from, global const float *mask, global float *to, uint n)
{
    size_t i = get_global_id(0);
    float sum = 0;
    for (int k = 0; k < 17; ++k) {
        int at = clamp((int)i + k - 8, 0, (int)n - 1);
        sum = fma(mask[k], from[at], sum);
    }
    to[i] = sum;
}
