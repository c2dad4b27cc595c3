(** The rules of the kernel about one-sided derivatives, and about points without a derivative, on plain functions. *)

From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisBasics AnalysisDerivatives AnalysisSides AnalysisCompose RuleLemmasLocal.
Open Scope R_scope.

(** ** What holds on one side of a point *)

(** A hypothesis that holds strictly at the point, of a continuous term. *)
Lemma rule_side_replace_above D u x s l :
  is_sign s -> local D u x l -> u x > 0 -> shortly (fun h => u (x + s * h) > 0).
Proof. intros S H P; exact (shortly_locally _ x s S (rule_replace_above D u x l H P)). Qed.

Lemma rule_side_replace_apart D u x s l :
  is_sign s -> local D u x l -> u x <> 0 -> shortly (fun h => u (x + s * h) <> 0).
Proof. intros S H P; exact (shortly_locally _ x s S (rule_replace_apart D u x l H P)). Qed.

(** A term that leaves 0 upwards on that side; [m], its slope, has the sign [s]. *)
Lemma rule_side_replace_rises u x s m :
  is_sign s -> u x = 0 -> slopes u x s m -> slope_sign m s -> shortly (fun h => u (x + s * h) > 0).
Proof.
  intros S Z M P; apply shortly_weaken with (2 := slopes_moves u x s m s S S M P); intros h _ H.
  unfold change in H; rewrite Z in H; destruct S as [-> | ->]; lra.
Qed.

Section OneSide.
Variables (D D' K : R -> Prop) (f g : R -> R) (x s : R) (l : rate).
Hypothesis S : is_sign s.
Hypothesis G : local D' g x l.
Hypothesis same : forall t, K t -> f t - g t = 0.
Hypothesis exists_there : forall t, K t -> D t.
Hypothesis there : shortly (fun h => K (x + s * h)).
Hypothesis here : D x.

Lemma defined_shortly : shortly (fun h => D (x + s * h)).
Proof. apply shortly_weaken with (2 := there); intros h _; apply exists_there. Qed.

Lemma same_shortly : shortly (fun h => f (x + s * h) = g (x + s * h)).
Proof. apply shortly_weaken with (2 := there); intros h _ H; specialize (same _ H); lra. Qed.

Lemma rule_side_replace (m : R) : l = Some m -> f x - g x = 0 -> side D f x s m /\ joins f x s.
Proof.
  intros E O; destruct G as (_ & _ & R); rewrite E in R.
  assert (M : slopes f x s m).
  { apply slopes_ext with g; [lra | exact same_shortly | exact (slopes_derives g x s m S R)]. }
  split; [exact (conj here (conj defined_shortly M)) | exact (slopes_joins f x s m S M)].
Qed.

(** [f] tends to [g x], which is not [f x]. *)
Lemma jump_away : f x <> g x -> shortly (fun h => Rabs (change f x s h - (g x - f x)) <= Rabs (g x - f x) / 2).
Proof.
  intros N; destruct G as (_ & C & _); apply near_value_iff in C.
  assert (P : 0 < Rabs (g x - f x) / 2) by (assert (0 < Rabs (g x - f x)) by (apply Rabs_pos_lt; lra); lra).
  apply shortly_weaken with (2 := shortly_and _ _ same_shortly (joins_near_value g x s S C _ P)); intros h _ [E H].
  unfold change in *; rewrite E.
  replace (g (x + s * h) - f x - (g x - f x)) with (g (x + s * h) - g x) by ring; exact H.
Qed.

Lemma jump_jumps : f x <> g x -> jumps f x s.
Proof.
  intros N; exists (Rabs (g x - f x) / 2).
  assert (P : 0 < Rabs (g x - f x)) by (apply Rabs_pos_lt; lra); split; [lra |].
  apply shortly_weaken with (2 := jump_away N); intros h _ H.
  pose proof (Rabs_triang (change f x s h) (- (change f x s h - (g x - f x)))) as T; rewrite Rabs_Ropp in T.
  replace (change f x s h + - (change f x s h - (g x - f x))) with (g x - f x) in T by ring; lra.
Qed.

(** The sign of the jump decides that of the slope. *)
Lemma jump_slopes w : is_sign w -> w * (g x - f x) > 0 ->
  forall bound, shortly (fun h => bound * h <= w * change f x s h).
Proof.
  intros W P bound; set (gap := w * (g x - f x)) in *; pose proof (Rabs_pos bound) as B.
  assert (N : f x <> g x) by (intros E; unfold gap in P; rewrite E in P; lra).
  assert (A : Rabs (g x - f x) = gap) by (rewrite <- (sign_abs w _ W); apply Rabs_pos_eq; apply Rlt_le, P).
  assert (Q : 0 < gap / 2 / (Rabs bound + 1)) by (repeat apply Rdiv_lt_0_compat; lra).
  apply shortly_weaken with (2 := shortly_and _ _ (jump_away N) (shortly_small _ Q)); intros h H [C E].
  rewrite A, <- (sign_abs w) in C by exact W; apply Rabs_le_between in C; rewrite Rmult_minus_distr_l in C.
  fold gap in C; apply Rmult_le_compat_r with (r := Rabs bound + 1) in E; [| lra].
  replace (gap / 2 / (Rabs bound + 1) * (Rabs bound + 1)) with (gap / 2) in E by (field; lra).
  assert (bound * h <= Rabs bound * h) by (apply Rmult_le_compat_r; [lra | apply Rle_abs]); lra.
Qed.

Lemma rule_side_jump_up : g x - f x > 0 -> side D f x s (infinity s) /\ jumps f x s.
Proof.
  intros P; split; [| apply jump_jumps; lra].
  split; [exact here | split; [exact defined_shortly |]].
  assert (J := jump_slopes 1 (or_introl eq_refl) ltac:(lra)).
  unfold infinity; destruct S as [-> | ->]; destruct (Rlt_dec 0 _) as [L | L]; try lra; cbn [slopes]; intros bound.
  - apply shortly_weaken with (2 := J bound); intros h H A; lra.
  - apply shortly_weaken with (2 := J (- bound)); intros h H A; lra.
Qed.

Lemma rule_side_jump_down : f x - g x > 0 -> side D f x s (infinity (- s)) /\ jumps f x s.
Proof.
  intros P; split; [| apply jump_jumps; lra].
  split; [exact here | split; [exact defined_shortly |]].
  assert (J := jump_slopes (-1) (or_intror eq_refl) ltac:(lra)).
  unfold infinity; destruct S as [-> | ->]; destruct (Rlt_dec 0 _) as [L | L]; try lra; cbn [slopes]; intros bound.
  - apply shortly_weaken with (2 := J (- bound)); intros h H A; lra.
  - apply shortly_weaken with (2 := J bound); intros h H A; lra.
Qed.
End OneSide.

(** ** Compositions *)

Section Compositions.
Variables (D E : R -> Prop) (u : R -> R) (x s : R).
Hypothesis S : is_sign s.

(** The outer function [F v t], with the domain [E2], is differentiable in both numbers together. *)
Section Outer.
Variables (F : R -> R -> R) (E2 : R -> R -> Prop) (p q : R).
Hypothesis near : locally_2d E2 (u x) x.
Hypothesis smooth : differentiable_pt_lim F (u x) x q p.

Lemma compose_defined m : side D u x s m -> joins u x s ->
  (D x /\ E2 (u x) x) /\ shortly (fun h => D (x + s * h) /\ E2 (u (x + s * h)) (x + s * h)).
Proof.
  intros (H & N & _) J; split; [split; [exact H | exact (locally_2d_singleton _ _ _ near)] |].
  destruct near as (d & B); pose proof (cond_pos d) as P; assert (P' : 0 < d / 2) by lra.
  apply shortly_weaken with (2 := shortly_and _ _ N (shortly_and _ _ (J _ P') (shortly_small _ P'))).
  intros h H1 (A & C & K); split; [exact A |]; apply B; [unfold change in C; lra |].
  replace (x + s * h - x) with (s * h) by ring; rewrite sign_abs by exact S; rewrite Rabs_pos_eq; lra.
Qed.

Let defined (t : R) : Prop := D t /\ E2 (u t) t.
Let through (t : R) : R := F (u t) t.

Lemma rule_side_compose (m : R) : side D u x s m -> side defined through x s (p + q * m) /\ joins through x s.
Proof.
  intros H; assert (J := slopes_joins u x s m S (proj2 (proj2 H))).
  destruct (compose_defined m H J) as [O N].
  split; [| exact (compose_joins F u x s q p S smooth J)].
  exact (conj O (conj N (compose_finite F u x s q p S smooth m (proj2 (proj2 H))))).
Qed.

(** [t] is the sign of the outer derivative [q]. *)
Lemma rule_side_compose_infinite t m :
  m = p_infty \/ m = m_infty -> is_sign t -> t * q > 0 -> side D u x s m -> joins u x s ->
  side defined through x s (turned t m) /\ joins through x s.
Proof.
  intros I T Q H J; destruct (compose_defined m H J) as [O N].
  split; [| exact (compose_joins F u x s q p S smooth J)].
  exact (conj O (conj N (compose_infinite F u x s q p S smooth t m T Q J I (proj2 (proj2 H))))).
Qed.
End Outer.

(** The outer function has a derivative on the side to which the inner one moves; [t] is the sign of the inner slope. *)
Section Moving.
Variables (f : R -> R) (t : R) (m : Rbar).
Hypothesis T : is_sign t.
Hypothesis inner : side D u x s m.
Hypothesis continuous_inner : joins u x s.
Hypothesis moves : slope_sign m t.

Let defined (y : R) : Prop := D y /\ E (u y).
Let through (y : R) : R := f (u y).

Lemma chain_defined l : side E f (u x) (s * t) l -> defined x /\ shortly (fun h => defined (x + s * h)).
Proof.
  intros (H & N & _); destruct inner as (O & I & M); split; [split; assumption |].
  exact (shortly_and _ _ I (shortly_chain u x s t S T E m continuous_inner M moves N)).
Qed.

Lemma rule_side_chain (l k : R) : m = k -> side E f (u x) (s * t) l -> side defined through x s (l * k).
Proof.
  intros K O; destruct (chain_defined l O) as [H N]; destruct inner as (_ & _ & M).
  assert (V := moves); rewrite K in M, V.
  exact (conj H (conj N (slopes_chain f u x s t S T l k (proj2 (proj2 O)) M V))).
Qed.

Lemma rule_side_chain_infinite l :
  l = p_infty \/ l = m_infty -> side E f (u x) (s * t) l -> side defined through x s (turned t l).
Proof.
  intros I O; destruct (chain_defined l O) as [H N]; destruct inner as (_ & _ & M).
  exact (conj H (conj N (slopes_chain_infinite f u x s t S T l m I continuous_inner (proj2 (proj2 O)) M moves))).
Qed.

(** The composition is continuous from that side, or jumps, as the outer function does. *)
Lemma rule_side_chain_joins : joins f (u x) (s * t) -> joins through x s.
Proof. intros J; exact (joins_chain f u x s t S T m J continuous_inner (proj2 (proj2 inner)) moves). Qed.

Lemma rule_side_chain_jumps : jumps f (u x) (s * t) -> jumps through x s.
Proof. intros J; exact (jumps_chain f u x s t S T m J continuous_inner (proj2 (proj2 inner)) moves). Qed.
End Moving.
End Compositions.

(** ** By epsilon and delta *)

Section Limits.
Variables (D : R -> Prop) (f : R -> R) (x s : R) (delta : R -> R).
Hypothesis S : is_sign s.
Hypothesis room : forall eps, eps > 0 -> delta eps > 0.

(** What holds for [eps > 0], [h > 0] and [delta - h > 0] holds shortly. *)
Lemma approach (A : R -> R -> Prop) :
  (forall eps h, eps > 0 -> h > 0 -> delta eps - h > 0 -> A eps h) -> forall eps, eps > 0 -> shortly (A eps).
Proof.
  intros H eps E; specialize (room eps E); exists (delta eps / 2); split; [lra |]; intros h K; apply H; lra.
Qed.

Lemma approach_defined :
  (forall eps h, eps > 0 -> h > 0 -> delta eps - h > 0 -> D (x + s * h)) -> shortly (fun h => D (x + s * h)).
Proof. intros H; exact (approach (fun _ h => D (x + s * h)) H 1 Rlt_0_1). Qed.

Lemma within_bounds a b : b - a >= 0 -> b + a >= 0 -> Rabs a <= b.
Proof. intros; apply Rabs_le_between; lra. Qed.

Lemma rule_side_limit (l : R) : D x ->
  (forall eps h, eps > 0 -> h > 0 -> delta eps - h > 0 -> D (x + s * h)) ->
  (forall eps h, eps > 0 -> h > 0 -> delta eps - h > 0 -> eps * h - (f (x + s * h) - f x - s * l * h) >= 0) ->
  (forall eps h, eps > 0 -> h > 0 -> delta eps - h > 0 -> eps * h + (f (x + s * h) - f x - s * l * h) >= 0) ->
  side D f x s l /\ joins f x s.
Proof.
  intros O N A B.
  assert (M : slopes f x s l).
  { intros eps E; apply (approach (fun eps h => Rabs (change f x s h - s * l * h) <= eps * h)); [| exact E].
    intros e h P Q R; exact (within_bounds _ _ (A e h P Q R) (B e h P Q R)). }
  split; [exact (conj O (conj (approach_defined N) M)) | exact (slopes_joins f x s l S M)].
Qed.

Lemma steeper w :
  (forall eps h, eps > 0 -> h > 0 -> delta eps - h > 0 -> w * (f (x + s * h) - f x) - eps * h >= 0) ->
  forall bound, shortly (fun h => bound * h <= w * change f x s h).
Proof.
  intros A bound; assert (P : Rmax 1 bound > 0) by (pose proof (Rmax_l 1 bound); lra).
  apply shortly_weaken with (2 := approach _ A _ P); intros h H B; unfold change.
  assert (bound * h <= Rmax 1 bound * h) by (apply Rmult_le_compat_r; [lra | apply Rmax_r]); lra.
Qed.

Lemma rule_side_limit_up : D x ->
  (forall eps h, eps > 0 -> h > 0 -> delta eps - h > 0 -> D (x + s * h)) ->
  (forall eps h, eps > 0 -> h > 0 -> delta eps - h > 0 -> s * (f (x + s * h) - f x) - eps * h >= 0) ->
  side D f x s p_infty.
Proof.
  intros O N A; split; [exact O | split; [exact (approach_defined N) |]]; cbn [slopes]; intros bound.
  apply shortly_weaken with (2 := steeper s A bound); intros; lra.
Qed.

Lemma rule_side_limit_down : D x ->
  (forall eps h, eps > 0 -> h > 0 -> delta eps - h > 0 -> D (x + s * h)) ->
  (forall eps h, eps > 0 -> h > 0 -> delta eps - h > 0 -> - s * (f (x + s * h) - f x) - eps * h >= 0) ->
  side D f x s m_infty.
Proof.
  intros O N A; split; [exact O | split; [exact (approach_defined N) |]]; cbn [slopes]; intros bound.
  apply shortly_weaken with (2 := steeper (- s) A (- bound)); intros; lra.
Qed.

Lemma rule_side_continuous :
  (forall eps h, eps > 0 -> h > 0 -> delta eps - h > 0 -> eps - (f (x + s * h) - f x) >= 0) ->
  (forall eps h, eps > 0 -> h > 0 -> delta eps - h > 0 -> eps + (f (x + s * h) - f x) >= 0) ->
  joins f x s.
Proof.
  intros A B eps E; apply (approach (fun eps h => Rabs (change f x s h) <= eps)); [| exact E].
  intros e h P Q R; exact (within_bounds _ _ (A e h P Q R) (B e h P Q R)).
Qed.
End Limits.

(** ** Both sides *)

Lemma rule_from_sides D f x (l r : R) : side D f x (-1) l -> side D f x 1 r -> l - r = 0 -> local D f x (Some l).
Proof.
  intros (O & NL & L) (_ & NR & R) E; replace r with l in R by lra.
  assert (H := derives_slopes f x l L R).
  split; [exact (locally_shortly D x O NL NR) | split; [exact (derives_continuity f x l H) | exact H]].
Qed.

(** [f] is defined at [x] and has no derivative there. *)
Definition not_differentiable (D : R -> Prop) (f : R -> R) (x : R) : Prop := D x /\ ~ (locally x D /\ ex_derive f x).

Lemma rule_no_derivative_corner D f x (l r : R) :
  side D f x (-1) l -> side D f x 1 r -> l - r <> 0 -> not_differentiable D f x.
Proof.
  intros (O & _ & L) (_ & _ & R) N; split; [exact O |]; intros [_ H].
  destruct (slopes_ex_derive f x (-1) l (or_intror eq_refl) L H) as (a & A & HA).
  destruct (slopes_ex_derive f x 1 r (or_introl eq_refl) R H) as (b & B & HB).
  apply N; injection A as A; injection B as B; subst l r.
  rewrite <- (is_derive_unique _ _ _ HA), <- (is_derive_unique _ _ _ HB); ring.
Qed.

(** A vertical tangent: the function is continuous from that side, and its slope is infinite. *)
Lemma rule_no_derivative_infinite (D : R -> Prop) f x s l :
  is_sign s -> l = p_infty \/ l = m_infty -> side D f x s l -> not_differentiable D f x.
Proof.
  intros S I (O & _ & M); split; [exact O |]; intros [_ H].
  destruct (slopes_ex_derive f x s l S M H) as (a & A & _); subst l; destruct I; discriminate.
Qed.

(** A jump: the function is not even continuous. *)
Lemma rule_no_derivative_jump (D : R -> Prop) f x s :
  is_sign s -> D x -> jumps f x s -> not_differentiable D f x /\ ~ continuity_pt f x.
Proof.
  intros S O J; assert (N : ~ continuity_pt f x).
  { intros C; apply (jumps_joins f x s J), joins_near_value, near_value_iff, C; exact S. }
  split; [split; [exact O |] | exact N]; intros [_ (l & H)]; exact (N (derives_continuity f x l H)).
Qed.

(** The point lies in the domain, and no neighbourhood of it does. *)
Lemma rule_boundary (D K : R -> Prop) f x s :
  is_sign s -> (forall t, K t -> ~ D t) -> shortly (fun h => K (x + s * h)) -> D x ->
  not_differentiable D f x /\ ~ locally x D.
Proof.
  intros S G N O; assert (B : ~ locally x D).
  { intros L; destruct (shortly_once _ (shortly_and _ _ N (shortly_locally D x s S L))) as (h & _ & A & B).
    exact (G _ A B). }
  split; [split; [exact O | intros [L _]; exact (B L)] | exact B].
Qed.

(** A function of several numbers that is differentiable in all of them together is so along every line. *)
Lemma rule_along {U : NormedModule R_AbsRing} (D : U -> Prop) (f : U -> R) (p c : U) :
  not_differentiable (fun h => D (plus p (scal h c))) (fun h => f (plus p (scal h c))) 0 ->
  D p /\ ~ (locally p D /\ ex_filterdiff f (locally p)).
Proof.
  intros [O N].
  assert (Z : plus p (scal 0 c) = p).
  { assert (E : scal 0 c = zero) by exact (scal_zero_l c); rewrite E; apply plus_zero_r. }
  assert (L : is_derive (fun h : R => plus p (scal h c)) 0 c).
  { evar_last; [apply @is_derive_plus; [apply @is_derive_const | apply @is_derive_scal_l, @is_derive_id] |].
    rewrite plus_zero_l; apply (@scal_one R_AbsRing U). }
  rewrite Z in O; split; [exact O |]; intros [H F]; apply N; split.
  - assert (C : continuous (fun h : R => plus p (scal h c)) 0) by (apply ex_derive_continuous; exists c; exact L).
    apply C; rewrite Z; exact H.
  - apply ex_derive_filterdiff, (ex_filterdiff_comp' (fun h : R => plus p (scal h c)) f).
    + apply ex_derive_filterdiff; exists c; exact L.
    + rewrite Z; exact F.
Qed.
