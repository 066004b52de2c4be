kernel void bitonic_step(global uint *data, uint distance, uint run)
{
    size_t i = get_global_id(0), partner = i ^ distance;
    if (partner > i) {
        uint low = min(data[i], data[partner]), high = max(data[i], data[partner]);
        int is_rising = (i & run) == 0;
        data[i] = is_rising ? low : high;
        data[partner] = is_rising ? high : low;
    }
}

kernel void scan_step(global const uint *from, global uint *to, uint distance)
{
    size_t i = get_global_id(0);
    to[i] = i >= distance ? from[i] + from[i - distance] : from[i];
}
