(** From terms with families to plain functions of integers: as [Readable.v] for numbers.

    Sizes and indices are of type [Z], families functions from [Z] to [R]; a range test is a comparison of integers.
    [read] writes a term so, and equals its value; on a term that is given it computes, so that what it returns is, by
    conversion, the text of an exported file: see [Tensors.v] and [proofs/export]. *)

From Coq Require Import Reals ZArith QArith Qreals List Bool PArith Lra Lia FunctionalExtensionality.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Sums Readable.
From Hasderiv.exports Require Import Finite.
Import ListNotations.
Open Scope R_scope.
Open Scope bool_scope.

(** ** Values *)

(** A tensor with so many axes, all indices allowed. *)
Fixpoint tensor (rank : nat) (A : Type) : Type := match rank with O => A | S r => Z -> tensor r A end.

(** Its entry; [zero] where there are more or fewer indices than axes. *)
Fixpoint entry_of {A : Type} (zero : A) (rank : nat) : tensor rank A -> list Z -> A :=
  match rank with
  | O => fun x l => match l with [] => x | _ => zero end
  | S r => fun x l => match l with [] => zero | i :: l => entry_of zero r (x i) l end
  end.

Record family (A : Type) := { symbol : name; rank : nat; entries : tensor rank A }.
Arguments symbol {A}. Arguments rank {A}. Arguments entries {A}.

(** Which symbols, and which families, are of integers. *)
Record kinds := { integer_symbols : list name; integer_families : list name }.

(** What the symbols and families are. *)
Record setting := {
  integers : list (name * Z);
  numbers : list (name * R);
  tables : list (family Z);
  families : list (family R);
  tangents : list (family R)
}.

Fixpoint find_number {A} (zero : A) (x : name) (values : list (name * A)) : A :=
  match values with [] => zero | (y, v) :: rest => if Pos.eqb x y then v else find_number zero x rest end.

Fixpoint find_entry {A} (zero : A) (x : name) (l : list Z) (values : list (family A)) : A :=
  match values with
  | [] => zero
  | v :: rest => if Pos.eqb x (symbol v) then entry_of zero (rank v) (entries v) l else find_entry zero x l rest
  end.

Section Kinds.
Variable K : kinds.

Section Setting.
Variable e : setting.

Definition env_of : env := fun x =>
  if member x (integer_symbols K) then IZR (find_number 0%Z x (integers e)) else find_number 0 x (numbers e).

(** Families are functions of real numbers to a checker: here of their integer parts. *)
Definition interpret (at_ : list Z) : Interpretation :=
  {| app_value := fun _ _ _ => 0;
     entry_value := fun moving x l =>
       let l := map Int_part l in
       if moving then find_entry 0 x l (tangents e)
       else if member x (integer_families K) then IZR (find_entry 0%Z x l (tables e))
       else find_entry 0 x l (families e);
     indices := map IZR at_ |}.

(** ** Integers *)

Definition choose_integer {A} (r : relation) (u v : Z) (a b : A) : A :=
  match r with
  | Positive => if (v <? u)%Z then a else b
  | NonNegative => if (v <=? u)%Z then a else b
  | Zero => if (u =? v)%Z then a else b
  | NonZero => if (u =? v)%Z then b else a
  end.

Fixpoint read_integer (at_ : list Z) (t : term) : Z :=
  match t with
  | Rat q => Qnum q
  | Var x => find_number 0%Z x (integers e)
  | Idx k => nth k at_ 0%Z
  | Add a (Mul (Rat (Zneg xH # xH)) b) => read_integer at_ a - read_integer at_ b
  | Add a (Rat (Zneg n # _)) => read_integer at_ a - Zpos n
  | Add a b => read_integer at_ a + read_integer at_ b
  | Mul (Rat (Zneg xH # xH)) b => - read_integer at_ b
  | Mul a b => read_integer at_ a * read_integer at_ b
  | Un Floor (Entry _ x l) => find_entry 0%Z x (map (read_integer at_) l) (tables e)
  | Un Floor (Mul a (Un Inv b)) => read_integer at_ a / read_integer at_ b
  | Cond r (Add t (Mul (Rat (Zneg xH # xH)) u)) a b =>
      choose_integer r (read_integer at_ t) (read_integer at_ u) (read_integer at_ a) (read_integer at_ b)
  | Cond r t a b => choose_integer r (read_integer at_ t) 0 (read_integer at_ a) (read_integer at_ b)
  | _ => 0
  end%Z.
End Setting.

(** Whether the value of a term is an integer, for its form, and [read_integer] reads it. *)
Fixpoint integral (t : term) : bool :=
  match t with
  | Rat (_ # xH) | Idx _ => true
  | Var x => member x (integer_symbols K)
  | Add a b | Mul a b => integral a && integral b
  | Un Floor (Entry false x l) => member x (integer_families K) && forallb integral l
  | Un Floor (Mul a (Un Inv b)) => integral a && integral b
  | Cond _ t a b => integral t && integral a && integral b
  | _ => false
  end.

Lemma int_part_integer z : Int_part (IZR z) = z.
Proof.
  destruct (base_Int_part (IZR z)) as [A B]; rewrite <- minus_IZR in B; apply le_IZR in A; apply lt_IZR in B; lia.
Qed.

Lemma floor_quotient a b : floor (IZR a * / IZR b) = IZR (a / b).
Proof.
  unfold floor; f_equal; destruct (Z.eq_dec b 0) as [-> | N].
  - rewrite Rinv_0, Rmult_0_r, Zdiv_0_r; exact (int_part_integer 0).
  - assert (IZR b <> 0) as M by (apply not_0_IZR; exact N).
    pose proof (Z_div_mod_eq_full a b) as E; destruct (base_Int_part (IZR a * / IZR b)) as [A B].
    set (q := Int_part (IZR a * / IZR b)) in *.
    assert (IZR (a mod b) * / IZR b = IZR a * / IZR b - IZR (a / b)) as F.
    { rewrite E at 2; rewrite plus_IZR, mult_IZR; field; exact M. }
    assert (0 <= IZR (a mod b) * / IZR b < 1) as G.
    { destruct (Z_lt_le_dec 0 b) as [P | P].
      - pose proof (Z.mod_pos_bound a b P) as (L & U); apply IZR_le in L; apply IZR_lt in U; apply IZR_lt in P.
        split; [apply Rmult_le_pos; [exact L | apply Rlt_le, Rinv_0_lt_compat, P] |].
        apply Rmult_lt_reg_r with (IZR b); [exact P |]; rewrite Rmult_assoc, Rinv_l, Rmult_1_r, Rmult_1_l; assumption.
      - assert (b < 0)%Z as Q by lia; pose proof (Z.mod_neg_bound a b Q) as (L & U).
        apply IZR_lt in L; apply IZR_le in U; apply IZR_lt in Q.
        replace (IZR (a mod b) * / IZR b) with (- IZR (a mod b) * / - IZR b) by (field; exact M).
        split; [apply Rmult_le_pos; [lra | apply Rlt_le, Rinv_0_lt_compat; lra] |].
        apply Rmult_lt_reg_r with (- IZR b); [lra |]; rewrite Rmult_assoc, Rinv_l, Rmult_1_r, Rmult_1_l; lra. }
    assert (IZR (q - a / b) < 1) by (rewrite minus_IZR; lra).
    assert (IZR (a / b - q) < 1) by (rewrite minus_IZR; lra).
    apply (lt_IZR _ 1) in H; apply (lt_IZR _ 1) in H0; lia.
Qed.

Lemma choose_integer_value r u v (A : Type) (a b : A) (w : R) :
  w = IZR (u - v) -> (if decide r w then a else b) = choose_integer r u v a b.
Proof.
  intros ->; rewrite minus_IZR; destruct (decide r (IZR u - IZR v)) as [H | H]; destruct r; cbn [choose_integer
    related] in *;
    repeat match goal with
    | |- context [(?x <? ?y)%Z] => destruct (Z.ltb_spec x y) as [C | C]
    | |- context [(?x <=? ?y)%Z] => destruct (Z.leb_spec x y) as [C | C]
    | |- context [(?x =? ?y)%Z] => destruct (Z.eqb_spec x y) as [C | C]
    end; try reflexivity; exfalso;
    try (apply IZR_lt in C; lra); try (apply IZR_le in C; lra); try (subst; lra).
  - apply C, eq_IZR; lra.
  - apply H; intros X; apply C, eq_IZR; lra.
Qed.

Lemma value_of_integer q : Qden q = xH -> Q2R q = IZR (Qnum q).
Proof. destruct q as [n d]; cbn; intros ->; unfold Q2R; cbn; field. Qed.

Lemma entries_at e at_ l :
  Forall (fun t => integral t = true -> @eval (interpret e at_) (env_of e) still_env t = IZR (read_integer e at_ t))
    l ->
  forallb integral l = true ->
  map Int_part (map (@eval (interpret e at_) (env_of e) still_env) l) = map (read_integer e at_) l.
Proof.
  intros A; induction A as [| t l T _ IH]; [reflexivity |]; cbn [forallb map]; intros I.
  apply andb_prop in I; destruct I as (I & J); rewrite (T I), int_part_integer, (IH J); reflexivity.
Qed.

(** What is read is the value. *)
Definition read_rightly e t : Prop := forall at_,
  integral t = true -> @eval (interpret e at_) (env_of e) still_env t = IZR (read_integer e at_ t).

Lemma read_integer_value e t :
  read_rightly e t /\ (forall m x l, t = Entry m x l -> Forall (read_rightly e) l) /\
  (forall b, t = Un Inv b -> read_rightly e b) /\
  (forall a b, t = Mul a (Un Inv b) -> read_rightly e a /\ read_rightly e b).
Proof.
  induction t; (split; [| repeat split; intros; try discriminate]).
  all: try solve [intros at_ I; cbn in I; discriminate].
  - intros at_ I; cbn [integral] in I; destruct q as [n [d | d |]]; try discriminate; exact (value_of_integer (n # 1)
    eq_refl).
  - intros at_ I; cbn [integral] in I; cbn [eval read_integer]; unfold env_of; rewrite I; reflexivity.
  - destruct IHt1 as (A & _), IHt2 as (B & _); intros at_ I; cbn [integral] in I; apply andb_prop in I; destruct I as
    (I & J).
    cbn [eval]; rewrite (A at_ I), (B at_ J), <- plus_IZR; f_equal; cbn [read_integer]; shapes; cbn [read_integer Qnum];
      try reflexivity; ring.
  - destruct IHt1 as (A & _), IHt2 as (B & _); intros at_ I; cbn [integral] in I; apply andb_prop in I; destruct I as
    (I & J).
    cbn [eval]; rewrite (A at_ I), (B at_ J), <- mult_IZR; f_equal; cbn [read_integer]; shapes; cbn [read_integer Qnum];
      try reflexivity; ring.
  - injection H as <- ->; exact (proj1 IHt1).
  - injection H as <- ->; exact (proj1 (proj2 (proj2 IHt2)) b eq_refl).
  - destruct IHt as (_ & E & _ & Q); intros at_ I; destruct f; try discriminate; destruct t; try discriminate.
    + destruct t2; try discriminate; destruct f; try discriminate; destruct (Q t1 t2 eq_refl) as (A & B).
      cbn [integral] in I; apply andb_prop in I; destruct I as (I & J); cbn [eval apply read_integer].
      rewrite (A at_ I), (B at_ J); apply floor_quotient.
    + destruct moving; [discriminate |]; cbn [integral] in I; apply andb_prop in I; destruct I as (I & J).
      cbn [eval apply read_integer entry_value interpret]; rewrite I; unfold floor; rewrite int_part_integer; do 2
        f_equal.
      apply (entries_at e at_ l); [| exact J]; refine (Forall_impl _ _ (E _ _ _ eq_refl)); intros u X; exact (X at_).
  - injection H as -> ->; exact (proj1 IHt).
  - destruct IHt1 as (A & _), IHt2 as (B & _), IHt3 as (C & _); intros at_ I; cbn [integral] in I.
    apply andb_prop in I; destruct I as (I & I3); apply andb_prop in I; destruct I as (I1 & I2).
    cbn [eval]; rewrite (B at_ I2), (C at_ I3).
    assert (D : forall w u v, @eval (interpret e at_) (env_of e) still_env t1 = IZR (w - u) ->
      v = choose_integer r w u (read_integer e at_ t2) (read_integer e at_ t3) ->
      (if decide r (@eval (interpret e at_) (env_of e) still_env t1) then IZR (read_integer e at_ t2)
        else IZR (read_integer e at_ t3)) = IZR v).
    { intros w u v W ->; rewrite W, (choose_integer_value r w u R _ _ _ eq_refl); destruct r; cbn [choose_integer];
        match goal with |- (if ?c then _ else _) = _ => destruct c end; reflexivity. }
    specialize (A at_ I1); cbn [read_integer]; shapes; (eapply D; [| reflexivity]); rewrite A; f_equal;
      cbn [read_integer]; ring.
  - intros at_ I; cbn [eval read_integer interpret indices]; rewrite <- (map_nth IZR); reflexivity.
  - injection H as <- <- <-; refine (Forall_impl _ _ each); intros t T; exact (proj1 T).
Qed.

(** ** Real numbers *)

(** [a, b] where a guard says [a - b], perhaps written otherwise. *)
Definition halves (t : term) : term * term :=
  match t with
  | Add a (Mul (Rat (Zneg xH # xH)) b) => (a, b)
  | Add a (Rat (Zneg n # d)) => (a, Rat (Zpos n # d))
  | Mul (Rat (Zneg xH # xH)) b => (zero, b)
  | _ => (t, zero)
  end.

Definition compare_integers (r : relation) (u v : Z) : bool :=
  match r with
  | Positive => (v <? u)%Z
  | NonNegative => (v <=? u)%Z
  | Zero => (u =? v)%Z
  | NonZero => negb (u =? v)%Z
  end.

Definition test (e : setting) (at_ : list Z) (r : relation) (t : term) : bool :=
  let (a, b) := halves t in compare_integers r (read_integer e at_ a) (read_integer e at_ b).

(** What guards are open: their conjunction, and the term, with its value, that stands for all their other branches. *)
Definition guarded : Type := option (bool * term * R).

Definition close (guards : guarded) (v : R) : R :=
  match guards with None => v | Some (g, _, w) => if g then v else w end.

Definition is_minus_one (t : term) : bool := match t with Rat (Zneg xH # xH) => true | _ => false end.

Fixpoint read (e : setting) (guards : guarded) (at_ : list Z) (t : term) : R :=
  match t with
  | Rat q => close guards (number q)
  | Pi => close guards PI
  | Var x =>
      close guards (if member x (integer_symbols K) then IZR (find_number 0%Z x (integers e))
                    else find_number 0 x (numbers e))
  | Tangent _ => close guards 0
  | Add a (Mul (Rat (Zneg xH # xH)) b) => close guards (read e None at_ a - read e None at_ b)
  | Add a (Rat (Zneg n # d)) => close guards (read e None at_ a - number (Zpos n # d))
  | Add a b => close guards (read e None at_ a + read e None at_ b)
  | Mul a b =>
      close guards
        (if is_minus_one a then - read e None at_ b
         else match b with
              | Un Inv c => read e None at_ a / read e None at_ c
              | _ => read e None at_ a * read e None at_ b
              end)
  | Pow a n => close guards (read e None at_ a ^ Pos.to_nat n)
  | Un f a => close guards (if integral t then IZR (read_integer e at_ t) else read_unary f (read e None at_ a))
  | Cond r u a b =>
      if integral u then
        let alone := read e (Some (test e at_ r u, b, read e None at_ b)) at_ a in
        match guards with
        | None => alone
        | Some (g, c, w) => if same b c then read e (Some (g && test e at_ r u, c, w)) at_ a else if g then alone else w
        end
      else close guards (choose r (read e None at_ u) 0 (read e None at_ a) (read e None at_ b))
  | App _ _ _ => close guards 0
  | Idx k => close guards (IZR (nth k at_ 0%Z))
  | Entry moving x l =>
      close guards (find_entry 0 x (map (read_integer e at_) l) (if moving then tangents e else families e))
  | Over Sum n a => close guards (sum (read_integer e at_ n) (fun k => read e None (k :: at_) a))
  | Over Max n a => close guards (maximum (read_integer e at_ n) (fun k => read e None (k :: at_) a))
  end.

(** Whether [read] reads it. *)
Fixpoint readable (t : term) : bool :=
  match t with
  | Rat _ | Pi | Var _ | Idx _ => true
  | Tangent _ | App _ _ _ => false
  | Add a b | Mul a b => readable a && readable b
  | Pow a _ => readable a
  | Un _ a => integral t || readable a
  | Cond _ u a b => (integral u || readable u) && readable a && readable b
  | Entry moving x l => (moving || negb (member x (integer_families K))) && forallb integral l
  | Over _ n a => integral n && readable a
  end.

Lemma integer_value e at_ t :
  integral t = true -> @eval (interpret e at_) (env_of e) still_env t = IZR (read_integer e at_ t).
Proof. exact (proj1 (read_integer_value e t) at_). Qed.

Lemma halves_value e at_ t :
  (read_integer e at_ (fst (halves t)) - read_integer e at_ (snd (halves t)) = read_integer e at_ t)%Z.
Proof.
  unfold halves; shapes; cbn [fst snd read_integer]; unfold zero, rat; cbn [Qnum inject_Z]; try ring;
    rewrite ?Z.sub_0_r; reflexivity.
Qed.

Lemma test_value e at_ r t (A : Type) (a b : A) :
  integral t = true ->
  (if decide r (@eval (interpret e at_) (env_of e) still_env t) then a else b) = if test e at_ r t then a else b.
Proof.
  intros I; rewrite (integer_value e at_ t I), <- halves_value; unfold test; destruct (halves t) as [u v]; cbn [fst
    snd].
  rewrite (choose_integer_value r _ _ A a b _ eq_refl); destruct r; cbn [choose_integer compare_integers]; try
    reflexivity.
  destruct (_ =? _)%Z; reflexivity.
Qed.

Lemma is_minus_one_eq t : is_minus_one t = true -> t = Rat (Zneg xH # xH).
Proof. unfold is_minus_one; shapes; try discriminate; reflexivity. Qed.

(** What is read is the value. *)
Theorem read_value e t : forall guards at_, readable t = true ->
  (forall g c w, guards = Some (g, c, w) -> w = @eval (interpret e at_) (env_of e) still_env c) ->
  read e guards at_ t = close guards (@eval (interpret e at_) (env_of e) still_env t).
Proof.
  assert (N : forall at_ g c w, @None (bool * term * R) = Some (g, c, w) ->
    w = @eval (interpret e at_) (env_of e) still_env c) by discriminate.
  induction t; intros guards at_ F G; cbn [readable] in F;
    repeat match goal with H : _ && _ = true |- _ => apply andb_prop in H; destruct H end.
  all: try discriminate.
  - cbn [read]; f_equal; exact (number_value q).
  - reflexivity.
  - cbn [read eval]; f_equal; unfold env_of; destruct (member x (integer_symbols K)); reflexivity.
  - assert (A : read e None at_ t1 + read e None at_ t2 = @eval (interpret e at_) (env_of e) still_env (Add t1 t2))
      by (rewrite IHt1, IHt2 by (first [assumption | exact (N at_)]); reflexivity).
    rewrite <- A; clear A IHt1 IHt2; cbn [read]; shapes; try reflexivity; cbn [read close];
      rewrite ?number_opposite; f_equal; ring.
  - assert (A : read e None at_ t1 * read e None at_ t2 = @eval (interpret e at_) (env_of e) still_env (Mul t1 t2))
      by (rewrite IHt1, IHt2 by (first [assumption | exact (N at_)]); reflexivity).
    rewrite <- A; clear A IHt1 IHt2; cbn [read]; f_equal; destruct (is_minus_one t1) eqn:M.
    + apply is_minus_one_eq in M; subst t1; cbn [read close]; rewrite number_value, minus_one; ring.
    + destruct t2; try reflexivity; destruct f; try reflexivity; cbn [read close integral read_unary]; unfold Rdiv;
      ring.
  - cbn [read eval]; rewrite IHt by (first [assumption | exact (N at_)]); reflexivity.
  - cbn [read]; f_equal; destruct (integral (Un f t)) eqn:I.
    + symmetry; exact (integer_value e at_ _ I).
    + cbn [orb] in F; rewrite IHt by (first [assumption | exact (N at_)]); apply read_unary_value.
  - rename H1 into F2, H0 into F3; cbn [read]; destruct (integral t1) eqn:I.
    + assert (E : forall v, (if test e at_ r t1 then v else @eval (interpret e at_) (env_of e) still_env t3) =
        (if decide r (@eval (interpret e at_) (env_of e) still_env t1) then v
         else @eval (interpret e at_) (env_of e) still_env t3)) by (intros v; symmetry; apply test_value; exact I).
      assert (Alone : read e (Some (test e at_ r t1, t3, read e None at_ t3)) at_ t2 =
        @eval (interpret e at_) (env_of e) still_env (Cond r t1 t2 t3)).
      { rewrite IHt2 by (first [assumption | intros g c w J; injection J as <- <- <-; exact (IHt3 None at_ F3 (N
        at_))]).
        cbn [close eval]; rewrite (IHt3 None at_ F3 (N at_)); apply E. }
      destruct guards as [[[g c] w] |]; [| exact Alone]; destruct (same t3 c) eqn:S.
      * apply same_eq in S; subst c; rewrite IHt2 by (first [assumption | intros g' c w' J; injection J as <- <- <-;
        exact (G _ _ _ eq_refl)]).
        cbn [close eval]; rewrite (G _ _ _ eq_refl), <- E; destruct g; reflexivity.
      * rewrite Alone; reflexivity.
    + cbn [orb] in H; f_equal; rewrite choose_value, Rminus_0_r, IHt1, IHt2, IHt3 by (first [assumption | exact (N
      at_)]); reflexivity.
  - cbn [read eval interpret indices]; f_equal; rewrite <- (map_nth IZR); reflexivity.
  - cbn [read eval entry_value interpret]; f_equal; rewrite (entries_at e at_ l); [| | assumption].
    + destruct moving; [reflexivity |]; cbn [orb] in H; apply negb_true_iff in H; rewrite H; reflexivity.
    + apply Forall_forall; intros u _; exact (integer_value e at_ u).
  - assert (P : forall k, (0 <= k)%Z ->
      @eval (push (INR (Z.to_nat k)) (interpret e at_)) (env_of e) still_env t2 = read e None (k :: at_) t2).
    { intros k B; rewrite IHt2 by (first [assumption | exact (N (k :: at_))]); cbn [close]; unfold push,
      with_indices, interpret; cbn [map]; do 2 f_equal.
      rewrite INR_IZR_INZ, Z2Nat.id by exact B; reflexivity. }
    cbn [read eval]; rewrite (integer_value e at_ t1) by assumption.
    destruct op; f_equal; cbn [over]; symmetry; [apply sum_below | apply max_below]; exact P.
Qed.

(** ** Hypotheses *)

Definition read_proposition (e : setting) (l : literal) : Prop :=
  let (a, b) := sides (snd l) in
  if integral (snd l) then
    match fst l with
    | Positive => (read_integer e [] b < read_integer e [] a)%Z
    | NonNegative => (read_integer e [] b <= read_integer e [] a)%Z
    | Zero => read_integer e [] a = read_integer e [] b
    | NonZero => read_integer e [] a <> read_integer e [] b
    end
  else compares (fst l) (read e None [] a) (read e None [] b).

(** [0 <= k < n] of an index, or any hypothesis. *)
Inductive given := InRange (k n : term) | Literal (l : literal).

Definition literals_of (g : given) : list literal :=
  match g with InRange k n => [(NonNegative, k); (Positive, sub n k)] | Literal l => [l] end.

Definition read_given (e : setting) (g : given) : Prop :=
  match g with
  | InRange k n => (0 <= read_integer e [] k < read_integer e [] n)%Z
  | Literal l => read_proposition e l
  end.

(** [conclusion] under hypotheses, one after the other. *)
Fixpoint under (e : setting) (hs : list given) (conclusion : Prop) : Prop :=
  match hs with [] => conclusion | h :: hs => read_given e h -> under e hs conclusion end.

(** That a symbol that is an integer is one. *)
Definition is_floor (l : literal) : bool :=
  match l with
  | (Zero, Add (Un Floor (Var x)) (Mul (Rat (Zneg xH # xH)) (Var y))) =>
      Pos.eqb x y && member x (integer_symbols K)
  | _ => false
  end.

(** What [sides] makes of a term, by its shape. *)
Inductive splits : term -> term * term -> Prop :=
  | split_difference a b : splits (Add a (Mul (Rat (Zneg xH # xH)) b)) (a, b)
  | split_number a n d : splits (Add a (Rat (Zneg n # d))) (a, Rat (Zpos n # d))
  | split_swapped a b : splits (Mul (Rat (Zneg xH # xH)) (Add a (Mul (Rat (Zneg xH # xH)) b))) (b, a)
  | split_under_number a n d : splits (Mul (Rat (Zneg xH # xH)) (Add a (Rat (Zneg n # d)))) (Rat (Zpos n # d), a)
  | split_negative b : splits (Mul (Rat (Zneg xH # xH)) b) (zero, b)
  | split_other t : splits t (t, zero).

Lemma sides_splits t : splits t (sides t).
Proof. unfold sides; shapes; constructor. Qed.

Lemma sides_read e t : read e None [] (fst (sides t)) - read e None [] (snd (sides t)) = read e None [] t.
Proof.
  assert (Z : read e None [] zero = 0) by reflexivity.
  destruct (sides_splits t); cbn [fst snd]; rewrite ?Z; [reflexivity | reflexivity | | | | apply Rminus_0_r].
  - change (read e None [] b - read e None [] a = - (read e None [] a - read e None [] b)); ring.
  - change (number (Zpos n # d) - read e None [] a = - (read e None [] a - number (Zpos n # d))); ring.
  - change (0 - read e None [] b = - read e None [] b); ring.
Qed.

Lemma sides_read_integer e t :
  (read_integer e [] (fst (sides t)) - read_integer e [] (snd (sides t)) = read_integer e [] t)%Z.
Proof.
  assert (Z : read_integer e [] zero = 0%Z) by reflexivity.
  destruct (sides_splits t); cbn [fst snd]; rewrite ?Z; [reflexivity | reflexivity | | | | apply Z.sub_0_r].
  - change (read_integer e [] b - read_integer e [] a = - (read_integer e [] a - read_integer e [] b))%Z; ring.
  - change (Zpos n - read_integer e [] a = - (read_integer e [] a - Zpos n))%Z; ring.
  - change (0 - read_integer e [] b = - read_integer e [] b)%Z; ring.
Qed.

(** What is stated is understood, and implies what is needed. *)
Definition understood (g : given) : bool :=
  forallb (fun l => negb (moves (snd l)) && (integral (snd l) || readable (snd l))) (literals_of g) &&
  match g with InRange k n => integral k && integral n | Literal _ => true end.

Definition enough (hs : list given) (needed : list literal) : bool :=
  forallb understood hs &&
  forallb (fun l => is_floor l || existsb (same_literal l) (flat_map literals_of hs)) needed.

Lemma read_proposition_holds e l : integral (snd l) || readable (snd l) = true -> read_proposition e l ->
  @holds (interpret e []) (env_of e) still_env l.
Proof.
  destruct l as [r t]; unfold holds, read_proposition; cbn [fst snd]; intros U H.
  pose proof (sides_read_integer e t) as Si; pose proof (sides_read e t) as Sr; destruct (sides t) as [a b]; cbn [fst
    snd] in *.
  destruct (integral t) eqn:I.
  - rewrite (integer_value e [] t I), <- Si, minus_IZR; destruct r; cbn [related]; [| | rewrite H; ring |].
    + apply IZR_lt in H; lra.
    + apply IZR_le in H; lra.
    + intros E; apply H, eq_IZR; lra.
  - cbn [orb] in U; pose proof (read_value e t None [] U ltac:(discriminate)) as V; cbn [close] in V.
    rewrite <- V, <- Sr; apply compares_value; exact H.
Qed.

Lemma given_holds e g : understood g = true -> read_given e g ->
  forall tau l, In l (literals_of g) -> @holds (interpret e []) (env_of e) tau l.
Proof.
  unfold understood; intros U H tau l I; apply andb_prop in U; destruct U as (U & V); rewrite forallb_forall in U.
  specialize (U l I); apply andb_prop in U; destruct U as (M & U); apply negb_true_iff in M.
  apply (@holds_moves (interpret e []) (env_of e) still_env tau l M).
  destruct g as [k n | l']; cbn [literals_of read_given] in *.
  - apply andb_prop in V; destruct V as (Vk & Vn); unfold holds.
    destruct I as [<- | [<- | []]]; cbn [fst snd related]; rewrite ?eval_sub, (integer_value e [] k Vk).
    + apply Rle_ge, IZR_le; lia.
    + rewrite (integer_value e [] n Vn); destruct H as (_ & H); apply IZR_lt in H; lra.
  - destruct I as [<- | []]; exact (read_proposition_holds e l' U H).
Qed.

Lemma is_floor_holds e l : is_floor l = true -> forall tau, @holds (interpret e []) (env_of e) tau l.
Proof.
  destruct l as [r t]; unfold is_floor; shapes; try discriminate; intros H tau.
  all: try solve [destruct r; discriminate].
  destruct r; try discriminate; apply andb_prop in H; destruct H as (H & M); apply Pos.eqb_eq in H; subst.
  unfold holds; cbn [fst snd related eval apply]; unfold env_of; rewrite M; unfold floor; rewrite int_part_integer.
  unfold Q2R; cbn [Qnum Qden]; field.
Qed.

Lemma under_intro e hs needed (P : Prop) : enough hs needed = true ->
  ((forall tau, @all_hold (interpret e []) (env_of e) tau needed) -> P) -> under e hs P.
Proof.
  unfold enough; intros H A; apply andb_prop in H; destruct H as (U & N); rewrite forallb_forall in N.
  assert (B : (forall g, In g hs -> read_given e g) -> P).
  { intros G; apply A; intros tau l I; specialize (N l I); apply orb_prop in N; destruct N as [F | F];
      [exact (is_floor_holds e l F tau) |].
    apply existsb_exists in F; destruct F as (l' & I' & S); apply same_literal_eq in S; subst l'.
    apply in_flat_map in I'; destruct I' as (g & J & I'); rewrite forallb_forall in U.
    exact (given_holds e g (U g J) (G g J) tau l I'). }
  clear A U N; revert B; induction hs as [| h hs IH]; cbn [under]; intros B; [apply B; intros g [] |].
  intros H; apply IH; intros G; apply B; intros g [<- | I]; [exact H | exact (G g I)].
Qed.

End Kinds.
