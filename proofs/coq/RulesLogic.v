(** Rules about literals: assumption, integers, cases, cut, congruence; and definedness.
    As in [proofs/kernel/logic.py].  Each rule stands before the theorem that it keeps validity. *)

From Coq Require Import ZArith QArith Qreals Reals List Bool Lra Lia.
From Hasderiv Require Import Term AnalysisFunctions Semantics Eval Special Polynomial Theorems.
Import ListNotations.
Open Scope bool_scope.

(** Take a computation that succeeded apart. *)
Ltac open H :=
  repeat match type of H with
  | bind ?e _ = Some _ => let v := fresh "v" in let E := fresh "E" in destruct e as [v |] eqn:E;
    [cbn [bind] in H | discriminate]
  | (if ?b then _ else None) = Some _ => let E := fresh "E" in destruct b eqn:E; [| discriminate]
  | None = Some _ => discriminate
  end.

Ltac found H := injection H as <-.

Section Cited.
Context {cited : Interpretation}.

(** A theorem with fewer hypotheses than valid ones have. *)
Lemma valid_intro hs c :
  (forall l, In l hs -> moves (snd l) = false) ->
  (forall rho tau, all_hold rho tau hs -> conclusion_at c rho tau) -> valid {| hyps := hs; concl := c |}.
Proof. intros A B; split; [exact A | exact B]. Qed.

(** ** assume *)

Definition rule_assume (l : literal) : option theorem := conclude_under [l] (Holds l).

Theorem assume_valid l th : rule_assume l = Some th -> valid th.
Proof. intros H; apply (valid_under _ _ _ H); intros rho tau A; apply A; left; reflexivity. Qed.

(** ** gap *)

(** Whether a term is an integer for its form. *)
Fixpoint integral (t : term) : bool :=
  match t with
  | Rat q => Pos.eqb (Qden q) 1
  | Un Floor _ => true
  | Add a b | Mul a b => integral a && integral b
  | Pow a _ => integral a
  | _ => false
  end.

Lemma integral_value rho tau t : integral t = true -> exists z, eval rho tau t = IZR z.
Proof.
  induction t; cbn [integral eval]; intros H; try discriminate.
  - apply Pos.eqb_eq in H; exists (Qnum q); unfold Q2R; rewrite H; field.
  - conjuncts; destruct (IHt1 H) as (y & ->), (IHt2 H0) as (z & ->); exists (y + z)%Z; rewrite plus_IZR; reflexivity.
  - conjuncts; destruct (IHt1 H) as (y & ->), (IHt2 H0) as (z & ->); exists (y * z)%Z; rewrite mult_IZR; reflexivity.
  - destruct (IHt H) as (z & ->); exists (z ^ Z.of_nat (Pos.to_nat n))%Z; rewrite <- pow_IZR; reflexivity.
  - destruct f; try discriminate; eexists; reflexivity.
Qed.

Definition rule_gap (th : theorem) : option theorem :=
  l <- held th ;;
  match l with
  | (Positive, t) => when integral t ;; Some (conclude (Holds (NonNegative, sub t one)) [th])
  | _ => None
  end.

Theorem gap_valid th r : rule_gap th = Some r -> valid th -> valid r.
Proof.
  unfold rule_gap; intros H V; open H; destruct v as [[] t]; open H; found H.
  apply valid_conclude; [apply all_valid_cons; split; [exact V | intros ? []] |].
  intros rho K tau; pose proof (held_at _ _ rho tau E (K th (or_introl eq_refl) tau)) as P.
  unfold holds in *; cbn [concl conclude conclusion_at fst snd related] in *; unfold holds; cbn [fst snd related].
  rewrite eval_sub, eval_one; destruct (integral_value rho tau t E0) as (z & Z); rewrite Z in *.
  apply Rgt_lt, lt_IZR in P; assert (1 <= z)%Z as Q by lia; apply IZR_le in Q; lra.
Qed.

(** ** cases *)

(** Whether [q r 0]. *)
Definition number_related (r : relation) (q : Q) : bool :=
  match r, Qnum q with
  | Positive, Zpos _ | NonNegative, (Z0 | Zpos _) | Zero, Z0 | NonZero, (Zpos _ | Zneg _) => true
  | _, _ => false
  end.

Lemma number_related_value r q : number_related r q = false -> ~ related r (Q2R q).
Proof.
  assert (0 < / IZR (Zpos (Qden q)))%R as P by (apply Rinv_0_lt_compat, IZR_lt; reflexivity).
  unfold number_related, Q2R; destruct (Qnum q) as [| p | p].
  - rewrite Rmult_0_l; destruct r; simpl; intros; try discriminate; lra.
  - assert (0 < IZR (Zpos p) * / IZR (Zpos (Qden q)))%R.
    { apply Rmult_lt_0_compat; [apply IZR_lt; reflexivity | exact P]. }
    destruct r; cbn [related]; intros; try discriminate; lra.
  - assert (IZR (Zneg p) * / IZR (Zpos (Qden q)) < 0)%R.
    { rewrite <- (Rmult_0_l (/ IZR (Zpos (Qden q)))); apply Rmult_lt_compat_r; [exact P | apply IZR_lt; reflexivity]. }
    destruct r; cbn [related]; intros; try discriminate; lra.
Qed.

(** Whether a theorem proves a literal about a number that is false, so that no point satisfies its hypotheses. *)
Definition absurd (th : theorem) : bool :=
  match concl th with
  | Holds (r, t) =>
      closed t && match normal t with
                  | Some p => match constant p with Some q => negb (number_related r q) | None => false end
                  | None => false
                  end
  | _ => false
  end.

Lemma absurd_at th rho tau : absurd th = true -> ~ conclusion_at (concl th) rho tau.
Proof.
  unfold absurd; destruct (concl th) as [[r t] | | | | | | | | | | | | | | | | |]; try discriminate; intros A C.
  apply andb_prop in A; destruct A as (_ & A); destruct (normal t) as [p |] eqn:N; [| discriminate].
  destruct (constant p) as [q |] eqn:Q; [| discriminate]; apply negb_true_iff in A.
  apply (number_related_value r q A); unfold conclusion_at, holds in C; cbn [fst snd] in C.
  rewrite <- (constant_value rho tau p q Q), (normal_value rho tau t p N); exact C.
Qed.

Definition rule_cases (l : literal) (yes no : theorem) : option theorem :=
  let hs := union (without l (hyps yes)) (without (negation l) (hyps no)) in
  if same_conclusion (concl yes) (concl no) then Some {| hyps := hs; concl := concl yes |}
  else if absurd yes then Some {| hyps := hs; concl := concl no |}
  else if absurd no then Some {| hyps := hs; concl := concl yes |}
  else None.

Lemma union_without_fixed a b k l :
  valid a -> valid b -> forall h, In h (union (without k (hyps a)) (without l (hyps b))) -> moves (snd h) = false.
Proof.
  intros (A & _) (B & _) h I; apply union_in in I; destruct I as [I | I]; apply without_in in I; auto.
Qed.

Theorem cases_valid l yes no r : rule_cases l yes no = Some r -> valid yes -> valid no -> valid r.
Proof.
  unfold rule_cases; cbv zeta; intros H Y N; pose proof (union_without_fixed yes no l (negation l) Y N) as F.
  assert (forall rho tau, all_hold rho tau (union (without l (hyps yes)) (without (negation l) (hyps no))) ->
    conclusion_at (concl yes) rho tau \/ conclusion_at (concl no) rho tau) as A.
  { intros rho tau A; apply all_hold_union in A; destruct A as (A & B).
    destruct (holds_or_not rho tau l) as [P | P].
    - left; exact (valid_at yes rho tau Y (all_hold_without rho tau l _ P A) tau).
    - right; exact (valid_at no rho tau N (all_hold_without rho tau _ _ P B) tau). }
  destruct (same_conclusion _ _) eqn:S; [| destruct (absurd yes) eqn:X; [| destruct (absurd no) eqn:Z;
    [| discriminate]]];
    found H; (apply valid_intro; [exact F |]); intros rho tau B; destruct (A rho tau B) as [C | C]; try exact C.
  - apply same_conclusion_eq in S; rewrite S; exact C.
  - destruct (absurd_at yes rho tau X C).
  - destruct (absurd_at no rho tau Z C).
Qed.

(** ** cut *)

Definition rule_cut (lemma th : theorem) : option theorem :=
  fact <- held lemma ;;
  when contains (hyps th) fact ;;
  Some {| hyps := union (hyps lemma) (without fact (hyps th)); concl := concl th |}.

Theorem cut_valid lemma th r : rule_cut lemma th = Some r -> valid lemma -> valid th -> valid r.
Proof.
  unfold rule_cut; intros H L V; open H; found H; apply valid_intro.
  - intros h I; apply union_in in I; destruct I as [I | I]; [exact (proj1 L h I) |].
    apply without_in in I; exact (proj1 V h I).
  - intros rho tau A; apply all_hold_union in A; destruct A as (A & B).
    refine (valid_at th rho tau V (all_hold_without rho tau v _ _ B) tau).
    exact (held_at _ _ rho tau E (valid_at lemma rho tau L A tau)).
Qed.

(** ** instantiate *)

(** The conclusion, under the hypotheses of [others] and those of [th] at [x := t];
  what then says [t - t = 0] is left out. *)
Definition plugged (c : conclusion) (th : theorem) (values : assignment) (others : theorems) : option theorem :=
  conclude_under
    (union (minus (map (substitute_literal values) (hyps th)) (map (fun xt => equation (snd xt) (snd xt)) values))
           (hyps_of others)) c.

Lemma plugged_valid c th values others r :
  plugged c th values others = Some r -> valid th -> all_valid others ->
  (forall rho tau, known others rho -> (forall tau', conclusion_at (concl th) (plug values rho tau rho) tau') ->
     conclusion_at c rho tau) -> valid r.
Proof.
  intros H V O A; apply (valid_under _ _ _ H); intros rho tau B; apply all_hold_union in B; destruct B as (B & C).
  apply A.
  - apply (known_at others rho tau O), all_hold_hyps_of, C.
  - apply (valid_at th (plug values rho tau rho) tau V); intros l I; apply holds_substitute.
    refine (all_hold_minus rho tau _ _ _ B _ _); [| apply in_map; exact I].
    intros k J; apply in_map_iff in J; destruct J as (xt & <- & _); apply holds_equation; reflexivity.
Qed.

Definition rule_instantiate (th : theorem) (values : assignment) : option theorem :=
  l <- held th ;; plugged (Holds (substitute_literal values l)) th values [].

Theorem instantiate_valid th values r : rule_instantiate th values = Some r -> valid th -> valid r.
Proof.
  unfold rule_instantiate; intros H V; open H; apply (plugged_valid _ _ _ _ _ H V); [intros ? [] |].
  intros rho tau _ C; apply holds_substitute; exact (held_at _ _ _ tau E (C tau)).
Qed.

(** ** congruence *)

(** [a, b] where the literal is [a - b = 0]. *)
Definition difference (l : literal) : option (term * term) :=
  match l with
  | (Zero, Add a (Mul m b)) => when same m (rat (-1)) ;; Some (a, b)
  | _ => None
  end.

Lemma difference_eq l a b : difference l = Some (a, b) -> l = equation a b.
Proof.
  destruct l as [[] [| | | | c m | | | | | | | |]]; try discriminate; destruct m; try discriminate; cbn [difference].
  intros H; open H; injection H as <- <-; apply same_eq in E; subst; reflexivity.
Qed.

Lemma difference_at th a b rho tau l :
  held th = Some l -> difference l = Some (a, b) -> conclusion_at (concl th) rho tau -> eval rho tau a = eval rho tau b.
Proof. intros H D C; apply difference_eq in D; subst; apply holds_equation; exact (held_at _ _ rho tau H C). Qed.

Definition rule_congruence (template : term) (hole : name) (th : theorem) : option theorem :=
  l <- held th ;;
  ab <- difference l ;;
  Some (conclude (Holds (equation (substitute [(hole, fst ab)] [] template) (substitute [(hole,
    snd ab)] [] template))) [th]).

Theorem congruence_valid template hole th r : rule_congruence template hole th = Some r -> valid th -> valid r.
Proof.
  unfold rule_congruence; intros H V; open H; found H.
  apply valid_conclude; [apply all_valid_cons; split; [exact V | intros ? []] |]; intros rho K tau.
  destruct v0 as [a b]; cbn [fst snd]; apply holds_equation; rewrite !eval_substitute, !plug_one.
  rewrite (difference_at th a b rho tau v E E0 (K th (or_introl eq_refl) tau)); reflexivity.
Qed.

(** ** conditional: the meaning of a conditional *)

Definition rule_conditional (guard : literal) (a b : term) (premise : theorem) : option theorem :=
  l <- held premise ;;
  let whole := Cond (fst guard) (snd guard) a b in
  if same_literal l guard then Some (conclude (Holds (equation whole a)) [premise])
  else when same_literal l (negation guard) ;; Some (conclude (Holds (equation whole b)) [premise]).

Theorem conditional_valid guard a b premise r : rule_conditional guard a b premise = Some r -> valid premise -> valid r.
Proof.
  unfold rule_conditional; intros H V; open H; cbv zeta in H.
  assert (all_valid [premise]) as A by (apply all_valid_cons; split; [exact V | intros ? []]).
  destruct (same_literal v guard) eqn:S; [| destruct (same_literal v (negation guard)) eqn:T; [| discriminate]];
    found H; (apply valid_conclude; [exact A |]); intros rho K tau; apply holds_equation; cbn [eval];
    pose proof (held_at _ _ rho tau E (K premise (or_introl eq_refl) tau)) as P.
  - apply same_literal_eq in S; subst; destruct (decide _ _) as [_ | N]; [reflexivity | destruct (N P)].
  - apply same_literal_eq in T; subst; apply holds_negation in P.
    destruct (decide _ _) as [Y | _]; [destruct (P Y) | reflexivity].
Qed.

(** ** defined *)

(** The relation to 0 of the operand without which an operation has no value. *)
Definition obligation (f : unary) : option relation :=
  match f with Inv => Some NonZero | Log => Some Positive | Sqrt => Some NonNegative | _ => None end.

Lemma obligation_domain f r u : obligation f = Some r -> (in_domain f u <-> related r u).
Proof. destruct f; try discriminate; intros E; injection E as <-; simpl; tauto. Qed.

Lemma no_obligation f u : obligation f = None -> in_domain f u.
Proof. destruct f; simpl; auto; discriminate. Qed.

(** The premises that prove each of the literals. *)
Fixpoint find_each (ps : theorems) (ls : list literal) : option theorems :=
  match ls with
  | [] => Some []
  | (r, t) :: rest => th <- find_holds ps r t ;; ths <- find_each ps rest ;; Some (th :: ths)
  end.

Lemma find_each_sound ps ls used :
  find_each ps ls = Some used -> incl used ps /\ forall rho, known used rho -> forall tau, all_hold rho tau ls.
Proof.
  revert used; induction ls as [| [r t] ls IH]; cbn [find_each]; intros used H;
    [found H; split; [intros ? [] | intros rho _ tau l []] |].
  open H; found H; apply find_holds_sound in E; destruct E as (I & A), (IH _ eq_refl) as (J & B); split.
  - intros x [<- | X]; auto.
  - intros rho K tau; apply known_cons in K; destruct K as (K & L); intros l [<- | M];
    [exact (A rho tau (K tau)) | exact (B rho L tau l M)].
Qed.

(** The premises that show that a term is defined. *)
Fixpoint define (ps : theorems) (t : term) : option theorems :=
  match find_defined ps t with
  | Some th => Some [th]
  | None =>
      match t with
      | Rat _ | Pi | Var _ | Tangent _ | Idx _ => Some []
      | Over _ _ _ => None
      | Entry _ _ l =>
          (fix define_all (l : list term) : option theorems :=
             match l with [] => Some [] | a :: l => u <- define ps a ;; v <- define_all l ;; Some (u ++ v) end) l
      | Add a b | Mul a b => u <- define ps a ;; v <- define ps b ;; Some (u ++ v)
      | App f a b =>
          u <- define ps a ;; v <- define ps b ;; w <- find_each ps (special_domain f a b) ;; Some (w ++ u ++ v)
      | Pow a _ => define ps a
      | Un f a =>
          u <- define ps a ;;
          match obligation f with
          | Some r => th <- find_holds ps r a ;; Some (th :: u)
          | None => Some u
          end
      | Cond r g a b =>
          u <- define ps g ;;
          match find_holds ps r g with
          | Some th => v <- define ps a ;; Some (th :: u ++ v)
          | None =>
              th <- find_holds ps (fst (negation (r, g))) (snd (negation (r, g))) ;;
              v <- define ps b ;; Some (th :: u ++ v)
          end
      end
  end.

Lemma define_sound ps t used :
  define ps t = Some used -> incl used ps /\ forall rho, known used rho -> forall tau, defined rho tau t.
Proof.
  revert used; induction t; cbn [define]; intros used H;
    (destruct (find_defined ps _) as [th |] eqn:F;
     [found H; apply find_defined_sound in F; destruct F as (I & F); split;
      [intros ? [<- | []]; exact I | intros rho K tau; exact (F rho tau (K th (or_introl eq_refl) tau))] |]);
    try (found H; split; [intros ? [] | intros; exact Logic.I]); open H.
  - found H; destruct (IHt1 _ eq_refl) as (I & A), (IHt2 _ eq_refl) as (J & B); split; [apply incl_app; assumption |].
    intros rho K tau; apply known_app in K; destruct K; split; auto.
  - found H; destruct (IHt1 _ eq_refl) as (I & A), (IHt2 _ eq_refl) as (J & B); split; [apply incl_app; assumption |].
    intros rho K tau; apply known_app in K; destruct K; split; auto.
  - exact (IHt used H).
  - destruct (IHt _ eq_refl) as (I & A); destruct (obligation f) as [r |] eqn:O; open H; found H.
    + apply find_holds_sound in E0; destruct E0 as (J & B); split; [intros x [<- | K]; auto |].
      intros rho K tau; apply known_cons in K; destruct K as (K & L); split; [auto |].
      apply (obligation_domain f r _ O); exact (B rho tau (K tau)).
    + split; [exact I |]; intros rho K tau; split; [auto | apply no_obligation; exact O].
  - destruct (IHt1 _ eq_refl) as (I & A); destruct (find_holds ps r t1) as [th |] eqn:G; open H; found H.
    + apply find_holds_sound in G; destruct G as (J & B); destruct (IHt2 _ eq_refl) as (L & C); split.
      { intros x [<- | K]; [exact J | revert x K; apply incl_app; assumption]. }
      intros rho K tau; apply known_cons in K; destruct K as (K & M); apply known_app in M; destruct M as (M & N).
      split; [auto |]; destruct (decide r _) as [_ | X]; [auto | destruct (X (B rho tau (K tau)))].
    + apply find_holds_sound in E0; destruct E0 as (J & B); destruct (IHt3 _ eq_refl) as (L & C); split.
      { intros x [<- | K]; [exact J | revert x K; apply incl_app; assumption]. }
      intros rho K tau; apply known_cons in K; destruct K as (K & M); apply known_app in M; destruct M as (M & N).
      split; [auto |]; specialize (B rho tau (K tau)).
      rewrite <- surjective_pairing in B; apply holds_negation in B.
      destruct (decide r _) as [X | _]; [destruct (B X) | auto].
  - found H; destruct (IHt1 _ eq_refl) as (I & A), (IHt2 _ eq_refl) as (J & B); apply find_each_sound in E1.
    destruct E1 as (L & C); split; [repeat apply incl_app; assumption |]; intros rho K tau.
    apply known_app in K; destruct K as (K & M); apply known_app in M; destruct M as (M & N).
    split; [auto |]; split; [auto | apply special_domain_holds; auto].
  - clear F; cbn [defined]; revert used H; induction each as [| a l D _ IH]; intros used Q; [found Q; split;
      [intros ? [] | intros; exact Logic.I] |].
    open Q; found Q; destruct (D _ eq_refl) as (I & A), (IH _ eq_refl) as (J & B); split; [apply incl_app;
      assumption |].
    intros rho K tau; apply known_app in K; destruct K; split; auto.
Qed.

Definition rule_defined (t : term) (sides : theorems) : option theorem :=
  used <- define (rev sides) t ;; Some (conclude (Defined t) used).

Lemma all_valid_incl a b : incl a b -> all_valid b -> all_valid a.
Proof. intros I V th J; exact (V th (I th J)). Qed.

Lemma all_valid_rev ths : all_valid ths -> all_valid (rev ths).
Proof. intros V th I; apply V, in_rev, I. Qed.

Theorem defined_valid t sides r : rule_defined t sides = Some r -> all_valid sides -> valid r.
Proof.
  unfold rule_defined; intros H V; open H; found H; apply define_sound in E; destruct E as (I & A).
  apply valid_conclude; [exact (all_valid_incl _ _ I (all_valid_rev _ V)) | exact A].
Qed.

(** ** undefined *)

(** Whether an operand without a value was found, operands from the last to the first,
  and the premises met on the way. *)
Fixpoint search (ps : theorems) (t : term) : bool * theorems :=
  let below :=
    match t with
    | Rat _ | Pi | Var _ | Tangent _ | Idx _ => (false, [])
    | Over _ n _ => search ps n
    | Entry _ _ l =>
        (fix search_all (l : list term) : bool * theorems :=
           match l with
           | [] => (false, [])
           | a :: l =>
               let (yes, u) := search_all l in
               if yes then (true, u) else let (also, v) := search ps a in (also, u ++ v)
           end) l
    | Add a b | Mul a b | App _ a b =>
        let (yes, u) := search ps b in if yes then (true, u) else let (also, v) := search ps a in (also, u ++ v)
    | Pow a _ | Un _ a => search ps a
    | Cond r g a b =>
        let arm :=
          match find_holds ps r g with
          | Some th => let (yes, u) := search ps a in (yes, th :: u)
          | None =>
              match find_holds ps (fst (negation (r, g))) (snd (negation (r, g))) with
              | Some th => let (yes, u) := search ps b in (yes, th :: u)
              | None => (false, [])
              end
          end in
        let (yes, u) := arm in if yes then (true, u) else let (also, v) := search ps g in (also, u ++ v)
    end in
  let broken :=
    match t with
    | Un f a =>
        match obligation f with
        | Some r => find_holds ps (fst (negation (r, a))) (snd (negation (r, a)))
        | None => None
        end
    | _ => None
    end in
  match find_undefined ps t with
  | Some th => (true, [th])
  | None => match broken with Some th => (true, [th]) | None => below end
  end.

Lemma search_sound ps t found used :
  search ps t = (found, used) ->
  incl used ps /\ (found = true -> forall rho, known used rho -> forall tau, ~ defined rho tau t).
Proof.
  assert (forall th P, In th ps -> (forall rho tau, conclusion_at (concl th) rho tau -> ~ P rho tau) ->
    incl [th] ps /\ (true = true -> forall rho, known [th] rho -> forall tau, ~ P rho tau)) as One.
  { intros th P I A; split; [intros ? [<- | []]; exact I |].
    intros _ rho K tau; exact (A rho tau (K th (or_introl eq_refl) tau)). }
  assert (forall (P Q R : env -> env -> Prop) u v x,
    incl u ps /\ (false = true -> forall rho, known u rho -> forall tau, ~ P rho tau) ->
    incl v ps /\ (x = true -> forall rho, known v rho -> forall tau, ~ Q rho tau) ->
    (forall rho tau, R rho tau -> Q rho tau) ->
    incl (u ++ v) ps /\ (x = true -> forall rho, known (u ++ v) rho -> forall tau, ~ R rho tau)) as Both.
  { intros P Q R u v x (I & _) (J & B) S; split; [apply incl_app; assumption |].
    intros E rho K tau D; apply known_app in K; exact (B E rho (proj2 K) tau (S rho tau D)). }
  revert found used; induction t; cbn [search]; cbv zeta; intros found used H;
    (destruct (find_undefined ps _) as [th |] eqn:F;
     [injection H as <- <-; apply find_undefined_sound in F; destruct F as (I & F); exact (One th _ I F) |]);
    try (injection H as <- <-; split; [intros ? [] | discriminate]).
  - destruct (search ps t2) as [yes u]; specialize (IHt2 _ _ eq_refl); destruct yes.
    + injection H as <- <-; destruct IHt2 as (I & A); split; [exact I |]; intros E rho K tau (_ & D).
      exact (A E rho K tau D).
    + destruct (search ps t1) as [also v]; specialize (IHt1 _ _ eq_refl); injection H as <- <-.
      refine (Both _ _ _ _ _ _ IHt2 IHt1 _); intros rho tau (D & _); exact D.
  - destruct (search ps t2) as [yes u]; specialize (IHt2 _ _ eq_refl); destruct yes.
    + injection H as <- <-; destruct IHt2 as (I & A); split; [exact I |]; intros E rho K tau (_ & D).
      exact (A E rho K tau D).
    + destruct (search ps t1) as [also v]; specialize (IHt1 _ _ eq_refl); injection H as <- <-.
      refine (Both _ _ _ _ _ _ IHt2 IHt1 _); intros rho tau (D & _); exact D.
  - exact (IHt _ _ H).
  - assert (search ps t = (found, used) -> incl used ps /\
      (found = true -> forall rho, known used rho -> forall tau, ~ defined rho tau (Un f t))) as Deep.
    { intros E; destruct (IHt _ _ E) as (I & A); split; [exact I |].
      intros X rho K tau (D & _); exact (A X rho K tau D). }
    destruct (obligation f) as [r |] eqn:O; [| exact (Deep H)].
    destruct (find_holds ps _ _) as [th |] eqn:G; [| exact (Deep H)]; injection H as <- <-.
    apply find_holds_sound in G; destruct G as (I & G); apply (One th _ I); intros rho tau C (_ & D).
    specialize (G rho tau C); rewrite <- surjective_pairing in G; apply holds_negation in G; apply G.
    apply (obligation_domain f r _ O); exact D.
  - assert (forall arm, (exists a u, arm = (a, u) /\ incl u ps /\
        (a = true -> forall rho, known u rho -> forall tau, ~ defined rho tau (Cond r t1 t2 t3))) ->
      (let (yes, u) := arm in if yes then (true, u) else let (also, v) := search ps t1 in (also, u ++ v)) = (found,
        used) ->
      incl used ps /\ (found = true -> forall rho, known used rho -> forall tau,
        ~ defined rho tau (Cond r t1 t2 t3))) as Arm.
    { intros arm (a & u & -> & I & A) E; destruct a.
      - injection E as <- <-; split; assumption.
      - destruct (search ps t1) as [also v]; specialize (IHt1 _ _ eq_refl); injection E as <- <-.
        refine (Both _ _ _ _ _ _ (conj I A) IHt1 _); intros rho tau (D & _); exact D. }
    refine (Arm _ _ H); clear H Arm.
    destruct (find_holds ps r t1) as [th |] eqn:G;
      [| destruct (find_holds ps (fst (negation (r, t1))) (snd (negation (r, t1)))) as [th |] eqn:N].
    + apply find_holds_sound in G; destruct G as (I & G); destruct (search ps t2) as [yes u].
      destruct (IHt2 _ _ eq_refl) as (J & A); exists yes, (th :: u); split; [reflexivity |]; split.
      { intros x [<- | K]; [exact I | exact (J x K)]. }
      intros E rho K tau (_ & D); apply known_cons in K; destruct K as (K & L).
      destruct (decide r _) as [_ | X]; [exact (A E rho L tau D) | exact (X (G rho tau (K tau)))].
    + apply find_holds_sound in N; destruct N as (I & N); destruct (search ps t3) as [yes u].
      destruct (IHt3 _ _ eq_refl) as (J & A); exists yes, (th :: u); split; [reflexivity |]; split.
      { intros x [<- | K]; [exact I | exact (J x K)]. }
      intros E rho K tau (_ & D); apply known_cons in K; destruct K as (K & L).
      specialize (N rho tau (K tau)); rewrite <- surjective_pairing in N; apply holds_negation in N.
      destruct (decide r _) as [X | _]; [exact (N X) | exact (A E rho L tau D)].
    + exists false, []; split; [reflexivity |]; split; [intros ? [] | discriminate].
  - destruct (search ps t2) as [yes u]; specialize (IHt2 _ _ eq_refl); destruct yes.
    + injection H as <- <-; destruct IHt2 as (I & A); split; [exact I |]; intros E rho K tau (_ & D & _).
      exact (A E rho K tau D).
    + destruct (search ps t1) as [also v]; specialize (IHt1 _ _ eq_refl); injection H as <- <-.
      refine (Both _ _ _ _ _ _ IHt2 IHt1 _); intros rho tau (D & _); exact D.
  - clear F; cbn [defined]; revert found used H; induction each as [| a l D _ IH]; intros found used Q.
    + injection Q as <- <-; split; [intros ? [] | discriminate].
    + match type of Q with (let (_, _) := ?s in _) = _ => destruct s as [yes u] end.
      specialize (IH _ _ eq_refl); destruct yes.
      * injection Q as <- <-; destruct IH as (I & A); split; [exact I |]; intros E rho K tau (_ & X).
        exact (A E rho K tau X).
      * destruct (search ps a) as [also v]; specialize (D _ _ eq_refl); injection Q as <- <-.
        refine (Both _ _ _ _ _ _ IH D _); intros rho tau (X & _); exact X.
  - destruct (IHt1 _ _ H) as (I & A); split; [exact I |]; intros E rho K tau (D & _); exact (A E rho K tau D).
Qed.

Definition rule_undefined (t : term) (sides : theorems) : option theorem :=
  let (yes, used) := search (rev sides) t in when yes ;; Some (conclude (Undefined t) used).

Theorem undefined_valid t sides r : rule_undefined t sides = Some r -> all_valid sides -> valid r.
Proof.
  unfold rule_undefined; intros H V; destruct (search (rev sides) t) as [yes used] eqn:E; open H; found H.
  apply search_sound in E; destruct E as (I & A).
  apply valid_conclude; [exact (all_valid_incl _ _ I (all_valid_rev _ V)) | exact (A eq_refl)].
Qed.
End Cited.
