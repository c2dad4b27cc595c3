(** The checker as an OCaml program.  Numbers stay Coq's own; only booleans, lists, pairs and options become OCaml's. *)

From Coq Require Import Extraction ExtrOcamlBasic ZArith QArith DecimalZ.
From Hasderiv Require Import Term Semantics Theorems Special RulesFact RulesSums Check.

Extraction Language OCaml.
Extraction "checker.ml" check_with zero Z.gcd Z.compare Z.of_int Z.to_int Pos.of_int Pos.to_int Nat.of_uint.
