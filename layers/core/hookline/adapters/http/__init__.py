"""Calls to endpoints: only to checked addresses, within one deadline, in bounded memory.

What happens in a call, file by file::

    caller        translates a Call for requests' adapter, one per set of trusted certificates
    connections   urllib3's connections, dialling and reading through us
    dialling      looks a name up, checks every address, connects to one
    sockets       every operation on the wire, against the call's deadline and a byte allowance
"""

from hookline.adapters.http.caller import GuardedCaller
from hookline.adapters.http.sockets import Limits

__all__ = ["GuardedCaller", "Limits"]
