(** What the conclusions say in the words of Coquelicot. *)

From Coq Require Import Reals List Bool PArith Lra.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisDerivatives AnalysisSides.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Calculus Lines RulesNear Theorems.
Import ListNotations.
Open Scope R_scope.

Section Cited.
Context {cited : Interpretation}.

(** A derivative in one symbol is Coquelicot's [is_derive] of the term as a function of that symbol. *)
Theorem has_derivative_is_derive x t d rho :
  has_derivative_at [x] t d rho ->
  is_derive (fun v => value t (set rho x v)) (rho x) (value (slope_term d x) rho).
Proof.
  intros ((_ & _ & D) & _); apply near_line_iff; unfold value at 2.
  rewrite (slope_term_value x d rho still_env (proj1 D)); exact (derivative_line x _ rho _ D).
Qed.

(** A claim of a certificate, at a point that satisfies its hypotheses. *)
Theorem valid_is_derive x t d hs rho :
  valid {| hyps := hs; concl := HasDeriv [x] t d |} -> all_hold rho still_env hs ->
  is_derive (fun v => value t (set rho x v)) (rho x) (value (slope_term d x) rho).
Proof. intros (_ & V) A; exact (has_derivative_is_derive x t d rho (V rho still_env A)). Qed.

(** A term that is not differentiable and is defined near the point has no derivative in Coquelicot's sense either. *)
Theorem not_differentiable_ex_derive x t why l r rho tau :
  not_differentiable_at [x] t why l r rho tau -> nearby [x] rho (exists_at t) ->
  ~ ex_derive (fun v => value t (set rho x v)) (rho x).
Proof.
  intros (_ & N & _) E (m & D); apply N; split; [exact E |]; exists (fun tau => m * tau x).
  apply line_derivative, near_line_iff; exact D.
Qed.
End Cited.
