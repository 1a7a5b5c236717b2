"""What a new version does to what is remembered: gone keys, merged keys, and everything that stays."""

from tests.engine.programs import Profile, attributes, bands, clock, move, program_of, stages, tag, words

FACTS = attributes(n="number")
RICH = {"n": 12}


def lived(steps=(("01-01", RICH),), **members):
    """A profile that lived through these steps under the version with these members."""
    profile = Profile(program_of(attributes=FACTS, **members))
    for when, *rest in steps:
        profile.at(when, *rest)
    return profile


def version(**members):
    """Another version."""
    return program_of(attributes=FACTS, **members)


def test_a_tag_that_is_gone_is_removed_by_the_rules():
    """A held tag that the new version does not know is removed with the cause `rules`."""
    profile = lived(tags=[tag("big", "n > 5"), tag("wide", "n > 5"), tag("small", "n < 5")])

    outcome = profile.under(version(tags=[tag("wide", "n > 5")])).at("01-02")

    assert words(outcome.decisions) == ["big removed rules"]
    assert outcome.decisions[0].rule == "tags/big"
    assert outcome.tags == ["wide"]
    assert profile.at("01-03").decisions == []


def test_a_version_that_reads_the_same_changes_nothing():
    """Another copy of the same version begins where the first left off."""
    members = {"tags": [tag("steady", "n > 5", held_for="P3D")]}
    profile = lived(**members)
    before = profile.before.state

    profile.under(version(tags=[tag("steady", "n > 5", held_for="P3D")], title=None)).at("01-02")

    assert profile.before.state == before


def test_a_merged_tag_hands_its_state_on():
    """The tag that lists a gone key as its alias is held since then, expires when that would, and nothing is a change."""
    profile = lived(
        steps=[("01-01", RICH), ("01-03", {"n": 1})],
        tags=[tag("warm", "n > 5", expires_after="P9D"), tag("other", "n > 99")],
    )

    outcome = profile.under(version(tags=[tag("hot", "n > 5", expires_after="P9D", aliases=["warm"])])).at("01-04")

    assert outcome.decisions == []
    assert outcome.tags == ["hot"]
    assert [clock(at) for at in profile.before.state.tags["hot"]] == ["01-01", "01-12"]


def test_a_persons_word_is_handed_on_too():
    """A manual assignment of a merged key stays in force under the new key, and one of a gone key ends."""
    profile = lived(tags=[tag("vip", manual="only"), tag("guest", manual="only")])
    profile.at("01-02", manual=("vip", "assigned"))
    profile.at("01-02", manual=("guest", "assigned"))

    outcome = profile.under(version(tags=[tag("gold", manual="only", aliases=["vip"])])).at("01-03")

    assert outcome.tags == ["gold"]
    assert words(outcome.decisions) == ["guest removed rules"]
    assert profile.at("01-04", manual=("gold", "released")).tags == []
    assert profile.before.state.overrides == {}


def test_a_key_that_is_held_itself_keeps_its_own_state():
    """Where both the gone key and the one that lists it are held, the latter's own memory counts."""
    steps = [("01-01", {"n": 12}), ("01-02", {"n": 25})]
    profile = lived(steps=steps, tags=[tag("warm", "n > 5"), tag("hot", "n > 20")])

    outcome = profile.under(version(tags=[tag("hot", "n > 5", aliases=["warm"])])).at("01-03")

    assert outcome.decisions == []
    assert clock(profile.before.state.tags["hot"].since) == "01-02"


def tiers(first, **starts):
    """One tier over the number, slow to rise."""
    return [{"key": "band", "input": "n", "rise_after": "P5D", "bands": bands(first, **starts)}]


def test_a_band_that_is_gone_is_entered_anew_by_the_input():
    """Without an alias the profile goes to the band of its input, at once and by the rules."""
    profile = lived(tiers=tiers("low", high=10))

    outcome = profile.under(version(tiers=tiers("low", middle=5, top=50))).at("01-02")

    assert words(outcome.decisions) == ["band entered rules"]
    assert outcome.tiers == {"band": "middle"}


def test_a_band_that_is_gone_leads_to_its_alias():
    """A renamed band is the same place under another name, since when it was."""
    profile = lived(tiers=tiers("low", high=10))
    renamed = tiers("low", top=10)
    renamed[0]["bands"][1]["aliases"] = ["high"]

    outcome = profile.under(version(tiers=renamed)).at("01-02")

    assert words(outcome.decisions) == ["band entered rules"]
    assert (outcome.decisions[0].source, outcome.decisions[0].target) == ("high", "top")
    assert clock(profile.before.state.tiers["band"].since) == "01-01"


def test_waits_for_bands_that_stay_go_on():
    """Of the waits for higher bands those of bands that still exist are kept."""
    profile = lived(steps=[("01-01", {"n": 1}), ("01-02", {"n": 90})], tiers=tiers("low", mid=10, high=50))

    outcome = profile.under(version(tiers=tiers("low", high=50, top=80))).at("01-03")

    assert outcome.tiers == {"band": "low"}
    assert [(band, clock(at)) for band, at in profile.before.state.tiers["band"].rises] == [
        ("high", "01-02"),
        ("top", "01-03"),
    ]


def test_a_tier_that_is_gone_is_forgotten():
    """A tier that the new version does not have leaves nothing behind."""
    profile = lived(tiers=tiers("low", high=10))

    outcome = profile.under(version()).at("01-02")

    assert outcome.tiers == {}
    assert profile.before.state.tiers == {}


def test_a_stage_that_is_gone_leads_to_the_initial_one():
    """Without an alias the profile begins anew, by the rules, and goes on from there in the same evaluation."""
    profile = lived(lifecycle=stages("new", "grown", moves=[move("grows", "new", "grown", "n > 5")]))

    outcome = profile.under(
        version(lifecycle=stages("start", "end", moves=[move("ends", "start", "end", "n > 9")]))
    ).at("01-05")

    steps = [(one.source, one.target, one.outcome, one.cause) for one in outcome.decisions]
    assert steps == [("grown", "start", "moved", "rules"), ("start", "end", "moved", "rules")]
    assert clock(profile.before.state.stage_since) == "01-05"


def test_a_stage_that_is_gone_leads_to_its_alias():
    """A renamed stage is the same place under another name, since when it was."""
    profile = lived(lifecycle=stages("new"))
    renamed = stages(
        {"key": "start", "aliases": ["new"]}, "end", moves=[move("waits", "start", "end", "n > 5", after_stay="P9D")]
    )

    outcome = profile.under(version(lifecycle=renamed)).at("01-05")

    assert [(one.source, one.target, one.rule) for one in outcome.decisions] == [("new", "start", "lifecycle/stages")]
    assert outcome.standing == []
    assert clock(profile.before.state.stage_since) == "01-01"
    assert clock(outcome.next_change.at) == "01-10"


def test_a_lifecycle_comes_and_goes():
    """A profile enters a new lifecycle by the rules, and leaves one that is gone without a trace."""
    profile = lived()
    with_stages = version(lifecycle=stages("new"))

    assert words(profile.under(with_stages).at("01-02").decisions) == ["lifecycle entered rules"]
    assert profile.under(version(title="none")).at("01-03").stage is None
    assert profile.before.state.stage_since is None


def test_waits_and_cooldowns_of_what_stays_are_kept():
    """Waits belong to rules by key, cooldowns to actions by key; those of gone keys are forgotten."""
    steady = [tag("steady", "n > 5", held_for="P9D"), tag("gone", "n > 5", held_for="P9D"), tag("big", "n > 5")]
    cheers = [{"key": key, "on": [{"tag": "big"}], "cooldown": "P9D"} for key in ("cheer", "clap")]
    profile = lived(tags=steady, actions=cheers)

    profile.under(version(tags=[steady[0], steady[2], tag("gone", "n > 5")], actions=cheers[:1])).at("01-02")

    assert list(profile.before.state.waits) == ["tags/steady"]
    assert list(profile.before.state.fired) == ["cheer"]
    assert clock(profile.before.next_at) == "01-10"


def test_changes_that_only_the_rules_brought_fire_no_actions():
    """Publishing a version sends nobody a message; what new facts bring beside it does."""
    cheer = [{"key": key, "on": [{"tag": key}]} for key in ("big", "bigger")]
    profile = lived(steps=[("01-01", {"n": 3})], tags=[tag("big", "n > 5"), tag("bigger", "n > 50")], actions=cheer)

    outcome = profile.under(version(tags=[tag("big", "n > 2"), tag("bigger", "n > 30")], actions=cheer)).at(
        "01-02", {"n": 40}
    )

    assert words(outcome.decisions) == ["big assigned rules", "bigger assigned data"]
    assert [one.key for one in outcome.actions] == ["bigger"]


def test_changes_of_the_rules_fire_where_the_publisher_says_so():
    """A version can be published so that what it changes is acted upon."""
    cheer = [{"key": "cheer", "on": [{"tag": "big"}]}]
    profile = lived(steps=[("01-01", {"n": 3})], tags=[tag("big", "n > 5")], actions=cheer)

    outcome = profile.under(version(tags=[tag("big", "n > 2")], actions=cheer)).at("01-02", rules_fire=True)

    assert words(outcome.decisions) == ["big assigned rules"]
    assert [one.key for one in outcome.actions] == ["cheer"]


def test_stored_facts_are_read_as_the_new_version_declares_them():
    """What does not fit any more is unknown, what is new has its default, and nothing is refused."""
    profile = lived(tags=[tag("big", "n > 5")])
    program = program_of(
        attributes=attributes(
            n="string", m={"type": "number", "default": 7}, must={"type": "string", "required": True}
        ),
        tags=[tag("big", "n == 'x'"), tag("seven", "m == 7")],
    )

    outcome = profile.under(program).at("01-02")

    assert outcome.tags == ["big", "seven"]
    assert outcome.undetermined == {"n": ["tags/big"]}
    assert profile.before.facts.defaulted == ("m",)


def test_a_new_required_attribute_is_unknown_in_old_facts():
    """A version that asks for more decides profiles that were stored before: what they lack is unknown, and said."""
    before = program_of(attributes=attributes(n="integer"), tags=[tag("many", "n > 3")])
    after = program_of(
        attributes=[*attributes(n="integer"), {"key": "m", "type": "integer", "required": True}],
        values=[{"key": "sum", "expression": "n + m", "output": True}],
        tags=[tag("many", "n > 3"), tag("more", "m > 3")],
    )
    profile = Profile(before)
    profile.at("01-01", {"n": 5})

    outcome = profile.under(after).at("01-02")

    assert (outcome.tags, outcome.values) == (["many"], {"sum": None})
    assert outcome.undetermined == {"m": ["tags/more"]}
