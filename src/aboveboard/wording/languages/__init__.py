"""The languages of the rules, one file of data each."""
