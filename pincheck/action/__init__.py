"""The GitHub Action around the same scan: inputs and the event in; annotations, files and comments out.

``action/bootstrap.py`` starts it (``python -I -m pincheck.action``) in a folder of its own, never in
the workspace. ``modes`` holds what it does for each kind of event.
"""
