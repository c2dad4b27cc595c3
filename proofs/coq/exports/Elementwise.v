(** More about functions of numbers than [Exported.v] has: derivatives of higher orders, and that there is none where a
    function ends steeply. *)

From Coq Require Import Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisDerivatives.
From Hasderiv Require Import Term Semantics Eval Theorems Lines RulesSide Check Readable Exported.
Import ListNotations.
Open Scope R_scope.
Open Scope bool_scope.

(** ** Derivatives of order [n] *)

Lemma nth_derivative_line x n f : forall rho l,
  nth_derivative_at x n f rho l -> is_derive_n (line f rho x) n (rho x) l.
Proof.
  induction n as [| n IH]; intros rho l H.
  - cbn [is_derive_n]; unfold line; rewrite set_here; exact H.
  - destruct H as (g & N & D); apply nearby_one in N; destruct N as (d & P & N); cbn [is_derive_n].
    apply derivative_line in D; apply near_line_iff in D; unfold unit in D; rewrite set_same, Rmult_1_r in D.
    refine (is_derive_ext_loc _ _ _ _ _ D); exists (mkposreal d P); intros v B; symmetry.
    apply is_derive_n_unique; specialize (N v (Rlt_le _ _ B)); apply IH in N.
    rewrite set_same in N; replace (line f (set rho x v) x) with (line f rho x) in N; [exact N |].
    extensionality w; unfold line; rewrite set_set; reflexivity.
Qed.

(** A theorem about an order: its hypotheses, symbol, order, term and derivative. *)
Definition order : Type := list literal * (name * positive * term * term).

Definition says_order (o : order) (th : theorem) : bool :=
  let '(hs, (x, n, t, d)) := o in
  match concl th with
  | NthDerivative y m u e =>
      Pos.eqb x y && Pos.eqb n m && same t u && same d e && negb (moves d) && enough (hyps th) hs
  | _ => false
  end.

Fixpoint each_order (wanted : list order) (ths : list theorem) : bool :=
  match wanted, ths with
  | [], [] => true
  | o :: wanted, th :: ths => says_order o th && each_order wanted ths
  | _, _ => false
  end.

(** Whether the checker accepts the steps, and their claims say what is wanted. *)
Definition proves_orders (steps : list (ref * step)) (claims : list ref) (wanted : list order) : bool :=
  match check steps claims with Accepted ths => each_order wanted ths | _ => false end.

Lemma each_order_nth wanted ths k o :
  each_order wanted ths = true -> nth_error wanted k = Some o -> exists th, In th ths /\ says_order o th = true.
Proof.
  revert ths k; induction wanted as [| p wanted IH]; intros [| th ths] k H N; try discriminate;
    [destruct k; discriminate |].
  cbn [each_order] in H; apply andb_prop in H; destruct H as (A & B); destruct k as [| k]; cbn [nth_error] in N.
  - injection N as ->; exists th; split; [left; reflexivity | exact A].
  - destruct (IH ths k B N) as (th' & I & S); exists th'; split; [right; exact I | exact S].
Qed.

Theorem derive_n steps claims wanted k hs x n t d rho :
  proves_orders steps claims wanted = true -> nth_error wanted k = Some (hs, (x, n, t, d)) ->
  under rho hs (is_derive_n (along rho x t) (Pos.to_nat n) (rho x) (read rho d)).
Proof.
  unfold proves_orders; intros P N; destruct (check steps claims) as [ths | |] eqn:C; try discriminate.
  destruct (each_order_nth wanted ths k _ P N) as (th & I & S); pose proof (check_sound steps claims ths C th I) as V.
  unfold says_order in S; destruct (concl th) as [| | | | | y m u e | | | | | | | | | | | |] eqn:Q; try discriminate.
  apply andb_prop in S; destruct S as (S & E); apply andb_prop in S; destruct S as (S & M); apply andb_prop in S.
  destruct S as (S & Sd); apply andb_prop in S; destruct S as (S & St); apply andb_prop in S; destruct S as (Sx & Sn).
  apply Pos.eqb_eq in Sx, Sn; apply same_eq in St, Sd; subst y m u e.
  apply (enough_under (hyps th) hs rho _ E); intros A; destruct V as (_ & V); specialize (V rho still_env (A
    still_env)).
  rewrite Q in V; destruct V as (_ & _ & V); rewrite along_line, read_eval; exact (nth_derivative_line _ _ _ _ _ V).
Qed.

(** ** A piece on whose side the function is steep, so that not even the function of all numbers has a derivative *)

Theorem piece_steep x t assume rows k p why l r hs rho :
  valid {| hyps := []; concl := Map [x] t assume rows |} -> nth_error rows k = Some (p, NotSmooth why l r) ->
  enough (assume ++ p) hs && (infinite l || infinite r) = true -> under rho hs (~ ex_derive (along rho x t) (rho x)).
Proof.
  intros V N E; apply andb_prop in E; destruct E as (E & X); refine (row_at _ _ _ _ _ _ _ hs rho _ V N E _).
  intros (_ & _ & _ & A & B); apply orb_prop in X; destruct X as [X | X].
  - destruct l as [s |]; [| discriminate]; destruct A as (_ & _ & A & _).
    exact (steep_side x false t s rho still_env X A).
  - destruct r as [s |]; [| discriminate]; destruct B as (_ & _ & B & _).
    exact (steep_side x true t s rho still_env X B).
Qed.
