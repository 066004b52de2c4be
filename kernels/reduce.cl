// Sums a buffer, or the products of two, in two steps: each work-item sums one run of consecutive elements into one partial sum, then one
// work-item sums the partials. Neither uses local memory or barriers: those cost CPU devices a factor of ten.
//
// The order of additions depends only on the number of elements and of partials, so the result is the same on every
// device. `TYPE`, `LANES` (elements of a vector) and `HALF_LANES` are defined in front of this text, and `PRODUCTS` where
// products are summed; integers come unsigned, because sums of integers wrap.

#pragma OPENCL FP_CONTRACT OFF

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define LOAD(from) PASTE(vload, LANES)(0, from)
#define WIDE PASTE(TYPE, LANES)
#define HALF PASTE(TYPE, HALF_LANES)
#define QUAD PASTE(TYPE, 4)
#define PAIR PASTE(TYPE, 2)
#define RUN (4 * LANES)

#ifdef PRODUCTS
#define INPUTS __global const TYPE *from, __global const TYPE *with
#define FROM(at) from + (at), with + (at)
#define WIDE_AT(at) (LOAD(from + (at)) * LOAD(with + (at)))
#define ONE_AT(at) (from[at] * with[at])
#else
#define INPUTS __global const TYPE *from
#define FROM(at) from + (at)
#define WIDE_AT(at) LOAD(from + (at))
#define ONE_AT(at) from[at]
#endif

struct reduce_parameters {
    ulong first;   // the first element
    ulong length;  // how many elements
    ulong run;     // how many elements each work-item sums
};

// The sum of `length` elements. Four vectors are enough for additions not to wait for each other. There is no loop
// over single elements: Intel's compiler would change the order of its additions.
TYPE sum_of(INPUTS, const ulong length)
{
    WIDE a = (WIDE)(0), b = (WIDE)(0), c = (WIDE)(0), d = (WIDE)(0);
    ulong at = 0;
    for (; at + RUN <= length; at += RUN) {
        a += WIDE_AT(at);
        b += WIDE_AT(at + LANES);
        c += WIDE_AT(at + 2 * LANES);
        d += WIDE_AT(at + 3 * LANES);
    }
    TYPE rest[RUN];
    for (uint i = 0; i < RUN; i++) {
        rest[i] = at + i < length ? ONE_AT(at + i) : (TYPE)0;
    }
    a += LOAD(rest);
    b += LOAD(rest + LANES);
    c += LOAD(rest + 2 * LANES);
    d += LOAD(rest + 3 * LANES);
    const WIDE all = (a + b) + (c + d);
    const HALF half_sum = all.lo + all.hi;
#if LANES == 16
    const QUAD quarter = half_sum.lo + half_sum.hi;
#else
    const QUAD quarter = half_sum;
#endif
    const PAIR pair = quarter.lo + quarter.hi;
    return pair.lo + pair.hi;
}

__kernel void falx_reduce(const struct reduce_parameters p, INPUTS, __global TYPE *partials)
{
    const ulong item = get_global_id(0);
    const ulong begin = min(item * p.run, p.length);
    const ulong end = min(begin + p.run, p.length);
    partials[item] = sum_of(FROM(p.first + begin), end - begin);
}
