(** The rule [freeze] of [proofs/kernel/logic.py]: a name for the value of a term at the point.

    What a conclusion says does not depend on symbols that do not occur in it. *)

From Coq Require Import Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisBasics AnalysisDerivatives AnalysisSides.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Calculus Lines Polynomial Theorems RulesLogic
  RulesLocal RulesNear.
From Hasderiv Require Families.
Import ListNotations.
Open Scope bool_scope.

Section Cited.
Context {cited : Interpretation}.

Definition fresh_literal (x : name) (l : literal) : bool := fresh x (snd l).
Definition fresh_piece (x : name) (p : piece) : bool := forallb (fresh_literal x) p.
Definition fresh_slope (x : name) (s : slope) : bool := match s with FiniteSlope t => fresh x t | _ => true end.
Definition fresh_optional {A} (f : A -> bool) (o : option A) : bool := match o with Some a => f a | None => true end.
Definition fresh_names (x : name) (V : list name) : bool := negb (member x V).

Definition fresh_verdict (x : name) (v : verdict) : bool :=
  match v with
  | Differentiable d => fresh x d
  | NotSmooth _ l r => fresh_optional (fresh_slope x) l && fresh_optional (fresh_slope x) r
  | NoValue | Unknown => true
  end.

(** Whether neither [x] nor its tangent occurs in a conclusion. *)
Definition fresh_conclusion (x : name) (c : conclusion) : bool :=
  match c with
  | Holds l => fresh_literal x l
  | Defined t | Undefined t => fresh x t
  | Local V t d => fresh_names x V && fresh x t && fresh_optional (fresh x) d
  | HasDeriv V t d => fresh_names x V && fresh x t && fresh x d
  | NthDerivative y _ t d => negb (Pos.eqb x y) && fresh x t && fresh x d
  | Side y _ t s _ => negb (Pos.eqb x y) && fresh x t && fresh_slope x s
  | NotDifferentiable V t _ l r =>
      fresh_names x V && fresh x t && fresh_optional (fresh_slope x) l && fresh_optional (fresh_slope x) r
  | Within pieces => forallb (fresh_piece x) pieces
  | Somewhere p => fresh_piece x p
  | Map V t assume rows | FamilyMap V t assume rows =>
      fresh_names x V && fresh x t && fresh_piece x assume &&
      forallb (fun row => fresh_piece x (fst row) && fresh_verdict x (snd row)) rows
  | FamilyLocal V t d => fresh_names x V && fresh x t && fresh_optional (fresh x) d
  | FamilyHasDeriv V t d => fresh_names x V && fresh x t && fresh x d
  | Operates _ | Names _ | Runs _ _ => false
  | FamilyNotDifferentiable V t _ => fresh_names x V && fresh x t
  end.

Definition rule_freeze (x : name) (t : term) (th : theorem) : option theorem :=
  let rest := without (equation (Var x) t) (hyps th) in
  when fresh x t && forallb (fresh_literal x) rest && fresh_conclusion x (concl th) ;;
  Some {| hyps := rest; concl := concl th |}.

(** ** Soundness *)

Open Scope R_scope.

Section Fresh.
Variable x : name.

(** [P] does not depend on [x]. *)
Definition apart (P : env -> Prop) : Prop := forall rho v, P rho -> P (set rho x v).

Lemma close_set_back V r rho v rho' :
  member x V = false -> close V r (set rho x v) rho' ->
  close V r rho (set rho' x (rho x)) /\ set (set rho' x (rho x)) x v = rho'.
Proof.
  intros N C; assert (rho' x = v) as X by (specialize (C x); rewrite N, set_same in C; exact C); split.
  - intros y; specialize (C y); destruct (Pos.eqb_spec y x) as [E | D].
    + rewrite E, N, set_same; reflexivity.
    + rewrite !set_other by exact D; rewrite set_other in C by exact D; exact C.
  - rewrite set_set, <- X; apply set_here.
Qed.

Lemma nearby_set V rho v P : member x V = false -> apart P -> nearby V rho P -> nearby V (set rho x v) P.
Proof.
  intros N A (r & R & B); exists r; split; [exact R |]; intros rho' C.
  destruct (close_set_back V r rho v rho' N C) as (D & E); rewrite <- E; apply A, B, D.
Qed.

Lemma continuous_set V f rho v :
  member x V = false -> (forall rho v, f (set rho x v) = f rho) -> continuous_at V f rho ->
    continuous_at V f (set rho x v).
Proof.
  intros N I C eps P; rewrite I; apply nearby_set; [exact N | | exact (C eps P)]; intros rho' w; rewrite I; auto.
Qed.

(** [g'] is [g] with the old value of [x]. *)
Lemma derivative_set V g g' rho v L :
  member x V = false -> (forall rho', rho' x = v -> g' rho' = g (set rho' x (rho x))) ->
  derivative_at V g rho L -> derivative_at V g' (set rho x v) L.
Proof.
  intros N E (A & B); split; [exact A |]; intros eps P; destruct (B eps P) as (d & D & F); exists d; split; [exact D |].
  intros r rho' R C; destruct (close_set_back V r rho v rho' N C) as (X & Y).
  assert (rho' x = v) as Z by (rewrite <- Y; apply set_same).
  rewrite (E rho' Z), (E (set rho x v) (set_same _ _ _)), set_set, set_here; specialize (F r _ R X).
  rewrite (linear_same V L _ (fun y => set rho' x (rho x) y - rho y) A); [exact F |].
  intros y I; destruct (Pos.eqb_spec y x) as [Q | Q]; [| rewrite !set_other by exact Q; reflexivity].
  apply member_in in I; congruence.
Qed.

Lemma nth_set y n f rho v l :
  x <> y -> (forall rho v, f (set rho x v) = f rho) -> nth_derivative_at y n f rho l ->
    nth_derivative_at y n f (set rho x v) l.
Proof.
  intros N I; assert (member x [y] = false) as M by (rewrite member_one; apply Pos.eqb_neq; exact N).
  revert rho v l; induction n as [| n IH]; cbn [nth_derivative_at]; intros rho v l; [rewrite I; auto |].
  intros (g & (r & R & A) & D); exists (fun rho' => g (set rho' x (rho x))); split.
  - exists r; split; [exact R |]; intros rho' C; destruct (close_set_back [y] r rho v rho' M C) as (X & Y).
    specialize (A _ X); apply (IH _ v) in A; rewrite Y in A; exact A.
  - apply (derivative_set [y] g); [exact M | reflexivity | exact D].
Qed.

Lemma shift_swap rho v y k : x <> y -> shift (set rho x v) y k = set (shift rho y k) x v.
Proof. intros N; rewrite !shift_set, set_other by congruence; apply set_swap, N. Qed.

Lemma fresh_value t rho v : fresh x t = true -> value t (set rho x v) = value t rho.
Proof. apply fresh_eval. Qed.

Lemma fresh_exists t : fresh x t = true -> apart (exists_at t).
Proof. intros F rho v; apply fresh_defined, F. Qed.

Lemma side_set y onward t s c rho v tau :
  x <> y -> fresh x t = true -> fresh_slope x s = true -> side_at y onward t s c rho tau ->
    side_at y onward t s c (set rho x v) tau.
Proof.
  intros N F S (A & B & C & D).
  assert (forall h, Semantics.change (value t) y onward (set rho x v) h = Semantics.change (value t)
    y onward rho h) as E.
  { intros h; unfold Semantics.change; rewrite shift_swap, !fresh_value by assumption; reflexivity. }
  assert (Semantics.change (value t) y onward (set rho x v) = Semantics.change (value t) y onward rho) as E'.
  { extensionality h; apply E. }
  split; [apply fresh_exists; assumption |]; split; [| split].
  - destruct B as (d & P & Q); exists d; split; [exact P |]; intros h H; rewrite shift_swap by exact N;
    apply fresh_exists; auto.
  - unfold quotient_tends in *; rewrite E'; destruct s as [l | |]; try exact C; cbn [fresh_slope] in S.
    rewrite fresh_eval by exact S; exact C.
  - unfold continuous_beside, jumps_beside in *; rewrite E'; exact D.
Qed.

Lemma fresh_names_apart V : fresh_names x V = true -> member x V = false.
Proof. apply negb_true_iff. Qed.

Lemma local_set V t d rho v :
  fresh_names x V = true -> fresh x t = true -> fresh_optional (fresh x) d = true -> local_at V t d rho ->
    local_at V t d (set rho x v).
Proof.
  intros N F G (A & B & C); apply fresh_names_apart in N; split; [| split].
  - exact (nearby_set V rho v _ N (fresh_exists t F) A).
  - apply continuous_set; [exact N | intros; apply fresh_value, F | exact B].
  - destruct d as [d |]; [| exact I]; cbn [fresh_optional] in G.
    apply (derivative_ext V _ _ (fun tau => eval rho tau d)); [intros; symmetry; apply fresh_eval, G |].
    apply (derivative_set V (value t)); [exact N | | exact C]; intros rho' _; symmetry; apply fresh_value, F.
Qed.

Lemma family_set V t d rho v : fresh x t = true -> fresh_optional (fresh x) d = true -> family_local_at V t d rho ->
  family_local_at V t d (set rho x v).
Proof.
  intros F G (A & B & C).
  assert (entry_function t (set rho x v) = entry_function t rho) as E
    by (extensionality p; exact (@fresh_eval (at_entries p) x v rho still_env t F)).
  split; [| split; rewrite E]; [| exact B |].
  - refine (Families.nearby_impl _ _ _ _ _ A); intros p;
      exact (proj2 (@fresh_defined (at_entries p) x v rho still_env t F)).
  - destruct d as [d |]; [| exact I]; cbn [fresh_optional] in G; refine (Families.derivative_ext _ _ _ _ _ _ C).
    intros q; symmetry; exact (@fresh_eval (at_tangents q) x v rho still_env d G).
Qed.

Lemma piece_set p rho v tau : fresh_piece x p = true -> all_hold rho tau p -> all_hold (set rho x v) tau p.
Proof.
  intros F A l I; apply fresh_holds; [| exact (A l I)]; unfold fresh_piece in F; rewrite forallb_forall in F;
    exact (F l I).
Qed.

Lemma one_side_set V onward t s rho v tau :
  fresh_names x V = true -> fresh x t = true -> fresh_optional (fresh_slope x) s = true ->
  one_side_at V onward t s rho tau -> one_side_at V onward t s (set rho x v) tau.
Proof.
  intros N F S; unfold one_side_at; destruct s as [s |]; [| auto]; destruct V as [| y [|]]; auto.
  apply side_set; [| exact F | exact S]; intros E; apply fresh_names_apart in N; rewrite member_one in N.
  apply Pos.eqb_neq in N; exact (N E).
Qed.

Lemma conclusion_set c rho v tau : fresh_conclusion x c = true -> conclusion_at c rho tau ->
  conclusion_at c (set rho x v) tau.
Proof.
  destruct c; cbn [fresh_conclusion conclusion_at]; intros F;
    repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  - apply fresh_holds; exact F.
  - apply fresh_defined; exact F.
  - intros A B; apply A; revert B; apply fresh_defined; exact F.
  - apply local_set; assumption.
  - intros (A & B); split; [apply local_set; assumption |]; intros tau'; apply fresh_defined; auto.
  - match goal with H : negb (Pos.eqb _ _) = true |- _ => apply negb_true_iff, Pos.eqb_neq in H end.
    intros (A & B & C); split; [apply nearby_set; [| apply fresh_exists; assumption | exact A] |].
    + rewrite member_one; apply Pos.eqb_neq; assumption.
    + split; [apply fresh_defined; assumption |]; rewrite fresh_eval by assumption.
      apply nth_set; [assumption | intros; apply fresh_value; assumption | exact C].
  - match goal with H : negb (Pos.eqb _ _) = true |- _ => apply negb_true_iff, Pos.eqb_neq in H end.
    apply side_set; assumption.
  - match goal with H : fresh_names x V = true |- _ => rename H into FV end.
    pose proof (fresh_names_apart V FV) as N; intros (A & B & C & D & E).
    assert (forall P, apart P -> nearby V (set rho x v) P -> nearby V rho P) as Back.
    { intros P Q R; apply (nearby_set V _ (rho x) P N Q) in R; rewrite set_set, set_here in R; exact R. }
    assert (continuous_at V (value t) (set rho x v) -> continuous_at V (value t) rho) as BackC.
    { intros Q; apply (continuous_set V _ _ (rho x) N) in Q; [rewrite set_set, set_here in Q; exact Q | intros;
      apply fresh_value; assumption]. }
    split; [apply fresh_exists; assumption |]; split; [| split; [| split; apply one_side_set; assumption]].
    + intros (P & L & Q); apply B; split; [apply Back; [apply fresh_exists; assumption | exact P] |]; exists L.
      apply (derivative_set V (value t) (value t) _ (rho x)) in Q; [rewrite set_set, set_here in Q;
        exact Q | exact N |].
      intros rho' _; symmetry; apply fresh_value; assumption.
    + destruct why; auto; intros P; apply C; apply Back; [apply fresh_exists; assumption | exact P].
  - intros (p & I & A); exists p; split; [exact I |]; rewrite forallb_forall in F; apply piece_set; auto.
  - auto.
  - auto.
  - apply family_set; assumption.
  - intros (A & B); split; [apply family_set; assumption |]; intros q.
    match goal with H : fresh x d = true |- _ => exact (proj2 (@fresh_defined (at_tangents q) x v rho still_env d H) (B
      q)) end.
  - discriminate.
  - discriminate.
  - discriminate.
  - assert (entry_function t (set rho x v) = entry_function t rho) as E
      by (extensionality p; apply (@fresh_eval (at_entries p) x v rho still_env t); assumption).
    assert (forall p, entries_exist t (set rho x v) p <-> entries_exist t rho p) as X
      by (intros p; apply (@fresh_defined (at_entries p)); assumption).
    assert (forall W, Families.nearby W here (entries_exist t (set rho x v)) ->
      Families.nearby W here (entries_exist t rho)) as N
      by (intros W; apply Families.nearby_impl; intros p; apply X).
    unfold family_not_differentiable_at; rewrite E; intros (A & B & C); split; [apply X, A |]; split.
    + intros (Y & Z); apply B; split; [exact (N _ Y) | exact Z].
    + destruct why; auto; intros Y; apply C, N, Y.
  - auto.
Qed.
End Fresh.

Theorem freeze_valid x t th r : rule_freeze x t th = Some r -> valid th -> valid r.
Proof.
  unfold rule_freeze; cbv zeta; intros H V; open H; yields H.
  apply andb_prop in E; destruct E as (E & Fc); apply andb_prop in E; destruct E as (Ft & Fr).
  apply valid_intro; [intros l I; apply without_in in I; exact (proj1 V l I) |]; intros rho tau A.
  set (v := eval rho tau t).
  assert (conclusion_at (concl th) (set rho x v) tau) as C.
  { apply (valid_at th _ tau V); apply (all_hold_without _ tau (equation (Var x) t)).
    - apply holds_equation; cbn [eval]; rewrite set_same; symmetry; apply fresh_eval, Ft.
    - intros l I; apply fresh_holds; [| exact (A l I)]; rewrite forallb_forall in Fr; exact (Fr l I). }
  apply (conclusion_set x _ _ (rho x) _ Fc) in C; rewrite set_set, set_here in C; exact C.
Qed.
End Cited.
