(** softmax: for all sizes its derivative along every curve of its inputs, and the adjoint of that.

    Sizes and indices are integers, tensors functions of all integers (0 beyond their sizes, say); [sum n f] is
    [f 0 + ... + f (n - 1)] and [maximum n f] the largest of these, from Hasderiv.exports.Finite.  The certificate below
    is checked by Coq itself, with the checker of hasderiv's Coq library, which is proved sound.  In hasderiv's source
    tree [make -C proofs/coq proofs] compiles that library; then [coqc -R proofs/coq Hasderiv FILE.v], with the path of
    that folder, compiles this file.  Written by hasderiv export coq softmax. *)

From Coq Require Import Reals ZArith List Bool.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Check.
From Hasderiv.exports Require Reading Curves Tensors.
From Hasderiv.exports Require Import Finite.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

Definition softmax_total (n : Z) (x : Z -> Z -> R) (r : Z) : R :=
  sum n (fun k => exp (x r k)).

Definition softmax (n : Z) (x : Z -> Z -> R) (r i : Z) : R :=
  exp (x r i) / softmax_total n x r.

Definition softmax_jvp (n : Z) (x dx : Z -> Z -> R) (r i : Z) : R :=
  softmax n x r i * (dx r i - sum n (fun k => softmax n x r k * dx r k)).

Definition softmax_vjp_x (n : Z) (x g : Z -> Z -> R) (r i : Z) : R :=
  softmax n x r i * (g r i - sum n (fun k => g r k * softmax n x r k)).

Module Certificate.
End Certificate.

Theorem softmax_derive (b n : Z) (x : R -> Z -> Z -> R) (dx : Z -> Z -> R) (t : R) (r i : Z) :
  (1 <= b)%Z ->
  (1 <= n)%Z ->
  (0 <= r < b)%Z ->
  (0 <= i < n)%Z ->
  (forall i1 i2 : Z, is_derive (fun s => x s i1 i2) t (dx i1 i2)) ->
  is_derive (fun s => softmax n (x s) r i) t (softmax_jvp n (x t) dx r i).
Proof.
  exact (Tensors.derive Certificate.value_has_jvp (Reading.Build_setting [(N%positive, b); (N%positive, n);
    (N%positive, r); (N%positive, i)] [] [] [] []) [Curves.Build_curve N%positive 2 x dx] t eq_refl).
Qed.

Theorem softmax_line (b n : Z) (x dx : Z -> Z -> R) (r i : Z) :
  (1 <= b)%Z ->
  (1 <= n)%Z ->
  (0 <= r < b)%Z ->
  (0 <= i < n)%Z ->
  is_derive (fun s => softmax n (fun i1 i2 => x i1 i2 + s * dx i1 i2) r i) 0 (softmax_jvp n x dx r i).
Proof.
  exact (Tensors.derive_line Certificate.value_has_jvp (Reading.Build_setting [(N%positive, b); (N%positive, n);
    (N%positive, r); (N%positive, i)] [] [] [] []) [Curves.Build_straight N%positive 2 x dx] eq_refl).
Qed.

Theorem softmax_adjoint (b n : Z) (x dx g : Z -> Z -> R) :
  (1 <= b)%Z ->
  (1 <= n)%Z ->
  sum b (fun r => sum n (fun i => g r i * softmax_jvp n x dx r i))
  = sum b (fun r => sum n (fun i => softmax_vjp_x n x g r i * dx r i)).
Proof.
  exact (Tensors.equal Certificate.adjoint (Reading.Build_setting [(N%positive, b); (N%positive, n)] [] []
    [Reading.Build_family R N%positive 2 x; Reading.Build_family R N%positive 2 g]
    [Reading.Build_family R N%positive 2 dx]) eq_refl).
Qed.
