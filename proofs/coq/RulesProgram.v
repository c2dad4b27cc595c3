(** The rules [step] and [program] of [proofs/kernel/graphs.py]: operators with names, one after the other. *)

From Coq Require Import Reals List Bool PArith Lra Lia FunctionalExtensionality FMapPositive.
From Hasderiv Require Import Sums Term Semantics Eval Polynomial Theorems RulesLogic FamilyRates RulesFreeze
  RulesInstance
  RulesOperator.
From Hasderiv Require Families FamilyChain Graphs.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

(** ** The rules *)

(** The family that a value is, at its indices as they stand. *)
Definition family_of (v : nat * term) : option name :=
  match snd v with
  | Entry false y l => when same_list same l (map Idx (rev (seq 0 (fst v)))) ;; Some y
  | _ => None
  end.

Fixpoint sources_in (families : family_values) (xs : list name) : option (list (name * name)) :=
  match xs with
  | [] => Some []
  | x :: xs => v <- find_value x families ;; y <- family_of v ;; rest <- sources_in families xs ;; Some ((x, y) :: rest)
  end.

Definition rule_step (x : name) (th : theorem) (symbols : assignment) (families : family_values) : option theorem :=
  match concl th with
  | Operates o =>
      let xs := map fst (pullbacks o) in
      sources <- sources_in families xs ;;
      when forallb (fun v => negb (moves (snd v)) && fresh (cotangent o) (snd v)) symbols ;;
      when forallb (fun v => negb (Pos.eqb (cotangent o) (fst v)) && negb (moves (snd (snd v))) &&
                             fresh (cotangent o) (snd (snd v))) families ;;
      Some {| hyps := [];
              concl := Names {| node_name := x; node_operator := o; node_hyps := hyps th; node_sources := sources;
                                node_symbols := symbols;
                                node_families := filter (fun v => negb (member (fst v) xs)) families |} |}
  | _ => None
  end.

Definition sizes_map := PositiveMap.t (list term).

(** Sizes with the values of the symbols of a node. *)
Definition put_sizes (n : node) (sizes : list term) : list term :=
  map (instance_of (node_symbols n) (node_families n)) sizes.

Definition knows (known : sizes_map) (x : name) (sizes : list term) : bool :=
  match PositiveMap.find x known with Some ns => same_list same ns sizes | None => false end.

(** The operands of a node are known with their sizes; sizes do not depend on them. *)
Definition fits (known : sizes_map) (n : node) : bool :=
  let o := node_operator n in
  let xs := map fst (pullbacks o) in
  negb (PositiveMap.mem (node_name n) known) && same_names (map fst (node_sources n)) xs &&
  forallb (still xs) (out_sizes o) && forallb (fun x => forallb (still xs) (fst (snd x))) (pullbacks o) &&
  forallb (fun x => knows known (source_of n (fst x)) (put_sizes n (fst (snd x)))) (pullbacks o).

Fixpoint linked (known : sizes_map) (nodes : list node) : bool :=
  match nodes with
  | [] => true
  | n :: rest =>
      fits known n && linked (PositiveMap.add (node_name n) (put_sizes n (out_sizes (node_operator n))) known) rest
  end.

Fixpoint inputs_map (inputs : list (name * list term)) : option sizes_map :=
  match inputs with
  | [] => Some (PositiveMap.empty (list term))
  | (x, ns) :: rest =>
      known <- inputs_map rest ;; when negb (PositiveMap.mem x known) ;; Some (PositiveMap.add x ns known)
  end.

(** What a node takes from no other node does not depend on one ([nodes]). *)
Definition parameters (n : node) : list term :=
  let o := node_operator n in
  out_sizes o ++ out_term o :: out_derivative o :: flat_map (fun x => snd (snd x) :: fst (snd x)) (pullbacks o) ++
  map snd (conditions o) ++ map snd (node_hyps n).

Definition outside (nodes : PositiveMap.t unit) (n : node) : bool :=
  let own x := member x (map fst (node_sources n)) || member x (map fst (node_symbols n)) ||
               member x (map fst (node_families n)) in
  let named x := PositiveMap.mem x nodes in
  let free x := named x && negb (own x) in
  forallb (fun t => negb (occurs free free t)) (parameters n) &&
  forallb (fun v => negb (occurs named named (snd v))) (node_symbols n) &&
  forallb (fun v => negb (occurs named named (snd (snd v)))) (node_families n).

Fixpoint named_nodes (steps : theorems) : option (list node) :=
  match steps with
  | [] => Some []
  | th :: rest => match concl th with Names n => ns <- named_nodes rest ;; Some (n :: ns) | _ => None end
  end.

Definition rule_program (inputs : list (name * list term)) (steps : theorems) : option theorem :=
  nodes <- named_nodes steps ;;
  known <- inputs_map inputs ;;
  let names := fold_right (fun x m => PositiveMap.add x tt m) (PositiveMap.empty unit)
                 (map fst inputs ++ map node_name nodes) in
  let named x := PositiveMap.mem x names in
  when forallb (fun x => forallb (fun n => negb (moves n) && negb (occurs named named n)) (snd x)) inputs ;;
  when forallb (outside names) nodes ;;
  when linked known nodes ;;
  Some (conclude (Runs inputs nodes) steps).

(** ** Soundness *)

Lemma find_value_member {A} x (l : list (name * A)) :
  member x (map fst l) = match find_value x l with Some _ => true | None => false end.
Proof.
  unfold member; induction l as [| [y v] l IH]; cbn [map fst existsb find_value]; [reflexivity |].
  destruct (Pos.eqb x y); [reflexivity | exact IH].
Qed.

Section Cited.
Context {cited : Interpretation}.

Theorem step_valid x th symbols families r : rule_step x th symbols families = Some r -> valid_anywhere th -> valid r.
Proof.
  unfold rule_step; intros H V; destruct (concl th) eqn:C; try discriminate; cbv zeta in H; open H; injection H as <-.
  apply valid_intro; [intros l [] |]; intros rho tau _; cbn [conclusion_at node_hyps node_operator].
  intros m rho' tau' A; pose proof (@valid_at _ th rho' tau' (V m) A tau') as P.
  rewrite C in P; exact P.
Qed.

(** ** A node at a point *)

Section Node.
Variables (n : node) (rho : env).
Let o := node_operator n.
Let xs := map fst (pullbacks o).
Let rho' := named_symbols n rho.
Hypothesis keys : map fst (node_sources n) = xs.

Lemma named_member x : member x xs = match find_value x (node_sources n) with Some _ => true | None => false end.
Proof. rewrite <- keys; apply find_value_member. Qed.

(** Sizes without operands have the same value in the node as their instances have outside. *)
Lemma put_ranges sizes : forallb (still xs) sizes = true -> named_ranges n rho sizes = ranges rho (put_sizes n sizes).
Proof.
  intros S; unfold named_ranges, ranges, put_sizes; rewrite map_map; f_equal; apply map_ext_in; intros t I.
  rewrite forallb_forall in S; specialize (S t I); apply negb_true_iff in S.
  rewrite instance_eval; change (plug (node_symbols n) rho still_env rho) with (named_symbols n rho).
  refine (entries_eval (fun x => member x xs) none app_value _ _ _ _ _ still_env t indices S); [| reflexivity].
  intros x l N; rewrite named_member in N; destruct (find_value x (node_sources n)); [discriminate | reflexivity].
Qed.

(** The entries of the operands, where families so far are [S]; those of all other families stay. *)
Let varies x := member x xs.
Definition overlay (s : Families.point) : Families.point := fun e =>
  if member (fst e) (map fst (pullbacks (node_operator n))) then s e
  else plug_entries (node_families n) rho still_env false (fst e) (snd e).

Definition taken (p : Families.point) (e : Families.entry) : R := p (source_of n (fst e), snd e).

Lemma overlay_named i p :
  at_index i (named n rho p) = @at_entries (at_index i (named n rho here)) (overlay (fun e => taken p e)).
Proof.
  unfold at_index, named, at_entries, with_indices; cbn [app_value entry_value indices]; f_equal.
  extensionality moving; extensionality x; extensionality l; destruct moving; [reflexivity |].
  unfold overlay, taken, source_of; cbn [fst snd]; fold o; fold xs; rewrite named_member.
  destruct (find_value x (node_sources n)); reflexivity.
Qed.

Lemma named_here i p : @here (at_index i (named n rho p)) = overlay (fun e => taken p e).
Proof.
  extensionality e; destruct e as [x l]; unfold overlay, taken, source_of; cbn [fst snd]; fold o; fold xs.
  rewrite named_member; unfold here, at_index, named, with_indices; cbn [fst snd entry_value].
  destruct (find_value x (node_sources n)); reflexivity.
Qed.

(** What the operator says of the node. *)
Hypothesis says : forall p, @all_hold (named n rho p) rho' still_env (node_hyps n) ->
  @operator_at (named n rho p) o rho'.
Hypothesis steady : forallb (still xs) (out_sizes o) = true.
Hypothesis steady_operands : forall x, In x (pullbacks o) -> forallb (still xs) (fst (snd x)) = true.

Lemma ranges_anywhere sizes p : forallb (still xs) sizes = true ->
  @ranges (named n rho p) rho' sizes = named_ranges n rho sizes.
Proof.
  intros S; unfold named_ranges, ranges; f_equal; apply map_ext_in; intros t I.
  rewrite forallb_forall in S; specialize (S t I); apply negb_true_iff in S.
  refine (entries_eval (fun x => member x xs) none app_value _ _ _ _ rho' still_env t indices S); [| reflexivity].
  intros x l N; rewrite named_member in N; destruct (find_value x (node_sources n)); [discriminate | reflexivity].
Qed.

Lemma overlay_in s e : varies (fst e) = true -> overlay s e = s e.
Proof.
  intros v; unfold overlay; destruct (member _ _) eqn:Q; [reflexivity |].
  exfalso; exact (diff_true_false (eq_trans (eq_sym v) Q)).
Qed.

Lemma overlay_close F r s s' : Families.close varies F r s s' -> Families.close varies F r (overlay s) (overlay s').
Proof.
  intros C e; specialize (C e); unfold overlay; fold o; fold xs; unfold varies in *.
  destruct (member (fst e) xs); [exact C | reflexivity].
Qed.

(** A derivative at the overlaid point. *)
Lemma overlay_derivative (G : Families.point -> R) s L : Families.derivative_at varies G (overlay s) L ->
  Families.derivative_at varies (fun s => G (overlay s)) s L.
Proof.
  intros (F & A & B); exists F; split; [exact A |]; intros eps P; destruct (B eps P) as (d & D & C); exists d; split;
    [exact D |].
  intros r s' R0 X; specialize (C r (overlay s') R0 (overlay_close F r s s' X)).
  destruct A as [Lp Ls (M & M0 & Lb)].
  assert (L (fun e => s' e - s e) = L (fun e => overlay s' e - overlay s e)) as ->; [| exact C].
  assert (forall t, (forall e, varies (fst e) = true -> t e = 0) -> L t = 0) as Z.
  { intros t T; assert (Rabs (L t) <= M * 0) as Q.
    { apply Lb; [lra |]; intros e v _; rewrite (T e v), Rabs_R0; lra. }
    rewrite Rmult_0_r in Q; destruct (Req_dec (L t) 0) as [E | E]; [exact E |]; apply Rabs_pos_lt in E; lra. }
  assert (L (fun e => (s' e - s e) + -1 * (overlay s' e - overlay s e)) = 0) as Q.
  { apply Z; intros e v; rewrite !overlay_in by exact v; ring. }
  rewrite Lp, (Ls (-1)) in Q; lra.
Qed.

Lemma node_smooth p : @all_hold (named n rho p) rho' still_env (node_hyps n) ->
  @conditions_hold (named n rho p) o rho' -> Graphs.smooth (stage_of rho n) p.
Proof.
  intros Hy Co V S T r0 E D i I; subst p; cbn [Graphs.value Graphs.slope Graphs.range Graphs.operands stage_of] in *.
  destruct (says (S r0) Hy Co) as (A & _); rewrite (ranges_anywhere _ _ steady) in A.
  destruct (A i I) as ((_ & _ & B) & _); clear A Hy Co; fold rho' in B |- *; fold o in B |- *; fold xs in B.
  set (u := fun (e : Families.entry) (r : Families.point) => taken (S r) e).
  assert (forall r, overlay (FamilyChain.plug varies u r) = overlay (fun e => taken (S r) e)) as O.
  { intros r; extensionality e; unfold overlay, FamilyChain.plug, u; fold o; fold xs; unfold varies.
    destruct (member (fst e) xs); reflexivity. }
  assert (@here (at_index i (named n rho (S r0))) = overlay (FamilyChain.plug varies u r0)) as Eh.
  { rewrite O; exact (named_here i (S r0)). }
  rewrite Eh in B.
  apply overlay_derivative in B.
  refine (eq_ind _ (fun f => Families.derivative_at V f r0 _) (Families.derivative_ext _ _ _ _ _ _
    (FamilyChain.derivative_compose V varies _ r0 _ u (fun e t => taken (T t) e) _ B _)) _ _).
  - intros t; cbv beta; unfold at_index, at_tangents, with_indices; cbn [app_value entry_value indices].
    match goal with |- @eval ?I _ _ _ = @eval ?K _ _ _ => assert (I = K) as ->; [| reflexivity] end.
    f_equal; extensionality moving; extensionality x; extensionality l; destruct moving; [| reflexivity].
    unfold named_tangents, taken, source_of; cbn [fst snd]; unfold varies; rewrite named_member.
    destruct (find_value x (node_sources n)); reflexivity.
  - intros s s' H; cbv beta; f_equal; extensionality e; unfold overlay; fold o; fold xs.
    destruct (member (fst e) xs) eqn:M; [apply H; left; exact M | reflexivity].
  - intros e M; unfold u, taken; unfold varies in M; apply member_in in M; unfold xs in M.
    apply in_map_iff in M; destruct M as (x & <- & X).
    refine (D {| Graphs.source := source_of n (fst x) |} (snd e) _); apply in_map_iff; exists x; split;
      [reflexivity | exact X].
  - extensionality r; cbv beta; rewrite O.
    exact (f_equal (fun K : Interpretation => @eval K rho' still_env (out_term o)) (eq_sym (overlay_named i (S r)))).
Qed.

Lemma node_adjoint p g q : @all_hold (named n rho p) rho' still_env (node_hyps n) ->
  @conditions_hold (named n rho p) o rho' ->
  let st := stage_of rho n in
  Graphs.summed (Graphs.range st) (fun i => g i * Graphs.slope st p q i) =
  Graphs.summed (Graphs.operands st) (fun x =>
    Graphs.summed (Graphs.extent x) (fun j => Graphs.pull x p g j * q (Graphs.source x, j))).
Proof.
  intros Hy Co st; unfold st; cbn [Graphs.slope Graphs.range Graphs.operands stage_of].
  destruct (says p Hy Co) as (_ & A); specialize (A g (named_tangents n q)).
  rewrite (ranges_anywhere _ _ steady) in A; refine (eq_trans A _); rewrite summed_map.
  apply Graphs.summed_ext; intros x I; cbn [Graphs.extent Graphs.pull Graphs.source].
  rewrite (ranges_anywhere _ _ (steady_operands x I)); apply Graphs.summed_ext; intros j J; f_equal.
  unfold named_tangents, source_of; cbn [fst snd]; pose proof (named_member (fst x)) as M.
  assert (member (fst x) xs = true) as Q by (apply member_in, in_map, I); rewrite Q in M.
  destruct (find_value (fst x) (node_sources n)); [reflexivity | discriminate].
Qed.
End Node.

(** ** All nodes *)

Section Program.
Variable rho : env.

(** What is known are the families so far. *)
Definition agrees (known : sizes_map) (blocks : list Graphs.block) : Prop :=
  (forall x ns, PositiveMap.find x known = Some ns -> In (x, ranges rho ns) blocks) /\
  (forall x, In x (map fst blocks) -> PositiveMap.mem x known = true) /\ NoDup (map fst blocks).

Lemma agrees_insert known blocks more x ns : agrees known blocks ->
  (forall b, In b more <-> (x, ranges rho ns) = b \/ In b blocks) -> NoDup (map fst more) ->
  agrees (PositiveMap.add x ns known) more.
Proof.
  intros (A & B & _) M U; split; [| split; [| exact U]].
  - intros y ms; destruct (Pos.eq_dec y x) as [-> | D].
    + rewrite PositiveMap.gss; intros E; injection E as <-; apply M; left; reflexivity.
    + rewrite PositiveMap.gso by exact D; intros E; apply M; right; exact (A y ms E).
  - intros y I; rewrite PositiveMap.mem_find; apply in_map_iff in I; destruct I as (c & <- & I); apply M in I.
    destruct (Pos.eq_dec (fst c) x) as [-> | D]; [rewrite PositiveMap.gss; reflexivity |].
    rewrite PositiveMap.gso, <- PositiveMap.mem_find by exact D; destruct I as [<- | I]; [exfalso; apply D;
      reflexivity |].
    apply B, in_map, I.
Qed.

Lemma not_known known blocks x : agrees known blocks -> PositiveMap.mem x known = false -> ~ In x (map fst blocks).
Proof. intros (_ & B & _) N I; apply B in I; congruence. Qed.

Lemma agrees_last known blocks x ns : agrees known blocks -> PositiveMap.mem x known = false ->
  agrees (PositiveMap.add x ns known) (blocks ++ [(x, ranges rho ns)]).
Proof.
  intros A N; apply (agrees_insert known blocks); [exact A | |].
  - intros b; rewrite in_app_iff; cbn [In]; tauto.
  - rewrite map_app; cbn [map fst]; apply (NoDup_Add (Add_app x (map fst blocks) [])); rewrite app_nil_r.
    split; [exact (proj2 (proj2 A)) | exact (not_known _ _ _ A N)].
Qed.

Definition inputs_blocks (inputs : list (name * list term)) : list Graphs.block :=
  map (fun x => (fst x, ranges rho (snd x))) inputs.

Lemma inputs_agree inputs : forall known, inputs_map inputs = Some known -> agrees known (inputs_blocks inputs).
Proof.
  induction inputs as [| [x ns] inputs IH]; cbn [inputs_map]; intros known H.
  - injection H as <-; split; [| split; [intros x [] | constructor]].
    intros x ns E; rewrite PositiveMap.gempty in E; discriminate.
  - open H; injection H as <-; apply negb_true_iff in E0; pose proof (IH v eq_refl) as A.
    apply (agrees_insert v (inputs_blocks inputs)); [exact A | reflexivity |].
    cbn [inputs_blocks map fst snd]; constructor; [exact (not_known _ _ _ A E0) | exact (proj2 (proj2 A))].
Qed.

Lemma same_terms_eq a b : same_list same a b = true -> a = b.
Proof. exact (same_list_eq same a b same_eq). Qed.

Lemma linked_runs nodes : forall known blocks names p, agrees known blocks -> linked known nodes = true ->
  (forall x, In x (map fst blocks) -> In x names) ->
  (forall n, In n nodes -> conclusion_at (Names n) rho still_env) -> covered rho nodes p ->
  Graphs.smooth_run names (map (stage_of rho) nodes) p /\ Graphs.adjoint_run blocks (map (stage_of rho) nodes) p.
Proof.
  induction nodes as [| n nodes IH]; intros known blocks names p A L Sub Says C; [split; exact I |].
  cbn [linked] in L; apply andb_prop in L; destruct L as (Fi & L); unfold fits in Fi; cbv zeta in Fi.
  apply andb_prop in Fi; destruct Fi as (Fi & Kn); apply andb_prop in Fi; destruct Fi as (Fi & St2).
  apply andb_prop in Fi; destruct Fi as (Fi & St1); apply andb_prop in Fi; destruct Fi as (New & Keys).
  apply negb_true_iff in New; apply same_names_eq in Keys; rewrite forallb_forall in St2, Kn.
  cbn [covered] in C; destruct C as (Hy & Co & C).
  assert (forall p, @all_hold (named n rho p) (named_symbols n rho) still_env (node_hyps n) ->
    @operator_at (named n rho p) (node_operator n) (named_symbols n rho)) as Sn.
  { intros p'; exact (Says n (or_introl eq_refl) (@entry_value (named n rho p')) (named_symbols n rho) still_env). }
  assert (forall x, In x (pullbacks (node_operator n)) ->
    In (source_of n (fst x), named_ranges n rho (fst (snd x))) blocks) as Ops.
  { intros x I; specialize (Kn x I); unfold knows in Kn; destruct (PositiveMap.find _ known) as [ns |] eqn:Q;
      [| discriminate].
    apply same_terms_eq in Kn; subst ns; rewrite (put_ranges n rho Keys _ (St2 x I)); exact (proj1 A _ _ Q). }
  assert (Graphs.result (stage_of rho n) = (node_name n,
    ranges rho (put_sizes n (out_sizes (node_operator n))))) as Res.
  { unfold Graphs.result; cbn [Graphs.target Graphs.range stage_of]; rewrite (put_ranges n rho Keys _ St1);
      reflexivity. }
  destruct (IH _ _ (node_name n :: names) (Graphs.forward (stage_of rho n) p) (agrees_last known blocks _ _ A New) L)
    as (Sm & Ad).
  - intros x I; rewrite map_app in I; apply in_app_or in I; destruct I as [I | [I | []]];
      [right; exact (Sub x I) | left; exact I].
  - intros m I; exact (Says m (or_intror I)).
  - exact C.
  - split; cbn [map Graphs.smooth_run Graphs.adjoint_run]; split.
    + intros x I; cbn [Graphs.operands stage_of] in I; apply in_map_iff in I; destruct I as (y & <- & I).
      cbn [Graphs.source]; apply Sub; exact (in_map fst _ _ (Ops y I)).
    + split; [exact (node_smooth n rho Keys Sn St1 p Hy Co) | exact Sm].
    + split; [cbn [Graphs.target stage_of]; exact (not_known _ _ _ A New) |]; split; [exact (proj2 (proj2 A)) |]; split.
      * intros x I; cbn [Graphs.operands stage_of] in I; apply in_map_iff in I; destruct I as (y & <- & I).
        cbn [Graphs.source Graphs.extent]; exact (Ops y I).
      * intros g q; exact (node_adjoint n rho Keys Sn St1 St2 p g q Hy Co).
    + rewrite Res; exact Ad.
Qed.
End Program.

Lemma named_nodes_at steps nodes rho : named_nodes steps = Some nodes -> known steps rho ->
  forall n, In n nodes -> conclusion_at (Names n) rho still_env.
Proof.
  revert nodes; induction steps as [| th steps IH]; cbn [named_nodes]; intros nodes H K n I; [injection H as <-;
    destruct I |].
  apply known_cons in K; destruct K as (Kh & K); destruct (concl th) eqn:C; try discriminate; open H; injection H as <-.
  destruct I as [<- | I]; [exact (Kh still_env) | exact (IH v eq_refl K n I)].
Qed.

Theorem program_valid inputs steps r : rule_program inputs steps = Some r -> all_valid steps -> valid r.
Proof.
  unfold rule_program; intros H V; open H; cbv zeta in H; open H; injection H as <-.
  apply valid_conclude; [exact V |]; intros rho K tau; cbn [conclusion_at]; unfold program_at; intros C.
  destruct (linked_runs rho v v0 (inputs_blocks rho inputs) (map fst inputs) here (inputs_agree rho inputs v0 E0) E3)
    as (Sm & Ad).
  - intros x I; unfold inputs_blocks in I; rewrite map_map in I; exact I.
  - exact (named_nodes_at steps v rho E K).
  - exact C.
  - split.
    + intros e I; apply (Graphs.forward_mode _ (map fst inputs)); [intros x; apply member_in | exact Sm |].
      rewrite map_map; cbn [Graphs.target stage_of]; apply in_app_or in I; tauto.
    + intros g q; exact (Graphs.reverse_mode _ _ _ g q Ad).
Qed.
End Cited.
