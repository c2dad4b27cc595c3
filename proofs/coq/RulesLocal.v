(** The judgement on tangents, [H; V |- e ~> de]: as [local], [rewrite] and [has_deriv] in [proofs/kernel/local.py]. *)

From Coq Require Import Reals List Bool Lra Lia.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Special Calculus Polynomial Theorems RulesLogic.
From Hasderiv Require Export Rates.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.


Ltac premises := repeat (apply all_valid_cons; split; [assumption |]); intros ? [].

Section Cited.
Context {cited : Interpretation}.

Definition rule_local (cites : bool) (V : list name) (t : term) (sides : theorems) : option theorem :=
  when negb (moves t) ;;
  x <- rate_of cites V (rev sides) t ;;
  Some (conclude (Local V t (fst x)) (snd x)).

Theorem local_valid cites V t sides r :
  rule_local cites V t sides = Some r -> (cites = true -> cited_facts) -> all_valid sides -> valid r.
Proof.
  unfold rule_local; intros H Facts W; open H; found H; destruct v as [d used]; cbn [fst snd].
  apply negb_true_iff in E; destruct (rate_of_sound cites V (rev sides) t d used Facts (all_valid_rev _ W) E E0) as (I
    & A).
  apply valid_conclude_active; [exact (all_valid_incl _ _ I (all_valid_rev _ W)) |]; intros rho K tau; exact (A rho K).
Qed.

(** The degree of a term in the tangents of [V], for its form: 0, 1, or more. *)
Fixpoint degree (V : list name) (t : term) : nat :=
  let one_each a b := if (Nat.eqb (degree V a) 1 || same a zero) && (Nat.eqb (degree V b) 1 || same b zero)
    then 1%nat else 2%nat in
  if negb (moves t) then 0%nat
  else match t with
       | Tangent x => if member x V then 1%nat else 2%nat
       | Entry true x l => if member x V && negb (existsb moves l) then 1%nat else 2%nat
       | Over Sum n a => if moves n || negb (Nat.eqb (degree V a) 1 || same a zero) then 2%nat else 1%nat
       | Mul a b => degree V a + degree V b
       | Add a b => one_each a b
       | Cond _ g a b => if moves g then 2%nat else one_each a b
       | _ => 2%nat
       end.

Definition is_linear (V : list name) (t : term) : bool := same t zero || Nat.eqb (degree V t) 1.

Definition held_local (th : theorem) : option (list name * term * rate) :=
  match concl th with Local V t d => Some (V, t, d) | _ => None end.

Lemma held_local_concl th V t d : held_local th = Some (V, t, d) -> concl th = Local V t d.
Proof. unfold held_local; destruct (concl th); try discriminate; congruence. Qed.

Definition rule_rewrite (th equation : theorem) : option theorem :=
  c <- held_local th ;;
  l <- held equation ;;
  ab <- difference l ;;
  match c with
  | (V, t, Some d) =>
      when same d (fst ab) && is_linear V (snd ab) ;;
      Some (conclude (Local V t (Some (snd ab))) [th; equation])
  | _ => None
  end.

Theorem rewrite_valid th equation r : rule_rewrite th equation = Some r -> valid th -> valid equation -> valid r.
Proof.
  unfold rule_rewrite; intros H V W; open H; destruct v as [[U t] [d |]]; [| discriminate]; open H; found H.
  apply valid_conclude; [premises |]; intros rho K tau; apply held_local_concl in E; conjuncts; subst d;
    destruct v1 as [a b]; cbn [fst snd].
  pose proof (K th (or_introl eq_refl) tau) as C; rewrite E in C; destruct C as (X & Y & D); split;
    [exact X | split; [exact Y |]].
  refine (derivative_ext U _ _ _ _ _ D); intros tau'.
  exact (difference_at _ a b rho tau' _ E0 E1 (K equation (or_intror (or_introl eq_refl)) tau')).
Qed.

Definition rule_has_deriv (th is_defined : theorem) : option theorem :=
  c <- held_local th ;;
  d <- held_defined is_defined ;;
  match c with
  | (V, t, Some e) => when same d e && is_linear V d ;; Some (conclude (HasDeriv V t d) [th; is_defined])
  | _ => None
  end.

Theorem has_deriv_valid th is_defined r : rule_has_deriv th is_defined = Some r -> valid th ->
  valid is_defined -> valid r.
Proof.
  unfold rule_has_deriv; intros H V W; open H; destruct v as [[U t] [d |]]; [| discriminate]; open H; found H.
  apply valid_conclude; [premises |]; intros rho K tau; apply held_local_concl in E; conjuncts; subst d.
  pose proof (K th (or_introl eq_refl) tau) as C; rewrite E in C; split; [exact C |]; intros tau'.
  exact (held_defined_at _ v0 rho tau' E0 (K is_defined (or_intror (or_introl eq_refl)) tau')).
Qed.
End Cited.
