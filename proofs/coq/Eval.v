(** Values and definedness under substitution, and under changes of symbols that do not occur. *)

From Coq Require Import Reals Qreals List Bool PArith Lra Lia FunctionalExtensionality.
From Hasderiv Require Import Term AnalysisFunctions Sums Semantics.
Import ListNotations.
Open Scope R_scope.

Section Cited.
Context {cited : Interpretation}.

(** ** Numbers *)

Lemma eval_rat rho tau z : eval rho tau (rat z) = IZR z.
Proof. unfold rat; cbn [eval]; unfold Q2R, inject_Z; cbn [Qnum Qden]; rewrite Rinv_1; ring. Qed.

Lemma eval_zero rho tau : eval rho tau zero = 0.
Proof. exact (eval_rat rho tau 0). Qed.

Lemma eval_one rho tau : eval rho tau one = 1.
Proof. exact (eval_rat rho tau 1). Qed.

Lemma eval_neg rho tau a : eval rho tau (neg a) = - eval rho tau a.
Proof. change (eval rho tau (rat (-1)) * eval rho tau a = - eval rho tau a); rewrite eval_rat; ring. Qed.

Lemma eval_sub rho tau a b : eval rho tau (sub a b) = eval rho tau a - eval rho tau b.
Proof. unfold sub; cbn [eval]; rewrite eval_neg; ring. Qed.

Lemma holds_equation rho tau a b : holds rho tau (equation a b) <-> eval rho tau a = eval rho tau b.
Proof. unfold holds, equation; cbn [fst snd related]; rewrite eval_sub; split; intros; lra. Qed.

Lemma holds_negation rho tau l : holds rho tau (negation l) <-> ~ holds rho tau l.
Proof. destruct l as [[] t]; unfold holds; cbn [negation fst snd related]; rewrite ?eval_neg; split; intros; lra. Qed.

Lemma holds_or_not rho tau l : holds rho tau l \/ holds rho tau (negation l).
Proof. rewrite holds_negation; unfold holds; destruct (decide (fst l) (eval rho tau (snd l))); auto. Qed.

Lemma moves_negation l : moves (snd (negation l)) = moves (snd l).
Proof. destruct l as [[] t]; reflexivity. Qed.

(** ** Symbols that do not occur *)

(** [rho, tau] and [rho', tau'] give the same values to the symbols and tangents of [var] and [tan]. *)
Definition agree (var tan : name -> bool) (rho tau rho' tau' : env) : Prop :=
  (forall x, var x = true -> rho x = rho' x) /\ (forall x, tan x = true -> tau x = tau' x).

(** What is true of each index of an entry. *)
Lemma values_ext {A} (f g : term -> A) (ok : term -> bool) l :
  Forall (fun t => ok t = false -> f t = g t) l -> existsb ok l = false -> map f l = map g l.
Proof.
  induction 1 as [| a l A' _ IH]; cbn [existsb map]; intros E; [reflexivity |]; apply orb_false_iff in E.
  destruct E as (E & F); rewrite A', IH by assumption; reflexivity.
Qed.

Lemma all_ext (P Q : term -> Prop) (ok : term -> bool) l :
  Forall (fun t => ok t = false -> (P t <-> Q t)) l -> existsb ok l = false ->
  (fold_right (fun a rest => P a /\ rest) True l <-> fold_right (fun a rest => Q a /\ rest) True l).
Proof.
  induction 1 as [| a l A' _ IH]; cbn [existsb fold_right]; intros E; [tauto |]; apply orb_false_iff in E.
  destruct E as (E & F); rewrite (A' E), (IH F); tauto.
Qed.

Lemma over_ext op n m f g : n = m -> (forall k, f k = g k) -> over op n f = over op m g.
Proof. intros -> E; f_equal; extensionality k; apply E. Qed.

Lemma eval_agree var tan rho tau rho' tau' t :
  agree (fun x => negb (var x)) (fun x => negb (tan x)) rho tau rho' tau' -> occurs var tan t = false ->
  eval rho tau t = eval rho' tau' t.
Proof.
  intros [A B]; generalize cited; induction t; intros J; cbn [occurs eval]; intros O;
    repeat (apply orb_false_iff in O; destruct O as [O ?]);
    rewrite ?IHt, ?IHt1, ?IHt2, ?IHt3 by assumption; auto.
  - apply A; rewrite O; reflexivity.
  - apply B; rewrite O; reflexivity.
  - f_equal; refine (values_ext _ _ _ l _ H); refine (Forall_impl _ _ each); auto.
  - apply over_ext; [reflexivity |]; intros k; apply IHt2; assumption.
Qed.

End Cited.

Section Cited.
Context {cited : Interpretation}.

Lemma defined_agree var tan rho tau rho' tau' t :
  agree (fun x => negb (var x)) (fun x => negb (tan x)) rho tau rho' tau' -> occurs var tan t = false ->
  (defined rho tau t <-> defined rho' tau' t).
Proof.
  intros A; generalize cited; induction t; intros J; cbn [occurs defined]; intros O;
    repeat (apply orb_false_iff in O; destruct O as [O ?]);
    rewrite ?IHt, ?IHt1, ?IHt2 by assumption; try tauto.
  - rewrite (@eval_agree J var tan rho tau rho' tau' t A O); tauto.
  - rewrite (@eval_agree J var tan rho tau rho' tau' t1 A O).
    destruct (decide r (eval rho' tau' t1)); rewrite ?IHt2, ?IHt3 by assumption; tauto.
  - rewrite (@eval_agree J var tan rho tau rho' tau' t1 A O), (@eval_agree J var tan rho tau rho' tau' t2 A)
    by assumption; tauto.
  - refine (all_ext _ _ _ l _ H); refine (Forall_impl _ _ each); auto.
  - rewrite (@eval_agree J var tan rho tau rho' tau' t1 A O).
    split; (intros (X & Y & Z); split; [exact X |]; split; [exact Y |]); intros k K; specialize (Z k K);
      apply IHt2 in Z || apply IHt2; assumption.
Qed.

Lemma holds_agree var tan rho tau rho' tau' l :
  agree (fun x => negb (var x)) (fun x => negb (tan x)) rho tau rho' tau' -> occurs var tan (snd l) = false ->
  (holds rho tau l <-> holds rho' tau' l).
Proof. intros A O; unfold holds; rewrite (eval_agree var tan rho tau rho' tau' _ A O); tauto. Qed.

Lemma agree_tangents rho tau tau' : agree (fun x => negb (none x)) (fun x => negb (every x)) rho tau rho tau'.
Proof. split; [reflexivity | discriminate]. Qed.

Lemma eval_moves rho tau tau' t : moves t = false -> eval rho tau t = eval rho tau' t.
Proof. intros M; exact (eval_agree none every rho tau rho tau' t (agree_tangents rho tau tau') M). Qed.

Lemma defined_moves rho tau tau' t : moves t = false -> defined rho tau t <-> defined rho tau' t.
Proof. intros M; exact (defined_agree none every rho tau rho tau' t (agree_tangents rho tau tau') M). Qed.

Lemma holds_moves rho tau tau' l : moves (snd l) = false -> holds rho tau l -> holds rho tau' l.
Proof. intros M; unfold holds; rewrite (eval_moves rho tau tau' _ M); auto. Qed.

Lemma agree_outside V tau rho rho' r : close V r rho rho' ->
  agree (fun x => negb (member x V)) (fun x => negb (none x)) rho tau rho' tau.
Proof.
  intros C; split; [| reflexivity]; intros x N; apply negb_true_iff in N; specialize (C x); rewrite N in C.
  symmetry; exact C.
Qed.

Lemma still_eval V r rho rho' tau t : still V t = true -> close V r rho rho' -> eval rho' tau t = eval rho tau t.
Proof.
  intros S C; symmetry; apply negb_true_iff in S.
  exact (eval_agree _ _ rho tau rho' tau t (agree_outside V tau rho rho' r C) S).
Qed.

Lemma still_defined V r rho rho' tau t :
  still V t = true -> close V r rho rho' -> defined rho tau t -> defined rho' tau t.
Proof.
  intros S C D; apply negb_true_iff in S.
  exact (proj1 (defined_agree _ _ rho tau rho' tau t (agree_outside V tau rho rho' r C) S) D).
Qed.

Lemma still_holds V r rho rho' tau l :
  still V (snd l) = true -> close V r rho rho' -> holds rho tau l -> holds rho' tau l.
Proof. intros S C; unfold holds; rewrite (still_eval V r rho rho' tau _ S C); auto. Qed.

Lemma closed_eval rho tau rho' tau' t : closed t = true -> eval rho tau t = eval rho' tau' t.
Proof. intros C; apply negb_true_iff in C; refine (eval_agree every every _ _ _ _ t _ C); split; discriminate. Qed.

(** [x] set to [v]. *)
Definition set (rho : env) (x : name) (v : R) : env := fun y => if Pos.eqb y x then v else rho y.

Lemma set_same rho x v : set rho x v x = v.
Proof. unfold set; rewrite Pos.eqb_refl; reflexivity. Qed.

Lemma set_other rho x v y : y <> x -> set rho x v y = rho y.
Proof. intros N; unfold set; destruct (Pos.eqb_spec y x); congruence. Qed.

Lemma agree_set rho tau x v : agree (fun y => negb (Pos.eqb x y)) (fun y => negb (Pos.eqb x y)) (set rho x v)
  tau rho tau.
Proof.
  split; [| reflexivity]; intros y N; apply set_other; apply negb_true_iff in N; intros ->.
  rewrite Pos.eqb_refl in N; discriminate.
Qed.

Lemma fresh_eval x v rho tau t : fresh x t = true -> eval (set rho x v) tau t = eval rho tau t.
Proof. intros F; apply negb_true_iff in F; exact (eval_agree _ _ _ _ _ _ t (agree_set rho tau x v) F). Qed.

Lemma fresh_defined x v rho tau t : fresh x t = true -> defined (set rho x v) tau t <-> defined rho tau t.
Proof. intros F; apply negb_true_iff in F; exact (defined_agree _ _ _ _ _ _ t (agree_set rho tau x v) F). Qed.

Lemma fresh_holds x v rho tau l : fresh x (snd l) = true -> holds (set rho x v) tau l <-> holds rho tau l.
Proof. intros F; unfold holds; rewrite fresh_eval by assumption; tauto. Qed.

(** ** Substitution *)

(** A term under one more binder than those of [s1]. *)
Lemma raised_eval rho tau v t : forall (I : Interpretation) s1 s2, indices = s1 ++ s2 ->
  @eval (with_indices (s1 ++ v :: s2) I) rho tau (raised (length s1) t) = eval rho tau t.
Proof.
  induction t; intros J s1 s2 E; cbn [raised eval]; rewrite ?(IHt J s1 s2 E), ?(IHt1 J s1 s2 E), ?(IHt2 J s1 s2 E),
    ?(IHt3 J s1 s2 E); auto.
  - cbn [indices with_indices]; rewrite E; destruct (Nat.ltb_spec k (length s1)) as [L | L].
    + rewrite !app_nth1 by lia; reflexivity.
    + rewrite !app_nth2 by lia; replace (S k - length s1)%nat with (S (k - length s1)) by lia; reflexivity.
  - cbn [entry_value with_indices]; f_equal; rewrite map_map.
    induction each as [| a l A _ IH]; [reflexivity |]; cbn [map]; rewrite IH, (A J s1 s2 E); reflexivity.
  - apply over_ext; [reflexivity |]; intros k; rewrite <- (IHt2 (push (INR k) J) (INR k :: s1) s2); [reflexivity |].
    cbn [push with_indices indices app]; rewrite E; reflexivity.
Qed.

Lemma raised_push rho tau v t : @eval (push v cited) rho tau (raised 0 t) = eval rho tau t.
Proof. exact (raised_eval rho tau v t cited [] indices eq_refl). Qed.

End Cited.

Section Cited.
Context {cited : Interpretation}.

Lemma raised_defined rho tau v t : forall (I : Interpretation) s1 s2, indices = s1 ++ s2 ->
  (@defined (with_indices (s1 ++ v :: s2) I) rho tau (raised (length s1) t) <-> defined rho tau t).
Proof.
  induction t; intros J s1 s2 E; cbn [raised defined]; rewrite ?(IHt J s1 s2 E), ?(IHt1 J s1 s2 E), ?(IHt2 J s1 s2 E),
    ?(raised_eval rho tau v _ J s1 s2 E); try tauto.
  - destruct (decide r (eval rho tau t1)); rewrite ?(IHt2 J s1 s2 E), ?(IHt3 J s1 s2 E); tauto.
  - induction each as [| a l A _ IH]; cbn [map fold_right]; [tauto |]; rewrite IH, (A J s1 s2 E); tauto.
  - assert (forall k, @defined (push (INR k) (with_indices (s1 ++ v :: s2) J)) rho tau (raised (S (length s1)) t2) <->
                      @defined (push (INR k) J) rho tau t2) as B.
    { intros k; apply (IHt2 (push (INR k) J) (INR k :: s1) s2); cbn [push with_indices indices app]; rewrite E;
      reflexivity. }
    split; intros (X & Y & Z); split; try exact X; split; try exact Y; intros k K; apply B, Z, K.
Qed.

Lemma raised_push_defined rho tau v t : @defined (push v cited) rho tau (raised 0 t) <-> defined rho tau t.
Proof. exact (raised_defined rho tau v t cited [] indices eq_refl). Qed.

Lemma lookup_raise x values : lookup x (raise_all values) = option_map (raised 0) (lookup x values).
Proof.
  induction values as [| [y t] values IH]; [reflexivity |]; cbn [raise_all map lookup fst snd]; fold (raise_all values).
  destruct (Pos.eqb x y); [reflexivity | exact IH].
Qed.

End Cited.

Lemma plug_raise (I : Interpretation) v values rho tau old :
  @plug (push v I) (raise_all values) rho tau old = plug values rho tau old.
Proof.
  extensionality x; unfold plug; rewrite lookup_raise; destruct (lookup x values); [apply raised_push | reflexivity].
Qed.

Section Cited.
Context {cited : Interpretation}.

Lemma eval_substitute values tangents rho tau t :
  eval rho tau (substitute values tangents t) = eval (plug values rho tau rho) (plug tangents rho tau tau) t.
Proof.
  revert values tangents; generalize cited; induction t; intros J values tangents; cbn [substitute eval];
    rewrite ?IHt, ?IHt1, ?IHt2, ?IHt3; auto.
  - unfold plug; destruct (lookup x values); reflexivity.
  - unfold plug; destruct (lookup x tangents); reflexivity.
  - f_equal; rewrite map_map; induction each as [| a l A _ IH]; [reflexivity |]; cbn [map]; rewrite IH, A; reflexivity.
  - apply over_ext; [reflexivity |]; intros k; rewrite IHt2, !plug_raise; reflexivity.
Qed.

Lemma holds_substitute values rho tau l :
  holds rho tau (substitute_literal values l) <-> holds (plug values rho tau rho) tau l.
Proof. unfold holds, substitute_literal; cbn [fst snd]; rewrite eval_substitute; reflexivity. Qed.

End Cited.

Section Cited.
Context {cited : Interpretation}.

(** Where the substituted terms are defined, definedness goes through. *)
Lemma defined_substitute values tangents rho tau t :
  (forall x u, lookup x values = Some u -> defined rho tau u) ->
  (forall x u, lookup x tangents = Some u -> defined rho tau u) ->
  (defined rho tau (substitute values tangents t) <->
   defined (plug values rho tau rho) (plug tangents rho tau tau) t).
Proof.
  revert values tangents; generalize cited; induction t; intros J values tangents A B; cbn [substitute defined];
    rewrite ?eval_substitute, ?IHt, ?IHt1, ?IHt2 by assumption; try tauto.
  - destruct (lookup x values) eqn:E; cbn [defined]; [| tauto]; specialize (A _ _ E); tauto.
  - destruct (lookup x tangents) eqn:E; cbn [defined]; [| tauto]; specialize (B _ _ E); tauto.
  - destruct (decide r (eval _ _ t1)); rewrite ?IHt2, ?IHt3 by assumption; tauto.
  - induction each as [| a l D _ IH]; cbn [map fold_right]; [tauto |]; rewrite IH, D by assumption; tauto.
  - assert (forall k, @defined (push (INR k) J) rho tau (substitute (raise_all values) (raise_all tangents) t2) <->
                      @defined (push (INR k) J) (plug values rho tau rho) (plug tangents rho tau tau) t2) as C.
    { intros k; rewrite IHt2, !plug_raise; [tauto | |]; intros x u; rewrite lookup_raise.
      - destruct (lookup x values) as [w |] eqn:L; intros Q; [injection Q as <- | discriminate].
        apply raised_push_defined; exact (A x w L).
      - destruct (lookup x tangents) as [w |] eqn:L; intros Q; [injection Q as <- | discriminate].
        apply raised_push_defined; exact (B x w L). }
    split; intros (X & Y & Z); split; try exact X; split; try exact Y; intros k K; apply C, Z, K.
Qed.

Lemma plug_none rho tau old : plug [] rho tau old = old.
Proof. reflexivity. Qed.

(** [x] moved by the value of a term. *)
Lemma plug_one x t rho tau : plug [(x, t)] rho tau rho = set rho x (eval rho tau t).
Proof. extensionality y; unfold plug, set; cbn [lookup]; destruct (Pos.eqb y x); reflexivity. Qed.

Lemma shift_set rho x h : shift rho x h = set rho x (rho x + h).
Proof. extensionality y; unfold shift, set; destruct (Pos.eqb_spec y x); subst; reflexivity. Qed.
End Cited.
