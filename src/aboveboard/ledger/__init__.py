"""The record: what an event is, which words it may use, how it is checked, kept, read and written."""
