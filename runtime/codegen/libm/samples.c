// Compares CORE (a function of double) with REFERENCE (one of __float128, from libquadmath) at random bit patterns.
// Included after the printed cores and quad.c; CORE and REFERENCE are macros.
#include <stdint.h>
#include <string.h>

typedef struct {
    double worst;       // the largest error, in units in the last place of the reference
    uint64_t failures;  // wrong class: NaN, infinity or zero where a number is due, or the other way round, or a wrong sign
    uint64_t hash;      // the sum of mixed (input, output) words modulo 2^64
    double worst_at;
    double failed_at;
} result;

static double unit(__float128 x) {
    int e;
    frexpq(x, &e);
    e = x == 0 || e < -1021 ? -1021 : e > 1024 ? 1024 : e;
    return ldexp(1, e - 53);
}

static int fails(double y, __float128 r) {
    const double nearest = (double)r;
    if (isnanq(r) || y != y) return !(isnanq(r) && y != y);
    if (!signbit(y) != !signbitq(r)) return 1;
    if (isinf(y) || isinf(nearest)) return isinf(y) != isinf(nearest);
    return (y == 0 && fabs(nearest) >= 0x1p-1022) || (r == 0 && y != 0);
}

void compute(const double *x, double *y, int n) {
    for (int i = 0; i < n; i++) y[i] = CORE(x[i]);
}

// One input of each number of the sequence: three in four between 2^-60 and 2^10, the others of any bits.
static double input(uint64_t i) {
    uint64_t u = mix(i);
    if (i & 3) u = (u & 0x800fffffffffffffu) | (1023 - 60 + (u >> 52) % 70) << 52;
    double x;
    memcpy(&x, &u, 8);
    return x;
}

static void look(double x, double y, result *found) {
    const __float128 r = REFERENCE((__float128)x);
    uint64_t in, out;
    memcpy(&in, &x, 8);
    memcpy(&out, &y, 8);
    found->hash += mix(mix(in) ^ (y == y ? out : 0x7ff8000000000000u));
    if (fails(y, r)) found->failures++, found->failed_at = x;
    if (isinf(y) || isinf((double)r) || y != y) return;
    const double e = (double)(fabsq(y - r) / unit(r));
    if (e > found->worst) found->worst = e, found->worst_at = x;
}

void at_inputs(const double *x, int n, result *out) {
    result found = {0};
    for (int i = 0; i < n; i++) look(x[i], CORE(x[i]), &found);
    *out = found;
}

void at_random(uint64_t first, uint64_t count, result *out) {
    result found = {0};
    for (uint64_t i = first; i < first + count; i++) {
        const double x = input(i);
        look(x, CORE(x), &found);
    }
    *out = found;
}
