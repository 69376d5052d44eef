"""The fetcher's hands: HTTP, the parser process, its tables. Never here: a decision about the subject."""
