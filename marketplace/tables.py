"""Every table of the product in one place: imports each context's models."""

from __future__ import annotations

from catalog import models as catalog
from catalog.geography import reference_models as reference
from catalog.office import models as office
from catalog.search.indexes import sql_index as words
from marketplace.booking import models as booking
from marketplace.inventory import models as inventory
from marketplace.kernel import (
    audit,
    changes,
    events,
    inbox,
    key_prints,
    numbering,
    outbox,
    wishes,
)
from marketplace.kernel.db import Base
from marketplace.notify import models as notify
from marketplace.partners import models as partners
from marketplace.payments import models as payments
from marketplace.payments.gateways import simulated_models as simulated
from marketplace.pricing import models as pricing
from marketplace.staff import models as accounts
from marketplace.staff_tasks import models as staff_tasks

MODULES = (
    *(
        catalog,
        reference,
        office,
        accounts,
        booking,
        inventory,
        notify,
        partners,
        payments,
        simulated,
        pricing,
        staff_tasks,
    ),
    *(audit, changes, events, inbox, key_prints, numbering, outbox, wishes, words),
)
"""Importing them is what puts their tables into ``metadata``."""
metadata = Base.metadata
APPEND_ONLY = (*payments.APPEND_ONLY_TABLES, "audit_entry", "audit_seal")
"""Tables whose rows a trigger protects from UPDATE and DELETE."""
