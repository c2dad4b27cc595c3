(** Maps: a verdict for every point.  As in [proofs/kernel/maps.py]. *)

From Coq Require Import Reals List Bool Lra Lia FunctionalExtensionality.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Calculus Polynomial Theorems RulesLogic RulesLocal
  RulesInstance.
Import ListNotations.
Open Scope bool_scope.

Section Cited.
Context {cited : Interpretation}.

(** ** within *)

Definition shown_by (facts : theorems) (l : literal) : bool := existsb (proves l) facts.

Definition all_literals (facts : theorems) : bool :=
  forallb (fun th => match held th with Some _ => true | None => false end) facts.

Definition rule_within (pieces : list piece) (index : nat) (facts : theorems) : option theorem :=
  p <- nth_error pieces index ;;
  when all_literals facts && forallb (shown_by facts) p ;;
  Some (conclude (Within pieces) facts).

Lemma shown_by_at facts p rho tau :
  forallb (shown_by facts) p = true -> (forall th, In th facts -> conclusion_at (concl th) rho tau) ->
    all_hold rho tau p.
Proof.
  intros F A l I; rewrite forallb_forall in F; specialize (F l I); apply existsb_exists in F;
    destruct F as (th & J & P).
  exact (proves_at l th rho tau P (A th J)).
Qed.

Theorem within_valid pieces index facts r : rule_within pieces index facts = Some r -> all_valid facts -> valid r.
Proof.
  unfold rule_within; intros H V; open H; found H; apply andb_prop in E0; destruct E0 as (_ & E0).
  apply valid_conclude; [exact V |]; intros rho K tau.
  exists v; split; [exact (nth_error_In _ _ E) | exact (shown_by_at facts v rho tau E0 (fun th I => K th I tau))].
Qed.

(** ** point *)

(** Facts prove every goal, each under no other hypotheses than the given ones. *)
Definition shown (goals : list literal) (facts : theorems) (given : list literal) : bool :=
  forallb (fun th => subset (hyps th) given) facts && all_literals facts && forallb (shown_by facts) goals.

Lemma shown_at goals facts given rho tau :
  shown goals facts given = true -> all_valid facts -> all_hold rho tau given -> all_hold rho tau goals.
Proof.
  intros S V A; apply andb_prop in S; destruct S as (S & G); apply andb_prop in S; destruct S as (S & _).
  apply (shown_by_at facts goals rho tau G); intros th I; rewrite forallb_forall in S; specialize (S th I).
  exact (valid_at th rho tau (V th I) (all_hold_subset rho tau _ _ S A) tau).
Qed.

Definition all_closed (values : assignment) : bool := forallb (fun xt => closed (snd xt)) values.
Definition families_closed (values : family_values) : bool := forallb (fun xt => closed (snd (snd xt))) values.

Definition rule_point (p : piece) (values : assignment) (families : family_values) (facts : theorems) : option theorem
  :=
  when all_closed values && families_closed families ;;
  when shown (map (instance_literal values families) p) facts [] ;;
  Some {| hyps := []; concl := Somewhere p |}.

Lemma valid_everywhere c : (forall rho tau, conclusion_at c rho tau) -> valid {| hyps := []; concl := c |}.
Proof. intros A; split; [intros ? [] | intros rho tau _; exact (A rho tau)]. Qed.

Lemma elsewhere_here : elsewhere entry_value = cited.
Proof. destruct cited; reflexivity. Qed.

Theorem point_valid p values families facts r : rule_point p values families facts = Some r -> all_valid facts ->
  valid r.
Proof.
  unfold rule_point; intros H V; open H; found H; apply valid_everywhere; intros rho tau.
  exists (plug_entries families rho tau), (plug values rho tau rho), tau; intros l I; unfold holds.
  change (elsewhere (plug_entries families rho tau)) with (plugged_entries families rho tau); rewrite <- instance_eval.
  exact (shown_at _ _ _ rho tau E0 V ltac:(intros ? []) _ (in_map (instance_literal values families) p l I)).
Qed.

(** ** map *)

Definition row_input : Type := option theorem * theorem.

Definition verdict_of (families : bool) (V : list name) (t : term) (given : list literal) (v : option theorem) : option
  verdict :=
  match v with
  | None => Some Unknown
  | Some th =>
      when subset (hyps th) given ;;
      match concl th, families with
      | Undefined u, _ => when same t u ;; Some NoValue
      | HasDeriv W u d, false | FamilyHasDeriv W u d, true => when same t u && same_names V W ;; Some (Differentiable d)
      | NotDifferentiable W u why l r, false => when same t u && same_names V W ;; Some (NotSmooth why l r)
      | FamilyNotDifferentiable W u why, true => when same t u && same_names V W ;; Some (NotSmooth why None None)
      | _, _ => None
      end
  end.

(** The proofs that the first piece overlaps with none of the others, and the rest of the proofs. *)
Fixpoint apart_from (given : list literal) (others : list piece) (proofs : theorems) : option theorems :=
  match others, proofs with
  | [], _ => Some proofs
  | q :: others, th :: proofs => when absurd th && subset (hyps th) (given ++ q) ;; apart_from given others proofs
  | _, [] => None
  end.

Fixpoint all_apart (assume : piece) (pieces : list piece) (proofs : theorems) : bool :=
  match pieces with
  | [] => match proofs with [] => true | _ => false end
  | p :: rest => match apart_from (assume ++ p) rest proofs with Some others => all_apart assume rest others
    | None => false end
  end.

Definition witnessed (assume p : piece) (th : theorem) : bool :=
  match hyps th, concl th with [], Somewhere q => subset (assume ++ p) q | _, _ => false end.

Fixpoint rows_for (families : bool) (V : list name) (t : term) (assume : piece) (pieces : list piece) (verdicts : list
  (option theorem))
    (witnesses : theorems) : option (list (piece * verdict)) :=
  match pieces, verdicts, witnesses with
  | [], [], [] => Some []
  | p :: pieces, v :: verdicts, w :: witnesses =>
      x <- verdict_of families V t (assume ++ p) v ;;
      when witnessed assume p w ;;
      rows <- rows_for families V t assume pieces verdicts witnesses ;;
      Some ((p, x) :: rows)
  | _, _, _ => None
  end.

(** The map in symbols, or in families. *)
Definition rule_map (families : bool) (V : list name) (t : term) (assume : piece) (covered : theorem) (verdicts : list
  (option theorem))
    (apart witnesses : theorems) : option theorem :=
  match concl covered with
  | Within pieces =>
      when subset (hyps covered) assume ;;
      when all_apart assume pieces apart ;;
      rows <- rows_for families V t assume pieces verdicts witnesses ;;
      Some {| hyps := []; concl := (if families then FamilyMap else Map) V t assume rows |}
  | _ => None
  end.

Lemma all_hold_app rho tau a b : all_hold rho tau a -> all_hold rho tau b -> all_hold rho tau (a ++ b).
Proof. intros A B l I; apply in_app_or in I; destruct I; auto. Qed.

Definition says_of (families : bool) := if families then family_verdict_at else verdict_at.

Lemma verdict_of_sound families V t given v x rho tau :
  verdict_of families V t given v = Some x -> (forall th, v = Some th -> valid th) -> all_hold rho tau given ->
    says_of families V t x rho tau.
Proof.
  unfold verdict_of; destruct v as [th |]; intros H W A; [| found H; destruct families; exact I]; open H.
  pose proof (valid_at th rho tau (W th eq_refl) (all_hold_subset rho tau _ _ E A) tau) as C.
  destruct (concl th), families; try discriminate; open H; found H; conjuncts; subst; exact C.
Qed.

Lemma apart_from_sound given others proofs rest :
  apart_from given others proofs = Some rest -> all_valid proofs ->
  all_valid rest /\ forall q rho tau, In q others -> ~ (all_hold rho tau given /\ all_hold rho tau q).
Proof.
  revert proofs; induction others as [| q others IH]; intros [| th proofs]; cbn [apart_from]; intros H V;
    try discriminate;
    try (found H; split; [exact V | intros ? ? ? []]).
  open H; apply all_valid_cons in V; destruct V as (T & V); destruct (IH proofs H V) as (R & A); split; [exact R |].
  apply andb_prop in E; destruct E as (E & S); intros q' rho tau [<- | I]; [| exact (A q' rho tau I)].
  intros (X & Y); apply (absurd_at th rho tau E).
  exact (valid_at th rho tau T (all_hold_subset rho tau _ _ S (all_hold_app rho tau _ _ X Y)) tau).
Qed.

Lemma all_apart_sound assume pieces proofs :
  all_apart assume pieces proofs = true -> all_valid proofs ->
  ForallOrdPairs (fun p q => forall rho tau, ~ (all_hold rho tau assume /\ all_hold rho tau p /\
    all_hold rho tau q)) pieces.
Proof.
  revert proofs; induction pieces as [| p pieces IH]; intros proofs; cbn [all_apart]; intros H V; [constructor |].
  destruct (apart_from (assume ++ p) pieces proofs) as [rest |] eqn:E; [| discriminate].
  apply apart_from_sound in E; [| exact V]; destruct E as (R & A); constructor; [| exact (IH rest H R)].
  apply Forall_forall; intros q I rho tau (X & Y & Z).
  exact (A q rho tau I (conj (all_hold_app rho tau _ _ X Y) Z)).
Qed.

Definition some_valid (vs : list (option theorem)) : Prop := forall th, In (Some th) vs -> valid th.

Lemma rows_for_sound families V t assume pieces verdicts witnesses rows :
  rows_for families V t assume pieces verdicts witnesses = Some rows -> some_valid verdicts -> all_valid witnesses ->
  map fst rows = pieces /\
  forall row, In row rows ->
    (exists m rho tau, @all_hold (elsewhere m) rho tau assume /\ @all_hold (elsewhere m) rho tau (fst row)) /\
    forall rho tau, all_hold rho tau assume -> all_hold rho tau (fst row) -> says_of families V t (snd row) rho tau.
Proof.
  revert verdicts witnesses rows; induction pieces as [| p pieces IH]; intros [| v verdicts] [| w witnesses] rows;
    cbn [rows_for]; intros H X Y; try discriminate.
  - found H; split; [reflexivity | intros ? []].
  - open H; found H; destruct (IH _ _ _ E1 (fun th I => X th (or_intror I)) (fun th I => Y th (or_intror I)))
    as (M & A).
    split; [cbn [map fst]; rewrite M; reflexivity |]; intros row [<- | I]; [| exact (A row I)]; cbn [fst snd]; split.
    + unfold witnessed in E0; destruct (Y w (or_introl eq_refl)) as (_ & W).
      destruct (hyps w); [| discriminate]; destruct (concl w); try discriminate.
      destruct (W still_env still_env ltac:(intros ? [])) as (m & rho & tau & S).
      exists m, rho, tau; split; intros l L; apply S, (subset_in _ _ l E0), in_or_app; auto.
    + intros rho tau B C.
      exact (verdict_of_sound families V t _ _ _ rho tau E (fun th Q => X th (or_introl Q)) (all_hold_app _ _ _ _ B C)).
Qed.

Theorem map_valid families V t assume covered verdicts apart witnesses r :
  rule_map families V t assume covered verdicts apart witnesses = Some r ->
  valid covered -> some_valid verdicts -> all_valid apart -> all_valid witnesses -> valid r.
Proof.
  unfold rule_map; intros H C X A W; destruct (concl covered) as [| | | | | | | | pieces | | | | | | | | |] eqn:E;
    try discriminate.
  open H; found H; apply valid_everywhere; intros rho0 tau0.
  destruct (rows_for_sound families V t assume pieces verdicts witnesses v E2 X W) as (M & R).
  assert (is_map (says_of families V t) assume v) as Y; [| destruct families; exact Y]; unfold is_map; split; [| split].
  - intros rho tau B; pose proof (valid_at covered rho tau C (all_hold_subset rho tau _ _ E0 B) tau) as P;
    rewrite E in P.
    destruct P as (p & I & P); rewrite <- M in I; apply in_map_iff in I; destruct I as (row & F & I); subst p.
    exists row; split; assumption.
  - apply all_apart_sound in E1; [| exact A]; rewrite <- M in E1; clear - E1.
    induction v as [| row rows IH]; [constructor |]; cbn [map] in E1; inversion E1 as [| ? ? F G]; subst;
      constructor; [| exact (IH G)].
    apply Forall_forall; intros q I; rewrite Forall_forall in F; apply F, in_map, I.
  - exact R.
Qed.
End Cited.
