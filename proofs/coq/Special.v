(** Functions known only by facts that are cited, as in [proofs/kernel/cited.py]: their domains, and the facts. *)

From Coq Require Import ZArith QArith Qreals Reals List Bool Lra Lia.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval.
Import ListNotations.
Open Scope R_scope.

Definition integer_order (n : term) : literal := (Zero, sub (Un Floor n) n).

(** The literals that put the operands in the domain. *)
Definition special_domain (f : special) (a b : term) : list literal :=
  match f with
  | GammaFunction | LogGamma | Digamma => [(Positive, a)]
  | Polygamma => [(Positive, b); (NonNegative, a); integer_order a]
  | BetaFunction | LowerGamma | UpperGamma => [(Positive, a); (Positive, b)]
  | Zeta => [(Positive, sub a one); (Positive, b)]
  | BesselJ | BesselI => [integer_order a]
  | BesselY | BesselK => [(Positive, b)]
  | ErfInv => [(Positive, Add one a); (Positive, sub one a)]
  | ErfcInv => [(Positive, a); (Positive, sub (rat 2) a)]
  end.

Definition half : term := Rat (1 # 2).
Definition half_difference (f : special) (n x : term) : term :=
  Mul half (sub (App f (sub n one) x) (App f (Add n one) x)).
Definition half_sum (f : special) (n x : term) : term :=
  Mul half (Add (App f (sub n one) x) (App f (Add n one) x)).
Definition incomplete (a x : term) : term := Mul (Un Exp (Mul (sub a one) (Un Log x))) (Un Exp (neg x)).

(** The cited derivatives in the first and in the second operand, where there are any. *)
Definition first_partial (f : special) (a b : term) : option term :=
  match f with
  | GammaFunction => Some (Mul (App GammaFunction a b) (App Digamma a b))
  | LogGamma => Some (App Digamma a b)
  | Digamma => Some (App Polygamma one a)
  | BetaFunction => Some (Mul (App BetaFunction a b) (sub (App Digamma a zero) (App Digamma (Add a b) zero)))
  | ErfInv => Some (Mul (Mul half (Un Sqrt Pi)) (Un Exp (Pow (App ErfInv a b) 2)))
  | ErfcInv => Some (neg (Mul (Mul half (Un Sqrt Pi)) (Un Exp (Pow (App ErfcInv a b) 2))))
  | _ => None
  end.

Definition second_partial (f : special) (a b : term) : option term :=
  match f with
  | Polygamma => Some (App Polygamma (Add a one) b)
  | BetaFunction => Some (Mul (App BetaFunction a b) (sub (App Digamma b zero) (App Digamma (Add a b) zero)))
  | LowerGamma => Some (incomplete a b)
  | UpperGamma => Some (neg (incomplete a b))
  | Zeta => Some (neg (Mul a (App Zeta (Add a one) b)))
  | BesselJ => Some (half_difference BesselJ a b)
  | BesselY => Some (half_difference BesselY a b)
  | BesselI => Some (half_sum BesselI a b)
  | BesselK => Some (neg (half_sum BesselK a b))
  | _ => None
  end.

(** ** Identities *)

Inductive identity :=
  | GammaPos | BetaPos | GammaExp | BetaGamma | DigammaStep
  | BesselJStep | BesselYStep | BesselIStep | BesselJMinus | BesselYMinus | BesselIMinus | BesselKMinus
  | BesselIZero (n : Z) | BesselJZero (n : Z).

(** [C(n-1, x) + sign C(n+1, x) = 2 n/x C(n, x)] *)
Definition recurrence (f : special) (sign : term) (n x : term) : list literal * literal :=
  ([(NonZero, x); integer_order n],
   equation (Add (App f (sub n one) x) (Mul sign (App f (Add n one) x))) (Mul (Mul (Mul (rat 2) n) (Un Inv x))
     (App f n x))).

(** [C(-1, x) = sign C(1, x)] *)
Definition reflection (f : special) (sign : term) (x : term) : list literal * literal :=
  ([], equation (App f (rat (-1)) x) (Mul sign (App f one x))).

Definition at_zero (f : special) (n : Z) (v : term) : list literal * literal := ([], equation (App f (rat n) zero) v).

Definition identity_instance (i : identity) (terms : list term) : option (list literal * literal) :=
  match i, terms with
  | GammaPos, [x] => Some ([(Positive, x)], (Positive, App GammaFunction x zero))
  | BetaPos, [a; b] => Some ([(Positive, a); (Positive, b)], (Positive, App BetaFunction a b))
  | GammaExp, [x] => Some ([(Positive, x)], equation (App GammaFunction x zero) (Un Exp (App LogGamma x zero)))
  | BetaGamma, [a; b] =>
      Some ([(Positive, a); (Positive, b)],
            equation (Mul (App BetaFunction a b) (App GammaFunction (Add a b) zero))
                     (Mul (App GammaFunction a zero) (App GammaFunction b zero)))
  | DigammaStep, [x] =>
      Some ([(Positive, x)], equation (App Digamma (Add x one) zero) (Add (App Digamma x zero) (Un Inv x)))
  | BesselJStep, [n; x] => Some (recurrence BesselJ one n x)
  | BesselYStep, [n; x] => Some (recurrence BesselY one n x)
  | BesselIStep, [n; x] => Some (recurrence BesselI (rat (-1)) n x)
  | BesselJMinus, [x] => Some (reflection BesselJ (rat (-1)) x)
  | BesselYMinus, [x] => Some (reflection BesselY (rat (-1)) x)
  | BesselIMinus, [x] => Some (reflection BesselI one x)
  | BesselKMinus, [x] => Some (reflection BesselK one x)
  | BesselIZero 0, [] => Some (at_zero BesselI 0 one)
  | BesselIZero (Zpos (1 | 2) as n), [] => Some (at_zero BesselI n zero)
  | BesselJZero 0, [] => Some (at_zero BesselJ 0 one)
  | BesselJZero (Zpos (1 | 2) as n), [] => Some (at_zero BesselJ n zero)
  | _, _ => None
  end.

Section Cited.
Context {cited : Interpretation}.

(** What is cited, and not proved: on their domains the functions are differentiable, jointly where they have both
    derivatives, and the identities hold. *)
Record cited_facts : Prop := {
  cited_first : forall f a b p rho tau, app_domain f (eval rho tau a) (eval rho tau b) ->
    first_partial f a b = Some p ->
    is_derive (fun u => app_value f u (eval rho tau b)) (eval rho tau a) (eval rho tau p);
  cited_second : forall f a b p rho tau, app_domain f (eval rho tau a) (eval rho tau b) ->
    second_partial f a b = Some p ->
    is_derive (fun v => app_value f (eval rho tau a) v) (eval rho tau b) (eval rho tau p);
  cited_both : forall f a b p q rho tau, app_domain f (eval rho tau a) (eval rho tau b) ->
    first_partial f a b = Some p -> second_partial f a b = Some q ->
    differentiable_pt_lim (app_value f) (eval rho tau a) (eval rho tau b) (eval rho tau p) (eval rho tau q);
  cited_identity : forall i terms needs c rho tau, identity_instance i terms = Some (needs, c) ->
    all_hold rho tau needs -> holds rho tau c
}.

Lemma special_domain_holds f a b rho tau :
  all_hold rho tau (special_domain f a b) <-> app_domain f (eval rho tau a) (eval rho tau b).
Proof.
  assert (all_hold rho tau [] <-> True) as Nil by (split; [auto | intros _ k []]).
  assert (forall k ls, all_hold rho tau (k :: ls) <-> holds rho tau k /\ all_hold rho tau ls) as Cons.
  { intros k ls; split; [intros A; split; [apply A; left; reflexivity | intros m I; apply A; right; exact I] |].
    intros (A & B) m [<- | I]; auto. }
  destruct f; cbn [special_domain app_domain]; rewrite ?Cons, ?Nil; unfold integer_order, holds; cbn [fst snd related];
    rewrite ?eval_sub; cbn [eval apply]; rewrite ?eval_one, ?eval_rat; try tauto;
    split; intros; repeat match goal with H : _ /\ _ |- _ => destruct H end; repeat split; lra.
Qed.
End Cited.
