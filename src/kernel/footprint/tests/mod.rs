//! What is shown of kernels, and what is not.
