(** The chain rule for functions of environments, and for a function of two numbers. *)

From Coq Require Import Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import Term AnalysisFunctions Semantics Calculus.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

(** ** The chain rule for functions of environments *)

Section Chain.
Variables (V W : list name) (rho : env) (u : name -> env -> R) (f : env -> R).

(** The point at which the outer function is taken: the inner functions for [W], and all other symbols as they were. *)
Definition inside (rho' : env) : env := fun y => if member y W then u y rho' else rho y.

Lemma close_inside r rho' : (forall w, In w W -> Rabs (u w rho' - u w rho) <= r) -> close W r (inside rho)
  (inside rho').
Proof.
  intros A y; unfold inside; destruct (member y W) eqn:M; [apply A, member_in, M | reflexivity].
Qed.

Lemma nearby_each (P : name -> env -> Prop) (names : list name) :
  (forall w, In w names -> nearby V rho (P w)) -> nearby V rho (fun rho' => forall w, In w names -> P w rho').
Proof.
  induction names as [| w names IH]; intros A; [apply nearby_all; intros r rho' _ w [] |].
  refine (nearby_impl V rho _ _ _ (nearby_and V rho _ _ (A w (or_introl eq_refl)) (IH (fun v I => A v (or_intror I))))).
  intros rho' (B & C) v [<- | I]; auto.
Qed.

Lemma inside_nearby (P : env -> Prop) :
  (forall w, In w W -> continuous_at V (u w) rho) -> nearby W (inside rho) P ->
    nearby V rho (fun rho' => P (inside rho')).
Proof.
  intros C (r & R & A).
  refine (nearby_impl V rho _ _ _ (nearby_each (fun w rho' => Rabs (u w rho' - u w rho) <= r)
    W (fun w I => C w I r R))).
  intros rho' B; apply A, close_inside, B.
Qed.

Lemma chain_continuous :
  (forall w, In w W -> continuous_at V (u w) rho) -> continuous_at W f (inside rho) ->
  continuous_at V (fun rho' => f (inside rho')) rho.
Proof. intros C F eps P; exact (inside_nearby (fun p => Rabs (f p - f (inside rho)) <= eps) C (F eps P)). Qed.

Variable L : name -> env -> R.

Lemma bound_each (names : list name) :
  (forall w, In w names -> linear V (L w)) ->
  exists M, 0 <= M /\ forall w r t, In w names -> (forall x, In x V -> Rabs (t x) <= r) -> 0 <= r -> Rabs (L w t)
    <= M * r.
Proof.
  induction names as [| w names IH]; intros A; [exists 0; split; [lra | intros ? ? ? []] |].
  destruct (IH (fun v I => A v (or_intror I))) as (M & P & B), (A w (or_introl eq_refl)) as [_ _ (N & Q & D)].
  exists (M + N); split; [lra |]; intros v r t I X R; assert (0 <= M * r /\ 0 <= N * r) as (Y & Z) by (split;
    apply Rmult_le_pos; lra).
  destruct I as [<- | I]; [specialize (D r t X R) | specialize (B v r t I X R)]; lra.
Qed.

Lemma derivative_each eps (names : list name) :
  0 < eps -> (forall w, In w names -> derivative_at V (u w) rho (L w)) ->
  exists d, 0 < d /\ forall w r rho', In w names -> 0 <= r <= d -> close V r rho rho' ->
    Rabs (u w rho' - u w rho - L w (fun x => rho' x - rho x)) <= eps * r.
Proof.
  intros P; induction names as [| w names IH]; intros A; [exists 1; split; [lra | intros ? ? ? []] |].
  destruct (IH (fun v I => A v (or_intror I))) as (d & D & B), (A w (or_introl eq_refl)) as (_ & C).
  destruct (C eps P) as (d' & D' & E); exists (Rmin d d'); split; [apply Rmin_glb_lt; assumption |].
  intros v r rho' I (R0 & R1) X; pose proof (Rmin_l d d'); pose proof (Rmin_r d d').
  destruct I as [<- | I]; [apply E | apply B]; try assumption; lra.
Qed.

Lemma chain_derivative K :
  (forall w, In w W -> derivative_at V (u w) rho (L w)) -> derivative_at W f (inside rho) K ->
  derivative_at V (fun rho' => f (inside rho')) rho (fun tau => K (fun w => L w tau)).
Proof.
  intros U (A & F); destruct (bound_each W (fun w I => proj1 (U w I))) as (M & M0 & MB).
  assert (linear V (fun tau => K (fun w => L w tau))) as Lin.
  { split.
    - intros s t; rewrite <- (linear_plus W K A); apply (linear_same W K _ _ A); intros w I;
      exact (linear_plus V _ (proj1 (U w I)) s t).
    - intros k t; rewrite <- (linear_scale W K A); apply (linear_same W K _ _ A); intros w I;
      exact (linear_scale V _ (proj1 (U w I)) k t).
    - destruct (linear_bound W K A) as (N & N0 & NB); exists (N * M); split; [apply Rmult_le_pos; assumption |].
      intros r t X R; rewrite Rmult_assoc; apply NB; [| apply Rmult_le_pos; assumption].
      intros w I; exact (MB w r t I X R). }
  split; [exact Lin |]; destruct (linear_bound W K A) as (N & N0 & NB); intros eps P.
  set (e1 := eps / (2 * (M + 1))); set (e2 := Rmin 1 (eps / (2 * (N + 1)))).
  assert (0 < e1) as P1 by (apply Rdiv_lt_0_compat; lra).
  assert (0 < e2) as P2 by (apply Rmin_glb_lt; [lra | apply Rdiv_lt_0_compat; lra]).
  destruct (F e1 P1) as (d1 & D1 & F1), (derivative_each e2 W P2 U) as (d2 & D2 & F2).
  assert (0 < d1 / (M + 1)) as D1' by (apply Rdiv_lt_0_compat; lra).
  exists (Rmin (d1 / (M + 1)) d2); split; [apply Rmin_glb_lt; assumption |]; intros r rho' (R0 & R1) C.
  pose proof (Rmin_l (d1 / (M + 1)) d2); pose proof (Rmin_r (d1 / (M + 1)) d2).
  assert (0 <= r <= d2) as R2 by lra; set (tau := fun x => rho' x - rho x).
  assert (forall w, In w W -> Rabs (u w rho' - u w rho) <= (M + 1) * r) as Move.
  { intros w I; specialize (F2 w r rho' I R2 C); fold tau in F2.
    assert (Rabs (L w tau) <= M * r) by (apply MB; [exact I | intros x X;
      exact (close_in V r rho rho' x C X) | exact R0]).
    assert (e2 * r <= 1 * r) by (apply Rmult_le_compat_r; [exact R0 | apply Rmin_l]).
    replace (u w rho' - u w rho) with ((u w rho' - u w rho - L w tau) + L w tau) by ring.
    eapply Rle_trans; [apply Rabs_triang | lra]. }
  assert (0 <= (M + 1) * r <= d1) as Small.
  { split; [apply Rmult_le_pos; lra |]; apply Rle_trans with ((M + 1) * (d1 / (M + 1))); [apply Rmult_le_compat_l;
    lra | right; field; lra]. }
  specialize (F1 _ _ Small (close_inside _ rho' Move)).
  set (v := fun w => inside rho' w - inside rho w) in *.
  replace (f (inside rho') - f (inside rho) - K (fun w => L w tau))
    with ((f (inside rho') - f (inside rho) - K v) + (K v - K (fun w => L w tau))) by ring.
  eapply Rle_trans; [apply Rabs_triang |].
  assert (K v - K (fun w => L w tau) = K (fun w => v w + -1 * L w tau)) as E.
  { rewrite (linear_plus W K A v (fun w => -1 * L w tau)), (linear_scale W K A (-1)); ring. }
  assert (Rabs (K (fun w => v w + -1 * L w tau)) <= N * (e2 * r)) as Err.
  { apply NB; [| apply Rmult_le_pos; lra]; intros w I; unfold v, inside; apply member_in in I; rewrite I;
    apply member_in in I.
    replace (u w rho' - u w rho + -1 * L w tau) with (u w rho' - u w rho - L w tau) by ring;
      exact (F2 w r rho' I R2 C). }
  rewrite E.
  assert (N * (e2 * r) <= eps / 2 * r) as X2.
  { apply Rle_trans with ((N + 1) * (eps / (2 * (N + 1)) * r)).
    - apply Rmult_le_compat; [lra | apply Rmult_le_pos; lra | lra | apply Rmult_le_compat_r; [exact R0 | apply Rmin_r]].
    - right; field; lra. }
  assert (e1 * ((M + 1) * r) = eps / 2 * r) as X1 by (unfold e1; field; lra).
  lra.
Qed.
End Chain.

(** A function of two numbers, as a function of the symbols 1 and 2. *)
Lemma derivative_pair F (o : env) p q :
  differentiable_pt_lim F (o 1%positive) (o 2%positive) p q ->
  derivative_at [1; 2]%positive (fun r => F (r 1%positive) (r 2%positive))
    o (fun t => p * t 1%positive + q * t 2%positive).
Proof.
  intros D; split; [apply linear_add; apply linear_mul, linear_symbol; simpl; auto |]; intros eps P.
  destruct (D (mkposreal eps P)) as (d & Q); exists (d / 2); pose proof (cond_pos d) as Pd; split; [lra |].
  intros r rho' (R0 & R1) C; pose proof (close_in _ r _ rho' 1%positive C ltac:(simpl; auto)) as C1.
  pose proof (close_in _ r _ rho' 2%positive C ltac:(simpl; auto)) as C2.
  assert (Rabs (rho' 1%positive - o 1%positive) < d) as D1 by lra;
    assert (Rabs (rho' 2%positive - o 2%positive) < d) as D2 by lra.
  specialize (Q _ _ D1 D2); cbn [pos] in Q; eapply Rle_trans; [exact Q |].
  apply Rmult_le_compat_l; [lra | apply Rmax_lub; assumption].
Qed.

Section Two.
Variables (V : list name) (F : R -> R -> R) (p q : R) (f g : env -> R) (rho : env).
Hypothesis D : differentiable_pt_lim F (f rho) (g rho) p q.
Let W := [1; 2]%positive.
Let u (y : name) := if Pos.eqb y 1 then f else g.

Lemma continuous_two :
  continuous_at V f rho -> continuous_at V g rho -> continuous_at V (fun r => F (f r) (g r)) rho.
Proof.
  intros A B.
  refine (chain_continuous V W rho u (fun r => F (r 1%positive) (r 2%positive)) _
    (derivative_continuous W _ _ _ (derivative_pair F (inside W rho u rho) p q D))).
  intros w [<- | [<- | []]]; assumption.
Qed.

Lemma derivative_two L K :
  derivative_at V f rho L -> derivative_at V g rho K ->
  derivative_at V (fun r => F (f r) (g r)) rho (fun t => p * L t + q * K t).
Proof.
  intros A B; set (M := fun (y : name) => if Pos.eqb y 1 then L else K).
  refine (chain_derivative V W rho u (fun r => F (r 1%positive) (r 2%positive)) M _ _
    (derivative_pair F (inside W rho u rho) p q D)).
  intros w [<- | [<- | []]]; assumption.
Qed.
End Two.
