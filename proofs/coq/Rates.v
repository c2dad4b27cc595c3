(** Derivatives of terms: the walk of the rule [local] in [proofs/kernel/local.py], and what it shows. *)

From Coq Require Import ZArith QArith Qreals Reals List Bool Lra Lia.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisBasics AnalysisDerivatives.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Special Calculus Chain Polynomial Theorems
  RulesLogic.
Import ListNotations.
Open Scope bool_scope.

(** A derivative, or [None] where only continuity is known. *)
Definition rate := option term.

(** Sums and products without a needless 0 or 1. *)
Definition plus_rate (a b : rate) : rate :=
  match a, b with
  | Some a, Some b => Some (if same a zero then b else if same b zero then a else Add a b)
  | _, _ => None
  end.

Definition times_rate (a b : rate) : rate :=
  match a, b with
  | Some a, Some b =>
      Some (if same a zero || same b zero then zero
            else if same a one then b else if same b one then a else Mul a b)
  | _, _ => None
  end.

(** The derivative of a primitive function. *)
Definition derivative_term (f : unary) (u : term) : term :=
  match f with
  | Inv => neg (Pow (Un Inv u) 2)
  | Exp => Un Exp u
  | Log => Un Inv u
  | Sin => Un Cos u
  | Cos => neg (Un Sin u)
  | Atan => Un Inv (Add one (Pow u 2))
  | Erf => Mul (rat 2) (Mul (Un Inv (Un Sqrt Pi)) (Un Exp (neg (Pow u 2))))
  | Sqrt => Un Inv (Mul (rat 2) (Un Sqrt u))
  | Floor => zero
  end.

(** The open set on which a primitive function is differentiable. *)
Definition smooth_where (f : unary) (u : term) : option literal :=
  match f with
  | Inv => Some (NonZero, u)
  | Log | Sqrt => Some (Positive, u)
  | Floor => Some (NonZero, sub u (Un Floor u))
  | _ => None
  end.

(** Whether a guard holds where its term is positive, and where it is negative. *)
Definition taken (r : relation) (positive : bool) : bool :=
  match r with Positive | NonNegative => positive | Zero => false | NonZero => true end.

Definition equality (r : relation) : bool := match r with Zero | NonZero => true | _ => false end.

(** The premise that decides a guard near the point, and whether it holds there. *)
Definition decided (V : list name) (ps : theorems) (r : relation) (g : term) : option (theorem * bool) :=
  if still V g then
    match find_holds ps r g with
    | Some th => Some (th, true)
    | None => th <- find_holds ps (fst (negation (r, g))) (snd (negation (r, g))) ;; Some (th, false)
    end
  else
    match find_holds ps Positive g with
    | Some th => Some (th, taken r true)
    | None =>
        match find_holds ps Positive (neg g) with
        | Some th => Some (th, taken r false)
        | None => when equality r ;; th <- find_holds ps NonZero g ;; Some (th, taken r true)
        end
    end.

(** A premise that proves [a - b = 0], unless the two are the same. *)
Definition shown_equal (ps : theorems) (a b : term) : option theorems :=
  if same a b then Some [] else th <- find_holds ps Zero (sub a b) ;; Some [th].

Definition anywhere (V : list name) (th : theorem) : bool := forallb (fun l => still V (snd l)) (hyps th).

(** What one operand of a cited function contributes: nothing where it does not vary. *)
Definition place (V : list name) (u : term) (partial : option term) (du : rate) : option rate :=
  if still V u then Some (Some zero) else p <- partial ;; Some (times_rate (Some p) du).

Fixpoint rate_of (cites : bool) (V : list name) (ps : theorems) (t : term) : option (rate * theorems) :=
  match find_local ps V t with
  | Some (th, d) => Some (d, [th])
  | None =>
      if still V t then u <- define ps t ;; Some (Some zero, u)
      else
        match t with
        | Rat _ | Pi | Tangent _ | Idx _ | Entry _ _ _ | Over _ _ _ => None
        | Var x => Some (Some (Tangent x), [])
        | Add a b =>
            x <- rate_of cites V ps a ;; y <- rate_of cites V ps b ;;
            Some (plus_rate (fst x) (fst y), snd x ++ snd y)
        | Mul a b =>
            x <- rate_of cites V ps a ;; y <- rate_of cites V ps b ;;
            Some (plus_rate (times_rate (fst x) (Some b)) (times_rate (Some a) (fst y)), snd x ++ snd y)
        | Pow a n =>
            x <- rate_of cites V ps a ;;
            when negb (Pos.eqb n 1) ;;
            Some (times_rate (Some (Mul (rat (Zpos n)) (if Pos.eqb n 2 then a else Pow a (Pos.pred n)))) (fst x), snd x)
        | App f a b =>
            when cites ;;
            x <- rate_of cites V ps a ;; y <- rate_of cites V ps b ;;
            w <- find_each ps (special_domain f a b) ;;
            p <- place V a (first_partial f a b) (fst x) ;;
            q <- place V b (second_partial f a b) (fst y) ;;
            Some (plus_rate p q, w ++ snd x ++ snd y)
        | Un f a =>
            x <- rate_of cites V ps a ;;
            let answer := times_rate (Some (derivative_term f a)) (fst x) in
            match smooth_where f a with
            | None => Some (answer, snd x)
            | Some (r, v) =>
                match find_holds ps r v with
                | Some th => Some (answer, th :: snd x)
                | None =>
                    match f with
                    | Sqrt => th <- find_holds ps NonNegative a ;; when anywhere V th ;; Some (None, th :: snd x)
                    | _ => None
                    end
                end
            end
        | Cond r g a b =>
            x <- rate_of cites V ps g ;;
            match decided V ps r g with
            | Some (th, yes) => y <- rate_of cites V ps (if yes then a else b) ;; Some (fst y, th :: snd x ++ snd y)
            | None =>
                when negb (still V g) ;;
                y <- rate_of cites V ps a ;; z <- rate_of cites V ps b ;;
                met <- shown_equal ps a b ;;
                let used := met ++ snd x ++ snd y ++ snd z in
                match fst y, fst z with
                | Some da, Some db =>
                    match shown_equal ps da db with
                    | Some tangent => Some (Some da, tangent ++ used)
                    | None => Some (None, used)
                    end
                | _, _ => Some (None, used)
                end
            end
        end
  end.

(** ** Soundness *)

Section Cited.
Context {cited : Interpretation}.

Open Scope R_scope.

Lemma same_zero_value rho tau t : same t zero = true -> eval rho tau t = 0.
Proof. intros S; apply same_eq in S; subst; apply eval_zero. Qed.

Lemma same_one_value rho tau t : same t one = true -> eval rho tau t = 1.
Proof. intros S; apply same_eq in S; subst; apply eval_one. Qed.

Lemma plus_rate_value rho tau a b :
  match plus_rate (Some a) (Some b) with Some c => eval rho tau c = eval rho tau a + eval rho tau b | None => False end.
Proof.
  cbn [plus_rate]; destruct (same a zero) eqn:A; [rewrite (same_zero_value rho tau a A); ring |].
  destruct (same b zero) eqn:B; [rewrite (same_zero_value rho tau b B); ring | reflexivity].
Qed.

Lemma times_rate_value rho tau a b :
  match times_rate (Some a) (Some b) with Some c => eval rho tau c = eval rho tau a * eval rho tau b
    | None => False end.
Proof.
  cbn [times_rate]; destruct (same a zero) eqn:A; cbn [orb]; [rewrite eval_zero, (same_zero_value rho tau a A); ring |].
  destruct (same b zero) eqn:B; [rewrite eval_zero, (same_zero_value rho tau b B); ring |].
  destruct (same a one) eqn:C; [rewrite (same_one_value rho tau a C); ring |].
  destruct (same b one) eqn:D; [rewrite (same_one_value rho tau b D); ring | reflexivity].
Qed.

Lemma derivative_term_value f u rho tau :
  (forall l, smooth_where f u = Some l -> holds rho tau l) ->
  is_derive (apply f) (eval rho tau u) (eval rho tau (derivative_term f u)).
Proof.
  intros S; destruct f; cbn [derivative_term]; rewrite ?eval_neg; cbn [eval apply];
    rewrite ?eval_neg, ?eval_one, ?eval_zero; cbn [eval apply].
  - apply derivative_inv; exact (S _ eq_refl).
  - apply derivative_exp.
  - apply derivative_log; exact (S _ eq_refl).
  - apply derivative_sin.
  - apply derivative_cos.
  - apply derivative_atan.
  - change (Q2R (inject_Z 2)) with (eval rho tau (rat 2)); rewrite eval_rat; apply derivative_erf.
  - change (Q2R (inject_Z 2)) with (eval rho tau (rat 2)); rewrite eval_rat; apply derivative_sqrt; exact (S _ eq_refl).
  - apply derivative_floor; specialize (S _ eq_refl); unfold holds in S; cbn [fst snd related] in S.
    rewrite eval_sub in S; exact S.
Qed.

(** The hypotheses of theorems hold at a point, for all tangents. *)
Definition active (ths : theorems) (rho : env) : Prop := forall th tau, In th ths -> all_hold rho tau (hyps th).

Lemma active_known ths rho : all_valid ths -> active ths rho -> known ths rho.
Proof. intros V A; exact (known_at ths rho still_env V (fun th I => A th still_env I)). Qed.

Lemma active_app a b rho : active (a ++ b) rho <-> active a rho /\ active b rho.
Proof.
  unfold active; split.
  - intros A; split; intros th tau I; apply A, in_or_app; auto.
  - intros (A & B) th tau I; apply in_app_or in I; destruct I; auto.
Qed.

Lemma active_cons th ths rho : active (th :: ths) rho <-> (forall tau, all_hold rho tau (hyps th)) /\ active ths rho.
Proof.
  unfold active; split.
  - intros A; split; [intros tau; apply A; left; reflexivity | intros; apply A; right; assumption].
  - intros (A & B) th' tau [<- | I]; auto.
Qed.

Lemma valid_conclude_active c premises :
  all_valid premises -> (forall rho, active premises rho -> forall tau, conclusion_at c rho tau) ->
  valid (conclude c premises).
Proof.
  intros V A; split.
  - intros l I; apply hyps_of_in in I; destruct I as (th & I & J); exact (proj1 (V th I) l J).
  - intros rho tau H; apply A; intros th tau' I; apply (all_hold_tangents th rho tau tau' (V th I)).
    exact (proj1 (all_hold_hyps_of rho tau premises) H th I).
Qed.

Definition rate_at (V : list name) (t : term) (d : rate) (rho : env) : Prop :=
  match d with Some d => derivative_at V (value t) rho (fun tau => eval rho tau d) | None => True end.

Lemma local_still V t rho : still V t = true -> exists_at t rho -> local_at V t (Some zero) rho.
Proof.
  intros S D; unfold local_at, exists_at, value; split; [| split].
  - apply nearby_all; intros r rho' C; exact (still_defined V r rho rho' still_env t S C D).
  - apply continuous_still; intros r rho' C; exact (still_eval V r rho rho' still_env t S C).
  - apply (derivative_ext V _ _ (fun _ => 0)); [intros; symmetry; apply eval_zero |].
    apply derivative_still; intros r rho' C; exact (still_eval V r rho rho' still_env t S C).
Qed.

(** The judgement for [f rho' = g (a rho')]. *)
Lemma local_add V a b x y rho :
  local_at V a x rho -> local_at V b y rho -> local_at V (Add a b) (plus_rate x y) rho.
Proof.
  intros (A & C & D) (A' & C' & D'); split; [| split].
  - exact (nearby_and V rho _ _ A A').
  - exact (continuous_add V _ _ rho C C').
  - destruct x as [x |]; [| exact I]; destruct y as [y |]; [| exact I].
    destruct (plus_rate (Some x) (Some y)) as [z |] eqn:E; [| exact I].
    refine (derivative_ext V _ _ _ _ _ (derivative_add V _ _ rho _ _ D D')); intros t.
    pose proof (plus_rate_value rho t x y) as P; rewrite E in P; symmetry; exact P.
Qed.

Lemma local_mul V a b x y rho : moves a = false -> moves b = false ->
  local_at V a x rho -> local_at V b y rho ->
  local_at V (Mul a b) (plus_rate (times_rate x (Some b)) (times_rate (Some a) y)) rho.
Proof.
  intros Ma Mb (A & C & D) (A' & C' & D'); split; [| split].
  - exact (nearby_and V rho _ _ A A').
  - exact (continuous_mul V _ _ rho C C').
  - destruct x as [x |]; [| exact I]; destruct y as [y |].
    2: { change (times_rate (Some a) None) with (@None term); destruct (times_rate (Some x) (Some b)); exact I. }
    destruct (times_rate (Some x) (Some b)) as [p |] eqn:P; [| exact I].
    destruct (times_rate (Some a) (Some y)) as [q |] eqn:Q; [| exact I].
    destruct (plus_rate (Some p) (Some q)) as [z |] eqn:E; [| exact I].
    refine (derivative_ext V _ _ _ _ _ (derivative_mul V _ _ rho _ _ D D')); intros t; cbv beta.
    pose proof (plus_rate_value rho t p q) as X; rewrite E in X; rewrite X.
    pose proof (times_rate_value rho t x b) as Y; rewrite P in Y; rewrite Y.
    pose proof (times_rate_value rho t a y) as Z; rewrite Q in Z; rewrite Z; unfold value.
    rewrite (eval_moves rho still_env t a Ma), (eval_moves rho still_env t b Mb); reflexivity.
Qed.

(** A function of one operand. *)
Lemma local_comp V (g : R -> R) a t d x rho :
  (forall rho', value t rho' = g (value a rho')) ->
  nearby V rho (fun rho' => exists_at a rho' -> exists_at t rho') ->
  is_derive g (value a rho) (value d rho) -> moves d = false ->
  local_at V a x rho -> local_at V t (times_rate (Some d) x) rho.
Proof.
  intros G N H M (A & C & D); split; [| split].
  - refine (nearby_impl V rho _ _ _ (nearby_and V rho _ _ N A)); intros rho' (X & Y); exact (X Y).
  - refine (continuous_local V _ (fun r => g (value a r)) rho _ _); [apply nearby_all; auto |].
    apply continuous_comp; [| exact C]; apply derivable_continuous_pt; exists (value d rho); apply is_derive_Reals;
      exact H.
  - destruct x as [x |]; [| exact I]; destruct (times_rate (Some d) (Some x)) as [z |] eqn:E; [| exact I].
    apply (derivative_local V _ (fun r => g (value a r))); [apply nearby_all; auto |].
    refine (derivative_ext V _ _ _ _ _ (derivative_comp V g _ _ rho _ H D)); intros t'.
    pose proof (times_rate_value rho t' d x) as P; rewrite E in P; rewrite P; unfold value.
    rewrite (eval_moves rho still_env t' d M); reflexivity.
Qed.

Lemma continuous_glue V f a b rho :
  a rho = b rho -> nearby V rho (fun r => f r = a r \/ f r = b r) ->
  continuous_at V a rho -> continuous_at V b rho -> continuous_at V f rho.
Proof.
  intros E N A B eps P; pose proof (nearby_here _ _ _ N) as H; cbv beta in H.
  refine (nearby_impl V rho _ _ _ (nearby_and V rho _ _ N (nearby_and V rho _ _ (A eps P) (B eps P)))).
  intros rho' ([-> | ->] & X & Y); destruct H as [-> | ->]; rewrite ?E in *; try assumption; rewrite <- E; assumption.
Qed.

Lemma derivative_glue V f a b rho L :
  a rho = b rho -> nearby V rho (fun r => f r = a r \/ f r = b r) ->
  derivative_at V a rho L -> derivative_at V b rho L -> derivative_at V f rho L.
Proof.
  intros E N (A & X) (_ & Y); split; [exact A |]; intros eps P; pose proof (nearby_here _ _ _ N) as H; cbv beta in H.
  destruct N as (d0 & D0 & N), (X eps P) as (d1 & D1 & X'), (Y eps P) as (d2 & D2 & Y').
  exists (Rmin d0 (Rmin d1 d2)); split; [repeat apply Rmin_glb_lt; assumption |]; intros r rho' (R0 & R1) C.
  pose proof (Rmin_l d0 (Rmin d1 d2)); pose proof (Rmin_r d0 (Rmin d1 d2)); pose proof (Rmin_l d1 d2);
    pose proof (Rmin_r d1 d2).
  assert (0 <= r <= d1) as I1 by lra; assert (0 <= r <= d2) as I2 by lra; assert (r <= d0) as I0 by lra.
  specialize (X' r rho' I1 C); specialize (Y' r rho' I2 C).
  assert (f rho = a rho) as F by (destruct H; congruence).
  destruct (N rho' (close_le V r d0 rho rho' C I0)) as [-> | ->]; rewrite F; [exact X' | rewrite E; exact Y'].
Qed.

(** A conditional whose guard does not change nearby is its branch. *)
Lemma local_decided V r g a b (yes : bool) d rho :
  nearby V rho (exists_at g) ->
  nearby V rho (fun rho' => if yes then related r (value g rho') else ~ related r (value g rho')) ->
  local_at V (if yes then a else b) d rho -> local_at V (Cond r g a b) d rho.
Proof.
  intros G Y (A & C & D).
  assert (nearby V rho (fun rho' => value (Cond r g a b) rho' = value (if yes then a else b) rho')) as E.
  { refine (nearby_impl V rho _ _ _ Y); intros rho' H; unfold value in *; cbn [eval].
    destruct yes, (decide r _); try reflexivity; contradiction. }
  split; [| split].
  - refine (nearby_impl V rho _ _ _ (nearby_and V rho _ _ G (nearby_and V rho _ _ Y A))); intros rho' (U & H & W).
    unfold exists_at, value in *; cbn [defined]; split; [exact U |].
    destruct yes, (decide r _); try assumption; contradiction.
  - exact (continuous_local V _ _ rho E C).
  - destruct d as [d |]; [| exact I]; exact (derivative_local V _ _ rho _ E D).
Qed.

Lemma local_glued V r g a b rho :
  nearby V rho (exists_at g) -> value a rho = value b rho ->
  forall da db, local_at V a da rho -> local_at V b db rho ->
  local_at V (Cond r g a b) None rho /\
  forall d, rate_at V a (Some d) rho -> rate_at V b (Some d) rho -> local_at V (Cond r g a b) (Some d) rho.
Proof.
  intros G E da db (A & C & _) (A' & C' & _).
  assert (nearby V rho (fun rho' => value (Cond r g a b) rho' = value a rho' \/ value (Cond r g a b)
    rho' = value b rho')) as N.
  { apply nearby_all; intros s rho' _; unfold value; cbn [eval]; destruct (decide r _); auto. }
  assert (local_at V (Cond r g a b) None rho) as L.
  { split; [| split; [| exact I]].
    - refine (nearby_impl V rho _ _ _ (nearby_and V rho _ _ G (nearby_and V rho _ _ A A'))); intros rho' (U & X & Y).
      unfold exists_at in *; cbn [defined]; split; [exact U | destruct (decide r _); assumption].
    - exact (continuous_glue V _ _ _ rho E N C C'). }
  split; [exact L |]; intros d X Y; destruct L as (P & Q & _); split; [exact P | split; [exact Q |]].
  exact (derivative_glue V _ _ _ rho _ E N X Y).
Qed.

Lemma taken_value r u (positive : bool) : (if positive then u > 0 else - u > 0) ->
  if taken r positive then related r u else ~ related r u.
Proof. destruct r, positive; simpl; intros; lra. Qed.

Lemma taken_nonzero r u : equality r = true -> u <> 0 -> if taken r true then related r u else ~ related r u.
Proof. destruct r; simpl; intros; try discriminate; lra. Qed.

Lemma decided_sound V ps r g th yes :
  decided V ps r g = Some (th, yes) ->
  In th ps /\ forall rho, (forall tau, conclusion_at (concl th) rho tau) -> continuous_at V (value g) rho ->
    nearby V rho (fun rho' => if yes then related r (value g rho') else ~ related r (value g rho')).
Proof.
  unfold decided; destruct (still V g) eqn:S.
  - assert (forall rho rho' s, close V s rho rho' -> value g rho' = value g rho) as Same.
    { intros rho rho' s C; exact (still_eval V s rho rho' still_env g S C). }
    destruct (find_holds ps r g) as [p |] eqn:F.
    + intros E; injection E as <- <-; apply find_holds_sound in F; destruct F as (I & F); split; [exact I |].
      intros rho K _; apply nearby_all; intros s rho' C; rewrite (Same rho rho' s C);
        exact (F rho still_env (K still_env)).
    + intros E; open E; injection E as <- <-; apply find_holds_sound in E0; destruct E0 as (I & G); split; [exact I |].
      intros rho K _; apply nearby_all; intros s rho' C; rewrite (Same rho rho' s C).
      specialize (G rho still_env (K still_env)); rewrite <- surjective_pairing in G; apply holds_negation in G;
        exact G.
  - destruct (find_holds ps Positive g) as [p |] eqn:F; [| destruct (find_holds ps Positive (neg g)) as [p |] eqn:G].
    + intros E; injection E as <- <-; apply find_holds_sound in F; destruct F as (I & F); split; [exact I |].
      intros rho K C; refine (nearby_impl V rho _ _ _ (continuous_sign V Positive _ rho _ _ C (F rho still_env (K
        still_env))));
        try discriminate; intros rho' P; exact (taken_value r _ true P).
    + intros E; injection E as <- <-; apply find_holds_sound in G; destruct G as (I & G); split; [exact I |].
      intros rho K C; pose proof (G rho still_env (K still_env)) as P; unfold holds in P; cbn [fst snd] in P;
        rewrite eval_neg in P.
      assert (continuous_at V (fun rho' => - value g rho') rho) as C'.
      { refine (continuous_comp V (fun u => - u) _ rho _ C);
        apply derivable_continuous_pt, derivable_pt_opp, derivable_pt_id. }
      refine (nearby_impl V rho _ _ _ (continuous_sign V Positive _ rho _ _ C' P)); try discriminate.
      intros rho' Q; exact (taken_value r _ false Q).
    + intros E; open E; injection E as <- <-; apply find_holds_sound in E1; destruct E1 as (I & H); split; [exact I |].
      intros rho K C; refine (nearby_impl V rho _ _ _ (continuous_sign V NonZero _ rho _ _ C (H rho still_env (K
        still_env))));
        try discriminate; intros rho' P; exact (taken_nonzero r _ E0 P).
Qed.

Lemma shown_equal_sound ps a b used :
  shown_equal ps a b = Some used ->
  incl used ps /\ forall rho, known used rho -> forall tau, eval rho tau a = eval rho tau b.
Proof.
  unfold shown_equal; destruct (same a b) eqn:S; intros H.
  - found H; apply same_eq in S; subst; split; [intros ? [] | reflexivity].
  - open H; found H; apply find_holds_sound in E; destruct E as (I & A); split; [intros ? [<- | []]; exact I |].
    intros rho K tau; apply holds_equation; exact (A rho tau (K v (or_introl eq_refl) tau)).
Qed.

Lemma anywhere_holds V th r rho rho' :
  anywhere V th = true -> close V r rho rho' -> (forall tau, all_hold rho tau (hyps th)) -> forall tau,
    all_hold rho' tau (hyps th).
Proof.
  intros A C H tau l I; apply (still_holds V r rho rho' tau l); [| exact C | exact (H tau l I)].
  exact (proj1 (forallb_forall (fun l => still V (snd l)) (hyps th)) A l I).
Qed.

Lemma moves_derivative f a : moves a = false -> moves (derivative_term f a) = false.
Proof. unfold moves; destruct f; simpl; auto. Qed.

(** Near a point where [f] is differentiable its operand stays in the domain. *)
Lemma smooth_domain V f a rho :
  continuous_at V (value a) rho -> (forall l, smooth_where f a = Some l -> holds rho still_env l) ->
  nearby V rho (fun rho' => in_domain f (value a rho')).
Proof.
  intros C S; destruct f; try (apply nearby_all; intros; exact I).
  - exact (continuous_sign V NonZero _ rho ltac:(discriminate) ltac:(discriminate) C (S _ eq_refl)).
  - exact (continuous_sign V Positive _ rho ltac:(discriminate) ltac:(discriminate) C (S _ eq_refl)).
  - refine (nearby_impl V rho _ _ _ (continuous_sign V Positive _ rho ltac:(discriminate) ltac:(discriminate)
    C (S _ eq_refl))).
    intros rho' P; simpl in *; lra.
Qed.

(** *** Cited functions *)

Lemma continuous_neg V f rho : continuous_at V f rho -> continuous_at V (fun r => - f r) rho.
Proof.
  intros C; refine (continuous_comp V (fun u => - u) f rho _ C).
  apply derivable_continuous_pt, derivable_pt_opp, derivable_pt_id.
Qed.

Lemma continuous_const V c rho : continuous_at V (fun _ => c) rho.
Proof. apply continuous_still; reflexivity. Qed.

Lemma continuous_positive V f rho : continuous_at V f rho -> f rho > 0 -> nearby V rho (fun r => f r > 0).
Proof. intros C P; exact (continuous_sign V Positive f rho ltac:(discriminate) ltac:(discriminate) C P). Qed.

Lemma continuous_minus V f g rho : continuous_at V f rho -> continuous_at V g rho ->
  continuous_at V (fun r => f r - g r) rho.
Proof. intros A B; exact (continuous_add V f (fun r => - g r) rho A (continuous_neg V g rho B)). Qed.

(** The domain is open in the operands in which there is a derivative. *)
Lemma domain_nearby V f a b rho :
  continuous_at V (value a) rho -> continuous_at V (value b) rho ->
  still V a = true \/ first_partial f a b <> None -> still V b = true \/ second_partial f a b <> None ->
  app_domain f (value a rho) (value b rho) -> nearby V rho (fun r => app_domain f (value a r) (value b r)).
Proof.
  intros A B Fa Fb.
  assert (still V a = true -> forall P : R -> Prop, P (value a rho) -> nearby V rho (fun r => P (value a r))) as Sa.
  { intros S P H; apply nearby_all; intros r rho' C; unfold value;
    rewrite (still_eval V r rho rho' still_env a S C); exact H. }
  assert (first_partial f a b = None -> still V a = true) as Ta by (intros E; destruct Fa as [S | N];
    [exact S | contradiction]).
  destruct f; cbn [app_domain first_partial] in *; intros D;
    repeat match goal with H : _ /\ _ |- _ => destruct H end;
    repeat apply nearby_and; first
      [ apply continuous_positive; assumption
      | apply (continuous_positive V (fun r => value a r - 1)); [apply continuous_minus;
        [assumption | apply continuous_const] | assumption]
      | apply (continuous_positive V (fun r => 1 + value a r)); [apply continuous_add;
        [apply continuous_const | assumption] | assumption]
      | apply (continuous_positive V (fun r => 1 - value a r)); [apply continuous_minus;
        [apply continuous_const | assumption] | assumption]
      | apply (continuous_positive V (fun r => 2 - value a r)); [apply continuous_minus;
        [apply continuous_const | assumption] | assumption]
      | apply (Sa (Ta eq_refl) (fun u => u >= 0)); assumption
      | apply (Sa (Ta eq_refl) (fun u => floor u = u)); assumption ].
Qed.

Lemma place_sound V u partial du v :
  place V u partial du = Some v ->
  still V u = true /\ v = Some zero \/ still V u = false /\ exists p, partial = Some p /\ v = times_rate (Some p) du.
Proof.
  unfold place; destruct (still V u); intros H; [left; split; congruence |].
  destruct partial as [p |]; [right; split; [reflexivity | exists p; split; [reflexivity |]] | discriminate].
  cbn [bind] in H; congruence.
Qed.

Lemma moves_partials f a b : moves a = false -> moves b = false ->
  (forall p, first_partial f a b = Some p -> moves p = false) /\ (forall p, second_partial f a b = Some p ->
    moves p = false).
Proof.
  unfold moves; intros A B; split; intros p E; destruct f; try discriminate; injection E as <-; cbn;
    rewrite ?A, ?B; reflexivity.
Qed.

Lemma local_app V f a b x y p q rho :
  cited_facts -> moves a = false -> moves b = false ->
  local_at V a x rho -> local_at V b y rho -> app_domain f (value a rho) (value b rho) ->
  place V a (first_partial f a b) x = Some p -> place V b (second_partial f a b) y = Some q ->
  still V (App f a b) = false -> local_at V (App f a b) (plus_rate p q) rho.
Proof.
  intros Facts Ma Mb (A & Ca & Da) (B & Cb & Db) Dom P Q Moving.
  destruct (moves_partials f a b Ma Mb) as (Mp & Mq).
  apply place_sound in P; apply place_sound in Q.
  assert (still V a = true \/ first_partial f a b <> None) as Fa by (destruct P as [(S & _) | (_ & r & E & _)];
    [left | right]; congruence).
  assert (still V b = true \/ second_partial f a b <> None) as Fb by (destruct Q as [(S & _) | (_ & r & E & _)];
    [left | right]; congruence).
  pose proof (domain_nearby V f a b rho Ca Cb Fa Fb Dom) as Near.
  assert (nearby V rho (exists_at (App f a b))) as Ex.
  { refine (nearby_impl V rho _ _ _ (nearby_and V rho _ _ A (nearby_and V rho _ _ B Near))); intros rho' (X & Y & Z).
    exact (conj X (conj Y Z)). }
  destruct P as [(Sa & ->) | (Sa & r & Er & ->)], Q as [(Sb & ->) | (Sb & s & Es & ->)].
  - exfalso; unfold still in *; cbn [occurs] in Moving; apply negb_true_iff in Sa; apply negb_true_iff in Sb.
    rewrite Sa, Sb in Moving; discriminate.
  - assert (plus_rate (Some zero) (times_rate (Some s) y) = times_rate (Some s) y) as ->
    by (destruct (times_rate (Some s) y); reflexivity).
    assert (nearby V rho (fun r => value (App f a b) r = app_value f (value a rho) (value b r))) as Eq.
    { apply nearby_all; intros d rho' C; unfold value; cbn [eval];
      rewrite (still_eval V d rho rho' still_env a Sa C); reflexivity. }
    pose proof (cited_second Facts f a b s rho still_env Dom Es) as H.
    split; [exact Ex |]; split.
    + apply (continuous_local V _ _ rho Eq), (continuous_comp V (fun v => app_value f (value a rho) v)); [| exact Cb].
      apply derivable_continuous_pt; exists (value s rho); apply is_derive_Reals; exact H.
    + destruct y as [y |]; [| exact I]; destruct (times_rate (Some s) (Some y)) as [z |] eqn:E; [| exact I].
      apply (derivative_local V _ _ rho _ Eq).
      refine (derivative_ext V _ _ _ _ _ (derivative_comp V _ _ _ rho _ H Db)); intros t'; cbv beta.
      pose proof (times_rate_value rho t' s y) as T; rewrite E in T;
        rewrite T, (eval_moves rho still_env t' s (Mq s Es)); reflexivity.
  - assert (match plus_rate (times_rate (Some r) x) (Some zero), times_rate (Some r) x with
            | Some u, Some v => forall tau, eval rho tau u = eval rho tau v | None, None => True | _,
              _ => False end) as Zr.
    { destruct (times_rate (Some r) x) as [v |]; [| exact I];
      pose proof (fun tau => plus_rate_value rho tau v zero) as T.
      destruct (plus_rate (Some v) (Some zero)) as [u |]; [| exact (T rho)]; intros tau; rewrite T, eval_zero; ring. }
    assert (nearby V rho (fun r => value (App f a b) r = app_value f (value a r) (value b rho))) as Eq.
    { apply nearby_all; intros d rho' C; unfold value; cbn [eval];
      rewrite (still_eval V d rho rho' still_env b Sb C); reflexivity. }
    pose proof (cited_first Facts f a b r rho still_env Dom Er) as H.
    split; [exact Ex |]; split.
    + apply (continuous_local V _ _ rho Eq), (continuous_comp V (fun u => app_value f u (value b rho))); [| exact Ca].
      apply derivable_continuous_pt; exists (value r rho); apply is_derive_Reals; exact H.
    + destruct (plus_rate (times_rate (Some r) x) (Some zero)) as [u |]; [| exact I].
      destruct (times_rate (Some r) x) as [v |] eqn:E; [| contradiction]; destruct x as [x |]; [| discriminate].
      apply (derivative_local V _ _ rho _ Eq).
      refine (derivative_ext V _ _ _ _ _ (derivative_comp V _ _ _ rho _ H Da)); intros t'; cbv beta.
      pose proof (times_rate_value rho t' r x) as T; rewrite E in T;
        rewrite Zr, T, (eval_moves rho still_env t' r (Mp r Er)); reflexivity.
  - pose proof (cited_both Facts f a b r s rho still_env Dom Er Es) as H.
    pose proof (continuous_two V (app_value f) _ _ (value a) (value b) rho H Ca Cb) as C.
    split; [exact Ex |]; split; [exact C |].
    destruct x as [x |]; [| exact I]; destruct y as [y |]; [| destruct (times_rate (Some r) (Some x)); exact I].
    destruct (times_rate (Some r) (Some x)) as [u |] eqn:Eu; [| exact I];
      destruct (times_rate (Some s) (Some y)) as [v |] eqn:Ev; [| exact I].
    destruct (plus_rate (Some u) (Some v)) as [z |] eqn:Ez; [| exact I].
    refine (derivative_ext V _ _ _ _ _ (derivative_two V (app_value f) _ _ (value a) (value b) rho H _ _ Da Db));
      intros t'; cbv beta.
    pose proof (plus_rate_value rho t' u v) as T; rewrite Ez in T; rewrite T.
    pose proof (times_rate_value rho t' r x) as Tu; rewrite Eu in Tu; rewrite Tu.
    pose proof (times_rate_value rho t' s y) as Tv; rewrite Ev in Tv; rewrite Tv.
    rewrite (eval_moves rho still_env t' r (Mp r Er)), (eval_moves rho still_env t' s (Mq s Es)); reflexivity.
Qed.

Lemma pair_some {A B} (a c : A) (b d : B) : Some (a, b) = Some (c, d) -> a = c /\ b = d.
Proof. intros E; injection E; auto. Qed.

Theorem rate_of_sound cites V ps t d used :
  (cites = true -> cited_facts) -> all_valid ps -> moves t = false -> rate_of cites V ps t = Some (d, used) ->
  incl used ps /\ forall rho, active used rho -> local_at V t d rho.
Proof.
  intros Facts W; revert d used; induction t; intros d used M H; cbn [rate_of] in H;
    (destruct (find_local ps V _) as [[th d'] |] eqn:F;
     [(apply pair_some in H; destruct H as [<- <-]); apply find_local_sound in F; destruct F as (I & F); split;
       [intros ? [<- | []]; exact I |];
      intros rho A; pose proof (valid_at th rho still_env (W th I) (A th still_env (or_introl eq_refl)) still_env) as C;
      rewrite F in C; exact C |]);
    (match type of H with (if ?b then _ else _) = _ => destruct b eqn:S end;
     [open H; (apply pair_some in H; destruct H as [<- <-]);
       match goal with E : define _ _ = Some _ |- _ => apply define_sound in E; destruct E as (I & E) end;
      split; [exact I |]; intros rho A; apply local_still; [exact S |];
      match goal with E : forall rho, _ |- _ => exact (E rho (active_known _ rho (all_valid_incl _ _ I W) A)
        still_env) end |]);
    try discriminate; clear F.
  - (* a symbol that varies *)
    (apply pair_some in H; destruct H as [<- <-]); split; [intros ? [] |]; intros rho _.
    assert (In x V) as X.
    { apply member_in; apply negb_false_iff in S; exact S. }
    split; [apply nearby_all; intros; exact I |]; split; [exact (continuous_symbol V x rho X)
      | exact (derivative_symbol V x rho X)].
  - (* sum *)
    unfold moves in M; cbn [occurs] in M; apply orb_false_iff in M; destruct M as (M & N).
    open H; (apply pair_some in H; destruct H as [<- <-]); destruct v as [x u], v0 as [y w]; cbn [fst snd].
    destruct (IHt1 _ _ M eq_refl) as (I & A), (IHt2 _ _ N eq_refl) as (J & B); split; [apply incl_app; assumption |].
    intros rho K; apply active_app in K; destruct K; apply local_add; auto.
  - (* product *)
    unfold moves in M; cbn [occurs] in M; apply orb_false_iff in M; destruct M as (M & N).
    open H; (apply pair_some in H; destruct H as [<- <-]); destruct v as [x u], v0 as [y w]; cbn [fst snd].
    destruct (IHt1 _ _ M eq_refl) as (I & A), (IHt2 _ _ N eq_refl) as (J & B); split; [apply incl_app; assumption |].
    intros rho K; apply active_app in K; destruct K; apply local_mul; auto.
  - (* power *)
    open H; (apply pair_some in H; destruct H as [<- <-]); destruct v as [x u]; cbn [fst snd];
      destruct (IHt _ _ M eq_refl) as (I & A); split; [exact I |].
    intros rho K; refine (local_comp V (fun v => v ^ Pos.to_nat n) t _ _ x rho _ _ _ _ (A rho K)).
    + reflexivity.
    + apply nearby_all; intros r rho' _ D; exact D.
    + apply negb_true_iff, Pos.eqb_neq in E0.
      assert (Pos.to_nat n = Datatypes.S (Pos.to_nat (Pos.pred n))) as P by (rewrite Pos2Nat.inj_pred by lia; lia).
      replace (value (Mul (rat (Zpos n)) (if Pos.eqb n 2 then t else Pow t (Pos.pred n))) rho)
        with (INR (Pos.to_nat n) * value t rho ^ pred (Pos.to_nat n)).
      * apply is_derive_Reals, derivable_pt_lim_pow.
      * rewrite P at 2; cbn [pred]; unfold value; cbn [eval];
        change (Q2R (inject_Z (Zpos n))) with (eval rho still_env (rat (Zpos n))).
        rewrite eval_rat, INR_IZR_INZ, positive_nat_Z; f_equal; destruct (Pos.eqb_spec n 2) as [-> |]; [| reflexivity].
        change (Pos.to_nat (Pos.pred 2)) with 1%nat; apply pow_1.
    + unfold moves in *; cbn [occurs]; destruct (Pos.eqb n 2); exact M.
  - (* a primitive function *)
    open H; destruct v as [x u]; cbn [fst snd] in H; destruct (IHt _ _ M eq_refl) as (I & A); cbv zeta in H.
    assert (forall rho, active u rho -> (forall l, smooth_where f t = Some l -> forall tau, holds rho tau l) ->
      local_at V (Un f t) (times_rate (Some (derivative_term f t)) x) rho) as Smooth.
    { intros rho K L; specialize (A rho K).
      refine (local_comp V (apply f) t _ _ x rho _ _ _ (moves_derivative f t M) A); [reflexivity | |].
      - refine (nearby_impl V rho _ _ _ (smooth_domain V f t rho (proj1 (proj2 A)) (fun l E => L l E still_env))).
        intros rho' D X; exact (conj X D).
      - apply derivative_term_value; intros l E1; exact (L l E1 still_env). }
    destruct (smooth_where f t) as [[r v] |] eqn:SW.
    + destruct (find_holds ps r v) as [th |] eqn:F.
      * (apply pair_some in H; destruct H as [<- <-]); apply find_holds_sound in F; destruct F as (J & F); split;
        [intros y [<- | Y]; auto |].
        intros rho K; apply active_cons in K; destruct K as (K & L); apply Smooth; [exact L |].
        intros l E1 tau; injection E1 as <-; exact (F rho tau (valid_at th rho tau (W th J) (K tau) tau)).
      * destruct f; try discriminate; open H; (apply pair_some in H; destruct H as [<- <-]);
        apply find_holds_sound in E0; destruct E0 as (J & G).
        split; [intros y [<- | Y]; auto |]; intros rho K; apply active_cons in K; destruct K as (K & L).
        destruct (A rho L) as (X & C & _).
        assert (forall r0 rho', close V r0 rho rho' -> value t rho' >= 0) as P.
        { intros r0 rho' C'; pose proof (anywhere_holds V v0 r0 rho rho' E1 C' K) as Q.
          exact (G rho' still_env (valid_at v0 rho' still_env (W v0 J) (Q still_env) still_env)). }
        split; [| split; [| exact Logic.I]].
        -- refine (nearby_impl V rho _ _ _ (nearby_and V rho _ _ (nearby_all V rho _ P) X)); intros rho' (Y & Z).
           exact (conj Z Y).
        -- refine (continuous_comp V sqrt (value t) rho _ C); apply continuity_pt_sqrt.
           pose proof (P 0 rho (close_refl V 0 rho (Rle_refl 0))); lra.
    + (apply pair_some in H; destruct H as [<- <-]); split; [exact I |]; intros rho K; apply Smooth;
      [exact K | discriminate].
  - (* a conditional *)
    unfold moves in M; cbn [occurs] in M; apply orb_false_iff in M; destruct M as (M & M3);
      apply orb_false_iff in M; destruct M as (M1 & M2).
    open H; destruct v as [x u]; cbn [fst snd] in H; destruct (IHt1 _ _ M1 eq_refl) as (I & A).
    destruct (decided V ps r t1) as [[th yes] |] eqn:D.
    + open H; (apply pair_some in H; destruct H as [<- <-]); destruct v as [y w]; cbn [fst snd];
      apply decided_sound in D; destruct D as (J & D).
      assert (incl w ps /\ forall rho, active w rho -> local_at V (if yes then t2 else t3) y rho) as (L & B).
      { destruct yes; [exact (IHt2 _ _ M2 E0) | exact (IHt3 _ _ M3 E0)]. }
      split; [intros z [<- | Z]; [exact J | revert z Z; apply incl_app; assumption] |].
      intros rho K; apply active_cons in K; destruct K as (K & K'); apply active_app in K'; destruct K' as (K' & K'').
      destruct (A rho K') as (X & C & _); apply (local_decided V r t1 t2 t3 yes y rho X); [| exact (B rho K'')].
      apply D; [| exact C]; intros tau; exact (valid_at th rho tau (W th J) (K tau) tau).
    + open H; destruct v as [y w], v0 as [z s]; cbn [fst snd] in H.
      destruct (IHt2 _ _ M2 eq_refl) as (I2 & A2), (IHt3 _ _ M3 eq_refl) as (I3 & A3).
      apply shown_equal_sound in E3; destruct E3 as (J & Q).
      assert (incl (v1 ++ u ++ w ++ s) ps) as All by (repeat apply incl_app; assumption).
      assert (forall rho, active (v1 ++ u ++ w ++ s) rho ->
        local_at V (Cond r t1 t2 t3) None rho /\ rate_at V t2 y rho /\ rate_at V t3 z rho /\
        forall e, rate_at V t2 (Some e) rho -> rate_at V t3 (Some e) rho -> local_at V (Cond r t1 t2 t3) (Some e)
          rho) as Glue.
      { intros rho K; apply active_app in K; destruct K as (K1 & K); apply active_app in K; destruct K as (K2 & K).
        apply active_app in K; destruct K as (K3 & K4).
        destruct (local_glued V r t1 t2 t3 rho (proj1 (A rho K2))
          (Q rho (active_known _ rho (all_valid_incl _ _ J W) K1) still_env)
          y z (A2 rho K3) (A3 rho K4)) as (X & Y).
        split; [exact X |]; split; [exact (proj2 (proj2 (A2 rho K3))) |]; split;
          [exact (proj2 (proj2 (A3 rho K4))) | exact Y]. }
      destruct y as [da |]; [| (apply pair_some in H; destruct H as [<- <-]); split; [exact All | intros rho K;
        exact (proj1 (Glue rho K))]].
      destruct z as [db |]; [| (apply pair_some in H; destruct H as [<- <-]); split; [exact All | intros rho K;
        exact (proj1 (Glue rho K))]].
      destruct (shown_equal ps da db) as [tangent |] eqn:T;
        [| (apply pair_some in H; destruct H as [<- <-]); split; [exact All | intros rho K;
          exact (proj1 (Glue rho K))]].
      (apply pair_some in H; destruct H as [<- <-]); apply shown_equal_sound in T; destruct T as (J' & T); split;
        [apply incl_app; assumption |].
      intros rho K; apply active_app in K; destruct K as (K0 & K); destruct (Glue rho K) as (_ & X & Y & Z).
      apply Z; [exact X |]; unfold rate_at in *.
      refine (derivative_ext V _ _ _ _ _ Y); intros tau; symmetry;
        exact (T rho (active_known _ rho (all_valid_incl _ _ J' W) K0) tau).
  - (* a function known by citation *)
    unfold moves in M; cbn [occurs] in M; apply orb_false_iff in M; destruct M as (M1 & M2).
    open H; (apply pair_some in H; destruct H as [<- <-]); destruct v as [x u], v0 as [y w]; cbn [fst snd] in *.
    destruct (IHt1 _ _ M1 eq_refl) as (I1 & A1), (IHt2 _ _ M2 eq_refl) as (I2 & A2).
    match goal with E : find_each _ _ = Some _ |- _ => apply find_each_sound in E; destruct E as (J & B) end.
    split; [repeat apply incl_app; assumption |]; intros rho K.
    apply active_app in K; destruct K as (K1 & K); apply active_app in K; destruct K as (K2 & K3).
    assert (app_domain f (value t1 rho) (value t2 rho)) as Dom.
    { apply special_domain_holds, B, (active_known _ rho (all_valid_incl _ _ J W) K1). }
    eapply local_app; eauto.
Qed.
End Cited.
