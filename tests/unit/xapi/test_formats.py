"""The string formats, each by texts that are so and texts that are not."""

from __future__ import annotations

import pytest

from nljctl.xapi import formats

SHA256 = "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a"

TEXTS = {
    "is_iri": (
        "http://a|course-v1:FUN-MOOC+00002+session01|uuid://7d4f|nlj://node/1|urn:isbn:1|http://[::1]:80/x|http://u:p@h:80/x?y#z|http://例え.jp/é|file:///x|http://h/%20",
        "|a|example.org/quiz|ab=c://x|http://a b|http://h/%zz|http://h:abc|http://h/#a#b|http://h/{a}|http://h/\n|1a:b|//h/x|http://h/\\",
    ),
    "is_uuid": (
        "0b0f3f0e-6a0e-4c55-9a57-1b6f0c2f9d10|AA97B177-9383-4934-8543-0F91A7A02836|12345678-1234-5678-1234-567812345678",
        "|test-12345|AA97B177-9383-4934-8543-0F91A7A028368|MA97B177-9383-4934-8543-0F91A7A02836|0b0f3f0e6a0e4c559a571b6f0c2f9d10|{0b0f3f0e-6a0e-4c55-9a57-1b6f0c2f9d10}",
    ),
    "is_timestamp": (
        "2025-03-01T09:00:00Z|2025-03-01T09:00:00.123456+00:00|2025-03-01T09:00:00-05:30|2025-03-01T09:00:00+01|2025-03-01T09:00:00+0100"
        "|2025-03-01T09:00:00|2024-02-29T00:00:00Z|2016-12-31T23:59:60Z|2025-03-01T09:00:00-00:30",
        "|2025-03-01|01/03/2025|2025-03-01 09:00:00Z|2025-02-29T00:00:00Z|2025-04-31T00:00:00Z|2025-13-01T00:00:00Z|2025-03-01T24:00:00Z"
        "|2025-03-01T09:00:00-00:00|2025-03-01T09:00:00-00|2025-03-01T09:00:00-0000|2025-03-01T09:58:60Z|2025-03-01T09:00:00Z\n|٢025-03-01T09:00:00Z",
    ),
    "is_duration": (
        "PT4H35M59.14S|PT16559.14S|P3Y1M29DT4H35M59.14S|P3Y|P4W|PT0S|PT1,5S|P0.5Y|PT412S",
        "|P|PT|P1YT|P4W1D|PA1H|1H|PT1|P1S|PT1.5M2S|P1M1Y|-PT1S|pt1s|PT.5S|PT1.S",
    ),
    "is_language_tag": (
        "en|en-US|zh-Hant|sr-Latn-RS|tlh|cmn|es-419|de-CH-1996|x-klingon|i-klingon|en-a-bbb-x-a",
        "|something|a12345678|a12345|s-something|zh-something-ccc|en_US|en-|english language|en-x",
    ),
    "is_mailto": (
        "mailto:ada@example.org|mailto:a+b@ex.org|mailto:jürgen@bücher.de|mailto:a@[127.0.0.1]|mailto:a%20b@example.org|mailto:root@localhost",
        "|ada@example.org|mailto:ada|mailto:@example.org|mailto:ada@|mailto:a@b@c|mailto:a b@c|mailto:a@b,c@d|mailto:a@b?subject=x|http://a@b",
    ),
    "is_sha1": ("cd9b00a5611f94eaa7b1661edab976068e364975|CD9B00A5611F94EAA7B1661EDAB976068E364975", "|cd9b|gd9b00a5611f94eaa7b1661edab976068e364975"),
    "is_sha2": (f"{SHA256}|{SHA256.upper()}|{SHA256[:56]}|{SHA256 + SHA256}", f"|{SHA256[:-1]}|g{SHA256[1:]}"),
    "is_media_type": ('text/plain|text/plain; charset=ascii|image/svg+xml|a/b;c="d e"', "|text|text/|/plain|text/plain;|text plain/x|text/plain; charset"),
    "is_version": ("1.0|1.0.0|1.0.3|1.0.3-beta.1", "|1|1.1.0|2.0.0|0.95|1.0.|1.0.x|1.00.3|1.0.03"),
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, (good, _) in TEXTS.items() for text in good.split("|")])
def test_it_is(name: str, text: str) -> None:
    assert getattr(formats, name)(text)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, (_, bad) in TEXTS.items() for text in bad.split("|")])
def test_it_is_not(name: str, text: str) -> None:
    assert not getattr(formats, name)(text)


def test_what_passed_once_is_remembered_and_what_failed_fails_again() -> None:
    assert [formats.is_iri("http://once"), formats.is_iri("http://once"), formats.is_iri("not one"), formats.is_iri("not one")] == [True, True, False, False]
