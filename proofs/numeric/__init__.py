"""Numbers for evidence and for deciding where a point lies: exact constants, and balls of many digits.

Nothing here is trusted by the kernel.  A verdict that rests on it is called numerical evidence.
"""
