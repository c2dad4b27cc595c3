(** The rule [along] of [proofs/kernel/sides.py], where the line is in families: its directions are terms with an index
    for each of theirs, which have a value whatever these are. *)

From Coq Require Import ZArith QArith Reals List Bool PArith Arith Lra Lia FunctionalExtensionality.
From Hasderiv Require Import Sums Term AnalysisFunctions Semantics Eval Calculus Lines Polynomial Theorems RulesLogic
  FamilyRates RulesInstance RulesLimit.
From Hasderiv Require Families.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

(** ** The rule *)

(** Whether a term has a value whatever the values of its symbols and indices are, for its form. *)
Fixpoint everywhere (t : term) : bool :=
  match t with
  | Rat _ | Pi | Var _ | Tangent _ | Idx _ => true
  | Add a b | Mul a b => everywhere a && everywhere b
  | Pow a _ => everywhere a
  | Un f a => match f with Inv | Log | Sqrt => false | _ => everywhere a end
  | App _ _ _ => false
  | Cond _ t a b => everywhere t && everywhere a && everywhere b
  | Entry _ _ l => forallb everywhere l
  | Over op n a => match op with Sum => everywhere n && everywhere a | Max => false end
  end.

(** The entry of a family with so many indices, as they stand. *)
Definition whole (x : name) (rank : nat) : term := Entry false x (map Idx (rev (seq 0 rank))).

(** The families on the line, at the distance [h]. *)
Definition on_families (line : family_values) : family_values :=
  map (fun v => (fst v, (fst (snd v), Add (whole (fst v) (fst (snd v))) (Mul (snd (snd v)) h_term)))) line.

Definition rule_family_along (line : family_values) (e : term) (th : theorem) : option theorem :=
  c <- held_not_differentiable th ;;
  match c with
  | (V, t, why) =>
      let rest := without (Zero, h_term) (hyps th) in
      when same_names V [h_name] && same t (instance_of [] (on_families line) e) ;;
      when fresh h_name e && forallb (fun v => everywhere (snd (snd v)) && fresh h_name (snd (snd v))) line &&
           forallb (fun l => fresh h_name (snd l)) rest ;;
      Some {| hyps := rest; concl := FamilyNotDifferentiable (map fst line) e why |}
  end.

(** ** Definedness of instances *)

Lemma everywhere_defined t : everywhere t = true -> forall (I : Interpretation) rho tau, defined rho tau t.
Proof.
  induction t; cbn [everywhere defined]; intros E I rho tau; auto;
    repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end; auto.
  - destruct f; try discriminate; split; auto; exact Logic.I.
  - split; [auto |]; destruct (decide r (eval rho tau t1)); auto.
  - discriminate.
  - induction each as [| a l A _ IH]; cbn [forallb fold_right] in *; [exact Logic.I |].
    apply andb_prop in E; destruct E as (X & Y); split; [exact (A X I rho tau) | exact (IH Y)].
  - destruct op; [| discriminate]; apply andb_prop in E; destruct E as (X & Y).
    split; [exact (IHt1 X I rho tau) |]; split; [exact Logic.I |]; intros k _; exact (IHt2 Y _ rho tau).
Qed.

Lemma everywhere_raised t : forall d, everywhere (raised d t) = everywhere t.
Proof.
  induction t; intros d; cbn [raised everywhere]; rewrite ?IHt, ?IHt1, ?IHt2, ?IHt3; auto.
  - induction each as [| a l A _ IH]; [reflexivity |]; cbn [map forallb]; rewrite A, IH; reflexivity.
Qed.

(** With defined arguments it stays defined. *)
Section Opened.
Variables (special_value : special -> R -> R -> R) (m : bool -> name -> list R -> R) (rho tau : env).
Let at_ s : Interpretation := {| app_value := special_value; entry_value := m; indices := s |}.

Lemma iterated_defined a s1 s2 :
  @defined (at_ (s1 ++ s2)) rho tau (Nat.iter (length s1) (raised 0) a) <-> @defined (at_ s2) rho tau a.
Proof.
  induction s1 as [| v s1 IH]; [reflexivity |]; cbn [length Nat.iter app]; rewrite <- IH.
  exact (@raised_push_defined (at_ (s1 ++ s2)) rho tau v _).
Qed.

Lemma opened_everywhere args s2 b : (forall a, In a args -> @defined (at_ s2) rho tau a) -> everywhere b = true ->
  forall s1, @defined (at_ (s1 ++ s2)) rho tau (opened args (length s1) b).
Proof.
  intros D; induction b; cbn [everywhere opened defined]; intros E s1; auto;
    repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end; auto.
  - destruct f; try discriminate; split; auto; exact I.
  - split; [auto |]; destruct (decide r _); auto.
  - discriminate.
  - destruct (Nat.ltb_spec k (length s1)) as [L | L]; [exact I |].
    destruct (nth_error args (k - length s1)) as [a |] eqn:N; [| exact I].
    apply iterated_defined, D; exact (nth_error_In _ _ N).
  - induction each as [| a l A _ IH]; cbn [map forallb fold_right] in *; [exact I |].
    apply andb_prop in E; destruct E as (X & Y); split; [exact (A X s1) | exact (IH Y)].
  - destruct op; [| discriminate]; apply andb_prop in E; destruct E as (X & Y).
    split; [auto |]; split; [exact I |]; intros k _; exact (IHb2 Y (INR k :: s1)).
Qed.
End Opened.

Lemma raised_whole x rank : raised rank (whole x rank) = whole x rank.
Proof.
  unfold whole; cbn [raised]; f_equal; rewrite map_map; apply map_ext_in; intros k I.
  apply in_rev, in_seq in I; cbn [raised]; destruct (Nat.ltb_spec k rank); [reflexivity | lia].
Qed.

(** Lines, as they are under binders. *)
Definition straight (families : family_values) : Prop := forall x rank b, find_value x families = Some (rank, b) ->
  exists u, b = Add (whole x rank) u /\ everywhere u = true.

Lemma straight_raise families : straight families -> straight (raise_values families).
Proof.
  intros S x rank b; rewrite find_raise; destruct (find_value x families) as [[r c] |] eqn:E; cbn [option_map fst snd];
    [| discriminate].
  intros Q; injection Q as <- <-; destruct (S x r c E) as (u & -> & T); exists (raised r u); cbn [raised].
  rewrite raised_whole, everywhere_raised; split; [reflexivity | exact T].
Qed.

Lemma straight_line line : forallb (fun v => everywhere (snd (snd v)) && fresh h_name (snd (snd v))) line = true ->
  straight (on_families line).
Proof.
  induction line as [| [y [r c]] line IH]; cbn [forallb on_families map fst snd find_value]; intros H x rank b;
    [discriminate |]; apply andb_prop in H; destruct H as (A & B); apply andb_prop in A; destruct A as (A & _).
  intros E; cbn [find_value] in E; destruct (Pos.eqb_spec x y) as [-> | N]; [| exact (IH B x rank b E)];
    injection E as <- <-.
  exists (Mul c h_term); split; [reflexivity |]; cbn [everywhere]; rewrite A; reflexivity.
Qed.

Lemma opened_whole args x : opened args 0 (whole x (length args)) = Entry false x (rev args).
Proof.
  unfold whole; cbn [opened]; f_equal; rewrite map_map, map_rev; f_equal.
  transitivity (map (fun k => nth k args (Idx 0)) (seq 0 (length args))).
  - apply map_ext_in; intros k I; apply in_seq in I; cbn [opened Nat.ltb Nat.leb]; rewrite Nat.sub_0_r.
    destruct (nth_error args k) as [a |] eqn:E; [cbn [Nat.iter]; symmetry; exact (nth_error_nth _ _ _ E) |].
    apply nth_error_None in E; lia.
  - clear x; induction args as [| a args IH]; [reflexivity |]; cbn [length seq map nth]; f_equal.
    rewrite <- seq_shift, map_map; exact IH.
Qed.

Lemma all_defined_in {I : Interpretation} rho tau l :
  fold_right (fun a rest => defined rho tau a /\ rest) True l <-> forall a, In a l -> defined rho tau a.
Proof.
  induction l as [| a l IH]; cbn [fold_right]; [split; [intros _ a [] | intros; exact Logic.I] |]; rewrite IH; split.
  - intros (X & Y) b [<- | J]; auto.
  - intros H; split; [apply H; left; reflexivity | intros b J; apply H; right; exact J].
Qed.

Lemma straight_defined rho tau t : forall (I : Interpretation) families, straight families ->
  (defined rho tau (instance_of [] families t) <-> @defined (plugged_entries families rho tau) rho tau t).
Proof.
  induction t; intros J families S; cbn [instance_of defined]; rewrite ?(IHt J families S), ?(IHt1 J families S),
    ?(IHt2 J families S), ?instance_eval; change (plug [] rho tau rho) with rho; try tauto.
  - destruct (decide r (@eval (plugged_entries families rho tau) rho tau t1));
      rewrite ?(IHt2 J families S), ?(IHt3 J families S); tauto.
  - assert (fold_right (fun a rest => defined rho tau a /\ rest) True (map (instance_of [] families) l) <->
      fold_right (fun a rest => @defined (plugged_entries families rho tau) rho tau a /\ rest) True l) as E.
    { induction each as [| a l A _ IH]; [reflexivity |]; cbn [map fold_right]; rewrite IH, (A J families S); tauto. }
    destruct moving; [cbn [defined]; exact E |]; destruct (find_value x families) as [[rank b] |] eqn:F;
      [| cbn [defined]; exact E].
    destruct (Nat.eqb_spec (length l) rank) as [<- | N]; [| cbn [defined]; exact E]; rewrite <- E.
    destruct (S x _ b F) as (u & -> & T); cbn [opened defined].
    set (args := rev (map (instance_of [] families) l)).
    replace (length l) with (length args) by (unfold args; rewrite rev_length, map_length; reflexivity).
    rewrite opened_whole; unfold args; rewrite rev_involutive; cbn [defined]; split; [tauto |]; intros D; split;
      [exact D |].
    destruct J as [f m s]; apply (opened_everywhere f m rho tau args s u) with (s1 := []); [| exact T].
    intros a A; unfold args in A; apply in_rev in A; exact (proj1 (all_defined_in rho tau _) D a A).
  - assert (forall k, @defined (push (INR k) J) rho tau (instance_of (raise_all []) (raise_values families) t2) <->
      @defined (push (INR k) (plugged_entries families rho tau)) rho tau t2) as B.
    { intros k; rewrite <- plugged_push; exact (IHt2 (push (INR k) J) _ (straight_raise _ S)). }
    split; (intros (X & Y & Z); split; [exact X |]; split; [exact Y |]); intros k K; apply B, Z, K.
Qed.

(** ** The line *)

Lemma nth_all {A} (a s : list A) d : map (fun k => nth k (a ++ s) d) (seq 0 (length a)) = a.
Proof.
  induction a as [| x a IH]; [reflexivity |]; cbn [length seq map app nth]; f_equal; rewrite <- seq_shift, map_map;
    exact IH.
Qed.

Section Cited.
Context {cited : Interpretation}.

Lemma whole_eval x l rho tau : @eval (with_indices (rev l ++ indices) cited) rho tau (whole x (length l)) = entry_value
  false x l.
Proof.
  unfold whole; cbn [eval]; rewrite map_map; cbn [eval indices with_indices entry_value]; f_equal.
  rewrite map_rev, <- (rev_length l), nth_all; apply rev_involutive.
Qed.

Section Line.
Variables (line : family_values) (rho : env).
Hypothesis plain : forallb (fun v => everywhere (snd (snd v)) && fresh h_name (snd (snd v))) line = true.
Let varies x := member x (map fst line).

(** How fast an entry moves. *)
Definition pace (e : Families.entry) : R :=
  match find_value (fst e) line with
  | Some (rank, c) =>
      if Nat.eqb (length (snd e)) rank then @eval (with_indices (rev (snd e) ++ indices) cited) rho still_env c else 0
  | None => 0
  end.

Definition family_point (s : R) : Families.point := fun e => here e + pace e * s.

Lemma on_families_value s x l :
  plug_entries (on_families line) (set rho h_name s) still_env false x l = family_point s (x, l).
Proof.
  unfold plug_entries, family_point, pace, here; cbn [fst snd]; revert plain.
  induction line as [| [y [r c]] rest IH]; cbn [on_families map forallb find_value fst snd]; intros P; [ring |].
  apply andb_prop in P; destruct P as (P & Q); apply andb_prop in P; destruct P as (_ & F).
  destruct (Pos.eqb_spec x y) as [-> | N]; [| exact (IH Q)]; destruct (Nat.eqb_spec (length l) r) as [<- | N]; [| ring].
  cbn [eval]; rewrite whole_eval, (@fresh_eval (with_indices (rev l ++ indices) cited) h_name s rho still_env c F).
  unfold h_term; cbn [eval]; rewrite set_same; reflexivity.
Qed.

Lemma line_interpretation s :
  plugged_entries (on_families line) (set rho h_name s) still_env = at_entries (family_point s).
Proof.
  unfold plugged_entries, at_entries; f_equal; extensionality moving; extensionality x; extensionality l.
  destruct moving; [reflexivity | apply on_families_value].
Qed.

Variable e : term.
Hypothesis Fe : fresh h_name e = true.
Let t := instance_of [] (on_families line) e.
Let o := set rho h_name 0.

Lemma family_along_value s : value t (set rho h_name s) = entry_function e rho (family_point s).
Proof.
  unfold value, t; rewrite instance_eval, line_interpretation;
    change (plug [] (set rho h_name s) still_env (set rho h_name s))
    with (set rho h_name s).
  exact (@fresh_eval (at_entries (family_point s)) h_name s rho still_env e Fe).
Qed.

Lemma family_along_exists s : exists_at t (set rho h_name s) <-> entries_exist e rho (family_point s).
Proof.
  unfold exists_at, t; rewrite (straight_defined _ _ e cited _ (straight_line line plain)), line_interpretation.
  exact (@fresh_defined (at_entries (family_point s)) h_name s rho still_env e Fe).
Qed.

Lemma family_point_here : family_point 0 = here.
Proof. extensionality d; unfold family_point; ring. Qed.

Definition fastest (F : list Families.entry) : R := fold_right (fun d m => Rabs (pace d) + m) 0 F.

Lemma fastest_bound F d : In d F -> Rabs (pace d) <= fastest F.
Proof.
  induction F as [| f F IH]; [intros [] |]; intros [<- | I]; cbn [fastest fold_right].
  - assert (0 <= fastest F); [| unfold fastest in *; lra].
    clear IH; induction F as [| g F IH]; cbn [fastest fold_right]; [lra | pose proof (Rabs_pos (pace g));
      unfold fastest in IH; lra].
  - specialize (IH I); pose proof (Rabs_pos (pace f)); unfold fastest in *; lra.
Qed.

Lemma fastest_pos F : 0 <= fastest F.
Proof. induction F as [| f F IH]; cbn [fastest fold_right]; [lra | pose proof (Rabs_pos (pace f)); unfold fastest in *;
  lra]. Qed.

Lemma family_close F s : Families.close varies F (fastest F * Rabs s) here (family_point s).
Proof.
  intros d; destruct (varies (fst d)) eqn:M; unfold family_point.
  - intros I; replace (here d + pace d * s - here d) with (pace d * s) by ring; rewrite Rabs_mult.
    apply Rmult_le_compat_r; [apply Rabs_pos | exact (fastest_bound F d I)].
  - assert (pace d = 0) as ->; [| ring]; unfold pace.
    assert (find_value (fst d) line = None) as ->; [| reflexivity]; clear - M; unfold varies in M; revert M.
    induction line as [| [y v] rest IH]; cbn [map fst member existsb find_value]; [reflexivity |]; intros M.
    apply orb_false_iff in M; destruct M as (A & B); rewrite A; exact (IH B).
Qed.

Lemma family_along_nearby (P : Families.point -> Prop) : Families.nearby varies here P ->
  exists d, 0 < d /\ forall s, Rabs s <= d -> P (family_point s).
Proof.
  intros (F & r & R0 & A); pose proof (fastest_pos F) as S; exists (r / (fastest F + 1)); split;
    [apply Rdiv_lt_0_compat; lra |].
  intros s B; apply A; apply (Families.close_le varies F (fastest F * Rabs s)); [apply family_close |].
  apply Rmult_le_compat_l with (r := fastest F + 1) in B; [| lra].
  replace ((fastest F + 1) * (r / (fastest F + 1))) with r in B by (field; lra); pose proof (Rabs_pos s); lra.
Qed.

Lemma family_along_nearby_exists : Families.nearby varies here (entries_exist e rho) -> nearby [h_name] o (exists_at t).
Proof.
  intros N; destruct (family_along_nearby _ N) as (d & D & A); apply nearby_one; exists d; split; [exact D |];
    intros v B.
  unfold o in *; rewrite set_same, Rminus_0_r in B; rewrite set_set; apply family_along_exists, A, B.
Qed.

Lemma family_along_continuous : Families.continuous_at varies (entry_function e rho) here ->
  continuous_at [h_name] (value t) o.
Proof.
  intros C eps P; destruct (family_along_nearby _ (C eps P)) as (d & D & A); apply nearby_one; exists d; split;
    [exact D |]; intros v B.
  unfold o in *; rewrite set_same, Rminus_0_r in B; rewrite set_set, !family_along_value, family_point_here;
    exact (A v B).
Qed.

Lemma family_along_derivative L : Families.derivative_at varies (entry_function e rho) here L ->
  exists K, derivative_at [h_name] (value t) o K.
Proof.
  intros (F & A & D); exists (fun tau => L pace * tau h_name); apply line_derivative.
  intros eps P; pose proof (fastest_pos F) as S.
  assert (0 < eps / (fastest F + 1)) as Q by (apply Rdiv_lt_0_compat; lra).
  destruct (D _ Q) as (d & Pd & B); exists (d / (fastest F + 1)); split; [apply Rdiv_lt_0_compat; lra |]; intros v W.
  unfold o, Lines.line in *; rewrite set_same, Rminus_0_r in *;
    rewrite !set_set, !family_along_value, family_point_here.
  pose proof (Rabs_pos v) as Pv.
  assert (fastest F * Rabs v <= d) as I.
  { apply Rlt_le in W; apply Rmult_le_compat_l with (r := fastest F + 1) in W; [| lra].
    replace ((fastest F + 1) * (d / (fastest F + 1))) with d in W by (field; lra); lra. }
  specialize (B (fastest F * Rabs v) (family_point v) (conj (Rmult_le_pos _ _ S Pv) I) (family_close F v)).
  replace (fun x => family_point v x - here x) with (fun x => v * pace x) in B
    by (extensionality y; unfold family_point; ring).
  destruct A as [_ Ls _]; rewrite Ls in B; rewrite (Rmult_comm (L pace)).
  eapply Rle_trans; [exact B |]; rewrite <- Rmult_assoc; apply Rmult_le_compat_r; [exact Pv |].
  apply Rle_trans with (eps / (fastest F + 1) * (fastest F + 1)); [apply Rmult_le_compat_l; lra | right; field; lra].
Qed.
End Line.

Theorem family_along_valid line e th r : rule_family_along line e th = Some r -> valid th -> valid r.
Proof.
  unfold rule_family_along; intros H V; open H; destruct v as [[U t] why]; cbv zeta in H; open H; injection H as <-.
  apply andb_prop in E1; destruct E1 as (E1 & Fr); apply andb_prop in E1; destruct E1 as (Fe & F); conjuncts; subst U t.
  apply valid_intro; [intros l I; apply without_in in I; exact (proj1 V l I) |]; intros rho tau A; cbn [conclusion_at].
  assert (conclusion_at (concl th) (set rho h_name 0) tau) as C.
  { apply (valid_at th _ tau V); apply (all_hold_without _ tau (Zero, h_term)).
    - unfold holds, h_term; cbn [fst snd related eval]; apply set_same.
    - intros l I; apply fresh_holds; [| exact (A l I)]; rewrite forallb_forall in Fr; exact (Fr l I). }
  unfold held_not_differentiable in E; destruct (concl th); try discriminate; injection E as -> -> ->.
  destruct C as (D & N & W & _); split; [| split].
  - apply (family_along_exists line rho F e Fe 0) in D; rewrite family_point_here in D; exact D.
  - intros (X & L & Y); apply N; split; [exact (family_along_nearby_exists line rho F e Fe X)
    | exact (family_along_derivative line rho F e Fe L Y)].
  - destruct why; try exact I; intros X; apply W;
      [exact (family_along_continuous line rho F e Fe X) | exact (family_along_nearby_exists line rho F e Fe X)].
Qed.
End Cited.
