(** The checker: certificates as lists of steps that refer to earlier ones,
  and the theorem that all it accepts is true. *)

From Coq Require Import ZArith QArith List Bool FMapPositive.
From Hasderiv Require Import Term Semantics Special Polynomial Theorems.
From Hasderiv Require Import RulesLogic RulesFreeze RulesArith RulesFact RulesCite RulesLocal RulesNear RulesChain
  RulesSide
  RulesLimit RulesCompose RulesMap RulesInterval RulesSums FamilyRates RulesFamilies
  RulesInstance RulesFamilyChain RulesSumLocal RulesFamilyAlong RulesOperator RulesProgram.
Import ListNotations.

(** The number of an earlier step. *)
Definition ref := positive.

Inductive step :=
  | StepAssume (l : literal)
  | StepArith (goal : literal) (products : list (Q * list ref * list term)) (equations : list (term * ref))
  | StepGap (th : ref)
  | StepCases (l : literal) (yes no : ref)
  | StepCut (lemma th : ref)
  | StepInstantiate (th : ref) (values : assignment)
  | StepCongruence (template : term) (hole : name) (th : ref)
  | StepFreeze (x : name) (t : term) (th : ref)
  | StepDefined (t : term) (sides : list ref)
  | StepUndefined (t : term) (sides : list ref)
  | StepFact (e : entry) (orders : list Z) (terms : list term) (premises : list ref)
  | StepConditional (guard : literal) (a b : term) (premise : ref)
  | StepCite (i : identity) (terms : list term) (premises : list ref)
  | StepLocal (V : list name) (t : term) (sides : list ref)
  | StepRewrite (th equation : ref)
  | StepReplace (inner equal is_defined : ref) (support : list ref)
  | StepChain (outer : ref) (inner : list (name * ref))
  | StepHasDeriv (th is_defined : ref)
  | StepHigher (lower next : ref) (support : list ref)
  | StepSideReplace (inner : ref) (x : name) (onward : bool) (equal is_defined here value : ref) (support : list ref)
  | StepSideJump (inner : ref) (x : name) (onward : bool) (equal is_defined apart value : ref) (support : list ref)
  | StepSideCompose (outer : ref) (w : name) (inner : ref) (support : list ref)
  | StepSideChain (outer inner : ref) (support : list ref)
  | StepSideLimit (e : term) (x : name) (onward : bool) (rate : slope) (delta : term) (bounds : list ref)
    (room there here : ref)
  | StepSideContinuous (side : ref) (delta : term) (bounds : list ref) (room exists_ : ref)
  | StepFromSides (left right : ref) (equal : option ref)
  | StepNoDerivative (sides : list ref) (apart : option ref)
  | StepBoundary (x : name) (onward : bool) (gone here : ref) (other : option ref) (support : list ref)
  | StepIncreases (x : name) (low high : term) (moving rising : ref)
  | StepAlong (direction : list (name * Q)) (e : term) (th : ref)
  | StepWithin (pieces : list piece) (index : nat) (facts : list ref)
  | StepPoint (families : family_values) (p : piece) (values : assignment) (facts : list ref)
  | StepRoot (p : piece) (x : name) (low high : term) (values : assignment) (continuous : ref) (ends facts : list ref)
  | StepMap (families : bool) (V : list name) (t : term) (assume : piece) (covered : ref) (verdicts : list (option ref))
      (apart witnesses : list ref)
  | StepSumFact (e : sum_fact) (terms : list term) (premises : list ref)
  | StepGeneralize (op : binder) (k : name) (n : term) (th : ref) (sides : list ref)
  | StepFamilyLocal (V : list name) (t : term) (sides : list ref)
  | StepFamilyInstantiate (th : ref) (symbols : assignment) (families : family_values)
  | StepFamilyAlong (line : family_values) (e : term) (th : ref)
  | StepOperator (g : name) (outs : index) (deriv adjoint : ref) (pulls : list (name * (index * term)))
  | StepName (x : name) (th : ref) (symbols : assignment) (families : family_values)
  | StepProgram (inputs : list (name * list term)) (steps : list ref).

Definition store := PositiveMap.t theorem.

(** The first that there is: a rule for symbols, or the same for families. *)
Definition either {A} (a b : option A) : option A := match a with Some x => Some x | None => b end.

Section Step.
(** Whether facts may be cited. *)
Variable cites : bool.
Variable s : store.

Definition get (r : ref) : option theorem := PositiveMap.find r s.

Fixpoint get_all (rs : list ref) : option theorems :=
  match rs with
  | [] => Some []
  | r :: rest => th <- get r ;; ths <- get_all rest ;; Some (th :: ths)
  end.

Fixpoint get_products (ps : list (Q * list ref * list term)) : option (list factored) :=
  match ps with
  | [] => Some []
  | (q, rs, squares) :: rest => ths <- get_all rs ;; others <- get_products rest ;; Some ((q, ths, squares) :: others)
  end.

Fixpoint get_pairs {A} (es : list (A * ref)) : option (list (A * theorem)) :=
  match es with
  | [] => Some []
  | (c, r) :: rest => th <- get r ;; others <- get_pairs rest ;; Some ((c, th) :: others)
  end.

Definition get_optional (r : option ref) : option (option theorem) :=
  match r with None => Some None | Some r => th <- get r ;; Some (Some th) end.

Fixpoint get_optionals (rs : list (option ref)) : option (list (option theorem)) :=
  match rs with
  | [] => Some []
  | r :: rest => th <- get_optional r ;; ths <- get_optionals rest ;; Some (th :: ths)
  end.

Definition run_step (st : step) : option theorem :=
  match st with
  | StepAssume l => rule_assume l
  | StepArith goal products equations =>
      ps <- get_products products ;; es <- get_pairs equations ;; rule_arith goal ps es
  | StepGap th => a <- get th ;; rule_gap a
  | StepCases l yes no => a <- get yes ;; b <- get no ;; rule_cases l a b
  | StepCut lemma th => a <- get lemma ;; b <- get th ;; rule_cut a b
  | StepInstantiate th values => a <- get th ;; rule_instantiate a values
  | StepCongruence template hole th => a <- get th ;; rule_congruence template hole a
  | StepFreeze x t th => a <- get th ;; rule_freeze x t a
  | StepDefined t sides => ths <- get_all sides ;; rule_defined t ths
  | StepUndefined t sides => ths <- get_all sides ;; rule_undefined t ths
  | StepFact e orders terms premises => ths <- get_all premises ;; rule_fact e orders terms ths
  | StepConditional guard a b premise => th <- get premise ;; rule_conditional guard a b th
  | StepCite i terms premises => ths <- get_all premises ;; rule_cite cites i terms ths
  | StepLocal V t sides => ths <- get_all sides ;; rule_local cites V t ths
  | StepRewrite th equation => a <- get th ;; b <- get equation ;; either (rule_rewrite a b) (rule_family_rewrite a b)
  | StepReplace inner equal is_defined support =>
      a <- get inner ;; b <- get equal ;; c <- get is_defined ;; ths <- get_all support ;;
      either (rule_replace a b c ths) (rule_family_replace a b c ths)
  | StepHigher lower next support => a <- get lower ;; b <- get next ;; ths <- get_all support ;; rule_higher a b ths
  | StepSideReplace inner x onward equal is_defined here value support =>
      a <- get inner ;; b <- get equal ;; c <- get is_defined ;; d <- get here ;; e <- get value ;;
        ths <- get_all support ;;
      rule_side_replace a x onward b c d e ths
  | StepSideJump inner x onward equal is_defined apart value support =>
      a <- get inner ;; b <- get equal ;; c <- get is_defined ;; d <- get apart ;; e <- get value ;;
        ths <- get_all support ;;
      rule_side_jump a x onward b c d e ths
  | StepSideCompose outer w inner support =>
      a <- get outer ;; b <- get inner ;; ths <- get_all support ;; rule_side_compose a w b ths
  | StepSideChain outer inner support => a <- get outer ;; b <- get inner ;; ths <- get_all support ;;
    rule_side_chain a b ths
  | StepSideLimit e x onward rate delta bounds room there here =>
      bs <- get_all bounds ;; a <- get room ;; b <- get there ;; c <- get here ;;
        rule_side_limit e x onward rate delta bs a b c
  | StepSideContinuous side delta bounds room exists_ =>
      a <- get side ;; bs <- get_all bounds ;; b <- get room ;; c <- get exists_ ;; rule_side_continuous a delta bs b c
  | StepFromSides l r equal => a <- get l ;; b <- get r ;; c <- get_optional equal ;; rule_from_sides a b c
  | StepNoDerivative sides apart => ths <- get_all sides ;; a <- get_optional apart ;; rule_no_derivative ths a
  | StepBoundary x onward gone here other support =>
      a <- get gone ;; b <- get here ;; c <- get_optional other ;; ths <- get_all support ;;
        rule_boundary x onward a b c ths
  | StepIncreases x low high moving rising => a <- get moving ;; b <- get rising ;; rule_increases x low high a b
  | StepAlong direction e th => a <- get th ;; rule_along direction e a
  | StepChain outer inner => 
      a <- get outer ;; parts <- get_pairs inner ;; either (rule_chain a parts) (rule_family_chain a parts)
  | StepHasDeriv th is_defined => 
      a <- get th ;; b <- get is_defined ;; either (rule_has_deriv a b) (rule_family_has_deriv a b)
  | StepWithin pieces index facts => ths <- get_all facts ;; rule_within pieces index ths
  | StepPoint families p values facts => ths <- get_all facts ;; rule_point p values families ths
  | StepRoot p x low high values continuous ends facts =>
      c <- get continuous ;; es <- get_all ends ;; fs <- get_all facts ;; rule_root p x low high values c es fs
  | StepMap families V t assume covered verdicts apart witnesses =>
      c <- get covered ;; vs <- get_optionals verdicts ;; ps <- get_all apart ;; ws <- get_all witnesses ;;
      rule_map families V t assume c vs ps ws
  | StepSumFact e terms premises => ths <- get_all premises ;; rule_sum_fact e terms ths
  | StepGeneralize op k n th sides => 
      a <- get th ;; ths <- get_all sides ;;
      either (rule_generalize op k n a ths)
        (either (rule_family_generalize op k n a ths) (rule_sum_local op k n a ths))
  | StepFamilyLocal V t sides => ths <- get_all sides ;; rule_family_local V t ths
  | StepFamilyInstantiate th symbols families => a <- get th ;; rule_family_instantiate a symbols families
  | StepFamilyAlong line e th => a <- get th ;; rule_family_along line e a
  | StepOperator g outs deriv adjoint pulls => a <- get deriv ;; b <- get adjoint ;; rule_operator g outs a b pulls
  | StepName x th symbols families => a <- get th ;; rule_step x a symbols families
  | StepProgram inputs steps => ths <- get_all steps ;; rule_program inputs ths
  end.
End Step.

(** What checking a certificate ends with: its claims, or the number of the step that was refused. *)
Inductive outcome := Accepted (claims : theorems) | Refused (at_ : ref) | NoSuchClaim.

Fixpoint check_from (cites : bool) (s : store) (lines : list (ref * step)) (claims : list ref) : outcome :=
  match lines with
  | [] => match claims, get_all s claims with _ :: _, Some ths => Accepted ths | _, _ => NoSuchClaim end
  | (n, st) :: rest =>
      match run_step cites s st with
      | Some th => check_from cites (PositiveMap.add n th s) rest claims
      | None => Refused n
      end
  end.

(** Check a certificate: its numbered steps, and the numbers of those that it claims; with leave to cite, or without. *)
Definition check_with (cites : bool) (lines : list (ref * step)) (claims : list ref) : outcome :=
  check_from cites (PositiveMap.empty theorem) lines claims.

Definition check : list (ref * step) -> list ref -> outcome := check_with false.

Section Cited.
Context {cited : Interpretation}.

(** ** Soundness *)

(** Whatever the values of entries of families are. *)
Definition all_stored_valid (s : store) : Prop := forall r th, PositiveMap.find r s = Some th -> valid_anywhere th.

Lemma either_some {A} (a b : option A) x : either a b = Some x -> a = Some x \/ b = Some x.
Proof. destruct a; cbn [either]; auto. Qed.

Section Sound.
Variable cites : bool.
Hypothesis Facts : cites = true -> cited_facts.
Variable s : store.
Hypothesis S : all_stored_valid s.

Lemma get_anywhere r th : get s r = Some th -> valid_anywhere th.
Proof. exact (S r th). Qed.

Lemma get_valid r th : get s r = Some th -> valid th.
Proof. intros H; exact (valid_here th (S r th H)). Qed.

Lemma get_all_valid rs ths : get_all s rs = Some ths -> all_valid ths.
Proof.
  revert ths; induction rs as [| r rs IH]; cbn [get_all]; intros ths H; [found H; intros ? [] |]; open H; found H.
  apply all_valid_cons; split; [exact (get_valid r v E) | exact (IH _ eq_refl)].
Qed.

Lemma get_products_valid ps fs :
  get_products s ps = Some fs -> all_valid (flat_map (fun p => snd (fst p)) fs).
Proof.
  revert fs; induction ps as [| [[q rs] squares] ps IH]; cbn [get_products]; intros fs H; [found H; intros ? [] |].
  open H; found H; cbn [flat_map fst snd]; apply all_valid_app; split;
    [exact (get_all_valid rs v E) | exact (IH _ eq_refl)].
Qed.

Lemma get_pairs_valid {A} (es : list (A * ref)) ts : get_pairs s es = Some ts -> all_valid (map snd ts).
Proof.
  revert ts; induction es as [| [c r] es IH]; cbn [get_pairs]; intros ts H; [found H; intros ? [] |].
  open H; found H; cbn [map snd]; apply all_valid_cons; split; [exact (get_valid r v E) | exact (IH _ eq_refl)].
Qed.

Lemma get_optional_valid r o th : get_optional s r = Some o -> o = Some th -> valid th.
Proof.
  unfold get_optional; destruct r as [r |]; intros H E; [| found H; discriminate]; open H; found H; injection E as <-.
  exact (get_valid r v E0).
Qed.

Lemma get_optionals_valid rs os : get_optionals s rs = Some os -> some_valid os.
Proof.
  revert os; induction rs as [| r rs IH]; cbn [get_optionals]; intros os H; [found H; intros ? [] |]; open H; found H.
  intros th [-> | I]; [exact (get_optional_valid r (Some th) th E eq_refl) | exact (IH _ eq_refl th I)].
Qed.

Theorem run_step_valid st th : run_step cites s st = Some th -> valid th.
Proof.
  destruct st; cbn [run_step]; intros H;
    repeat match type of H with
    | bind ?e _ = Some _ => let v := fresh "v" in let E := fresh "E" in destruct e as [v |] eqn:E;
      [cbn [bind] in H | discriminate]
    end;
    repeat match goal with
    | E : get s _ = Some _ |- _ => pose proof (get_anywhere _ _ E); apply get_valid in E
    | E : get_all s _ = Some _ |- _ => apply get_all_valid in E
    | E : get_products s _ = Some _ |- _ => apply get_products_valid in E
    | E : get_pairs s _ = Some _ |- _ => apply get_pairs_valid in E
    | E : get_optionals s _ = Some _ |- _ => apply get_optionals_valid in E
    | E : get_optional s _ = Some _ |- _ => pose proof (fun th => get_optional_valid _ _ th E); clear E
    end.
  - exact (assume_valid _ _ H).
  - apply (arith_valid _ _ _ _ H), all_valid_app; split; assumption.
  - eapply gap_valid; eassumption.
  - eapply cases_valid; eassumption.
  - eapply cut_valid; eassumption.
  - eapply instantiate_valid; eassumption.
  - eapply congruence_valid; eassumption.
  - eapply freeze_valid; eassumption.
  - eapply defined_valid; eassumption.
  - eapply undefined_valid; eassumption.
  - eapply fact_valid; eassumption.
  - eapply conditional_valid; eassumption.
  - eapply cite_valid; eassumption.
  - eapply local_valid; eassumption.
  - apply either_some in H; destruct H; [eapply rewrite_valid | eapply family_rewrite_valid]; eassumption.
  - apply either_some in H; destruct H; [eapply replace_valid | eapply family_replace_valid]; eassumption.
  - apply either_some in H; destruct H; [eapply chain_valid | eapply family_chain_valid]; eassumption.
  - apply either_some in H; destruct H; [eapply has_deriv_valid | eapply family_has_deriv_valid]; eassumption.
  - eapply higher_valid; eassumption.
  - eapply side_replace_valid; eassumption.
  - eapply side_jump_valid; eassumption.
  - eapply side_compose_valid; eassumption.
  - eapply side_chain_valid; eassumption.
  - eapply side_limit_valid; eassumption.
  - eapply side_continuous_valid; eassumption.
  - eapply from_sides_valid; eassumption.
  - eapply no_derivative_valid; eassumption.
  - eapply boundary_valid; eassumption.
  - eapply increases_valid; eassumption.
  - eapply along_valid; eassumption.
  - eapply within_valid; eassumption.
  - eapply point_valid; eassumption.
  - eapply root_valid; eassumption.
  - eapply map_valid; eassumption.
  - eapply sum_fact_valid; eassumption.
  - apply either_some in H; destruct H as [H | H]; [eapply generalize_valid; eassumption |].
    apply either_some in H; destruct H; [eapply family_generalize_valid | eapply sum_local_valid]; eassumption.
  - eapply family_local_valid; eassumption.
  - eapply family_instantiate_valid; eassumption.
  - eapply family_along_valid; eassumption.
  - eapply operator_valid; eassumption.
  - eapply step_valid; eassumption.
  - eapply program_valid; eassumption.
Qed.
End Sound.

End Cited.

Section Cited.
Context {cited : Interpretation}.

(** The cited facts, whatever the values of entries of families are. *)
Definition cited_anywhere : Prop :=
  forall m, @cited_facts {| app_value := app_value; entry_value := m; indices := indices |}.

Lemma check_from_valid cites lines s claims ths :
  (cites = true -> cited_anywhere) -> all_stored_valid s -> check_from cites s lines claims = Accepted ths ->
    all_valid ths.
Proof.
  intros Facts; revert s; induction lines as [| [n st] rest IH]; cbn [check_from]; intros s S H.
  - destruct claims as [| c claims]; [discriminate |]; destruct (get_all s (c :: claims)) as [found |] eqn:E;
    [| discriminate].
    injection H as <-; exact (get_all_valid s S _ _ E).
  - destruct (run_step cites s st) as [th |] eqn:E; [| discriminate]; refine (IH _ _ H); intros r th' F.
    destruct (Pos.eq_dec r n) as [-> | N].
    + rewrite PositiveMap.gss in F; injection F as <-; intros m.
      exact (@run_step_valid {| app_value := app_value; entry_value := m; indices := indices |} cites
        (fun Y => Facts Y m) s S st th E).
    + rewrite PositiveMap.gso in F by exact N; exact (S r th' F).
Qed.

(** Every claim of an accepted certificate holds, where the cited facts do. *)
Theorem check_sound_cited lines claims ths :
  cited_anywhere -> check_with true lines claims = Accepted ths -> forall th, In th ths -> valid th.
Proof.
  intros Facts H; refine (check_from_valid true lines _ claims ths (fun _ => Facts) _ H).
  intros r th F; rewrite PositiveMap.gempty in F; discriminate.
Qed.

(** Every claim of a certificate that is accepted without leave to cite holds, whatever the functions of the second
    ledger are. *)
Theorem check_sound lines claims ths : check lines claims = Accepted ths -> forall th, In th ths -> valid th.
Proof.
  intros H; refine (check_from_valid false lines _ claims ths ltac:(discriminate) _ H).
  intros r th F; rewrite PositiveMap.gempty in F; discriminate.
Qed.
End Cited.
