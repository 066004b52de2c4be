#pragma OPENCL FP_CONTRACT OFF

kernel void gemm_naive(global const float *a, global const float *b, global float *c, uint size)
{
    size_t row = get_global_id(1), column = get_global_id(0), n = size;
    float sum = 0;
    for (size_t k = 0; k < n; ++k) sum = fma(a[row * n + k], b[k * n + column], sum);
    c[row * n + column] = sum;
}

kernel void gemm_tiled(global const float *a, global const float *b, global float *c, uint size)
{
    local float tile_a[16][16], tile_b[16][16];
    size_t row = get_global_id(1), column = get_global_id(0), n = size;
    size_t y = get_local_id(1), x = get_local_id(0);
    float sum = 0;
    for (size_t t = 0; t < n / 16; ++t) {
        tile_a[y][x] = a[row * n + t * 16 + x];
        tile_b[y][x] = b[(t * 16 + y) * n + column];
        barrier(CLK_LOCAL_MEM_FENCE);
        for (size_t k = 0; k < 16; ++k) sum = fma(tile_a[y][k], tile_b[k][x], sum);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    c[row * n + column] = sum;
}

kernel void matrix_vector(global const float *a, global const float *x, global float *y, uint columns)
{
    size_t row = get_global_id(0), n = columns;
    float sum = 0;
    for (size_t k = 0; k < n; ++k) sum = fma(a[row * n + k], x[k], sum);
    y[row] = sum;
}

kernel void transpose(global const float *from, global float *to, uint rows, uint columns)
{
    local float tile[16][17];
    size_t y = get_local_id(1), x = get_local_id(0);
    size_t row = get_group_id(1) * 16, column = get_group_id(0) * 16;
    tile[y][x] = from[(row + y) * columns + column + x];
    barrier(CLK_LOCAL_MEM_FENCE);
    to[(column + y) * rows + row + x] = tile[x][y];
}

kernel void sparse_matrix_vector(
    global const uint *starts, global const uint *columns, global const float *values, global const float *x,
    global float *y)
{
    size_t row = get_global_id(0);
    float sum = 0;
    for (size_t k = starts[row], end = starts[row + 1]; k < end; ++k) sum = fma(values[k], x[columns[k]], sum);
    y[row] = sum;
}
