# What several features say of the site as a whole.

## Who may comment

site-comments-off = Closed: nobody can comment
site-comments-members = Members comment freely
site-comments-first-held = A member’s first comment waits for approval
site-comments-all-held = Every comment waits for approval

## What has become of something that was taken down

site-no-longer-seen = Readers can no longer see it. A cache in front of this site, if there is one, may show a copy for { $seconds } seconds more.
site-taken-down = Taken down.
site-taken-down-here = Taken down on this site. The CDN has not confirmed it yet: until then it may show a copy for up to an hour, and for up to a day while it cannot reach this site. Load this page again to see whether it has.
site-taken-down-but-fetching = Taken down. The CDN has dropped its copies; one that it was fetching at that moment goes within a few seconds.
site-taken-down-at-cdn = Taken down. The CDN has dropped its copies.
