(** The ledger of primitive facts: the error function, and its derivative.

    That [erf] stays below 1 is the value of the Gaussian integral: the square of [area x], the area under the bell
    curve, and [companion x], an integral with a parameter, have opposite derivatives, so their sum is always
    [PI / 4]. *)

From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisFunctions AnalysisBasics.
Open Scope R_scope.

Definition bell (t : R) : R := exp (- t ^ 2).
Definition area (x : R) : R := RInt bell 0 x.

Lemma bell_continuous t : continuous bell t.
Proof. apply (@ex_derive_continuous R_AbsRing R_NormedModule); unfold bell; auto_derive; trivial. Qed.

Lemma bell_integrable a b : ex_RInt bell a b.
Proof. apply (@ex_RInt_continuous R_CompleteNormedModule); intros; apply bell_continuous. Qed.

Lemma area_derives x : derives area x (bell x).
Proof.
  apply (@is_derive_RInt R_NormedModule bell area 0 x); [| apply bell_continuous].
  apply filter_forall; intros b; apply (@RInt_correct R_CompleteNormedModule), bell_integrable.
Qed.

Lemma area_zero : area 0 = 0.
Proof. exact (RInt_point 0 bell). Qed.

Lemma area_odd x : area (- x) = - area x.
Proof.
  assert (E : area (- x) + area x = area (- 0) + area 0); [| rewrite Ropp_0, area_zero in E; lra].
  apply (stays (fun t => area (- t) + area t)); intros t.
  eapply derives_is.
  - apply derives_plus; [apply (derives_comp area Ropp) | apply area_derives].
    + apply area_derives.
    + exact (derives_opp _ t 1 (derives_id t)).
  - unfold bell; replace ((- t) ^ 2) with (t ^ 2) by ring; lra.
Qed.

Lemma area_pos x : 0 < x -> 0 < area x.
Proof. intros H; apply RInt_gt_0; [assumption | intros; apply exp_pos | intros; apply bell_continuous]. Qed.

(** ** The Gaussian integral *)

Definition kernel (x t : R) : R := exp (- x ^ 2 * (1 + t ^ 2)) / (1 + t ^ 2).
Definition companion (x : R) : R := RInt (kernel x) 0 1.

Lemma denominator t : 1 + t ^ 2 <> 0.
Proof. pose proof (pow2_ge_0 t); lra. Qed.

Lemma kernel_continuous x t : continuous (kernel x) t.
Proof.
  apply (@ex_derive_continuous R_AbsRing R_NormedModule); unfold kernel; auto_derive.
  pose proof (denominator t); cbn [pow] in *; repeat split; trivial.
Qed.

Lemma kernel_derives x t : derives (fun u => kernel u t) x (-2 * x * exp (- x ^ 2 * (1 + t ^ 2))).
Proof.
  eapply derives_is.
  - apply (derives_mult (fun u => exp (- u ^ 2 * (1 + t ^ 2))) (fun _ => / (1 + t ^ 2))); [| apply derives_const].
    apply (derives_comp exp (fun u => - u ^ 2 * (1 + t ^ 2))); [apply is_derive_exp |].
    apply (derives_mult (fun u => - u ^ 2) (fun _ => 1 + t ^ 2)); [| apply derives_const].
    apply derives_opp, derives_pow, derives_id.
  - cbn [INR pred]; field; apply denominator.
Qed.

Lemma rate_continuous u v : continuity_2d_pt (fun x t => -2 * x * exp (- x ^ 2 * (1 + t ^ 2))) u v.
Proof.
  apply continuity_2d_pt_mult.
  - apply continuity_2d_pt_mult; [apply continuity_2d_pt_const | apply continuity_2d_pt_id1].
  - apply (continuity_1d_2d_pt_comp exp); [apply derivable_continuous_pt, derivable_pt_exp |].
    apply continuity_2d_pt_ext with (fun x t => (- (x * x)) * (1 + t * t)); [intros; ring |].
    repeat first [apply continuity_2d_pt_mult | apply continuity_2d_pt_plus | apply continuity_2d_pt_opp
      | apply continuity_2d_pt_const | apply continuity_2d_pt_id1 | apply continuity_2d_pt_id2].
Qed.

Lemma companion_derives x : derives companion x (RInt (fun t => -2 * x * exp (- x ^ 2 * (1 + t ^ 2))) 0 1).
Proof.
  rewrite (RInt_ext _ (fun t => Derive (fun u => kernel u t) x))
    by (intros; symmetry; apply is_derive_unique, kernel_derives).
  apply (is_derive_RInt_param kernel 0 1 x).
  - apply filter_forall; intros u t _; eexists; apply kernel_derives.
  - intros t _; apply continuity_2d_pt_ext with (fun x t => -2 * x * exp (- x ^ 2 * (1 + t ^ 2))).
    + intros; symmetry; apply is_derive_unique, kernel_derives.
    + apply rate_continuous.
  - apply filter_forall; intros u; apply (@ex_RInt_continuous R_CompleteNormedModule).
    intros; apply kernel_continuous.
Qed.

Lemma companion_rate x : RInt (fun t => -2 * x * exp (- x ^ 2 * (1 + t ^ 2))) 0 1 = -2 * bell x * area x.
Proof.
  assert (E : RInt (fun t => x * bell (x * t + 0)) 0 1 = area x).
  { pose proof (@RInt_comp_lin R_CompleteNormedModule bell x 0 0 1 (bell_integrable _ _)) as E.
    rewrite !Rmult_0_r, !Rmult_1_r, !Rplus_0_r in E; exact E. }
  rewrite <- E; change (RInt (fun t => -2 * x * exp (- x ^ 2 * (1 + t ^ 2))) 0 1
    = scal (-2 * bell x) (RInt (fun t => x * bell (x * t + 0)) 0 1)).
  rewrite <- (@RInt_scal R_CompleteNormedModule).
  - apply RInt_ext; intros t _; unfold bell.
    change (-2 * x * exp (- x ^ 2 * (1 + t ^ 2)) = -2 * exp (- x ^ 2) * (x * exp (- (x * t + 0) ^ 2))).
    replace (- x ^ 2 * (1 + t ^ 2)) with (- x ^ 2 + - (x * t + 0) ^ 2) by ring.
    rewrite exp_plus; ring.
  - apply (@ex_RInt_continuous R_CompleteNormedModule); intros t _.
    apply (@ex_derive_continuous R_AbsRing R_NormedModule); unfold bell; auto_derive; trivial.
Qed.

Lemma companion_zero : companion 0 = PI / 4.
Proof.
  rewrite <- atan_1; replace (atan 1) with (atan 1 - atan 0) by (rewrite atan_0; lra).
  apply (@is_RInt_unique R_CompleteNormedModule).
  apply is_RInt_ext with (fun t => / (1 + t ^ 2)).
  - intros t _; change (/ (1 + t ^ 2) = kernel 0 t); unfold kernel.
    replace (- 0 ^ 2 * (1 + t ^ 2)) with 0 by ring; rewrite exp_0; field; apply denominator.
  - apply (@is_RInt_derive R_CompleteNormedModule).
    + intros t _; eapply derives_is; [apply is_derive_atan | rewrite Rsqr_pow2; reflexivity].
    + intros t _; apply (@ex_derive_continuous R_AbsRing R_NormedModule); auto_derive.
      pose proof (denominator t); cbn [pow] in *; repeat split; trivial.
Qed.

Lemma companion_pos x : 0 < companion x.
Proof.
  apply RInt_gt_0; [lra | | intros; apply kernel_continuous].
  intros t _; unfold kernel; apply Rdiv_lt_0_compat; [apply exp_pos | pose proof (pow2_ge_0 t); lra].
Qed.

Lemma gauss x : area x ^ 2 + companion x = PI / 4.
Proof.
  rewrite <- companion_zero; replace (companion 0) with (area 0 ^ 2 + companion 0) by (rewrite area_zero; ring).
  apply (stays (fun t => area t ^ 2 + companion t)); intros t; eapply derives_is.
  - apply derives_plus; [apply derives_pow, area_derives | apply companion_derives].
  - rewrite companion_rate; cbn; ring.
Qed.

Lemma area_bound x : area x < sqrt PI / 2.
Proof.
  assert (S : 0 < sqrt PI) by apply sqrt_lt_R0, PI_RGT_0.
  destruct (Rlt_dec (area x) (sqrt PI / 2)) as [L|L]; [assumption | exfalso].
  pose proof (gauss x); pose proof (companion_pos x).
  assert ((sqrt PI / 2) ^ 2 <= area x ^ 2) by (apply pow_incr; lra).
  assert ((sqrt PI / 2) ^ 2 = PI / 4); [| lra].
  replace ((sqrt PI / 2) ^ 2) with (sqrt PI ^ 2 / 4) by field.
  rewrite pow2_sqrt; [reflexivity | pose proof PI_RGT_0; lra].
Qed.

(** ** The ledger *)

Lemma erf_area u : erf u = 2 / sqrt PI * area u.
Proof. reflexivity. Qed.

Lemma scale_pos : 0 < 2 / sqrt PI.
Proof. apply Rdiv_lt_0_compat; [lra | apply sqrt_lt_R0, PI_RGT_0]. Qed.

Lemma fact_erf_odd u : erf (- u) = - erf u.
Proof. rewrite !erf_area, area_odd; ring. Qed.

Lemma fact_erf_pos u : u > 0 -> erf u > 0.
Proof. intros H; rewrite erf_area; apply Rmult_lt_0_compat; [apply scale_pos | apply area_pos; assumption]. Qed.

Lemma fact_erf_high u : 1 - erf u > 0.
Proof.
  rewrite erf_area; pose proof (area_bound u) as B; pose proof scale_pos as S.
  apply (Rmult_lt_compat_l _ _ _ S) in B.
  replace (2 / sqrt PI * (sqrt PI / 2)) with 1 in B; [lra |].
  assert (0 < sqrt PI) by apply sqrt_lt_R0, PI_RGT_0; field; lra.
Qed.

Lemma erf_derives u : derives erf u (2 * (/ sqrt PI * exp (- u ^ 2))).
Proof.
  eapply derives_is; [exact (derives_scale area u _ (area_derives u) (2 / sqrt PI)) |].
  unfold bell, Rdiv; ring.
Qed.
