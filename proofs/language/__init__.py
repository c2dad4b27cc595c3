"""The language of expressions: text and SymPy trees to terms, definitions, printing, reference evaluation."""
