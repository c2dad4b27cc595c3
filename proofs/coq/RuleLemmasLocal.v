(** The rules of the kernel about derivatives, on plain functions and in Coquelicot's words.

    A term whose symbols move along a curve is a function of the time [t].  The judgement says that it is defined near
    the time [x], continuous there and, where a derivative is given, differentiable.  For derivatives in several symbols
    together see RuleLemmasJoint. *)

From Coq Require Import Reals Lra Lia Ranalysis5.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisFunctions AnalysisBasics AnalysisDerivatives AnalysisRoot.
Open Scope R_scope.

(** A derivative, or [None] where only continuity is known. *)
Definition rate := option R.

(** [f], with the domain [D], is defined near [x], continuous and differentiable with the derivative [l]. *)
Definition local (D : R -> Prop) (f : R -> R) (x : R) (l : rate) : Prop :=
  locally x D /\ continuity_pt f x /\ match l with Some l => derives f x l | None => True end.

Definition map_rate (g : R -> R) (a : rate) : rate := match a with Some a => Some (g a) | None => None end.
Definition join_rates (g : R -> R -> R) (a b : rate) : rate :=
  match a, b with Some a, Some b => Some (g a b) | _, _ => None end.

Lemma derives_continuity f x l : derives f x l -> continuity_pt f x.
Proof. intros D; apply derivable_continuous_pt; exists l; apply is_derive_Reals, D. Qed.

Lemma everywhere_near (D : R -> Prop) x : (forall t, D t) -> locally x D.
Proof. intros H; apply filter_forall; exact H. Qed.

Lemma both_near (A B : R -> Prop) x : locally x A -> locally x B -> locally x (fun t => A t /\ B t).
Proof. exact (filter_and A B). Qed.

(** ** Building terms *)

Lemma rule_local_constant c x : local (fun _ => True) (fun _ => c) x (Some 0).
Proof.
  split; [apply everywhere_near; trivial | split; [| apply derives_const]].
  exact (derives_continuity _ _ _ (derives_const c x)).
Qed.

Lemma rule_local_symbol x : local (fun _ => True) (fun t => t) x (Some 1).
Proof.
  split; [apply everywhere_near; trivial | split; [| apply derives_id]].
  exact (derives_continuity _ _ _ (derives_id x)).
Qed.

Section Building.
Variables (A B : R -> Prop) (a b : R -> R) (x : R) (da db : rate).
Hypothesis HA : local A a x da.
Hypothesis HB : local B b x db.

Lemma rule_local_add : local (fun t => A t /\ B t) (fun t => a t + b t) x (join_rates Rplus da db).
Proof.
  destruct HA as (DA & CA & RA), HB as (DB & CB & RB).
  split; [exact (both_near _ _ _ DA DB) | split; [exact (continuity_pt_plus a b x CA CB) |]].
  destruct da, db; try exact I; exact (derives_plus a b x _ _ RA RB).
Qed.

Lemma rule_local_mul :
  local (fun t => A t /\ B t) (fun t => a t * b t) x (join_rates (fun da db => da * b x + a x * db) da db).
Proof.
  destruct HA as (DA & CA & RA), HB as (DB & CB & RB).
  split; [exact (both_near _ _ _ DA DB) | split; [exact (continuity_pt_mult a b x CA CB) |]].
  destruct da, db; try exact I; exact (derives_mult a b x _ _ RA RB).
Qed.

Lemma rule_local_pow n : local A (fun t => a t ^ n) x (map_rate (fun da => INR n * a x ^ pred n * da) da).
Proof.
  destruct HA as (DA & CA & RA); split; [exact DA | split].
  - apply (continuity_pt_comp a (fun u => u ^ n)); [exact CA |].
    exact (derives_continuity _ _ _ (derives_pow (fun t => t) _ 1 (derives_id (a x)) n)).
  - destruct da; [exact (derives_pow a x _ RA n) | exact I].
Qed.

(** The chain rule for a function that has a derivative where [E] holds, which is an open condition. *)
Lemma through (phi : R -> R) (E : R -> Prop) l :
  locally (a x) E -> derives phi (a x) l ->
  local (fun t => A t /\ E (a t)) (fun t => phi (a t)) x (map_rate (Rmult l) da).
Proof.
  destruct HA as (DA & CA & RA); intros HE D; split; [| split].
  - apply both_near; [exact DA |]; apply continuity_pt_filterlim in CA; exact (CA E HE).
  - exact (continuity_pt_comp a phi x CA (derives_continuity _ _ _ D)).
  - destruct da; [exact (derives_comp phi a x _ _ D RA) | exact I].
Qed.

Lemma everywhere (phi : R -> R) l :
  derives phi (a x) l -> local A (fun t => phi (a t)) x (map_rate (Rmult l) da).
Proof.
  intros D; destruct (through phi (fun _ => True) l (everywhere_near _ _ (fun _ => I)) D) as (N & C & R).
  split; [exact (proj1 HA) | split; assumption].
Qed.

Lemma positive_near u : u > 0 -> locally u (fun v => v > 0).
Proof. exact (open_gt 0 u). Qed.

Lemma nonzero_near u : u <> 0 -> locally u (fun v => v <> 0).
Proof. exact (open_neq 0 u). Qed.

Lemma rule_local_inv :
  a x <> 0 -> local (fun t => A t /\ a t <> 0) (fun t => / a t) x (map_rate (Rmult (- (/ a x) ^ 2)) da).
Proof. intros N; exact (through Rinv _ _ (nonzero_near _ N) (derivative_inv _ N)). Qed.

Lemma rule_local_log : a x > 0 -> local (fun t => A t /\ a t > 0) (fun t => ln (a t)) x (map_rate (Rmult (/ a x)) da).
Proof. intros P; exact (through ln _ _ (positive_near _ P) (derivative_log _ P)). Qed.

Lemma rule_local_sqrt :
  a x > 0 -> local (fun t => A t /\ a t >= 0) (fun t => sqrt (a t)) x (map_rate (Rmult (/ (2 * sqrt (a x)))) da).
Proof.
  intros P; apply (through sqrt (fun v => v >= 0)); [| exact (derivative_sqrt _ P)].
  apply filter_imp with (2 := positive_near _ P); intros; lra.
Qed.

(** Where the operand is nowhere negative, [sqrt] is continuous. *)
Lemma rule_local_sqrt_continuous :
  locally x (fun t => a t >= 0) -> local (fun t => A t /\ a t >= 0) (fun t => sqrt (a t)) x None.
Proof.
  destruct HA as (DA & CA & _); intros N; split; [exact (both_near _ _ _ DA N) | split; [| exact I]].
  apply (continuity_pt_comp a sqrt); [exact CA | apply continuity_pt_sqrt].
  assert (a x >= 0) by exact (locally_singleton _ _ N); lra.
Qed.

Lemma rule_local_exp : local A (fun t => exp (a t)) x (map_rate (Rmult (exp (a x))) da).
Proof. exact (everywhere exp _ (derivative_exp _)). Qed.

Lemma rule_local_sin : local A (fun t => sin (a t)) x (map_rate (Rmult (cos (a x))) da).
Proof. exact (everywhere sin _ (derivative_sin _)). Qed.

Lemma rule_local_cos : local A (fun t => cos (a t)) x (map_rate (Rmult (- sin (a x))) da).
Proof. exact (everywhere cos _ (derivative_cos _)). Qed.

Lemma rule_local_atan : local A (fun t => atan (a t)) x (map_rate (Rmult (/ (1 + a x ^ 2))) da).
Proof. exact (everywhere atan _ (derivative_atan _)). Qed.

Lemma rule_local_erf : local A (fun t => erf (a t)) x (map_rate (Rmult (2 * (/ sqrt PI * exp (- a x ^ 2)))) da).
Proof. exact (everywhere erf _ (derivative_erf _)). Qed.

Lemma rule_local_floor : a x - floor (a x) <> 0 -> local A (fun t => floor (a t)) x (map_rate (Rmult 0) da).
Proof. intros N; exact (everywhere floor _ (derivative_floor _ N)). Qed.

(** A cited function of one operand: its derivative is a hypothesis, on an open domain. *)
Lemma rule_local_app_one (phi : R -> R) (E : R -> Prop) l :
  open E -> E (a x) -> derives phi (a x) l ->
  local (fun t => A t /\ E (a t)) (fun t => phi (a t)) x (map_rate (Rmult l) da).
Proof. intros O H; apply through, O, H. Qed.
End Building.

(** A cited function of two operands, differentiable in both together. *)
Lemma rule_local_app_two (A B : R -> Prop) (a b : R -> R) x da db (phi : R -> R -> R) (E : R -> R -> Prop) l m :
  local A a x (Some da) -> local B b x (Some db) ->
  locally_2d E (a x) (b x) -> differentiable_pt_lim phi (a x) (b x) l m ->
  local (fun t => (A t /\ B t) /\ E (a t) (b t)) (fun t => phi (a t) (b t)) x (Some (l * da + m * db)).
Proof.
  intros (DA & CA & RA) (DB & CB & RB) (d & N) D.
  assert (R : derives (fun t => phi (a t) (b t)) x (l * da + m * db)).
  { apply is_derive_Reals, derivable_pt_lim_comp_2d; [exact D | |]; apply is_derive_Reals; assumption. }
  split; [| split; [exact (derives_continuity _ _ _ R) | exact R]].
  apply both_near; [exact (both_near _ _ _ DA DB) |].
  apply filter_imp with
    (2 := both_near _ _ _ (proj1 (continuity_pt_locally a x) CA d) (proj1 (continuity_pt_locally b x) CB d)).
  intros t [X Y]; apply N; assumption.
Qed.

(** ** Conditionals *)

Section Conditionals.
Variables (A B G D : R -> Prop) (a b g f : R -> R) (x : R) (dg : rate).

(** The guard is continuous and not 0 at the point, so it keeps its sign, and the conditional is its branch. *)
Lemma rule_local_cond_above da :
  local G g x dg -> g x > 0 -> local A a x da ->
  (forall t, g t > 0 -> f t = a t /\ (G t -> A t -> D t)) -> local D f x da.
Proof.
  intros (DG & CG & _) P (DA & CA & RA) E.
  assert (N : locally x (fun t => g t > 0)) by (apply continuity_pt_filterlim in CG; exact (CG _ (positive_near _ P))).
  assert (S : locally x (fun t => a t = f t)) by (apply filter_imp with (2 := N); intros t T; symmetry; apply E, T).
  split; [| split].
  - apply filter_imp with (2 := both_near _ _ _ N (both_near _ _ _ DG DA)).
    intros t (T & U & V); exact (proj2 (E t T) U V).
  - exact (continuity_pt_ext_loc a f x S CA).
  - destruct da; [exact (is_derive_ext_loc a f x _ S RA) | exact I].
Qed.

Lemma rule_local_cond_apart da :
  local G g x dg -> g x <> 0 -> local A a x da ->
  (forall t, g t <> 0 -> f t = a t /\ (G t -> A t -> D t)) -> local D f x da.
Proof.
  intros (DG & CG & _) P (DA & CA & RA) E.
  assert (N : locally x (fun t => g t <> 0)) by (apply continuity_pt_filterlim in CG; exact (CG _ (nonzero_near _ P))).
  assert (S : locally x (fun t => a t = f t)) by (apply filter_imp with (2 := N); intros t T; symmetry; apply E, T).
  split; [| split].
  - apply filter_imp with (2 := both_near _ _ _ N (both_near _ _ _ DG DA)).
    intros t (T & U & V); exact (proj2 (E t T) U V).
  - exact (continuity_pt_ext_loc a f x S CA).
  - destruct da; [exact (is_derive_ext_loc a f x _ S RA) | exact I].
Qed.

(** A guard that does not move decides once and for all. *)
Lemma rule_local_cond_still da : local A a x da -> (forall t, f t = a t /\ (A t -> D t)) -> local D f x da.
Proof.
  intros (DA & CA & RA) E.
  assert (S : locally x (fun t => a t = f t)) by (apply everywhere_near; intros t; symmetry; apply E).
  split; [apply filter_imp with (2 := DA); intros t T; exact (proj2 (E t) T) | split].
  - exact (continuity_pt_ext_loc a f x S CA).
  - destruct da; [exact (is_derive_ext_loc a f x _ S RA) | exact I].
Qed.

(** Glue: near the point the conditional takes one of two values, which agree at the point. *)
Lemma rule_local_cond_glue_continuous da db :
  local A a x da -> local B b x db -> a x - b x = 0 ->
  (forall t, A t -> B t -> D t /\ (f t = a t \/ f t = b t)) -> local D f x None.
Proof.
  intros (DA & CA & _) (DB & CB & _) M E.
  assert (N : locally x (fun t => D t /\ (f t = a t \/ f t = b t))).
  { apply filter_imp with (2 := both_near _ _ _ DA DB); intros t [U V]; exact (E t U V). }
  split; [apply filter_imp with (2 := N); tauto | split; [| exact I]].
  assert (O : f x = a x) by (destruct (proj2 (locally_singleton _ _ N)) as [-> | ->]; lra).
  apply continuity_pt_locally; intros eps.
  apply filter_imp with (2 := both_near _ _ _ N
    (both_near _ _ _ (proj1 (continuity_pt_locally a x) CA eps) (proj1 (continuity_pt_locally b x) CB eps))).
  intros t ((_ & [-> | ->]) & U & V); rewrite O; [exact U | replace (a x) with (b x) by lra; exact V].
Qed.

(** If both branches have the same derivative, so has the conditional. *)
Lemma rule_local_cond_glue l m :
  local A a x (Some l) -> local B b x (Some m) -> a x - b x = 0 -> l - m = 0 ->
  (forall t, A t -> B t -> D t /\ (f t = a t \/ f t = b t)) -> local D f x (Some l).
Proof.
  intros HA HB M S E; destruct (rule_local_cond_glue_continuous _ _ HA HB M E) as (N & C & _).
  split; [exact N | split; [exact C |]]; replace m with l in HB by lra.
  destruct HA as (DA & _ & RA), HB as (DB & _ & RB).
  assert (L : locally x (fun t => f t = a t \/ f t = b t)).
  { apply filter_imp with (2 := both_near _ _ _ DA DB); intros t [U V]; exact (proj2 (E t U V)). }
  assert (O : f x = a x) by (destruct (locally_singleton _ _ L) as [-> | ->]; lra).
  apply near_line_iff; intros eps P; apply near_line_iff in RA; apply near_line_iff in RB.
  destruct (RA eps P) as (r & R & KA), (RB eps P) as (s & Q & KB), L as (e & KE).
  exists (Rmin e (Rmin r s)); split; [repeat apply Rmin_glb_lt; try assumption; apply cond_pos |]; intros v V.
  pose proof (Rmin_l e (Rmin r s)); pose proof (Rmin_r e (Rmin r s)); pose proof (Rmin_l r s); pose proof (Rmin_r r s).
  assert (VE : Rabs (v - x) < e) by lra; rewrite O; destruct (KE v VE) as [-> | ->]; [apply KA; lra |].
  replace (a x) with (b x) by lra; apply KB; lra.
Qed.
End Conditionals.

(** ** Derivatives of terms at hand *)

Lemma rule_rewrite D f x l m : local D f x (Some l) -> l - m = 0 -> local D f x (Some m).
Proof. intros H E; replace m with l by lra; exact H. Qed.

(** Two functions that agree near the point, where [K] holds. *)
Lemma rule_replace (D D' K : R -> Prop) f g x l :
  local D' g x l -> (forall t, K t -> f t - g t = 0) -> (forall t, K t -> D t) -> locally x K -> local D f x l.
Proof.
  intros (_ & C & R) S E N.
  assert (L : locally x (fun t => g t = f t)) by (apply filter_imp with (2 := N); intros t T; specialize (S t T); lra).
  split; [apply filter_imp with (2 := N); exact E | split; [exact (continuity_pt_ext_loc g f x L C) |]].
  destruct l; [exact (is_derive_ext_loc g f x _ L R) | exact I].
Qed.

(** A hypothesis that holds strictly at the point, of a continuous term, holds near it. *)
Lemma rule_replace_above D u x l : local D u x l -> u x > 0 -> locally x (fun t => u t > 0).
Proof. intros (_ & C & _) P; apply continuity_pt_filterlim in C; exact (C _ (positive_near _ P)). Qed.

Lemma rule_replace_apart D u x l : local D u x l -> u x <> 0 -> locally x (fun t => u t <> 0).
Proof. intros (_ & C & _) P; apply continuity_pt_filterlim in C; exact (C _ (nonzero_near _ P)). Qed.

(** The chain rule, in any number of symbols. *)
Lemma rule_chain {U V : NormedModule R_AbsRing} (e : V -> R) (u : U -> V) (x : U) (de : V -> R) (du : U -> V) :
  filterdiff e (locally (u x)) de -> filterdiff u (locally x) du ->
  filterdiff (fun t => e (u t)) (locally x) (fun t => de (du t)).
Proof. intros E H; exact (filterdiff_comp' u e x du de H E). Qed.

(** What a reader is promised: a neighbourhood in the domain, a derivative, and a value of the term printed for it. *)
Definition has_derivative (D : R -> Prop) (f : R -> R) (x l : R) (defined : Prop) : Prop :=
  locally x D /\ is_derive f x l /\ defined.

Lemma rule_has_deriv D f x l (defined : Prop) : local D f x (Some l) -> defined -> has_derivative D f x l defined.
Proof. intros (N & _ & R) H; exact (conj N (conj R H)). Qed.

(** The derivative of order [n] is [g] near the point, so it can be differentiated. *)
Lemma rule_higher n f g x l (K : R -> Prop) :
  locally x K -> (forall t, K t -> is_derive_n f n t (g t)) -> derives g x l -> is_derive_n f (S n) x l.
Proof.
  intros N H D; apply (is_derive_ext_loc g (Derive_n f n) x l); [| exact D].
  apply filter_imp with (2 := N); intros t T; symmetry; exact (is_derive_n_unique _ _ _ _ (H t T)).
Qed.

(** ** On an interval *)

Lemma continuity_closed D u a b :
  (forall t, a <= t <= b -> exists l, local D u t l) -> forall t, a <= t <= b -> near_value u t.
Proof. intros H t T; destruct (H t T) as (l & _ & C & _); apply near_value_iff, C. Qed.

(** A piece holds somewhere: at a root between two points. *)
Lemma rule_root D e a b (piece : R -> Prop) :
  (forall t, a <= t <= b -> exists l, local D e t l) -> b - a > 0 -> - e a > 0 -> e b > 0 ->
  (forall t, t - a > 0 -> b - t > 0 -> e t = 0 -> piece t) -> exists t, piece t.
Proof.
  intros C L A B H; destruct (root_between e a b) as (c & I & Z); try lra; [exact (continuity_closed _ _ _ _ C) |].
  exists c; apply H; lra.
Qed.

Lemma mean_value D e de a b :
  (forall t, a <= t <= b -> local D e t (Some (de t))) -> b - a > 0 ->
  exists c, a < c < b /\ e b - e a = de c * (b - a).
Proof.
  intros H L; destruct (MVT_cor2 e de a b) as (c & E & I); [lra | | exists c; split; assumption].
  intros t T; apply is_derive_Reals, (H t T).
Qed.

Lemma rule_increases_strictly D e de a b :
  (forall t, a <= t <= b -> local D e t (Some (de t))) -> (forall t, t - a > 0 -> b - t > 0 -> de t > 0) ->
  b - a > 0 -> e b - e a > 0.
Proof.
  intros H P L; destruct (mean_value D e de a b H L) as (c & I & ->).
  apply Rmult_gt_0_compat; [apply P; lra | exact L].
Qed.

Lemma rule_increases D e de a b :
  (forall t, a <= t <= b -> local D e t (Some (de t))) -> (forall t, t - a > 0 -> b - t > 0 -> de t >= 0) ->
  b - a > 0 -> e b - e a >= 0.
Proof.
  intros H P L; destruct (mean_value D e de a b H L) as (c & I & ->).
  assert (de c >= 0) by (apply P; lra); apply Rle_ge, Rmult_le_pos; lra.
Qed.
