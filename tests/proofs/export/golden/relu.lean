/-
relu: where it has a derivative and where it has none; 3 theorems, 1 of them without a proof (`sorry`).

NOT CHECKED BY LEAN.  Written by `hasderiv export lean relu` where no Lean was to be had: neither the
statements nor the scripts have been compiled.  Coq proves the same: `hasderiv export coq relu`.
-/
import Mathlib

namespace Hasderiv

noncomputable def relu (x : ℝ) : ℝ :=
  if 0 ≤ x then x else 0

theorem relu_derive_1 (x : ℝ) (h1 : x < 0) :
    HasDerivAt relu 0 x := by
  have d0 : HasDerivAt (fun z : ℝ => 0) 0 x :=
    hasDerivAt_const x _
  have d1 : HasDerivAt (fun z : ℝ => z) 1 x :=
    hasDerivAt_id' x
  have e1 : ∀ᶠ z in nhds x, z < 0 :=
    d1.continuousAt.eventually_lt d0.continuousAt h1
  have near : relu =ᶠ[nhds x] fun z : ℝ => 0 := by
    filter_upwards [e1] with z z1
    simp only [relu]
    split_ifs <;> first | rfl | contradiction | (exfalso; linarith)
  have h : HasDerivAt relu 0 x := d0.congr_of_eventuallyEq near
  exact h

theorem relu_corner_2 (x : ℝ) (h1 : x = 0) :
    ¬ DifferentiableAt ℝ relu x := by
  sorry

theorem relu_derive_3 (x : ℝ) (h1 : 0 < x) :
    HasDerivAt relu 1 x := by
  have d0 : HasDerivAt (fun z : ℝ => z) 1 x :=
    hasDerivAt_id' x
  have d1 : HasDerivAt (fun z : ℝ => 0) 0 x :=
    hasDerivAt_const x _
  have e1 : ∀ᶠ z in nhds x, 0 < z :=
    d1.continuousAt.eventually_lt d0.continuousAt h1
  have near : relu =ᶠ[nhds x] fun z : ℝ => z := by
    filter_upwards [e1] with z z1
    simp only [relu]
    split_ifs <;> first | rfl | contradiction | (exfalso; linarith)
  have h : HasDerivAt relu 1 x := d0.congr_of_eventuallyEq near
  exact h

end Hasderiv
