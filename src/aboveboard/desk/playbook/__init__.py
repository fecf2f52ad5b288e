"""The playbook at the desk: its versions, who made each and why, and from when it holds."""
