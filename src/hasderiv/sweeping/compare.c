// Compares what a kernel gave with the truth: REFERENCE, the same formula in __float128, or the float64 kernel where
// that one is sure.
// Included after quad.c, mix.c, the reference and the macros
//   REFERENCE(x), of an array of __float128; T, U (the unsigned type of its size), MANTISSA (stored bits), BIAS;
//   INPUTS, COLUMNS (inputs and parameters); SLACK, STEADY (in units, see below)
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
    uint64_t decided;  // by the float64 kernel alone
    double deviation;  // how far that was off, in units, where it was sure and __float128 was asked all the same
    uint64_t hash;     // the sum of mixed results modulo 2^64
} result;

static int clamped(int e) { return e < 1 - BIAS ? 1 - BIAS : e > BIAS ? BIAS : e; }

// The exponent of the unit's binade: x lies in [2^e, 2^(e + 1)) where it is a normal number.
static int exponent(__float128 x) {
    unsigned __int128 bits;
    memcpy(&bits, &x, sizeof bits);
    return clamped((int)(bits >> 112 & 0x7fff) - 16383);
}

static __float128 power(int e) {
    const unsigned __int128 bits = (unsigned __int128)(16383 + e) << 112;
    __float128 x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

// Whether both are finite and r is not next to overflow.
static int ordinary(T y, __float128 r) { return isfinite(y) && exponent(r) < BIAS; }

// Whether y is no answer; next to overflow a result may round to infinity as far off as the goal allows.
static int fails(T y, __float128 r, double goal) {
    if (ordinary(y, r)) return y == 0 && fabsq(r) >= power(1 - BIAS);
    if (isnanq(r) || y != y) return !(isnanq(r) && y != y);
    const __float128 size = fabsq(r), overflows = power(BIAS + 1) - power(BIAS - MANTISSA - 1);
    if (isinf(y)) return size < overflows - goal * power(BIAS - MANTISSA) || !signbit(y) != !signbitq(r);
    return size >= overflows + goal * power(BIAS - MANTISSA) || y == 0;
}

// An infinity stands for the number that would come next.
static __float128 clip(__float128 x) {
    const __float128 end = power(BIAS + 1);
    return x > end ? end : x < -end ? -end : x;
}

static __float128 apart(T y, __float128 r) { return fabsq(ordinary(y, r) ? y - r : clip(y) - clip(r)); }

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

// The error of y in units by the float64 kernel, or -1 where that one is not sure: where a result is NaN, infinite, 0 or
// next to overflow; where the error is within SLACK of the goal or beyond; and where the value changes by more than
// STEADY when an input is nudged, as it does next to a root, so that rounding inside may have changed it as well.
static double sure(T y, const double *const *witness, int i, double goal) {
    const double t = witness[0][i];
    uint64_t bits;
    memcpy(&bits, &t, sizeof bits);
    const int e = (int)(bits >> 52 & 0x7ff) - 1023;
    if (e >= BIAS || t == 0 || y == 0) return -1;
    const uint64_t scale_bits = (uint64_t)(1023 + MANTISSA - clamped(e)) << 52;
    double scale;
    memcpy(&scale, &scale_bits, sizeof scale);
    const double error = fabs(y - t) * scale;
    int steady = error <= goal - SLACK;
    for (int k = 1; k <= INPUTS; k++) steady &= fabs(witness[k][i] - t) * scale <= STEADY;
    return steady ? error : -1;
}

static void keep(double *where, const T *const *columns, int i) {
    for (int c = 0; c < COLUMNS; c++) where[c] = columns[c][c < INPUTS ? i : 0];
}

static uint64_t hashed(T y, const T *const *columns, int i) {
    U bits = 1;
    if (y == y) memcpy(&bits, &y, sizeof bits);
    uint64_t word = bits;
    for (int c = 0; c < COLUMNS; c++) memcpy(&bits, columns[c] + (c < INPUTS ? i : 0), sizeof bits), word = mix(word) ^ bits;
    return mix(word);
}

// `columns` are n numbers for each input and one for each parameter.  `witness` is null, or what the float64 kernel gave
// there, and what it gave when one input is nudged by about half a unit of float32, each in its turn.  Where `always` is
// set __float128 is asked at all inputs, and the witness held against it.
void compare(const T *const *columns, const T *got, const double *const *witness, int always, int n, double goal,
             double *errors, result *found) {
    for (int i = 0; i < n; i++) {
        const T y = got[i];
        const double believed = witness ? sure(y, witness, i, goal) : -1;
        double e = believed;
        found->hash += hashed(y, columns, i);
        if (believed >= 0 && !always) {
            found->decided++;
        } else {
            __float128 x[MOST] = {0};
            for (int c = 0; c < COLUMNS; c++) x[c] = columns[c][c < INPUTS ? i : 0];
            const __float128 r = REFERENCE(x), scale = power(MANTISSA - exponent(r));
            if (believed >= 0) {
                const double off = (double)(fabsq(witness[0][i] - r) * scale);
                if (!(off <= found->deviation)) found->deviation = off == off ? off : INFINITY;
            }
            if (fails(y, r, goal)) {
                if (!found->failures++) keep(found->failed_at, columns, i);
                errors[i] = -1;
                continue;
            }
            e = y != y ? 0 : (double)(apart(y, r) * scale);
            if (e > goal) {
                const double moved = (double)((e - goal) / scale / change(x, r));
                found->beyond++;
                if (moved > found->moved) found->moved = moved, keep(found->moved_at, columns, i);
            }
        }
        errors[i] = e;
        if (e > found->worst) found->worst = e, keep(found->worst_at, columns, i);
    }
}
