(** The rules of the kernel about derivatives in several symbols together: the Frechet derivative, [filterdiff].

    The symbols that vary are a point of a normed space [U]: of [R], of [R * R], and so on. *)

From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisFunctions AnalysisBasics AnalysisDerivatives RuleLemmasLocal.
Open Scope R_scope.

Section Joint.
Context {U : NormedModule R_AbsRing}.

(** [f], with the domain [D], is defined near [x] and has the derivative [df], which is linear in the tangents. *)
Definition joint (D : U -> Prop) (f : U -> R) (x : U) (df : U -> R) : Prop :=
  locally x D /\ @filterdiff R_AbsRing U R_NormedModule f (locally x) df.

Lemma joint_continuous D f x df : joint D f x df -> continuous f x.
Proof. intros [_ F]; apply (@filterdiff_continuous R_AbsRing U R_NormedModule); exists df; exact F. Qed.

Lemma joint_same D f x df dg : (forall t, df t = dg t) -> joint D f x df -> joint D f x dg.
Proof. intros E [N F]; split; [exact N | exact (@filterdiff_ext_lin R_AbsRing U R_NormedModule _ _ f df dg F E)]. Qed.

(** A derivative in all symbols is a derivative along every curve that has one. *)
Lemma joint_along_curves D f df (c : R -> U) (s : R) v :
  joint D f (c s) df -> is_derive c s v -> derives (fun t => f (c t)) s (df v).
Proof.
  intros [_ F] C; apply (filterdiff_ext_lin _ (fun y : R => df (scal y v))).
  - exact (filterdiff_comp' c f s _ df C F).
  - intros y; destruct F as [L _]; exact (linear_scal df L y v).
Qed.

Lemma rule_local_constant_joint c x : joint (fun _ => True) (fun _ => c) x (fun _ => 0).
Proof. split; [apply filter_forall; trivial | exact (@filterdiff_const R_AbsRing U R_NormedModule _ _ c)]. Qed.

(** A symbol is a linear function of the point. *)
Lemma rule_local_symbol_joint (symbol : U -> R) x : is_linear symbol -> joint (fun _ => True) symbol x symbol.
Proof.
  intros L; split; [apply filter_forall; trivial | exact (@filterdiff_linear R_AbsRing U R_NormedModule _ symbol L)].
Qed.

Section Building.
Variables (A B : U -> Prop) (a b : U -> R) (x : U) (da db : U -> R).
Hypothesis HA : joint A a x da.
Hypothesis HB : joint B b x db.

Lemma rule_local_add_joint : joint (fun t => A t /\ B t) (fun t => a t + b t) x (fun t => da t + db t).
Proof.
  destruct HA as [DA FA], HB as [DB FB]; split; [exact (filter_and _ _ DA DB) |].
  exact (@filterdiff_plus_fct R_AbsRing U R_NormedModule _ _ a b da db FA FB).
Qed.

Lemma rule_local_mul_joint : joint (fun t => A t /\ B t) (fun t => a t * b t) x (fun t => da t * b x + a x * db t).
Proof.
  destruct HA as [DA FA], HB as [DB FB]; split; [exact (filter_and _ _ DA DB) |].
  exact (filterdiff_mult_fct a b x da db Rmult_comm FA FB).
Qed.

(** The chain rule for a function of one number that has a derivative where [E] holds, which is an open condition. *)
Lemma through_joint (phi : R -> R) (E : R -> Prop) l :
  locally (a x) E -> derives phi (a x) l ->
  joint (fun t => A t /\ E (a t)) (fun t => phi (a t)) x (fun t => l * da t).
Proof.
  destruct HA as [DA FA]; intros HE D; split.
  - apply filter_and; [exact DA | exact (joint_continuous A a x da HA E HE)].
  - apply filterdiff_ext_lin with (fun t => scal (da t) l); [exact (filterdiff_comp' a phi x da _ FA D) |].
    intros t; exact (Rmult_comm (da t) l).
Qed.

Lemma everywhere_joint (phi : R -> R) l : derives phi (a x) l -> joint A (fun t => phi (a t)) x (fun t => l * da t).
Proof.
  intros D; split; [exact (proj1 HA) |].
  exact (proj2 (through_joint phi (fun _ => True) l (filter_forall _ (fun _ => I)) D)).
Qed.

Lemma rule_local_pow_joint n : joint A (fun t => a t ^ n) x (fun t => INR n * a x ^ pred n * da t).
Proof.
  apply (everywhere_joint (fun u => u ^ n)); eapply derives_is; [apply derives_pow, derives_id | cbv beta; ring].
Qed.

Lemma rule_local_inv_joint :
  a x <> 0 -> joint (fun t => A t /\ a t <> 0) (fun t => / a t) x (fun t => - (/ a x) ^ 2 * da t).
Proof. intros N; exact (through_joint Rinv _ _ (nonzero_near _ N) (derivative_inv _ N)). Qed.

Lemma rule_local_log_joint : a x > 0 -> joint (fun t => A t /\ a t > 0) (fun t => ln (a t)) x (fun t => / a x * da t).
Proof. intros P; exact (through_joint ln _ _ (positive_near _ P) (derivative_log _ P)). Qed.

Lemma rule_local_sqrt_joint :
  a x > 0 -> joint (fun t => A t /\ a t >= 0) (fun t => sqrt (a t)) x (fun t => / (2 * sqrt (a x)) * da t).
Proof.
  intros P; apply (through_joint sqrt (fun v => v >= 0)); [| exact (derivative_sqrt _ P)].
  apply filter_imp with (2 := positive_near _ P); intros; lra.
Qed.

Lemma rule_local_exp_joint : joint A (fun t => exp (a t)) x (fun t => exp (a x) * da t).
Proof. exact (everywhere_joint exp _ (derivative_exp _)). Qed.

Lemma rule_local_sin_joint : joint A (fun t => sin (a t)) x (fun t => cos (a x) * da t).
Proof. exact (everywhere_joint sin _ (derivative_sin _)). Qed.

Lemma rule_local_cos_joint : joint A (fun t => cos (a t)) x (fun t => - sin (a x) * da t).
Proof. exact (everywhere_joint cos _ (derivative_cos _)). Qed.

Lemma rule_local_atan_joint : joint A (fun t => atan (a t)) x (fun t => / (1 + a x ^ 2) * da t).
Proof. exact (everywhere_joint atan _ (derivative_atan _)). Qed.

Lemma rule_local_erf_joint : joint A (fun t => erf (a t)) x (fun t => 2 * (/ sqrt PI * exp (- a x ^ 2)) * da t).
Proof. exact (everywhere_joint erf _ (derivative_erf _)). Qed.

Lemma rule_local_floor_joint : a x - floor (a x) <> 0 -> joint A (fun t => floor (a t)) x (fun t => 0 * da t).
Proof. intros N; exact (everywhere_joint floor _ (derivative_floor _ N)). Qed.
End Building.

(** The guard is continuous and not 0 at the point, so it keeps its sign, and the conditional is its branch. *)
Lemma rule_local_cond_above_joint (A D : U -> Prop) (a g f : U -> R) x da :
  continuous g x -> g x > 0 -> joint A a x da -> (forall t, g t > 0 -> f t = a t /\ (A t -> D t)) -> joint D f x da.
Proof.
  intros C P [DA FA] E; assert (N : locally x (fun t => g t > 0)) by exact (C _ (positive_near _ P)); split.
  - apply filter_imp with (2 := filter_and _ _ N DA); intros t [T H]; exact (proj2 (E t T) H).
  - apply filterdiff_ext_locally with a; [| exact FA].
    apply filter_imp with (2 := N); intros t T; symmetry; exact (proj1 (E t T)).
Qed.

(** Glue: near the point [f] takes one of two values, which agree at the point and have one derivative there. *)
Lemma rule_local_cond_glue_joint (A B D : U -> Prop) (a b f : U -> R) x d :
  joint A a x d -> joint B b x d -> a x - b x = 0 ->
  (forall t, A t -> B t -> D t /\ (f t = a t \/ f t = b t)) -> joint D f x d.
Proof.
  intros [DA [L FA]] [DB [_ FB]] M E.
  assert (N : locally x (fun t => D t /\ (f t = a t \/ f t = b t))).
  { apply filter_imp with (2 := filter_and _ _ DA DB); intros t [H K]; exact (E t H K). }
  assert (O : f x = a x) by (destruct (proj2 (locally_singleton _ _ N)) as [-> | ->]; lra).
  split; [apply filter_imp with (2 := N); tauto | split; [exact L |]]; intros y Y eps.
  apply is_filter_lim_locally_unique in Y; subst y.
  specialize (FA x (fun P H => H) eps); specialize (FB x (fun P H => H) eps).
  apply filter_imp with (2 := filter_and _ _ N (filter_and _ _ FA FB)).
  intros t ((_ & [-> | ->]) & H & K); rewrite O; [exact H | replace (a x) with (b x) by lra; exact K].
Qed.

(** Two functions that agree near the point, where [K] holds. *)
Lemma rule_replace_joint (D D' K : U -> Prop) f g x d :
  joint D' g x d -> (forall t, K t -> f t - g t = 0) -> (forall t, K t -> D t) -> locally x K -> joint D f x d.
Proof.
  intros [_ G] S E N; split; [apply filter_imp with (2 := N); exact E |].
  apply filterdiff_ext_locally with g; [| exact G].
  apply filter_imp with (2 := N); intros t T; specialize (S t T); lra.
Qed.
End Joint.
