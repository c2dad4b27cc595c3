(** One lemma for every rule, every primitive fact and every derivative of the kernel, gathered.

    [rule_NAME] or [rule_NAME_CASE] is the rule NAME of proofs/kernel/certificate.py; [fact_NAME] the entry NAME of
    LEDGER, and [derivative_NAME] that of DERIVATIVES, in proofs/kernel/facts.py.  tests/proofs/test_coq_rules.py
    compares the lists; axioms.py asks what the lemmas assume. *)

From Hasderiv Require Export AnalysisFunctions FactsElementary FactsTaylor FactsErf FactsPi.
From Hasderiv Require Export AnalysisBasics AnalysisDerivatives AnalysisRoot AnalysisSides AnalysisCompose.
From Hasderiv Require Export RuleLemmasLogic RuleLemmasLocal RuleLemmasJoint RuleLemmasSides RuleLemmasIndexed.
