(** A statement that is not in the exported file, over natural numbers and with sum_n, follows from what is there. *)
From Coq Require Import Reals ZArith Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv.exports Require Finite.
Require softmax.
Open Scope R_scope.

Definition softmax_of (n : nat) (x : nat -> R) (i : nat) : R := exp (x i) / sum_n (fun k => exp (x k)) (n - 1).

Lemma softmax_of_as n x i : (1 <= n)%nat ->
  softmax.softmax (Z.of_nat n) (fun _ k => x (Z.to_nat k)) 0 (Z.of_nat i) = softmax_of n x i.
Proof.
  intros N; unfold softmax.softmax, softmax.softmax_total, softmax_of; rewrite Finite.sum_as_sum_n by lia.
  replace (fun k => exp (x (Z.to_nat (Z.of_nat k)))) with (fun k => exp (x k))
    by (extensionality k; rewrite Nat2Z.id; reflexivity).
  replace (Z.to_nat (Z.of_nat n - 1)) with (n - 1)%nat by lia; rewrite Nat2Z.id; reflexivity.
Qed.

Theorem softmax_of_derive n x dx i : (i < n)%nat ->
  is_derive (fun t => softmax_of n (fun k => x k + t * dx k) i) 0
    (softmax_of n x i * (dx i - sum_n (fun k => softmax_of n x k * dx k) (n - 1))).
Proof.
  intros I; pose proof (softmax.softmax_line 1 (Z.of_nat n) (fun _ k => x (Z.to_nat k)) (fun _ k => dx (Z.to_nat k))
    0 (Z.of_nat i) ltac:(lia) ltac:(lia) ltac:(lia) ltac:(lia)) as D.
  unfold softmax.softmax_jvp in D; rewrite Finite.sum_as_sum_n, softmax_of_as, Nat2Z.id in D by lia.
  replace (Z.to_nat (Z.of_nat n - 1)) with (n - 1)%nat in D by lia.
  rewrite (sum_n_ext _ (fun k => softmax_of n x k * dx k)) in D.
  - refine (is_derive_ext _ _ _ _ _ D); intros t; exact (softmax_of_as n (fun k => x k + t * dx k) i ltac:(lia)).
  - intros k; rewrite softmax_of_as, Nat2Z.id by lia; reflexivity.
Qed.
