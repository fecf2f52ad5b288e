"""What the linter has learnt from labelled sentences: how likely the words of a sentence break a rule.

A softmax regression per language, trained by `python -m aboveboard.wording.learnt.training` on the sentences that were
written for the purpose, shipped as weights. Nothing is learnt at run time.
"""
