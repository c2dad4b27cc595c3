(** The rule [chain] of [proofs/kernel/local.py]: the symbols of a theorem proved once may be any terms. *)

From Coq Require Import Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Calculus Chain Polynomial Theorems RulesLogic
  RulesLocal RulesNear.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

Section Cited.
Context {cited : Interpretation}.

(** ** The rule *)

Fixpoint all_local (V : list name) (parts : list (name * theorem)) : option (list (name * (term * rate))) :=
  match parts with
  | [] => Some []
  | (w, th) :: rest =>
      c <- held_local th ;;
      match c with
      | (U, t, d) => when same_names U V && negb (moves t) ;; others <- all_local V rest ;; Some ((w, (t, d)) :: others)
      end
  end.

Fixpoint rates_of (parts : list (name * (term * rate))) : option assignment :=
  match parts with
  | [] => Some []
  | (w, (_, Some d)) :: rest => others <- rates_of rest ;; Some ((w, d) :: others)
  | _ => None
  end.

Definition values_of (parts : list (name * (term * rate))) : assignment := map (fun p => (fst p, fst (snd p))) parts.

Definition rule_chain (outer : theorem) (parts : list (name * theorem)) : option theorem :=
  g <- held_local outer ;;
  match g, parts with
  | (W, e, d), (_, first) :: _ =>
      c <- held_local first ;;
      let V := fst (fst c) in
      ts <- all_local V parts ;;
      let names := map fst parts in
      when Nat.eqb (length names) (length W) && forallb (fun w => member w names) W &&
        forallb (fun w => member w W) names ;;
      when still (filter (fun y => negb (member y W)) V) e ;;
      let values := values_of ts in
      let answer := match d, rates_of ts with
                    | Some d, Some moved => Some (substitute values moved d)
                    | _, _ => None
                    end in
      plugged (Local V (substitute values [] e) answer) outer values (map snd parts)
  | _, _ => None
  end.

Lemma all_local_at V parts ts rho :
  all_local V parts = Some ts -> known (map snd parts) rho ->
  map fst ts = map fst parts /\
  (forall w t d, In (w, (t, d)) ts -> local_at V t d rho /\ moves t = false).
Proof.
  revert ts; induction parts as [| [w th] rest IH]; cbn [all_local map]; intros ts H K; [found H; split;
    [reflexivity | intros ? ? ? []] |].
  open H; destruct v as [[U t] d]; open H; yields H; apply known_cons in K; destruct K as (K & L).
  apply andb_prop in E0; destruct E0 as (S & M); apply same_names_eq in S; subst U; apply negb_true_iff in M.
  destruct (IH _ eq_refl L) as (A & B); split; [cbn [map fst]; rewrite A; reflexivity |].
  intros w' t' d' [I | I]; [injection I as <- <- <- | exact (B w' t' d' I)]; split; [| exact M].
  apply held_local_concl in E; specialize (K still_env); cbn [snd] in K; rewrite E in K; exact K.
Qed.

Lemma lookup_values ts y : 
  match lookup y (values_of ts) with
  | Some t => exists d, In (y, (t, d)) ts
  | None => ~ In y (map fst ts)
  end.
Proof.
  induction ts as [| [w [t d]] ts IH]; cbn [values_of map lookup fst snd]; [intros [] |].
  destruct (Pos.eqb_spec y w) as [<- | N]; [exists d; left; reflexivity |].
  change (map (fun p => (fst p, fst (snd p))) ts) with (values_of ts); destruct (lookup y (values_of ts)).
  - destruct IH as (d' & I); exists d'; right; exact I.
  - intros [E | I]; [congruence | exact (IH I)].
Qed.

Lemma lookup_rates ts moved y t :
  rates_of ts = Some moved -> lookup y (values_of ts) = Some t ->
  exists d, lookup y moved = Some d /\ In (y, (t, Some d)) ts.
Proof.
  revert moved; induction ts as [| [w [u [d |]]] ts IH]; cbn [rates_of values_of map lookup fst snd];
    intros moved H E; try discriminate.
  open H; found H; cbn [lookup]; destruct (Pos.eqb_spec y w) as [<- | N].
  - injection E as <-; exists d; split; [reflexivity | left; reflexivity].
  - destruct (IH _ eq_refl E) as (d' & A & B); exists d'; split; [exact A | right; exact B].
Qed.

Theorem chain_valid outer parts r :
  rule_chain outer parts = Some r -> valid outer -> all_valid (map snd parts) -> valid r.
Proof.
  unfold rule_chain; intros H Vo Vi; open H; destruct v as [[W e] d]; destruct parts as [| [w0 first] rest];
    [discriminate |].
  set (parts := (w0, first) :: rest) in *; open H; cbv zeta in H; open H; clear E0.
  set (V := fst (fst v)) in *; rename v0 into ts.
  apply andb_prop in E2; destruct E2 as (E2 & Sub); apply andb_prop in E2; destruct E2 as (_ & Cover).
  rewrite forallb_forall in Cover, Sub; apply held_local_concl in E.
  apply (plugged_valid _ _ _ _ _ H Vo Vi); intros rho tau K C.
  destruct (all_local_at V parts ts rho E1 K) as (Names & Parts).
  set (values := values_of ts) in *.
  set (u := fun y rho' => match lookup y values with Some t => value t rho' | None => rho' y end).
  assert (forall y, In y W -> exists t d, lookup y values = Some t /\ In (y, (t, d)) ts) as Look.
  { intros y I; pose proof (lookup_values ts y) as Q; fold values in Q; destruct (lookup y values) as [t |].
    - destruct Q as (d' & Q); exists t, d'; auto.
    - exfalso; apply Q; rewrite Names; apply member_in, Cover, I. }
  assert (forall y t, lookup y values = Some t -> In y W) as Back.
  { intros y t L; pose proof (lookup_values ts y) as Q; fold values in Q; rewrite L in Q; destruct Q as (d' & Q).
    apply member_in, Sub; rewrite <- Names; apply (in_map fst) in Q; exact Q. }
  assert (forall y t, lookup y values = Some t -> moves t = false) as Still.
  { intros y t L; pose proof (lookup_values ts y) as Q; fold values in Q; rewrite L in Q; destruct Q as (d' & Q).
    exact (proj2 (Parts y t d' Q)). }
  (* the point of the outer theorem *)
  assert (plug values rho tau rho = inside W rho u rho) as Point.
  { extensionality y; unfold plug, inside, u; destruct (member y W) eqn:M.
    - apply member_in in M; destruct (Look y M) as (t & d' & L & _); rewrite L; apply eval_moves, (Still y t L).
    - destruct (lookup y values) as [t |] eqn:L; [apply Back, member_in in L; congruence | reflexivity]. }
  specialize (C tau); rewrite E, Point in C; cbn [conclusion_at] in C; destruct C as (C1 & C2 & C3).
  assert (forall w, In w W -> continuous_at V (u w) rho) as Cont.
  { intros w I; destruct (Look w I) as (t & d' & L & J); unfold u; rewrite L;
    exact (proj1 (proj2 (proj1 (Parts w t d' J)))). }
  set (rest_names := filter (fun y => negb (member y W)) V) in *.
  (* the composition sees [V] through [W] alone *)
  assert (forall s rho', close V s rho rho' -> close rest_names s (inside W rho u rho')
    (plug values rho' still_env rho')) as Same.
  { intros s rho' Q y; unfold inside, plug, u; specialize (Q y).
    destruct (member y rest_names) eqn:M.
    - apply member_in, filter_In in M; destruct M as (M & X); apply negb_true_iff in X; rewrite X.
      apply member_in in M; rewrite M in Q; destruct (lookup y values) as [t |] eqn:L; [apply Back, member_in in L;
        congruence | exact Q].
    - destruct (member y W) eqn:X.
      + apply member_in in X; destruct (Look y X) as (t & d' & L & _); rewrite L; reflexivity.
      + destruct (lookup y values) as [t |] eqn:L; [apply Back, member_in in L; congruence |].
        destruct (member y V) eqn:Y; [| exact Q].
        assert (In y rest_names) as I by (apply filter_In; split; [apply member_in, Y | rewrite X; reflexivity]).
        apply member_in in I; congruence. }
  assert (forall s rho', close V s rho rho' -> value (substitute values [] e) rho' = value e (inside W rho u rho'))
    as Whole.
  { intros s rho' Q; unfold value; rewrite eval_substitute; change (plug [] rho' still_env still_env) with still_env.
    exact (still_eval rest_names s _ _ still_env e E3 (Same s rho' Q)). }
  assert (nearby V rho (fun rho' => value (substitute values [] e) rho' = value e (inside W rho u rho'))) as Ext
    by (apply nearby_all; exact Whole).
  cbn [conclusion_at]; split; [| split].
  - assert (nearby V rho (fun rho' => forall w, In w W -> forall t, lookup w values = Some t -> exists_at t rho'))
    as Ex.
    { apply nearby_each; intros w I; destruct (Look w I) as (t & d' & L & J).
      refine (nearby_impl V rho _ _ _ (proj1 (proj1 (Parts w t d' J)))); intros rho' Q t' L'; congruence. }
    pose proof (inside_nearby V W rho u (exists_at e) Cont C1) as In_.
    destruct (nearby_and V rho _ _ Ex In_) as (s & S & Q); exists s; split; [exact S |]; intros rho' X;
      destruct (Q rho' X) as (Q1 & Q2).
    unfold exists_at; apply defined_substitute; [| discriminate |].
    + intros y t L; exact (Q1 y (Back y t L) t L).
    + change (plug [] rho' still_env still_env) with still_env.
      exact (still_defined rest_names s _ _ still_env e E3 (Same s rho' X) Q2).
  - exact (continuous_local V _ _ rho Ext (chain_continuous V W rho u (value e) Cont C2)).
  - destruct d as [d |]; [| exact I]; destruct (rates_of ts) as [moved |] eqn:Rt; [| exact I].
    set (L := fun w tau' => match lookup w moved with Some dw => eval rho tau' dw | None => tau' w end).
    assert (forall w, In w W -> derivative_at V (u w) rho (L w)) as Diff.
    { intros w I; destruct (Look w I) as (t & d' & Lw & _); destruct (lookup_rates ts moved w t Rt Lw) as (dw & Ld & J).
      unfold u, L; rewrite Lw, Ld; exact (proj2 (proj2 (proj1 (Parts w t (Some dw) J)))). }
    pose proof (chain_derivative V W rho u (value e) L _ Diff C3) as D.
    refine (derivative_ext V _ _ _ _ _ (derivative_local V _ _ rho _ Ext D)); intros tau'; cbv beta.
    rewrite eval_substitute.
    assert (plug values rho tau' rho = inside W rho u rho) as ->.
    { rewrite <- Point; extensionality y; unfold plug; destruct (lookup y values) as [t |] eqn:Q; [| reflexivity].
      exact (eval_moves rho tau' tau t (Still y t Q)). }
    reflexivity.
Qed.
End Cited.
