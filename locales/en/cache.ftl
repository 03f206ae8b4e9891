# Which nodes have dropped their copies of what was taken down.

# These follow another sentence. $nodes is a list of names.
cache-not-confirmed = Not confirmed yet: { $nodes }.
cache-out-of-touch = Out of touch, so an old copy may be shown there until it is back: { $nodes }.
