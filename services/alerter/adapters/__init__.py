"""The alerter's hands: its tables and the channels. Never here: a decision about the subject."""
