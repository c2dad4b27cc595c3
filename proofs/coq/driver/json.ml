(* The canonical JSON of certificates: no blanks, no escapes, no fractions, keys as they stand. *)

exception Refused of string

let refuse why = raise (Refused why)

type t = Null | Int of int | String of string | Array of t list | Object of (string * t) list

let max_depth = 100

(* The value written on a line, which must be nothing but that value in its canonical form. *)
let parse (s : string) : t =
  let n = String.length s in
  let bad () = refuse "not JSON in canonical form" in
  let expect i c = if i < n && s.[i] = c then i + 1 else bad () in
  let word i w = if i + String.length w <= n && String.sub s i (String.length w) = w then i + String.length w else bad () in
  let text i =
    let rec find j = if j >= n then bad () else match s.[j] with
      | '"' -> j
      | '\\' -> bad ()
      | c when Char.code c < 32 || Char.code c > 126 -> bad ()
      | _ -> find (j + 1) in
    let j = find i in
    (String.sub s i (j - i), j + 1) in
  let number i =
    let negative = s.[i] = '-' in
    let start = if negative then i + 1 else i in
    let rec find j = if j < n && s.[j] >= '0' && s.[j] <= '9' then find (j + 1) else j in
    let j = find start in
    let size = j - start in
    if size = 0 || size > 15 || (s.[start] = '0' && (size > 1 || negative)) then bad ();
    (Int (int_of_string (String.sub s i (j - i))), j) in
  let rec value depth i =
    if i >= n || depth > max_depth then bad ();
    match s.[i] with
    | '"' -> let t, j = text (i + 1) in (String t, j)
    | 'n' -> (Null, word i "null")
    | '[' ->
        if i + 1 < n && s.[i + 1] = ']' then (Array [], i + 2)
        else let items, j = items depth [] (i + 1) in (Array items, j)
    | '{' ->
        if i + 1 < n && s.[i + 1] = '}' then (Object [], i + 2)
        else let fields, j = fields depth [] (i + 1) in (Object fields, j)
    | '-' | '0' .. '9' -> number i
    | _ -> bad ()
  and items depth found i =
    let v, j = value (depth + 1) i in
    if j < n && s.[j] = ',' then items depth (v :: found) (j + 1) else (List.rev (v :: found), expect j ']')
  and fields depth found i =
    let key, j = text (expect i '"') in
    let v, j = value (depth + 1) (expect j ':') in
    if j < n && s.[j] = ',' then fields depth ((key, v) :: found) (j + 1) else (List.rev ((key, v) :: found), expect j '}') in
  let v, j = value 0 0 in
  if j <> n then bad ();
  v
