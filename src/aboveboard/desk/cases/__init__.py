"""Cases: a customer's matter from its receipt to its end, with what the customer was told beside what was done inside."""
