"""The rules of the kernel proved in Coq, and the checks of what those proofs assume."""
