(** Ordered-field arithmetic on literals: as in [proofs/kernel/arithmetic.py]. *)

From Coq Require Import ZArith QArith Qreals Reals List Bool Lra Lia.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Polynomial Theorems RulesLogic.
Import ListNotations.
Open Scope bool_scope.

Section Cited.
Context {cited : Interpretation}.

(** [(q, facts, squares)] stands for [q f1 f2 ... s1^2 s2^2 ...]. *)
Definition factored : Type := Q * theorems * list term.

Fixpoint all_held (ths : theorems) : option (list literal) :=
  match ths with
  | [] => Some []
  | th :: rest => l <- held th ;; ls <- all_held rest ;; Some (l :: ls)
  end.

(** A factor [!= 0] enters squared, except where only [!= 0] is to be shown. *)
Definition factor (nonzero : bool) (l : literal) : option (term * positive) :=
  match fst l with
  | Zero => None
  | NonZero => Some (snd l, if nonzero then 1%positive else 2%positive)
  | _ => Some (snd l, 1%positive)
  end.

Fixpoint factors_of (nonzero : bool) (ls : list literal) : option (list (term * positive)) :=
  match ls with
  | [] => Some []
  | l :: rest => f <- factor nonzero l ;; fs <- factors_of nonzero rest ;; Some (f :: fs)
  end.

Definition number_sign (q : Q) : comparison := Z.compare (Qnum q) 0.
Definition may_vanish (l : literal) : bool := match fst l with NonNegative => true | _ => false end.
Definition squared (t : term) : term * positive := (t, 2%positive).
Definition no_term (l : list term) : bool := match l with [] => true | _ => false end.

(** The product as a row of the combination, and whether it is known to be positive (or not 0). *)
Definition row_of (nonzero : bool) (p : factored) : option (row * bool) :=
  match p with
  | (q, facts, squares) =>
      ls <- all_held facts ;;
      when match number_sign q with Gt => true | Lt => nonzero | Eq => false end ;;
      fs <- factors_of nonzero ls ;;
      let positive := no_term squares && negb (existsb may_vanish ls) in
      when positive || negb nonzero ;;
      Some ((q, fs ++ map squared squares), positive)
  end.

Fixpoint rows_of (nonzero : bool) (ps : list factored) : option (list row * bool) :=
  match ps with
  | [] => Some ([], false)
  | p :: rest =>
      r <- row_of nonzero p ;;
      rs <- rows_of nonzero rest ;;
      Some (fst r :: fst rs, snd r || snd rs)
  end.

(** [c e], where [e = 0] is proved. *)
Fixpoint zeros_of (es : list (term * theorem)) : option (list row) :=
  match es with
  | [] => Some []
  | (c, th) :: rest =>
      l <- held th ;;
      when same_relation (fst l) Zero ;;
      rs <- zeros_of rest ;;
      Some ((1%Q, [(c, 1%positive); (snd l, 1%positive)]) :: rs)
  end.

Definition rule_arith (goal : literal) (products : list factored) (equations : list (term * theorem))
  : option theorem :=
  let nonzero := same_relation (fst goal) NonZero in
  when match fst goal, products with
       | Zero, _ :: _ => false
       | NonZero, [_] => true
       | NonZero, _ => false
       | _, _ => true
       end ;;
  rows <- rows_of nonzero products ;;
  when match fst goal with Positive => snd rows | _ => true end ;;
  zeros <- zeros_of equations ;;
  when adds_up (snd goal) (fst rows ++ zeros) ;;
  Some (conclude (Holds goal) (flat_map (fun p => snd (fst p)) products ++ map snd equations)).

(** ** Soundness *)

Open Scope R_scope.

Section Point.
Variables rho tau : env.

Lemma monomial_value_app a b : monomial_value rho tau (a ++ b) = monomial_value rho tau a * monomial_value rho tau b.
Proof. induction a as [| [t n] a IH]; cbn [app monomial_value]; [ring | rewrite IH; ring]. Qed.

Lemma rows_value_app a b : rows_value rho tau (a ++ b) = rows_value rho tau a + rows_value rho tau b.
Proof. induction a as [| r a IH]; cbn [app rows_value]; [ring | rewrite IH; ring]. Qed.

Lemma squares_value ts : 0 <= monomial_value rho tau (map squared ts).
Proof.
  induction ts as [| t ts IH]; cbn [map monomial_value squared]; [lra |].
  apply Rmult_le_pos; [| exact IH]; change (Pos.to_nat 2) with 2%nat; apply pow2_ge_0.
Qed.

Lemma number_sign_value q :
  match number_sign q with Gt => 0 < Q2R q | Lt => Q2R q < 0 | Eq => True end.
Proof.
  unfold number_sign, Q2R; assert (0 < / IZR (Zpos (Qden q))) as P by (apply Rinv_0_lt_compat, IZR_lt; reflexivity).
  destruct (Z.compare_spec (Qnum q) 0) as [E | L | G]; [exact I | |].
  - apply IZR_lt in L; rewrite <- (Rmult_0_l (/ IZR (Zpos (Qden q)))); apply Rmult_lt_compat_r; assumption.
  - apply IZR_lt in G; apply Rmult_lt_0_compat; assumption.
Qed.

(** What is known of the product of facts that hold. *)
Lemma factors_value nonzero ls fs :
  factors_of nonzero ls = Some fs -> (forall l, In l ls -> holds rho tau l) ->
  (nonzero = false -> 0 <= monomial_value rho tau fs) /\
  (nonzero = false -> existsb may_vanish ls = false -> 0 < monomial_value rho tau fs) /\
  (existsb may_vanish ls = false -> monomial_value rho tau fs <> 0).
Proof.
  revert fs; induction ls as [| [r t] ls IH]; cbn [factors_of]; intros fs H A.
  - found H; cbn [monomial_value]; repeat split; intros; lra.
  - open H; found H; destruct v as [u n]; cbn [monomial_value existsb].
    destruct (IH _ eq_refl (fun l I => A l (or_intror I))) as (B & C & D).
    pose proof (A (r, t) (or_introl eq_refl)) as T; unfold holds in T; cbn [fst snd] in T.
    assert ((nonzero = false -> 0 <= eval rho tau u ^ Pos.to_nat n) /\
            (nonzero = false -> may_vanish (r, t) = false -> 0 < eval rho tau u ^ Pos.to_nat n) /\
            (may_vanish (r, t) = false -> eval rho tau u ^ Pos.to_nat n <> 0)) as (P & Q & S).
    { unfold factor, may_vanish in *; cbn [fst snd] in *; destruct r; try discriminate; injection E as <- <-;
        cbn [related] in T; try (change (Pos.to_nat 1) with 1%nat; rewrite pow_1); repeat split; intros; try lra;
          try discriminate.
      - subst nonzero; change (Pos.to_nat 2) with 2%nat; apply pow2_ge_0.
      - subst nonzero; change (Pos.to_nat 2) with 2%nat; replace (eval rho tau t ^ 2) with (Rsqr (eval rho tau t))
        by (unfold Rsqr; ring); apply Rsqr_pos_lt; exact T.
      - apply pow_nonzero; exact T. }
    split; [| split].
    + intros N; apply Rmult_le_pos; auto.
    + intros N V; apply orb_false_iff in V; destruct V; apply Rmult_lt_0_compat; auto.
    + intros V; apply orb_false_iff in V; destruct V; apply Rmult_integral_contrapositive_currified; auto.
Qed.

Lemma all_held_at ths ls :
  all_held ths = Some ls -> (forall th, In th ths -> conclusion_at (concl th) rho tau) -> forall l, In l ls ->
    holds rho tau l.
Proof.
  revert ls; induction ths as [| th ths IH]; cbn [all_held]; intros ls H A; [found H; intros ? [] |].
  open H; found H; intros l [<- | I].
  - exact (held_at th v rho tau E (A th (or_introl eq_refl))).
  - exact (IH _ eq_refl (fun th I => A th (or_intror I)) l I).
Qed.

Lemma row_of_value nonzero q facts squares r positive :
  row_of nonzero (q, facts, squares) = Some (r, positive) ->
  (forall th, In th facts -> conclusion_at (concl th) rho tau) ->
  (nonzero = false -> 0 <= row_value rho tau r) /\
  (nonzero = false -> positive = true -> 0 < row_value rho tau r) /\
  (nonzero = true -> row_value rho tau r <> 0).
Proof.
  cbn [row_of]; intros H A; open H; injection H as <- <-.
  destruct (factors_value nonzero _ _ E1 (all_held_at _ _ E A)) as (B & C & D).
  pose proof (squares_value squares) as S; pose proof (number_sign_value q) as N.
  unfold row_value; cbn [fst snd]; rewrite monomial_value_app.
  split; [| split].
  - intros Z; subst nonzero; destruct (number_sign q); try discriminate.
    apply Rmult_le_pos; [lra | apply Rmult_le_pos; auto].
  - intros Z P; subst nonzero; destruct (number_sign q); try discriminate; apply andb_prop in P; destruct P as (P & V).
    apply negb_true_iff in V; destruct squares; [| discriminate].
    apply Rmult_lt_0_compat; [exact N | apply Rmult_lt_0_compat; [auto | simpl; lra]].
  - intros Z; subst nonzero; rewrite orb_false_r in E2; apply andb_prop in E2; destruct E2 as (P & V).
    apply negb_true_iff in V; destruct squares; [| discriminate]; cbn [map monomial_value].
    rewrite Rmult_1_r; apply Rmult_integral_contrapositive_currified; [| auto].
    destruct (number_sign q); try discriminate; lra.
Qed.

Lemma rows_of_value ps rs positive :
  rows_of false ps = Some (rs, positive) ->
  (forall th, In th (flat_map (fun p => snd (fst p)) ps) -> conclusion_at (concl th) rho tau) ->
  0 <= rows_value rho tau rs /\ (positive = true -> 0 < rows_value rho tau rs).
Proof.
  revert rs positive; induction ps as [| [[q facts] squares] ps IH]; intros rs positive H A.
  - injection H as <- <-; simpl; split; [lra | discriminate].
  - change (bind (row_of false (q, facts, squares)) (fun r => bind (rows_of false ps) (fun rs =>
      Some (fst r :: fst rs, snd r || snd rs))) = Some (rs, positive)) in H.
    open H; injection H as <- <-; destruct v as [r p], v0 as [rs' p']; cbn [flat_map fst snd] in *.
    destruct (row_of_value _ _ _ _ _ _ E (fun th I => A th (in_or_app _ _ _ (or_introl I)))) as (B & C & _).
    destruct (IH _ _ eq_refl (fun th I => A th (in_or_app _ _ _ (or_intror I)))) as (D & F).
    specialize (B eq_refl); cbn [rows_value]; split; [lra |]; intros P; apply orb_prop in P; destruct P as [P | P].
    + specialize (C eq_refl P); lra.
    + specialize (F P); lra.
Qed.

Lemma zeros_of_value es rs :
  zeros_of es = Some rs -> (forall th, In th (map snd es) -> conclusion_at (concl th) rho tau) ->
    rows_value rho tau rs = 0.
Proof.
  revert rs; induction es as [| [c th] es IH]; cbn [zeros_of]; intros rs H A; [found H; reflexivity |].
  open H; found H; cbn [rows_value]; rewrite (IH _ eq_refl (fun th I => A th (or_intror I))).
  destruct v as [r t]; cbn [fst snd] in *; apply same_relation_eq in E0; subst r.
  pose proof (held_at _ _ rho tau E (A th (or_introl eq_refl))) as T; unfold holds in T; cbn [fst snd related] in T.
  unfold row_value; cbn [fst snd monomial_value]; change (Pos.to_nat 1) with 1%nat; rewrite !pow_1, T; ring.
Qed.
End Point.

Theorem arith_valid goal products equations r :
  rule_arith goal products equations = Some r ->
  all_valid (flat_map (fun p => snd (fst p)) products ++ map snd equations) -> valid r.
Proof.
  unfold rule_arith; cbv zeta; intros H V; open H; found H; apply valid_conclude; [exact V |]; intros rho K tau.
  assert (forall th, In th (flat_map (fun p => snd (fst p)) products) -> conclusion_at (concl th) rho tau) as A.
  { intros th I; exact (K th (in_or_app _ _ _ (or_introl I)) tau). }
  assert (rows_value rho tau v0 = 0) as Z.
  { apply (zeros_of_value rho tau _ _ E2); intros th I; exact (K th (in_or_app _ _ _ (or_intror I)) tau). }
  apply (adds_up_value rho tau) in E3; rewrite rows_value_app, Z, Rplus_0_r in E3.
  destruct goal as [rel t]; cbn [fst snd conclusion_at] in *; unfold holds; cbn [fst snd]; rewrite E3.
  destruct v as [rs positive]; cbn [fst snd] in *; destruct rel.
  - apply (proj2 (rows_of_value rho tau _ _ _ E0 A)) in E1; exact E1.
  - apply Rle_ge; exact (proj1 (rows_of_value rho tau _ _ _ E0 A)).
  - destruct products; [| discriminate]; injection E0 as <- <-; reflexivity.
  - destruct products as [| [[q facts] squares] [|]]; try discriminate.
    change (bind (row_of true (q, facts, squares)) (fun r => Some ([fst r], snd r || false)) = Some (rs, positive))
      in E0.
    open E0; injection E0 as <- <-; destruct v as [r p]; cbn [fst snd rows_value related].
    destruct (row_of_value rho tau _ _ _ _ _ _ E4) as (_ & _ & N).
    + intros th I; apply A; cbn [flat_map]; apply in_or_app; left; exact I.
    + specialize (N eq_refl); lra.
Qed.
End Cited.
