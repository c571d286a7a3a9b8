"""Dead letters: listed, judged again, and sent once more to the topic that they came from (docs/operations.md)."""
