"""The classifier's hands: its tables and the files of its lexicons. Never here: a decision about the subject."""
