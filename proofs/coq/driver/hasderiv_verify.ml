(* hasderiv-verify [--quiet] FILE...

   Checks certificates with the checker that is proved sound in Coq.  For each file one line says whether it was accepted;
   after an accepted one each claim follows, as "NUMBER: HYPOTHESES |- CONCLUSION".  Exit status: 0 when all were accepted,
   1 when one was refused, 2 for a wrong call. *)

open Checker

let read_file path =
  let channel = open_in_bin path in
  Fun.protect ~finally:(fun () -> close_in channel) (fun () -> really_input_string channel (in_channel_length channel))

let verify quiet path =
  let refused line why = Printf.printf "refused %s line %d: %s\n" path line why; false in
  match Certificate.read (read_file path) with
  | exception Certificate.Line (line, why) -> refused line why
  | exception Sys_error why -> refused 0 why
  | exception Stack_overflow -> refused 0 "too deep"
  | { spec; cites; steps; claims } -> (
      match check_with cites steps (List.map (fun n -> Certificate.positive (n + 1)) claims) with
      | exception Stack_overflow -> refused 0 "too deep"
      | Refused n -> refused (Certificate.int_of_positive n + 1) "the rule refuses"
      | NoSuchClaim -> refused 0 "a claim is missing"
      | Accepted theorems ->
          Printf.printf "accepted %s %s %d claims%s\n" path spec (List.length theorems)
            (if cites then ", assuming the cited facts" else "");
          if not quiet then List.iter2 (fun n th -> Printf.printf "%d: %s\n" n (Statement.theorem th)) claims theorems;
          true)

let () =
  let arguments = List.tl (Array.to_list Sys.argv) in
  let quiet = List.mem "--quiet" arguments in
  let files = List.filter (fun a -> a <> "--quiet") arguments in
  if files = [] || List.exists (fun a -> String.length a > 1 && a.[0] = '-') files then begin
    prerr_endline "usage: hasderiv-verify [--quiet] FILE...";
    exit 2
  end;
  let accepted = List.map (verify quiet) files in
  exit (if List.for_all Fun.id accepted then 0 else 1)
