(** A function of two numbers that is differentiable in both together, composed with a function that has a one-sided
    derivative.

    [differentiable_pt_lim F v y q p] is Coquelicot's: the error of [q dv + p dy] is small beside the
    larger of the two. *)

From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisSides.
Open Scope R_scope.

Section Compose.
Variables (F : R -> R -> R) (u : R -> R) (x s q p : R).
Hypothesis S : is_sign s.
Hypothesis D : differentiable_pt_lim F (u x) x q p.

Let through (y : R) : R := F (u y) y.

Lemma compose_close eps : 0 < eps -> joins u x s ->
  shortly (fun h =>
    Rabs (change through x s h - (q * change u x s h + p * (s * h))) <= eps * Rmax (Rabs (change u x s h)) h).
Proof.
  intros E J; destruct (D (mkposreal eps E)) as (d & B); pose proof (cond_pos d) as P; assert (P' : 0 < d / 2) by lra.
  apply shortly_weaken with (2 := shortly_and _ _ (J _ P') (shortly_small _ P')); intros h H [A K].
  assert (HA : Rabs (s * h) = h) by (rewrite sign_abs by exact S; apply Rabs_pos_eq; lra).
  specialize (B (u (x + s * h)) (x + s * h)); unfold change, through in *; cbn [pos] in B.
  replace (x + s * h - x) with (s * h) in B by ring; rewrite HA in B; apply B; lra.
Qed.

Lemma compose_joins : joins u x s -> joins through x s.
Proof.
  intros J eps E; pose proof (Rabs_pos q) as Q; pose proof (Rabs_pos p) as P.
  assert (C : 0 < eps / (2 + Rabs q + Rabs p)) by (apply Rdiv_lt_0_compat; lra).
  apply shortly_weaken with
    (2 := shortly_and _ _ (compose_close 1 Rlt_0_1 J) (shortly_and _ _ (J _ C) (shortly_small _ C))).
  intros h H (A & B & K); set (c := eps / (2 + Rabs q + Rabs p)) in *.
  replace (change through x s h) with
    ((change through x s h - (q * change u x s h + p * (s * h))) + (q * change u x s h + p * (s * h))) by ring.
  eapply Rle_trans; [apply Rabs_triang |].
  pose proof (Rabs_triang (q * change u x s h) (p * (s * h))) as Z.
  rewrite !Rabs_mult in Z; rewrite <- (Rabs_mult s), sign_abs, (Rabs_pos_eq h) in Z by (exact S || lra).
  assert (Rmax (Rabs (change u x s h)) h <= c) by (apply Rmax_lub; lra).
  assert (Rabs q * Rabs (change u x s h) <= Rabs q * c) by (apply Rmult_le_compat_l; lra).
  assert (Rabs p * h <= Rabs p * c) by (apply Rmult_le_compat_l; lra).
  assert (c * (2 + Rabs q + Rabs p) = eps) by (unfold c; field; lra).
  assert (0 < c) by exact C; lra.
Qed.

Lemma compose_finite (m : R) : slopes u x s m -> slopes through x s (p + q * m).
Proof.
  intros M eps E; assert (J := slopes_joins u x s m S M).
  pose proof (Rabs_pos m) as PM; pose proof (Rabs_pos q) as Q.
  assert (E1 : 0 < eps / (2 * (Rabs m + 1))) by (apply Rdiv_lt_0_compat; lra).
  assert (E2 : 0 < eps / (2 * (Rabs q + 1))) by (apply Rdiv_lt_0_compat; lra).
  apply shortly_weaken with
    (2 := shortly_and _ _ (compose_close _ E1 J) (shortly_and _ _ (M _ E2) (M 1 Rlt_0_1))).
  intros h H (A & B & C); set (e1 := eps / (2 * (Rabs m + 1))) in *; set (e2 := eps / (2 * (Rabs q + 1))) in *.
  assert (W : Rabs (change u x s h) <= (Rabs m + 1) * h).
  { replace (change u x s h) with ((change u x s h - s * m * h) + s * (m * h)) by ring.
    eapply Rle_trans; [apply Rabs_triang |].
    rewrite (sign_abs s) by exact S; rewrite Rabs_mult, (Rabs_pos_eq h) by lra; lra. }
  assert (Rmax (Rabs (change u x s h)) h <= (Rabs m + 1) * h).
  { apply Rmax_lub; [exact W |]; assert (0 <= Rabs m * h) by (apply Rmult_le_pos; lra); lra. }
  replace (change through x s h - s * (p + q * m) * h) with
    ((change through x s h - (q * change u x s h + p * (s * h))) + q * (change u x s h - s * m * h)) by ring.
  eapply Rle_trans; [apply Rabs_triang |]; rewrite Rabs_mult.
  assert (e1 * Rmax (Rabs (change u x s h)) h <= e1 * ((Rabs m + 1) * h)) by (apply Rmult_le_compat_l; lra).
  assert (Rabs q * Rabs (change u x s h - s * m * h) <= Rabs q * (e2 * h)) by (apply Rmult_le_compat_l; lra).
  assert (e1 * ((Rabs m + 1) * h) = eps / 2 * h) by (unfold e1; field; lra).
  assert (e2 * (Rabs q + 1) * h = eps / 2 * h) by (unfold e2; field; lra).
  assert (0 <= e2 * h) by (apply Rmult_le_pos; lra); lra.
Qed.

(** [t] is the sign of the outer derivative, [w] that of the inner slope. *)
Lemma compose_grows t w : is_sign t -> is_sign w -> 0 < t * q -> joins u x s ->
  (forall bound, shortly (fun h => bound * h <= w * (s * change u x s h))) ->
  forall bound, shortly (fun h => bound * h <= w * (t * (s * change through x s h))).
Proof.
  intros T W Q J M bound; set (B := Rmax 1 (2 * (Rabs bound + Rabs p) / (t * q))); assert (Q' : 0 < t * q / 2) by lra.
  apply shortly_weaken with (2 := shortly_and _ _ (compose_close _ Q' J) (M B)); intros h H [A C].
  pose proof (Rabs_pos bound) as PB; pose proof (Rabs_pos p) as PP.
  set (a := w * (s * change u x s h)) in *; assert (B1 : 1 <= B) by apply Rmax_l.
  assert (BQ : 2 * (Rabs bound + Rabs p) <= B * (t * q)).
  { apply Rle_trans with (2 * (Rabs bound + Rabs p) / (t * q) * (t * q));
      [right; field; split; intros Z; rewrite Z in Q; lra | apply Rmult_le_compat_r; [lra | apply Rmax_r]]. }
  assert (AH : h <= a) by (assert (1 * h <= B * h) by (apply Rmult_le_compat_r; lra); lra).
  assert (UA : Rabs (change u x s h) = a).
  { unfold a; rewrite <- (sign_abs s), <- (sign_abs w) by assumption; apply Rabs_pos_eq; unfold a in AH; lra. }
  rewrite UA, (Rmax_left a h) in A by exact AH.
  rewrite <- (sign_abs s), <- (sign_abs t), <- (sign_abs w) in A by assumption; apply Rabs_le_between in A.
  assert (E : w * (t * (s * (change through x s h - (q * change u x s h + p * (s * h)))))
    = w * (t * (s * change through x s h)) - t * q * a - w * (t * (p * h))).
  { unfold a; destruct S as [-> | ->]; ring. }
  rewrite E in A.
  assert (Z : w * (t * (p * h)) >= - (Rabs p * h)).
  { replace (Rabs p * h) with (Rabs (w * (t * (p * h))));
      [pose proof (Rabs_maj2 (w * (t * (p * h)))); lra |].
    rewrite !sign_abs by assumption; rewrite Rabs_mult, (Rabs_pos_eq h) by lra; reflexivity. }
  assert (B * h * (t * q) <= a * (t * q)) by (apply Rmult_le_compat_r; lra).
  assert (2 * (Rabs bound + Rabs p) * h <= B * (t * q) * h) by (apply Rmult_le_compat_r; lra).
  assert (bound * h <= Rabs bound * h) by (apply Rmult_le_compat_r; [lra | apply Rle_abs]); lra.
Qed.

Lemma compose_infinite t m : is_sign t -> 0 < t * q -> joins u x s ->
  m = p_infty \/ m = m_infty -> slopes u x s m -> slopes through x s (turned t m).
Proof.
  intros T Q J I M; set (w := match m with m_infty => -1 | _ => 1 end).
  assert (W : is_sign w) by (unfold is_sign, w; destruct I as [-> | ->]; lra).
  assert (G : forall bound, shortly (fun h => bound * h <= w * (s * change u x s h))).
  { intros bound; unfold w; destruct I as [-> | ->];
      [specialize (M bound) | specialize (M (- bound))]; apply shortly_weaken with (2 := M); intros h H A; lra. }
  assert (C := compose_grows t w T W Q J G); unfold turned, w in *; clear w W G.
  destruct (Rlt_dec 0 t) as [P | P];
    (assert (E : t = 1 \/ t = -1) by exact T; destruct E as [E | E]; [| ]; try lra; rewrite E in C);
    destruct I as [-> | ->]; cbn [slopes Rbar_opp]; intros bound;
    [specialize (C bound) | specialize (C (- bound)) | specialize (C (- bound)) | specialize (C bound)];
    apply shortly_weaken with (2 := C); intros h H A; lra.
Qed.
End Compose.
