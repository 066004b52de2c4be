// `triple.spv` beside this file is launched in its place, where the device takes SPIR-V. It was made by
//     clang-15 -c -x cl -cl-std=CL1.2 -target spir64 -emit-llvm -O1 -Xclang -finclude-default-header triple.cl -o triple.bc
//     llvm-spirv-15 --spirv-max-version=1.0 triple.bc -o triple.spv

__kernel void triple(__global const uint *from, __global uint *to, uint add)
{
    const size_t i = get_global_id(0);
    to[i] = 3 * from[i] + add;
}
