"""Tags as such over HTTP: which could be one, and making two of them one."""

import pytest
import yaml

from service.api.openapi import openapi_text
from tests.api.test_openapi import fits
from tests.small import KEY, asking

ONE = f"/v1/rulesets/{KEY}"
MERGE = f"{ONE}/draft/merge-tags"


@pytest.fixture
def editor(key_for):
    """The header of one who may edit."""
    return key_for("editor")


def test_the_overlap_of_tags_is_read(http, editor, key_for):
    """Editors see which tags have the same members, as described."""
    for visits in range(5):
        body = asking(f"p{visits}", visits=visits, rate=visits)
        assert http.post(f"{ONE}/evaluate", json=body, headers=key_for("evaluator")).status_code == 200
    reply = http.get(f"{ONE}/tags/overlap?percent=50", headers=editor)
    fits(yaml.safe_load(openapi_text()), "read_overlap", reply)
    (pair,) = reply.get_json()["pairs"]
    assert (pair["tags"], pair["share"]) == (["keen", "regular"], 0.5)
    assert http.get(f"{ONE}/tags/overlap", headers=editor).get_json()["pairs"] == []
    assert http.get(f"{ONE}/tags/overlap?percent=0", headers=editor).status_code == 422
    assert http.get("/v1/rulesets/nothing/tags/overlap", headers=editor).status_code == 404


def test_two_tags_are_merged_in_the_draft(http, editor):
    """The reply is the draft with its entity tag, and what changed in it; who has not seen the draft is refused."""
    reply = http.post(MERGE, json={"keep": "regular", "drop": "keen"}, headers=editor)
    fits(yaml.safe_load(openapi_text()), "merge_draft_tags", reply)
    assert reply.headers["ETag"] == f'"{reply.get_json()["stamp"]}"'
    assert [one["sentence"]["zh"] for one in reply.get_json()["changes"]] == ["标签 `keen` 已并入 `regular`"]
    other = {"keep": "regular", "drop": "stale"}
    assert http.post(MERGE, json=other, headers=editor).status_code == 428
    assert http.post(MERGE, json=other, headers={**editor, "If-Match": '"9-00000000"'}).status_code == 412
    assert http.post(MERGE, json=other, headers={**editor, "If-Match": reply.headers["ETag"]}).status_code == 200
    refused = http.post(MERGE, json=other, headers={**editor, "If-Match": "*"})
    assert [one["code"] for one in refused.get_json()["errors"]] == ["unknown-tag"]
