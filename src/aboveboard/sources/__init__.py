"""Other systems' exports, read as ledger events: mapping files, the ones we ship, a dry run, and a first guess."""
