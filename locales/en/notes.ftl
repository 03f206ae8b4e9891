# Notes that guests leave on a text by a preview link.

## The page of the guest

notes-welcome = You can comment on each paragraph, or suggest an edit of it, without an account. What you write goes to the authors.
notes-way = Note<sr> on paragraph { $number }</sr>
notes-title-write = Note on the paragraph above
notes-comment = Comment
notes-suggest = Suggest an edit
notes-suggestion = The paragraph, as you would have it
notes-suggestion-hint = As its author typed it, in Markdown. Change what should be different.
notes-too-long-to-edit = This paragraph is too long to be edited here. Say in a comment what you would change.
notes-name = Your name
notes-name-hint = Shown with “(guest)” behind it.
notes-send = Send the note
notes-cancel = Cancel
notes-sent = Thank you. Your note was sent to the authors of this text.
notes-paragraphs = The paragraphs of this text
notes-taken-up = Notes that were taken up
notes-taken-up-lead = Left by this link, and accepted by an author.
notes-on = On “{ $paragraph }”
notes-suggested-edit = Suggested an edit of this paragraph.
notes-edit-is-in-text = The text has the edit.

## What can be wrong with a note

# Begins sentences such as “… can have at most 2000 characters”.
notes-the-comment = A comment
notes-the-edit = A suggested paragraph
notes-nothing-written = Write a comment, or change the text of the paragraph.
notes-paragraph-is-another = This paragraph has changed since you opened the form. The text above is how it reads now. What you typed is below: send it again if it still fits.
notes-is-public = This text is public now, and takes no more notes by this link.
notes-full = This link has { $most } notes already, and takes no more. Nothing is lost: copy what you typed, and send it to the author in another way.
notes-full-this-hour = This link has taken { $most } notes within an hour. Nothing is lost: leave this page open, and send it again later.

## The page of the authors

notes-title = Notes from guests
notes-lead = Left on this text by people who hold a preview link. Only its authors see what waits here.
notes-none-waiting = No notes are waiting.
notes-none-waiting-hint = Make a preview link that allows notes, and give it to somebody whose opinion you want.
notes-preview-links = Preview links
notes-paragraph = Paragraph { $number }
notes-whole-paragraph = Text of paragraph { $number }
notes-of-guest = <bdi>{ $name }</bdi> (guest)
notes-of-unnamed-guest = A guest
notes-made-before-edit = The paragraph has changed since. This is what the note was left on:
notes-edit-before-edit = The paragraph has changed since this edit was suggested, so that it can't be put in for you. Take over by hand what you like of it.
notes-on-changed-text = On text that has changed
notes-on-changed-text-lead = Their paragraphs are not in the text any more. What they said is kept here.
notes-old-text = What the note was left on
notes-suggests = Suggests:
notes-only-before = Would go:
notes-only-suggested = Would come:
notes-accept-edit = Accept the edit
notes-accept-hint-public = Readers see accepted edits when you update the post.
notes-done = Mark as done
notes-dismiss = Dismiss
notes-settled = Decided
notes-accepted = accepted
notes-edit-in-version = accepted, in version { $version }
notes-dismissed = dismissed
notes-reopen = Put it back
notes-first-of-many = These are the first { $count }. Others follow when some of them are decided.
notes-waiting = { $count ->
    [0] Notes from guests
    [one] { $count } note from a guest
   *[other] { $count } notes from guests
}

## Why an edit is not in the text

notes-paragraph-changed = The paragraph has changed since this edit was suggested, so it was not put in. The note is still here.
notes-changes-others = This edit was not put in, because it would change other paragraphs too. Take it over by hand in the editor. The note is still here.
notes-saved-meanwhile = The text was being saved at the same moment, so the edit was not put in. Accept it again.

## Links

notes-allow = Allow notes
notes-allow-hint = Whoever has the link can comment on paragraphs and suggest edits, without an account. You see them first.
notes-allowed = allows notes
notes-left-by-link = { $count ->
    [one] { $count } note
   *[other] { $count } notes
}
notes-revoke-and-delete = Revoke and delete its notes
