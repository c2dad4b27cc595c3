(** The rules of the kernel about literals, definedness, arithmetic and maps, on plain predicates and real numbers.

    The lemmas [rule_NAME] and [rule_NAME_CASE] are the rule NAME of proofs/kernel/certificate.py.  A point is any
    value of a type [P]; hypotheses, literals and conclusions are predicates on points. *)

From Coq Require Import Reals Lra Lia ZArith List Classical.
From Hasderiv Require Import AnalysisFunctions.
Import ListNotations.
Open Scope R_scope.

(** ** Hypotheses *)

Section Consequence.
Context {P : Type}.

(** [H |- C]. *)
Definition follows_from (H C : P -> Prop) : Prop := forall p, H p -> C p.

Lemma rule_assume (l : P -> Prop) : follows_from l l.
Proof. intros p H; exact H. Qed.

Lemma rule_cases (H l C : P -> Prop) :
  follows_from (fun p => H p /\ l p) C -> follows_from (fun p => H p /\ ~ l p) C -> follows_from H C.
Proof. intros Y N p A; destruct (classic (l p)); auto. Qed.

(** A premise that proves what is false stands for any conclusion. *)
Lemma rule_cases_absurd (H l C : P -> Prop) :
  follows_from (fun p => H p /\ l p) (fun _ => False) -> follows_from (fun p => H p /\ ~ l p) C -> follows_from H C.
Proof. intros Y; apply rule_cases; intros p A; destruct (Y p A). Qed.

Lemma rule_cut (H H' l C : P -> Prop) :
  follows_from H l -> follows_from (fun p => H' p /\ l p) C -> follows_from (fun p => H p /\ H' p) C.
Proof. intros L K p [A B]; apply K; split; [exact B | exact (L p A)]. Qed.

(** [at_ p] is the point [p] with other values of some symbols. *)
Lemma rule_instantiate (H l : P -> Prop) (at_ : P -> P) :
  follows_from H l -> follows_from (fun p => H (at_ p)) (fun p => l (at_ p)).
Proof. intros L p; apply L. Qed.

(** [n] is a name for the value of [t]. *)
Lemma rule_freeze (H C : P -> Prop) (t : P -> R) :
  (forall n, follows_from (fun p => H p /\ n - t p = 0) C) -> follows_from H C.
Proof. intros L p A; apply (L (t p)); split; [exact A | ring]. Qed.

(** A cited fact is a hypothesis of what is proved with it. *)
Lemma rule_cite (cited H premises C : P -> Prop) :
  follows_from (fun p => cited p /\ premises p) C -> follows_from H premises ->
  follows_from (fun p => cited p /\ H p) C.
Proof. intros F S p [A B]; apply F; split; [exact A | exact (S p B)]. Qed.

(** An entry of the ledger, with its premises shown. *)
Lemma rule_fact (H premises C : P -> Prop) : follows_from premises C -> follows_from H premises -> follows_from H C.
Proof. intros F S p A; exact (F p (S p A)). Qed.

Lemma rule_congruence (H : P -> Prop) (a b : P -> R) (context : P -> R -> R) :
  follows_from H (fun p => a p - b p = 0) -> follows_from H (fun p => context p (a p) - context p (b p) = 0).
Proof. intros E p A; rewrite (Rminus_diag_uniq _ _ (E p A)); ring. Qed.
End Consequence.

(** The negations of the four relations to 0. *)
Lemma rule_cases_positive u : ~ u > 0 <-> -1 * u >= 0.
Proof. lra. Qed.

Lemma rule_cases_nonnegative u : ~ u >= 0 <-> -1 * u > 0.
Proof. lra. Qed.

Lemma rule_cases_zero u : ~ u = 0 <-> u <> 0.
Proof. reflexivity. Qed.

Lemma rule_cases_nonzero u : ~ u <> 0 <-> u = 0.
Proof. split; [apply NNPP | auto]. Qed.

(** ** Integers *)

Definition integer (u : R) : Prop := exists n, u = IZR n.

Lemma rule_gap u : integer u -> u > 0 -> u - 1 >= 0.
Proof. intros [n ->] H; apply Rgt_lt, lt_IZR in H; rewrite <- minus_IZR; apply Rle_ge, IZR_le; lia. Qed.

Lemma rule_gap_integer n : integer (IZR n).
Proof. exists n; reflexivity. Qed.

Lemma rule_gap_floor u : integer (floor u).
Proof. exists (Int_part u); reflexivity. Qed.

Lemma rule_gap_add u v : integer u -> integer v -> integer (u + v).
Proof. intros [m ->] [n ->]; exists (m + n)%Z; rewrite plus_IZR; reflexivity. Qed.

Lemma rule_gap_mul u v : integer u -> integer v -> integer (u * v).
Proof. intros [m ->] [n ->]; exists (m * n)%Z; rewrite mult_IZR; reflexivity. Qed.

Lemma rule_gap_pow u n : integer u -> integer (u ^ n).
Proof. intros U; induction n as [|n IH]; [exact (rule_gap_integer 1) | apply rule_gap_mul; assumption]. Qed.

(** ** Conditionals and definedness *)

Lemma rule_conditional_yes {guard : Prop} (decided : {guard} + {~ guard}) (a b : R) :
  guard -> (if decided then a else b) - a = 0.
Proof. intros G; destruct decided; [ring | contradiction]. Qed.

Lemma rule_conditional_no {guard : Prop} (decided : {guard} + {~ guard}) (a b : R) :
  ~ guard -> (if decided then a else b) - b = 0.
Proof. intros G; destruct decided; [contradiction | ring]. Qed.

(** Where an operation has a value, and a conditional whose branches are defined if [A] and if [B] holds. *)
Definition inv_domain (u : R) : Prop := u <> 0.
Definition log_domain (u : R) : Prop := u > 0.
Definition sqrt_domain (u : R) : Prop := u >= 0.
Definition conditional_domain (guard A B : Prop) : Prop := (guard -> A) /\ (~ guard -> B).

Lemma rule_defined_inv (A : Prop) u : A -> u <> 0 -> A /\ inv_domain u.
Proof. intros; split; assumption. Qed.

Lemma rule_defined_log (A : Prop) u : A -> u > 0 -> A /\ log_domain u.
Proof. intros; split; assumption. Qed.

Lemma rule_defined_sqrt (A : Prop) u : A -> u >= 0 -> A /\ sqrt_domain u.
Proof. intros; split; assumption. Qed.

Lemma rule_defined_yes (guard A B : Prop) : guard -> A -> conditional_domain guard A B.
Proof. intros G D; split; [auto | contradiction]. Qed.

Lemma rule_defined_no (guard A B : Prop) : ~ guard -> B -> conditional_domain guard A B.
Proof. intros G D; split; [contradiction | auto]. Qed.

Lemma rule_undefined_inv (A : Prop) u : u = 0 -> ~ (A /\ inv_domain u).
Proof. intros E [_ N]; exact (N E). Qed.

Lemma rule_undefined_log (A : Prop) u : -1 * u >= 0 -> ~ (A /\ log_domain u).
Proof. unfold log_domain; intros N [_ H]; lra. Qed.

Lemma rule_undefined_sqrt (A : Prop) u : -1 * u > 0 -> ~ (A /\ sqrt_domain u).
Proof. unfold sqrt_domain; intros N [_ H]; lra. Qed.

Lemma rule_undefined_operand (A B : Prop) : ~ A -> ~ (A /\ B).
Proof. intros N [H _]; exact (N H). Qed.

Lemma rule_undefined_yes (guard A B : Prop) : guard -> ~ A -> ~ conditional_domain guard A B.
Proof. intros G N [H _]; exact (N (H G)). Qed.

Lemma rule_undefined_no (guard A B : Prop) : ~ guard -> ~ B -> ~ conditional_domain guard A B.
Proof. intros G N [_ H]; exact (N (H G)). Qed.

(** ** Arithmetic *)

(** A proved factor of a product: [u > 0], [u >= 0], or [u <> 0], which enters squared. *)
Inductive factor : Type := Above (u : R) | AtLeast (u : R) | Not (u : R).

Definition holds_of (f : factor) : Prop :=
  match f with Above u => u > 0 | AtLeast u => u >= 0 | Not u => u <> 0 end.
Definition value_of (f : factor) : R := match f with Above u | AtLeast u => u | Not u => u ^ 2 end.
Definition strict (f : factor) : Prop := match f with AtLeast _ => False | _ => True end.

(** The product [q f1 f2 ... s1^2 s2^2 ...]. *)
Record product := { coefficient : R; factors : list factor; squares : list R }.

Definition times_all : list R -> R := fold_right Rmult 1.
Definition add_all : list R -> R := fold_right Rplus 0.
Definition product_value (p : product) : R :=
  coefficient p * times_all (map value_of (factors p)) * times_all (map (fun s => s ^ 2) (squares p)).
Definition product_holds (p : product) : Prop := coefficient p > 0 /\ forall f, In f (factors p) -> holds_of f.

(** The combination [c1 e1 + c2 e2 + ...] of cofactors and terms that are 0. *)
Definition combination (rows : list (R * R)) : R := add_all (map (fun r => fst r * snd r) rows).
Definition vanishes (rows : list (R * R)) : Prop := forall c e, In (c, e) rows -> e = 0.

Lemma combination_zero rows : vanishes rows -> combination rows = 0.
Proof.
  induction rows as [|[c e] rows IH]; intros V; [reflexivity |].
  cbn; rewrite (V c e) by (left; reflexivity); rewrite Rmult_0_r, Rplus_0_l.
  apply IH; intros d f I; exact (V d f (or_intror I)).
Qed.

Lemma times_all_nonnegative l : (forall u, In u l -> 0 <= u) -> 0 <= times_all l.
Proof.
  induction l as [|u l IH]; intros H; cbn; [lra |].
  apply Rmult_le_pos; [apply H; left; reflexivity | apply IH; intros v I; apply H; right; exact I].
Qed.

Lemma times_all_positive l : (forall u, In u l -> 0 < u) -> 0 < times_all l.
Proof.
  induction l as [|u l IH]; intros H; cbn; [lra |].
  apply Rmult_lt_0_compat; [apply H; left; reflexivity | apply IH; intros v I; apply H; right; exact I].
Qed.

Lemma times_all_nonzero l : (forall u, In u l -> u <> 0) -> times_all l <> 0.
Proof.
  induction l as [|u l IH]; intros H; cbn; [lra |].
  apply Rmult_integral_contrapositive_currified;
    [apply H; left; reflexivity | apply IH; intros v I; apply H; right; exact I].
Qed.

Lemma factor_nonnegative f : holds_of f -> 0 <= value_of f.
Proof. destruct f as [u | u | u]; cbn [holds_of value_of]; intros H; [lra | lra | apply pow2_ge_0]. Qed.

Lemma factor_positive f : strict f -> holds_of f -> 0 < value_of f.
Proof.
  destruct f as [u | u | u]; cbn [strict holds_of value_of]; intros S H; [lra | contradiction |].
  rewrite <- Rsqr_pow2; exact (Rsqr_pos_lt u H).
Qed.

Lemma product_nonnegative p : product_holds p -> 0 <= product_value p.
Proof.
  intros [Q F]; apply Rmult_le_pos; [apply Rmult_le_pos; [lra |] |]; apply times_all_nonnegative; intros u I;
    apply in_map_iff in I; destruct I as (f & <- & I); [apply factor_nonnegative, F, I | apply pow2_ge_0].
Qed.

Lemma product_positive p :
  product_holds p -> squares p = [] -> (forall f, In f (factors p) -> strict f) -> 0 < product_value p.
Proof.
  intros [Q F] S T; unfold product_value; rewrite S; cbn; rewrite Rmult_1_r.
  apply Rmult_lt_0_compat; [lra |]; apply times_all_positive; intros u I; apply in_map_iff in I.
  destruct I as (f & <- & I); apply factor_positive; [exact (T f I) | exact (F f I)].
Qed.

Definition products_value (products : list product) : R := add_all (map product_value products).

Lemma rule_arith_equation t equations : vanishes equations -> t = combination equations -> t = 0.
Proof. intros V ->; exact (combination_zero _ V). Qed.

Lemma rule_arith_nonnegative t products equations :
  (forall p, In p products -> product_holds p) -> vanishes equations ->
  t = products_value products + combination equations -> t >= 0.
Proof.
  intros H V ->; rewrite (combination_zero _ V), Rplus_0_r; clear V; unfold products_value.
  induction products as [|p products IH]; cbn; [lra |].
  pose proof (product_nonnegative p (H p (or_introl eq_refl))).
  assert (add_all (map product_value products) >= 0) by (apply IH; intros q I; apply H; right; exact I); lra.
Qed.

Lemma rule_arith_positive t products equations p :
  (forall p, In p products -> product_holds p) -> vanishes equations ->
  In p products -> squares p = [] -> (forall f, In f (factors p) -> strict f) ->
  t = products_value products + combination equations -> t > 0.
Proof.
  intros H V I S T ->; apply in_split in I; destruct I as (before & after & E); subst products.
  pose proof (product_positive p (H p (in_elt _ _ _)) S T) as Q.
  assert (W : products_value (before ++ p :: after) = product_value p + products_value (before ++ after)).
  { unfold products_value; rewrite !map_app; cbn [map].
    induction (map product_value before) as [|u l IH]; cbn in *; lra. }
  assert (G : products_value (before ++ after) >= 0).
  { apply (rule_arith_nonnegative _ (before ++ after) []); [| intros c e [] | cbn; lra].
    intros q I; apply H; apply in_app_or in I; apply in_or_app; destruct I; [left | right; right]; assumption. }
  rewrite (combination_zero _ V); lra.
Qed.

Lemma rule_arith_nonzero t q l equations :
  q <> 0 -> (forall u, In u l -> u <> 0) -> vanishes equations -> t = q * times_all l + combination equations -> t <> 0.
Proof.
  intros Q H V ->; rewrite (combination_zero _ V), Rplus_0_r.
  apply Rmult_integral_contrapositive_currified; [exact Q | exact (times_all_nonzero l H)].
Qed.

(** ** Maps *)

Section Maps.
Context {P : Type}.

(** A piece is a conjunction of literals. *)
Definition all_of (piece : list (P -> Prop)) (p : P) : Prop := forall l, In l piece -> l p.

Lemma rule_within (H : P -> Prop) (pieces : list (list (P -> Prop))) piece :
  In piece pieces -> (forall l, In l piece -> follows_from H l) ->
  follows_from H (fun p => exists piece, In piece pieces /\ all_of piece p).
Proof. intros I S p A; exists piece; split; [exact I |]; intros l L; exact (S l L p A). Qed.

Lemma rule_point (piece : list (P -> Prop)) (p : P) : (forall l, In l piece -> l p) -> exists p, all_of piece p.
Proof. intros H; exists p; exact H. Qed.

(** Each point has one piece and the verdict of that piece; no piece is empty. *)
Definition is_a_map (A : P -> Prop) (pieces : list (list (P -> Prop))) (verdict : nat -> P -> Prop) : Prop :=
  (forall p, A p -> exists! i, (i < length pieces)%nat /\ all_of (nth i pieces []) p) /\
  forall i, (i < length pieces)%nat ->
    (exists p, A p /\ all_of (nth i pieces []) p) /\ forall p, A p -> all_of (nth i pieces []) p -> verdict i p.

Lemma rule_map (A : P -> Prop) pieces verdict :
  follows_from A (fun p => exists piece, In piece pieces /\ all_of piece p) ->
  (forall i j, (i < j < length pieces)%nat ->
    follows_from (fun p => A p /\ all_of (nth i pieces []) p /\ all_of (nth j pieces []) p) (fun _ => False)) ->
  (forall i, (i < length pieces)%nat -> exists p, A p /\ all_of (nth i pieces []) p) ->
  (forall i, (i < length pieces)%nat -> follows_from (fun p => A p /\ all_of (nth i pieces []) p) (verdict i)) ->
  is_a_map A pieces verdict.
Proof.
  intros C D W V; split; [intros p H | intros i I; split; [exact (W i I) | intros p H K; exact (V i I p (conj H K))]].
  destruct (C p H) as (piece & I & K); destruct (In_nth _ _ [] I) as (i & L & E); subst piece; exists i.
  split; [split; assumption |]; intros j [M N].
  destruct (Nat.lt_total i j) as [O | [O | O]]; [| exact O |]; exfalso.
  - exact (D i j (conj O M) p (conj H (conj K N))).
  - exact (D j i (conj O L) p (conj H (conj N K))).
Qed.
End Maps.
