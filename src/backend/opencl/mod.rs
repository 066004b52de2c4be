//! OpenCL devices, through `opencl3` and `cl3`.
