"""Elementary functions of our own, as op lists: the same bits on NumPy, C and CUDA, the error known.

What is here, one file each:

* ``formats``: float32 and float64; ``oplist``: typed straight-line code of IEEE ``+ - * / sqrt``, comparisons, selects
  and integer bit operations; ``twofloat``: sums of two floats (Dekker, Knuth), without fused multiply-add;
* ``exponential``, ``logarithm``, ``trigonometric`` (with ``reduction``), ``arctangent``, ``arcsine``, ``hyperbolic``,
  ``inverse_hyperbolic``, ``error_function``, ``root``: the cores; ``power``, ``hypotenuse`` and in ``arctangent``
  atan2: those of two arguments; ``activations``: silu, gelu, mish and their derivatives, each as one core because a
  composition of rounded functions loses their tails and roots; ``catalogue`` lists all with their goals;
* ``minimax``, ``fits``: every constant of ``coefficients`` and ``coefficients64`` made anew
  (``python -m hasderiv.runtime.codegen.libm.fits``);
* ``print_c`` (C and CUDA), ``print_numpy``, ``print_llvm``, ``evaluate``: the printers, and the cores on arrays;
* ``sweep`` (with ``sweep.c``), ``reference``: a core of float32 over all 2^32 inputs, and the reference of that against
  Arb; ``samples`` (with ``samples.c``): a core of float64 at ten million random inputs and at hard ones; ``pairs``
  (with ``pairs.c``): a core of two arguments at 10^8 random pairs of float32, 10^7 of float64, and at hard ones.  What
  they found is checked in under ``proofs/evidence/libm/`` and bound to the sha256 of the printed core.

The cores of float32 use no float64.  Accuracy comes from pairs of floats where one float is not enough: reduced
arguments, divisions, and the last sum, so that one rounding remains.  Arguments of sin, cos and tan are reduced by
integers.

**Who uses it.**  Every kernel, through the table of :mod:`..elementary`.  As NumPy code a core of 50 operations makes
50 passes over memory and is 8 to 80 times slower than NumPy's function; as machine code
(:mod:`hasderiv.runtime.compiled`) it vectorises.

**What is not here.**  ``fmod``: it is exact in every backend, and needs as many steps as the exponents differ.
``logaddexp``: next to its zeros an error of 2 ULP would need more digits than a pair has.
"""
