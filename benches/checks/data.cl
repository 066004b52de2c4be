#pragma OPENCL FP_CONTRACT OFF

kernel void histogram(global const uint *words, volatile global uint *bins)
{
    atomic_inc(&bins[words[get_global_id(0)]]);
}

static float square_distance(global const float *point, global const float *center)
{
    float sum = 0;
    for (size_t d = 0; d < 4; ++d) {
        float delta = point[d] - center[d];
        sum = fma(delta, delta, sum);
    }
    return sum;
}

kernel void nearest_center(
    global const float *points, global const float *centers, global const uint *before, global uint *after,
    uint n_centers)
{
    size_t i = get_global_id(0), n = n_centers;
    global const float *point = points + i * 4;
    size_t best = before[i];
    float least = square_distance(point, centers + best * 4);
    for (size_t k = 0; k < n; ++k) {
        float distance_ = square_distance(point, centers + k * 4);
        if (distance_ < least) {
            least = distance_;
            best = k;
        }
    }
    after[i] = best;
}
