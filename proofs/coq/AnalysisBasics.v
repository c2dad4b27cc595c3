(** Derivatives of sums, products and powers of real functions in plain arithmetic; growth by the sign of a rate. *)

From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.

(** The derivative of a real function, with the structures named, so that nothing is left to be inferred. *)
Notation derives f x l := (@is_derive R_AbsRing R_NormedModule f x l).

Section Rules.
Variables (f g : R -> R) (x df dg : R).
Hypothesis F : derives f x df.
Hypothesis G : derives g x dg.

Lemma derives_plus : derives (fun t => f t + g t) x (df + dg).
Proof. exact (is_derive_plus f g x df dg F G). Qed.

Lemma derives_minus : derives (fun t => f t - g t) x (df - dg).
Proof. exact (is_derive_minus f g x df dg F G). Qed.

Lemma derives_mult : derives (fun t => f t * g t) x (df * g x + f x * dg).
Proof. apply (is_derive_mult f g x df dg F G); exact Rmult_comm. Qed.

Lemma derives_opp : derives (fun t => - f t) x (- df).
Proof. exact (is_derive_opp f x df F). Qed.

Lemma derives_scale k : derives (fun t => k * f t) x (k * df).
Proof. exact (is_derive_scal f x k df F). Qed.

Lemma derives_pow n : derives (fun t => f t ^ n) x (INR n * f x ^ pred n * df).
Proof.
  replace (INR n * f x ^ pred n * df) with (INR n * df * f x ^ pred n) by ring.
  exact (is_derive_pow f n x df F).
Qed.

Lemma derives_is l : df = l -> derives f x l.
Proof. intros <-; exact F. Qed.
End Rules.

Lemma derives_const (c x : R) : derives (fun _ => c) x 0.
Proof. exact (is_derive_const c x). Qed.

Lemma derives_id (x : R) : derives (fun t => t) x 1.
Proof. exact (is_derive_id x). Qed.

Lemma derives_ext (f g : R -> R) x l : (forall t, f t = g t) -> derives f x l -> derives g x l.
Proof. exact (is_derive_ext f g x l). Qed.

(** The chain rule. *)
Lemma derives_comp (f g : R -> R) x df dg :
  derives f (g x) df -> derives g x dg -> derives (fun t => f (g t)) x (df * dg).
Proof. intros F G; rewrite Rmult_comm; exact (is_derive_comp f g x df dg F G). Qed.

(** A function with a derivative that is nowhere negative does not fall. *)
Lemma grows (f df : R -> R) a b :
  (forall t, derives f t (df t)) -> a <= b -> (forall t, a <= t <= b -> 0 <= df t) -> f a <= f b.
Proof.
  intros D L P.
  destruct (MVT_gen f a b df) as (c & C & E).
  - intros; apply D.
  - intros t _; apply derivable_continuous_pt; exists (df t); apply is_derive_Reals, D.
  - rewrite Rmin_left, Rmax_right in C by assumption.
    specialize (P c C); assert (0 <= df c * (b - a)) by (apply Rmult_le_pos; lra); lra.
Qed.

(** A function whose derivative is 0 everywhere is constant. *)
Lemma stays (f : R -> R) a b : (forall t, derives f t 0) -> f a = f b.
Proof.
  intros D; destruct (MVT_gen f a b (fun _ => 0)) as (c & _ & E); [intros; apply D | | lra].
  intros t _; apply derivable_continuous_pt; exists 0; apply is_derive_Reals, D.
Qed.
