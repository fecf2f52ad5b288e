"""Thanks between colleagues, and reports of conduct: a customer's abuse, or blame that was passed down."""
