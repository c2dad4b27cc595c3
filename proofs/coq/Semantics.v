(** What terms, literals and the conclusions of theorems mean: as in [proofs/kernel/conclusions.py].

    A point gives a value to every symbol ([rho]) and to every tangent ([tau]). *)

From Coq Require Import Reals Qreals List Bool PArith.
From Hasderiv Require Import Term AnalysisFunctions Sums.
From Hasderiv Require Families Graphs.
Import ListNotations.
Open Scope R_scope.

Definition env := name -> R.
Definition still_env : env := fun _ => 0.

(** ** Values: total functions of the symbols *)

Definition apply (f : unary) (u : R) : R :=
  match f with
  | Inv => / u
  | Exp => exp u
  | Log => ln u
  | Sin => sin u
  | Cos => cos u
  | Atan => atan u
  | Erf => erf u
  | Sqrt => sqrt u
  | Floor => floor u
  end.

Definition related (r : relation) (u : R) : Prop :=
  match r with Positive => u > 0 | NonNegative => u >= 0 | Zero => u = 0 | NonZero => u <> 0 end.

Definition decide (r : relation) (u : R) : {related r u} + {~ related r u} :=
  match r return {related r u} + {~ related r u} with
  | Positive => Rgt_dec u 0
  | NonNegative => Rge_dec u 0
  | Zero => Req_EM_T u 0
  | NonZero => match Req_EM_T u 0 with left e => right (fun n => n e) | right n => left n end
  end.

(** What is given beside the values of symbols: the functions known only by cited facts are any functions of two
    numbers; a family, and the tangent of a family, is any function of its indices; the bound indices around a term, the
    innermost first. *)
Class Interpretation := {
  app_value : special -> R -> R -> R;
  entry_value : bool -> name -> list R -> R;
  indices : list R
}.

Definition with_indices (s : list R) (I : Interpretation) : Interpretation :=
  {| app_value := app_value; entry_value := entry_value; indices := s |}.

(** With other values of entries and their tangents. *)
Definition elsewhere {I : Interpretation} (m : bool -> name -> list R -> R) : Interpretation :=
  {| app_value := app_value; entry_value := m; indices := indices |}.

(** Under one more binder, which counts with [i]. *)
Definition push (i : R) (I : Interpretation) : Interpretation := with_indices (i :: indices) I.

(** Where such a function is defined. *)
Definition app_domain (f : special) (u v : R) : Prop :=
  match f with
  | GammaFunction | LogGamma | Digamma => u > 0
  | Polygamma => v > 0 /\ u >= 0 /\ floor u = u
  | BetaFunction | LowerGamma | UpperGamma => u > 0 /\ v > 0
  | Zeta => u - 1 > 0 /\ v > 0
  | BesselJ | BesselI => floor u = u
  | BesselY | BesselK => v > 0
  | ErfInv => 1 + u > 0 /\ 1 - u > 0
  | ErfcInv => u > 0 /\ 2 - u > 0
  end.

(** The sum or maximum over the natural numbers less than a number; over nothing, both are 0. *)
Definition over (op : binder) (n : R) (f : nat -> R) : R :=
  match op with Sum => sum_below n f | Max => max_below n f end.

Fixpoint eval {I : Interpretation} (rho tau : env) (t : term) : R :=
  match t with
  | Rat q => Q2R q
  | Pi => PI
  | Var x => rho x
  | Tangent x => tau x
  | Add a b => eval rho tau a + eval rho tau b
  | Mul a b => eval rho tau a * eval rho tau b
  | Pow a n => eval rho tau a ^ Pos.to_nat n
  | Un f a => apply f (eval rho tau a)
  | App f a b => app_value f (eval rho tau a) (eval rho tau b)
  | Cond r t a b => if decide r (eval rho tau t) then eval rho tau a else eval rho tau b
  | Idx k => nth k indices 0
  | Entry moving x l => entry_value moving x (map (eval rho tau) l)
  | Over op n a => over op (eval rho tau n) (fun k => @eval (push (INR k) I) rho tau a)
  end.

Section Values.
Context {cited : Interpretation}.

Definition holds (rho tau : env) (l : literal) : Prop := related (fst l) (eval rho tau (snd l)).

Definition all_hold (rho tau : env) (literals : list literal) : Prop := forall l, In l literals -> holds rho tau l.
End Values.

(** ** Definedness: no operation that counts is applied outside its domain *)

Definition in_domain (f : unary) (u : R) : Prop :=
  match f with Inv => u <> 0 | Log => u > 0 | Sqrt => u >= 0 | _ => True end.

(** A maximum over nothing has no value. *)
Definition range_domain (op : binder) (n : R) : Prop := match op with Sum => True | Max => n > 0 end.

Fixpoint defined {I : Interpretation} (rho tau : env) (t : term) : Prop :=
  match t with
  | Rat _ | Pi | Var _ | Tangent _ => True
  | Add a b | Mul a b => defined rho tau a /\ defined rho tau b
  | Pow a _ => defined rho tau a
  | App f a b => defined rho tau a /\ defined rho tau b /\ app_domain f (eval rho tau a) (eval rho tau b)
  | Un f a => defined rho tau a /\ in_domain f (eval rho tau a)
  | Cond r t a b => defined rho tau t /\ if decide r (eval rho tau t) then defined rho tau a else defined rho tau b
  | Idx _ => True
  | Entry _ _ l => fold_right (fun a rest => defined rho tau a /\ rest) True l
  | Over op n a =>
      defined rho tau n /\ range_domain op (eval rho tau n) /\
      forall k, INR k < eval rho tau n -> @defined (push (INR k) I) rho tau a
  end.

Section Cited.
Context {cited : Interpretation}.

(** ** Neighbourhoods in the space of the symbols [V]: all others are constants *)

(** [rho'] differs from [rho] by at most [r] in the symbols of [V], and not at all in the others. *)
Definition close (V : list name) (r : R) (rho rho' : env) : Prop :=
  forall x, if member x V then Rabs (rho' x - rho x) <= r else rho' x = rho x.

Definition nearby (V : list name) (rho : env) (P : env -> Prop) : Prop :=
  exists r, 0 < r /\ forall rho', close V r rho rho' -> P rho'.

Definition continuous_at (V : list name) (f : env -> R) (rho : env) : Prop :=
  forall eps, 0 < eps -> nearby V rho (fun rho' => Rabs (f rho' - f rho) <= eps).

(** [L] is linear in the tangents of [V], and depends on no others. *)
Record linear (V : list name) (L : env -> R) : Prop := {
  linear_plus : forall s t, L (fun x => s x + t x) = L s + L t;
  linear_scale : forall k t, L (fun x => k * t x) = k * L t;
  linear_bound : exists M, 0 <= M /\ forall r t, (forall x, In x V -> Rabs (t x) <= r) -> 0 <= r -> Rabs (L t) <= M * r
}.

(** The Frechet derivative: [f rho' = f rho + L (rho' - rho) + o (rho' - rho)]. *)
Definition derivative_at (V : list name) (f : env -> R) (rho : env) (L : env -> R) : Prop :=
  linear V L /\
  forall eps, 0 < eps -> exists d, 0 < d /\ forall r rho', 0 <= r <= d -> close V r rho rho' ->
    Rabs (f rho' - f rho - L (fun x => rho' x - rho x)) <= eps * r.

(** The term as a function of its symbols.  (No tangent occurs in a term that is differentiated.) *)
Definition value (t : term) (rho : env) : R := eval rho still_env t.
Definition exists_at (t : term) (rho : env) : Prop := defined rho still_env t.

Definition local_at (V : list name) (t : term) (derivative : option term) (rho : env) : Prop :=
  nearby V rho (exists_at t) /\
  continuous_at V (value t) rho /\
  match derivative with
  | Some d => derivative_at V (value t) rho (fun tau => eval rho tau d)
  | None => True
  end.

Definition has_derivative_at (V : list name) (t d : term) (rho : env) : Prop :=
  local_at V t (Some d) rho /\ forall tau, defined rho tau d.

(** ** Families that vary: entries have values and tangents as symbols have *)

Definition here : Families.point := fun e => entry_value false (fst e) (snd e).

(** With these values of the entries; with these tangents. *)
Definition at_entries (p : Families.point) : Interpretation :=
  {| app_value := app_value;
     entry_value := fun moving x l => if moving then entry_value true x l else p (x, l); indices := indices |}.

Definition at_tangents (q : Families.point) : Interpretation :=
  {| app_value := app_value;
     entry_value := fun moving x l => if moving then q (x, l) else entry_value false x l; indices := indices |}.

(** The term as a function of the entries of families. *)
Definition entry_function (t : term) (rho : env) (p : Families.point) : R := @eval (at_entries p) rho still_env t.
Definition entries_exist (t : term) (rho : env) (p : Families.point) : Prop := @defined (at_entries p) rho still_env t.

Definition family_local_at (V : list name) (t : term) (derivative : option term) (rho : env) : Prop :=
  let varies x := member x V in
  Families.nearby varies here (entries_exist t rho) /\
  Families.continuous_at varies (entry_function t rho) here /\
  match derivative with
  | Some d => Families.derivative_at varies (entry_function t rho) here (fun q => @eval (at_tangents q) rho still_env d)
  | None => True
  end.

Definition family_has_derivative_at (V : list name) (t d : term) (rho : env) : Prop :=
  family_local_at V t (Some d) rho /\ forall q, @defined (at_tangents q) rho still_env d.

(** ** One symbol *)

(** [x] moved by [h]. *)
Definition shift (rho : env) (x : name) (h : R) : env := fun y => if Pos.eqb y x then rho y + h else rho y.

(** The derivative of order [n] of [f] in [x] is [l]: that of order [n - 1] exists nearby,
  and has the derivative [l]. *)
Fixpoint nth_derivative_at (x : name) (n : nat) (f : env -> R) (rho : env) (l : R) : Prop :=
  match n with
  | O => f rho = l
  | S m => exists g, nearby [x] rho (fun rho' => nth_derivative_at x m f rho' (g rho')) /\
                     derivative_at [x] g rho (fun tau => l * tau x)
  end.

Definition direction (side : bool) : R := if side then 1 else -1.

(** For all small positive [h]. *)
Definition shortly (P : R -> Prop) : Prop := exists d, 0 < d /\ forall h, 0 < h <= d -> P h.

Inductive slope := FiniteSlope (t : term) | PlusInfinity | MinusInfinity.

(** The change of [f] when [x] moves by [h] to the right or to the left. *)
Definition change (f : env -> R) (x : name) (onward : bool) (rho : env) (h : R) : R :=
  f (shift rho x (direction onward * h)) - f rho.

Definition quotient_tends (f : env -> R) (x : name) (onward : bool) (rho tau : env) (s : slope) : Prop :=
  match s with
  | FiniteSlope t => forall eps, 0 < eps -> shortly (fun h =>
      Rabs (change f x onward rho h - direction onward * eval rho tau t * h) <= eps * h)
  | PlusInfinity => forall bound, shortly (fun h => direction onward * change f x onward rho h >= bound * h)
  | MinusInfinity => forall bound, shortly (fun h => direction onward * change f x onward rho h <= bound * h)
  end.

Definition continuous_beside (f : env -> R) (x : name) (onward : bool) (rho : env) : Prop :=
  forall eps, 0 < eps -> shortly (fun h => Rabs (change f x onward rho h) <= eps).

(** [f] jumps: beside the point it stays away from its value there.  (Unlike mere discontinuity,
  compositions inherit it.) *)
Definition jumps_beside (f : env -> R) (x : name) (onward : bool) (rho : env) : Prop :=
  exists gap, 0 < gap /\ shortly (fun h => gap <= Rabs (change f x onward rho h)).

Definition side_at (x : name) (onward : bool) (t : term) (s : slope) (continuous : option bool) (rho tau : env)
  : Prop :=
  exists_at t rho /\
  shortly (fun h => exists_at t (shift rho x (direction onward * h))) /\
  quotient_tends (value t) x onward rho tau s /\
  match continuous with
  | Some true => continuous_beside (value t) x onward rho
  | Some false => jumps_beside (value t) x onward rho
  | None => True
  end.

Inductive reason := Corner | Jump | VerticalTangent | Boundary.

Definition one_side_at (V : list name) (onward : bool) (t : term) (s : option slope) (rho tau : env) : Prop :=
  match s with
  | Some s => match V with [x] => side_at x onward t s None rho tau | _ => False end
  | None => True
  end.

Definition not_differentiable_at
    (V : list name) (t : term) (why : reason) (from_left from_right : option slope) (rho tau : env) : Prop :=
  exists_at t rho /\
  ~ (nearby V rho (exists_at t) /\ exists L, derivative_at V (value t) rho L) /\
  match why with
  | Jump => ~ continuous_at V (value t) rho
  | Boundary => ~ nearby V rho (exists_at t)
  | Corner | VerticalTangent => True
  end /\
  one_side_at V false t from_left rho tau /\ one_side_at V true t from_right rho tau.

(** ** Other values for symbols and families *)

(** The symbols, some of which have the values of terms. *)
Definition plug (values : assignment) (rho tau : env) (old : env) : env :=
  fun x => match lookup x values with Some t => eval rho tau t | None => old x end.

(** What stands for the entries of a family of so many indices, for which there are loose indices,
  the last innermost. *)
Definition family_values := list (name * (nat * term)).

Fixpoint find_value {A} (x : name) (values : list (name * A)) : option A :=
  match values with
  | [] => None
  | (y, v) :: rest => if Pos.eqb x y then Some v else find_value x rest
  end.

Definition plug_entries {I : Interpretation} (families : family_values) (rho tau : env)
  (moving : bool) (x : name) (l : list R) : R :=
  match moving, find_value x families with
  | false, Some (rank, b) =>
      if Nat.eqb (length l) rank then @eval (with_indices (rev l ++ indices) I) rho tau b else entry_value false x l
  | _, _ => entry_value moving x l
  end.

End Cited.

Section Cited.
Context {cited : Interpretation}.

(** ** Operators: a derivative with its adjoint *)

(** All tuples of natural numbers below the given numbers. *)
Fixpoint tuples (ns : list R) : list (list R) :=
  match ns with
  | [] => [[]]
  | n :: rest => flat_map (fun k => map (cons (INR k)) (tuples rest)) (seq 0 (ceil n))
  end.

Definition ranges (rho : env) (sizes : list term) : list (list R) := tuples (map (eval rho still_env) sizes).

(** The loose indices are these, the last of them the innermost. *)
Definition at_index (i : list R) (I : Interpretation) : Interpretation := with_indices (rev i ++ indices) I.

(** The family [x] is [g]. *)
Definition with_family (x : name) (g : list R -> R) (I : Interpretation) : Interpretation :=
  {| app_value := app_value;
     entry_value := fun moving y l => if negb moving && Pos.eqb y x then g l else entry_value moving y l;
     indices := indices |}.

(** Terms and conditions have a loose index for each size; of each operand there are the sizes, and its cotangent where
    the family [cotangent] is that of the result. *)
Record operator := {
  out_sizes : list term;
  out_term : term;
  out_derivative : term;
  cotangent : name;
  pullbacks : list (name * (list term * term));
  conditions : list literal
}.

Definition conditions_hold (o : operator) (rho : env) : Prop :=
  forall i, In i (ranges rho (out_sizes o)) -> @all_hold (at_index i cited) rho still_env (conditions o).

(** Entries have the derivative, and for all cotangents [g] and tangents [q] the pullbacks are its adjoint. *)
Definition operator_at (o : operator) (rho : env) : Prop :=
  conditions_hold o rho ->
  (forall i, In i (ranges rho (out_sizes o)) ->
     @family_has_derivative_at (at_index i cited) (map fst (pullbacks o)) (out_term o) (out_derivative o) rho) /\
  forall g q,
    Graphs.summed (ranges rho (out_sizes o))
      (fun i => g i * @eval (at_index i (at_tangents q)) rho still_env (out_derivative o)) =
    Graphs.summed (pullbacks o) (fun x => Graphs.summed (ranges rho (fst (snd x)))
      (fun j => @eval (at_index j (with_family (cotangent o) g cited)) rho still_env (snd (snd x)) * q (fst x, j))).

End Cited.

Section Cited.
Context {cited : Interpretation}.

(** ** Programs: operators with names, one after the other *)

(** A name for what an operator makes of other families, whose names are [node_sources], and of the values of other
    symbols, wherever [node_hyps] hold. *)
Record node := {
  node_name : name;
  node_operator : operator;
  node_hyps : list literal;
  node_sources : list (name * name);
  node_symbols : assignment;
  node_families : family_values
}.

(** The symbols of the operator, where families so far have the entries [p]. *)
Definition named_symbols (n : node) (rho : env) : env := plug (node_symbols n) rho still_env rho.

Definition named (n : node) (rho : env) (p : Families.point) : Interpretation :=
  {| app_value := app_value;
     entry_value := fun moving x l =>
       match moving, find_value x (node_sources n) with
       | false, Some y => p (y, l)
       | _, _ => plug_entries (node_families n) rho still_env moving x l
       end;
     indices := indices |}.

Definition source_of (n : node) (x : name) : name := match find_value x (node_sources n) with Some y => y | None => x
  end.

Definition named_tangents (n : node) (q : Families.point) : Families.point := fun e =>
  match find_value (fst e) (node_sources n) with Some y => q (y, snd e) | None => 0 end.

Definition named_ranges (n : node) (rho : env) (sizes : list term) : list (list R) :=
  @ranges (named n rho here) (named_symbols n rho) sizes.

Definition stage_of (rho : env) (n : node) : Graphs.stage :=
  let o := node_operator n in
  let rho' := named_symbols n rho in
  {| Graphs.target := node_name n;
     Graphs.range := named_ranges n rho (out_sizes o);
     Graphs.value := fun p i => @eval (at_index i (named n rho p)) rho' still_env (out_term o);
     Graphs.slope := fun p q i =>
       @eval (at_index i (@at_tangents (named n rho p) (named_tangents n q))) rho' still_env (out_derivative o);
     Graphs.operands := map (fun x =>
       {| Graphs.source := source_of n (fst x);
          Graphs.extent := named_ranges n rho (fst (snd x));
          Graphs.pull := fun p g j =>
            @eval (at_index j (with_family (cotangent o) g (named n rho p))) rho' still_env (snd (snd x)) |})
       (pullbacks o) |}.

(** The hypotheses and conditions of all nodes hold of what was computed before. *)
Fixpoint covered (rho : env) (nodes : list node) (p : Families.point) : Prop :=
  match nodes with
  | [] => True
  | n :: rest =>
      @all_hold (named n rho p) (named_symbols n rho) still_env (node_hyps n) /\
      @conditions_hold (named n rho p) (node_operator n) (named_symbols n rho) /\
      covered rho rest (Graphs.forward (stage_of rho n) p)
  end.

(** Where the program is covered, forward accumulation is the derivative of every family in the inputs, and reverse
    accumulation is its adjoint. *)
Definition program_at (inputs : list (name * list term)) (nodes : list node) (rho : env) : Prop :=
  let stages := map (stage_of rho) nodes in
  let given := map (fun x => (fst x, ranges rho (snd x))) inputs in
  covered rho nodes here ->
  (forall e, In (fst e) (map fst inputs ++ map node_name nodes) ->
     Families.derivative_at (fun x => member x (map fst inputs)) (fun p => Graphs.run stages p e) here
       (fun q => Graphs.tangents stages here q e)) /\
  forall g q, Graphs.pair (given ++ map Graphs.result stages) g (Graphs.tangents stages here q) =
              Graphs.pair given (Graphs.cotangents stages here g) q.

End Cited.

Section Cited.
Context {cited : Interpretation}.

(** ** Conclusions *)

Definition piece := list literal.

Inductive verdict :=
  | Differentiable (d : term)
  | NotSmooth (why : reason) (from_left from_right : option slope)
  | NoValue
  | Unknown.

Definition verdict_at (V : list name) (t : term) (v : verdict) (rho tau : env) : Prop :=
  match v with
  | Differentiable d => has_derivative_at V t d rho
  | NotSmooth why l r => not_differentiable_at V t why l r rho tau
  | NoValue => ~ defined rho tau t
  | Unknown => True
  end.

(** As for symbols; of no sides it is known which they are. *)
Definition family_not_differentiable_at (V : list name) (t : term) (why : reason) (rho : env) : Prop :=
  let varies x := member x V in
  entries_exist t rho here /\
  ~ (Families.nearby varies here (entries_exist t rho) /\
     exists L, Families.derivative_at varies (entry_function t rho) here L) /\
  match why with
  | Jump => ~ Families.continuous_at varies (entry_function t rho) here
  | Boundary => ~ Families.nearby varies here (entries_exist t rho)
  | Corner | VerticalTangent => True
  end.

Definition family_verdict_at (V : list name) (t : term) (v : verdict) (rho tau : env) : Prop :=
  match v with
  | Differentiable d => family_has_derivative_at V t d rho
  | NotSmooth why _ _ => family_not_differentiable_at V t why rho
  | NoValue => ~ defined rho tau t
  | Unknown => True
  end.

(** A verdict for every point that satisfies [assume]: the pieces exhaust these, no two overlap,
  each holds somewhere. *)
Definition is_map (says : verdict -> env -> env -> Prop) (assume : piece) (rows : list (piece * verdict)) : Prop :=
  (forall rho tau, all_hold rho tau assume -> exists row, In row rows /\ all_hold rho tau (fst row)) /\
  ForallOrdPairs (fun p q => forall rho tau, ~ (all_hold rho tau assume /\ all_hold rho tau (fst p) /\
    all_hold rho tau (fst q)))
    rows /\
  (forall row, In row rows ->
     (exists m rho tau, @all_hold (elsewhere m) rho tau assume /\ @all_hold (elsewhere m) rho tau (fst row)) /\
     forall rho tau, all_hold rho tau assume -> all_hold rho tau (fst row) -> says (snd row) rho tau).

Inductive conclusion :=
  | Holds (l : literal)
  | Defined (t : term)
  | Undefined (t : term)
  | Local (V : list name) (t : term) (derivative : option term)
  | HasDeriv (V : list name) (t d : term)
  | NthDerivative (x : name) (order : positive) (t d : term)
  | Side (x : name) (onward : bool) (t : term) (s : slope) (continuous : option bool)
  | NotDifferentiable (V : list name) (t : term) (why : reason) (from_left from_right : option slope)
  | Within (pieces : list piece)
  | Somewhere (p : piece)
  | Map (V : list name) (t : term) (assume : piece) (rows : list (piece * verdict))
  | FamilyLocal (V : list name) (t : term) (derivative : option term)
  | FamilyHasDeriv (V : list name) (t d : term)
  | Operates (o : operator)
  | Names (n : node)
  | Runs (inputs : list (name * list term)) (nodes : list node)
  | FamilyNotDifferentiable (V : list name) (t : term) (why : reason)
  | FamilyMap (V : list name) (t : term) (assume : piece) (rows : list (piece * verdict)).

Definition conclusion_at (c : conclusion) (rho tau : env) : Prop :=
  match c with
  | Holds l => holds rho tau l
  | Defined t => defined rho tau t
  | Undefined t => ~ defined rho tau t
  | Local V t d => local_at V t d rho
  | HasDeriv V t d => has_derivative_at V t d rho
  | NthDerivative x n t d =>
      nearby [x] rho (exists_at t) /\ defined rho tau d /\
      nth_derivative_at x (Pos.to_nat n) (value t) rho (eval rho tau d)
  | Side x onward t s continuous => side_at x onward t s continuous rho tau
  | NotDifferentiable V t why l r => not_differentiable_at V t why l r rho tau
  | Within pieces => exists p, In p pieces /\ all_hold rho tau p
  | Somewhere p => exists m rho tau, @all_hold (elsewhere m) rho tau p
  | Map V t assume rows => is_map (verdict_at V t) assume rows
  | FamilyLocal V t d => family_local_at V t d rho
  | FamilyHasDeriv V t d => family_has_derivative_at V t d rho
  | Operates o => operator_at o rho
  | Names n => forall m rho tau,
      @all_hold (elsewhere m) rho tau (node_hyps n) -> @operator_at (elsewhere m) (node_operator n) rho
  | Runs inputs nodes => program_at inputs nodes rho
  | FamilyNotDifferentiable V t why => family_not_differentiable_at V t why rho
  | FamilyMap V t assume rows => is_map (family_verdict_at V t) assume rows
  end.

(** ** Theorems: [hyps |- concl] *)

Record theorem := { hyps : list literal; concl : conclusion }.

(** Hypotheses do not restrict tangents, and wherever they hold, so does the conclusion. *)
Definition valid (th : theorem) : Prop :=
  (forall l, In l (hyps th) -> moves (snd l) = false) /\
  forall rho tau, all_hold rho tau (hyps th) -> conclusion_at (concl th) rho tau.
End Cited.
