(** Derivatives of terms in the entries of families: as [Rates.v] for symbols. *)

From Coq Require Import ZArith QArith Qreals Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisFunctions Sums Term Semantics Eval Polynomial Theorems RulesLogic Rates.
From Hasderiv Require Families.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

(** ** The walk of the rule [local] *)

Definition find_family (ps : theorems) (V : list name) (t : term) : option (theorem * option term) :=
  match find (fun th => match concl th with FamilyLocal W u _ => same_names V W && same t u | _ => false end) ps with
  | Some th => match concl th with FamilyLocal _ _ d => Some (th, d) | _ => None end
  | None => None
  end.

Fixpoint define_all (ps : theorems) (l : list term) : option theorems :=
  match l with [] => Some [] | a :: l => u <- define ps a ;; v <- define_all ps l ;; Some (u ++ v) end.

(** As [rate_of], where the families [V] vary: an entry at indices that do not move has a tangent.  Sums and maxima are
    never walked into. *)
Fixpoint family_rate (V : list name) (ps : theorems) (t : term) : option (rate * theorems) :=
  match find_family ps V t with
  | Some (th, d) => Some (d, [th])
  | None =>
      if still V t then u <- define ps t ;; Some (Some zero, u)
      else
        match t with
        | Entry false x l => when forallb (still V) l ;; u <- define_all ps l ;; Some (Some (Entry true x l), u)
        | Add a b =>
            x <- family_rate V ps a ;; y <- family_rate V ps b ;;
            Some (plus_rate (fst x) (fst y), snd x ++ snd y)
        | Mul a b =>
            x <- family_rate V ps a ;; y <- family_rate V ps b ;;
            Some (plus_rate (times_rate (fst x) (Some b)) (times_rate (Some a) (fst y)), snd x ++ snd y)
        | Pow a n =>
            x <- family_rate V ps a ;;
            when negb (Pos.eqb n 1) ;;
            Some (times_rate (Some (Mul (rat (Zpos n)) (if Pos.eqb n 2 then a else Pow a (Pos.pred n)))) (fst x), snd x)
        | Un f a =>
            x <- family_rate V ps a ;;
            let answer := times_rate (Some (derivative_term f a)) (fst x) in
            match smooth_where f a with
            | None => Some (answer, snd x)
            | Some (r, v) => th <- find_holds ps r v ;; Some (answer, th :: snd x)
            end
        | Cond r g a b =>
            x <- family_rate V ps g ;;
            d <- decided V ps r g ;;
            y <- family_rate V ps (if snd d then a else b) ;; Some (fst y, fst d :: snd x ++ snd y)
        | _ => None
        end
  end.

(** ** Other values of entries *)

Section Entries.
Variables (var tan : name -> bool) (app : special -> R -> R -> R) (m m' : bool -> name -> list R -> R).
Hypothesis same_values : forall x l, var x = false -> m false x l = m' false x l.
Hypothesis same_tangents : forall x l, tan x = false -> m true x l = m' true x l.
Let at_m s : Interpretation := {| app_value := app; entry_value := m; indices := s |}.
Let at_m' s : Interpretation := {| app_value := app; entry_value := m'; indices := s |}.

Lemma entries_eval rho tau t : forall s, occurs var tan t = false ->
  @eval (at_m s) rho tau t = @eval (at_m' s) rho tau t.
Proof.
  induction t; intros s; cbn [occurs eval]; intros O; repeat (apply orb_false_iff in O; destruct O as [O ?]);
    rewrite ?IHt, ?IHt1, ?IHt2, ?IHt3 by assumption; auto.
  - cbn [entry_value at_m at_m']; rewrite (values_ext (@eval (at_m s) rho tau) (@eval (at_m' s) rho tau)
      (occurs var tan) l); [destruct moving; auto | refine (Forall_impl _ _ each); auto | exact H].
  - apply over_ext; [reflexivity |]; intros k; apply (IHt2 (INR k :: s)); assumption.
Qed.

Lemma entries_defined rho tau t : forall s, occurs var tan t = false ->
  (@defined (at_m s) rho tau t <-> @defined (at_m' s) rho tau t).
Proof.
  induction t; intros s; cbn [occurs defined]; intros O; repeat (apply orb_false_iff in O; destruct O as [O ?]);
    rewrite ?IHt, ?IHt1, ?IHt2, ?(entries_eval rho tau t s), ?(entries_eval rho tau t1 s), ?(entries_eval rho tau t2 s)
    by assumption; try tauto.
  - destruct (decide r (@eval (at_m' s) rho tau t1)); rewrite ?IHt2, ?IHt3 by assumption; tauto.
  - refine (all_ext _ _ (occurs var tan) l _ H); refine (Forall_impl _ _ each); auto.
  - split; (intros (X & Y & Z); split; [exact X |]; split; [exact Y |]); intros k K; specialize (Z k K);
      apply (IHt2 (INR k :: s)); assumption.
Qed.
End Entries.

Section Cited.
Context {cited : Interpretation}.

Lemma at_here : at_entries here = cited.
Proof.
  destruct cited as [app m s]; unfold at_entries, here; cbn; f_equal; extensionality moving; extensionality x.
  extensionality l; destruct moving; reflexivity.
Qed.

Lemma function_here t rho : entry_function t rho here = eval rho still_env t.
Proof. unfold entry_function; rewrite at_here; reflexivity. Qed.

(** Tangents do not matter where there are none. *)
Lemma tangents_eval q rho tau t : moves t = false -> @eval (at_tangents q) rho tau t = eval rho tau t.
Proof.
  intros M; destruct cited as [app m s]; refine (entries_eval none every app _ m _ _ rho tau t s M);
    [reflexivity | discriminate].
Qed.

Lemma tangents_holds q rho tau l : moves (snd l) = false -> holds rho tau l -> @holds (at_tangents q) rho tau l.
Proof. intros M; unfold holds; rewrite tangents_eval by exact M; auto. Qed.

(** Valid for all values of entries. *)
Definition valid_anywhere (th : theorem) : Prop :=
  forall m, @valid {| app_value := app_value; entry_value := m; indices := indices |} th.

(** What a theorem says for all tangents of families. *)
Lemma all_tangents th rho : valid_anywhere th -> (forall tau, all_hold rho tau (hyps th)) ->
  forall q tau, @conclusion_at (at_tangents q) (concl th) rho tau.
Proof.
  intros V A q tau; specialize (V (fun moving x l => if moving then q (x, l) else entry_value false x l)).
  apply (@valid_at (at_tangents q) th rho tau V); intros l I; apply tangents_holds;
    [exact (proj1 V l I) | exact (A tau l I)].
Qed.

Section Varying.
Variable V : list name.
Let varies x := member x V.

Lemma still_function t rho F r p :
  still V t = true -> Families.close varies F r here p -> entry_function t rho p = eval rho still_env t.
Proof.
  intros S C; rewrite <- function_here; apply negb_true_iff in S.
  refine (entries_eval (fun x => member x V) none app_value _ _ _ _ rho still_env t indices S); [| reflexivity].
  intros x l N; specialize (C (x, l)); cbn [fst] in C; unfold varies in C; rewrite N in C; exact C.
Qed.

Lemma still_exist t rho F r p :
  still V t = true -> Families.close varies F r here p -> defined rho still_env t -> entries_exist t rho p.
Proof.
  intros S C D; rewrite <- at_here in D; apply negb_true_iff in S.
  refine (proj1 (entries_defined (fun x => member x V) none app_value _ _ _ _ rho still_env t indices S) D);
    [| reflexivity].
  intros x l N; specialize (C (x, l)); cbn [fst] in C; unfold varies in C; rewrite N in C; symmetry; exact C.
Qed.

Lemma family_still t rho : still V t = true -> defined rho still_env t -> family_local_at V t (Some zero) rho.
Proof.
  intros S D; split; [| split].
  - apply Families.nearby_always; intros F r p C; exact (still_exist t rho F r p S C D).
  - apply Families.continuous_still; intros F r p C; rewrite (still_function t rho F r p S C), function_here;
      reflexivity.
  - apply (Families.derivative_ext _ _ _ (fun _ => 0)); [intros q; symmetry; apply (@eval_zero (at_tangents q)) |].
    apply Families.derivative_still; intros F r p C; rewrite (still_function t rho F r p S C), function_here;
      reflexivity.
Qed.

Lemma family_entry x l rho : moves (Entry false x l) = false -> still V (Entry false x l) = false ->
  forallb (still V) l = true ->
  (forall a, In a l -> defined rho still_env a) -> family_local_at V (Entry false x l) (Some (Entry true x l)) rho.
Proof.
  intros Mv S L D; rewrite forallb_forall in L.
  assert (varies x = true) as M.
  { unfold still in S; apply negb_false_iff in S; cbn [occurs] in S; apply orb_prop in S; destruct S as [S | S];
      [exact S |].
    apply existsb_exists in S; destruct S as (a & I & O); specialize (L a I); unfold still in L; rewrite O in L;
      discriminate. }
  set (e := (x, map (eval rho still_env) l)).
  assert (forall F r p, Families.close varies F r here p -> entry_function (Entry false x l) rho p = p e) as E.
  { intros F r p C; unfold entry_function; cbn [eval entry_value at_entries]; unfold e; f_equal; f_equal.
    apply map_ext_in; intros a I; exact (still_function a rho F r p (L a I) C). }
  assert (Families.nearby varies here (fun p => entry_function (Entry false x l) rho p = p e)) as N
    by (apply Families.nearby_always; exact E).
  split; [| split].
  - apply Families.nearby_always; intros F r p C; unfold entries_exist; cbn [defined].
    assert (forall a, In a l -> @defined (at_entries p) rho still_env a) as A
      by (intros a I; exact (still_exist a rho F r p (L a I) C (D a I))).
    clear - A; induction l as [| a l IH]; cbn [fold_right]; [exact I |]; split; [apply A; left; reflexivity |].
    apply IH; intros b J; apply A; right; exact J.
  - apply (Families.continuous_local _ _ _ _ N), Families.continuous_entry; exact M.
  - apply (Families.derivative_local _ _ _ _ _ N).
    refine (Families.derivative_ext _ _ _ _ _ _ (Families.derivative_entry varies e here M)); intros q.
    cbn [eval entry_value at_tangents]; unfold e; f_equal; f_equal; apply map_ext_in; intros a I.
    symmetry; apply tangents_eval; unfold moves in *; cbn [occurs] in Mv; destruct (occurs none every a) eqn:O;
      [| reflexivity].
    rewrite <- Mv; symmetry; apply existsb_exists; exists a; auto.
Qed.

Lemma family_add a b x y rho :
  family_local_at V a x rho -> family_local_at V b y rho -> family_local_at V (Add a b) (plus_rate x y) rho.
Proof.
  intros (A & C & D) (A' & C' & D'); split; [| split].
  - exact (Families.nearby_and _ _ _ _ A A').
  - exact (Families.continuous_add _ _ _ _ C C').
  - destruct x as [x |]; [| exact I]; destruct y as [y |]; [| exact I].
    destruct (plus_rate (Some x) (Some y)) as [z |] eqn:E; [| exact I].
    refine (Families.derivative_ext _ _ _ _ _ _ (Families.derivative_add _ _ _ _ _ _ D D')); intros q.
    pose proof (@plus_rate_value (at_tangents q) rho still_env x y) as P; rewrite E in P; symmetry; exact P.
Qed.

Lemma family_mul a b x y rho : moves a = false -> moves b = false ->
  family_local_at V a x rho -> family_local_at V b y rho ->
  family_local_at V (Mul a b) (plus_rate (times_rate x (Some b)) (times_rate (Some a) y)) rho.
Proof.
  intros Ma Mb (A & C & D) (A' & C' & D'); split; [| split].
  - exact (Families.nearby_and _ _ _ _ A A').
  - exact (Families.continuous_mul _ _ _ _ C C').
  - destruct x as [x |]; [| exact I]; destruct y as [y |].
    2: { change (times_rate (Some a) None) with (@None term); destruct (times_rate (Some x) (Some b)); exact I. }
    destruct (times_rate (Some x) (Some b)) as [p |] eqn:P; [| exact I].
    destruct (times_rate (Some a) (Some y)) as [w |] eqn:Q; [| exact I].
    destruct (plus_rate (Some p) (Some w)) as [z |] eqn:E; [| exact I].
    refine (Families.derivative_ext _ _ _ _ _ _ (Families.derivative_mul _ _ _ _ _ _ D D')); intros q; cbv beta.
    pose proof (@plus_rate_value (at_tangents q) rho still_env p w) as X; rewrite E in X; rewrite X.
    pose proof (@times_rate_value (at_tangents q) rho still_env x b) as Y; rewrite P in Y; rewrite Y.
    pose proof (@times_rate_value (at_tangents q) rho still_env a y) as Z; rewrite Q in Z; rewrite Z.
    rewrite !function_here, (tangents_eval q rho still_env a Ma), (tangents_eval q rho still_env b Mb); reflexivity.
Qed.

(** A function of one operand. *)
Lemma family_comp (g : R -> R) a t d x rho :
  (forall p, entry_function t rho p = g (entry_function a rho p)) ->
  Families.nearby varies here (fun p => entries_exist a rho p -> entries_exist t rho p) ->
  is_derive g (eval rho still_env a) (eval rho still_env d) -> moves d = false ->
  family_local_at V a x rho -> family_local_at V t (times_rate (Some d) x) rho.
Proof.
  intros G N H M (A & C & D); rewrite <- (function_here a) in H; split; [| split].
  - refine (Families.nearby_impl _ _ _ _ _ (Families.nearby_and _ _ _ _ N A)); intros p (X & Y); exact (X Y).
  - refine (Families.continuous_local _ _ (fun r => g (entry_function a rho r)) _ _ _);
      [apply Families.nearby_always; auto |].
    apply Families.continuous_comp; [| exact C]; apply derivable_continuous_pt; exists (eval rho still_env d);
      apply is_derive_Reals; exact H.
  - destruct x as [x |]; [| exact I]; destruct (times_rate (Some d) (Some x)) as [z |] eqn:E; [| exact I].
    apply (Families.derivative_local _ _ (fun r => g (entry_function a rho r))); [apply Families.nearby_always; auto |].
    refine (Families.derivative_ext _ _ _ _ _ _ (Families.derivative_comp _ g _ _ _ _ H D)); intros q.
    pose proof (@times_rate_value (at_tangents q) rho still_env d x) as P; rewrite E in P; rewrite P.
    rewrite (tangents_eval q rho still_env d M); reflexivity.
Qed.

(** Where a primitive function is smooth it is defined nearby. *)
Lemma family_domain f a rho :
  Families.continuous_at varies (entry_function a rho) here ->
  (forall l, smooth_where f a = Some l -> holds rho still_env l) ->
  Families.nearby varies here (fun p => in_domain f (entry_function a rho p)).
Proof.
  intros C S; destruct f; cbn [in_domain]; try (apply Families.nearby_always; intros; exact I).
  - apply Families.continuous_nonzero; [exact C |]; rewrite function_here; exact (S _ eq_refl).
  - apply Families.continuous_positive; [exact C |]; rewrite function_here; exact (S _ eq_refl).
  - assert (entry_function a rho here > 0) as P by (rewrite function_here; exact (S _ eq_refl)).
    refine (Families.nearby_impl _ _ _ _ _ (Families.continuous_positive _ _ _ C P)); intros p Q; lra.
Qed.

(** A conditional whose guard does not change nearby is its branch. *)
Lemma family_decided r g a b (yes : bool) d rho :
  Families.nearby varies here (entries_exist g rho) ->
  Families.nearby varies here
    (fun p => if yes then related r (entry_function g rho p) else ~ related r (entry_function g rho p)) ->
  family_local_at V (if yes then a else b) d rho -> family_local_at V (Cond r g a b) d rho.
Proof.
  intros G Y (A & C & D).
  assert (Families.nearby varies here
    (fun p => entry_function (Cond r g a b) rho p = entry_function (if yes then a else b) rho p)) as E.
  { refine (Families.nearby_impl _ _ _ _ _ Y); intros p H; unfold entry_function in *; cbn [eval].
    destruct yes, (decide r _); try reflexivity; contradiction. }
  split; [| split].
  - refine (Families.nearby_impl _ _ _ _ _ (Families.nearby_and _ _ _ _ G (Families.nearby_and _ _ _ _ Y A))).
    intros p (U & H & W); unfold entries_exist, entry_function in *; cbn [defined]; split; [exact U |].
    destruct yes, (decide r _); try assumption; contradiction.
  - exact (Families.continuous_local _ _ _ _ E C).
  - destruct d as [d |]; [| exact I]; exact (Families.derivative_local _ _ _ _ _ E D).
Qed.

Lemma family_decided_sound ps r g th yes rho :
  decided V ps r g = Some (th, yes) -> In th ps /\
  ((forall tau, conclusion_at (concl th) rho tau) -> Families.continuous_at varies (entry_function g rho) here ->
   Families.nearby varies here
     (fun p => if yes then related r (entry_function g rho p) else ~ related r (entry_function g rho p))).
Proof.
  unfold decided; destruct (still V g) eqn:S.
  - destruct (find_holds ps r g) as [p |] eqn:F.
    + intros E; injection E as <- <-; apply find_holds_sound in F; destruct F as (I & F); split; [exact I |].
      intros K _; apply Families.nearby_always; intros G s p' C; rewrite (still_function g rho G s p' S C);
        exact (F rho still_env (K still_env)).
    + intros E; open E; injection E as <- <-; apply find_holds_sound in E0; destruct E0 as (I & G); split; [exact I |].
      intros K _; apply Families.nearby_always; intros F' s p' C; rewrite (still_function g rho F' s p' S C).
      specialize (G rho still_env (K still_env)); rewrite <- surjective_pairing in G; apply holds_negation in G;
        exact G.
  - destruct (find_holds ps Positive g) as [p |] eqn:F; [| destruct (find_holds ps Positive (neg g)) as [p |] eqn:G].
    + intros E; injection E as <- <-; apply find_holds_sound in F; destruct F as (I & F); split; [exact I |].
      intros K C; pose proof (F rho still_env (K still_env)) as P; unfold holds in P; cbn [fst snd related] in P.
      rewrite <- function_here in P; refine (Families.nearby_impl _ _ _ _ _ (Families.continuous_positive _ _ _ C P)).
      intros p' Q; exact (taken_value r _ true Q).
    + intros E; injection E as <- <-; apply find_holds_sound in G; destruct G as (I & G); split; [exact I |].
      intros K C; pose proof (G rho still_env (K still_env)) as P; unfold holds in P; cbn [fst snd related] in P;
        rewrite eval_neg, <- function_here in P.
      assert (Families.continuous_at varies (fun p' => - entry_function g rho p') here) as C'.
      { refine (Families.continuous_comp _ (fun u => - u) _ _ _ C);
        apply derivable_continuous_pt, derivable_pt_opp, derivable_pt_id. }
      refine (Families.nearby_impl _ _ _ _ _ (Families.continuous_positive _ _ _ C' P)); intros p' Q.
      exact (taken_value r _ false Q).
    + intros E; open E; injection E as <- <-; apply find_holds_sound in E1; destruct E1 as (I & H); split; [exact I |].
      intros K C; pose proof (H rho still_env (K still_env)) as P; unfold holds in P; cbn [fst snd related] in P.
      rewrite <- function_here in P; refine (Families.nearby_impl _ _ _ _ _ (Families.continuous_nonzero _ _ _ C P)).
      intros p' Q; exact (taken_nonzero r _ E0 Q).
Qed.

Lemma find_family_sound ps t th d :
  find_family ps V t = Some (th, d) -> In th ps /\ concl th = FamilyLocal V t d.
Proof.
  unfold find_family; destruct (find _ ps) eqn:F; [| discriminate]; apply find_some in F; destruct F as (I & P).
  destruct (concl t0) eqn:C; try discriminate; intros E; injection E as <- <-; split; [exact I |].
  apply andb_prop in P; destruct P as (P & Q); apply same_names_eq in P; apply same_eq in Q; congruence.
Qed.

Lemma define_all_sound ps l used :
  define_all ps l = Some used ->
  incl used ps /\ forall rho, known used rho -> forall tau a, In a l -> defined rho tau a.
Proof.
  revert used; induction l as [| a l IH]; cbn [define_all]; intros used H;
    [found H; split; [intros ? [] | intros rho _ tau b []] |].
  open H; found H; apply define_sound in E; destruct E as (I & A), (IH _ eq_refl) as (J & B).
  split; [apply incl_app; assumption |]; intros rho K tau b [<- | M]; apply known_app in K; destruct K; auto.
Qed.

Theorem family_rate_sound ps t d used :
  moves t = false -> family_rate V ps t = Some (d, used) ->
  incl used ps /\ forall rho, known used rho -> family_local_at V t d rho.
Proof.
  revert d used; induction t; intros d used M H; cbn [family_rate] in H;
    (destruct (find_family ps V _) as [[th d'] |] eqn:F;
     [(apply pair_some in H; destruct H as [<- <-]); apply find_family_sound in F; destruct F as (I & F); split;
       [intros ? [<- | []]; exact I |]; intros rho A; pose proof (A th (or_introl eq_refl) still_env) as C;
      rewrite F in C; exact C |]);
    (match type of H with (if ?b then _ else _) = _ => destruct b eqn:S end;
     [open H; (apply pair_some in H; destruct H as [<- <-]);
       match goal with E : define _ _ = Some _ |- _ => apply define_sound in E; destruct E as (I & E) end;
      split; [exact I |]; intros rho A; apply family_still; [exact S |];
      match goal with E : forall rho, _ |- _ => exact (E rho A still_env) end |]);
    try discriminate; clear F.
  - unfold moves in M; cbn [occurs] in M; apply orb_false_iff in M; destruct M as (M & N).
    open H; (apply pair_some in H; destruct H as [<- <-]); destruct v as [x u], v0 as [y w]; cbn [fst snd].
    destruct (IHt1 _ _ M eq_refl) as (I & A), (IHt2 _ _ N eq_refl) as (J & B); split; [apply incl_app; assumption |].
    intros rho K; apply known_app in K; destruct K; apply family_add; auto.
  - unfold moves in M; cbn [occurs] in M; apply orb_false_iff in M; destruct M as (M & N).
    open H; (apply pair_some in H; destruct H as [<- <-]); destruct v as [x u], v0 as [y w]; cbn [fst snd].
    destruct (IHt1 _ _ M eq_refl) as (I & A), (IHt2 _ _ N eq_refl) as (J & B); split; [apply incl_app; assumption |].
    intros rho K; apply known_app in K; destruct K; apply family_mul; auto.
  - open H; (apply pair_some in H; destruct H as [<- <-]); destruct v as [x u]; cbn [fst snd];
      destruct (IHt _ _ M eq_refl) as (I & A); split; [exact I |].
    intros rho K; refine (family_comp (fun v => v ^ Pos.to_nat n) t _ _ x rho _ _ _ _ (A rho K)).
    + reflexivity.
    + apply Families.nearby_always; intros G r p _ D; exact D.
    + apply negb_true_iff, Pos.eqb_neq in E0.
      assert (Pos.to_nat n = Datatypes.S (Pos.to_nat (Pos.pred n))) as P by (rewrite Pos2Nat.inj_pred by lia; lia).
      replace (eval rho still_env (Mul (rat (Zpos n)) (if Pos.eqb n 2 then t else Pow t (Pos.pred n))))
        with (INR (Pos.to_nat n) * eval rho still_env t ^ pred (Pos.to_nat n)).
      * apply is_derive_Reals, derivable_pt_lim_pow.
      * rewrite P at 2; cbn [pred eval]; change (Q2R (inject_Z (Zpos n))) with (eval rho still_env (rat (Zpos n))).
        rewrite eval_rat, INR_IZR_INZ, positive_nat_Z; f_equal; destruct (Pos.eqb_spec n 2) as [-> |]; [| reflexivity].
        change (Pos.to_nat (Pos.pred 2)) with 1%nat; apply pow_1.
    + unfold moves in *; cbn [occurs]; destruct (Pos.eqb n 2); exact M.
  - open H; destruct v as [x u]; cbn [fst snd] in H; destruct (IHt _ _ M eq_refl) as (I & A); cbv zeta in H.
    assert (forall rho, known u rho -> (forall l, smooth_where f t = Some l -> holds rho still_env l) ->
      family_local_at V (Un f t) (times_rate (Some (derivative_term f t)) x) rho) as Smooth.
    { intros rho K L; specialize (A rho K).
      refine (family_comp (apply f) t _ _ x rho _ _ _ (moves_derivative f t M) A); [reflexivity | |].
      - refine (Families.nearby_impl _ _ _ _ _ (family_domain f t rho (proj1 (proj2 A)) L)).
        intros p D X; exact (conj X D).
      - apply derivative_term_value; exact L. }
    destruct (smooth_where f t) as [[r v] |] eqn:SW; open H; (apply pair_some in H; destruct H as [<- <-]).
    + apply find_holds_sound in E0; destruct E0 as (J & G); split; [intros y [<- | Y]; auto |].
      intros rho K; apply known_cons in K; destruct K as (K & L); apply Smooth; [exact L |].
      intros l E1; injection E1 as <-; exact (G rho still_env (K still_env)).
    + split; [exact I |]; intros rho K; apply Smooth; [exact K | discriminate].
  - unfold moves in M; cbn [occurs] in M; apply orb_false_iff in M; destruct M as (M & M3);
      apply orb_false_iff in M; destruct M as (M1 & M2).
    open H; destruct v as [x u], v0 as [th yes], v1 as [y w]; cbn [fst snd] in *.
    (apply pair_some in H; destruct H as [<- <-]); destruct (IHt1 _ _ M1 eq_refl) as (I & A).
    assert (incl w ps /\ forall rho, known w rho -> family_local_at V (if yes then t2 else t3) y rho) as (L & B).
    { destruct yes; [exact (IHt2 _ _ M2 E1) | exact (IHt3 _ _ M3 E1)]. }
    pose proof (fun rho => family_decided_sound ps r t1 th yes rho E0) as D.
    split; [intros z [<- | Z]; [exact (proj1 (D still_env)) | revert z Z; apply incl_app; assumption] |].
    intros rho K; apply known_cons in K; destruct K as (K & K'); apply known_app in K'; destruct K' as (K' & K'').
    destruct (A rho K') as (X & C & _); apply (family_decided r t1 t2 t3 yes y rho X); [| exact (B rho K'')].
    apply (proj2 (D rho)); [exact K | exact C].
  - destruct moving; [discriminate |]; open H; (apply pair_some in H; destruct H as [<- <-]).
    apply define_all_sound in E0; destruct E0 as (I & D); split; [exact I |]; intros rho K.
    apply family_entry; try assumption; exact (D rho K still_env).
Qed.
End Varying.
End Cited.
