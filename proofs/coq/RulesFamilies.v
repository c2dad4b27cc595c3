(** The rules [local], [rewrite], [has_deriv], [replace] and [generalize] for derivatives in the entries of families. *)

From Coq Require Import ZArith QArith Reals List Bool PArith Lra Lia.
From Hasderiv Require Import AnalysisFunctions Sums Term Semantics Eval Polynomial Theorems RulesLogic Rates RulesLocal
  RulesNear RulesFreeze RulesSums FamilyRates.
From Hasderiv Require Families.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

(** ** The rules *)

Definition rule_family_local (V : list name) (t : term) (sides : theorems) : option theorem :=
  when negb (moves t) ;;
  x <- family_rate V (rev sides) t ;;
  Some (conclude (FamilyLocal V t (fst x)) (snd x)).

Definition held_family (th : theorem) : option (list name * term * rate) :=
  match concl th with FamilyLocal V t d => Some (V, t, d) | _ => None end.

Definition rule_family_rewrite (th equation : theorem) : option theorem :=
  c <- held_family th ;;
  l <- held equation ;;
  ab <- difference l ;;
  match c with
  | (V, t, Some d) =>
      when same d (fst ab) && is_linear V (snd ab) ;;
      Some (conclude (FamilyLocal V t (Some (snd ab))) [th; equation])
  | _ => None
  end.

Definition rule_family_has_deriv (th is_defined : theorem) : option theorem :=
  c <- held_family th ;;
  d <- held_defined is_defined ;;
  match c with
  | (V, t, Some e) => when same d e && is_linear V d ;; Some (conclude (FamilyHasDeriv V t d) [th; is_defined])
  | _ => None
  end.

(** The derivative of a sum; of a maximum none is known. *)
Definition carried_rate (op : binder) (k : name) (n : term) (d : rate) : rate :=
  match op, d with
  | Sum, Some d => Some (if same d zero then zero else bound Sum k n d)
  | _, _ => None
  end.

Definition rule_family_generalize (op : binder) (k : name) (n : term) (th : theorem) (sides : theorems)
  : option theorem :=
  when apart_from k n th ;;
  c <- held_family th ;;
  match c with
  | (V, t, d) =>
      when still V n && negb (member k V) && negb (moves n) ;;
      used <- define (rev sides) n ;;
      conclude_under (union (if_some (is_max op) n) (union (rest_of k n th) (hyps_of used)))
        (FamilyLocal V (bound op k n t) (carried_rate op k n d))
  end.

(** The premises that show that hypotheses hold near the point: strictly, of continuous terms. *)
Fixpoint family_lasts (V : list name) (ps : theorems) (ls : list literal) : option theorems :=
  match ls with
  | [] => Some []
  | (r, t) :: rest =>
      if still V t then family_lasts V ps rest
      else
        when negb (same_relation r Zero) ;;
        th <- find_holds ps (strictly r) t ;;
        c <- find_family ps V t ;;
        v <- family_lasts V ps rest ;; Some (th :: fst c :: v)
  end.

Definition rule_family_replace (inner equal is_defined : theorem) (support : theorems) : option theorem :=
  c <- held_family inner ;;
  match c with
  | (V, e', d) =>
      e <- same_terms e' equal is_defined ;;
      when negb (moves e) && negb (moves e') ;;
      let hs := hyps_of [equal; is_defined] in
      used <- family_lasts V (rev support) hs ;;
      Some {| hyps := union (hyps_of (inner :: used)) (filter (fun l => still V (snd l)) hs);
        concl := FamilyLocal V e d |}
  end.

(** ** Soundness *)

Section Cited.
Context {cited : Interpretation}.

Theorem family_local_valid V t sides r :
  rule_family_local V t sides = Some r -> all_valid sides -> valid r.
Proof.
  unfold rule_family_local; intros H W; open H; found H; destruct v as [d used]; cbn [fst snd].
  apply negb_true_iff in E; destruct (family_rate_sound V (rev sides) t d used E E0) as (I & A).
  apply valid_conclude; [exact (all_valid_incl _ _ I (all_valid_rev _ W)) |]; intros rho K tau; exact (A rho K).
Qed.

Lemma held_family_concl th V t d : held_family th = Some (V, t, d) -> concl th = FamilyLocal V t d.
Proof. unfold held_family; destruct (concl th); try discriminate; congruence. Qed.

Lemma valid_here th : valid_anywhere th -> valid th.
Proof. intros V; specialize (V entry_value); destruct cited; exact V. Qed.

Theorem family_rewrite_valid th equation r :
  rule_family_rewrite th equation = Some r -> valid th -> valid_anywhere equation -> valid r.
Proof.
  unfold rule_family_rewrite; intros H V W; open H; destruct v as [[U t] [d |]]; [| discriminate]; open H; found H.
  apply held_family_concl in E; conjuncts; subst d; destruct v1 as [a b]; cbn [fst snd] in *.
  pose proof (valid_here _ W) as W'; apply valid_conclude_active; [premises |]; intros rho K tau.
  pose proof (valid_at th rho still_env V (K th still_env (or_introl eq_refl)) tau) as C; rewrite E in C.
  destruct C as (X & Y & D); split; [exact X | split; [exact Y |]].
  refine (Families.derivative_ext _ _ _ _ _ _ D); intros q; cbv beta.
  refine (@difference_at (at_tangents q) _ a b rho still_env _ E0 E1 _).
  apply all_tangents; [exact W |]; intros tau'; exact (K equation tau' (or_intror (or_introl eq_refl))).
Qed.

Theorem family_has_deriv_valid th is_defined r :
  rule_family_has_deriv th is_defined = Some r -> valid th -> valid_anywhere is_defined -> valid r.
Proof.
  unfold rule_family_has_deriv; intros H V W; open H; destruct v as [[U t] [d |]]; [| discriminate]; open H; found H.
  apply held_family_concl in E; conjuncts; subst d.
  pose proof (valid_here _ W) as W'; apply valid_conclude_active; [premises |]; intros rho K tau.
  pose proof (valid_at th rho still_env V (K th still_env (or_introl eq_refl)) tau) as C; rewrite E in C.
  split; [exact C |]; intros q; refine (@held_defined_at (at_tangents q) _ v0 rho still_env E0 _).
  apply all_tangents; [exact W |]; intros tau'; exact (K is_defined tau' (or_intror (or_introl eq_refl))).
Qed.

(** ** replace *)

(** What a theorem without tangents says at other values of entries. *)
Lemma at_entries_conclusion p th rho : valid_anywhere th -> @all_hold (at_entries p) rho still_env (hyps th) ->
  forall tau, @conclusion_at (at_entries p) (concl th) rho tau.
Proof.
  intros V A tau; specialize (V (fun moving x l => if moving then entry_value true x l else p (x, l))).
  exact (@valid_at (at_entries p) th rho still_env V A tau).
Qed.

Lemma family_lasts_sound V ps ls used :
  family_lasts V ps ls = Some used ->
  incl used ps /\ forall rho, known used rho -> all_hold rho still_env (filter (fun l => still V (snd l)) ls) ->
    Families.nearby (fun x => member x V) here (fun p => @all_hold (at_entries p) rho still_env ls).
Proof.
  revert used; induction ls as [| [r t] ls IH]; cbn [family_lasts filter snd]; intros used H.
  - found H; split; [intros ? [] |]; intros rho _ _; apply Families.nearby_always; intros F s p _ l [].
  - destruct (still V t) eqn:S.
    + destruct (IH used H) as (I & A); split; [exact I |]; intros rho K B.
      refine (Families.nearby_impl _ _ _ _ _ (Families.nearby_and _ _ _ _ (Families.nearby_always _ _
        (fun p => related r (entry_function t rho p)) _) (A rho K (fun k J => B k (or_intror J))))).
      * intros p (X & Y) l [<- | J]; [exact X | exact (Y l J)].
      * intros F s p C; rewrite (still_function V t rho F s p S C); exact (B (r, t) (or_introl eq_refl)).
    + open H; found H; destruct v0 as [lo d]; cbn [fst]; destruct (IH _ eq_refl) as (I & A).
      apply find_holds_sound in E0; destruct E0 as (J & P); apply find_family_sound in E1; destruct E1 as (L & Q).
      split; [intros x [<- | [<- | X]]; auto |]; intros rho K B.
      apply known_cons in K; destruct K as (K1 & K); apply known_cons in K; destruct K as (K2 & K).
      specialize (K2 still_env); rewrite Q in K2; destruct K2 as (_ & C & _).
      specialize (P rho still_env (K1 still_env)); unfold holds in P; cbn [fst snd] in P; rewrite <- function_here in P.
      refine (Families.nearby_impl _ _ _ _ _ (Families.nearby_and _ _ (fun p => related r (entry_function t rho p)) _ _
        (A rho K B))).
      { intros p (X & Y) l [<- | M]; [exact X | exact (Y l M)]. }
      destruct r; cbn [strictly related] in *.
      * exact (Families.continuous_positive _ _ _ C P).
      * refine (Families.nearby_impl _ _ _ _ _ (Families.continuous_positive _ _ _ C P)); intros p X; lra.
      * discriminate.
      * exact (Families.continuous_nonzero _ _ _ C P).
Qed.

Theorem family_replace_valid inner equal is_defined support r :
  rule_family_replace inner equal is_defined support = Some r ->
  valid inner -> valid_anywhere equal -> valid_anywhere is_defined -> all_valid support -> valid r.
Proof.
  unfold rule_family_replace; intros H V We Wd Y; open H; destruct v as [[U e'] d]; open H; cbv zeta in H; open H.
  injection H as <-; apply held_family_concl in E; rename v into e, v0 into used.
  pose proof (valid_here _ We) as We'; pose proof (valid_here _ Wd) as Wd'.
  destruct (family_lasts_sound U (rev support) _ used E2) as (I & A).
  assert (all_valid (inner :: used)) as W
    by (apply all_valid_cons; split; [exact V | exact (all_valid_incl _ _ I (all_valid_rev _ Y))]).
  assert (forall l, In l (hyps_of [equal; is_defined]) -> moves (snd l) = false) as Mv.
  { intros l J; apply hyps_of_in in J; destruct J as (th & [<- | [<- | []]] & K);
      [exact (proj1 We' l K) | exact (proj1 Wd' l K)]. }
  apply valid_intro.
  - intros l J; apply union_in in J; destruct J as [J | J]; [| apply filter_In in J; destruct J as (J & _);
      exact (Mv l J)].
    apply (proj1 (hyps_of_in (inner :: used) l)) in J; destruct J as (th & J & K); exact (proj1 (W th J) l K).
  - intros rho tau B; apply all_hold_union in B; destruct B as (B & C).
    pose proof (known_at (inner :: used) rho tau W (proj1 (all_hold_hyps_of rho tau (inner :: used)) B)) as K;
      apply known_cons in K.
    destruct K as (Ki & Ku); specialize (Ki still_env); rewrite E in Ki; destruct Ki as (P & Q & D).
    assert (Families.nearby (fun x => member x U) here (fun p =>
      entry_function e rho p = entry_function e' rho p /\ entries_exist e rho p)) as N.
    { refine (Families.nearby_impl _ _ _ _ _ (A rho Ku _)).
      - intros p X; pose proof (proj1 (@all_hold_hyps_of (at_entries p) rho still_env [equal; is_defined]) X) as Z.
        assert (@known (at_entries p) [equal; is_defined] rho) as Kn.
        { intros th [<- | [<- | []]] tau'; apply at_entries_conclusion; try assumption; apply Z; simpl; auto. }
        destruct (@same_terms_sound (at_entries p) e' equal is_defined e rho E0 Kn) as (S1 & S2).
        split; [exact (S1 still_env) | exact (S2 still_env)].
      - intros l J; apply (holds_moves rho tau still_env l); [| exact (C l J)].
        apply filter_In in J; destruct J as (J & _); exact (Mv l J). }
    assert (Families.nearby (fun x => member x U) here (fun p => entry_function e rho p = entry_function e' rho p)) as
      N'
      by (refine (Families.nearby_impl _ _ _ _ _ N); intros p (X & _); exact X).
    split; [| split].
    + refine (Families.nearby_impl _ _ _ _ _ N); intros p (_ & X); exact X.
    + exact (Families.continuous_local _ _ _ _ N' Q).
    + destruct d as [d |]; [| exact Logic.I]; exact (Families.derivative_local _ _ _ _ _ N' D).
Qed.

(** ** generalize: there are finitely many indices, so one neighbourhood serves them all *)

Section Over.
Variables (V : list name) (op : binder) (k : name) (n t : term) (rho : env).
Let varies x := member x V.
Let N := ceil (eval rho still_env n).
Let each (i : nat) : env := set rho k (INR i).
Hypothesis still_range : still V n = true.

Lemma over_function F r p : Families.close varies F r here p ->
  entry_function (bound op k n t) rho p =
  over op (eval rho still_env n) (fun i => entry_function t (each i) p).
Proof.
  intros C; unfold entry_function at 1; rewrite (@bound_eval (at_entries p)).
  apply over_ext; [exact (still_function V n rho F r p still_range C) | reflexivity].
Qed.

Lemma family_over d :
  defined rho still_env n -> range_domain op (eval rho still_env n) -> moves n = false ->
  (forall i, (i < N)%nat -> family_local_at V t d (each i)) ->
  family_local_at V (bound op k n t) (carried_rate op k n d) rho.
Proof.
  intros D R M A; split; [| split].
  - assert (Families.nearby varies here (fun p => forall i, (i < N)%nat -> entries_exist t (each i) p)) as X
      by (apply Families.nearby_all; intros i L; exact (proj1 (A i L))).
    assert (Families.nearby varies here (fun p => entries_exist n rho p /\
      entry_function n rho p = eval rho still_env n))
      as Y.
    { apply Families.nearby_always; intros F r p C; split; [exact (still_exist V n rho F r p still_range C D)
        | exact (still_function V n rho F r p still_range C)]. }
    refine (Families.nearby_impl _ _ _ _ _ (Families.nearby_and _ _ _ _ X Y)); intros p (B & Dn & En).
    unfold entries_exist, entry_function in *; apply (@bound_defined (at_entries p)); rewrite En.
    split; [exact Dn |]; split; [exact R |]; intros i L; apply B, below, L.
  - refine (Families.continuous_local _ _ _ _ (Families.nearby_always _ _ _ over_function) _).
    destruct op; cbn [over]; [apply Families.continuous_total | apply Families.continuous_greatest];
      intros i L; exact (proj1 (proj2 (A i L))).
  - pose proof over_function as O; destruct op; cbn [carried_rate]; [| exact I]; destruct d as [d |]; [| exact I].
    refine (Families.derivative_local _ _ _ _ _ (Families.nearby_always _ _ _ O) _); cbn [over].
    refine (Families.derivative_ext _ _ _ _ _ _ (Families.derivative_total varies N _ here
      (fun i q => @eval (at_tangents q) (each i) still_env d) (fun i L => proj2 (proj2 (A i L))))).
    intros q; cbv beta; destruct (same d zero) eqn:Z.
    + apply same_eq in Z; subst d; rewrite (@eval_zero (at_tangents q)), (total_ext N _ (fun _ => 0));
        [apply total_zero | intros i _; apply (@eval_zero (at_tangents q))].
    + rewrite (@bound_eval (at_tangents q)); cbn [over]; unfold sum_below.
      rewrite (tangents_eval q rho still_env n M); reflexivity.
Qed.
End Over.

Theorem family_generalize_valid op k n th sides r :
  rule_family_generalize op k n th sides = Some r -> valid th -> all_valid sides -> valid r.
Proof.
  unfold rule_family_generalize; intros H V W; open H; destruct v as [[U t] d]; open H; apply held_family_concl in E0.
  apply andb_prop in E1; destruct E1 as (E1 & M); apply andb_prop in E1; destruct E1 as (S & _);
    apply negb_true_iff in M.
  apply (valid_under _ _ _ H); intros rho tau A; apply all_hold_union in A; destruct A as (P & A);
    pose proof (if_some_holds rho tau _ n P) as Q; apply all_hold_union in A; destruct A as (A & K).
  apply define_sound in E2; destruct E2 as (I & D).
  pose proof (known_at v rho tau (all_valid_incl _ _ I (all_valid_rev _ W)) (proj1 (all_hold_hyps_of rho tau v) K)) as
    Kn.
  cbn [conclusion_at]; apply family_over; [exact S | exact (D rho Kn still_env) | | exact M |].
  - rewrite (eval_moves rho still_env tau n M); destruct op; [exact Logic.I | exact (Q eq_refl)].
  - intros i L; apply below in L; rewrite (eval_moves rho still_env tau n M) in L.
    pose proof (each_index k n th rho tau E V A i L still_env) as C; rewrite E0 in C; exact C.
Qed.
End Cited.
