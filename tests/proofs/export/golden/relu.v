(** relu: its derivatives, 5 theorems in Coquelicot's words.

    Written by hasderiv export coq relu.  The certificate below is checked by Coq itself, with the checker of
    hasderiv's Coq library, which is proved sound.  In hasderiv's source tree [make -C proofs/coq proofs] compiles
    that library; then [coqc -R proofs/coq Hasderiv FILE.v], with the path of that folder, compiles this file. *)

From Coq Require Import Reals List.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Check Readable Exported.
From Hasderiv.exports Require Elementwise.
Import ListNotations.
Open Scope R_scope.

Definition relu (x : R) : R :=
  if Rle_dec 0 x then x else 0.

Module Certificate.
End Certificate.

Theorem relu_derive_1 (x : R) :
  x < 0 ->
  is_derive relu x 0.
Proof.
  exact (Exported.piece_derive 3%positive _ _ _ 0 _ _ Certificate.hyps_relu_derive_1
    (Readable.symbols [(3%positive, x)]) Certificate.map_0 eq_refl eq_refl).
Qed.

Theorem relu_corner_2 (x : R) :
  x = 0 ->
  ~ ex_derive relu x.
Proof.
  exact (Exported.piece_no_derive 3%positive _ _ _ 1 _ _ _ _ Certificate.hyps_relu_corner_2
    (Readable.symbols [(3%positive, x)]) Certificate.map_0 eq_refl eq_refl).
Qed.

Theorem relu_corner_left_2 (x : R) :
  x = 0 ->
  filterlim (fun h => (relu (x + h) - relu x) / h) (at_left 0) (locally 0).
Proof.
  exact (Exported.piece_left 3%positive _ _ _ 1 _ _ _ _ Certificate.hyps_relu_corner_left_2
    (Readable.symbols [(3%positive, x)]) Certificate.map_0 eq_refl eq_refl).
Qed.

Theorem relu_corner_right_2 (x : R) :
  x = 0 ->
  filterlim (fun h => (relu (x + h) - relu x) / h) (at_right 0) (locally 1).
Proof.
  exact (Exported.piece_right 3%positive _ _ _ 1 _ _ _ _ Certificate.hyps_relu_corner_right_2
    (Readable.symbols [(3%positive, x)]) Certificate.map_0 eq_refl eq_refl).
Qed.

Theorem relu_derive_3 (x : R) :
  0 < x ->
  is_derive relu x 1.
Proof.
  exact (Exported.piece_derive 3%positive _ _ _ 2 _ _ Certificate.hyps_relu_derive_3
    (Readable.symbols [(3%positive, x)]) Certificate.map_0 eq_refl eq_refl).
Qed.
