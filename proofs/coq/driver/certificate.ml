(* Certificates, read line by line into the steps that the verified checker takes.

   Nothing here can make a false claim pass: what is read wrongly is another certificate, and the checker prints what it
   proves.  The form is checked all the same: dense numbers, references to earlier lines only, no line twice, none unused. *)

open Checker
open Json

let max_line = 1_000_000
let max_bytes = 100_000_000
let max_digits = 2000
let max_size = 1_000_000

(* ---- numbers and names ---- *)

let rec positive n = if n = 1 then XH else if n land 1 = 1 then XI (positive (n / 2)) else XO (positive (n / 2))
let rec int_of_positive = function XH -> 1 | XO p -> 2 * int_of_positive p | XI p -> (2 * int_of_positive p) + 1
let integer n = if n = 0 then Z0 else if n > 0 then Zpos (positive n) else Zneg (positive (-n))
let rec natural n = if n = 0 then O else S (natural (n - 1))

let decimal digits =
  let rec from i rest =
    if i < 0 then rest
    else
      from (i - 1)
        (match digits.[i] with
        | '0' -> D0 rest | '1' -> D1 rest | '2' -> D2 rest | '3' -> D3 rest | '4' -> D4 rest
        | '5' -> D5 rest | '6' -> D6 rest | '7' -> D7 rest | '8' -> D8 rest | '9' -> D9 rest
        | _ -> refuse "not a digit") in
  Z.of_int (Pos (from (String.length digits - 1) Nil))

let all_digits s = s <> "" && String.for_all (fun c -> c >= '0' && c <= '9') s

(* [sign] is 1 where a sign stands before it, which counts as a digit. *)
let numeral sign s =
  if not (all_digits s) || (s.[0] = '0' && s <> "0") then refuse "not a rational number in the form p or p/q";
  if String.length s + sign > max_digits then refuse "a rational number has too many digits";
  decimal s

let rational text =
  if String.length text > 2 * max_digits then refuse "not a rational number in the form p or p/q";
  let negative = text <> "" && text.[0] = '-' in
  let sign = if negative then 1 else 0 in
  let plain = if negative then String.sub text 1 (String.length text - 1) else text in
  let top, bottom = match String.split_on_char '/' plain with
    | [ p ] -> (numeral sign p, None)
    | [ p; q ] -> (numeral sign p, Some (numeral 0 q))
    | _ -> refuse "not a rational number in the form p or p/q" in
  if negative && top = Z0 then refuse "a rational number is not in lowest terms";
  let den = match bottom with
    | None -> XH
    | Some (Zpos q) -> if q = XH || Z.gcd top (Zpos q) <> Zpos XH then refuse "a rational number is not in lowest terms" else q
    | Some _ -> refuse "not a rational number in the form p or p/q" in
  let num = match top with Zpos p when negative -> Zneg p | z -> z in
  { qnum = num; qden = den }

(* The symbols of the definition of a one-sided derivative have fixed numbers in the checker. *)
let numbers : (string, positive) Hashtbl.t = Hashtbl.create 64
let names : (positive, string) Hashtbl.t = Hashtbl.create 64

let enter name number = Hashtbl.replace numbers name number; Hashtbl.replace names number name

let () = enter "h" XH; enter "eps" (XO XH)

let is_name s =
  let letter c = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') in
  s <> "" && String.length s <= 64 && letter s.[0]
  && String.for_all (fun c -> letter c || (c >= '0' && c <= '9') || c = '_') s

let name s =
  if not (is_name s) then refuse "not a name";
  match Hashtbl.find_opt numbers s with
  | Some number -> number
  | None ->
      let number = positive (Hashtbl.length numbers + 1) in
      enter s number; number

(* How a family is written where it stands for itself. *)
let symbols : (positive, string) Hashtbl.t = Hashtbl.create 64

(* A family of so many indices is another symbol than those with more or fewer, or none. *)
let family s rank =
  if not (is_name s) then refuse "not a name";
  if rank > 9 then refuse "more than 9 indices";
  let key = Printf.sprintf "%s/%d" s rank in
  match Hashtbl.find_opt numbers key with
  | Some number -> number
  | None ->
      let number = positive (Hashtbl.length numbers + 1) in
      Hashtbl.replace numbers key number; Hashtbl.replace names number s; Hashtbl.replace symbols number key; number

(* ---- the lines read so far ---- *)

(* Of a theorem, how many indices the result of the operator has, if it is about one.  A term with the number of its nodes when it is written out as a tree, as the checker takes it, and the number of
   binders that it needs around it. *)
type item = Term of term * int * int | Theorem of int

type reader = { items : item array; used : bool array; mutable count : int; mutable cites : bool }

let at reader = function
  | Int i when i >= 0 && i < reader.count -> reader.used.(i) <- true; (i, reader.items.(i))
  | _ -> refuse "not the number of an earlier line"

(* An operand of a term may have loose indices; a term that is given to a rule stands for itself. *)
let operand r v = match at r v with _, Term (t, _, _) -> t | _ -> refuse "not the number of a term"
let term r v = match at r v with
  | _, Term (t, _, 0) -> t
  | _, Term _ -> refuse "the term has a loose index"
  | _ -> refuse "not the number of a term"
let theorem r v = match at r v with i, Theorem _ -> positive (i + 1) | _ -> refuse "not the number of a theorem"
let array = function Array vs -> vs | _ -> refuse "not an array"
let many decode r v = List.map (decode r) (array v)
let optional decode r = function Null -> None | v -> Some (decode r v)
let two = function Array [ a; b ] -> (a, b) | _ -> refuse "not an array of 2 items"
let string = function String s -> s | _ -> refuse "not a string"
let symbol _ v = name (string v)
let number _ v = rational (string v)

let int = function Int n when abs n <= 1_000_000 -> n | _ -> refuse "not an integer of reasonable size"

let relation v = match v with
  | String ">" -> Positive | String ">=" -> NonNegative | String "=" -> Zero | String "!=" -> NonZero
  | _ -> refuse "not a comparison with 0"

let literal r v = let rel, t = two v in (relation rel, term r t)
let piece r v = many literal r v

(* A family with its rank, [x/2]. *)
let ranked s =
  match String.split_on_char '/' s with
  | [ x; rank ] when is_name x && all_digits rank && rank <> "0" && String.length rank = 1 -> Some (x, int_of_string rank)
  | _ -> None

let sorted texts =
  List.iter (fun s -> if not (is_name s || ranked s <> None) then refuse "not a name") texts;
  if texts <> List.sort_uniq compare texts then refuse "names are not in order, or stand twice"

(* Symbols that vary; families do so only where there are no others, in one rule. *)
let vary _ v =
  let texts = List.map string (array v) in
  sorted texts;
  if List.exists (fun s -> ranked s <> None) texts then refuse "families in this place are not supported";
  List.map name texts

let varying_families v =
  let texts = List.map string (array v) in
  sorted texts;
  let found = List.filter_map ranked texts in
  if found = [] then None
  else if List.length found = List.length texts then Some (List.map (fun (x, rank) -> family x rank) found)
  else refuse "families in this place are not supported"

let mapping decode r v =
  let pairs = List.map two (array v) in
  if List.exists (fun (k, _) -> ranked (string k) <> None) pairs then refuse "families in this place are not supported";
  sorted (List.map (fun (k, _) -> string k) pairs);
  List.map (fun (k, t) -> (name (string k), decode r t)) pairs

let loose_of r v = match v with
  | Int i when i >= 0 && i < r.count -> (match r.items.(i) with Term (_, _, d) -> d | Theorem _ -> 0)
  | _ -> 0

(* What stands for symbols, and for families: terms with a loose index for each of theirs. *)
let replaced r v =
  let pairs = List.map two (array v) in
  sorted (List.map (fun (k, _) -> string k) pairs);
  List.fold_right (fun (k, t) (symbols, families) ->
    match ranked (string k) with
    | None -> ((name (string k), term r t) :: symbols, families)
    | Some (x, rank) ->
        if loose_of r t > rank then refuse "a loose index has no value";
        (symbols, (family x rank, (natural rank, operand r t)) :: families)) pairs ([], [])

let product r = function
  | Array [ q; facts; squares ] -> ((number r q, many theorem r facts), many term r squares)
  | _ -> refuse "not an array of 3 items"

let pair first second r v = let a, b = two v in (first r a, second r b)

let slope r = function String "+oo" -> PlusInfinity | String "-oo" -> MinusInfinity | v -> FiniteSlope (term r v)
let onward v = match int v with 1 -> true | -1 -> false | _ -> refuse "the sign must be 1 or -1"

(* Facts about real functions, and about sums and maxima; there are no orders in the latter. *)
type fact = Real of entry | Many of sum_fact

let entries = [
  ("inv", Real InvFact); ("exp_pos", Real ExpPos); ("exp_zero", Real ExpZero); ("exp_add", Real ExpAdd); ("exp_taylor", Real ExpTaylor);
  ("exp_log", Real ExpLog); ("log_exp", Real LogExp); ("sqrt_square", Real SqrtSquare); ("sqrt_nonneg", Real SqrtNonneg); ("sin_cos", Real SinCos);
  ("sin_add", Real SinAdd); ("cos_add", Real CosAdd); ("sin_odd", Real SinOdd); ("cos_even", Real CosEven); ("cos_zero", Real CosZero);
  ("sin_half_pi", Real SinHalfPi); ("sin_pos", Real SinPos); ("sin_taylor", Real SinTaylor); ("cos_taylor", Real CosTaylor); ("pi_low", Real PiLow);
  ("pi_high", Real PiHigh); ("atan_tan", Real AtanTan); ("atan_cos", Real AtanCos); ("atan_low", Real AtanLow); ("atan_high", Real AtanHigh);
  ("tan_atan", Real TanAtan); ("erf_odd", Real ErfOdd); ("erf_pos", Real ErfPos); ("erf_high", Real ErfHigh); ("floor_low", Real FloorLow);
  ("floor_high", Real FloorHigh);
  ("sum_linear", Many SumLinear); ("sum_swap", Many SumSwap); ("sum_delta", Many SumDelta); ("sum_count", Many SumCount);
  ("max_upper", Many MaxUpper) ]

let entry v = match List.assoc_opt (string v) entries with Some e -> e | None -> refuse "no such entry in the ledger"

let identities = [
  ("gamma_pos", GammaPos); ("beta_pos", BetaPos); ("gamma_exp", GammaExp); ("beta_gamma", BetaGamma);
  ("digamma_step", DigammaStep); ("besselj_step", BesselJStep); ("bessely_step", BesselYStep);
  ("besseli_step", BesselIStep); ("besselj_minus", BesselJMinus); ("bessely_minus", BesselYMinus);
  ("besseli_minus", BesselIMinus); ("besselk_minus", BesselKMinus);
  ("besseli_zero_0", BesselIZero Z0); ("besseli_zero_1", BesselIZero (Zpos XH)); ("besseli_zero_2", BesselIZero (Zpos (XO XH)));
  ("besselj_zero_0", BesselJZero Z0); ("besselj_zero_1", BesselJZero (Zpos XH)); ("besselj_zero_2", BesselJZero (Zpos (XO XH))) ]

let identity v =
  match List.assoc_opt (string v) identities with Some i -> i | None -> refuse "no such identity in the ledger of cited facts"

(* The functions of the second ledger, and whether they have a second operand. *)
let special = [
  ("gamma", (GammaFunction, false)); ("loggamma", (LogGamma, false)); ("digamma", (Digamma, false));
  ("polygamma", (Polygamma, true)); ("beta", (BetaFunction, true)); ("lowergamma", (LowerGamma, true));
  ("uppergamma", (UpperGamma, true)); ("zeta", (Zeta, true)); ("besselj", (BesselJ, true)); ("bessely", (BesselY, true));
  ("besseli", (BesselI, true)); ("besselk", (BesselK, true)); ("erfinv", (ErfInv, false)); ("erfcinv", (ErfcInv, false)) ]

let binders = [ ("sum", Sum); ("max", Max) ]
let binder s = match List.assoc_opt s binders with Some op -> op | None -> refuse "no such binder"
let variable r v = match term r v with Var k -> k | _ -> refuse "not a variable"


(* Of an operator, how many indices its result has; two rules hand an operator on. *)
let rank_of r rule args =
  let of_ v = match at r v with _, Theorem rank -> rank | _ -> 0 in
  match (rule, args) with
  | "operator", outs :: _ -> List.length (array outs)
  | "cut", [ _; a ] -> of_ a
  | "cases", [ _; a; b ] -> max (of_ a) (of_ b)
  | _ -> 0

let family_of v = match ranked (string v) with Some (x, rank) -> (family x rank, rank) | None -> refuse "not a family"
let as_many rank vs = if List.length vs <> rank then refuse "a family has other indices" else vs

let index r v =
  match many (pair variable term) r v with [] -> refuse "there is no index" | ix -> ix

let pullback r = function
  | Array [ x; ix; v ] -> let x, rank = family_of x in (x, (as_many rank (index r ix), term r v))
  | _ -> refuse "not an array of 3 items"

let step r rule args =
  match (rule, args) with
  | "assume", [ l ] -> StepAssume (literal r l)
  | "arith", [ goal; products; equations ] ->
      StepArith (literal r goal, many product r products, many (pair term theorem) r equations)
  | "gap", [ a ] -> StepGap (theorem r a)
  | "cases", [ l; a; b ] -> StepCases (literal r l, theorem r a, theorem r b)
  | "cut", [ a; b ] -> StepCut (theorem r a, theorem r b)
  | "instantiate", [ a; values ] -> (
      let a = theorem r a in
      match replaced r values with
      | values, [] -> StepInstantiate (a, values)
      | values, families -> StepFamilyInstantiate (a, values, families))
  | "congruence", [ t; hole; a ] -> StepCongruence (term r t, symbol r hole, theorem r a)
  | "defined", [ t; sides ] -> StepDefined (term r t, many theorem r sides)
  | "undefined", [ t; sides ] -> StepUndefined (term r t, many theorem r sides)
  | "generalize", [ op; k; n; a; sides ] ->
      StepGeneralize (binder (string op), variable r k, term r n, theorem r a, many theorem r sides)
  | "fact", [ e; orders; ts; premises ] ->
      let orders = List.map (fun n -> integer (int n)) (array orders) in
      let ts = many term r ts and premises = many theorem r premises in
      (match entry e with
      | Real e -> StepFact (e, orders, ts, premises)
      | Many e when orders = [] -> StepSumFact (e, ts, premises)
      | Many _ -> refuse "there are no orders in this entry of the ledger")
  | "cite", [ i; ts; premises ] -> r.cites <- true; StepCite (identity i, many term r ts, many theorem r premises)
  | "conditional", [ guard; a; b; premise ] -> StepConditional (literal r guard, term r a, term r b, theorem r premise)
  | "local", [ v; t; sides ] -> (
      let t = term r t and sides = many theorem r sides in
      match varying_families v with Some fs -> StepFamilyLocal (fs, t, sides) | None -> StepLocal (vary r v, t, sides))
  | "rewrite", [ a; b ] -> StepRewrite (theorem r a, theorem r b)
  | "has_deriv", [ a; b ] -> StepHasDeriv (theorem r a, theorem r b)
  | "freeze", [ x; t; a ] -> StepFreeze (symbol r x, term r t, theorem r a)
  | "replace", [ a; b; c; support ] -> StepReplace (theorem r a, theorem r b, theorem r c, many theorem r support)
  | "higher", [ a; b; support ] -> StepHigher (theorem r a, theorem r b, many theorem r support)
  | "side_replace", [ a; x; sign; b; c; d; e; support ] ->
      StepSideReplace (theorem r a, symbol r x, onward sign, theorem r b, theorem r c, theorem r d, theorem r e,
                       many theorem r support)
  | "side_jump", [ a; x; sign; b; c; d; e; support ] ->
      StepSideJump (theorem r a, symbol r x, onward sign, theorem r b, theorem r c, theorem r d, theorem r e,
                    many theorem r support)
  | "side_compose", [ a; w; b; support ] -> StepSideCompose (theorem r a, symbol r w, theorem r b, many theorem r support)
  | "side_chain", [ a; b; support ] -> StepSideChain (theorem r a, theorem r b, many theorem r support)
  | "side_limit", [ e; x; sign; rate; delta; bounds; a; b; c ] ->
      StepSideLimit (term r e, symbol r x, onward sign, slope r rate, term r delta, many theorem r bounds, theorem r a,
                     theorem r b, theorem r c)
  | "side_continuous", [ a; delta; bounds; b; c ] ->
      StepSideContinuous (theorem r a, term r delta, many theorem r bounds, theorem r b, theorem r c)
  | "from_sides", [ a; b; equal ] -> StepFromSides (theorem r a, theorem r b, optional theorem r equal)
  | "no_derivative", [ sides; apart ] -> StepNoDerivative (many theorem r sides, optional theorem r apart)
  | "boundary", [ x; sign; a; b; other; support ] ->
      StepBoundary (symbol r x, onward sign, theorem r a, theorem r b, optional theorem r other, many theorem r support)
  | "increases", [ x; bounds; a; b ] ->
      let low, high = two bounds in
      StepIncreases (symbol r x, term r low, term r high, theorem r a, theorem r b)
  | "along", [ line; e; a ] -> (
      match List.map two (array line) with
      | (k, _) :: _ when ranked (string k) <> None -> StepFamilyAlong (snd (replaced r line), term r e, theorem r a)
      | _ -> StepAlong (mapping number r line, term r e, theorem r a))
  | "chain", [ a; inner ] -> StepChain (theorem r a, many (pair symbol theorem) r inner)
  | "within", [ pieces; index; facts ] ->
      let i = int index in
      if i < 0 then refuse "there is no such piece";
      let pieces = many piece r pieces in
      if i >= List.length pieces then refuse "there is no such piece";
      StepWithin (pieces, natural i, many theorem r facts)
  | "point", [ p; values; facts ] ->
      let symbols, families = replaced r values in
      StepPoint (families, piece r p, symbols, many theorem r facts)
  | "root", [ p; x; bounds; values; continuous; ends; facts ] ->
      let low, high = two bounds in
      StepRoot (piece r p, symbol r x, term r low, term r high, mapping term r values, theorem r continuous,
                many theorem r ends, many theorem r facts)
  | "map", [ v; t; assume; covered; verdicts; apart; witnesses ] ->
      let families, v = match varying_families v with Some fs -> (true, fs) | None -> (false, vary r v) in
      StepMap (families, v, term r t, piece r assume, theorem r covered, many (optional theorem) r verdicts,
               many theorem r apart, many theorem r witnesses)
  | "operator", [ outs; a; b; pulls ] ->
      let outs = index r outs in
      StepOperator (family "g" (List.length outs), outs, theorem r a, theorem r b, many pullback r pulls)
  | "step", [ x; a; values ] ->
      let number = theorem r a in
      let rank = match at r a with _, Theorem rank when rank > 0 -> rank | _ -> refuse "not an operator" in
      let symbols, families = replaced r values in
      StepName (family (string x) rank, number, symbols, families)
  | "program", [ inputs; steps ] ->
      let input row =
        let x, sizes = two row in
        let x, rank = family_of x in
        (x, as_many rank (many term r sizes)) in
      StepProgram (List.map input (array inputs), many theorem r steps)
  | _ -> refuse ("rule not supported: " ^ rule)

let unary = [
  ("inv", Inv); ("exp", Exp); ("log", Log); ("sin", Sin); ("cos", Cos); ("atan", Atan); ("erf", Erf); ("sqrt", Sqrt);
  ("floor", Floor) ]

let size_of r v = match v with
  | Int i when i >= 0 && i < r.count -> (match r.items.(i) with Term (_, n, _) -> n | Theorem _ -> 0)
  | _ -> 0

(* How many binders a term needs around it. *)
let loose r = function
  | [ String "idx"; Int k ] -> k + 1
  | [ String op; n; body ] when List.mem_assoc op binders -> max (loose_of r n) (loose_of r body - 1)
  | [ String "pow"; a; _ ] -> loose_of r a
  | t -> List.fold_left (fun d v -> max d (loose_of r v)) 0 t

let read_term r =
  let term = operand in
  function
  | String op :: args -> (
      match (op, args) with
      | "rat", [ q ] -> Rat (number r q)
      | "pi", [] -> Pi
      | "var", [ x ] -> Var (symbol r x)
      | "d", [ x ] -> Tangent (symbol r x)
      | ("var" | "d"), x :: index -> Entry (op = "d", family (string x) (List.length index), List.map (term r) index)
      | "idx", [ k ] ->
          let k = int k in
          if k < 0 || k >= 64 then refuse "not the number of a binder";
          Idx (natural k)
      | ("sum" | "max"), [ n; body ] -> Over (binder op, term r n, term r body)
      | "add", [ a; b ] -> Add (term r a, term r b)
      | "mul", [ a; b ] -> Mul (term r a, term r b)
      | "pow", [ a; n ] ->
          let n = int n in
          if n < 2 || n > 4096 then refuse "the exponent must be an integer from 2 to 4096";
          Pow (term r a, positive n)
      | "cond", [ rel; t; a; b ] -> Cond (relation rel, term r t, term r a, term r b)
      | "app", String f :: operands -> (
          r.cites <- true;
          match (List.assoc_opt f special, operands) with
          | Some (f, false), [ a ] -> App (f, term r a, zero)
          | Some (f, true), [ a; b ] -> App (f, term r a, term r b)
          | _ -> refuse "functions outside the ledger of cited facts are not supported")
      | op, [ a ] -> (
          match List.assoc_opt op unary with Some f -> Un (f, term r a) | None -> refuse "no such operation")
      | _ -> refuse "no such operation")
  | _ -> refuse "no such operation"

(* ---- whole files ---- *)

(* [cites]: whether it speaks of functions that are known only by cited facts. *)
type certificate = { spec : string; cites : bool; steps : (positive * step) list; claims : int list }

exception Line of int * string

let parse_line raw = if String.length raw > max_line then refuse "the line is too long" else parse raw

let header raw =
  match parse_line raw with
  | Object [ ("format", Int (1 | 2)); ("spec", String spec) ]
    when String.length spec = 64 && String.for_all (fun c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) spec -> spec
  | Object (("format", Int n) :: _) when n <> 1 && n <> 2 -> refuse "this format is unknown; this checker reads 1 and 2"
  | _ -> refuse "not a header"

let read (data : string) : certificate =
  if String.length data > max_bytes then raise (Line (0, "the file is too long"));
  let lines = Array.of_list (String.split_on_char '\n' data) in
  let n = Array.length lines - 1 in
  if n < 2 || lines.(n) <> "" then raise (Line (n + 1, "cut short: a certificate ends with a trailer and a line feed"));
  let count = n - 2 in
  let reader = { items = Array.make (max count 1) (Theorem 0); used = Array.make (max count 1) false; count = 0; cites = false } in
  let known = Hashtbl.create (2 * count + 1) in
  let steps = ref [] in
  let line i f = try f () with Refused why -> raise (Line (i + 1, why)) in
  let spec = line 0 (fun () -> header lines.(0)) in
  for i = 1 to count do
    line i (fun () ->
        let raw = lines.(i) in
        let comma = match String.index_opt raw ',' with Some c -> c | None -> refuse "not a line of a certificate" in
        let body = String.sub raw comma (String.length raw - comma) in
        if Hashtbl.mem known body then refuse "this line has been written before";
        Hashtbl.add known body ();
        match parse_line raw with
        | Object [ ("n", Int k); _ ] | Object [ ("n", Int k); _; _ ] when k <> i - 1 -> refuse "the line is misnumbered"
        | Object [ ("n", Int _); ("term", Array t) ] ->
            let operands = match t with [ String "pow"; a; _ ] -> [ a ] | [ String "idx"; _ ] -> [] | _ -> t in
            let size = List.fold_left (fun n v -> n + size_of reader v) 1 operands in
            if size > max_size then refuse "the term is too large when written out";
            reader.items.(i - 1) <- Term (read_term reader t, size, loose reader t); reader.count <- i
        | Object [ ("n", Int _); ("rule", String rule); ("args", Array args) ] ->
            let s = step reader rule args in
            reader.items.(i - 1) <- Theorem (rank_of reader rule args); reader.count <- i;
            steps := (positive i, s) :: !steps
        | _ -> refuse "not a line of a certificate")
  done;
  line (n - 1) (fun () ->
      match parse_line lines.(n - 1) with
      | Object [ ("claims", Array claims); ("lines", Int k) ] ->
          if k <> count then refuse "cut short or altered: the trailer counts other lines";
          let numbers = List.map (fun v -> int_of_positive (theorem reader v) - 1) claims in
          if numbers = [] || numbers <> List.sort_uniq compare numbers then
            refuse "the claims are missing, not in order, or stand twice";
          for i = 0 to count - 1 do
            if not reader.used.(i) then refuse (Printf.sprintf "number %d is never used" i)
          done;
          { spec; cites = reader.cites; steps = List.rev !steps; claims = numbers }
      | _ -> refuse "not a trailer")
