"""Who works here: users, employees, teams, roles, invitations, keys, and who read what."""
