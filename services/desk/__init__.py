"""What people see and do: an HTTP interface to alerts, stories and silences, the tokens that open it, and the audit of every change.

Belongs here: who may do what, and the rows of `schemas/tables/desk.py`. Never here: what an alert is, how it is told, or an
import of another service; the alerter reads what people did and obeys.
"""
