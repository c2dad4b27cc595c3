"""Theorems for people to import: the catalogue as files for Coq with Coquelicot and for Lean 4 with mathlib."""
