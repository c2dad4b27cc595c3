// The numbered sequence of random inputs.  Included after mix.c and the macros
//   T, U and I (the unsigned and the signed type of its size)
#include <math.h>
#include <string.h>

// The random word of a number; `which` tells sequences apart.
static uint64_t word(uint64_t number, unsigned which) { return mix(0x9e3779b97f4a7c15u * (16 * number + which)); }

static double uniform(uint64_t w, double low, double high) { return low + (high - low) * ((w >> 11) * 0x1p-53); }

// Exponents spread evenly from low to high - 1.
static double sized(uint64_t w, int low, int high) {
    const uint64_t bits = (uint64_t)(1023 + low + (int)((w >> 2) % (high - low))) << 52;
    double power;
    memcpy(&power, &bits, 8);
    return uniform(w, 1, 2) * power;
}

static double with_sign(double size, uint64_t w) { return w & 1 ? size : -size; }

static T of_bits(U bits) {
    T x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

// The number so many steps further in the order of all floats, at most the infinities; NaN stays.
static T moved(T x, int64_t steps) {
    const I least = (I)((U)1 << (8 * sizeof(U) - 1));
    const T infinite = INFINITY;
    I bits, end;
    memcpy(&bits, &x, sizeof x);
    memcpy(&end, &infinite, sizeof end);
    if (x != x) return x;
    int64_t place = (bits < 0 ? (int64_t)least - bits : bits) + steps;
    place = place > end ? end : place < -(int64_t)end ? -(int64_t)end : place;
    return of_bits((U)(place < 0 ? least - place : place));
}

enum { ANY_BITS, USUAL, MODERATE, SMALL, EXPONENTS, HALVES };

static T member(int family, uint64_t w) {
    const double end = sizeof(T) == 4 ? 110 : 760;  // there exp goes from 0 to infinity
    switch (family) {
        case ANY_BITS: return of_bits((U)w);
        case USUAL: return (T)with_sign(sized(w, -30, 8), w);
        case MODERATE: return (T)uniform(w, -30, 30);
        case SMALL: return (T)uniform(w, -2, 2);
        case EXPONENTS: return (T)uniform(w, -end, end);
        default:  // multiples of 1/2, a few units in the last place off in one case of two
            return moved((T)(((double)(w & 511) - 256) / 2), w >> 63 ? (int64_t)((w >> 20) % 9) - 4 : 0);
    }
}

// A number next to x: from one unit in the last place off to a change of most bits.
static T beside(T x, uint64_t w) {
    const int bits = 8 * (int)sizeof(T) - 10;
    const int64_t off = (int64_t)((w >> 8) >> (64 - bits + (int)(w % (bits - 8))));
    return moved(x, (w >> 7) & 1 ? off : -off);
}

static T one(uint64_t number) {
    static const T marks[8] = {1, -1, 0.5, -0.5, 2, 3, -3, 4};
    const uint64_t w = word(number, 0);
    const int place = (int)(number % 8);
    return place < 7 ? member(place % 6, w) : beside(marks[w % 8], word(number, 1));
}

// Of sixteen pairs eight are independent, four nearly equal or opposite, two a step of 1 apart, two far apart.
static void two(uint64_t number, T *x, T *y) {
    static const int first[8] = {ANY_BITS, USUAL, MODERATE, SMALL, EXPONENTS, HALVES, MODERATE, USUAL};
    static const int second[8] = {ANY_BITS, USUAL, MODERATE, SMALL, EXPONENTS, HALVES, SMALL, EXPONENTS};
    const uint64_t w = word(number, 2), v = word(number, 3), u = word(number, 4);
    const int place = (int)(number % 16);
    const T a = member(place < 8 ? first[place] : place % 5, w), turned = v & 1 ? a : -a;
    const T b = place < 8    ? member(second[place], v)
                : place < 12 ? beside(turned, u)
                : place < 14 ? beside(turned + (T)with_sign(1, u), u)
                             : (T)(a * with_sign(sized(u, -60, 60), v));
    const int swap = w >> 40 & 1;
    *x = swap ? b : a;
    *y = swap ? a : b;
}

void sequence(int arity, uint64_t first, int count, T *x, T *y) {
    for (int i = 0; i < count; i++) {
        if (arity == 1)
            x[i] = one(first + (uint64_t)i);
        else
            two(first + (uint64_t)i, x + i, y + i);
    }
}
