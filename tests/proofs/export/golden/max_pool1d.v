(** max_pool1d: for all sizes its derivative along every curve of its inputs, and the adjoint of that.

    Sizes and indices are integers, tensors functions of all integers (0 beyond their sizes, say); [sum n f] is
    [f 0 + ... + f (n - 1)] and [maximum n f] the largest of these, from Hasderiv.exports.Finite.  The certificate below
    is checked by Coq itself, with the checker of hasderiv's Coq library, which is proved sound.  In hasderiv's source
    tree [make -C proofs/coq proofs] compiles that library; then [coqc -R proofs/coq Hasderiv FILE.v], with the path of
    that folder, compiles this file.  Written by hasderiv export coq max_pool1d. *)

From Coq Require Import Reals ZArith List Bool.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Check.
From Hasderiv.exports Require Reading Curves Tensors.
From Hasderiv.exports Require Import Finite.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

Definition max_pool1d_end_w (n_w s_w k_w p_w : Z) (o : Z) : Z :=
  (if (s_w * o - p_w + k_w <? n_w)%Z then s_w * o - p_w + k_w else n_w)%Z.

Definition max_pool1d_start_w (s_w p_w : Z) (o : Z) : Z :=
  (if (p_w <=? s_w * o)%Z then s_w * o - p_w else 0)%Z.

Definition max_pool1d (n_w s_w k_w p_w : Z) (x : Z -> Z -> R) (r i_w : Z) : R :=
  maximum (max_pool1d_end_w n_w s_w k_w p_w i_w - max_pool1d_start_w s_w p_w i_w)%Z (fun q_w => x r
    (max_pool1d_start_w s_w p_w i_w + q_w)%Z).

Definition max_pool1d_jvp (n_w : Z) (winner_w : Z -> Z -> Z) (dx : Z -> Z -> R) (r i_w : Z) : R :=
  if (0 <=? winner_w r i_w)%Z && (winner_w r i_w <? n_w)%Z then dx r (winner_w r i_w) else 0.

Definition max_pool1d_best (x : Z -> Z -> R) (winner_w : Z -> Z -> Z) (r i_w : Z) : R :=
  x r (winner_w r i_w).

Definition max_pool1d_others (n_w s_w k_w p_w : Z) (x : Z -> Z -> R) (winner_w : Z -> Z -> Z) (r i_w : Z) : R :=
  maximum (max_pool1d_end_w n_w s_w k_w p_w i_w - max_pool1d_start_w s_w p_w i_w)%Z (fun q_w => if
    (max_pool1d_start_w s_w p_w i_w + q_w =? winner_w r i_w)%Z then max_pool1d_best x winner_w r i_w - 1 else x
    r (max_pool1d_start_w s_w p_w i_w + q_w)%Z).

Definition max_pool1d_vjp_x (m_w : Z) (winner_w : Z -> Z -> Z) (g : Z -> Z -> R) (r j_w : Z) : R :=
  sum m_w (fun i_w => g r i_w * (if (j_w =? winner_w r i_w)%Z then 1 else 0)).

Module Certificate.
End Certificate.

Theorem max_pool1d_derive (b n_w m_w s_w k_w p_w : Z) (x : R -> Z -> Z -> R) (winner_w : Z -> Z -> Z)
    (dx : Z -> Z -> R) (t : R) (r i_w : Z) :
  (1 <= b)%Z ->
  (1 <= n_w)%Z ->
  (1 <= m_w)%Z ->
  (1 <= s_w)%Z ->
  (1 <= k_w)%Z ->
  (0 <= r < b)%Z ->
  (0 <= i_w < m_w)%Z ->
  (max_pool1d_start_w s_w p_w i_w <= winner_w r i_w)%Z ->
  (winner_w r i_w < max_pool1d_end_w n_w s_w k_w p_w i_w)%Z ->
  max_pool1d_others n_w s_w k_w p_w (x t) winner_w r i_w < max_pool1d_best (x t) winner_w r i_w ->
  (forall i1 i2 : Z, is_derive (fun s => x s i1 i2) t (dx i1 i2)) ->
  is_derive (fun s => max_pool1d n_w s_w k_w p_w (x s) r i_w) t (max_pool1d_jvp n_w winner_w dx r i_w).
Proof.
  exact (Tensors.derive Certificate.value_has_jvp (Reading.Build_setting [(N%positive, b); (N%positive, n_w);
    (N%positive, m_w); (N%positive, s_w); (N%positive, k_w); (N%positive, p_w); (N%positive, r);
    (N%positive, i_w)] [] [Reading.Build_family Z N%positive 2 winner_w] [] [])
    [Curves.Build_curve N%positive 2 x dx] t eq_refl).
Qed.

Theorem max_pool1d_line (b n_w m_w s_w k_w p_w : Z) (x : Z -> Z -> R) (winner_w : Z -> Z -> Z)
    (dx : Z -> Z -> R) (r i_w : Z) :
  (1 <= b)%Z ->
  (1 <= n_w)%Z ->
  (1 <= m_w)%Z ->
  (1 <= s_w)%Z ->
  (1 <= k_w)%Z ->
  (0 <= r < b)%Z ->
  (0 <= i_w < m_w)%Z ->
  (max_pool1d_start_w s_w p_w i_w <= winner_w r i_w)%Z ->
  (winner_w r i_w < max_pool1d_end_w n_w s_w k_w p_w i_w)%Z ->
  max_pool1d_others n_w s_w k_w p_w x winner_w r i_w < max_pool1d_best x winner_w r i_w ->
  is_derive (fun s => max_pool1d n_w s_w k_w p_w (fun i1 i2 => x i1 i2 + s * dx i1 i2) r i_w) 0 (max_pool1d_jvp
      n_w winner_w dx r i_w).
Proof.
  exact (Tensors.derive_line Certificate.value_has_jvp (Reading.Build_setting [(N%positive, b); (N%positive, n_w);
    (N%positive, m_w); (N%positive, s_w); (N%positive, k_w); (N%positive, p_w); (N%positive, r);
    (N%positive, i_w)] [] [Reading.Build_family Z N%positive 2 winner_w] [] [])
    [Curves.Build_straight N%positive 2 x dx] eq_refl).
Qed.

Theorem max_pool1d_adjoint (b n_w m_w s_w k_w p_w : Z) (x : Z -> Z -> R) (winner_w : Z -> Z -> Z)
    (dx g : Z -> Z -> R) :
  (1 <= b)%Z ->
  (1 <= n_w)%Z ->
  (1 <= m_w)%Z ->
  (1 <= s_w)%Z ->
  (1 <= k_w)%Z ->
  sum b (fun r => sum m_w (fun i_w => g r i_w * max_pool1d_jvp n_w winner_w dx r i_w))
  = sum b (fun r => sum n_w (fun j_w => max_pool1d_vjp_x m_w winner_w g r j_w * dx r j_w)).
Proof.
  exact (Tensors.equal Certificate.adjoint (Reading.Build_setting [(N%positive, b); (N%positive, n_w);
    (N%positive, m_w); (N%positive, s_w); (N%positive, k_w); (N%positive, p_w)] []
    [Reading.Build_family Z N%positive 2 winner_w] [Reading.Build_family R N%positive 2 x;
    Reading.Build_family R N%positive 2 g] [Reading.Build_family R N%positive 2 dx]) eq_refl).
Qed.

Theorem max_pool1d_corner (b n_w m_w s_w k_w p_w : Z) (x : Z -> Z -> R) (winner_w : Z -> Z -> Z) (r i_w : Z) :
  (1 <= b)%Z ->
  (1 <= n_w)%Z ->
  (1 <= m_w)%Z ->
  (1 <= s_w)%Z ->
  (1 <= k_w)%Z ->
  (0 <= r < b)%Z ->
  (0 <= i_w < m_w)%Z ->
  (max_pool1d_start_w s_w p_w i_w <= winner_w r i_w)%Z ->
  (winner_w r i_w < max_pool1d_end_w n_w s_w k_w p_w i_w)%Z ->
  max_pool1d n_w s_w k_w p_w x r i_w <= max_pool1d_best x winner_w r i_w ->
  max_pool1d_best x winner_w r i_w <= max_pool1d_others n_w s_w k_w p_w x winner_w r i_w ->
  ~ ex_derive (fun h => max_pool1d n_w s_w k_w p_w (fun j1 j2 => x j1 j2 + (if (j2 =? winner_w r i_w)%Z then 1
      else 0) * h) r i_w) 0.
Proof.
  exact (Tensors.corner Certificate.tie (Reading.Build_setting [(N%positive, b); (N%positive, n_w);
    (N%positive, m_w); (N%positive, s_w); (N%positive, k_w); (N%positive, p_w); (N%positive, r);
    (N%positive, i_w)] [] [Reading.Build_family Z N%positive 2 winner_w]
    [Reading.Build_family R N%positive 2 x] []) eq_refl).
Qed.
