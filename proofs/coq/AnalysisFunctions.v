(** The functions that terms denote: total functions of a real number, with the value 0 outside their domains.

    [Rinv], [exp], [ln], [sin], [cos], [atan] and [sqrt] are those of Coq's library; [floor] and [erf] are
    defined here. *)

From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.

(** The largest integer that is at most [u]. *)
Definition floor (u : R) : R := IZR (Int_part u).

(** The area under the bell curve from 0 to [u], scaled so that the whole half line has area 1. *)
Definition erf (u : R) : R := 2 / sqrt PI * RInt (fun t => exp (- t ^ 2)) 0 u.

(** Outside their domains the functions of the library have the value 0. *)
Lemma inv_outside : / 0 = 0.
Proof. exact Rinv_0. Qed.

Lemma log_outside u : u <= 0 -> ln u = 0.
Proof. intros H; unfold ln; destruct (Rlt_dec 0 u); [exfalso; lra | reflexivity]. Qed.

Lemma sqrt_outside u : u <= 0 -> sqrt u = 0.
Proof. exact (sqrt_neg_0 u). Qed.
