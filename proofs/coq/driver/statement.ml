(* What a theorem says, as text: one line for each, the same for the same theorem. *)

open Checker

let integer z =
  let rec digits = function
    | Nil -> ""
    | D0 r -> "0" ^ digits r | D1 r -> "1" ^ digits r | D2 r -> "2" ^ digits r | D3 r -> "3" ^ digits r | D4 r -> "4" ^ digits r
    | D5 r -> "5" ^ digits r | D6 r -> "6" ^ digits r | D7 r -> "7" ^ digits r | D8 r -> "8" ^ digits r | D9 r -> "9" ^ digits r in
  match Z.to_int z with Pos d -> digits d | Neg d -> "-" ^ digits d

let name x = Hashtbl.find Certificate.names x
let family x = Hashtbl.find Certificate.symbols x
let list show items = "(" ^ String.concat " " (List.map show items) ^ ")"
let relation = function Positive -> ">" | NonNegative -> ">=" | Zero -> "=" | NonZero -> "!="

let rec level = function O -> 0 | S k -> 1 + level k
let binder op = fst (List.find (fun (_, b) -> op = b) Certificate.binders)

let unary f = fst (List.find (fun (_, g) -> f = g) Certificate.unary)

let term t =
  let out = Buffer.create 256 in
  let put = Buffer.add_string out in
  let rec write = function
    | Rat { qnum; qden } -> put (integer qnum); if qden <> XH then (put "/"; put (integer (Zpos qden)))
    | Pi -> put "pi"
    | Var x -> put "(var "; put (name x); put ")"
    | Tangent x -> put "(d "; put (name x); put ")"
    | Add (a, b) -> node "add" [ a; b ]
    | Mul (a, b) -> node "mul" [ a; b ]
    | Pow (a, n) -> put "(pow "; write a; put " "; put (integer (Zpos n)); put ")"
    | Un (f, a) -> node (unary f) [ a ]
    | App (f, a, b) ->
        let text, (_, two) = List.find (fun (_, (g, _)) -> f = g) Certificate.special in
        node ("app " ^ text) (if two then [ a; b ] else [ a ])
    | Idx k -> put "(idx "; put (string_of_int (level k)); put ")"
    | Entry (true, x, l) -> node ("d " ^ name x) l
    | Entry (false, x, l) -> node ("var " ^ name x) l
    | Over (op, n, a) -> node (binder op) [ n; a ]
    | Cond (r, t, a, b) -> node ("cond " ^ relation r) [ t; a; b ]
  and node op args = put "("; put op; List.iter (fun a -> put " "; write a) args; put ")" in
  write t;
  Buffer.contents out

let literal (r, t) = Printf.sprintf "(%s %s)" (relation r) (term t)
let piece p = list literal p
let slope = function FiniteSlope t -> term t | PlusInfinity -> "+oo" | MinusInfinity -> "-oo"
let optional show = function Some x -> show x | None -> "none"

let reason = function Corner -> "corner" | Jump -> "jump" | VerticalTangent -> "vertical_tangent" | Boundary -> "boundary"

let verdict = function
  | Differentiable d -> Printf.sprintf "(has_deriv %s)" (term d)
  | NotSmooth (why, l, r) -> Printf.sprintf "(not_differentiable %s %s %s)" (reason why) (optional slope l) (optional slope r)
  | NoValue -> "undefined"
  | Unknown -> "unknown"

let map show v t assume rows =
  Printf.sprintf "map %s %s %s %s" (list show v) (term t) (piece assume)
    (list (fun (p, x) -> Printf.sprintf "(%s %s)" (piece p) (verdict x)) rows)

let sorted texts = "(" ^ String.concat " " (List.sort compare texts) ^ ")"

let operator o =
  let pullback (x, (sizes, v)) = Printf.sprintf "(%s %s %s)" (family x) (list term sizes) (term v) in
  Printf.sprintf "%s %s %s %s %s" (list term o.out_sizes) (term o.out_term) (term o.out_derivative)
    (list pullback o.pullbacks) (sorted (List.map literal o.conditions))

let what n = Printf.sprintf "(%s) %s" (operator n.node_operator) (sorted (List.map literal n.node_hyps))

(* A node, [what] standing for its operator. *)
let where what n =
  let values = List.map (fun (x, t) -> (name x, term t)) n.node_symbols
               @ List.map (fun (x, (_, t)) -> (family x, term t)) n.node_families in
  Printf.sprintf "%s %s %s %s" (family n.node_name) what
    (list (fun (x, y) -> Printf.sprintf "(%s %s)" (family x) (family y)) n.node_sources)
    (list (fun (x, t) -> Printf.sprintf "(%s %s)" x t) (List.sort compare values))

(* Each operator stands once, before the nodes, which refer to it by its number. *)
let program inputs nodes =
  let seen = ref [] and numbers = Hashtbl.create 64 and texts = ref [] in
  let number n =
    let same (o, hyps, _) = o == n.node_operator && hyps == n.node_hyps in
    match List.find_opt same !seen with
    | Some (_, _, k) -> k
    | None ->
        let text = what n in
        let k = match Hashtbl.find_opt numbers text with
          | Some k -> k
          | None -> let k = Hashtbl.length numbers in Hashtbl.add numbers text k; texts := text :: !texts; k in
        seen := (n.node_operator, n.node_hyps, k) :: !seen; k in
  let rows = list (fun n -> Printf.sprintf "(%s)" (where (string_of_int (number n)) n)) nodes in
  Printf.sprintf "program %s %s %s" (list (fun (x, sizes) -> Printf.sprintf "(%s %s)" (family x) (list term sizes)) inputs)
    (list (fun text -> "(" ^ text ^ ")") (List.rev !texts)) rows

let conclusion = function
  | Operates o -> "operator " ^ operator o
  | Names n -> "step " ^ where ("(" ^ what n ^ ")") n
  | Runs (inputs, nodes) -> program inputs nodes
  | Holds l -> "holds " ^ literal l
  | FamilyLocal (v, t, d) -> Printf.sprintf "local %s %s %s" (list family v) (term t) (optional term d)
  | FamilyHasDeriv (v, t, d) -> Printf.sprintf "has_deriv %s %s %s" (list family v) (term t) (term d)
  | Defined t -> "defined " ^ term t
  | Undefined t -> "undefined " ^ term t
  | Local (v, t, d) -> Printf.sprintf "local %s %s %s" (list name v) (term t) (optional term d)
  | HasDeriv (v, t, d) -> Printf.sprintf "has_deriv %s %s %s" (list name v) (term t) (term d)
  | NthDerivative (x, n, t, d) -> Printf.sprintf "nth_derivative %s %s %s %s" (name x) (integer (Zpos n)) (term t) (term d)
  | Side (x, onward, t, s, c) ->
      Printf.sprintf "side %s %s %s %s %s" (name x) (if onward then "right" else "left") (term t) (slope s)
        (match c with Some true -> "continuous" | Some false -> "jumps" | None -> "none")
  | NotDifferentiable (v, t, why, l, r) ->
      Printf.sprintf "not_differentiable %s %s %s %s %s" (list name v) (term t) (reason why) (optional slope l) (optional slope r)
  | FamilyNotDifferentiable (v, t, why) ->
      Printf.sprintf "not_differentiable %s %s %s none none" (list family v) (term t) (reason why)
  | FamilyMap (v, t, assume, rows) -> map family v t assume rows
  | Within pieces -> "within " ^ list piece pieces
  | Somewhere p -> "somewhere " ^ piece p
  | Map (v, t, assume, rows) -> map name v t assume rows

let theorem (th : theorem) =
  Printf.sprintf "(%s) |- %s" (String.concat " " (List.sort compare (List.map literal th.hyps))) (conclusion th.concl)
