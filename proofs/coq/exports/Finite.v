(** Finite sums and maxima over the integers 0, ..., n - 1: what the exported files about tensors are written with. *)

From Coq Require Import Reals ZArith List Lra Lia.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Sums.
Open Scope R_scope.

Fixpoint sum_first (n : nat) (f : Z -> R) : R :=
  match n with O => 0 | S m => sum_first m f + f (Z.of_nat m) end.

(** [f 0 + ... + f (n - 1)]; over nothing 0. *)
Definition sum (n : Z) (f : Z -> R) : R := sum_first (Z.to_nat n) f.

Fixpoint maximum_first (n : nat) (f : Z -> R) : R :=
  match n with O => 0 | S O => f 0%Z | S m => Rmax (maximum_first m f) (f (Z.of_nat m)) end.

(** The largest of [f 0], ..., [f (n - 1)]; over nothing 0. *)
Definition maximum (n : Z) (f : Z -> R) : R := maximum_first (Z.to_nat n) f.

(** ** That they are what they are called *)

(** Coquelicot's [sum_n] has both ends in it. *)
Theorem sum_as_sum_n n f : (1 <= n)%Z -> sum n f = sum_n (fun k => f (Z.of_nat k)) (Z.to_nat (n - 1)).
Proof.
  intros N; unfold sum; replace (Z.to_nat n) with (S (Z.to_nat (n - 1))) by lia.
  induction (Z.to_nat (n - 1)) as [| m IH]; [rewrite sum_O; cbn; lra |].
  rewrite sum_Sn, <- IH; reflexivity.
Qed.

Theorem sum_over_nothing n f : (n <= 0)%Z -> sum n f = 0.
Proof. intros N; unfold sum; replace (Z.to_nat n) with O by lia; reflexivity. Qed.

Lemma sum_first_total n f : sum_first n f = Sums.total n (fun k => f (Z.of_nat k)).
Proof. induction n as [| n IH]; [reflexivity |]; cbn [sum_first Sums.total]; rewrite IH; reflexivity. Qed.

Lemma maximum_first_greatest n f : maximum_first n f = Sums.greatest n (fun k => f (Z.of_nat k)).
Proof.
  induction n as [| n IH]; [reflexivity |]; destruct n as [| n]; [reflexivity |].
  change (Rmax (maximum_first (S n) f) (f (Z.of_nat (S n))) =
    Rmax (Sums.greatest (S n) (fun k => f (Z.of_nat k))) (f (Z.of_nat (S n)))).
  rewrite IH; reflexivity.
Qed.

Theorem maximum_upper n f k : (0 <= k < n)%Z -> f k <= maximum n f.
Proof.
  intros K; unfold maximum; rewrite maximum_first_greatest; replace k with (Z.of_nat (Z.to_nat k)) by lia.
  apply (Sums.max_upper _ (fun k => f (Z.of_nat k))); lia.
Qed.

Theorem maximum_attained n f : (1 <= n)%Z -> exists k, (0 <= k < n)%Z /\ maximum n f = f k.
Proof.
  intros N; unfold maximum; rewrite maximum_first_greatest.
  destruct (Sums.greatest_attained (Z.to_nat n) (fun k => f (Z.of_nat k))) as (k & K & E); [lia |].
  exists (Z.of_nat k); split; [lia | exact E].
Qed.

(** ** As the terms of certificates have them: below a real number that is an integer *)

Lemma ceil_integer n : Sums.ceil (IZR n) = Z.to_nat n.
Proof.
  unfold Sums.ceil; f_equal; rewrite <- opp_IZR.
  assert (forall z, Int_part (IZR z) = z) as I; [| rewrite I; lia].
  intros z; destruct (base_Int_part (IZR z)) as [A B]; rewrite <- minus_IZR in B.
  apply le_IZR in A; apply lt_IZR in B; lia.
Qed.

Lemma sum_below n f g : (forall k, (0 <= k)%Z -> f (Z.to_nat k) = g k) -> Sums.sum_below (IZR n) f = sum n g.
Proof.
  intros E; unfold Sums.sum_below, sum; rewrite ceil_integer, sum_first_total; apply Sums.total_ext; intros k _.
  rewrite <- E, Nat2Z.id by lia; reflexivity.
Qed.

Lemma max_below n f g : (forall k, (0 <= k)%Z -> f (Z.to_nat k) = g k) -> Sums.max_below (IZR n) f = maximum n g.
Proof.
  intros E; unfold Sums.max_below, maximum; rewrite ceil_integer, maximum_first_greatest; apply Sums.greatest_ext.
  intros k _; rewrite <- E, Nat2Z.id by lia; reflexivity.
Qed.
