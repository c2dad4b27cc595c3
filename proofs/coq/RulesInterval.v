(** What holds on a whole interval of one symbol: as in [proofs/kernel/intervals.py]. *)

From Coq Require Import Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisDerivatives AnalysisRoot.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Calculus Lines Polynomial Theorems.
From Hasderiv Require Import RulesLogic RulesLocal RulesNear RulesMap.
Import ListNotations.
Open Scope bool_scope.

Section Cited.
Context {cited : Interpretation}.

(** [x - a] and [b - x]. *)
Definition rooms (x : name) (low high : term) : list term := [sub (Var x) low; sub high (Var x)].
Definition weakly (ts : list term) : list literal := map (fun t => (NonNegative, t)) ts.
Definition strictly_inside (ts : list term) : list literal := map (fun t => (Positive, t)) ts.

(** ** root *)

Definition one_value_each (values : assignment) : bool :=
  forallb (fun vt => match lookup (fst vt) values with Some u => same u (snd vt) | None => false end) values.

Definition rule_root (p : piece) (x : name) (low high : term) (values : assignment) (continuous : theorem)
    (ends facts : theorems) : option theorem :=
  c <- held_local continuous ;;
  match c with
  | (V, e, _) =>
      let within := map (fun vt => equation (Var (fst vt)) (snd vt)) values ++ weakly (rooms x low high) in
      let inside := strictly_inside (rooms x low high) in
      when same_names V [x] && match lookup x values with None => true | _ => false end ;;
      when closed low && closed high && all_closed values && one_value_each values ;;
      when subset (hyps continuous) within ;;
      when shown [(Positive, sub high low); (Positive, neg (substitute ((x, low) :: values) [] e));
                  (Positive, substitute ((x, high) :: values) [] e)] ends [] ;;
      when shown p facts (within ++ (Zero, e) :: inside) ;;
      Some {| hyps := []; concl := Somewhere p |}
  end.

Open Scope R_scope.

Theorem root_valid p x low high values continuous ends facts r :
  rule_root p x low high values continuous ends facts = Some r ->
  valid continuous -> all_valid ends -> all_valid facts -> valid r.
Proof.
  unfold rule_root; intros H C N F; open H; destruct v as [[U e] d]; cbv zeta in H; open H; found H.
  apply valid_everywhere; intros rho0 tau0; cbn [conclusion_at]; clear rho0 tau0; exists entry_value;
    rewrite elsewhere_here.
  apply held_local_concl in E; conjuncts; subst U; destruct (lookup x values) eqn:L; [discriminate |].
  set (o := still_env).
  assert (forall t, closed t = true -> forall rho tau, eval rho tau t = eval o o t) as K.
  { intros t T rho tau; exact (closed_eval rho tau o o t T). }
  set (base := plug values o o o); set (at_x := fun s => set base x s).
  set (a := eval o o low); set (b := eval o o high); set (f := fun s => value e (at_x s)).
  (* the point at which the ends are evaluated *)
  assert (forall s t, closed t = true -> s = eval o o t ->
    forall tau, plug ((x, t) :: values) o tau o = at_x s) as Ends.
  { intros s t T S tau; extensionality y; unfold plug, at_x, set, base; cbn [lookup].
    destruct (Pos.eqb y x); [rewrite (K t T); auto |]; unfold plug; destruct (lookup y values) eqn:Y; [| reflexivity].
    apply closed_eval; unfold all_closed in *.
    match goal with B : forallb _ values = true |- _ => rename B into A end; rewrite forallb_forall in A; clear - A Y.
    induction values as [| [z u] rest IH]; cbn [lookup] in Y; [discriminate |]; destruct (Pos.eqb y z).
    - injection Y as ->; exact (A (z, t0) (or_introl eq_refl)).
    - exact (IH (fun q I => A q (or_intror I)) Y). }
  assert (all_hold o o [(Positive, sub high low); (Positive, neg (substitute ((x, low) :: values) [] e));
                  (Positive, substitute ((x, high) :: values) [] e)]) as G.
  { apply (shown_at _ _ [] o o E3 N); intros ? []. }
  assert (a < b) as AB.
  { pose proof (G _ (or_introl eq_refl)) as P; unfold holds in P; cbn [fst snd related] in P; rewrite eval_sub in P.
    unfold a, b; lra. }
  assert (f a < 0) as FA.
  { pose proof (G _ (or_intror (or_introl eq_refl))) as P; unfold holds in P; cbn [fst snd related] in P.
    rewrite eval_neg, eval_substitute, (Ends a low) in P by (auto; assumption).
    unfold f, value; change (plug [] o o o) with o in P; unfold o in P; lra. }
  assert (0 < f b) as FB.
  { pose proof (G _ (or_intror (or_intror (or_introl eq_refl)))) as P; unfold holds in P; cbn [fst snd related] in P.
    rewrite eval_substitute, (Ends b high) in P by (auto; assumption).
    unfold f, value; change (plug [] o o o) with o in P; unfold o in P; lra. }
  assert (forall s tau, a <= s <= b -> all_hold (at_x s) tau
    (map (fun vt => equation (Var (fst vt)) (snd vt)) values ++ weakly (rooms x low high))) as Within.
  { intros s tau S; apply all_hold_app; intros l I; apply in_map_iff in I; destruct I as (i & <- & I).
    - destruct i as [v t]; cbn [fst snd]; apply holds_equation; cbn [eval]; unfold one_value_each, all_closed in *.
      repeat match goal with B : forallb _ values = true |- _ =>
        rewrite forallb_forall in B; specialize (B (v, t) I); cbn [fst snd] in B end.
      destruct (lookup v values) as [u |] eqn:Y; [| discriminate]; conjuncts; subst u.
      unfold at_x; rewrite set_other by congruence; unfold base, plug; rewrite Y; apply eq_sym, K; assumption.
    - unfold holds; cbn [fst snd related]; destruct I as [<- | [<- | []]]; rewrite eval_sub; cbn [eval];
        unfold at_x; rewrite set_same, ?(K low), ?(K high) by assumption; fold a b; lra. }
  assert (forall s, a <= s <= b -> local_at [x] e d (at_x s)) as Loc.
  { intros s S; pose proof (valid_at continuous (at_x s) o C) as P; rewrite E in P; apply (P); [| exact o].
    apply (all_hold_subset _ _ _ _ E2), Within, S. }
  assert (forall s, a <= s <= b -> near_value f s) as Cont.
  { intros s S eps Q; destruct (Loc s S) as (_ & P & _); destruct (P eps Q) as (r & R & B); exists r; split;
    [exact R |].
    intros v W; apply (B (at_x v)); intros y; unfold at_x; cbn [member existsb]; rewrite orb_false_r.
    destruct (Pos.eqb_spec y x) as [-> | Y]; [rewrite !set_same; lra | rewrite !set_other by assumption; reflexivity]. }
  destruct (root_between f a b AB Cont FA FB) as (s & S & Z).
  exists (at_x s), o; apply (shown_at _ _ _ _ _ E4 F); apply all_hold_app; [apply Within; lra |].
  intros l [<- | I]; [exact Z |]; apply in_map_iff in I; destruct I as (t & <- & I).
  unfold holds; cbn [fst snd related]; destruct I as [<- | [<- | []]]; rewrite eval_sub; cbn [eval];
    unfold at_x; rewrite set_same, ?(K low), ?(K high) by assumption; fold a b; lra.
Qed.

(** ** increases *)

Definition rule_increases (x : name) (low high : term) (moving rising : theorem) : option theorem :=
  c <- held_local moving ;;
  l <- held rising ;;
  match c with
  | (V, e, Some d) =>
      let weak := weakly (rooms x low high) in
      let rest := union (minus (hyps moving) weak) (minus (hyps rising) (weak ++ strictly_inside (rooms x low high))) in
      when same_names V [x] && negb (moves e) ;;
      when same (snd l) (slope_term d x) && match fst l with Positive | NonNegative => true | _ => false end ;;
      when still [x] low && still [x] high && forallb (fun k => still [x] (snd k)) rest ;;
      conclude_under (union rest [(Positive, sub high low)])
        (Holds (fst l, sub (substitute [(x, high)] [] e) (substitute [(x, low)] [] e)))
  | _ => None
  end.

Lemma still_set x v t rho tau : still [x] t = true -> eval (set rho x v) tau t = eval rho tau t.
Proof. intros S; exact (still_eval [x] (Rabs (v - rho x)) rho _ tau t S (close_set x _ rho v (Rle_refl _))). Qed.

Theorem increases_valid x low high moving rising r :
  rule_increases x low high moving rising = Some r -> valid moving -> valid rising -> valid r.
Proof.
  unfold rule_increases; intros H M R; open H; destruct v as [[V e] [d |]]; [| discriminate]; cbv zeta in H; open H.
  apply andb_prop in E1; destruct E1 as (E1 & Me); apply same_names_eq in E1; subst V; apply negb_true_iff in Me.
  apply andb_prop in E2; destruct E2 as (E2 & Rel); apply same_eq in E2.
  apply andb_prop in E3; destruct E3 as (E3 & Fixed); apply andb_prop in E3; destruct E3 as (Sl & Sh).
  rewrite forallb_forall in Fixed; apply held_local_concl in E; destruct v0 as [rel slope]; cbn [fst snd] in *;
    subst slope.
  apply (valid_under _ _ _ H); intros rho tau A; apply all_hold_union in A; destruct A as (A & B).
  set (a := eval rho tau low); set (b := eval rho tau high).
  assert (a < b) as AB.
  { pose proof (B _ (or_introl eq_refl)) as P; unfold holds in P; cbn [fst snd related] in P;
    rewrite eval_sub in P; unfold a, b; lra. }
  assert (forall s, all_hold (set rho x s) tau (union (minus (hyps moving) (weakly (rooms x low high)))
    (minus (hyps rising) (weakly (rooms x low high) ++ strictly_inside (rooms x low high))))) as Rest.
  { intros s l I; unfold holds; rewrite (still_set x s _ rho tau (Fixed l I)); exact (A l I). }
  assert (forall s, a <= s <= b -> all_hold (set rho x s) tau (weakly (rooms x low high))) as Weak.
  { intros s S l [<- | [<- | []]]; unfold holds; cbn [fst snd related];
    rewrite eval_sub, ?(still_set x s low), ?(still_set x s high) by assumption;
      cbn [eval]; rewrite set_same; fold a b; lra. }
  set (f := fun s => value e (set rho x s)).
  assert (forall s, a <= s <= b -> derivable_pt_lim f s (eval (set rho x s) tau (slope_term d x))) as Der.
  { intros s S.
    assert (all_hold (set rho x s) tau (hyps moving)) as Q.
    { apply (all_hold_minus _ _ _ (weakly (rooms x low high)) (Weak s S)); intros l I; apply (Rest s), union_in;
      left; exact I. }
    pose proof (valid_at moving _ tau M Q tau) as C; rewrite E in C; destruct C as (_ & _ & C).
    rewrite (slope_term_value x d _ tau (proj1 C)); apply derivative_line in C; rewrite set_same in C.
    apply is_derive_Reals, near_line_iff; intros eps P; destruct (C eps P) as (q & Q0 & D); exists q; split;
      [exact Q0 |].
    intros v W; specialize (D v W); unfold line in D; rewrite !set_set in D; exact D. }
  assert (forall s, a < s < b -> related rel (eval (set rho x s) tau (slope_term d x))) as Sign.
  { intros s S.
    assert (all_hold (set rho x s) tau (hyps rising)) as Q.
    { apply (all_hold_minus _ _ _ (weakly (rooms x low high) ++ strictly_inside (rooms x low high))).
      - apply all_hold_app; [apply Weak; lra |]; intros l [<- | [<- | []]]; unfold holds; cbn [fst snd related];
          rewrite eval_sub, ?(still_set x s low), ?(still_set x s high) by assumption; cbn [eval];
            rewrite set_same; fold a b; lra.
      - intros l I; apply (Rest s), union_in; right; exact I. }
    exact (held_at rising _ _ tau E0 (valid_at rising _ tau R Q tau)). }
  destruct (MVT_cor2 f (fun s => eval (set rho x s) tau (slope_term d x)) a b AB Der) as (c & Mean & C).
  specialize (Sign c C); cbn [conclusion_at]; unfold holds; cbn [fst snd];
    rewrite eval_sub, !eval_substitute, !plug_one.
  change (plug [] rho tau tau) with tau; fold a b.
  rewrite !(eval_moves _ tau still_env e Me); fold (value e (set rho x b)) (value e (set rho x a)); fold (f b) (f a).
  rewrite Mean; destruct rel; try discriminate; cbn [related] in *.
  - apply Rmult_gt_0_compat; lra.
  - apply Rle_ge, Rmult_le_pos; lra.
Qed.
End Cited.
