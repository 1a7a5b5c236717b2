"""Settings of the whole service: whether one person may do everything, and how long content is kept."""

from service.console.page import Moved, Reaction, Shown, Visit
from service.console.reviewing.heads import names_of
from service.console.texts import speaker
from service.operations.auditing.retention import KINDS, MOST_DAYS, read_retention, set_retention
from service.operations.authoring.settings import SINGLE_PERSON, change_settings, read_settings

HERE = "/console/settings"
LONGEST_NUMBER = 5


def show_settings(visit: Visit) -> Reaction:
    """Every setting, with who changed it last."""
    return _settings(visit)


def act_settings(visit: Visit) -> Reaction:
    """Change some of them."""
    form, t = visit.form, speaker(visit.language)
    if form.get("do") == "people":
        change_settings(visit.service, {SINGLE_PERSON: form.get(SINGLE_PERSON) == "on"}, visit.caller)
        return Moved(HERE, "settings.saved")
    if form.get("do") != "retention":
        return Moved(HERE)
    days = {name: form.get(name, "").strip() for name in _names()}
    if any(text and not _is_days(text) for text in days.values()):
        return _settings(visit, t("settings.days_needed", most=f"{MOST_DAYS:,}"), 422)
    kept = read_retention(visit.service)
    wish = {name: int(text) if text else None for name, text in days.items()}
    set_retention(visit.service, {name: one for name, one in wish.items() if one != kept[name]}, visit.caller)
    return Moved(HERE, "settings.saved")


def _settings(visit: Visit, trouble: str = "", status: int = 200) -> Shown:
    settings = read_settings(visit.service)
    values = {
        "settings": settings,
        "people": names_of(visit, [one["changed_by"] for one in settings.values()]),
        "retention": {name: visit.form.get(name, days) for name, days in read_retention(visit.service).items()},
        "most_days": MOST_DAYS,
        "trouble": trouble,
    }
    return Shown("settings.html", values, status)


def _names() -> list[str]:
    return [f"{kind}_days" for kind in KINDS]


def _is_days(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER and 1 <= int(text) <= MOST_DAYS
