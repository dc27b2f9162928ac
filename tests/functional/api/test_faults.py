"""Faults that nobody foresaw: one answer, and one trace for the operator."""

from __future__ import annotations

import logging

import pytest
from flask import Flask

from cms.api.v1 import problems
from tests.functional.api.client import ApiClient


def test_a_fault_is_logged_once(
    app: Flask, stranger: ApiClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(problems, "sentences_by_code", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = stranger.get("/problems/not_found")
    assert (answer.status_code, answer.json["code"]) == (500, "broken")
    assert "foresaw" not in answer.text
    traced = [record for record in caplog.records if record.exc_info and record.levelno >= logging.ERROR]
    assert [record.name for record in traced] == ["cms.api"]
