(** One-sided derivatives of real functions, finite or infinite: from the right ([s] is 1) or the left ([s] is -1). *)

From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisBasics AnalysisDerivatives.
Open Scope R_scope.

(** For all small positive [h]. *)
Definition shortly (A : R -> Prop) : Prop := exists d, 0 < d /\ forall h, 0 < h <= d -> A h.

Definition is_sign (s : R) : Prop := s = 1 \/ s = -1.

(** The change of [f] from [x] to the point at the distance [h] on the side [s]. *)
Definition change (f : R -> R) (x s h : R) : R := f (x + s * h) - f x.

(** The quotient [(f (x + s h) - f x) / (s h)] tends to [l] as [h] falls to 0. *)
Definition slopes (f : R -> R) (x s : R) (l : Rbar) : Prop :=
  match l with
  | Finite l => forall eps, 0 < eps -> shortly (fun h => Rabs (change f x s h - s * l * h) <= eps * h)
  | p_infty => forall bound, shortly (fun h => s * change f x s h >= bound * h)
  | m_infty => forall bound, shortly (fun h => s * change f x s h <= bound * h)
  end.

(** [f] is continuous from the side [s]. *)
Definition joins (f : R -> R) (x s : R) : Prop :=
  forall eps, 0 < eps -> shortly (fun h => Rabs (change f x s h) <= eps).

(** [f] stays away from its value on the side [s].  (More than not being continuous: a composition inherits it.) *)
Definition jumps (f : R -> R) (x s : R) : Prop :=
  exists gap, 0 < gap /\ shortly (fun h => gap <= Rabs (change f x s h)).

(** [f], with the domain [D], has the one-sided derivative [l]. *)
Definition side (D : R -> Prop) (f : R -> R) (x s : R) (l : Rbar) : Prop :=
  D x /\ shortly (fun h => D (x + s * h)) /\ slopes f x s l.

Definition infinity (s : R) : Rbar := if Rlt_dec 0 s then p_infty else m_infty.

(** ** Small positive numbers *)

Lemma shortly_true (A : R -> Prop) : (forall h, 0 < h -> A h) -> shortly A.
Proof. intros H; exists 1; split; [lra |]; intros h K; apply H; lra. Qed.

Lemma shortly_small r : 0 < r -> shortly (fun h => h <= r).
Proof. intros R; exists r; split; [exact R |]; intros h H; lra. Qed.

Lemma shortly_and A B : shortly A -> shortly B -> shortly (fun h => A h /\ B h).
Proof.
  intros (r & R & HA) (s & S & HB); exists (Rmin r s); split; [apply Rmin_glb_lt; assumption |].
  intros h H; pose proof (Rmin_l r s); pose proof (Rmin_r r s); split; [apply HA | apply HB]; lra.
Qed.

Lemma shortly_weaken (A B : R -> Prop) : (forall h, 0 < h -> A h -> B h) -> shortly A -> shortly B.
Proof. intros I (r & R & H); exists r; split; [exact R |]; intros h K; apply I; [lra | exact (H h K)]. Qed.

Lemma shortly_once A : shortly A -> exists h, 0 < h /\ A h.
Proof. intros (r & R & H); exists r; split; [exact R | apply H; lra]. Qed.

(** What holds near the point holds on each side. *)
Lemma shortly_locally (A : R -> Prop) x s : is_sign s -> locally x A -> shortly (fun h => A (x + s * h)).
Proof.
  intros S (e & H); exists (e / 2); pose proof (cond_pos e); split; [lra |]; intros h K; apply H.
  change (Rabs (x + s * h - x) < e); replace (x + s * h - x) with (s * h) by ring.
  apply Rabs_lt_between; destruct S as [-> | ->]; lra.
Qed.

Lemma locally_shortly (A : R -> Prop) x :
  A x -> shortly (fun h => A (x + -1 * h)) -> shortly (fun h => A (x + 1 * h)) -> locally x A.
Proof.
  intros O (r & R & L) (t & T & U).
  assert (P : 0 < Rmin r t) by (apply Rmin_glb_lt; assumption); exists (mkposreal _ P); intros y Y.
  change (Rabs (y - x) < Rmin r t) in Y; pose proof (Rmin_l r t); pose proof (Rmin_r r t).
  apply Rabs_lt_between in Y; destruct (total_order_T y x) as [[N | ->] | N]; [| exact O |].
  - replace y with (x + -1 * (x - y)) by ring; apply L; lra.
  - replace y with (x + 1 * (y - x)) by ring; apply U; lra.
Qed.

Lemma sign_abs s a : is_sign s -> Rabs (s * a) = Rabs a.
Proof.
  intros [-> | ->]; [rewrite Rmult_1_l; reflexivity |].
  replace (-1 * a) with (- a) by ring; apply Rabs_Ropp.
Qed.

Lemma sign_square s a : is_sign s -> s * (s * a) = a.
Proof. intros [-> | ->]; ring. Qed.

(** ** Slopes *)

(** On a side the function counts on that side and at the point only. *)
Lemma slopes_ext f g x s l :
  f x = g x -> shortly (fun h => f (x + s * h) = g (x + s * h)) -> slopes g x s l -> slopes f x s l.
Proof.
  intros O E; assert (C : shortly (fun h => change g x s h = change f x s h)).
  { apply shortly_weaken with (2 := E); intros h _ H; unfold change; rewrite H, O; reflexivity. }
  destruct l as [l | |]; cbn [slopes]; intros S e; [intros P |..].
  - apply shortly_weaken with (2 := shortly_and _ _ C (S e P)); intros h _ [<- K]; exact K.
  - apply shortly_weaken with (2 := shortly_and _ _ C (S e)); intros h _ [<- K]; exact K.
  - apply shortly_weaken with (2 := shortly_and _ _ C (S e)); intros h _ [<- K]; exact K.
Qed.

Lemma slopes_derives f x s l : is_sign s -> derives f x l -> slopes f x s l.
Proof.
  intros S D eps E; destruct (proj2 (near_line_iff f x l) D eps E) as (d & P & B).
  exists (d / 2); split; [lra |]; intros h H; specialize (B (x + s * h)); unfold change.
  replace (x + s * h - x) with (s * h) in B by ring; rewrite !sign_abs, (Rabs_pos_eq h) in B by (assumption || lra).
  replace (s * l * h) with (l * (s * h)) by ring; apply B; lra.
Qed.

Lemma joins_near_value f x s : is_sign s -> near_value f x -> joins f x s.
Proof.
  intros S C eps E; destruct (C eps E) as (d & P & B); exists (d / 2); split; [lra |]; intros h H.
  apply B; replace (x + s * h - x) with (s * h) by ring; rewrite sign_abs, Rabs_pos_eq by (assumption || lra); lra.
Qed.

Lemma jumps_joins f x s : jumps f x s -> ~ joins f x s.
Proof.
  intros (gap & G & J) C; assert (G' : 0 < gap / 2) by lra.
  destruct (shortly_once _ (shortly_and _ _ J (C _ G'))) as (h & _ & A & B); lra.
Qed.

Lemma slopes_joins f x s (l : R) : is_sign s -> slopes f x s l -> joins f x s.
Proof.
  intros S D eps E; pose proof (Rabs_pos l); assert (P : 0 < eps / (Rabs l + 1)) by (apply Rdiv_lt_0_compat; lra).
  apply shortly_weaken with (2 := shortly_and _ _ (D 1 Rlt_0_1) (shortly_small _ P)); intros h K [A B].
  replace (change f x s h) with ((change f x s h - s * l * h) + s * (l * h)) by ring.
  eapply Rle_trans; [apply Rabs_triang |]; rewrite (sign_abs s) by exact S.
  rewrite Rabs_mult, (Rabs_pos_eq h) by lra.
  apply Rmult_le_compat_r with (r := Rabs l + 1) in B; [| lra].
  replace (eps / (Rabs l + 1) * (Rabs l + 1)) with eps in B by (field; lra); lra.
Qed.

(** A slope is what the quotient tends to, so there is one at most. *)
Lemma slopes_unique f x s (l m : R) : is_sign s -> slopes f x s l -> slopes f x s m -> l = m.
Proof.
  intros S L M; destruct (Req_dec l m) as [E | N]; [exact E | exfalso].
  assert (P : 0 < Rabs (l - m) / 3) by (assert (0 < Rabs (l - m)) by (apply Rabs_pos_lt; lra); lra).
  destruct (shortly_once _ (shortly_and _ _ (L _ P) (M _ P))) as (h & H & A & B).
  assert (C : Rabs (s * ((l - m) * h)) <= 2 * (Rabs (l - m) / 3) * h).
  { replace (s * ((l - m) * h)) with ((change f x s h - s * m * h) + - (change f x s h - s * l * h)) by ring.
    eapply Rle_trans; [apply Rabs_triang |]; rewrite Rabs_Ropp; lra. }
  rewrite sign_abs, Rabs_mult, (Rabs_pos_eq h) in C by (assumption || lra).
  assert (0 < Rabs (l - m) * h) by (apply Rmult_lt_0_compat; lra); lra.
Qed.

Lemma slopes_finite f x s (l : R) m : is_sign s -> slopes f x s l -> slopes f x s m -> m = l.
Proof.
  intros S L M; destruct m as [m | |]; [rewrite (slopes_unique f x s m l S M L); reflexivity |..]; exfalso.
  - specialize (M (l + 2)); destruct (shortly_once _ (shortly_and _ _ (L 1 Rlt_0_1) M)) as (h & H & A & B).
    rewrite <- (sign_abs s) in A by exact S; rewrite Rmult_minus_distr_l in A.
    replace (s * (s * l * h)) with (l * h) in A by (destruct S as [-> | ->]; ring).
    apply Rabs_le_between in A; lra.
  - specialize (M (l - 2)); destruct (shortly_once _ (shortly_and _ _ (L 1 Rlt_0_1) M)) as (h & H & A & B).
    rewrite <- (sign_abs s) in A by exact S; rewrite Rmult_minus_distr_l in A.
    replace (s * (s * l * h)) with (l * h) in A by (destruct S as [-> | ->]; ring).
    apply Rabs_le_between in A; lra.
Qed.

(** ** Both sides *)

Lemma derives_slopes f x (l : R) : slopes f x (-1) l -> slopes f x 1 l -> derives f x l.
Proof.
  intros L U; apply near_line_iff; intros eps E.
  destruct (L eps E) as (r & R & A); destruct (U eps E) as (t & T & B).
  exists (Rmin r t); split; [apply Rmin_glb_lt; assumption |]; intros v V.
  pose proof (Rmin_l r t); pose proof (Rmin_r r t); unfold change in A, B.
  destruct (total_order_T v x) as [[N | ->] | N].
  - rewrite (Rabs_left (v - x)) in * by lra; specialize (A (- (v - x)) ltac:(lra)).
    replace (x + -1 * - (v - x)) with v in A by ring.
    replace (-1 * l * - (v - x)) with (l * (v - x)) in A by ring; exact A.
  - rewrite !Rminus_eq_0, Rmult_0_r, Rminus_0_r, Rabs_R0; lra.
  - rewrite (Rabs_pos_eq (v - x)) in * by lra; specialize (B (v - x) ltac:(lra)).
    replace (x + 1 * (v - x)) with v in B by ring.
    replace (1 * l * (v - x)) with (l * (v - x)) in B by ring; exact B.
Qed.

(** A function with a derivative has it from both sides. *)
Lemma slopes_ex_derive f x s m : is_sign s -> slopes f x s m -> ex_derive f x -> exists l : R, m = l /\ derives f x l.
Proof.
  intros S M (l & D); exists l; split; [| exact D].
  exact (slopes_finite f x s l m S (slopes_derives f x s l S D) M).
Qed.

(** ** Where a function moves to *)

Definition slope_sign (l : Rbar) (t : R) : Prop :=
  match l with Finite l => 0 < t * l | p_infty => t = 1 | m_infty => t = -1 end.

(** With a slope of the sign [t] a function moves to the side [s t] of its value. *)
Lemma slopes_moves u x s m t : is_sign s -> is_sign t -> slopes u x s m -> slope_sign m t ->
  shortly (fun h => 0 < s * t * change u x s h).
Proof.
  intros S T M P; destruct m as [m | |]; cbn [slope_sign] in P.
  - assert (E : 0 < t * m / 2) by lra; apply shortly_weaken with (2 := M _ E); intros h H A.
    rewrite <- (sign_abs (s * t)) in A by (unfold is_sign in *; destruct S as [-> | ->], T as [-> | ->]; lra).
    apply Rabs_le_between in A.
    assert (K : s * t * (s * m * h) = t * m * h) by (destruct S as [-> | ->]; ring).
    assert (0 < t * m * h) by (apply Rmult_lt_0_compat; lra); rewrite Rmult_minus_distr_l, K in A; lra.
  - subst t; apply shortly_weaken with (2 := M 1); intros h H A; lra.
  - subst t; apply shortly_weaken with (2 := M (-1)); intros h H A; lra.
Qed.

(** If [u] moves strictly to the side [w], what holds shortly on that side of its value holds of [u]. *)
Lemma shortly_through (A : R -> Prop) u x s w : is_sign w ->
  joins u x s -> shortly (fun h => 0 < w * change u x s h) -> shortly A -> shortly (fun h => A (w * change u x s h)).
Proof.
  intros W J P (r & R & H); apply shortly_weaken with (2 := shortly_and _ _ P (J r R)).
  intros h _ [B C]; apply H; split; [exact B |]; rewrite <- (sign_abs w) in C by exact W.
  rewrite Rabs_pos_eq in C by lra; exact C.
Qed.

Lemma change_through f u x s w h : is_sign w ->
  change f (u x) w (w * change u x s h) = change (fun t => f (u t)) x s h.
Proof. intros W; unfold change; rewrite sign_square by exact W; f_equal; f_equal; ring. Qed.

Section Chain.
Variables (f u : R -> R) (x s t : R).
Hypothesis S : is_sign s.
Hypothesis T : is_sign t.

Lemma sign_product : is_sign (s * t).
Proof. unfold is_sign; destruct S as [-> | ->], T as [-> | ->]; lra. Qed.

(** The chain rule for finite slopes. *)
Lemma slopes_chain (l m : R) :
  slopes f (u x) (s * t) l -> slopes u x s m -> slope_sign m t -> slopes (fun y => f (u y)) x s (l * m).
Proof.
  intros L M P eps E.
  assert (J := slopes_joins u x s m S M); assert (V := slopes_moves u x s m t S T M P).
  pose proof (Rabs_pos l) as PL; pose proof (Rabs_pos m) as PM.
  set (e := Rmin 1 (eps / (2 * (Rabs l + 1)))); set (c := eps / (2 * (Rabs m + 1))).
  assert (EP : 0 < e) by (apply Rmin_glb_lt; [lra | apply Rdiv_lt_0_compat; lra]).
  assert (CP : 0 < c) by (apply Rdiv_lt_0_compat; lra).
  apply shortly_weaken with
    (2 := shortly_and _ _ (shortly_through _ u x s (s * t) sign_product J V (L c CP)) (shortly_and _ _ (M e EP) V)).
  intros h H (A & B & K); rewrite change_through in A by exact sign_product.
  set (w := s * t * change u x s h) in *.
  assert (W : s * t * w = change u x s h) by (apply sign_square, sign_product).
  assert (WA : w <= (Rabs m + 1) * h).
  { assert (w = Rabs (change u x s h)) as ->.
    { rewrite <- (sign_abs (s * t)) by exact sign_product; symmetry; apply Rabs_pos_eq; unfold w in *; lra. }
    replace (change u x s h) with ((change u x s h - s * m * h) + s * (m * h)) by ring.
    eapply Rle_trans; [apply Rabs_triang |].
    rewrite (sign_abs s) by exact S; rewrite Rabs_mult, (Rabs_pos_eq h) by lra.
    assert (e * h <= 1 * h) by (apply Rmult_le_compat_r; [lra | apply Rmin_l]); lra. }
  assert (CE : c * (Rabs m + 1) = eps / 2) by (unfold c; field; lra).
  assert (EE : e * (Rabs l + 1) <= eps / 2).
  { apply Rle_trans with (eps / (2 * (Rabs l + 1)) * (Rabs l + 1));
      [apply Rmult_le_compat_r; [lra | apply Rmin_r] | right; field; lra]. }
  replace (change (fun y => f (u y)) x s h - s * (l * m) * h)
    with ((change (fun y => f (u y)) x s h - s * t * l * w) + l * (change u x s h - s * m * h))
    by (rewrite <- W; ring).
  eapply Rle_trans; [apply Rabs_triang |]; rewrite Rabs_mult.
  assert (c * w <= c * ((Rabs m + 1) * h)) by (apply Rmult_le_compat_l; lra).
  assert (Rabs l * Rabs (change u x s h - s * m * h) <= Rabs l * (e * h)) by (apply Rmult_le_compat_l; lra).
  assert (c * ((Rabs m + 1) * h) = eps / 2 * h) by (rewrite <- CE; ring).
  assert (e * (Rabs l + 1) * h <= eps / 2 * h) by (apply Rmult_le_compat_r; lra).
  assert (0 <= e * h) by (apply Rmult_le_pos; lra); lra.
Qed.

(** If [u] has a slope of the sign [t], infinite perhaps, it moves away at least as fast as some multiple of [h]. *)
Lemma slopes_speed m : slopes u x s m -> slope_sign m t ->
  exists v, 0 < v /\ shortly (fun h => v * h <= s * t * change u x s h).
Proof.
  intros M P; destruct m as [m | |]; cbn [slope_sign] in P.
  - exists (t * m / 2); split; [lra |]; assert (E : 0 < t * m / 2) by lra.
    apply shortly_weaken with (2 := M _ E); intros h H A.
    rewrite <- (sign_abs (s * t)) in A by exact sign_product; apply Rabs_le_between in A.
    assert (K : s * t * (s * m * h) = t * m * h) by (destruct S as [-> | ->]; ring).
    rewrite Rmult_minus_distr_l, K in A; lra.
  - exists 1; split; [lra |]; subst t; apply shortly_weaken with (2 := M 1); intros h H A; lra.
  - exists 1; split; [lra |]; subst t; apply shortly_weaken with (2 := M (-1)); intros h H A; lra.
Qed.

Definition turned (t : R) (l : Rbar) : Rbar := if Rlt_dec 0 t then l else Rbar_opp l.

(** The chain rule for an infinite outer slope. *)
Lemma slopes_chain_infinite l m :
  l = p_infty \/ l = m_infty -> joins u x s ->
  slopes f (u x) (s * t) l -> slopes u x s m -> slope_sign m t -> slopes (fun y => f (u y)) x s (turned t l).
Proof.
  intros I J L M P; destruct (slopes_speed m M P) as (v & VP & SP); assert (V := slopes_moves u x s m t S T M P).
  assert (B : forall bound, shortly (fun h => 0 <= bound -> bound * h <=
    (match l with m_infty => -1 | _ => 1 end) * t * (s * change (fun y => f (u y)) x s h))).
  { intros bound; destruct I as [-> | ->].
    - apply shortly_weaken with
        (2 := shortly_and _ _ (shortly_through _ u x s (s * t) sign_product J V (L (bound / v))) SP).
      intros h H [A W] Q; rewrite change_through in A by exact sign_product.
      assert (bound / v * (v * h) <= bound / v * (s * t * change u x s h)).
      { apply Rmult_le_compat_l; [apply Rmult_le_pos; [exact Q | apply Rlt_le, Rinv_0_lt_compat, VP] | exact W]. }
      replace (bound / v * (v * h)) with (bound * h) in * by (field; lra); lra.
    - apply shortly_weaken with
        (2 := shortly_and _ _ (shortly_through _ u x s (s * t) sign_product J V (L (- (bound / v)))) SP).
      intros h H [A W] Q; rewrite change_through in A by exact sign_product.
      assert (bound / v * (v * h) <= bound / v * (s * t * change u x s h)).
      { apply Rmult_le_compat_l; [apply Rmult_le_pos; [exact Q | apply Rlt_le, Rinv_0_lt_compat, VP] | exact W]. }
      replace (bound / v * (v * h)) with (bound * h) in * by (field; lra); lra. }
  assert (C : forall bound, shortly (fun h => bound * h <=
    (match l with m_infty => -1 | _ => 1 end) * t * (s * change (fun y => f (u y)) x s h))).
  { intros bound; apply shortly_weaken with (2 := B (Rmax 0 bound)); intros h H A; specialize (A (Rmax_l _ _)).
    assert (bound * h <= Rmax 0 bound * h) by (apply Rmult_le_compat_r; [lra | apply Rmax_r]); lra. }
  unfold turned; destruct (Rlt_dec 0 t) as [Q | Q];
    (assert (E : t = 1 \/ t = -1) by exact T; destruct E as [E | E]; [| ]; try lra; rewrite E in C);
    destruct I as [-> | ->]; cbn [slopes Rbar_opp]; intros bound;
    [specialize (C bound) | specialize (C (- bound)) | specialize (C (- bound)) | specialize (C bound)];
    apply shortly_weaken with (2 := C); intros h H A; lra.
Qed.

Lemma joins_chain m :
  joins f (u x) (s * t) -> joins u x s -> slopes u x s m -> slope_sign m t -> joins (fun y => f (u y)) x s.
Proof.
  intros F J M P eps E; assert (V := slopes_moves u x s m t S T M P).
  apply shortly_weaken with (2 := shortly_through _ u x s (s * t) sign_product J V (F eps E)).
  intros h H A; rewrite change_through in A by exact sign_product; exact A.
Qed.

Lemma jumps_chain m :
  jumps f (u x) (s * t) -> joins u x s -> slopes u x s m -> slope_sign m t -> jumps (fun y => f (u y)) x s.
Proof.
  intros (gap & G & F) J M P; assert (V := slopes_moves u x s m t S T M P); exists gap; split; [exact G |].
  apply shortly_weaken with (2 := shortly_through _ u x s (s * t) sign_product J V F).
  intros h H A; rewrite change_through in A by exact sign_product; exact A.
Qed.

Lemma shortly_chain (A : R -> Prop) m :
  joins u x s -> slopes u x s m -> slope_sign m t ->
  shortly (fun k => A (u x + s * t * k)) -> shortly (fun h => A (u (x + s * h))).
Proof.
  intros J M P F; assert (V := slopes_moves u x s m t S T M P).
  apply shortly_weaken with (2 := shortly_through _ u x s (s * t) sign_product J V F).
  intros h H K; rewrite sign_square in K by exact sign_product.
  unfold change in K; replace (u x + (u (x + s * h) - u x)) with (u (x + s * h)) in K by ring; exact K.
Qed.
End Chain.
