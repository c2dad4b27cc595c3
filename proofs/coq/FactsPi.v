(** The ledger of primitive facts: 29 digits of pi.

    From [PI / 4 = 2 atan (1 / 3) + atan (1 / 7)], whose series alternates; the partial sums are computed as
    rational numbers. *)

From Coq Require Import Reals Lra Lia ZArith QArith Qreals Machin.
Open Scope R_scope.

Fixpoint power_of (q : Q) (n : nat) : Q :=
  match n with O => 1 | S m => Qred (q * power_of q m) end.

Definition odd (n : nat) : Q := inject_Z (2 * Z.of_nat n + 1).

(** The [n]-th term of [2 atan (1 / 3) + atan (1 / 7)] with its sign. *)
Definition machin_term (n : nat) : Q :=
  power_of (-1) n * ((2 * power_of (1 # 3) (2 * n + 1) + power_of (1 # 7) (2 * n + 1)) / odd n).

Fixpoint machin_sum (n : nat) : Q :=
  match n with O => machin_term 0 | S m => Qred (machin_sum m + machin_term n) end.

Lemma Q2R_red q : Q2R (Qred q) = Q2R q.
Proof. apply Qeq_eqR, Qred_correct. Qed.

Lemma Q2R_power q n : Q2R (power_of q n) = Q2R q ^ n.
Proof.
  induction n as [|n IH]; cbn [power_of pow]; [unfold Q2R; cbn; field |].
  rewrite Q2R_red, Q2R_mult, IH; reflexivity.
Qed.

Lemma Q2R_odd n : Q2R (odd n) = INR (2 * n + 1).
Proof.
  unfold odd, Q2R, inject_Z; cbn [Qnum Qden].
  rewrite Rinv_1, Rmult_1_r, INR_IZR_INZ; f_equal; lia.
Qed.

Lemma odd_neq n : ~ (odd n == 0)%Q.
Proof. unfold odd, Qeq, inject_Z; cbn [Qnum Qden]; lia. Qed.

Lemma Q2R_term n : Q2R (machin_term n) = tg_alt PI_2_3_7_tg n.
Proof.
  unfold machin_term, tg_alt, PI_2_3_7_tg, Ratan_seq.
  rewrite Q2R_mult, Q2R_div by apply odd_neq.
  rewrite Q2R_plus, Q2R_mult, !Q2R_power, Q2R_odd.
  replace (Q2R (-1)) with (-1) by (unfold Q2R; cbn; field).
  replace (Q2R 2) with 2 by (unfold Q2R; cbn; field).
  replace (Q2R (1 # 3)) with (/ 3) by (unfold Q2R; cbn; field).
  replace (Q2R (1 # 7)) with (/ 7) by (unfold Q2R; cbn; field).
  assert (INR (2 * n + 1) <> 0) by (apply not_0_INR; lia); field; assumption.
Qed.

Lemma Q2R_sum n : Q2R (machin_sum n) = sum_f_R0 (tg_alt PI_2_3_7_tg) n.
Proof.
  induction n as [|n IH]; cbn [machin_sum sum_f_R0]; [apply Q2R_term |].
  rewrite Q2R_red, Q2R_plus, IH, Q2R_term; reflexivity.
Qed.

Definition pi_low : Q := 314159265358979323846264338327 # 100000000000000000000000000000.
Definition pi_high : Q := 39269908169872415480783042291 # 12500000000000000000000000000.

Lemma machin_low : (pi_low < 4 * machin_sum 33)%Q.
Proof. vm_compute; reflexivity. Qed.

Lemma machin_high : (4 * machin_sum 32 < pi_high)%Q.
Proof. vm_compute; reflexivity. Qed.

Lemma fact_pi_low : PI - 314159265358979323846264338327 / 100000000000000000000000000000 > 0.
Proof.
  destruct (PI_2_3_7_ineq 16) as [L _]; pose proof (Qlt_Rlt _ _ machin_low) as C.
  change (S (2 * 16)) with 33%nat in L; rewrite <- Q2R_sum in L; rewrite Q2R_mult in C.
  unfold pi_low in C; unfold Q2R at 1 2 in C; cbn [Qnum Qden] in C; lra.
Qed.

Lemma fact_pi_high : 39269908169872415480783042291 / 12500000000000000000000000000 - PI > 0.
Proof.
  destruct (PI_2_3_7_ineq 16) as [_ U]; pose proof (Qlt_Rlt _ _ machin_high) as C.
  change (2 * 16)%nat with 32%nat in U; rewrite <- Q2R_sum in U; rewrite Q2R_mult in C.
  unfold pi_high in C; unfold Q2R at 1 3 in C; cbn [Qnum Qden] in C; lra.
Qed.
