"""Hookline from a terminal, over its public API alone.

The floors, each importing only those below it::

    main                        the command line, and how it ends
    commands                    one file for what belongs together
    feed, forwarding, plan      deliveries as they come; calls to this machine; a file's steps
    session                     who calls, where to, and how answers are shown
    client, profiles, signing, values
    errors                      what ends a command, with its exit code
"""
