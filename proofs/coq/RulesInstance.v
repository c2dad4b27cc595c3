(** The rule [instantiate] for families: an entry becomes a term in its indices. *)

From Coq Require Import Reals List Bool PArith Arith Lra Lia FunctionalExtensionality.
From Hasderiv Require Import Term Semantics Eval Polynomial Theorems RulesLogic FamilyRates.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

(** ** Substitution of families *)

(** [args], the innermost first, for the loose indices; [d] binders stand around. *)
Fixpoint opened (args : list term) (d : nat) (b : term) : term :=
  match b with
  | Rat _ | Pi | Var _ | Tangent _ => b
  | Add a c => Add (opened args d a) (opened args d c)
  | Mul a c => Mul (opened args d a) (opened args d c)
  | App f a c => App f (opened args d a) (opened args d c)
  | Pow a n => Pow (opened args d a) n
  | Un f a => Un f (opened args d a)
  | Cond r t a c => Cond r (opened args d t) (opened args d a) (opened args d c)
  | Idx k =>
      if Nat.ltb k d then b
      else match nth_error args (k - d) with
           | Some a => Nat.iter d (raised 0) a
           | None => Idx (k - length args)
           end
  | Entry moving x l => Entry moving x (map (opened args d) l)
  | Over op n a => Over op (opened args d n) (opened args (S d) a)
  end.

Definition raise_values (values : family_values) : family_values :=
  map (fun v => (fst v, (fst (snd v), raised (fst (snd v)) (snd (snd v))))) values.

(** Symbols and families replaced, all at once; tangents stay. *)
Fixpoint instance_of (symbols : assignment) (families : family_values) (t : term) : term :=
  match t with
  | Rat _ | Pi | Tangent _ | Idx _ => t
  | Var x => match lookup x symbols with Some u => u | None => t end
  | Add a b => Add (instance_of symbols families a) (instance_of symbols families b)
  | Mul a b => Mul (instance_of symbols families a) (instance_of symbols families b)
  | App f a b => App f (instance_of symbols families a) (instance_of symbols families b)
  | Pow a n => Pow (instance_of symbols families a) n
  | Un f a => Un f (instance_of symbols families a)
  | Cond r t a b =>
      Cond r (instance_of symbols families t) (instance_of symbols families a) (instance_of symbols families b)
  | Entry moving x l =>
      let plain := Entry moving x (map (instance_of symbols families) l) in
      match moving, find_value x families with
      | false, Some (rank, b) =>
          if Nat.eqb (length l) rank then opened (rev (map (instance_of symbols families) l)) 0 b else plain
      | _, _ => plain
      end
  | Over op n a =>
      Over op (instance_of symbols families n) (instance_of (raise_all symbols) (raise_values families) a)
  end.

Definition instance_literal (symbols : assignment) (families : family_values) (l : literal) : literal :=
  (fst l, instance_of symbols families (snd l)).

Definition rule_family_instantiate (th : theorem) (symbols : assignment) (families : family_values) : option theorem :=
  l <- held th ;;
  conclude_under
    (minus (map (instance_literal symbols families) (hyps th)) (map (fun xt => equation (snd xt) (snd xt)) symbols))
    (Holds (instance_literal symbols families l)).

(** ** Soundness *)

Lemma iterated_eval (special_value : special -> R -> R -> R) m rho tau a s1 s2 :
  @eval {| app_value := special_value; entry_value := m;
    indices := s1 ++ s2 |} rho tau (Nat.iter (length s1) (raised 0) a) =
  @eval {| app_value := special_value; entry_value := m; indices := s2 |} rho tau a.
Proof.
  induction s1 as [| v s1 IH]; [reflexivity |]; cbn [length Nat.iter app].
  rewrite <- IH; exact (@raised_push {| app_value := special_value; entry_value := m;
    indices := s1 ++ s2 |} rho tau v _).
Qed.

Section Opened.
Variables (special_value : special -> R -> R -> R) (m : bool -> name -> list R -> R).
Let at_ s : Interpretation := {| app_value := special_value; entry_value := m; indices := s |}.

Lemma opened_eval rho tau args s2 b : forall s1,
  @eval (at_ (s1 ++ s2)) rho tau (opened args (length s1) b) =
  @eval (at_ (s1 ++ map (@eval (at_ s2) rho tau) args ++ s2)) rho tau b.
Proof.
  induction b; intros s1; cbn [opened eval]; rewrite ?(IHb s1), ?(IHb1 s1), ?(IHb2 s1), ?(IHb3 s1); auto.
  - unfold at_; cbn [indices]; destruct (Nat.ltb_spec k (length s1)) as [L | L].
    + unfold at_; cbn [eval indices]; rewrite !app_nth1 by lia; reflexivity.
    + rewrite app_nth2 by lia; destruct (nth_error args (k - length s1)) as [a |] eqn:E.
      * assert (k - length s1 < length args)%nat as Q by (apply nth_error_Some; congruence).
        rewrite app_nth1 by (rewrite map_length; exact Q); rewrite iterated_eval.
        symmetry; apply nth_error_nth, map_nth_error; exact E.
      * apply nth_error_None in E; unfold at_; cbn [eval indices]; rewrite !app_nth2 by (rewrite ?map_length; lia).
        rewrite map_length; f_equal; lia.
  - cbn [entry_value at_]; f_equal; rewrite map_map.
    induction each as [| a l A _ IH]; [reflexivity |]; cbn [map]; rewrite IH, (A s1); reflexivity.
  - apply over_ext; [reflexivity |]; intros k; exact (IHb2 (INR k :: s1)).
Qed.
End Opened.

Definition plugged_entries {I : Interpretation} (families : family_values) (rho tau : env) : Interpretation :=
  {| app_value := app_value; entry_value := plug_entries families rho tau; indices := indices |}.

Lemma find_raise x families :
  find_value x (raise_values families) = option_map (fun v => (fst v, raised (fst v) (snd v))) (find_value x families).
Proof.
  induction families as [| [y v] families IH]; [reflexivity |].
  cbn [raise_values map find_value fst snd]; fold (raise_values families); destruct (Pos.eqb x y);
    [reflexivity | exact IH].
Qed.

Lemma plugged_push (I : Interpretation) v families rho tau :
  @plugged_entries (push v I) (raise_values families) rho tau = push v (plugged_entries families rho tau).
Proof.
  unfold plugged_entries, push, with_indices; cbn [app_value entry_value indices]; f_equal.
  extensionality moving; extensionality x; extensionality l; unfold plug_entries; rewrite find_raise.
  destruct moving; [reflexivity |]; destruct (find_value x families) as [[rank b] |]; [| reflexivity].
  cbn [option_map fst snd]; destruct (Nat.eqb_spec (length l) rank) as [<- |]; [| reflexivity].
  rewrite <- (rev_length l); exact (raised_eval rho tau v b (with_indices (rev l ++ indices) I) (rev l) indices
    eq_refl).
Qed.

Lemma instance_eval rho tau t : forall (I : Interpretation) symbols families,
  eval rho tau (instance_of symbols families t) =
  @eval (plugged_entries families rho tau) (plug symbols rho tau rho) tau t.
Proof.
  induction t; intros J symbols families; cbn [instance_of eval];
    rewrite ?(IHt J), ?(IHt1 J), ?(IHt2 J), ?(IHt3 J); auto.
  - unfold plug; destruct (lookup x symbols); reflexivity.
  - assert (map (eval rho tau) (map (instance_of symbols families) l) =
      map (@eval (plugged_entries families rho tau) (plug symbols rho tau rho) tau) l) as E.
    { rewrite map_map; induction each as [| a l A _ IH]; [reflexivity |]; cbn [map]; rewrite IH, (A J); reflexivity. }
    cbn [entry_value plugged_entries]; unfold plug_entries; destruct moving; [cbn [eval]; rewrite E; reflexivity |].
    destruct (find_value x families) as [[rank b] |]; [| cbn [eval]; rewrite E; reflexivity].
    rewrite map_length; destruct (Nat.eqb (length l) rank); [| cbn [eval]; rewrite E; reflexivity].
    rewrite <- E; destruct J as [special_value m s].
    etransitivity; [exact (opened_eval special_value m rho tau (rev (map (instance_of symbols families) l)) s b []) |].
    cbn [app]; rewrite map_rev; reflexivity.
  - apply over_ext; [reflexivity |]; intros k; rewrite (IHt2 (push (INR k) J)), plugged_push, plug_raise; reflexivity.
Qed.

Section Cited.
Context {cited : Interpretation}.

Theorem family_instantiate_valid th symbols families r :
  rule_family_instantiate th symbols families = Some r -> valid_anywhere th -> valid r.
Proof.
  unfold rule_family_instantiate; intros H V; open H; apply (valid_under _ _ _ H); intros rho tau A.
  assert (forall l, holds rho tau (instance_literal symbols families l) <->
    @holds (plugged_entries families rho tau) (plug symbols rho tau rho) tau l) as E0.
  { intros l; unfold holds, instance_literal; cbn [fst snd]; rewrite instance_eval; tauto. }
  apply E0; specialize (V (plug_entries families rho tau)).
  refine (@held_at (plugged_entries families rho tau) _ _ _ tau E
    (@valid_at (plugged_entries families rho tau) th _ tau V _ tau)).
  intros l I; apply E0; refine (all_hold_minus rho tau _ _ _ A _ _); [| apply in_map; exact I].
  intros k J; apply in_map_iff in J; destruct J as (xt & <- & _); apply holds_equation; reflexivity.
Qed.
End Cited.
