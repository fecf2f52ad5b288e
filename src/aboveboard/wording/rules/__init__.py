"""The rules that ship, one file of data each."""
