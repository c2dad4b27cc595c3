(** The ledger of primitive facts: the Taylor polynomials of exp, sin and cos on one side of the function.

    Each remainder has the remainder of lower order as its derivative and is 0 at 0, so its sign follows from that of
    the one before. *)

From Coq Require Import Reals Lra Lia ZArith.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisBasics.
Open Scope R_scope.

(** ** The partial sums *)

Fixpoint factorial (n : nat) : Z :=
  match n with O => 1 | S m => Z.of_nat n * factorial m end.

(** The coefficient of [u ^ n] in the [k]-th term. *)
Definition coefficient (alternate : bool) (k n : nat) : R :=
  (if andb alternate (Nat.odd k) then -1 else 1) / IZR (factorial n).

(** The sum over [k < count] of [(+-1)^k u^(first + step k) / (first + step k)!]. *)
Fixpoint taylor (alternate : bool) (first step count : nat) (u : R) : R :=
  match count with
  | O => 0
  | S k =>
      let n := (first + step * k)%nat in
      taylor alternate first step k u + coefficient alternate k n * u ^ n
  end.

Lemma factorial_pos n : (0 < factorial n)%Z.
Proof. induction n; [reflexivity | cbn [factorial]; lia]. Qed.

Lemma factorial_neq n : IZR (factorial n) <> 0.
Proof. apply not_0_IZR; pose proof (factorial_pos n); lia. Qed.

Lemma factorial_S n : IZR (factorial (S n)) = INR (S n) * IZR (factorial n).
Proof. cbn [factorial]; rewrite mult_IZR, INR_IZR_INZ; reflexivity. Qed.

Lemma taylor_derives alternate first step count u :
  derives (taylor alternate (S first) step count) u (taylor alternate first step count u).
Proof.
  induction count as [|k IH]; cbn [taylor]; [apply derives_const |].
  apply derives_plus; [exact IH |].
  set (n := (first + step * k)%nat); replace (S first + step * k)%nat with (S n) by lia.
  eapply derives_is; [apply derives_scale, derives_pow, derives_id |].
  unfold coefficient; rewrite factorial_S; change (pred (S n)) with n.
  pose proof (factorial_neq n); assert (INR (S n) <> 0) by (apply not_0_INR; lia).
  field; split; assumption.
Qed.

Lemma taylor_zero alternate first step count : taylor alternate (S first) step count 0 = 0.
Proof.
  induction count as [|k IH]; cbn [taylor]; [reflexivity |].
  rewrite IH, pow_i by lia; ring.
Qed.

(** The first term split off, where it is 1. *)
Lemma taylor_exp_shift count u : taylor false 0 1 (S count) u = 1 + taylor false 1 1 count u.
Proof.
  induction count as [|k IH]; [cbn; unfold coefficient; cbn; field |].
  remember (S k) as m; cbn [taylor]; rewrite IH; subst m; cbn [taylor].
  replace (1 + 1 * k)%nat with (0 + 1 * S k)%nat by lia; unfold coefficient; cbn [andb]; lra.
Qed.

Lemma taylor_cos_shift count u : taylor true 0 2 (S count) u = 1 - taylor true 2 2 count u.
Proof.
  induction count as [|k IH]; [cbn; unfold coefficient; cbn; field |].
  remember (S k) as m; cbn [taylor]; rewrite IH; subst m; cbn [taylor].
  replace (2 + 2 * k)%nat with (0 + 2 * S k)%nat by lia; unfold coefficient; cbn [andb].
  rewrite Nat.odd_succ, <- Nat.negb_odd; destruct (Nat.odd k); cbn [negb]; unfold Rdiv; lra.
Qed.

(** ** The remainders *)

Definition exp_rest n u := exp u - taylor false 0 1 (S n) u.
Definition cos_rest n u := (-1) ^ n * (cos u - taylor true 0 2 n u).
Definition sin_rest n u := (-1) ^ n * (sin u - taylor true 1 2 n u).

Lemma exp_rest_derives n u : derives (exp_rest (S n)) u (exp_rest n u).
Proof.
  apply derives_ext with (fun t => exp t - (1 + taylor false 1 1 (S n) t)).
  { intros t; unfold exp_rest; rewrite taylor_exp_shift; reflexivity. }
  eapply derives_is.
  - apply derives_minus; [apply is_derive_exp | apply derives_plus; [apply derives_const | apply taylor_derives]].
  - unfold exp_rest; lra.
Qed.

Lemma exp_rest_zero n : exp_rest n 0 = 0.
Proof. unfold exp_rest; rewrite taylor_exp_shift, taylor_zero, exp_0; lra. Qed.

Lemma sin_rest_derives n u : derives (sin_rest n) u (cos_rest n u).
Proof.
  unfold sin_rest, cos_rest.
  apply derives_scale, derives_minus; [apply is_derive_sin | apply taylor_derives].
Qed.

Lemma sin_rest_zero n : sin_rest n 0 = 0.
Proof. unfold sin_rest; rewrite taylor_zero, sin_0; lra. Qed.

Lemma cos_rest_derives n u : derives (cos_rest (S n)) u (sin_rest n u).
Proof.
  apply derives_ext with (fun t => (-1) ^ S n * (cos t - (1 - taylor true 2 2 n t))).
  { intros t; unfold cos_rest; rewrite taylor_cos_shift; reflexivity. }
  eapply derives_is.
  - apply derives_scale, derives_minus;
      [apply is_derive_cos | apply derives_minus; [apply derives_const | apply taylor_derives]].
  - unfold sin_rest; cbn [pow]; lra.
Qed.

Lemma cos_rest_zero n : cos_rest (S n) 0 = 0.
Proof. unfold cos_rest; rewrite taylor_cos_shift, taylor_zero, cos_0; lra. Qed.

(** ** Their signs *)

Lemma exp_rest_sign n u :
  if Nat.odd n then 0 <= exp_rest n u else (0 <= u -> 0 <= exp_rest n u) /\ (u <= 0 -> exp_rest n u <= 0).
Proof.
  revert u; induction n as [|n IH]; intros u.
  - unfold exp_rest; cbn; unfold coefficient; cbn.
    replace (0 + 1 / 1 * 1) with 1 by field; rewrite <- exp_0.
    split; intros [H|H]; try (apply exp_increasing in H; lra); subst; lra.
  - rewrite Nat.odd_succ, <- Nat.negb_odd.
    destruct (Nat.odd n); cbn [negb].
    + split; intros H; rewrite <- (exp_rest_zero (S n)); apply (grows _ _ _ _ (exp_rest_derives n)); auto.
    + rewrite <- (exp_rest_zero (S n)); destruct (Rle_dec 0 u) as [H|H].
      * apply (grows _ _ _ _ (exp_rest_derives n)); [assumption | intros t T; apply IH; lra].
      * assert (K : - exp_rest (S n) u <= - exp_rest (S n) 0); [| lra].
        apply (grows (fun t => - exp_rest (S n) t) (fun t => - exp_rest n t)); [| lra |].
        -- intros t; apply derives_opp, exp_rest_derives.
        -- intros t T; destruct (IH t) as [_ N]; assert (exp_rest n t <= 0) by (apply N; lra); lra.
Qed.

Lemma trigonometric_rest_sign n u : 0 <= u -> 0 <= cos_rest (S n) u /\ 0 <= sin_rest (S n) u.
Proof.
  revert u; induction n as [|n IH].
  - assert (C : forall t, 0 <= cos_rest 1 t).
    { intros t; unfold cos_rest; cbn; unfold coefficient; cbn.
      replace (0 + 1 / 1 * 1) with 1 by field; pose proof (COS_bound t); lra. }
    intros u H; split; [apply C |].
    rewrite <- (sin_rest_zero 1); apply (grows _ _ _ _ (sin_rest_derives 1)); auto.
  - assert (C : forall t, 0 <= t -> 0 <= cos_rest (S (S n)) t).
    { intros t H; rewrite <- (cos_rest_zero (S n)); apply (grows _ _ _ _ (cos_rest_derives (S n))); [assumption |].
      intros s S; apply IH; lra. }
    intros u H; split; [apply C; assumption |].
    rewrite <- (sin_rest_zero (S (S n))); apply (grows _ _ _ _ (sin_rest_derives (S (S n)))); [assumption |].
    intros t T; apply C; lra.
Qed.

Lemma taylor_cos_even count u : taylor true 0 2 count (- u) = taylor true 0 2 count u.
Proof.
  induction count as [|k IH]; cbn [taylor]; [reflexivity |].
  rewrite IH; change (0 + 2 * k)%nat with (2 * k)%nat; rewrite !pow_mult.
  replace ((- u) ^ 2) with (u ^ 2) by ring; reflexivity.
Qed.

(** ** The ledger *)

Lemma fact_exp_taylor n u : Nat.odd n = true -> exp u - taylor false 0 1 (S n) u >= 0.
Proof. intros O; pose proof (exp_rest_sign n u) as H; rewrite O in H; unfold exp_rest in H; lra. Qed.

Lemma fact_sin_taylor n u : (1 <= n)%nat -> u >= 0 -> (-1) ^ n * (sin u - taylor true 1 2 n u) >= 0.
Proof.
  destruct n as [|n]; [lia |]; intros _ H.
  apply Rle_ge, (trigonometric_rest_sign n u); lra.
Qed.

Lemma fact_cos_taylor n u : (1 <= n)%nat -> (-1) ^ n * (cos u - taylor true 0 2 n u) >= 0.
Proof.
  destruct n as [|n]; [lia |]; intros _; apply Rle_ge.
  destruct (Rle_dec 0 u) as [H|H]; [apply (trigonometric_rest_sign n u); assumption |].
  rewrite <- cos_neg, <- taylor_cos_even; apply (trigonometric_rest_sign n (- u)); lra.
Qed.
