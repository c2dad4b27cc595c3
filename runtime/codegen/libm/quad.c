// What libquadmath has not, by its functions; for inputs that are doubles.  Comments are in sweep.c.
#include <math.h>
#include <quadmath.h>

static inline __float128 own_sigmoidq(__float128 x) { return 1 / (1 + expq(-x)); }

static inline __float128 own_softplusq(__float128 x) { return (x > 0 ? x : 0) + log1pq(expq(-fabsq(x))); }

static inline __float128 own_sech_squaredq(__float128 x) {
    const __float128 z = expq(-2 * fabsq(x));
    return 4 * z / ((1 + z) * (1 + z));
}

static inline __float128 own_less_tanhq(__float128 x) {
    if (fabsq(x) >= 2) return isinfq(x) ? x : x - tanhq(x);
    __float128 c = 63;
    for (int odd = 61; odd > 1; odd -= 2) c = odd + x * x / c;
    c = x * x / c;
    return x * c / (1 + c);
}

static inline __float128 own_exp_minus_squareq(__float128 x) { return expq(-x * x); }
static inline __float128 own_exp_minus_half_squareq(__float128 x) { return expq(-x * x / 2); }
static inline __float128 own_erfc_over_root_2q(__float128 x) { return erfcq(x * M_SQRT1_2q); }

static inline __float128 sine_of_turns(__float128 x, int quarters) {
    const __float128 part = x - 2 * rintq(x / 2), n = rintq(2 * part), angle = M_PIq * (part - n / 2);
    quarters += (int)n;
    const __float128 y = quarters & 1 ? cosq(angle) : sinq(angle);
    return quarters & 2 ? -y : y;
}

static inline __float128 own_sinpiq(__float128 x) {
    const __float128 y = isinfq(x) ? (__float128)NAN : sine_of_turns(x, 0);
    return y == 0 ? copysignq(0, x) : y;
}

static inline __float128 own_cospiq(__float128 x) { return isinfq(x) ? (__float128)NAN : 0 + sine_of_turns(x, 1); }

static inline __float128 own_siluq(__float128 x) { return isinfq(x) && x < 0 ? -0.0Q : x / (1 + expq(-x)); }

static inline __float128 gate_derivative(__float128 x, __float128 v, __float128 slope) {
    const __float128 z = expq(-v), g = z * (1 + z - slope) / ((1 + z) * (1 + z));
    return isinfq(x) ? (x > 0 ? 1 : -0.0Q) : x < 0 ? g : 1 - g;
}

static inline __float128 own_silu_derivativeq(__float128 x) { return gate_derivative(x, fabsq(x), fabsq(x)); }

#define GELU_LINEAR 1.5957691216057307117597842397374792Q  // 2 sqrt(2/pi)

static inline __float128 own_geluq(__float128 x) {
    const __float128 v = GELU_LINEAR * x * (1 + 0.044715Q * x * x);
    return isinfq(x) && x < 0 ? -0.0Q : x / (1 + expq(-v));
}

static inline __float128 own_gelu_derivativeq(__float128 x) {
    const __float128 s = GELU_LINEAR * fabsq(x), cubic = 0.044715Q * x * x;
    return gate_derivative(x, s * (1 + cubic), s * (1 + 3 * cubic));
}

static inline __float128 own_gelu_erfq(__float128 x) {
    return isinfq(x) && x < 0 ? -0.0Q : x / 2 * erfcq(-x * M_SQRT1_2q);
}

static inline __float128 own_gelu_erf_derivativeq(__float128 x) {
    const __float128 s = fabsq(x), density = M_2_SQRTPIq * M_SQRT1_2q / 2;
    const __float128 g = -(s * density * expq(-s * s / 2) - erfcq(s * M_SQRT1_2q) / 2);  // -0 in the end
    return isinfq(x) ? (x > 0 ? 1 : -0.0Q) : x < 0 ? g : 1 - g;
}

static inline __float128 own_mishq(__float128 x) {
    const __float128 e = expq(-fabsq(x));
    if (isinfq(x)) return x > 0 ? x : -0.0Q;
    return x * (x < 0 ? e * (e + 2) / (e * e + 2 * e + 2) : (1 + 2 * e) / (1 + 2 * e + 2 * e * e));
}

static inline __float128 own_mish_derivativeq(__float128 x) {
    if (isinfq(x)) return x > 0 ? 1 : -0.0Q;
    const __float128 e = expq(-fabsq(x)), below = x < 0 ? e * e + 2 * e + 2 : 1 + 2 * e + 2 * e * e;
    const __float128 above = x < 0 ? e * (4 * (x + 1) + e * (4 * x + 6 + e * (4 + e)))
                                   : 1 + e * (4 + e * (4 * x + 6 + 4 * e * (x + 1)));
    return above / (below * below);
}
