"""Exports as a worker makes them: the queue, the files, the bundle of one job, and who may fetch it."""
