"""Vietnamese sentences that a rule decides on and the web translates."""


def N_(text: str) -> str:
    """Mark `text` as a msgid for extraction and return it unchanged.

    A rule returns the msgid and its values apart; whoever shows it writes `_(msgid) % values`.
    """
    return text
