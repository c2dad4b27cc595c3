(** Hypotheses that hold near a point, and the rules [replace], [higher] and [chain] of [proofs/kernel/local.py]. *)

From Coq Require Import Reals List Bool PArith Lra Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Import AnalysisBasics AnalysisDerivatives AnalysisSides.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Calculus Lines Polynomial Theorems RulesLogic
  RulesLocal.
Import ListNotations.
Open Scope bool_scope.

Lemma some_inj {A} (a b : A) : Some a = Some b -> a = b.
Proof. congruence. Qed.

(** As [found], without simplification. *)
Ltac yields H := apply some_inj in H; destruct H.

Section Cited.
Context {cited : Interpretation}.

(** Whether a slope is infinite or shown to be positive (true) or negative (false). *)
Definition sign_of (s : slope) (ps : theorems) : option (bool * theorems) :=
  match s with
  | PlusInfinity => Some (true, [])
  | MinusInfinity => Some (false, [])
  | FiniteSlope t =>
      match find_holds ps Positive t with
      | Some th => Some (true, [th])
      | None => th <- find_holds ps Positive (neg t) ;; Some (false, [th])
      end
  end.

(** The one-sided derivative of [u] that the premises show. *)
Definition departure (u : term) (x : name) (onward : bool) (ps : theorems) : option (slope * theorem) :=
  match find_side ps x onward u with
  | Some (th, s) => Some (s, th)
  | None =>
      match find_local ps [x] u with
      | Some (th, Some d) => Some (FiniteSlope (slope_term d x), th)
      | _ => None
      end
  end.

(** The relation that, holding at a point, keeps a literal true near it. *)
Definition strictly (r : relation) : relation := match r with NonNegative => Positive | r => r end.

(** A side of the point: [x], and whether to the right; or [None] for a whole neighbourhood. *)
Definition side := option (name * bool).

(** The premises that show that a literal holds near the point. *)
Definition lasts (V : list name) (where_ : side) (ps : theorems) (l : literal) : option theorems :=
  match fst l with
  | Zero => None
  | r =>
      match find_holds ps (strictly r) (snd l) with
      | Some th => c <- find_local ps V (snd l) ;; Some [th; fst c]
      | None =>
          match where_ with
          | None => None
          | Some (x, onward) =>
              th <- find_holds ps Zero (snd l) ;;
              s <- departure (snd l) x onward ps ;;
              up <- sign_of (fst s) ps ;;
              when Bool.eqb (fst up) onward ;; Some (th :: snd s :: snd up)
          end
      end
  end.

Fixpoint all_last (V : list name) (where_ : side) (ps : theorems) (ls : list literal) : option theorems :=
  match ls with
  | [] => Some []
  | l :: rest =>
      if still V (snd l) then all_last V where_ ps rest
      else u <- lasts V where_ ps l ;; v <- all_last V where_ ps rest ;; Some (u ++ v)
  end.

(** The hypotheses under which those of [ths] hold near the point, and the premises that show it. *)
Definition holds_nearby (ths : theorems) (V : list name) (where_ : side) (support : theorems)
  : option (list literal * theorems) :=
  let hs := hyps_of ths in
  used <- all_last V where_ (rev support) hs ;;
  Some (union (hyps_of used) (filter (fun l => still V (snd l)) hs), used).

(** ** Soundness *)

Open Scope R_scope.

(** [P] holds on a neighbourhood, or next to the point on one side. *)
Definition germ (V : list name) (where_ : side) (rho : env) (P : env -> Prop) : Prop :=
  match where_ with
  | None => nearby V rho P
  | Some (x, onward) => Semantics.shortly (fun h => P (shift rho x (direction onward * h)))
  end.

(** A side is one of the only symbol that varies. *)
Definition fits (V : list name) (where_ : side) : Prop := match where_ with None => True | Some (x, _) => V = [x] end.

Lemma germ_impl V w rho (P Q : env -> Prop) : (forall rho', P rho' -> Q rho') -> germ V w rho P -> germ V w rho Q.
Proof.
  intros I; destruct w as [[x o] |]; cbn [germ]; [| exact (nearby_impl V rho P Q I)].
  intros (d & D & A); exists d; split; [exact D | intros h H; exact (I _ (A h H))].
Qed.

Lemma germ_and V w rho (P Q : env -> Prop) : germ V w rho P -> germ V w rho Q -> germ V w rho (fun r => P r /\ Q r).
Proof.
  destruct w as [[x o] |]; cbn [germ]; [| exact (nearby_and V rho P Q)].
  intros A B; exact (shortly_and _ _ A B).
Qed.

Lemma germ_nearby V w rho P : fits V w -> nearby V rho P -> germ V w rho P.
Proof. destruct w as [[x o] |]; cbn [germ fits]; [intros ->; apply nearby_beside | auto]. Qed.

Lemma strictly_related r u : related (strictly r) u -> related r u.
Proof. destruct r; simpl; intros; lra. Qed.

Lemma positive_related r u : r <> Zero -> u > 0 -> related r u.
Proof. destruct r; simpl; intros; try congruence; lra. Qed.

(** The value of a slope has the sign [up]. *)
Definition slope_has_sign (rho tau : env) (s : slope) (up : bool) : Prop := slope_sign (to_rbar rho tau s)
  (direction up).

Lemma sign_of_sound s ps up used :
  sign_of s ps = Some (up, used) ->
  incl used ps /\ forall rho, known used rho -> forall tau, slope_has_sign rho tau s up.
Proof.
  unfold sign_of, slope_has_sign, slope_sign; destruct s as [t | |].
  - destruct (find_holds ps Positive t) as [th |] eqn:F.
    + intros H; injection H as <- <-; apply find_holds_sound in F; destruct F as (I & F); split;
      [intros ? [<- | []]; exact I |].
      intros rho K tau; specialize (F rho tau (K th (or_introl eq_refl) tau)); unfold holds in F; simpl in *; lra.
    + intros H; open H; injection H as <- <-; apply find_holds_sound in E; destruct E as (I & G); split;
      [intros ? [<- | []]; exact I |].
      intros rho K tau; specialize (G rho tau (K v (or_introl eq_refl) tau)); unfold holds in G;
        cbn [fst snd related] in G.
      rewrite eval_neg in G; simpl; lra.
  - intros H; injection H as <- <-; split; [intros ? [] | reflexivity].
  - intros H; injection H as <- <-; split; [intros ? [] | reflexivity].
Qed.

Lemma departure_sound u x onward ps s th :
  departure u x onward ps = Some (s, th) ->
  In th ps /\ forall rho, (forall tau, conclusion_at (concl th) rho tau) -> forall tau, quotient_tends (value u)
    x onward rho tau s.
Proof.
  unfold departure; destruct (find_side ps x onward u) as [[th' s'] |] eqn:F.
  - intros H; injection H as <- <-; apply find_side_sound in F; destruct F as (I & c & F); split; [exact I |].
    intros rho K tau; specialize (K tau); rewrite F in K; destruct K as (_ & _ & K & _); exact K.
  - destruct (find_local ps [x] u) as [[th' [d |]] |] eqn:G; try discriminate.
    intros H; injection H as <- <-; apply find_local_sound in G; destruct G as (I & G); split; [exact I |].
    intros rho K tau; specialize (K tau); rewrite G in K; apply local_quotient; exact K.
Qed.

(** A function that leaves 0 upwards is positive next to the point. *)
Lemma rises u x onward rho tau s :
  value u rho = 0 -> quotient_tends (value u) x onward rho tau s -> slope_has_sign rho tau s onward ->
  Semantics.shortly (fun h => value u (shift rho x (direction onward * h)) > 0).
Proof.
  intros Z Q S; apply quotient_slopes in Q.
  destruct (slopes_moves _ _ _ _ _ (direction_sign onward) (direction_sign onward) Q S) as (d & D & A).
  exists d; split; [exact D |]; intros h H; specialize (A h H); rewrite <- change_line in A;
    unfold Semantics.change in A.
  rewrite Z in A; destruct onward; cbn [direction] in *; lra.
Qed.

Lemma lasts_sound V w ps l used :
  fits V w -> all_valid ps -> lasts V w ps l = Some used ->
  incl used ps /\ forall rho, known used rho -> germ V w rho (fun rho' => holds rho' still_env l).
Proof.
  intros F W; unfold lasts; destruct l as [r t]; cbn [fst snd]; intros H.
  assert (r <> Zero) as NZ by (intros ->; discriminate).
  assert (match find_holds ps (strictly r) t with
          | Some th => bind (find_local ps V t) (fun c => Some [th; fst c])
          | None => match w with
                    | None => None
                    | Some (x, onward) =>
                        th <- find_holds ps Zero t ;; s <- departure t x onward ps ;; up <- sign_of (fst s) ps ;;
                        when Bool.eqb (fst up) onward ;; Some (th :: snd s :: snd up)
                    end
          end = Some used) as H' by (destruct r; [exact H | exact H | congruence | exact H]).
  clear H; rename H' into H; destruct (find_holds ps (strictly r) t) as [th |] eqn:S.
  - open H; found H; destruct v as [lo d]; cbn [fst]; apply find_holds_sound in S; destruct S as (I & S).
    apply find_local_sound in E; destruct E as (J & E); split; [intros ? [<- | [<- | []]]; assumption |].
    intros rho K; apply known_cons in K; destruct K as (K & L); apply known_cons in L; destruct L as (L & _).
    specialize (L still_env); rewrite E in L; destruct L as (_ & C & _); apply germ_nearby; [exact F |].
    pose proof (S rho still_env (K still_env)) as P; unfold holds in P; cbn [fst snd] in P.
    refine (nearby_impl V rho _ _ _ (continuous_sign V (strictly r) (value t) rho _ _ C P)).
    + intros rho' Q; exact (strictly_related r _ Q).
    + destruct r; discriminate.
    + destruct r; try discriminate; congruence.
  - destruct w as [[x onward] |]; [| discriminate]; open H; found H; destruct v0 as [s dep], v1 as [up us];
    cbn [fst snd] in *.
    apply find_holds_sound in E; destruct E as (I & A); apply departure_sound in E0; destruct E0 as (J & B).
    apply sign_of_sound in E1; destruct E1 as (L & C); apply eqb_prop in E2; subst up.
    split; [intros ? [<- | [<- | X]]; auto |]; intros rho K; apply known_cons in K; destruct K as (K & K').
    apply known_cons in K'; destruct K' as (K' & K''); cbn [germ].
    specialize (A rho still_env (K still_env)); unfold holds in A; cbn [fst snd related] in A.
    destruct (rises t x onward rho still_env s A (B rho K' still_env) (C rho K'' still_env)) as (d & D & P).
    exists d; split; [exact D |]; intros h H; exact (positive_related r _ NZ (P h H)).
Qed.

Lemma germ_still V w rho rho0 l : fits V w -> still V (snd l) = true -> rho0 = rho -> holds rho still_env l ->
  germ V w rho0 (fun rho' => holds rho' still_env l).
Proof.
  intros F S -> H; apply germ_nearby; [exact F |]; apply nearby_all; intros r rho' C;
    exact (still_holds V r rho rho' still_env l S C H).
Qed.

Lemma all_last_sound V w ps ls used :
  fits V w -> all_valid ps -> all_last V w ps ls = Some used ->
  incl used ps /\ forall rho, known used rho -> all_hold rho still_env (filter (fun l => still V (snd l)) ls) ->
    germ V w rho (fun rho' => all_hold rho' still_env ls).
Proof.
  intros F W; revert used; induction ls as [| l ls IH]; cbn [all_last filter]; intros used H.
  - found H; split; [intros ? [] |]; intros rho _ _; apply germ_nearby; [exact F |].
    apply nearby_all; intros r rho' _ k [].
  - destruct (still V (snd l)) eqn:S.
    + destruct (IH used H) as (I & A); split; [exact I |]; intros rho K B.
      refine (germ_impl V w rho _ _ _ (germ_and V w rho _ _
        (germ_still V w rho rho l F S eq_refl (B l (or_introl eq_refl))) (A rho K (fun k I => B k (or_intror I))))).
      intros rho' (X & Y) k [<- | J]; auto.
    + open H; found H; destruct (lasts_sound V w ps l v F W E) as (I & A); destruct (IH _ eq_refl) as (J & B).
      split; [apply incl_app; assumption |]; intros rho K C; apply known_app in K; destruct K as (K & L).
      refine (germ_impl V w rho _ _ _ (germ_and V w rho _ _ (A rho K) (B rho L C))).
      intros rho' (X & Y) k [<- | M]; auto.
Qed.

(** What theorems say holds near the point too. *)
Lemma holds_nearby_sound ths V w support hs used :
  holds_nearby ths V w support = Some (hs, used) -> fits V w -> all_valid support -> all_valid ths ->
  (forall l, In l hs -> moves (snd l) = false) /\
  forall rho tau, all_hold rho tau hs -> germ V w rho (known ths).
Proof.
  unfold holds_nearby; cbv zeta; intros H F W T; open H; injection H as <- <-.
  destruct (all_last_sound V w (rev support) (hyps_of ths) v F (all_valid_rev _ W) E) as (I & A).
  pose proof (all_valid_incl _ _ I (all_valid_rev _ W)) as U; split.
  - intros l J; apply union_in in J; destruct J as [J | J].
    + apply hyps_of_in in J; destruct J as (th & J & K); exact (proj1 (U th J) l K).
    + apply filter_In in J; destruct J as (J & _); apply hyps_of_in in J; destruct J as (th & J & K);
      exact (proj1 (T th J) l K).
  - intros rho tau B; apply all_hold_union in B; destruct B as (B & C).
    refine (germ_impl V w rho _ _ _ (A rho (known_at v rho tau U (proj1 (all_hold_hyps_of rho tau v) B)) _)).
    + intros rho' D; apply (known_at ths rho' still_env T), all_hold_hyps_of, D.
    + intros l J; refine (holds_moves rho tau still_env l _ (C l J)).
      apply filter_In in J; destruct J as (J & _); apply hyps_of_in in J; destruct J as (th & J & K);
        exact (proj1 (T th J) l K).
Qed.

(** A theorem from premises, and from what holds nearby under further hypotheses. *)
Lemma valid_nearby hs c premises :
  (forall l, In l hs -> moves (snd l) = false) -> all_valid premises ->
  (forall rho tau, all_hold rho tau hs -> known premises rho -> conclusion_at c rho tau) ->
  valid {| hyps := union (hyps_of premises) hs; concl := c |}.
Proof.
  intros M W A; apply valid_intro.
  - intros l I; apply union_in in I; destruct I as [I | I]; [| exact (M l I)].
    apply hyps_of_in in I; destruct I as (th & I & J); exact (proj1 (W th I) l J).
  - intros rho tau B; apply all_hold_union in B; destruct B as (B & C).
    exact (A rho tau C (known_at premises rho tau W (proj1 (all_hold_hyps_of rho tau premises) B))).
Qed.

(** ** replace *)

(** [e], given theorems that say [e - e' = 0] and that [e] is defined. *)
Definition same_terms (e' : term) (equal is_defined : theorem) : option term :=
  e <- held_defined is_defined ;;
  l <- held equal ;;
  when same_literal l (equation e e') && negb (moves e) ;; Some e.

Lemma same_terms_sound e' equal is_defined e rho :
  same_terms e' equal is_defined = Some e -> known [equal; is_defined] rho ->
  (forall tau, eval rho tau e = eval rho tau e') /\ forall tau, defined rho tau e.
Proof.
  unfold same_terms; intros H K; open H; found H; apply andb_prop in E1; destruct E1 as (E1 & _);
    apply same_literal_eq in E1; subst v0; split; intros tau.
  - apply holds_equation; exact (held_at _ _ rho tau E0 (K equal (or_introl eq_refl) tau)).
  - exact (held_defined_at _ v rho tau E (K is_defined (or_intror (or_introl eq_refl)) tau)).
Qed.

Definition rule_replace (inner equal is_defined : theorem) (support : theorems) : option theorem :=
  c <- held_local inner ;;
  match c with
  | (V, e', d) =>
      e <- same_terms e' equal is_defined ;;
      there <- holds_nearby [equal; is_defined] V None support ;;
      Some {| hyps := union (hyps_of [inner]) (fst there); concl := Local V e d |}
  end.

Theorem replace_valid inner equal is_defined support r :
  rule_replace inner equal is_defined support = Some r ->
  valid inner -> valid equal -> valid is_defined -> all_valid support -> valid r.
Proof.
  unfold rule_replace; intros H V W X Y; open H; destruct v as [[U e'] d]; open H; yields H;
    destruct v0 as [hs used]; cbn [fst].
  apply held_local_concl in E.
  destruct (holds_nearby_sound _ U None support hs used E1 I Y ltac:(premises)) as (M & N).
  apply valid_nearby; [exact M | premises |]; intros rho tau A K.
  pose proof (K inner (or_introl eq_refl) tau) as C; rewrite E in C; destruct C as (P & C & D);
    specialize (N rho tau A); cbn [germ] in N.
  assert (nearby U rho (fun rho' => value v rho' = value e' rho')) as Q.
  { refine (nearby_impl U rho _ _ _ N); intros rho' L; exact (proj1 (same_terms_sound e' _ _ v rho' E0 L) still_env). }
  split; [| split].
  - refine (nearby_impl U rho _ _ _ N); intros rho' L; exact (proj2 (same_terms_sound e' _ _ v rho' E0 L) still_env).
  - exact (continuous_local U _ _ rho Q C).
  - destruct d as [d |]; [| exact I]; exact (derivative_local U _ _ rho _ Q D).
Qed.

(** ** higher *)

(** A derivative of some order: the symbol, the order, the term and the derivative. *)
Definition as_nth (x : name) (th : theorem) : option (positive * term * term) :=
  match concl th with
  | HasDeriv V t d => when same_names V [x] ;; Some (1%positive, t, slope_term d x)
  | NthDerivative y n t d => when Pos.eqb y x ;; Some (n, t, d)
  | _ => None
  end.

Lemma has_derivative_nth x t d rho tau :
  has_derivative_at [x] t d rho -> conclusion_at (NthDerivative x 1 t (slope_term d x)) rho tau.
Proof.
  intros ((A & B & C) & D); cbn [conclusion_at]; split; [exact A |]; split;
    [exact (slope_term_defined x d rho tau D) |].
  change (Pos.to_nat 1) with 1%nat; cbn [nth_derivative_at]; exists (value t); split.
  - apply nearby_all; reflexivity.
  - refine (derivative_ext [x] _ _ _ _ _ C); intros t'; rewrite (slope_term_value x d rho tau (proj1 C)).
    exact (linear_unit x (fun s => eval rho s d) t' (proj1 C)).
Qed.

Lemma as_nth_sound x th n t d rho tau :
  as_nth x th = Some (n, t, d) -> conclusion_at (concl th) rho tau -> conclusion_at (NthDerivative x n t d) rho tau.
Proof.
  unfold as_nth; destruct (concl th); try discriminate; intros H C; open H; injection H as <- <- <-; conjuncts; subst.
  - apply has_derivative_nth; exact C.
  - exact C.
Qed.

Definition rule_higher (lower next : theorem) (support : theorems) : option theorem :=
  match concl next with
  | HasDeriv [x] d d' =>
      low <- as_nth x lower ;;
      match low with
      | (n, t, e) =>
          when same e d ;;
          there <- holds_nearby [lower] [x] None support ;;
          Some {| hyps := union (hyps_of [next]) (fst there); concl := NthDerivative x (n + 1) t (slope_term d' x) |}
      end
  | _ => None
  end.

Theorem higher_valid lower next support r :
  rule_higher lower next support = Some r -> valid lower -> valid next -> all_valid support -> valid r.
Proof.
  unfold rule_higher; intros H V W Y; destruct (concl next) as [| | | | [| x [|]] d d' | | | | | | | | | | | | |] eqn:E;
    try discriminate.
  open H; destruct v as [[n t] e]; open H; yields H; apply same_eq in E1; subst e; destruct v as [hs used]; cbn [fst].
  destruct (holds_nearby_sound _ [x] None support hs used E2 I Y ltac:(premises)) as (M & N).
  apply valid_nearby; [exact M | premises |]; intros rho tau A K; specialize (N rho tau A); cbn [germ] in N.
  pose proof (K next (or_introl eq_refl) tau) as C; rewrite E in C; destruct C as (C & D).
  assert (nearby [x] rho (fun rho' => conclusion_at (NthDerivative x n t d) rho' still_env)) as Low.
  { refine (nearby_impl [x] rho _ _ _ N); intros rho' L.
    exact (as_nth_sound x lower n t d rho' still_env E0 (L lower (or_introl eq_refl) still_env)). }
  cbn [conclusion_at]; split; [exact (proj1 (nearby_here _ _ _ Low)) |]; split;
    [exact (slope_term_defined x d' rho tau D) |].
  rewrite Pos2Nat.inj_add, Nat.add_comm; change (Pos.to_nat 1) with 1%nat; cbn [Nat.add nth_derivative_at].
  exists (value d); split.
  - refine (nearby_impl [x] rho _ _ _ Low); intros rho' (_ & _ & L); exact L.
  - destruct C as (_ & _ & C); refine (derivative_ext [x] _ _ _ _ _ C); intros t'.
    rewrite (slope_term_value x d' rho tau (proj1 C)); exact (linear_unit x (fun s => eval rho s d') t' (proj1 C)).
Qed.
End Cited.
