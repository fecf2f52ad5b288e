"""Rules where they are bent: exceptions and who may grant them, rules that are in the way, and proposals to change one."""
