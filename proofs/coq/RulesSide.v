(** One-sided derivatives, and theorems that there is no derivative: as in [proofs/kernel/sides.py]. *)

From Coq Require Import ZArith QArith Qreals Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisBasics AnalysisDerivatives AnalysisSides.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Calculus Lines Polynomial Theorems.
From Hasderiv Require Import RulesLogic RulesLocal RulesNear.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope.

Section Cited.
Context {cited : Interpretation}.

Definition held_side (th : theorem) : option (name * bool * term * slope * option bool) :=
  match concl th with Side x onward t s c => Some (x, onward, t, s, c) | _ => None end.

Lemma held_side_concl th x onward t s c : held_side th = Some (x, onward, t, s, c) -> concl th = Side x onward t s c.
Proof. unfold held_side; destruct (concl th); try discriminate; congruence. Qed.

Definition says_defined (t : term) (th : theorem) : bool :=
  match held_defined th with Some u => same t u | None => false end.

Lemma says_defined_at t th rho tau : says_defined t th = true -> conclusion_at (concl th) rho tau -> defined rho tau t.
Proof.
  unfold says_defined; destruct (held_defined th) as [u |] eqn:E; [| discriminate]; intros S; apply same_eq in S; subst.
  exact (held_defined_at th u rho tau E).
Qed.

Definition infinity_of (positive : bool) : slope := if positive then PlusInfinity else MinusInfinity.

(** ** Functions that agree on a side *)

Lemma quotient_ext f g x onward rho tau s :
  Semantics.shortly (fun h => Semantics.change f x onward rho h = Semantics.change g x onward rho h) ->
  quotient_tends g x onward rho tau s -> quotient_tends f x onward rho tau s.
Proof.
  intros E; destruct s; cbn [quotient_tends]; intros A k.
  - intros P; apply shortly_weaken with (2 := shortly_and _ _ E (A k P)); intros h H (-> & B); exact B.
  - apply shortly_weaken with (2 := shortly_and _ _ E (A k)); intros h H (-> & B); exact B.
  - apply shortly_weaken with (2 := shortly_and _ _ E (A k)); intros h H (-> & B); exact B.
Qed.

Lemma beside_ext f g x onward rho :
  Semantics.shortly (fun h => Semantics.change f x onward rho h = Semantics.change g x onward rho h) ->
  continuous_beside g x onward rho -> continuous_beside f x onward rho.
Proof.
  intros E A k P; apply shortly_weaken with (2 := shortly_and _ _ E (A k P)); intros h H (-> & B); exact B.
Qed.

(** ** side_replace and side_jump *)

Definition rule_side_replace (inner : theorem) (x : name) (onward : bool) (equal is_defined here value : theorem)
    (support : theorems) : option theorem :=
  c <- held_local inner ;;
  match c with
  | (V, e', Some d) =>
      when same_names V [x] ;;
      e <- same_terms e' equal is_defined ;;
      there <- holds_nearby [equal; is_defined] [x] (Some (x, onward)) support ;;
      when says_defined e value && proves (equation e e') here ;;
      Some {| hyps := union (hyps_of [inner; here; value]) (fst there);
              concl := Side x onward e (FiniteSlope (slope_term d x)) (Some true) |}
  | _ => None
  end.

Theorem side_replace_valid inner x onward equal is_defined here value support r :
  rule_side_replace inner x onward equal is_defined here value support = Some r ->
  valid inner -> valid equal -> valid is_defined -> valid here -> valid value -> all_valid support -> valid r.
Proof.
  unfold rule_side_replace; intros H V1 V2 V3 V4 V5 V6; open H; destruct v as [[U e'] [d |]]; [| discriminate];
    open H; yields H.
  destruct v0 as [hs used]; cbn [fst]; apply held_local_concl in E; apply same_names_eq in E0; subst U.
  destruct (holds_nearby_sound _ [x] (Some (x, onward)) support hs used E2 eq_refl V6 ltac:(premises)) as (M & N).
  apply valid_nearby; [exact M | premises |]; intros rho tau A K; specialize (N rho tau A); cbn [germ] in N.
  apply andb_prop in E3; destruct E3 as (X & Y); cbn [conclusion_at].
  pose proof (says_defined_at v value rho still_env X (K value (or_intror (or_intror (or_introl eq_refl)))
    still_env)) as D.
  pose proof (proves_at _ here rho still_env Y (K here (or_intror (or_introl eq_refl)) still_env)) as Q;
    apply holds_equation in Q.
  pose proof (K inner (or_introl eq_refl) tau) as C; rewrite E in C.
  assert (Semantics.shortly (fun h => Semantics.change (Semantics.value v)
    x onward rho h = Semantics.change (Semantics.value e') x onward rho h)) as S.
  { apply shortly_weaken with (2 := N); intros h _ L; unfold Semantics.change; unfold Semantics.value at 2 4;
    rewrite Q; f_equal.
    exact (proj1 (same_terms_sound e' _ _ v _ E1 L) still_env). }
  split; [exact D |]; split; [| split].
  - apply shortly_weaken with (2 := N); intros h _ L; exact (proj2 (same_terms_sound e' _ _ v _ E1 L) still_env).
  - exact (quotient_ext _ _ x onward rho tau _ S (local_quotient x onward e' d rho tau C)).
  - exact (beside_ext _ _ x onward rho S (continuous_both_sides _ x onward rho (proj1 (proj2 C)))).
Qed.

Definition rule_side_jump (inner : theorem) (x : name) (onward : bool) (equal is_defined apart value : theorem)
    (support : theorems) : option theorem :=
  c <- held_local inner ;;
  match c with
  | (V, e', _) =>
      when same_names V [x] ;;
      e <- same_terms e' equal is_defined ;;
      there <- holds_nearby [equal; is_defined] [x] (Some (x, onward)) support ;;
      when says_defined e value ;;
      let up := proves (Positive, sub e' e) apart in
      when up || proves (Positive, sub e e') apart ;;
      Some {| hyps := union (hyps_of [inner; apart; value]) (fst there);
              concl := Side x onward e (infinity_of (Bool.eqb up onward)) (Some false) |}
  end.

(** A quotient whose numerator stays away from 0 is infinite. *)
Lemma jump_slope f x onward rho tau gap (up : bool) :
  0 < gap -> Semantics.shortly (fun h => gap <= (if up then 1 else -1) * Semantics.change f x onward rho h) ->
  quotient_tends f x onward rho tau (infinity_of (Bool.eqb up onward)) /\ jumps_beside f x onward rho.
Proof.
  intros G S; split.
  - assert (forall bound, Semantics.shortly (fun h => bound * h <= (if up then 1 else -1)
    * Semantics.change f x onward rho h)) as A.
    { intros bound; pose proof (Rabs_pos bound) as P.
      assert (0 < gap / (Rabs bound + 1)) as Q by (apply Rdiv_lt_0_compat; lra).
      apply shortly_weaken with (2 := shortly_and _ _ S (shortly_small _ Q)); intros h H (B & C).
      apply Rmult_le_compat_l with (r := Rabs bound + 1) in C; [| lra].
      replace ((Rabs bound + 1) * (gap / (Rabs bound + 1))) with gap in C by (field; lra).
      assert (bound * h <= Rabs bound * h) by (apply Rmult_le_compat_r; [lra | apply Rle_abs]); lra. }
    destruct up, onward; cbn [Bool.eqb infinity_of quotient_tends direction]; intros bound;
      [specialize (A bound) | specialize (A (- bound)) | specialize (A (- bound)) | specialize (A bound)];
      apply shortly_weaken with (2 := A); intros h H B; lra.
  - exists gap; split; [exact G |]; apply shortly_weaken with (2 := S); intros h H A.
    unfold Rabs; destruct (Rcase_abs _), up; lra.
Qed.

Lemma jumps_discontinuous f x onward rho : jumps_beside f x onward rho -> ~ continuous_beside f x onward rho.
Proof.
  intros (gap & G & S) C; assert (0 < gap / 2) as Q by lra.
  destruct (shortly_once _ (shortly_and _ _ S (C _ Q))) as (h & H & A & B); lra.
Qed.

Theorem side_jump_valid inner x onward equal is_defined apart value support r :
  rule_side_jump inner x onward equal is_defined apart value support = Some r ->
  valid inner -> valid equal -> valid is_defined -> valid apart -> valid value -> all_valid support -> valid r.
Proof.
  unfold rule_side_jump; cbv zeta; intros H V1 V2 V3 V4 V5 V6; open H; destruct v as [[U e'] d]; open H; yields H.
  destruct v0 as [hs used]; cbn [fst]; apply held_local_concl in E; apply same_names_eq in E0; subst U.
  destruct (holds_nearby_sound _ [x] (Some (x, onward)) support hs used E2 eq_refl V6 ltac:(premises)) as (M & N).
  apply valid_nearby; [exact M | premises |]; intros rho tau A K; specialize (N rho tau A);
    cbn [germ conclusion_at] in *.
  pose proof (says_defined_at v value rho still_env E3 (K value (or_intror (or_intror (or_introl eq_refl)))
    still_env)) as D.
  pose proof (K inner (or_introl eq_refl) tau) as C; rewrite E in C; destruct C as (_ & C & _).
  pose proof (K apart (or_intror (or_introl eq_refl)) still_env) as P.
  apply (continuous_both_sides _ x onward) in C.
  assert (exists gap, 0 < gap /\ Semantics.shortly (fun h => gap <= (if proves (Positive, sub e' v)
    apart then 1 else -1) *
    Semantics.change (Semantics.value v) x onward rho h)) as (gap & G & S).
  { exists (Rabs (Semantics.value e' rho - Semantics.value v rho) / 2).
    assert ((if proves (Positive, sub e' v) apart then 1 else -1)
      * (Semantics.value e' rho - Semantics.value v rho) > 0) as Q.
    { destruct (proves (Positive, sub e' v) apart) eqn:X.
      - apply (proves_at _ apart rho still_env X) in P; unfold holds in P; cbn [fst snd related] in P;
        rewrite eval_sub in P.
        unfold Semantics.value; lra.
      - apply (proves_at _ apart rho still_env E4) in P; unfold holds in P; cbn [fst snd related] in P;
        rewrite eval_sub in P.
        unfold Semantics.value; lra. }
    set (sg := if proves (Positive, sub e' v) apart then 1 else -1) in *.
    assert (sg = 1 \/ sg = -1) as SG by (unfold sg; destruct (proves _ _); auto).
    set (k := Semantics.value e' rho - Semantics.value v rho) in *.
    assert (Rabs k = sg * k) as AK by (unfold Rabs; destruct (Rcase_abs k); destruct SG as [-> | ->]; lra).
    assert (0 < Rabs k / 2) as Gap by lra; split; [exact Gap |].
    apply shortly_weaken with (2 := shortly_and _ _ N (C _ Gap)); intros h _ (L & B).
    assert (Semantics.change (Semantics.value v) x onward rho h = Semantics.change (Semantics.value e')
      x onward rho h + k) as Z.
    { unfold Semantics.change, k; unfold Semantics.value at 1;
      rewrite (proj1 (same_terms_sound e' _ _ v _ E1 L) still_env).
      unfold Semantics.value; ring. }
    rewrite Z; apply Rabs_le_between in B; destruct SG as [R | R]; rewrite R in *; lra. }
  destruct (jump_slope (Semantics.value v) x onward rho tau gap _ G S) as (X & Y).
  split; [exact D |]; split; [| split; [exact X | exact Y]].
  apply shortly_weaken with (2 := N); intros h _ L; exact (proj2 (same_terms_sound e' _ _ v _ E1 L) still_env).
Qed.

(** ** from_sides *)

Definition rule_from_sides (left right : theorem) (equal : option theorem) : option theorem :=
  a <- held_side left ;;
  b <- held_side right ;;
  match a, b with
  | (x, false, t, FiniteSlope l, _), (y, true, u, FiniteSlope r, _) =>
      when Pos.eqb x y && same t u ;;
      when match equal with Some th => proves (equation l r) th | None => same l r end ;;
      Some (conclude (Local [x] t (Some (Mul l (Tangent x))))
                     (left :: right :: match equal with Some th => [th] | None => [] end))
  | _, _ => None
  end.

Lemma side_slopes x onward t s c rho tau :
  side_at x onward t s c rho tau -> slopes (line (value t) rho x) (rho x) (direction onward) (to_rbar rho tau s).
Proof. intros (_ & _ & Q & _); apply quotient_slopes; exact Q. Qed.

Lemma nearby_from_sides x rho (P : env -> Prop) :
  P rho -> Semantics.shortly (fun h => P (shift rho x (direction false * h))) ->
  Semantics.shortly (fun h => P (shift rho x (direction true * h))) -> nearby [x] rho P.
Proof.
  intros A (d & D & B) (d' & D' & C); apply nearby_one; exists (Rmin d d'); split; [apply Rmin_glb_lt; assumption |].
  intros v V; pose proof (Rmin_l d d'); pose proof (Rmin_r d d'); apply Rabs_le_between in V; cbn [direction] in *.
  destruct (total_order_T v (rho x)) as [[L | E] | G].
  - specialize (B (rho x - v) ltac:(lra)); rewrite shift_set in B.
    replace (rho x + -1 * (rho x - v)) with v in B by ring; exact B.
  - rewrite E, set_here; exact A.
  - specialize (C (v - rho x) ltac:(lra)); rewrite shift_set in C.
    replace (rho x + 1 * (v - rho x)) with v in C by ring; exact C.
Qed.

Theorem from_sides_valid left right equal r :
  rule_from_sides left right equal = Some r -> valid left -> valid right -> (forall th, equal = Some th ->
    valid th) -> valid r.
Proof.
  unfold rule_from_sides; intros H V W Z; open H; destruct v as [[[[x []] t] [l | |]] c]; try discriminate.
  destruct v0 as [[[[y []] u] [m | |]] c']; try discriminate; open H; yields H; conjuncts; subst y u.
  apply held_side_concl in E; apply held_side_concl in E0; apply valid_conclude.
  { apply all_valid_cons; split; [exact V |]; apply all_valid_cons; split; [exact W |].
    destruct equal as [th |]; [pose proof (Z th eq_refl); premises | intros ? []]. }
  intros rho K tau; cbn [conclusion_at].
  assert (forall tau, side_at x false t (FiniteSlope l) c rho tau) as A.
  { intros s; pose proof (K left (or_introl eq_refl) s) as P; rewrite E in P; exact P. }
  assert (forall tau, side_at x true t (FiniteSlope m) c' rho tau) as B.
  { intros s; pose proof (K right (or_intror (or_introl eq_refl)) s) as P; rewrite E0 in P; exact P. }
  assert (forall tau, eval rho tau l = eval rho still_env l) as Fixed.
  { intros s; exact (slopes_unique _ _ _ _ _ (direction_sign false)
      (side_slopes _ _ _ _ _ _ _ (A s)) (side_slopes _ _ _ _ _ _ _ (A still_env))). }
  assert (eval rho still_env l = eval rho still_env m) as Same.
  { destruct equal as [th |]; [| apply same_eq in E2; subst; reflexivity].
    apply holds_equation, (proves_at _ th rho still_env E2); apply K; right; right; left; reflexivity. }
  assert (derivative_at [x] (value t) rho (fun tau => eval rho tau (Mul l (Tangent x)))) as D.
  { apply (derivative_ext [x] _ _ (fun s => eval rho still_env l * s x)).
    - intros s; cbn [eval]; rewrite (Fixed s); reflexivity.
    - apply line_derivative, near_line_iff, derives_slopes; [exact (side_slopes _ _ _ _ _ _ _ (A still_env)) |].
      rewrite Same; exact (side_slopes _ _ _ _ _ _ _ (B still_env)). }
  split; [| split; [exact (derivative_continuous [x] _ rho _ D) | exact D]].
  destruct (A tau) as (P & Q & _), (B tau) as (_ & R & _); exact (nearby_from_sides x rho _ P Q R).
Qed.

(** ** no_derivative *)

Definition is_finite (s : slope) : bool := match s with FiniteSlope _ => true | _ => false end.

(** The reason that one or two sides of a term give, if they do. *)
Definition reason_of (sides : list (slope * option bool)) (apart : option theorem) : option reason :=
  if forallb (fun sc => is_finite (fst sc)) sides then
    match sides, apart with
    | [(FiniteSlope l, _); (FiniteSlope r, _)], Some th => when proves (NonZero, sub l r) th ;; Some Corner
    | _, _ => None
    end
  else
    when forallb (fun sc => match snd sc with Some _ => true | None => false end) sides ;;
    Some (if existsb (fun sc => match snd sc with Some false => true | _ => false end)
      sides then Jump else VerticalTangent).

Definition optional_list (th : option theorem) : theorems := match th with Some th => [th] | None => [] end.

Definition rule_no_derivative (sides : theorems) (apart : option theorem) : option theorem :=
  match sides with
  | [one] =>
      a <- held_side one ;;
      match a with
      | (x, onward, t, s, c) =>
          why <- reason_of [(s, c)] apart ;;
          Some (conclude (NotDifferentiable [x] t why (if onward then None else Some s)
            (if onward then Some s else None))
                         (one :: optional_list apart))
      end
  | [first; second] =>
      a <- held_side first ;;
      b <- held_side second ;;
      match a, b with
      | (x, onward, t, s, c), (y, onward', u, s', c') =>
          when Pos.eqb x y && same t u && negb (Bool.eqb onward onward') ;;
          let l := if onward then (s', c') else (s, c) in
          let r := if onward then (s, c) else (s', c') in
          why <- reason_of [l; r] apart ;;
          Some (conclude (NotDifferentiable [x] t why (Some (fst l)) (Some (fst r)))
            (first :: second :: optional_list apart))
      end
  | _ => None
  end.

Lemma side_weaken x onward t s c rho tau : side_at x onward t s c rho tau -> side_at x onward t s None rho tau.
Proof. intros (A & B & C & _); exact (conj A (conj B (conj C I))). Qed.

Lemma infinite_side x onward t s c rho tau L :
  side_at x onward t s c rho tau -> is_finite s = false -> ~ derivative_at [x] (value t) rho L.
Proof.
  intros S F D; apply derivative_line in D; apply side_slopes in S.
  apply near_line_iff, (slopes_derives _ _ _ _ (direction_sign onward)) in D.
  apply (slopes_finite _ _ _ _ _ (direction_sign onward) D) in S; destruct s; discriminate.
Qed.

Lemma finite_side x onward t l c rho tau L :
  side_at x onward t (FiniteSlope l) c rho tau -> derivative_at [x] (value t) rho L -> eval rho tau l = L (unit x).
Proof.
  intros S D; apply derivative_line, near_line_iff, (slopes_derives _ _ _ _ (direction_sign onward)) in D.
  apply side_slopes in S; cbn [to_rbar] in S; exact (slopes_unique _ _ _ _ _ (direction_sign onward) S D).
Qed.

(** What a list of sides, each with its direction, says. *)
Definition sides_at (x : name) (t : term) (sides : list (bool * (slope * option bool))) (rho tau : env) : Prop :=
  forall o s c, In (o, (s, c)) sides -> side_at x o t s c rho tau.

Lemma reason_of_sound x t (sides : list (bool * (slope * option bool))) apart why rho tau :
  reason_of (map snd sides) apart = Some why -> (forall th, apart = Some th -> conclusion_at (concl th) rho tau) ->
  sides_at x t sides rho tau -> sides <> [] ->
  ~ (nearby [x] rho (exists_at t) /\ exists L, derivative_at [x] (value t) rho L) /\
  match why with
  | Jump => ~ continuous_at [x] (value t) rho
  | Boundary => ~ nearby [x] rho (exists_at t)
  | Corner | VerticalTangent => True
  end.
Proof.
  unfold reason_of; intros H A S NE.
  destruct (forallb (fun sc => is_finite (fst sc)) (map snd sides)) eqn:F.
  - destruct sides as [| [o [s c]] [| [o' [s' c']] [|]]]; cbn [map snd] in H; try discriminate;
      [destruct s; discriminate |destruct s, s'; try discriminate | destruct s, s'; discriminate].
    destruct apart as [th |]; [| discriminate]; open H; yields H; split; [| exact I]; intros (_ & L & D).
    pose proof (proves_at _ th rho tau E (A th eq_refl)) as P; unfold holds in P; cbn [fst snd related] in P;
      rewrite eval_sub in P.
    apply P; rewrite (finite_side x o t t0 c rho tau L (S _ _ _ (or_introl eq_refl)) D).
    rewrite (finite_side x o' t t1 c' rho tau L (S _ _ _ (or_intror (or_introl eq_refl))) D); ring.
  - open H; yields H; split.
    + intros (_ & L & D).
      assert (exists o s c, In (o, (s, c)) sides /\ is_finite s = false) as (o & s & c & J & N).
      { clear - F; induction sides as [| [o [s c]] sides IH]; cbn [map snd forallb fst] in F; [discriminate |].
        apply andb_false_iff in F; destruct F as [F | F]; [exists o, s, c; split; [left; reflexivity | exact F] |].
        destruct (IH F) as (o' & s' & c' & J & N); exists o', s', c'; split; [right; exact J | exact N]. }
      exact (infinite_side x o t s c rho tau L (S o s c J) N D).
    + destruct (existsb _ _) eqn:X; [| exact I]; intros C; apply existsb_exists in X; destruct X as ([s c] & J & X).
      apply in_map_iff in J; destruct J as ([o [s' c']] & Q & J); cbn [snd] in *; injection Q as -> ->.
      destruct c as [[|] |]; try discriminate; destruct (S o s (Some false) J) as (_ & _ & _ & N);
        apply (jumps_discontinuous _ _ _ _ N).
      exact (continuous_both_sides _ x o rho C).
Qed.

Theorem no_derivative_valid sides apart r :
  rule_no_derivative sides apart = Some r -> all_valid sides -> (forall th, apart = Some th -> valid th) -> valid r.
Proof.
  intros H V W; assert (all_valid (optional_list apart)) as O.
  { destruct apart as [th |]; [apply all_valid_cons; split; [exact (W th eq_refl) | intros ? []] | intros ? []]. }
  assert (forall rho tau, known (optional_list apart) rho -> forall th, apart = Some th -> conclusion_at (concl th)
    rho tau) as Q.
  { intros rho tau K th ->; exact (K th (or_introl eq_refl) tau). }
  destruct sides as [| first [| second [|]]]; cbn [rule_no_derivative] in H; try discriminate.
  - open H; destruct v as [[[[x o] t] s] c]; open H; yields H; apply held_side_concl in E.
    apply all_valid_cons in V; destruct V as (V & _); apply valid_conclude; [apply all_valid_cons; split; assumption |].
    intros rho K tau; apply known_cons in K; destruct K as (K & L); specialize (K tau); rewrite E in K;
      cbn [conclusion_at] in *.
    destruct (reason_of_sound x t [(o, (s, c))] apart v rho tau E0 (Q rho tau L)) as (A & B).
    { intros o' s' c' [J | []]; injection J as <- <- <-; exact K. }
    { discriminate. }
    split; [exact (proj1 K) |]; split; [exact A |]; split; [exact B |].
    destruct o; split; cbn [one_side_at]; try exact I; exact (side_weaken _ _ _ _ _ _ _ K).
  - open H; destruct v as [[[[x o] t] s] c], v0 as [[[[y o'] u] s'] c']; open H; cbv zeta in H; open H; yields H.
    apply held_side_concl in E; apply held_side_concl in E0; conjuncts; subst y u.
    assert (o' = negb o) as -> by (destruct o, o'; try discriminate; reflexivity).
    apply all_valid_cons in V; destruct V as (V & V'); apply all_valid_cons in V'; destruct V' as (V' & _).
    apply valid_conclude; [apply all_valid_cons; split; [exact V | apply all_valid_cons; split; assumption] |].
    intros rho K tau; apply known_cons in K; destruct K as (K & L); apply known_cons in L; destruct L as (K' & L).
    specialize (K tau); specialize (K' tau); rewrite E in K; rewrite E0 in K'; cbn [conclusion_at] in *.
    set (l := if o then (s', c') else (s, c)) in *; set (m := if o then (s, c) else (s', c')) in *.
    assert (sides_at x t [(false, l); (true, m)] rho tau) as S.
    { intros p q w [J | [J | []]]; injection J as <- J; destruct o; cbn [negb] in *; unfold l, m in J;
      injection J as <- <-; assumption. }
    destruct (reason_of_sound x t [(false, l); (true, m)] apart v rho tau E2 (Q rho tau L) S ltac:(discriminate))
      as (A & B).
    destruct l as [l lc], m as [m mc]; cbn [fst].
    split; [exact (proj1 K) |]; split; [exact A |]; split; [exact B |]; split; cbn [one_side_at].
    + exact (side_weaken _ _ _ _ _ _ _ (S _ _ _ (or_introl eq_refl))).
    + exact (side_weaken _ _ _ _ _ _ _ (S _ _ _ (or_intror (or_introl eq_refl)))).
Qed.

(** ** boundary *)

Definition held_undefined (th : theorem) : option term := match concl th with Undefined t => Some t | _ => None end.

Definition rule_boundary (x : name) (onward : bool) (gone here : theorem) (other : option theorem)
  (support : theorems) :
    option theorem :=
  e <- held_undefined gone ;;
  when says_defined e here && negb (moves e) ;;
  there <- holds_nearby [gone] [x] (Some (x, onward)) support ;;
  s <- match other with
       | None => Some None
       | Some th =>
           a <- held_side th ;;
           match a with
           | (y, o, t, s, _) => when Pos.eqb x y && negb (Bool.eqb o onward) && same t e ;; Some (Some s)
           end
       end ;;
  Some {| hyps := union (hyps_of (here :: optional_list other)) (fst there);
          concl := NotDifferentiable [x] e Boundary (if onward then s else None) (if onward then None else s) |}.

Theorem boundary_valid x onward gone here other support r :
  rule_boundary x onward gone here other support = Some r ->
  valid gone -> valid here -> (forall th, other = Some th -> valid th) -> all_valid support -> valid r.
Proof.
  unfold rule_boundary; intros H V W O Y; open H; yields H; destruct v0 as [hs used]; cbn [fst].
  destruct (holds_nearby_sound _ [x] (Some (x, onward)) support hs used E1 eq_refl Y ltac:(premises)) as (M & N).
  apply valid_nearby; [exact M | |].
  { apply all_valid_cons; split; [exact W |]; destruct other as [th |]; [pose proof (O th eq_refl);
    premises | intros ? []]. }
  apply andb_prop in E0; destruct E0 as (E0 & _).
  intros rho tau A K; specialize (N rho tau A); cbn [germ conclusion_at] in *.
  assert (~ nearby [x] rho (exists_at v)) as No.
  { intros P; apply (nearby_beside x rho onward) in P; destruct (shortly_once _ (shortly_and _ _ P N))
    as (h & _ & D & L).
    specialize (L gone (or_introl eq_refl) still_env); unfold held_undefined in E; destruct (concl gone);
      try discriminate.
    injection E as <-; exact (L D). }
  split; [exact (says_defined_at v here rho still_env E0 (K here (or_introl eq_refl) still_env)) |].
  split; [intros (P & _); exact (No P) |]; split; [exact No |].
  destruct other as [th |].
  - open E2; destruct v0 as [[[[y o] t] s] c]; open E2; apply some_inj in E2; subst v1; conjuncts; subst.
    apply held_side_concl in E3; pose proof (K th (or_intror (or_introl eq_refl)) tau) as C; rewrite E3 in C.
    destruct o, onward; try discriminate; split; cbn [one_side_at]; try exact I; exact (side_weaken _ _ _ _ _ _ _ C).
  - apply some_inj in E2; subst v1; destruct onward; split; exact I.
Qed.
End Cited.
