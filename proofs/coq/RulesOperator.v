(** The rule [operator] of [proofs/kernel/graphs.py]: a derivative with its adjoint, for all indices. *)

From Coq Require Import Reals List Bool PArith Arith Lra Lia FunctionalExtensionality.
From Hasderiv Require Import Sums Term Semantics Eval Polynomial Theorems RulesLogic RulesSums FamilyRates RulesFreeze
  RulesFamilies.
From Hasderiv Require Families Graphs.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

(** ** The rule *)

(** Variables, each with the size below which it counts. *)
Definition index := list (name * term).

Fixpoint distinct (names : list name) : bool :=
  match names with [] => true | x :: rest => negb (member x rest) && distinct rest end.

(** Loose indices in place of variables, the innermost first, below [d] others. *)
Fixpoint closing (names : list name) (d : nat) (t : term) : term :=
  match names with [] => t | k :: rest => closing rest (S d) (captured k d (raised d t)) end.

Definition closed_over (names : list name) (t : term) : term := closing (rev names) 0 t.
Definition closed_literal (names : list name) (l : literal) : literal := (fst l, closed_over names (snd l)).

(** The sum over all values of an index. *)
Definition totals (ix : index) (t : term) : term := fold_right (fun kn s => bound Sum (fst kn) (snd kn) s) t ix.

Definition vars (ix : index) : list term := map (fun kn => Var (fst kn)) ix.

(** The pullbacks times the tangents of their operands. *)
Definition paired (x : name * (index * term)) : term :=
  totals (fst (snd x)) (Mul (snd (snd x)) (Entry true (fst x) (vars (fst (snd x))))).

Definition apart_of (names : list name) (t : term) : bool := forallb (fun x => fresh x t) names.

Definition sizes_of (outs : index) (pulls : list (name * (index * term))) : list term :=
  map snd outs ++ flat_map (fun x => map snd (fst (snd x))) pulls.

Definition counts_of (ix : index) : list literal := flat_map (fun kn => counts (Var (fst kn)) (snd kn)) ix.

Definition mutual (V W : list name) : bool := forallb (fun x => member x W) V && forallb (fun x => member x V) W.

Definition operator_of (g : name) (outs : index) (e d : term) (pulls : list (name * (index * term)))
  (some : list literal) : operator :=
  let names := map fst outs in
  {| out_sizes := map snd outs;
     out_term := closed_over names e;
     out_derivative := closed_over names d;
     cotangent := g;
     pullbacks := map (fun x => (fst x, (map snd (fst (snd x)),
       closed_over (map fst (fst (snd x))) (snd (snd x))))) pulls;
     conditions := map (closed_literal names) some |}.

(** [g] is the family that stands for the cotangent of the result. *)
Definition rule_operator (g : name) (outs : index) (deriv adjoint : theorem) (pulls : list (name * (index * term)))
  : option theorem :=
  match concl deriv, concl adjoint, pulls with
  | FamilyHasDeriv V e d, Holds balance, first :: rest =>
      let names := map fst outs in
      let indices := names :: map (fun x => map fst (fst (snd x))) pulls in
      let given := minus (hyps deriv) (counts_of outs) in
      let plain l := apart_of names (snd l) in
      let always := union (filter plain given) (hyps adjoint) in
      when mutual V (map fst pulls) && distinct (map fst pulls) ;;
      when forallb distinct indices && forallb (fun x => negb (moves (snd (snd x)))) pulls ;;
      when same_literal balance (equation (totals outs (Mul (Entry false g (vars outs)) d))
             (fold_left Add (map paired rest) (paired first))) ;;
      when fresh g e && fresh g d && negb (member g V) ;;
      when forallb (fresh_literal g) given && forallb (fresh_literal g) (hyps adjoint) ;;
      when forallb plain always ;;
      when forallb (fun n => negb (moves n) && apart_of (g :: map fst pulls ++ concat indices) n) (sizes_of outs pulls)
        ;;
      Some {| hyps := always; concl := Operates (operator_of g outs e d pulls (filter (fun l => negb (plain l)) given))
        |}
  | _, _, _ => None
  end.

(** ** Variables that have values *)

Fixpoint setting (rho : env) (names : list name) (i : list R) : env :=
  match names, i with k :: names, v :: i => setting (set rho k v) names i | _, _ => rho end.

(** As [setting], the last one first. *)
Fixpoint unwound (rho : env) (names : list name) (i : list R) : env :=
  match names, i with k :: names, v :: i => set (unwound rho names i) k v | _, _ => rho end.

Lemma unwound_last rho names i k v : length names = length i ->
  unwound rho (names ++ [k]) (i ++ [v]) = unwound (set rho k v) names i.
Proof.
  revert i; induction names as [| y names IH]; intros [| w i] L; try discriminate; cbn [app unwound]; [reflexivity |].
  rewrite IH by (injection L; auto); reflexivity.
Qed.

Lemma unwound_rev rho names i : length names = length i -> unwound rho (rev names) (rev i) = setting rho names i.
Proof.
  revert rho i; induction names as [| k names IH]; intros rho [| v i] L; try discriminate; cbn [rev setting];
    [reflexivity |].
  rewrite unwound_last by (rewrite !rev_length; injection L; auto); apply IH; injection L; auto.
Qed.

Lemma setting_other rho names i x : ~ In x names -> setting rho names i x = rho x.
Proof.
  revert rho i; induction names as [| k names IH]; intros rho [| v i] N; cbn [setting]; try reflexivity.
  rewrite IH by (intros I; apply N; right; exact I); apply set_other; intros ->; apply N; left; reflexivity.
Qed.

Lemma distinct_nodup names : distinct names = true -> NoDup names.
Proof.
  induction names as [| x names IH]; cbn [distinct]; intros D; [constructor |]; apply andb_prop in D;
    destruct D as (N & D).
  constructor; [| exact (IH D)]; intros I; apply member_in in I; rewrite I in N; discriminate.
Qed.

Lemma setting_read rho names i : NoDup names -> length names = length i -> map (setting rho names i) names = i.
Proof.
  revert rho i; induction names as [| k names IH]; intros rho [| v i] U L; try discriminate; [reflexivity |].
  apply NoDup_cons_iff in U; destruct U as (N & U); cbn [map setting].
  rewrite setting_other, set_same by exact N; f_equal; apply IH; [exact U | injection L; auto].
Qed.

Lemma apart_fresh names t x : apart_of names t = true -> In x names -> fresh x t = true.
Proof. unfold apart_of; rewrite forallb_forall; auto. Qed.

Section Setting.
Context {cited : Interpretation}.

Lemma setting_eval names t tau : apart_of names t = true -> forall rho i,
  eval (setting rho names i) tau t = eval rho tau t.
Proof.
  induction names as [| k names IH]; cbn [apart_of forallb]; intros A rho [| v i]; try reflexivity.
  apply andb_prop in A; destruct A as (F & A); cbn [setting]; rewrite IH by exact A; apply fresh_eval, F.
Qed.

Lemma setting_holds names l rho i tau : apart_of names (snd l) = true ->
  (holds (setting rho names i) tau l <-> holds rho tau l).
Proof. intros A; unfold holds; rewrite setting_eval by exact A; tauto. Qed.
End Setting.

(** What a term is whose variables became loose indices. *)
Lemma closing_eval names rho tau : forall t (I : Interpretation) s1 i s2, length names = length i ->
  indices = s1 ++ s2 ->
  @eval (with_indices (s1 ++ i ++ s2) I) rho tau (closing names (length s1) t) = eval (unwound rho names i) tau t.
Proof.
  induction names as [| k names IH]; intros t J s1 [| v i] s2 L E; try discriminate.
  - cbn [closing unwound app]; destruct J as [g m s]; cbn [with_indices indices] in *; subst; reflexivity.
  - cbn [closing unwound app].
    replace (S (length s1)) with (length (s1 ++ [v])) by (rewrite app_length; cbn [length]; lia).
    replace (s1 ++ v :: i ++ s2) with ((s1 ++ [v]) ++ i ++ s2) by (rewrite <- app_assoc; reflexivity).
    pose proof (IH (captured k (length s1) (raised (length s1) t)) (with_indices (s1 ++ v :: s2) J) (s1 ++ [v]) i s2)
      as H.
    rewrite app_length in H at 1; cbn [length] in H; rewrite Nat.add_1_r in H; rewrite app_length; cbn [length].
    rewrite Nat.add_1_r; refine (eq_trans (H _ _) _); [injection L; auto | rewrite <- app_assoc; reflexivity |].
    exact (captured_eval _ tau k v t J s1 s2 E).
Qed.

Lemma closing_defined names rho tau : forall t (I : Interpretation) s1 i s2, length names = length i ->
  indices = s1 ++ s2 ->
  (@defined (with_indices (s1 ++ i ++ s2) I) rho tau (closing names (length s1) t) <-> defined (unwound rho names i)
    tau t).
Proof.
  induction names as [| k names IH]; intros t J s1 [| v i] s2 L E; try discriminate.
  - cbn [closing unwound app]; destruct J as [g m s]; cbn [with_indices indices] in *; subst; reflexivity.
  - cbn [closing unwound app].
    replace (s1 ++ v :: i ++ s2) with ((s1 ++ [v]) ++ i ++ s2) by (rewrite <- app_assoc; reflexivity).
    pose proof (IH (captured k (length s1) (raised (length s1) t)) (with_indices (s1 ++ v :: s2) J) (s1 ++ [v]) i s2)
      as H.
    rewrite app_length in H at 1; cbn [length] in H; rewrite Nat.add_1_r in H.
    refine (iff_trans (H _ _) _); [injection L; auto | rewrite <- app_assoc; reflexivity |].
    exact (captured_defined _ tau k v t J s1 s2 E).
Qed.

Section Closed.
Context {cited : Interpretation}.

Lemma closed_over_eval names i rho tau t : length names = length i ->
  @eval (at_index i cited) rho tau (closed_over names t) = eval (setting rho names i) tau t.
Proof.
  intros L; rewrite <- (unwound_rev rho names i L).
  refine (closing_eval (rev names) rho tau t cited [] (rev i) indices _ eq_refl); rewrite !rev_length; exact L.
Qed.

Lemma closed_over_defined names i rho tau t : length names = length i ->
  (@defined (at_index i cited) rho tau (closed_over names t) <-> defined (setting rho names i) tau t).
Proof.
  intros L; rewrite <- (unwound_rev rho names i L).
  refine (closing_defined (rev names) rho tau t cited [] (rev i) indices _ eq_refl); rewrite !rev_length; exact L.
Qed.
End Closed.

(** ** Sums over tuples *)

Lemma summed_flat {A B} (l : list A) (h : A -> list B) f :
  Graphs.summed (flat_map h l) f = Graphs.summed l (fun a => Graphs.summed (h a) f).
Proof.
  induction l as [| a l IH]; [reflexivity |]; cbn [flat_map]; rewrite Graphs.summed_app, IH; reflexivity.
Qed.

Lemma summed_map {A B} (l : list A) (h : A -> B) f : Graphs.summed (map h l) f = Graphs.summed l (fun a => f (h a)).
Proof. unfold Graphs.summed; induction l as [| a l IH]; [reflexivity |]; cbn [map fold_right]; rewrite IH;
  reflexivity. Qed.

Lemma total_summed N f : total N f = Graphs.summed (seq 0 N) f.
Proof.
  induction N; [reflexivity |]; rewrite seq_S, Graphs.summed_app; cbn [total]; rewrite IHN; unfold Graphs.summed at 3.
  cbn [fold_right plus]; ring.
Qed.

Lemma tuples_length ns i : In i (tuples ns) -> length i = length ns.
Proof.
  revert i; induction ns as [| n ns IH]; cbn [tuples]; intros i I; [destruct I as [<- | []]; reflexivity |].
  apply in_flat_map in I; destruct I as (k & _ & I); apply in_map_iff in I; destruct I as (j & <- & J).
  cbn [length]; f_equal; exact (IH j J).
Qed.

Section Totals.
Context {cited : Interpretation}.

Lemma totals_eval ix tau t : (forall n k, In n (map snd ix) -> In k (map fst ix) -> fresh k n = true) -> forall rho,
  eval rho tau (totals ix t) =
  Graphs.summed (tuples (map (eval rho tau) (map snd ix))) (fun i => eval (setting rho (map fst ix) i) tau t).
Proof.
  intros F rho; cut (forall rho', (forall n, In n (map snd ix) -> eval rho' tau n = eval rho tau n) ->
    eval rho' tau (totals ix t) =
    Graphs.summed (tuples (map (eval rho tau) (map snd ix))) (fun i => eval (setting rho' (map fst ix) i) tau t));
    [intros H; apply H; reflexivity |].
  induction ix as [| [k n] ix IH]; intros rho' E; cbn [map fst snd totals fold_right tuples setting] in *.
  - unfold Graphs.summed; cbn [fold_right setting]; ring.
  - rewrite bound_eval; cbn [over]; unfold sum_below; rewrite (E n (or_introl eq_refl)), summed_flat, total_summed.
    apply Graphs.summed_ext; intros j _; rewrite summed_map; apply IH.
    + intros m y M Y; apply F; right; assumption.
    + intros m M; rewrite fresh_eval by (apply F; [right; exact M | left; reflexivity]); apply E; right; exact M.
Qed.

Lemma added_eval rho tau rest : forall a,
  eval rho tau (fold_left Add rest a) = eval rho tau a + Graphs.summed rest (eval rho tau).
Proof.
  induction rest as [| b rest IH]; intros a; cbn [fold_left]; [unfold Graphs.summed; cbn [fold_right]; ring |].
  rewrite IH; unfold Graphs.summed at 2; cbn [fold_right eval]; unfold Graphs.summed; ring.
Qed.

(** The index counts below its sizes. *)
Lemma counts_of_hold ix tau : (forall n k, In n (map snd ix) -> In k (map fst ix) -> fresh k n = true) ->
  NoDup (map fst ix) -> forall rho i, In i (tuples (map (eval rho tau) (map snd ix))) ->
  all_hold (setting rho (map fst ix) i) tau (counts_of ix).
Proof.
  intros F U rho i I.
  assert (forall kn, In kn ix -> exists j, setting rho (map fst ix) i (fst kn) = INR j /\
    INR j < eval rho tau (snd kn)) as A.
  { clear F; revert rho i I.
    cut (forall ns rho i p kn n, In i (tuples ns) -> length ns = length ix -> nth_error ix p = Some kn ->
      nth_error ns p = Some n -> exists j, setting rho (map fst ix) i (fst kn) = INR j /\ INR j < n).
    { intros H rho i I kn K; apply In_nth_error in K; destruct K as (p & K).
      apply (H _ rho i p kn _ I); [rewrite !map_length; reflexivity | exact K |].
      rewrite map_map; exact (map_nth_error (fun x => eval rho tau (snd x)) p ix K). }
    revert U; induction ix as [| [k n] ix IH]; cbn [map fst snd]; intros U ns rho i p kn m I L K M.
    - destruct p; discriminate.
    - apply NoDup_cons_iff in U; destruct U as (N & U); destruct ns as [| n' ns]; [discriminate |].
      cbn [tuples] in I; apply in_flat_map in I; destruct I as (j & J & I); apply in_map_iff in I;
        destruct I as (l & <- & I).
      cbn [setting]; destruct p as [| p]; cbn [nth_error] in K, M.
      + injection K as <-; injection M as <-; cbn [fst]; exists j; rewrite setting_other, set_same by exact N; split;
          [reflexivity |].
        apply below; apply in_seq in J; lia.
      + exact (IH U ns _ l p kn m I (eq_add_S _ _ L) K M). }
  intros l J; apply in_flat_map in J; destruct J as (kn & K & J); revert l J.
  change (all_hold (setting rho (map fst ix) i) tau (counts (Var (fst kn)) (snd kn))); apply counts_hold.
  destruct (A kn K) as (j & P & Q); exists j; split; [exact P |].
  assert (apart_of (map fst ix) (snd kn) = true) as X
    by (apply forallb_forall; intros k Y; apply F; [apply in_map, K | exact Y]).
  rewrite setting_eval by exact X; exact Q.
Qed.
End Totals.

(** ** Soundness *)

Section Cited.
Context {cited : Interpretation}.

(** A derivative of entries at variables is one at loose indices. *)
Lemma family_closed names i V t d rho : length names = length i ->
  family_has_derivative_at V t d (setting rho names i) ->
  @family_has_derivative_at (at_index i cited) V (closed_over names t) (closed_over names d) rho.
Proof.
  intros L ((A & B & C) & D).
  assert (@entry_function (at_index i cited) (closed_over names t) rho = entry_function t (setting rho names i)) as E.
  { extensionality p; exact (@closed_over_eval (at_entries p) names i rho still_env t L). }
  assert (forall p, entries_exist t (setting rho names i) p ->
    @entries_exist (at_index i cited) (closed_over names t) rho p) as X.
  { intros p; exact (proj2 (@closed_over_defined (at_entries p) names i rho still_env t L)). }
  split; [split; [| split] |].
  - exact (Families.nearby_impl _ _ _ _ X A).
  - rewrite E; exact B.
  - rewrite E; refine (Families.derivative_ext _ _ _ _ _ _ C); intros q.
    symmetry; exact (@closed_over_eval (at_tangents q) names i rho still_env d L).
  - intros q; exact (proj2 (@closed_over_defined (at_tangents q) names i rho still_env d L) (D q)).
Qed.

(** The family [g], and tangents. *)
Definition balanced (g : name) (c : list R -> R) (q : Families.point) : Interpretation :=
  {| app_value := app_value;
     entry_value := fun moving x l => if moving then q (x, l) else if Pos.eqb x g then c l else entry_value false x l;
     indices := indices |}.

End Cited.

Section Cited.
Context {cited : Interpretation}.

Lemma balanced_eval g c q rho t : occurs (Pos.eqb g) every t = false ->
  @eval (balanced g c q) rho still_env t = eval rho still_env t.
Proof.
  intros O; destruct cited as [app m s]; unfold balanced; cbn.
  refine (entries_eval (Pos.eqb g) every app _ m _ _ rho still_env t s O); [| discriminate].
  intros x l N; rewrite Pos.eqb_sym, N; reflexivity.
Qed.

Lemma balanced_tangents g c q rho t : fresh g t = true ->
  @eval (balanced g c q) rho still_env t = @eval (at_tangents q) rho still_env t.
Proof.
  intros F; apply negb_true_iff in F; destruct cited as [app m s]; unfold balanced, at_tangents; cbn.
  refine (entries_eval (Pos.eqb g) (Pos.eqb g) app _ _ _ _ rho still_env t s F); [| reflexivity].
  intros x l N; rewrite Pos.eqb_sym, N; reflexivity.
Qed.

Lemma balanced_family g c q rho t : moves t = false ->
  @eval (balanced g c q) rho still_env t = @eval (with_family g c cited) rho still_env t.
Proof.
  intros M; destruct cited as [app m s]; unfold balanced, with_family; cbn.
  refine (entries_eval none every app _ _ _ _ rho still_env t s M); [| discriminate].
  intros x l _; cbn [negb andb]; reflexivity.
Qed.

Lemma occurs_both g t : fresh g t = true -> moves t = false -> occurs (Pos.eqb g) every t = false.
Proof.
  intros F M; apply negb_true_iff in F; revert F M; unfold moves.
  induction t; cbn [occurs]; intros F M; auto; repeat match goal with
    | H : _ || _ = false |- _ => apply orb_false_iff in H; destruct H
    end; rewrite ?IHt, ?IHt1, ?IHt2, ?IHt3 by assumption; auto.
  assert (existsb (occurs (Pos.eqb g) every) l = false) as ->.
  { match goal with A : existsb (occurs (Pos.eqb g) _) l = false, B : existsb (occurs none _) l = false |- _ =>
      revert A B end.
    induction each as [| a l A _ IH]; [reflexivity |]; cbn [existsb]; intros X Y.
    apply orb_false_iff in X, Y; destruct X, Y; rewrite A, IH by assumption; reflexivity. }
  rewrite orb_false_r; destruct moving; assumption.
Qed.

Lemma mutual_member V W : mutual V W = true -> (fun x => member x W) = (fun x => member x V).
Proof.
  unfold mutual; intros H; apply andb_prop in H; destruct H as (A & B); rewrite forallb_forall in A, B.
  extensionality x; destruct (member x V) eqn:E, (member x W) eqn:F; try reflexivity.
  - apply member_in in E; rewrite (A x E) in F; discriminate.
  - apply member_in in F; rewrite (B x F) in E; discriminate.
Qed.

Lemma apart_app a b t : apart_of (a ++ b) t = true -> apart_of a t = true /\ apart_of b t = true.
Proof. unfold apart_of; rewrite forallb_app; apply andb_prop. Qed.

Lemma apart_incl a b t : incl a b -> apart_of b t = true -> apart_of a t = true.
Proof. unfold apart_of; rewrite !forallb_forall; auto. Qed.

Theorem operator_valid g outs deriv adjoint pulls r :
  rule_operator g outs deriv adjoint pulls = Some r -> valid_anywhere deriv -> valid_anywhere adjoint -> valid r.
Proof.
  unfold rule_operator; intros H Vd Va.
  destruct (concl deriv) as [| | | | | | | | | | | | V e d | | | | |] eqn:Cd; try discriminate.
  destruct (concl adjoint) as [balance | | | | | | | | | | | | | | | | |] eqn:Ca; try discriminate.
  destruct pulls as [| first rest]; [discriminate |]; cbv zeta in H; set (pulls := first :: rest) in *.
  set (names := map fst outs) in *; set (given := minus (hyps deriv) (counts_of outs)) in *.
  set (plain := fun l : literal => apart_of names (snd l)) in *.
  open H; injection H as <-.
  apply andb_prop in E; destruct E as (Mv & Dp); apply andb_prop in E0; destruct E0 as (Di & Np).
  apply same_literal_eq in E1; subst balance.
  apply andb_prop in E2; destruct E2 as (E2 & gV); apply andb_prop in E2; destruct E2 as (ge & gd).
  apply andb_prop in E3; destruct E3 as (gg & ga).
  rewrite forallb_forall in Di, Np, gg, ga, E4, E5.
  pose proof (valid_here _ Vd) as Vd'; pose proof (valid_here _ Va) as Va'.
  assert (forall n, In n (sizes_of outs pulls) -> moves n = false /\ fresh g n = true /\
    forall ks k, In ks (names :: map (fun x => map fst (fst (snd x))) pulls) -> In k ks -> fresh k n = true) as Sz.
  { intros n I; specialize (E5 n I); apply andb_prop in E5; destruct E5 as (A & B); apply negb_true_iff in A.
    split; [exact A |]; cbn [apart_of forallb] in B; apply andb_prop in B; destruct B as (B & C); split; [exact B |].
    intros ks k J K; apply apart_app in C; destruct C as (_ & C); apply (apart_fresh _ _ k C).
    apply in_concat; exists ks; split; assumption. }
  assert (forall n, In n (map snd outs) -> In n (sizes_of outs pulls)) as So
    by (intros n I; unfold sizes_of; apply in_or_app; left; exact I).
  assert (forall x n, In x pulls -> In n (map snd (fst (snd x))) -> In n (sizes_of outs pulls)) as Sp.
  { intros x n I J; unfold sizes_of; apply in_or_app; right; apply in_flat_map; exists x; split; assumption. }
  assert (NoDup names) as Un by (apply distinct_nodup, Di; left; reflexivity).
  assert (forall n k, In n (map snd outs) -> In k (map fst outs) -> fresh k n = true) as Fo.
  { intros n k I J; exact (proj2 (proj2 (Sz n (So n I))) names k (or_introl eq_refl) J). }
  apply valid_intro.
  { intros l I; apply union_in in I; destruct I as [I | I]; [| exact (proj1 Va' l I)].
    apply filter_In in I; destruct I as (I & _); apply minus_in in I; exact (proj1 Vd' l I). }
  intros rho tau A; apply all_hold_union in A; destruct A as (Ag & Aa).
  assert (forall l, In l given -> moves (snd l) = false) as Mg.
  { intros l I; apply minus_in in I; exact (proj1 Vd' l I). }
  cbn [conclusion_at]; unfold operator_at, conditions_hold, operator_of;
    cbn [out_sizes out_term out_derivative cotangent pullbacks conditions].
  intros C; unfold ranges in *; split.
  - intros i I; rewrite map_map; cbn [fst].
    assert (length names = length i) as L.
    { rewrite (tuples_length _ _ I), map_length; unfold names; rewrite !map_length; reflexivity. }
    apply (family_closed names i _ e d rho L).
    assert (family_has_derivative_at V e d (setting rho names i)) as D.
    { pose proof (valid_at deriv (setting rho names i) still_env Vd') as X; rewrite Cd in X; apply X;
        [| exact still_env].
      apply (all_hold_minus _ still_env _ (counts_of outs)); [exact (counts_of_hold outs still_env Fo Un rho i I) |].
      intros l J; fold given in J; destruct (plain l) eqn:P.
      - apply (setting_holds names l rho i still_env P), (holds_moves rho tau still_env l (Mg l J)).
        apply Ag, filter_In; split; assumption.
      - specialize (C i I (closed_literal names l)); unfold holds in C |- *; cbn [closed_literal fst snd] in C.
        rewrite (closed_over_eval names i rho still_env (snd l) L) in C; apply C.
        apply in_map, filter_In; split; [exact J |]; change (negb (plain l) = true); rewrite P; reflexivity. }
    unfold family_has_derivative_at, family_local_at in D |- *; cbv zeta in D |- *.
    match goal with |- context [map ?f pulls] => change (map f pulls) with (map fst pulls) end.
    rewrite (mutual_member V _ Mv); exact D.
  - intros c q.
    assert (@all_hold (balanced g c q) rho still_env (hyps adjoint)) as Hb.
    { intros l I; unfold holds; rewrite balanced_eval
        by (apply occurs_both; [exact (ga l I) | exact (proj1 Va' l I)]).
      exact (holds_moves rho tau still_env l (proj1 Va' l I) (Aa l I)). }
    pose proof (@valid_at (balanced g c q) adjoint rho still_env
      (Va (fun moving x l => if moving then q (x,
        l) else if Pos.eqb x g then c l else entry_value false x l)) Hb still_env) as Bal.
    rewrite Ca in Bal; apply (proj1 (@holds_equation (balanced g c q) rho still_env _ _)) in Bal.
    assert (forall ns, (forall n, In n ns -> In n (sizes_of outs pulls)) ->
      map (@eval (balanced g c q) rho still_env) ns = map (eval rho still_env) ns) as En.
    { intros ns I; apply map_ext_in; intros n J; destruct (Sz n (I n J)) as (M & F & _).
      apply balanced_eval, occurs_both; assumption. }
    rewrite (@totals_eval (balanced g c q) outs still_env _ Fo rho), (En _ So) in Bal.
    rewrite (@added_eval (balanced g c q) rho still_env), summed_map in Bal.
    transitivity (Graphs.summed (tuples (map (eval rho still_env) (map snd outs))) (fun i =>
      @eval (balanced g c q) (setting rho (map fst outs) i) still_env (Mul (Entry false g (vars outs)) d))).
    + apply Graphs.summed_ext; intros i I.
      assert (length names = length i) as L.
      { rewrite (tuples_length _ _ I), map_length; unfold names; rewrite !map_length; reflexivity. }
      rewrite (@closed_over_eval (at_tangents q) names i rho still_env d L); cbn [eval].
      rewrite (balanced_tangents g c q _ d gd); apply f_equal2; [| reflexivity].
      cbn [entry_value balanced]; rewrite Pos.eqb_refl; unfold vars; rewrite map_map; cbn [eval].
      rewrite <- (map_map fst (setting rho (map fst outs) i)); symmetry; f_equal; exact (setting_read rho names i Un L).
    + rewrite Bal, summed_map.
      assert (forall x, In x pulls -> @eval (balanced g c q) rho still_env (paired x) =
        Graphs.summed (tuples (map (eval rho still_env) (map snd (fst (snd x))))) (fun j =>
          @eval (at_index j (with_family g c cited)) rho still_env (closed_over (map fst (fst (snd x))) (snd (snd x))) *
          q (fst x, j))) as Ep.
      { intros x I; unfold paired; destruct x as [x [ix v]]; cbn [fst snd].
        assert (forall n k, In n (map snd ix) -> In k (map fst ix) -> fresh k n = true) as Fx.
        { intros n k J K; refine (proj2 (proj2 (Sz n (Sp _ n I J))) (map fst ix) k _ K); right.
          exact (in_map (fun x => map fst (fst (snd x))) pulls _ I). }
        assert (NoDup (map fst ix)) as Ux.
        { apply distinct_nodup, Di; right; exact (in_map (fun x => map fst (fst (snd x))) pulls _ I). }
        rewrite (@totals_eval (balanced g c q) ix still_env _ Fx rho), (En (map snd ix) (fun n => Sp _ n I)).
        apply Graphs.summed_ext; intros j J; cbn [eval].
        assert (length (map fst ix) = length j) as L by (rewrite (tuples_length _ _ J), !map_length; reflexivity).
        rewrite (@closed_over_eval (with_family g c cited) (map fst ix) j rho still_env v L).
        rewrite balanced_family by (specialize (Np _ I); cbn [snd] in Np; apply negb_true_iff in Np; exact Np).
        apply f_equal2; [reflexivity |]; cbn [entry_value balanced]; unfold vars; rewrite map_map; cbn [eval].
        rewrite <- (map_map fst (setting rho (map fst ix) j)); f_equal; f_equal; exact (setting_read rho _ j Ux L). }
      rewrite (Ep first (or_introl eq_refl)), (Graphs.summed_ext rest _ _ (fun x I => Ep x (or_intror I))); reflexivity.
Qed.
End Cited.
