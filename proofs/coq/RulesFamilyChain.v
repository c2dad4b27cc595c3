(** The rule [chain] with a theorem about symbols outside and terms in the entries of families inside. *)

From Coq Require Import Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Hasderiv Require Import Term Semantics Eval Calculus Polynomial Theorems RulesLogic RulesLocal RulesChain
  FamilyRates RulesFamilies.
From Hasderiv Require Families FamilyChain.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

(** ** The rule *)

Fixpoint all_family (V : list name) (parts : list (name * theorem)) : option (list (name * (term * rate))) :=
  match parts with
  | [] => Some []
  | (w, th) :: rest =>
      c <- held_family th ;;
      match c with
      | (U, t, d) => when same_names U V && negb (moves t) ;; others <- all_family V rest ;;
        Some ((w, (t, d)) :: others)
      end
  end.

(** Whether the tangent of an entry occurs in a term. *)
Fixpoint entries_move (t : term) : bool :=
  match t with
  | Rat _ | Pi | Var _ | Tangent _ | Idx _ => false
  | Add a b | Mul a b | App _ a b => entries_move a || entries_move b
  | Pow a _ | Un _ a => entries_move a
  | Cond _ t a b => entries_move t || entries_move a || entries_move b
  | Entry moving _ l => moving || existsb entries_move l
  | Over _ n a => entries_move n || entries_move a
  end.

Definition rule_family_chain (outer : theorem) (parts : list (name * theorem)) : option theorem :=
  g <- held_local outer ;;
  match g, parts with
  | (W, e, d), (_, first) :: _ =>
      c <- held_family first ;;
      let V := fst (fst c) in
      ts <- all_family V parts ;;
      let names := map fst parts in
      when Nat.eqb (length names) (length W) && forallb (fun w => member w names) W &&
        forallb (fun w => member w W) names ;;
      when still V e && match d with Some d => negb (entries_move d) | None => true end ;;
      let values := values_of ts in
      let answer := match d, rates_of ts with
                    | Some d, Some moved => Some (substitute values moved d)
                    | _, _ => None
                    end in
      plugged (FamilyLocal V (substitute values [] e) answer) outer values (map snd parts)
  | _, _ => None
  end.

(** ** Soundness *)

Section Entries.
Variables (special_value : special -> R -> R -> R) (m m' : bool -> name -> list R -> R).
Hypothesis same_values : forall x l, m false x l = m' false x l.
Let at_m s : Interpretation := {| app_value := special_value; entry_value := m; indices := s |}.
Let at_m' s : Interpretation := {| app_value := special_value; entry_value := m'; indices := s |}.

Lemma entries_move_eval rho tau t : forall s, entries_move t = false ->
  @eval (at_m s) rho tau t = @eval (at_m' s) rho tau t.
Proof.
  induction t; intros s; cbn [entries_move eval]; intros O; repeat (apply orb_false_iff in O; destruct O as [O ?]);
    rewrite ?IHt, ?IHt1, ?IHt2, ?IHt3 by assumption; auto.
  - subst moving; unfold at_m, at_m'; cbn [entry_value]; rewrite same_values; f_equal.
    refine (values_ext _ _ entries_move l _ H); refine (Forall_impl _ _ each); auto.
  - apply over_ext; [reflexivity |]; intros k; apply (IHt2 (INR k :: s)); assumption.
Qed.
End Entries.

Section Cited.
Context {cited : Interpretation}.

Lemma all_family_at V parts ts rho :
  all_family V parts = Some ts -> known (map snd parts) rho ->
  map fst ts = map fst parts /\
  (forall w t d, In (w, (t, d)) ts -> family_local_at V t d rho /\ moves t = false).
Proof.
  revert ts; induction parts as [| [w th] rest IH]; cbn [all_family map]; intros ts H K;
    [found H; split; [reflexivity | intros ? ? ? []] |].
  open H; destruct v as [[U t] d]; open H; injection H as <-; apply known_cons in K; destruct K as (K & L).
  apply andb_prop in E0; destruct E0 as (S & M); apply same_names_eq in S; subst U; apply negb_true_iff in M.
  destruct (IH _ eq_refl L) as (A & B); split; [cbn [map fst]; rewrite A; reflexivity |].
  intros w' t' d' [I | I]; [injection I as <- <- <- | exact (B w' t' d' I)]; split; [| exact M].
  apply held_family_concl in E; specialize (K still_env); cbn [snd] in K; rewrite E in K; exact K.
Qed.

Section Inside.
Variables (V W : list name) (rho : env) (u : name -> Families.point -> R).
Let varies x := member x V.

(** The point of the outer term. *)
Definition within_entries (p : Families.point) : env := fun y => if member y W then u y p else rho y.

Lemma family_each (P : name -> Families.point -> Prop) (names : list name) p0 :
  (forall w, In w names -> Families.nearby varies p0 (P w)) ->
  Families.nearby varies p0 (fun p => forall w, In w names -> P w p).
Proof.
  induction names as [| w names IH]; intros A; [apply Families.nearby_always; intros F r p _ w [] |].
  refine (Families.nearby_impl _ _ _ _ _ (Families.nearby_and _ _ _ _ (A w (or_introl eq_refl))
    (IH (fun v I => A v (or_intror I))))); intros p (B & C) v [<- | I]; auto.
Qed.

Lemma within_nearby (P : env -> Prop) :
  (forall w, In w W -> Families.continuous_at varies (u w) here) -> nearby W (within_entries here) P ->
  Families.nearby varies here (fun p => P (within_entries p)).
Proof.
  intros C (r & R & A).
  refine (Families.nearby_impl _ _ _ _ _ (family_each (fun w p => Rabs (u w p - u w here) <= r) W here
    (fun w I => C w I r R))).
  intros p B; apply A; intros y; unfold within_entries; destruct (member y W) eqn:M; [| reflexivity].
  apply B, member_in, M.
Qed.

Lemma within_derivative f K l :
  derivative_at W f (within_entries here) K ->
  (forall w, In w W -> Families.derivative_at varies (u w) here (l w)) ->
  Families.derivative_at varies (fun p => f (within_entries p)) here (fun q => K (fun w => l w q)).
Proof.
  intros (Lin & D) U; set (outer := fun p : Families.point => f (fun y => if member y W then p (y, []) else rho y)).
  assert (Families.derivative_at (fun x => member x W) outer
    (FamilyChain.plug (fun x => member x W) (fun e p => u (fst e) p) here) (fun t => K (fun y => t (y, [])))) as O.
  { exists (map (fun y => (y, [])) W); split.
    - split; [intros; apply (linear_plus W K Lin) | intros; apply (linear_scale W K Lin) |].
      destruct (linear_bound W K Lin) as (M & M0 & B); exists M; split; [exact M0 |]; intros r t R A; apply B;
        [| exact R].
      intros x I; apply A; [apply member_in; exact I | exact (in_map (fun y => (y, [])) W x I)].
    - intros eps P; destruct (D eps P) as (d & D0 & B); exists d; split; [exact D0 |]; intros r p R C.
      assert ((fun y => if member y W then FamilyChain.plug (fun x => member x W) (fun e p => u (fst e) p) here (y, [])
        else rho y) = within_entries here) as E.
      { extensionality y; unfold within_entries, FamilyChain.plug; cbn [fst]; destruct (member y W); reflexivity. }
      unfold outer; rewrite E.
      specialize (B r (fun y => if member y W then p (y, []) else rho y) R).
      assert (close W r (within_entries here) (fun y => if member y W then p (y, []) else rho y)) as X.
      { intros y; specialize (C (y, [])); cbn [fst] in C; unfold within_entries, FamilyChain.plug in *; cbn [fst] in C.
        destruct (member y W) eqn:M; [| reflexivity].
        apply C; apply (in_map (fun y => (y, []))), member_in, M. }
      specialize (B X); erewrite (linear_same W K); [exact B | exact Lin |]; intros y I; apply member_in in I.
      unfold within_entries, FamilyChain.plug; cbn [fst]; rewrite I; reflexivity. }
  pose proof (FamilyChain.derivative_compose varies (fun x => member x W) outer here
    (fun t => K (fun y => t (y, []))) (fun e p => u (fst e) p) (fun e => l (fst e))) as T.
  assert (forall p, f (within_entries p) =
    outer (FamilyChain.plug (fun x => member x W) (fun e p => u (fst e) p) p)) as E.
  { intros p; unfold outer; f_equal; extensionality y; unfold within_entries, FamilyChain.plug; cbn [fst].
    destruct (member y W); reflexivity. }
  apply (Families.derivative_local _ _ _ _ _ (Families.nearby_always _ _ _ (fun F s p _ => E p))).
  refine (Families.derivative_ext _ _ _ _ _ _ (T _ O _)).
  - intros q; apply (linear_same W K _ _ Lin); intros y I; cbn [fst]; apply member_in in I; rewrite I; reflexivity.
  - intros s s' H; unfold outer; f_equal; extensionality y; destruct (member y W) eqn:M; [| reflexivity].
    apply H; left; exact M.
  - intros e M; apply U, member_in, M.
Qed.
End Inside.

Theorem family_chain_valid outer parts r :
  rule_family_chain outer parts = Some r -> valid outer -> all_valid (map snd parts) -> valid r.
Proof.
  unfold rule_family_chain; intros H Vo Vi; open H; destruct v as [[W e] d]; destruct parts as [| [w0 first] rest];
    [discriminate |].
  set (parts := (w0, first) :: rest) in *; open H; cbv zeta in H; open H; clear E0.
  set (V := fst (fst v)) in *; rename v0 into ts.
  apply andb_prop in E2; destruct E2 as (E2 & Sub); apply andb_prop in E2; destruct E2 as (_ & Cover).
  apply andb_prop in E3; destruct E3 as (Se & Sd).
  rewrite forallb_forall in Cover, Sub; apply held_local_concl in E.
  apply (plugged_valid _ _ _ _ _ H Vo Vi); intros rho tau K C.
  destruct (all_family_at V parts ts rho E1 K) as (Names & Parts).
  set (values := values_of ts) in *.
  set (u := fun y p => match lookup y values with Some t => entry_function t rho p | None => 0 end).
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
  (* the point of the outer theorem, where the entries have the values [p] *)
  assert (forall p, @plug (at_entries p) values rho still_env rho = within_entries W rho u p) as Points.
  { intros p; extensionality y; unfold plug, within_entries, u; destruct (member y W) eqn:M.
    - apply member_in in M; destruct (Look y M) as (t & d' & L & _); rewrite L; reflexivity.
    - destruct (lookup y values) as [t |] eqn:L; [apply Back, member_in in L; congruence | reflexivity]. }
  assert (forall tau', plug values rho tau' rho = within_entries W rho u here) as Point.
  { intros tau'; rewrite <- Points, at_here; extensionality y; unfold plug.
    destruct (lookup y values) as [t |] eqn:L; [exact (eval_moves rho tau' still_env t (Still y t L)) | reflexivity]. }
  specialize (C tau); rewrite E, Point in C; cbn [conclusion_at] in C; destruct C as (C1 & C2 & C3).
  assert (forall w, In w W -> Families.continuous_at (fun x => member x V) (u w) here) as Cont.
  { intros w I; destruct (Look w I) as (t & d' & L & J); unfold u; rewrite L;
    exact (proj1 (proj2 (proj1 (Parts w t d' J)))). }
  assert (forall F s p, Families.close (fun x => member x V) F s here p ->
    entry_function (substitute values [] e) rho p = value e (within_entries W rho u p)) as Whole.
  { intros F s p Q; unfold entry_function; rewrite (@eval_substitute (at_entries p)), Points.
    exact (still_function V e (within_entries W rho u p) F s p Se Q). }
  cbn [conclusion_at]; split; [| split].
  - assert (Families.nearby (fun x => member x V) here (fun p => forall w, In w W ->
      forall t, lookup w values = Some t ->
      entries_exist t rho p)) as Ex.
    { apply (family_each V); intros w I; destruct (Look w I) as (t & d' & L & J).
      refine (Families.nearby_impl _ _ _ _ _ (proj1 (proj1 (Parts w t d' J)))); intros p Q t' L'; congruence. }
    destruct (Families.nearby_and _ _ _ _ Ex (within_nearby V W rho u (exists_at e) Cont C1)) as (F & s & S & Q).
    exists F, s; split; [exact S |]; intros p X; destruct (Q p X) as (Q1 & Q2).
    unfold entries_exist; apply (@defined_substitute (at_entries p)); [| discriminate |].
    + intros y t L; exact (Q1 y (Back y t L) t L).
    + rewrite Points; exact (still_exist V e (within_entries W rho u p) F s p Se X Q2).
  - refine (Families.continuous_local _ _ _ _ (Families.nearby_always _ _ _ Whole) _).
    intros eps P; exact (within_nearby V W rho u (fun q => Rabs (value e q - value e (within_entries W rho u here)) <=
      eps)
      Cont (C2 eps P)).
  - destruct d as [d |]; [| exact I]; destruct (rates_of ts) as [moved |] eqn:Rt; [| exact I].
    apply (Families.derivative_local _ _ _ _ _ (Families.nearby_always _ _ _ Whole)).
    set (l := fun w q => match lookup w moved with Some dw => @eval (at_tangents q) rho still_env dw | None => 0 end).
    refine (Families.derivative_ext _ _ _ _ _ _ (within_derivative V W rho u (value e) _ l C3 _)).
    + intros q; cbv beta; rewrite (@eval_substitute (at_tangents q)).
      assert (@plug (at_tangents q) values rho still_env rho = within_entries W rho u here) as ->.
      { rewrite <- (Point still_env); extensionality y; unfold plug; destruct (lookup y values) as [t |] eqn:L;
          [| reflexivity].
        exact (tangents_eval q rho still_env t (Still y t L)). }
      apply negb_true_iff in Sd; destruct cited as [special_value m s].
      exact (entries_move_eval special_value m _ (fun x i => eq_refl) _ _ d s Sd).
    + intros w I; destruct (Look w I) as (t & d' & Lw & _); destruct (lookup_rates ts moved w t Rt Lw) as (dw & Ld & J).
      unfold u, l; rewrite Lw, Ld; exact (proj2 (proj2 (proj1 (Parts w t (Some dw) J)))).
Qed.
End Cited.
