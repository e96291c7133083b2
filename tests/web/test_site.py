"""Addresses that the application remembers are those that Flask builds."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask, url_for
from werkzeug.routing import BuildError

from tracker.web.site import Site

QUESTION = {"assigner": "tp", "from": date(2026, 1, 1), "folded": 1}


@pytest.fixture
def site() -> Site:
    site = Site("site", static_folder=None)
    for path, name in (("/bieu", "bieu"), ("/nhiem-vu/<int:number>", "task"), ("/tep/<path:name>", "file")):
        site.add_url_rule(path, name)
    return site


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("bieu", {}), ("bieu", QUESTION), ("bieu", {"q": "đề án & <b>"}), ("bieu", {"q": None}),
        ("bieu", {"state": ["open", "late"]}), ("task", {"number": 7, "trang": 2}),
        ("file", {"name": "a/b c"}),
        ("bieu", {"_anchor": "so", "q": "1"}), ("bieu", {"_external": True}), (".bieu", {}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("root", ["", "/dondoc"])
def test_an_address_is_the_same_however_often_it_is_asked_for(site, endpoint, values, root):
    with site.test_request_context("/", base_url=f"http://host{root}"):
        wanted = Flask.url_for(site, endpoint, **values)
        found = [url_for(endpoint, **values) for _ in range(3)]

    assert found == [wanted] * 3


def test_what_is_equal_in_python_and_not_in_an_address_is_told_apart(site):
    with site.test_request_context():
        found = [url_for("bieu", q=value) for value in (1, True, 1.0, "1")]

    assert found == ["/bieu?q=1", "/bieu?q=True", "/bieu?q=1.0", "/bieu?q=1"]


def test_the_same_page_under_another_root_has_another_address(site):
    found = []
    for root in ("", "/a", "/b", ""):
        with site.test_request_context("/", base_url=f"http://host{root}"):
            found.append(url_for("bieu"))

    assert found == ["/bieu", "/a/bieu", "/b/bieu", "/bieu"]


def test_an_address_that_cannot_be_built_is_refused_each_time(site):
    for _ in range(2):
        with site.test_request_context(), pytest.raises(BuildError):
            url_for("task")


def test_outside_of_a_request_the_address_is_whole(site):
    site.config["SERVER_NAME"] = "host"
    with site.test_request_context():
        url_for("bieu")
    with site.app_context():
        assert url_for("bieu") == "http://host/bieu"
