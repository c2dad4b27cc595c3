(** From a theorem that a certificate proves to a statement about plain functions,
  in Coquelicot's words: each lemma here
    ends an exported theorem.  See [proofs/export]. *)

From Coq Require Import Reals QArith Qreals List Bool PArith Lra FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisDerivatives AnalysisSides.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Calculus Theorems Lines RulesSide Readable.
Import ListNotations.
Open Scope R_scope.
Open Scope bool_scope.

(** ** One symbol *)

(** The function of [x] that a term denotes. *)
Definition along (rho : env) (x : name) (t : term) : R -> R := fun v => read (set rho x v) t.

Lemma along_line rho x t : along rho x t = line (value t) rho x.
Proof. extensionality v; unfold along, line; rewrite read_eval; reflexivity. Qed.

Lemma has_derivative_along x t d rho :
  has_derivative_at [x] t d rho -> is_derive (along rho x t) (rho x) (read rho (slope_term d x)).
Proof.
  intros ((_ & _ & D) & _); rewrite along_line, read_eval, (slope_term_value x d rho still_env (proj1 D)).
  apply near_line_iff; exact (derivative_line x _ rho _ D).
Qed.

(** *** No derivative *)

Lemma derives_back x t rho : ex_derive (along rho x t) (rho x) -> exists L, derivative_at [x] (value t) rho L.
Proof.
  intros (l & D); rewrite along_line in D; eexists; apply line_derivative, near_line_iff; exact D.
Qed.

Definition infinite (s : option slope) : bool :=
  match s with Some PlusInfinity | Some MinusInfinity => true | _ => false end.

Lemma steep_side x onward t s rho tau :
  infinite (Some s) = true -> quotient_tends (value t) x onward rho tau s -> ~ ex_derive (along rho x t) (rho x).
Proof.
  intros I Q E; rewrite along_line in E; apply quotient_slopes in Q.
  destruct (slopes_ex_derive _ _ _ _ (direction_sign onward) Q E) as (l & F & _); destruct s; discriminate.
Qed.

(** Whether a verdict excludes a derivative of the total function: at a boundary it speaks of the domain alone. *)
Definition excludes (why : reason) (l r : option slope) : bool :=
  match why with
  | Jump => true
  | Boundary => false
  | _ => match l, r with Some _, Some _ => true | _, _ => infinite l || infinite r end
  end.

Lemma excludes_along x t why l r rho tau :
  not_differentiable_at [x] t why l r rho tau -> excludes why l r = true -> ~ ex_derive (along rho x t) (rho x).
Proof.
  intros (E & N & W & A & B) X.
  assert (J : ~ continuous_at [x] (value t) rho -> ~ ex_derive (along rho x t) (rho x)).
  { intros C D; destruct (derives_back x t rho D) as (L & D'); exact (C (derivative_continuous _ _ _ _ D')). }
  assert (S : forall s u, l = Some s -> r = Some u -> ~ ex_derive (along rho x t) (rho x)).
  { intros s u -> -> D; apply N; split; [| exact (derives_back x t rho D)].
    apply nearby_from_sides; [exact E | exact (proj1 (proj2 A)) | exact (proj1 (proj2 B))]. }
  assert (I : infinite l || infinite r = true -> ~ ex_derive (along rho x t) (rho x)).
  { intros I; apply orb_prop in I; destruct I as [I | I].
    - destruct l as [s |]; [| discriminate]; exact (steep_side x false t s rho tau I (proj1 (proj2 (proj2 A)))).
    - destruct r as [s |]; [| discriminate]; exact (steep_side x true t s rho tau I (proj1 (proj2 (proj2 B)))). }
  destruct why; try discriminate; try exact (J W); destruct l, r; try exact (S _ _ eq_refl eq_refl); exact (I X).
Qed.

(** *** One-sided derivatives *)

Definition beside (onward : bool) : (R -> Prop) -> Prop := if onward then at_right 0 else at_left 0.
Definition approaches (rho : env) (s : slope) : (R -> Prop) -> Prop :=
  match s with
  | FiniteSlope t => locally (read rho t)
  | PlusInfinity => Rbar_locally p_infty
  | MinusInfinity => Rbar_locally m_infty
  end.

Lemma beside_shortly onward (P : R -> Prop) : shortly (fun h => P (direction onward * h)) -> beside onward P.
Proof.
  intros (d & D & H); unfold beside, direction in *; destruct onward; exists (mkposreal d D); intros h B S;
    assert (A : Rabs (h + - 0) < d) by exact B; rewrite Ropp_0, Rplus_0_r in A; clear B.
  - rewrite <- (Rmult_1_l h); apply H; rewrite Rabs_right in A; lra.
  - replace h with (-1 * - h) by ring; apply H; rewrite Rabs_left in A; lra.
Qed.

Lemma quotient_along x onward t s rho tau :
  quotient_tends (value t) x onward rho tau s -> (forall u, s = FiniteSlope u -> moves u = false) ->
  filterlim (fun h => (along rho x t (rho x + h) - along rho x t (rho x)) / h) (beside onward) (approaches rho s).
Proof.
  intros Q M.
  assert (C : forall h, 0 < h -> (along rho x t (rho x + direction onward * h) - along rho x t (rho x)) / (direction
    onward * h)
    = direction onward * change (value t) x onward rho h / h).
  { intros h H; rewrite along_line; unfold line, change; rewrite set_here, <- shift_set.
    unfold direction; destruct onward; field; lra. }
  destruct s as [u | |]; cbn [quotient_tends approaches] in *; intros P HP.
  - destruct HP as (eps & HP); apply beside_shortly; destruct (Q (eps / 2)) as (d & D & E); [destruct eps; simpl;
      lra |].
    exists d; split; [exact D |]; intros h H; cbv beta; apply HP.
    rewrite C by lra; specialize (E h H); rewrite read_eval, (eval_moves rho still_env tau u (M u eq_refl)).
    match goal with |- ball _ _ (?a / h) => change (Rabs (a / h + - eval rho tau u) < eps) end.
    match goal with |- Rabs (?a / h + - ?b) < _ => replace (a / h + - b) with ((a - b * h) / h) by (field; lra) end.
    unfold Rdiv; rewrite Rabs_mult, Rabs_inv, (Rabs_right h) by lra.
    apply Rle_lt_trans with (eps / 2); [| destruct eps; simpl; lra].
    apply Rmult_le_reg_r with h; [lra |]; rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    refine (Rle_trans _ _ _ _ E); right; set (c := change (value t) x onward rho h); set (b := eval rho tau u).
    unfold direction; destruct onward; [f_equal; ring | rewrite <- Rabs_Ropp; f_equal; ring].
  - destruct HP as (M0 & HP); apply beside_shortly; destruct (Q (M0 + 1)) as (d & D & E).
    exists d; split; [exact D |]; intros h H; cbv beta; apply HP; rewrite C by lra; specialize (E h H).
    apply Rmult_lt_reg_r with h; [lra |]; unfold Rdiv; rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra; lra.
  - destruct HP as (M0 & HP); apply beside_shortly; destruct (Q (M0 - 1)) as (d & D & E).
    exists d; split; [exact D |]; intros h H; cbv beta; apply HP; rewrite C by lra; specialize (E h H).
    apply Rmult_lt_reg_r with h; [lra |]; unfold Rdiv; rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra; lra.
Qed.

(** ** Two symbols *)

(** The function of [x] and [y] that a term denotes. *)
Definition surface (rho : env) (x y : name) (t : term) : R -> R -> R := fun u v => read (set (set rho x u) y v) t.

Lemma set_both rho x y u v z : set (set rho x u) y v z = if Pos.eqb z y then v else if Pos.eqb z x then u else rho z.
Proof. reflexivity. Qed.

Lemma close_both x y rho u v :
  x <> y -> close [x; y] (Rmax (Rabs (u - rho x)) (Rabs (v - rho y))) rho (set (set rho x u) y v).
Proof.
  intros N z; rewrite set_both; unfold member; cbn [existsb]; rewrite orb_false_r.
  destruct (Pos.eqb_spec z x) as [-> | Z]; cbn [orb].
  - rewrite (proj2 (Pos.eqb_neq x y) N); apply Rmax_l.
  - destruct (Pos.eqb_spec z y) as [-> | W]; [apply Rmax_r | reflexivity].
Qed.

Lemma differentiable_of x y f rho L :
  x <> y -> derivative_at [x; y] f rho L ->
  differentiable_pt_lim (fun u v => f (set (set rho x u) y v)) (rho x) (rho y) (L (unit x)) (L (unit y)).
Proof.
  intros N (A & D) eps; destruct (D eps (cond_pos eps)) as (d & Q & E).
  exists (mkposreal d Q); intros u v U V; cbn [pos] in U, V.
  assert (B : 0 <= Rmax (Rabs (u - rho x)) (Rabs (v - rho y)) <= d).
  { split; [apply Rle_trans with (Rabs (u - rho x)); [apply Rabs_pos | apply Rmax_l] | left; apply Rmax_lub_lt;
      assumption]. }
  specialize (E _ _ B (close_both x y rho u v N)); rewrite !set_here in *.
  match type of E with Rabs (_ - _ - L ?t) <= _ =>
    replace (L t) with (L (unit x) * (u - rho x) + L (unit y) * (v - rho y)) in E; [exact E |] end.
  rewrite !(Rmult_comm (L _)), <- !(linear_scale [x; y] L A), <- (linear_plus [x; y] L A).
  apply (linear_same [x; y] L _ _ A); intros z [<- | [<- | []]]; rewrite set_both; unfold unit, set, still_env;
    rewrite ?Pos.eqb_refl, ?(proj2 (Pos.eqb_neq x y) N), ?(proj2 (Pos.eqb_neq y x) (not_eq_sym N)); ring.
Qed.

Lemma differentiable_back x y f rho l m :
  x <> y -> differentiable_pt_lim (fun u v => f (set (set rho x u) y v)) (rho x) (rho y) l m ->
  derivative_at [x; y] f rho (fun tau => l * tau x + m * tau y).
Proof.
  intros N D; split.
  - apply linear_add; apply linear_mul, linear_symbol; cbn; auto.
  - intros eps P; destruct (D (mkposreal eps P)) as (d & E); exists (d / 2); split; [destruct d; simpl; lra |].
    intros r rho' (R0 & R1) C; pose proof (cond_pos d).
    assert (S : rho' = set (set rho x (rho' x)) y (rho' y)).
    { extensionality z; specialize (C z); rewrite set_both; unfold member in C; cbn [existsb] in C;
        rewrite orb_false_r in C.
      destruct (Pos.eqb_spec z y) as [W |]; [rewrite W; reflexivity |]; destruct (Pos.eqb_spec z x) as [W |];
        [rewrite W; reflexivity | exact C]. }
    pose proof (close_in _ _ _ _ x C ltac:(cbn; auto)) as U; pose proof (close_in _ _ _ _ y C ltac:(cbn; auto)) as V.
    specialize (E (rho' x) (rho' y) ltac:(lra) ltac:(lra)); rewrite !set_here, <- S in E; cbn [pos] in E.
    refine (Rle_trans _ _ _ E _); apply Rmult_le_compat_l; [lra | apply Rmax_lub; assumption].
Qed.

Lemma surface_value rho x y t : surface rho x y t = fun u v => value t (set (set rho x u) y v).
Proof. extensionality u; extensionality v; unfold surface; rewrite read_eval; reflexivity. Qed.

(** The partial derivatives that a joint derivative names, as [_partials] in [proofs/pieces.py]. *)
Definition partial_in (x : name) (others : assignment) (d : term) : term :=
  let at_one := substitute [] ((x, one) :: others) d in
  match d with
  | Add (Mul p (Tangent a)) (Mul q (Tangent b)) =>
      if moves p || moves q || Pos.eqb a b then at_one
      else if Pos.eqb a x then p else if Pos.eqb b x then q else at_one
  | _ => at_one
  end.

Lemma partial_value (x y : name) rho d :
  Pos.eqb x y = false -> eval rho still_env (partial_in x [(y, zero)] d) = eval rho (unit x) d.
Proof.
  intros N.
  assert (A : eval rho still_env (substitute [] [(x, one); (y, zero)] d) = eval rho (unit x) d).
  { rewrite eval_substitute; f_equal; extensionality z; unfold plug, unit, set; cbn [lookup].
    destruct (Pos.eqb_spec z x) as [Z |]; [apply eval_one |]; destruct (Pos.eqb z y); [| reflexivity].
    unfold zero, rat, still_env; cbn [eval]; unfold Q2R; cbn; ring. }
  unfold partial_in; destruct d; try exact A; destruct d1; try exact A; destruct d1_2; try exact A.
  destruct d2; try exact A; destruct d2_2; try exact A.
  destruct (moves d1_1) eqn:M1; [exact A |]; destruct (moves d2_1) eqn:M2; [exact A |]; cbn [orb].
  assert (U : forall z, unit x z = if Pos.eqb z x then 1 else 0) by reflexivity.
  destruct (Pos.eqb_spec x0 x1) as [| D]; [exact A |].
  destruct (Pos.eqb_spec x0 x) as [E | E]; [| destruct (Pos.eqb_spec x1 x) as [F | F]; [| exact A]]; clear A;
    cbn [eval].
  - rewrite !U, (proj2 (Pos.eqb_neq x1 x)) by congruence; rewrite E, Pos.eqb_refl.
    rewrite (eval_moves rho (unit x) still_env d1_1 M1); ring.
  - rewrite !U, (proj2 (Pos.eqb_neq x0 x)) by congruence; rewrite F, Pos.eqb_refl.
    rewrite (eval_moves rho (unit x) still_env d2_1 M2); ring.
Qed.

(** ** What is exported: from a theorem that was checked to a statement about plain functions *)

Definition unmoved (hs : list literal) : bool := forallb (fun l => negb (moves (snd l))) hs.

(** The hypotheses [hs] are those of the map and of the piece. *)
Definition enough (needed hs : list literal) : bool := subset needed hs && unmoved hs.

Lemma enough_under needed hs rho (P : Prop) :
  enough needed hs = true -> ((forall tau, all_hold rho tau needed) -> P) -> under rho hs P.
Proof.
  intros E A; apply andb_prop in E; destruct E as (S & M); apply (under_intro rho hs P M); intros H; apply A.
  intros tau; exact (all_hold_subset rho tau needed hs S (H tau)).
Qed.

Lemma row_at V t assume rows k p v hs rho (P : Prop) :
  valid {| hyps := []; concl := Map V t assume rows |} -> nth_error rows k = Some (p, v) ->
  enough (assume ++ p) hs = true -> (verdict_at V t v rho still_env -> P) -> under rho hs P.
Proof.
  intros (_ & M) N E A; apply (enough_under _ hs rho P E); intros H; apply A.
  destruct (M rho still_env ltac:(intros ? [])) as (_ & _ & R); destruct (R (p, v) (nth_error_In _ _ N)) as (_ & W).
  apply W; intros l I; apply (H still_env), in_or_app; auto.
Qed.

(** A differentiable piece of a map. *)
Theorem piece_derive x t assume rows k p d hs rho :
  valid {| hyps := []; concl := Map [x] t assume rows |} -> nth_error rows k = Some (p, Differentiable d) ->
  enough (assume ++ p) hs = true -> under rho hs (is_derive (along rho x t) (rho x) (read rho (slope_term d x))).
Proof. intros V N E; refine (row_at _ _ _ _ _ _ _ hs rho _ V N E _); exact (has_derivative_along x t d rho). Qed.

(** A piece without a derivative. *)
Theorem piece_no_derive x t assume rows k p why l r hs rho :
  valid {| hyps := []; concl := Map [x] t assume rows |} -> nth_error rows k = Some (p, NotSmooth why l r) ->
  enough (assume ++ p) hs && excludes why l r = true -> under rho hs (~ ex_derive (along rho x t) (rho x)).
Proof.
  intros V N E; apply andb_prop in E; destruct E as (E & X); refine (row_at _ _ _ _ _ _ _ hs rho _ V N E _); intros H.
  exact (excludes_along x t why l r rho still_env H X).
Qed.

Definition plain_slope (s : slope) : bool := match s with FiniteSlope t => negb (moves t) | _ => true end.

Lemma plain_slope_moves s : plain_slope s = true -> forall u, s = FiniteSlope u -> moves u = false.
Proof. intros H u ->; exact (proj1 (negb_true_iff _) H). Qed.

(** The one-sided derivatives at such a piece. *)
Theorem piece_right x t assume rows k p why l s hs rho :
  valid {| hyps := []; concl := Map [x] t assume rows |} -> nth_error rows k = Some (p, NotSmooth why l (Some s)) ->
  enough (assume ++ p) hs && plain_slope s = true ->
  under rho hs (filterlim (fun h => (along rho x t (rho x + h) - along rho x t (rho x)) / h) (at_right 0) (approaches
    rho s)).
Proof.
  intros V N E; apply andb_prop in E; destruct E as (E & X); refine (row_at _ _ _ _ _ _ _ hs rho _ V N E _).
  intros (_ & _ & _ & _ & _ & _ & Q & _); exact (quotient_along x true t s rho still_env Q (plain_slope_moves s X)).
Qed.

Theorem piece_left x t assume rows k p why r s hs rho :
  valid {| hyps := []; concl := Map [x] t assume rows |} -> nth_error rows k = Some (p, NotSmooth why (Some s) r) ->
  enough (assume ++ p) hs && plain_slope s = true ->
  under rho hs (filterlim (fun h => (along rho x t (rho x + h) - along rho x t (rho x)) / h) (at_left 0) (approaches
    rho s)).
Proof.
  intros V N E; apply andb_prop in E; destruct E as (E & X); refine (row_at _ _ _ _ _ _ _ hs rho _ V N E _).
  intros (_ & _ & _ & (_ & _ & Q & _) & _); exact (quotient_along x false t s rho still_env Q (plain_slope_moves s X)).
Qed.

(** A differentiable piece of a map in two symbols jointly. *)
Theorem piece_differentiable x y t assume rows k p d hs rho :
  valid {| hyps := []; concl := Map [x; y] t assume rows |} -> nth_error rows k = Some (p, Differentiable d) ->
  enough (assume ++ p) hs && negb (Pos.eqb x y) = true ->
  under rho hs (differentiable_pt_lim (surface rho x y t) (rho x) (rho y)
    (read rho (partial_in x [(y, zero)] d)) (read rho (partial_in y [(x, zero)] d))).
Proof.
  intros V N E; apply andb_prop in E; destruct E as (E & X); apply negb_true_iff in X.
  refine (row_at _ _ _ _ _ _ _ hs rho _ V N E _); intros ((_ & _ & D) & _).
  rewrite surface_value, !read_eval, (partial_value x y rho d X), (partial_value y x rho d).
  - apply (differentiable_of x y (value t) rho (fun tau => eval rho tau d)); [apply Pos.eqb_neq, X | exact D].
  - rewrite Pos.eqb_sym; exact X.
Qed.

(** A term without a partial operation: it is defined everywhere. *)
Fixpoint total (t : term) : bool :=
  match t with
  | Rat _ | Pi | Var _ | Tangent _ => true
  | Add a b | Mul a b => total a && total b
  | Pow a _ => total a
  | Un f a => match f with Inv | Log | Sqrt => false | _ => total a end
  | Cond _ t a b => total t && total a && total b
  | App _ _ _ | Idx _ | Entry _ _ _ | Over _ _ _ => false
  end.

Lemma total_defined rho tau t : total t = true -> defined rho tau t.
Proof.
  induction t; cbn [total defined]; intros H; repeat (apply andb_prop in H; destruct H as (H & ?)); auto.
  - destruct f; try discriminate; cbn [in_domain]; auto.
  - destruct (decide r (eval rho tau t1)); auto.
  - discriminate.
  - discriminate.
  - discriminate.
Qed.

(** A piece on which the map in two symbols jointly has no derivative: a jump, or a term that is defined everywhere. *)
Theorem piece_not_differentiable x y t assume rows k p why l r hs rho :
  valid {| hyps := []; concl := Map [x; y] t assume rows |} -> nth_error rows k = Some (p, NotSmooth why l r) ->
  enough (assume ++ p) hs && negb (Pos.eqb x y) && (total t || same_reason why Jump) = true ->
  under rho hs (~ exists p q, differentiable_pt_lim (surface rho x y t) (rho x) (rho y) p q).
Proof.
  intros V N E; apply andb_prop in E; destruct E as (E & J); apply andb_prop in E; destruct E as (E & X).
  apply negb_true_iff in X; refine (row_at _ _ _ _ _ _ _ hs rho _ V N E _); intros (_ & W & C & _) (a & b & D).
  rewrite surface_value in D; apply (differentiable_back x y (value t) rho a b) in D; [| apply Pos.eqb_neq, X].
  apply orb_prop in J; destruct J as [J | J].
  - apply W; split; [| eexists; exact D]; exists 1; split; [lra | intros rho' _; exact (total_defined _ _ t J)].
  - apply same_reason_eq in J; subst why; exact (C (derivative_continuous _ _ _ _ D)).
Qed.
