// Fills bytes with a repeated pattern of 16 bytes. Each work-item fills one run of CHUNK bytes, because wide stores of
// consecutive bytes reach the memory's bandwidth on CPU devices and the drivers' own fills do not.

#define CHUNK 4096ul

struct fill_parameters {
    ulong first;   // the first byte to fill
    ulong size;    // how many bytes
    ulong low;     // the pattern, as it stands in memory
    ulong high;
};

__kernel void falx_fill(const struct fill_parameters p, __global uchar *memory)
{
    const ulong begin = (ulong)get_global_id(0) * CHUNK;
    if (begin >= p.size) {
        return;
    }
    const ulong end = min(begin + CHUNK, p.size);
    __global uchar *first = memory + p.first;
    const ulong4 wide = (ulong4)(p.low, p.high, p.low, p.high);
    const uchar16 pattern = as_uchar16((ulong2)(p.low, p.high));
    const uchar pattern_bytes[16] = {
        pattern.s0, pattern.s1, pattern.s2, pattern.s3, pattern.s4, pattern.s5, pattern.s6, pattern.s7,
        pattern.s8, pattern.s9, pattern.sa, pattern.sb, pattern.sc, pattern.sd, pattern.se, pattern.sf,
    };
    ulong at = begin;
    // The memory may begin at any byte; `ulong` stores need their alignment.
    if (((ulong)(uintptr_t)first & 7ul) == 0ul) {
        for (; at + 64ul <= end; at += 64ul) {
            __global ulong *run = (__global ulong *)(first + at);
            vstore4(wide, 0, run);
            vstore4(wide, 1, run);
        }
    } else {
        for (; at + 16ul <= end; at += 16ul) {
            vstore16(pattern, 0, first + at);
        }
    }
    for (; at < end; at++) {
        first[at] = pattern_bytes[at & 15ul];
    }
}
