// Sums a buffer in two steps: each work-item sums one run of consecutive elements into one partial sum, then one
// work-item sums the partials. Neither uses local memory or barriers: those cost CPU devices a factor of ten.
//
// The order of additions depends only on the number of elements and of partials, so the result is the same on every
// device. `TYPE` and `WIDE` (its vector of LANES elements) are defined in front of this text; integers come unsigned,
// because sums of integers wrap.

#pragma OPENCL FP_CONTRACT OFF

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define LOAD(from) PASTE(vload, LANES)(0, from)
#define RUN (4ul * LANES)

struct reduce_parameters {
    ulong first;   // the first element
    ulong length;  // how many elements
    ulong run;     // how many elements each work-item sums
};

// The sum of `length` elements. Four vectors are enough for additions not to wait for each other.
TYPE sum_of(__global const TYPE *from, const ulong length)
{
    WIDE a = (WIDE)(0), b = (WIDE)(0), c = (WIDE)(0), d = (WIDE)(0);
    ulong at = 0;
    for (; at + RUN <= length; at += RUN) {
        a += LOAD(from + at);
        b += LOAD(from + at + LANES);
        c += LOAD(from + at + 2 * LANES);
        d += LOAD(from + at + 3 * LANES);
    }
    const WIDE all = (a + b) + (c + d);
    TYPE lanes[LANES];
    PASTE(vstore, LANES)(all, 0, lanes);
    TYPE sum = 0;
    for (uint lane = 0; lane < LANES; lane++) {
        sum += lanes[lane];
    }
    for (; at < length; at++) {
        sum += from[at];
    }
    return sum;
}

__kernel void falx_reduce(const struct reduce_parameters p, __global const TYPE *from, __global TYPE *partials)
{
    const ulong item = get_global_id(0);
    const ulong begin = min(item * p.run, p.length);
    const ulong end = min(begin + p.run, p.length);
    partials[item] = sum_of(from + p.first + begin, end - begin);
}
