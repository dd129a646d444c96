"""Where the expiration of a pin set stands today."""

from typing import Literal

from pincheck.model import Context, PinSet

Standing = Literal["expired", "soon", "late", "missing", ""]


def standing(pin_set: PinSet, context: Context) -> Standing:
    """Tell which of the four rules on expiration speaks, if any; never two of them."""
    expires = pin_set.expires
    if not pin_set.pins:
        return ""
    if expires is None:
        return "missing" if pin_set.semantics.expiry != "none" and not pin_set.dynamic else ""
    if expires.day is None:
        return ""
    days = (expires.day - context.today).days
    if days <= 0:
        return "expired"
    if days <= context.policy.expiry_horizon_days:
        return "soon"
    return "late" if days > context.policy.expiry_latest_days else ""


def afterwards(pin_set: PinSet) -> str:
    """What the client does once the set has expired, as a clause; empty if nobody knows."""
    return {
        "unpinned": f"{pin_set.semantics.client} connects unpinned",
        "refused": f"{pin_set.semantics.client} refuses every connection",
        "none": "",
    }[pin_set.semantics.expiry]
