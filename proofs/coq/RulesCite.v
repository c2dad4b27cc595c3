(** The rule [cite] of [proofs/kernel/cited.py]: an identity of a function known only by facts that are cited. *)

From Coq Require Import Reals List Bool.
From Hasderiv Require Import Term Semantics Special Polynomial Theorems RulesLogic RulesFact.
Import ListNotations.

Definition rule_cite (cites : bool) (i : identity) (terms : list term) (premises : theorems) : option theorem :=
  when cites ;;
  nc <- identity_instance i terms ;;
  when all_prove (fst nc) premises ;;
  Some (conclude (Holds (snd nc)) premises).

Section Cited.
Context {cited : Interpretation}.

Theorem cite_valid cites i terms premises r :
  rule_cite cites i terms premises = Some r -> (cites = true -> cited_facts) -> all_valid premises -> valid r.
Proof.
  unfold rule_cite; intros H Facts V; destruct cites; [| discriminate]; open H; found H.
  apply valid_conclude; [exact V |]; intros rho K tau; destruct v as [needs c].
  apply (cited_identity (Facts eq_refl) i terms needs c rho tau E).
  exact (all_prove_at needs premises rho tau E0 (fun th I => K th I tau)).
Qed.
End Cited.
