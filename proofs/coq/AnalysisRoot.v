(** The intermediate value theorem: a continuous function that changes its sign has a root strictly between. *)

From Coq Require Import Reals Lra Ranalysis5.
From Hasderiv Require Import AnalysisDerivatives.
Open Scope R_scope.

Lemma root_between (f : R -> R) a b :
  a < b -> (forall t, a <= t <= b -> near_value f t) -> f a < 0 -> 0 < f b -> exists c, a < c < b /\ f c = 0.
Proof.
  intros L C A B; destruct (IVT_interv f a b) as (c & [H K] & Z); try assumption.
  - intros t T; apply near_value_iff, C, T.
  - exists c; split; [| exact Z].
    split; [destruct H as [H | <-] | destruct K as [K | ->]]; try assumption; exfalso; lra.
Qed.
