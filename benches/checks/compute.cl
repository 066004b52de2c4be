#pragma OPENCL FP_CONTRACT OFF

kernel void n_body(global const float4 *bodies, global float *forces, uint n)
{
    size_t i = get_global_id(0);
    float4 own = bodies[i];
    float x = 0, y = 0, z = 0;
    for (size_t k = 0; k < n; ++k) {
        float4 other = bodies[k];
        float dx = other.x - own.x, dy = other.y - own.y, dz = other.z - own.z;
        float square = fma(dx, dx, fma(dy, dy, fma(dz, dz, 0.01f)));
        float strength = other.w / (square * sqrt(square));
        x = fma(dx, strength, x);
        y = fma(dy, strength, y);
        z = fma(dz, strength, z);
    }
    forces[3 * i] = x;
    forces[3 * i + 1] = y;
    forces[3 * i + 2] = z;
}

static float normal(float x)
{
    float k = 1 / (1 + 0.2316419f * fabs(x));
    float tail = 0.3989423f * exp(-0.5f * x * x)
        * (k * (0.31938153f + k * (-0.35656378f + k * (1.7814779f + k * (-1.8212559f + k * 1.3302745f)))));
    return x > 0 ? 1 - tail : tail;
}

kernel void black_scholes(
    global const float *prices, global const float *strikes, global const float *years, global float *calls,
    global float *puts)
{
    size_t i = get_global_id(0);
    float price = prices[i], strike = strikes[i], year = years[i];
    float root = sqrt(year);
    float d1 = (log(price / strike) + (0.02f + 0.5f * 0.3f * 0.3f) * year) / (0.3f * root);
    float d2 = d1 - 0.3f * root;
    float discount = strike * exp(-0.02f * year);
    calls[i] = price * normal(d1) - discount * normal(d2);
    puts[i] = discount * (1 - normal(d2)) - price * (1 - normal(d1));
}

kernel void mandelbrot(global uint *picture, uint rows, uint columns, uint limit)
{
    size_t row = get_global_id(1), column = get_global_id(0);
    float scale = 2.4f / rows;
    float c_real = -2.2f + column * scale, c_imaginary = -1.2f + row * scale;
    float real = 0, imaginary = 0;
    uint steps = 0;
    while (steps < limit && real * real + imaginary * imaginary <= 4) {
        float next = real * real - imaginary * imaginary + c_real;
        imaginary = 2 * real * imaginary + c_imaginary;
        real = next;
        ++steps;
    }
    picture[row * columns + column] = steps;
}
