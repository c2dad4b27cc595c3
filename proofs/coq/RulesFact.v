(** The ledger of primitive facts, as in [proofs/kernel/facts.py]; the facts themselves are proved in [Facts*.v]. *)

From Coq Require Import ZArith QArith Qreals Qreduction Reals List Bool Lra Lia.
From Hasderiv Require Import AnalysisFunctions FactsElementary FactsErf FactsPi FactsTaylor.
From Hasderiv Require Import Term Semantics Eval Polynomial Theorems RulesLogic.
Import ListNotations.
Open Scope bool_scope.

Section Cited.
Context {cited : Interpretation}.

Inductive entry :=
  | InvFact | ExpPos | ExpZero | ExpAdd | ExpTaylor | ExpLog | LogExp | SqrtSquare | SqrtNonneg
  | SinCos | SinAdd | CosAdd | SinOdd | CosEven | CosZero | SinHalfPi | SinPos | SinTaylor | CosTaylor
  | PiLow | PiHigh | AtanTan | AtanCos | AtanLow | AtanHigh | TanAtan | ErfOdd | ErfPos | ErfHigh | FloorLow
    | FloorHigh.

Definition half_pi : term := Mul (Rat (1 # 2)) Pi.
Definition pi_low_term : term := Rat (Qred (314159265358979323846264338327 # 100000000000000000000000000000)).
Definition pi_high_term : term := Rat (Qred (314159265358979323846264338328 # 100000000000000000000000000000)).

(** [sum_{k < count} (+-1)^k u^(first + step k) / (first + step k)!] *)
Fixpoint taylor_term (alternate : bool) (first step count : nat) (u : term) : term :=
  match count with
  | O => zero
  | S k =>
      let n := (first + step * k)%nat in
      let monomial := match n with O => one | 1%nat => u | _ => Pow u (Pos.of_nat n) end in
      Add (taylor_term alternate first step k u)
          (Mul (Rat (Qmake (if alternate && Nat.odd k then -1 else 1) (Z.to_pos (factorial n)))) monomial)
  end.

(** An order from 1 to 60. *)
Definition order (n : Z) : option nat := when ((1 <=? n) && (n <=? 60))%Z ;; Some (Z.to_nat n).

(** [(-1)^n t] *)
Definition signed (n : nat) (t : term) : term := if Nat.odd n then neg t else t.

(** What an entry says for given orders and terms: premises and conclusion. *)
Definition instance (e : entry) (orders : list Z) (terms : list term) : option (list literal * literal) :=
  match e, orders, terms with
  | InvFact, [], [u] => Some ([(NonZero, u)], equation (Mul u (Un Inv u)) one)
  | ExpPos, [], [u] => Some ([], (Positive, Un Exp u))
  | ExpZero, [], [] => Some ([], equation (Un Exp zero) one)
  | ExpAdd, [], [u; v] => Some ([], equation (Un Exp (Add u v)) (Mul (Un Exp u) (Un Exp v)))
  | ExpTaylor, [k], [u] =>
      n <- order k ;; when Nat.odd n ;; Some ([], (NonNegative, sub (Un Exp u) (taylor_term false 0 1 (S n) u)))
  | ExpLog, [], [u] => Some ([(Positive, u)], equation (Un Exp (Un Log u)) u)
  | LogExp, [], [u] => Some ([], equation (Un Log (Un Exp u)) u)
  | SqrtSquare, [], [u] => Some ([(NonNegative, u)], equation (Pow (Un Sqrt u) 2) u)
  | SqrtNonneg, [], [u] => Some ([], (NonNegative, Un Sqrt u))
  | SinCos, [], [u] => Some ([], equation (Add (Pow (Un Sin u) 2) (Pow (Un Cos u) 2)) one)
  | SinAdd, [], [u; v] =>
      Some ([], equation (Un Sin (Add u v)) (Add (Mul (Un Sin u) (Un Cos v)) (Mul (Un Cos u) (Un Sin v))))
  | CosAdd, [], [u; v] =>
      Some ([], equation (Un Cos (Add u v)) (sub (Mul (Un Cos u) (Un Cos v)) (Mul (Un Sin u) (Un Sin v))))
  | SinOdd, [], [u] => Some ([], equation (Un Sin (neg u)) (neg (Un Sin u)))
  | CosEven, [], [u] => Some ([], equation (Un Cos (neg u)) (Un Cos u))
  | CosZero, [], [] => Some ([], equation (Un Cos zero) one)
  | SinHalfPi, [], [] => Some ([], equation (Un Sin half_pi) one)
  | SinPos, [], [u] => Some ([(Positive, u); (Positive, sub Pi u)], (Positive, Un Sin u))
  | SinTaylor, [k], [u] =>
      n <- order k ;; Some ([(NonNegative, u)], (NonNegative, signed n (sub (Un Sin u) (taylor_term true 1 2 n u))))
  | CosTaylor, [k], [u] =>
      n <- order k ;; Some ([], (NonNegative, signed n (sub (Un Cos u) (taylor_term true 0 2 n u))))
  | PiLow, [], [] => Some ([], (Positive, sub Pi pi_low_term))
  | PiHigh, [], [] => Some ([], (Positive, sub pi_high_term Pi))
  | AtanTan, [], [u] => Some ([], equation (Un Sin (Un Atan u)) (Mul u (Un Cos (Un Atan u))))
  | AtanCos, [], [u] => Some ([], (Positive, Un Cos (Un Atan u)))
  | AtanLow, [], [u] => Some ([], (Positive, Add (Un Atan u) half_pi))
  | AtanHigh, [], [u] => Some ([], (Positive, sub half_pi (Un Atan u)))
  | TanAtan, [], [u; v] =>
      Some ([(Positive, Un Cos u); (Positive, Add u half_pi); (Positive, sub half_pi u);
        equation (Mul v (Un Cos u)) (Un Sin u)],
            equation (Un Atan v) u)
  | ErfOdd, [], [u] => Some ([], equation (Un Erf (neg u)) (neg (Un Erf u)))
  | ErfPos, [], [u] => Some ([(Positive, u)], (Positive, Un Erf u))
  | ErfHigh, [], [u] => Some ([], (Positive, sub one (Un Erf u)))
  | FloorLow, [], [u] => Some ([], (NonNegative, sub u (Un Floor u)))
  | FloorHigh, [], [u] => Some ([], (Positive, sub (Add (Un Floor u) one) u))
  | _, _, _ => None
  end.

Fixpoint all_prove (ls : list literal) (ths : theorems) : bool :=
  match ls, ths with
  | [], [] => true
  | l :: ls, th :: ths => proves l th && all_prove ls ths
  | _, _ => false
  end.

Definition rule_fact (e : entry) (orders : list Z) (terms : list term) (premises : theorems) : option theorem :=
  nc <- instance e orders terms ;;
  when all_prove (fst nc) premises ;;
  Some (conclude (Holds (snd nc)) premises).

(** ** Soundness *)

Open Scope R_scope.

Lemma eval_half_pi rho tau : eval rho tau half_pi = 1 / 2 * PI.
Proof. unfold half_pi; cbn [eval]; unfold Q2R; cbn [Qnum Qden]; field. Qed.

Lemma Q2R_sign_over (s : Z) n : Q2R (Qmake s (Z.to_pos (factorial n))) = IZR s / IZR (factorial n).
Proof. unfold Q2R; cbn [Qnum Qden]; rewrite Z2Pos.id by apply factorial_pos; reflexivity. Qed.

Lemma taylor_term_value rho tau alternate first step count u :
  eval rho tau (taylor_term alternate first step count u) = taylor alternate first step count (eval rho tau u).
Proof.
  induction count as [| k IH]; [apply eval_zero |].
  cbn [taylor_term taylor]; cbv zeta; cbn [eval]; rewrite IH; f_equal; f_equal.
  - unfold coefficient; rewrite Q2R_sign_over; destruct (alternate && Nat.odd k); reflexivity.
  - destruct (first + step * k)%nat as [| [| n]] eqn:E; [apply eval_one | cbn [eval]; ring |].
    cbn [eval]; rewrite Nat2Pos.id by discriminate; reflexivity.
Qed.

Lemma signed_value rho tau n t : eval rho tau (signed n t) = (-1) ^ n * eval rho tau t.
Proof.
  unfold signed; destruct (Nat.odd n) eqn:O.
  - apply Nat.odd_spec in O; destruct O as (k & ->); rewrite eval_neg, pow_add, pow_mult;
    replace ((-1) ^ 2) with 1 by ring.
    rewrite pow1; ring.
  - assert (Nat.even n = true) as P by (rewrite <- Nat.negb_odd, O; reflexivity); apply Nat.even_spec in P;
    destruct P as (k & ->).
    rewrite pow_mult; replace ((-1) ^ 2) with 1 by ring; rewrite pow1; ring.
Qed.

Lemma order_pos k n : order k = Some n -> (1 <= n)%nat.
Proof. unfold order; intros H; open H; found H; apply andb_prop in E; destruct E as (A & _); apply Z.leb_le in A;
  lia. Qed.

Local Opaque taylor_term.

Lemma instance_sound e orders terms needs c rho tau :
  instance e orders terms = Some (needs, c) -> all_hold rho tau needs -> holds rho tau c.
Proof.
  intros H A.
  destruct e, orders as [| k [|]], terms as [| u [| v [|]]]; try discriminate; cbn [instance] in H; open H;
    injection H as <- <-;
    repeat match goal with
    | A : all_hold _ _ (?l :: ?ls) |- _ =>
        let N := fresh "N" in assert (N : holds rho tau l) by (apply A; left; reflexivity);
        assert (all_hold rho tau ls) by (intros x X; apply A; right; exact X); clear A
    end;
    repeat match goal with
    | N : holds _ _ (equation _ _) |- _ => apply holds_equation in N
    | N : holds _ _ (_, _) |- _ => unfold holds in N; cbn [fst snd related] in N
    end;
    try apply holds_equation; unfold holds in *; cbn [fst snd related] in *; rewrite ?signed_value in *;
    rewrite ?eval_sub, ?eval_neg in *; cbn [eval apply] in *;
    rewrite ?eval_half_pi, ?eval_zero, ?eval_one, ?eval_sub, ?eval_neg, ?taylor_term_value in *; cbn [eval apply] in *;
    rewrite ?eval_half_pi, ?eval_zero, ?eval_one in *.
  - apply fact_inv; assumption.
  - apply fact_exp_pos.
  - apply fact_exp_zero.
  - apply fact_exp_add.
  - apply fact_exp_taylor; assumption.
  - apply fact_exp_log; assumption.
  - apply fact_log_exp.
  - apply fact_sqrt_square; assumption.
  - apply fact_sqrt_nonneg.
  - apply fact_sin_cos.
  - apply fact_sin_add.
  - apply fact_cos_add.
  - apply fact_sin_odd.
  - apply fact_cos_even.
  - apply fact_cos_zero.
  - apply fact_sin_half_pi.
  - apply fact_sin_pos; assumption.
  - apply fact_sin_taylor; [exact (order_pos _ _ E) | assumption].
  - apply fact_cos_taylor; exact (order_pos _ _ E).
  - unfold pi_low_term; cbn [eval]; rewrite Q2R_Qred; unfold Q2R; cbn [Qnum Qden]; pose proof fact_pi_low; lra.
  - unfold pi_high_term; cbn [eval]; rewrite Q2R_Qred; unfold Q2R; cbn [Qnum Qden]; pose proof fact_pi_high; lra.
  - apply fact_atan_tan.
  - apply fact_atan_cos.
  - apply fact_atan_low.
  - apply fact_atan_high.
  - apply fact_tan_atan; assumption.
  - apply fact_erf_odd.
  - apply fact_erf_pos; assumption.
  - apply fact_erf_high.
  - apply fact_floor_low.
  - apply fact_floor_high.
Qed.

Lemma all_prove_at ls ths rho tau :
  all_prove ls ths = true -> (forall th, In th ths -> conclusion_at (concl th) rho tau) -> all_hold rho tau ls.
Proof.
  revert ths; induction ls as [| l ls IH]; intros [| th ths]; cbn [all_prove]; try discriminate; intros H A;
    [intros ? [] |].
  apply andb_prop in H; destruct H as (P & Q); intros k [<- | I].
  - exact (proves_at l th rho tau P (A th (or_introl eq_refl))).
  - exact (IH ths Q (fun th I => A th (or_intror I)) k I).
Qed.

Theorem fact_valid e orders terms premises r : rule_fact e orders terms premises = Some r ->
  all_valid premises -> valid r.
Proof.
  unfold rule_fact; intros H V; open H; found H; apply valid_conclude; [exact V |]; intros rho K tau;
    destruct v as [needs c].
  exact (instance_sound e orders terms needs c rho tau E (all_prove_at needs premises rho tau E0 (fun th I => K th I
    tau))).
Qed.
End Cited.
