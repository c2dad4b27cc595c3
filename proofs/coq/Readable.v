(** From theorems about terms to theorems about plain functions, in Coquelicot's words.

    [read] writes a term as a person would ([a - b] for [a + -1 * b], [3 / 4] for a pair of integers), and equals its
    value.  On a term that is given it computes, so that what it returns is, by conversion, the text of an exported
    file: see [Exported.v] and [proofs/export]. *)

From Coq Require Import Reals QArith Qreals List Bool PArith Lra FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval.
Import ListNotations.
Open Scope R_scope.
Open Scope bool_scope.

(** No exported theorem cites a fact: it holds whatever the functions are that are known by citation only. *)
#[global] Instance unknown : Interpretation :=
  {| app_value := fun _ _ _ => 0; entry_value := fun _ _ _ => 0; indices := [] |}.

(** ** Terms as text *)

Definition number (q : Q) : R :=
  match Qden q with xH => IZR (Qnum q) | n => IZR (Qnum q) / IZR (Zpos n) end.

(** [a] where [u r v], else [b]. *)
Definition choose (r : relation) (u v a b : R) : R :=
  match r with
  | Positive => if Rlt_dec v u then a else b
  | NonNegative => if Rle_dec v u then a else b
  | Zero => if Req_EM_T u v then a else b
  | NonZero => if Req_EM_T u v then b else a
  end.

Definition read_unary (f : unary) (u : R) : R :=
  match f with
  | Inv => 1 / u
  | Exp => exp u
  | Log => ln u
  | Sin => sin u
  | Cos => cos u
  | Atan => atan u
  | Erf => 2 / sqrt PI * RInt (fun t => exp (- t ^ 2)) 0 u
  | Sqrt => sqrt u
  | Floor => IZR (Int_part u)
  end.

Fixpoint read (rho : env) (t : term) : R :=
  match t with
  | Rat q => number q
  | Pi => PI
  | Var x => rho x
  | Tangent _ => 0
  | Add a (Mul (Rat (Zneg xH # xH)) b) => read rho a - read rho b
  | Add a (Rat (Zneg n # d)) => read rho a - number (Zpos n # d)
  | Add a b => read rho a + read rho b
  | Mul (Rat (Zneg xH # xH)) b => - read rho b
  | Mul a (Un Inv b) => read rho a / read rho b
  | Mul a b => read rho a * read rho b
  | Pow a n => read rho a ^ Pos.to_nat n
  | Un f a => read_unary f (read rho a)
  | Cond r (Add t (Mul (Rat (Zneg xH # xH)) u)) a b => choose r (read rho t) (read rho u) (read rho a) (read rho b)
  | Cond r (Add t (Rat (Zneg n # d))) a b => choose r (read rho t) (number (Zpos n # d)) (read rho a) (read rho b)
  | Cond r (Mul (Rat (Zneg xH # xH)) u) a b => choose r 0 (read rho u) (read rho a) (read rho b)
  | Cond r t a b => choose r (read rho t) 0 (read rho a) (read rho b)
  | App _ _ _ => 0
  | Idx _ | Entry _ _ _ | Over _ _ _ => eval rho still_env t
  end.

Definition compares (r : relation) (u v : R) : Prop :=
  match r with Positive => v < u | NonNegative => v <= u | Zero => u = v | NonZero => u <> v end.

(** [a, b] where the term is [a - b], perhaps written otherwise. *)
Definition sides (t : term) : term * term :=
  match t with
  | Add a (Mul (Rat (Zneg xH # xH)) b) => (a, b)
  | Add a (Rat (Zneg n # d)) => (a, Rat (Zpos n # d))
  | Mul (Rat (Zneg xH # xH)) (Add a (Mul (Rat (Zneg xH # xH)) b)) => (b, a)
  | Mul (Rat (Zneg xH # xH)) (Add a (Rat (Zneg n # d))) => (Rat (Zpos n # d), a)
  | Mul (Rat (Zneg xH # xH)) b => (zero, b)
  | _ => (t, zero)
  end.

Definition read_literal (rho : env) (l : literal) : Prop :=
  let (a, b) := sides (snd l) in compares (fst l) (read rho a) (read rho b).

(** [conclusion] under hypotheses, one after the other. *)
Fixpoint under (rho : env) (hs : list literal) (conclusion : Prop) : Prop :=
  match hs with [] => conclusion | h :: hs => read_literal rho h -> under rho hs conclusion end.

(** The listed symbols have these values; all others are 0. *)
Fixpoint symbols (values : list (name * R)) : env :=
  fun x => match values with [] => 0 | (y, v) :: rest => if Pos.eqb x y then v else symbols rest x end.

(** *** What is read is the value *)

Lemma number_value q : number q = Q2R q.
Proof.
  unfold number, Q2R; destruct q as [n [d | d |]]; cbn [Qnum Qden]; try reflexivity.
  rewrite Rinv_1, Rmult_1_r; reflexivity.
Qed.

Lemma number_opposite n d : number (Zneg n # d) = - number (Zpos n # d).
Proof. rewrite !number_value; unfold Q2R; cbn [Qnum Qden]; change (Zneg n) with (- Zpos n)%Z; rewrite opp_IZR;
  ring. Qed.

Lemma minus_one : Q2R (Zneg xH # xH) = -1.
Proof. unfold Q2R; cbn [Qnum Qden]; rewrite Rinv_1; ring. Qed.

Lemma choose_value r u v a b : choose r u v a b = if decide r (u - v) then a else b.
Proof.
  destruct (decide r (u - v)) as [H | H]; destruct r; cbn [choose related] in *.
  all: repeat match goal with |- context [if ?c then _ else _] => destruct c end; try reflexivity; exfalso;
    try apply H; lra.
Qed.

Lemma read_unary_value f u : read_unary f u = apply f u.
Proof. destruct f; cbn [read_unary apply]; try reflexivity; unfold Rdiv; ring. Qed.

(** The shapes that are read in their own way. *)
Ltac shapes :=
  repeat match goal with
  | |- context [match ?t with Rat _ => _ | _ => _ end] => destruct t
  | |- context [match ?q with Qmake _ _ => _ end] => destruct q
  | |- context [match ?z with Z0 => _ | _ => _ end] => destruct z
  | |- context [match ?p with xH => _ | _ => _ end] => destruct p
  | |- context [match ?f with Inv => _ | _ => _ end] => destruct f
  end.

Lemma read_eval rho t : read rho t = eval rho still_env t.
Proof.
  induction t.
  - exact (number_value q).
  - reflexivity.
  - reflexivity.
  - reflexivity.
  - assert (A : read rho t1 + read rho t2 = eval rho still_env (Add t1 t2)) by (rewrite IHt1, IHt2; reflexivity).
    rewrite <- A; clear A IHt1 IHt2; cbn [read]; shapes; try reflexivity; cbn [read];
      rewrite ?number_opposite; ring.
  - assert (A : read rho t1 * read rho t2 = eval rho still_env (Mul t1 t2)) by (rewrite IHt1, IHt2; reflexivity).
    rewrite <- A; clear A IHt1 IHt2; cbn [read]; shapes; try reflexivity;
      cbn [read read_unary]; rewrite ?number_value, ?minus_one; unfold Rdiv; try ring.
  - cbn [read eval]; rewrite IHt; reflexivity.
  - cbn [read eval]; rewrite IHt; apply read_unary_value.
  - assert (A : choose r (read rho t1) 0 (read rho t2) (read rho t3) = eval rho still_env (Cond r t1 t2 t3)).
    { rewrite choose_value, Rminus_0_r, IHt1, IHt2, IHt3; reflexivity. }
    rewrite <- A; clear A IHt1 IHt2 IHt3; cbn [read]; shapes; try reflexivity; rewrite !choose_value; cbn [read];
      rewrite ?number_opposite;
      match goal with |- (if decide _ ?u then _ else _) = (if decide _ ?v then _ else _) => replace v with u by ring
        end;
      reflexivity.
  - reflexivity.
  - reflexivity.
  - reflexivity.
  - reflexivity.
Qed.

Lemma compares_value r u v : compares r u v <-> related r (u - v).
Proof. destruct r; cbn [compares related]; lra. Qed.

Lemma opposite_value n d : Q2R (Zneg n # d) = - Q2R (Zpos n # d).
Proof. rewrite <- !number_value; apply number_opposite. Qed.

Lemma zero_value rho : eval rho still_env zero = 0.
Proof. unfold zero, rat; cbn [eval]; unfold Q2R; cbn; ring. Qed.

Lemma sides_value rho t : read rho (fst (sides t)) - read rho (snd (sides t)) = read rho t.
Proof.
  assert (U : Q2R (1 # 1) = 1) by (rewrite <- number_value; reflexivity).
  rewrite !read_eval; unfold sides; shapes; cbn [fst snd]; rewrite ?zero_value, ?Rminus_0_r; try reflexivity;
    cbn [eval]; rewrite ?opposite_value, ?zero_value, ?U; unfold still_env; try reflexivity;
      unfold app_value, entry_value, unknown; ring.
Qed.

Lemma read_literal_holds rho tau l : moves (snd l) = false -> read_literal rho l -> holds rho tau l.
Proof.
  destruct l as [r t]; cbn [snd]; intros M H; apply (holds_moves rho still_env tau (r, t) M).
  unfold holds; cbn [fst snd]; rewrite <- read_eval, <- sides_value; revert H; unfold read_literal; cbn [fst snd].
  destruct (sides t) as [a b]; cbn [fst snd]; apply compares_value.
Qed.

Lemma under_intro rho hs (P : Prop) :
  forallb (fun l => negb (moves (snd l))) hs = true -> ((forall tau, all_hold rho tau hs) -> P) -> under rho hs P.
Proof.
  revert P; induction hs as [| h hs IH]; cbn [under forallb]; intros P M A.
  - apply A; intros tau l [].
  - apply andb_prop in M; destruct M as (M & N); intros H; apply (IH P N); intros B; apply A.
    intros tau l [<- | I]; [| exact (B tau l I)].
    apply negb_true_iff in M; exact (read_literal_holds rho tau h M H).
Qed.
