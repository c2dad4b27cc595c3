(** The definition of a one-sided derivative with an explicit delta: [side_limit] and [side_continuous] of
    [proofs/kernel/sides.py]; and [along], which puts a term of several symbols on a line. *)

From Coq Require Import ZArith QArith Qreals Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisBasics AnalysisDerivatives AnalysisSides.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Calculus Lines Polynomial Theorems.
From Hasderiv Require Import RulesLogic RulesFact RulesLocal RulesNear RulesSide.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

Section Cited.
Context {cited : Interpretation}.

(** The two fresh symbols. *)
Definition h_name : name := 1%positive.
Definition eps_name : name := 2%positive.
Definition h_term : term := Var h_name.
Definition eps_term : term := Var eps_name.

Definition sign_term (onward : bool) : term := rat (if onward then 1 else -1).

(** [e(x + sign h)] *)
Definition moved (e : term) (x : name) (onward : bool) : term :=
  substitute [(x, Add (Var x) (Mul (sign_term onward) h_term))] [] e.

Definition not_fresh_names (x : name) : bool := negb (Pos.eqb x h_name) && negb (Pos.eqb x eps_name).
Definition both_fresh (t : term) : bool := fresh h_name t && fresh eps_name t.

(** The hypotheses of [H, eps > 0, h > 0, delta - h > 0 |- e(x + sign h) defined, goals >= 0] and [H,
  eps > 0 |- delta > 0]. *)
Definition approach (e : term) (x : name) (onward : bool) (delta : term) (goals : list term) (bounds : theorems)
    (room exists_ : theorem) : option (list literal) :=
  when not_fresh_names x ;;
  when both_fresh e && fresh h_name delta && negb (moves e) ;;
  when all_prove (map (fun g => (NonNegative, g)) goals) bounds ;;
  when proves (Positive, delta) room ;;
  when says_defined (moved e x onward) exists_ ;;
  let small := [(Positive, eps_term)] in
  let near := (Positive, h_term) :: (Positive, sub delta h_term) :: small in
  let hs := union (minus (hyps room) small) (minus (hyps_of (bounds ++ [exists_])) near) in
  when forallb (fun l => both_fresh (snd l)) hs ;; Some hs.

Definition rule_side_limit (e : term) (x : name) (onward : bool) (rate : slope) (delta : term) (bounds : theorems)
    (room there here : theorem) : option theorem :=
  when says_defined e here ;;
  let change := sub (moved e x onward) e in
  let eh := Mul eps_term h_term in
  goals <- match rate with
           | FiniteSlope l =>
               when both_fresh l && negb (moves l) ;;
               let r := sub change (Mul (Mul (sign_term onward) l) h_term) in
               Some [sub eh r; Add eh r]
           | PlusInfinity => Some [sub (Mul (sign_term onward) change) eh]
           | MinusInfinity => Some [sub (Mul (sign_term (negb onward)) change) eh]
           end ;;
  hs <- approach e x onward delta goals bounds room there ;;
  Some {| hyps := union hs (hyps here);
          concl := Side x onward e rate (match rate with FiniteSlope _ => Some true | _ => None end) |}.

Definition rule_side_continuous (side : theorem) (delta : term) (bounds : theorems) (room exists_ : theorem)
  : option theorem :=
  a <- held_side side ;;
  match a with
  | (x, onward, e, s, _) =>
      let change := sub (moved e x onward) e in
      hs <- approach e x onward delta [sub eps_term change; Add eps_term change] bounds room exists_ ;;
      Some {| hyps := union hs (hyps side); concl := Side x onward e s (Some true) |}
  end.

(** ** Soundness *)

(** The point with values for [eps] and [h]. *)
Definition at_eps_h (rho : env) (eps h : R) : env := set (set rho eps_name eps) h_name h.

Lemma both_fresh_eval t rho tau eps h : both_fresh t = true -> eval (at_eps_h rho eps h) tau t = eval rho tau t.
Proof.
  intros F; apply andb_prop in F; destruct F as (A & B); unfold at_eps_h.
  rewrite (fresh_eval h_name h _ tau t A); exact (fresh_eval eps_name eps rho tau t B).
Qed.

Lemma both_fresh_defined t rho tau eps h : both_fresh t = true -> defined (at_eps_h rho eps h)
  tau t <-> defined rho tau t.
Proof.
  intros F; apply andb_prop in F; destruct F as (A & B); unfold at_eps_h.
  rewrite (fresh_defined h_name h _ tau t A); exact (fresh_defined eps_name eps rho tau t B).
Qed.

Lemma eval_sign rho tau onward : eval rho tau (sign_term onward) = direction onward.
Proof. unfold sign_term; rewrite eval_rat; destruct onward; reflexivity. Qed.

Lemma h_value rho tau eps h : eval (at_eps_h rho eps h) tau h_term = h.
Proof. unfold h_term; cbn [eval]; apply set_same. Qed.

Lemma eps_value rho tau eps h : eval (at_eps_h rho eps h) tau eps_term = eps.
Proof. unfold eps_term; cbn [eval]; unfold at_eps_h; rewrite set_other by discriminate; apply set_same. Qed.

(** The point at which [e] is evaluated in [e(x + sign h)]. *)
Lemma moved_point rho x onward eps h : not_fresh_names x = true ->
  plug [(x, Add (Var x) (Mul (sign_term onward) h_term))] (at_eps_h rho eps h) still_env (at_eps_h rho eps h) =
  at_eps_h (shift rho x (direction onward * h)) eps h.
Proof.
  intros N; apply andb_prop in N; destruct N as (A & B); apply negb_true_iff, Pos.eqb_neq in A;
    apply negb_true_iff, Pos.eqb_neq in B.
  rewrite plug_one; cbn [eval]; rewrite eval_sign, h_value, shift_set.
  unfold at_eps_h; rewrite !set_other by assumption.
  rewrite (set_swap _ h_name x), (set_swap _ eps_name x) by congruence; reflexivity.
Qed.

Lemma moved_value e rho x onward eps h : not_fresh_names x = true -> both_fresh e = true ->
  eval (at_eps_h rho eps h) still_env (moved e x onward) = value e (shift rho x (direction onward * h)).
Proof.
  intros N F; unfold moved; rewrite eval_substitute, moved_point by exact N.
  change (plug [] (at_eps_h rho eps h) still_env still_env) with still_env; apply both_fresh_eval, F.
Qed.

Lemma moved_defined e rho x onward eps h : not_fresh_names x = true -> both_fresh e = true ->
  defined (at_eps_h rho eps h) still_env (moved e x onward) -> exists_at e (shift rho x (direction onward * h)).
Proof.
  intros N F; unfold moved; rewrite defined_substitute; [| | discriminate].
  - rewrite moved_point by exact N; change (plug [] (at_eps_h rho eps h) still_env still_env) with still_env.
    apply both_fresh_defined, F.
  - intros y u; cbn [lookup]; destruct (Pos.eqb y x); intros E; [injection E as <-; cbn; auto | discriminate].
Qed.

Lemma approach_sound e x onward delta goals bounds room exists_ hs :
  approach e x onward delta goals bounds room exists_ = Some hs ->
  all_valid bounds -> valid room -> valid exists_ ->
  not_fresh_names x = true /\ both_fresh e = true /\ (forall l, In l hs -> moves (snd l) = false) /\
  forall rho tau, all_hold rho tau hs -> forall eps, 0 < eps -> Semantics.shortly (fun h =>
    exists_at e (shift rho x (direction onward * h)) /\
    forall g, In g goals -> eval (at_eps_h rho eps h) still_env g >= 0).
Proof.
  unfold approach; cbv zeta; intros H B R X; open H; yields H.
  apply andb_prop in E0; destruct E0 as (E0 & Mo); apply andb_prop in E0; destruct E0 as (Fe & Fd).
  assert (all_valid (bounds ++ [exists_])) as BX by (apply all_valid_app; split; [exact B | premises]).
  set (small := [(Positive, eps_term)]) in *; set (near := (Positive, h_term) :: (Positive, sub delta h_term)
    :: small) in *.
  set (hs := union _ _) in *; rewrite forallb_forall in E4.
  assert (forall l, In l hs -> moves (snd l) = false) as Fixed.
  { intros l I; apply union_in in I; destruct I as [I | I]; apply minus_in in I; [exact (proj1 R l I) |].
    apply hyps_of_in in I; destruct I as (th & I & J); exact (proj1 (BX th I) l J). }
  split; [reflexivity |]; split; [exact Fe |]; split; [exact Fixed |]; intros rho tau A eps P.
  assert (forall h, all_hold (at_eps_h rho eps h) still_env hs) as Keep.
  { intros h l I; unfold holds; rewrite both_fresh_eval by exact (E4 l I);
    exact (holds_moves rho tau still_env l (Fixed l I) (A l I)). }
  assert (forall h, all_hold (at_eps_h rho eps h) still_env small) as Small.
  { intros h l [<- | []]; unfold holds; cbn [fst snd related]; rewrite eps_value; exact P. }
  assert (forall h, eval (at_eps_h rho eps h) still_env delta = eval (at_eps_h rho eps 0) still_env delta) as Delta.
  { intros h; unfold at_eps_h; rewrite !(fresh_eval h_name _ _ still_env delta Fd); reflexivity. }
  assert (0 < eval (at_eps_h rho eps 0) still_env delta) as D.
  { assert (all_hold (at_eps_h rho eps 0) still_env (hyps room)) as Q.
    { apply (all_hold_minus _ _ _ small (Small 0)); intros l I; apply (Keep 0), union_in; left; exact I. }
    exact (proves_at _ room _ still_env E2 (valid_at room _ still_env R Q still_env)). }
  exists (eval (at_eps_h rho eps 0) still_env delta / 2); split; [lra |]; intros h (H1 & H2).
  assert (all_hold (at_eps_h rho eps h) still_env (hyps_of (bounds ++ [exists_]))) as Q.
  { apply (all_hold_minus _ _ _ near); [| intros l I; apply (Keep h), union_in; right; exact I].
    intros l [<- | [<- | I]]; [| | exact (Small h l I)]; unfold holds; cbn [fst snd related];
      rewrite ?eval_sub, h_value, ?Delta; lra. }
  pose proof (proj1 (all_hold_hyps_of _ _ _) Q) as Q'; split.
  - apply (moved_defined e rho x onward eps h E Fe), (says_defined_at _ exists_ _ _ E3).
    apply (valid_at exists_ _ still_env X); apply Q', in_or_app; right; left; reflexivity.
  - intros g I.
    assert (all_hold (at_eps_h rho eps h) still_env (map (fun g => (NonNegative, g)) goals)) as G.
    { apply (all_prove_at _ bounds _ _ E1); intros th J.
      exact (valid_at th _ still_env (B th J) (Q' th (in_or_app _ _ _ (or_introl J))) still_env). }
    exact (G (NonNegative, g) (in_map (fun g => (NonNegative, g)) goals g I)).
Qed.

Lemma moves_union a b : (forall l, In l a -> moves (snd l) = false) -> (forall l, In l b -> moves (snd l) = false) ->
  forall l, In l (union a b) -> moves (snd l) = false.
Proof. intros A B l I; apply union_in in I; destruct I; auto. Qed.

Theorem side_limit_valid e x onward rate delta bounds room there here r :
  rule_side_limit e x onward rate delta bounds room there here = Some r ->
  all_valid bounds -> valid room -> valid there -> valid here -> valid r.
Proof.
  unfold rule_side_limit; cbv zeta; intros H V1 V2 V3 V4; open H; yields H.
  destruct (approach_sound _ _ _ _ _ _ _ _ _ E1 V1 V2 V3) as (N & F & M & A).
  apply valid_intro; [exact (moves_union _ _ M (proj1 V4)) |]; intros rho tau B; apply all_hold_union in B;
    destruct B as (B & C).
  specialize (A rho tau B); cbn [conclusion_at].
  assert (Semantics.shortly (fun h => exists_at e (shift rho x (direction onward * h)))) as D.
  { destruct (A 1 Rlt_0_1) as (d & P & Q); exists d; split; [exact P | intros h H; exact (proj1 (Q h H))]. }
  assert (forall eps h, eval (at_eps_h rho eps h) still_env (sub (moved e x onward) e) = Semantics.change (value e)
    x onward rho h) as Ch.
  { intros eps h; rewrite eval_sub, (moved_value e rho x onward eps h N F),
    (both_fresh_eval e rho still_env eps h F); reflexivity. }
  split; [exact (says_defined_at e here rho still_env E (valid_at here rho tau V4 C still_env)) |]; split; [exact D |].
  assert (quotient_tends (value e) x onward rho tau rate) as Q.
  { destruct rate as [l | |]; cbn [quotient_tends].
    - open E0; apply some_inj in E0; subst v; intros eps P.
      apply shortly_weaken with (2 := A eps P); intros h H (_ & G).
      apply andb_prop in E2; destruct E2 as (Fl & Ml); apply negb_true_iff in Ml.
      pose proof (G _ (or_introl eq_refl)) as G1; pose proof (G _ (or_intror (or_introl eq_refl))) as G2.
      rewrite eval_sub in G1; cbn [eval] in G1, G2; rewrite (eval_sub _ _ _ (Mul _ h_term)) in G1, G2;
        rewrite Ch in G1, G2; cbn [eval] in G1, G2.
      rewrite eval_sign, eps_value, h_value, (both_fresh_eval l rho still_env eps h Fl) in G1, G2.
      rewrite (eval_moves rho tau still_env l Ml); apply Rabs_le; lra.
    - apply some_inj in E0; subst v; intros bound; pose proof (Rabs_pos bound) as Pb.
      apply shortly_weaken with (2 := A (Rabs bound + 1) ltac:(lra)); intros h H (_ & G).
      pose proof (G _ (or_introl eq_refl)) as G1; rewrite eval_sub in G1; cbn [eval] in G1;
        rewrite Ch, eval_sign, eps_value, h_value in G1.
      assert (bound * h <= Rabs bound * h) by (apply Rmult_le_compat_r; [lra | apply Rle_abs]); lra.
    - apply some_inj in E0; subst v; intros bound; pose proof (Rabs_pos bound) as Pb.
      apply shortly_weaken with (2 := A (Rabs bound + 1) ltac:(lra)); intros h H (_ & G).
      pose proof (G _ (or_introl eq_refl)) as G1; rewrite eval_sub in G1; cbn [eval] in G1;
        rewrite Ch, eval_sign, eps_value, h_value in G1.
      assert (- bound * h <= Rabs bound * h).
      { apply Rmult_le_compat_r; [lra |]; rewrite <- Rabs_Ropp; apply Rle_abs. }
      destruct onward; cbn [negb direction] in *; lra. }
  split; [exact Q |]; destruct rate as [l | |]; [| exact I | exact I].
  apply beside_joins; apply quotient_slopes in Q; exact (slopes_joins _ _ _ _ (direction_sign onward) Q).
Qed.

Theorem side_continuous_valid side delta bounds room exists_ r :
  rule_side_continuous side delta bounds room exists_ = Some r ->
  valid side -> all_valid bounds -> valid room -> valid exists_ -> valid r.
Proof.
  unfold rule_side_continuous; intros H V0 V1 V2 V3; open H; destruct v as [[[[x onward] e] s] c]; cbv zeta in H;
    open H; yields H.
  destruct (approach_sound _ _ _ _ _ _ _ _ _ E0 V1 V2 V3) as (N & F & M & A); apply held_side_concl in E.
  apply valid_intro; [exact (moves_union _ _ M (proj1 V0)) |]; intros rho tau B; apply all_hold_union in B;
    destruct B as (B & C).
  pose proof (valid_at side rho tau V0 C tau) as S; rewrite E in S; destruct S as (P & Q & T & _); cbn [conclusion_at].
  split; [exact P |]; split; [exact Q |]; split; [exact T |]; intros eps Pe.
  apply shortly_weaken with (2 := A rho tau B eps Pe); intros h H (_ & G).
  pose proof (G _ (or_introl eq_refl)) as G1; pose proof (G _ (or_intror (or_introl eq_refl))) as G2.
  rewrite eval_sub in G1; cbn [eval] in G2; rewrite (eval_sub _ _ (moved e x onward)),
    (moved_value e rho x onward eps h N F), (both_fresh_eval e rho still_env eps h F), eps_value in G1, G2.
  unfold Semantics.change; unfold value at 2; apply Rabs_le; lra.
Qed.

(** ** along *)

(** [v + q h] for each [v] of the line. *)
Definition on_line (direction_ : list (name * Q)) : assignment :=
  map (fun vq => (fst vq, Add (Var (fst vq)) (Mul (Rat (snd vq)) h_term))) direction_.

Definition held_not_differentiable (th : theorem) : option (list name * term * reason) :=
  match concl th with NotDifferentiable V t why _ _ => Some (V, t, why) | _ => None end.

Definition rule_along (direction_ : list (name * Q)) (e : term) (th : theorem) : option theorem :=
  c <- held_not_differentiable th ;;
  match c with
  | (V, t, why) =>
      let rest := without (Zero, h_term) (hyps th) in
      when same_names V [h_name] && same t (substitute (on_line direction_) [] e) ;;
      when fresh h_name e && forallb (fun vq => negb (Pos.eqb h_name (fst vq))) direction_ &&
           forallb (fun l => fresh h_name (snd l)) rest ;;
      Some {| hyps := rest; concl := NotDifferentiable (map fst direction_) e why None None |}
  end.

(** The point of the line at the distance [s]. *)
Definition line_point (direction_ : list (name * Q)) (rho : env) (s : R) : env :=
  fun y => match lookup y (on_line direction_) with
           | Some t => eval (set rho h_name s) still_env t
           | None => rho y
           end.

Fixpoint rates (direction_ : list (name * Q)) (y : name) : R :=
  match direction_ with [] => 0 | (v, q) :: rest => if Pos.eqb y v then Q2R q else rates rest y end.

Lemma lookup_on_line direction_ rho s y :
  negb (Pos.eqb h_name y) = true ->
  match lookup y (on_line direction_) with Some t => eval (set rho h_name s) still_env t | None => rho y end =
  rho y + rates direction_ y * s.
Proof.
  intros N; apply negb_true_iff, Pos.eqb_neq in N.
  induction direction_ as [| [v q] rest IH]; cbn [on_line map lookup rates fst snd]; [ring |].
  destruct (Pos.eqb_spec y v) as [<- | D]; [| exact IH].
  unfold h_term; cbn [eval]; rewrite set_same, set_other by congruence; reflexivity.
Qed.

Lemma line_point_value direction_ rho s y :
  forallb (fun vq => negb (Pos.eqb h_name (fst vq))) direction_ = true ->
  line_point direction_ rho s y = rho y + rates direction_ y * s.
Proof.
  intros F; unfold line_point; destruct (Pos.eqb_spec h_name y) as [<- | N].
  - assert (lookup h_name (on_line direction_) = None /\ rates direction_ h_name = 0) as (-> & ->); [| ring].
    induction direction_ as [| [v q] rest IH]; [split; reflexivity |]; cbn [forallb fst] in F;
      apply andb_prop in F; destruct F as (A & B).
    apply negb_true_iff in A; cbn [on_line map lookup rates fst]; rewrite A; exact (IH B).
  - apply lookup_on_line; apply negb_true_iff, Pos.eqb_neq, N.
Qed.

Fixpoint speed (direction_ : list (name * Q)) : R :=
  match direction_ with [] => 0 | (_, q) :: rest => Rabs (Q2R q) + speed rest end.

Lemma speed_pos direction_ : 0 <= speed direction_.
Proof. induction direction_ as [| [v q] rest IH]; cbn [speed]; [lra | pose proof (Rabs_pos (Q2R q)); lra]. Qed.

Lemma rates_bound direction_ y : Rabs (rates direction_ y) <= speed direction_.
Proof.
  induction direction_ as [| [v q] rest IH]; cbn [rates speed]; [rewrite Rabs_R0; lra |].
  pose proof (Rabs_pos (Q2R q)); pose proof (speed_pos rest); destruct (Pos.eqb y v); lra.
Qed.

Lemma rates_outside direction_ y : member y (map fst direction_) = false -> rates direction_ y = 0.
Proof.
  induction direction_ as [| [v q] rest IH]; cbn [map fst member existsb rates]; [reflexivity |]; intros N.
  apply orb_false_iff in N; destruct N as (A & B); rewrite A; exact (IH B).
Qed.

Lemma close_line direction_ rho s :
  forallb (fun vq => negb (Pos.eqb h_name (fst vq))) direction_ = true ->
  close (map fst direction_) (speed direction_ * Rabs s) rho (line_point direction_ rho s).
Proof.
  intros F y; rewrite line_point_value by exact F; destruct (member y (map fst direction_)) eqn:M.
  - replace (rho y + rates direction_ y * s - rho y) with (rates direction_ y * s) by ring; rewrite Rabs_mult.
    apply Rmult_le_compat_r; [apply Rabs_pos | apply rates_bound].
  - rewrite rates_outside by exact M; ring.
Qed.

Section Along.
Variables (direction_ : list (name * Q)) (e : term) (rho : env).
Hypothesis F : forallb (fun vq => negb (Pos.eqb h_name (fst vq))) direction_ = true.
Hypothesis Fe : fresh h_name e = true.
Let V := map fst direction_.
Let t := substitute (on_line direction_) [] e.
Let o := set rho h_name 0.

Lemma along_point s : plug (on_line direction_) (set rho h_name s) still_env (set rho h_name s)
  = set (line_point direction_ rho s) h_name s.
Proof.
  extensionality y; unfold plug, line_point; destruct (Pos.eqb_spec y h_name) as [E | N].
  - subst y; rewrite set_same.
    assert (lookup h_name (on_line direction_) = None) as ->; [| symmetry; apply set_same].
    clear - F; induction direction_ as [| [v q] rest IH]; [reflexivity |]; cbn [forallb fst] in F;
      apply andb_prop in F; destruct F as (A & B).
    apply negb_true_iff in A; cbn [on_line map lookup fst]; rewrite A; exact (IH B).
  - rewrite !set_other by exact N; destruct (lookup y (on_line direction_)); reflexivity.
Qed.

Lemma along_value s : value t (set rho h_name s) = value e (line_point direction_ rho s).
Proof.
  unfold value, t; rewrite eval_substitute, along_point; change (plug [] (set rho h_name s) still_env still_env)
    with still_env.
  apply fresh_eval, Fe.
Qed.

Lemma along_exists s : exists_at t (set rho h_name s) <-> exists_at e (line_point direction_ rho s).
Proof.
  unfold exists_at, t; rewrite defined_substitute; [| | discriminate].
  - rewrite along_point; change (plug [] (set rho h_name s) still_env still_env) with still_env;
    apply fresh_defined, Fe.
  - intros y u L; clear - L; induction direction_ as [| [v q] rest IH]; cbn [on_line map lookup fst snd] in L;
    [discriminate |].
    destruct (Pos.eqb y v); [injection L as <-; cbn; auto | exact (IH L)].
Qed.

Lemma line_point_here : line_point direction_ rho 0 = rho.
Proof. extensionality y; rewrite line_point_value by exact F; ring. Qed.

Lemma along_nearby (P : env -> Prop) : nearby V rho P -> exists d, 0 < d /\ forall s, Rabs s <= d ->
  P (line_point direction_ rho s).
Proof.
  intros (r & R & A); pose proof (speed_pos direction_) as S; exists (r / (speed direction_ + 1)); split;
    [apply Rdiv_lt_0_compat; lra |].
  intros s B; apply A, (close_le V (speed direction_ * Rabs s)); [apply close_line, F |].
  apply Rmult_le_compat_l with (r := speed direction_ + 1) in B; [| lra].
  replace ((speed direction_ + 1) * (r / (speed direction_ + 1))) with r in B by (field; lra);
    pose proof (Rabs_pos s); lra.
Qed.

Lemma along_nearby_exists : nearby V rho (exists_at e) -> nearby [h_name] o (exists_at t).
Proof.
  intros N; destruct (along_nearby _ N) as (d & D & A); apply nearby_one; exists d; split; [exact D |]; intros v B.
  unfold o in *; rewrite set_same, Rminus_0_r in B; rewrite set_set; apply along_exists, A, B.
Qed.

Lemma along_continuous : continuous_at V (value e) rho -> continuous_at [h_name] (value t) o.
Proof.
  intros C eps P; destruct (along_nearby _ (C eps P)) as (d & D & A); apply nearby_one; exists d; split;
    [exact D |]; intros v B.
  unfold o in *; rewrite set_same, Rminus_0_r in B; rewrite set_set, !along_value, line_point_here; exact (A v B).
Qed.

Lemma along_derivative L : derivative_at V (value e) rho L -> exists K, derivative_at [h_name] (value t) o K.
Proof.
  intros (A & D); exists (fun tau => L (rates direction_) * tau h_name); apply line_derivative.
  intros eps P; pose proof (speed_pos direction_) as S.
  assert (0 < eps / (speed direction_ + 1)) as Q by (apply Rdiv_lt_0_compat; lra).
  destruct (D _ Q) as (d & Pd & B); exists (d / (speed direction_ + 1)); split; [apply Rdiv_lt_0_compat; lra |];
    intros v W.
  unfold o, line in *; rewrite set_same, Rminus_0_r in *; rewrite !set_set, !along_value, line_point_here.
  pose proof (Rabs_pos v) as Pv.
  assert (speed direction_ * Rabs v <= d) as I.
  { apply Rlt_le in W; apply Rmult_le_compat_l with (r := speed direction_ + 1) in W; [| lra].
    replace ((speed direction_ + 1) * (d / (speed direction_ + 1))) with d in W by (field; lra); lra. }
  specialize (B (speed direction_ * Rabs v) (line_point direction_ rho v)
    (conj (Rmult_le_pos _ _ S Pv) I) (close_line direction_ rho v F)).
  replace (fun x => line_point direction_ rho v x - rho x) with (fun x => v * rates direction_ x) in B
    by (extensionality y; rewrite line_point_value by exact F; ring).
  rewrite (linear_scale V L A) in B; rewrite (Rmult_comm (L (rates direction_))).
  eapply Rle_trans; [exact B |]; rewrite <- Rmult_assoc; apply Rmult_le_compat_r; [exact Pv |].
  apply Rle_trans with (eps / (speed direction_ + 1) * (speed direction_ + 1)); [apply Rmult_le_compat_l;
    lra | right; field; lra].
Qed.
End Along.

Theorem along_valid direction_ e th r : rule_along direction_ e th = Some r -> valid th -> valid r.
Proof.
  unfold rule_along; intros H V; open H; destruct v as [[U t] why]; cbv zeta in H; open H; yields H.
  apply andb_prop in E1; destruct E1 as (E1 & Fr); apply andb_prop in E1; destruct E1 as (Fe & F); conjuncts; subst U t.
  apply valid_intro; [intros l I; apply without_in in I; exact (proj1 V l I) |]; intros rho tau A; cbn [conclusion_at].
  assert (conclusion_at (concl th) (set rho h_name 0) tau) as C.
  { apply (valid_at th _ tau V); apply (all_hold_without _ tau (Zero, h_term)).
    - unfold holds, h_term; cbn [fst snd related eval]; apply set_same.
    - intros l I; apply fresh_holds; [| exact (A l I)]; rewrite forallb_forall in Fr; exact (Fr l I). }
  unfold held_not_differentiable in E; destruct (concl th); try discriminate; injection E as -> -> ->.
  destruct C as (D & N & R & _); split; [| split; [| split; [| split; exact I]]].
  - apply (along_exists direction_ e rho F Fe 0) in D; rewrite line_point_here in D by exact F; exact D.
  - intros (X & L & Y); apply N; split; [exact (along_nearby_exists direction_ e rho F Fe X)
    | exact (along_derivative direction_ e rho F Fe L Y)].
  - destruct why; try exact I; intros X; apply R; [apply along_continuous | apply along_nearby_exists]; assumption.
Qed.
End Cited.
