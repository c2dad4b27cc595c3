(** Derivatives in the entries of families.

    A point gives a number to every entry: a family with a tuple of real numbers.  [V] says which families vary.
    Neighbourhoods restrict finitely many entries only, so that what is differentiable here depends on finitely many
    entries near the point (to first order): with one bound for infinitely many entries the chain rule over tensors
      would
    be false. *)

From Coq Require Import Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import Sums.
Import ListNotations.
Open Scope R_scope.


Definition entry : Type := positive * list R.
Definition point := entry -> R.

Section Varying.
Variable V : positive -> bool.

Definition close (F : list entry) (r : R) (rho rho' : point) : Prop :=
  forall e, if V (fst e) then In e F -> Rabs (rho' e - rho e) <= r else rho' e = rho e.

Definition nearby (rho : point) (P : point -> Prop) : Prop :=
  exists F r, 0 < r /\ forall rho', close F r rho rho' -> P rho'.

Definition continuous_at (f : point -> R) (rho : point) : Prop :=
  forall eps, 0 < eps -> nearby rho (fun rho' => Rabs (f rho' - f rho) <= eps).

Record linear (F : list entry) (L : point -> R) : Prop := {
  linear_plus : forall s t, L (fun e => s e + t e) = L s + L t;
  linear_scale : forall k t, L (fun e => k * t e) = k * L t;
  linear_bound : exists M, 0 <= M /\
    forall r t, 0 <= r -> (forall e, V (fst e) = true -> In e F -> Rabs (t e) <= r) -> Rabs (L t) <= M * r
}.

Definition derivative_at (f : point -> R) (rho : point) (L : point -> R) : Prop :=
  exists F, linear F L /\ forall eps, 0 < eps -> exists d, 0 < d /\ forall r rho', 0 <= r <= d -> close F r rho rho' ->
    Rabs (f rho' - f rho - L (fun e => rho' e - rho e)) <= eps * r.

Lemma close_incl F G r s rho rho' : incl F G -> s <= r -> close G s rho rho' -> close F r rho rho'.
Proof.
  intros I L C e; specialize (C e); destruct (V (fst e)); [| exact C].
  intros H; eapply Rle_trans; [apply C, I, H | exact L].
Qed.

Lemma nearby_here rho (P : point -> Prop) : nearby rho P -> P rho.
Proof.
  intros (F & r & A & B); apply B; intros e; destruct (V (fst e)); [| reflexivity].
  intros _; replace (rho e - rho e) with 0 by ring; rewrite Rabs_R0; lra.
Qed.

Lemma nearby_and rho (P Q : point -> Prop) : nearby rho P -> nearby rho Q -> nearby rho (fun r => P r /\ Q r).
Proof.
  intros (F & r & A & B) (G & s & C & D); exists (F ++ G), (Rmin r s); split; [apply Rmin_glb_lt; assumption |].
  intros rho' E; split; [apply B | apply D]; eapply close_incl; try exact E.
  - apply incl_appl, incl_refl.
  - apply Rmin_l.
  - apply incl_appr, incl_refl.
  - apply Rmin_r.
Qed.

Lemma nearby_impl rho (P Q : point -> Prop) : (forall r, P r -> Q r) -> nearby rho P -> nearby rho Q.
Proof. intros I (F & r & A & B); exists F, r; split; auto. Qed.

(** One neighbourhood for finitely many indices: [generalize] for definedness nearby. *)
Lemma nearby_all N rho (P : nat -> point -> Prop) :
  (forall k, (k < N)%nat -> nearby rho (P k)) -> nearby rho (fun r => forall k, (k < N)%nat -> P k r).
Proof.
  induction N; intros H; [exists [], 1; split; [lra | intros; lia] |].
  refine (nearby_impl rho _ _ _ (nearby_and rho _ _ (IHN _) (H N _))); try lia; auto.
  intros r (A & B) k K; destruct (Nat.eq_dec k N) as [-> |]; [exact B | apply A; lia].
Qed.

(** ** Continuity of sums and maxima *)

Lemma continuous_zero rho : continuous_at (fun _ => 0) rho.
Proof. intros eps P; exists [], 1; split; [lra |]; intros; rewrite Rminus_0_r, Rabs_R0; lra. Qed.

Lemma continuous_add f g rho : continuous_at f rho -> continuous_at g rho -> continuous_at (fun r => f r + g r) rho.
Proof.
  intros F G eps P; assert (0 < eps / 2) as Q by lra.
  refine (nearby_impl rho _ _ _ (nearby_and rho _ _ (F _ Q) (G _ Q))); intros r (A & B).
  replace (f r + g r - (f rho + g rho)) with ((f r - f rho) + (g r - g rho)) by ring.
  eapply Rle_trans; [apply Rabs_triang | lra].
Qed.

Lemma continuous_max f g rho : continuous_at f rho -> continuous_at g rho ->
  continuous_at (fun r => Rmax (f r) (g r)) rho.
Proof.
  intros F G eps P; refine (nearby_impl rho _ _ _ (nearby_and rho _ _ (F _ P) (G _ P))); intros r (A & B).
  apply Rabs_le_between in A; apply Rabs_le_between in B; apply Rabs_le_between.
  unfold Rmax; destruct (Rle_dec (f r) (g r)), (Rle_dec (f rho) (g rho)); lra.
Qed.

Lemma continuous_total N f rho :
  (forall k, (k < N)%nat -> continuous_at (f k) rho) -> continuous_at (fun r => total N (fun k => f k r)) rho.
Proof. induction N; intros H; simpl; [apply continuous_zero | apply continuous_add; auto]. Qed.

Lemma continuous_greatest N f rho :
  (forall k, (k < N)%nat -> continuous_at (f k) rho) -> continuous_at (fun r => greatest N (fun k => f k r)) rho.
Proof.
  induction N; intros H; [apply continuous_zero |]; destruct N; [apply H; lia |].
  change (continuous_at (fun r => Rmax (greatest (S N) (fun k => f k r)) (f (S N) r)) rho).
  apply continuous_max; auto.
Qed.

(** ** Derivatives of entries and sums *)

Lemma linear_incl F G L : incl F G -> linear F L -> linear G L.
Proof. intros I [A B (M & C & D)]; split; auto; exists M; split; [exact C |]; intros; apply D; auto. Qed.

Lemma derivative_entry e rho : V (fst e) = true -> derivative_at (fun r => r e) rho (fun t => t e).
Proof.
  intros M; exists [e]; split.
  - split; [reflexivity | reflexivity |]; exists 1; split; [lra |]; intros r t _ H; rewrite Rmult_1_l; apply H; simpl;
      auto.
  - intros eps P; exists 1; split; [lra |]; intros r rho' B _.
    replace (rho' e - rho e - (rho' e - rho e)) with 0 by ring; rewrite Rabs_R0; apply Rmult_le_pos; lra.
Qed.

Lemma derivative_zero rho : derivative_at (fun _ => 0) rho (fun _ => 0).
Proof.
  exists []; split.
  - split; [intros; ring | intros; ring |]; exists 0; split; [lra |]; intros; rewrite Rabs_R0; lra.
  - intros eps P; exists 1; split; [lra |]; intros r rho' B _; replace (0 - 0 - 0) with 0 by ring.
    rewrite Rabs_R0; apply Rmult_le_pos; lra.
Qed.

Lemma derivative_add f g rho L K : derivative_at f rho L -> derivative_at g rho K ->
  derivative_at (fun r => f r + g r) rho (fun t => L t + K t).
Proof.
  intros (F & [A1 A2 (M & A3 & A4)] & A) (G & [B1 B2 (N & B3 & B4)] & B); exists (F ++ G); split.
  - split; [intros; rewrite A1, B1; ring | intros; rewrite A2, B2; ring |].
    exists (M + N); split; [lra |]; intros r t P X.
    specialize (A4 r t P (fun e v i => X e v (in_or_app _ _ _ (or_introl i)))).
    specialize (B4 r t P (fun e v i => X e v (in_or_app _ _ _ (or_intror i)))).
    eapply Rle_trans; [apply Rabs_triang | lra].
  - intros eps P; assert (0 < eps / 2) as Q by lra; destruct (A _ Q) as (d & D & A');
      destruct (B _ Q) as (d' & D' & B').
    exists (Rmin d d'); split; [apply Rmin_glb_lt; assumption |]; intros r rho' (R0 & R1) C.
    pose proof (Rmin_l d d'); pose proof (Rmin_r d d').
    specialize (A' r rho' (conj R0 (Rle_trans _ _ _ R1 H))
      (close_incl F (F ++ G) r r rho rho' (incl_appl G (incl_refl F)) (Rle_refl r) C)).
    specialize (B' r rho' (conj R0 (Rle_trans _ _ _ R1 H0))
      (close_incl G (F ++ G) r r rho rho' (incl_appr F (incl_refl G)) (Rle_refl r) C)).
    match goal with |- Rabs (?a + ?b - (?c + ?e) - (?l + ?k)) <= _ =>
      replace (a + b - (c + e) - (l + k)) with ((a - c - l) + (b - e - k)) by ring end.
    eapply Rle_trans; [apply Rabs_triang | lra].
Qed.

(** The rule [generalize] for derivatives. *)
Theorem derivative_total N f rho L : (forall k, (k < N)%nat -> derivative_at (f k) rho (L k)) ->
  derivative_at (fun r => total N (fun k => f k r)) rho (fun t => total N (fun k => L k t)).
Proof. induction N; intros H; simpl; [apply derivative_zero | apply derivative_add; auto]. Qed.

Lemma derivative_local f g rho L :
  nearby rho (fun r => f r = g r) -> derivative_at g rho L -> derivative_at f rho L.
Proof.
  intros E (F & A & B); pose proof (nearby_here _ _ E) as H; cbv beta in H; destruct E as (G & d & D & E).
  exists (F ++ G); split; [exact (linear_incl _ _ _ (incl_appl G (incl_refl F)) A) |]; intros eps P.
  destruct (B eps P) as (d' & D' & C).
  exists (Rmin d d'); split; [apply Rmin_glb_lt; assumption |]; intros r rho' (R0 & R1) X.
  pose proof (Rmin_l d d'); pose proof (Rmin_r d d').
  rewrite (E rho'), H.
  - apply C; [lra |]; exact (close_incl _ _ _ _ _ _ (incl_appl G (incl_refl F)) (Rle_refl r) X).
  - refine (close_incl _ _ _ _ _ _ (incl_appr F (incl_refl G)) _ X); lra.
Qed.

(** ** What the rule [local] rests on *)

Lemma close_le F r s rho rho' : close F r rho rho' -> r <= s -> close F s rho rho'.
Proof. intros C L; exact (close_incl F F s r rho rho' (incl_refl F) L C). Qed.

Lemma nearby_always rho (P : point -> Prop) : (forall F r rho', close F r rho rho' -> P rho') -> nearby rho P.
Proof. intros A; exists [], 1; split; [lra | intros rho' C; exact (A [] 1 rho' C)]. Qed.

Lemma continuous_still f rho : (forall F r rho', close F r rho rho' -> f rho' = f rho) -> continuous_at f rho.
Proof.
  intros S eps P; apply nearby_always; intros F r rho' C; rewrite (S F r rho' C).
  replace (f rho - f rho) with 0 by ring; rewrite Rabs_R0; lra.
Qed.

Lemma continuous_entry e rho : V (fst e) = true -> continuous_at (fun r => r e) rho.
Proof.
  intros M eps P; exists [e], eps; split; [exact P |]; intros rho' C; specialize (C e); rewrite M in C; apply C; simpl;
    auto.
Qed.

Lemma continuous_local f g rho : nearby rho (fun r => f r = g r) -> continuous_at g rho -> continuous_at f rho.
Proof.
  intros E C eps P; pose proof (nearby_here _ _ E) as H; cbv beta in H.
  refine (nearby_impl rho _ _ _ (nearby_and rho _ _ E (C eps P))); intros rho' (A & B); rewrite A, H; exact B.
Qed.

(** [g] is continuous at the value of [f]: in the form of the library. *)
Lemma continuous_comp g f rho : continuity_pt g (f rho) -> continuous_at f rho -> continuous_at (fun r => g (f r)) rho.
Proof.
  intros G C eps P; destruct (G eps P) as (d & D & A); assert (0 < d / 2) as Q by lra.
  refine (nearby_impl rho _ _ _ (C _ Q)); intros rho' H.
  destruct (Req_dec (f rho') (f rho)) as [E | N]; [rewrite E; replace (g (f rho) - g (f rho)) with 0 by ring;
    rewrite Rabs_R0; lra |].
  apply Rlt_le, (A (f rho')); split; [split; [exact I | congruence] |].
  simpl; unfold R_dist; lra.
Qed.

Lemma continuous_mul f g rho : continuous_at f rho -> continuous_at g rho -> continuous_at (fun r => f r * g r) rho.
Proof.
  intros F G.
  assert (forall h, continuous_at h rho -> continuous_at (fun r => h r ^ 2) rho) as S.
  { intros h H; refine (continuous_comp (fun u => u ^ 2) h rho _ H); apply derivable_continuous_pt, derivable_pt_pow. }
  assert (forall k h, continuous_at h rho -> continuous_at (fun r => k * h r) rho) as K.
  { intros k h H; refine (continuous_comp (fun u => k * u) h rho _ H).
    apply derivable_continuous_pt, derivable_pt_scal, derivable_pt_id. }
  replace (fun r => f r * g r) with (fun r => / 2 * ((f r + g r) ^ 2 + (-1 * f r ^ 2 + -1 * g r ^ 2))).
  - apply K, continuous_add; [apply S, continuous_add; assumption | apply continuous_add; apply K, S; assumption].
  - extensionality r; field.
Qed.

Lemma continuous_positive f rho : continuous_at f rho -> f rho > 0 -> nearby rho (fun r => f r > 0).
Proof.
  intros C P; assert (0 < f rho / 2) as Q by lra; refine (nearby_impl rho _ _ _ (C _ Q)); intros r A.
  apply Rabs_le_between in A; lra.
Qed.

Lemma continuous_nonzero f rho : continuous_at f rho -> f rho <> 0 -> nearby rho (fun r => f r <> 0).
Proof.
  intros C N; destruct (Rdichotomy _ _ N) as [P | P].
  - assert (0 < - f rho / 2) as Q by lra; refine (nearby_impl rho _ _ _ (C _ Q)); intros r A.
    apply Rabs_le_between in A; lra.
  - refine (nearby_impl rho _ _ _ (continuous_positive f rho C P)); intros r A; lra.
Qed.

Lemma derivative_ext f rho L L' : (forall t, L t = L' t) -> derivative_at f rho L -> derivative_at f rho L'.
Proof. intros E D; replace L' with L; [exact D | extensionality t; apply E]. Qed.

Lemma derivative_still f rho : (forall F r rho', close F r rho rho' -> f rho' = f rho) ->
  derivative_at f rho (fun _ => 0).
Proof.
  intros S; apply (derivative_local _ (fun _ => f rho)); [apply nearby_always; exact S |].
  destruct (derivative_zero rho) as (F & A & B); exists F; split; [exact A |]; intros eps P.
  destruct (B eps P) as (d & D & Q); exists d; split; [exact D |]; intros r rho' R C; specialize (Q r rho' R C).
  replace (f rho - f rho - 0) with (0 - 0 - 0) by ring; exact Q.
Qed.

(** The chain rule for a function of one real number. *)
Lemma derivative_comp g l f rho L :
  is_derive g (f rho) l -> derivative_at f rho L -> derivative_at (fun r => g (f r)) rho (fun t => l * L t).
Proof.
  intros G (FF & [A1 A2 (M & M0 & MB)] & F); exists FF; split.
  { split; [intros; rewrite A1; ring | intros; rewrite A2; ring |].
    exists (Rabs l * M); split; [apply Rmult_le_pos; [apply Rabs_pos | exact M0] |]; intros r t R0 X.
    rewrite Rabs_mult, Rmult_assoc; apply Rmult_le_compat_l; [apply Rabs_pos | exact (MB r t R0 X)]. }
  apply is_derive_Reals in G; intros eps P; set (e := Rmin 1 (eps / (2 * (M + 1)))).
  assert (0 < e) as E0 by (apply Rmin_glb_lt; [lra | apply Rdiv_lt_0_compat; lra]).
  destruct (G e E0) as (dg & DG); set (e' := Rmin 1 (eps / (2 * (Rabs l + 1)))); pose proof (Rabs_pos l) as LP.
  assert (0 < e') as E0' by (apply Rmin_glb_lt; [lra | apply Rdiv_lt_0_compat; lra]).
  pose proof (cond_pos dg) as Pg; set (d1 := pos dg / (2 * (M + 1))).
  assert (0 < d1) as D1 by (apply Rdiv_lt_0_compat; lra).
  destruct (F e' E0') as (d2 & D2 & F2); exists (Rmin d1 d2); split; [apply Rmin_glb_lt; assumption |].
  intros r rho' (R0 & R1) C; pose proof (Rmin_l d1 d2); pose proof (Rmin_r d1 d2).
  assert (0 <= r <= d2) as I2 by lra; specialize (F2 r rho' I2 C).
  set (u := f rho' - f rho) in *; set (T := L (fun x => rho' x - rho x)) in *.
  assert (Rabs T <= M * r) as HT.
  { apply MB; [exact R0 |]; intros c v i; specialize (C c); rewrite v in C; exact (C i). }
  assert (Rabs u <= (M + 1) * r) as HU.
  { replace u with ((u - T) + T) by ring; eapply Rle_trans; [apply Rabs_triang |].
    assert (e' * r <= 1 * r) by (apply Rmult_le_compat_r; [exact R0 | apply Rmin_l]); lra. }
  assert (Rabs u < dg) as I3.
  { apply Rle_lt_trans with ((M + 1) * d1); [eapply Rle_trans; [exact HU | apply Rmult_le_compat_l; lra] |].
    unfold d1; replace ((M + 1) * (dg / (2 * (M + 1)))) with (dg / 2) by (field; lra); lra. }
  assert (Rabs (g (f rho') - g (f rho) - l * u) <= e * Rabs u) as HG.
  { destruct (Req_dec u 0) as [Z | N].
    - rewrite Z; unfold u in Z; replace (f rho') with (f rho) by lra.
      replace (g (f rho) - g (f rho) - l * 0) with 0 by ring; rewrite Rabs_R0; lra.
    - specialize (DG u N I3); assert (f rho + u = f rho') as I4 by (unfold u; ring); rewrite I4 in DG.
      replace (g (f rho') - g (f rho) - l * u) with (((g (f rho') - g (f rho)) / u - l) * u) by (field; exact N).
      rewrite Rabs_mult; apply Rmult_le_compat_r; [apply Rabs_pos | left; exact DG]. }
  replace (g (f rho') - g (f rho) - l * T) with ((g (f rho') - g (f rho) - l * u) + l * (u - T)) by ring.
  eapply Rle_trans; [apply Rabs_triang |]; rewrite Rabs_mult.
  assert (e * Rabs u <= eps / (2 * (M + 1)) * ((M + 1) * r)) as X1.
  { apply Rmult_le_compat; [lra | apply Rabs_pos | apply Rmin_r | exact HU]. }
  assert (Rabs l * Rabs (u - T) <= (Rabs l + 1) * (eps / (2 * (Rabs l + 1)) * r)) as X2.
  { apply Rmult_le_compat; [lra | apply Rabs_pos | lra |].
    eapply Rle_trans; [exact F2 | apply Rmult_le_compat_r; [exact R0 | apply Rmin_r]]. }
  replace (eps / (2 * (M + 1)) * ((M + 1) * r)) with (eps / 2 * r) in X1 by (field; lra).
  replace ((Rabs l + 1) * (eps / (2 * (Rabs l + 1)) * r)) with (eps / 2 * r) in X2 by (field; lra).
  lra.
Qed.

Lemma derivative_scale f rho L k : derivative_at f rho L -> derivative_at (fun r => k * f r) rho (fun t => k * L t).
Proof.
  intros D; refine (derivative_comp (fun u => k * u) k f rho L _ D); auto_derive; [exact I | ring].
Qed.

Lemma derivative_mul f g rho L K : derivative_at f rho L -> derivative_at g rho K ->
  derivative_at (fun r => f r * g r) rho (fun t => L t * g rho + f rho * K t).
Proof.
  intros F G.
  assert (forall h J, derivative_at h rho J -> derivative_at (fun r => h r ^ 2) rho (fun t => 2 * h rho * J t)) as S.
  { intros h J H; refine (derivative_comp (fun u => u ^ 2) (2 * h rho) h rho J _ H); auto_derive; [exact I | ring]. }
  pose proof (derivative_scale _ rho _ (/ 2) (derivative_add _ _ rho _ _ (S _ _ (derivative_add f g rho L K F G))
    (derivative_add _ _ rho _ _ (derivative_scale _ rho _ (-1) (S _ _ F)) (derivative_scale _ rho _ (-1)
      (S _ _ G))))) as H.
  cbv beta in H; apply (derivative_ext _ _ _ (fun t => L t * g rho + f rho * K t)) in H; [| intros t; field].
  replace (fun r => f r * g r) with (fun r => / 2 * ((f r + g r) ^ 2 + (-1 * f r ^ 2 + -1 * g r ^ 2))); [exact H |].
  extensionality r; field.
Qed.
End Varying.
