"""Pages for travellers: searching, booking, paying, and looking after a booking.

They work without JavaScript. A GET only reads; nothing personal stands in an address.
"""

from __future__ import annotations

from marketplace.web.traveller.routes import blueprint

__all__ = ["blueprint"]
