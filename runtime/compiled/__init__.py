"""The compiled path: the op lists of the kernels as machine code, by LLVM, with the bits of the NumPy kernels.

``loops`` writes the loop around a routine, ``machine`` turns LLVM's language into machine code and keeps it on disk,
``ufuncs`` makes NumPy ufuncs of it, and ``library`` brings them together.  Large arrays are shared by the threads of a
``pool`` and written to ``memory`` that was used before.  Why LLVM and not a C compiler: an op list is
LLVM's language almost word for word, a selection is an instruction there and hinders no vectorisation, nothing has to
be installed on the user's machine but a wheel, and a routine is compiled in a few hundredths of a second when it is
first used.
"""
