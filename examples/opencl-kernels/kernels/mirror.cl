// Falx's last dimension is OpenCL's first: `get_global_id(0)` is the column.
__kernel void mirror(__global const uchar4 *from, __global uchar4 *to, uint columns, uchar4 tint)
{
    const size_t row = get_global_id(1);
    const size_t column = get_global_id(0);
    to[row * columns + column] = from[row * columns + columns - 1 - column] ^ tint;
}
