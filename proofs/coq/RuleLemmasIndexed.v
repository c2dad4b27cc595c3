(** The rules for families, finite sums and maxima, operators and programs,
  as statements about functions: what is proved
    of the checker's rules rests on these. *)

From Coq Require Import Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Hasderiv Require Import Sums Term Semantics Eval RulesSums RulesOperator RulesProgram.
From Hasderiv Require Families FamilyChain Graphs.
Import ListNotations.
Open Scope R_scope.

(** ** Facts: a range is the number of natural numbers in it *)

Lemma fact_sum_linear N c f g : total N (fun k => c * f k + g k) = c * total N f + total N g.
Proof. exact (sum_linear N c f g). Qed.

Lemma fact_sum_swap M N f : total M (fun j => total N (f j)) = total N (fun k => total M (fun j => f j k)).
Proof. exact (sum_swap M N f). Qed.

Lemma fact_sum_delta N u f : (u < N)%nat -> total N (fun k => if Req_EM_T (INR k - INR u) 0 then f k else 0) = f u.
Proof. exact (sum_delta N f u). Qed.

Lemma fact_sum_count N : total N (fun _ => 1) = INR N.
Proof. exact (sum_count N). Qed.

Lemma fact_max_upper N u f : (u < N)%nat -> greatest N f - f u >= 0.
Proof. intros L; pose proof (max_upper N f u L); lra. Qed.

(** ** generalize *)

Lemma rule_generalize_equation N f g :
  (forall k, (k < N)%nat -> f k = g k) -> total N f = total N g /\ greatest N f = greatest N g.
Proof. intros E; split; [exact (total_ext N f g E) | exact (greatest_ext N f g E)]. Qed.

Lemma rule_generalize_positive N f : (0 < N)%nat -> (forall k, (k < N)%nat -> f k > 0) -> total N f > 0.
Proof. exact (total_pos N f). Qed.

Lemma rule_generalize_nonnegative N f : (forall k, (k < N)%nat -> f k >= 0) -> total N f >= 0.
Proof. intros P; apply Rle_ge, total_nonneg; intros k L; apply Rge_le, P, L. Qed.

Lemma rule_generalize_bound N f b : (0 < N)%nat -> (forall k, (k < N)%nat -> b - f k >= 0) -> b - greatest N f >= 0.
Proof. exact (max_bound Rge N f b). Qed.

Lemma rule_generalize_strict_bound N f b : (0 < N)%nat -> (forall k, (k < N)%nat -> b - f k > 0) ->
  b - greatest N f > 0.
Proof. exact (max_bound Rgt N f b). Qed.

(** The entries of the families [V] vary. *)
Lemma rule_generalize_defined V N rho (P : nat -> Families.point -> Prop) :
  (forall k, (k < N)%nat -> Families.nearby V rho (P k)) ->
  Families.nearby V rho (fun r => forall k, (k < N)%nat -> P k r).
Proof. exact (Families.nearby_all V N rho P). Qed.

Lemma rule_generalize_continuous V N f rho : (forall k, (k < N)%nat -> Families.continuous_at V (f k) rho) ->
  Families.continuous_at V (fun r => total N (fun k => f k r)) rho /\
  Families.continuous_at V (fun r => greatest N (fun k => f k r)) rho.
Proof.
  intros C; split; [exact (Families.continuous_total V N f rho C) | exact (Families.continuous_greatest V N f rho C)].
Qed.

Lemma rule_generalize_derivative V N f rho L : (forall k, (k < N)%nat -> Families.derivative_at V (f k) rho (L k)) ->
  Families.derivative_at V (fun r => total N (fun k => f k r)) rho (fun t => total N (fun k => L k t)).
Proof. exact (Families.derivative_total V N f rho L). Qed.

(** ** local and chain, for families *)

(** An entry whose indices do not move. *)
Lemma rule_local_symbol_entry V e rho : V (fst e) = true -> Families.derivative_at V (fun r => r e) rho (fun t => t e).
Proof. exact (Families.derivative_entry V e rho). Qed.

Lemma rule_chain_families V W f rho L (u l : Families.entry -> Families.point -> R) :
  (forall s s', (forall e, W (fst e) = true \/ V (fst e) = false -> s e = s' e) -> f s = f s') ->
  Families.derivative_at W f (FamilyChain.plug W u rho) L ->
  (forall e, W (fst e) = true -> Families.derivative_at V (u e) rho (l e)) ->
  Families.derivative_at V (fun r => f (FamilyChain.plug W u r)) rho
    (fun t => L (fun e => if W (fst e) then l e t else 0)).
Proof. exact (FamilyChain.derivative_compose V W f rho L u l). Qed.

(** ** Operators and programs *)

(** A sum over all values of an index is one over tuples. *)
Lemma rule_operator {cited : Interpretation} ix tau t rho :
  (forall n k, In n (map snd ix) -> In k (map fst ix) -> fresh k n = true) ->
  eval rho tau (totals ix t) =
  Graphs.summed (tuples (map (eval rho tau) (map snd ix))) (fun i => eval (setting rho (map fst ix) i) tau t).
Proof. intros F; exact (totals_eval ix tau t F rho). Qed.

(** Sizes without operands are the same in a node as their instances outside. *)
Lemma rule_step {cited : Interpretation} n rho sizes : map fst (node_sources n) = map fst (pullbacks (node_operator n))
  ->
  forallb (still (map fst (pullbacks (node_operator n)))) sizes = true ->
  named_ranges n rho sizes = ranges rho (put_sizes n sizes).
Proof. intros K; exact (put_ranges n rho K sizes). Qed.

Lemma rule_program_forward V inputs stages p :
  (forall x, In x inputs -> V x = true) -> Graphs.smooth_run inputs stages p ->
  forall e, In (fst e) (map Graphs.target stages) \/ In (fst e) inputs ->
  Families.derivative_at V (fun r => Graphs.run stages r e) p (fun t => Graphs.tangents stages p t e).
Proof. exact (Graphs.forward_mode V inputs stages p). Qed.

Lemma rule_program_reverse stages known p g q : Graphs.adjoint_run known stages p ->
  Graphs.pair (known ++ map Graphs.result stages) g (Graphs.tangents stages p q) =
  Graphs.pair known (Graphs.cotangents stages p g) q.
Proof. exact (Graphs.reverse_mode stages known p g q). Qed.
