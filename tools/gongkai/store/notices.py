"""Telling people something by mail, WeCom, DingTalk or a webhook: through Apprise, to the addresses they are given."""

from __future__ import annotations

from collections.abc import Sequence


def send(addresses: Sequence[str], title: str, text: str) -> bool:
    """Send one message to Apprise addresses (`mailtos://…`, `wecombot://…`, `dingtalk://…`); False when one failed.

    An address may hold a password or a token: it is never part of an answer, an error or a log.
    """
    # It loads a hundred services; only who sends something pays for that.
    import logging

    from apprise import Apprise, AppriseAsset, NotifyFormat

    logging.getLogger("apprise").disabled = True
    post = Apprise(asset=AppriseAsset(app_id="Gongkai", app_desc="", app_url=""))
    known = [post.add(address) for address in addresses]
    sent = post.notify(body=text, title=title, body_format=NotifyFormat.TEXT) if any(known) else False
    return bool(sent) and all(known)
