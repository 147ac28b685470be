"""The program of the child processes that open what users upload.

It is started by path, so that a child loads nothing of the services: its modules import each other relatively, and
nothing else of this project.
"""
