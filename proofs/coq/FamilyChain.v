(** The chain rule over families. *)

From Coq Require Import Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import Families.
Import ListNotations.
Open Scope R_scope.

(** ** The chain rule over tensors: the rule [compose]

    [u e] is what stands for the entry [e] of the symbols [W]; the others keep their values. *)

Definition plug (W : positive -> bool) (u : entry -> point -> R) (rho : point) : point :=
  fun e => if W (fst e) then u e rho else rho e.

(** The steps of an inner term: bounded by a multiple of the step of its entries. *)
Lemma derivative_step V f rho L : derivative_at V f rho L -> exists F M d, 0 <= M /\ 0 < d /\
  forall r rho', 0 <= r <= d -> close V F r rho rho' -> Rabs (f rho' - f rho) <= M * r.
Proof.
  intros (F & [_ _ (M & A & B)] & D); destruct (D 1 Rlt_0_1) as (d & P & E).
  exists F, (M + 1), d; split; [lra |]; split; [exact P |]; intros r rho' R0 C; specialize (E r rho' R0 C).
  assert (Rabs (L (fun e => rho' e - rho e)) <= M * r) as X.
  { apply B; [tauto |]; intros e v i; specialize (C e); rewrite v in C; auto. }
  replace (f rho' - f rho) with ((f rho' - f rho - L (fun e => rho' e - rho e)) + L (fun e => rho' e - rho e)) by ring.
  eapply Rle_trans; [apply Rabs_triang | lra].
Qed.

(** Finitely many inner terms move uniformly. *)
Lemma inner_steps V (u l : entry -> point -> R) rho (F : list entry) :
  (forall e, In e F -> derivative_at V (u e) rho (l e)) -> exists G M, 0 <= M /\
  (forall e, In e F -> forall t r, 0 <= r -> (forall c, V (fst c) = true -> In c G -> Rabs (t c) <= r) ->
     Rabs (l e t) <= M * r) /\
  forall eps, 0 < eps -> exists d, 0 < d /\ forall r rho', 0 <= r <= d -> close V G r rho rho' -> forall e, In e F ->
    Rabs (u e rho' - u e rho) <= M * r /\ Rabs (u e rho' - u e rho - l e (fun c => rho' c - rho c)) <= eps * r.
Proof.
  induction F as [| a F IH]; intros H.
  - exists [], 0; split; [lra |]; split; [intros e [] |]; intros eps P; exists 1; split; [lra |];
      intros r rho' _ _ e [].
  - destruct IH as (G & M & M0 & K & B); [intros; apply H; simpl; auto |].
    pose proof (H a (or_introl eq_refl)) as D; destruct (derivative_step V _ _ _ D) as (F1 & M1 & d1 & M10 & D1 & S1).
    destruct D as (F2 & [_ _ (M2 & M20 & K2)] & D).
    exists (G ++ F1 ++ F2), (M + M1 + M2); split; [lra |]; split.
    + intros e [<- | I] t r R0 T.
      * eapply Rle_trans; [apply (K2 r t R0); intros c v i; apply T; auto; rewrite !in_app_iff; auto |].
        apply Rmult_le_compat_r; lra.
      * eapply Rle_trans; [apply (K e I t r R0); intros c v i; apply T; auto; rewrite !in_app_iff; auto |].
        apply Rmult_le_compat_r; lra.
    + intros eps P; destruct (B eps P) as (d & D0 & B'); destruct (D eps P) as (d2 & D2 & B2).
      exists (Rmin d (Rmin d1 d2)); split; [repeat apply Rmin_glb_lt; assumption |]; intros r rho' (R0 & R1) C.
      pose proof (Rmin_l d (Rmin d1 d2)); pose proof (Rmin_r d (Rmin d1 d2)).
      pose proof (Rmin_l d1 d2); pose proof (Rmin_r d1 d2).
      assert (close V G r rho rho') as CG by (refine (close_incl V _ _ _ _ _ _ _ (Rle_refl r) C); intros x X;
        rewrite !in_app_iff; auto).
      assert (close V F1 r rho rho') as C1 by (refine (close_incl V _ _ _ _ _ _ _ (Rle_refl r) C); intros x X;
        rewrite !in_app_iff; auto).
      assert (close V F2 r rho rho') as C2 by (refine (close_incl V _ _ _ _ _ _ _ (Rle_refl r) C); intros x X;
        rewrite !in_app_iff; auto).
      intros e [<- | I].
      * split; [eapply Rle_trans; [apply (S1 r rho'); [lra | exact C1] | apply Rmult_le_compat_r; lra] | apply B2;
          [lra | exact C2]].
      * assert (0 <= r <= d) as RD by lra; destruct (B' r rho' RD CG e I) as (X & Y); split; [| exact Y].
        eapply Rle_trans; [exact X | apply Rmult_le_compat_r; lra].
Qed.

Theorem derivative_compose (V W : positive -> bool) f rho L (u l : entry -> point -> R) :
  (* outside W, f depends on symbols that do not vary alone *)
  (forall s s', (forall e, W (fst e) = true \/ V (fst e) = false -> s e = s' e) -> f s = f s') ->
  derivative_at W f (plug W u rho) L ->
  (forall e, W (fst e) = true -> derivative_at V (u e) rho (l e)) ->
  derivative_at V (fun r => f (plug W u r)) rho (fun t => L (fun e => if W (fst e) then l e t else 0)).
Proof.
  intros dep (F & [Lp Ls (M & M0 & LM)] & D) inner.
  set (FW := filter (fun e => W (fst e)) F).
  assert (forall e, In e FW <-> In e F /\ W (fst e) = true) as FWs by (intros; apply filter_In).
  destruct (inner_steps V u l rho FW) as (G & K & K0 & Kl & St).
  { intros e I; apply inner, FWs, I. }
  assert (forall e, W (fst e) = true -> exists H, linear V H (l e)) as lin.
  { intros e w; destruct (inner e w) as (H & Hl & _); exists H; exact Hl. }
  exists G; split.
  - split.
    + intros s t; rewrite <- Lp; f_equal; extensionality e; destruct (W (fst e)) eqn:E; [| ring].
      destruct (lin e E) as (? & [P _ _]); apply P.
    + intros k t; rewrite <- Ls; f_equal; extensionality e; destruct (W (fst e)) eqn:E; [| ring].
      destruct (lin e E) as (? & [_ P _]); apply P.
    + exists (M * K); split; [apply Rmult_le_pos; assumption |]; intros r t R0 T; rewrite Rmult_assoc; apply LM.
      * apply Rmult_le_pos; assumption.
      * intros e w i; rewrite w; apply Kl; auto; apply FWs; auto.
  - intros eps P.
    (* f is within eps1 of its derivative for steps K r, the inner terms within eps2 of theirs *)
    set (eps1 := eps / 2 / (K + 1)); set (eps2 := eps / 2 / (M + 1)).
    assert (0 < eps1) as P1 by (apply Rdiv_lt_0_compat; lra).
    assert (0 < eps2) as P2 by (apply Rdiv_lt_0_compat; lra).
    destruct (D eps1 P1) as (d & d0 & Df); destruct (St eps2 P2) as (d' & d0' & Di).
    exists (Rmin d' (d / (K + 1))); split; [apply Rmin_glb_lt; [exact d0' | apply Rdiv_lt_0_compat; lra] |].
    intros r rho' (R0 & R1) C; pose proof (Rmin_l d' (d / (K + 1))) as m1; pose proof (Rmin_r d' (d / (K + 1))) as m2.
    assert (K * r <= d) as KR.
    { assert ((K + 1) * r <= d); [| lra]; replace d with ((K + 1) * (d / (K + 1))) by (field; lra).
      apply Rmult_le_compat_l; lra. }
    assert (0 <= r <= d') as RD by lra; specialize (Di r rho' RD C).
    set (here := plug W u rho) in *.
    set (there := fun e : entry => if W (fst e) then u e rho' else here e).
    assert (f (plug W u rho') = f there) as E.
    { apply dep; intros e H; unfold plug, there, here; destruct (W (fst e)) eqn:w; [reflexivity |].
      destruct H as [H | H]; [congruence |]; unfold plug; rewrite w; specialize (C e); rewrite H in C; exact C. }
    rewrite E.
    assert (close W F (K * r) here there) as CW.
    { intros e; unfold there; destruct (W (fst e)) eqn:w; [| reflexivity]; intros I; unfold here, plug; rewrite w.
      apply Di, FWs; auto. }
    specialize (Df (K * r) there (conj (Rmult_le_pos _ _ K0 R0) KR) CW).
    set (exact_ := fun e : entry => there e - here e) in *.
    set (first := fun e : entry => if W (fst e) then l e (fun c => rho' c - rho c) else 0).
    assert (Rabs (L exact_ - L first) <= M * (eps2 * r)) as Q.
    { replace (L exact_ - L first) with (L (fun e => exact_ e + -1 * first e)) by (rewrite Lp, (Ls (-1)); ring).
      apply LM; [apply Rmult_le_pos; lra |]; intros e w i; unfold exact_, first, there, here, plug; rewrite w.
      replace (u e rho' - u e rho + -1 * l e (fun c => rho' c - rho c))
        with (u e rho' - u e rho - l e (fun c => rho' c - rho c)) by ring.
      apply Di, FWs; auto. }
    replace (f there - f here - L first) with ((f there - f here - L exact_) + (L exact_ - L first)) by ring.
    eapply Rle_trans; [apply Rabs_triang |].
    assert (eps1 * (K * r) <= eps / 2 * r) as Z1.
    { unfold eps1; replace (eps / 2 / (K + 1) * (K * r)) with (eps / 2 * r * (K / (K + 1))) by (field; lra).
      rewrite <- (Rmult_1_r (eps / 2 * r)) at 2; apply Rmult_le_compat_l; [apply Rmult_le_pos; lra |].
      apply Rmult_le_reg_r with (K + 1); [lra |]; field_simplify; lra. }
    assert (M * (eps2 * r) <= eps / 2 * r) as Z2.
    { unfold eps2; replace (M * (eps / 2 / (M + 1) * r)) with (eps / 2 * r * (M / (M + 1))) by (field; lra).
      rewrite <- (Rmult_1_r (eps / 2 * r)) at 2; apply Rmult_le_compat_l; [apply Rmult_le_pos; lra |].
      apply Rmult_le_reg_r with (M + 1); [lra |]; field_simplify; lra. }
    lra.
Qed.
