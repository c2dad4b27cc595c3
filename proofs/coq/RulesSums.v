(** Sums and maxima: the facts about them, and the rule [generalize] on literals and definedness.
    As in [proofs/kernel/sums.py] and [proofs/kernel/logic.py]. *)

From Coq Require Import ZArith Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Hasderiv Require Import AnalysisFunctions Sums Term Semantics Eval Polynomial Theorems RulesLogic RulesFact
  RulesFreeze.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

(** ** The rules *)

(** [u] is a natural number less than [n]. *)
Definition counts (u n : term) : list literal := [(NonNegative, u); (Positive, sub n u); equation (Un Floor u) u].

Inductive sum_fact := SumLinear | SumSwap | SumDelta | SumCount | MaxUpper.

(** What an entry of this part of the ledger says: premises and conclusion.  [Var k] is bound in the conclusion. *)
Definition sum_instance (e : sum_fact) (terms : list term) : option (list literal * literal) :=
  match e, terms with
  | SumLinear, [Var k; n; c; a; b] =>
      when still [k] c ;;
      Some ([], equation (bound Sum k n (Add (Mul c a) b)) (Add (Mul c (bound Sum k n a)) (bound Sum k n b)))
  | SumSwap, [Var j; m; Var k; n; a] =>
      when negb (Pos.eqb j k) && still [j] n && still [k] m ;;
      Some ([], equation (bound Sum j m (bound Sum k n a)) (bound Sum k n (bound Sum j m a)))
  | SumDelta, [Var k; n; u; a] =>
      when still [k] u ;;
      Some (counts u n, equation (bound Sum k n (Cond Zero (sub (Var k) u) a zero)) (substitute [(k, u)] [] a))
  | SumCount, [Var k; n] => Some ([(NonNegative, n); equation (Un Floor n) n], equation (bound Sum k n one) n)
  | MaxUpper, [Var k; n; u; a] => Some (counts u n, (NonNegative, sub (bound Max k n a) (substitute [(k, u)] [] a)))
  | _, _ => None
  end.

Definition rule_sum_fact (e : sum_fact) (terms : list term) (premises : theorems) : option theorem :=
  nc <- sum_instance e terms ;;
  when all_prove (fst nc) premises ;;
  Some (conclude (Holds (snd nc)) premises).

Definition is_max (op : binder) : bool := match op with Max => true | Sum => false end.

(** What a literal that holds for each [k < n] says of the sum or maximum, and whether only for [n > 0]. *)
Definition carried (op : binder) (k : name) (n : term) (l : literal) : option (bool * literal) :=
  match op, fst l with
  | _, NonZero => None
  | _, Zero => ba <- difference l ;; Some (false, equation (bound op k n (fst ba)) (bound op k n (snd ba)))
  | Max, r =>
      ba <- difference (Zero, snd l) ;;
      when still [k] (fst ba) ;; Some (true, (r, sub (fst ba) (bound Max k n (snd ba))))
  | Sum, r => Some (same_relation r Positive, (r, bound Sum k n (snd l)))
  end.

(** The hypotheses of the premise without those that say what [k] counts; [n > 0] where it is needed. *)
Definition rest_of (k : name) (n : term) (th : theorem) : list literal := minus (hyps th) (counts (Var k) n).
Definition apart_from (k : name) (n : term) (th : theorem) : bool :=
  fresh k n && negb (moves n) && forallb (fresh_literal k) (rest_of k n th).
Definition if_some (some : bool) (n : term) : list literal := if some then [(Positive, n)] else [].

Definition rule_generalize (op : binder) (k : name) (n : term) (th : theorem) (sides : theorems) : option theorem :=
  when apart_from k n th ;;
  match concl th with
  | Holds l =>
      c <- carried op k n l ;;
      conclude_under (union (if_some (fst c) n) (rest_of k n th)) (Holds (snd c))
  | Defined t =>
      used <- define (rev sides) n ;;
      conclude_under (union (if_some (is_max op) n) (union (rest_of k n th) (hyps_of used))) (Defined (bound op k n t))
  | _ => None
  end.

(** ** Soundness *)

(** What a symbol that became a bound index is worth. *)
Lemma captured_eval rho tau x v t : forall (I : Interpretation) s1 s2, indices = s1 ++ s2 ->
  @eval (with_indices (s1 ++ v :: s2) I) rho tau (captured x (length s1) (raised (length s1) t)) =
  eval (set rho x v) tau t.
Proof.
  induction t; intros J s1 s2 E; cbn [raised captured eval]; rewrite ?(IHt J s1 s2 E), ?(IHt1 J s1 s2 E),
    ?(IHt2 J s1 s2 E), ?(IHt3 J s1 s2 E); auto.
  - unfold set; rewrite Pos.eqb_sym; destruct (Pos.eqb x0 x); cbn [eval indices with_indices];
      [rewrite app_nth2, Nat.sub_diag by lia |]; reflexivity.
  - cbn [indices with_indices]; rewrite E; destruct (Nat.ltb_spec k (length s1)) as [L | L].
    + rewrite !app_nth1 by lia; reflexivity.
    + rewrite !app_nth2 by lia; replace (S k - length s1)%nat with (S (k - length s1)) by lia; reflexivity.
  - cbn [entry_value with_indices]; f_equal; rewrite !map_map.
    induction each as [| a l A _ IH]; [reflexivity |]; cbn [map]; rewrite IH, (A J s1 s2 E); reflexivity.
  - apply over_ext; [reflexivity |]; intros k; rewrite <- (IHt2 (push (INR k) J) (INR k :: s1) s2); [reflexivity |].
    cbn [push with_indices indices app]; rewrite E; reflexivity.
Qed.

Lemma captured_defined rho tau x v t : forall (I : Interpretation) s1 s2, indices = s1 ++ s2 ->
  (@defined (with_indices (s1 ++ v :: s2) I) rho tau (captured x (length s1) (raised (length s1) t)) <->
   defined (set rho x v) tau t).
Proof.
  induction t; intros J s1 s2 E; cbn [raised captured defined]; rewrite ?(IHt J s1 s2 E), ?(IHt1 J s1 s2 E),
    ?(IHt2 J s1 s2 E), ?(captured_eval rho tau x v _ J s1 s2 E); try tauto.
  - destruct (Pos.eqb x x0); cbn [defined]; tauto.
  - destruct (decide r (eval (set rho x v) tau t1)); rewrite ?(IHt2 J s1 s2 E), ?(IHt3 J s1 s2 E); tauto.
  - induction each as [| a l A _ IH]; cbn [map fold_right]; [tauto |]; rewrite IH, (A J s1 s2 E); tauto.
  - assert (forall k, @defined (push (INR k) (with_indices (s1 ++ v :: s2) J)) rho tau
        (captured x (S (length s1)) (raised (S (length s1)) t2)) <-> @defined (push (INR k) J) (set rho x v) tau t2) as
          B.
    { intros k; apply (IHt2 (push (INR k) J) (INR k :: s1) s2); cbn [push with_indices indices app]; rewrite E;
      reflexivity. }
    split; intros (X & Y & Z); split; try exact X; split; try exact Y; intros k K; apply B, Z, K.
Qed.

Section Cited.
Context {cited : Interpretation}.

Theorem bound_eval rho tau op k n t :
  eval rho tau (bound op k n t) = over op (eval rho tau n) (fun i => eval (set rho k (INR i)) tau t).
Proof.
  unfold bound; cbn [eval]; apply over_ext; [reflexivity |]; intros i.
  exact (captured_eval rho tau k (INR i) t cited [] indices eq_refl).
Qed.

Theorem bound_defined rho tau op k n t :
  defined rho tau (bound op k n t) <->
  defined rho tau n /\ range_domain op (eval rho tau n) /\
  forall i, INR i < eval rho tau n -> defined (set rho k (INR i)) tau t.
Proof.
  unfold bound; cbn [defined].
  pose proof (fun i => captured_defined rho tau k (INR i) t cited [] indices eq_refl) as A.
  split; intros (X & Y & Z); split; try exact X; split; try exact Y; intros i L; apply A, Z, L.
Qed.

Lemma over_below op n f g : (forall i, INR i < n -> f i = g i) -> over op n f = over op n g.
Proof.
  intros H; destruct op; [apply total_ext | apply greatest_ext]; intros i L; apply H, below, L.
Qed.

Lemma still_set k v rho tau t : still [k] t = true -> eval (set rho k v) tau t = eval rho tau t.
Proof.
  intros S; apply (still_eval [k] (Rabs (v - rho k)) rho); [exact S |]; intros y; cbn [member existsb].
  rewrite orb_false_r; destruct (Pos.eqb_spec y k) as [-> | N]; [rewrite set_same; apply Rle_refl |].
  apply set_other, N.
Qed.

Lemma counts_hold rho tau u n :
  all_hold rho tau (counts u n) <-> exists i, eval rho tau u = INR i /\ INR i < eval rho tau n.
Proof.
  assert (all_hold rho tau (counts u n) <-> eval rho tau u >= 0 /\ eval rho tau n - eval rho tau u > 0 /\
    IZR (Int_part (eval rho tau u)) - eval rho tau u = 0) as ->.
  { unfold counts; split.
    - intros A; split; [exact (A _ (or_introl eq_refl)) |]; split.
      + pose proof (A _ (or_intror (or_introl eq_refl))) as B; unfold holds in B; cbn [fst snd related] in B.
        rewrite eval_sub in B; exact B.
      + pose proof (A _ (or_intror (or_intror (or_introl eq_refl)))) as B; apply holds_equation in B;
          cbn [eval apply] in B.
        unfold floor in B; lra.
    - intros (A & B & C) l [<- | [<- | [<- | []]]].
      + exact A.
      + unfold holds; cbn [fst snd related]; rewrite eval_sub; exact B.
      + apply holds_equation; cbn [eval apply]; unfold floor; lra. }
  rewrite Sums.counts; split; intros (i & A & B); exists i; split; try exact A; apply below; exact B.
Qed.

Lemma sum_instance_sound e terms needs c rho tau :
  sum_instance e terms = Some (needs, c) -> all_hold rho tau needs -> holds rho tau c.
Proof.
  intros H A; destruct e; cbn [sum_instance] in H;
    repeat match type of H with
    | match ?l with [] => _ | _ => _ end = _ => destruct l; try discriminate
    | match ?t with Var _ => _ | _ => _ end = _ => destruct t; try discriminate
    end; open H; injection H as <- <-.
  - apply holds_equation; cbn [eval]; rewrite !bound_eval; cbn [eval over]; unfold sum_below.
    rewrite <- sum_linear; apply total_ext; intros i _; rewrite (still_set x (INR i) rho tau t0 E); reflexivity.
  - apply andb_prop in E; destruct E as (E & Km); apply andb_prop in E; destruct E as (N & Jn).
    apply negb_true_iff, Pos.eqb_neq in N; apply holds_equation; rewrite !bound_eval; cbn [over]; unfold sum_below.
    rewrite (total_ext _ _ (fun j => total (ceil (eval rho tau t0)) (fun k => eval (set (set rho x (INR j)) x0 (INR k))
      tau t1)))
      by (intros j _; rewrite bound_eval; cbn [over]; unfold sum_below; rewrite (still_set x _ rho tau t0 Jn);
        reflexivity).
    rewrite sum_swap; apply total_ext; intros k _; rewrite bound_eval; cbn [over]; unfold sum_below.
    rewrite (still_set x0 _ rho tau t Km); apply total_ext; intros j _; rewrite Lines.set_swap by exact N; reflexivity.
  - apply counts_hold in A; destruct A as (u & U & L); apply holds_equation;
      rewrite bound_eval, eval_substitute, plug_one.
    cbn [over]; unfold sum_below; change (plug [] rho tau tau) with tau; rewrite U.
    rewrite <- (sum_delta (ceil (eval rho tau t)) (fun i => eval (set rho x (INR i)) tau t1) u) by (apply below, L).
    apply total_ext; intros i _; cbn [eval]; rewrite eval_sub, eval_zero, (still_set x _ rho tau t0 E), U; cbn [eval].
    rewrite set_same; cbn [decide]; reflexivity.
  - apply holds_equation; rewrite bound_eval; cbn [over].
    pose proof (A _ (or_introl eq_refl)) as P; unfold holds in P; cbn [fst snd related] in P.
    pose proof (A _ (or_intror (or_introl eq_refl))) as F; apply holds_equation in F; cbn [eval apply] in F.
    unfold floor in F; rewrite <- (sum_count_below (eval rho tau t)) at 2; [| exact P | lra].
    apply total_ext; intros i _; apply eval_one.
  - apply counts_hold in A; destruct A as (u & U & L); unfold holds; cbn [fst snd related].
    rewrite eval_sub, bound_eval, eval_substitute, plug_one; change (plug [] rho tau tau) with tau; rewrite U.
    pose proof (max_upper (ceil (eval rho tau t)) (fun i => eval (set rho x (INR i)) tau t1) u) as M.
    cbn [over]; unfold max_below; cbv beta in M; apply below in L; specialize (M L); lra.
Qed.

Theorem sum_fact_valid e terms premises r : rule_sum_fact e terms premises = Some r -> all_valid premises -> valid r.
Proof.
  unfold rule_sum_fact; intros H V; open H; found H; apply valid_conclude; [exact V |]; intros rho K tau;
    destruct v as [needs c].
  exact (sum_instance_sound e terms needs c rho tau E (all_prove_at needs premises rho tau E0 (fun th I => K th I
    tau))).
Qed.

(** The premise of [generalize], for each index. *)
Lemma each_index k n th rho tau :
  apart_from k n th = true -> valid th -> all_hold rho tau (rest_of k n th) ->
  forall i, INR i < eval rho tau n -> forall tau', conclusion_at (concl th) (set rho k (INR i)) tau'.
Proof.
  unfold apart_from; intros E V A i L; apply andb_prop in E; destruct E as (N & R); rewrite forallb_forall in R.
  apply andb_prop in N; destruct N as (N & _).
  apply (valid_at th (set rho k (INR i)) tau V), (all_hold_minus _ tau _ (counts (Var k) n)).
  - apply counts_hold; exists i; cbn [eval]; rewrite set_same, fresh_eval by exact N; auto.
  - intros l M; apply fresh_holds; [exact (R l M) | exact (A l M)].
Qed.

Lemma carried_sound op k n l some c rho tau :
  carried op k n l = Some (some, c) -> (some = true -> eval rho tau n > 0) ->
  (forall i, INR i < eval rho tau n -> holds (set rho k (INR i)) tau l) -> holds rho tau c.
Proof.
  intros H P A; destruct l as [r t]; unfold carried in H; cbn [fst snd] in H.
  assert (forall ba, difference (Zero, t) = Some ba -> forall i, 
    eval (set rho k (INR i)) tau t = eval (set rho k (INR i)) tau (fst ba) - eval (set rho k (INR i)) tau (snd ba)) as
      D.
  { intros [b a] Q i; apply difference_eq in Q; unfold equation in Q; injection Q as ->; cbn [fst snd];
      apply eval_sub. }
  destruct r.
  - destruct op.
    + injection H as <- <-; unfold holds; cbn [fst snd related]; rewrite bound_eval; cbn [over]; unfold sum_below;
        apply Rlt_gt.
      apply total_pos; [apply some_below, P; reflexivity |]; intros i L; apply below in L; specialize (A i L); exact A.
    + open H; injection H as <- <-; unfold holds; cbn [fst snd related]; rewrite eval_sub, bound_eval; cbn [over];
        unfold max_below.
      apply (max_bound Rgt); [apply some_below, P; reflexivity |]; intros i L; apply below in L.
      specialize (A i L); unfold holds in A; cbn [fst snd related] in A; rewrite (D _ eq_refl i) in A.
      rewrite (still_set k _ rho tau _ E0) in A; exact A.
  - destruct op.
    + injection H as <- <-; unfold holds; cbn [fst snd related]; rewrite bound_eval; cbn [over]; unfold sum_below;
        apply Rle_ge.
      apply total_nonneg; intros i L; apply below in L; specialize (A i L); apply Rge_le; exact A.
    + open H; injection H as <- <-; unfold holds; cbn [fst snd related]; rewrite eval_sub, bound_eval; cbn [over];
        unfold max_below.
      apply (max_bound Rge); [apply some_below, P; reflexivity |]; intros i L; apply below in L.
      specialize (A i L); unfold holds in A; cbn [fst snd related] in A; rewrite (D _ eq_refl i) in A.
      rewrite (still_set k _ rho tau _ E0) in A; lra.
  - assert ((ba <- difference (Zero, t) ;;
      Some (false, equation (bound op k n (fst ba)) (bound op k n (snd ba)))) = Some (some, c)) as H' by (destruct op;
        exact H).
    clear H; open H'; injection H' as <- <-; apply holds_equation; rewrite !bound_eval; apply over_below; intros i L.
    specialize (A i L); unfold holds in A; cbn [fst snd related] in A; rewrite (D _ eq_refl i) in A; lra.
  - destruct op; discriminate.
Qed.

Lemma if_some_holds rho tau some n : all_hold rho tau (if_some some n) -> some = true -> eval rho tau n > 0.
Proof. intros A ->; exact (A _ (or_introl eq_refl)). Qed.

Theorem generalize_valid op k n th sides r :
  rule_generalize op k n th sides = Some r -> valid th -> all_valid sides -> valid r.
Proof.
  unfold rule_generalize; intros H V W; open H; pose proof (each_index k n th) as Each.
  destruct (concl th) as [l | t | | | | | | | | | | | | | | | |] eqn:C; try discriminate; open H;
    apply (valid_under _ _ _ H);
    intros rho tau A; apply all_hold_union in A; destruct A as (P & A); pose proof (if_some_holds rho tau _ n P) as Q.
  - destruct v as [some c]; refine (carried_sound op k n l some c rho tau E0 Q _); intros i L.
    exact (Each rho tau E V A i L tau).
  - apply all_hold_union in A; destruct A as (A & U); apply define_sound in E0; destruct E0 as (I & D).
    apply bound_defined; split; [| split].
    + apply D, (known_at v rho tau (all_valid_incl _ _ I (all_valid_rev _ W))), all_hold_hyps_of, U.
    + destruct op; [exact Logic.I | exact (Q eq_refl)].
    + intros i L; exact (Each rho tau E V A i L tau).
Qed.
End Cited.
