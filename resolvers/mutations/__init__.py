"""What each mutation does: its input becomes one attempt, its answer or refusal what the schema promises."""
