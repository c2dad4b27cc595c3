// Compares CORE (a float function) with REFERENCE (one of double) over float32 bit patterns.
// Included after the printed cores; CORE and REFERENCE are macros.
#include <stdint.h>
#include <string.h>

static inline double sigmoid(double x) { return 1 / (1 + exp(-x)); }

enum { BLOCK = 4096 };

typedef struct {
    double worst;       // the largest error, in units in the last place of the reference
    uint64_t failures;  // wrong class: NaN, infinity or zero where a number is due, or the other way round, or a wrong sign
    uint64_t hash;      // the sum of mixed (input, output) words modulo 2^64: shards add up in any order
    uint32_t worst_at;
    uint32_t failed_at;  // the last failure
} result;

static uint64_t mix(uint64_t z) {  // splitmix64
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// 2^(23 - e) for the exponent e of x as a float, subnormals included: one over the unit in the last place
static double inverse_unit(double x) {
    uint64_t u;
    memcpy(&u, &x, 8);
    int64_t e = (int64_t)(u >> 52 & 0x7ff) - 1023;
    e = e < -126 ? -126 : e > 127 ? 127 : e;
    const uint64_t v = (uint64_t)(1023 + 23 - e) << 52;
    double scale;
    memcpy(&scale, &v, 8);
    return scale;
}

static int is_nan(double x) { return x != x; }

// Whether y is no answer at all to a question whose true answer is r.
static int fails(float y, double r) {
    const float nearest = (float)r;
    if (is_nan(r) || is_nan(y)) return !(is_nan(r) && is_nan(y));
    if (!signbit(y) != !signbit(r)) return 1;
    if (isinf(y) || isinf(nearest)) return isinf(y) != isinf(nearest);
    return (y == 0 && fabsf(nearest) >= 0x1p-126f) || (r == 0 && y != 0);
}

static double clip(double x) { return x > 0x1p128 ? 0x1p128 : x < -0x1p128 ? -0x1p128 : x; }

// An infinity stands for 2^128, the number that float would have next.
static double error(float y, double r) { return fabs(clip(y) - clip(r)) * inverse_unit(r); }

void compute(const float *x, float *y, int n) {
    for (int i = 0; i < n; i++) y[i] = CORE(x[i]);
}

void reference(const float *x, double *y, int n) {
    for (int i = 0; i < n; i++) y[i] = REFERENCE((double)x[i]);
}

// The inputs with the bits first, first + step, ...: count of them.
void sweep(uint64_t first, uint64_t count, uint64_t step, result *out) {
    float x[BLOCK], y[BLOCK];
    double r[BLOCK];
    result found = {0};
    for (uint64_t done = 0; done < count; done += BLOCK) {
        const int n = count - done < BLOCK ? (int)(count - done) : BLOCK;
        for (int i = 0; i < n; i++) {
            const uint32_t u = (uint32_t)(first + (done + i) * step);
            memcpy(x + i, &u, 4);
        }
        compute(x, y, n);
        reference(x, r, n);
        double worst = 0;
        uint64_t failures = 0;
        for (int i = 0; i < n; i++) {
            uint32_t in, bits;
            memcpy(&in, x + i, 4);
            memcpy(&bits, y + i, 4);
            found.hash += mix((uint64_t)in << 32 | (y[i] == y[i] ? bits : 0x7fc00000u));
            const double e = error(y[i], r[i]);
            failures += fails(y[i], r[i]);
            worst = e > worst ? e : worst;  // where one of the two is NaN, there is nothing to compare
        }
        if (worst <= found.worst && !failures) continue;
        for (int i = 0; i < n; i++) {
            uint32_t in;
            memcpy(&in, x + i, 4);
            const double e = error(y[i], r[i]);
            if (e > found.worst) found.worst = e, found.worst_at = in;
            if (fails(y[i], r[i])) found.failures++, found.failed_at = in;
        }
    }
    *out = found;
}
