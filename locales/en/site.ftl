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

## What an act says on the page after it; a sentence of the part above may follow

site-unpublished = Unpublished.
site-republished = Published again, at the same address and with the same date.
site-trashed = Moved to the trash.
site-restored = Restored as a draft.
site-restored-public = Restored. Readers can see it again.
site-role-back = They have their former role again, and have to sign in again.
site-hidden = The comment is hidden. Its author can read it, with your reason.
site-unhidden = The comment is back as it was.
site-decided = Done.
site-pinned = Pinned. It stands at the top until you unpin it or pin three others.
site-unpinned = No longer pinned.
site-jobs-retried = Begun again. What fails once more is back here after its attempts.
site-edit-accepted = The edit is in the text.
site-note-done = The note is done.
site-note-dismissed = The note was dismissed. You find it below, under “Decided”.
site-note-reopened = The note is back.
site-bulk-undone = Undone. Everything is as it was.
site-duplicated = This is the copy, a draft of yours. The other post stays as it is.
site-made-template = This is a template now. It is never public; begin posts from it in the tab Templates.
site-unmade-template = This is a draft as every other again.
site-version-restored = That version is back: it is the newest one now.
site-samples-removed = The samples are removed. What people have edited of them stays.

## Undoing

site-undo-changed = It has changed since, so nothing was undone.
site-undo-too-late = An act can be undone for ten minutes, and they are over.
site-undo-unknown = This cannot be undone here. Go back, load the page again, and change it by hand.
