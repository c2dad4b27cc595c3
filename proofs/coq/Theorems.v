(** Making theorems: sets of hypotheses, premises found by what they say, equality of conclusions.
    As in [proofs/kernel/theorems.py]. *)

From Coq Require Import Reals List Bool PArith QArith Lra.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Polynomial.
Import ListNotations.
Open Scope bool_scope.

Definition theorems := list theorem.

(** ** Sets of hypotheses *)

Definition contains (hs : list literal) (l : literal) : bool := existsb (same_literal l) hs.
Definition with_hyp (l : literal) (hs : list literal) : list literal := if contains hs l then hs else l :: hs.
Definition union (a b : list literal) : list literal := fold_right with_hyp b a.
Definition without (l : literal) (hs : list literal) : list literal := filter (fun k => negb (same_literal l k)) hs.
Definition minus (hs gone : list literal) : list literal := filter (fun k => negb (contains gone k)) hs.
Definition subset (a b : list literal) : bool := forallb (contains b) a.
Definition hyps_of (ths : theorems) : list literal := fold_right (fun th hs => union (hyps th) hs) [] ths.

(** ** Making a theorem *)

(** The theorem with the hypotheses of its premises. *)
Definition conclude (c : conclusion) (premises : theorems) : theorem := {| hyps := hyps_of premises; concl := c |}.

(** The theorem with the given hypotheses, none of which may restrict a tangent. *)
Definition conclude_under (hs : list literal) (c : conclusion) : option theorem :=
  when forallb (fun l => negb (moves (snd l))) hs ;; Some {| hyps := hs; concl := c |}.

(** ** What a theorem says *)

Definition held (th : theorem) : option literal := match concl th with Holds l => Some l | _ => None end.
Definition held_defined (th : theorem) : option term := match concl th with Defined t => Some t | _ => None end.
Definition proves (l : literal) (th : theorem) : bool :=
  match concl th with Holds k => same_literal l k | _ => false end.

(** A premise that proves [t r 0]; [t > 0] serves for [t >= 0] and [t != 0]. *)
Definition find_holds (ps : theorems) (r : relation) (t : term) : option theorem :=
  match find (proves (r, t)) ps with
  | Some th => Some th
  | None => match r with NonNegative | NonZero => find (proves (Positive, t)) ps | _ => None end
  end.

Definition find_defined (ps : theorems) (t : term) : option theorem :=
  find (fun th => match concl th with Defined u => same t u | _ => false end) ps.

Definition find_undefined (ps : theorems) (t : term) : option theorem :=
  find (fun th => match concl th with Undefined u => same t u | _ => false end) ps.

Fixpoint same_list {A} (eq : A -> A -> bool) (a b : list A) : bool :=
  match a, b with
  | [], [] => true
  | x :: a, y :: b => eq x y && same_list eq a b
  | _, _ => false
  end.

Definition same_option {A} (eq : A -> A -> bool) (a b : option A) : bool :=
  match a, b with None, None => true | Some x, Some y => eq x y | _, _ => false end.

Definition same_names : list name -> list name -> bool := same_list Pos.eqb.

Definition find_local (ps : theorems) (V : list name) (t : term) : option (theorem * option term) :=
  match find (fun th => match concl th with Local W u _ => same_names V W && same t u | _ => false end) ps with
  | Some th => match concl th with Local _ _ d => Some (th, d) | _ => None end
  | None => None
  end.

Definition find_side (ps : theorems) (x : name) (onward : bool) (t : term) : option (theorem * slope) :=
  match find (fun th => match concl th with
                        | Side y side u _ _ => Pos.eqb x y && Bool.eqb onward side && same t u
                        | _ => false end) ps with
  | Some th => match concl th with Side _ _ _ s _ => Some (th, s) | _ => None end
  | None => None
  end.

(** ** Equality of conclusions *)

Definition same_slope (s t : slope) : bool :=
  match s, t with
  | FiniteSlope a, FiniteSlope b => same a b
  | PlusInfinity, PlusInfinity | MinusInfinity, MinusInfinity => true
  | _, _ => false
  end.

Definition same_reason (a b : reason) : bool :=
  match a, b with
  | Corner, Corner | Jump, Jump | VerticalTangent, VerticalTangent | Boundary, Boundary => true
  | _, _ => false
  end.

Definition same_piece : piece -> piece -> bool := same_list same_literal.

Definition same_verdict (v w : verdict) : bool :=
  match v, w with
  | Differentiable d, Differentiable e => same d e
  | NotSmooth a l r, NotSmooth b m s => same_reason a b && same_option same_slope l m && same_option same_slope r s
  | NoValue, NoValue | Unknown, Unknown => true
  | _, _ => false
  end.

Definition same_row (r s : piece * verdict) : bool := same_piece (fst r) (fst s) && same_verdict (snd r) (snd s).

Definition same_conclusion (c d : conclusion) : bool :=
  match c, d with
  | Holds k, Holds l => same_literal k l
  | Defined t, Defined u | Undefined t, Undefined u => same t u
  | Local V t d, Local W u e => same_names V W && same t u && same_option same d e
  | HasDeriv V t d, HasDeriv W u e => same_names V W && same t u && same d e
  | NthDerivative x m t d, NthDerivative y n u e => Pos.eqb x y && Pos.eqb m n && same t u && same d e
  | Side x a t s c, Side y b u r d =>
      Pos.eqb x y && Bool.eqb a b && same t u && same_slope s r && same_option Bool.eqb c d
  | NotDifferentiable V t a l r, NotDifferentiable W u b m s =>
      same_names V W && same t u && same_reason a b && same_option same_slope l m && same_option same_slope r s
  | Within p, Within q => same_list same_piece p q
  | Somewhere p, Somewhere q => same_piece p q
  | FamilyLocal V t d, FamilyLocal W u e => same_names V W && same t u && same_option same d e
  | FamilyHasDeriv V t d, FamilyHasDeriv W u e => same_names V W && same t u && same d e
  | Map V t p a, Map W u q b | FamilyMap V t p a, FamilyMap W u q b =>
      same_names V W && same t u && same_piece p q && same_list same_row a b
  | FamilyNotDifferentiable V t a, FamilyNotDifferentiable W u b => same_names V W && same t u && same_reason a b
  | _, _ => false
  end.

(** ** Soundness *)

Lemma contains_in hs l : contains hs l = true -> In l hs.
Proof.
  intros H; apply existsb_exists in H; destruct H as (k & I & S); apply same_literal_eq in S; subst; exact I.
Qed.

Lemma with_hyp_in l k hs : In k (with_hyp l hs) <-> l = k \/ In k hs.
Proof.
  unfold with_hyp; destruct (contains hs l) eqn:C; [| reflexivity].
  apply contains_in in C; split; [auto | intros [<- | I]; assumption].
Qed.

Lemma union_in a b l : In l (union a b) <-> In l a \/ In l b.
Proof.
  unfold union; induction a as [| k a IH]; cbn [fold_right]; [split; [auto | intros [[] |]; auto] |].
  rewrite with_hyp_in, IH; simpl; tauto.
Qed.

Lemma hyps_of_in ths l : In l (hyps_of ths) <-> exists th, In th ths /\ In l (hyps th).
Proof.
  unfold hyps_of; induction ths as [| th ths IH]; cbn [fold_right].
  - split; [intros [] | intros (th & [] & _)].
  - rewrite union_in, IH; split.
    + intros [I | (th' & I & J)]; [exists th | exists th']; simpl; auto.
    + intros (th' & [<- | I] & J); [auto | right; exists th'; auto].
Qed.

Section Cited.
Context {cited : Interpretation}.

Lemma all_hold_union rho tau a b : all_hold rho tau (union a b) <-> all_hold rho tau a /\ all_hold rho tau b.
Proof.
  unfold all_hold; split.
  - intros A; split; intros l I; apply A, union_in; auto.
  - intros (A & B) l I; apply union_in in I; destruct I; auto.
Qed.

Lemma all_hold_hyps_of rho tau ths :
  all_hold rho tau (hyps_of ths) <-> forall th, In th ths -> all_hold rho tau (hyps th).
Proof.
  unfold all_hold; split.
  - intros A th I l J; apply A, hyps_of_in; exists th; auto.
  - intros A l I; apply hyps_of_in in I; destruct I as (th & I & J); exact (A th I l J).
Qed.

Lemma without_in l k hs : In k (without l hs) -> In k hs.
Proof. intros I; apply filter_In in I; tauto. Qed.

Lemma all_hold_without rho tau l hs : holds rho tau l -> all_hold rho tau (without l hs) -> all_hold rho tau hs.
Proof.
  intros H A k I; destruct (same_literal l k) eqn:S; [apply same_literal_eq in S; subst; exact H |].
  apply A, filter_In; rewrite S; auto.
Qed.

Lemma minus_in hs gone k : In k (minus hs gone) -> In k hs.
Proof. intros I; apply filter_In in I; tauto. Qed.

Lemma all_hold_minus rho tau hs gone : all_hold rho tau gone -> all_hold rho tau (minus hs gone) -> all_hold rho tau hs.
Proof.
  intros H A k I; destruct (contains gone k) eqn:S; [exact (H k (contains_in gone k S)) |].
  apply A, filter_In; rewrite S; auto.
Qed.

Lemma subset_in a b l : subset a b = true -> In l a -> In l b.
Proof. intros S I; exact (contains_in b l (proj1 (forallb_forall _ _) S l I)). Qed.

Lemma all_hold_subset rho tau a b : subset a b = true -> all_hold rho tau b -> all_hold rho tau a.
Proof. intros S A l I; exact (A l (subset_in a b l S I)). Qed.

(** *** Valid theorems *)

Definition all_valid (ths : theorems) : Prop := forall th, In th ths -> valid th.

(** The conclusions of theorems at a point, for all tangents. *)
Definition known (ths : theorems) (rho : env) : Prop :=
  forall th, In th ths -> forall tau, conclusion_at (concl th) rho tau.

Lemma valid_at th rho tau : valid th -> all_hold rho tau (hyps th) -> forall tau', conclusion_at (concl th) rho tau'.
Proof.
  intros (F & V) A tau'; apply V; intros l I; exact (holds_moves rho tau tau' l (F l I) (A l I)).
Qed.

Lemma all_hold_tangents th rho tau tau' : valid th -> all_hold rho tau (hyps th) -> all_hold rho tau' (hyps th).
Proof. intros (F & _) A l I; exact (holds_moves rho tau tau' l (F l I) (A l I)). Qed.

Lemma known_at ths rho tau :
  all_valid ths -> (forall th, In th ths -> all_hold rho tau (hyps th)) -> known ths rho.
Proof. intros V A th I; exact (valid_at th rho tau (V th I) (A th I)). Qed.

Lemma valid_conclude c premises :
  all_valid premises -> (forall rho, known premises rho -> forall tau, conclusion_at c rho tau) ->
  valid (conclude c premises).
Proof.
  intros V A; split.
  - intros l I; apply hyps_of_in in I; destruct I as (th & I & J); exact (proj1 (V th I) l J).
  - intros rho tau H; apply A; apply (known_at premises rho tau V); apply all_hold_hyps_of; exact H.
Qed.

Lemma valid_under hs c th :
  conclude_under hs c = Some th -> (forall rho tau, all_hold rho tau hs -> conclusion_at c rho tau) -> valid th.
Proof.
  unfold conclude_under; destruct (forallb (fun l => negb (moves (snd l))) hs) eqn:F; [| discriminate]; intros E A;
    injection E as <-.
  split; [| exact A]; intros l I; cbn [hyps] in I.
  rewrite forallb_forall in F; apply negb_true_iff; exact (F l I).
Qed.

Lemma all_valid_app a b : all_valid (a ++ b) <-> all_valid a /\ all_valid b.
Proof.
  unfold all_valid; split.
  - intros A; split; intros th I; apply A, in_or_app; auto.
  - intros (A & B) th I; apply in_app_or in I; destruct I; auto.
Qed.

Lemma all_valid_cons th ths : all_valid (th :: ths) <-> valid th /\ all_valid ths.
Proof. unfold all_valid; simpl; split; [auto | intros (A & B) th' [<- | I]; auto]. Qed.

Lemma known_app a b rho : known (a ++ b) rho <-> known a rho /\ known b rho.
Proof.
  unfold known; split.
  - intros A; split; intros th I; apply A, in_or_app; auto.
  - intros (A & B) th I; apply in_app_or in I; destruct I; auto.
Qed.

Lemma known_cons th ths rho : known (th :: ths) rho <-> (forall tau, conclusion_at (concl th) rho tau) /\ known ths rho.
Proof. unfold known; simpl; split; [auto | intros (A & B) th' [<- | I]; auto]. Qed.

Lemma known_incl a b rho : incl a b -> known b rho -> known a rho.
Proof. intros I K th J; exact (K th (I th J)). Qed.

(** *** Premises that were found *)

Lemma proves_at l th rho tau : proves l th = true -> conclusion_at (concl th) rho tau -> holds rho tau l.
Proof.
  unfold proves; destruct (concl th); try discriminate; intros S H; apply same_literal_eq in S; subst; exact H.
Qed.

Lemma held_at th l rho tau : held th = Some l -> conclusion_at (concl th) rho tau -> holds rho tau l.
Proof. unfold held; destruct (concl th); try discriminate; intros E H; injection E as <-; exact H. Qed.

Lemma held_defined_at th t rho tau : held_defined th = Some t -> conclusion_at (concl th) rho tau -> defined rho tau t.
Proof. unfold held_defined; destruct (concl th); try discriminate; intros E H; injection E as <-; exact H. Qed.

Lemma find_holds_sound ps r t th :
  find_holds ps r t = Some th ->
  In th ps /\ forall rho tau, conclusion_at (concl th) rho tau -> holds rho tau (r, t).
Proof.
  unfold find_holds; destruct (find (proves (r, t)) ps) eqn:E.
  - intros H; injection H as <-; apply find_some in E; destruct E as (I & P); split; [exact I |].
    intros rho tau; exact (proves_at _ _ rho tau P).
  - destruct r; try discriminate; intros F; apply find_some in F; destruct F as (I & P); split; auto;
      intros rho tau C; apply (proves_at _ _ rho tau P) in C; unfold holds in *; simpl in *; lra.
Qed.

Lemma find_defined_sound ps t th :
  find_defined ps t = Some th -> In th ps /\ forall rho tau, conclusion_at (concl th) rho tau -> defined rho tau t.
Proof.
  intros F; apply find_some in F; destruct F as (I & P); split; [exact I |]; intros rho tau C.
  destruct (concl th); try discriminate; apply same_eq in P; subst; exact C.
Qed.

Lemma find_undefined_sound ps t th :
  find_undefined ps t = Some th -> In th ps /\ forall rho tau, conclusion_at (concl th) rho tau -> ~ defined rho tau t.
Proof.
  intros F; apply find_some in F; destruct F as (I & P); split; [exact I |]; intros rho tau C.
  destruct (concl th); try discriminate; apply same_eq in P; subst; exact C.
Qed.

End Cited.

Lemma same_list_eq {A} (eq : A -> A -> bool) a b :
  (forall x y, eq x y = true -> x = y) -> same_list eq a b = true -> a = b.
Proof.
  intros E; revert b; induction a as [| x a IH]; intros [| y b]; simpl; try discriminate; [reflexivity |].
  intros H; apply andb_prop in H; destruct H as (P & Q); f_equal; [exact (E x y P) | exact (IH b Q)].
Qed.

Lemma same_option_eq {A} (eq : A -> A -> bool) a b :
  (forall x y, eq x y = true -> x = y) -> same_option eq a b = true -> a = b.
Proof.
  intros E; destruct a, b; simpl; try discriminate; [| reflexivity]; intros H; f_equal; exact (E _ _ H).
Qed.

Lemma same_pos_eq x y : Pos.eqb x y = true -> x = y.
Proof. apply Pos.eqb_eq. Qed.

Lemma same_names_eq V W : same_names V W = true -> V = W.
Proof. exact (same_list_eq Pos.eqb V W same_pos_eq). Qed.

Lemma find_local_sound ps V t th d :
  find_local ps V t = Some (th, d) -> In th ps /\ concl th = Local V t d.
Proof.
  unfold find_local; destruct (find _ ps) eqn:F; [| discriminate]; apply find_some in F; destruct F as (I & P).
  destruct (concl t0) eqn:C; try discriminate; intros E; injection E as <- <-; split; [exact I |].
  apply andb_prop in P; destruct P as (P & Q); apply same_names_eq in P; apply same_eq in Q; congruence.
Qed.

Lemma find_side_sound ps x onward t th s :
  find_side ps x onward t = Some (th, s) -> In th ps /\ exists c, concl th = Side x onward t s c.
Proof.
  unfold find_side; destruct (find _ ps) eqn:F; [| discriminate]; apply find_some in F; destruct F as (I & P).
  destruct (concl t0) eqn:C; try discriminate; intros E; injection E as <- <-; split; [exact I |].
  apply andb_prop in P; destruct P as (P & Q); apply andb_prop in P; destruct P as (P & R).
  apply Pos.eqb_eq in P; apply eqb_prop in R; apply same_eq in Q; exists continuous; congruence.
Qed.

Lemma same_slope_eq s t : same_slope s t = true -> s = t.
Proof. destruct s, t; simpl; try discriminate; try reflexivity; intros H; apply same_eq in H; congruence. Qed.

Lemma same_reason_eq a b : same_reason a b = true -> a = b.
Proof. destruct a, b; simpl; congruence. Qed.

Lemma same_piece_eq p q : same_piece p q = true -> p = q.
Proof. exact (same_list_eq same_literal p q same_literal_eq). Qed.

Ltac conjuncts :=
  repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end;
  repeat match goal with
  | H : same _ _ = true |- _ => apply same_eq in H
  | H : same_literal _ _ = true |- _ => apply same_literal_eq in H
  | H : same_names _ _ = true |- _ => apply same_names_eq in H
  | H : same_slope _ _ = true |- _ => apply same_slope_eq in H
  | H : same_reason _ _ = true |- _ => apply same_reason_eq in H
  | H : same_piece _ _ = true |- _ => apply same_piece_eq in H
  | H : Pos.eqb _ _ = true |- _ => apply Pos.eqb_eq in H
  | H : Bool.eqb _ _ = true |- _ => apply eqb_prop in H
  | H : same_option same _ _ = true |- _ => apply (same_option_eq same _ _ same_eq) in H
  | H : same_option same_slope _ _ = true |- _ => apply (same_option_eq same_slope _ _ same_slope_eq) in H
  | H : same_option Bool.eqb _ _ = true |- _ => apply (same_option_eq Bool.eqb _ _ eqb_prop) in H
  end.

Lemma same_verdict_eq v w : same_verdict v w = true -> v = w.
Proof. destruct v, w; simpl; intros H; try discriminate; conjuncts; congruence. Qed.

Lemma same_row_eq r s : same_row r s = true -> r = s.
Proof.
  destruct r, s; unfold same_row; cbn [fst snd]; intros H; conjuncts; f_equal; [assumption |].
  apply same_verdict_eq; assumption.
Qed.

Lemma same_conclusion_eq c d : same_conclusion c d = true -> c = d.
Proof.
  destruct c, d; cbn [same_conclusion]; intros H; try discriminate; conjuncts; try congruence.
  - f_equal; exact (same_list_eq same_piece _ _ same_piece_eq H).
  - apply (same_list_eq same_row _ _ same_row_eq) in H0; congruence.
  - apply (same_list_eq same_row _ _ same_row_eq) in H0; congruence.
Qed.
