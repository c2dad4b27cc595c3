// Compares CORE (a function of two T) with REFERENCE (one of two R) at random pairs of bit patterns.
// Included after the printed cores and the macros
//   CORE, REFERENCE, T (float or double), U (the unsigned type of its size), R (a wider type), FREXP (that of R),
//   MANTISSA (stored bits), BIAS, BEYOND (2^(BIAS+1) as an R)
#include <stdint.h>
#include <string.h>

enum { BLOCK = 1024 };

typedef struct {
    double worst;       // the largest error, in units in the last place of the reference
    uint64_t failures;  // wrong class: NaN, infinity or zero where a number is due, or the other way round, or a wrong sign
    uint64_t hash;      // the sum of mixed (inputs, output) words modulo 2^64: stretches add up in any order
    double worst_at[2];
    double failed_at[2];  // the last failure
} result;

static U bits(T x) {
    U u;
    memcpy(&u, &x, sizeof u);
    return u;
}

static T number(U u) {
    T x;
    memcpy(&x, &u, sizeof x);
    return x;
}

static int exponent(T x) { return (int)(bits(x) >> MANTISSA & (2 * BIAS + 1)); }

// x with another exponent, given with the bias
static T with_exponent(T x, int e) {
    const U mask = (U)(2 * BIAS + 1) << MANTISSA;
    return number((bits(x) & ~mask) | (U)(e < 0 ? 0 : e > 2 * BIAS ? 2 * BIAS : e) << MANTISSA);
}

// log2 of abs x to a tenth: by IEEE operations, so that the pairs are the same everywhere
static double rough_log2(T x) { return exponent(x) - BIAS + ((double)with_exponent(x < 0 ? -x : x, BIAS) - 1); }

// Pair number i.  Of eight: two of any bits, one of usual numbers, two of sizes that compare, two with x^y spread over
// the range and beyond, one with y a multiple of 1/2.
static void pair(uint64_t i, T *x, T *y) {
    const uint64_t v = mix(2 * i + 1), w = mix(~i);  // the low bits of w choose
    T a = number((U)mix(2 * i)), b = number((U)v);
    switch (i & 7) {
        case 2:
            a = with_exponent(a, BIAS - 30 + (int)(w % 38)), b = with_exponent(b, BIAS - 30 + (int)(w / 38 % 38));
            break;
        case 3:
        case 4: b = with_exponent(b, exponent(a) - MANTISSA - 4 + (int)(w % (2 * MANTISSA + 9))); break;
        case 5:
            a = with_exponent(a, BIAS - 2 + (int)(w & 3));  // next to 1, and nearer
            if (w & 4) a = number(bits((T)1) + (U)((int64_t)v >> (64 - 8 * sizeof(T) + (w >> 3) % (MANTISSA + 9))));
            __attribute__((fallthrough));
        case 6: {
            const double spread = ((double)(w >> 11) * 0x1p-53 - 0.5) * 2.4 * (BIAS + MANTISSA);
            if (a == a && rough_log2(a) != 0) b = (T)(spread / rough_log2(a));
            if (a < 0 && (b < 0 ? -b : b) < 0x1p40) b = (T)(int64_t)b;
            break;
        }
        case 7: b = (T)((int)(w & 511) - 256) / 2; break;
    }
    *x = a, *y = b;
}

static R size(R x) { return x < 0 ? -x : x; }

static R clip(R x) { return x > BEYOND ? BEYOND : x < -BEYOND ? -BEYOND : x; }

// Whether z is no answer at all to a question whose true answer is r.
static int fails(T z, R r) {
    const T nearest = (T)r;
    if (r != r || z != z) return !(r != r && z != z);
    if (!signbit(z) != !signbit(nearest)) return 1;
    if (isinf(z) || isinf(nearest)) return isinf(z) != isinf(nearest);
    return (z == 0 && size(nearest) >= ldexp(1, 1 - BIAS)) || (r == 0 && z != 0);
}

// In units of the last place of r; an infinity stands for the number that would come next.
static double error(T z, R r) {
    int e;
    if (r != r || z != z) return 0;
    r = clip(r);
    FREXP(r, &e);
    e = r == 0 || e < 2 - BIAS ? 2 - BIAS : e > BIAS + 1 ? BIAS + 1 : e;
    return (double)(size(clip(z) - r) * (R)ldexp(1, -e) * (R)ldexp(1, MANTISSA + 1));
}

void compute(const T *x, const T *y, T *z, int n) {
    for (int i = 0; i < n; i++) z[i] = CORE(x[i], y[i]);
}

void reference(const T *x, const T *y, R *z, int n) {
    for (int i = 0; i < n; i++) z[i] = REFERENCE((R)x[i], (R)y[i]);
}

static void look(const T *x, const T *y, int n, result *found) {
    T z[BLOCK];
    R r[BLOCK];
    compute(x, y, z, n);
    reference(x, y, r, n);
    for (int i = 0; i < n; i++) {
        const uint64_t out = z[i] == z[i] ? bits(z[i]) : 1;
        found->hash += mix(mix(mix(bits(x[i])) ^ bits(y[i])) ^ out);
        if (fails(z[i], r[i])) found->failures++, found->failed_at[0] = x[i], found->failed_at[1] = y[i];
        const double e = error(z[i], r[i]);
        if (e > found->worst) found->worst = e, found->worst_at[0] = x[i], found->worst_at[1] = y[i];
    }
}

void at_inputs(const T *x, const T *y, int n, result *out) {
    result found = {0};
    for (int i = 0; i < n; i += BLOCK) look(x + i, y + i, n - i < BLOCK ? n - i : BLOCK, &found);
    *out = found;
}

void inputs(uint64_t first, int n, T *x, T *y) {
    for (int i = 0; i < n; i++) pair(first + i, x + i, y + i);
}

void at_random(uint64_t first, uint64_t count, result *out) {
    T x[BLOCK], y[BLOCK];
    result found = {0};
    for (uint64_t done = 0; done < count; done += BLOCK) {
        const int n = count - done < BLOCK ? (int)(count - done) : BLOCK;
        inputs(first + done, n, x, y);
        look(x, y, n, &found);
    }
    *out = found;
}
