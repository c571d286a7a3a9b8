"""Samples: statements as the platform's producers really send them, defects included, from a seed. Pure."""

from nljctl.catalogue.samples.generate import generate, offered, run_id
from nljctl.catalogue.samples.sample import Kind, Sample, SampleRequest
from nljctl.catalogue.samples.story import learning_story
from nljctl.catalogue.samples.world import needed

__all__ = ["Kind", "Sample", "SampleRequest", "generate", "learning_story", "needed", "offered", "run_id"]
