"""Errors of kernels in ULP, over every float32 number.

``measure`` runs a kernel for float32 over a stretch of bit patterns beside the one for float64, which is its reference;
``reference`` holds that reference against Arb, whose balls are theorems, at random inputs and where errors are largest;
``engine`` hands out the stretches and puts them together; ``evidence`` is what is checked in, bound to the kernels'
text.
"""
