# Comments: reading, writing, reporting and deciding.

comments-closed = Comments under this post are closed.
comments-count = { $count ->
    [0] Comments
    [one] { $count } comment
   *[other] { $count } comments
}
comments-deleted-by-author = Deleted by the author.
comments-deleted-by-moderator = Deleted by a moderator.
comments-hidden-by-moderator = Hidden by a moderator.

## Writing

comments-nothing-visible = Nothing of this would be visible. Write some text.
comments-empty = The comment is empty. Write something first.
comments-too-long = A comment can have at most { $max } characters; this one has { $count }.
comments-no-such-parent = The comment you answer is no longer there. Your text is kept: send it as a comment of its own.
comments-too-deep = This thread is { $max } replies deep and ends here. Answer a comment further up.
comments-sent-before = This form has sent a comment already, with other words; that one stands as it was sent. What you typed now is below: send it to write a second comment.
comments-post-changed = The post has changed in this moment. Your text is kept: send it again.
comments-not-an-id = The field “{ $field }” is not an id that this site made. Open the form again.

## Editing

comments-changed-elsewhere = This comment was changed elsewhere after you opened it. Its text as it stands now is shown above yours. Save again to put yours in its place.
comments-taken-out = This comment was taken out, so it can no longer be changed.
comments-decided = This comment was looked at and approved as it is, so it can no longer be changed. You can delete it.
comments-edit-time-over = A comment can be changed for { $minutes } minutes; that time is over. You can delete it, or answer it with a correction.
comments-only-author = Only its author can change a comment.

## Moderation

comments-decision-approve = Approve: readers see it
comments-decision-hide = Hide: readers no longer see its text; under replies to it stands a note. It can be approved again
comments-decision-delete = Delete: its text is gone for good
comments-decision-keep = Keep: dismiss the reports
comments-already-deleted = This comment is deleted already; nothing more can be decided about it.
comments-nothing-to-keep = Readers do not see this comment, so there is nothing to keep. Approve it instead.
comments-decided-by-staff = A moderator decided about this comment, so only a moderator can decide otherwise. You can still delete it.
comments-changed-before-decision = This comment changed after you opened it. Read it as it stands now, then decide again.
comments-reports-settled = The reports about this comment are settled already, so there is nothing to keep.
comments-own-decision = This is your own comment, so somebody else decides about it. You can delete it.
comments-own-report = This is your own comment. You can delete it instead of reporting it.
comments-choose-decision = Choose what to do with the comment.
comments-the-reason = The reason
comments-say-why = Say why: the author of the comment reads it, and it is kept in the log.

## Reports

comments-reason-spam = Spam or advertising
comments-reason-abuse = Insult or threat
comments-reason-illegal = Illegal, or shares someone’s private information
comments-reason-off-topic = Off topic
comments-reason-other = Something else
comments-reported-before = You reported this comment before, in other words, and that report stands as you sent it. What you typed now is below and was not sent.
comments-choose-reason = Choose what is wrong.
comments-the-description = The description
comments-say-what = Say in a few words what is wrong.

## What has become of a comment

comments-notice-own-held = Your comment is saved and waits for approval. Until then, only you and those who decide see it.
comments-notice-held = This comment waits for approval.
comments-notice-hidden = This comment was hidden. Readers do not see its text.
comments-notice-withdrawn = This comment was deleted by its author.
comments-notice-deleted = This comment was deleted by a moderator. Its text is gone.
comments-notice-visible = Everyone can see this comment.
comments-notice-post-not-public = The post of this comment is not public at the moment.
comments-text-not-public = A post that is not public

## The queue

comments-tab-held = Held
comments-tab-reported = Reported
comments-tab-hidden = Hidden
comments-tab-all = All

## Titles of pages

comments-title-reply = Reply
comments-title-write = Write a comment
comments-title-delete = Delete your comment?
comments-title-edit = Edit your comment
comments-title-review = Review comment
comments-title-queue = Comment queue
comments-title-report = Report a comment
comments-title-comment = Comment

## Under a post

comments-read-more-by = Read more by <bdi>{ $name }</bdi>
# The author of the comment that is answered, beside the author of the answer.
comments-to = to <bdi>{ $name }</bdi>
comments-reply-to = Reply<sr> to { $name }</sr>
comments-report-of = Report<sr> the comment by { $name }</sr>

## Forms and single comments

comments-reply-heading = Reply to <bdi>{ $name }</bdi>
comments-markdown-hint = Markdown works: *italic*, **bold**, `code`, > quote. You can edit it for { $minutes } minutes.
comments-edit-hint = You can change it until { $time }. Readers see that it was edited.
comments-comment-by = Comment by <bdi>{ $name }</bdi>
comments-reason = Reason: { $reason }
comments-reason-before = Reason given before: { $reason }
comments-edited = edited { $time }
comments-by = By <a><bdi>{ $name }</bdi></a>
comments-on = on <a><bdi>{ $title }</bdi></a>
comments-on-not-public = on <bdi>{ $title }</bdi>
comments-said-when-opened = When you opened this page, <bdi>{ $name }</bdi> (@{ $username }) wrote:
comments-said-when-reported = When it was reported, <bdi>{ $name }</bdi> (@{ $username }) wrote:

## Lines of the queue

comments-reported-times = { $count ->
    [one] Reported once
   *[other] Reported { $count } times
}
comments-in-reply-to = In reply to @{ $username }:
comments-settle = Settle the reports<sr> about the comment by { $name }</sr>
comments-approve = Approve<sr> the comment by { $name }</sr>
comments-keep = Keep<sr> the comment by { $name }</sr>
comments-hide = Hide…<sr> the comment by { $name }</sr>
comments-delete = Delete…<sr> the comment by { $name }</sr>

## Pages

comments-held = Held
comments-hidden = Hidden
comments-deleted = Deleted
comments-reports = Reports
comments-comments-are-closed = Comments are closed.
comments-nobody-has-commented-yet = Nobody has commented yet.
comments-earlier-comments = Earlier comments
comments-from-the-first-comment = From the first comment
comments-author = author
comments-edited-mark = edited
comments-later-comments = Later comments
comments-breadcrumb = Breadcrumb
comments-your-comment-that-was-sent-before = Your comment that was sent before
comments-it-was-deleted-since = It was deleted since.
comments-go-to-that-comment = Go to that comment
comments-your-comment = Your comment
comments-it-appears-as-soon = It appears as soon as it is approved.
comments-send = Send
comments-preview = Preview
comments-cancel = Cancel
comments-its-text-is-gone-for-good = Its text is gone for good; where it was reported, moderators keep it until they have decided. Replies stay, with a note where your comment was.
comments-delete-button = Delete
comments-keep-it = Keep it
comments-your-comment-as-it-stands-now = Your comment as it stands now
comments-save = Save
comments-reason-label = Reason
comments-needed-for-hiding-and-deleting = Needed for hiding and deleting. The author of the comment reads it, and it is kept in the log.
comments-what-should-happen = What should happen?
comments-apply = Apply
comments-back-to-the-queue = Back to the queue
comments-your-reason-which-was-not-saved = Your reason, which was not saved:
comments-comments-on-the-whole-site = Comments on the whole site.
comments-comments-under-your-posts = Comments under your posts.
comments-queue = Queue
comments-all-caught = All caught up.
comments-see-all-comments = See all comments
comments-no-reports-are-open = No reports are open.
comments-no-comment-is-hidden = No comment is hidden.
comments-there-are-no-comments-yet = There are no comments yet.
comments-read-something = Read something
comments-answered-deleted = (deleted)
comments-paging = Paging
comments-latest = Latest
comments-older-comments = Older comments
comments-details = Details
comments-needed-for-something-else = Needed for “Something else”.
comments-thank-you = Thank you
comments-your-report-is-with-the-moderators = Your report is with the moderators. The author of the comment does not learn who sent it.
comments-back-to-the-comments = Back to the comments
comments-a-moderator-reads-every-report = A moderator reads every report. The author of the comment does not learn who sent it.
comments-your-report-that-was-sent-before = Your report that was sent before
comments-what-is-wrong = What is wrong?
comments-send-report = Send report
comments-edit = Edit
comments-review = Review
comments-back-to-the-post = Back to the post

## What scripts say

# Leads a moderator from a comment to the decision about it.
comments-decide = Decide

## What stands under a post for the author of a comment that readers do not see

comments-own-held = Your comment waits for approval.
comments-own-held-link = Read it
comments-own-hidden = Your comment was hidden.
comments-own-hidden-link = Read why
