(** Programs of operators, run one after the other on the entries of families: forward accumulation is the derivative,
    reverse accumulation its adjoint. *)

From Coq Require Import Reals List Bool PArith Lra FunctionalExtensionality.
From Hasderiv Require Import Families.
Import ListNotations.
Open Scope R_scope.

Definition summed {A} (l : list A) (f : A -> R) : R := fold_right (fun a s => f a + s) 0 l.

(** ** What the definition of a program rests on *)

(** An operand: the family that it is, for which indices; the cotangent at an index, at the point so far and for the
    cotangent of the result. *)
Record operand := { source : positive; extent : list (list R); pull : point -> (list R -> R) -> list R -> R }.

(** A stage: a new family; its values, and its tangents for those so far, at the point so far; 0 outside its range. *)
Record stage := {
  target : positive;
  range : list (list R);
  value : point -> list R -> R;
  slope : point -> point -> list R -> R;
  operands : list operand
}.

Definition inside (range : list (list R)) (i : list R) : bool :=
  if in_dec (list_eq_dec Req_EM_T) i range then true else false.

Definition write (n : stage) (v : list R -> R) (old : point) : point := fun e =>
  if Pos.eqb (fst e) (target n) then (if inside (range n) (snd e) then v (snd e) else 0) else old e.

Definition forward (n : stage) (p : point) : point := write n (value n p) p.
Definition advance (n : stage) (p q : point) : point := write n (slope n p q) q.

Definition back (n : stage) (p g : point) : point := fun e =>
  (if Pos.eqb (fst e) (target n) then 0 else g e) +
  summed (operands n) (fun x =>
    if Pos.eqb (source x) (fst e) && inside (extent x) (snd e) then pull x p (fun i => g (target n, i)) (snd e) else 0).

(** Values, tangents and cotangents of all families, after the stages; the latter before them. *)
Fixpoint run (stages : list stage) (p : point) : point :=
  match stages with [] => p | n :: rest => run rest (forward n p) end.
Fixpoint tangents (stages : list stage) (p q : point) : point :=
  match stages with [] => q | n :: rest => tangents rest (forward n p) (advance n p q) end.
Fixpoint cotangents (stages : list stage) (p g : point) : point :=
  match stages with [] => g | n :: rest => back n p (cotangents rest (forward n p) g) end.

(** Families with their indices, and the sum over all of them of cotangents times tangents. *)
Definition block : Type := positive * list (list R).
Definition result (n : stage) : block := (target n, range n).
Definition pair (blocks : list block) (g q : point) : R :=
  summed blocks (fun b => summed (snd b) (fun i => g (fst b, i) * q (fst b, i))).

(** ** Sums *)

Lemma summed_ext {A} (l : list A) f g : (forall a, In a l -> f a = g a) -> summed l f = summed l g.
Proof.
  unfold summed; induction l as [| a l IH]; cbn [fold_right]; intros H; [reflexivity |].
  rewrite (H a), IH; [reflexivity | intros b I; apply H; right; exact I | left; reflexivity].
Qed.

Lemma summed_app {A} (l m : list A) f : summed (l ++ m) f = summed l f + summed m f.
Proof. unfold summed; induction l as [| a l IH]; cbn [app fold_right]; [ring | rewrite IH; ring]. Qed.

Lemma summed_add {A} (l : list A) f g : summed l (fun a => f a + g a) = summed l f + summed l g.
Proof. unfold summed; induction l as [| a l IH]; cbn [fold_right]; [ring | rewrite IH; ring]. Qed.

Lemma summed_zero {A} (l : list A) : summed l (fun _ => 0) = 0.
Proof. unfold summed; induction l as [| a l IH]; cbn [fold_right]; [reflexivity | rewrite IH; ring]. Qed.

Lemma summed_scale {A} (l : list A) k f : summed l (fun a => f a * k) = summed l f * k.
Proof. unfold summed; induction l as [| a l IH]; cbn [fold_right]; [ring | rewrite IH; ring]. Qed.

Lemma summed_swap {A B} (l : list A) (m : list B) f :
  summed l (fun a => summed m (fun b => f a b)) = summed m (fun b => summed l (fun a => f a b)).
Proof.
  induction l as [| a l IH]; [symmetry; apply summed_zero |].
  change (summed m (f a) + summed l (fun a => summed m (f a)) = summed m (fun b => f a b + summed l (fun a => f a b))).
  rewrite summed_add; apply f_equal2; [reflexivity | exact IH].
Qed.

Lemma inside_in range i : In i range -> inside range i = true.
Proof. unfold inside; destruct (in_dec _ i range); tauto. Qed.

(** ** Forward mode *)

(** The stage has the derivative that it says, however what it reads came to be. *)
Definition smooth (n : stage) (p : point) : Prop := forall V (S T : point -> point) r0, S r0 = p ->
  (forall x i, In x (operands n) ->
     derivative_at V (fun r => S r (source x, i)) r0 (fun t => T t (source x, i))) ->
  forall i, In i (range n) -> derivative_at V (fun r => value n (S r) i) r0 (fun t => slope n p (T t) i).

Fixpoint smooth_run (known : list positive) (stages : list stage) (p : point) : Prop :=
  match stages with
  | [] => True
  | n :: rest =>
      (forall x, In x (operands n) -> In (source x) known) /\ smooth n p /\
      smooth_run (target n :: known) rest (forward n p)
  end.

Lemma run_derives V stages : forall known (S T : point -> point) r0,
  (forall e, In (fst e) known -> derivative_at V (fun r => S r e) r0 (fun t => T t e)) ->
  smooth_run known stages (S r0) -> forall e, In (fst e) (map target stages) \/ In (fst e) known ->
  derivative_at V (fun r => run stages (S r) e) r0 (fun t => tangents stages (S r0) (T t) e).
Proof.
  induction stages as [| n stages IH]; intros known S T r0 D C e K; cbn [run tangents smooth_run map] in *.
  { destruct K as [[] | K]; apply D, K. }
  destruct C as (F & M & C).
  apply (IH (target n :: known) (fun r => forward n (S r)) (fun t => advance n (S r0) (T t))); [| exact C |].
  - intros [x i] [I | I]; cbn [fst] in I; unfold forward, advance, write; cbn [fst snd].
    + subst x; rewrite Pos.eqb_refl; unfold inside; destruct (in_dec _ i (range n)) as [J | J];
        [| apply derivative_zero].
      apply (M V S T r0 eq_refl); [| exact J]; intros x j I; apply D; exact (F x I).
    + destruct (Pos.eqb x (target n)) eqn:Q; [| apply (D (x, i)), I].
      apply Pos.eqb_eq in Q; subst x; unfold inside; destruct (in_dec _ i (range n)) as [J | J];
        [| apply derivative_zero].
      apply (M V S T r0 eq_refl); [| exact J]; intros y j L; apply D; exact (F y L).
  - destruct K as [[K | K] | K]; [right; left; exact K | left; exact K | right; right; exact K].
Qed.

(** Forward mode computes the derivative of every family in the inputs. *)
Theorem forward_mode V inputs stages p : (forall x, In x inputs -> V x = true) -> smooth_run inputs stages p ->
  forall e, In (fst e) (map target stages) \/ In (fst e) inputs ->
  derivative_at V (fun r => run stages r e) p (fun t => tangents stages p t e).
Proof.
  intros I C e K; refine (run_derives V stages inputs (fun r => r) (fun t => t) p _ C e K).
  intros d J; apply derivative_entry, I, J.
Qed.

(** ** Reverse mode *)

(** What is checked of a stage, [known] being the families so far: the pullbacks are the adjoint of the derivative. *)
Definition adjoint (known : list block) (n : stage) (p : point) : Prop :=
  ~ In (target n) (map fst known) /\ NoDup (map fst known) /\
  (forall x, In x (operands n) -> In (source x, extent x) known) /\
  forall g q, summed (range n) (fun i => g i * slope n p q i) =
    summed (operands n) (fun x => summed (extent x) (fun j => pull x p g j * q (source x, j))).

Fixpoint adjoint_run (known : list block) (stages : list stage) (p : point) : Prop :=
  match stages with
  | [] => True
  | n :: rest => adjoint known n p /\ adjoint_run (known ++ [result n]) rest (forward n p)
  end.

(** Only the block of the operand counts. *)
Lemma one_block known s js v (q : point) : NoDup (map fst known) -> In (s, js) known ->
  summed known (fun b => summed (snd b) (fun i =>
    (if Pos.eqb s (fst b) && inside js i then v i else 0) * q (fst b, i))) = summed js (fun j => v j * q (s, j)).
Proof.
  induction known as [| [y ks] known IH]; [intros _ [] |]; cbn [map fst]; intros U I.
  apply NoDup_cons_iff in U; destruct U as (N & U'); destruct I as [E | I].
  - injection E as -> ->; unfold summed at 1; cbn [fold_right fst snd]; fold (@summed block).
    rewrite (summed_ext js _ (fun j => v j * q (s, j)))
      by (intros j J; rewrite Pos.eqb_refl, (inside_in js j J); reflexivity).
    match goal with |- _ + ?rest = _ => assert (rest = 0) as ->; [| ring] end.
    change (summed known (fun b => summed (snd b) (fun i =>
      (if Pos.eqb s (fst b) && inside js i then v i else 0) * q (fst b, i))) = 0).
    rewrite (summed_ext known _ (fun _ => 0)); [apply summed_zero |]; intros b J.
    assert (Pos.eqb s (fst b) = false) as ->.
    { apply Pos.eqb_neq; intros ->; apply N, in_map, J. }
    rewrite (summed_ext (snd b) _ (fun _ => 0)); [apply summed_zero | intros; cbn [andb]; ring].
  - assert (Pos.eqb s y = false) as Q.
    { apply Pos.eqb_neq; intros ->; apply N; exact (in_map fst known (y, js) I). }
    transitivity (summed ks (fun i => (if Pos.eqb s y && inside js i then v i else 0) * q (y, i)) +
      summed known (fun b => summed (snd b) (fun i =>
        (if Pos.eqb s (fst b) && inside js i then v i else 0) * q (fst b, i)))); [reflexivity |].
    rewrite (IH U' I), Q.
    rewrite (summed_ext ks _ (fun _ => 0)) by (intros; cbn [andb]; ring); rewrite summed_zero; ring.
Qed.

Lemma stage_adjoint known n p g q : adjoint known n p ->
  pair (known ++ [result n]) g (advance n p q) = pair known (back n p g) q.
Proof.
  intros (new & U & from & A); unfold pair; rewrite summed_app.
  assert (summed [result n] (fun b => summed (snd b) (fun i => g (fst b, i) * advance n p q (fst b, i))) =
          summed (range n) (fun i => g (target n, i) * slope n p q i)) as ->.
  { unfold summed at 1, result; cbn [fold_right fst snd]; rewrite Rplus_0_r; apply summed_ext; intros i I.
    unfold advance, write; cbn [fst snd]; rewrite Pos.eqb_refl, (inside_in _ _ I); reflexivity. }
  rewrite (A (fun i => g (target n, i)) q).
  rewrite (summed_ext (operands n) _ (fun x => summed known (fun b => summed (snd b) (fun i =>
    (if Pos.eqb (source x) (fst b) && inside (extent x) i then pull x p (fun i => g (target n,
      i)) i else 0) * q (fst b, i)))))
    by (intros x I; symmetry; apply one_block; [exact U | exact (from x I)]).
  rewrite summed_swap, <- summed_add; apply summed_ext; intros b I.
  rewrite summed_swap, <- summed_add; apply summed_ext; intros i _.
  assert (Pos.eqb (fst b) (target n) = false) as Q by (apply Pos.eqb_neq; intros E; apply new; rewrite <- E;
    apply in_map, I).
  unfold advance, write, back; cbn [fst snd]; rewrite Q, summed_scale; ring.
Qed.

(** Reverse mode computes the adjoint of forward mode: for all tangents and all cotangents. *)
Theorem reverse_mode stages : forall known p g q, adjoint_run known stages p ->
  pair (known ++ map result stages) g (tangents stages p q) = pair known (cotangents stages p g) q.
Proof.
  induction stages as [| n stages IH]; intros known p g q C; cbn [map tangents cotangents]; [rewrite app_nil_r;
    reflexivity |].
  destruct C as (A & C); rewrite <- (stage_adjoint known n p _ q A), <- (IH _ _ g _ C), <- app_assoc; reflexivity.
Qed.
