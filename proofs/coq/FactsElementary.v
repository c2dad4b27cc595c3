(** The ledger of primitive facts: inverse, exp, log, sqrt, sin, cos, atan and floor.

    The lemma [fact_NAME] is the entry NAME of LEDGER in proofs/kernel/facts.py. *)

From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisFunctions.
Open Scope R_scope.

Lemma fact_inv u : u <> 0 -> u * / u = 1.
Proof. exact (Rinv_r u). Qed.

Lemma fact_exp_pos u : exp u > 0.
Proof. exact (exp_pos u). Qed.

Lemma fact_exp_zero : exp 0 = 1.
Proof. exact exp_0. Qed.

Lemma fact_exp_add u v : exp (u + v) = exp u * exp v.
Proof. exact (exp_plus u v). Qed.

Lemma fact_exp_log u : u > 0 -> exp (ln u) = u.
Proof. exact (exp_ln u). Qed.

Lemma fact_log_exp u : ln (exp u) = u.
Proof. exact (ln_exp u). Qed.

Lemma fact_sqrt_square u : u >= 0 -> sqrt u ^ 2 = u.
Proof. intros H; apply pow2_sqrt; lra. Qed.

Lemma fact_sqrt_nonneg u : sqrt u >= 0.
Proof. apply Rle_ge, sqrt_pos. Qed.

Lemma fact_sin_cos u : sin u ^ 2 + cos u ^ 2 = 1.
Proof. rewrite <- !Rsqr_pow2; exact (sin2_cos2 u). Qed.

Lemma fact_sin_add u v : sin (u + v) = sin u * cos v + cos u * sin v.
Proof. exact (sin_plus u v). Qed.

Lemma fact_cos_add u v : cos (u + v) = cos u * cos v - sin u * sin v.
Proof. exact (cos_plus u v). Qed.

Lemma fact_sin_odd u : sin (- u) = - sin u.
Proof. exact (sin_neg u). Qed.

Lemma fact_cos_even u : cos (- u) = cos u.
Proof. exact (cos_neg u). Qed.

Lemma fact_cos_zero : cos 0 = 1.
Proof. exact cos_0. Qed.

Lemma fact_sin_half_pi : sin (1 / 2 * PI) = 1.
Proof. replace (1 / 2 * PI) with (PI / 2) by field; exact sin_PI2. Qed.

Lemma fact_sin_pos u : u > 0 -> PI - u > 0 -> sin u > 0.
Proof. intros H K; apply sin_gt_0; lra. Qed.

Lemma fact_atan_tan u : sin (atan u) = u * cos (atan u).
Proof. rewrite sin_atan, cos_atan; unfold Rdiv; ring. Qed.

Lemma fact_atan_cos u : cos (atan u) > 0.
Proof. destruct (atan_bound u); apply cos_gt_0; lra. Qed.

Lemma fact_atan_low u : atan u + 1 / 2 * PI > 0.
Proof. destruct (atan_bound u); lra. Qed.

Lemma fact_atan_high u : 1 / 2 * PI - atan u > 0.
Proof. destruct (atan_bound u); lra. Qed.

Lemma fact_tan_atan u v :
  cos u > 0 -> u + 1 / 2 * PI > 0 -> 1 / 2 * PI - u > 0 -> v * cos u = sin u -> atan v = u.
Proof.
  intros C L U E.
  replace v with (tan u) by (unfold tan; rewrite <- E; field; lra).
  apply atan_tan; lra.
Qed.

Lemma fact_floor_low u : u - floor u >= 0.
Proof. unfold floor; destruct (base_Int_part u); lra. Qed.

Lemma fact_floor_high u : floor u + 1 - u > 0.
Proof. unfold floor; destruct (base_Int_part u); lra. Qed.
