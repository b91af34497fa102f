"""The double-entry ledger: its accounts, its journal, and what is posted when."""
