"""Every table of the product in one place: imports each context's models."""

from __future__ import annotations

import marketplace.accounts.models
import marketplace.booking.models
import marketplace.inventory.models
import marketplace.kernel.audit
import marketplace.kernel.changes
import marketplace.kernel.idempotency
import marketplace.kernel.inbox
import marketplace.kernel.outbox
import marketplace.notify.models
import marketplace.partners.models
import marketplace.payments.models
import marketplace.payments.simulated_models
import marketplace.pricing.models
from marketplace.kernel.db import Base

metadata = Base.metadata
APPEND_ONLY = (*marketplace.payments.models.APPEND_ONLY_TABLES, "audit_entry", "audit_seal")
"""Tables whose rows a trigger protects from UPDATE and DELETE."""
