(** From the certificate of a tensor op to theorems about plain functions, in Coquelicot's words: each theorem here ends
    exported ones.  See [proofs/export]. *)

From Coq Require Import Reals ZArith QArith List Bool PArith Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisSides.
From Hasderiv Require Import Term Semantics Eval Calculus Theorems Lines RulesSide Check Readable Exported.
From Hasderiv Require Families.
From Hasderiv.exports Require Import Finite Reading Curves.
Import ListNotations.
Open Scope R_scope.
Open Scope bool_scope.

(** ** What a certificate has to prove *)

(** That [t] has the derivative [d] in the families [V]; that two terms are equal; that [t] has none in [x] at 0. *)
Inductive claim :=
  | Derivative (V : list name) (t d : term)
  | Equal (a b : term)
  | Corner (x : name) (t : term).

Definition origin (x : name) : literal := (Zero, Var x).

(** Whether a theorem says so, under no more than what is given. *)
Definition says (K : kinds) (hs : list given) (c : claim) (th : theorem) : bool :=
  match c, concl th with
  | Derivative V t d, FamilyHasDeriv W u d' => same_names V W && same t u && same d d' && enough K hs (hyps th)
  | Equal a b, Holds l => same_literal (equation a b) l && enough K hs (hyps th)
  | Corner x t, NotDifferentiable [y] u why l r =>
      Pos.eqb x y && same t u && excludes why l r && enough K (Literal (origin x) :: hs) (hyps th)
  | _, _ => false
  end.

Fixpoint each_says (K : kinds) (wanted : list (list given * claim)) (ths : list theorem) : bool :=
  match wanted, ths with
  | [], [] => true
  | (hs, c) :: wanted, th :: ths => says K hs c th && each_says K wanted ths
  | _, _ => false
  end.

(** Whether the checker accepts the steps, and their claims say what is wanted. *)
Definition proves (K : kinds) (steps : list (ref * step)) (claims : list ref) (wanted : list (list given * claim)) :
  bool :=
  match check steps claims with Accepted ths => each_says K wanted ths | _ => false end.

Lemma each_says_nth K wanted ths k hs c : each_says K wanted ths = true -> nth_error wanted k = Some (hs, c) ->
  exists th, In th ths /\ says K hs c th = true.
Proof.
  revert ths k; induction wanted as [| [g d] wanted IH]; intros [| th ths] k H N; try discriminate;
    [destruct k; discriminate |].
  cbn [each_says] in H; apply andb_prop in H; destruct H as (A & B); destruct k as [| k]; cbn [nth_error] in N.
  - injection N as -> ->; exists th; split; [left; reflexivity | exact A].
  - destruct (IH ths k B N) as (th' & I & S); exists th'; split; [right; exact I | exact S].
Qed.

(** One of these claims is a theorem. *)
Definition Claimed (K : kinds) (hs : list given) (c : claim) : Prop :=
  exists th, (forall I : Interpretation, valid th) /\ says K hs c th = true.

Theorem claimed K steps claims wanted k hs c :
  proves K steps claims wanted = true -> nth_error wanted k = Some (hs, c) -> Claimed K hs c.
Proof.
  unfold proves; intros H N; destruct (check steps claims) as [ths | |] eqn:C; try discriminate.
  destruct (each_says_nth K wanted ths k hs c H N) as (th & I & S); exists th; split; [| exact S].
  intros J; exact (check_sound steps claims ths C th I).
Qed.

(** ** An equation: that the VJP is the adjoint of the JVP *)

Theorem equal {K hs a b} (H : Claimed K hs (Equal a b)) e :
  readable K a && readable K b = true -> under K e hs (read K e None [] a = read K e None [] b).
Proof.
  intros R; destruct H as (th & V & S); apply andb_prop in R; destruct R as (Ra & Rb).
  unfold says in S; destruct (concl th) as [l | | | | | | | | | | | | | | | | |] eqn:C; try discriminate.
  apply andb_prop in S; destruct S as (S & E); apply same_literal_eq in S; subst l.
  apply (under_intro K e hs (hyps th) _ E); intros A.
  specialize (V (interpret K e [])); destruct V as (_ & V); specialize (V (env_of K e) still_env (A still_env)).
  rewrite C in V; cbn [conclusion_at] in V; apply holds_equation in V.
  rewrite !read_value by (assumption || discriminate); exact V.
Qed.

(** ** A derivative, along every curve *)

Definition curves_fit (K : kinds) (V : list name) (cs : list curve) : bool :=
  forallb (fun x => member x (map curve_symbol cs) && negb (member x (integer_families K))) V &&
  forallb (fun c => member (curve_symbol c) V) cs.

Theorem derive {K hs V t d} (H : Claimed K hs (Derivative V t d)) e cs time :
  readable K t && readable K d && curves_fit K V cs = true ->
  under K (at_time e cs time) hs
    (all_move cs time
       (is_derive (fun s => read K (at_time e cs s) None [] t) time (read K (at_time e cs time) None [] d))).
Proof.
  intros R; destruct H as (th & W & S).
  apply andb_prop in R; destruct R as (R & F); apply andb_prop in R; destruct R as (Rt & Rd).
  apply andb_prop in F; destruct F as (F & G); rewrite forallb_forall in F, G.
  unfold says in S; destruct (concl th) as [| | | | | | | | | | | | V' t' d' | | | | |] eqn:C; try discriminate.
  apply andb_prop in S; destruct S as (S & E); apply andb_prop in S; destruct S as (S & Sd); apply andb_prop in S.
  destruct S as (S & St); apply same_names_eq in S; apply same_eq in St, Sd; subst V' t' d'.
  apply (under_intro K (at_time e cs time) hs (hyps th) _ E); intros A; apply all_move_intro; intros M.
  set (now := interpret K (at_time e cs time) []) in *; set (rho := env_of K (at_time e cs time)) in *.
  specialize (W now); destruct W as (_ & W); specialize (W rho still_env (A still_env)); rewrite C in W.
  destruct W as ((_ & _ & D) & _).
  set (p := fun s (x : Families.entry) => @entry_value (interpret K (at_time e cs s) []) false (fst x) (snd x)).
  set (q := fun x : Families.entry => @entry_value now true (fst x) (snd x)).
  assert (Hp : forall s, @at_entries now (p s) = interpret K (at_time e cs s) []).
  { reflexivity. }
  assert (Hq : @at_tangents now q = now).
  { reflexivity. }
  assert (Ht : forall s, read K (at_time e cs s) None [] t = @entry_function now t rho (p s)).
  { intros s; rewrite read_value by (assumption || discriminate); unfold entry_function; rewrite Hp; reflexivity. }
  assert (Hd : read K (at_time e cs time) None [] d = @eval (@at_tangents now q) rho still_env d).
  { rewrite read_value by (assumption || discriminate); rewrite Hq; reflexivity. }
  rewrite Hd; apply (is_derive_ext (fun s => @entry_function now t rho (p s))); [intros s; symmetry; apply Ht |].
  refine (along_curve (fun x => member x V) p q time _ _ (@entry_function now t rho)
    (fun q => @eval (@at_tangents now q) rho still_env d) D).
  - intros [x l] v; cbn [fst] in v; apply member_in in v; specialize (F x v); apply andb_prop in F; destruct F as (X
    & Y).
    apply negb_true_iff in Y; unfold p, q, now; cbn [fst snd entry_value interpret]; rewrite Y.
    exact (curve_moves cs (families e) time x (map Int_part l) M X).
  - intros s [x l] v; cbn [fst] in v; unfold p; cbn [fst snd entry_value interpret].
    destruct (member x (integer_families K)); [reflexivity |]; cbn [families at_time].
    apply curve_stands; destruct (member x (map curve_symbol cs)) eqn:X; [| reflexivity].
    apply member_in, in_map_iff in X; destruct X as (c & <- & I); specialize (G c I); congruence.
Qed.

(** The same along a line. *)
Theorem derive_line {K hs V t d} (H : Claimed K hs (Derivative V t d)) e ls :
  readable K t && readable K d && curves_fit K V (map curve_of ls) = true ->
  under K (at_start e ls) hs
    (is_derive (fun s => read K (at_time e (map curve_of ls) s) None [] t) 0 (read K (at_start e ls) None [] d)).
Proof.
  intros R; rewrite <- at_time_0; pose proof (derive H e (map curve_of ls) 0 R) as D; revert D.
  induction hs as [| h hs' IH] in |- *; cbn [under]; [| auto].
  intros D; apply (all_move_done _ 0 _ D); intros c I; apply in_map_iff in I; destruct I as (l & <- & _).
  apply line_moves.
Qed.

(** ** No derivative, along one line *)

Lemma excludes_line {I : Interpretation} x t why l r rho tau :
  not_differentiable_at [x] t why l r rho tau -> excludes why l r = true -> ~ ex_derive (line (value t) rho x) (rho x).
Proof.
  intros (E & N & W & A & B) X.
  assert (back : ex_derive (line (value t) rho x) (rho x) -> exists L, derivative_at [x] (value t) rho L).
  { intros (d & D); eexists; apply line_derivative, AnalysisDerivatives.near_line_iff; exact D. }
  assert (J : ~ continuous_at [x] (value t) rho -> ~ ex_derive (line (value t) rho x) (rho x)).
  { intros C D; destruct (back D) as (L & D'); exact (C (derivative_continuous _ _ _ _ D')). }
  assert (S : forall s u, l = Some s -> r = Some u -> ~ ex_derive (line (value t) rho x) (rho x)).
  { intros s u -> -> D; apply N; split; [| exact (back D)].
    apply nearby_from_sides; [exact E | exact (proj1 (proj2 A)) | exact (proj1 (proj2 B))]. }
  assert (steep : forall onward s, infinite (Some s) = true -> quotient_tends (value t) x onward rho tau s ->
    ~ ex_derive (line (value t) rho x) (rho x)).
  { intros onward s H Q D; apply quotient_slopes in Q.
    destruct (slopes_ex_derive _ _ _ _ (direction_sign onward) Q D) as (d & F & _); destruct s; discriminate. }
  assert (O : infinite l || infinite r = true -> ~ ex_derive (line (value t) rho x) (rho x)).
  { intros O; apply orb_prop in O; destruct O as [O | O].
    - destruct l as [s |]; [| discriminate]; exact (steep false s O (proj1 (proj2 (proj2 A)))).
    - destruct r as [s |]; [| discriminate]; exact (steep true s O (proj1 (proj2 (proj2 B)))). }
  destruct why; try discriminate; try exact (J W); destruct l, r; try exact (S _ _ eq_refl eq_refl); exact (O X).
Qed.

(** The symbol [x] is the number [v]. *)
Definition with_number (e : setting) (x : name) (v : R) : setting :=
  {| integers := integers e; numbers := (x, v) :: numbers e; tables := tables e; families := families e;
     tangents := tangents e |}.

Theorem corner {K hs x t} (H : Claimed K hs (Corner x t)) e :
  readable K t && negb (member x (integer_symbols K)) = true ->
  under K (with_number e x 0) hs (~ ex_derive (fun v => read K (with_number e x v) None [] t) 0).
Proof.
  intros R; destruct H as (th & W & S); apply andb_prop in R; destruct R as (Rt & X).
  apply negb_true_iff in X; unfold says in S.
  destruct (concl th) as [| | | | | | | V' t' why l r | | | | | | | | | |] eqn:C; try discriminate.
  destruct V' as [| y [|]]; try discriminate.
  apply andb_prop in S; destruct S as (S & E); apply andb_prop in S; destruct S as (S & Q); apply andb_prop in S.
  destruct S as (S & St); apply Pos.eqb_eq in S; apply same_eq in St; subst y t'.
  set (o := with_number e x 0) in *.
  assert (Here : env_of K o x = 0).
  { unfold env_of; rewrite X; cbn [o with_number numbers find_number]; rewrite Pos.eqb_refl; reflexivity. }
  refine (under_intro K o (Literal (origin x) :: hs) (hyps th) _ E _ _).
  - intros A D; specialize (W (interpret K o [])); destruct W as (_ & W).
    specialize (W (env_of K o) still_env (A still_env)); rewrite C in W; cbn [conclusion_at] in W.
    apply (@excludes_line (interpret K o []) x t why l r _ _ W Q); rewrite Here.
    refine (ex_derive_ext _ _ _ _ D); intros v; rewrite read_value by (assumption || discriminate).
    cbn [close]; unfold line, value; f_equal; extensionality y; unfold env_of, set.
    cbn [o with_number numbers integers find_number]; destruct (Pos.eqb_spec y x) as [-> | Z]; [rewrite X;
      reflexivity |].
    reflexivity.
  - cbn [read_given]; unfold read_proposition, origin; cbn [fst snd sides integral]; rewrite X; cbn [read compares].
    unfold o; cbn [close read]; rewrite X; cbn [with_number numbers find_number]; rewrite Pos.eqb_refl; reflexivity.
Qed.
