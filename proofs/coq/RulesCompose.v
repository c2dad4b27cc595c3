(** Compositions: [side_chain] and [side_compose] of [proofs/kernel/sides.py],
  and [chain] of [proofs/kernel/local.py]. *)

From Coq Require Import Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisBasics AnalysisDerivatives AnalysisSides AnalysisCompose.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Calculus Lines Polynomial Theorems.
From Hasderiv Require Import RulesLogic RulesLocal RulesNear RulesSide.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

Section Cited.
Context {cited : Interpretation}.

(** ** side_chain *)

Definition rule_side_chain (outer inner : theorem) (support : theorems) : option theorem :=
  g <- held_side outer ;;
  u <- held_side inner ;;
  match g, u with
  | (w, onward, e, l, c), (x, onward', t, m, Some true) =>
      when still [x] e && still [w] t && negb (moves t) ;;
      sg <- sign_of m (rev support) ;;
      when Bool.eqb onward (Bool.eqb onward' (fst sg)) ;;
      answer <- match l, m with
                | FiniteSlope l, FiniteSlope m => Some (FiniteSlope (Mul (substitute [(w, t)] [] l) m))
                | FiniteSlope _, _ => None
                | PlusInfinity, _ => Some (infinity_of (fst sg))
                | MinusInfinity, _ => Some (infinity_of (negb (fst sg)))
                end ;;
      plugged (Side x onward' (substitute [(w, t)] [] e) answer c) outer [(w, t)] (inner :: snd sg)
  | _, _ => None
  end.

Lemma direction_eqb a b : direction (Bool.eqb a b) = direction a * direction b.
Proof. destruct a, b; cbn [Bool.eqb direction]; ring. Qed.

(** A composition, as a function of the symbol of the inner term. *)
Lemma composed_line w e x t rho y :
  still [x] e = true ->
  line (value (substitute [(w, t)] [] e)) rho x y = value e (set rho w (line (value t) rho x y)).
Proof.
  intros S; unfold line, value; rewrite eval_substitute, plug_one.
  change (plug [] (set rho x y) still_env still_env) with still_env.
  set (v := eval (set rho x y) still_env t).
  apply (still_eval [x] (Rabs (y - rho x)) (set rho w v)); [exact S |]; intros z; rewrite member_one.
  destruct (Pos.eqb_spec z x) as [-> | N].
  - destruct (Pos.eqb_spec x w) as [-> | D]; [rewrite !set_same; replace (v - v) with 0 by ring; rewrite Rabs_R0;
    apply Rabs_pos |].
    rewrite !(set_other _ w) by exact D; rewrite set_same; apply Rle_refl.
  - destruct (Pos.eqb_spec z w) as [-> | D]; [rewrite !set_same; reflexivity |].
    rewrite !set_other by assumption; reflexivity.
Qed.

Lemma composed_defined w e x t rho y :
  still [x] e = true -> exists_at t (set rho x y) -> exists_at e (set rho w (line (value t) rho x y)) ->
  exists_at (substitute [(w, t)] [] e) (set rho x y).
Proof.
  intros S T D; unfold exists_at in *; apply defined_substitute; [| discriminate |].
  - intros z u; cbn [lookup]; destruct (Pos.eqb z w); intros E; [injection E as <-; exact T | discriminate].
  - rewrite plug_one; change (plug [] (set rho x y) still_env still_env) with still_env.
    unfold line, value in D; set (v := eval (set rho x y) still_env t) in *.
    apply (still_defined [x] (Rabs (y - rho x)) (set rho w v)); [exact S | | exact D]; intros z; rewrite member_one.
    destruct (Pos.eqb_spec z x) as [-> | N].
    + destruct (Pos.eqb_spec x w) as [-> | E]; [rewrite !set_same; replace (v - v) with 0 by ring; rewrite Rabs_R0;
      apply Rabs_pos |].
      rewrite !(set_other _ w) by exact E; rewrite set_same; apply Rle_refl.
    + destruct (Pos.eqb_spec z w) as [-> | E]; [rewrite !set_same; reflexivity |].
      rewrite !set_other by assumption; reflexivity.
Qed.

Lemma shortly_line x onward rho (P : env -> Prop) :
  Semantics.shortly (fun h => P (shift rho x (direction onward * h))) <->
  AnalysisSides.shortly (fun h => P (set rho x (rho x + direction onward * h))).
Proof.
  split; intros (d & D & A); exists d; (split; [exact D |]); intros h H; specialize (A h H);
    rewrite shift_set in *; exact A.
Qed.

Lemma jumps_line f x onward rho : jumps_beside f x onward rho <-> jumps (line f rho x) (rho x) (direction onward).
Proof.
  unfold jumps_beside, jumps; split; intros (gap & G & d & D & A); exists gap; (split; [exact G |]); exists d;
    (split; [exact D |]);
    intros h H; specialize (A h H); rewrite change_line in *; exact A.
Qed.

Theorem side_chain_valid outer inner support r :
  rule_side_chain outer inner support = Some r -> valid outer -> valid inner -> all_valid support -> valid r.
Proof.
  unfold rule_side_chain; intros H V W Y; open H.
  destruct v as [[[[w onward] e] l] c], v0 as [[[[x onward'] t] m] [[|] |]]; try discriminate; open H.
  apply andb_prop in E1; destruct E1 as (E1 & Mt); apply andb_prop in E1; destruct E1 as (Se & St);
    apply negb_true_iff in Mt.
  destruct v as [up used]; cbn [fst snd] in *; apply sign_of_sound in E2; destruct E2 as (I & Sg).
  pose proof (all_valid_incl _ _ I (all_valid_rev _ Y)) as U; apply eqb_prop in E3; subst onward.
  apply held_side_concl in E; apply held_side_concl in E0.
  apply (plugged_valid _ _ _ _ _ H V); [apply all_valid_cons; split; assumption |]; intros rho tau K C.
  apply known_cons in K; destruct K as (K & L); specialize (K tau); rewrite E0 in K; cbn [conclusion_at] in *.
  specialize (C tau); rewrite E, plug_one in C; cbn [conclusion_at] in C;
    rewrite (eval_moves rho tau still_env t Mt) in C.
  fold (value t rho) in C; set (rho1 := set rho w (value t rho)) in *; specialize (Sg rho L tau).
  destruct K as (K1 & K2 & K3 & K4), C as (C1 & C2 & C3 & C4).
  set (f := fun v => value e (set rho w v)); set (g := line (value t) rho x).
  assert (g (rho x) = value t rho) as Gx by (unfold g, line; rewrite set_here; reflexivity).
  assert (forall y, line (value (substitute [(w, t)] [] e)) rho x y = f (g y)) as Whole.
  { intros y; exact (composed_line w e x t rho y Se). }
  assert (line (value (substitute [(w, t)] [] e)) rho x = fun y => f (g y)) as Line by (extensionality y; apply Whole).
  assert (line (value e) rho1 w = f) as F.
  { extensionality v; unfold line, f, rho1; rewrite set_set; reflexivity. }
  assert (rho1 w = g (rho x)) as At by (unfold rho1; rewrite set_same, Gx; reflexivity).
  apply quotient_slopes in K3; fold g in K3; apply beside_joins in K4; fold g in K4.
  apply quotient_slopes in C3; rewrite F, At, direction_eqb in C3; unfold slope_has_sign in Sg.
  pose proof (direction_sign onward') as S1; pose proof (direction_sign up) as S2.
  split; [| split; [| split]].
  - assert (exists_at (substitute [(w, t)] [] e) (set rho x (rho x))) as D; [| rewrite set_here in D; exact D].
    apply composed_defined; [exact Se | rewrite set_here; exact K1 |]; fold g; rewrite Gx; exact C1.
  - apply shortly_line.
    assert (AnalysisSides.shortly (fun h => exists_at e (set rho w (g (rho x + direction onward' * h))))) as D.
    { apply (shortly_chain g (rho x) (direction onward') (direction up) S1 S2 (fun v => exists_at e (set rho w v))
      _ K4 K3 Sg).
      apply shortly_line in C2; rewrite At, direction_eqb in C2; unfold rho1 in C2.
      apply shortly_weaken with (2 := C2); intros h _ P; rewrite set_set in P; exact P. }
    apply shortly_line in K2; apply shortly_weaken with (2 := shortly_and _ _ K2 D); intros h _ (P & Q).
    apply composed_defined; assumption.
  - apply quotient_slopes; rewrite Line; destruct l as [l | |]; [destruct m as [m | |]; try discriminate | |];
      apply some_inj in E4; destruct E4; cbn [to_rbar] in *.
    + cbn [eval]; rewrite eval_substitute, plug_one, (eval_moves rho tau still_env t Mt); fold (value t rho); fold rho1.
      change (plug [] rho tau tau) with tau; exact (slopes_chain f g _ _ _ S1 S2 _ _ C3 K3 Sg).
    + pose proof (slopes_chain_infinite f g _ _ _ S1 S2 _ _ (or_introl eq_refl) K4 C3 K3 Sg) as R.
      unfold turned in R; destruct up; cbn [direction infinity_of to_rbar] in *; destruct (Rlt_dec 0 _); try lra;
        exact R.
    + pose proof (slopes_chain_infinite f g _ _ _ S1 S2 _ _ (or_intror eq_refl) K4 C3 K3 Sg) as R.
      unfold turned in R; destruct up; cbn [direction infinity_of negb to_rbar] in *; destruct (Rlt_dec 0 _);
        try lra; exact R.
  - destruct c as [[|] |]; [| | exact Logic.I].
    + apply beside_joins; rewrite Line; apply beside_joins in C4; rewrite F, At, direction_eqb in C4.
      exact (joins_chain f g _ _ _ S1 S2 _ C4 K4 K3 Sg).
    + apply jumps_line; rewrite Line; apply jumps_line in C4; rewrite F, At, direction_eqb in C4.
      exact (jumps_chain f g _ _ _ S1 S2 _ C4 K4 K3 Sg).
Qed.

(** ** side_compose *)

Definition only (V : list name) (x w : name) : bool :=
  same_names (filter (fun y => negb (Pos.eqb y x)) V) [w].

Definition rule_side_compose (outer : theorem) (w : name) (inner : theorem) (support : theorems) : option theorem :=
  g <- held_local outer ;;
  u <- held_side inner ;;
  match g, u with
  | (V, e, Some d), (x, onward, t, m, Some true) =>
      when only V x w && still [w] t && negb (moves t) ;;
      when member x V || still [x] e ;;
      let answer :=
        match m with
        | FiniteSlope m => Some (FiniteSlope (substitute [(w, t)] [(w, m); (x, one)] d), [])
        | _ =>
            sg <- sign_of (FiniteSlope (substitute [(w, t)] [(w, one); (x, zero)] d)) (rev support) ;;
            Some (infinity_of (Bool.eqb (fst sg) match m with PlusInfinity => true | _ => false end), snd sg)
        end in
      a <- answer ;;
      plugged (Side x onward (substitute [(w, t)] [] e) (fst a) (Some true)) outer [(w, t)] (inner :: snd a)
  | _, _ => None
  end.

Lemma only_members V x w : only V x w = true -> w <> x /\ In w V /\ forall y, In y V -> y = w \/ y = x.
Proof.
  unfold only; intros E; apply same_names_eq in E.
  assert (forall y, In y V /\ y <> x <-> y = w) as A.
  { intros y; assert (In y (filter (fun y => negb (Pos.eqb y x)) V) <-> In y V /\ y <> x) as Q.
    { rewrite filter_In; rewrite negb_true_iff, Pos.eqb_neq; tauto. }
    rewrite <- Q, E; simpl; split; [intros [<- | []]; reflexivity | auto]. }
  split; [exact (proj2 (proj2 (A w) eq_refl)) |]; split; [exact (proj1 (proj2 (A w) eq_refl)) |].
  intros y I; destruct (Pos.eq_dec y x) as [-> | N]; [right; reflexivity | left; apply A; auto].
Qed.

Section Two.
Variables (V : list name) (x w : name) (e : term) (rho : env) (L : env -> R).
Hypothesis N : w <> x.
Hypothesis W : In w V.
Hypothesis Only : forall y, In y V -> y = w \/ y = x.
Hypothesis Free : member x V || still [x] e = true.
Variable v0 : R.
Let rho1 := set rho w v0.
Hypothesis D : derivative_at V (value e) rho1 L.

(** [e] as a function of two numbers. *)
Definition two (v y : R) : R := value e (set (set rho x y) w v).

Definition rate_x : R := if member x V then L (unit x) else 0.

Lemma two_linear t : L t = L (unit w) * t w + rate_x * t x.
Proof.
  clear Free; destruct D as (A & _); unfold rate_x; destruct (member x V) eqn:M.
  - rewrite (Rmult_comm (L (unit w))), (Rmult_comm (L (unit x))).
    rewrite <- !(linear_scale V L A), <- (linear_plus V L A); apply (linear_same V L _ _ A); intros y I; unfold unit.
    destruct (Only y I) as [-> | ->]; rewrite ?set_same, ?(set_other _ x) by congruence;
      rewrite ?(set_other _ w) by congruence;
      unfold still_env; ring.
  - rewrite Rmult_0_l, Rplus_0_r, (Rmult_comm (L (unit w))), <- (linear_scale V L A);
    apply (linear_same V L _ _ A); intros y I.
    destruct (Only y I) as [-> | ->]; [unfold unit; rewrite set_same; ring | apply member_in in I; congruence].
Qed.

Lemma two_differentiable : differentiable_pt_lim two v0 (rho x) (L (unit w)) rate_x.
Proof.
  intros eps; destruct D as (A & B); destruct (B eps (cond_pos eps)) as (d & P & Q); exists (mkposreal d P); cbn [pos].
  intros v y Hv Hy.
  assert (two v0 (rho x) = value e rho1) as Here by (unfold two, rho1; rewrite set_here; reflexivity).
  set (r := Rmax (Rabs (v - v0)) (Rabs (y - rho x))).
  assert (0 <= r <= d) as R by (unfold r; split; [eapply Rle_trans;
    [apply Rabs_pos | apply Rmax_l] | apply Rmax_lub; lra]).
  pose proof (Rmax_l (Rabs (v - v0)) (Rabs (y - rho x))) as Ml;
    pose proof (Rmax_r (Rabs (v - v0)) (Rabs (y - rho x))) as Mr; fold r in Ml, Mr.
  rewrite Here; assert (member x V = true \/ member x V = false) as [M | M] by (destruct (member x V); auto).
  - assert (close V r rho1 (set (set rho x y) w v)) as C.
    { intros z; unfold rho1; destruct (member z V) eqn:Z.
      - apply member_in in Z; destruct (Only z Z) as [-> | ->]; [rewrite !set_same; exact Ml |].
        rewrite !(set_other _ w) by congruence; rewrite set_same; exact Mr.
      - destruct (Pos.eq_dec z w) as [-> | Zw]; [apply member_in in W; congruence |].
        destruct (Pos.eq_dec z x) as [-> | Zx]; [congruence |]; rewrite !set_other by assumption; reflexivity. }
    specialize (Q r _ R C); rewrite two_linear in Q; unfold rho1 in Q;
      rewrite !set_same, !(set_other _ w) in Q by congruence.
    rewrite set_same in Q; exact Q.
  - rewrite M in Free; cbn [orb] in Free.
    assert (two v y = value e (set rho w v)) as Flat.
    { unfold two, value; apply (still_eval [x] (Rabs (y - rho x)) (set rho w v)); [exact Free |]; intros z;
      rewrite member_one.
      destruct (Pos.eqb_spec z x) as [-> | Zx]; [rewrite !(set_other _ w) by congruence; rewrite set_same;
        apply Rle_refl |].
      destruct (Pos.eq_dec z w) as [-> | Zw]; [rewrite !set_same; reflexivity | rewrite !set_other by assumption;
        reflexivity]. }
    assert (close V r rho1 (set rho w v)) as C.
    { intros z; unfold rho1; destruct (member z V) eqn:Z.
      - apply member_in in Z; destruct (Only z Z) as [-> | ->]; [rewrite !set_same;
        exact Ml | apply member_in in Z; congruence].
      - destruct (Pos.eq_dec z w) as [-> | Zw]; [apply member_in in W;
        congruence | rewrite !set_other by assumption; reflexivity]. }
    specialize (Q r _ R C); rewrite two_linear in Q; unfold rho1 in Q; rewrite !set_same in Q; unfold rate_x in *;
      rewrite M in *.
    rewrite Flat, Rmult_0_l; rewrite Rmult_0_l in Q; exact Q.
Qed.
End Two.

Theorem side_compose_valid outer w inner support r :
  rule_side_compose outer w inner support = Some r -> valid outer -> valid inner -> all_valid support -> valid r.
Proof.
  unfold rule_side_compose; intros H Vo Vi Y; open H.
  destruct v as [[V e] [d |]], v0 as [[[[x onward] t] m] [[|] |]]; try discriminate; open H; cbv zeta in H.
  apply andb_prop in E1; destruct E1 as (E1 & Mt); apply andb_prop in E1; destruct E1 as (On & St);
    apply negb_true_iff in Mt.
  destruct (only_members V x w On) as (N & W & Members); apply held_local_concl in E; apply held_side_concl in E0.
  rename E3 into An; destruct v as [s used]; cbn [fst snd] in H.
  assert (all_valid used) as U.
  { destruct m as [m | |]; [apply some_inj in An; injection An as <- <-; intros ? [] | |]; open An;
      apply some_inj in An; injection An as <- <-; destruct v as [up us];
        match goal with Q : sign_of _ _ = Some _ |- _ => apply sign_of_sound in Q; rename Q into E3 end;
          destruct E3 as (I & _);
      exact (all_valid_incl _ _ I (all_valid_rev _ Y)). }
  apply (plugged_valid _ _ _ _ _ H Vo); [apply all_valid_cons; split; assumption |]; intros rho tau K C.
  apply known_cons in K; destruct K as (K & Lu); specialize (K tau); rewrite E0 in K; cbn [conclusion_at] in *.
  specialize (C tau); rewrite E, plug_one in C; cbn [conclusion_at] in C;
    rewrite (eval_moves rho tau still_env t Mt) in C.
  fold (value t rho) in C; set (rho1 := set rho w (value t rho)) in *.
  destruct K as (K1 & K2 & K3 & K4), C as (C1 & C2 & D).
  set (L := fun tau => eval rho1 tau d) in *.
  pose proof (two_differentiable V x w e rho L N W Members E2 (value t rho) D) as T.
  set (g := line (value t) rho x) in *.
  assert (g (rho x) = value t rho) as Gx by (unfold g, line; rewrite set_here; reflexivity).
  rewrite <- Gx in T.
  assert (line (value (substitute [(w, t)] [] e)) rho x = fun y => two x w e rho (g y) y) as Line.
  { extensionality y; unfold line, two, value at 1; rewrite eval_substitute, plug_one.
    change (plug [] (set rho x y) still_env still_env) with still_env; reflexivity. }
  apply quotient_slopes in K3; fold g in K3; apply beside_joins in K4; fold g in K4;
    pose proof (direction_sign onward) as S1.
  assert (forall tau1 tau0, eval rho tau0 (substitute [(w, t)] tau1 d) = L (plug tau1 rho tau0 tau0)) as Slope.
  { intros tau1 tau0; rewrite eval_substitute, plug_one, (eval_moves rho tau0 still_env t Mt); reflexivity. }
  split; [| split; [| split]].
  - unfold exists_at; apply defined_substitute; [| discriminate |].
    + intros z u; cbn [lookup]; destruct (Pos.eqb z w); intros Q; [injection Q as <-; exact K1 | discriminate].
    + rewrite plug_one; exact (nearby_here _ _ _ C1).
  - destruct C1 as (q & Q & C1).
    apply shortly_line; apply shortly_line in K2.
    apply shortly_weaken with (2 := shortly_and _ _ K2 (shortly_and _ _ (K4 q Q) (shortly_small q Q)));
      intros h Hh (P1 & P2 & P3).
    unfold exists_at; apply defined_substitute; [| discriminate |].
    { intros z u; cbn [lookup]; destruct (Pos.eqb z w); intros Z; [injection Z as <-; exact P1 | discriminate]. }
    rewrite plug_one; change (plug [] (set rho x (rho x + direction onward * h)) still_env still_env) with still_env.
    set (y := rho x + direction onward * h) in *; fold (value t (set rho x y)).
    assert (Rabs (value t (set rho x y) - value t rho) <= q) as Close.
    { unfold AnalysisSides.change in P2; fold y in P2; rewrite Gx in P2; exact P2. }
    assert (Rabs (y - rho x) <= q) as Small.
    { replace (y - rho x) with (direction onward * h) by (unfold y; ring); rewrite direction_abs; lra. }
    destruct (member x V) eqn:M.
    + apply C1; intros z; unfold rho1; destruct (member z V) eqn:Z.
      * apply member_in in Z; destruct (Members z Z) as [-> | ->]; [rewrite !set_same; exact Close |].
        rewrite !(set_other _ w) by congruence; rewrite set_same; exact Small.
      * destruct (Pos.eq_dec z w) as [-> | Zw]; [apply member_in in W; congruence |].
        destruct (Pos.eq_dec z x) as [-> | Zx]; [congruence |]; rewrite !set_other by assumption; reflexivity.
    + cbn [orb] in E2; apply (still_defined [x] q (set rho w (value t (set rho x y)))); [exact E2 | |].
      * intros z; rewrite member_one; destruct (Pos.eqb_spec z x) as [-> | Zx].
        { rewrite !(set_other _ w) by congruence; rewrite set_same; exact Small. }
        destruct (Pos.eq_dec z w) as [-> | Zw]; [rewrite !set_same; reflexivity | rewrite !set_other by assumption;
          reflexivity].
      * apply C1; intros z; unfold rho1; destruct (member z V) eqn:Z.
        { apply member_in in Z; destruct (Members z Z) as [-> | ->]; [rewrite !set_same;
          exact Close | apply member_in in Z; congruence]. }
        destruct (Pos.eq_dec z w) as [-> | Zw]; [apply member_in in W;
          congruence | rewrite !set_other by assumption; reflexivity].
  - apply quotient_slopes; rewrite Line; destruct m as [m | |].
    + apply some_inj in An; injection An as <- <-; cbn [to_rbar] in *.
      rewrite Slope, (two_linear V x w e rho L N Members (value t rho) D).
      unfold plug; cbn [lookup]; rewrite !Pos.eqb_refl; replace (Pos.eqb x w) with false by (symmetry;
        apply Pos.eqb_neq; congruence).
      rewrite eval_one, Rmult_1_r.
      replace (L (unit w) * eval rho tau m + rate_x V x L) with (rate_x V x L + L (unit w) * eval rho tau m) by ring.
      exact (compose_finite _ g (rho x) (direction onward) _ _ S1 T _ K3).
    + open An; apply some_inj in An; injection An as <- <-; destruct v as [up us]; cbn [fst snd] in *.
      match goal with Q : sign_of _ _ = Some _ |- _ => apply sign_of_sound in Q; rename Q into E3 end;
        destruct E3 as (_ & E3); specialize (E3 rho Lu tau); unfold slope_has_sign in E3;
          cbn [to_rbar slope_sign] in E3.
      rewrite Slope, (two_linear V x w e rho L N Members (value t rho) D) in E3; unfold plug in E3; cbn [lookup] in E3.
      rewrite !Pos.eqb_refl in E3; replace (Pos.eqb x w) with false in E3 by (symmetry; apply Pos.eqb_neq; congruence).
      rewrite eval_one, eval_zero, Rmult_1_r, Rmult_0_r, Rplus_0_r in E3.
      pose proof (compose_infinite _ g (rho x) (direction onward) _ _ S1 T _ p_infty (direction_sign up)
        E3 K4 (or_introl eq_refl) K3) as R.
      unfold turned in R; destruct up; cbn [direction Bool.eqb infinity_of to_rbar] in *; destruct (Rlt_dec 0 _);
        try lra; exact R.
    + open An; apply some_inj in An; injection An as <- <-; destruct v as [up us]; cbn [fst snd] in *.
      match goal with Q : sign_of _ _ = Some _ |- _ => apply sign_of_sound in Q; rename Q into E3 end;
        destruct E3 as (_ & E3); specialize (E3 rho Lu tau); unfold slope_has_sign in E3;
          cbn [to_rbar slope_sign] in E3.
      rewrite Slope, (two_linear V x w e rho L N Members (value t rho) D) in E3; unfold plug in E3; cbn [lookup] in E3.
      rewrite !Pos.eqb_refl in E3; replace (Pos.eqb x w) with false in E3 by (symmetry; apply Pos.eqb_neq; congruence).
      rewrite eval_one, eval_zero, Rmult_1_r, Rmult_0_r, Rplus_0_r in E3.
      pose proof (compose_infinite _ g (rho x) (direction onward) _ _ S1 T _ m_infty (direction_sign up)
        E3 K4 (or_intror eq_refl) K3) as R.
      unfold turned in R; destruct up; cbn [direction Bool.eqb infinity_of to_rbar] in *; destruct (Rlt_dec 0 _);
        try lra; exact R.
  - apply beside_joins; rewrite Line; exact (compose_joins _ g (rho x) (direction onward) _ _ S1 T K4).
Qed.
End Cited.
