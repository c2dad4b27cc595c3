(** The derivatives of the primitive functions, and what a derivative says with epsilon and delta.

    The lemma [derivative_NAME] is the entry NAME of DERIVATIVES in proofs/kernel/facts.py, with its side condition. *)

From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisFunctions AnalysisBasics FactsErf.
Open Scope R_scope.

Lemma derivative_inv u : u <> 0 -> derives Rinv u (- (/ u) ^ 2).
Proof.
  intros H; eapply derives_is; [exact (is_derive_inv (fun t => t) u 1 (derives_id u) H) |].
  cbv beta; field; assumption.
Qed.

Lemma derivative_exp u : derives exp u (exp u).
Proof. exact (is_derive_exp u). Qed.

Lemma derivative_log u : u > 0 -> derives ln u (/ u).
Proof. exact (is_derive_ln u). Qed.

Lemma derivative_sin u : derives sin u (cos u).
Proof. exact (is_derive_sin u). Qed.

Lemma derivative_cos u : derives cos u (- sin u).
Proof. exact (is_derive_cos u). Qed.

Lemma derivative_atan u : derives atan u (/ (1 + u ^ 2)).
Proof. eapply derives_is; [apply is_derive_atan | rewrite Rsqr_pow2; reflexivity]. Qed.

Lemma derivative_erf u : derives erf u (2 * (/ sqrt PI * exp (- u ^ 2))).
Proof. exact (erf_derives u). Qed.

Lemma derivative_sqrt u : u > 0 -> derives sqrt u (/ (2 * sqrt u)).
Proof. intros H; apply is_derive_Reals, derivable_pt_lim_sqrt; assumption. Qed.

Lemma floor_between (u : R) (n : Z) : IZR n <= u < IZR n + 1 -> floor u = IZR n.
Proof.
  intros H; unfold floor; f_equal; destruct (base_Int_part u).
  assert (IZR (Int_part u) < IZR (n + 1) /\ IZR n < IZR (Int_part u + 1)) as [A B] by (rewrite !plus_IZR; lra).
  apply lt_IZR in A; apply lt_IZR in B; lia.
Qed.

Lemma derivative_floor u : u - floor u <> 0 -> derives floor u 0.
Proof.
  intros H; destruct (base_Int_part u) as [L U]; unfold floor in H; set (n := Int_part u) in *.
  apply is_derive_ext_loc with (fun _ => IZR n); [| apply derives_const].
  assert (P : 0 < Rmin (u - IZR n) (IZR n + 1 - u)) by (apply Rmin_glb_lt; lra).
  exists (mkposreal _ P); intros t T; symmetry; apply floor_between.
  apply Rabs_lt_between in T; simpl in T.
  pose proof (Rmin_l (u - IZR n) (IZR n + 1 - u)); pose proof (Rmin_r (u - IZR n) (IZR n + 1 - u)).
  change (minus t u) with (t - u) in T; lra.
Qed.

(** ** With epsilon and delta *)

(** [f] is continuous at [u]. *)
Definition near_value (f : R -> R) (u : R) : Prop :=
  forall eps, 0 < eps -> exists delta, 0 < delta /\ forall v, Rabs (v - u) < delta -> Rabs (f v - f u) <= eps.

(** [f] has the derivative [l] at [u]. *)
Definition near_line (f : R -> R) (u l : R) : Prop :=
  forall eps, 0 < eps -> exists delta, 0 < delta /\
    forall v, Rabs (v - u) < delta -> Rabs (f v - f u - l * (v - u)) <= eps * Rabs (v - u).

Lemma near_value_iff f u : near_value f u <-> continuity_pt f u.
Proof.
  split.
  - intros C eps E; destruct (C (eps / 2)) as (d & D & B); [lra |].
    exists d; split; [exact D |]; intros v [_ V]; simpl in *; unfold R_dist in *; specialize (B v V); lra.
  - intros C eps E; destruct (C eps E) as (d & D & B); exists d; split; [exact D |]; intros v V.
    destruct (Req_dec u v) as [<- | N]; [rewrite Rminus_eq_0, Rabs_R0; lra |].
    apply Rlt_le, B; split; [split; [exact I | exact N] | exact V].
Qed.

Lemma near_line_iff f u l : near_line f u l <-> derives f u l.
Proof.
  rewrite is_derive_Reals; split.
  - intros C eps E; destruct (C (eps / 2)) as (d & D & B); [lra |].
    exists (mkposreal d D); intros h N H; simpl in H; specialize (B (u + h)).
    replace (u + h - u) with h in B by ring; specialize (B H).
    replace ((f (u + h) - f u) / h - l) with ((f (u + h) - f u - l * h) / h) by (field; exact N).
    unfold Rdiv; rewrite Rabs_mult, Rabs_inv by exact N; apply Rabs_pos_lt in N.
    apply Rmult_lt_reg_r with (Rabs h); [exact N |].
    rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra; assert (0 < eps * Rabs h) by (apply Rmult_lt_0_compat; lra); lra.
  - intros C eps E; destruct (C eps E) as (d & B); exists d; split; [apply cond_pos |]; intros v V.
    destruct (Req_dec v u) as [-> | N]; [rewrite !Rminus_eq_0, Rmult_0_r, Rminus_0_r, Rabs_R0; lra |].
    assert (N' : v - u <> 0) by lra; specialize (B (v - u) N' V).
    replace (u + (v - u)) with v in B by ring.
    replace (f v - f u - l * (v - u)) with (((f v - f u) / (v - u) - l) * (v - u)) by (field; exact N').
    rewrite Rabs_mult; apply Rmult_le_compat_r; [apply Rabs_pos | lra].
Qed.

Lemma near_line_value f u l : near_line f u l -> near_value f u.
Proof.
  intros H; apply near_value_iff, derivable_continuous_pt; exists l; apply is_derive_Reals, near_line_iff, H.
Qed.

Lemma sqrt_near_value u : 0 <= u -> near_value sqrt u.
Proof. intros H; apply near_value_iff, continuity_pt_sqrt; exact H. Qed.

Lemma inv_near_line u : u <> 0 -> near_line Rinv u (- (/ u) ^ 2).
Proof. intros H; apply near_line_iff, derivative_inv, H. Qed.

Lemma exp_near_line u : near_line exp u (exp u).
Proof. apply near_line_iff, derivative_exp. Qed.

Lemma log_near_line u : u > 0 -> near_line ln u (/ u).
Proof. intros H; apply near_line_iff, derivative_log, H. Qed.

Lemma sin_near_line u : near_line sin u (cos u).
Proof. apply near_line_iff, derivative_sin. Qed.

Lemma cos_near_line u : near_line cos u (- sin u).
Proof. apply near_line_iff, derivative_cos. Qed.

Lemma atan_near_line u : near_line atan u (/ (1 + u ^ 2)).
Proof. apply near_line_iff, derivative_atan. Qed.

Lemma erf_near_line u : near_line erf u (2 * (/ sqrt PI * exp (- u ^ 2))).
Proof. apply near_line_iff, derivative_erf. Qed.

Lemma sqrt_near_line u : u > 0 -> near_line sqrt u (/ (2 * sqrt u)).
Proof. intros H; apply near_line_iff, derivative_sqrt, H. Qed.

Lemma floor_near_line u : u - floor u <> 0 -> near_line floor u 0.
Proof. intros H; apply near_line_iff, derivative_floor, H. Qed.
