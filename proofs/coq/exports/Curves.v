(** The derivative in the entries of families, along a curve in them. *)

From Coq Require Import Reals List Bool PArith ZArith Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisDerivatives Term.
From Hasderiv Require Families.
From Hasderiv.exports Require Import Reading.
Import ListNotations.
Open Scope R_scope.

Section Curve.
Variables (V : positive -> bool) (p : R -> Families.point) (q : Families.point) (t : R).
Hypothesis moving : forall e, V (fst e) = true -> is_derive (fun s => p s e) t (q e).

(** Finitely many entries move uniformly. *)
Lemma steps_along F : exists B, 0 <= B /\ (forall e, In e F -> V (fst e) = true -> Rabs (q e) <= B) /\
  forall eps, 0 < eps -> exists d, 0 < d /\ forall s, Rabs (s - t) < d -> forall e, In e F -> V (fst e) = true ->
    Rabs (p s e - p t e - q e * (s - t)) <= eps * Rabs (s - t).
Proof.
  induction F as [| a F (B & B0 & Q & D)].
  - exists 0; split; [lra |]; split; [intros e [] |]; intros eps P; exists 1; split; [lra |]; intros s _ e [].
  - pose proof (Rabs_pos (q a)) as A; exists (Rabs (q a) + B); split; [lra |]; split.
    + intros e [<- | I] v; [lra |]; specialize (Q e I v); lra.
    + intros eps P; destruct (D eps P) as (d & d0 & S); destruct (V (fst a)) eqn:v.
      * pose proof (moving a v) as M; apply near_line_iff in M; destruct (M eps P) as (d' & d0' & N).
        exists (Rmin d d'); split; [apply Rmin_glb_lt; assumption |]; intros s H e [<- | I] w.
        -- apply N; eapply Rlt_le_trans; [exact H | apply Rmin_r].
        -- apply S; [eapply Rlt_le_trans; [exact H | apply Rmin_l] | exact I | exact w].
      * exists d; split; [exact d0 |]; intros s H e [<- | I] w; [congruence | exact (S s H e I w)].
Qed.

(** The others stand still. *)
Hypothesis standing : forall s e, V (fst e) = false -> p s e = p t e.

Theorem along_curve f L : Families.derivative_at V f (p t) L -> is_derive (fun s => f (p s)) t (L q).
Proof.
  intros (F & [Lp Ls (M & M0 & LM)] & D); apply near_line_iff; intros eps P.
  destruct (steps_along F) as (B & B0 & Q & S).
  set (e1 := eps / 2 / (B + 1)); set (e2 := eps / 2 / (M + 1)).
  assert (0 < e1) as P1 by (apply Rdiv_lt_0_compat; lra); assert (0 < e2) as P2 by (apply Rdiv_lt_0_compat; lra).
  destruct (D e1 P1) as (d & d0 & Df); destruct (S 1 Rlt_0_1) as (d1 & d10 & S1); destruct (S e2 P2) as (d2 & d20 & S2).
  exists (Rmin (d / (B + 1)) (Rmin d1 d2)); split.
  { repeat apply Rmin_glb_lt; try assumption; apply Rdiv_lt_0_compat; lra. }
  intros s H; pose proof (Rmin_l (d / (B + 1)) (Rmin d1 d2)); pose proof (Rmin_r (d / (B + 1)) (Rmin d1 d2)).
  pose proof (Rmin_l d1 d2); pose proof (Rmin_r d1 d2); pose proof (Rabs_pos (s - t)) as A.
  assert (0 <= (B + 1) * Rabs (s - t) <= d) as R0.
  { split; [apply Rmult_le_pos; lra |]; replace d with ((B + 1) * (d / (B + 1))) by (field; lra).
    apply Rmult_le_compat_l; lra. }
  assert (Families.close V F ((B + 1) * Rabs (s - t)) (p t) (p s)) as C.
  { intros e; destruct (V (fst e)) eqn:v; [| exact (standing s e v)]; intros I.
    specialize (S1 s ltac:(lra) e I v); specialize (Q e I v).
    replace (p s e - p t e) with ((p s e - p t e - q e * (s - t)) + q e * (s - t)) by ring.
    eapply Rle_trans; [apply Rabs_triang |]; rewrite Rabs_mult.
    assert (Rabs (q e) * Rabs (s - t) <= B * Rabs (s - t)) by (apply Rmult_le_compat_r; lra); lra. }
  specialize (Df _ _ R0 C).
  assert (Rabs (L (fun e => p s e - p t e) - L q * (s - t)) <= M * (e2 * Rabs (s - t))) as X.
  { replace (L (fun e => p s e - p t e) - L q * (s - t)) with (L (fun e => (p s e - p t e) + - (s - t) * q e))
      by (rewrite Lp, (Ls (- (s - t))); ring).
    apply LM; [apply Rmult_le_pos; lra |]; intros e v I; specialize (S2 s ltac:(lra) e I v).
    replace (p s e - p t e + - (s - t) * q e) with (p s e - p t e - q e * (s - t)) by ring; exact S2. }
  replace (f (p s) - f (p t) - L q * (s - t))
    with ((f (p s) - f (p t) - L (fun e => p s e - p t e)) + (L (fun e => p s e - p t e) - L q * (s - t))) by ring.
  eapply Rle_trans; [apply Rabs_triang |].
  assert (e1 * ((B + 1) * Rabs (s - t)) = eps / 2 * Rabs (s - t)) as E1 by (unfold e1; field; lra).
  assert (M * (e2 * Rabs (s - t)) <= eps / 2 * Rabs (s - t)) as E2.
  { unfold e2; replace (M * (eps / 2 / (M + 1) * Rabs (s - t))) with (eps / 2 * Rabs (s - t) * (M / (M + 1)))
      by (field; lra).
    rewrite <- (Rmult_1_r (eps / 2 * Rabs (s - t))) at 2; apply Rmult_le_compat_l; [apply Rmult_le_pos; lra |].
    apply Rmult_le_reg_r with (M + 1); [lra |]; field_simplify; lra. }
  lra.
Qed.
End Curve.

(** ** Curves of tensors *)

(** Each entry has its derivative: [forall i j, is_derive (fun s => x s i j) t (dx i j)] for two axes. *)
Fixpoint moves_along (rank : nat) : (R -> tensor rank R) -> tensor rank R -> R -> Prop :=
  match rank with
  | O => fun x dx t => @is_derive R_AbsRing R_NormedModule x t dx
  | S r => fun x dx t => forall i : Z, moves_along r (fun s => x s i) (dx i) t
  end.

Lemma entry_moves rank : forall (x : R -> tensor rank R) dx t, moves_along rank x dx t ->
  forall l, is_derive (fun s => entry_of 0 rank (x s) l) t (entry_of 0 rank dx l).
Proof.
  induction rank as [| r IH]; intros x dx t M [| i l]; cbn [entry_of moves_along] in *.
  - exact M.
  - apply @is_derive_const.
  - apply @is_derive_const.
  - exact (IH (fun s => x s i) (dx i) t (M i) l).
Qed.

Record curve := { curve_symbol : name; curve_rank : nat; path : R -> tensor curve_rank R; rate : tensor curve_rank R }.

Definition place (s : R) (c : curve) : family R := {| symbol := curve_symbol c; rank := curve_rank c; entries := path
  c s |}.
Definition speed (c : curve) : family R := {| symbol := curve_symbol c; rank := curve_rank c; entries := rate c |}.

(** The setting at a time: what it is without the curves, and they. *)
Definition at_time (e : setting) (cs : list curve) (s : R) : setting :=
  {| integers := integers e; numbers := numbers e; tables := tables e;
     families := map (place s) cs ++ families e; tangents := map speed cs |}.

Fixpoint all_move (cs : list curve) (t : R) (conclusion : Prop) : Prop :=
  match cs with
  | [] => conclusion
  | c :: cs => moves_along (curve_rank c) (path c) (rate c) t -> all_move cs t conclusion
  end.

Lemma all_move_intro cs t (P : Prop) :
  ((forall c, In c cs -> moves_along (curve_rank c) (path c) (rate c) t) -> P) -> all_move cs t P.
Proof.
  induction cs as [| c cs IH]; cbn [all_move]; intros A; [apply A; intros c [] |].
  intros M; apply IH; intros B; apply A; intros c' [<- | I]; [exact M | exact (B c' I)].
Qed.

Lemma curve_moves cs rest t x l :
  (forall c, In c cs -> moves_along (curve_rank c) (path c) (rate c) t) -> member x (map curve_symbol cs) = true ->
  is_derive (fun s => find_entry 0 x l (map (place s) cs ++ rest)) t (find_entry 0 x l (map speed cs)).
Proof.
  intros M; induction cs as [| c cs IH]; unfold member; cbn [map existsb]; [discriminate |].
  cbn [app find_entry place speed symbol rank entries]; destruct (Pos.eqb x (curve_symbol c)); cbn [orb]; intros X.
  - apply entry_moves, M; left; reflexivity.
  - apply IH; [intros c' I; apply M; right; exact I | exact X].
Qed.

Lemma curve_stands cs rest t s x l :
  member x (map curve_symbol cs) = false ->
  find_entry 0 x l (map (place s) cs ++ rest) = find_entry 0 x l (map (place t) cs ++ rest).
Proof.
  induction cs as [| c cs IH]; [reflexivity |]; unfold member; cbn [map existsb].
  cbn [app find_entry place symbol]; destruct (Pos.eqb x (curve_symbol c)); [discriminate | exact IH].
Qed.

(** ** Lines *)

(** [x + s dx], entry by entry. *)
Fixpoint on_line (rank : nat) : tensor rank R -> tensor rank R -> R -> tensor rank R :=
  match rank with O => fun x dx s => x + s * dx | S r => fun x dx s i => on_line r (x i) (dx i) s end.

Record straight := { line_symbol : name; line_rank : nat; from : tensor line_rank R; direction : tensor line_rank R }.

Definition curve_of (l : straight) : curve :=
  {| curve_symbol := line_symbol l; curve_rank := line_rank l;
     path := on_line (line_rank l) (from l) (direction l); rate := direction l |}.

Definition at_start (e : setting) (ls : list straight) : setting :=
  {| integers := integers e; numbers := numbers e; tables := tables e;
     families :=
       map (fun l => {| symbol := line_symbol l; rank := line_rank l; entries := from l |}) ls ++ families e;
     tangents := map (fun l => {| symbol := line_symbol l; rank := line_rank l; entries := direction l |}) ls |}.

Lemma on_line_0 rank : forall x dx, on_line rank x dx 0 = x.
Proof.
  induction rank as [| r IH]; intros x dx; [exact (eq_trans (f_equal (Rplus x) (Rmult_0_l dx)) (Rplus_0_r x)) |].
  cbn [on_line]; extensionality i; apply IH.
Qed.

Lemma at_time_0 e ls : at_time e (map curve_of ls) 0 = at_start e ls.
Proof.
  unfold at_time, at_start; rewrite !map_map; f_equal; f_equal; apply map_ext; intros l.
  unfold place, curve_of; cbn [path curve_symbol curve_rank]; rewrite on_line_0; reflexivity.
Qed.

Lemma line_moves rank x dx t : moves_along rank (on_line rank x dx) dx t.
Proof.
  induction rank as [| r IH]; [| intros i; apply IH].
  change (is_derive (fun s : R => x + s * dx) t dx); cbn [tensor] in x, dx; auto_derive; [exact I | ring].
Qed.

Lemma all_move_done cs t (P : Prop) :
  all_move cs t P -> (forall c, In c cs -> moves_along (curve_rank c) (path c) (rate c) t) -> P.
Proof.
  induction cs as [| c cs IH]; cbn [all_move]; intros A M; [exact A |].
  apply IH; [apply A, M; left; reflexivity | intros c' I; apply M; right; exact I].
Qed.
