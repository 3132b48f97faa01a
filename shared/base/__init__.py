"""Errors, texts and files: the ground floor, also for data_builders."""
