(** The rule [generalize] for derivatives in symbols: there are finitely many indices,
  so one neighbourhood serves them. *)

From Coq Require Import Reals List Bool PArith Lra Lia.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import Sums Term Semantics Eval Calculus Polynomial Theorems RulesLogic Rates RulesLocal
  RulesFreeze
  RulesSums RulesFamilies.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

Definition rule_sum_local (op : binder) (k : name) (n : term) (th : theorem) (sides : theorems) : option theorem :=
  when apart_from k n th ;;
  c <- held_local th ;;
  match c with
  | (V, t, d) =>
      when still V n && negb (member k V) ;;
      used <- define (rev sides) n ;;
      conclude_under (union (if_some (is_max op) n) (union (rest_of k n th) (hyps_of used)))
        (Local V (bound op k n t) (carried_rate op k n d))
  end.

Section Total.
Variables (V : list name) (rho : env).

Lemma nearby_below N (P : nat -> env -> Prop) :
  (forall i, (i < N)%nat -> nearby V rho (P i)) -> nearby V rho (fun r => forall i, (i < N)%nat -> P i r).
Proof.
  induction N; intros H; [apply nearby_all; intros; lia |].
  refine (nearby_impl V rho _ _ _ (nearby_and V rho _ _ (IHN _) (H N _))); try lia; auto.
  intros r (A & B) i L; destruct (Nat.eq_dec i N) as [-> |]; [exact B | apply A; lia].
Qed.

Lemma continuous_sum N f : (forall i, (i < N)%nat -> continuous_at V (f i) rho) ->
  continuous_at V (fun r => total N (fun i => f i r)) rho.
Proof.
  induction N; intros H; cbn [total]; [apply continuous_still; reflexivity | apply continuous_add; auto].
Qed.

Lemma continuous_max f g : continuous_at V f rho -> continuous_at V g rho ->
  continuous_at V (fun r => Rmax (f r) (g r)) rho.
Proof.
  intros F G eps P; refine (nearby_impl V rho _ _ _ (nearby_and V rho _ _ (F _ P) (G _ P))); intros r (A & B).
  apply Rabs_le_between in A; apply Rabs_le_between in B; apply Rabs_le_between.
  unfold Rmax; destruct (Rle_dec (f r) (g r)), (Rle_dec (f rho) (g rho)); lra.
Qed.

Lemma continuous_greatest N f : (forall i, (i < N)%nat -> continuous_at V (f i) rho) ->
  continuous_at V (fun r => greatest N (fun i => f i r)) rho.
Proof.
  induction N; intros H; [apply continuous_still; reflexivity |]; destruct N; [apply H; lia |].
  change (continuous_at V (fun r => Rmax (greatest (S N) (fun i => f i r)) (f (S N) r)) rho).
  apply continuous_max; auto.
Qed.

Lemma derivative_sum N f L : (forall i, (i < N)%nat -> derivative_at V (f i) rho (L i)) ->
  derivative_at V (fun r => total N (fun i => f i r)) rho (fun t => total N (fun i => L i t)).
Proof.
  induction N; intros H; cbn [total]; [apply derivative_still; reflexivity | apply derivative_add; auto].
Qed.
End Total.

Section Cited.
Context {cited : Interpretation}.

Lemma nearby_index V k v rho (P : env -> Prop) :
  member k V = false -> nearby V (set rho k v) P -> nearby V rho (fun r => P (set r k v)).
Proof.
  intros N (r & R & A); exists r; split; [exact R |]; intros rho' C; apply A; intros y; specialize (C y).
  destruct (Pos.eqb_spec y k) as [-> | D]; [rewrite N, !set_same; reflexivity | rewrite !set_other by exact D; exact C].
Qed.

Theorem sum_local_valid op k n th sides r :
  rule_sum_local op k n th sides = Some r -> valid th -> all_valid sides -> valid r.
Proof.
  unfold rule_sum_local; intros H V W; open H; destruct v as [[U t] d]; open H; apply held_local_concl in E0.
  apply andb_prop in E1; destruct E1 as (S & M); apply negb_true_iff in M.
  apply (valid_under _ _ _ H); intros rho tau A; apply all_hold_union in A; destruct A as (P0 & A);
    pose proof (if_some_holds rho tau _ n P0) as Pn; apply all_hold_union in A; destruct A as (A & K).
  apply define_sound in E2; destruct E2 as (I & D).
  pose proof (known_at v rho tau (all_valid_incl _ _ I (all_valid_rev _ W)) (proj1 (all_hold_hyps_of rho tau v) K)) as
    Kn.
  set (N := ceil (eval rho tau n)).
  assert (forall i, (i < N)%nat -> local_at U t d (set rho k (INR i))) as L.
  { intros i Q; apply below in Q; pose proof (each_index k n th rho tau E V A i Q tau) as C; rewrite E0 in C; exact C. }
  assert (eval rho still_env n = eval rho tau n) as Rn.
  { unfold apart_from in E; apply andb_prop in E; destruct E as (E & _); apply andb_prop in E; destruct E as (_ & E).
    apply negb_true_iff in E; apply eval_moves; exact E. }
  assert (nearby U rho (fun r => value (bound op k n t) r =
    over op (eval rho tau n) (fun i => value t (set r k (INR i))))) as Q.
  { apply nearby_all; intros s rho' C; unfold value; rewrite bound_eval.
    rewrite (still_eval U s rho rho' still_env n S C), Rn; reflexivity. }
  cbn [conclusion_at]; split; [| split].
  - assert (nearby U rho (fun r => forall i, (i < N)%nat -> exists_at t (set r k (INR i)))) as X
      by (apply nearby_below; intros i P; exact (nearby_index U k _ rho _ M (proj1 (L i P)))).
    assert (nearby U rho (fun r => exists_at n r /\ value n r = eval rho tau n)) as Y.
    { apply nearby_all; intros s rho' C; split;
        [exact (still_defined U s rho rho' still_env n S C (D rho Kn still_env)) |].
      unfold value; rewrite (still_eval U s rho rho' still_env n S C); exact Rn. }
    refine (nearby_impl U rho _ _ _ (nearby_and U rho _ _ X Y)); intros p (B & Dn & En).
    unfold exists_at, value in *; apply bound_defined; rewrite En; split; [exact Dn |]; split; [destruct op;
      [exact Logic.I | exact (Pn eq_refl)] |].
    intros i P; apply B, below, P.
  - refine (continuous_local U _ _ rho Q _).
    destruct op; cbn [over]; [apply (continuous_sum U rho N) | apply (continuous_greatest U rho N)]; intros i P eps Z;
      exact (nearby_index U k _ rho _ M (proj1 (proj2 (L i P)) eps Z)).
  - destruct op; [| exact Logic.I]; destruct d as [d |]; [| exact Logic.I]; apply (derivative_local U _ _ rho _ Q).
    cbn [over]; unfold sum_below; fold N.
    refine (derivative_ext U _ _ _ _ _ (derivative_sum U rho N (fun i r => value t (set r k (INR i)))
      (fun i tau' => eval (set rho k (INR i)) tau' d) _)).
    + intros tau'; cbv beta; destruct (same d zero) eqn:Z.
      * apply same_eq in Z; subst d; rewrite eval_zero, (total_ext N _ (fun _ => 0)); [apply total_zero | intros;
          apply eval_zero].
      * rewrite bound_eval; cbn [over]; unfold sum_below.
        replace (eval rho tau' n) with (eval rho tau n); [reflexivity |]; symmetry; rewrite <- Rn; apply eval_moves.
        unfold apart_from in E; apply andb_prop in E; destruct E as (E & _); apply andb_prop in E;
          destruct E as (_ & E).
        apply negb_true_iff in E; exact E.
    + intros i P; pose proof (derivative_set k U (value t) (fun r => value t (set r k (INR i))) (set rho k (INR i))
        (rho k)
        (fun tau' => eval (set rho k (INR i)) tau' d) M) as T.
      rewrite Lines.set_set, Lines.set_here in T; apply T; [| exact (proj2 (proj2 (L i P)))].
      intros rho' _; rewrite set_same; reflexivity.
Qed.
End Cited.
