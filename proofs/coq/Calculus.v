(** Continuity and Frechet derivatives of functions of environments: the lemmas behind the rule [local]. *)

From Coq Require Import Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import Term AnalysisFunctions Semantics.
Import ListNotations.
Open Scope R_scope.

(** ** Neighbourhoods *)

Lemma close_refl V r rho : 0 <= r -> close V r rho rho.
Proof.
  intros P x; destruct (member x V); [| reflexivity].
  replace (rho x - rho x) with 0 by ring; rewrite Rabs_R0; exact P.
Qed.

Lemma close_le V r s rho rho' : close V r rho rho' -> r <= s -> close V s rho rho'.
Proof. intros C L x; specialize (C x); destruct (member x V); [lra | exact C]. Qed.

Lemma close_in V r rho rho' x : close V r rho rho' -> In x V -> Rabs (rho' x - rho x) <= r.
Proof. intros C I; specialize (C x); apply member_in in I; rewrite I in C; exact C. Qed.

Lemma nearby_here V rho (P : env -> Prop) : nearby V rho P -> P rho.
Proof. intros (r & A & B); apply B, close_refl; lra. Qed.

Lemma nearby_all V rho (P : env -> Prop) : (forall r rho', close V r rho rho' -> P rho') -> nearby V rho P.
Proof. intros A; exists 1; split; [lra | intros rho' C; exact (A 1 rho' C)]. Qed.

Lemma nearby_impl V rho (P Q : env -> Prop) : (forall rho', P rho' -> Q rho') -> nearby V rho P -> nearby V rho Q.
Proof. intros I (r & A & B); exists r; split; auto. Qed.

Lemma nearby_and V rho (P Q : env -> Prop) :
  nearby V rho P -> nearby V rho Q -> nearby V rho (fun rho' => P rho' /\ Q rho').
Proof.
  intros (r & A & B) (s & C & D); exists (Rmin r s); split; [apply Rmin_glb_lt; assumption |].
  intros rho' E; split; [apply B | apply D]; apply (close_le V _ _ _ _ E); [apply Rmin_l | apply Rmin_r].
Qed.

Lemma close_back V r rho rho' : close V r rho rho' -> close V r rho' rho.
Proof.
  intros C x; specialize (C x); destruct (member x V); [| auto].
  rewrite Rabs_minus_sym; exact C.
Qed.

Lemma close_trans V r s rho rho' rho'' : close V r rho rho' -> close V s rho' rho'' -> close V (r + s) rho rho''.
Proof.
  intros C D x; specialize (C x); specialize (D x); destruct (member x V).
  - replace (rho'' x - rho x) with ((rho'' x - rho' x) + (rho' x - rho x)) by ring.
    eapply Rle_trans; [apply Rabs_triang | lra].
  - congruence.
Qed.

(** What holds nearby holds nearby, nearby. *)
Lemma nearby_nearby V rho (P : env -> Prop) : nearby V rho P -> nearby V rho (fun rho' => nearby V rho' P).
Proof.
  intros (r & A & B); exists (r / 2); split; [lra |]; intros rho' C; exists (r / 2); split; [lra |].
  intros rho'' D; apply B; replace r with (r / 2 + r / 2) by field; exact (close_trans _ _ _ _ _ _ C D).
Qed.

(** ** Linear functions of tangents *)

Lemma linear_ext V (L L' : env -> R) : (forall t, L t = L' t) -> linear V L -> linear V L'.
Proof. intros E H; replace L' with L; [exact H | extensionality t; apply E]. Qed.

Lemma linear_zero V : linear V (fun _ => 0).
Proof.
  split; [intros; ring | intros; ring |]; exists 0; split; [lra | intros; rewrite Rabs_R0; lra].
Qed.

Lemma linear_symbol V x : In x V -> linear V (fun t => t x).
Proof.
  intros I; split; [reflexivity | reflexivity |]; exists 1; split; [lra |].
  intros r t B _; rewrite Rmult_1_l; exact (B x I).
Qed.

Lemma linear_add V L K : linear V L -> linear V K -> linear V (fun t => L t + K t).
Proof.
  intros [A B (M & C & D)] [A' B' (N & C' & D')]; split.
  - intros; rewrite A, A'; ring.
  - intros; rewrite B, B'; ring.
  - exists (M + N); split; [lra |]; intros r t X P; specialize (D r t X P); specialize (D' r t X P).
    eapply Rle_trans; [apply Rabs_triang | lra].
Qed.

Lemma linear_mul V L k : linear V L -> linear V (fun t => k * L t).
Proof.
  intros [A B (M & C & D)]; split.
  - intros; rewrite A; ring.
  - intros; rewrite B; ring.
  - exists (Rabs k * M); split; [apply Rmult_le_pos; [apply Rabs_pos | exact C] |].
    intros r t X P; rewrite Rabs_mult, Rmult_assoc; apply Rmult_le_compat_l; [apply Rabs_pos | exact (D r t X P)].
Qed.

(** A linear function of tangents that vanish on [V] is 0. *)
Lemma linear_outside V L t : linear V L -> (forall x, In x V -> t x = 0) -> L t = 0.
Proof.
  intros [_ _ (M & C & D)] Z; assert (Rabs (L t) <= M * 0) as H.
  { apply D; [| lra]; intros x I; rewrite (Z x I), Rabs_R0; lra. }
  rewrite Rmult_0_r in H; destruct (Req_dec (L t) 0) as [| N]; [assumption |].
  apply Rabs_pos_lt in N; lra.
Qed.

Lemma linear_same V L s t : linear V L -> (forall x, In x V -> s x = t x) -> L s = L t.
Proof.
  intros H E; pose proof (linear_plus V L H (fun x => s x + -1 * t x) t) as P.
  rewrite (linear_outside V L (fun x => s x + -1 * t x) H) in P by (intros x I; rewrite (E x I); ring).
  rewrite Rplus_0_l in P; rewrite <- P; f_equal; extensionality x; ring.
Qed.

(** ** Continuity *)

Lemma continuous_still V f rho : (forall r rho', close V r rho rho' -> f rho' = f rho) -> continuous_at V f rho.
Proof.
  intros S eps P; apply nearby_all; intros r rho' C; rewrite (S r rho' C).
  replace (f rho - f rho) with 0 by ring; rewrite Rabs_R0; lra.
Qed.

Lemma continuous_symbol V x rho : In x V -> continuous_at V (fun rho' => rho' x) rho.
Proof. intros I eps P; exists eps; split; [exact P |]; intros rho' C; exact (close_in V eps rho rho' x C I). Qed.

Lemma continuous_local V f g rho : nearby V rho (fun rho' => f rho' = g rho') -> continuous_at V g rho ->
  continuous_at V f rho.
Proof.
  intros E C eps P; pose proof (nearby_here _ _ _ E) as H; cbv beta in H.
  refine (nearby_impl V rho _ _ _ (nearby_and V rho _ _ E (C eps P))).
  intros rho' (A & B); rewrite A, H; exact B.
Qed.

Lemma continuous_add V f g rho : continuous_at V f rho -> continuous_at V g rho ->
  continuous_at V (fun r => f r + g r) rho.
Proof.
  intros F G eps P; assert (0 < eps / 2) as Q by lra.
  refine (nearby_impl V rho _ _ _ (nearby_and V rho _ _ (F _ Q) (G _ Q))); intros rho' (A & B).
  replace (f rho' + g rho' - (f rho + g rho)) with ((f rho' - f rho) + (g rho' - g rho)) by ring.
  eapply Rle_trans; [apply Rabs_triang | lra].
Qed.

(** [g] is continuous at the value of [f]: in the form of the library. *)
Lemma continuous_comp V g f rho : continuity_pt g (f rho) -> continuous_at V f rho ->
  continuous_at V (fun r => g (f r)) rho.
Proof.
  intros G F eps P; destruct (G eps P) as (d & D & H); assert (0 < d / 2) as Q by (unfold Rgt in D; lra).
  refine (nearby_impl V rho _ _ _ (F _ Q)); intros rho' A.
  destruct (Req_dec (f rho') (f rho)) as [E | N].
  - rewrite E; replace (g (f rho) - g (f rho)) with 0 by ring; rewrite Rabs_R0; lra.
  - left; apply (H (f rho')); split; [split; [exact I | congruence] |].
    simpl; unfold R_dist; unfold Rgt in D; lra.
Qed.

Lemma continuous_mul V f g rho : continuous_at V f rho -> continuous_at V g rho ->
  continuous_at V (fun r => f r * g r) rho.
Proof.
  intros F G.
  assert (forall h, continuous_at V h rho -> continuous_at V (fun r => h r ^ 2) rho) as S.
  { intros h H; refine (continuous_comp V (fun u => u ^ 2) h rho _ H).
    apply derivable_continuous_pt, derivable_pt_pow. }
  assert (forall k h, continuous_at V h rho -> continuous_at V (fun r => k * h r) rho) as K.
  { intros k h H; refine (continuous_comp V (fun u => k * u) h rho _ H).
    apply derivable_continuous_pt, derivable_pt_scal, derivable_pt_id. }
  (* f g = ((f + g)^2 - f^2 - g^2) / 2 *)
  replace (fun r => f r * g r) with (fun r => / 2 * ((f r + g r) ^ 2 + (-1 * f r ^ 2 + -1 * g r ^ 2))).
  - apply K, continuous_add; [apply S, continuous_add; assumption | apply continuous_add; apply K, S; assumption].
  - extensionality r; field.
Qed.

(** A continuous function keeps its sign. *)
Lemma continuous_sign V r f rho :
  r <> NonNegative -> r <> Zero -> continuous_at V f rho -> related r (f rho) ->
    nearby V rho (fun rho' => related r (f rho')).
Proof.
  intros N Z C H; assert (f rho <> 0) as D by (destruct r; simpl in H; try congruence; lra).
  assert (0 < Rabs (f rho) / 2) as P by (apply Rabs_pos_lt in D; lra).
  refine (nearby_impl V rho _ _ _ (C _ P)); intros rho' A; revert A D H.
  unfold Rabs; destruct r; simpl; try congruence; intros; repeat destruct (Rcase_abs _) in *; lra.
Qed.

(** ** Derivatives *)

Lemma derivative_continuous V f rho L : derivative_at V f rho L -> continuous_at V f rho.
Proof.
  intros ([_ _ (M & A & B)] & D) eps P; destruct (D 1 Rlt_0_1) as (d & Q & E).
  set (r := Rmin d (eps / (M + 1))).
  assert (0 < r) as R by (apply Rmin_glb_lt; [exact Q | apply Rdiv_lt_0_compat; lra]).
  exists r; split; [exact R |]; intros rho' C.
  assert (r <= d) as H1 by apply Rmin_l; assert (r <= eps / (M + 1)) as H2 by apply Rmin_r.
  specialize (E r rho' (conj (Rlt_le _ _ R) H1) C).
  assert (Rabs (L (fun x => rho' x - rho x)) <= M * r) as F.
  { apply B; [| lra]; intros x I; exact (close_in V r rho rho' x C I). }
  replace (f rho' - f rho) with ((f rho' - f rho - L (fun x => rho' x - rho x)) + L (fun x => rho' x - rho x)) by ring.
  eapply Rle_trans; [apply Rabs_triang |].
  apply Rle_trans with ((M + 1) * r); [lra |].
  apply Rmult_le_compat_l with (r := M + 1) in H2; [| lra].
  replace ((M + 1) * (eps / (M + 1))) with eps in H2 by (field; lra); exact H2.
Qed.

Lemma derivative_ext V f rho L L' : (forall t, L t = L' t) -> derivative_at V f rho L -> derivative_at V f rho L'.
Proof. intros E D; replace L' with L; [exact D | extensionality t; apply E]. Qed.

Lemma derivative_still V f rho : (forall r rho', close V r rho rho' -> f rho' = f rho) ->
  derivative_at V f rho (fun _ => 0).
Proof.
  intros S; split; [apply linear_zero |]; intros eps P; exists 1; split; [lra |]; intros r rho' B C.
  rewrite (S r rho' C); replace (f rho - f rho - 0) with 0 by ring; rewrite Rabs_R0; apply Rmult_le_pos; lra.
Qed.

Lemma derivative_symbol V x rho : In x V -> derivative_at V (fun rho' => rho' x) rho (fun t => t x).
Proof.
  intros I; split; [apply linear_symbol; exact I |]; intros eps P; exists 1; split; [lra |]; intros r rho' B C.
  replace (rho' x - rho x - (rho' x - rho x)) with 0 by ring; rewrite Rabs_R0; apply Rmult_le_pos; lra.
Qed.

Lemma derivative_local V f g rho L :
  nearby V rho (fun rho' => f rho' = g rho') -> derivative_at V g rho L -> derivative_at V f rho L.
Proof.
  intros E (A & B); split; [exact A |]; pose proof (nearby_here _ _ _ E) as H; cbv beta in H.
  destruct E as (d & D & E); intros eps P; destruct (B eps P) as (d' & D' & F).
  exists (Rmin d d'); split; [apply Rmin_glb_lt; assumption |]; intros r rho' (R0 & R1) C.
  pose proof (Rmin_l d d'); pose proof (Rmin_r d d').
  rewrite (E rho') by (apply (close_le V r); [exact C | lra]); rewrite H; apply F; [lra | exact C].
Qed.

Lemma derivative_add V f g rho L K :
  derivative_at V f rho L -> derivative_at V g rho K -> derivative_at V (fun r => f r + g r) rho (fun t => L t + K t).
Proof.
  intros (A & F) (B & G); split; [apply linear_add; assumption |]; intros eps P; assert (0 < eps / 2) as Q by lra.
  destruct (F _ Q) as (d & D & F'); destruct (G _ Q) as (d' & D' & G').
  exists (Rmin d d'); split; [apply Rmin_glb_lt; assumption |]; intros r rho' (R0 & R1) C.
  pose proof (Rmin_l d d'); pose proof (Rmin_r d d').
  assert (0 <= r <= d) as I1 by lra; assert (0 <= r <= d') as I2 by lra.
  specialize (F' r rho' I1 C); specialize (G' r rho' I2 C).
  match goal with |- Rabs (?a + ?b - (?c + ?e) - (?l + ?k)) <= _ =>
    replace (a + b - (c + e) - (l + k)) with ((a - c - l) + (b - e - k)) by ring end.
  eapply Rle_trans; [apply Rabs_triang | lra].
Qed.

Lemma derivative_scale V f rho L k : derivative_at V f rho L -> derivative_at V (fun r => k * f r)
  rho (fun t => k * L t).
Proof.
  intros (A & F); split; [apply linear_mul; assumption |]; intros eps P.
  assert (0 < Rabs k + 1) as Q by (pose proof (Rabs_pos k); lra).
  destruct (F (eps / (Rabs k + 1)) ltac:(apply Rdiv_lt_0_compat; assumption)) as (d & D & F').
  exists d; split; [exact D |]; intros r rho' B C; specialize (F' r rho' B C).
  match goal with |- Rabs (k * ?a - k * ?b - k * ?l) <= _ => replace (k * a - k * b - k * l) with (k * (a - b - l))
    by ring end.
  rewrite Rabs_mult; apply Rle_trans with ((Rabs k + 1) * (eps / (Rabs k + 1) * r)).
  - apply Rmult_le_compat; [apply Rabs_pos | apply Rabs_pos | lra | exact F'].
  - right; field; lra.
Qed.

(** The chain rule for a function of one real number. *)
Lemma derivative_comp V g l f rho L :
  is_derive g (f rho) l -> derivative_at V f rho L -> derivative_at V (fun r => g (f r)) rho (fun t => l * L t).
Proof.
  intros G D; pose proof (derivative_continuous V f rho L D) as FC.
  destruct D as (A & F); split; [apply linear_mul; exact A |].
  destruct A as [_ _ (M & M0 & MB)]; apply is_derive_Reals in G.
  intros eps P; set (e := Rmin 1 (eps / (2 * (M + 1)))).
  assert (0 < e) as E0 by (apply Rmin_glb_lt; [lra | apply Rdiv_lt_0_compat; lra]).
  destruct (G e E0) as (dg & DG); set (e' := Rmin 1 (eps / (2 * (Rabs l + 1)))).
  pose proof (Rabs_pos l) as LP.
  assert (0 < e') as E0' by (apply Rmin_glb_lt; [lra | apply Rdiv_lt_0_compat; lra]).
  assert (0 < dg / 2) as P2 by (pose proof (cond_pos dg); lra).
  destruct (FC _ P2) as (d1 & D1 & F1); destruct (F e' E0') as (d2 & D2 & F2).
  exists (Rmin d1 d2); split; [apply Rmin_glb_lt; assumption |]; intros r rho' (R0 & R1) C.
  pose proof (Rmin_l d1 d2); pose proof (Rmin_r d1 d2).
  assert (r <= d1) as I1 by lra; assert (0 <= r <= d2) as I2 by lra.
  specialize (F1 rho' (close_le V r d1 _ _ C I1)); specialize (F2 r rho' I2 C).
  set (u := f rho' - f rho) in *; set (T := L (fun x => rho' x - rho x)) in *.
  assert (Rabs T <= M * r) as HT by (apply MB; [intros x I; exact (close_in V r rho rho' x C I) | exact R0]).
  assert (Rabs u <= (M + 1) * r) as HU.
  { replace u with ((u - T) + T) by ring; eapply Rle_trans; [apply Rabs_triang |].
    assert (e' * r <= 1 * r) by (apply Rmult_le_compat_r; [exact R0 | apply Rmin_l]); lra. }
  assert (Rabs (g (f rho') - g (f rho) - l * u) <= e * Rabs u) as HG.
  { destruct (Req_dec u 0) as [Z | N].
    - rewrite Z; unfold u in Z; replace (f rho') with (f rho) by lra.
      replace (g (f rho) - g (f rho) - l * 0) with 0 by ring; rewrite Rabs_R0; lra.
    - pose proof (cond_pos dg); assert (Rabs u < dg) as I3 by lra; specialize (DG u N I3).
      assert (f rho + u = f rho') as I4 by (unfold u; ring); rewrite I4 in DG.
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

Lemma derivative_mul V f g rho L K :
  derivative_at V f rho L -> derivative_at V g rho K ->
  derivative_at V (fun r => f r * g r) rho (fun t => L t * g rho + f rho * K t).
Proof.
  intros F G.
  assert (forall h J, derivative_at V h rho J -> derivative_at V (fun r => h r ^ 2) rho (fun t => 2 * h rho * J t))
    as S.
  { intros h J H; refine (derivative_comp V (fun u => u ^ 2) (2 * h rho) h rho J _ H); auto_derive; [exact I | ring]. }
  pose proof (derivative_scale V _ rho _ (/ 2) (derivative_add V _ _ rho _ _ (S _ _ (derivative_add V f g rho L K F G))
    (derivative_add V _ _ rho _ _ (derivative_scale V _ rho _ (-1) (S _ _ F)) (derivative_scale V _ rho _ (-1)
      (S _ _ G))))) as H.
  cbv beta in H; apply (derivative_ext V _ _ _ (fun t => L t * g rho + f rho * K t)) in H; [| intros t; field].
  replace (fun r => f r * g r) with (fun r => / 2 * ((f r + g r) ^ 2 + (-1 * f r ^ 2 + -1 * g r ^ 2))); [exact H |].
  extensionality r; field.
Qed.
