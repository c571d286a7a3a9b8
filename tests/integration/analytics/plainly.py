"""Every figure computed a third time: plain Python over the list of statements, as somebody would who knows docs/analytics.md and nothing of our code."""

from __future__ import annotations

import re
import statistics as stats
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

ADL = "http://adlnet.gov/expapi/verbs/"
EXT = "http://nlj.platform/extensions/"
TRYING = {
    ADL + word for word in ["attempted", "attended", "completed", "experienced", "failed", "initialized", "interacted", "launched", "mastered", "passed"]
} | {ADL + word for word in ["progressed", "resumed", "suspended", "terminated"]}
TRYING.add("http://activitystrea.ms/schema/1.0/start")
MACHINES = {"http://nlj.platform/activities/content-generation"} | {
    f"http://nlj-platform.com/activitytype/{word}" for word in ("knowledge-extraction", "auto-tagging", "batch-auto-tagging", "node", "tag-suggestions")
}
GROUPINGS = ("department", "location", "job_level", "tenure", "generation", "user_role")

Statement = Mapping[str, Any]
Figures = dict[tuple[str, str, str], Any]


def rounded(value: Fraction | int, digits: int) -> float:
    exact = Decimal(Fraction(value).numerator) / Decimal(Fraction(value).denominator)
    return float(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def rate(part: int, whole: int, digits: int = 2) -> float:
    return rounded(Fraction(100 * part, whole), digits) if whole else 0.0


def mean(numbers: Iterable[float], digits: int = 3) -> float | None:
    exact = [Fraction(str(Decimal(repr(number)).quantize(Decimal("0.000001"), ROUND_HALF_UP))) for number in numbers]
    return rounded(sum(exact, Fraction(0)) / len(exact), digits) if exact else None


class Seen:
    """One statement, with what it says."""

    def __init__(self, statement: Statement) -> None:
        result, target = statement.get("result") or {}, statement["object"]
        definition, actor = target.get("definition") or {}, statement["actor"]
        self.extensions = (statement.get("context") or {}).get("extensions") or {}
        self.verb = statement["verb"]["id"]
        if self.verb == f"{ADL}voided" and target.get("objectType", "Activity") == "Activity":
            self.verb = "http://nlj.platform/verbs/cancelled"
        self.object = target["id"]
        self.type, self.interaction = definition.get("type"), definition.get("interactionType")
        self.mbox = actor.get("mbox")
        self.email = self.mbox and self.mbox.removeprefix("mailto:")
        self.who = self.mbox or actor.get("account", {}).get("name")
        self.day = datetime.fromisoformat(statement["timestamp"]).astimezone(UTC).date()
        self.moment = datetime.fromisoformat(statement["timestamp"]).astimezone(UTC)
        self.success, self.response = result.get("success"), result.get("response")
        self.scaled, self.raw = (result.get("score") or {}).get("scaled"), (result.get("score") or {}).get("raw")
        self.seconds = seconds(result["duration"]) if "duration" in result else None
        said = result.get("completion")
        self.trying = self.verb in TRYING and self.type not in MACHINES
        self.finishes = said is True or (self.verb == f"{ADL}completed" and said is not False)
        parent = self.extension("parent_survey")
        self.survey = None if parent is None else str(parent).removeprefix("http://nlj.platform/content/")
        self.answer = self.verb == f"{ADL}answered" and self.survey is not None
        self.question = str(self.extension("question_id") or self.object.split("/")[-1])

    def extension(self, name: str) -> Any:
        value = self.extensions.get(EXT + name, self.extensions.get(name))
        return None if value is None else str(value)

    @property
    def number(self) -> float | None:
        if self.response is not None and re.fullmatch(r"[+-]?\d+(\.\d+)?", self.response.strip()):
            return float(self.response)
        return None if self.raw is None else float(self.raw)


def seconds(duration: str) -> Fraction:
    days, _, time = duration.removeprefix("P").partition("T")
    worth = {"W": 7 * 86_400, "Y": 365 * 86_400, "D": 86_400}
    total = sum((Fraction(amount) * (30 * 86_400 if unit == "M" else worth[unit]) for amount, unit in re.findall(r"([\d.]+)([WYMD])", days)), Fraction(0))
    return total + sum((Fraction(amount) * {"H": 3_600, "M": 60, "S": 1}[unit] for amount, unit in re.findall(r"([\d.]+)([HMS])", time)), Fraction(0))


def everything(statements: Iterable[Statement], today: date) -> Figures:
    """Every figure by (kind, entity, name)."""
    seen = [Seen(statement) for statement in statements]
    found: Figures = {("overview", "", name): value for name, value in overview(seen).items()}
    month = performing(seen, today)
    found |= {("overview", "", "performers_analyzed"): len(month), ("overview", "", "top_performers"): best(month)}
    for kind, entity_of, figures in (
        ("learner", lambda s: s.mbox and s.mbox.removeprefix("mailto:"), lambda own: learner(own, today) | {"performance": performance(own[0].email, month)}),
        ("activity", lambda s: s.object, activity),
        ("node", lambda s: s.object.removeprefix("node://") if s.object.startswith("node://") else None, node),
        ("survey", lambda s: s.survey if s.answer else None, lambda own: survey(own, seen, today)),
    ):
        for entity, own in parted(seen, entity_of).items():
            found |= {(kind, entity, name): value for name, value in figures(own).items()}
    return found


def parted(seen: Iterable[Seen], key: Callable[[Seen], Any]) -> dict[Any, list[Seen]]:
    parts: dict[Any, list[Seen]] = defaultdict(list)
    for one in seen:
        if key(one) is not None:
            parts[key(one)].append(one)
    return dict(parts)


def tried(seen: Iterable[Seen]) -> dict[tuple[str, str], bool]:
    """Pairs of learner and activity, and whether it was completed."""
    pairs: dict[tuple[str, str], bool] = {}
    for one in seen:
        if one.trying and one.mbox:
            pairs[one.mbox, one.object] = pairs.get((one.mbox, one.object), False) or one.finishes
    return pairs


def completion(seen: Iterable[Seen]) -> float:
    pairs = tried(seen)
    return rate(sum(pairs.values()), len(pairs))


def scores(seen: Iterable[Seen]) -> list[float]:
    return [one.scaled for one in seen if one.scaled is not None]


def ten(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:10])


def overview(seen: list[Seen]) -> dict[str, Any]:
    days, pairs = parted(seen, lambda one: one.day), tried(seen)
    return {
        "total_statements": len(seen),
        "unique_learners": len({one.mbox for one in seen if one.mbox}),
        "unique_activities": len({one.object for one in seen}),
        "completed_statements": sum(one.trying and one.finishes for one in seen),
        "attempted": len(pairs),
        "completed": sum(pairs.values()),
        "completion_rate": completion(seen),
        "average_score": mean(scores(seen)),
        "top_verbs": ten(Counter(one.verb for one in seen)),
        "activity_types": ten(Counter(one.type for one in seen if one.type)),
        "daily_activity": {day.isoformat(): len(own) for day, own in days.items()},
        "daily_engagement": {day.isoformat(): len({one.mbox for one in own if one.mbox}) for day, own in days.items()},
        "daily_scores": {day.isoformat(): mean(scores(own)) for day, own in days.items() if scores(own)},
        "daily_completion": {day.isoformat(): completion(own) for day, own in days.items() if tried(own)},
    }


def learner(own: list[Seen], today: date) -> dict[str, Any]:
    pairs, times = tried(own), [one.seconds for one in own if one.seconds is not None]
    programs = parted([one for one in own if one.trying], lambda one: one.extension("program_id"))
    return {
        "total_statements": len(own),
        "total_activities": len({one.object for one in own}),
        "attempted_activities": len(pairs),
        "completed_activities": sum(pairs.values()),
        "completion_rate": completion(own),
        "average_score": mean(scores(own)),
        "total_time_spent": rounded(sum(times, Fraction(0)) / 60, 2) if times else None,
        "learning_streak": streak({one.day for one in own}, today),
        "progress_by_program": {
            program: {"total": len(tried(part)), "completed": sum(tried(part).values()), "completion_rate": completion(part)}
            for program, part in programs.items()
        },
    }


def streak(days: set[date], today: date) -> int:
    last = today if today in days else today - timedelta(days=1)
    return next(length for length in range(len(days) + 1) if last - timedelta(days=length) not in days)


def activity(own: list[Seen]) -> dict[str, Any]:
    times, told = [one.seconds for one in own if one.seconds is not None], [one.success for one in own if one.success is not None]
    learners = {one.mbox for one in own if one.mbox}
    return {
        "total_attempts": len(own),
        "unique_learners": len(learners),
        "completion_rate": completion(own),
        "average_score": mean(scores(own)),
        "average_time_spent": rounded(sum(times, Fraction(0)) / 60 / len(times), 2) if times else None,
        "difficulty_score": rounded(1 - Fraction(sum(told), len(told)), 3) if told else None,
        "engagement_score": rounded(min(Fraction(len(learners), len(own)), Fraction(1)), 3),
    }


def node(own: list[Seen]) -> dict[str, Any]:
    users = parted(own, lambda one: one.who)
    told = [one.success for one in own if one.success is not None]
    times = [float(time) for one in own if (time := one.extension("response_time_ms")) is not None]
    return {
        "total_interactions": len(own),
        "unique_users": len(users),
        "success_rate": rate(sum(told), len(told)) if told else None,
        "avg_response_time_ms": mean(times, 1),
        "completion_rate": rate(sum(any(one.finishes for one in theirs) for theirs in users.values()), len(users)),
        "activity_breakdown": dict(Counter(one.verb for one in own)),
    }


def survey(own: list[Seen], seen: list[Seen], today: date) -> dict[str, Any]:
    id_, people = own[0].survey, {one.who for one in own}
    homes = {f"{prefix}{id_}" for prefix in ("http://nlj.platform/content/", "http://nlj-platform.com/activities/", "http://nlj.platform/activities/")}
    ends = [one for one in seen if one.verb == f"{ADL}completed" and one.finishes and (one.survey == id_ or one.object in homes)]
    times = [one.seconds for one in ends if one.seconds is not None]
    asked = dict(sorted(parted(own, lambda one: one.question).items()))
    figures: dict[str, Any] = {
        "total_responses": len(next(iter(asked.values()))),
        "total_answers": len(own),
        "unique_respondents": len(people),
        "response_rate": rate(sum(len({one.who for one in part}) for part in asked.values()), len(people) * len(asked), 1),
        "response_distribution": given(own),
        "average_score": mean(scores(own)),
        "completions": len(ends),
        "avg_completion_time": rounded(sum(times, Fraction(0)) / len(times), 1) if times else None,
        "timeline": {
            day.isoformat(): {"responses": len(part), "unique_respondents": len({one.who for one in part})}
            for day, part in parted(own, lambda one: one.day).items()
        },
    }
    for name, part in asked.items():
        figures |= {f"questions.{name}.{figure}": value for figure, value in question(part, len(people)).items()}
        figures[f"questions.{name}.trend"] = trend(part, today)
    for grouping in GROUPINGS:
        groups = parted(own, lambda one, grouping=grouping: one.extension(grouping) or "not_specified")
        if set(groups) - {"not_specified"}:
            figures[f"demographics.{grouping}"] = {value: group(part) for value, part in groups.items()}
    return figures


def given(answers: Iterable[Seen]) -> dict[str, int]:
    return dict(Counter("no_response" if one.response is None else one.response for one in answers))


def group(answers: list[Seen]) -> Any:
    if len(answers) < 4:
        return "< 4"
    people = len({one.who for one in answers})
    return {"total_responses": len(answers), "response_distribution": given(answers), "average_score": mean(scores(answers)), "unique_respondents": people}


def question(answers: list[Seen], people: int) -> dict[str, Any]:
    kind = scale(answers)
    on_scale = {"likert": range(1, 6), "rating": range(1, 6), "nps": range(11)}.get(kind)
    numbers = [one.number for one in answers if one.number is not None and (kind == "other" or (on_scale is not None and one.number in on_scale))]
    who = len({one.who for one in answers})
    figures = {
        "question_type": kind,
        "response_count": len(answers),
        "unique_respondents": who,
        "skip_rate": rate(people - who, people, 1),
        "response_distribution": given(answers),
        "average_score": mean(scores(answers)),
        "mean": mean(numbers),
        "median": rounded(Fraction(stats.median(map(Fraction, numbers))), 3) if numbers else None,
        "mode": min(stats.multimode(numbers)) if numbers else None,
        "standard_deviation": rounded(Fraction(stats.stdev(numbers)), 3) if len(numbers) > 1 else None,
        **dict.fromkeys(("nps_score", "positive", "negative", "yes_percentage")),
    }
    if kind in ("likert", "rating", "nps"):
        good, bad = (
            (sum(n >= 9 for n in numbers), sum(n <= 6 for n in numbers)) if kind == "nps" else (sum(n >= 4 for n in numbers), sum(n <= 2 for n in numbers))
        )
        figures |= {"positive": good, "negative": bad}
        if kind == "nps" and numbers:
            figures["nps_score"] = rounded(Fraction(100 * (good - bad), len(numbers)), 1)
    if kind == "binary":
        words = [one.response.lower() for one in answers if one.response]
        yes, no = sum(word in ("1", "true", "yes") for word in words), sum(word in ("0", "false", "no") for word in words)
        figures["yes_percentage"] = rate(yes, yes + no, 1)
    return figures


def scale(answers: list[Seen]) -> str:
    known = {"likert_scale": "likert", "likert": "likert", "nps": "nps", "rating": "rating", "binary": "binary", "true-false": "binary"}
    known |= {"multiple_choice": "categorical", "choice": "categorical"}
    types = Counter((one.extension("question_type") or "", one.interaction or "") for one in answers)
    type_, interaction = min(types, key=lambda pair: (-types[pair], pair))
    return known.get(type_) or known.get(interaction) or "other"


def whole(value: Fraction) -> int:
    """The nearest whole number, a half upwards."""
    return int((value + Fraction(1, 2)) // 1)


def clipped(value: int) -> int:
    return min(max(value, 0), 10**6)


def in_millionths(score: float) -> int:
    return whole(Fraction(Decimal(repr(score))) * 10**6)


class Month:
    """Thirty days of one learner, in millionths where docs/analytics.md says so."""

    def __init__(self, own: list[Seen], today: date) -> None:
        pairs = tried(own)
        points = [in_millionths(one.scaled) for one in own if one.scaled is not None]
        halves = [
            [in_millionths(one.scaled) for one in own if one.scaled is not None and (one.day > today - timedelta(days=15)) is late] for late in (False, True)
        ]
        self.better = whole(Fraction(sum(halves[1]), len(halves[1]))) - whole(Fraction(sum(halves[0]), len(halves[0]))) if all(halves) else None
        self.times = [one.seconds for one in own if one.finishes and one.seconds is not None]
        self.pace = whole(sum(self.times, Fraction(0)) * 1000 / len(self.times)) if self.times else None
        self.completion = whole(Fraction(10**6 * sum(pairs.values()), len(pairs)))
        self.score = clipped(whole(Fraction(sum(points), len(points)))) if points else 0
        spread = Fraction(sum(point**2 for point in points), len(points)) - Fraction(sum(points), len(points)) ** 2 if points else Fraction(0)
        self.consistency = clipped(10**6 - 2 * int(Decimal(int(spread)).sqrt())) if len(points) > 1 else 500_000
        self.improvement = clipped(500_000 + (self.better or 0))
        self.engagement = clipped(whole(Fraction(10**6 * 4 * len({one.day for one in own}), 30)))
        kinds = parted([one for one in own if one.scaled is not None], lambda one: one.extension("activity_type"))
        means = {kind: Fraction(sum(in_millionths(one.scaled) for one in theirs), len(theirs)) for kind, theirs in sorted(kinds.items())}
        self.strong = [kind for kind, value in means.items() if value >= 800_000]
        self.weak = [kind for kind, value in means.items() if value < 600_000]

    def overall(self, slowest: int | None) -> int:
        efficiency = clipped(10**6 - whole(Fraction(10**6 * self.pace, 2 * slowest))) if self.pace is not None and slowest else 500_000
        return 25 * self.completion + 25 * self.score + 20 * self.consistency + 15 * self.improvement + 10 * self.engagement + 5 * efficiency


def performing(seen: list[Seen], today: date) -> dict[str, Month]:
    own = [one for one in seen if one.trying and one.email and today - timedelta(days=30) < one.day <= today]
    return {email: Month(theirs, today) for email, theirs in parted(own, lambda one: one.email).items()}


def best(month: dict[str, Month]) -> dict[str, Any]:
    slowest = max((one.pace for one in month.values() if one.pace is not None), default=None)
    ranked = sorted(month, key=lambda email: (-month[email].overall(slowest), email))[:10]
    return {email: {"rank": rank, "overall_score": rounded(Fraction(month[email].overall(slowest), 10**6), 2)} for rank, email in enumerate(ranked, 1)}


def performance(email: str, month: dict[str, Month]) -> dict[str, Any] | None:
    one = month.get(email)
    if one is None:
        return None
    parts = {name: rounded(Fraction(getattr(one, name), 10**6), 3) for name in ("completion", "score", "consistency", "improvement", "engagement")}
    better = one.better or 0
    return {
        **parts,
        "minutes": rounded(sum(one.times, Fraction(0)) / 60 / len(one.times), 2) if one.times else None,
        "trend": "improving" if better >= 50_000 else "declining" if better <= -50_000 else "stable",
        "strong": one.strong,
        "weak": one.weak,
    }


def trend(answers: list[Seen], today: date) -> dict[str, Any] | None:
    month, kind = timedelta(days=30), scale(answers)
    now = [one.number for one in answers if one.number is not None and today - month < one.day <= today]
    before = [one.number for one in answers if one.number is not None and today - 2 * month < one.day <= today - month]
    current, previous = standing(now, kind), standing(before, kind)
    if current is None or previous is None:
        return None
    percent = rounded(100 * (current - previous) / abs(previous), 2) if previous else None
    way = percent if percent is not None else (current - previous) * 1_000
    return {
        "current_score": rounded(current, 3),
        "previous_score": rounded(previous, 3),
        "change_amount": rounded(current - previous, 3),
        "change_percentage": percent,
        "trend_classification": (
            "skyrocketing" if way > 25 else "trending_up" if way > 6 else "steady" if way >= -5 else "trending_down" if way >= -24 else "plummeting"
        ),
        "confidence": "high" if min(len(now), len(before)) >= 30 else "medium" if min(len(now), len(before)) >= 10 else "low",
        "statistical_significance": apart(now, before),
        "data_points": len(now) + len(before),
    }


def standing(numbers: list[float], kind: str) -> Fraction | None:
    if kind != "nps":
        return sum(map(Fraction, numbers), Fraction(0)) / len(numbers) if numbers else None
    placed = [number for number in numbers if number in range(11)]
    if not placed:
        return None
    share = Fraction(100 * (sum(number >= 9 for number in placed) - sum(number <= 6 for number in placed)), len(placed))
    return Fraction(Decimal(str(rounded(share, 1))))


def apart(now: list[float], before: list[float]) -> bool | None:
    if min(len(now), len(before)) < 2:
        return None
    error = (stats.variance(now) / len(now) + stats.variance(before) / len(before)) ** 0.5
    difference = abs(stats.fmean(now) - stats.fmean(before))
    return difference > 0 if error == 0 else difference / error > stats.NormalDist().inv_cdf(0.975)
