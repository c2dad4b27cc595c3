(** Polynomial arithmetic, the one decision procedure: as [normal] in [proofs/kernel/algebra.py].

    A polynomial has rational coefficients, and its unknowns are atoms: terms that are neither sums, products,
    powers nor numbers.  Two terms with the same polynomial are equal at every point. *)

From Coq Require Import ZArith QArith Qreduction Qreals Reals List Bool Lra Lia.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval.
Import ListNotations.

Definition bind {A B} (x : option A) (f : A -> option B) : option B :=
  match x with Some a => f a | None => None end.
Notation "x <- e ;; f" := (bind e (fun x => f)) (at level 100, e at next level, right associativity).
Notation "'when' b ;; f" := (if b then f else None) (at level 100, b at next level, right associativity).

Definition monomial := list (term * positive).
Definition polynomial := list (monomial * Q).

(** The most products of monomials that one product may cost, and the most bits of a number that a power may have. *)
Definition budget : Z := 200000.
Definition max_bits : Z := 200000.

(** ** Numbers, always in lowest terms *)

Definition number_add (p q : Q) : Q :=
  match Qden p, Qden q with
  | xH, xH => Qmake (Qnum p + Qnum q) 1
  | _, _ => Qred (p + q)
  end.

Definition number_mul (p q : Q) : Q :=
  match Qden p, Qden q with
  | xH, xH => Qmake (Qnum p * Qnum q) 1
  | _, _ => Qred (p * q)
  end.

Definition is_zero (q : Q) : bool := match Qnum q with Z0 => true | _ => false end.

Definition number_power (q : Q) (n : positive) : option Q :=
  when (Z.log2 (Z.max (Z.abs (Qnum q)) (Zpos (Qden q))) * Zpos n <=? max_bits)%Z ;;
  Some (Qmake (Z.pow_pos (Qnum q) n) (Pos.pow (Qden q) n)).

(** ** Monomials and polynomials, their parts in order *)

Fixpoint compare_monomials (m n : monomial) : comparison :=
  match m, n with
  | [], [] => Eq
  | [], _ => Lt
  | _, [] => Gt
  | (a, i) :: m, (b, j) :: n =>
      match compare_terms a b with
      | Eq => match Pos.compare i j with Eq => compare_monomials m n | other => other end
      | other => other
      end
  end.

Fixpoint monomial_mul (m : monomial) : monomial -> monomial :=
  match m with
  | [] => fun n => n
  | (a, i) :: m' =>
      fix inner (n : monomial) : monomial :=
        match n with
        | [] => m
        | (b, j) :: n' =>
            match compare_terms a b with
            | Eq => (a, (i + j)%positive) :: monomial_mul m' n'
            | Lt => (a, i) :: monomial_mul m' n
            | Gt => (b, j) :: inner n'
            end
        end
  end.

Fixpoint add (p : polynomial) : polynomial -> polynomial :=
  match p with
  | [] => fun q => q
  | (m, c) :: p' =>
      fix inner (q : polynomial) : polynomial :=
        match q with
        | [] => p
        | (n, d) :: q' =>
            match compare_monomials m n with
            | Eq => let e := number_add c d in if is_zero e then add p' q' else (m, e) :: add p' q'
            | Lt => (m, c) :: add p' q
            | Gt => (n, d) :: inner q'
            end
        end
  end.

(** [m c] times a polynomial.  The order of monomials is kept by insertion. *)
Definition scaled (m : monomial) (c : Q) (q : polynomial) : polynomial :=
  match m with
  | [] => map (fun nd => (fst nd, number_mul c (snd nd))) q
  | _ => fold_left (fun total nd => add [(monomial_mul m (fst nd), number_mul c (snd nd))] total) q []
  end.

Definition size {A} (l : list A) : Z := fold_left (fun n _ => (n + 1)%Z) l 0%Z.

Definition product (p q : polynomial) : option polynomial :=
  when (size p * size q <=? budget)%Z ;;
  Some (fold_left (fun total mc => add (scaled (fst mc) (snd mc) q) total) p []).

Fixpoint power_of (p : polynomial) (n : positive) : option polynomial :=
  match n with
  | xH => Some p
  | xO k => r <- power_of p k ;; product r r
  | xI k => r <- power_of p k ;; s <- product r r ;; product p s
  end.

Definition power (p : polynomial) (n : positive) : option polynomial :=
  match p with
  | [(m, c)] => d <- number_power c n ;; Some [(map (fun ak => (fst ak, (snd ak * n)%positive)) m, d)]
  | _ => power_of p n
  end.

Fixpoint normal (t : term) : option polynomial :=
  match t with
  | Rat q => Some (if is_zero q then [] else [([], q)])
  | Add a b => p <- normal a ;; q <- normal b ;; Some (add p q)
  | Mul a b => p <- normal a ;; q <- normal b ;; product p q
  | Pow a n => p <- normal a ;; power p n
  | _ => Some [([(t, 1%positive)], 1%Q)]
  end.

Fixpoint same_polynomial (p q : polynomial) : bool :=
  match p, q with
  | [], [] => true
  | (m, c) :: p, (n, d) :: q =>
      match compare_monomials m n, compare_numbers c d with
      | Eq, Eq => same_polynomial p q
      | _, _ => false
      end
  | _, _ => false
  end.

(** A product [q t1^n1 t2^n2 ...]. *)
Definition row : Type := Q * list (term * positive).

Fixpoint product_of (p : polynomial) (factors : list (term * positive)) : option polynomial :=
  match factors with
  | [] => Some p
  | (t, n) :: rest => q <- normal t ;; r <- power q n ;; s <- product p r ;; product_of s rest
  end.

Fixpoint total_of (rows : list row) : option polynomial :=
  match rows with
  | [] => Some []
  | (q, factors) :: rest =>
      p <- product_of (if is_zero q then [] else [([], q)]) factors ;; s <- total_of rest ;; Some (add p s)
  end.

(** Whether a term is, as a polynomial, the sum of products. *)
Definition adds_up (goal : term) (rows : list row) : bool :=
  match total_of rows, normal goal with
  | Some p, Some q => same_polynomial p q
  | _, _ => false
  end.

(** The number that a polynomial is, if it is one. *)
Definition constant (p : polynomial) : option Q :=
  match p with [] => Some 0%Q | [([], q)] => Some q | _ => None end.

(** ** Soundness *)

Open Scope R_scope.

Section Point.
Context {cited : Interpretation}.
Variables rho tau : env.

Fixpoint monomial_value (m : list (term * positive)) : R :=
  match m with [] => 1 | (a, n) :: rest => eval rho tau a ^ Pos.to_nat n * monomial_value rest end.

Fixpoint polynomial_value (p : polynomial) : R :=
  match p with [] => 0 | (m, c) :: rest => Q2R c * monomial_value m + polynomial_value rest end.

Definition row_value (r : row) : R := Q2R (fst r) * monomial_value (snd r).

Fixpoint rows_value (rows : list row) : R :=
  match rows with [] => 0 | r :: rest => row_value r + rows_value rest end.

Lemma Q2R_Qred q : Q2R (Qred q) = Q2R q.
Proof. apply Qeq_eqR, Qred_correct. Qed.

Lemma number_add_value p q : Q2R (number_add p q) = Q2R p + Q2R q.
Proof.
  unfold number_add; destruct p as [a [b | b |]], q as [c [d | d |]]; cbn [Qden Qnum];
    rewrite ?Q2R_Qred, ?Q2R_plus; try reflexivity.
  unfold Q2R; cbn [Qden Qnum]; rewrite plus_IZR; field.
Qed.

Lemma number_mul_value p q : Q2R (number_mul p q) = Q2R p * Q2R q.
Proof.
  unfold number_mul; destruct p as [a [b | b |]], q as [c [d | d |]]; cbn [Qden Qnum];
    rewrite ?Q2R_Qred, ?Q2R_mult; try reflexivity.
  unfold Q2R; cbn [Qden Qnum]; rewrite mult_IZR; field.
Qed.

Lemma is_zero_value q : is_zero q = true -> Q2R q = 0.
Proof. unfold is_zero, Q2R; destruct (Qnum q); try discriminate; intros _; ring. Qed.

Lemma number_power_value q n r : number_power q n = Some r -> Q2R r = Q2R q ^ Pos.to_nat n.
Proof.
  unfold number_power; destruct (_ <=? _)%Z; [| discriminate]; intros E; injection E as <-.
  unfold Q2R; cbn [Qnum Qden]; rewrite Rpow_mult_distr.
  rewrite <- (positive_nat_Z n) at 1 || idtac.
  replace (Z.pow_pos (Qnum q) n) with (Qnum q ^ Z.of_nat (Pos.to_nat n))%Z by (rewrite positive_nat_Z; reflexivity).
  replace (Zpos (Qden q ^ n)) with (Zpos (Qden q) ^ Z.of_nat (Pos.to_nat n))%Z
    by (rewrite positive_nat_Z, <- Pos2Z.inj_pow; reflexivity).
  rewrite <- !pow_IZR; rewrite <- Rinv_pow by (apply IZR_neq; discriminate); reflexivity.
Qed.

Lemma compare_monomials_eq m n : compare_monomials m n = Eq -> m = n.
Proof.
  revert n; induction m as [| [a i] m IH]; intros [| [b j] n]; simpl; try discriminate; [reflexivity |].
  destruct (compare_terms a b) eqn:E; try discriminate; destruct (Pos.compare i j) eqn:F; try discriminate.
  intros H; apply compare_terms_eq in E; apply Pos.compare_eq in F; apply IH in H; congruence.
Qed.

Lemma monomial_mul_value m n : monomial_value (monomial_mul m n) = monomial_value m * monomial_value n.
Proof.
  revert n; induction m as [| [a i] m IH]; [intros; simpl; ring |].
  induction n as [| [b j] n IHn]; [simpl; ring |].
  cbn [monomial_mul]; destruct (compare_terms a b) eqn:E; cbn [monomial_value].
  - apply compare_terms_eq in E; subst b; rewrite IH, Pos2Nat.inj_add, pow_add; ring.
  - rewrite IH; cbn [monomial_value]; ring.
  - change (eval rho tau b ^ Pos.to_nat j * monomial_value (monomial_mul ((a, i) :: m) n) =
      monomial_value ((a, i) :: m) * (eval rho tau b ^ Pos.to_nat j * monomial_value n)); rewrite IHn; ring.
Qed.

Lemma add_value p q : polynomial_value (add p q) = polynomial_value p + polynomial_value q.
Proof.
  revert q; induction p as [| [m c] p IH]; [intros; simpl; ring |].
  induction q as [| [n d] q IHq]; [simpl; ring |].
  cbn [add]; destruct (compare_monomials m n) eqn:E.
  - apply compare_monomials_eq in E; subst n; cbv zeta; pose proof (number_add_value c d) as N.
    destruct (is_zero (number_add c d)) eqn:Z; cbn [polynomial_value]; rewrite IH.
    + apply is_zero_value in Z; rewrite N in Z; replace (Q2R d) with (- Q2R c) by lra; ring.
    + rewrite N; ring.
  - cbn [polynomial_value]; rewrite IH; cbn [polynomial_value]; ring.
  - change (Q2R d * monomial_value n + polynomial_value (add ((m, c) :: p) q) =
      polynomial_value ((m, c) :: p) + (Q2R d * monomial_value n + polynomial_value q)); rewrite IHq; ring.
Qed.

Lemma scaled_value m c q : polynomial_value (scaled m c q) = Q2R c * monomial_value m * polynomial_value q.
Proof.
  unfold scaled; destruct m as [| ak m].
  - induction q as [| [n d] q IH]; cbn [map polynomial_value fst snd monomial_value]; [ring |].
    rewrite IH, number_mul_value; cbn [monomial_value]; ring.
  - assert (forall total, polynomial_value (fold_left
        (fun total nd => add [(monomial_mul (ak :: m) (fst nd), number_mul c (snd nd))] total) q total) =
        Q2R c * monomial_value (ak :: m) * polynomial_value q + polynomial_value total) as H.
    { induction q as [| [n d] q IH]; intros total; cbn [fold_left polynomial_value fst snd]; [ring |].
      rewrite IH, add_value; cbn [polynomial_value]; rewrite number_mul_value, monomial_mul_value; ring. }
    rewrite H; cbn [polynomial_value]; ring.
Qed.

Lemma product_value p q r : product p q = Some r -> polynomial_value r = polynomial_value p * polynomial_value q.
Proof.
  unfold product; destruct (_ <=? _)%Z; [| discriminate]; intros E; injection E as <-.
  assert (forall total, polynomial_value (fold_left (fun total mc => add (scaled (fst mc) (snd mc) q) total) p total) =
      polynomial_value p * polynomial_value q + polynomial_value total) as H.
  { induction p as [| [m c] p IH]; intros total; cbn [fold_left polynomial_value fst snd]; [ring |].
    rewrite IH, add_value, scaled_value; ring. }
  rewrite H; simpl; ring.
Qed.

Ltac unbind H :=
  match type of H with
  | bind ?e _ = Some _ => let E := fresh "E" in destruct e eqn:E; [cbn [bind] in H | discriminate]
  end.

Lemma power_of_value p n r : power_of p n = Some r -> polynomial_value r = polynomial_value p ^ Pos.to_nat n.
Proof.
  revert r; induction n as [k IH | k IH |]; cbn [power_of]; intros r H.
  - unbind H; unbind H; apply product_value in H; apply product_value in E0; rewrite H, E0, (IH _ eq_refl).
    rewrite Pos2Nat.inj_xI; simpl; rewrite <- plus_n_O, pow_add; ring.
  - unbind H; apply product_value in H; rewrite H, (IH _ eq_refl), Pos2Nat.inj_xO; simpl;
    rewrite <- plus_n_O, pow_add; ring.
  - injection H as <-; simpl; ring.
Qed.

Lemma power_value p n r : power p n = Some r -> polynomial_value r = polynomial_value p ^ Pos.to_nat n.
Proof.
  assert (forall m, monomial_value (map (fun ak => (fst ak, (snd ak * n)%positive)) m)
    = monomial_value m ^ Pos.to_nat n) as M.
  { induction m as [| [a i] m IH]; cbn [map monomial_value fst snd]; [rewrite pow1; reflexivity |].
    rewrite IH, Rpow_mult_distr, Pos2Nat.inj_mul, pow_mult; reflexivity. }
  unfold power; destruct p as [| [m c] [| mc p]]; try apply power_of_value.
  intros H; unbind H; injection H as <-; cbn [polynomial_value]; rewrite M, (number_power_value _ _ _ E).
  rewrite !Rplus_0_r, Rpow_mult_distr; reflexivity.
Qed.

Lemma atom_value t : polynomial_value [([(t, 1%positive)], 1%Q)] = eval rho tau t.
Proof.
  cbn [polynomial_value monomial_value]; change (Pos.to_nat 1) with 1%nat; rewrite pow_1.
  replace (Q2R 1) with 1 by (unfold Q2R; simpl; field); ring.
Qed.

Lemma normal_value t p : normal t = Some p -> polynomial_value p = eval rho tau t.
Proof.
  revert p; induction t; cbn [normal]; intros p H; try (injection H as <-; apply atom_value).
  - injection H as <-; destruct (is_zero q) eqn:Z; cbn [polynomial_value monomial_value eval];
    [apply is_zero_value in Z; congruence | ring].
  - unbind H; unbind H; injection H as <-; rewrite add_value, (IHt1 _ eq_refl), (IHt2 _ eq_refl); reflexivity.
  - unbind H; unbind H; apply product_value in H; rewrite H, (IHt1 _ eq_refl), (IHt2 _ eq_refl); reflexivity.
  - unbind H; apply power_value in H; rewrite H, (IHt _ eq_refl); reflexivity.
Qed.

Lemma same_polynomial_value p q : same_polynomial p q = true -> polynomial_value p = polynomial_value q.
Proof.
  revert q; induction p as [| [m c] p IH]; intros [| [n d] q]; simpl; try discriminate; [reflexivity |].
  destruct (compare_monomials m n) eqn:E; try discriminate; destruct (compare_numbers c d) eqn:F; try discriminate.
  intros H; apply compare_monomials_eq in E; apply compare_numbers_eq in F; rewrite (IH q H), E, F; reflexivity.
Qed.

Lemma product_of_value p factors r :
  product_of p factors = Some r -> polynomial_value r = polynomial_value p * monomial_value factors.
Proof.
  revert p; induction factors as [| [t n] rest IH]; cbn [product_of monomial_value]; intros p H.
  - injection H as <-; ring.
  - unbind H; unbind H; unbind H; rewrite (IH _ H), (product_value _ _ _ E1), (power_value _ _ _ E0),
    (normal_value _ _ E); ring.
Qed.

Lemma total_of_value rows p : total_of rows = Some p -> polynomial_value p = rows_value rows.
Proof.
  revert p; induction rows as [| [q factors] rest IH]; cbn [total_of rows_value]; intros p H.
  - injection H as <-; reflexivity.
  - unbind H; unbind H; injection H as <-; rewrite add_value, (IH _ eq_refl), (product_of_value _ _ _ E).
    unfold row_value; cbn [fst snd]; destruct (is_zero q) eqn:Z; cbn [polynomial_value monomial_value]; [| ring].
    apply is_zero_value in Z; rewrite Z; ring.
Qed.

Lemma adds_up_value goal rows : adds_up goal rows = true -> eval rho tau goal = rows_value rows.
Proof.
  unfold adds_up; destruct (total_of rows) eqn:E; [| discriminate]; destruct (normal goal) eqn:F; [| discriminate].
  intros H; apply same_polynomial_value in H; rewrite <- (normal_value _ _ F), <- (total_of_value _ _ E); auto.
Qed.

Lemma constant_value p q : constant p = Some q -> polynomial_value p = Q2R q.
Proof.
  destruct p as [| [[| ak m] c] [| mc p]]; simpl; intros E; try discriminate; injection E as <-.
  - unfold Q2R; simpl; ring.
  - ring.
Qed.
End Point.
