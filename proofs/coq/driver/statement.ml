(* What a theorem says, as text: one line for each, the same for the same theorem. *)

open Checker

let integer z =
  let rec digits = function
    | Nil -> ""
    | D0 r -> "0" ^ digits r | D1 r -> "1" ^ digits r | D2 r -> "2" ^ digits r | D3 r -> "3" ^ digits r | D4 r -> "4" ^ digits r
    | D5 r -> "5" ^ digits r | D6 r -> "6" ^ digits r | D7 r -> "7" ^ digits r | D8 r -> "8" ^ digits r | D9 r -> "9" ^ digits r in
  match Z.to_int z with Pos d -> digits d | Neg d -> "-" ^ digits d

let name x = Hashtbl.find Certificate.names x
let list show items = "(" ^ String.concat " " (List.map show items) ^ ")"
let relation = function Positive -> ">" | NonNegative -> ">=" | Zero -> "=" | NonZero -> "!="

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

let conclusion = function
  | Holds l -> "holds " ^ literal l
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
  | Within pieces -> "within " ^ list piece pieces
  | Somewhere p -> "somewhere " ^ piece p
  | Map (v, t, assume, rows) ->
      Printf.sprintf "map %s %s %s %s" (list name v) (term t) (piece assume)
        (list (fun (p, x) -> Printf.sprintf "(%s %s)" (piece p) (verdict x)) rows)

let theorem (th : theorem) =
  Printf.sprintf "(%s) |- %s" (String.concat " " (List.sort compare (List.map literal th.hyps))) (conclusion th.concl)
