"""Proofs about indexed terms: the derivative of a tensor op, and that its pullback is the adjoint.  Untrusted."""
