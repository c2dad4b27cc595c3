"""Tensor ops: what their certificates have to state, making them, checking them, and what people ask of them."""
