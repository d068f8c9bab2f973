"""Messages in the reader's language, from the gettext catalogues."""

from __future__ import annotations

import gettext
from functools import lru_cache

from gongkai.model.message import Message, fill, plain
from gongkai.store.resources import locale_root

LANGUAGES = {"zh": "zh_CN", "en": "en"}


class Catalogue:
    """Says messages in one language ("zh" or "en"); a sentence without a translation is said in English."""

    def __init__(self, lang: str) -> None:
        self.lang = "zh" if lang.startswith("zh") else "en"
        self._translations = _translations(self.lang)

    def say(self, message: Message) -> str:
        """The message in this language, its holes filled."""
        if not message.text:
            return ""
        sentence = self._translations.gettext(message.text)
        if "{" not in sentence:
            return sentence
        return fill(
            sentence, {name: plain(hole, self.say, self.lang) for name, hole in message.holes.items()}
        )


@lru_cache
def _translations(lang: str) -> gettext.NullTranslations:
    return gettext.translation("gongkai", locale_root(), [LANGUAGES[lang]], fallback=True)
