(** Terms: the real-valued expressions that theorems speak about, as in [proofs/kernel/terms.py]. *)

From Coq Require Import PArith ZArith QArith Qreduction List Bool Arith.
Import ListNotations.
Open Scope bool_scope.

(** Symbols are numbered; the reader of a certificate knows how they are written. *)
Definition name := positive.

(** The primitive functions of one operand. *)
Inductive unary := Inv | Exp | Log | Sin | Cos | Atan | Erf | Sqrt | Floor.

(** Functions known only by facts that are cited, of one or two operands. *)
Inductive special :=
  | GammaFunction | LogGamma | Digamma | Polygamma | BetaFunction | LowerGamma | UpperGamma | Zeta
  | BesselJ | BesselY | BesselI | BesselK | ErfInv | ErfcInv.

(** How a number stands to 0: [> 0], [>= 0], [= 0], [!= 0]. *)
Inductive relation := Positive | NonNegative | Zero | NonZero.

(** What binds an index. *)
Inductive binder := Sum | Max.

(** [Tangent x] is [dx]; [Cond r t a b] is [a] where [t r 0], else [b];
    [App f a b] ignores [b] where [f] has one operand.
    [Entry moving x l] is the entry of the family [x] (or of its tangent) at the indices [l].
    [Over op n a] is the sum or maximum of [a] over the natural numbers less than [n], for which [Idx 0] stands in [a],
    and [Idx k] for what the binder [k] levels further up counts with. *)
Unset Elimination Schemes.
Inductive term :=
  | Rat (q : Q)
  | Pi
  | Var (x : name)
  | Tangent (x : name)
  | Add (a b : term)
  | Mul (a b : term)
  | Pow (a : term) (n : positive)
  | Un (f : unary) (a : term)
  | Cond (r : relation) (t a b : term)
  | App (f : special) (a b : term)
  | Idx (k : nat)
  | Entry (moving : bool) (x : name) (l : list term)
  | Over (op : binder) (n a : term).
Set Elimination Schemes.

(** Induction, through the indices of entries too. *)
Section Induction.
Variable P : term -> Prop.
Hypothesis rat_case : forall q, P (Rat q).
Hypothesis pi_case : P Pi.
Hypothesis var_case : forall x, P (Var x).
Hypothesis tangent_case : forall x, P (Tangent x).
Hypothesis add_case : forall a, P a -> forall b, P b -> P (Add a b).
Hypothesis mul_case : forall a, P a -> forall b, P b -> P (Mul a b).
Hypothesis pow_case : forall a, P a -> forall n, P (Pow a n).
Hypothesis un_case : forall f a, P a -> P (Un f a).
Hypothesis cond_case : forall r t, P t -> forall a, P a -> forall b, P b -> P (Cond r t a b).
Hypothesis app_case : forall f a, P a -> forall b, P b -> P (App f a b).
Hypothesis idx_case : forall k, P (Idx k).
Hypothesis entry_case : forall moving x l (each : Forall P l), P (Entry moving x l).
Hypothesis over_case : forall op n, P n -> forall a, P a -> P (Over op n a).

Fixpoint term_ind (t : term) : P t :=
  match t with
  | Rat q => rat_case q
  | Pi => pi_case
  | Var x => var_case x
  | Tangent x => tangent_case x
  | Add a b => add_case a (term_ind a) b (term_ind b)
  | Mul a b => mul_case a (term_ind a) b (term_ind b)
  | Pow a n => pow_case a (term_ind a) n
  | Un f a => un_case f a (term_ind a)
  | Cond r t a b => cond_case r t (term_ind t) a (term_ind a) b (term_ind b)
  | App f a b => app_case f a (term_ind a) b (term_ind b)
  | Idx k => idx_case k
  | Entry moving x l =>
      entry_case moving x l
        ((fix each (l : list term) : Forall P l :=
            match l with [] => Forall_nil P | a :: l => Forall_cons a (term_ind a) (each l) end) l)
  | Over op n a => over_case op n (term_ind n) a (term_ind a)
  end.
End Induction.

(** [term relation 0]: the one form of every hypothesis, guard and side condition. *)
Definition literal : Type := relation * term.

Definition rat (z : Z) : term := Rat (inject_Z z).
Definition zero : term := rat 0.
Definition one : term := rat 1.
Definition neg (a : term) : term := Mul (rat (-1)) a.
Definition sub (a b : term) : term := Add a (neg b).
Definition equation (a b : term) : literal := (Zero, sub a b).

(** The literal that holds exactly where this one does not. *)
Definition negation (l : literal) : literal :=
  match l with
  | (Positive, t) => (NonNegative, neg t)
  | (NonNegative, t) => (Positive, neg t)
  | (Zero, t) => (NonZero, t)
  | (NonZero, t) => (Zero, t)
  end.

(** ** Order.  Only [compare_terms a b = Eq -> a = b] matters for soundness. *)

Definition then_compare (c : comparison) (d : comparison) : comparison :=
  match c with Eq => d | _ => c end.

Definition rank_unary (f : unary) : positive :=
  match f with
  | Inv => 1 | Exp => 2 | Log => 3 | Sin => 4 | Cos => 5 | Atan => 6 | Erf => 7 | Sqrt => 8 | Floor => 9
  end.

Definition rank_relation (r : relation) : positive :=
  match r with Positive => 1 | NonNegative => 2 | Zero => 3 | NonZero => 4 end.

Definition rank_special (f : special) : positive :=
  match f with
  | GammaFunction => 1 | LogGamma => 2 | Digamma => 3 | Polygamma => 4 | BetaFunction => 5 | LowerGamma => 6
  | UpperGamma => 7 | Zeta => 8 | BesselJ => 9 | BesselY => 10 | BesselI => 11 | BesselK => 12 | ErfInv => 13
    | ErfcInv => 14
  end.

Definition rank_binder (op : binder) : positive := match op with Sum => 1 | Max => 2 end.
Definition rank_bool (b : bool) : positive := if b then 2 else 1.

Definition rank (t : term) : positive :=
  match t with
  | Rat _ => 1 | Pi => 2 | Var _ => 3 | Tangent _ => 4 | Add _ _ => 5 | Mul _ _ => 6 | Pow _ _ => 7
  | Un _ _ => 8 | Cond _ _ _ _ => 9 | App _ _ _ => 10 | Idx _ => 11 | Entry _ _ _ => 12 | Over _ _ _ => 13
  end.

Definition compare_numbers (p q : Q) : comparison :=
  then_compare (Z.compare (Qnum p) (Qnum q)) (Pos.compare (Qden p) (Qden q)).

Fixpoint compare_terms (s t : term) : comparison :=
  match s, t with
  | Rat p, Rat q => compare_numbers p q
  | Pi, Pi => Eq
  | Var x, Var y | Tangent x, Tangent y => Pos.compare x y
  | Add a b, Add c d | Mul a b, Mul c d =>
      match compare_terms a c with Eq => compare_terms b d | other => other end
  | Pow a m, Pow b n => match Pos.compare m n with Eq => compare_terms a b | other => other end
  | Un f a, Un g b =>
      match Pos.compare (rank_unary f) (rank_unary g) with Eq => compare_terms a b | other => other end
  | Cond r t a b, Cond s u c d =>
      match Pos.compare (rank_relation r) (rank_relation s) with
      | Eq =>
          match compare_terms t u with
          | Eq => match compare_terms a c with Eq => compare_terms b d | other => other end
          | other => other
          end
      | other => other
      end
  | App f a b, App g c d =>
      match Pos.compare (rank_special f) (rank_special g) with
      | Eq => match compare_terms a c with Eq => compare_terms b d | other => other end
      | other => other
      end
  | Idx k, Idx m => Nat.compare k m
  | Entry i x l, Entry j y m =>
      match Pos.compare (rank_bool i) (rank_bool j) with
      | Eq =>
          match Pos.compare x y with
          | Eq =>
              (fix compare_lists (l m : list term) : comparison :=
                 match l, m with
                 | [], [] => Eq
                 | [], _ => Lt
                 | _, [] => Gt
                 | a :: l, b :: m => match compare_terms a b with Eq => compare_lists l m | other => other end
                 end) l m
          | other => other
          end
      | other => other
      end
  | Over i n a, Over j m b =>
      match Pos.compare (rank_binder i) (rank_binder j) with
      | Eq => match compare_terms n m with Eq => compare_terms a b | other => other end
      | other => other
      end
  | _, _ => Pos.compare (rank s) (rank t)
  end.

Definition same (s t : term) : bool := match compare_terms s t with Eq => true | _ => false end.
Definition same_relation (r s : relation) : bool := Pos.eqb (rank_relation r) (rank_relation s).
Definition same_literal (k l : literal) : bool := same_relation (fst k) (fst l) && same (snd k) (snd l).

Lemma rank_unary_injective f g : rank_unary f = rank_unary g -> f = g.
Proof. destruct f, g; simpl; congruence. Qed.

Lemma rank_relation_injective r s : rank_relation r = rank_relation s -> r = s.
Proof. destruct r, s; simpl; congruence. Qed.

Lemma rank_special_injective f g : rank_special f = rank_special g -> f = g.
Proof. destruct f, g; simpl; congruence. Qed.

Lemma rank_binder_injective i j : rank_binder i = rank_binder j -> i = j.
Proof. destruct i, j; simpl; congruence. Qed.

Lemma rank_bool_injective i j : rank_bool i = rank_bool j -> i = j.
Proof. destruct i, j; simpl; congruence. Qed.

Lemma compare_numbers_eq p q : compare_numbers p q = Eq -> p = q.
Proof.
  unfold compare_numbers, then_compare; destruct p as [a b], q as [c d]; simpl.
  destruct (Z.compare_spec a c) as [-> | |]; try discriminate.
  intros H; apply Pos.compare_eq in H; subst; reflexivity.
Qed.

Ltac step H :=
  match type of H with
  | match ?c with _ => _ end = _ => let E := fresh "E" in destruct c eqn:E; try discriminate
  end.

Lemma compare_terms_eq s t : compare_terms s t = Eq -> s = t.
Proof.
  revert t; induction s; destruct t; simpl; intros H; try discriminate; repeat step H;
    repeat match goal with
    | E : Pos.compare (rank_unary _) (rank_unary _) = Eq |- _ => apply Pos.compare_eq, rank_unary_injective in E
    | E : Pos.compare (rank_relation _) (rank_relation _) = Eq |- _ =>
        apply Pos.compare_eq, rank_relation_injective in E
    | E : Pos.compare (rank_special _) (rank_special _) = Eq |- _ =>
        apply Pos.compare_eq, rank_special_injective in E
    | E : Pos.compare (rank_binder _) (rank_binder _) = Eq |- _ => apply Pos.compare_eq, rank_binder_injective in E
    | E : Pos.compare (rank_bool _) (rank_bool _) = Eq |- _ => apply Pos.compare_eq, rank_bool_injective in E
    | E : Pos.compare _ _ = Eq |- _ => apply Pos.compare_eq in E
    | E : Nat.compare _ _ = Eq |- _ => apply Nat.compare_eq in E
    | E : compare_numbers _ _ = Eq |- _ => apply compare_numbers_eq in E
    | IH : forall t, compare_terms ?a t = Eq -> ?a = t, E : compare_terms ?a _ = Eq |- _ => apply IH in E
    end; try congruence.
  subst; f_equal; rename l0 into m; revert m H; induction each as [| a l A _ IH]; intros [| b m] H; try discriminate;
    [reflexivity |].
  step H; match goal with Q : compare_terms a b = Eq |- _ => apply A in Q end; subst; f_equal; exact (IH m H).
Qed.

Lemma same_eq s t : same s t = true -> s = t.
Proof.
  unfold same; destruct (compare_terms s t) eqn:E; try discriminate; intros _; exact (compare_terms_eq s t E).
Qed.

Lemma same_relation_eq r s : same_relation r s = true -> r = s.
Proof. intros H; apply Pos.eqb_eq in H; exact (rank_relation_injective r s H). Qed.

Lemma same_literal_eq k l : same_literal k l = true -> k = l.
Proof.
  unfold same_literal; destruct k, l; simpl; intros H; apply andb_prop in H; destruct H as [R T].
  apply same_relation_eq in R; apply same_eq in T; congruence.
Qed.

(** ** Symbols *)

Definition member (x : name) (names : list name) : bool := existsb (Pos.eqb x) names.

Lemma member_in x names : member x names = true <-> In x names.
Proof.
  unfold member; rewrite existsb_exists; split.
  - intros (y & I & E); apply Pos.eqb_eq in E; subst; exact I.
  - intros I; exists x; rewrite Pos.eqb_refl; auto.
Qed.

(** Whether a symbol that satisfies [var], or the tangent of one that satisfies [tan], occurs in a term. *)
Fixpoint occurs (var tan : name -> bool) (t : term) : bool :=
  match t with
  | Rat _ | Pi => false
  | Var x => var x
  | Tangent x => tan x
  | Add a b | Mul a b | App _ a b => occurs var tan a || occurs var tan b
  | Pow a _ | Un _ a => occurs var tan a
  | Cond _ t a b => occurs var tan t || occurs var tan a || occurs var tan b
  | Idx _ => false
  | Entry moving x l => (if moving then tan x else var x) || existsb (occurs var tan) l
  | Over _ n a => occurs var tan n || occurs var tan a
  end.

Definition none (_ : name) : bool := false.
Definition every (_ : name) : bool := true.

(** Whether a tangent occurs in it. *)
Definition moves : term -> bool := occurs none every.

(** Whether it is free of the symbols [V]; their tangents do not count. *)
Definition still (V : list name) (t : term) : bool := negb (occurs (fun x => member x V) none t).

(** Whether there is no symbol in it. *)
Definition closed (t : term) : bool := negb (occurs every every t).

(** Whether neither [x] nor its tangent occurs in it. *)
Definition fresh (x : name) (t : term) : bool := negb (occurs (Pos.eqb x) (Pos.eqb x) t).

(** ** Bound indices *)

(** Room for one more binder: the indices of the binders [d] levels up, and of those further up, go up by one. *)
Fixpoint raised (d : nat) (t : term) : term :=
  match t with
  | Rat _ | Pi | Var _ | Tangent _ => t
  | Add a b => Add (raised d a) (raised d b)
  | Mul a b => Mul (raised d a) (raised d b)
  | App f a b => App f (raised d a) (raised d b)
  | Pow a n => Pow (raised d a) n
  | Un f a => Un f (raised d a)
  | Cond r t a b => Cond r (raised d t) (raised d a) (raised d b)
  | Idx k => Idx (if Nat.ltb k d then k else S k)
  | Entry moving x l => Entry moving x (map (raised d) l)
  | Over op n a => Over op (raised d n) (raised (S d) a)
  end.

(** The symbol [x] becomes the index of a binder [d] levels up; there is room for it. *)
Fixpoint captured (x : name) (d : nat) (t : term) : term :=
  match t with
  | Rat _ | Pi | Tangent _ | Idx _ => t
  | Var y => if Pos.eqb x y then Idx d else t
  | Add a b => Add (captured x d a) (captured x d b)
  | Mul a b => Mul (captured x d a) (captured x d b)
  | App f a b => App f (captured x d a) (captured x d b)
  | Pow a n => Pow (captured x d a) n
  | Un f a => Un f (captured x d a)
  | Cond r t a b => Cond r (captured x d t) (captured x d a) (captured x d b)
  | Entry moving y l => Entry moving y (map (captured x d) l)
  | Over op n a => Over op (captured x d n) (captured x (S d) a)
  end.

(** The sum or maximum of [t] over the values of the symbol [k] that are natural numbers less than [n]. *)
Definition bound (op : binder) (k : name) (n t : term) : term := Over op n (captured k 0 (raised 0 t)).

(** ** Substitution, of all symbols and tangents at once.  What goes under a binder is raised,
  so nothing is captured. *)

Definition assignment := list (name * term).

Fixpoint lookup (x : name) (values : assignment) : option term :=
  match values with
  | [] => None
  | (y, t) :: rest => if Pos.eqb x y then Some t else lookup x rest
  end.

Definition raise_all (values : assignment) : assignment := map (fun v => (fst v, raised 0 (snd v))) values.

Fixpoint substitute (values tangents : assignment) (t : term) : term :=
  match t with
  | Rat _ | Pi => t
  | Var x => match lookup x values with Some u => u | None => t end
  | Tangent x => match lookup x tangents with Some u => u | None => t end
  | Add a b => Add (substitute values tangents a) (substitute values tangents b)
  | Mul a b => Mul (substitute values tangents a) (substitute values tangents b)
  | App f a b => App f (substitute values tangents a) (substitute values tangents b)
  | Pow a n => Pow (substitute values tangents a) n
  | Un f a => Un f (substitute values tangents a)
  | Cond r t a b =>
      Cond r (substitute values tangents t) (substitute values tangents a) (substitute values tangents b)
  | Idx _ => t
  | Entry moving x l => Entry moving x (map (substitute values tangents) l)
  | Over op n a =>
      Over op (substitute values tangents n) (substitute (raise_all values) (raise_all tangents) a)
  end.

Definition substitute_literal (values : assignment) (l : literal) : literal :=
  (fst l, substitute values [] (snd l)).
