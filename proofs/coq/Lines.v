(** One symbol: neighbourhoods and derivatives in [x] alone, as statements about a function of a real number. *)

From Coq Require Import Reals List Bool PArith Lra FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisBasics AnalysisDerivatives AnalysisSides.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Calculus.
Import ListNotations.
Open Scope R_scope.

Section Cited.
Context {cited : Interpretation}.

(** [f] along the line on which [x] moves. *)
Definition line (f : env -> R) (rho : env) (x : name) (v : R) : R := f (set rho x v).

(** The tangent [dx = 1]. *)
Definition unit (x : name) : env := set still_env x 1.

Lemma set_here rho x : set rho x (rho x) = rho.
Proof. extensionality y; unfold set; destruct (Pos.eqb_spec y x); congruence. Qed.

Lemma set_set rho x v w : set (set rho x v) x w = set rho x w.
Proof. extensionality y; unfold set; destruct (Pos.eqb y x); reflexivity. Qed.

Lemma set_swap rho x y v w : x <> y -> set (set rho x v) y w = set (set rho y w) x v.
Proof. intros N; extensionality z; unfold set; destruct (Pos.eqb_spec z y), (Pos.eqb_spec z x); congruence. Qed.

Lemma member_one y x : member y [x] = Pos.eqb y x.
Proof. cbn [member existsb]; rewrite orb_false_r; reflexivity. Qed.

Lemma close_set x r rho v : Rabs (v - rho x) <= r -> close [x] r rho (set rho x v).
Proof.
  intros H y; rewrite member_one; destruct (Pos.eqb_spec y x) as [-> | N]; [rewrite set_same;
    exact H | apply set_other, N].
Qed.

Lemma close_one x r rho rho' : close [x] r rho rho' -> Rabs (rho' x - rho x) <= r /\ rho' = set rho x (rho' x).
Proof.
  intros C; split; [apply (close_in [x] r rho rho' x C); left; reflexivity |].
  extensionality y; specialize (C y); rewrite member_one in C; unfold set; destruct (Pos.eqb_spec y x) as [E | N];
    [rewrite E; reflexivity | exact C].
Qed.

Lemma nearby_one x rho (P : env -> Prop) :
  nearby [x] rho P <-> exists r, 0 < r /\ forall v, Rabs (v - rho x) <= r -> P (set rho x v).
Proof.
  split; intros (r & R & A); exists r; split; try exact R.
  - intros v H; apply A, close_set, H.
  - intros rho' C; apply close_one in C; destruct C as (H & E); rewrite E; apply A; exact H.
Qed.

Lemma direction_sign onward : is_sign (direction onward).
Proof. destruct onward; [left | right]; reflexivity. Qed.

Lemma direction_abs onward h : 0 <= h -> Rabs (direction onward * h) = h.
Proof. intros H; rewrite sign_abs by apply direction_sign; apply Rabs_pos_eq, H. Qed.

(** What holds nearby holds next to the point on either side. *)
Lemma nearby_beside x rho onward (P : env -> Prop) :
  nearby [x] rho P -> Semantics.shortly (fun h => P (shift rho x (direction onward * h))).
Proof.
  intros (r & R & A); exists r; split; [exact R |]; intros h (H & K); apply A; rewrite shift_set; apply close_set.
  replace (rho x + direction onward * h - rho x) with (direction onward * h) by ring; rewrite direction_abs; lra.
Qed.

Lemma change_line f x onward rho h :
  Semantics.change f x onward rho h = AnalysisSides.change (line f rho x) (rho x) (direction onward) h.
Proof. unfold Semantics.change, AnalysisSides.change, line; rewrite shift_set, set_here; reflexivity. Qed.

(** ** Derivatives *)

Lemma linear_unit x L t : linear [x] L -> L t = L (unit x) * t x.
Proof.
  intros H; rewrite Rmult_comm, <- (linear_scale [x] L H); apply (linear_same [x] L _ _ H); intros y [<- | []].
  unfold unit; rewrite set_same; ring.
Qed.

Lemma derivative_line x f rho L : derivative_at [x] f rho L -> near_line (line f rho x) (rho x) (L (unit x)).
Proof.
  intros (A & D) eps P; destruct (D eps P) as (d & Q & B); exists d; split; [exact Q |]; intros v V.
  unfold line; rewrite set_here; specialize (B (Rabs (v - rho x)) (set rho x v)).
  rewrite (linear_unit x L _ A), set_same in B; apply B; [split; [apply Rabs_pos | lra] | apply close_set; lra].
Qed.

Lemma line_derivative x f rho l : near_line (line f rho x) (rho x) l -> derivative_at [x] f rho (fun t => l * t x).
Proof.
  intros D; split; [apply linear_mul, linear_symbol; left; reflexivity |]; intros eps P.
  destruct (D eps P) as (d & Q & B); exists (d / 2); split; [lra |]; intros r rho' (R0 & R1) C.
  apply close_one in C; destruct C as (H & E); assert (Rabs (rho' x - rho x) < d) as I by lra.
  specialize (B (rho' x) I); unfold line in B; rewrite set_here, <- E in B.
  eapply Rle_trans; [exact B | apply Rmult_le_compat_l; lra].
Qed.

Lemma continuous_line x f rho : continuous_at [x] f rho <-> near_value (line f rho x) (rho x).
Proof.
  split; intros C eps P.
  - destruct (C eps P) as (r & R & A); exists r; split; [exact R |]; intros v V; unfold line; rewrite set_here.
    apply A, close_set; lra.
  - destruct (C eps P) as (d & D & A); exists (d / 2); split; [lra |]; intros rho' Q; apply close_one in Q.
    destruct Q as (H & E); assert (Rabs (rho' x - rho x) < d) as I by lra; specialize (A (rho' x) I); unfold line in A.
    rewrite set_here in A; rewrite E; exact A.
Qed.

(** ** Sides *)

Definition to_rbar (rho tau : env) (s : slope) : Rbar :=
  match s with FiniteSlope t => Finite (eval rho tau t) | PlusInfinity => p_infty | MinusInfinity => m_infty end.

Lemma quotient_slopes f x onward rho tau s :
  quotient_tends f x onward rho tau s <-> slopes (line f rho x) (rho x) (direction onward) (to_rbar rho tau s).
Proof.
  assert (Semantics.change f x onward rho = AnalysisSides.change (line f rho x) (rho x) (direction onward)) as E.
  { extensionality h; apply change_line. }
  unfold quotient_tends; rewrite E; destruct s; cbn [to_rbar slopes]; reflexivity.
Qed.

Lemma beside_joins f x onward rho : continuous_beside f x onward rho <-> joins (line f rho x) (rho x)
  (direction onward).
Proof.
  assert (Semantics.change f x onward rho = AnalysisSides.change (line f rho x) (rho x) (direction onward)) as E.
  { extensionality h; apply change_line. }
  unfold continuous_beside; rewrite E; reflexivity.
Qed.

Lemma continuous_both_sides f x onward rho : continuous_at [x] f rho -> continuous_beside f x onward rho.
Proof. intros C; apply beside_joins, joins_near_value; [apply direction_sign | apply continuous_line, C]. Qed.

(** ** The slope of a derivative: the number by which it multiplies [dx] *)

Definition slope_term (d : term) (x : name) : term :=
  let at_one := substitute [] [(x, one)] d in
  match d with
  | Mul a (Tangent y) => if Pos.eqb x y && negb (moves a) then a else at_one
  | _ => at_one
  end.

Lemma at_one_value x d rho tau :
  linear [x] (fun t => eval rho t d) -> eval rho tau (substitute [] [(x, one)] d) = eval rho (unit x) d.
Proof.
  intros L; rewrite eval_substitute, plug_none; apply (linear_same [x] _ _ _ L); intros y [<- | []].
  unfold plug, unit; cbn [lookup]; rewrite Pos.eqb_refl, set_same; apply eval_one.
Qed.

Lemma slope_term_value x d rho tau :
  linear [x] (fun t => eval rho t d) -> eval rho tau (slope_term d x) = eval rho (unit x) d.
Proof.
  intros L; pose proof (at_one_value x d rho tau L) as A; unfold slope_term.
  destruct d; try exact A; destruct d2; try exact A.
  destruct (Pos.eqb_spec x x0) as [<- |]; [| exact A]; destruct (moves d1) eqn:M; [exact A |]; cbn [andb negb eval].
  unfold unit; rewrite set_same, Rmult_1_r; apply eval_moves, M.
Qed.

Lemma slope_term_defined x d rho tau : (forall t, defined rho t d) -> defined rho tau (slope_term d x).
Proof.
  intros D.
  assert (defined rho tau (substitute [] [(x, one)] d)) as A.
  { apply defined_substitute; [discriminate | | apply D].
    intros y u; cbn [lookup]; destruct (Pos.eqb y x); intros E; [injection E as <-; exact I | discriminate]. }
  unfold slope_term; destruct d; try exact A; destruct d2; try exact A.
  destruct (Pos.eqb x x0 && negb (moves d1)); [| exact A]; exact (proj1 (D tau)).
Qed.

Lemma local_quotient x onward t d rho tau :
  local_at [x] t (Some d) rho -> quotient_tends (value t) x onward rho tau (FiniteSlope (slope_term d x)).
Proof.
  intros (_ & _ & D); apply quotient_slopes; cbn [to_rbar]; rewrite (slope_term_value x d rho tau (proj1 D)).
  apply slopes_derives; [apply direction_sign | apply near_line_iff, (derivative_line x _ rho _ D)].
Qed.
End Cited.
