// Compares CORE (a float function) with REFERENCE (one of double) over float32 bit patterns.
// Included after the printed cores; CORE and REFERENCE are macros.
#include <stdint.h>
#include <string.h>

// Functions that the C library has not, of float numbers x.  Beyond FAR e^-x is 0 in double.
#define FAR 800
static inline double own_sigmoid(double x) { return 1 / (1 + exp(-x)); }

static inline double own_softplus(double x) {
    if (fabs(x) > FAR) return x > 0 ? x : 0;
    return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}

static inline double own_sech_squared(double x) {
    if (fabs(x) > FAR) return 0;
    const long double z = exp(-2 * fabs(x));
    return (double)(4 * z / ((1 + z) * (1 + z)));
}

// x less Lambert's continued fraction of tanh x, up to 2: x c/(1 + c) with c = x^2/(3 + x^2/(5 + ...)).
static inline double own_less_tanh(double x) {
    if (fabs(x) >= 2) return isinf(x) ? x : x - tanh(x);
    double inner = 35;
    for (int odd = 33; odd > 5; odd -= 2) inner = odd + x * x / inner;
    const long double s = x * x, c = s / (3 + s / (5 + s / inner));
    return (double)(x * c / (1 + c));
}

static inline double own_exp_minus_square(double x) { return exp(-x * x); }
static inline double own_exp_minus_half_square(double x) { return exp(-0.5 * x * x); }

// With what the rounding of x/sqrt(2) leaves, to first order.
static inline double own_erfc_over_root_2(double x) {
    if (fabs(x) > FAR) return x > 0 ? 0 : 2;
    const double z = x * M_SQRT1_2, rest = fma(x, M_SQRT1_2, -z) - x * 4.833646656726457e-17;
    return erfc(z) - rest * M_2_SQRTPI * exp(-z * z);
}

// sin(pi x + quarters pi/2): x less a multiple of 1/2 is exact.
static inline double sine_of_turns(double x, int quarters) {
    const double part = x - 2 * rint(x / 2), n = rint(2 * part), angle = M_PI * (part - n / 2);
    quarters += (int)n;
    const double y = quarters & 1 ? cos(angle) : sin(angle);
    return quarters & 2 ? -y : y;
}

static inline double own_sinpi(double x) {
    const double y = isinf(x) ? NAN : sine_of_turns(x, 0);
    return y == 0 ? copysign(0, x) : y;
}

static inline double own_cospi(double x) { return isinf(x) ? NAN : 0 + sine_of_turns(x, 1); }

// Activations and their derivatives: beside a root with all the digits of long double, so that few cancel.
static inline double own_silu(double x) { return x > FAR ? x : x < -FAR ? -0.0 : x / (1 + exp(-x)); }

static inline long double exp_minus(long double v, int exactly) {
    const double high = (double)v;
    if (high > 1000) return 0;
    return exactly ? expl(-v) : (long double)exp(-high) * (1 - (v - high));
}

// e^-v (1 + e^-v - s v')/(1 + e^-v)^2 at s = abs x, and 1 less that to the right of 0
static inline double gate_derivative(double x, long double z, long double slope) {
    const long double g = z * (1 + z - slope) / ((1 + z) * (1 + z));
    return (double)(x < 0 ? g : 1 - g);
}

static inline double own_silu_derivative(double x) {
    const double s = fabs(x);
    if (fabs(x) > FAR) return x > 0 ? 1 : -0.0;
    return gate_derivative(x, exp_minus(s, s >= 1 && s < 1.6), s);
}

#define GELU_LINEAR 1.5957691216057307117597842397375L  // 2 sqrt(2/pi)

static inline double own_gelu(double x) {
    const long double v = GELU_LINEAR * x * (1 + 0.044715L * x * x);
    if (fabs(x) > FAR) return x > 0 ? x : -0.0;
    const long double z = exp_minus(fabsl(v), 0);
    return (double)(x * (x < 0 ? z : 1) / (1 + z));
}

static inline double own_gelu_derivative(double x) {
    const double s = fabs(x);
    if (fabs(x) > FAR) return x > 0 ? 1 : -0.0;
    const long double slope = GELU_LINEAR * s * (1 + 3 * 0.044715L * s * s);
    return gate_derivative(x, exp_minus(GELU_LINEAR * s * (1 + 0.044715L * s * s), s > 0.4 && s < 1.1), slope);
}

static inline double own_gelu_erf(double x) { return x < -FAR ? -0.0 : x / 2 * own_erfc_over_root_2(-x); }

static inline double own_gelu_erf_derivative(double x) {
    const long double density = 0.39894228040143267793994605993438L;  // 1/sqrt(2 pi)
    const long double s = fabs(x);
    if (fabs(x) > FAR) return x > 0 ? 1 : -0.0;
    const long double g = s > 0.125 && s < 3
                              ? erfcl(s * 0.70710678118654752440084436210485L) / 2 - s * density * expl(-s * s / 2)
                              : -(s * density * exp(-0.5 * x * x) - own_erfc_over_root_2((double)s) / 2);  // or -0
    return (double)(x < 0 ? g : 1 - g);
}

static inline double own_mish(double x) {
    if (fabs(x) > FAR) return x > 0 ? x : -0.0;
    const long double e = exp(-fabs(x));
    return (double)(x * (x < 0 ? e * (e + 2) / (e * e + 2 * e + 2) : (1 + 2 * e) / (1 + 2 * e + 2 * e * e)));
}

static inline double own_mish_derivative(double x) {
    if (fabs(x) > FAR) return x > 0 ? 1 : -0.0;
    const long double e = exp_minus(fabs(x), x < -0.8 && x > -1.6), y = x;
    const long double below = x < 0 ? e * e + 2 * e + 2 : 1 + 2 * e + 2 * e * e;
    const long double above = x < 0 ? e * (4 * (y + 1) + e * (4 * y + 6 + e * (4 + e)))
                                    : 1 + e * (4 + e * (4 * y + 6 + 4 * e * (y + 1)));
    return (double)(above / (below * below));
}

enum { BLOCK = 4096 };

typedef struct {
    double worst;       // the largest error, in units in the last place of the reference
    uint64_t failures;  // wrong class: NaN, infinity or zero where a number is due, or the other way round, or a wrong sign
    uint64_t hash;      // the sum of mixed (input, output) words modulo 2^64: shards add up in any order
    uint32_t worst_at;
    uint32_t failed_at;  // the last failure
} result;

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
