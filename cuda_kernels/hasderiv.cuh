// What every generated kernel includes: macros that let the same body compile as C and as CUDA, and the two
// loops that run a body over arrays.  No headers of CUDA are needed, so NVRTC compiles it by itself.
#ifndef HASDERIV_CUH
#define HASDERIV_CUH

#ifdef __CUDACC__

#define FN static __device__ __forceinline__
#define HD_INFF __int_as_float(0x7f800000)
#define HD_NANF __int_as_float(0x7fc00000)
#define HD_INF __longlong_as_double(0x7ff0000000000000LL)
#define HD_NAN __longlong_as_double(0x7ff8000000000000LL)

// compile everything, or one routine only: a user waits for what is used
#ifdef HD_ONLY
#define HD_WANTED(n) (HD_ONLY == (n))
#else
#define HD_WANTED(n) 1
#endif

// half is stored as its bits and computed in float
struct alignas(2) hd_half { unsigned short bits; };

static __device__ __forceinline__ float hd_widen(float x) { return x; }
static __device__ __forceinline__ double hd_widen(double x) { return x; }
static __device__ __forceinline__ float hd_widen(hd_half x) {
    float y;
    asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
    return y;
}
static __device__ __forceinline__ void hd_narrow(float x, float &y) { y = x; }
static __device__ __forceinline__ void hd_narrow(double x, double &y) { y = x; }
static __device__ __forceinline__ void hd_narrow(float x, hd_half &y) {
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
}

template <class S> struct alignas(16) hd_vector { S element[16 / sizeof(S)]; };

// Contiguous arrays, each aligned to 16 bytes.  S is stored, C computed in; N operands.
template <class S, class C, int N, class F>
static __device__ __forceinline__ void hd_contiguous(F f, const S *const (&in)[N], const C (&value)[N], S *out, long long n) {
    constexpr int W = 16 / sizeof(S);
    const long long first = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    const long long step = (long long)gridDim.x * blockDim.x;
    const long long vectors = n / W;
    for (long long i = first; i < vectors; i += step) {
        hd_vector<S> v[N], r;
#pragma unroll
        for (int k = 0; k < N; k++)
            if (in[k]) v[k] = reinterpret_cast<const hd_vector<S> *>(in[k])[i];
#pragma unroll
        for (int w = 0; w < W; w++) {
            C a[N];
#pragma unroll
            for (int k = 0; k < N; k++) a[k] = in[k] ? hd_widen(v[k].element[w]) : value[k];
            hd_narrow(f(a), r.element[w]);
        }
        reinterpret_cast<hd_vector<S> *>(out)[i] = r;
    }
    for (long long i = vectors * W + first; i < n; i += step) {
        C a[N];
#pragma unroll
        for (int k = 0; k < N; k++) a[k] = in[k] ? hd_widen(in[k][i]) : value[k];
        hd_narrow(f(a), out[i]);
    }
}

// Any strides, counted in elements.  layout: the number of axes, the shape, the strides of each operand, those of out.
template <class S, class C, int N, class F>
static __device__ __forceinline__ void hd_strided(F f, const S *const (&in)[N], const C (&value)[N], S *out, long long n,
                                                  const long long *layout) {
    const int axes = (int)layout[0];
    const long long *shape = layout + 1;
    const long long *strides = shape + axes;
    const long long step = (long long)gridDim.x * blockDim.x;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) {
        long long offset[N + 1];
#pragma unroll
        for (int k = 0; k <= N; k++) offset[k] = 0;
        long long rest = i;
        for (int axis = axes - 1; axis >= 0; axis--) {
            const long long at = rest % shape[axis];
            rest /= shape[axis];
#pragma unroll
            for (int k = 0; k <= N; k++) offset[k] += at * strides[(long long)k * axes + axis];
        }
        C a[N];
#pragma unroll
        for (int k = 0; k < N; k++) a[k] = in[k] ? hd_widen(in[k][offset[k]]) : value[k];
        hd_narrow(f(a), out[offset[N]]);
    }
}

#else

#include <math.h>
#include <stdbool.h>
#define FN static inline
#define HD_INFF __builtin_inff()
#define HD_NANF __builtin_nanf("")
#define HD_INF __builtin_inf()
#define HD_NAN __builtin_nan("")

#endif

#include "generated/cores.cuh"

#endif
