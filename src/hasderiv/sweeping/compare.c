// Compares what a kernel gave with REFERENCE, the same formula in __float128.
// Included after quad.c, the reference and the macros
//   REFERENCE(x), of an array of __float128; T, U (the unsigned type of its size), MANTISSA (stored bits), BIAS;
//   COLUMNS (inputs and parameters), INPUTS (those of them that are inputs)
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { MOST = 4 };

typedef struct {
    double worst;  // the largest error, in units in the last place of the true value
    double worst_at[MOST];
    uint64_t failures;  // NaN, infinity or 0 where a normal number is due, or a number where there is none
    double failed_at[MOST];
    uint64_t beyond;  // errors larger than the goal
    double moved;     // how far they go beyond it, in what the true value changes when an input is the next number
    double moved_at[MOST];
    uint64_t hash;  // the sum of mixed results modulo 2^64
} result;

static __float128 unit(__float128 x) {
    int e;
    frexpq(x, &e);
    return ldexpq(1, (x == 0 || e < 2 - BIAS ? 2 - BIAS : e > BIAS + 1 ? BIAS + 1 : e) - MANTISSA - 1);
}

// Whether y is no answer; next to overflow a result may round to infinity as far off as the goal allows.
static int fails(T y, __float128 r, double goal) {
    const __float128 size = fabsq(r), overflows = ldexpq(1, BIAS + 1) - ldexpq(1, BIAS - MANTISSA - 1);
    if (isnanq(r) || y != y) return !(isnanq(r) && y != y);
    if (isinf(y)) return size < overflows - goal * ldexpq(1, BIAS - MANTISSA) || !signbit(y) != !signbitq(r);
    return size >= overflows + goal * ldexpq(1, BIAS - MANTISSA) || (y == 0 && size >= ldexpq(1, 1 - BIAS));
}

// An infinity stands for the number that would come next.
static __float128 clip(__float128 x) {
    const __float128 end = ldexpq(1, BIAS + 1);
    return x > end ? end : x < -end ? -end : x;
}

// The largest change of the true value r when one input goes to a number beside it.
static __float128 change(const __float128 *x, __float128 r) {
    __float128 most = 0, near[MOST];
    for (int i = 0; i < 2 * INPUTS; i++) {
        memcpy(near, x, sizeof near);
        near[i / 2] = nextafter_T((T)x[i / 2], i % 2 ? (T)INFINITY : -(T)INFINITY);
        const __float128 gap = fabsq(REFERENCE(near) - r);
        if (gap > most) most = gap;  // not for NaN
    }
    return most;
}

static void keep(double *where, const __float128 *x) {
    for (int c = 0; c < COLUMNS; c++) where[c] = (double)x[c];
}

void compare(const T *const *columns, const T *got, int n, double goal, double *errors, result *found) {
    for (int i = 0; i < n; i++) {
        __float128 x[MOST] = {0};
        for (int c = 0; c < COLUMNS; c++) x[c] = columns[c][i];
        const __float128 r = REFERENCE(x);
        U bits = 1;
        if (got[i] == got[i]) memcpy(&bits, got + i, sizeof bits);
        uint64_t word = bits;
        for (int c = 0; c < COLUMNS; c++) memcpy(&bits, columns[c] + i, sizeof bits), word = mix(word) ^ bits;
        found->hash += mix(word);
        errors[i] = 0;
        if (fails(got[i], r, goal)) {
            if (!found->failures++) keep(found->failed_at, x);
            errors[i] = -1;
            continue;
        }
        if (got[i] != got[i]) continue;
        const __float128 t = clip(r), u = unit(t);
        const double e = errors[i] = (double)(fabsq(clip(got[i]) - t) / u);
        if (e > found->worst) found->worst = e, keep(found->worst_at, x);
        if (e > goal) {
            const double moved = (double)((e - goal) * u / change(x, r));
            found->beyond++;
            if (moved > found->moved) found->moved = moved, keep(found->moved_at, x);
        }
    }
}
