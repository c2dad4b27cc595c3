(** Finite sums and maxima over the natural numbers below a real number. *)

From Coq Require Import Reals ZArith List Bool PArith Lra Lia.
Open Scope R_scope.

(** ** Sums and maxima over the natural numbers below a real number *)

Fixpoint total (N : nat) (f : nat -> R) : R := match N with O => 0 | S m => total m f + f m end.

Fixpoint greatest (N : nat) (f : nat -> R) : R :=
  match N with O => 0 | S O => f O | S m => Rmax (greatest m f) (f m) end.

(** How many natural numbers are less than [n]. *)
Definition ceil (n : R) : nat := Z.to_nat (- Int_part (- n)).

Definition sum_below (n : R) (f : nat -> R) : R := total (ceil n) f.
Definition max_below (n : R) (f : nat -> R) : R := greatest (ceil n) f.

Lemma below n k : (k < ceil n)%nat <-> INR k < n.
Proof.
  unfold ceil; destruct (base_Int_part (- n)) as [A B]; set (z := Int_part (- n)) in *.
  rewrite INR_IZR_INZ; split; intros H.
  - assert (Z.of_nat k < - z)%Z as C by lia.
    assert (Z.of_nat k + z <= -1)%Z as D by lia; apply IZR_le in D; rewrite plus_IZR in D; lra.
  - assert (IZR (Z.of_nat k) < IZR (1 - z)) as C by (rewrite minus_IZR; lra); apply lt_IZR in C.
    assert (Z.of_nat k <> - z)%Z as N.
    { intros E; rewrite E, opp_IZR in H; lra. }
    lia.
Qed.

Lemma some_below n : 0 < n <-> (0 < ceil n)%nat.
Proof. rewrite below; simpl; tauto. Qed.

(** What the hypotheses [k >= 0], [n - k > 0], [floor k - k = 0] of an index say. *)
Lemma counts k n : (k >= 0 /\ n - k > 0 /\ IZR (Int_part k) - k = 0) <-> exists i, k = INR i /\ (i < ceil n)%nat.
Proof.
  split.
  - intros (A & B & C); exists (Z.to_nat (Int_part k)).
    assert (0 <= Int_part k)%Z as P by (apply le_IZR; lra).
    assert (k = INR (Z.to_nat (Int_part k))) as E by (rewrite INR_IZR_INZ, Z2Nat.id by exact P; lra).
    split; [exact E |]; apply below; rewrite <- E; lra.
  - intros (i & -> & L); apply below in L; pose proof (pos_INR i); repeat split; try lra.
    rewrite INR_IZR_INZ; replace (Int_part (IZR (Z.of_nat i))) with (Z.of_nat i); [lra |].
    destruct (base_Int_part (IZR (Z.of_nat i))) as [X Y]; rewrite <- minus_IZR in Y.
    assert (Int_part (IZR (Z.of_nat i)) <= Z.of_nat i)%Z by (apply le_IZR; exact X).
    assert (-1 < Int_part (IZR (Z.of_nat i)) - Z.of_nat i)%Z by (apply lt_IZR; lra).
    lia.
Qed.

(** The rule [generalize] on values, and the ledger. *)

Lemma total_ext N f g : (forall k, (k < N)%nat -> f k = g k) -> total N f = total N g.
Proof. induction N; intros H; simpl; [reflexivity |]; rewrite IHN, H; auto. Qed.

Lemma greatest_ext N f g : (forall k, (k < N)%nat -> f k = g k) -> greatest N f = greatest N g.
Proof.
  induction N; intros H; [reflexivity |]; destruct N; [apply H; lia |].
  change (Rmax (greatest (S N) f) (f (S N)) = Rmax (greatest (S N) g) (g (S N))).
  rewrite IHN, H; auto.
Qed.

Lemma total_nonneg N f : (forall k, (k < N)%nat -> 0 <= f k) -> 0 <= total N f.
Proof. induction N; intros H; simpl; [lra |]; assert (0 <= f N) by auto; assert (0 <= total N f) by auto; lra. Qed.

Lemma total_pos N f : (0 < N)%nat -> (forall k, (k < N)%nat -> 0 < f k) -> 0 < total N f.
Proof.
  intros P H; destruct N; [lia |]; simpl.
  assert (0 <= total N f) by (apply total_nonneg; intros; apply Rlt_le, H; lia); assert (0 < f N) by (apply H; lia);
    lra.
Qed.

Lemma greatest_step N f : greatest (S (S N)) f = Rmax (greatest (S N) f) (f (S N)).
Proof. reflexivity. Qed.

Lemma max_upper N f k : (k < N)%nat -> f k <= greatest N f.
Proof.
  induction N; intros L; [lia |]; destruct N; [replace k with O by lia; simpl; lra |]; rewrite greatest_step.
  destruct (Nat.eq_dec k (S N)) as [-> | D]; [apply Rmax_r |].
  eapply Rle_trans; [apply IHN; lia | apply Rmax_l].
Qed.

Lemma greatest_attained N f : (0 < N)%nat -> exists k, (k < N)%nat /\ greatest N f = f k.
Proof.
  induction N; intros L; [lia |]; destruct N; [exists O; split; [lia | reflexivity] |]; rewrite greatest_step.
  destruct IHN as (k & A & B); [lia |].
  destruct (Rle_dec (greatest (S N) f) (f (S N))) as [C | C].
  - exists (S N); split; [lia | apply Rmax_right; exact C].
  - exists k; split; [lia |]; rewrite Rmax_left by lra; exact B.
Qed.

(** [generalize] for a bound of a maximum, strict or not. *)
Lemma max_bound (R2 : R -> R -> Prop) N f b :
  (0 < N)%nat -> (forall k, (k < N)%nat -> R2 (b - f k) 0) -> R2 (b - greatest N f) 0.
Proof. intros P H; destruct (greatest_attained N f P) as (k & A & ->); auto. Qed.

Lemma sum_linear N c f g : total N (fun k => c * f k + g k) = c * total N f + total N g.
Proof. induction N; simpl; [ring |]; rewrite IHN; ring. Qed.

Lemma total_zero N : total N (fun _ => 0) = 0.
Proof. induction N; simpl; [reflexivity |]; rewrite IHN; ring. Qed.

Lemma sum_swap M N f : total M (fun j => total N (fun k => f j k)) = total N (fun k => total M (fun j => f j k)).
Proof.
  induction M; simpl; [symmetry; apply total_zero |]; rewrite IHM; clear IHM.
  induction N; simpl; [ring |]; rewrite <- IHN; ring.
Qed.

Lemma sum_delta N f u : (u < N)%nat -> total N (fun k => if Req_EM_T (INR k - INR u) 0 then f k else 0) = f u.
Proof.
  assert (forall k, k <> u -> (if Req_EM_T (INR k - INR u) 0 then f k else 0) = 0) as Z.
  { intros k D; destruct (Req_EM_T _ _) as [E |]; [| reflexivity]; exfalso; apply D, INR_eq; lra. }
  induction N; intros L; [lia |]; simpl; destruct (Nat.eq_dec N u) as [-> | D].
  - rewrite (total_ext u _ (fun _ => 0)) by (intros k K; apply Z; lia); rewrite total_zero.
    destruct (Req_EM_T _ _) as [| E]; [ring | exfalso; apply E; ring].
  - rewrite IHN by lia; rewrite (Z N D); ring.
Qed.

Lemma sum_count N : total N (fun _ => 1) = INR N.
Proof. induction N; [reflexivity |]; rewrite S_INR, <- IHN; reflexivity. Qed.

Lemma ceil_natural i : ceil (INR i) = i.
Proof.
  destruct (lt_eq_lt_dec (ceil (INR i)) i) as [[L |] | L]; [| assumption |].
  - assert (INR (ceil (INR i)) < INR i) as A by (apply lt_INR; exact L).
    apply below in A; lia.
  - apply below in L; lra.
Qed.

(** As the ledger has it: a range that is a natural number. *)
Lemma sum_count_below n : n >= 0 -> IZR (Int_part n) - n = 0 -> sum_below n (fun _ => 1) = n.
Proof.
  intros A B; assert (0 <= Int_part n)%Z as P by (apply le_IZR; lra).
  assert (n = INR (Z.to_nat (Int_part n))) as E by (rewrite INR_IZR_INZ, Z2Nat.id by exact P; lra).
  unfold sum_below; rewrite E at 1; rewrite ceil_natural, sum_count; auto.
Qed.
