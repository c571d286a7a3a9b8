"""What the report says in sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

SENTENCES: Mapping[str, str] = {
    "same": "Record by record both pipelines hold the same, and so do the platform's rows and the analytics.",
    "explained": "faststream is what the log says, and for every difference it was recorded why it is there.",
    "differs": "Something is not what the log says, or nothing recorded explains it. The differences below name each one.",
}


def sentence(summary: Mapping[str, Any]) -> str:
    """The verdict in two sentences."""
    log, counts = summary["log"], summary["difference_counts"]
    return (
        f"<b>{escape(SENTENCES[summary['verdict']])}</b><br>Compared at {escape(summary['at'])}: {log['records']:,} records up to the cut, "
        f"judged again and looked up in both stores; {counts['unexplained']:,} unexplained and {counts['explained']:,} explained differences."
    )


def notes(summary: Mapping[str, Any]) -> list[str]:
    """What a reader must know of how the comparison was made, as plain text."""
    asked, found = summary["asked"], []
    if asked.get("topics"):
        found.append(f"Only these topics were compared: {', '.join(asked['topics'])}.")
    if asked.get("since"):
        found.append(f"Only records from {asked['since']} on were compared.")
    if asked.get("accept"):
        found.append(f"What legacy lacks without a recorded reason was accepted ({', '.join(asked['accept'])}).")
    if lost := summary.get("retention"):
        total = sum(entry["removed"] for entry in lost)
        places = ", ".join(f"{entry['topic']}/{entry['partition']} ({entry['removed']:,})" for entry in lost[:8])
        found.append(f"Retention has removed {total:,} records from the log, which nobody can compare any more: {places}{' …' if len(lost) > 8 else ''}.")
    if resumed := summary.get("resumed"):
        found += [f"Taken over from a comparison that was interrupted: {entry}." for entry in resumed["kept"]]
        found += [f"Interrupted before: {entry}." for entry in resumed["anew"]]
    if noise := summary.get("noise_floor"):
        found.append(
            f"Noise floor: of {noise['records']:,} records that legacy was given a second time it made something else of {noise['own']:,}; "
            f"{noise['differences']['own']:,} of the differences here are of these, {noise['differences']['repeated']:,} it makes every time."
        )
    return found
