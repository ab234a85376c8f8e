"""Hookline: webhooks for teams on AWS.

The floors, each importing only those below it::

    adapters | services      adapters speak to AWS and HTTP; a service is one use case
    ports                    what services need, as Protocols
    domain                   pure, frozen values and rules
    errors
"""

__version__ = "1.0.0-rc.1"
