"""The prefixes of every IRI that the platform uses. Concatenate: `X + "program_id"`."""

from __future__ import annotations

X = "http://nlj.platform/extensions/"
"""Extensions, in context and in result."""
V = "http://adlnet.gov/expapi/verbs/"
A = "http://adlnet.gov/expapi/activities/"
S = "http://activitystrea.ms/schema/1.0/"
N = "http://nlj.platform/"
"""Objects: `N + "training-programs/<uuid>"`."""
NV = "http://nlj.platform/verbs/"
NP = "http://nlj-platform.com/"
"""The host that knowledge extraction, tagging and the oldest demo data use."""

TEST_RUN = X + "test_run"
"""Context extension that names the run of `publish-test` that a statement came from."""
